"""Breaches, for people: recording one with what it leads to shown first, the list, lifting a bar."""

from typing import Any

from flask import request

from common.errors import NotFound
from common.period import today
from common.web import flash, form_data, now, paged, redirect_to, render
from common.words import Words
from venues import bookings, breaches, parameters, vocabulary
from venues.models import DECIDES, Breach
from venues.pages.door import decides, desk_pages, oversees
from venues.schemas import aftercare as shapes

pages = desk_pages("breaches")


@pages.get("/bookings/<int:booking_id>/breach", allows=decides)
def ask_breach(session: Any, person: Any, booking_id: int) -> Any:
    """What happened, and what recording it leads to."""
    booking = bookings.find(session, person, booking_id)
    if not breaches.can_record(booking, person) or breaches.of_booking(session, booking):
        return redirect_to("bookings.show_booking", booking_id=booking.id)
    withdrawn = booking.status in breaches.WITHDRAWN and now() < booking.starts_at
    return render(
        "venues/breach.html", booking=booking, kinds=vocabulary.BREACHES, until=breaches.barred_until(session, now()),
        months=parameters.in_force(session, parameters.BAN_MONTHS, today(now())),
        refund=breaches.refund_of(booking) if withdrawn else None,
    )  # fmt: skip


@pages.post("/bookings/<int:booking_id>/breach", allows=decides, again=ask_breach)
def record(session: Any, person: Any, booking_id: int) -> Any:
    """Record it."""
    made = breaches.record(session, person, now(), booking_id, **form_data(shapes.RecordBreach))
    said = Words("已登記違規；{day} 前不得申請。", "The breach is recorded; barred until {day}.")
    flash(said.fill(day=made.barred_until), "warn")
    return redirect_to("bookings.show_booking", booking_id=booking_id)


@pages.get("/bars", allows=oversees)
def list_bars(session: Any, person: Any) -> Any:
    """All breaches with their bars, newest first."""
    cursor = request.args.get("cursor", "")
    page = paged(
        session, breaches.visible(person), {"cursor": cursor if cursor.isdecimal() else None, "limit": 30}, Breach.id
    )
    return render(
        "venues/bars.html", page=page, kinds=vocabulary.BREACHES, day=today(now()), keeper=person.has(*DECIDES)
    )


@pages.get("/bars/<int:breach_id>", allows=oversees)
def show_bar(session: Any, person: Any, breach_id: int) -> Any:
    """One breach, and the form that lifts its bar."""
    breach = session.get(Breach, breach_id)
    if breach is None:
        raise NotFound
    return render(
        "venues/bar.html", breach=breach, kinds=vocabulary.BREACHES, day=today(now()), keeper=person.has(*DECIDES)
    )


@pages.post("/bars/<int:breach_id>/lift", allows=decides, again=show_bar)
def lift(session: Any, person: Any, breach_id: int) -> Any:
    """Lift a bar."""
    breaches.lift(session, person, now(), breach_id, **form_data(shapes.WithReason))
    flash(Words("已解除，申請單位可以再申請。", "Lifted; the body may apply again."))
    return redirect_to(".list_bars")
