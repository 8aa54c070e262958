"""Drafts of applications: what somebody typed is kept on the server until it is sent or too late, for its writer only."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common.identity import Person
from dorms.models import Draft, Round

MOST_TYPED = 200
LONGEST = 2_000


def of(session: Session, round_id: int, person: Person) -> Draft | None:
    """The draft this person has in a round."""
    return session.scalars(select(Draft).where(Draft.round_id == round_id, Draft.person_id == person.id)).first()


def mine(session: Session, person: Person) -> list[Draft]:
    """One's drafts, the latest first."""
    return list(session.scalars(select(Draft).where(Draft.person_id == person.id).order_by(Draft.saved_at.desc())))


def keep(session: Session, person: Person, now: datetime, round_id: int, typed: Mapping[str, str]) -> Draft:
    """Keep what was typed, over what was kept before: one draft each in a round."""
    kept = {name: str(value)[:LONGEST] for name, value in list(typed.items())[:MOST_TYPED]}
    row = of(session, round_id, person)
    if row is None:
        row = Draft(round_id=round_id, person_id=person.id, typed=kept, saved_at=now)
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
            return row
        except IntegrityError:  # the same form sent twice at once: the other one was first
            row = session.scalars(select(Draft).where(Draft.round_id == round_id, Draft.person_id == person.id)).one()
    row.typed, row.saved_at = {**row.typed, **kept}, now
    session.flush()
    return row


def drop(session: Session, round_id: int, person: Person) -> None:
    """Throw a draft away; none is no fault."""
    session.execute(delete(Draft).where(Draft.round_id == round_id, Draft.person_id == person.id))


def forget_late(session: Session, now: datetime) -> int:
    """Drafts of rounds that take no applications any more serve nobody (C-23); returns how many went."""
    over = select(Round.id).where(Round.registration_until <= now)
    return len(session.execute(delete(Draft).where(Draft.round_id.in_(over)).returning(Draft.id)).all())
