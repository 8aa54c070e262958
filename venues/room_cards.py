"""What the venue office keeps of a meeting room: seats, equipment, the managing agency's day (M-03), duty (M-04)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from common import audit
from common.errors import Forbidden
from common.identity import Person
from venues import availability
from venues.models import DECIDES, Venue


def change(
    session: Session, person: Person, now: datetime, room_id: int, *, max_people: int, features: Sequence[str],
    duty_room: bool, reserved_weekday: str | None = None,
) -> Venue:  # fmt: skip
    """Correct a room's card; meetings that are booked stay as they are. `reserved_weekday`: "0" is Monday, None: no day.

    Raises NotFound, Forbidden.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    room = availability.venue(session, room_id, by_slots=False)
    told = {
        "max_people": max_people, "features": list(features), "duty_room": duty_room,
        "reserved_weekday": None if reserved_weekday is None else int(reserved_weekday),
    }  # fmt: skip
    before = {name: getattr(room, name) for name in told}
    for name, value in told.items():
        setattr(room, name, value)
    audit.record(session, person, "room_card_changed", f"venue/{room.id}", now, before=before, after=told)
    return room
