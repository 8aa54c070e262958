"""A trip from request to sign-off."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import page_of
from common.web import has_role, now, paged
from fleet import assigning, driving, trips
from fleet.api.door import api, dispatchers, drivers, insiders, requesters
from fleet.models import Trip
from fleet.schemas.given import SuggestionOut, TripOut
from fleet.schemas.taken import (
    AssignTrip,
    CancelTrip,
    ChangeTrip,
    DeclineTrip,
    FinishTrip,
    RecordLateTrip,
    RequestTrip,
    ReturnTrip,
    Revision,
    StartTrip,
    TripQuery,
)


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
        "changes": found.changes,
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
