"""Meetings that must leave their room: which they are, and where each finds another one (M-04, M-10).

Everything happens in the caller's transaction: the room is emptied and taken, and each meeting has its new room, before
anybody else sees any of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from common.db import for_update
from common.period import Period
from venues import agreements, availability, meeting_rooms
from venues.messages import rooms as told
from venues.models import Meeting, Venue

TRIES = 3


@dataclass
class Displaced:
    """One meeting that leaves `room`; `to` is its new room, None where none is free (`offers` are then other sizes)."""

    meeting: Meeting
    room: Venue
    to: Venue | None = None
    offers: list[Venue] = field(default_factory=list)
    until: datetime | None = None  # one that was under way ends then

    @property
    def offer_ids(self) -> list[int]:
        return [room.id for room in self.offers]


def in_the_way(session: Session, rooms: Sequence[Venue], period: Period, now: datetime) -> list[Meeting]:
    """The meetings that have any of these rooms within `period`, by start; take-overs and duty are not among them."""
    resources = [resource for room in rooms for resource in room.resources]
    holders = {by.holder for by in reservations.taken(session, resources, period, now)}
    ids = [int(holder.split(":")[1]) for holder in holders if holder.startswith("meeting:")]
    found = select(Meeting).where(Meeting.id.in_(ids), Meeting.priority.is_(False))
    return list(session.scalars(found.order_by(Meeting.starts_at, Meeting.id)))


def plan(session: Session, rooms: Sequence[Venue], period: Period, now: datetime) -> list[Displaced]:
    """What would happen, room by room; changes nothing. Two meetings at one time are not shown the same new room."""
    out: list[Displaced] = []
    without = {room.id for room in rooms}
    for meeting in in_the_way(session, rooms, period, now):
        given = {each.to.id for each in out if each.to and each.meeting.occupies.overlaps(meeting.occupies)}
        fitting = [] if meeting.starts_at <= now else _fitting(session, meeting, now, without | given)
        offers = _offers(session, meeting, now, without | given) if not fitting else []
        out.append(Displaced(meeting, meeting.room, fitting[0] if fitting else None, offers))
    return out


def clear_and_claim(
    session: Session, holder: str, rooms: Sequence[Venue], period: Period, now: datetime
) -> list[Displaced]:
    """Take `rooms` for `holder`, whoever meets there. Returns the meetings that lost theirs; they have no room yet.

    A booking that came in between is displaced too. Raises reservations.Taken for what cannot be displaced.
    """
    wants = [(resource, period) for room in rooms for resource in room.resources]
    out: dict[int, Displaced] = {}
    for last in (n == TRIES - 1 for n in range(TRIES)):
        for meeting in in_the_way(session, rooms, period, now):
            session.refresh(meeting, **for_update(session))
            if meeting in in_the_way(session, rooms, period, now):  # else it left while this waited for it
                out[meeting.id] = _leave(session, meeting, period, now)
        try:
            reservations.claim(session, holder, wants, now=now)
        except reservations.Taken:
            if last:
                raise
            continue
        break
    return list(out.values())


def rehouse(
    session: Session, displaced: Displaced, now: datetime, *, without: Collection[int], move: bool, reason: str
) -> None:
    """Give a meeting the nearest free room that fits, or tell what else is free; whoever booked it is told either way."""
    meeting = displaced.meeting
    if move and displaced.until is None:
        displaced.to = _claim_nearest(session, meeting, now, set(without))
    agreements.withdraw(session, meeting, now, note=reason)
    meeting.changed_at, meeting.held_until = now, None
    if displaced.to is not None:
        meeting.room = displaced.to
    else:
        displaced.offers = _offers(session, meeting, now, set(without))
        if displaced.until is not None and displaced.until > now:
            meeting.ends_at = displaced.until
        else:
            meeting.released_at, meeting.ended_as = now, "taken_over"
    lost = displaced.to is None
    told.tell_taken_over(
        session, meeting, now, previous=displaced.room, lost=lost, offers=displaced.offers, reason=reason
    )


def _leave(session: Session, meeting: Meeting, period: Period, now: datetime) -> Displaced:
    """Give back what it has; one that is under way ends when its room is needed."""
    if meeting.starts_at > now:
        reservations.release(session, meeting.holder)
        return Displaced(meeting, meeting.room)
    until = max(period.starts_at, now)
    reservations.release(session, meeting.holder, from_=until)
    return Displaced(meeting, meeting.room, until=until)


def _claim_nearest(session: Session, meeting: Meeting, now: datetime, without: Collection[int]) -> Venue | None:
    """Take the nearest room that fits; one that somebody took a moment ago is passed over."""
    for room in _fitting(session, meeting, now, without):
        wants = [(resource, meeting.occupies) for resource in room.resources]
        try:
            reservations.claim(session, meeting.holder, wants, now=now)
        except reservations.Taken:
            continue
        return room
    return None


def _fitting(session: Session, meeting: Meeting, now: datetime, without: Collection[int]) -> list[Venue]:
    """Free rooms with the seats and the equipment, nobody's reserved day, the nearest first."""
    free = meeting_rooms.free_rooms(session, meeting.occupies, meeting.attendees, now, meeting.needs)
    return [
        room
        for room in meeting_rooms.nearest(free, meeting.room)
        if room.id not in without and not agreements.needed(room, meeting.agency_id, meeting.period)
    ]


def _offers(session: Session, meeting: Meeting, now: datetime, without: Collection[int]) -> list[Venue]:
    """Free rooms of at least the size, whatever their equipment; at most three."""
    rooms = availability.venues(session, "room")
    free = meeting_rooms.free_rooms(session, meeting.occupies, meeting.attendees, now, rooms=rooms)
    return [room for room in meeting_rooms.nearest(free, meeting.room) if room.id not in without][:3]
