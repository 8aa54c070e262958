"""The dated numbers of rounds: how long people have, what a stall costs a day, when a firm is barred (T-07, T-08)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import today
from common.words import Words
from venues.models import DECIDES, ClassKind, RoundParameter

ANSWER_DAYS = "rounds.answer_days"
PAY_DAYS = "rounds.pay_days"
SUPPLEMENT_DAYS = "rounds.supplement_days"
APPEAL_DAYS = "rounds.appeal_days"
RENT_A_DAY = "rounds.rent_a_day"
WARNINGS = "rounds.warnings"
BAN_MONTHS = "rounds.ban_months"
GRAVE_BAN_MONTHS = "rounds.grave_ban_months"
PAPER_MONTHS = "rounds.paper_months"

LABELS = {
    ANSWER_DAYS: Words("正取幾天內回覆", "Days to accept a place"),
    PAY_DAYS: Words("接受後幾天內繳租金", "Days to pay the rent"),
    SUPPLEMENT_DAYS: Words("補正幾天", "Days to add papers"),
    APPEAL_DAYS: Words("資格不符幾天內申復", "Days to appeal"),
    RENT_A_DAY: Words("攤位一天租金（元）", "Rent of a stall a day (NT$)"),
    WARNINGS: Words("幾次勸導不聽就停權", "Unheeded warnings before a bar"),
    BAN_MONTHS: Words("停權幾個月", "Months barred"),
    GRAVE_BAN_MONTHS: Words("情節重大停權幾個月", "Months barred for a grave breach"),
    PAPER_MONTHS: Words("保險、檢驗報告幾個月內有效", "Months that a policy or a test may be old"),
}

BOUNDS = {
    ANSWER_DAYS: (1, 60),
    PAY_DAYS: (1, 60),
    SUPPLEMENT_DAYS: (1, 30),
    APPEAL_DAYS: (1, 60),
    RENT_A_DAY: (0, 100_000),
    WARNINGS: (1, 10),
    BAN_MONTHS: (1, 60),
    GRAVE_BAN_MONTHS: (1, 120),
    PAPER_MONTHS: (1, 60),
}
"""Between which values each may be set."""


@dataclass(frozen=True)
class Number:
    """A number in force, with the rule it follows; `sample` where Taipei's own is not known."""

    key: str
    value: int
    rule: str
    sample: bool


def number(session: Session, key: str, day: date) -> Number:
    """The value of `key` in force on `day`. Raises LookupError for an installation without its rules."""
    rows = select(RoundParameter).where(RoundParameter.key == key, RoundParameter.since <= day)
    row = session.scalars(rows.order_by(RoundParameter.since.desc()).limit(1)).first()
    if row is None:
        raise LookupError(f"{key} on {day}")
    return Number(row.key, row.value, row.rule, row.sample)


def in_force(session: Session, day: date) -> list[Number]:
    """Every number in force on `day`, in the order of `LABELS`."""
    return [number(session, key, day) for key in LABELS]


def coming(session: Session, key: str, day: date) -> list[RoundParameter]:
    """The values of `key` that are set for later days, in order."""
    rows = select(RoundParameter).where(RoundParameter.key == key, RoundParameter.since > day)
    return list(session.scalars(rows.order_by(RoundParameter.since)))


def set_value(
    session: Session, person: Person, now: datetime, *, key: str, value: int, valid_from: date
) -> RoundParameter:
    """A new value from `valid_from` (today or later) on; one set for that very day is replaced. Rounds, deadlines and bars
    that stand already keep theirs.

    Raises Forbidden, Invalid at the field.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    if key not in BOUNDS:
        raise Invalid(Words("沒有這個參數", "There is no such parameter"), field="key")
    least, most = BOUNDS[key]
    if not least <= value <= most:
        words = Words("請填 {least} 到 {most}", "Between {least} and {most}")
        raise Invalid(words.fill(least=least, most=most), field="value")
    if valid_from < today(now):
        raise Invalid(Words("生效日不能早於今天", "It cannot hold from a day that is past"), field="valid_from")
    rows = select(RoundParameter).where(RoundParameter.key == key, RoundParameter.since <= valid_from)
    last = session.scalars(rows.order_by(RoundParameter.since.desc()).limit(1)).one()
    before = {"value": last.value, "valid_from": str(last.since)}
    row = last
    if last.since != valid_from:
        row = RoundParameter(key=key, rule=last.rule, since=valid_from)
        session.add(row)
    row.value, row.sample = value, False
    try:
        session.flush()
    except IntegrityError as twice:
        words = Words("這一天剛有人登記了，請重新整理", "Somebody has just set it for that day; reload the page")
        raise Invalid(words, field="valid_from") from twice
    after = {"value": value, "valid_from": str(valid_from)}
    audit.record(session, person, "round_parameter_set", f"round_parameter/{key}", now, before=before, after=after)
    return row


def class_kinds(session: Session, kind: str) -> list[ClassKind]:
    """The classes that rounds of this kind usually have (T-03)."""
    return list(session.scalars(select(ClassKind).where(ClassKind.kind == kind).order_by(ClassKind.place_in_list)))
