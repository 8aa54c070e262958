"""Rooms to look at: the week of all rooms, one room's door, and today's rooms on the venue officer's desk. Each reads once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from common.identity import Person
from common.period import Period, local, taipei, today
from venues import check_ins, room_rules
from venues.meeting_checks import is_sparse
from venues.meeting_rooms import standing
from venues.models import SEES_ALL, Meeting, RoomDuty, Venue

OPENS, CLOSES = 8, 21  # the hours a strip shows, Taipei
STEP = 15


class Bar(NamedTuple):
    """One meeting in one day's strip: its times, what may be read of it, and where it lies and how it looks, as names of
    style: `a` and `w` with the place and length in steps of 15 minutes, `mine`, `held`."""

    times: str
    title: str
    style: str


@dataclass(frozen=True)
class DoorState:
    """What a room's door shows: `now` and `next` meetings, duty, and until when (or from when) it is free."""

    current: Meeting | None
    coming: Meeting | None
    duty: RoomDuty | None
    free_until: datetime | None
    busy_until: datetime | None


def week(
    session: Session, rooms: Sequence[Venue], monday: date, now: datetime, person: Person | None = None
) -> dict[int, dict[date, list[Bar]]]:
    """Room → Taipei day → bars of seven days from `monday` on; one query, whatever the number of rooms."""
    begin, end = taipei(monday, "00:00"), taipei(monday + timedelta(days=7), "00:00")
    columns = (
        Meeting.room_id,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.title,
        Meeting.agency_id,
        Meeting.held_until,
    )
    found = select(*columns).where(standing(now), Meeting.starts_at < end, Meeting.ends_at > begin)
    found = found.where(Meeting.room_id.in_([room.id for room in rooms])).order_by(Meeting.starts_at)
    out: dict[int, dict[date, list[Bar]]] = {room.id: defaultdict(list) for room in rooms}
    all_seen = person is not None and person.has(*SEES_ALL)
    for room_id, starts_at, ends_at, title, agency_id, held in session.execute(found):
        mine = person is not None and agency_id == person.agency_id
        shown = title if mine or all_seen else ""
        look = (" mine" if mine else "") + (" held" if held is not None else "")
        starts, ends = local(starts_at), local(ends_at)
        times = f"{starts.hour:02d}:{starts.minute:02d}–{ends.hour:02d}:{ends.minute:02d}"
        for day, left, length in _strips(starts, ends, monday):
            out[room_id][day].append(Bar(times, shown, f"a{left} w{length}{look}"))
    return out


def _strips(starts: datetime, ends: datetime, monday: date) -> Iterable[tuple[date, int, int]]:
    """The days of that week a meeting (in Taipei's time) touches, each with its place in the strip in steps."""
    first_day, last_day = starts.date(), ends.date()
    day, after = max(first_day, monday), min(last_day, monday + timedelta(days=6))
    while day <= after:
        first = (starts.hour * 60 + starts.minute) if day == first_day else 0
        last = (ends.hour * 60 + ends.minute) if day == last_day else 24 * 60
        if last > first:
            left = min(max(first - OPENS * 60, 0), (CLOSES - OPENS) * 60) // STEP
            right = -(-min(max(last - OPENS * 60, 0), (CLOSES - OPENS) * 60) // STEP)
            yield day, left, max(right - left, 0)
        day += timedelta(days=1)


def door(session: Session, room: Venue, now: datetime) -> DoorState:
    """What the door of a room shows at this moment; nothing of tomorrow."""
    tonight = Period.of_day(today(now)).ends_at
    found = select(Meeting).where(
        Meeting.room_id == room.id, standing(now), Meeting.ends_at > now, Meeting.starts_at < tonight
    )
    coming = list(session.scalars(found.options(selectinload(Meeting.agency)).order_by(Meeting.starts_at)))
    current = coming.pop(0) if coming and coming[0].starts_at <= now else None
    duty = next((each for each in duties_at(session, now) if str(room.id) in each.room_ids), None)
    following = coming[0] if coming else None
    free_until = None if current or duty else (following.starts_at if following else tonight)
    busy_until = duty.ends_at if duty else current.ends_at if current else None
    return DoorState(current, following, duty, free_until, busy_until)


def duties_at(session: Session, now: datetime) -> list[RoomDuty]:
    """The duty periods in force at this moment."""
    found = select(RoomDuty).where(RoomDuty.lifted_at.is_(None), RoomDuty.starts_at <= now, RoomDuty.ends_at > now)
    return list(session.scalars(found))


@dataclass(frozen=True)
class TodayRow:
    """One meeting of today with its state for the desk, and whether far too few people are expected (M-10)."""

    meeting: Meeting
    state: str
    sparse: bool


TODAY_STATES = ("occupied", "waiting", "coming", "over", "released", "taken_over")


def today_board(session: Session, now: datetime) -> list[TodayRow]:
    """Today's meetings: occupied, waiting for check-in, coming, over, released as nobody came, taken over."""
    from_, until = Period.of_day(today(now)).starts_at, Period.of_day(today(now)).ends_at
    found = select(Meeting).where(Meeting.starts_at < until, Meeting.ends_at > from_)
    found = found.where(Meeting.ended_as.in_(("", "unused", "taken_over")))
    rules = room_rules.in_force(session, now)
    rows = []
    for meeting in session.scalars(
        found.options(selectinload(Meeting.room), selectinload(Meeting.agency)).order_by(Meeting.starts_at, Meeting.id)
    ):
        rows.append(TodayRow(meeting, _state(session, meeting, now), is_sparse(rules, meeting.room, meeting.attendees)))
    return rows


def _state(session: Session, meeting: Meeting, now: datetime) -> str:
    if meeting.ended_as == "unused":
        return "released"
    if meeting.ended_as == "taken_over" or meeting.priority:
        return "taken_over"
    if meeting.ends_at <= now:
        return "over"
    if meeting.checked_in_at is not None:
        return "occupied"
    return "waiting" if check_ins.opens_at(session, meeting, now) <= now else "coming"
