"""Shapes taken in: JSON for the API, flat fields for the pages, queries."""

from common.schemas import (
    Boolean,
    Choice,
    Id,
    Instant,
    Integer,
    Nested,
    PageQuery,
    Schema,
    String,
)
from common.words import Words
from fleet.terms import (
    DECLINE_REASONS,
    KINDS,
    LEGS,
    POWERTRAINS,
    PURPOSES,
    REACHED_BY,
    STATUSES,
    VEHICLE_STATES,
)

KIND_WORDS = {code: kind.words for code, kind in KINDS.items()}
STATUS_WORDS = {code: status.words for code, status in STATUSES.items()}

REV = {
    "label": Words("版本", "Revision"),
    "description": "the `rev` last read; a stale one is refused with 409",
    "example": 3,
}

DESTINATION = {
    "label": Words("目的地", "Destination"),
    "ask": Words("請填寫目的地，例如「市議會」", "Enter a destination, for example ‘City council’"),
    "example": "市議會",
}


class _Asked(Schema):
    purpose_code = Choice(
        PURPOSES, required=True, metadata={"label": Words("用車事由", "Purpose"), "example": "guests"}
    )
    purpose = String(
        required=True, max_length=100, metadata={"label": Words("事由說明", "Details"), "example": "姊妹市交流外賓接待"}
    )
    origin = String(
        required=True, max_length=100, metadata={"label": Words("上車地點", "Pick-up"), "example": "市政大樓 東側車道"}
    )
    destination = String(
        required=True,
        max_length=100,
        metadata=DESTINATION,
    )
    passengers = Integer(
        required=True, min=1, max=99, metadata={"label": Words("人數", "Number of people"), "example": 4}
    )
    starts_at = Instant(
        required=True, metadata={"label": Words("出發時間", "Departure"), "example": "2026-11-27T13:30:00+08:00"}
    )
    ends_at = Instant(
        required=True, metadata={"label": Words("回程時間", "Return"), "example": "2026-11-27T17:00:00+08:00"}
    )
    round_trip = Boolean(load_default=True, metadata={"label": Words("是否回程", "Round trip"), "example": True})
    needs_driver = Boolean(load_default=True, metadata={"label": Words("需要駕駛", "Driver needed"), "example": True})
    vehicle_kind = Choice(
        KIND_WORDS,
        load_default=None,
        allow_none=True,
        metadata={"label": Words("車種", "Kind of car"), "example": "seven_seater"},
    )
    may_share = Boolean(load_default=False, metadata={"label": Words("可以併車", "May share"), "example": False})
    urgent_reason = String(
        load_default=None,
        allow_none=True,
        max_length=200,
        metadata={"label": Words("緊急原因", "Reason for urgency"), "example": None},
    )


class RequestTrip(_Asked):
    """A car is asked for."""


class RecordLateTrip(_Asked):
    """A trip that already took place (補單)."""


class ChangeTrip(Schema):
    """What is to be different; what is left out stays."""

    purpose_code = Choice(PURPOSES, metadata={"label": Words("用車事由", "Purpose")})
    purpose = String(max_length=100, min_length=1, metadata={"label": Words("事由說明", "Details")})
    origin = String(max_length=100, min_length=1, metadata={"label": Words("上車地點", "Pick-up")})
    destination = String(
        max_length=100, min_length=1, metadata={"label": Words("目的地", "Destination"), "example": "市議會"}
    )
    passengers = Integer(min=1, max=99, metadata={"label": Words("人數", "Number of people")})
    starts_at = Instant(metadata={"label": Words("出發時間", "Departure")})
    ends_at = Instant(metadata={"label": Words("回程時間", "Return")})
    round_trip = Boolean(metadata={"label": Words("是否回程", "Round trip")})
    needs_driver = Boolean(metadata={"label": Words("需要駕駛", "Driver needed")})
    vehicle_kind = Choice(KIND_WORDS, allow_none=True, metadata={"label": Words("車種", "Kind of car")})
    may_share = Boolean(metadata={"label": Words("可以併車", "May share")})
    urgent_reason = String(allow_none=True, max_length=200, metadata={"label": Words("緊急原因", "Reason for urgency")})
    reason = String(max_length=200, metadata={"label": Words("異動原因", "Reason for the change")})
    rev = Integer(min=1, metadata=REV)


class Revision(Schema):
    """Which revision the person saw."""

    rev = Integer(load_default=None, allow_none=True, min=1, metadata=REV)


class ReturnTrip(Revision):
    """Sent back, with the reason (V-22)."""

    reason = String(
        required=True,
        max_length=200,
        metadata={
            "label": Words("退回原因", "Reason"),
            "ask": Words("請寫明退回原因", "Say why it is sent back"),
            "example": "用車事由不詳",
        },
    )


class SlotBefore(Schema):
    """A session for the assigned car before it leaves."""

    charger_id = Id(required=True, metadata={"label": Words("充電樁", "Charger"), "example": "3"})
    starts_at = Instant(required=True, metadata={"label": Words("充電開始", "Charging starts")})
    ends_at = Instant(required=True, metadata={"label": Words("充電結束", "Charging ends")})
    target_percent = Integer(load_default=80, min=1, max=100, metadata={"label": Words("目標電量", "Target charge")})


