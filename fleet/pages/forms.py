"""Shapes of forms, where a day and clock times are asked for apart."""

from common.schemas import Boolean, Choice, Clock, Date, Id, Integer, Schema, String
from common.words import Words
from fleet.schemas.taken import DESTINATION, KIND_WORDS, REV
from fleet.terms import PURPOSES


class WhenForm(Schema):
    """First step of asking for a car."""

    date = Date(required=True, metadata={"label": Words("日期", "Date")})
    until = Date(load_default=None, metadata={"label": Words("回程日期", "Return date")})
    leave = Clock(required=True, metadata={"label": Words("出發時間", "Departure")})
    back = Clock(required=True, metadata={"label": Words("回程時間", "Return")})
    origin = String(required=True, max_length=100, metadata={"label": Words("上車地點", "Pick-up")})
    destination = String(required=True, max_length=100, metadata=DESTINATION)
    needs_driver = Boolean(load_default=True, metadata={"label": Words("需要駕駛", "Driver needed")})


class WhoForm(Schema):
    """Second step."""

    passengers = Integer(required=True, min=1, max=99, metadata={"label": Words("人數", "Number of people")})
    vehicle_kind = Choice(KIND_WORDS, load_default=None, metadata={"label": Words("車種", "Kind of car")})
    purpose_code = Choice(PURPOSES, required=True, metadata={"label": Words("用車事由", "Purpose")})
    purpose = String(required=True, max_length=100, metadata={"label": Words("事由說明", "Details")})
    round_trip = Boolean(load_default=True, metadata={"label": Words("來回或單程", "Round trip")})
    may_share = Boolean(load_default=False, metadata={"label": Words("可以併車", "May share")})
    urgent_reason = String(
        load_default=None, max_length=200, metadata={"label": Words("緊急原因", "Reason for urgency")}
    )


class TripForm(WhenForm, WhoForm):
    """The whole request as the form sends it."""


class ChangeForm(TripForm):
    """A change of it."""

    reason = String(load_default=None, max_length=200, metadata={"label": Words("異動原因", "Reason for the change")})
    rev = Integer(load_default=None, min=1, metadata=REV)


class SlotForm(Schema):
    """A charging slot as the form sends it."""

    charger_id = Id(required=True, metadata={"label": Words("充電樁", "Charger")})
    vehicle_id = Id(required=True, metadata={"label": Words("車輛", "Vehicle")})
    date = Date(required=True, metadata={"label": Words("日期", "Date")})
    leave = Clock(required=True, metadata={"label": Words("開始", "Start")})
    back = Clock(required=True, metadata={"label": Words("結束", "End")})
    target_percent = Integer(required=True, min=1, max=100, metadata={"label": Words("目標電量", "Target charge")})
