"""Shapes of waiting lists and series."""

from common.schemas import Boolean, Choice, Date, Id, Instant, Integer, List, Nested, PageQuery, Schema, String
from common.words import Words
from venues.models.waiting import STATES
from venues.schemas.given import BookingOut
from venues.schemas.taken import SLOT_CODES, EventIn, Wanted, WithRev


class JoinWaitingList(Wanted, EventIn):
    """An application that waits for its slots."""

    event_plan = String(
        load_default="", max_length=4000, lines=True,
        metadata={"label": Words("活動企劃", "Event plan"), "example": "開場、演出、散場"},
    )  # fmt: skip
    undertakes = Boolean(
        load_default=False,
        metadata={
            "label": Words("已閱讀並遵守使用限制", "Limits of use read and undertaken"),
            "description": "the limits of S-14 and S-15 were read and undertaken; else with acceptSlotOffer",
            "example": True,
        },
    )


class WaitingQuery(PageQuery):
    """Which entries."""

    state = Choice(STATES, load_default=None, metadata={"label": Words("狀態", "State"), "example": "waiting"})
    venue_id = Id(load_default=None, metadata={"label": Words("場地", "Venue"), "example": "1"})


class WaitingSlotOut(Schema):
    """One slot that is waited for."""

    date = Date(required=True)
    slot = String(required=True)


class WaitingOut(Schema):
    """An entry on the waiting list."""

    id = Id(required=True)
    rev = Integer(required=True)
    state = Choice(STATES, required=True)
    venue_id = Id(required=True)
    agency_id = Id(required=True)
    event_name = String(required=True)
    slots = List(Nested(WaitingSlotOut), required=True, attribute="chosen")
    since = Instant(required=True)
    offered_until = Instant(allow_none=True, metadata={"description": "an offer is held until then"})
    booking_id = Id(allow_none=True, metadata={"description": "the application an offer became"})


class WaitingStep(WithRev):
    """Leaving the line, or giving an offer up."""


class TakeUp(WithRev):
    """Taking an offer up."""

    undertakes = Boolean(
        load_default=False,
        metadata={
            "label": Words("已閱讀並遵守使用限制", "Limits of use read and undertaken"),
            "description": "needed where the entry did not undertake the limits of S-14 and S-15",
            "example": True,
        },
    )


class PreviewSeries(Schema):
    """The same slots on several dates, to look at before sending."""

    venue_id = Id(required=True, metadata={"label": Words("場地", "Venue"), "example": "1"})
    dates = List(
        Date(), required=True, min_length=1, max_length=60,
        metadata={"label": Words("日期", "Dates"), "example": ["2026-12-12", "2026-12-19"]},
    )  # fmt: skip
    slots = List(
        Choice(SLOT_CODES), required=True, min_length=1, max_length=3,
        metadata={"label": Words("時段", "Slots"), "example": ["morning"]},
    )  # fmt: skip
    overtime_minutes = Integer(
        min=0, max=1440, load_default=0, metadata={"label": Words("逾時（分鐘）", "Overtime (minutes)"), "example": 0}
    )


class SeriesIn(PreviewSeries, EventIn):
    """The same slots on several dates, with the event."""

    free_only = Boolean(
        load_default=False,
        metadata={
            "label": Words("只送可租的日期", "Send the free dates only"),
            "description": "apply for the dates that can be had and leave out the rest",
            "example": True,
        },
    )
    event_plan = String(
        load_default="", max_length=4000, lines=True,
        metadata={"label": Words("活動企劃", "Event plan"), "example": "開場、演出、散場"},
    )  # fmt: skip


class OccurrenceOut(Schema):
    """One date, and the nearest others when it cannot be had."""

    date = Date(required=True, attribute="day")
    free = Boolean(required=True)
    why_not = String(allow_none=True)
    instead = List(Date(), required=True)


class OccurrencesOut(Schema):
    """Every date asked about, in order."""

    items = List(Nested(OccurrenceOut), required=True)
    next = String(allow_none=True)


class SeriesOut(Schema):
    """A series and its bookings."""

    id = Id(required=True)
    venue_id = Id(required=True)
    made_at = Instant(required=True)
    left_out = List(
        Date(), required=True, attribute="dates_left_out", metadata={"description": "dates that could not be had"}
    )
    bookings = List(Nested(BookingOut), required=True)


class CancelSeries(Schema):
    """Why what is still to come is cancelled."""

    reason = String(
        load_default="",
        max_length=500,
        lines=True,
        metadata={"label": Words("取消原因", "Reason"), "example": "活動延期"},
    )


class SeriesForm(EventIn):
    """The event of a series as typed on the page."""

    event_plan = String(required=True, max_length=4000, lines=True, metadata={"label": Words("活動企劃", "Event plan")})
    free_only = Boolean(load_default=False, metadata={"label": Words("只送可租的日期", "Send the free dates only")})


class SeriesPattern(Schema):
    """First day, every how many weeks, until when."""

    first = Date(required=True, metadata={"label": Words("第一天", "First day")})
    weeks = Integer(load_default=1, min=1, max=8, metadata={"label": Words("每幾週", "Every how many weeks")})
    until = Date(required=True, metadata={"label": Words("到哪一天", "Until")})
