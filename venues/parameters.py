"""The dated parameters of a booking's end: how long a breach bars, and within how many days a deposit goes back.

Each is a row of `booking_parameter` with its basis (docs/rules.md). A change is a new row from a day on; what was decided
before keeps the value of its own day.
"""

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
from venues.models import DECIDES, BookingParameter

BAN_MONTHS = "venue.breachBanMonths"
DEPOSIT_BACK_DAYS = "venue.depositBackDays"


@dataclass(frozen=True)
class Parameter:
    """What it means, its unit in words, and between which values it may be set."""

    words: Words
    unit: Words
    least: int
    most: int


SET_HERE = {
    BAN_MONTHS: Parameter(
        Words("違規後多久不得申請", "How long a breach bars from applying"), Words("個月", "months"), 1, 60
    ),
    DEPOSIT_BACK_DAYS: Parameter(
        Words("檢查後幾天內退還保證金", "Deposits go back within, after the inspection"), Words("天", "days"), 1, 90
    ),
}


def in_force(session: Session, key: str, day: date) -> BookingParameter:
    """The version of a parameter that holds on `day`. Raises NoResultFound for an unknown key: a bug."""
    versions = select(BookingParameter).where(BookingParameter.key == key, BookingParameter.valid_from <= day)
    return session.scalars(versions.order_by(BookingParameter.valid_from.desc()).limit(1)).one()


def value(session: Session, key: str, day: date) -> int:
    """Its value on `day`, in its own unit."""
    return in_force(session, key, day).value


def coming(session: Session, key: str, day: date) -> list[BookingParameter]:
    """Versions that are set for later days, in order."""
    versions = select(BookingParameter).where(BookingParameter.key == key, BookingParameter.valid_from > day)
    return list(session.scalars(versions.order_by(BookingParameter.valid_from)))


def set_value(
    session: Session, person: Person, now: datetime, *, key: str, value: int, valid_from: date
) -> BookingParameter:
    """A new value from `valid_from` (today or later) on; one set for that very day is replaced.

    Raises Forbidden, Invalid at the field.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    allowed = SET_HERE.get(key)
    if allowed is None:
        raise Invalid(Words("這個參數不在這裡修改", "This parameter is not set here"), field="key")
    if not allowed.least <= value <= allowed.most:
        words = Words("請填 {least} 到 {most}", "Between {least} and {most}")
        raise Invalid(words.fill(least=allowed.least, most=allowed.most), field="value")
    if valid_from < today(now):
        words = Words("生效日不能早於今天", "It cannot hold from a day that is past")
        raise Invalid(words, field="valid_from")
    last = in_force(session, key, valid_from)
    before = {"value": last.value, "valid_from": str(last.valid_from)}
    row = last
    if last.valid_from != valid_from:
        row = BookingParameter(key=key, unit=last.unit, rule=last.rule, valid_from=valid_from)
        session.add(row)
    row.value, row.sample = value, False
    try:
        session.flush()
    except IntegrityError as twice:
        words = Words("這一天剛有人登記了，請重新整理", "Somebody has just set it for that day; reload the page")
        raise Invalid(words, field="valid_from") from twice
    after = {"value": value, "valid_from": str(valid_from)}
    audit.record(session, person, "parameter_set", f"booking_parameter/{key}", now, before=before, after=after)
    return row
