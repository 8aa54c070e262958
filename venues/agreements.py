"""The reserved day of a room's managing agency (M-03): others ask, the room is held meanwhile, the agency answers."""

from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.db import for_update
from common.errors import Conflict, Forbidden, NotFound
from common.identity import Person
from common.period import Period, local
from common.words import Words
from venues import messages, room_rules
from venues.messages import rooms as told
from venues.models import SEES_ALL, Meeting, RoomAgreement, Venue

LAPSES_AT_ONCE = 200


def needed(room: Venue, agency_id: int, period: Period) -> bool:
    """Whether an agency has to ask: it meets on a Taipei day that is the managing agency's own, and is another (M-03)."""
    if room.reserved_weekday is None or room.manager_id is None or room.manager_id == agency_id:
        return False
    first, last = local(period.starts_at).date(), local(period.ends_at - timedelta.resolution).date()
    return (room.reserved_weekday - first.weekday()) % 7 <= (last - first).days


def held_until(session: Session, period: Period, now: datetime) -> datetime:
    """Until when a room is held for the answer: so many hours, the start at the latest."""
    return min(now + timedelta(hours=room_rules.in_force(session, now)["agreement_hours"]), period.starts_at)


def ask(session: Session, meeting: Meeting, now: datetime) -> RoomAgreement:
    """Put the question for a meeting that is held; the managing agency's officers are told."""
    agreement = RoomAgreement(
        meeting=meeting, agency_id=meeting.room.manager_id, asked_at=now, answer_by=meeting.held_until
    )
    session.add(agreement)
    session.flush()
    told.tell_asked(session, agreement, now)
    return agreement


def visible(person: Person) -> Select[RoomAgreement]:
    """The questions of this person's agency, put to it or by it; all for those who see all."""
    found = select(RoomAgreement).join(RoomAgreement.meeting)
    found = found.options(selectinload(RoomAgreement.meeting).selectinload(Meeting.room))
    if person.has(*SEES_ALL):
        return found
    return found.where(or_(RoomAgreement.agency_id == person.agency_id, Meeting.agency_id == person.agency_id))


def waiting(session: Session, person: Person, now: datetime) -> list[RoomAgreement]:
    """The questions this person can answer now, the most pressing first."""
    found = visible(person).where(RoomAgreement.answer == "", RoomAgreement.answer_by > now)
    rows = session.scalars(found.order_by(RoomAgreement.answer_by))
    return [each for each in rows if each.can_answer(person)]


def answer(
    session: Session, person: Person, now: datetime, agreement_id: int, *, agree: bool, note: str = "",
    rev: int | None = None,
) -> RoomAgreement:  # fmt: skip
    """Agree, and the meeting is booked; decline, and the room is free. Raises NotFound, Forbidden, Conflict (too late)."""
    agreement = session.get(RoomAgreement, agreement_id, **for_update(session))
    if agreement is None or not agreement.can_see(person):
        raise NotFound
    agreement.expect(rev)
    if agreement.answer or agreement.answer_by <= now:
        raise Conflict(Words("這一件已經有結果，或保留期限已過。", "This is settled, or the hold has run out."))
    if not agreement.can_answer(person):
        raise Forbidden(Words("要由管理這間會議室的機關回覆。", "The agency that manages the room answers this."))
    _settle(agreement, "agreed" if agree else "declined", now, person, note)
    if agree:
        reservations.confirm(session, agreement.meeting.holder, now=now)
        agreement.meeting.held_until = None
    else:
        _let_go(session, agreement, "declined", now)
    agreement.meeting.changed_at = now
    told.tell_answered(session, agreement, now)
    if agree:
        messages.tell_meeting(session, messages.MeetingBooked, agreement.meeting, now)
    after = {"answer": agreement.answer, "meeting_id": agreement.meeting_id}
    audit.record(
        session, person, "room_agreement_answered", f"room_agreement/{agreement.id}", now, after=after, reason=note
    )
    return agreement


def withdraw(session: Session, meeting: Meeting, now: datetime, note: str = "") -> None:
    """Close the question of a meeting that needs no answer any more; tells the managing agency."""
    mine = select(RoomAgreement).where(RoomAgreement.meeting_id == meeting.id, RoomAgreement.answer == "")
    for agreement in session.scalars(mine):
        _settle(agreement, "withdrawn", now, None, note)
        told.tell_answered(session, agreement, now)


def lapse_due(session: Session, now: datetime) -> int:
    """A chore: questions nobody answered in time; the rooms are free. Returns how many."""
    due = select(RoomAgreement).where(RoomAgreement.answer == "", RoomAgreement.answer_by <= now)
    count = 0
    for agreement in session.scalars(due.order_by(RoomAgreement.id).limit(LAPSES_AT_ONCE)):
        _settle(agreement, "lapsed", now, None, "")
        _let_go(session, agreement, "lapsed", now)
        told.tell_answered(session, agreement, now)
        count += 1
    return count


def _settle(agreement: RoomAgreement, how: str, now: datetime, person: Person | None, note: str) -> None:
    agreement.answer, agreement.answered_at, agreement.note = how, now, note
    agreement.answered_by_id = person.id if person else None


def _let_go(session: Session, agreement: RoomAgreement, how: str, now: datetime) -> None:
    meeting = agreement.meeting
    if meeting.released_at is None:
        reservations.release(session, meeting.holder)
        meeting.released_at = meeting.changed_at = now
        meeting.ended_as = how
