"""A registration's next state, written down; and rows found, locked and counted for those who change them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from common import audit
from common.db import for_share, for_update
from common.errors import Forbidden, NotFound
from common.identity import Person
from common.words import Words
from venues.models import DECIDES, SEES_ALL, Registration, RegistrationStep, Round
from venues.refusals import NotNow
from venues.rounds import words as say


def move(
    session: Session, registration: Registration, status: str, now: datetime, by: Person | None, note: str = ""
) -> None:
    """Change a registration's state and write the step down; it has an id already."""
    registration.status, registration.changed_at = status, now
    told = {"at": now, "status": status, "by_id": by.id if by else None, "note": note}
    session.add(RegistrationStep(registration_id=registration.id, **told))


def find_round(session: Session, person: Person | None, round_id: int) -> Round:
    """A round the person may know of; announced ones are public. Raises NotFound."""
    row = session.get(Round, round_id)
    if row is None or not (row.public or (person is not None and person.has(*SEES_ALL))):
        raise NotFound
    return row


def desk_round(session: Session, person: Person, round_id: int, rev: int | None = None) -> Round:
    """A round that the desk changes now, locked. Raises Forbidden, NotFound, Stale."""
    if not person.has(*DECIDES):
        raise Forbidden
    row = locked(session, round_id)
    row.expect(rev)
    return row


def locked(session: Session, round_id: int, *, shared: bool = False) -> Round:
    """The round, held against rivals until the end of the transaction: places pass on one at a time.

    `shared`, for those who register: they do not wait for each other, but close and publish wait for them, and they for those.
    """
    lock = for_share(session) if shared else for_update(session)
    row = session.get(Round, round_id, **lock, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def find(session: Session, person: Person, registration_id: int) -> Registration:
    """A registration the person may know of. Raises NotFound."""
    row = session.get(Registration, registration_id)
    if row is None or not row.can_see(person):
        raise NotFound
    return row


def desk_registration(session: Session, person: Person, registration_id: int, rev: int | None) -> Registration:
    """A registration that the desk changes now, its round locked. Raises Forbidden, NotFound, Stale."""
    if not person.has(*DECIDES):
        raise Forbidden
    row = find(session, person, registration_id)
    locked(session, row.round_id)
    session.refresh(row)
    row.expect(rev)
    return row


def visible(person: Person) -> Select[Registration]:
    """The registrations this person may see: all, or the own body's."""
    found = select(Registration)
    if person.has(*SEES_ALL):
        return found
    return found.where(Registration.person_id.is_not(None), Registration.agency_id == person.agency_id)


def rounds_for(person: Person | None) -> Select[Round]:
    """The rounds this person may see; drafts are the desk's."""
    found = select(Round)
    return found if person is not None and person.has(*SEES_ALL) else found.where(Round.opened_at.is_not(None))


def in_states(session: Session, row: Round, *states: str) -> list[Registration]:
    """The round's registrations in these states (all when none is named), in order of their numbers."""
    found = select(Registration).where(Registration.round_id == row.id)
    if states:
        found = found.where(Registration.status.in_(states))
    return list(session.scalars(found.order_by(Registration.id)))


def counts(session: Session, row: Round) -> dict[str, dict[str, int]]:
    """How many registrations each class has in each state."""
    asked = select(Registration.class_code, Registration.status, func.count()).where(Registration.round_id == row.id)
    out: dict[str, dict[str, int]] = {one.code: {} for one in row.classes}
    for code, status, count in session.execute(asked.group_by(Registration.class_code, Registration.status)):
        out[code][status] = count
    return out


def people_of(registrations: Iterable[Registration]) -> list[int]:
    """Who registered by wire, each once."""
    return sorted({each.person_id for each in registrations if each.person_id})


def require(fits: bool, zh: str, en: str, field: str | None = None) -> None:
    """Raises NotNow with these words unless it fits."""
    if not fits:
        raise NotNow(Words(zh, en), field=field)


def record(
    session: Session, person: Person | None, action: str, what: Round | Registration, now: datetime, reason: str = "", **after: Any
) -> None:  # fmt: skip
    """Write an act at the desk (or of the house) into the audit log."""
    subject = f"{'round' if isinstance(what, Round) else 'registration'}/{what.id}"
    audit.record(session, person, action, subject, now, after={"status": what.status, **after}, reason=reason)


def label_of(registration: Registration) -> Words:
    """A registration's state in words."""
    return say.STATUSES[registration.status]
