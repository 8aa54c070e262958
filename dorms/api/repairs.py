"""Repairs: asked for, worked off in order of application, done and accepted (D-41, D-42)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import PageQuery, page_of
from common.web import now, paged, signed_in
from dorms.api.door import OFFICER, api
from dorms.models import Repair
from dorms.schemas import WithRev
from dorms.schemas import upkeep as shapes
from dorms.upkeep import repairs, rows


@api.post("/repairs", "requestRepair", takes=shapes.RequestRepair, gives=shapes.RepairOut, status=201, allows=signed_in)
def request_repair(session: Session, person: Person, data: dict[str, Any]) -> dict[str, Any]:
    """Ask for a repair of the room one has (D-41), or for consent to works at own cost (D-42); officers for any place."""
    return _repair(session, repairs.request(session, person, now(), **data))


@api.get("/repairs", "listRepairs", query=PageQuery, gives=page_of(shapes.RepairOut), allows=signed_in)
def list_repairs(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """One's own, newest first; the dormitory officer's are everybody's."""
    found = select(Repair)
    if not person.has("dorm_officer"):
        found = found.where(Repair.person_id == person.id)
    told = paged(session, found, query, Repair.id)
    return {**told, "items": [_repair(session, row) for row in told["items"]]}


@api.get("/repairs/<int:repair_id>", "getRepair", gives=shapes.RepairOut, allows=signed_in)
def get_repair(session: Session, person: Person, repair_id: int) -> dict[str, Any]:
    """One repair, for whoever asked and for officers."""
    return _repair(session, rows.find(session, Repair, person, repair_id))


@api.post(
    "/repairs/<int:repair_id>/decision",
    "decideRepair",
    takes=shapes.DecideRepair,
    gives=shapes.RepairOut,
    allows=OFFICER,
)
def decide_repair(session: Session, person: Person, repair_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Approve with an estimate, or refuse with a reason. Passing over an earlier application needs `out_of_turn`; an empty
    room goes out of stock until the work is done."""
    return _repair(session, repairs.decide(session, person, now(), repair_id, **data))


@api.post(
    "/repairs/<int:repair_id>/start",
    "startRepair",
    takes=shapes.StartRepair,
    gives=shapes.RepairOut,
    allows=OFFICER,
)
def start_repair(session: Session, person: Person, repair_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Work begins."""
    return _repair(session, repairs.start(session, person, now(), repair_id, **data))


@api.post(
    "/repairs/<int:repair_id>/complete",
    "completeRepair",
    takes=shapes.CompleteRepair,
    gives=shapes.RepairOut,
    allows=OFFICER,
)
def complete_repair(session: Session, person: Person, repair_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Done and accepted, with what it cost; an empty room may be let again."""
    return _repair(session, repairs.complete(session, person, now(), repair_id, **data))


@api.post(
    "/repairs/<int:repair_id>/take-back",
    "takeBackRepair",
    takes=WithRev,
    gives=shapes.RepairOut,
    allows=signed_in,
)
def take_back_repair(session: Session, person: Person, repair_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Whoever asked needs it no more; before work begins."""
    return _repair(session, repairs.take_back(session, person, now(), repair_id, **data))


def _repair(session: Session, row: Repair) -> dict[str, Any]:
    plain = (
        "id", "number", "room_id", "house_id", "part", "what", "payer", "state", "requested_at", "reason", "out_of_turn",
        "estimate", "contractor", "started_on", "finished_on", "cost", "out_of_stock", "rev",
    )  # fmt: skip
    waiting = row.state in ("requested", "approved") and row.payer == "agency"
    return {
        **{name: getattr(row, name) for name in plain},
        "place": row.place.zh,
        "ahead": len(repairs.before(session, row)) if waiting else 0,
        "photos": len(row.photos),
    }
