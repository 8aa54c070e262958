"""The fact that an open application's price became another: a reduction was granted, or it was quoted anew."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from common.messages import Fact
from venues.messages.bookings import BookingFact, tell
from venues.models import Booking


class BookingRepriced(BookingFact):
    """The price of an application changed before its decision; `fee`, `deposit` and `total` are the new ones, `reason` says why."""

    type = "venues.booking_repriced.v1"


def tell_repriced(session: Session, booking: Booking, now: datetime, reason: str) -> None:
    """Post that a booking's price is another now."""
    tell(session, BookingRepriced, booking, now, reason=reason)


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """Nothing of its own: a live booking stands as its latest fact, with its price."""
    return []


FACTS: tuple[type[Fact], ...] = (BookingRepriced,)
