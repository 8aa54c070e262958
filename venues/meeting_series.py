"""Meetings that come back: every date with what is free on it, before anything is sent; then all, or those that can be had.

Each date becomes a meeting of its own, with its own room and life; one or all that follow can be cancelled (M-05).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period, local, taipei, today
from common.roc import day_words
from common.words import Words
from venues import agreements, availability, meeting_checks, meeting_rooms, misuse, room_rules
from venues.meeting_rooms import NotForYou, RoomTaken
from venues.models import Meeting, MeetingSeries, Venue


class SomeCollide(Conflict):
    """On some dates the room is taken, and the person did not say that the others do; nothing was booked."""

    def __init__(self, refused: Sequence["Refused"]):
        zh = "、".join(day_words(each.day).zh for each in refused)
        en = ", ".join(day_words(each.day).en for each in refused)
        words = Words(
            "{days} 登記不到，整個系列都還沒登記。請換會議室、略過這些日期，或勾選「登記得到的先登記」。",
            "{days} cannot be had; nothing was booked. Change or skip these dates, or accept a part.",
        )
        super().__init__(words.fill(days=Words(zh, en)), field="dates")
        self.refused = list(refused)


@dataclass(frozen=True)
class Occurrence:
    """One date of a series to be. `free`: it can be had; `holiday`: the name of a day off that is left out unless chosen.

    `asks`: the managing agency has to agree. Where it is not free: `why_not`, and `other`, the nearest room that is.
    """

    day: date
    period: Period
    free: bool
    holiday: Words | None = None
    asks: bool = False
    why_not: Words | None = None
    other: Venue | None = None


@dataclass(frozen=True)
class Refused:
    """A date that was not booked, and why."""

    day: date
    words: Words


def days_of(first: date, until: date, every: int) -> list[date]:
    """`first` and every `every` weeks after it, `until` included."""
    return [first + timedelta(weeks=n) for n in range(0, (until - first).days // 7 + 1, every)]


def preview(
    session: Session, person: Person, now: datetime, *, room_id: int, period: Period, attendees: int, needs: Sequence[str] = (),
    setup_minutes: int = 0, every: int = 1, until: date | None = None, days: Sequence[date] = (), holidays: bool = False,
) -> list[Occurrence]:  # fmt: skip
    """Every date of a series: those given as `days`, or every `every` weeks `until`. `period` is the first; its clock holds.

    Changes nothing. Raises NotForYou, Invalid (no date, too many).
    """
    if not meeting_rooms.can_meet(person):
        raise NotForYou
    room = availability.venue(session, room_id, by_slots=False)
    first = local(period.starts_at).date()
    most = room_rules.in_force(session, now)["series_dates"]
    chosen = sorted({first, *days}) if days else days_of(first, until or first, max(every, 1))
    if not chosen or len(chosen) > most:
        words = Words("一個系列 1 到 {n} 場，請調整期間", "A series has 1 to {n} dates; change the period")
        raise Invalid(words.fill(n=most), field="days" if days else "until")
    off = {} if holidays else meeting_checks.days_off(session, chosen[0], chosen[-1])
    rooms = availability.venues(session, "room")
    at: dict[str, Any] = {"attendees": attendees, "needs": needs, "setup_minutes": setup_minutes}
    return [_occurrence(session, person, now, room, rooms, _on(period, day), day, off.get(day), at) for day in chosen]


def send(
    session: Session, person: Person, now: datetime, *, room_id: int, period: Period, title: str, attendees: int,
    dates: Sequence[dict[str, Any]], partial: bool = False, **told: Any,
) -> tuple[MeetingSeries, list[Refused]]:  # fmt: skip
    """Book the dates, each `{"date", "room_id"?}` (another room than `room_id`), as one series.

    All of them or none; with `partial` those that can be had, and the refused ones come back with why. Raises NotForYou,
    BookingStopped, Invalid, SomeCollide.
    """
    if not meeting_rooms.can_meet(person):
        raise NotForYou
    misuse.check_may_book(session, person, now)
    most = room_rules.in_force(session, now)["series_dates"]
    days = [each["date"] for each in dates]
    if not days or len(days) > most or len(set(days)) != len(days):
        raise Invalid(
            Words("請選 1 到 {n} 個不同的日期", "Choose 1 to {n} different dates").fill(n=most), field="dates"
        )
    series = MeetingSeries(booked_by_id=person.id, agency_id=person.agency_id, title=title, made_at=now)
    session.add(series)
    session.flush()
    refused, booked = [], 0
    for each in sorted(dates, key=lambda one: one["date"]):
        where = each.get("room_id") or room_id
        try:
            with session.begin_nested():
                meeting_rooms.book(
                    session, person, now, room_id=where, period=_on(period, each["date"]), title=title, attendees=attendees,
                    series_id=series.id, **told,
                )  # fmt: skip
            booked += 1
        except (RoomTaken, Invalid) as problem:
            refused.append(Refused(each["date"], problem.words))
    if refused and (not partial or not booked):
        raise SomeCollide(refused)
    session.refresh(series)
    after = {"booked": booked, "refused": [str(each.day) for each in refused]}
    audit.record(session, person, "meeting_series_booked", f"meeting_series/{series.id}", now, after=after)
    return series, refused


def get(session: Session, person: Person, series_id: int) -> MeetingSeries:
    """The series, for whoever may see its meetings. Raises NotFound."""
    series = session.get(MeetingSeries, series_id)
    if series is None or not series.can_see(person):
        raise NotFound
    return series


def cancel(
    session: Session, person: Person, now: datetime, series_id: int, *, from_: date | None = None
) -> list[Meeting]:
    """Give back every meeting of it that has not begun, from a day on (None: all of them). Raises NotFound, Forbidden, Conflict."""
    series = get(session, person, series_id)
    first = from_ or today(now)
    coming = [
        each
        for each in series.meetings
        if each.released_at is None and each.starts_at > now and local(each.starts_at).date() >= first
    ]
    if not coming:
        raise Conflict(Words("沒有還沒開始的場次了。", "No meeting of it is still to come."))
    if not all(each.can_release(person, now) for each in coming):
        raise Forbidden
    return [meeting_rooms.release(session, person, now, each.id) for each in coming]


def _occurrence(
    session: Session, person: Person, now: datetime, room: Venue, rooms: Iterable[Venue], period: Period, day: date,
    holiday: Words | None, at: dict[str, Any],
) -> Occurrence:  # fmt: skip
    asks = agreements.needed(room, person.agency_id, period)
    try:
        meeting_checks.check(session, room, period, now, **at)
    except Invalid as refused:
        return Occurrence(day, period, False, holiday, asks, refused.words)
    before = timedelta(minutes=at["setup_minutes"])
    after = timedelta(minutes=room_rules.in_force(session, now)["buffer_minutes"])
    whole = Period(period.starts_at - before, period.ends_at + after)
    free = meeting_rooms.free_rooms(session, whole, at["attendees"], now, at["needs"], list(rooms))
    if any(each.id == room.id for each in free):
        return Occurrence(day, period, True, holiday, asks)
    near = [each for each in meeting_rooms.nearest(free, room) if not agreements.needed(each, person.agency_id, period)]
    why = Words("{room}這段時間已有會議", "{room} is taken then").fill(room=room.label)
    return Occurrence(day, period, False, holiday, False, why, near[0] if near else None)


def _on(period: Period, day: date) -> Period:
    """The same clock times on another Taipei day; a meeting over midnight stays one."""
    starts, ends = local(period.starts_at), local(period.ends_at)
    return Period(taipei(day, starts.time()), taipei(day + (ends.date() - starts.date()), ends.time()))
