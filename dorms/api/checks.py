"""Checks and residence visits: planned, put on a day's route, recorded, followed up (D-40, D-43, D-44)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import page_of
from common.web import now, paged, signed_in
from dorms.api.door import OFFICER, api, cut
from dorms.models import HouseCheck
from dorms.schemas import upkeep as shapes
from dorms.upkeep import planning, rows, terms, visiting


@api.post("/checks/plan", "planChecks", takes=shapes.PlanChecks, gives=shapes.CheckPlanOut, allows=OFFICER)
def plan_checks(session: Session, person: Person, data: dict[str, Any]) -> dict[str, Any]:
    """Plan a year's checks, inventories and visits of every room lent and every house looked after; what is planned
    already stays (D-40, D-44)."""
    return {"year": data["year"], "added": planning.make_plan(session, person, now(), data["year"])}


@api.post(
    "/checks/appointments",
    "appointChecks",
    takes=shapes.AppointChecks,
    gives=page_of(shapes.HouseCheckOut),
    status=201,
    allows=OFFICER,
)
def appoint_checks(session: Session, person: Person, data: dict[str, Any]) -> dict[str, Any]:
    """Put the next places of a district on a day's route and tell the residents; visits are not announced."""
    made = planning.appoint(session, person, now(), **data)
    return {"items": [_check(row) for row in made], "next": None}


@api.get("/checks", "listChecks", query=shapes.CheckQuery, gives=page_of(shapes.HouseCheckOut), allows=signed_in)
def list_checks(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """The officer's: all of them; a day's in the order of the way. A resident's: those of the own home."""
    found = select(HouseCheck)
    for name in ("year", "kind", "state", "day"):
        if query[name] is not None:
            found = found.where(getattr(HouseCheck, name) == query[name])
    if not person.has("dorm_officer"):
        unannounced = (HouseCheck.kind == terms.VISIT) & (HouseCheck.state != terms.DONE)
        shown = HouseCheck.state.in_((terms.APPOINTED, terms.DONE))
        found = found.where(HouseCheck.person_id == person.id, shown, ~unannounced)
    if query["district"] is None and query["day"] is None:
        told = paged(session, found, query, HouseCheck.id)
        return {**told, "items": [_check(row) for row in told["items"]]}
    listed = [row for row in session.scalars(found) if query["district"] in (None, row.district)]
    return cut([_check(row) for row in sorted(listed, key=lambda row: (*row.on_the_way, row.id))], query)


@api.get("/checks/<int:check_id>", "getCheck", gives=shapes.HouseCheckOut, allows=signed_in)
def get_check(session: Session, person: Person, check_id: int) -> dict[str, Any]:
    """One check: for officers, and for whose home it is once they may know of it."""
    return _check(rows.find(session, HouseCheck, person, check_id))


@api.post(
    "/checks/<int:check_id>/result",
    "recordCheck",
    takes=shapes.RecordCheck,
    gives=shapes.HouseCheckOut,
    allows=OFFICER,
)
def record_check(session: Session, person: Person, check_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Record what was found, once; what must be put right gets a deadline. Nothing is concluded from a visit (D-44)."""
    return _check(visiting.record(session, person, now(), check_id, **data))


@api.post(
    "/checks/<int:check_id>/call-off",
    "callOffCheck",
    takes=shapes.UpkeepReason,
    gives=shapes.HouseCheckOut,
    allows=OFFICER,
)
def call_off_check(session: Session, person: Person, check_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Take a stop off its day's route and tell the resident; it waits for another day."""
    return _check(planning.call_off(session, person, now(), check_id, **data))


@api.post(
    "/checks/<int:check_id>/follow-up",
    "followUpCheck",
    takes=shapes.UpkeepNote,
    gives=shapes.HouseCheckOut,
    allows=OFFICER,
)
def follow_up_check(session: Session, person: Person, check_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """What a check found is put right."""
    return _check(visiting.follow_up(session, person, now(), check_id, **data))


def _check(row: HouseCheck) -> dict[str, Any]:
    plain = (
        "id", "number", "year", "kind", "turn", "room_id", "house_id", "district", "state", "due_on", "day", "half",
        "result", "note", "recorded_at", "follow_up_by", "followed_up_at", "rev",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "place": row.place.zh,
        "rule": terms.CHECK_RULES[row.kind],
    }
