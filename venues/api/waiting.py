"""Waiting lists and series of dates."""

from typing import Any

from common.schemas import page_of
from common.web import now, paged, signed_in
from venues import booking_series, waiting
from venues.api.door import api, applies
from venues.models import WaitingEntry
from venues.schemas import given
from venues.schemas import waiting as shapes


@api.post(
    "/waiting", "joinWaitingList", takes=shapes.JoinWaitingList, gives=shapes.WaitingOut, status=201, allows=applies
)
def join_waiting_list(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Wait for slots that somebody has; what becomes free is offered in order, with a deadline."""
    return waiting.join(session, person, now(), **data)


@api.get("/waiting", "listWaiting", query=shapes.WaitingQuery, gives=page_of(shapes.WaitingOut), allows=signed_in)
def list_waiting(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The entries this person may see, newest first."""
    found = waiting.visible(person)
    if query["state"]:
        found = found.where(WaitingEntry.state == query["state"])
    if query["venue_id"]:
        found = found.where(WaitingEntry.venue_id == query["venue_id"])
    return paged(session, found, query, WaitingEntry.id)


@api.post(
    "/waiting/<int:entry_id>/accept",
    "acceptSlotOffer",
    takes=shapes.TakeUp,
    gives=given.BookingOut,
    allows=applies,
)
def accept_slot_offer(session: Any, person: Any, entry_id: int, data: dict[str, Any]) -> Any:
    """Take an offer up: the application that waited is sent, with the limits of use undertaken (S-14, S-15)."""
    return waiting.accept(session, person, now(), entry_id, **data)


@api.post(
    "/waiting/<int:entry_id>/withdraw", "leaveWaitingList", takes=shapes.WaitingStep, gives=shapes.WaitingOut,
    allows=applies,
)  # fmt: skip
def leave_waiting_list(session: Any, person: Any, entry_id: int, data: dict[str, Any]) -> Any:
    """Stop waiting, or decline an offer; the next is offered it."""
    return waiting.withdraw(session, person, now(), entry_id, **data)


@api.post("/series/preview", "previewSeries", takes=shapes.PreviewSeries, gives=shapes.OccurrencesOut, allows=applies)
def preview_series(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Every date with what stands in its way and the nearest days instead. Takes nothing."""
    days, codes = data.pop("dates"), data.pop("slots")
    found = booking_series.preview(session, person, now(), days=days, slot_codes=codes, **data)
    items = [
        {"day": each.day, "free": each.free, "why_not": each.why_not and each.why_not.zh, "instead": each.instead}
        for each in found
    ]
    return {"items": items, "next": None}


@api.post("/series", "applyForSeries", takes=shapes.SeriesIn, gives=shapes.SeriesOut, status=201, allows=applies)
def apply_for_series(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Apply for every date at once: all of them, or with `free_only` those that can be had."""
    days, codes = data.pop("dates"), data.pop("slots")
    return booking_series.apply(session, person, now(), days=days, slot_codes=codes, **data)


@api.get("/series/<int:series_id>", "getSeries", gives=shapes.SeriesOut, allows=signed_in)
def get_series(session: Any, person: Any, series_id: int) -> Any:
    """A series with its bookings."""
    return booking_series.find(session, person, series_id)


@api.post(
    "/series/<int:series_id>/cancel", "cancelSeries", takes=shapes.CancelSeries, gives=shapes.SeriesOut, allows=applies
)
def cancel_series(session: Any, person: Any, series_id: int, data: dict[str, Any]) -> Any:
    """Cancel what is still to come, each date with its own refund."""
    booking_series.cancel(session, person, now(), series_id, **data)
    return booking_series.find(session, person, series_id)
