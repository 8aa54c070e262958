"""The dated figures of the grounds' business: what a stage lent saves, how long things are lent, how many days there are.

A change is a new row from a day on; what has been goes on counting for its own days (S-19, G-01…G-05).
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
from venues.models import DECIDES, Figure


@dataclass(frozen=True)
class Meaning:
    """What a figure means, and between which values it may be set."""

    words: Words
    least: int
    most: int


KEYS: dict[str, Meaning] = {
    "saving.stage": Meaning(Words("每出借一座舞臺節省的外租費", "Saved by lending one stage"), 0, 1_000_000),
    "saving.sound_set": Meaning(Words("每出借一套音響節省的外租費", "Saved by lending one sound set"), 0, 1_000_000),
    "saving.light_set": Meaning(Words("每出借一組燈光節省的外租費", "Saved by lending one light set"), 0, 1_000_000),
    "loan.most_days": Meaning(Words("物品一次最多借幾天", "Things are lent for at most"), 1, 366),
    "loan.remind_days": Meaning(Words("逾期後每隔幾天提醒一次", "Overdue: a reminder every"), 1, 90),
    "gallery.heaviest_kg": Meaning(Words("單件作品最重", "The heaviest single work"), 1, 500),
    "gallery.apply_days": Meaning(Words("畫廊檔期最晚在開展幾天前申請", "Gallery: apply at least"), 0, 365),
    "gallery.most_days": Meaning(Words("一檔最長", "The longest term"), 1, 366),
    "contract.notice_days": Meaning(Words("契約到期前多久洽續約", "Renewals are talked about before the end"), 0, 730),
    "contributed.quota": Meaning(Words("回饋場地每半年可用", "Contributed venue, each half-year"), 1, 184),
    "contributed.most_wishes": Meaning(Words("每機關最多登記", "Wishes of one agency at most"), 1, 60),
    "board.most_days": Meaning(Words("一則看板最長", "One posting at most"), 1, 184),
}
UNITS = {"NT$": Words("元", "NT$"), "days": Words("天", "days"), "kg": Words("公斤", "kg")}

TWICE = Words("別人剛剛為同一天登記了，請再看一次", "Somebody has just entered that day; look again")


def versions(session: Session) -> dict[str, list[Figure]]:
    """Every version of each figure, the newest first."""
    out: dict[str, list[Figure]] = {key: [] for key in KEYS}
    for row in session.scalars(select(Figure).where(Figure.key.in_(KEYS)).order_by(Figure.valid_from.desc())):
        out[row.key].append(row)
    return out


def row_on(session: Session, key: str, day: date) -> Figure:
    """The version of `key` in force on `day`. Raises Invalid for a day before the first."""
    found = (
        select(Figure).where(Figure.key == key, Figure.valid_from <= day).order_by(Figure.valid_from.desc()).limit(1)
    )
    row = session.scalars(found).one_or_none()
    if row is None:
        raise Invalid(Words("那一天還沒有這個參數", "The figure did not exist on that day"))
    return row


def value_on(session: Session, key: str, day: date) -> int:
    """The value of `key` in force on `day`, in its own unit."""
    return row_on(session, key, day).value


def set_value(session: Session, person: Person, now: datetime, *, key: str, value: int, valid_from: date) -> Figure:
    """A new value of a figure from `valid_from` (today or later) on; one set for that very day is replaced.

    Raises Forbidden, Invalid (fields `key`, `value`, `valid_from`).
    """
    if not person.has(*DECIDES):
        raise Forbidden
    meaning = KEYS.get(key)
    if meaning is None:
        raise Invalid(Words("沒有這個參數", "There is no such figure"), field="key")
    if not meaning.least <= value <= meaning.most:
        words = Words("請填 {least:,} 到 {most:,}", "Between {least:,} and {most:,}")
        raise Invalid(words.fill(least=meaning.least, most=meaning.most), field="value")
    if valid_from < today(now):
        raise Invalid(Words("只能從今天或以後的日子起", "From today or a later day only"), field="valid_from")
    last = row_on(session, key, valid_from)
    before = {"value": last.value, "valid_from": str(last.valid_from)}
    row = last
    if last.valid_from != valid_from:
        row = Figure(key=key, unit=last.unit, rule=last.rule, valid_from=valid_from)
        session.add(row)
    row.value, row.sample = value, False
    try:
        session.flush()
    except IntegrityError as twice:
        raise Invalid(TWICE, field="valid_from") from twice
    after = {"value": value, "valid_from": str(valid_from)}
    audit.record(session, person, "figure_set", f"figure/{key}", now, before=before, after=after)
    return row
