"""What a meeting must fit: the window, the length, days off, the seats, the equipment (M-02, M-10, M-11, M-12)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Invalid
from common.period import Period, local, today
from common.words import Words
from venues import government_calendar, room_rules
from venues.models import DayOff, Venue
from venues.room_rules import RoomRules
from venues.room_terms import FEATURES, STREAM


def check(
    session: Session, room: Venue, period: Period, now: datetime, *, attendees: int, needs: Iterable[str] = (),
    setup_minutes: int = 0, running: bool = False,
) -> None:  # fmt: skip
    """Raises Invalid at the field. `running`: the meeting has begun, so its start is not looked at."""
    rules = room_rules.in_force(session, now)
    if not running:
        _check_window(rules, period, now)
        _check_day_off(session, rules, period, now)
    if period.duration > timedelta(hours=rules["longest_hours"]):
        words = Words("一次最多登記 {n} 小時", "{n} hours at most at one time").fill(n=rules["longest_hours"])
        raise Invalid(words, field="ends_at")
    if setup_minutes > rules["setup_most_minutes"]:
        words = Words("布置時間最多 {n} 分鐘", "{n} minutes of set-up at most").fill(n=rules["setup_most_minutes"])
        raise Invalid(words, field="setup_minutes")
    if not running and period.starts_at - timedelta(minutes=setup_minutes) <= now and setup_minutes:
        raise Invalid(Words("布置時間已經開始了，請縮短", "The set-up would have begun already"), field="setup_minutes")
    check_room(rules, room, period, now, attendees=attendees, needs=needs)


def check_room(
    rules: RoomRules, room: Venue, period: Period, now: datetime, *, attendees: int, needs: Iterable[str]
) -> None:
    """Seats and equipment. Raises Invalid (`attendees`, `needs`)."""
    if room.max_people and attendees > room.max_people:
        words = Words("{room}最多 {n} 人", "{room} seats {n}").fill(room=room.label, n=room.max_people)
        raise Invalid(words, field="attendees")
    check_kit(room, needs)
    ahead = (local(period.starts_at).date() - today(now)).days
    if STREAM in needs and ahead < rules["stream_days"]:
        words = Words("直播要在 {n} 天前提出", "Ask for a live stream {n} days before").fill(n=rules["stream_days"])
        raise Invalid(words, field="needs")


def check_kit(room: Venue, needs: Iterable[str]) -> None:
    """Raises Invalid (`needs`) for equipment that the room does not have (M-12)."""
    lacking = [FEATURES[each] for each in needs if each not in room.features]
    if lacking:
        words = Words("{room}沒有{what}", "{room} has no {what}").fill(
            room=room.label, what=Words("、".join(w.zh for w in lacking), ", ".join(w.en.lower() for w in lacking))
        )
        raise Invalid(words, field="needs")


def is_sparse(rules: RoomRules, room: Venue, attendees: int) -> bool:
    """Whether far too few people come for its seats (M-10); shown, not refused."""
    return bool(room.max_people) and attendees * 100 < (room.max_people or 0) * rules["sparse_percent"]


def days_off(session: Session, first: date, last: date) -> dict[date, Words]:
    """Weekends and the government calendar's days off between two days, both included, with their names (C-05)."""
    calendar = government_calendar.between(session, first, last)
    rows = select(DayOff).where(DayOff.day >= first, DayOff.day <= last)
    named = {row.day: Words(row.name, row.name_en) for row in session.scalars(rows)}
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return {day: named.get(day, Words("週末", "Weekend")) for day in days if not calendar.is_working(day)}


def _check_window(rules: RoomRules, period: Period, now: datetime) -> None:
    if period.starts_at <= now:
        raise Invalid(Words("開始時間已經過了", "The start has already passed"), field="starts_at")
    if local(period.starts_at).date() > today(now) + timedelta(days=rules["days_ahead"]):
        words = Words("會議室最多可提前 {n} 天登記", "Rooms may be booked {n} days ahead at most")
        raise Invalid(words.fill(n=rules["days_ahead"]), field="starts_at")


def _check_day_off(session: Session, rules: RoomRules, period: Period, now: datetime) -> None:
    if rules["holidays_open"] and not rules["holiday_notice_days"]:
        return
    off = days_off(session, local(period.starts_at).date(), local(period.ends_at - timedelta.resolution).date())
    if not off:
        return
    day = min(off)
    if not rules["holidays_open"]:
        raise Invalid(Words("{what}不開放會議室", "Rooms are closed: {what}").fill(what=off[day]), field="starts_at")
    if (day - today(now)).days < rules["holiday_notice_days"]:
        words = Words("假日的會議要在 {n} 天前登記", "Meetings on days off are booked {n} days before")
        raise Invalid(words.fill(n=rules["holiday_notice_days"]), field="starts_at")
