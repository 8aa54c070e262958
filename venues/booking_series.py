"""Several dates of one event: every date with what stands in its way and the nearest instead, before anything is sent.

Then all dates or none; where the applicant says so, those that are free. Each date becomes a booking of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from common.identity import Person
from common.period import today
from common.roc import day_words
from common.words import Words
from venues import availability, bookings, cancellations, day_limits
from venues.models import APPLIES, Booking, BookingSeries, Venue
from venues.slots import Chosen
from venues.tariffs import Applying
from venues.tariffs.applying import too_many

MOST_DATES = 60
LOOK_AROUND = 14  # days before and after a date in which another is looked for
ALTERNATIVES = 3


class Collides(Conflict):
    """On some dates the slots cannot be had; nothing was sent. `days` are those, `why` what is wrong with the first."""

    def __init__(self, days: Sequence[date], why: Words):
        words = Words(
            "{days}的時段已經不能申請，整個系列都還沒送出。請改日期，或勾選「只送可租的日期」。",
            "The slots on {days} cannot be had any more; nothing was sent. Change these dates, or send the free dates only.",
        )
        told = [day_words(day) for day in days]
        said = Words("、".join(each.zh for each in told), ", ".join(each.en for each in told))
        head = words.fill(days=said)
        super().__init__(Words(head.zh + why.zh, f"{head.en} {why.en}"), field="dates")
        self.days = list(days)


@dataclass(frozen=True)
class Occurrence:
    """One date of a series to be: whether it can be had, why not, and the nearest days on which the same slots are free."""

    day: date
    free: bool
    why_not: Words | None = None
    instead: tuple[date, ...] = ()


def find(session: Session, person: Person, series_id: int) -> BookingSeries:
    """The series, if this person may know of it. Raises NotFound."""
    series = session.get(BookingSeries, series_id)
    if series is None or not series.can_see(person):
        raise NotFound
    return series


def repeated(first: date, weeks: int, until: date) -> list[date]:
    """`first` and every `weeks`-th week after it up to and with `until`, at most MOST_DATES. Raises Invalid (`until`)."""
    if until < first:
        raise Invalid(Words("結束日要在第一天之後", "The last day must not be before the first"), field="until")
    days = [first + timedelta(weeks=weeks * step) for step in range(MOST_DATES + 1)]
    days = [day for day in days if day <= until]
    if len(days) > MOST_DATES:
        words = Words("一次最多 {n} 個日期", "{n} dates at most at one time").fill(n=MOST_DATES)
        raise Invalid(words, field="until")
    return days


def preview(
    session: Session, person: Person | None, now: datetime, *, venue_id: int, days: Iterable[date],
    slot_codes: Sequence[str], overtime_minutes: int = 0, equipment: dict[str, int] | None = None,
) -> list[Occurrence]:  # fmt: skip
    """Each date with what stands in its way: also the days a month that are left (S-31). Takes nothing.

    Raises Invalid for slots this venue does not have, or for dates too far apart (field `dates`, S-41).
    """
    place = availability.venue(session, venue_id, by_slots=True)
    told = {"overtime_minutes": overtime_minutes, "equipment": equipment or {}}
    asked = sorted(set(days))[:MOST_DATES]
    rules = availability.rules_of(session, place, today(now))
    _check_span(place, rules, asked)
    body = person.agency_id if person else None
    had: set[date] = day_limits.days_had(session, place, body, asked) if body and asked else set()

    @cache  # the nearest days of sixty dates are mostly the same ones
    def why_not(day: date) -> Words | None:
        chosen = [Chosen(day, code) for code in slot_codes]
        wanted = bookings.wish(session, person, now, venue_id=place.id, slots=chosen, what_if=True, **told)  # type: ignore[arg-type]
        try:
            bookings.check_window(wanted, now)
            bookings.check_free(session, wanted, now)
        except Problem as problem:
            return problem.errors[0].words if problem.errors else problem.words
        return None

    def wrong_with(day: date) -> Words | None:
        return why_not(day) or too_many(rules, place.label, had, [day])

    out: list[Occurrence] = []
    given = set(asked)
    for day in asked:
        wrong = wrong_with(day)
        instead = _nearest(place, day, given, now, wrong_with) if wrong else ()
        given.update(instead[:1])
        had |= set() if wrong else {day}
        out.append(Occurrence(day, wrong is None, wrong, instead))
    return out


def apply(
    session: Session, person: Person, now: datetime, *, venue_id: int, days: Iterable[date], slot_codes: Sequence[str],
    free_only: bool = False, **event: Any,
) -> BookingSeries:  # fmt: skip
    """Apply for every date at once: all of them, or with `free_only` those that can be had; what is left out is kept.

    `event` as `bookings.apply` takes it. Raises what that raises; Collides; Invalid (field `dates`) for none, or too far apart (S-41).
    """
    if not person.has(*APPLIES):
        raise bookings.NotEligible
    asked = sorted(set(days))
    if not asked or len(asked) > MOST_DATES:
        words = Words("請選 1 到 {n} 個日期", "Choose 1 to {n} dates").fill(n=MOST_DATES)
        raise Invalid(words, field="dates")
    place = availability.venue(session, venue_id, by_slots=True)
    _check_span(place, availability.rules_of(session, place, today(now)), asked)
    made: list[Booking] = []
    left_out: list[date] = []
    why = Words("", "")
    for day in asked:
        chosen = [Chosen(day, code) for code in slot_codes]
        try:
            with session.begin_nested():
                made.append(bookings.apply(session, person, now, venue_id=place.id, slots=chosen, **event))
        except (Conflict, Invalid) as problem:
            if isinstance(problem, Invalid) and not all(error.field == "slots" for error in problem.errors):
                raise
            why = why if left_out else problem.errors[0].words if problem.errors else problem.words
            left_out.append(day)
    if left_out and (not free_only or not made):
        raise Collides(left_out, why)
    series = BookingSeries(
        venue=place,
        person_id=person.id,
        agency_id=person.agency_id,
        made_at=now,
        left_out=[str(day) for day in left_out],
    )
    series.bookings = made
    session.add(series)
    session.flush()
    after = {"bookings": [booking.id for booking in made], "left_out": series.left_out}
    audit.record(session, person, "booking_series_sent", f"series/{series.id}", now, after=after)
    return series


def coming(series: BookingSeries, person: Person, now: datetime) -> list[Booking]:
    """Its bookings that this person may still cancel."""
    return [booking for booking in series.bookings if booking.can_cancel(person, now)]


def cancel(session: Session, person: Person, now: datetime, series_id: int, *, reason: str = "") -> list[Booking]:
    """Cancel what is still to come, each with its own refund. Raises NotFound, Forbidden, Conflict when nothing is left."""
    series = find(session, person, series_id)
    if not series.is_of(person):
        raise Forbidden
    left = coming(series, person, now)
    if not left:
        raise Conflict(Words("沒有可以取消的場次了。", "Nothing is left to cancel."))
    return [cancellations.cancel(session, person, now, booking.id, reason=reason) for booking in left]


def _check_span(place: Venue, rules: Applying, days: Sequence[date]) -> None:
    """Raises Invalid (field `dates`) for dates that span more months than the hall's rule allows at one time (S-41)."""
    last = rules.series_until(days[0]) if days else None
    if last is None or days[-1] <= last:
        return
    limit = rules.series_months
    words = Words(
        "{place}一次最多申請 {n} 個月（{rule}）：從 {first}起，最後一個日期最晚 {last}。",
        "{place}: {n} month(s) at most at one time ({rule}). From {first}, the last date may be {last}.",
    )
    told = {"first": day_words(days[0], year=True), "last": day_words(last, year=True)}
    raise Invalid(words.fill(place=place.label, n=limit.n, rule=limit.rule, **told), field="dates")


def _nearest(place: Venue, day: date, given: set[date], now: datetime, why_not: Any) -> tuple[date, ...]:
    """The nearest other days, earlier before later at the same distance, on which the same slots are free."""
    found: list[date] = []
    for distance in range(1, LOOK_AROUND + 1):
        for other in (day - timedelta(days=distance), day + timedelta(days=distance)):
            if other > today(now) and other not in given and why_not(other) is None:
                found.append(other)
                if len(found) == ALTERNATIVES:
                    return tuple(found)
    return tuple(found)
