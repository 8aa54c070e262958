"""Shapes given out: venues, slots, quotes, bookings, refunds, equipment."""

from common.schemas import Boolean, Choice, Date, Id, Instant, Integer, List, Nested, Schema, String
from venues import vocabulary
from venues.schemas.applying import ApplyingOut


class LineOut(Schema):
    """One amount in whole NT$ with the rule behind it. `sample` marks values the city has not published."""

    kind = Choice(("fee", "deposit"), required=True)
    label = String(required=True, metadata={"example": "12月12日 上午 08:30–12:30"})
    label_en = String(required=True, metadata={"example": "12 Dec Morning 08:30–12:30"})
    amount = Integer(required=True, metadata={"example": 5000})
    rule = String(required=True, metadata={"example": "S-04"})
    sample = Boolean(required=True)
    note = String(allow_none=True, metadata={"description": "how the amount was rounded"})
    note_en = String(allow_none=True, metadata={"description": "the same in English"})


class QuoteOut(Schema):
    """`fee` + `deposit` = `total`; each is the sum of its lines."""

    venue_id = Id(required=True)
    applicant_class = String(required=True)
    lines = List(Nested(LineOut), required=True)
    fee = Integer(required=True, metadata={"example": 13750})
    deposit = Integer(required=True, metadata={"example": 20000})
    total = Integer(required=True, metadata={"example": 33750})
    tariff_version = String(required=True, metadata={"example": "112-11-09"})
    available = Boolean(required=True, metadata={"description": "whether all of it could be had at this moment"})


class RefundOut(Schema):
    """What a cancellation at this moment returns."""

    lines = List(Nested(LineOut), required=True)
    percent = Integer(required=True, metadata={"description": "percent of the fee", "example": 50})
    days_before = Integer(required=True, metadata={"description": "days before the first day of use", "example": 5})
    fee = Integer(required=True, metadata={"example": 6875})
    deposit = Integer(required=True, metadata={"example": 20000})
    total = Integer(required=True, metadata={"example": 26875})


class PlanOut(Schema):
    """One slot of a venue's day."""

    slot = String(required=True, attribute="code")
    starts = String(required=True, metadata={"example": "08:30"})
    ends = String(required=True, metadata={"example": "12:30"})
    name = String(required=True)
    name_en = String(required=True)


class VenueOut(Schema):
    """A place that can be had."""

    id = Id(required=True)
    code = String(required=True, metadata={"example": "atrium"})
    kind = String(required=True, metadata={"example": "hall"})
    name = String(required=True)
    name_en = String(required=True)
    place = String(required=True, min_length=0)
    place_en = String(required=True, min_length=0)
    about = String(required=True, min_length=0, max_length=None)
    about_en = String(required=True, min_length=0, max_length=None)
    area_m2 = Integer(allow_none=True)
    max_people = Integer(allow_none=True)
    max_days = Integer(required=True)
    opens_months = Integer(required=True, metadata={"description": "applications open so many months before (S-10)"})
    closes_days = Integer(
        required=True, metadata={"description": "applications close so many days before (S-10, S-11)"}
    )
    whole_id = Id(allow_none=True, metadata={"description": "the venue it is a part of"})
    part_ids = List(Id(), required=True)
    slots = List(Nested(PlanOut), required=True, attribute="slot_rows")
    features = List(String(), required=True)
    sample = Boolean(required=True, metadata={"description": "its fees are samples (S-05)"})


class RateOut(Schema):
    """One row of a tariff, in the shape `saveTariff` takes; an empty condition holds for all."""

    kind = String(required=True, metadata={"example": "slot"})
    amount = Integer(required=True, metadata={"example": 5000})
    per = String(required=True, min_length=0, metadata={"description": "what it counts; empty: the usual of its kind"})
    of = String(
        required=True, min_length=0, metadata={"description": "the equipment or service; empty for other kinds"}
    )
    label = String(required=True, min_length=0)
    label_en = String(required=True, min_length=0)
    rule = String(required=True, metadata={"example": "S-04"})
    sample = Boolean(required=True)
    parts = List(String(), required=True)
    events = List(String(), required=True)
    classes = List(String(), required=True)
    days = List(String(), required=True, metadata={"description": "weekday, saturday, sunday, holiday"})
    slots = List(String(), required=True)
    season_from = String(required=True, min_length=0, metadata={"description": "month and day, such as 07-01"})
    season_until = String(required=True, min_length=0)
    band_from = String(required=True, min_length=0, metadata={"description": "hours of the day, of hourly rates"})
    band_until = String(required=True, min_length=0)


