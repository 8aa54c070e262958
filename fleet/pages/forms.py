"""Shapes of forms, where a day and clock times are asked for apart."""

from typing import Any

from common.period import Period, local
from common.schemas import Boolean, Choice, Clock, Date, Id, Integer, Schema, String
from common.words import Words
from fleet.schemas.lifecycle import MergeTrips
from fleet.schemas.taken import DESTINATION, KIND_WORDS, REV, AssignTrip, CancelTrip, Revision
from fleet.terms import LEGS, PURPOSES, RECALL_REASONS

CLOCK = ("date", "until", "leave", "back")


def clock_of(period: Period) -> dict[str, Any]:
    """A period as the forms ask for it: a day, clock times, and the last day where it is another."""
    start, end = local(period.starts_at), local(period.ends_at)
    until = end.date().isoformat() if end.date() != start.date() else ""
    return {"date": start.date().isoformat(), "until": until, "leave": f"{start:%H:%M}", "back": f"{end:%H:%M}"}


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


class RecallForm(Schema):
    """A recall as its form sends it; without a day of return it is open."""

    vehicle_id = Id(required=True, metadata={"label": Words("車輛", "Vehicle")})
    date = Date(required=True, metadata={"label": Words("召回日期", "From")})
    leave = Clock(required=True, metadata={"label": Words("開始", "Start")})
    until = Date(load_default=None, metadata={"label": Words("歸還日期", "Return date")})
    back = Clock(load_default=None, metadata={"label": Words("歸還時間", "Return")})
    reason_code = Choice(RECALL_REASONS, required=True, metadata={"label": Words("召回原因", "Reason")})
    reason = String(load_default="", max_length=200, metadata={"label": Words("說明", "Details")})
    plan = String(load_default=None, max_length=64)


class LegForm(AssignTrip):
    """A car and driver for one way of the trip (V-31)."""

    leg = Choice(LEGS, required=True, metadata={"label": Words("派哪一程", "Which way")})


class MergeForm(Revision):
    """Another trip rides along in this one's car (V-20)."""

    keeper_id = Id(required=True, metadata={"label": Words("主單", "Keeper")})
    reason = MergeTrips().fields["reason"]
    leg = Choice(LEGS, load_default=None, metadata={"label": Words("只併一程", "One way only")})
    detour_km = Integer(load_default=0, min=0, max=200, metadata={"label": Words("繞路公里", "Detour, km")})
    keeper_rev = Integer(load_default=None, min=1, metadata=REV)


class ReachedForm(Revision):
    """Dispatch reached the applicant: how, and at which clock time today (V-35)."""

    reached_applicant = CancelTrip().fields["reached_applicant"]
    reached_at = Clock(load_default=None, metadata={"label": Words("聯絡時間", "Reached at")})
    reached_by = CancelTrip().fields["reached_by"]


class CancelForm(ReachedForm):
    """Called off; by dispatch only after reaching the applicant."""

    reason = CancelTrip().fields["reason"]


class DeskCancelForm(ReachedForm):
    """Called off on the board, beside the form that moves the trip: the reason has a name of its own."""

    cancel_reason = CancelTrip().fields["reason"]
