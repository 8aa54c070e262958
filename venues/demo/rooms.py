"""What happens around meetings: check-ins and no-shows, a series, a question to a managing agency, take-over, duty, a breach."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from common.identity import Person
from common.period import Period, taipei, today
from venues import (
    agreements,
    availability,
    check_ins,
    duties,
    meeting_rooms,
    meeting_series,
    misuse,
    takeovers,
)
from venues.demo.history import History
from venues.models import Meeting, Venue

SIGN_IN = ("officer", "officer2", "supervisor", "staff", "staff2", "dispatcher", "dorms", "venues", "admin")
COMES = 0.94
Act = Callable[[datetime], None]


def after_booking(history: History, people: list[Person], meeting: Meeting) -> None:
    """Somebody comes, or nobody; a managing agency that was asked answers within the day."""
    rng = history.rng
    if meeting.held_until is not None:
        _answer(history, people, meeting)
    by_id = {person.id: person for person in people}
    if rng.random() < COMES:
        come = meeting.starts_at + timedelta(minutes=rng.choice((-8, -4, -1, 2, 6)))
        history.at(come, lambda at: _come(history, by_id[meeting.booked_by_id], meeting.id, at))
    history.at(meeting.starts_at + timedelta(minutes=15), lambda at: _sweep(history, at))


def load(history: History, people: list[Person], officer: Person) -> None:
    """The stories of the demonstration, each with its own people and days around today."""
    rooms = {room.code: room for room in availability.venues(history.session, "room")}
    named = {person.username: person for person in people}
    others = [person for person in people if person.username not in SIGN_IN and "officer" in person.roles]
    if not rooms or not others or "officer" not in named:
        return
    me = named["officer"]
    _series(history, me, _open_to(rooms, me, [_day(history, 3)]))
    _question(history, me, officer, rooms)
    _stream(history, me, rooms["n206"])
    guest = named.get("officer2", me)
    _taken_over(history, guest, officer, _open_to(rooms, guest, [_day(history, 2)]))
    _duty(history, officer)
    _no_shows(history, others[0], officer, rooms)
    _blocks(history, others[-1], rooms["0602"])


def _day(history: History, ahead: int) -> Any:
    """A working day about `ahead` days from today."""
    day = today(history.now) + timedelta(days=ahead)
    step = 1 if ahead >= 0 else -1
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day


def _open_to(rooms: dict[str, Venue], who: Person, days: list[Any]) -> Venue:
    """A room of middle size that asks nobody's agreement on these days."""
    times = [Period.of_local(day, "09:00", "10:00") for day in days]
    fitting = [room for room in rooms.values() if 16 <= (room.max_people or 0) <= 60 and not room.duty_room]
    return next(room for room in fitting[5:] if not any(agreements.needed(room, who.agency_id, time) for time in times))


def _meet(history: History, who: Person, room: Venue, period: Period, told: dict[str, Any]) -> Act:
    def book(at: datetime) -> None:
        meeting_rooms.book(history.session, who, at, room_id=room.id, period=period, **told)

    return book


def _come(history: History, who: Person, meeting_id: int, at: datetime) -> None:
    check_ins.check_in(history.session, who, at, meeting_id)


def _sweep(history: History, at: datetime) -> None:
    check_ins.release_unused(history.session, at)


def _answer(history: History, people: list[Person], meeting: Meeting) -> None:
    heads = [
        person
        for person in people
        if person.agency_id == meeting.room.manager_id and person.has("officer", "supervisor")
    ]
    agree = history.rng.random() < 0.85
    asked = meeting.booked_at + timedelta(hours=history.rng.choice((2, 5, 20)))

    def answer(at: datetime) -> None:
        note = "" if agree else "當天本機關要用。"
        for row in agreements.waiting(history.session, heads[0], at):
            if row.meeting_id == meeting.id:
                agreements.answer(history.session, heads[0], at, row.id, agree=agree, note=note)

    if heads:
        history.at(asked, answer)
    history.at(meeting.held_until or asked, lambda at: _lapse(history, at))


def _lapse(history: History, at: datetime) -> None:
    agreements.lapse_due(history.session, at)


