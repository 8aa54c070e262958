"""Cars that their owners ask back, and how large the pool is on any day (V-42)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.schemas import page_of
from common.web import has_role, now, paged
from fleet import membership, recalls
from fleet.api.door import api, insiders
from fleet.models import Recall
from fleet.schemas.lifecycle import (
    PoolDay,
    PoolSizeOut,
    PreviewRecall,
    RecallOut,
    RecallPlanOut,
    RecallQuery,
    RecallVehicle,
)
from fleet.schemas.taken import Revision

owners = has_role("supervisor", "dispatcher", "admin")
readers = has_role("supervisor", "officer", "dispatcher", "admin", "auditor")


@api.post(
    "/recalls/preview", "previewRecall", takes=PreviewRecall, gives=RecallPlanOut, allows=owners,
    about="The least harmful way to give a car back to its owner: which trips move, which are lost; changes nothing (V-42).",
)  # fmt: skip
def preview_recall(session: Session, person: Person, data: dict[str, Any]) -> Any:
    found = recalls.preview(session, person, now(), **data)
    return {
        "token": found.token, "vehicle": found.vehicle, "starts_at": found.starts_at, "ends_at": found.ends_at,
        "moves": found.moves, "moved": len(found.moved), "lost": len(found.lost),
        "charging_slot_ids": [slot.id for slot in found.slots],
    }  # fmt: skip


@api.post(
    "/recalls", "recallVehicle", takes=RecallVehicle, gives=RecallOut, status=201, allows=owners,
    about="Carry out exactly the plan that was shown, in one step; a car on the road is never taken (V-42).",
)  # fmt: skip
def recall_vehicle(session: Session, person: Person, data: dict[str, Any]) -> Any:
    made, _ = recalls.recall(session, person, now(), **data)
    return made


@api.get(
    "/recalls",
    "listRecalls",
    query=RecallQuery,
    gives=page_of(RecallOut),
    allows=readers,
    about="Recalls this person may see.",
)
def list_recalls(session: Session, person: Person, query: dict[str, Any]) -> Any:
    rows = select(Recall)
    if not person.has("dispatcher", "admin", "auditor"):
        rows = rows.where(Recall.agency_id == person.agency_id)
    if query["vehicle_id"]:
        rows = rows.where(Recall.vehicle_id == query["vehicle_id"])
    return paged(session, rows, query, Recall.id)


@api.post(
    "/recalls/<int:recall_id>/return", "returnVehicle", takes=Revision, gives=RecallOut, allows=owners,
    about="The owner returns the car: from now on it serves the pool again.",
)  # fmt: skip
def return_vehicle(session: Session, person: Person, data: dict[str, Any], recall_id: int) -> Any:
    return recalls.give_back(session, person, now(), recall_id, **data)


@api.get(
    "/pool",
    "getPoolSize",
    query=PoolDay,
    gives=PoolSizeOut,
    allows=insiders,
    about="Agencies and cars in the pool on a day (V-42).",
)
def get_pool_size(session: Session, person: Person, query: dict[str, Any]) -> Any:
    size = membership.pool_size(session, query["date"] or today(now()))
    return {
        "day": size.day, "agencies": size.agencies, "cars": size.cars, "members": len(size.members),
        "recalled_vehicle_ids": [vehicle.id for vehicle in size.recalled],
    }  # fmt: skip
