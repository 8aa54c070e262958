"""Shapes of setting up and clearing outside the hours of use."""

from typing import Any

from common.schemas import (
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
from venues.models.setup_time import PURPOSES, STATES
from venues.schemas.taken import WithRev


class AskSetup(Schema):
    """A stretch before or after a booking."""

    purpose = Choice(PURPOSES, required=True, metadata={"label": Words("用途", "Purpose"), "example": "setup"})
    starts_at = Instant(
        required=True, metadata={"label": Words("開始時間", "Start"), "example": "2026-12-11T22:00:00+08:00"}
    )
    ends_at = Instant(
        required=True, metadata={"label": Words("結束時間", "End"), "example": "2026-12-12T08:30:00+08:00"}
    )
    why = String(
        required=True, max_length=300, lines=True, metadata={"label": Words("說明", "What for"), "example": "搭設舞臺"}
    )

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["ends_at"] <= data["starts_at"]:
            raise Wrong(Words("結束時間要晚於開始時間", "The end must be after the start"), "ends_at")


class SetupForm(Schema):
    """The same as typed on a page: day and clock apart; an end before the start is on the next day."""

    purpose = Choice(PURPOSES, required=True, metadata={"label": Words("用途", "Purpose")})
    day = Date(required=True, metadata={"label": Words("日期", "Date")})
    starts = Clock(required=True, metadata={"label": Words("開始時間", "Start")})
    ends = Clock(required=True, metadata={"label": Words("結束時間", "End")})
    why = String(required=True, max_length=300, lines=True, metadata={"label": Words("說明", "What for")})


class AnswerSetup(WithRev):
    """The officer's answer."""

    note = String(
        load_default="", max_length=300, lines=True, metadata={"label": Words("說明", "Note"), "example": "請洽駐警隊"}
    )


class RefuseSetup(WithRev):
    """A refusal says why."""

    note = String(
        required=True, max_length=300, lines=True, metadata={"label": Words("原因", "Reason"), "example": "當晚施工"}
    )


class SetupOut(Schema):
    """One stretch and where it stands."""

    id = Id(required=True)
    rev = Integer(required=True)
    booking_id = Id(required=True)
    purpose = Choice(PURPOSES, required=True)
    state = Choice(STATES, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    why = String(required=True)
    answer = String(required=True, min_length=0)


class SetupsOut(Schema):
    """Everything asked for with one booking."""

    items = List(Nested(SetupOut), required=True)
    next = String(allow_none=True)
