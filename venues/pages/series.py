"""Several dates of one event: look at every date first, then send all of them or the free ones; a series as a whole."""

from datetime import date
from typing import Any

from flask import request

from common.errors import Invalid
from common.period import today
from common.schemas import load_form
from common.web import Pages, flash, form_data, has_role, now, redirect_to, render, signed_in
from common.words import Words
from venues import availability, booking_series, vocabulary
from venues.models import APPLIES, Venue
from venues.schemas import waiting as shapes

pages = Pages("series")

applies = has_role(*APPLIES)


@pages.get("/<int:venue_id>/series", allows=applies)
def show_dates(session: Any, person: Any, venue_id: int) -> Any:
    """The pattern, and once it is given every date with what stands in its way and the nearest days instead."""
    place = availability.venue(session, venue_id, by_slots=True)
    slots = _slots(place)
    days, wrong = _days()
    found = []
    if days and slots:
        try:
            found = booking_series.preview(session, person, now(), venue_id=place.id, days=days, slot_codes=slots)
        except Invalid as problem:
            wrong = problem.errors[0].words
    rules, mine = availability.rules_of(session, place, today(now())), place.class_of(person) or ""
    first, last = availability.window(place, now(), rules, mine)
    ticked = set(request.values.getlist("dates")) or {str(each.day) for each in found if each.free}
    page = render(
        "venues/series_dates.html",
        place=place,
        found=found,
        ticked=ticked,
        slots=slots,
        typed={name: request.values.get(name) for name in ("first", "weeks", "until")},
        wrong=wrong,
        first=first,
        last=last if last < date.max else None,
        kinds=vocabulary.EVENT_KINDS,
        today=today(now()),
    )
    page.status_code = 422 if wrong else page.status_code
    return page


@pages.post("/<int:venue_id>/series", allows=applies, again=show_dates)
def send(session: Any, person: Any, venue_id: int) -> Any:
    """Apply for the ticked dates."""
    place = availability.venue(session, venue_id, by_slots=True)
    event = form_data(shapes.SeriesForm)
    chosen = [day for day in map(_date, request.form.getlist("dates")) if day]
    made = booking_series.apply(
        session, person, now(), venue_id=place.id, days=chosen, slot_codes=_slots(place), **event
    )
    flash(Words("已送出 {n} 個日期。", "Sent {n} dates.").fill(n=len(made.bookings)))
    return redirect_to(".show_series", series_id=made.id)


@pages.get("/series/<int:series_id>", allows=signed_in)
def show_series(session: Any, person: Any, series_id: int) -> Any:
    """A series: each date with its state, and what can be done with all of them."""
    series = booking_series.find(session, person, series_id)
    return render(
        "venues/series.html",
        series=series,
        coming=booking_series.coming(series, person, now()) if series.is_of(person) else [],
        words=vocabulary,
    )


@pages.post("/series/<int:series_id>/cancel", allows=applies, again=show_series)
def cancel(session: Any, person: Any, series_id: int) -> Any:
    """Cancel what is still to come."""
    gone = booking_series.cancel(session, person, now(), series_id, **form_data(shapes.CancelSeries))
    flash(Words("已取消 {n} 個日期。", "Cancelled {n} dates.").fill(n=len(gone)))
    return redirect_to(".show_series", series_id=series_id)


def _slots(place: Venue) -> list[str]:
    return [slot.code for slot in place.plan if slot.code in request.values.getlist("slot")]


def _days() -> tuple[list[date], Words | None]:
    """The dates of the pattern the address gives; what is wrong with it, if anything is."""
    if not request.values.get("first"):
        return [], None
    try:
        given = load_form(shapes.SeriesPattern, request.values)
        return booking_series.repeated(given["first"], given["weeks"], given["until"]), None
    except Invalid as problem:
        return [], problem.errors[0].words


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
