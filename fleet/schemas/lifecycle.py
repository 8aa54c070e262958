"""Shapes of merging, series and recalls, taken in and given out."""

from common.schemas import Boolean, Choice, Date, Id, Instant, Integer, List, Nested, PageQuery, Schema, String
from common.words import Words
from fleet.schemas.given import ReasonOut, TripOut
from fleet.schemas.taken import KIND_WORDS, ReturnTrip, Revision, _Asked
from fleet.terms import LEGS, RECALL_REASONS

DAY = "2026-12-07"


class MergeTrips(Revision):
    """Who rides along in this trip's car (V-20), and why (V-30)."""

    trip_ids = List(
        Id(),
        required=True,
        metadata={"label": Words("併入的行程", "Trips that ride along"), "example": ["32"]},
    )
    reason = String(
        required=True,
        max_length=200,
        metadata={
            "label": Words("併單原因", "Reason"),
            "ask": Words("請寫明併單原因", "Say why they are merged"),
            "example": "同日同往高鐵站",
        },
    )
    leg = Choice(
        LEGS,
        load_default=None,
        allow_none=True,
        metadata={"label": Words("只併一程", "One way only"), "example": None},
    )
    detour_km = Integer(
        load_default=0, min=0, max=200, metadata={"label": Words("繞路公里", "Detour, km"), "example": 0}
    )


class SeriesDates(_Asked):
    """The first trip of a weekly duty, and on which days it comes back. 0 is Monday."""

    weekdays = List(Integer(min=0, max=6), required=True, metadata={"label": Words("星期", "Weekdays"), "example": [0]})
    last_on = Date(required=True, metadata={"label": Words("到哪一天", "Until"), "example": DAY})
    without = List(Date(), load_default=list, metadata={"label": Words("略過的日期", "Dates left out"), "example": []})


class OneDate(Schema):
    """One date that is to be sent, and what is different on it."""

    date = Date(required=True, metadata={"label": Words("日期", "Date"), "example": DAY})
    starts_at = Instant(load_default=None, allow_none=True, metadata={"label": Words("出發時間", "Departure")})
    ends_at = Instant(load_default=None, allow_none=True, metadata={"label": Words("回程時間", "Return")})
    vehicle_kind = Choice(
        KIND_WORDS, load_default=None, allow_none=True, metadata={"label": Words("車種", "Kind of car")}
    )


class RequestSeries(_Asked):
    """A weekly duty: the dates to be sent, all or none."""

    weekdays = List(Integer(min=0, max=6), required=True, metadata={"label": Words("星期", "Weekdays"), "example": [0]})
    last_on = Date(required=True, metadata={"label": Words("到哪一天", "Until"), "example": DAY})
    dates = List(
        Nested(OneDate),
        required=True,
        metadata={"label": Words("日期", "Dates"), "example": [{"date": "2026-11-30"}, {"date": DAY}]},
    )


