"""Shapes given out: trips, suggestions, vehicles, drivers, chargers and their slots."""

from common.schemas import (
    Boolean,
    Choice,
    Date,
    Id,
    Instant,
    Integer,
    List,
    Nested,
    Schema,
    String,
)
from fleet.schemas.taken import KIND_WORDS, STATUS_WORDS
from fleet.terms import (
    LEGS,
    LICENCE_CLASSES,
    POWERTRAINS,
    PURPOSES,
    REACHED_BY,
    VEHICLE_STATES,
)


class ReasonOut(Schema):
    """One reason, in both languages."""

    zh = String(required=True)
    en = String(required=True)


class TripOut(Schema):
    """A trip."""

    id = Id(required=True)
    number = String(required=True, metadata={"example": "115-11-00001"})
    status = Choice(STATUS_WORDS, required=True)
    requester_id = Id(required=True)
    agency_id = Id(required=True)
    purpose_code = Choice(PURPOSES, required=True)
    purpose = String(required=True)
    origin = String(required=True)
    destination = String(required=True)
    passengers = Integer(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    round_trip = Boolean(required=True)
    needs_driver = Boolean(required=True)
    vehicle_kind = Choice(KIND_WORDS, allow_none=True)
    may_share = Boolean(required=True)
    urgent_reason = String(allow_none=True)
    recorded_late = Boolean(required=True)
    distance_km = Integer(required=True, metadata={"description": "estimate for the whole way, km"})
    approver_id = Id(allow_none=True)
    vehicle_id = Id(allow_none=True)
    driver_id = Id(allow_none=True)
    merged_into = Id(attribute="merged_into_id", allow_none=True)
    capacity_held = Boolean(
        required=True, metadata={"description": "a car of the class is promised; which one is settled on assignment"}
    )
    leg = Choice(LEGS, allow_none=True, metadata={"description": "the car serves only this way (V-31)"})
    car_starts_at = Instant(
        attribute="car_period.starts_at", metadata={"description": "from when car and driver are needed"}
    )
    car_ends_at = Instant(attribute="car_period.ends_at", metadata={"description": "until when"})
    series_id = Id(allow_none=True)
    beside_id = Id(allow_none=True, metadata={"description": "trip of the same party's other car (V-33)"})
    km_saved = Integer(allow_none=True, metadata={"description": "km not driven because it rides along (V-20)"})
    no_show = Boolean(required=True)
    reached_at = Instant(allow_none=True, metadata={"description": "when dispatch reached the applicant (V-35)"})
    reached_by = Choice(REACHED_BY, allow_none=True, metadata={"description": "how"})
    reasons = List(Nested(ReasonOut), metadata={"description": "why this car"})
    answer = String(
        allow_none=True, max_length=None, metadata={"description": "what the supervisor or dispatcher answered"}
    )
    late_cancel = Boolean(required=True)
    flagged_at = Instant(
        allow_none=True, metadata={"description": "since when its car is also taken for a part of its time"}
    )
    odometer_out = Integer(allow_none=True)
    odometer_in = Integer(allow_none=True)
    requested_at = Instant(required=True)
    approved_at = Instant(allow_none=True)
    assigned_at = Instant(allow_none=True)
    accepted_at = Instant(allow_none=True)
    started_at = Instant(allow_none=True)
    finished_at = Instant(allow_none=True)
    signed_off_at = Instant(allow_none=True)
    cancelled_at = Instant(allow_none=True)
    rev = Integer(required=True)


class CandidateOut(Schema):
    """One that may be given, with its reasons in the order they weighed."""

    id = Id(required=True)
    label = String(required=True)
    free_from = Instant(attribute="gap.starts_at", required=True)
    free_until = Instant(attribute="gap.ends_at", required=True)
    reasons = List(Nested(ReasonOut), required=True)


class RefusalOut(Schema):
    """One that may not be given, and the constraint that binds."""

    id = Id(required=True)
    label = String(required=True)
    constraint = Choice(
        [
            "out_of_service",
            "seats",
            "kind",
            "taken",
            "away",
            "charge",
            "licence",
            "licence_class",
            "hours",
            "rest",
            "week",
            "break",
        ],  # fmt: skip
        required=True,
        metadata={"example": "taken"},
    )
    words = Nested(ReasonOut, required=True)


class RankingOut(Schema):
    """The offered, best first, and the refused."""

    candidates = List(Nested(CandidateOut), required=True)
    refusals = List(Nested(RefusalOut), required=True)


class RemedyOut(Schema):
    """A change that would make the trip possible, checked against the ledger: what to ask for instead, and what then serves."""

    code = Choice(
        ["swap", "share", "later", "earlier", "shorten", "kind", "self_drive", "split"], required=True,
        metadata={"example": "later"},
    )  # fmt: skip
    words = Nested(ReasonOut, required=True)
    starts_at = Instant(attribute="ask.period.starts_at", required=True)
    ends_at = Instant(attribute="ask.period.ends_at", required=True)
    vehicle_kind = Choice(KIND_WORDS, attribute="ask.kind", allow_none=True)
    needs_driver = Boolean(attribute="ask.needs_driver", required=True)
    vehicle_id = Id(attribute="car_id", allow_none=True, metadata={"description": "the car that then serves"})
    driver_id = Id(allow_none=True, metadata={"description": "the driver who then drives"})
    other_trip_id = Id(attribute="other_id", allow_none=True, metadata={"description": "the trip that swaps or shares"})
    other_vehicle_id = Id(
        attribute="other_car_id", allow_none=True, metadata={"description": "the car it takes instead"}
    )


class SuggestionOut(Schema):
    """Ranked cars and drivers. `changes` says what would help where none is left, the cheapest first.

    `vehicle_id` and `driver_id` are the first choices; `drivers` is null where the applicant drives.
    """

    vehicle_id = Id(allow_none=True, required=True)
    driver_id = Id(allow_none=True, required=True)
    cars = Nested(RankingOut, required=True)
    drivers = Nested(RankingOut, allow_none=True, required=True)
    changes = List(Nested(RemedyOut), required=True)


class VehicleOut(Schema):
    """A pool car."""

    id = Id(required=True)
    plate = String(required=True, metadata={"example": "RCX-3081"})
    kind = Choice(KIND_WORDS, required=True)
    seats = Integer(required=True)
    powertrain = Choice(POWERTRAINS, required=True)
    owner_agency_id = Id(required=True)
    asset_number = String(required=True)
    bay = String(required=True)
    brand = String(required=True)
    year = Integer(required=True)
    colour = String(required=True)
    battery_kwh = Integer(allow_none=True, metadata={"description": "kWh"})
    charge_percent = Integer(allow_none=True)
    charge_read_at = Instant(allow_none=True, metadata={"description": "when that was read"})
    charge_source = String(allow_none=True, metadata={"description": "`driver`, `post` or `desk`"})
    ac_kw = Integer(allow_none=True, metadata={"description": "most it takes at an AC post, kW"})
    dc_kw = Integer(allow_none=True, metadata={"description": "most it takes at a DC post, kW"})
    odometer_km = Integer(required=True, metadata={"description": "km"})
    state = Choice(VEHICLE_STATES, required=True)
    rev = Integer(required=True)


class FreeVehicleOut(VehicleOut):
    """A free car and why it would serve."""

    free_from = Instant(required=True)
    free_until = Instant(required=True)
    reasons = List(Nested(ReasonOut), required=True)


class FreeVehiclesOut(Schema):
    """Free cars, best first."""

    items = List(Nested(FreeVehicleOut), required=True)
    next = String(allow_none=True, required=True, metadata={"description": "always null: the pool fits one answer"})


class DriverOut(Schema):
    """A driver on the roster."""

    id = Id(required=True)
    person_id = Id(required=True)
    name = String(required=True)
    licence_class = Choice(LICENCE_CLASSES, required=True)
    licence_expires_on = Date(required=True)
    employed = Boolean(required=True)
