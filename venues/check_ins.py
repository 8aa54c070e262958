"""Somebody comes, or nobody does: checking in at the room, and rooms that are free again because nobody came (M-05)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden
from common.identity import Person
from common.words import Words
from venues import meeting_rooms, room_rules
from venues.messages import rooms as told
from venues.models import Meeting, Venue

AT_ONCE = 200


def opens_at(session: Session, meeting: Meeting, now: datetime) -> datetime:
    """From when on one may check in."""
    minutes = room_rules.in_force(session, now)["checkin_before_minutes"]
    return meeting.starts_at - timedelta(minutes=minutes)


def closes_at(session: Session, meeting: Meeting, now: datetime) -> datetime:
    """From when on the room counts as unused: so long after the start; without grace, its end."""
    minutes = room_rules.in_force(session, now)["grace_minutes"]
    return meeting.starts_at + timedelta(minutes=minutes) if minutes else meeting.ends_at


def waiting_for(session: Session, room: Venue, person: Person, now: datetime) -> list[Meeting]:
    """The meetings of this room that the person could check in to now, or soon, or already has."""
    near = select(Meeting).where(
        Meeting.room_id == room.id,
        Meeting.released_at.is_(None),
        Meeting.held_until.is_(None),
        Meeting.ends_at > now,
        Meeting.starts_at < now + timedelta(hours=3),
    )
    return [each for each in session.scalars(near.order_by(Meeting.starts_at)) if each.can_check_in(person)]


def check_in(session: Session, person: Person, now: datetime, meeting_id: int, *, room: Venue | None = None) -> Meeting:
    """Somebody is there: whoever booked, or a colleague; by the code on a door, of that `room`. Twice is once.

    Raises NotFound, Forbidden, Conflict (too early, too late, or the code of another room).
    """
    meeting = meeting_rooms.find(session, person, meeting_id, lock=True)
    if room is not None and meeting.room_id != room.id:
        words = Words("這場會議在{room}，請掃那一間門口的碼。", "It meets in {room}: scan the code on that door.")
        raise Conflict(words.fill(room=meeting.room.label))
    if not meeting.can_check_in(person):
        raise Forbidden
    if not meeting.alive(now) or meeting.held_until is not None:
        raise Conflict(meeting_rooms.OVER)
    if meeting.checked_in_at is not None:
        return meeting
    if now < opens_at(session, meeting, now):
        raise Conflict(Words("還太早，開始前不久才能報到。", "Too early: check in shortly before the start."))
    if now >= closes_at(session, meeting, now):
        raise Conflict(Words("報到時間已過，會議室已釋出。", "Too late: the room was given up."))
    meeting.checked_in_at, meeting.checked_in_by_id, meeting.changed_at = now, person.id, now
    audit.record(session, person, "meeting_checked_in", f"meeting/{meeting.id}", now)
    return meeting


def release_unused(session: Session, now: datetime) -> int:
    """A chore: rooms nobody came to within the grace are free at once, and whoever booked is told. Returns how many.

    A room taken over for the city's heads stays: nobody of theirs checks in, and who left it cannot come back (M-10).
    """
    grace = room_rules.in_force(session, now)["grace_minutes"]
    if not grace:
        return 0
    due = select(Meeting).where(
        Meeting.released_at.is_(None),
        Meeting.held_until.is_(None),
        Meeting.checked_in_at.is_(None),
        Meeting.priority.is_(False),
        Meeting.starts_at <= now - timedelta(minutes=grace),
        Meeting.ends_at > now,
    )
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    count = 0
    for meeting in session.scalars(due.order_by(Meeting.starts_at, Meeting.id).limit(AT_ONCE)).all():
        meeting_rooms.give_back(session, meeting, now, "unused")
        told.tell_unused(session, meeting, now, grace)
        count += 1
    return count
