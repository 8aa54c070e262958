"""Waiting lists: joining with the whole application, one's place in line, taking an offer up or leaving."""

from typing import Any

from flask import request

from common.schemas import load_form
from common.web import flash, form_data, has_role, now, paged, redirect_to, render, signed_in
from common.words import Words
from venues import availability, bookings, papers, vocabulary, waiting
from venues.models import APPLIES, WaitingEntry
from venues.pages.door import desk_pages
from venues.pages.halls import WISH, carried, wanted_in_address, what_is_needed
from venues.schemas import taken

pages = desk_pages("waiting")

applies = has_role(*APPLIES)


@pages.get("/<int:venue_id>/wait", allows=applies)
def show_wait(session: Any, person: Any, venue_id: int) -> Any:
    """The slots one would wait for, and the event."""
    place = availability.venue(session, venue_id, by_slots=True)
    wanted = bookings.wish(session, person, now(), **wanted_in_address(place))
    return render(
        "venues/wait.html",
        place=place,
        wanted=wanted,
        kinds=vocabulary.EVENT_KINDS,
        carried=carried(WISH),
        typed={name: request.values.get(name) for name in ("event_name", "event_kind", "attendees", "event_plan")},
        **what_is_needed(wanted, charity_sale=False),
    )


@pages.post("/<int:venue_id>/wait", allows=applies, again=show_wait)
def join(session: Any, person: Any, venue_id: int) -> Any:
    """Get in line, undertaking the limits shown (S-14, S-15)."""
    place = availability.venue(session, venue_id, by_slots=True)
    event = load_form(taken.EventForm, request.form)
    waiting.join(session, person, now(), **wanted_in_address(place), **event, undertakes=True)
    flash(Words("已列入候補，輪到時會通知你。", "You are in line and will be told when it is your turn."))
    return redirect_to(".show_waiting")


@pages.get("/waiting", allows=signed_in)
def show_waiting(session: Any, person: Any) -> Any:
    """The entries this person may see, newest first, each with its place in line."""
    text = request.args.get("cursor", "")
    query = {"cursor": text if text.isdecimal() else None, "limit": 30}
    page = paged(session, waiting.visible(person), query, WaitingEntry.id)
    places = {entry.id: waiting.place_in_line(session, entry) for entry in page["items"] if entry.alive}
    return render(
        "venues/waiting.html",
        page=page,
        places=places,
        now=now(),
        limits_of=papers.sound_limits,
        prohibited=papers.PROHIBITED,
    )


@pages.post("/waiting/<int:entry_id>/accept", allows=applies, again=lambda *args, **_: show_waiting(*args))
def accept(session: Any, person: Any, entry_id: int) -> Any:
    """Take an offer up, undertaking the limits shown (S-14, S-15)."""
    booking = waiting.accept(session, person, now(), entry_id, undertakes=True, **form_data(taken.WithRev))
    flash(Words("已送出申請，檔期替你保留。", "Your application is sent; the slots are held."))
    return redirect_to("bookings.show_booking", booking_id=booking.id)


@pages.post("/waiting/<int:entry_id>/withdraw", allows=applies, again=lambda *args, **_: show_waiting(*args))
def withdraw(session: Any, person: Any, entry_id: int) -> Any:
    """Leave the line."""
    waiting.withdraw(session, person, now(), entry_id, **form_data(taken.WithRev))
    flash(Words("已放棄候補。", "You are no longer in line."))
    return redirect_to(".show_waiting")
