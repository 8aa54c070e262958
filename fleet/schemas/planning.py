"""Shapes of a day planned anew."""

from common.schemas import Boolean, Date, Decimal, Id, Integer, List, Nested, Schema
from common.words import Words
from fleet.schemas.given import ReasonOut
from fleet.schemas.taken import REV


class StepIn(Schema):
    """One trip's new car and driver, as a preview gave them."""

    trip_id = Id(required=True, metadata={"label": Words("行程", "Trip"), "example": "1"})
    rev = Integer(required=True, min=1, metadata=REV)
    vehicle_id = Id(required=True, metadata={"label": Words("車輛", "Vehicle"), "example": "12"})
    driver_id = Id(load_default=None, allow_none=True, metadata={"label": Words("駕駛", "Driver"), "example": "5"})


class ReplanDay(Schema):
    """Plan the day anew: look only, or do it. With `changes` of a preview exactly those are done, or none of them."""

    apply = Boolean(load_default=False, metadata={"label": Words("套用", "Apply"), "example": False})
    seconds = Integer(
        load_default=3, min=1, max=10,
        metadata={"label": Words("計算秒數", "Seconds"), "description": "at most so long a search", "example": 3},
    )  # fmt: skip
    move = Boolean(
        load_default=True,
        metadata={
            "label": Words("可動已派的車", "Move given cars"),
            "description": "false leaves cars already given alone",
        },
    )
    changes = List(Nested(StepIn), load_default=list, metadata={"label": Words("要改的行程", "Changes"), "example": []})


class ApplyPlan(Schema):
    """The changes of a preview, as its page carried them."""

    changes = List(Nested(StepIn), required=True, metadata={"label": Words("要改的行程", "Changes")})


class PlannedOut(Schema):
    """One trip that gets a car, or another one."""

    trip_id = Id(attribute="trip.id", required=True)
    rev = Integer(attribute="trip.rev", required=True)
    vehicle_id = Id(attribute="vehicle.id", required=True)
    driver_id = Id(attribute="step.driver_id", allow_none=True, required=True)
    previous_vehicle_id = Id(attribute="before.id", allow_none=True, dump_default=None)
    why = Nested(ReasonOut, required=True)
    told = List(Nested(ReasonOut), required=True, metadata={"description": "names of the people who are told"})


class LeftOut(Schema):
    """A trip that stays without a car, and why."""

    trip_id = Id(attribute="trip.id", required=True)
    why = Nested(ReasonOut, required=True)


class ScoreOut(Schema):
    """What a plan costs, in the order in which it weighs."""

    lost = Integer(required=True, metadata={"description": "priority of the trips without a car"})
    broken = Integer(required=True, metadata={"description": "confirmed trips that change their car"})
    energy = Integer(required=True, metadata={"description": "NT$ of energy"})
    changed = Integer(required=True, metadata={"description": "trips that change their car"})
    cars = Integer(required=True, metadata={"description": "cars used"})


class ReplanOut(Schema):
    """The day planned anew. Where the changes of an earlier preview were sent and done, nothing was planned: those are null."""

    day = Date(required=True)
    applied = Boolean(required=True)
    proven = Boolean(allow_none=True, required=True, metadata={"description": "proven to be the best plan"})
    gap_percent = Decimal(
        allow_none=True, required=True, places=2, metadata={"description": "proven distance from the best, at most"}
    )
    before = Nested(ScoreOut, allow_none=True, required=True)
    after = Nested(ScoreOut, allow_none=True, required=True)
    changes = List(Nested(PlannedOut), required=True)
    left = List(Nested(LeftOut), required=True)
