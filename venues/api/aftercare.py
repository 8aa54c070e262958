"""The end of a booking: use, inspection, deposit, refund, papers, breaches."""

from typing import Any

from flask import current_app

from common.schemas import page_of
from common.uploads import Store
from common.web import has_role, now, paged, signed_in
from venues import aftercare, breaches, money, papers
from venues.api.door import api, decides
from venues.bookings import find
from venues.models import SEES_ALL, Breach
from venues.schemas import aftercare as shapes
from venues.schemas import given

oversees = has_role(*SEES_ALL)


@api.post(
    "/bookings/<int:booking_id>/start", "startBooking", takes=shapes.StartUse, gives=given.BookingOut, allows=decides
)
def start_booking(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Open a venue on its day; the clock does it otherwise."""
    return aftercare.start(session, person, now(), booking_id, **data)


@api.post(
    "/bookings/<int:booking_id>/inspect", "inspectBooking", takes=shapes.Inspect, gives=shapes.InspectionOut,
    allows=decides,
)  # fmt: skip
def inspect_booking(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Record how the venue was found: in order, or damages kept from the deposit; what goes beyond is claimed (S-36)."""
    return _told(aftercare.inspect(session, person, now(), booking_id, **data))


@api.get(
    "/bookings/<int:booking_id>/inspection", "getInspection", gives=shapes.InspectionOut, allows=signed_in
)  # fmt: skip
def get_inspection(session: Any, person: Any, booking_id: int) -> Any:
    """How the venue was found."""
    return _told(aftercare.inspected(session, find(session, person, booking_id)))


@api.post(
    "/bookings/<int:booking_id>/return-deposit", "returnDeposit", takes=shapes.PayBack, gives=given.BookingOut,
    allows=decides,
)  # fmt: skip
def return_deposit(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Pay the deposit, or what is left of it, back to the account the applicant gave; closes the booking (S-36)."""
    return aftercare.return_deposit(session, person, now(), booking_id, **data)


@api.post(
    "/bookings/<int:booking_id>/pay-refund", "payRefund", takes=shapes.PayBack, gives=given.BookingOut, allows=decides
)
def pay_refund(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Pay out what a cancelled or suspended booking returns."""
    return aftercare.pay_refund(session, person, now(), booking_id, **data)


@api.post(
    "/bookings/<int:booking_id>/pay-claim", "payClaim", takes=shapes.PayClaim, gives=given.BookingOut, allows=decides
)
def pay_claim(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Record that what was claimed beyond the deposit came in."""
    return aftercare.pay_claim(session, person, now(), booking_id, **data)


@api.post(
    "/bookings/<int:booking_id>/account", "giveRefundAccount", takes=shapes.GiveAccount, gives=shapes.RefundAccountOut,
    allows=signed_in,
)  # fmt: skip
def give_refund_account(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Say where the deposit and refunds go back to."""
    return aftercare.give_account(session, person, now(), booking_id, **data)


@api.get("/bookings/<int:booking_id>/papers", "listPapers", gives=shapes.ChecklistOut, allows=signed_in)
def list_papers(session: Any, person: Any, booking_id: int) -> Any:
    """Which papers a booking needs and which were sent in (S-12, S-15, S-31)."""
    return {"items": papers.checklist(session, find(session, person, booking_id)), "next": None}


@api.post(
    "/bookings/<int:booking_id>/papers", "sendPaper", takes=shapes.SendPaper, gives=shapes.PaperOut, status=201,
    allows=signed_in,
)  # fmt: skip
def send_paper(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Send a paper in, or a photo of damage; its type is judged by its content, never by its name (S-12, S-36)."""
    store = Store(current_app.config["SETTINGS"].uploads_dir)
    told = {"kind": data["kind"], "filename": data["filename"], "content": data["file"]}
    return papers.add(session, person, now(), booking_id, store, **told)


@api.post(
    "/bookings/<int:booking_id>/breach", "recordBreach", takes=shapes.RecordBreach, gives=shapes.BreachOut,
    status=201, allows=decides,
)  # fmt: skip
def record_breach(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Record a breach: the permit is withdrawn and the body barred from applying for a time (S-39)."""
    return breaches.record(session, person, now(), booking_id, **data)


@api.get("/bars", "listBars", query=shapes.BarQuery, gives=page_of(shapes.BreachOut), allows=signed_in)
def list_bars(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Breaches and their bars, newest first: all, or those of the own body."""
    found = breaches.visible(person)
    return paged(session, breaches.in_force(found, now()) if query["barred"] else found, query, Breach.id)


@api.post("/bars/<int:breach_id>/lift", "liftBar", takes=shapes.WithReason, gives=shapes.BreachOut, allows=decides)
def lift_bar(session: Any, person: Any, breach_id: int, data: dict[str, Any]) -> Any:
    """Let a barred body apply again before its time."""
    return breaches.lift(session, person, now(), breach_id, **data)


def _told(made: Any) -> dict[str, Any]:
    names = (
        "id",
        "booking_id",
        "result",
        "at",
        "by_name",
        "present",
        "note",
        "damages",
        "deducted",
        "claimed",
        "return_by",
    )
    return {name: getattr(made, name) for name in names} | {"to_return": money.to_return(made.booking)}
