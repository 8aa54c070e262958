"""Shapes of upkeep: what is recorded, what is due, workshop time, accidents, plates handed in."""

from common.schemas import (
    Boolean,
    Choice,
    Clock,
    Date,
    Id,
    Instant,
    Integer,
    List,
    Money,
    Nested,
    PageQuery,
    Schema,
    String,
)
from common.words import Words
from fleet.schemas.given import ReasonOut
from fleet.schemas.taken import REV, Revision
from fleet.terms import ACCIDENT_STEPS, DUE_KINDS, UPKEEP_KINDS

CAR = {"label": Words("車輛", "Car"), "example": "12"}
DUE_STATES = {
    "overdue": Words("逾期", "Overdue"),
    "soon": Words("30 天內到期", "Due soon"),
    "later": Words("之後", "Later"),
}


class RecordUpkeep(Schema):
    """Something done to a car, or paid for it."""

    vehicle_id = Id(required=True, metadata=CAR)
    kind = Choice(UPKEEP_KINDS, required=True, metadata={"label": Words("項目", "What"), "example": "inspection"})
    done_on = Date(required=True, metadata={"label": Words("日期", "Date"), "example": "2026-11-20"})
    passed = Boolean(load_default=True, metadata={"label": Words("合格", "Passed"), "example": True})
    odometer = Integer(
        load_default=None,
        allow_none=True,
        min=0,
        max=2_000_000,
        metadata={"label": Words("里程", "Odometer")},
    )
    cost = Money(load_default=0, max=5_000_000, metadata={"label": Words("金額", "Cost"), "example": 600})
    workshop = String(load_default="", max_length=60, metadata={"label": Words("廠商或公司", "Workshop or company")})
    note = String(load_default=None, allow_none=True, max_length=200, metadata={"label": Words("說明", "Note")})
    valid_until = Date(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("有效到", "Valid until"), "description": "for insurance and tax"},
    )
    back_in_service = Boolean(
        load_default=False, metadata={"label": Words("修好了，恢復派車", "Repaired, back in service")}
    )


class UpkeepOut(Schema):
    """A record of upkeep."""

    id = Id(required=True)
    vehicle_id = Id(required=True)
    kind = Choice(UPKEEP_KINDS, required=True)
    done_on = Date(required=True)
    passed = Boolean(required=True)
    odometer = Integer(allow_none=True)
    cost = Integer(required=True, metadata={"description": "NT$"})
    workshop = String(required=True, min_length=0)
    note = String(allow_none=True)
    valid_until = Date(allow_none=True)
    rev = Integer(required=True)


class DueQuery(PageQuery):
    """Which items."""

    state = Choice(DUE_STATES, load_default=None, metadata={"label": Words("狀態", "State")})
    kind = Choice(DUE_KINDS, load_default=None, metadata={"label": Words("項目", "What")})


class DueOut(Schema):
    """Something that falls due."""

    vehicle_id = Id(allow_none=True, required=True)
    driver_id = Id(allow_none=True, required=True)
    label = Nested(ReasonOut, required=True)
    kind = Choice(DUE_KINDS, required=True)
    state = Choice(DUE_STATES, required=True)
    due_on = Date(required=True)
    last_day = Date(required=True, metadata={"description": "the last day on which all is well"})
    due_km = Integer(allow_none=True, required=True, metadata={"description": "due at this odometer"})
    blocks = Boolean(required=True, metadata={"description": "keeps the car or driver off the road once overdue"})


class DueList(Schema):
    """Soonest first."""

    items = List(Nested(DueOut), required=True, max_length=200)
    next = String(allow_none=True, required=True)


class AppointmentForm(Schema):
    """Workshop time as the form sends it."""

    vehicle_id = Id(required=True, metadata=CAR)
    kind = Choice(UPKEEP_KINDS, required=True, metadata={"label": Words("項目", "What")})
    date = Date(required=True, metadata={"label": Words("日期", "Date")})
    until = Date(load_default=None, metadata={"label": Words("到哪一天", "Until")})
    leave = Clock(required=True, metadata={"label": Words("送廠時間", "From")})
    back = Clock(required=True, metadata={"label": Words("取車時間", "Back")})
    workshop = String(required=True, max_length=60, metadata={"label": Words("修車廠", "Workshop")})


class AccidentForm(Schema):
    """An accident as the form sends it."""

    vehicle_id = Id(required=True, metadata=CAR)
    happened_at = Instant(required=True, metadata={"label": Words("發生時間", "When")})
    place = String(required=True, max_length=100, metadata={"label": Words("地點", "Where")})
    what = String(required=True, max_length=300, lines=True, metadata={"label": Words("經過", "What happened")})
    injured = Boolean(load_default=False, metadata={"label": Words("有人受傷", "Somebody is hurt")})
    unfit = Boolean(load_default=False, metadata={"label": Words("車不能開了", "The car cannot be driven")})
    heavy = Boolean(load_default=False, metadata={"label": Words("車身或底盤重損", "Body or chassis badly damaged")})


