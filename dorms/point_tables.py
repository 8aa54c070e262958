"""Versions of the point tables 積點表: the next one from a day on, and what it would change. Earlier rounds keep theirs (D-15)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import FieldError, Forbidden, Invalid
from common.identity import Person
from common.period import LATEST, local, today
from common.words import Words
from dorms import points, rulebook
from dorms.models import Application, PointItem, PointTable, Round

KEEPERS = ("admin",)
MOST = Decimal(999)

Amounts = Mapping[str, Mapping[str, Decimal]]

AMOUNT_WORDS = {
    "each": Words("每單位分數", "Points each"),
    "max": Words("最高分", "At most"),
    "elsewhere_weight": Words("他機關年資折算", "Weight of years elsewhere"),
    "last": Words("計入最近幾年", "Years counted"),
    "near_km": Words("不計分的公里數", "Kilometres that count nothing"),
    "far_km": Words("中段到幾公里", "Middle step up to, km"),
    "middle": Words("中段分數", "Points of the middle step"),
    "far": Words("更遠分數", "Points beyond"),
    "none": points.HOME_STATUS["none"],
    "elsewhere": points.HOME_STATUS["elsewhere"],
    "here": points.HOME_STATUS["here"],
    **points.APPRAISALS,
}


@dataclass(frozen=True)
class Change:
    """What a table would make of an application that is not ranked yet, under its code."""

    round: str
    code: str
    before: Decimal
    after: Decimal


def versions(session: Session, room_kind: str) -> list[PointTable]:
    """The tables of a kind, the latest first."""
    rows = select(PointTable).where(PointTable.room_kind == room_kind)
    return list(session.scalars(rows.order_by(PointTable.since.desc(), PointTable.id.desc())))


def preview(session: Session, person: Person, *, room_kind: str, amounts: Amounts) -> list[Change]:
    """Which applications not ranked yet would count differently. Their own rounds keep the table they were announced with."""
    _may_keep(person)
    latest = versions(session, room_kind)[0]
    items = [replace(item.item, parameters=parameters) for item, parameters in _changed(latest, amounts)]
    table = points.Table("", tuple(items))
    rows = select(Application).join(Round).where(Round.kind == room_kind, Round.ranked_at.is_(None))
    found = []
    for row in session.scalars(rows.order_by(Application.id)):
        found_by_officer = {check.item: check.check for check in row.checks}
        after = points.checked(points.score(table, row.facts), found_by_officer).total
        if row in row.round.standing and after != row.score.total:
            found.append(Change(row.round.number, row.code, row.score.total, after))
    return found


def save(
    session: Session,
    person: Person,
    now: datetime,
    *,
    room_kind: str,
    version: str,
    since: date,
    amounts: Amounts,
    note: str = "",
    note_en: str = "",
    sample: bool = True,
) -> PointTable:
    """Put a new version in force from a day on: the latest one with other amounts. `sample` until it is the city's own.

    Rounds announced from that day use it. Raises Forbidden, Invalid (fields `version`, `since`, `amounts.…`).
    """
    _may_keep(person)
    known = versions(session, room_kind)
    if not max(today(now), known[0].since) <= since <= local(LATEST).date() or since == known[0].since:
        raise Invalid(
            Words(
                "要從今天以後，也要晚於現有最新的版本（{day}）", "From today on, and after the latest version ({day})"
            ).fill(day=known[0].since),
            field="since",
        )
    items: list[Mapping[str, Any]] = [
        {
            "code": item.code,
            "label": item.label,
            "label_en": item.label_en,
            "method": item.method,
            "parameters": parameters,
            "rule": item.rule,
            "sample": sample,
            "private": item.private,
        }
        for item, parameters in _changed(known[0], amounts)
    ]
    taken = Invalid(Words("已經有這個版本名稱", "There is a version of this name already"), field="version")
    if session.scalars(select(PointTable).where(PointTable.version == version)).first():
        raise taken
    try:
        table = rulebook.add_point_table(
            session, version, room_kind, since, items, Words(note, note_en or note), sample=sample
        )
    except IntegrityError as twice:
        raise taken from twice
    after = {"version": version, "since": since.isoformat(), "items": {one["code"]: one["parameters"] for one in items}}
    audit.record(session, person, "dorms.save_point_table", f"point_table/{table.id}", now, after=after)
    return table


def _changed(table: PointTable, amounts: Amounts) -> list[tuple[PointItem, dict[str, Any]]]:
    """The items of a table with other amounts. Raises Invalid for one the table does not have, or out of bounds."""
    known = {item.code: item for item in table.items}
    wrong = []
    for code, changes in amounts.items():
        for name, amount in changes.items():
            field = f"amounts.{code}.{name}"
            if code not in known or name not in known[code].parameters:
                wrong.append(FieldError(field, Words("積點表沒有這個數值", "The point table has no such amount")))
            elif not 0 <= amount <= MOST or (name == "last" and amount != int(amount)):
                wrong.append(FieldError(field, Words("0 到 999 之間", "Between 0 and 999")))
    if wrong:
        raise Invalid.many(wrong)
    return [
        (item, {**item.parameters, **{name: f"{amount:f}" for name, amount in amounts.get(item.code, {}).items()}})
        for item in table.items
    ]


def _may_keep(person: Person) -> None:
    if not person.has(*KEEPERS):
        raise Forbidden
