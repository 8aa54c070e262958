"""Named operators: the two or three people who book rooms for an agency, where it names them (M-09).

An agency that names nobody lets every colleague book. Its own supervisor keeps the list, or the venue officer.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Agency, Person, with_role
from common.words import Words
from venues import room_rules
from venues.models import DECIDES, RoomOperators
from venues.room_terms import MEETS


class NotAnOperator(Forbidden):
    """The agency named who books rooms for it, and this person is not among them (M-09); says who they are."""


def row_of(session: Session, agency_id: int) -> RoomOperators | None:
    """What an agency set; None: nothing so far."""
    return session.scalars(select(RoomOperators).where(RoomOperators.agency_id == agency_id)).first()


def named(session: Session, agency_id: int) -> list[Person]:
    """The operators of an agency, by id; empty: every colleague may book."""
    row = row_of(session, agency_id)
    if row is None or not row.person_ids:
        return []
    ids = [int(each) for each in row.person_ids]
    return list(session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id)))


def can_set(person: Person, agency_id: int) -> bool:
    """A supervisor of the agency, or the venue officer."""
    return person.has(*DECIDES) or (person.agency_id == agency_id and person.has("supervisor"))


def refusal(session: Session, person: Person) -> Words | None:
    """Why this person may not book for the agency, with who may; None: may."""
    operators = named(session, person.agency_id)
    if not operators or any(one.id == person.id for one in operators):
        return None
    who = Words("、".join(one.name for one in operators), ", ".join(one.words.en for one in operators))
    words = Words(
        "貴機關的會議室由指定的操作人登記（M-09）：{who}。請洽他們，或請單位主管修改名單。",
        "Rooms are booked for your agency by its named operators (M-09): {who}. Ask them, or your supervisor to change the list.",
    )
    return words.fill(who=who)


def check_may_book(session: Session, person: Person) -> None:
    """Raises NotAnOperator where the agency named others (M-09)."""
    why = refusal(session, person)
    if why is not None:
        raise NotAnOperator(why)


def candidates(session: Session, agency_id: int) -> list[Person]:
    """The people of an agency who may book rooms at all."""
    return with_role(session, *MEETS, agency_id=agency_id)


def set_for(
    session: Session, person: Person, now: datetime, agency_id: int, *, person_ids: Sequence[int], rev: int | None = None
) -> RoomOperators:  # fmt: skip
    """Name who books rooms for an agency; nobody: every colleague may again. What is booked already stays.

    Raises Forbidden, NotFound (no such city agency), Invalid (field `person_ids`: too few, too many, not of the agency),
    Stale, Conflict (somebody set it at the same moment).
    """
    if not can_set(person, agency_id):
        raise Forbidden
    agency = session.get(Agency, agency_id)
    if agency is None or agency.kind != "city":
        raise NotFound
    chosen = sorted(set(person_ids))
    rules = room_rules.in_force(session, now)
    least, most = rules["operators_least"], rules["operators_most"]
    if chosen and not least <= len(chosen) <= most:
        words = Words("請選 {least} 到 {most} 位，或都不選（M-09）", "Name {least} to {most} people, or nobody (M-09)")
        raise Invalid(words.fill(least=least, most=most), field="person_ids")
    if set(chosen) - {one.id for one in candidates(session, agency_id)}:
        words = Words("只能選本機關在職、可登記會議室的同仁", "Only colleagues of the agency who may book rooms")
        raise Invalid(words, field="person_ids")
    row = row_of(session, agency_id)
    before = {"person_ids": row.person_ids if row else []}
    if row is None:
        row = RoomOperators(agency_id=agency_id)
        session.add(row)
    else:
        row.expect(rev)
    row.person_ids, row.set_at, row.set_by_id = [str(each) for each in chosen], now, person.id
    try:
        session.flush()
    except IntegrityError as twice:
        words = Words("別人剛剛改了名單，請再看一次", "Somebody has just changed the list; look again")
        raise Conflict(words) from twice
    after = {"person_ids": row.person_ids}
    audit.record(session, person, "room_operators_set", f"agency/{agency_id}", now, before=before, after=after)
    return row
