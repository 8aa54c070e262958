"""The dispatcher's board for programs: moving a trip and taking the move back."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.web import now
from fleet import moving, trips
from fleet.api.door import api, dispatchers
from fleet.schemas.board import MoveOut, MoveTrip
from fleet.schemas.given import TripOut
from fleet.schemas.taken import Revision


@api.post(
    "/trips/<int:trip_id>/move", "moveTrip", takes=MoveTrip, gives=MoveOut, allows=dispatchers,
    about="Give a trip that has not left another car, driver or time (V-23); it can be undone for some seconds.",
)  # fmt: skip
def move_trip(session: Session, person: Person, data: dict[str, Any], trip_id: int) -> Any:
    return moving.place(session, person, now(), trips.get(session, person, trip_id), **data)


@api.post(
    "/moves/<int:move_id>/undo", "undoMove", takes=Revision, gives=TripOut, allows=dispatchers,
    about="Take the own move back, within its seconds and while nothing else happened to the trip.",
)  # fmt: skip
def undo_move(session: Session, person: Person, data: dict[str, Any], move_id: int) -> Any:
    return moving.undo(session, person, now(), move_id, **data)
