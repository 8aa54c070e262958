"""Meeting rooms of City Hall: first come, first served, so many days ahead (M-02), for city agencies (M-01, M-09)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period, local, today
from common.words import Words
from venues import availability, messages
from venues.models import SEES_ALL, Meeting, Venue

MEETS = ("officer", "supervisor", "dispatcher", "dorm_officer", "venue_officer", "staff", "admin")


class NotForYou(Forbidden):
    """Rooms are for the city's own (M-01, M-09)."""

    words = Words(
        "會議室供本府機關使用；府外單位請洽業務機關代為登記。",
        "Rooms are for city agencies; outside bodies book through a bureau inside.",
    )


class RoomTaken(Conflict):
    """Somebody meets there then; says from when to when and where else there is room."""


def find(session: Session, person: Person, meeting_id: int) -> Meeting:
    """The meeting, if this person may know of it. Raises NotFound."""
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or not meeting.can_see(person):
        raise NotFound
    return meeting


def visible(person: Person) -> Select[Meeting]:
    """The meetings this person may see: all, or those of the own agency."""
    found = select(Meeting).options(selectinload(Meeting.room))
    return found if person.has(*SEES_ALL) else found.where(Meeting.agency_id == person.agency_id)


def can_meet(person: Person) -> bool:
    """Rooms are for the city's own; bodies outside book through a bureau inside (M-01, M-09)."""
    return person.has(*MEETS) and person.agency.kind == "city"


def book(
    session: Session,
    person: Person,
    now: datetime,
    *,
    room_id: int,
    period: Period,
    title: str,
    attendees: int,
    chair: str = "",
) -> Meeting:
    """Take a room at once. Posts MeetingBooked. Raises Forbidden, Invalid (window, size), RoomTaken."""
    if not can_meet(person):
        raise NotForYou
    room = availability.venue(session, room_id, by_slots=False)
    _check(room, period, attendees, now)
    meeting = Meeting(
        room=room, booked_by_id=person.id, agency_id=person.agency_id, title=title, chair=chair, attendees=attendees,
        starts_at=period.starts_at, ends_at=period.ends_at, booked_at=now, changed_at=now,
    )  # fmt: skip
    session.add(meeting)
    session.flush()
    try:
        wants = [(resource, period) for resource in room.resources]
        reservations.claim(session, meeting.holder, wants, now=now)
    except reservations.Taken as taken:
        raise _taken_words(session, room, period, attendees, now, taken) from taken
    messages.tell_meeting(session, messages.MeetingBooked, meeting, now)
    after = {"room": room.code, "starts_at": period.starts_at, "ends_at": period.ends_at}
    audit.record(session, person, "meeting_booked", f"meeting/{meeting.id}", now, after=after)
    return meeting


def release(session: Session, person: Person, now: datetime, meeting_id: int, *, rev: int | None = None) -> Meeting:
    """Give a room back; a running meeting frees what is left of it (M-05). Posts MeetingReleased. Raises Forbidden."""
    meeting = find(session, person, meeting_id)
    meeting.expect(rev)
    if meeting.released_at is not None or meeting.ends_at <= now:
        raise Conflict(Words("這場會議已結束或已釋出。", "This meeting has ended or was given back."))
    if not meeting.can_release(person, now):
        raise Forbidden
    reservations.release(session, meeting.holder, from_=now if meeting.starts_at < now else None)
    meeting.released_at = meeting.changed_at = now
    messages.tell_meeting(session, messages.MeetingReleased, meeting, now)
    audit.record(session, person, "meeting_released", f"meeting/{meeting.id}", now)
    return meeting


def free_rooms(session: Session, period: Period, people: int, now: datetime) -> list[Venue]:
    """Rooms for at least `people` that nobody has in `period`, smallest first."""
    rooms = [room for room in availability.venues(session, "room") if (room.max_people or 0) >= people]
    left = set(reservations.free(session, [room.resource for room in rooms], period, now))
    return sorted(
        (room for room in rooms if room.resource in left), key=lambda room: (room.max_people, room.place_in_list)
    )


def meetings_on(session: Session, rooms: Iterable[Venue], day: date) -> list[Meeting]:
    """The meetings of one Taipei day in these rooms, those given back left out."""
    whole = Period.of_day(day)
    found = select(Meeting).where(
        Meeting.room_id.in_([room.id for room in rooms]),
        Meeting.released_at.is_(None),
        Meeting.starts_at < whole.ends_at,
        Meeting.ends_at > whole.starts_at,
    )
    return list(session.scalars(found.order_by(Meeting.room_id, Meeting.starts_at)))


def _check(room: Venue, period: Period, attendees: int, now: datetime) -> None:
    if period.starts_at <= now:
        raise Invalid(Words("開始時間已經過了", "The start has already passed"), field="starts_at")
    if room.opens_days is not None and local(period.starts_at).date() > today(now) + timedelta(days=room.opens_days):
        words = Words("會議室最多可提前 {n} 天登記", "Rooms may be booked {n} days ahead at most").fill(
            n=room.opens_days
        )
        raise Invalid(words, field="starts_at")
    if period.duration > timedelta(hours=24):
        raise Invalid(Words("一次最多登記 24 小時", "24 hours at most at one time"), field="ends_at")
    if room.max_people and attendees > room.max_people:
        words = Words("{room}最多 {n} 人", "{room} seats {n}").fill(room=room.label, n=room.max_people)
        raise Invalid(words, field="attendees")


def _taken_words(
    session: Session, room: Venue, period: Period, people: int, now: datetime, taken: reservations.Taken
) -> RoomTaken:
    others = [each.label for each in free_rooms(session, period, people, now)[:3]]
    clock = "、".join(f"{local(by.period.starts_at):%H:%M}–{local(by.period.ends_at):%H:%M}" for by in taken.by[:1])
    zh = f"{room.name}這段時間已有會議（{clock}）。" if clock else f"{room.name}剛被別人登記走了。"
    en = f"{room.name_en} is taken ({clock})." if clock else f"Somebody has just taken {room.name_en}."
    if others:
        zh += "同時段可用：" + "、".join(each.zh for each in others) + "。"
        en += " Free then: " + ", ".join(each.en for each in others) + "."
    return RoomTaken(Words(zh, en), field="room_id")
