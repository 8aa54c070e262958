"""One place where a step of a trip is written down: history, message to the house, audit. All in the caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from common import audit
from common.identity import Person, with_role
from common.messages import post
from fleet.messages import (
    TripAccepted,
    TripApproved,
    TripAssigned,
    TripCancelled,
    TripFact,
    TripFinished,
    TripFullyBooked,
    TripMerged,
    TripRequested,
    TripReturned,
    TripSignedOff,
    TripStarted,
)
from fleet.models import Trip, TripEvent

FACT_OF_STATE: dict[str, type[TripFact]] = {
    "submitted": TripRequested,
    "approved": TripApproved,
    "returned": TripReturned,
    "fully_booked": TripFullyBooked,
    "assigned": TripAssigned,
    "assigned_one_way": TripAssigned,
    "accepted": TripAccepted,
    "under_way": TripStarted,
    "finished": TripFinished,
    "signed_off": TripSignedOff,
    "cancelled": TripCancelled,
    "merged": TripMerged,
}


def happened(
    session: Session,
    trip: Trip,
    what: str,
    fact: type[TripFact],
    person: Person | None,
    now: datetime,
    *,
    note: str | None = None,
    entry: str | None = None,
    told: bool = True,
    audited_from: str | None = None,
    previous_driver_id: int | None = None,
    at: datetime | None = None,
    **more: Any,
) -> str:
    """Write that `what` (a key of terms.EVENTS) happened to `trip` by `person`, and post its fact; returns the fact's id.

    `audited_from` is the state before, for acts that belong in the audit log. `previous_driver_id` is the person who
    had the job and has it no longer. The fact carries `note` as its reason unless `told` is false. `at`: when it truly
    happened, where it is told later. Flushes first, so that constraints speak here and the fact carries the new `rev`.
    """
    session.flush()
    session.add(TripEvent(trip=trip, what=what, who_id=person.id if person else None, at=at or now, note=entry or note))
    body = body_of(session, trip) | {"reason": note if told else None, "previous_driver_person_id": previous_driver_id}
    fact_id = post(session, fact, subject=f"trip/{trip.id}", now=now, **body, **more)
    if audited_from is not None:
        after = {"status": trip.status, "vehicle_id": trip.vehicle_id, "driver_id": trip.driver_id}
        audit.record(
            session,
            person,
            f"trip.{what}",
            f"trip/{trip.id}",
            now,
            before={"status": audited_from},
            after=after,
            reason=note or "",
        )
    return fact_id


def body_of(session: Session, trip: Trip) -> dict[str, Any]:
    """The body that every fact about `trip` carries, as it stands now."""
    return {
        "trip_id": trip.id,
        "number": trip.number,
        "status": trip.status,
        "rev": trip.rev,
        "requester_id": trip.requester_id,
        "agency_id": trip.agency_id,
        "approver_ids": approver_ids(session, trip),
        "dispatcher_id": trip.dispatcher_id,
        "driver_person_id": trip.driver.person_id if trip.driver else None,
        "previous_driver_person_id": None,
        "vehicle_id": trip.carried_by.vehicle_id,
        "vehicle_label": trip.carried_by.vehicle.label if trip.carried_by.vehicle else None,
        "starts_at": trip.starts_at,
        "ends_at": trip.ends_at,
        "origin": trip.origin,
        "destination": trip.destination,
        "purpose_code": trip.purpose_code,
        "passengers": trip.passengers,
        "reason": trip.answer,
        "leg": trip.leg,
        "merged_into": trip.merged_into.number if trip.merged_into else None,
        "car_starts_at": trip.car_period.starts_at,
        "car_ends_at": trip.car_period.ends_at,
        "capacity_held": trip.capacity_held,
    }


def present_state(session: Session, trip: Trip) -> tuple[type[TripFact], str, dict[str, Any]]:
    """The fact that tells the trip's present state to a reader who knows nothing of it: fact, subject, body."""
    more = {
        "odometer_out": trip.odometer_out,
        "odometer_in": trip.odometer_in,
        "finished_at": trip.finished_at,
        "distance_km": trip.distance_driven or 0,
        "late": trip.late_cancel,
        "no_show": trip.no_show,
        "km_saved": trip.km_saved or 0,
        "by_id": None,
    }
    return FACT_OF_STATE[trip.status], f"trip/{trip.id}", body_of(session, trip) | more


def approver_ids(session: Session, trip: Trip) -> list[int]:
    """Who decided; before that, who may: the agency's supervisors but the requester (V-12)."""
    if trip.approver_id:
        return [trip.approver_id]
    supervisors = with_role(session, "supervisor", agency_id=trip.agency_id)
    return [person.id for person in supervisors if person.id != trip.requester_id]
