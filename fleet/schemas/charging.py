"""Shapes of charging, taken in and given out: posts, slots, the plan of a day."""

from common.schemas import (
    Boolean,
    Choice,
    Clock,
    Date,
    Id,
    Instant,
    Integer,
    List,
    Nested,
    Schema,
    String,
)
from common.schemas import Decimal as Number
from common.words import Words
from fleet.schemas.given import ReasonOut
from fleet.schemas.taken import BookChargingSlot, Revision
from fleet.terms import CHARGER_CONDITIONS, CHARGER_STATES, SUPPLIES

CHARGER = {"label": Words("充電樁", "Charger"), "example": "3"}
STARTS = {"label": Words("開始", "Start"), "example": "2026-11-27T18:00:00+08:00"}
ENDS = {"label": Words("結束", "End"), "example": "2026-11-27T20:00:00+08:00"}
TARGET = {"label": Words("目標電量", "Target charge"), "example": 80}


class BookSlot(BookChargingSlot):
    """A post for a car, and by when it is needed."""

    need_by = Instant(
        load_default=None, allow_none=True, metadata={"label": Words("最晚需要時間", "Needed by"), "example": None}
    )


class MoveSlot(Revision):
    """What is to be different; what is left out stays."""

    charger_id = Id(load_default=None, allow_none=True, metadata=CHARGER)
    starts_at = Instant(load_default=None, allow_none=True, metadata=STARTS)
    ends_at = Instant(load_default=None, allow_none=True, metadata=ENDS)
    target_percent = Integer(load_default=None, allow_none=True, min=1, max=100, metadata=TARGET)


class PlanCharging(Schema):
    """Which day to plan, and whether to book what the plan proposes."""

    date = Date(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("日期", "Date"), "description": "today unless told"},
    )
    apply = Boolean(
        load_default=False,
        metadata={
            "label": Words("照計畫預約", "Book it"),
            "description": "false: a preview, nothing changes",
            "example": False,
        },
    )


class SetChargerState(Revision):
    """In or out of service."""

    state = Choice(CHARGER_STATES, required=True, metadata={"label": Words("狀態", "State"), "example": "faulty"})
    fault = String(
        load_default=None,
        allow_none=True,
        max_length=80,
        metadata={"label": Words("故障情形", "What is wrong"), "example": "插頭鬆脫"},
    )


class PostOut(Schema):
    """A charging post."""

    id = Id(required=True)
    code = String(required=True, metadata={"example": "C03"})
    power_kw = Integer(required=True, metadata={"description": "kW"})
    supply = Choice(list(SUPPLIES), required=True, metadata={"description": "`ac` or `dc`"})
    bay = String(required=True)
    state = Choice(CHARGER_STATES, required=True, metadata={"description": "whether it may be booked"})
    condition = Choice(list(CHARGER_CONDITIONS), metadata={"description": "how it is right now"})
    fault = String(allow_none=True)
    connected = Boolean(required=True, metadata={"description": "whether it speaks to us over OCPP now"})
    protocol = String(allow_none=True, metadata={"example": "ocpp2.0.1"})
    seen_at = Instant(allow_none=True)
    rev = Integer(required=True)


class PlugInOut(Schema):
    """A car that is to be plugged in now (V-76)."""

    vehicle_id = Id(attribute="vehicle.id", required=True)
    plate = String(attribute="vehicle.plate", required=True, metadata={"example": "EAA-1075"})
    percent = Integer(
        required=True, metadata={"description": "level now, from the last reading and what was driven since"}
    )
    below = Integer(required=True, metadata={"description": "the threshold in force, percent"})
    charger_id = Id(attribute="post.id", allow_none=True, metadata={"description": "a free post; null: none is free"})
    charger_code = String(attribute="post.code", allow_none=True, metadata={"example": "C05"})
    free_until = Instant(allow_none=True, metadata={"description": "the post’s next booking within 12 hours"})
    words = Nested(ReasonOut, required=True)


class PlugInList(Schema):
    """The soonest to leave first; never more than there are electric cars."""

    items = List(Nested(PlugInOut), required=True)
    next = String(allow_none=True, required=True)


class SecretOut(Schema):
    """A post's password, shown this once: basic authentication with the code as user name."""

    code = String(required=True, metadata={"example": "C03"})
    secret = String(required=True)


