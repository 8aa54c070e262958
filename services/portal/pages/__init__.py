"""The portal for people, by subject: home and what every site must say, signing in, one's account, feeds, people."""

from services.portal.pages import account, entry, feeds, home, people
from services.portal.pages.door import pages

__all__ = ["account", "entry", "feeds", "home", "pages", "people"]
