"""Who a letter is for: each audience of the letters, as the ids of people, out of the fact's body."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.orm import Session

from common.identity import with_role


def _ids(*values: Any) -> list[int]:
    return [int(value) for value in values if value]


def _approvers(session: Session, body: dict[str, Any]) -> Iterable[int]:
    """Those the fact names, or else every supervisor of the agency."""
    named = _ids(*body.get("approver_ids", ()))
    return named or [person.id for person in with_role(session, "supervisor", agency_id=int(body["agency_id"]))]


def _previous_driver(session: Session, body: dict[str, Any]) -> Iterable[int]:
    """Who had the job, unless they have it again."""
    previous = body.get("previous_driver_person_id")
    return _ids(previous) if previous != body.get("driver_person_id") else []


AUDIENCES: dict[str, Callable[[Session, dict[str, Any]], Iterable[int]]] = {
    "requester": lambda session, body: _ids(body["requester_id"]),
    "requester_signed_for": lambda session, body: _ids(body["requester_id"]) if body.get("reason") else [],
    "driver": lambda session, body: _ids(body["driver_person_id"]),
    "previous_driver": _previous_driver,
    "approvers": _approvers,
    "owner_supervisors": lambda session, body: _ids(*body["supervisor_ids"]),
    "dispatchers": lambda session, body: [person.id for person in with_role(session, "dispatcher")],
    "owners": lambda session, body: [
        person.id for person in with_role(session, "supervisor", agency_id=body["agency_id"]) if body["agency_id"]
    ],
    "applicant": lambda session, body: _ids(body.get("applicant_id") or body["person_id"]),
    "booker": lambda session, body: _ids(body["booked_by_id"]),
    "guards": lambda session, body: _ids(body["guard_id"]),
    "managers": lambda session, body: [
        person.id for person in with_role(session, "officer", agency_id=body["manager_agency_id"])
    ],
    "venue_officers": lambda session, body: [person.id for person in with_role(session, "venue_officer")],
    "dorm_officers": lambda session, body: [person.id for person in with_role(session, "dorm_officer")],
    "ranked": lambda session, body: _ids(*body["person_ids"]),
}
