"""Stays as JSON: contract, moving in, renewal, what is deducted, moving out, handing back."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import today
from common.schemas import page_of
from common.web import database, now, signed_in
from common.words import Words
from dorms import applications, deductions, hand_backs, inventory, move_outs, payroll, tenancies
from dorms.api.door import OFFICER, api, cut
from dorms.models import Tenancy
from dorms.schemas import tenancies as shapes


@api.get("/tenancies", "listTenancies", query=shapes.TenancyQuery, gives=page_of(shapes.StayOut), allows=OFFICER)
def list_tenancies(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """Stays of one state, overdue, or all that run; the most pressing first. The look is written down (C-27)."""
    _note_look(person, "tenancies")
    return cut(tenancies.listed(session, query["show"] or "", today(now())), query)


@api.get("/tenancies/<int:tenancy_id>", "getTenancy", gives=shapes.StayOut, allows=signed_in)
def get_tenancy(session: Session, person: Person, tenancy_id: int) -> Tenancy:
    """One stay: for who lives there, and for the dormitory officer, whose look is written down (C-27)."""
    row = tenancies.find(session, person, tenancy_id)
    if row.person_id != person.id:
        _note_look(person, f"tenancy/{row.id}")
    return row


@api.post(
    "/tenancies/<int:tenancy_id>/contract",
    "recordContract",
    takes=shapes.RecordContract,
    gives=shapes.StayOut,
    allows=OFFICER,
)
def record_contract(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """Enter the notarised contract before the deadline (D-11, D-18); from then on the person may move in."""
    return tenancies.record_contract(session, person, now(), tenancy_id, **data).tenancy


@api.post(
    "/tenancies/<int:tenancy_id>/signing-time",
    "extendSigning",
    takes=shapes.ExtendSigning,
    gives=shapes.StayOut,
    allows=OFFICER,
)
def extend_signing(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """More time to sign, approved before the present deadline (D-18)."""
    return tenancies.extend_signing(session, person, now(), tenancy_id, **data)


@api.post("/tenancies/<int:tenancy_id>/move-in", "moveIn", takes=shapes.MoveIn, gives=shapes.StayOut, allows=OFFICER)
def move_in(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """Hand the room over item by item, not before the contract is notarised (D-11, D-42)."""
    return tenancies.move_in(session, person, now(), tenancy_id, **data)


@api.post(
    "/tenancies/<int:tenancy_id>/inventory/agree",
    "agreeInventory",
    takes=shapes.AgreeInventory,
    gives=shapes.StayOut,
    allows=signed_in,
)
def agree_inventory(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """The borrower confirms the list of furniture, or says what is different."""
    return inventory.agree(session, person, now(), tenancy_id, **data)


@api.post(
    "/tenancies/<int:tenancy_id>/renewal",
    "renewTenancy",
    takes=shapes.RecordContract,
    gives=shapes.StayOut,
    allows=OFFICER,
)
def renew(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """One more term by a further notarised contract, as often as the rules allow (D-20)."""
    return tenancies.renew(session, person, now(), tenancy_id, **data).tenancy


@api.post("/tenancies/<int:tenancy_id>/pay", "setDeduction", takes=shapes.SetPay, gives=shapes.StayOut, allows=OFFICER)
def set_pay(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """From a day on: another grade (D-31), or nothing deducted by the head's approval (D-30)."""
    return deductions.set_pay(session, person, now(), tenancy_id, **data).tenancy


@api.post(
    "/tenancies/<int:tenancy_id>/move-out",
    "startMoveOut",
    takes=shapes.StartMoveOut,
    gives=shapes.StayOut,
    allows=OFFICER,
)
def start_move_out(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """Start the clock of moving out: the rules give the time for a cause (D-45, D-04, D-21), the officer for D-46."""
    return move_outs.start(session, person, now(), tenancy_id, **data)


@api.post(
    "/tenancies/<int:tenancy_id>/move-out/extension",
    "extendMoveOut",
    takes=shapes.ExtendMoveOut,
    gives=shapes.StayOut,
    allows=OFFICER,
)
def extend_move_out(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """More time to move out, by an approval and for a reason."""
    return move_outs.extend(session, person, now(), tenancy_id, **data)


@api.post(
    "/tenancies/<int:tenancy_id>/move-out/stop",
    "stopMoveOut",
    takes=shapes.StopMoveOut,
    gives=shapes.StayOut,
    allows=OFFICER,
)
def stop_move_out(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """Nobody has to move out any more, for a reason."""
    return move_outs.stop(session, person, now(), tenancy_id, **data)


@api.post(
    "/tenancies/<int:tenancy_id>/hand-back", "handBack", takes=shapes.HandBack, gives=shapes.StayOut, allows=OFFICER
)
def hand_back(session: Session, person: Person, tenancy_id: int, data: dict[str, Any]) -> Tenancy:
    """End the stay, every line of the list checked; what was built there stays (D-42), the bed is free from that day."""
    return hand_backs.hand_back(session, person, now(), tenancy_id, **data)


@api.get("/payroll", "getPayroll", query=shapes.PayrollQuery, gives=page_of(shapes.PayrollLineOut), allows=OFFICER)
def get_payroll(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """What payroll deducts for a month: allowance and fee by the day (D-30 to D-33). The look is written down (C-27)."""
    try:
        first = date.fromisoformat(f"{query['month']}-01")
    except ValueError:
        said = Words("月份要像 2026-11", "The month must look like 2026-11")
        raise Invalid(said, field="month") from None
    _note_look(person, f"payroll/{query['month']}")
    return cut(payroll.month(session, first).lines, query)


def _note_look(person: Person, subject: str) -> None:
    """Write the look down in a transaction of its own: a list itself only reads."""
    at = now()
    database().transact(lambda writing: applications.note_look(writing, person, at, subject, "tenancy"))
