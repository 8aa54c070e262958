"""The public JSON interface (contract.md): the same functions as the pages, for programs."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import Period
from common.schemas import PageQuery, page_of
from common.web import Api, has_role, now, paged
from fleet import assigning, charging, driving, pool, trips
from fleet.dispatch import Ask
from fleet.models import Charger, Driver, Trip, Vehicle
from fleet.models.trip import REQUESTING_ROLES
from fleet.schemas.given import (
    ChargerOut,
    ChargingSlotOut,
    DriverOut,
    FreeVehiclesOut,
    SuggestionOut,
    TripOut,
    VehicleOut,
)
from fleet.schemas.taken import (
    AssignTrip,
    BookChargingSlot,
    CancelTrip,
    ChangeTrip,
    DeclineTrip,
    FinishTrip,
    FreeVehicleQuery,
    RecordLateTrip,
    RequestTrip,
    ReturnTrip,
    Revision,
    StartTrip,
    TripQuery,
    VehicleQuery,
)

api = Api("fleet")

insiders = has_role(
    "officer", "supervisor", "dispatcher", "driver", "venue_officer", "dorm_officer", "staff", "auditor", "admin"
)
requesters = has_role(*REQUESTING_ROLES)
dispatchers = has_role("dispatcher", "admin")
drivers = has_role("driver", "dispatcher", "admin", *REQUESTING_ROLES)


# --- the pool ---------------------------------------------------------------------------------------------------


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
    items = []
    for candidate in pool.free_cars(session, ask, now()).candidates:
        row = VehicleOut().dump(session.get(Vehicle, candidate.id))
        items.append({"row": row, "candidate": candidate})
    return {"items": [_free(each["row"], each["candidate"]) for each in items], "next": None}


def _free(row: dict[str, Any], candidate: Any) -> dict[str, Any]:
    return {
        **row,
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


@api.get(
    "/chargers",
    "listChargers",
    query=PageQuery,
    gives=page_of(ChargerOut),
    allows=insiders,
    about="The charging posts at City Hall (V-70).",
)
def list_chargers(session: Session, person: Person, query: dict[str, Any]) -> Any:
    return paged(session, select(Charger), query, Charger.id)


@api.post(
    "/charging-slots", "bookChargingSlot", takes=BookChargingSlot, gives=ChargingSlotOut, status=201,
    allows=has_role(*charging.KEEPERS), about="A post and a car, both or neither, for at most the hours of V-75.",
)  # fmt: skip
def book_charging_slot(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return charging.book(session, person, now(), **data)


@api.post(
    "/charging-slots/<int:slot_id>/cancel", "cancelChargingSlot", takes=Revision, gives=ChargingSlotOut,
    allows=has_role(*charging.KEEPERS), about="Give a slot back; a running one ends now.",
)  # fmt: skip
def cancel_charging_slot(session: Session, person: Person, data: dict[str, Any], slot_id: int) -> Any:
    return charging.cancel(session, person, now(), slot_id, **data)


# --- trips ------------------------------------------------------------------------------------------------------


@api.post(
    "/trips",
    "requestTrip",
    takes=RequestTrip,
    gives=TripOut,
    status=201,
    allows=requesters,
    about="Ask for a car (V-12, V-16, V-18, V-30).",
)
def request_trip(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return trips.request(session, person, now(), **data)


@api.post(
    "/trips/late", "recordLateTrip", takes=RecordLateTrip, gives=TripOut, status=201, allows=requesters,
    about="Enter a trip that already took place (補單, V-34).",
)  # fmt: skip
def record_late_trip(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return trips.record_late(session, person, now(), **data)


@api.get(
    "/trips",
    "listTrips",
    query=TripQuery,
    gives=page_of(TripOut),
    allows=insiders,
    about="The trips this person may see.",
)
def list_trips(session: Session, person: Person, query: dict[str, Any]) -> Any:
    rows = trips.visible(person)
    if query["status"]:
        rows = rows.where(Trip.status == query["status"])
    if query["from_"]:
        rows = rows.where(Trip.ends_at > query["from_"])
    if query["until"]:
        rows = rows.where(Trip.starts_at < query["until"])
    if query["vehicle_id"]:
        rows = rows.where(Trip.vehicle_id == query["vehicle_id"])
    if query["mine"]:
        rows = rows.where(Trip.requester_id == person.id)
    return paged(session, rows, query, Trip.id)


@api.get("/trips/<int:trip_id>", "getTrip", gives=TripOut, allows=insiders, about="One trip.")
def get_trip(session: Session, person: Person, trip_id: int) -> Any:
    return trips.get(session, person, trip_id)


@api.patch(
    "/trips/<int:trip_id>", "changeTrip", takes=ChangeTrip, gives=TripOut, allows=requesters,
    about="Change a request; after assignment the car is released until a new one is given (V-32).",
)  # fmt: skip
def change_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return trips.change(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/approve",
    "approveTrip",
    takes=Revision,
    gives=TripOut,
    allows=has_role("supervisor"),
    about="The supervisor's yes (V-12).",
)
def approve_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return trips.approve(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/return",
    "returnTrip",
    takes=ReturnTrip,
    gives=TripOut,
    allows=has_role("supervisor"),
    about="Sent back with the reason (V-22).",
)
def return_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return trips.return_(session, person, now(), trips.get(session, person, trip_id), **data)


@api.get(
    "/trips/<int:trip_id>/suggestion", "suggestAssignment", gives=SuggestionOut, allows=dispatchers,
    about="Ranked cars and drivers with reasons; the refused with the constraint that binds.",
)  # fmt: skip
def suggest_assignment(session: Session, person: Person, trip_id: int) -> Any:
    found = assigning.suggest(session, person, now(), trips.get(session, person, trip_id))
    best_car, best_driver = found.cars.best, found.drivers.best if found.drivers else None
    return {
        "vehicle_id": best_car.id if best_car else None,
        "driver_id": best_driver.id if best_driver else None,
        "cars": found.cars,
        "drivers": found.drivers,
    }


@api.post(
    "/trips/<int:trip_id>/assign", "assignTrip", takes=AssignTrip, gives=TripOut, allows=dispatchers,
    about="Give car and driver, both or neither; or others than it had.",
)  # fmt: skip
def assign_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return assigning.assign(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/cancel",
    "cancelTrip",
    takes=CancelTrip,
    gives=TripOut,
    allows=requesters,
    about="Call it off (V-32, V-35, V-45).",
)
def cancel_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return trips.cancel(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/accept",
    "acceptTrip",
    takes=Revision,
    gives=TripOut,
    allows=drivers,
    about="The driver takes the job.",
)
def accept_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return driving.accept(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/decline", "declineTrip", takes=DeclineTrip, gives=TripOut, allows=drivers,
    about="The driver cannot go: car and driver are released, the trip waits for dispatch.",
)  # fmt: skip
def decline_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    trip = driving.decline(session, person, now(), trips.get(session, person, trip_id), **data)
    return trip


@api.post(
    "/trips/<int:trip_id>/start",
    "startTrip",
    takes=StartTrip,
    gives=TripOut,
    allows=drivers,
    about="The car leaves (V-13).",
)
def start_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return driving.start(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/finish", "finishTrip", takes=FinishTrip, gives=TripOut, allows=drivers,
    about="The car is back; what is left of its time is free (V-13).",
)  # fmt: skip
def finish_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return driving.finish(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/sign-off",
    "signOffTrip",
    takes=Revision,
    gives=TripOut,
    allows=requesters,
    about="The user countersigns (V-13).",
)
def sign_off_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return trips.sign_off(session, person, now(), trips.get(session, person, trip_id), **data)
