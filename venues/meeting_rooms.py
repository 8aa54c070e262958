"""Meeting rooms of City Hall: first come, first served, so many days ahead (M-02), for city agencies (M-01, M-09)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.db import for_update
from common.errors import Conflict, Forbidden, NotFound
from common.identity import Person
from common.period import Period, local
from common.words import Words
from venues import agreements, availability, hindrances, meeting_checks, messages, misuse, operators, room_rules
from venues.messages import rooms as told
from venues.models import SEES_ALL, Meeting, Venue
from venues.room_terms import MEETS, STREAM

OVER = Words("這場會議已結束或已釋出。", "This meeting has ended or was given back.")


class NotForYou(Forbidden):
    """Rooms are for the city's own (M-01, M-09)."""

    words = Words(
        "會議室供本府機關使用；府外單位請洽業務機關代為登記。",
        "Rooms are for city agencies; outside bodies book through a bureau inside.",
    )


class RoomTaken(Conflict):
    """Somebody meets there then; says from when to when and where else there is room."""


def find(session: Session, person: Person, meeting_id: int, *, lock: bool = False) -> Meeting:
    """The meeting, if this person may know of it or looks after its room; `lock` keeps others from changing it meanwhile.

    Raises NotFound.
    """
    meeting = session.get(Meeting, meeting_id, **(for_update(session) if lock else {}))
    if meeting is None or not (meeting.can_see(person) or meeting.managed_by(person)):
        raise NotFound
    return meeting


def visible(person: Person) -> Select[Meeting]:
    """The meetings this person may see: all, or those of the own agency."""
    found = select(Meeting).options(selectinload(Meeting.room))
    return found if person.has(*SEES_ALL) else found.where(Meeting.agency_id == person.agency_id)


def standing(now: datetime) -> ColumnElement[bool]:
    """Meetings that have their room: not given back, and no hold that has run out."""
    return Meeting.released_at.is_(None) & or_(Meeting.held_until.is_(None), Meeting.held_until > now)


def can_meet(person: Person) -> bool:
    """Rooms are for the city's own; bodies outside book through a bureau inside (M-01, M-09)."""
    return person.has(*MEETS) and person.agency.kind == "city"


def book(
    session: Session, person: Person, now: datetime, *, room_id: int, period: Period, title: str, attendees: int,
    chair: str = "", needs: Sequence[str] = (), setup_minutes: int = 0, private: bool = False, series_id: int | None = None,
    refreshments: str = "",
) -> Meeting:  # fmt: skip
    """Take a room at once; on another agency's reserved day it is held until that agency answers (M-03).

    `setup_minutes` before the start are kept too. Posts MeetingBooked or MeetingAgreementAsked, and MeetingStreamAsked.
    Raises Forbidden, BookingStopped (M-08), NotAnOperator (M-09), Invalid (window, size, equipment), RoomTaken.
    """
    if not can_meet(person):
        raise NotForYou
    misuse.check_may_book(session, person, now)
    operators.check_may_book(session, person)
    room = availability.venue(session, room_id, by_slots=False)
    hindrances.check_open(session, room, [period], field="starts_at")
    meeting_checks.check(session, room, period, now, attendees=attendees, needs=needs, setup_minutes=setup_minutes)
    meeting = new(
        session, person, now, room=room, period=period, title=title, attendees=attendees, chair=chair, needs=needs,
        setup_minutes=setup_minutes, private=private, series_id=series_id, refreshments=refreshments,
    )  # fmt: skip
    if agreements.needed(room, person.agency_id, period):
        meeting.held_until = agreements.held_until(session, period, now)
    take(session, meeting, now)
    if meeting.held_until:
        agreements.ask(session, meeting, now)
    else:
        messages.tell_meeting(session, messages.MeetingBooked, meeting, now)
    if STREAM in needs:
        told.tell_stream(session, meeting, now)
    after = {"room": room.code, "starts_at": period.starts_at, "ends_at": period.ends_at, "status": meeting.status}
    audit.record(session, person, "meeting_booked", f"meeting/{meeting.id}", now, after=after)
    return meeting


def new(
    session: Session, person: Person, now: datetime, *, room: Venue, period: Period, title: str, attendees: int, chair: str,
    needs: Sequence[str] = (), setup_minutes: int = 0, private: bool = False, series_id: int | None = None,
    priority: bool = False, refreshments: str = "",
) -> Meeting:  # fmt: skip
    """A row that has no room yet: `take` gives it one. Its minutes for clearing are those in force today."""
    meeting = Meeting(
        room=room, booked_by_id=person.id, agency_id=person.agency_id, title=title, chair=chair, attendees=attendees,
        starts_at=period.starts_at, ends_at=period.ends_at, booked_at=now, changed_at=now, needs=list(needs), series_id=series_id,
        setup_minutes=setup_minutes, clear_minutes=room_rules.in_force(session, now)["buffer_minutes"], private=private,
        priority=priority, refreshments=refreshments,
    )  # fmt: skip
    session.add(meeting)
    session.flush()
    return meeting


