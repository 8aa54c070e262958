"""What is due when: offers, signing, moving in and out, ends of terms, checks; one's own, or all of them for the officer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from common.identity import Person
from common.period import add_months, taipei, today
from common.words import Words
from dorms import offers, stays
from dorms.models import Tenancy
from dorms.upkeep import coming

MONTHS_BEFORE_THE_END = 3
"""So early the end of a term is announced."""


@dataclass(frozen=True)
class Deadline:
    """Something due at an instant. `subject` names its row ("offer/12")."""

    due_at: datetime
    what: str
    words: Words
    room: Words
    subject: str
    person_id: int
    rule: str


def of(session: Session, person: Person, now: datetime) -> list[Deadline]:
    """What this person has to do, or to watch as dormitory officer; the most pressing first."""
    upkeep = [Deadline(**each) for each in coming.due(session, person, now)]
    due = [*_answers(session, person, now), *_stays(session, person, today(now)), *upkeep]
    return sorted(due, key=lambda each: each.due_at)


def _answers(session: Session, person: Person, now: datetime) -> Iterator[Deadline]:
    for offer in offers.open_offers(session, person, now):
        words = Words("回覆核配並完成簽約公證", "Answer the offer, sign and notarise")
        yield Deadline(offer.accept_by, "answer", words, offer.room.words, f"offer/{offer.id}", offer.person_id, "D-18")


def _stays(session: Session, person: Person, day: date) -> Iterator[Deadline]:
    rows = select(Tenancy).where(Tenancy.ended_on.is_(None))
    if not person.has("dorm_officer"):
        rows = rows.where(Tenancy.person_id == person.id)
    for row in session.scalars(rows.order_by(Tenancy.id).options(selectinload(Tenancy.contracts))):
        step = _step(row, day)
        if step is not None:
            due_at, what, words, rule = step
            yield Deadline(due_at, what, words, row.room.words, f"tenancy/{row.id}", row.person_id, rule)


def _step(row: Tenancy, day: date) -> tuple[datetime, str, Words, str] | None:
    """What is due next in a stay; the end of its term only when it is near."""
    if row.state == stays.TO_SIGN and row.sign_by is not None:
        return row.sign_by, "sign", Words("簽約公證並登記", "Sign, notarise, have it recorded"), "D-18"
    if row.moved_in_on is None:
        words = Words("簽約公證後遷入", "Move in after signing and notarising")
        return (_closing(row.move_in_by), "move_in", words, "D-11") if row.move_in_by else None
    if row.leaving is not None and row.leave_by is not None:
        return (
            _closing(row.leave_by),
            "move_out",
            Words("遷出並點交", "Move out and hand back"),
            stays.CAUSES[row.leaving].rule,
        )
    if row.stay_until <= add_months(day, MONTHS_BEFORE_THE_END):
        return _closing(row.stay_until), "term", Words("期滿續約或點交", "Renew or hand back"), "D-20"
    return None


def _closing(day: date) -> datetime:
    return taipei(day, offers.OFFICE_CLOSES)
