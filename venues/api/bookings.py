"""A booking, the applicant's part: what it would cost, applying, following it, papers, cancelling."""

from typing import Any

from sqlalchemy.orm import selectinload

from common.schemas import page_of
from common.web import now, paged, signed_in
from venues import bookings, cancellations
from venues.api.door import api, applies
from venues.models import Booking
from venues.schemas import given, taken


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
    if query["overdue"]:
        found = found.where(bookings.overdue(now()))
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
