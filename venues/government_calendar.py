"""The government's calendar as rows: made from the `holidays` package for a year, then corrected by an administrator.

What an administrator set is never overwritten by the package (C-03…C-06). Changing the calendar moves no deadline and no
price that was already told: both are frozen in the booking.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from typing import NamedTuple

import holidays
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import FieldError, Forbidden, Invalid, NotFound, Stale
from common.identity import Person
from common.words import Words
from venues.models import DECIDES, DayOff
from venues.tariffs import Calendar
from venues.tariffs.calendar import CLOSURE, MARKS, NATIONAL, SUBSTITUTE, WORKDAY

ORDINARY_DAY = "ordinary"
FIRST_YEAR, LAST_YEAR = 2012, 2099
"""The years for which the package knows Taiwan's days off, as far as anybody can."""

SHORTER = {"Taiwan Restoration and Guningtou Victory Memorial Day": "Taiwan Restoration Day", "Labor": "Labour"}


class Marked(NamedTuple):
    """One day of the package's calendar."""

    day: date
    kind: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Filled:
    """What taking in a year did: days added, days changed, days taken away, days left as an administrator set them."""

    added: int
    changed: int
    removed: int
    kept: int


@cache
def source() -> str:
    """The package and its version, as kept beside every row made from it."""
    return f"holidays {version('holidays')}"


@cache
def proposed(year: int) -> tuple[Marked, ...]:
    """The days of `year` that differ from their weekdays, as the package knows them: days off, substitutes, make-up workdays."""
    chinese = holidays.country_holidays("TW", years=year, language="zh_TW")
    english = holidays.country_holidays("TW", years=year, language="en_US")
    found = []
    for day, name in chinese.items():
        swapped = "補假" in name or "補班" in name
        told = english[day].replace(" (observed)", ", substitute")
        for long, short in SHORTER.items():
            told = told.replace(long, short)
        found.append(Marked(day, SUBSTITUTE if swapped else NATIONAL, name[:40], told[:60]))
    worked = (day for day in chinese.weekend_workdays if day.year == year)
    found += [Marked(day, WORKDAY, "補行上班", "Make-up workday") for day in worked]
    return tuple(sorted(found))


def between(session: Session, first: date, last: date) -> Calendar:
    """The calendar of the days from `first` to `last`, both included."""
    rows = session.execute(select(DayOff.day, DayOff.kind).where(DayOff.day >= first, DayOff.day <= last))
    return Calendar({day: kind for day, kind in rows if kind in MARKS})


def year_rows(session: Session, year: int) -> list[DayOff]:
    """The marked days of a year in order."""
    within = DayOff.day.between(date(year, 1, 1), date(year, 12, 31))
    return list(session.scalars(select(DayOff).where(within).order_by(DayOff.day)))


def fill(session: Session, person: Person | None, now: datetime, *, year: int) -> Filled:
    """Take in a year from the package; what an administrator set stays as it is. `person` is None for the house itself.

    Audited as `calendar_filled`. Raises Forbidden, Invalid (field `year`).
    """
    _check(person, year)
    rows = {row.day: row for row in year_rows(session, year)}
    added = changed = removed = kept = 0
    wanted = {each.day: each for each in proposed(year)}
    for day, each in wanted.items():
        row = rows.get(day)
        if row is None:
            session.add(DayOff(day=day, name=each.name, name_en=each.name_en, kind=each.kind, source=source()))
            added += 1
        elif row.corrected:
            kept += 1
        elif (row.kind, row.name, row.name_en) != (each.kind, each.name, each.name_en):
            row.kind, row.name, row.name_en, row.source = each.kind, each.name, each.name_en, source()
            changed += 1
    for day, row in rows.items():
        if day not in wanted and not row.corrected:
            session.delete(row)
            removed += 1
    session.flush()
    told = Filled(added, changed, removed, kept)
    if person is not None and (added or changed or removed):
        after = {**vars(told), "source": source()}
        audit.record(session, person, "calendar_filled", f"calendar/{year}", now, after=after)
    return told


def set_day(
    session: Session,
    person: Person,
    now: datetime,
    *,
    day: date,
    kind: str,
    name: str,
    name_en: str,
    reason: str,
    rev: int | None = None,
) -> DayOff:
    """Add a day or correct it, for a reason; a closure (停止上班) is one of them (C-06). Audited as `calendar_day_set`.

    `rev` is that of the row that was shown, None where there was none. Raises Forbidden, Invalid (field `day`), Stale.
    """
    _check(person, day.year, "day")
    row = session.get(DayOff, day)
    if row is not None and rev is None:
        words = Words(
            "{day} 已在行事曆上（{name}）；請修改那一列", "{day} is on the calendar already ({name}); correct that row"
        )
        raise Invalid(words.fill(day=f"{day}", name=row.label), field="day")
    if row is None and rev is not None:
        raise Stale
    before = _told(row)
    if row is None:
        row = DayOff(day=day)
        session.add(row)
    row.expect(rev)
    row.kind, row.name, row.name_en, row.reason, row.source = kind, name, name_en, reason, ""
    try:
        session.flush()
    except IntegrityError as twice:  # a colleague marked the same day at the same moment
        raise Stale from twice
    audit.record(session, person, "calendar_day_set", f"calendar/{day}", now, before, _told(row), reason)
    return row


def remove_day(
    session: Session, person: Person, now: datetime, *, day: date, reason: str, rev: int | None = None
) -> None:
    """Make a day ordinary again: what somebody added goes, a day of the package's stays as `ordinary` so that it does not
    come back by itself. Audited as `calendar_day_removed`. Raises Forbidden, NotFound, Stale."""
    _check(person, day.year, "day")
    row = session.get(DayOff, day)
    if row is None:
        raise NotFound
    row.expect(rev)
    before = _told(row)
    if any(each.day == day for each in proposed(day.year)):
        row.kind, row.reason, row.source = ORDINARY_DAY, reason, ""
    else:
        session.delete(row)
    session.flush()
    audit.record(session, person, "calendar_day_removed", f"calendar/{day}", now, before, None, reason)


def _check(person: Person | None, year: int, field: str = "year") -> None:
    if person is not None and not person.has(*DECIDES):
        raise Forbidden
    if not FIRST_YEAR <= year <= LAST_YEAR:
        words = Words("年份要在 {a} 到 {b} 之間（西元）", "The year must lie between {a} and {b}")
        raise Invalid.many([FieldError(field, words.fill(a=FIRST_YEAR, b=LAST_YEAR))])


def _told(row: DayOff | None) -> dict[str, str] | None:
    return None if row is None else {"kind": row.kind, "name": row.name, "source": row.source or "administrator"}


__all__ = [
    "CLOSURE", "FIRST_YEAR", "LAST_YEAR", "ORDINARY_DAY", "Filled", "Marked", "between", "fill", "proposed", "remove_day",
    "set_day", "source", "year_rows",
]  # fmt: skip
