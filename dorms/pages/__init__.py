"""Dorms' pages: the dormitory home, rooms, applying, one's points, rounds, offers, checks, repairs; and the door for calendars."""

from dorms.pages import (
    applications,
    applying,
    checks,
    home,
    houses,
    objections,
    offers,
    payroll,
    repairs,
    rounds,
    tables,
    tenancies,
    visits,
)  # fmt: skip
from dorms.pages.door import pages
from dorms.pages.feeds import feeds

PAGES = (pages, feeds)

__all__ = [
    "PAGES", "applications", "applying", "checks", "home", "houses", "objections", "offers", "payroll", "repairs", "rounds",
    "tables", "tenancies", "visits",
]  # fmt: skip
