"""Dated rules out of the database: which number or point table is in force on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.words import Words
from dorms.models import Parameter, PointItem, PointTable

ACCEPT_DAYS = "dorm.acceptDays"
BAR_YEARS = "dorm.forfeitBanYears"
NOTICE_DAYS = "dorm.noticeDays"
TERM_YEARS = "dorm.termYears"
LIST_MONTHS = "dorm.listMonths"
OBJECTION_DAYS = "dorm.objectionDays"
RENT_LEAST = "dorm.rentAllowanceLeast"
RENT_MOST = "dorm.rentAllowanceMost"
SUPPLEMENT_DAYS = "dorm.supplementDays"
KEEP_APPLICATION_YEARS = "dorm.keepApplicationYears"
KEEP_CONTRACT_YEARS = "dorm.keepContractYears"


class NoSuchRule(LookupError):
    """The rule tables have no row for what is asked: an installation without its rules."""


@dataclass(frozen=True)
class Number:
    """A number in force, with the rule it follows; `sample` where Taipei's own is not known."""

    value: int
    rule: str
    sample: bool


def number(session: Session, key: str, day: date) -> Number:
    """The value of `key` in force on `day`. Raises NoSuchRule."""
    rows = select(Parameter).where(Parameter.key == key, Parameter.since <= day)
    row = session.scalars(rows.order_by(Parameter.since.desc()).limit(1)).first()
    if row is None:
        raise NoSuchRule(f"{key} on {day}")
    return Number(row.value, row.rule, row.sample)


def point_table(session: Session, room_kind: str, day: date) -> PointTable:
    """The point table for this kind of room in force on `day`. Raises NoSuchRule."""
    rows = select(PointTable).where(PointTable.room_kind == room_kind, PointTable.since <= day)
    row = session.scalars(rows.order_by(PointTable.since.desc()).limit(1)).first()
    if row is None:
        raise NoSuchRule(f"point table for {room_kind} on {day}")
    return row


def add_point_table(
    session: Session,
    version: str,
    room_kind: str,
    since: date,
    items: list[Mapping[str, Any]],
    note: Words,
    *,
    sample: bool = True,
) -> PointTable:
    """Put a new version of a point table in force from a day on; earlier rounds keep theirs."""
    table = PointTable(version=version, room_kind=room_kind, since=since, sample=sample, note=note.zh, note_en=note.en)
    table.items = [PointItem(place_in_list=place, **item) for place, item in enumerate(items, start=1)]
    session.add(table)
    session.flush()
    return table


def whole_years_later(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
