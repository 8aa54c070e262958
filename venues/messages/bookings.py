"""Facts about bookings: one body for every step of a booking's life. Ids rather than personal data."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.messages import Fact, fields, post
from venues import vocabulary
from venues.models import Booking, EquipmentKind


class BookingFact(Fact):
    """The body all facts about a booking share."""

    booking_id = fields.String(required=True, metadata={"description": "the booking"})
    number = fields.String(required=True, metadata={"description": "the number people quote, such as 115-V-00042"})
    status = fields.String(required=True, metadata={"description": "its state after this fact (contract.md)"})
    rev = fields.Integer(required=True, metadata={"description": "rises with each change; a calendar's SEQUENCE"})
    venue_id = fields.String(required=True, metadata={"description": "the venue"})
    venue = fields.String(required=True, metadata={"description": "the venue's name in 繁中"})
    venue_en = fields.String(required=True, metadata={"description": "the venue's name in English"})
    applicant_id = fields.String(required=True, metadata={"description": "the person who applied"})
    agency_id = fields.String(required=True, metadata={"description": "the agency or body that applied"})
    applicant_class = fields.String(required=True, metadata={"description": "class of applicant (S-30)"})
    event_name = fields.String(required=True, metadata={"description": "what the event is called"})
    event_kind = fields.String(required=True, metadata={"description": "政令宣導, 公益, 文化 or 社教 (S-09)"})
    attendees = fields.Integer(required=True, metadata={"description": "how many people are expected"})
    starts_at = fields.DateTime(required=True, metadata={"description": "start of the first slot"})
    ends_at = fields.DateTime(required=True, metadata={"description": "end of the last slot, with overtime"})
    fee = fields.Integer(required=True, metadata={"description": "fee in whole NT$"})
    deposit = fields.Integer(required=True, metadata={"description": "deposit in whole NT$"})
    total = fields.Integer(required=True, metadata={"description": "fee and deposit in whole NT$"})
    pay_by = fields.DateTime(allow_none=True, metadata={"description": "when the hold lapses unless paid"})
    refund = fields.Integer(allow_none=True, metadata={"description": "what is returned in whole NT$, when cancelled"})
    reason = fields.String(metadata={"description": "why: of a rejection, a cancellation, a request for papers"})


class BookingSubmitted(BookingFact):
    """A venue was applied for; its slots are held until the decision."""

    type = "venues.booking_submitted.v1"


class BookingSupplementNeeded(BookingFact):
    """The venue officer asks for more papers; `reason` says which."""

    type = "venues.booking_supplement_needed.v1"


class BookingContested(BookingFact):
    """Several applied for the same time; it is decided by class and lot after the deadline that `reason` names (S-30)."""

    type = "venues.booking_contested.v1"


class BookingToBeDrawn(BookingFact):
    """The list of tickets is published; `reason` names the ticket, the day of the draw and the source of its seed."""

    type = "venues.booking_to_be_drawn.v1"


class BookingContestWon(BookingFact):
    """A contested booking has its time, by class, by lot or because the others left; it waits for the decision."""

    type = "venues.booking_contest_won.v1"


class BookingContestLost(BookingFact):
    """Others have the time; `reason` says until when another may be chosen without applying anew."""

    type = "venues.booking_contest_lost.v1"


class BookingSetupAnswered(BookingFact):
    """Setting up or clearing outside the hours was consented to or refused; `reason` says which (S-08)."""

    type = "venues.booking_setup_answered.v1"


class BookingApproved(BookingFact):
    """An application was approved; a paying body now insures and pays by `pay_by`."""

    type = "venues.booking_approved.v1"


class BookingRejected(BookingFact):
    """An application was rejected for `reason`; its slots are free again."""

    type = "venues.booking_rejected.v1"


class BookingChanged(BookingFact):
    """A booking moved on without being decided anew: papers came in, insurance was recorded."""

    type = "venues.booking_changed.v1"


class BookingConfirmed(BookingFact):
    """A booking stands: paid, or free for the city's own."""

    type = "venues.booking_confirmed.v1"


class BookingCancelled(BookingFact):
    """A booking was cancelled; `refund` is what comes back."""

    type = "venues.booking_cancelled.v1"


class BookingLapsed(BookingFact):
    """A booking lapsed: unpaid, papers not sent in, or not decided before its day."""

    type = "venues.booking_lapsed.v1"


