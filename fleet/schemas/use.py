"""Shapes of the use report."""

from common.schemas import Choice, Date, Decimal, Integer, List, Nested, Schema, String
from common.words import Words
from fleet.schemas.given import ReasonOut

BY = {"vehicle": Words("依車輛", "By car"), "agency": Words("依機關", "By agency")}


class UseQuery(Schema):
    """Which days (by return), and by what; without days, the present month."""

    from_ = Date(load_default=None, data_key="from", metadata={"label": Words("起", "From"), "example": "2026-11-01"})
    until = Date(load_default=None, metadata={"label": Words("迄", "Until"), "description": "the day after the last"})
    by = Choice(BY, load_default="vehicle", metadata={"label": Words("分組", "By"), "example": "vehicle"})


class UseOut(Schema):
    """What one car or agency did. Energy is known by car; an agency's cost is what V-27 charges."""

    key = String(required=True, metadata={"description": "id of the car or agency"})
    words = Nested(ReasonOut, required=True)
    trips = Integer(required=True)
    km = Integer(required=True)
    hours = Decimal(required=True)
    litres = Decimal(required=True)
    kwh = Decimal(required=True)
    cost = Integer(required=True, metadata={"description": "NT$, rounded half up"})
    rate_percent = Decimal(
        required=True, allow_none=True, max=100_000, metadata={"description": "hours ÷ office hours of weekdays"}
    )


class UseReport(Schema):
    """The report."""

    from_ = Date(required=True, data_key="from")
    until = Date(required=True)
    items = List(Nested(UseOut), required=True)
    total = Nested(UseOut, required=True)
