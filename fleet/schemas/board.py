"""Shapes of the dispatcher's board: moving a trip, undoing it, a driver's leave."""

from common.schemas import Boolean, Choice, Clock, Date, Id, Instant, Integer, Nested, Schema, String
from common.words import Words
from fleet.schemas.given import TripOut
from fleet.schemas.taken import REV, Revision
from fleet.terms import LEAVE_REASONS, WAYS

WHY = {"label": Words("原因", "Reason"), "example": "外賓班機改時"}
ANYWAY = {
    "label": Words("仍要指派", "Assign anyway"),
    "description": "give a car that is taken for a part of the time, flagged as a conflict",
    "example": False,
}
WAY = {
    "label": Words("派哪一程", "Which way"),
    "description": "`out` or `back`: car and driver serve that way alone (V-31); `whole`: all of it again; null: as it stands",
    "example": None,
}
MINUTES = {
    "label": Words("單程要多少分鐘", "Minutes for that way"),
    "description": "null: as long as its kilometres take",
    "example": None,
}


class MoveTrip(Revision):
    """Another car, driver, time or way; what is left out stays (V-23, V-31)."""

    vehicle_id = Id(load_default=None, allow_none=True, metadata={"label": Words("車輛", "Vehicle"), "example": "12"})
    driver_id = Id(load_default=None, allow_none=True, metadata={"label": Words("駕駛", "Driver"), "example": "5"})
    starts_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("出發時間", "Departure"), "example": "2026-11-27T14:00:00+08:00"},
    )
    ends_at = Instant(
        load_default=None, allow_none=True, metadata={"label": Words("回程時間", "Return"), "example": None}
    )
    way = Choice(WAYS, load_default=None, allow_none=True, metadata=WAY)
    leg_minutes = Integer(load_default=None, allow_none=True, min=15, max=1440, metadata=MINUTES)
    anyway = Boolean(load_default=False, metadata=ANYWAY)
    reason = String(load_default=None, allow_none=True, max_length=200, metadata=WHY)


class MoveOut(Schema):
    """The move, until when it can be undone, and the trip after it."""

    id = Id(required=True)
    undo_until = Instant(required=True)
    trip = Nested(TripOut, required=True)


class PlaceForm(Revision):
    """A move as the board's form sends it: day and clock times apart; what is left out stays."""

    vehicle_id = Id(load_default=None, metadata={"label": Words("車輛", "Vehicle")})
    driver_id = Id(load_default=None, metadata={"label": Words("駕駛", "Driver")})
    date = Date(load_default=None, metadata={"label": Words("日期", "Date")})
    leave = Clock(load_default=None, metadata={"label": Words("出發", "Leave")})
    until = Date(load_default=None, metadata={"label": Words("回程日期", "Return date")})
    back = Clock(load_default=None, metadata={"label": Words("回程", "Back")})
    shift = Integer(
        load_default=0,
        min=-1440,
        max=1440,
        metadata={"label": Words("移動", "Shift"), "description": "minutes by which departure and return move"},
    )
    way = Choice(WAYS, load_default=None, metadata=WAY)
    leg_minutes = Integer(load_default=None, min=15, max=1440, metadata=MINUTES)
    anyway = Boolean(load_default=False, metadata=ANYWAY)
    reason = String(load_default=None, max_length=200, metadata=WHY)


class LeaveForm(Schema):
    """A driver's leave as the form sends it."""

    driver_id = Id(required=True, metadata={"label": Words("駕駛", "Driver")})
    date = Date(required=True, metadata={"label": Words("開始日期", "First day")})
    leave = Clock(required=True, metadata={"label": Words("開始", "From")})
    until = Date(required=True, metadata={"label": Words("結束日期", "Last day")})
    back = Clock(required=True, metadata={"label": Words("結束", "Until")})
    reason_code = Choice(LEAVE_REASONS, required=True, metadata={"label": Words("原因", "Reason")})
    note = String(load_default=None, max_length=100, metadata={"label": Words("說明", "Note")})


class CancelLeave(Schema):
    """Which revision of the leave the person saw."""

    rev = Integer(load_default=None, min=1, metadata=REV)
