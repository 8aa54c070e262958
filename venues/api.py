"""Doors for programs: venues, free slots, quotes, bookings, equipment and meeting rooms as JSON."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import selectinload

from common.errors import Invalid
from common.period import Period, today
from common.schemas import page_of
from common.web import Api, has_role, now, paged, signed_in
from common.words import Words
from venues import availability, bookings, cancellations, decisions, equipment, meeting_rooms
from venues.models import APPLIES, DECIDES, Booking, Meeting
from venues.schemas import given, taken

api = Api("venues")

decides = has_role(*DECIDES)
applies = has_role(*APPLIES)


# ── Places ────────────────────────────────────────────────────────────────────


@api.get("/venues", "listVenues", query=taken.VenueQuery, gives=given.VenuesOut, allows=signed_in)
def list_venues(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Halls, grounds and their parts, meeting rooms (S-02, M-01)."""
    return {"items": [_venue(each) for each in availability.venues(session, query["kind"])], "next": None}


@api.get("/venues/<int:venue_id>", "getVenue", gives=given.VenueDetailOut, allows=signed_in)
def get_venue(session: Any, person: Any, venue_id: int) -> Any:
    """One venue, the tariff in force and the days that may be applied for today (S-03…S-11)."""
    place = availability.venue(session, venue_id)
    told = _venue(place) | {"tariff_version": None, "rates": [], "first_day": None, "last_day": None}
    if place.by_slots:
        row = availability.tariff_row(session, place, today(now()))
        first, last = availability.window(place, now())
        told |= {"tariff_version": row.version, "first_day": first, "last_day": last}
        told["rates"] = [asdict(rate) for rate in row.tariff.rates]
    return told