class PeriodOut(Schema):
    """A stretch of time."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class OccurrenceOut(Schema):
    """One date: whether a car can be promised, else why not and what could be had instead."""

    date = Date(attribute="day", required=True)
    starts_at = Instant(attribute="period.starts_at", required=True)
    ends_at = Instant(attribute="period.ends_at", required=True)
    free = Boolean(required=True)
    why_not = Nested(ReasonOut, allow_none=True, required=True)
    later = Nested(PeriodOut, allow_none=True, required=True)
    other_kind = Choice(KIND_WORDS, allow_none=True, required=True)


class SeriesPreviewOut(Schema):
    """Every date of a series to be."""

    items = List(Nested(OccurrenceOut), required=True)


class SeriesOut(Schema):
    """A series and its trips."""

    id = Id(required=True)
    requester_id = Id(required=True)
    agency_id = Id(required=True)
    weekdays = List(Integer(), required=True)
    first_on = Date(required=True)
    last_on = Date(required=True)
    trips = List(Nested(TripOut), required=True)


class ReturnSeries(Schema):
    """Every undecided date sent back, with the reason (V-22)."""

    reason = ReturnTrip().fields["reason"]


class CancelSeries(Schema):
    """Every date that has not left, called off."""

    reason = String(
        load_default=None,
        allow_none=True,
        max_length=200,
        metadata={"label": Words("取消原因", "Reason"), "example": "改為線上"},
    )


class PreviewRecall(Schema):
    """Which car its owner wants back, from when until when (null: until it is returned)."""

    vehicle_id = Id(required=True, metadata={"label": Words("車輛", "Vehicle"), "example": "12"})
    starts_at = Instant(
        required=True, metadata={"label": Words("召回開始", "From"), "example": "2026-12-01T08:00:00+08:00"}
    )
    ends_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("預計歸還", "Until"), "example": "2026-12-05T18:00:00+08:00"},
    )


class RecallVehicle(PreviewRecall):
    """The recall itself. `plan` is the token of the preview that was agreed to."""

    reason_code = Choice(
        RECALL_REASONS, required=True, metadata={"label": Words("召回原因", "Reason"), "example": "flood"}
    )
    reason = String(
        load_default="", max_length=200, metadata={"label": Words("說明", "Details"), "example": "抽水站巡查"}
    )
    plan = String(
        load_default=None,
        allow_none=True,
        max_length=64,
        metadata={
            "label": Words("計畫", "Plan"),
            "description": "`plan` of previewRecall: refused with 409 when trips have changed since; null takes it as it is now",
            "example": None,
        },
    )


class RecallMoveOut(Schema):
    """One trip that changes. `vehicle_id` null: it is lost; `later` is when the same would be free."""

    trip_id = Id(attribute="trip.id", required=True)
    number = String(attribute="trip.number", required=True)
    requester_id = Id(attribute="trip.requester_id", required=True)
    driver_id = Id(attribute="trip.driver_id", allow_none=True, required=True)
    starts_at = Instant(attribute="trip.starts_at", required=True)
    ends_at = Instant(attribute="trip.ends_at", required=True)
    told = Boolean(
        attribute="bound", required=True, metadata={"description": "its people knew the plate and hear of the change"}
    )
    vehicle_id = Id(attribute="car.id", allow_none=True, required=True)
    vehicle_label = String(attribute="car.plate", allow_none=True, required=True)
    later = Instant(allow_none=True, required=True)


class RecallPlanOut(Schema):
    """What a recall would do."""

    plan = String(attribute="token", required=True)
    vehicle_id = Id(attribute="vehicle.id", required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(allow_none=True, required=True)
    moves = List(Nested(RecallMoveOut), required=True)
    moved = Integer(required=True, metadata={"description": "confirmed trips that change cars"})
    lost = Integer(required=True, metadata={"description": "confirmed trips without a car then"})
    charging_slot_ids = List(Id(), required=True, metadata={"description": "charging slots that fall away"})


class RecallOut(Schema):
    """A recall."""

    id = Id(required=True)
    vehicle_id = Id(required=True)
    agency_id = Id(required=True)
    asked_by_id = Id(required=True)
    reason_code = Choice(RECALL_REASONS, required=True)
    reason = String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(allow_none=True, required=True)
    returned_at = Instant(allow_none=True, required=True)
    moved = Integer(required=True)
    lost = Integer(required=True)
    rev = Integer(required=True)


class RecallQuery(PageQuery):
    """Which recalls."""

    vehicle_id = Id(load_default=None, metadata={"label": Words("車輛", "Vehicle")})


class PoolDay(Schema):
    """Which day."""

    date = Date(load_default=None, metadata={"label": Words("日期", "Date"), "example": "2026-11-30"})


class PoolSizeOut(Schema):
    """The pool on one day (V-42)."""

    date = Date(attribute="day", required=True)
    agencies = Integer(required=True, metadata={"description": "agencies with a car that serves"})
    cars = Integer(required=True, metadata={"description": "cars that serve"})
    members = Integer(required=True, metadata={"description": "cars that belong to the pool, recalled ones too"})
    recalled_vehicle_ids = List(Id(), required=True)


JOINED = {"label": Words("加入日", "Joins on"), "example": "2026-12-01"}
LEFT = {"label": Words("離開日", "Leaves on"), "description": "the first day outside the pool", "example": "2026-12-31"}
POOL_STATES = {
    "in": Words("在車隊", "In the pool"),
    "leaving": Words("將離開", "Leaving"),
    "coming": Words("將加入", "Joining"),
    "out": Words("不在車隊", "Not in the pool"),
}


class PoolCar(Schema):
    """Which car."""

    vehicle_id = Id(required=True, metadata={"label": Words("車輛", "Vehicle"), "example": "12"})


class JoinPool(PoolCar):
    """A car joins from a day on."""

    joined_on = Date(required=True, metadata=JOINED)


class PreviewLeaving(PoolCar):
    """A car leaves for good on a day."""

    left_on = Date(required=True, metadata=LEFT)


class LeavePool(PreviewLeaving):
    """The leaving itself. `plan` is the token of the preview that was agreed to."""

    plan = String(
        load_default=None,
        allow_none=True,
        max_length=64,
        metadata={
            "label": Words("計畫", "Plan"),
            "description": "`plan` of previewLeavingPool: refused with 409 when trips have changed since; null takes it as it is now",
            "example": None,
        },
    )


class JoinPoolForm(Schema):
    """From which day, as the form sends it."""

    joined_on = Date(required=True, metadata=JOINED)


class LeavingForm(Schema):
    """On which day, as the form sends it."""

    left_on = Date(required=True, metadata=LEFT)


class LeavePoolForm(LeavingForm):
    """The plan that was shown, agreed to."""

    plan = String(required=True, max_length=64, metadata={"label": Words("計畫", "Plan")})


class PoolMembershipOut(Schema):
    """How a car stands to the pool today. Without a day it always belonged."""

    vehicle_id = Id(attribute="vehicle.id", required=True)
    plate = String(attribute="vehicle.plate", required=True)
    agency_id = Id(attribute="vehicle.owner_agency_id", required=True)
    state = Choice(POOL_STATES, required=True)
    joined_on = Date(attribute="row.joined_on", allow_none=True)
    left_on = Date(attribute="row.left_on", allow_none=True, metadata={"description": "the first day outside the pool"})


class PoolMembershipList(Schema):
    """By plate."""

    items = List(Nested(PoolMembershipOut), required=True)
    next = String(allow_none=True, required=True)
