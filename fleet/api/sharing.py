"""Two requests in one car, a trip told full put back, and nobody came: what the dispatcher does besides assigning."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.web import now
from fleet import assigning, discipline, merging, trips
from fleet.api.door import api, dispatchers
from fleet.schemas.given import TripOut
from fleet.schemas.lifecycle import MergeTrips
from fleet.schemas.taken import Revision


@api.post(
    "/trips/<int:trip_id>/merge", "mergeTrips", takes=MergeTrips, gives=TripOut, allows=dispatchers,
    about="Others ride along in this trip's car, both ways or one (V-20, V-31); answers with this trip.",
)  # fmt: skip
def merge_trips(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    others = [trips.get(session, person, other) for other in data.pop("trip_ids")]
    return merging.merge(session, person, now(), trips.get(session, person, trip_id), others=others, **data)


@api.post(
    "/trips/<int:trip_id>/unmerge", "unmergeTrip", takes=Revision, gives=TripOut, allows=dispatchers,
    about="A merged trip waits for a car of its own again (V-20).",
)  # fmt: skip
def unmerge_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return merging.unmerge(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/answer-full", "answerFullyBooked", takes=Revision, gives=TripOut, allows=dispatchers,
    about="Tell the requester that all cars are taken and what to do instead (V-25, V-33).",
)  # fmt: skip
def answer_fully_booked(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return assigning.answer_full(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/reopen", "reopenTrip", takes=Revision, gives=TripOut, allows=dispatchers,
    about="A car came free for a trip that was told all are taken: it waits for dispatch again.",
)  # fmt: skip
def reopen_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return assigning.reopen(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/trips/<int:trip_id>/no-show", "recordNoShow", takes=Revision, gives=TripOut, allows=dispatchers,
    about="The car came and nobody did; it counts for the agency (V-45).",
)  # fmt: skip
def record_no_show(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return discipline.no_show(session, person, now(), trips.get(session, person, trip_id), **data)