class StepForm(Revision):
    """The next step of an accident."""

    note = String(required=True, max_length=300, lines=True, metadata={"label": Words("辦理情形", "What was done")})


class SuspendForm(Schema):
    """Plates handed in."""

    from_day = Date(required=True, metadata={"label": Words("報停日", "From")})
    until_day = Date(required=True, metadata={"label": Words("預定恢復日", "Until")})
    reason = String(required=True, max_length=100, metadata={"label": Words("原因", "Reason")})
    rev = Integer(load_default=None, min=1, metadata=REV)


# --- operations of the workshop and of accidents ------------------------------------------------------------------

VISIT_STATES = ("booked", "done", "cancelled")


class BookWorkshop(Schema):
    """A car's time at the workshop."""

    vehicle_id = Id(required=True, metadata=CAR)
    kind = Choice(UPKEEP_KINDS, required=True, metadata={"label": Words("項目", "What"), "example": "service"})
    starts_at = Instant(
        required=True, metadata={"label": Words("送廠時間", "From"), "example": "2026-12-01T09:00:00+08:00"}
    )
    ends_at = Instant(
        required=True, metadata={"label": Words("取車時間", "Back"), "example": "2026-12-01T17:00:00+08:00"}
    )
    workshop = String(
        required=True, max_length=60, metadata={"label": Words("修車廠", "Workshop"), "example": "信義保養廠"}
    )


class EndWorkshop(Revision):
    """The car is back, or does not go."""

    done = Boolean(
        load_default=True,
        metadata={"label": Words("已取車", "Back"), "description": "false: the visit is called off", "example": True},
    )


class WorkshopQuery(PageQuery):
    """Which visits."""

    vehicle_id = Id(load_default=None, metadata=CAR)
    state = Choice(VISIT_STATES, load_default=None, metadata={"label": Words("狀態", "State")})


class WorkshopVisitOut(Schema):
    """A visit to the workshop; while it is booked the car is nobody else's."""

    id = Id(required=True)
    vehicle_id = Id(required=True)
    kind = Choice(UPKEEP_KINDS, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    workshop = String(required=True)
    state = Choice(VISIT_STATES, required=True)
    rev = Integer(required=True)


class ReportAccident(Schema):
    """An accident, reported at once (V-56)."""

    vehicle_id = Id(required=True, metadata=CAR)
    happened_at = Instant(
        required=True, metadata={"label": Words("發生時間", "When"), "example": "2026-11-20T10:20:00+08:00"}
    )
    place = String(required=True, max_length=100, metadata={"label": Words("地點", "Where"), "example": "基隆路一段"})
    what = String(
        required=True,
        max_length=300,
        lines=True,
        metadata={"label": Words("經過", "What happened"), "example": "路口擦撞，後保險桿刮傷"},
    )
    injured = Boolean(load_default=False, metadata={"label": Words("有人受傷", "Somebody is hurt")})
    unfit = Boolean(load_default=False, metadata={"label": Words("車不能開了", "The car cannot be driven")})
    heavy = Boolean(load_default=False, metadata={"label": Words("車身或底盤重損", "Body or chassis badly damaged")})
    driver_id = Id(load_default=None, allow_none=True, metadata={"label": Words("駕駛", "Driver"), "example": None})
    trip_id = Id(load_default=None, allow_none=True, metadata={"label": Words("行程", "Trip"), "example": None})


class AdvanceAccident(Revision):
    """What was done for the next step."""

    note = String(
        required=True,
        max_length=300,
        lines=True,
        metadata={"label": Words("辦理情形", "What was done"), "example": "警方已到場"},
    )


class AccidentQuery(PageQuery):
    """Which accidents."""

    vehicle_id = Id(load_default=None, metadata=CAR)
    open = Boolean(
        load_default=None, metadata={"label": Words("辦理中", "Open"), "description": "true: not closed; false: closed"}
    )


class AccidentStepOut(Schema):
    """One step: what was done, when, by whom."""

    step = Choice(ACCIDENT_STEPS, required=True)
    at = Instant(required=True)
    who_id = Id(allow_none=True, required=True)
    note = String(required=True, min_length=0)


class AccidentOut(Schema):
    """An accident and how far it is dealt with."""

    id = Id(required=True)
    vehicle_id = Id(required=True)
    driver_id = Id(allow_none=True, required=True)
    trip_id = Id(allow_none=True, required=True)
    happened_at = Instant(required=True)
    place = String(required=True)
    what = String(required=True)
    injured = Boolean(required=True)
    unfit = Boolean(required=True)
    heavy = Boolean(required=True)
    step = Choice(ACCIDENT_STEPS, required=True)
    next_step = Choice(ACCIDENT_STEPS, allow_none=True, required=True, metadata={"description": "null: closed"})
    steps = List(Nested(AccidentStepOut), required=True)
    rev = Integer(required=True)
