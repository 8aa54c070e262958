"""Meeting rooms: which are free when, a room's days, booking one at once, giving it back."""

from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from common.errors import Invalid
from common.identity import Agency
from common.period import Period, local, today
from common.web import Pages, anyone, flash, form_data, now, redirect_to, render, signed_in
from common.words import Words
from venues import availability, meeting_rooms
from venues.models import Meeting
from venues.schemas import taken

pages = Pages("rooms")

DAY_STARTS, DAY_ENDS = "08:00", "21:00"


@pages.get("/rooms", allows=anyone)
def show_rooms(session: Any, person: Any) -> Any:
    """All meeting rooms of one day, or those that are free for a time and a number of people."""
    day = _day()
    starts, ends = _clock("starts"), _clock("ends")
    people = _people()
    rooms = availability.venues(session, "room")
    wrong = None
    free: set[int] | None = None
    if starts and ends:
        try:
            period = Period.of_local(day, starts, ends)
            free = {room.id for room in meeting_rooms.free_rooms(session, period, people or 1, now())}
        except Invalid as problem:
            wrong = problem.words
    elif people:
        free = {room.id for room in rooms if (room.max_people or 0) >= people}
    shown = [room for room in rooms if free is None or room.id in free]
    meetings = meeting_rooms.meetings_on(session, shown, day)
    return render(
        "venues/rooms.html",
        rooms=shown,
        all_rooms=len(rooms),
        day=day,
        starts=starts,
        ends=ends,
        people=people,
        wrong=wrong,
        meetings={room.id: [each for each in meetings if each.room_id == room.id] for room in shown},
        agencies=_agencies(session),
        day_starts=DAY_STARTS,
        day_ends=DAY_ENDS,
        can_meet=person is not None and meeting_rooms.can_meet(person),
    )


@pages.get("/rooms/<int:room_id>", allows=anyone)
def show_room(session: Any, person: Any, room_id: int) -> Any:
    """One room's meetings of a week, and the form to take it."""
    room = availability.venue(session, room_id, by_slots=False)
    day = _day()
    week = [day + timedelta(days=ahead) for ahead in range(7)]
    meetings = [each for one in week for each in meeting_rooms.meetings_on(session, [room], one)]
    return render(
        "venues/room.html",
        room=room,
        day=day,
        starts=_clock("starts"),
        ends=_clock("ends"),
        people=_people(),
        before=day - timedelta(days=7) if day > today(now()) else None,
        after=day + timedelta(days=7),
        meetings=list({each.id: each for each in meetings}.values()),
        agencies=_agencies(session),
        now=now(),
        last=today(now()) + timedelta(days=room.opens_days or 0),
        can_meet=person is not None and meeting_rooms.can_meet(person),
    )


@pages.get("/meetings", allows=signed_in)
def show_meetings(session: Any, person: Any) -> Any:
    """The meetings this person booked that are not over."""
    mine = select(Meeting).options(selectinload(Meeting.room))
    mine = mine.where(Meeting.booked_by_id == person.id, Meeting.released_at.is_(None), Meeting.ends_at > now())
    return render("venues/meetings.html", meetings=session.scalars(mine.order_by(Meeting.starts_at).limit(100)).all())


@pages.post("/rooms/<int:room_id>/book", allows=signed_in, again=show_room)
def book(session: Any, person: Any, room_id: int) -> Any:
    """Take the room at once."""
    data = form_data(taken.MeetingForm)
    period = Period.of_local(data["day"], *(f"{data[name]:%H:%M}" for name in ("starts", "ends")))
    told = {name: data[name] for name in ("title", "attendees", "chair")}
    meeting = meeting_rooms.book(session, person, now(), room_id=room_id, period=period, **told)
    flash(Words("已登記", "Booked"))
    return redirect_to(".show_room", room_id=room_id, day=str(local(meeting.starts_at).date()))


@pages.post("/meetings/<int:meeting_id>/release", allows=signed_in)
def release(session: Any, person: Any, meeting_id: int) -> Any:
    """Give the room back."""
    meeting = meeting_rooms.release(session, person, now(), meeting_id)
    flash(Words("已釋出，別人可以登記這段時間了。", "Given back; the time is free for others."))
    return redirect_to(".show_room", room_id=meeting.room_id, day=str(local(meeting.starts_at).date()))


def _day() -> date:
    try:
        day = date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return today(now())
    return day if date(1991, 1, 1) < day < date(2198, 1, 1) else today(now())


def _clock(name: str) -> str | None:
    text = request.values.get(name, "")
    hour, _, minute = text.partition(":")
    good = len(text) == 5 and hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60
    return text if good else None


def _people() -> int | None:
    text = request.values.get("people") or request.values.get("attendees") or ""
    return int(text) if text.isdigit() and 0 < len(text) < 6 and int(text) else None


def _agencies(session: Any) -> dict[int, Agency]:
    return {agency.id: agency for agency in session.scalars(select(Agency))}
