"""A duty that comes back every week: every date with what is free on it, before anything is sent; then all of them or none.

Each date becomes a trip of its own, with its own number and life. Weekends are left out only where the person does not
tick them; the house has no source of public holidays, so these are struck off by hand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period, local, taipei
from common.words import Words
from fleet import pool, rules, trips
from fleet.conditions import check
from fleet.holding import alone, could_hold
from fleet.models import Series, Trip
from fleet.models.trip import REQUESTING_ROLES
from fleet.plans.dispatch import Ask
from fleet.terms import KINDS

DAYS_SHORT = Words("{month}/{day}（{weekday}）", "{weekday} {month}/{day}")
WEEKDAYS = [
    Words(zh, en) for zh, en in zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True)
]


class Collides(Conflict):
    """On some dates there is no car; nothing was sent. `days` are those."""

    def __init__(self, days: Sequence[date]):
        words = Words(
            "{days} 已經沒有合適的車，整個系列都還沒送出。請改時間或略過這些日期。",
            "No suitable car any more on {days}; nothing was sent. Change or leave out these dates.",
        )
        told = Words("、".join(day_words(day).zh for day in days), ", ".join(day_words(day).en for day in days))
        super().__init__(words.fill(days=told), field="dates")
        self.days = list(days)


@dataclass(frozen=True)
class Occurrence:
    """One date of a series to be: its time, whether a car can be promised, else what could be had instead."""

    day: date
    period: Period
    free: bool
    why_not: Words | None = None
    later: Period | None = None
    other_kind: str | None = None


def day_words(day: date) -> Words:
    return DAYS_SHORT.fill(month=day.month, day=day.day, weekday=WEEKDAYS[day.weekday()])


def dates(first: date, last: date, weekdays: Iterable[int], without: Iterable[date] = ()) -> list[date]:
    """The days from `first` to `last`, both included, that fall on these weekdays (0 is Monday), but those left out."""
    wanted, dropped = set(weekdays), set(without)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() in wanted and day not in dropped]


def preview(
    session: Session,
    person: Person,
    now: datetime,
    *,
    weekdays: Sequence[int],
    last_on: date,
    without: Sequence[date] = (),
    **asked: Any,
) -> list[Occurrence]:
    """Every date with what is free on it. `asked` is the first trip's request; its clock times hold for all dates.

    Changes nothing. Raises Invalid (what would be wrong on every date, no date, too many), Forbidden.
    """
    if not person.has(*REQUESTING_ROLES):
        raise Forbidden
    days = _days(session, now, asked, weekdays, last_on, without)
    out = []
    for day in days:
        mine = asked | _at(asked, day)
        try:
            check(session, now, **mine)
        except Invalid as refused:
            if day == days[0] and any(
                each.field not in ("starts_at", "ends_at", "urgent_reason") for each in refused.errors
            ):
                raise
            out.append(Occurrence(day, _period(mine), False, refused.errors[0].words))
            continue
        out.append(_occurrence(session, now, day, _ask(session, now, mine)))
    return out


def send(
    session: Session,
    person: Person,
    now: datetime,
    *,
    weekdays: Sequence[int],
    last_on: date,
    dates: Sequence[dict[str, Any]],
    **asked: Any,
) -> Series:
    """All the dates as one request, or none of them: each `{"date", "starts_at"?, "ends_at"?, "vehicle_kind"?}` a trip.

    What a date does not say is as in `asked`. Every one is promised a car; raises Collides with the dates on which none
    can be, Invalid, Forbidden.
    """
    if not person.has(*REQUESTING_ROLES):
        raise Forbidden
    if not dates:
        raise Invalid(Words("請至少選一個日期", "Choose at least one date"), field="dates")
    days = [each["date"] for each in dates]
    most = rules.in_force(session, now)["dispatch.series_dates"]
    if len(set(days)) != len(days) or len(days) > most:
        words = Words("日期不能重複，最多 {n} 個", "Dates must differ, {n} at most").fill(n=most)
        raise Invalid(words, field="dates")
    series = Series(
        requester_id=person.id, agency_id=person.agency_id, weekdays=sorted(set(weekdays)), first_on=min(days),
        last_on=max(*days, last_on), created_at=now,
    )  # fmt: skip
    session.add(series)
    session.flush()
    without_car = []
    for each in sorted(dates, key=lambda one: one["date"]):
        told = {name: value for name, value in each.items() if name != "date" and value is not None}
        mine = asked | _at(asked, each["date"]) | told
        if local(mine["starts_at"]).date() != each["date"]:
            words = Words("{day} 的出發時間不在當天", "Departure of {day} is on another day").fill(
                day=day_words(each["date"])
            )
            raise Invalid(words, field="dates")
        try:
            trip = trips.request(session, person, now, series_id=series.id, **mine)
        except Invalid as refused:
            words = Words("{day}：{why}", "{day}: {why}").fill(day=day_words(each["date"]), why=refused.errors[0].words)
            raise Invalid(words, field="dates") from refused
        if not trip.capacity_held:
            without_car.append(each["date"])
    if without_car:
        raise Collides(without_car)
    audit.record(session, person, "series.requested", f"series/{series.id}", now, after={"dates": len(days)})
    return series


def get(session: Session, person: Person, series_id: int) -> Series:
    """The series, for whoever may see its trips. Raises NotFound."""
    series = trips.find(session, Series, series_id)
    if not series.trips or not series.trips[0].can_see(person):
        raise NotFound
    return series


def approve(session: Session, person: Person, now: datetime, series: Series) -> list[Trip]:
    """Approve every date that waits for it. Raises Forbidden, WrongState where none does."""
    return [trips.approve(session, person, now, trip) for trip in _waiting(series, "approve", person)]


def return_(session: Session, person: Person, now: datetime, series: Series, *, reason: str) -> list[Trip]:
    """Send every undecided date back with the reason (V-22)."""
    alone(session)
    return [trips.return_(session, person, now, trip, reason=reason) for trip in _waiting(series, "return", person)]


def cancel(session: Session, person: Person, now: datetime, series: Series, *, reason: str | None = None) -> list[Trip]:
    """Call off every date that has not left yet. For the requester and the own supervisors: dispatch reaches each first (V-35)."""
    if person.id != series.requester_id and not (person.has("supervisor") and person.agency_id == series.agency_id):
        raise Forbidden
    alone(session)
    coming = [trip for trip in _waiting(series, "cancel", person) if trip.starts_at > now]
    return [trips.cancel(session, person, now, trip, reason=reason) for trip in coming]


def _waiting(series: Series, step: str, person: Person) -> list[Trip]:
    found = [trip for trip in series.trips if trip.stands_for(step)]
    (found or series.trips)[0].require(step, person)
    return found


def _days(
    session: Session,
    now: datetime,
    asked: dict[str, Any],
    weekdays: Sequence[int],
    last_on: date,
    without: Sequence[date],
) -> list[date]:
    first = local(asked["starts_at"]).date()
    rule = rules.in_force(session, now)
    if last_on < first:
        raise Invalid(Words("結束日期要在第一趟之後", "The last date must be after the first"), field="last_on")
    if (last_on - first).days > rule["dispatch.max_days_ahead"]:
        words = Words("最多可申請 {n} 天內的用車", "Cars can be asked for {n} days ahead at most")
        raise Invalid(words.fill(n=rule["dispatch.max_days_ahead"]), field="last_on")
    found = dates(first, last_on, weekdays, without)
    if not found:
        raise Invalid(Words("這段期間沒有選到任何日期", "No date of that period falls on these days"), field="weekdays")
    if len(found) > rule["dispatch.series_dates"]:
        words = Words("一次最多 {n} 個日期，請縮短期間", "{n} dates at a time; choose a shorter period")
        raise Invalid(words.fill(n=rule["dispatch.series_dates"]), field="last_on")
    return found


def _at(asked: dict[str, Any], day: date) -> dict[str, datetime]:
    """The same clock times on another day; a trip over midnight stays one."""
    starts, ends = local(asked["starts_at"]), local(asked["ends_at"])
    return {
        "starts_at": taipei(day, starts.time()),
        "ends_at": taipei(day + (ends.date() - starts.date()), ends.time()),
    }


def _period(asked: dict[str, Any]) -> Period:
    return Period(asked["starts_at"], asked["ends_at"])


def _ask(session: Session, now: datetime, asked: dict[str, Any]) -> Ask:
    km = trips.estimate_km(session, asked["destination"], asked.get("round_trip", True), now)
    return Ask(_period(asked), asked["passengers"], km, asked.get("needs_driver", True), asked.get("vehicle_kind"))


def _occurrence(session: Session, now: datetime, day: date, ask: Ask) -> Occurrence:
    if could_hold(session, now, ask):
        return Occurrence(day, ask.period, True)
    start = pool.panel(session, ask, now).next_free
    later = Period(start, start + ask.period.duration) if start else None
    other = None
    if ask.kind and could_hold(session, now, replace(ask, kind=None)):
        smaller = list(KINDS)[: list(KINDS).index(ask.kind)]  # a larger one would have served what was asked for
        other = next((code for code in reversed(smaller) if could_hold(session, now, replace(ask, kind=code))), None)
    why = Words("這一天沒有合適的車", "No suitable car on this day")
    return Occurrence(day, ask.period, False, why, later, other)
