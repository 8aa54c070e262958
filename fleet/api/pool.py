"""Cars and drivers of the pool, and which are free."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import Period
from common.schemas import PageQuery, page_of
from common.web import has_role, now, paged
from fleet import pool, trips
from fleet.api.door import api, insiders
from fleet.models import Driver, Vehicle
from fleet.plans.dispatch import Ask, Candidate
from fleet.schemas.given import DriverOut, FreeVehiclesOut, VehicleOut
from fleet.schemas.taken import FreeVehicleQuery, VehicleQuery


@api.get(
    "/vehicles",
    "listVehicles",
    query=VehicleQuery,
    gives=page_of(VehicleOut),
    allows=insiders,
    about="The pool's cars (V-36).",
)
def list_vehicles(session: Session, person: Person, query: dict[str, Any]) -> Any:
    rows = select(Vehicle)
    for name in ("kind", "powertrain", "state"):
        if query[name]:
            rows = rows.where(getattr(Vehicle, name) == query[name])
    return paged(session, rows, query, Vehicle.id)


@api.get(
    "/vehicles/free", "findFreeVehicles", query=FreeVehicleQuery, gives=FreeVehiclesOut, allows=insiders,
    about="Cars that can serve a period, best first, each with its reasons (V-71, V-76).",
)  # fmt: skip
def find_free_vehicles(session: Session, person: Person, query: dict[str, Any]) -> Any:
    km = trips.estimate_km(session, query["destination"], True, now())
    ask = Ask(
        Period(query["starts_at"], query["ends_at"]),
        query["passengers"],
        km,
        query["needs_driver"],
        query["vehicle_kind"],
    )
    found = pool.free_cars(session, ask, now()).candidates
    return {"items": [_free(trips.find(session, Vehicle, each.id), each) for each in found], "next": None}


def _free(vehicle: Vehicle, candidate: Candidate) -> dict[str, Any]:
    return {
        **{name: getattr(vehicle, name) for name in VehicleOut().fields},
        "free_from": candidate.gap.starts_at,
        "free_until": candidate.gap.ends_at,
        "reasons": candidate.reasons,
    }


@api.get("/vehicles/<int:vehicle_id>", "getVehicle", gives=VehicleOut, allows=insiders, about="One car.")
def get_vehicle(session: Session, person: Person, vehicle_id: int) -> Any:
    return trips.find(session, Vehicle, vehicle_id)


@api.get(
    "/drivers",
    "listDrivers",
    query=PageQuery,
    gives=page_of(DriverOut),
    allows=has_role("dispatcher", "admin", "auditor"),
    about="The roster (V-37).",
)
def list_drivers(session: Session, person: Person, query: dict[str, Any]) -> Any:
    return paged(session, select(Driver).where(Driver.employed), query, Driver.id)
