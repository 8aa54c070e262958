"""Shapes of contests: what is sent, and the draw as published."""

from common.schemas import Boolean, Choice, Id, Instant, Integer, List, Nested, PageQuery, Schema, String
from common.words import Words
from venues import vocabulary
from venues.models.contest import RESULTS, STATES
from venues.schemas.taken import SlotIn, WithRev


class ContestQuery(PageQuery):
    """Which contests."""

    state = Choice(STATES, load_default=None, metadata={"label": Words("狀態", "State"), "example": "listed"})


class DrawTie(WithRev):
    """The public value that decides, as its source published it."""

    seed = String(required=True, max_length=200, metadata={"label": Words("種子值", "Seed"), "example": "22345.67"})


class ChooseAgain(WithRev):
    """Other slots for an application that lost (S-30)."""

    slots = List(Nested(SlotIn), required=True, min_length=1, max_length=60, metadata={"label": Words("時段", "Slots")})


class ContestTicketOut(Schema):
    """One ticket of the published list. `booking_id` only for those who may see the booking."""

    ticket = String(required=True, metadata={"example": "0007-01"})
    applicant_class = Choice(vocabulary.CLASSES, required=True)
    result = Choice(RESULTS, allow_none=True)
    booking_id = Id(allow_none=True)


class ContestOut(Schema):
    """Several applications for the same time, and the draw that decides among those of one class."""

    id = Id(required=True)
    rev = Integer(required=True)
    state = Choice(STATES, required=True)
    applications = Integer(required=True, metadata={"description": "how many are in it now", "example": 2})
    closes_at = Instant(required=True, metadata={"description": "until then others may enter"})
    drawn_among = List(Nested(ContestTicketOut), required=True)
    tickets = List(String(), required=True)
    tickets_sha256 = String(required=True, min_length=0)
    seed_source = String(required=True, min_length=0)
    seed_at = Instant(allow_none=True, metadata={"description": "when the seed can be known"})
    seed = String(required=True, min_length=0)
    algorithm = String(required=True)
    order = List(String(), required=True)
    selected = List(String(), required=True, metadata={"description": "tickets that have the time"})
    waiting = List(String(), required=True, metadata={"description": "tickets that lost and may choose another time"})
    right = Boolean(required=True, metadata={"description": "whether the published draw gives this very order"})