class EquipmentPowered(Fact):
    """Stage, light or sound set up on a ground draws power (kW) for one slot of a booking; 0 when it is called off.

    The grounds and the charging posts share City Hall's supply. Told once a slot.
    """

    type = "venues.equipment_powered.v1"

    booking_id = fields.String(required=True, metadata={"description": "the booking"})
    venue_id = fields.String(required=True, metadata={"description": "the ground"})
    what = fields.String(required=True, metadata={"description": "event and place, in 繁中"})
    kw = fields.Integer(required=True, metadata={"description": "kW, rounded up; 0: no longer"})
    starts_at = fields.DateTime(required=True, metadata={"description": "start of the slot"})
    ends_at = fields.DateTime(required=True, metadata={"description": "end of the slot"})


POWERED: dict[str, bool] = {
    BookingApproved.type: True,
    BookingConfirmed.type: True,
    BookingRejected.type: False,
    BookingCancelled.type: False,
    BookingLapsed.type: False,
    "venues.booking_suspended.v1": False,
    "venues.booking_restored.v1": True,
    "venues.booking_breached.v1": False,
}
"""Which facts about a booking mean that its equipment will draw power, or that it will not."""


BY_STATUS: dict[str, type[BookingFact]] = {
    vocabulary.SUBMITTED: BookingSubmitted,
    vocabulary.SUPPLEMENT_NEEDED: BookingSupplementNeeded,
    vocabulary.CONTESTED: BookingContested,
    vocabulary.AWAITING_INSURANCE: BookingApproved,
    vocabulary.AWAITING_PAYMENT: BookingChanged,
    vocabulary.CONFIRMED: BookingConfirmed,
}


def tell(
    session: Session,
    fact: type[BookingFact],
    booking: Booking,
    now: datetime,
    *,
    reason: str = "",
    refund: int | None = None,
    flush: bool = True,
    **more: Any,
) -> None:
    """Post `fact` about a booking as it stands now, with what `more` it tells. Flushes first: `rev` is the new one.

    Who tells of many at once flushes before all of them, and says so (`flush=False`).
    """
    if flush:
        session.flush()
    post(session, fact, subject=f"booking/{booking.id}", now=now, **body_of(booking, reason, refund), **more)
    if fact.type in POWERED and booking.venue.kind == "ground" and booking.equipment:
        _tell_power(session, booking, now, on=POWERED[fact.type])


def _tell_power(session: Session, booking: Booking, now: datetime, *, on: bool) -> None:
    """What its equipment draws, slot by slot; nothing for what needs no power."""
    lent = {row.kind: row.quantity for row in booking.equipment}
    kinds = session.scalars(select(EquipmentKind).where(EquipmentKind.code.in_(lent)))
    watts = sum(kind.watts * lent[kind.code] for kind in kinds)
    if not watts:
        return
    what = f"{booking.venue.label.zh} {booking.event_name}"
    for slot in booking.slots:
        post(
            session, EquipmentPowered, subject=f"booking/{booking.id}", now=now, booking_id=booking.id, venue_id=booking.venue_id,
            what=what, kw=-(-watts // 1000) if on else 0, starts_at=slot.starts_at, ends_at=slot.ends_at,
        )  # fmt: skip


def body_of(booking: Booking, reason: str = "", refund: int | None = None) -> dict[str, Any]:
    """A booking as its facts tell it."""
    venue = booking.venue.label
    return {
        "booking_id": str(booking.id),
        "number": booking.number,
        "status": booking.status,
        "rev": booking.rev,
        "venue_id": str(booking.venue_id),
        "venue": venue.zh,
        "venue_en": venue.en,
        "applicant_id": str(booking.applicant_id),
        "agency_id": str(booking.agency_id),
        "applicant_class": booking.applicant_class,
        "event_name": booking.event_name,
        "event_kind": booking.event_kind,
        "attendees": booking.attendees,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "fee": booking.fee,
        "deposit": booking.deposit,
        "total": booking.total,
        "pay_by": booking.pay_by,
        "refund": refund,
        "reason": reason,
    }


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """Every live booking as its latest fact, for a reader that starts anew."""
    live = select(Booking).where(Booking.status.in_(BY_STATUS)).order_by(Booking.id)
    return [(BY_STATUS[each.status], f"booking/{each.id}", body_of(each)) for each in session.scalars(live)]


FACTS: tuple[type[Fact], ...] = (
    BookingSubmitted,
    BookingSupplementNeeded,
    BookingContested,
    BookingToBeDrawn,
    BookingContestWon,
    BookingContestLost,
    BookingSetupAnswered,
    BookingApproved,
    BookingRejected,
    BookingChanged,
    BookingConfirmed,
    BookingCancelled,
    BookingLapsed,
    EquipmentPowered,
)
