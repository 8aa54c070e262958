"""What is due when: answers to offers, moving in, checks and what follows them; one's own, or all of them for the dormitory officer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import taipei, today
from common.words import Words
from dorms import offers
from dorms.models import Tenancy
from dorms.upkeep import coming


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
    due = [*_answers(session, person, now), *_moves(session, person, today(now)), *upkeep]
    return sorted(due, key=lambda each: each.due_at)


def _answers(session: Session, person: Person, now: datetime) -> Iterator[Deadline]:
    for offer in offers.open_offers(session, person, now):
        words = Words("回覆核配並完成簽約公證", "Answer the offer, sign and notarise")
        yield Deadline(offer.accept_by, "answer", words, offer.room.words, f"offer/{offer.id}", offer.person_id, "D-18")


def _moves(session: Session, person: Person, day: date) -> Iterator[Deadline]:
    rows = select(Tenancy).where(Tenancy.move_in_by >= day, Tenancy.ended_on.is_(None))
    if not person.has("dorm_officer"):
        rows = rows.where(Tenancy.person_id == person.id)
    for tenancy in session.scalars(rows.order_by(Tenancy.id)):
        if tenancy.move_in_by is not None:
            due = taipei(tenancy.move_in_by, offers.OFFICE_CLOSES)
            words = Words("簽約公證後遷入", "Move in after signing and notarising")
            yield Deadline(
                due, "move_in", words, tenancy.room.words, f"tenancy/{tenancy.id}", tenancy.person_id, "D-11"
            )
