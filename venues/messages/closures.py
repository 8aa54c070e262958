"""Facts about closures: venues closed and opened again, and what became of bookings and meetings in the way."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.messages import Fact, fields, post
from common.words import Words
from venues.messages.bookings import BookingFact
from venues.messages.meetings import MeetingFact
from venues.models import Closure
from venues.models.closures import CARRIED_OUT, RECORDED

ALL_VENUES = Words("全部場地", "All venues")


class ClosureFact(Fact):
    """The body both facts about a closure share."""

    closure_id = fields.String(required=True, metadata={"description": "the closure"})
    venue_ids = fields.List(
        fields.String(), required=True, metadata={"description": "the venues that are closed, their parts with them"}
    )
    everything = fields.Boolean(required=True, metadata={"description": "whether it is every venue there is"})
    venue = fields.String(required=True, metadata={"description": "their names in 繁中"})
    venue_en = fields.String(required=True, metadata={"description": "their names in English"})
    starts_at = fields.DateTime(required=True, metadata={"description": "closed from"})
    ends_at = fields.DateTime(required=True, metadata={"description": "closed until"})
    ground = fields.String(
        required=True, metadata={"description": "`government_need`, `force_majeure` or `renovation` (S-18, S-37)"}
    )
    reason = fields.String(required=True, metadata={"description": "why, in the officer's words"})
    bookings = fields.Integer(required=True, metadata={"description": "how many bookings and meetings are in the way"})


class VenueClosed(ClosureFact):
    """Venues were closed for a period; bookings and meetings in the way are suspended one by one after it."""

    type = "venues.venue_closed.v1"


class VenueReopened(ClosureFact):
    """A closure was withdrawn; its venues can be applied for again."""

    type = "venues.venue_reopened.v1"


class BookingSuspended(BookingFact):
    """A booking was suspended by a closure; `refund`, all that was paid, comes back."""

    type = "venues.booking_suspended.v1"


class BookingRestored(BookingFact):
    """A suspended booking stands again, because its closure was withdrawn and its applicant wanted it back."""

    type = "venues.booking_restored.v1"


class MeetingSuspended(MeetingFact):
    """A meeting lost its room to a closure."""

    type = "venues.meeting_suspended.v1"

    reason = fields.String(required=True, metadata={"description": "why the room is closed"})


def names_of(closure: Closure) -> Words:
    """The closed venues' names, in both languages."""
    if closure.everything:
        return ALL_VENUES
    labels = [place.venue.label for place in closure.places]
    zh, en = "、".join(each.zh for each in labels[:5]), ", ".join(each.en for each in labels[:5])
    return Words(zh, en) if len(labels) <= 5 else Words(f"{zh}等 {len(labels)} 處", f"{en} and others")


def tell_closure(session: Session, fact: type[ClosureFact], closure: Closure, now: datetime) -> None:
    """Post `fact` about a closure as it stands now."""
    session.flush()
    post(session, fact, subject=f"closure/{closure.id}", now=now, **closure_body_of(closure))


def closure_body_of(closure: Closure) -> dict[str, Any]:
    """A closure as its facts tell it."""
    names = names_of(closure)
    return {
        "closure_id": str(closure.id),
        "venue_ids": [str(place.venue_id) for place in closure.places],
        "everything": closure.everything,
        "venue": names.zh,
        "venue_en": names.en,
        "starts_at": closure.starts_at,
        "ends_at": closure.ends_at,
        "ground": closure.ground,
        "reason": closure.reason,
        "bookings": closure.expected,
    }


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """Every closure that stands, for a reader that starts anew."""
    found = select(Closure).where(Closure.state.in_((RECORDED, CARRIED_OUT))).order_by(Closure.id)
    return [(VenueClosed, f"closure/{each.id}", closure_body_of(each)) for each in session.scalars(found)]


FACTS: tuple[type[Fact], ...] = (VenueClosed, VenueReopened, BookingSuspended, BookingRestored, MeetingSuspended)