class SlotOut(Schema):
    """A booked slot, with its planned power and the levels expected."""

    id = Id(required=True)
    charger_id = Id(required=True)
    vehicle_id = Id(required=True)
    trip_id = Id(allow_none=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    need_by = Instant(allow_none=True)
    target_percent = Integer(required=True)
    from_percent = Integer(allow_none=True, metadata={"description": "expected at the start"})
    expected_percent = Integer(allow_none=True, metadata={"description": "expected at the end"})
    plan = List(
        Number(), allow_none=True, metadata={"description": "kW of each quarter of an hour; null: all it can take"}
    )
    state = Choice(["booked", "cancelled"], required=True)
    rev = Integer(required=True)


class StretchOut(Schema):
    """One session of the plan."""

    change = Choice(["keep", "move", "add"], required=True)
    slot_id = Id(attribute="slot.id", allow_none=True)
    charger_id = Id(attribute="charger.id", required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    kw = List(Number(), required=True, metadata={"description": "kW of each quarter of an hour"})
    from_percent = Integer(required=True)
    expected_percent = Integer(required=True)
    target_percent = Integer(required=True)


class CarPlanOut(Schema):
    """What the plan does for one car, and whether it is ready for its next trip."""

    vehicle_id = Id(attribute="vehicle.id", required=True)
    plate = String(attribute="vehicle.plate", required=True)
    percent = Integer(required=True, metadata={"description": "level now, predicted from the last reading"})
    trip_id = Id(attribute="trip.id", allow_none=True, metadata={"description": "its next trip"})
    departs_at = Instant(attribute="trip.starts_at", allow_none=True)
    ready = Boolean(required=True)
    ready_at = Instant(allow_none=True)
    spare_km = Integer(required=True, metadata={"description": "km beyond the floor of V-76"})
    short_kwh = Number(required=True, metadata={"description": "kWh that lack at departure; 0 when ready"})
    short_km = Integer(required=True)
    words = Nested(ReasonOut, required=True)
    swap_with = List(Id(), required=True, metadata={"description": "vehicles that could take the trip instead"})
    sessions = List(Nested(StretchOut), attribute="stretches", required=True)


class PowerOut(Schema):
    """The site in one quarter of an hour."""

    at = Instant(required=True)
    limit_kw = Number(required=True, metadata={"description": "contract less what events draw"})
    contract_kw = Number(required=True)
    planned_kw = Number(required=True)
    off_peak = Boolean(required=True)
    sample = Boolean(required=True)


class ChargingPlanOut(Schema):
    """The plan from `starts_at` until noon of the day after."""

    starts_at = Instant(required=True)
    applied = Boolean(required=True)
    ready = Integer(required=True, metadata={"description": "cars that leave ready for their next trip"})
    with_trip = Integer(required=True, metadata={"description": "cars with a trip ahead"})
    changes = Integer(required=True, metadata={"description": "sessions added or moved"})
    peak_kw = Number(required=True)
    gap = Number(required=True, metadata={"description": "proven distance from the best plan, 0–1"})
    items = List(Nested(CarPlanOut), required=True)
    power = List(Nested(PowerOut), required=True)


# --- forms of the board -----------------------------------------------------------------------------------------


class MoveForm(Revision):
    """A slot's new place and time as the form sends it."""

    charger_id = Id(required=True, metadata=CHARGER)
    date = Date(required=True, metadata={"label": Words("日期", "Date")})
    leave = Clock(required=True, metadata={"label": Words("開始", "Start")})
    back = Clock(required=True, metadata={"label": Words("結束", "End")})
    target_percent = Integer(load_default=None, min=1, max=100, metadata=TARGET)


class OverForm(Schema):
    """Which crowded stretch is to be eased."""

    starts_at = Instant(required=True, metadata={"label": Words("時段", "Stretch")})


class DayForm(Schema):
    """Which day."""

    date = Date(required=True, metadata={"label": Words("日期", "Date")})


class StateForm(SetChargerState):
    """In or out of service, as the form sends it."""


class OfferForm(Schema):
    """A car, by when it is needed, and how full."""

    vehicle = Id(required=True, metadata={"label": Words("車輛", "Car")})
    by_day = Date(required=True, metadata={"label": Words("日期", "Date")})
    by = Clock(required=True, metadata={"label": Words("最晚需要時間", "Needed by")})
    target = Integer(required=True, min=1, max=100, metadata=TARGET)
