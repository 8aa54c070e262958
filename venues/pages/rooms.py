"""Meeting rooms: which are free when, a room's days, booking one at once, giving it back."""

from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from common.errors import Invalid
from common.identity import Agency
from common.period import Period, local, today
from common.roc import when_words
from common.web import Pages, anyone, flash, form_data, now, redirect_to, render, signed_in
from common.words import Words
from venues import agreements, availability, meeting_rooms, misuse, operators, room_boards, room_rules
from venues.models import Meeting, MeetingSeries
from venues.room_terms import FEATURES, WEEKDAYS
from venues.schemas import meetings as shapes

pages = Pages("rooms")

DAY_STARTS, DAY_ENDS = "08:00", "21:00"


@pages.get("/rooms", allows=anyone)
def show_rooms(session: Any, person: Any) -> Any:
    """All meeting rooms of one day, or those that are free for a time and a number of people."""
    day = _day()
    starts, ends = _clock("starts"), _clock("ends")
    people = _people()
    need = request.values.get("need") if request.values.get("need") in FEATURES else None
    every = availability.venues(session, "room")
    rooms = [room for room in every if need is None or need in room.features]
    wrong = None
    free: set[int] | None = None
    if starts and ends:
        try:
            period = Period.of_local(day, starts, ends)
            free = {room.id for room in meeting_rooms.free_rooms(session, period, people or 1, now(), rooms=rooms)}
        except Invalid as problem:
            wrong = problem.words
    elif people:
        free = {room.id for room in rooms if (room.max_people or 0) >= people}
    shown = [room for room in rooms if free is None or room.id in free]
    meetings = meeting_rooms.meetings_on(session, shown, day, now())
    return render(
        "venues/rooms.html",
        rooms=shown,
        all_rooms=len(every),
        need=need,
        features=FEATURES,
        days_ahead=room_rules.in_force(session, now())["days_ahead"],
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


@pages.get("/rooms/week", allows=anyone)
def show_week(session: Any, person: Any) -> Any:
    """All rooms through one week, Monday to Sunday, or those of one floor."""
    day = _day()
    monday = day - timedelta(days=day.weekday())
    every = availability.rooms(session)
    floors = sorted({room.floor for room in every if room.floor})
    floor = {str(each): each for each in floors}.get(request.args.get("floor", ""))
    rooms = [room for room in every if floor is None or room.floor == floor]
    this = today(now()) - timedelta(days=today(now()).weekday())
    return render(
        "venues/room_week.html",
        rooms=rooms,
        floors=floors,
        floor=floor,
        days=[monday + timedelta(days=n) for n in range(7)],
        bars=room_boards.week(session, rooms, monday, now(), person),
        monday=monday,
        before=monday - timedelta(days=7) if monday > this else None,
        after=monday + timedelta(days=7),
        today=today(now()),
        steps=(room_boards.CLOSES - room_boards.OPENS) * 60 // room_boards.STEP,
        hours=(room_boards.OPENS, room_boards.CLOSES),
    )


@pages.get("/rooms/<int:room_id>", allows=anyone)
def show_room(session: Any, person: Any, room_id: int) -> Any:
    """One room's meetings of a week, and the form to take it."""
    room = availability.venue(session, room_id, by_slots=False)
    day = _day()
    rules = room_rules.in_force(session, now())
    stop = misuse.standing_stop(session, person, now()) if person is not None else None
    return render(
        "venues/room.html",
        room=room,
        day=day,
        starts=_clock("starts"),
        ends=_clock("ends"),
        people=_people(),
        before=day - timedelta(days=7) if day > today(now()) else None,
        after=day + timedelta(days=7),
        meetings=meeting_rooms.meetings_on(session, [room], day, now(), days=7),
        agencies=_agencies(session),
        now=now(),
        last=today(now()) + timedelta(days=rules["days_ahead"]),
        days_ahead=rules["days_ahead"],
        grace=rules["grace_minutes"],
        features=FEATURES,
        weekdays_long=WEEKDAYS,
        asks_here=person is not None and room.manager_id != person.agency_id,
        stop=misuse.stop_words(stop) if stop else None,
        operators=operators.refusal(session, person) if person is not None else None,
        can_meet=person is not None and meeting_rooms.can_meet(person),
    )


@pages.get("/meetings", allows=signed_in)
def show_meetings(session: Any, person: Any) -> Any:
    """The meetings this person booked that are not over, and what stops the person from booking more."""
    mine = select(Meeting).options(selectinload(Meeting.room))
    mine = mine.where(Meeting.booked_by_id == person.id, meeting_rooms.standing(now()), Meeting.ends_at > now())
    stop = misuse.standing_stop(session, person, now())
    meetings = session.scalars(mine.order_by(Meeting.starts_at).limit(100)).all()
    repeated = {each.series_id for each in meetings if each.series_id}
    return render(
        "venues/meetings.html",
        meetings=meetings,
        series=session.scalars(
            select(MeetingSeries).where(MeetingSeries.id.in_(repeated)).order_by(MeetingSeries.id)
        ).all(),
        stop=misuse.stop_words(stop) if stop else None,
        operators=operators.refusal(session, person),
        keeps_operators=person.has("supervisor") and meeting_rooms.can_meet(person),
        asked=agreements.waiting(session, person, now()),
    )


@pages.post("/rooms/<int:room_id>/book", allows=signed_in, again=show_room)
def book(session: Any, person: Any, room_id: int) -> Any:
    """Take the room at once."""
    data = form_data(shapes.MeetingForm)
    period = Period.of_local(data.pop("day"), *(f"{data.pop(name):%H:%M}" for name in ("starts", "ends")))
    meeting = meeting_rooms.book(session, person, now(), room_id=room_id, period=period, **data)
    if meeting.held_until:
        words = Words("已保留到{until}，等管理機關同意。", "Held until {until}; the managing agency is asked.")
        flash(words.fill(until=when_words(meeting.held_until)), "info")
    else:
        flash(Words("已登記", "Booked"))
    return redirect_to("meetings.show_meeting", meeting_id=meeting.id)


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
    good = len(text) == 5 and hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60
    return text if good else None


def _people() -> int | None:
    text = request.values.get("people") or request.values.get("attendees") or ""
    return int(text) if text.isdecimal() and 0 < len(text) < 6 and int(text) else None


def _agencies(session: Any) -> dict[int, Agency]:
    return {agency.id: agency for agency in session.scalars(select(Agency))}
