"""Days on which the offices work, by the government's calendar (C-03 to C-05). Pure.

A last day that is a day off moves to the next working day (D-17).
"""

from datetime import date, datetime, timedelta
from functools import cache

import holidays

from common.period import local

SATURDAY = 5


@cache
def _year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """The days off of a year beside its weekends, and the Saturdays worked instead of another day."""
    known = holidays.country_holidays("TW", years=year)
    return frozenset(known), frozenset(day for day in known.weekend_workdays if day.year == year)


def is_working(day: date) -> bool:
    """Whether the offices work that day."""
    off, worked = _year(day.year)
    return day in worked or (day not in off and day.weekday() < SATURDAY)


def moved(day: date) -> date:
    """The day itself, or the next working day after it."""
    while not is_working(day):
        day += timedelta(days=1)
    return day


def moved_instant(at: datetime) -> datetime:
    """The same time of day on the day itself, or on the next working day after it."""
    day = local(at).date()
    return at + (moved(day) - day)