def _series(history: History, me: Person, room: Venue) -> None:
    first = _day(history, 3)

    def send(at: datetime) -> None:
        dates = [{"date": first + timedelta(weeks=n)} for n in range(5)]
        period = Period.of_local(first, "13:30", "15:00")
        told: dict[str, Any] = {"title": "專案進度週會", "attendees": 10, "chair": "林科長"}
        meeting_series.send(history.session, me, at, room_id=room.id, period=period, dates=dates, partial=True, **told)

    history.at(history.hour(-9, 10), send)


def _question(history: History, me: Person, officer: Person, rooms: dict[str, Venue]) -> None:
    """Waits today: another agency's reserved day, asked a few hours ago."""
    day = _day(history, 9)
    wanted = [
        room
        for room in rooms.values()
        if room.manager_id not in (None, me.agency_id)
        and room.reserved_weekday == day.weekday()
        and (room.max_people or 0) <= 40
    ]
    own = [room for room in wanted if room.manager_id == officer.agency_id] or wanted
    if own:
        told: dict[str, Any] = {"title": "文化節慶跨局協調會", "attendees": 9}
        asked = history.now - timedelta(hours=3)
        history.at(asked, _meet(history, me, own[0], Period.of_local(day, "10:00", "12:00"), told))


def _stream(history: History, me: Person, room: Venue) -> None:
    told: dict[str, Any] = {"title": "文化政策說明會（直播）", "attendees": 90, "needs": ["stream", "mic"]}
    told["setup_minutes"] = 60
    period = Period.of_local(_day(history, 6), "18:00", "20:00")
    history.at(history.hour(-2, 11), _meet(history, me, room, period, told))


def _taken_over(history: History, who: Person, officer: Person, room: Venue) -> None:
    day = _day(history, 2)
    told: dict[str, Any] = {"title": "社福方案審查會", "attendees": 12}
    history.at(history.hour(-7, 9), _meet(history, who, room, Period.of_local(day, "09:30", "11:30"), told))

    def take(at: datetime) -> None:
        period = Period.of_local(day, "09:00", "11:00")
        more: dict[str, Any] = {"title": "市政專案會議", "attendees": 14, "reason": "副市長召開市政專案會議"}
        takeovers.take_over(history.session, officer, at, room_id=room.id, period=period, chair="deputy_mayor", **more)

    history.at(history.hour(-1, 14), take)


def _duty(history: History, officer: Person) -> None:
    day = _day(history, -4)
    period = Period(taipei(day, "06:00"), taipei(day, "22:00"))

    def declare(at: datetime) -> None:
        duty, _ = duties.declare(history.session, officer, at, period=period, reason="豪雨三級開設")

        def lift(then: datetime) -> None:
            duties.lift(history.session, officer, then, duty.id)

        history.at(taipei(day, "17:30"), lift)

    history.at(taipei(day, "05:40"), declare)


def _no_shows(history: History, who: Person, officer: Person, rooms: dict[str, Venue]) -> None:
    """Three rooms nobody came to, one after another: found, judged, and the booking right stopped (M-08)."""
    days = [_day(history, -12), _day(history, -10), _day(history, -8)]
    room = _open_to(rooms, who, days)
    for day in days:
        told: dict[str, Any] = {"title": "新進人員講習", "attendees": 14}
        booked = taipei(day, "08:10") - timedelta(days=2)
        history.at(booked, _meet(history, who, room, Period.of_local(day, "14:00", "16:00"), told))
        history.at(taipei(day, "14:15"), lambda at: _sweep(history, at))

    def judge(at: datetime) -> None:
        for each in misuse.found(history.session, at):
            if each.kind == "no_show" and each.person_id == who.id:
                reason = "三次登記後未到，未事先釋出。"
                misuse.decide(history.session, officer, at, key=each.key, decision="confirmed", reason=reason)

    history.at(history.hour(-5, 15), judge)


def _blocks(history: History, who: Person, room: Venue) -> None:
    """Six days in a row for one cause: found, and waits to be judged."""
    days = [_day(history, 1) + timedelta(days=n) for n in range(9)]

    def book(at: datetime) -> None:
        for number, day in enumerate(day for day in days if day.weekday() < 5):
            told: dict[str, Any] = {"title": f"招標文件審查（{number + 1}）", "attendees": 8}
            _meet(history, who, room, Period.of_local(day, "09:00", "12:00"), told)(at)

    history.at(history.hour(-3, 9), book)
