"""Dorms' pages: the dormitory home, rooms, applying, one's points, rounds, offers; and the door for calendars."""

from dorms.pages import applications, applying, files, home, offers, personal, rounds, stock
from dorms.pages.door import pages
from dorms.pages.feeds import feeds

PAGES = (pages, feeds)

__all__ = ["PAGES", "applications", "applying", "files", "home", "offers", "personal", "rounds", "stock"]
