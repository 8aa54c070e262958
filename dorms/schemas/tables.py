"""Shapes of point tables."""

from common.schemas import Boolean, Choice, Date, Decimal, Dict, Id, List, Nested, Schema, String
from common.words import Words
from dorms import vocabulary as say


class PreviewPointTable(Schema):
    """Other amounts for the latest table of a kind."""

    room_kind = Choice(
        say.ROOM_KINDS, required=True, metadata={"label": Words("宿舍種類", "Kind of room"), "example": "single"}
    )
    amounts = Dict(
        keys=String(max_length=20),
        values=Dict(keys=String(max_length=20), values=Decimal()),
        required=True,
        metadata={
            "label": Words("分數", "Amounts"),
            "description": "item → amount → number; what is left out stays as it is",
            "example": {"grade": {"each": 4, "max": 60}},
        },
    )


class SavePointTable(PreviewPointTable):
    """A new version from a day on (D-15)."""

    version = String(
        required=True, max_length=40, metadata={"label": Words("版本名稱", "Version"), "example": "single-116"}
    )
    since = Date(required=True, metadata={"label": Words("生效日", "In force from"), "example": "2027-01-01"})
    note = String(load_default="", max_length=400, metadata={"label": Words("說明", "Note"), "example": "依修正後要點"})
    note_en = String(
        load_default="", max_length=400, metadata={"label": Words("說明（英文）", "Note in English"), "example": ""}
    )
    sample = Boolean(
        load_default=True,
        metadata={
            "label": Words("示範值", "Sample"),
            "description": "until these are the city’s own amounts",
            "example": True,
        },
    )


class PointItemOut(Schema):
    """One row of a point table."""

    code = String(required=True)
    label = String(required=True)
    label_en = String(required=True)
    method = String(required=True)
    parameters = Dict(required=True)
    rule = String(required=True)
    private = Boolean(required=True, metadata={"description": "shown to others only within a sum (C-27)"})


class PointTableOut(Schema):
    """A version of a point table."""

    id = Id(required=True)
    version = String(required=True)
    room_kind = String(required=True)
    since = Date(required=True)
    sample = Boolean(required=True)
    note = String(required=True, min_length=0, max_length=None)
    note_en = String(required=True, min_length=0, max_length=None)
    items = List(Nested(PointItemOut), required=True)


class PointChangeOut(Schema):
    """An application not ranked yet that would count differently."""

    round = String(required=True)
    code = String(required=True)
    before = Decimal(required=True)
    after = Decimal(required=True)


class PointPreviewOut(Schema):
    """What other amounts would change; their own rounds keep the table they were announced with."""

    changes = List(Nested(PointChangeOut), required=True, max_length=100_000)
