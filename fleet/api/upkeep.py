"""Upkeep: what is recorded and what falls due, workshop visits, accidents."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import today
from common.schemas import page_of
from common.web import has_role, now, paged
from common.words import Words
from fleet import rules, upkeep, workshop
from fleet.api.door import api, dispatchers
from fleet.due import due_items
from fleet.models import Accident, Appointment
from fleet.schemas.upkeep import (
    AccidentOut,
    AccidentQuery,
    AdvanceAccident,
    BookWorkshop,
    DueList,
    DueQuery,
    EndWorkshop,
    RecordUpkeep,
    ReportAccident,
    UpkeepOut,
    WorkshopQuery,
    WorkshopVisitOut,
)
from fleet.terms import ACCIDENT_STEPS
from fleet.trips import find

readers = has_role("dispatcher", "admin", "auditor")
reporters = has_role(*workshop.REPORTERS)
CLOSED = list(ACCIDENT_STEPS)[-1]


@api.post(
    "/upkeep", "recordUpkeep", takes=RecordUpkeep, gives=UpkeepOut, status=201, allows=dispatchers,
    about="Write down an inspection, service, repair, insurance or tax; a car that was off the road for it comes back (V-53…V-60).",
)  # fmt: skip
def record_upkeep(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return upkeep.record(session, person, now(), **data)


@api.get(
    "/upkeep/due", "listDue", query=DueQuery, gives=DueList, allows=has_role("dispatcher", "admin", "auditor"),
    about="What falls due for cars and drivers, soonest first (V-50, V-53…V-60).",
)  # fmt: skip
def list_due(session: Session, person: Person, query: dict[str, Any]) -> Any:
    rule, day = rules.in_force(session, now()), today(now())
    found = [
        {
            "vehicle_id": due.vehicle.id if due.vehicle else None, "driver_id": due.driver.id if due.driver else None, "label": due.label,
            "kind": due.kind, "state": due.state(day, rule), "due_on": due.due_on, "last_day": due.last_day, "due_km": due.due_km,
            "blocks": due.blocks,
        }
        for due in due_items(session, now())
        if query["kind"] in (None, due.kind) and query["state"] in (None, due.state(day, rule))
    ]  # fmt: skip
    start = query["cursor"] or "0"
    if not start.isdecimal() or len(start) > 9:
        raise Invalid(Words("接續處不正確", "The cursor is not one of ours"), field="cursor")
    end = int(start) + query["limit"]
    return {"items": found[int(start) : end], "next": str(end) if end < len(found) else None}


# --- the workshop ----------------------------------------------------------------------------------------------------


@api.post(
    "/workshop-visits", "bookWorkshop", takes=BookWorkshop, gives=WorkshopVisitOut, status=201, allows=dispatchers,
    about="Take a car to the workshop for a while; trips it has then have to be given to another car first (V-60).",
)  # fmt: skip
def book_workshop(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return workshop.book(session, person, now(), **data)


@api.get(
    "/workshop-visits", "listWorkshopVisits", query=WorkshopQuery, gives=page_of(WorkshopVisitOut), allows=readers,
    about="Visits to the workshop, booked, done and called off.",
)  # fmt: skip
def list_workshop_visits(session: Session, person: Person, query: dict[str, Any]) -> Any:
    rows = select(Appointment)
    for name in ("vehicle_id", "state"):
        if query[name]:
            rows = rows.where(getattr(Appointment, name) == query[name])
    return paged(session, rows, query, Appointment.id)


@api.post(
    "/workshop-visits/<int:appointment_id>/end", "endWorkshopVisit", takes=EndWorkshop, gives=WorkshopVisitOut, allows=dispatchers,
    about="The car is back, or does not go: what is left of its time is free. What was done is written down with `recordUpkeep`.",
)  # fmt: skip
def end_workshop_visit(session: Session, person: Person, data: dict[str, Any], appointment_id: int) -> Any:
    return workshop.close(session, person, now(), appointment_id, **data)


# --- accidents -------------------------------------------------------------------------------------------------------


@api.post(
    "/accidents", "reportAccident", takes=ReportAccident, gives=AccidentOut, status=201, allows=reporters,
    about="Driver or passenger reports at once (V-56); an unfit or badly damaged car goes out of service (V-55).",
)  # fmt: skip
def report_accident(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return workshop.report(session, person, now(), **data)


@api.get(
    "/accidents", "listAccidents", query=AccidentQuery, gives=page_of(AccidentOut), allows=readers,
    about="Accidents with their steps, closed ones too (V-56).",
)  # fmt: skip
def list_accidents(session: Session, person: Person, query: dict[str, Any]) -> Any:
    rows = select(Accident)
    if query["vehicle_id"]:
        rows = rows.where(Accident.vehicle_id == query["vehicle_id"])
    if query["open"] is not None:
        rows = rows.where((Accident.step != CLOSED) if query["open"] else (Accident.step == CLOSED))
    return paged(session, rows, query, Accident.id)


@api.get("/accidents/<int:accident_id>", "getAccident", gives=AccidentOut, allows=readers, about="One accident (V-56).")
def get_accident(session: Session, person: Person, accident_id: int) -> Any:
    return find(session, Accident, accident_id)


@api.post(
    "/accidents/<int:accident_id>/steps", "advanceAccident", takes=AdvanceAccident, gives=AccidentOut, allows=dispatchers,
    about="Note the next step: scene and police, insurer, settlement, closed (V-56). Steps are never skipped or changed.",
)  # fmt: skip
def advance_accident(session: Session, person: Person, data: dict[str, Any], accident_id: int) -> Any:
    return workshop.advance(session, person, now(), accident_id, **data)
