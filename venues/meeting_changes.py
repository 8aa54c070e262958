"""Changing a meeting's time, room, people or title at once (M-05). What cannot be had leaves it where it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import Period
from common.words import Words
from venues import agreements, availability, meeting_checks, misuse, operators, room_rules
from venues.meeting_rooms import OVER, find, take
from venues.messages import rooms as told
from venues.models import Meeting, Venue
from venues.room_terms import STREAM

COLUMNS = ("title", "chair", "attendees", "needs", "setup_minutes", "private", "refreshments")


def change(
    session: Session, person: Person, now: datetime, meeting_id: int, *, room_id: int, period: Period, title: str,
    attendees: int, chair: str = "", needs: Sequence[str] = (), setup_minutes: int = 0, private: bool = False,
    refreshments: str | None = None, rev: int | None = None,
) -> Meeting:  # fmt: skip
    """Give a meeting all these values; `refreshments` stay as they are where none are told. A new place is claimed in one
    step with giving back the old one.

    One that has begun may end earlier or later, in its room. Posts MeetingMoved (and what a reserved day or a stream
    needs). Raises NotFound, Forbidden, Conflict (over), Invalid, RoomTaken: then it keeps the place it has.
    """
    meeting = find(session, person, meeting_id, lock=True)
    meeting.expect(rev)
    if not meeting.alive(now):
        raise Conflict(OVER)
    if not meeting.can_release(person, now):
        raise Forbidden
    room = availability.venue(session, room_id, by_slots=False)
    running = meeting.starts_at <= now
    if running and (room.id != meeting.room_id or period.starts_at != meeting.starts_at or period.ends_at <= now):
        words = Words("會議已經開始，只能改結束時間", "It has begun: only its end can be changed")
        raise Invalid(words, field="ends_at")
    streams = STREAM in needs and STREAM not in meeting.needs
    same_stream = [each for each in needs if each != STREAM or streams]
    meeting_checks.check(
        session, room, period, now, attendees=attendees, needs=same_stream, running=running or period == meeting.period,
        setup_minutes=0 if setup_minutes == meeting.setup_minutes else setup_minutes,
    )  # fmt: skip
    if STREAM in needs and STREAM not in room.features:
        meeting_checks.check_room(
            room_rules.in_force(session, now), room, period, now, attendees=attendees, needs=[STREAM]
        )
    before = {"room": meeting.room, "starts_at": meeting.starts_at, "ends_at": meeting.ends_at}
    old = {name: getattr(meeting, name) for name in COLUMNS}
    eaten = meeting.refreshments if refreshments is None else refreshments
    wanted = dict(zip(COLUMNS, (title, chair, attendees, list(needs), setup_minutes, private, eaten), strict=True))
    place = (room.id, period, setup_minutes)
    moves = place != (meeting.room_id, meeting.period, meeting.setup_minutes)
    if moves and not running:
        misuse.check_may_book(session, person, now)
        if person.agency_id == meeting.agency_id:  # the desk moves other agencies' meetings too
            operators.check_may_book(session, person)
    asks = moves and not running and agreements.needed(room, meeting.agency_id, period)
    with session.begin_nested():
        if moves:
            agreements.withdraw(session, meeting, now)
            reservations.release(session, meeting.holder)
        _set(meeting, wanted, now)
        if moves:
            _settle(session, meeting, room, period, now, asks=asks)
    if asks:
        agreements.ask(session, meeting, now)
    told.tell_moved(session, meeting, now, before)
    if streams:
        told.tell_stream(session, meeting, now)
    _record(session, person, meeting, now, before, old, wanted)
    return meeting


def _set(meeting: Meeting, wanted: dict[str, Any], now: datetime) -> None:
    for name, value in wanted.items():
        setattr(meeting, name, value)
    meeting.changed_at = now


def _settle(session: Session, meeting: Meeting, room: Venue, period: Period, now: datetime, *, asks: bool) -> None:
    """Into its new place, within the caller's savepoint: refused, the meeting has what it had."""
    meeting.room, meeting.starts_at, meeting.ends_at = room, period.starts_at, period.ends_at
    meeting.held_until = agreements.held_until(session, period, now) if asks else None
    session.flush()
    take(session, meeting, now)


def _record(
    session: Session, person: Person, meeting: Meeting, now: datetime, before: dict[str, Any], old: dict[str, Any],
    new: dict[str, Any],
) -> None:  # fmt: skip
    was = {"room": before["room"].code, "starts_at": before["starts_at"], "ends_at": before["ends_at"], **old}
    is_ = {"room": meeting.room.code, "starts_at": meeting.starts_at, "ends_at": meeting.ends_at, **new}
    changed = [name for name in is_ if is_[name] != was[name]]
    audit.record(
        session, person, "meeting_changed", f"meeting/{meeting.id}", now, before={name: was[name] for name in changed},
        after={name: is_[name] for name in changed},
    )  # fmt: skip