@api.get("/free-slots", "findFreeSlots", query=taken.FreeSlotsQuery, gives=given.FreeSlotsOut, allows=signed_in)
def find_free_slots(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The slots nobody has and that may be applied for today (S-03, S-10)."""
    place = availability.venue(session, query["venue_id"], by_slots=True)
    states = availability.slot_states(session, place, query["from_"], query["until"], now())
    items = [
        {"date": each.date, "slot": each.slot.code, "starts_at": each.period.starts_at, "ends_at": each.period.ends_at}
        for each in states
        if each.state == availability.FREE
    ]
    return {"items": items, "next": None}


@api.get("/equipment", "listEquipment", query=taken.EquipmentQuery, gives=given.EquipmentListOut, allows=signed_in)
def list_equipment(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Movable stages, sound and light sets, and how many are free (S-19)."""
    if (query["starts_at"] is None) != (query["ends_at"] is None):
        words = Words("開始和結束時間要一起給", "Give both the start and the end")
        raise Invalid(words, field="ends_at" if query["ends_at"] is None else "starts_at")
    periods = [Period(query["starts_at"], query["ends_at"])] if query["starts_at"] else []
    items = []
    for kind, free in equipment.stock(session, periods, now()):
        named = {"kind": kind.code, "name": kind.name, "name_en": kind.name_en, "units": kind.units, "free": free}
        items.append(named | {"most": kind.most, "watts": kind.watts, "saves": kind.saves})
    return {"items": items, "next": None}


# ── Bookings: the applicant's part ────────────────────────────────────────────


@api.post("/quotes", "quoteBooking", takes=taken.QuoteIn, gives=given.QuoteOut, allows=signed_in)
def quote_booking(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """What slots would cost, line by line with the rule behind each line (S-04…S-07, S-13). Takes nothing."""
    wanted = bookings.wish(session, person, now(), **data, what_if=True)
    return {
        "venue_id": wanted.venue.id,
        "applicant_class": wanted.applicant_class,
        "lines": [line.to_data() for line in wanted.quote.lines],
        "fee": wanted.quote.fee,
        "deposit": wanted.quote.deposit,
        "total": wanted.quote.total,
        "tariff_version": wanted.quote.tariff_version,
        "available": bookings.available(session, wanted, now()),
    }


@api.post(
    "/bookings", "applyForBooking", takes=taken.ApplyForBooking, gives=given.BookingOut, status=201, allows=applies
)
def apply_for_booking(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Apply for slots; they are held until the decision and the quote is frozen (S-09, S-10, S-12)."""
    return bookings.apply(session, person, now(), **data)


@api.get("/bookings", "listBookings", query=taken.BookingQuery, gives=page_of(given.BookingOut), allows=signed_in)
def list_bookings(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The bookings this person may see, newest first."""
    found = bookings.visible(person).options(selectinload(Booking.equipment), selectinload(Booking.tariff_row))
    if query["status"]:
        found = found.where(Booking.status == query["status"])
    if query["venue_id"]:
        found = found.where(Booking.venue_id == query["venue_id"])
    return paged(session, found, query, Booking.id)


@api.get("/bookings/<int:booking_id>", "getBooking", gives=given.BookingOut, allows=signed_in)
def get_booking(session: Any, person: Any, booking_id: int) -> Any:
    """One booking."""
    return bookings.find(session, person, booking_id)


@api.post(
    "/bookings/<int:booking_id>/supplement", "sendSupplement", takes=taken.SendSupplement, gives=given.BookingOut,
    allows=applies,
)  # fmt: skip
def send_supplement(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Send the papers that were asked for."""
    return bookings.supplement(session, person, now(), booking_id, **data)


@api.get(
    "/bookings/<int:booking_id>/refund", "quoteRefund", query=taken.RefundQuery, gives=given.RefundOut,
    allows=signed_in,
)  # fmt: skip
def quote_refund(session: Any, person: Any, booking_id: int, query: dict[str, Any]) -> Any:
    """What cancelling at this moment would return, line by line (S-36, S-37; sample values)."""
    booking = bookings.find(session, person, booking_id)
    returned = cancellations.quote_refund(booking, now(), query["cause"])
    sums = {"fee": returned.fee, "deposit": returned.deposit, "total": returned.total}
    told = {"percent": returned.percent, "days_before": returned.days_before}
    return {"lines": [line.to_data() for line in returned.lines], **told, **sums}


@api.post(
    "/bookings/<int:booking_id>/cancel",
    "cancelBooking",
    takes=taken.Cancel,
    gives=given.BookingOut,
    allows=signed_in,
)
def cancel_booking(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Cancel; what `quoteRefund` says is returned."""
    return cancellations.cancel(session, person, now(), booking_id, **data)


# ── Bookings: the officer's part ──────────────────────────────────────────────


@api.post(
    "/bookings/<int:booking_id>/supplement-request", "askForSupplement", takes=taken.AskForSupplement,
    gives=given.BookingOut, allows=decides,
)  # fmt: skip
def ask_for_supplement(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Ask for missing papers, due on a day; the slots stay held (S-31)."""
    return decisions.ask_for_supplement(session, person, now(), booking_id, **data)


@api.post(
    "/bookings/<int:booking_id>/approve",
    "approveBooking",
    takes=taken.Approve,
    gives=given.BookingOut,
    allows=decides,
)
def approve_booking(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Approve: the city's own are confirmed (S-11, S-13), others insure and pay by a deadline (S-12, S-33)."""
    return decisions.approve(session, person, now(), booking_id, **data)


@api.post(
    "/bookings/<int:booking_id>/reject", "rejectBooking", takes=taken.Reject, gives=given.BookingOut, allows=decides
)
def reject_booking(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Reject for a reason; the slots are free again."""
    return decisions.reject(session, person, now(), booking_id, **data)


@api.post(
    "/bookings/<int:booking_id>/insurance", "recordInsurance", takes=taken.RecordInsurance, gives=given.BookingOut,
    allows=decides,
)  # fmt: skip
def record_insurance(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Record the public liability policy (S-12)."""
    return decisions.record_insurance(session, person, now(), booking_id, **data)


@api.post(
    "/bookings/<int:booking_id>/payment", "recordPayment", takes=taken.RecordPayment, gives=given.BookingOut,
    allows=decides,
)  # fmt: skip
def record_payment(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Record fee and deposit under a receipt; the booking is confirmed."""
    return decisions.record_payment(session, person, now(), booking_id, **data)


# ── Meeting rooms ─────────────────────────────────────────────────────────────


@api.post("/meetings", "bookMeetingRoom", takes=taken.BookMeeting, gives=given.MeetingOut, status=201, allows=signed_in)
def book_meeting_room(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Take a meeting room at once, first come first served (M-02)."""
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    return meeting_rooms.book(session, person, now(), period=period, **data)


@api.get("/meetings", "listMeetings", query=taken.MeetingQuery, gives=page_of(given.MeetingOut), allows=signed_in)
def list_meetings(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The meetings this person may see, newest first."""
    found = meeting_rooms.visible(person)
    if query["venue_id"]:
        found = found.where(Meeting.room_id == query["venue_id"])
    return paged(session, found, query, Meeting.id)


@api.post(
    "/meetings/<int:meeting_id>/release", "releaseMeetingRoom", takes=taken.Release, gives=given.MeetingOut,
    allows=signed_in,
)  # fmt: skip
def release_meeting_room(session: Any, person: Any, meeting_id: int, data: dict[str, Any]) -> Any:
    """Give a room back at once (M-05)."""
    return meeting_rooms.release(session, person, now(), meeting_id, **data)


def _venue(place: Any) -> dict[str, Any]:
    shape = {name: getattr(place, name) for name in _COLUMNS}
    return shape | {"part_ids": [part.id for part in place.parts], "slot_rows": place.slot_rows}


_COLUMNS = (
    "id", "code", "kind", "name", "name_en", "place", "place_en", "about", "about_en", "area_m2", "max_people", "max_days",
    "opens_months", "closes_days", "whole_id", "features", "sample",
)  # fmt: skip