def take(session: Session, meeting: Meeting, now: datetime) -> None:
    """Claim its room for what it occupies, held or for good. Raises RoomTaken with other rooms that are free."""
    wants = [(resource, meeting.occupies) for resource in meeting.room.resources]
    state = "held" if meeting.held_until else "confirmed"
    try:
        reservations.claim(session, meeting.holder, wants, now=now, state=state, expires_at=meeting.held_until)
    except reservations.Taken as taken:
        raise _taken_words(session, meeting, now, taken) from taken


def release(session: Session, person: Person, now: datetime, meeting_id: int, *, rev: int | None = None) -> Meeting:
    """Give a room back; a running meeting frees what is left of it (M-05). Posts MeetingReleased. Raises Forbidden."""
    meeting = find(session, person, meeting_id, lock=True)
    meeting.expect(rev)
    if meeting.released_at is not None or meeting.ends_at <= now:
        raise Conflict(OVER)
    if not meeting.can_release(person, now):
        raise Forbidden
    give_back(session, meeting, now, "given_back")
    agreements.withdraw(session, meeting, now)
    messages.tell_meeting(session, messages.MeetingReleased, meeting, now)
    audit.record(session, person, "meeting_released", f"meeting/{meeting.id}", now)
    return meeting


def give_back(session: Session, meeting: Meeting, now: datetime, how: str) -> None:
    """Free its room from now on, and say why (`ended_as`)."""
    reservations.release(session, meeting.holder, from_=now if meeting.occupies.starts_at < now else None)
    meeting.released_at = meeting.changed_at = now
    meeting.ended_as = how


def free_rooms(
    session: Session, period: Period, people: int, now: datetime, needs: Iterable[str] = (),
    rooms: Sequence[Venue] | None = None,
) -> list[Venue]:  # fmt: skip
    """Rooms (of those given, else of all) for at least `people`, with what is needed, that nobody has; smallest first."""
    wanted = set(needs)
    every = availability.venues(session, "room") if rooms is None else rooms
    fitting = [room for room in every if (room.max_people or 0) >= people and wanted <= set(room.features)]
    left = set(reservations.free(session, [room.resource for room in fitting], period, now))
    return sorted(
        (room for room in fitting if room.resource in left), key=lambda room: (room.max_people, room.place_in_list)
    )


def nearest(rooms: Iterable[Venue], to: Venue) -> list[Venue]:
    """The same rooms, the nearest floor first, then the smallest."""
    here = to.floor or 0
    return sorted(
        (room for room in rooms if room.id != to.id),
        key=lambda room: (abs((room.floor or 0) - here), room.max_people or 0, room.place_in_list),
    )


def meetings_on(session: Session, rooms: Iterable[Venue], day: date, now: datetime, *, days: int = 1) -> list[Meeting]:
    """The meetings that have these rooms on Taipei's `day` (and the `days` - 1 after it)."""
    begin, end = Period.of_day(day).starts_at, Period.of_day(day + timedelta(days=days - 1)).ends_at
    found = select(Meeting).where(
        Meeting.room_id.in_([room.id for room in rooms]),
        standing(now),
        Meeting.starts_at < end,
        Meeting.ends_at > begin,
    )
    return list(session.scalars(found.order_by(Meeting.room_id, Meeting.starts_at)))


def _taken_words(session: Session, meeting: Meeting, now: datetime, taken: reservations.Taken) -> RoomTaken:
    room = meeting.room
    free = free_rooms(session, meeting.occupies, meeting.attendees, now, meeting.needs)
    others = [each.label for each in nearest(free, room)[:3]]
    clock = "、".join(f"{local(by.period.starts_at):%H:%M}–{local(by.period.ends_at):%H:%M}" for by in taken.by[:1])
    if any(by.holder.startswith("duty:") for by in taken.by):
        zh, en = f"{room.name}這段時間改作災害應變使用。", f"{room.name_en} is given over to disaster duty then."
    elif clock:
        zh, en = f"{room.name}這段時間已有會議（{clock}）。", f"{room.name_en} is taken ({clock})."
    else:
        zh, en = f"{room.name}剛被別人登記走了。", f"Somebody has just taken {room.name_en}."
    if others:
        zh += "同時段可用：" + "、".join(each.zh for each in others) + "。"
        en += " Free then: " + ", ".join(each.en for each in others) + "."
    return RoomTaken(Words(zh, en), field="room_id")
