"""Equipment on its way, damage and repair, another wish, savings, and the dated figures."""

from typing import Any

from common.period import Period
from common.roc import HalfYear
from common.web import has_role, now, signed_in
from venues import equipment_changes, figures, pieces, savings
from venues.api.door import api, decides
from venues.models import SEES_ALL
from venues.schemas import equipment as shapes
from venues.schemas.given import BookingOut

oversees = has_role(*SEES_ALL)


@api.get(
    "/equipment-day", "listEquipmentDay", query=shapes.EquipmentDayQuery, gives=shapes.EquipmentDayOut, allows=oversees
)
def list_equipment_day(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Which pieces go out and come back on a day, and which are late (V3)."""
    items = [
        {
            "booking_id": need.booking.id, "piece": need.piece, "starts_at": need.period.starts_at,
            "ends_at": need.period.ends_at, "handover": need.handover,
            "still_at_booking_id": need.still_at.booking_id if need.still_at else None,
        }
        for need in pieces.needs(session, Period.of_day(query["day"]))
    ]  # fmt: skip
    return {"items": items, "next": None}


@api.post(
    "/bookings/<int:booking_id>/deliveries", "deliverPiece", takes=shapes.DeliverPiece, gives=shapes.HandoverOut,
    status=201, allows=decides,
)  # fmt: skip
def deliver_piece(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Write down that a piece was taken to its event; one that has not come back from the event before is refused."""
    return pieces.deliver(session, person, now(), booking_id, **data)


@api.post(
    "/handovers/<int:piece_handover_id>/return", "returnPiece", takes=shapes.ReturnPiece, gives=shapes.HandoverOut,
    allows=decides,
)  # fmt: skip
def return_piece(session: Any, person: Any, piece_handover_id: int, data: dict[str, Any]) -> Any:
    """Write down that a piece came back, in what condition; a damaged one goes out of stock at once."""
    return pieces.bring_back(session, person, now(), piece_handover_id, **data)


@api.post(
    "/piece-faults",
    "reportPieceFault",
    takes=shapes.ReportPieceFault,
    gives=shapes.PieceFaultOut,
    status=201,
    allows=decides,
)
def report_piece_fault(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Take a piece out of stock until it is repaired; events that had it get another, or the officer is told."""
    return pieces.report_fault(session, person, now(), **data)


@api.post(
    "/piece-faults/<int:piece_fault_id>/repair", "repairPiece", takes=shapes.RepairPiece, gives=shapes.PieceFaultOut,
    allows=decides,
)  # fmt: skip
def repair_piece(session: Any, person: Any, piece_fault_id: int, data: dict[str, Any]) -> Any:
    """The piece is whole again and may be lent; events that lack one get it."""
    return pieces.repair(session, person, now(), piece_fault_id, **data)


@api.post(
    "/bookings/<int:booking_id>/equipment", "changeEquipment", takes=shapes.ChangeEquipment, gives=BookingOut,
    allows=signed_in,
)  # fmt: skip
def change_equipment(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Change a booking's equipment before its day, in one claim; what the charged price would change by is refused."""
    return equipment_changes.change(session, person, now(), booking_id, **data)


@api.get(
    "/equipment-savings", "getEquipmentSavings", query=shapes.SavingsQuery, gives=shapes.SavingsOut, allows=oversees
)
def get_equipment_savings(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """What lending stages and sets saved in a half-year; each line leads to its booking (S-19)."""
    found = savings.of(session, HalfYear.parse(query["period"]), now())
    kinds = [
        {"kind": kind.code, "pieces": found.counted(kind.code), "saved": found.saved(kind.code)} for kind in found.kinds
    ]
    lines = [
        {
            "booking_id": line.booking.id, "number": line.booking.number, "kind": line.kind.code,
            "quantity": line.quantity, "each": line.each.value, "amount": line.amount, "sample": line.each.sample,
        }
        for line in found.lines
    ]  # fmt: skip
    return {"period": found.period.code, "kinds": kinds, "lines": lines, "total": found.total}


@api.get("/figures", "listFigures", gives=shapes.FiguresOut, allows=oversees)
def list_figures(session: Any, person: Any) -> Any:
    """The dated figures of the grounds' business, every version."""
    return {"items": [row for rows in figures.versions(session).values() for row in rows], "next": None}


@api.post("/figures", "setFigure", takes=shapes.SetFigure, gives=shapes.FigureOut, status=201, allows=decides)
def set_figure(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """A new value of a figure from a day on."""
    return figures.set_value(session, person, now(), **data)
