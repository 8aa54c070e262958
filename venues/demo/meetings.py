"""Meetings in the rooms around today; some rooms are given back again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from common.identity import Person
from common.period import Period, taipei, today
from venues import availability, meeting_rooms
from venues.demo import rooms
from venues.demo.history import History

MEETINGS_A_DAY = 8
TOPICS = (
    "局務會議", "跨局處協調會", "採購評選委員會", "預算編列說明", "資訊安全教育訓練", "里長座談會前會", "專案進度會議",
    "法規修正研商", "新進人員講習", "性別平等專案小組", "災害防救演練檢討", "都市更新審議前會",
)  # fmt: skip


def load(history: History, people: list[Person]) -> None:
    """Meeting rooms around today; some meetings are given back again."""
    rng, session = history.rng, history.session
    places = availability.venues(session, "room")
    if not people or not places:
        return
    for days in range(-6, 15):
        day = today(history.now) + timedelta(days=days)
        if day.weekday() > 4:
            continue
        for _ in range(MEETINGS_A_DAY + (4 if days in (0, 1, 2) else 0)):
            who, room = rng.choice(people), rng.choice(places)
            start = rng.choice(("09:00", "09:30", "10:00", "10:30", "13:30", "14:00", "14:30", "15:30"))
            hours = rng.choice((1, 1.5, 2, 2.5))
            begins = taipei(day, start)
            told = {"title": rng.choice(TOPICS), "attendees": rng.randint(4, min(room.max_people or 10, 30))}
            period = Period(begins, begins + timedelta(hours=hours))
            booked = history.hour(min(days - rng.randint(1, 12), -1))
            back = rng.random() < 0.06
            history.at(booked, _meet(history, people, (who, room, period, told), back))


def _meet(history: History, people: list[Person], wish: tuple[Any, ...], back: bool) -> Callable[[datetime], None]:
    who, room, period, told = wish

    def act(at: datetime) -> None:
        meeting = meeting_rooms.book(history.session, who, at, room_id=room.id, period=period, **told)
        rooms.after_booking(history, people, meeting)
        if back:
            history.at(at + timedelta(hours=3), lambda then: _give_back(history, who, meeting.id, then))

    return act


def _give_back(history: History, who: Person, meeting_id: int, at: datetime) -> None:
    meeting_rooms.release(history.session, who, at, meeting_id)
