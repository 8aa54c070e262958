"""Typhoon, flood and disaster duty (M-04): the duty rooms close to meetings for a time, and open again when it is over."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.db import for_update
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period
from common.words import Words
from venues import availability, displacing
from venues.displacing import Displaced
from venues.models import DECIDES, RoomDuty, Venue


def duty_rooms(session: Session) -> list[Venue]:
    """The rooms that are given over to disaster duty."""
    return [room for room in availability.venues(session, "room") if room.duty_room]


def preview(session: Session, person: Person, now: datetime, *, period: Period) -> list[Displaced]:
    """Which meetings would have to leave, and to which room. Changes nothing. Raises Forbidden."""
    if not person.has(*DECIDES):
        raise Forbidden
    return displacing.plan(session, duty_rooms(session), period, now)


def declare(
    session: Session, person: Person, now: datetime, *, period: Period, reason: str, move: bool = True,
    room_ids: Sequence[int] = (),
) -> tuple[RoomDuty, list[Displaced]]:  # fmt: skip
    """Close the duty rooms (or those named of them) from now or later on; meetings there are moved where a room is free.

    Without `move` they are given back with the rooms that are free. Everyone is told. Raises Forbidden, Invalid,
    Conflict (a duty or a take-over stands there already).
    """
    if not person.has(*DECIDES):
        raise Forbidden
    if period.ends_at <= now:
        raise Invalid(Words("這段時間已經過去了", "That time is over"), field="ends_at")
    rooms = [room for room in duty_rooms(session) if not room_ids or room.id in room_ids]
    if not rooms:
        raise Invalid(Words("請選應變用的會議室", "Choose duty rooms"), field="room_ids")
    period = Period(max(period.starts_at, now), period.ends_at)
    duty = RoomDuty(
        starts_at=period.starts_at, ends_at=period.ends_at, reason=reason, room_ids=[str(room.id) for room in rooms],
        declared_by_id=person.id, declared_at=now, moved=0, lost=0,
    )  # fmt: skip
    session.add(duty)
    session.flush()
    try:
        displaced = displacing.clear_and_claim(session, duty.holder, rooms, period, now)
    except reservations.Taken as taken:
        words = Words("這段時間已經是應變使用，或有首長會議。", "Duty or a take-over stands there already.")
        raise Conflict(words, field="starts_at") from taken
    closed = {room.id for room in rooms}
    for each in displaced:
        displacing.rehouse(session, each, now, without=closed, move=move, reason=reason)
    duty.moved = sum(each.to is not None for each in displaced)
    duty.lost = len(displaced) - duty.moved
    after = {"starts_at": period.starts_at, "ends_at": period.ends_at, "moved": duty.moved, "lost": duty.lost}
    audit.record(session, person, "room_duty_declared", f"room_duty/{duty.id}", now, after=after, reason=reason)
    return duty, displaced


def lift(session: Session, person: Person, now: datetime, duty_id: int, *, rev: int | None = None) -> RoomDuty:
    """The duty is over before its time: the rooms are free from now on. Raises Forbidden, NotFound, Conflict."""
    if not person.has(*DECIDES):
        raise Forbidden
    duty = session.get(RoomDuty, duty_id, **for_update(session))
    if duty is None:
        raise NotFound
    duty.expect(rev)
    if duty.lifted_at is not None or duty.ends_at <= now:
        raise Conflict(Words("這次應變已經結束了。", "This duty is over."))
    reservations.release(session, duty.holder, from_=now if duty.starts_at < now else None)
    duty.lifted_at = now
    audit.record(session, person, "room_duty_lifted", f"room_duty/{duty.id}", now)
    return duty


def duties(session: Session) -> list[RoomDuty]:
    """All duty periods, the newest first."""
    return list(session.scalars(select(RoomDuty).order_by(RoomDuty.id.desc()).limit(50)))
