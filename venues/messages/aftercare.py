"""Facts about the end of a booking: inspected, deposit returned, closed, a breach and its bar. (That it began is silent.)"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.messages import Fact, fields
from venues import vocabulary
from venues.messages.bookings import BookingConfirmed, BookingFact, body_of
from venues.models import Booking


class BookingInspected(BookingFact):
    """A venue was inspected after use; `result` says how it was found, `refund` what of the deposit comes back."""

    type = "venues.booking_inspected.v1"

    result = fields.String(required=True, metadata={"description": "`in_order` or `damaged`"})
    deducted = fields.Integer(required=True, metadata={"description": "kept from the deposit, in whole NT$"})
    claimed = fields.Integer(required=True, metadata={"description": "claimed beyond the deposit, in whole NT$"})
    return_by = fields.Date(required=True, metadata={"description": "by when the deposit goes back"})


class BookingDepositReturned(BookingFact):
    """The deposit, or what is left of it, went back; `refund` is how much."""

    type = "venues.booking_deposit_returned.v1"


class BookingRefunded(BookingFact):
    """What a cancelled or suspended booking returns was paid out; `refund` is how much."""

    type = "venues.booking_refunded.v1"


class BookingClosed(BookingFact):
    """A booking is over and settled."""

    type = "venues.booking_closed.v1"


class BookingBreached(BookingFact):
    """A venue was used otherwise than permitted (S-39): the permit is withdrawn and the body barred for a time."""

    type = "venues.booking_breached.v1"

    breach = fields.String(required=True, metadata={"description": "`different_activity`, `transfer`, `rule_broken`"})
    barred_until = fields.Date(required=True, metadata={"description": "the first day the body may apply again"})


class BookingBarLifted(BookingFact):
    """The bar that followed a breach was lifted early, for `reason`."""

    type = "venues.booking_bar_lifted.v1"


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """The bookings in use, for a reader that starts anew."""
    live = select(Booking).where(Booking.status == vocabulary.IN_USE).order_by(Booking.id)
    return [(BookingConfirmed, f"booking/{each.id}", body_of(each)) for each in session.scalars(live)]


FACTS: tuple[type[Fact], ...] = (
    BookingInspected,
    BookingDepositReturned,
    BookingRefunded,
    BookingClosed,
    BookingBreached,
    BookingBarLifted,
)
