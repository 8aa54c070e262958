"""Shapes of equipment on its way: handovers, faults, another wish, savings; and of the dated figures."""

from typing import Any

from common.schemas import (
    Boolean,
    Date,
    Id,
    Instant,
    Integer,
    List,
    Nested,
    PageQuery,
    Schema,
    String,
    post_load,
)
from common.words import Words
from venues import figures
from venues.schemas.taken import EquipmentIn, WithRev

PIECE = {"label": Words("設備編號", "Piece"), "example": "stage:1", "description": "kind and number, such as stage:1"}


class DeliverPiece(Schema):
    """A piece taken to its event."""

    piece = String(required=True, max_length=30, metadata=PIECE)
    condition = String(
        load_default="", max_length=200, metadata={"label": Words("狀況", "Condition"), "example": "完好"}
    )


class ReturnPiece(WithRev):
    """A piece brought back, and in what condition; a damaged one leaves the stock."""

    condition = String(
        load_default="", max_length=200, metadata={"label": Words("狀況", "Condition"), "example": "完好"}
    )
    damaged = Boolean(load_default=False, metadata={"label": Words("損壞", "Damaged"), "example": False})
    expected_on = Date(
        load_default=None, allow_none=True,
        metadata={"label": Words("預計修好", "Repair expected"), "example": "2026-12-20"},
    )  # fmt: skip


class ReportPieceFault(Schema):
    """A piece that cannot be lent until it is repaired."""

    piece = String(required=True, max_length=30, metadata=PIECE)
    note = String(
        required=True,
        max_length=500,
        lines=True,
        metadata={"label": Words("哪裡壞了", "What is wrong"), "example": "支架彎曲"},
    )
    expected_on = Date(
        load_default=None, allow_none=True,
        metadata={"label": Words("預計修好", "Repair expected"), "example": "2026-12-20"},
    )  # fmt: skip


class RepairPiece(WithRev):
    """The piece is whole again."""

    note = String(
        load_default="",
        max_length=500,
        lines=True,
        metadata={"label": Words("修了什麼", "What was done"), "example": "已換支架"},
    )


class ChangeEquipment(WithRev):
    """What the event shall have from now on; what is not named is given back."""

    equipment = List(
        Nested(EquipmentIn), required=True, max_length=10, metadata={"label": Words("借用設備", "Equipment")}
    )

    @post_load
    def counted(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        wanted: dict[str, int] = {}
        for row in data.pop("equipment"):
            wanted[row["kind"]] = wanted.get(row["kind"], 0) + row["quantity"]
        return {**data, "equipment_wanted": wanted}


class EquipmentDayQuery(Schema):
    """Which Taipei day."""

    day = Date(required=True, metadata={"label": Words("日期", "Day"), "example": "2026-12-12"})


class SavingsQuery(Schema):
    """Which half-year."""

    period = String(required=True, max_length=10, metadata={"label": Words("期間", "Period"), "example": "115H2"})


class FigureQuery(PageQuery):
    """All figures."""


class SetFigure(Schema):
    """A new value from a day on."""

    key = String(
        required=True, max_length=40, metadata={"label": Words("參數", "Figure"), "example": next(iter(figures.KEYS))}
    )
    value = Integer(required=True, min=0, metadata={"label": Words("數值", "Value"), "example": 20000})
    valid_from = Date(required=True, metadata={"label": Words("生效日", "From"), "example": "2099-01-01"})


# ── Given ─────────────────────────────────────────────────────────────────────


class HandoverOut(Schema):
    """One piece at one event: out and back."""

    id = Id(required=True)
    booking_id = Id(required=True)
    piece = String(required=True)
    due_back_at = Instant(required=True)
    delivered_at = Instant(required=True)
    condition_out = String(required=True, min_length=0)
    returned_at = Instant(allow_none=True)
    condition_in = String(required=True, min_length=0)
    rev = Integer(required=True)


class NeedOut(Schema):
    """One piece of one event, and how far it is on its way."""

    booking_id = Id(required=True)
    piece = String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    handover = Nested(HandoverOut, allow_none=True)
    still_at_booking_id = Id(allow_none=True, metadata={"description": "the event it has not come back from yet"})


class EquipmentDayOut(Schema):
    """What goes out and comes back on a day."""

    items = List(Nested(NeedOut), required=True)
    next = String(allow_none=True)


class PieceFaultOut(Schema):
    """A piece out of stock."""

    id = Id(required=True)
    piece = String(required=True)
    since = Instant(required=True)
    expected_on = Date(allow_none=True)
    repaired_at = Instant(allow_none=True)
    note = String(required=True, max_length=None)
    rev = Integer(required=True)


class SavedKindOut(Schema):
    """One kind: pieces lent and what they saved in whole NT$."""

    kind = String(required=True, metadata={"example": "stage"})
    pieces = Integer(required=True, metadata={"example": 25})
    saved = Integer(required=True, metadata={"example": 500000})


class SavedLineOut(Schema):
    """One event's pieces of one kind."""

    booking_id = Id(required=True)
    number = String(required=True)
    kind = String(required=True)
    quantity = Integer(required=True)
    each = Integer(required=True, metadata={"description": "NT$ a piece, as in force on the event's day"})
    amount = Integer(required=True)
    sample = Boolean(required=True)


class SavingsOut(Schema):
    """What lending equipment saved in a half-year (S-19); the total is the sum of the lines."""

    period = String(required=True)
    kinds = List(Nested(SavedKindOut), required=True)
    lines = List(Nested(SavedLineOut), required=True, max_length=100_000)
    total = Integer(required=True)


class FigureOut(Schema):
    """One version of a figure."""

    key = String(required=True)
    value = Integer(required=True)
    unit = String(required=True)
    rule = String(required=True)
    sample = Boolean(required=True)
    valid_from = Date(required=True)


class FiguresOut(Schema):
    """Every version of every figure, the newest first."""

    items = List(Nested(FigureOut), required=True)
    next = String(allow_none=True)