class AssignTrip(Revision):
    """A car, and a driver unless the applicant drives."""

    vehicle_id = Id(required=True, metadata={"label": Words("車輛", "Vehicle"), "example": "12"})
    driver_id = Id(load_default=None, allow_none=True, metadata={"label": Words("駕駛", "Driver"), "example": "5"})
    leg = Choice(
        LEGS,
        load_default=None,
        allow_none=True,
        metadata={
            "label": Words("只派一程", "One way only"),
            "description": "`out` or `back`: car and driver serve that way alone (V-31); null: the whole way",
            "example": None,
        },
    )
    leg_minutes = Integer(
        load_default=None,
        allow_none=True,
        min=15,
        max=1440,
        metadata={"label": Words("單程要多少分鐘", "Minutes for that way"), "example": None},
    )
    charging = Nested(
        SlotBefore,
        load_default=None,
        allow_none=True,
        metadata={
            "label": Words("出發前充電", "Charging before departure"),
            "description": "car, driver and post: all three, or none",
        },
    )
    low_charge_reason = String(
        load_default=None,
        allow_none=True,
        max_length=200,
        metadata={
            "label": Words("電量不足仍指派的原因", "Why it goes below the floor"),
            "description": "V-76; audited",
            "example": None,
        },
    )


class CancelTrip(Revision):
    """Called off. Dispatch must have reached the applicant (V-35) and say why."""

    reason = String(
        load_default=None,
        allow_none=True,
        max_length=200,
        metadata={"label": Words("取消原因", "Reason"), "example": "會議改期"},
    )
    reached_applicant = Boolean(
        load_default=False, metadata={"label": Words("已聯絡到申請人", "Applicant reached"), "example": True}
    )
    reached_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("聯絡時間", "Reached at"), "description": "null: now", "example": None},
    )
    reached_by = Choice(
        REACHED_BY,
        load_default=None,
        allow_none=True,
        metadata={"label": Words("聯絡方式", "Reached how"), "description": "null: not said", "example": "phone"},
    )


class DeclineTrip(Revision):
    """The driver cannot go."""

    reason_code = Choice(
        DECLINE_REASONS, load_default="other", metadata={"label": Words("原因", "Reason"), "example": "vehicle_fault"}
    )
    note = String(
        load_default=None,
        allow_none=True,
        max_length=200,
        metadata={"label": Words("說明", "Note"), "example": "胎壓異常"},
    )


class StartTrip(Revision):
    """The odometer on leaving."""

    odometer_out = Integer(
        required=True,
        min=0,
        max=2_000_000,
        metadata={"label": Words("出車里程", "Odometer at start"), "example": 48210},
    )


class FinishTrip(Revision):
    """The odometer on return."""

    odometer_out = Integer(
        load_default=None,
        allow_none=True,
        min=0,
        max=2_000_000,
        metadata={"label": Words("出車里程", "Odometer at start"), "example": 48210},
    )
    odometer_in = Integer(
        required=True,
        min=0,
        max=2_000_000,
        metadata={"label": Words("回場里程", "Odometer on return"), "example": 48246},
    )
    charge_percent = Integer(
        load_default=None,
        allow_none=True,
        min=0,
        max=100,
        metadata={"label": Words("剩餘電量", "Charge left"), "example": None},
    )
    note = String(
        load_default=None,
        allow_none=True,
        max_length=200,
        metadata={"label": Words("補充說明", "Note"), "example": None},
    )


class TripQuery(PageQuery):
    """Which trips."""

    status = Choice(STATUS_WORDS, load_default=None, metadata={"label": Words("狀態", "Status"), "example": "approved"})
    from_ = Instant(
        load_default=None,
        data_key="from",
        metadata={"label": Words("起", "From"), "description": "trips that end after this"},
    )
    until = Instant(
        load_default=None, metadata={"label": Words("迄", "Until"), "description": "trips that start before this"}
    )
    vehicle_id = Id(load_default=None, metadata={"label": Words("車輛", "Vehicle")})
    mine = Boolean(load_default=False, metadata={"label": Words("只看自己的", "Mine only")})


class VehicleQuery(PageQuery):
    """Which vehicles."""

    kind = Choice(KIND_WORDS, load_default=None, metadata={"label": Words("車種", "Kind")})
    powertrain = Choice(POWERTRAINS, load_default=None, metadata={"label": Words("動力", "Powertrain")})
    state = Choice(VEHICLE_STATES, load_default=None, metadata={"label": Words("狀態", "State")})


class FreeVehicleQuery(Schema):
    """When, for how many, how far."""

    starts_at = Instant(
        required=True, metadata={"label": Words("出發時間", "Departure"), "example": "2026-11-27T13:30:00+08:00"}
    )
    ends_at = Instant(
        required=True, metadata={"label": Words("回程時間", "Return"), "example": "2026-11-27T17:00:00+08:00"}
    )
    passengers = Integer(
        load_default=1, min=1, max=99, metadata={"label": Words("人數", "Number of people"), "example": 4}
    )
    vehicle_kind = Choice(KIND_WORDS, load_default=None, metadata={"label": Words("車種", "Kind of car")})
    needs_driver = Boolean(load_default=True, metadata={"label": Words("需要駕駛", "Driver needed")})
    destination = String(load_default="", max_length=100, metadata={"label": Words("目的地", "Destination")})


class BookChargingSlot(Schema):
    """A post for a car."""

    charger_id = Id(required=True, metadata={"label": Words("充電樁", "Charger"), "example": "3"})
    vehicle_id = Id(required=True, metadata={"label": Words("車輛", "Vehicle"), "example": "31"})
    starts_at = Instant(
        required=True, metadata={"label": Words("開始", "Start"), "example": "2026-11-27T18:00:00+08:00"}
    )
    ends_at = Instant(required=True, metadata={"label": Words("結束", "End"), "example": "2026-11-27T20:00:00+08:00"})
    target_percent = Integer(
        load_default=80, min=1, max=100, metadata={"label": Words("目標電量", "Target charge"), "example": 80}
    )
