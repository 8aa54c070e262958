"""Shapes of fleet size: the question, the curve, the replay."""

from common.schemas import Choice, Date, Decimal, Id, Integer, List, Nested, Schema
from common.words import Words
from fleet.schemas.taken import KIND_WORDS


class SizingQuery(Schema):
    """Which days, and what to try: so many cars fewer, so many fuel cars made electric."""

    from_ = Date(
        load_default=None, data_key="from",
        metadata={"label": Words("自", "From"), "description": "default: 90 days back", "example": "2026-09-01"},
    )  # fmt: skip
    until = Date(
        load_default=None,
        metadata={
            "label": Words("至", "Until"),
            "description": "last day counted; default: yesterday",
            "example": "2026-11-20",
        },
    )
    remove = Integer(load_default=0, min=0, max=500, metadata={"label": Words("減少幾輛", "Cars fewer"), "example": 5})
    swap = Integer(
        load_default=0, min=0, max=500, metadata={"label": Words("改為電動幾輛", "Made electric"), "example": 3}
    )


class LevelOut(Schema):
    """A number of cars and what it serves."""

    cars = Integer(required=True)
    served_percent = Decimal(required=True, places=2, metadata={"description": "days served whole, rounded down"})
    short_days = Integer(required=True)


class KindNeedOut(Schema):
    """The least cars of this kind or larger."""

    kind = Choice(KIND_WORDS, required=True)
    trips = Integer(required=True)
    cars = Integer(required=True)
    owned = Integer(required=True)


class BusyDayOut(Schema):
    """A busy day."""

    day = Date(required=True)
    cars = Integer(required=True)
    trips = Integer(required=True)


class LostByOut(Schema):
    """Trips of one agency that another fleet would have lost."""

    agency_id = Id(required=True)
    trips = Integer(required=True)


class SuitableOut(Schema):
    """A car that burns fuel, and how many of its days an electric one would have had the reach."""

    vehicle_id = Id(attribute="vehicle.id", required=True)
    days = Integer(required=True)
    within = Integer(required=True)
    longest_km = Integer(required=True)


class SizingOut(Schema):
    """How large the fleet has to be. `least` cars are proven to be needed for the whole log."""

    first = Date(required=True)
    last = Date(required=True)
    days = Integer(required=True, metadata={"description": "working days, and others with trips"})
    trips = Integer(required=True)
    owned = Integer(required=True, metadata={"description": "cars in service now"})
    least = Integer(required=True)
    one_way_trips = Integer(attribute="one_way", required=True)
    one_way_cars = Integer(required=True, metadata={"description": "least cars for those alone, as chains"})
    levels = List(Nested(LevelOut), required=True)
    kinds = List(Nested(KindNeedOut), required=True)
    busiest = List(Nested(BusyDayOut), required=True)
    suitable = List(Nested(SuitableOut), required=True, metadata={"description": "for replacement by an electric car"})
    reach_km = Integer(
        required=True,
        metadata={"description": "km a day of the electric car compared, in the season in which it reaches least far"},
    )
    lost_trip_ids = List(Id(), required=True, metadata={"description": "trips the other fleet would have lost"})
    lost_by_agency = List(Nested(LostByOut), required=True)
    energy_now = Integer(required=True, metadata={"description": "NT$ of the log replayed with today's fleet"})
    energy_then = Integer(required=True, metadata={"description": "NT$ with the other fleet"})