class VenueDetailOut(VenueOut):
    """A place, the tariff in force and the days that may be applied for today."""

    tariff_version = String(required=True, allow_none=True)
    rates = List(Nested(RateOut), required=True)
    first_day = Date(allow_none=True)
    last_day = Date(
        allow_none=True, metadata={"description": "null for a class that may apply however early (S-31), and for rooms"}
    )
    applying = Nested(ApplyingOut, allow_none=True, metadata={"description": "the hall’s own conditions of applying"})


class FreeSlotOut(Schema):
    """One slot that is free."""

    date = Date(required=True)
    slot = String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class FreeSlotsOut(Schema):
    """The free slots asked for, in order of time."""

    items = List(Nested(FreeSlotOut), required=True, max_length=1000)
    next = String(allow_none=True)


class VenuesOut(Schema):
    """All venues asked for, in one page."""

    items = List(Nested(VenueOut), required=True, max_length=1000)
    next = String(allow_none=True)


class EquipmentOut(Schema):
    """Something lent with a venue."""

    kind = String(required=True, metadata={"example": "stage"})
    name = String(required=True)
    name_en = String(required=True)
    units = Integer(required=True)
    free = Integer(required=True, metadata={"description": "pieces free throughout the time asked about"})
    most = Integer(required=True, metadata={"description": "at most so many for one booking"})
    watts = Integer(required=True)
    saves = Integer(required=True, metadata={"description": "outside cost saved by one piece, NT$ (S-19)"})


class EquipmentListOut(Schema):
    """Everything that is lent."""

    items = List(Nested(EquipmentOut), required=True)
    next = String(allow_none=True)


class BookedSlotOut(Schema):
    """One slot of a booking."""

    date = Date(required=True, attribute="day")
    slot = String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class BookedEquipmentOut(Schema):
    """Equipment of a booking."""

    kind = String(required=True)
    quantity = Integer(required=True)


class BookingOut(Schema):
    """A booking as it stands."""

    id = Id(required=True)
    number = String(required=True, metadata={"example": "115-V-00042"})
    rev = Integer(required=True)
    status = Choice(vocabulary.STATUSES, required=True)
    venue_id = Id(required=True)
    applicant_id = Id(required=True)
    agency_id = Id(required=True)
    applicant_class = Choice(vocabulary.CLASSES, required=True)
    event_name = String(required=True)
    event_kind = String(required=True)
    attendees = Integer(required=True)
    event_plan = String(required=True, min_length=0, max_length=None)
    slots = List(Nested(BookedSlotOut), required=True)
    equipment = List(Nested(BookedEquipmentOut), required=True)
    overtime_minutes = Integer(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    lines = List(Nested(LineOut), required=True)
    fee = Integer(required=True)
    deposit = Integer(required=True)
    total = Integer(required=True)
    tariff_version = String(required=True)
    submitted_at = Instant(required=True)
    pay_by = Instant(allow_none=True, metadata={"description": "an approval lapses then unless paid"})
    supplement = String(required=True, min_length=0, max_length=None, metadata={"description": "the papers asked for"})
    supplement_by = Date(allow_none=True)
    insurance_policy = String(required=True, min_length=0)
    receipt = String(required=True, min_length=0)
    reason = String(required=True, min_length=0, max_length=None)
    charity_sale = Boolean(
        required=True, metadata={"description": "things are sold or money raised for charity (S-31)"}
    )
    undertaken_at = Instant(
        allow_none=True, metadata={"description": "when the limits of use were undertaken (S-14, S-15)"}
    )
    emergency = String(
        required=True, min_length=0, max_length=None,
        metadata={"description": "why it could not be foreseen, when it came by the emergency path (S-32)"},
    )  # fmt: skip
    decide_by = Date(allow_none=True, metadata={"description": "last day to decide it, while it waits for that (S-36)"})
