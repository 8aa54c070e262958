"""Dorms' pages: the dormitory home, rooms, applying, one's points, rounds, offers, checks, repairs; and the door for calendars."""

from dorms.pages import (
    applications,
    applying,
    checks,
    files,
    home,
    houses,
    objections,
    offers,
    payroll,
    personal,
    repairs,
    rounds,
    stock,
    tables,
    tenancies,
    visits,
)  # fmt: skip
from dorms.pages.door import pages
from dorms.pages.feeds import feeds

PAGES = (pages, feeds)

__all__ = [
    "PAGES", "applications", "applying", "checks", "files", "home", "houses", "objections", "offers", "payroll", "personal",
    "repairs", "rounds", "stock", "tables", "tenancies", "visits",
]  # fmt: skip
