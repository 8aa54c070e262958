"""The dated numbers of rounds: how long people have, what a stall costs a day, when a firm is barred (T-07, T-08)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.words import Words
from venues.models import ClassKind, RoundParameter

ANSWER_DAYS = "rounds.answer_days"
PAY_DAYS = "rounds.pay_days"
SUPPLEMENT_DAYS = "rounds.supplement_days"
APPEAL_DAYS = "rounds.appeal_days"
RENT_A_DAY = "rounds.rent_a_day"
WARNINGS = "rounds.warnings"
BAN_MONTHS = "rounds.ban_months"
GRAVE_BAN_MONTHS = "rounds.grave_ban_months"

LABELS = {
    ANSWER_DAYS: Words("正取幾天內回覆", "Days to accept a place"),
    PAY_DAYS: Words("接受後幾天內繳租金", "Days to pay the rent"),
    SUPPLEMENT_DAYS: Words("補正幾天", "Days to add papers"),
    APPEAL_DAYS: Words("資格不符幾天內申復", "Days to appeal"),
    RENT_A_DAY: Words("攤位一天租金（元）", "Rent of a stall a day (NT$)"),
    WARNINGS: Words("幾次勸導不聽就停權", "Unheeded warnings before a bar"),
    BAN_MONTHS: Words("停權幾個月", "Months barred"),
    GRAVE_BAN_MONTHS: Words("情節重大停權幾個月", "Months barred for a grave breach"),
}


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


def class_kinds(session: Session, kind: str) -> list[ClassKind]:
    """The classes that rounds of this kind usually have (T-03)."""
    return list(session.scalars(select(ClassKind).where(ClassKind.kind == kind).order_by(ClassKind.place_in_list)))


def months_later(day: date, months: int) -> date:
    """The same day some months on; the last of the month where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)
