"""Shapes of closures, taken in and given out."""

from typing import Any

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
    Wrong,
    validates_schema,
)
from common.words import Words
from venues import vocabulary
from venues.schemas.taken import WithRev

SCOPE = Words("請選擇場地，或選擇全部場地", "Choose venues, or all of them")


class Scope(Schema):
    """What is closed and when. All venues only when that is said with `everything`."""

    venue_ids = List(
        Id(), load_default=list, max_length=200, metadata={"label": Words("場地", "Venues"), "example": ["1"]}
    )
    everything = Boolean(load_default=False, metadata={"label": Words("全部場地", "All venues"), "example": False})

    @validates_schema
    def something(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data.get("venue_ids")) == bool(data.get("everything")):
            raise Wrong(SCOPE, "venue_ids")


class PreviewClosure(Scope):
    """A closure to be looked at before it is made."""

    starts_at = Instant(
        required=True, metadata={"label": Words("開始時間", "Start"), "example": "2027-01-11T00:00:00+08:00"}
    )
    ends_at = Instant(
        required=True, metadata={"label": Words("結束時間", "End"), "example": "2027-01-18T00:00:00+08:00"}
    )


class CloseVenue(PreviewClosure):
    """A closure. `shown` is how many bookings and meetings were shown; another number by now is refused with 409."""

    reason = String(
        required=True, max_length=300, lines=True, metadata={"label": Words("原因", "Reason"), "example": "屋頂整修"}
    )
    ground = Choice(
        vocabulary.CLOSURE_GROUNDS, required=True, metadata={"label": Words("依據", "Ground"), "example": "renovation"}
    )
    shown = Integer(
        min=0, load_default=None, allow_none=True,
        metadata={"label": Words("顯示的件數", "Number shown"), "description": "from the preview"},
    )  # fmt: skip


class ClosureForm(Scope):
    """A closure as typed on the page: whole days, or from one clock time to another."""

    first = Date(required=True, metadata={"label": Words("起日", "First day")})
    last = Date(required=True, metadata={"label": Words("迄日", "Last day")})
    opens = Clock(load_default=None, metadata={"label": Words("開始時間", "From")})
    closes = Clock(load_default=None, metadata={"label": Words("結束時間", "Until")})
    reason = String(required=True, max_length=300, lines=True, metadata={"label": Words("原因", "Reason")})
    ground = Choice(vocabulary.CLOSURE_GROUNDS, required=True, metadata={"label": Words("依據", "Ground")})
    shown = Integer(min=0, load_default=None, metadata={"label": Words("顯示的件數", "Number shown")})

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if "first" in data and "last" in data and data["last"] < data["first"]:
            raise Wrong(Words("迄日要在起日之後", "The last day must not be before the first"), "last")


class ReopenVenue(WithRev):
    """The withdrawal of a closure. With `restore`, bookings whose applicants want it and whose time is free come back."""

    reason = String(
        required=True, max_length=300, lines=True, metadata={"label": Words("原因", "Reason"), "example": "提前完工"}
    )
    restore = Boolean(load_default=False, metadata={"label": Words("恢復檔期", "Restore bookings"), "example": True})


# ── Given out ─────────────────────────────────────────────────────────────────


class AffectedOut(Schema):
    """One booking in the way of a closure and what comes back, in whole NT$."""

    booking_id = Id(required=True)
    number = String(required=True)
    status = Choice(vocabulary.STATUSES, required=True)
    refund = Integer(required=True)


class ClosurePreviewOut(Schema):
    """What a closure would do. `items` names the first bookings; the numbers count all."""

    bookings = Integer(required=True)
    meetings = Integer(required=True)
    touched = Integer(required=True, metadata={"description": "bookings and meetings; send it back as `shown`"})
    refund = Integer(required=True, metadata={"description": "what comes back in all, whole NT$"})
    applicants = Integer(required=True, metadata={"description": "how many people are told of their bookings"})
    others = List(
        String(), required=True, max_length=1000, metadata={"description": "what else has the time and stays"}
    )
    items = List(Nested(AffectedOut), required=True)


class ClosureOut(Schema):
    """A closure as it stands; `done` of `expected` bookings and meetings are dealt with."""

    id = Id(required=True)
    rev = Integer(required=True)
    state = Choice(vocabulary.CLOSURE_STATES, required=True)
    everything = Boolean(required=True)
    venue_ids = List(Id(), required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    reason = String(required=True, max_length=None)
    ground = Choice(vocabulary.CLOSURE_GROUNDS, required=True)
    expected = Integer(required=True)
    done = Integer(required=True)
    refunded = Integer(required=True, metadata={"description": "whole NT$"})
    made_at = Instant(required=True)
    carried_out_at = Instant(allow_none=True)
    reopened_at = Instant(allow_none=True)
    reopened_reason = String(required=True, min_length=0, max_length=None)
    restores = Boolean(required=True)


class ClosureLineOut(Schema):
    """What a closure did to one booking or meeting."""

    id = Id(required=True)
    booking_id = Id(allow_none=True)
    meeting_id = Id(allow_none=True)
    status_before = String(required=True, min_length=0)
    refund = Integer(required=True)
    outcome = Choice(("suspended", "released", "restored", "kept"), required=True)
    at = Instant(required=True)
    wants_back = Boolean(required=True, allow_none=True)
