"""Cars that join the pool and leave it for good (V-42)."""

from typing import Any

from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import today
from common.schemas import PageQuery
from common.web import has_role, now
from common.words import Words
from fleet import membership
from fleet.api.door import api
from fleet.models import Vehicle
from fleet.schemas.lifecycle import (
    JoinPool,
    LeavePool,
    PoolCar,
    PoolMembershipList,
    PoolMembershipOut,
    PreviewLeaving,
    RecallPlanOut,
)
from fleet.takeback import Plan
from fleet.trips import find

owners = has_role("supervisor", "dispatcher", "admin")
readers = has_role("supervisor", "officer", "dispatcher", "admin", "auditor")


@api.get(
    "/pool/memberships", "listPoolMemberships", query=PageQuery, gives=PoolMembershipList, allows=readers,
    about="Cars and how they stand to the pool today: those of the own agency, for dispatch and audit all.",
)  # fmt: skip
def list_pool_memberships(session: Session, person: Person, query: dict[str, Any]) -> Any:
    start = query["cursor"] or "0"
    if not start.isdecimal() or len(start) > 9:
        raise Invalid(Words("接續處不正確", "The cursor is not one of ours"), field="cursor")
    found, end = membership.standings(session, person, today(now())), int(start) + query["limit"]
    return {"items": found[int(start) : end], "next": str(end) if end < len(found) else None}


@api.post(
    "/pool/join", "joinPool", takes=JoinPool, gives=PoolMembershipOut, status=201, allows=owners,
    about="A car joins the pool (again) from a day on; trips that wait without a car may get it (V-42).",
)  # fmt: skip
def join_pool(session: Session, person: Person, data: dict[str, Any]) -> Any:
    membership.join(session, person, now(), **data)
    return _standing(session, data["vehicle_id"])


@api.post(
    "/pool/leave/preview", "previewLeavingPool", takes=PreviewLeaving, gives=RecallPlanOut, allows=owners,
    about="What a car’s leaving for good does: which trips move, which are lost, which charging falls away; changes nothing (V-42).",
)  # fmt: skip
def preview_leaving_pool(session: Session, person: Person, data: dict[str, Any]) -> Any:
    found: Plan = membership.preview(session, person, now(), **data)
    return {
        "token": found.token, "vehicle": found.vehicle, "starts_at": found.starts_at, "ends_at": found.ends_at,
        "moves": found.moves, "moved": len(found.moved), "lost": len(found.lost),
        "charging_slot_ids": [slot.id for slot in found.slots],
    }  # fmt: skip


@api.post(
    "/pool/leave", "leavePool", takes=LeavePool, gives=PoolMembershipOut, allows=owners,
    about="A car leaves the pool for good: exactly the plan that was shown, in one step (V-42).",
)  # fmt: skip
def leave_pool(session: Session, person: Person, data: dict[str, Any]) -> Any:
    membership.leave(session, person, now(), **data)
    return _standing(session, data["vehicle_id"])


@api.post(
    "/pool/call-off", "callOffPoolChange", takes=PoolCar, gives=PoolMembershipOut, allows=owners,
    about="A joining or leaving still to come does not happen.",
)  # fmt: skip
def call_off_pool_change(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return membership.call_off(session, person, now(), **data)


def _standing(session: Session, vehicle_id: int) -> membership.Standing:
    return membership.standing(session, find(session, Vehicle, vehicle_id), today(now()))
