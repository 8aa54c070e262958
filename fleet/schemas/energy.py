"""Shapes of energy: a record, a line of a file, a comparison of half-years."""

from typing import Any

from common.errors import Invalid
from common.roc import HalfYear
from common.schemas import Choice, Date, Decimal, Id, Instant, Integer, Money, Schema, String, ValidationError
from common.words import Words
from fleet.terms import ENERGY_KINDS, ENERGY_SOURCES, TOTAL_KINDS

COMPARED_KINDS = {
    **ENERGY_KINDS,
    "all": Words("汽柴油合計", "Petrol and diesel"),
    "fuel": Words("汽柴油", "Petrol and diesel"),
}
MOST_LITRES = 1_000_000


class Half(String):
    """A half-year such as "104H1", read to its canonical form."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=20, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return HalfYear.parse(text).code
        except Invalid as wrong:
            raise ValidationError([wrong.errors[0].words]) from wrong


class RecordEnergy(Schema):
    """One refuelling or charging (V-38)."""

    vehicle_id = Id(required=True, metadata={"label": Words("車輛", "Car"), "example": "12"})
    kind = Choice(ENERGY_KINDS, required=True, metadata={"label": Words("種類", "Kind"), "example": "petrol"})
    quantity = Decimal(
        required=True,
        max=1_000,
        metadata={"label": Words("數量", "Quantity"), "example": 38.5, "description": "L, or kWh for electricity"},
    )
    cost = Money(required=True, max=100_000, metadata={"label": Words("金額", "Cost"), "example": 1170})
    recorded_on = Date(required=True, metadata={"label": Words("日期", "Date"), "example": "2026-11-20"})
    odometer = Integer(
        load_default=None,
        allow_none=True,
        min=0,
        max=2_000_000,
        metadata={"label": Words("里程", "Odometer"), "example": 48210, "description": "km"},
    )


class EnergySlip(RecordEnergy):
    """A line of a file: the car by its plate."""

    class Meta:
        exclude = ("vehicle_id",)

    plate = String(required=True, max_length=12, metadata={"label": Words("車號", "Plate")})


class EnergyRecordOut(Schema):
    """A record as it stands in the books."""

    id = Id(required=True)
    vehicle_id = Id(required=True)
    kind = Choice(ENERGY_KINDS, required=True)
    quantity = Decimal(required=True, metadata={"description": "L, or kWh for electricity"})
    cost = Integer(required=True, metadata={"description": "NT$"})
    recorded_on = Date(required=True)
    odometer = Integer(allow_none=True, metadata={"description": "km"})
    source = Choice(ENERGY_SOURCES, required=True)
    withdrawn_at = Instant(allow_none=True)
    rev = Integer(required=True)


class CompareQuery(Schema):
    """Which half-year against which; without `against`, the same half of the year before (C-40)."""

    period = Half(required=True, metadata={"label": Words("期間", "Period"), "example": "104H1"})
    against = Half(load_default=None, metadata={"label": Words("比較基準", "Against"), "example": "95H1"})
    kind = Choice(COMPARED_KINDS, load_default="all", metadata={"label": Words("種類", "Kind"), "example": "all"})


class ComparisonOut(Schema):
    """Two half-years of one kind. Litres or kWh; the rate is (this − base) ÷ base in percent, two decimals, half up (C-41)."""

    period = String(required=True, metadata={"example": "104H1"})
    against = String(required=True, metadata={"example": "95H1"})
    kind = Choice(COMPARED_KINDS, required=True)
    unit = Choice(["L", "kWh"], required=True)
    this = Decimal(required=True, allow_none=True, min=None, metadata={"example": 9098})
    base = Decimal(required=True, allow_none=True, min=None, metadata={"example": 19595})
    difference = Decimal(required=True, allow_none=True, min=None, metadata={"example": -10497})
    rate_percent = Decimal(required=True, allow_none=True, min=None, metadata={"example": -53.57})
    cause = String(
        required=True, allow_none=True, metadata={"description": "why it rose, where somebody said so (C-41)"}
    )
    source = String(
        required=True,
        allow_none=True,
        max_length=None,
        metadata={"description": "the reports the totals are from; null for records"},
    )


class ExplainRise(Schema):
    """Why use rose."""

    period = Half(required=True, metadata={"label": Words("期間", "Period")})
    kind = Choice(TOTAL_KINDS, required=True, metadata={"label": Words("種類", "Kind")})
    words = String(required=True, max_length=200, metadata={"label": Words("原因", "Cause")})


class StateTotal(Schema):
    """A total from a report."""

    period = Half(required=True, metadata={"label": Words("期間", "Period")})
    kind = Choice(TOTAL_KINDS, required=True, metadata={"label": Words("種類", "Kind")})
    quantity = Decimal(required=True, max=MOST_LITRES * 100, metadata={"label": Words("數量", "Quantity")})
    source = String(required=True, max_length=80, metadata={"label": Words("出處", "Source")})
