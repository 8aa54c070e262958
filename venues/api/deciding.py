"""A booking, the venue officer's part: papers asked for, approval, rejection, insurance, payment."""

from typing import Any

from common.web import now
from venues import decisions
from venues.api.door import api, decides
from venues.schemas import given, taken


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
    """Approve: the city's own are confirmed (S-11, S-13), others insure and pay by a deadline (S-12, S-33).

    While papers are missing, `note` says why it is approved all the same.
    """
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
