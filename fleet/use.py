"""How the pool was used, and what it cost: by car, by agency, and against every agency having its own cars (F5, V-14, V-24, V-27).

Every figure is of trips that came back within the period. Formulas: docs/costs.md; the page shows them too. NT$ are rounded
half up once, where a figure is given out.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from common.period import Period, local
from common.roc import rounded
from common.words import Words
from fleet import rules
from fleet.electric import state_of_charge
from fleet.models import EnergyRecord, StandingCost, Trip, TripCost, UpkeepRecord, Vehicle

DRIVEN = ("finished", "signed_off")
WORKING_HOURS = 8
"""Hours of a weekday that a use rate is measured by: the office day (V-14)."""


@dataclass
class Use:
    """What one car or one agency did within a period. km, hours, L, kWh, NT$."""

    key: str
    words: Words
    trips: int = 0
    km: int = 0
    hours: Decimal = Decimal(0)
    litres: Decimal = Decimal(0)
    kwh: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    available_hours: int = 0

    @property
    def rate_percent(self) -> Decimal | None:
        """Hours on the road ÷ office hours of the period's weekdays, two decimals; None where that says nothing (agencies)."""
        return rounded(self.hours * 100 / self.available_hours, 2) if self.available_hours else None


def driven(session: Session, period: Period) -> list[Trip]:
    """The trips that came back within the period, in order of return."""
    rows = (
        select(Trip)
        .where(
            Trip.status.in_(DRIVEN),
            Trip.finished_at >= period.starts_at,
            Trip.finished_at < period.ends_at,
            Trip.vehicle_id.is_not(None),
        )
        .options(joinedload(Trip.vehicle).joinedload(Vehicle.owner), joinedload(Trip.agency))
        .order_by(Trip.finished_at)
    )
    return list(session.scalars(rows).unique())


def hours_of(trip: Trip) -> Decimal:
    """Hours on the road, from leaving to return (approved times where one is missing)."""
    length = (trip.finished_at or trip.ends_at) - (trip.started_at or trip.starts_at)
    return Decimal(max(0, int(length.total_seconds()))) / 3600


def days_of(period: Period) -> tuple[date, date]:
    """First day, and the day after the last."""
    last = local(period.ends_at - timedelta(microseconds=1)).date()
    return local(period.starts_at).date(), last + timedelta(days=1)


def by_vehicle(session: Session, period: Period) -> list[Use]:
    """Every car in use or used: trips, km, hours, energy, what it cost, and how much of the office time it was on the road."""
    first, after = days_of(period)
    weekdays = sum((first + timedelta(days=n)).weekday() < 5 for n in range((after - first).days))
    cars = session.scalars(select(Vehicle).where(Vehicle.state != "retired").order_by(Vehicle.plate))
    uses = {car.id: Use(str(car.id), Words.same(car.plate), available_hours=weekdays * WORKING_HOURS) for car in cars}
    for trip in driven(session, period):
        if trip.vehicle and trip.vehicle_id not in uses:
            uses[trip.vehicle.id] = Use(
                str(trip.vehicle_id), Words.same(trip.vehicle.plate), available_hours=weekdays * WORKING_HOURS
            )
        _add(uses[trip.vehicle_id or 0], trip)
    for vehicle_id, entry in ledger(session, period).items():
        if vehicle_id in uses:
            use = uses[vehicle_id]
            use.litres, use.kwh, use.cost = entry.litres, entry.kwh, entry.total
    return sorted(uses.values(), key=lambda use: (-use.km, use.words.zh))


def by_agency(session: Session, period: Period) -> list[Use]:
    """Every agency that travelled: trips, km, hours, and what V-27 charges for it."""
    uses: dict[int, Use] = {}
    prices = Prices(session)
    trips = driven(session, period)
    extras = extras_of(session, [trip.id for trip in trips])
    for trip in trips:
        name = trip.agency.words if trip.agency else Words.same(f"#{trip.agency_id}")
        use = uses.setdefault(trip.agency_id, Use(str(trip.agency_id), name))
        _add(use, trip)
        use.cost += prices.charge(trip, extras.get(trip.id, 0))
    return sorted(uses.values(), key=lambda use: (-use.km, use.key))


def _add(use: Use, trip: Trip) -> None:
    use.trips += 1
    use.km += trip.distance_driven or 0
    use.hours += hours_of(trip)


def total_of(found: list[Use]) -> Use:
    """All of them together."""
    whole = Use("all", Words("合計", "Total"))
    for each in found:
        for name in ("trips", "km", "hours", "litres", "kwh", "cost", "available_hours"):
            setattr(whole, name, getattr(whole, name) + getattr(each, name))
    return whole


def as_told(each: Use) -> dict[str, Any]:
    """With two decimals, and NT$ whole (rounded half up)."""
    told = asdict(each) | {"words": each.words, "cost": int(rounded(each.cost)), "rate_percent": each.rate_percent}
    return told | {name: rounded(Decimal(told[name]), 2) for name in ("hours", "litres", "kwh")}


# --- the ledger ----------------------------------------------------------------------------------------------------


@dataclass
class Entry:
    """A car's costs within a period, NT$ by kind, and the energy behind them."""

    standing: Decimal = Decimal(0)
    upkeep: Decimal = Decimal(0)
    energy: Decimal = Decimal(0)
    driver: Decimal = Decimal(0)
    trips: Decimal = Decimal(0)
    litres: Decimal = Decimal(0)
    kwh: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        return self.standing + self.upkeep + self.energy + self.driver + self.trips


def ledger(session: Session, period: Period) -> dict[int, Entry]:
    """Costs of each car: depreciation or lease by the day, upkeep, energy, driver hours, tolls and parking."""
    first, after = days_of(period)
    out: dict[int, Entry] = defaultdict(Entry)
    for vehicle_id, amount in _standing(session, first, after).items():
        out[vehicle_id].standing = amount
    spent = select(UpkeepRecord.vehicle_id, func.sum(UpkeepRecord.cost)).where(
        UpkeepRecord.done_on >= first, UpkeepRecord.done_on < after
    )
    for vehicle_id, paid in session.execute(spent.group_by(UpkeepRecord.vehicle_id)):
        out[vehicle_id].upkeep = Decimal(int(paid))
    taken = (
        select(EnergyRecord.vehicle_id, EnergyRecord.kind, func.sum(EnergyRecord.quantity), func.sum(EnergyRecord.cost))
        .where(EnergyRecord.recorded_on >= first, EnergyRecord.recorded_on < after, EnergyRecord.withdrawn_at.is_(None))
        .group_by(EnergyRecord.vehicle_id, EnergyRecord.kind)
    )
    for vehicle_id, kind, quantity, cost in session.execute(taken):
        out[vehicle_id].energy += int(cost)
        if kind == "electricity":
            out[vehicle_id].kwh += quantity
        else:
            out[vehicle_id].litres += quantity
    prices, trips = Prices(session), driven(session, period)
    extras = extras_of(session, [trip.id for trip in trips])
    for trip in trips:
        entry = out[trip.vehicle_id or 0]
        entry.driver += prices.driver(trip)
        entry.trips += extras.get(trip.id, 0)
    return out


def _standing(session: Session, first: date, after: date) -> dict[int, Decimal]:
    """Monthly costs by the day: a month is 365 ÷ 12 days, each version holds until the next of its kind."""
    versions: dict[tuple[int, str], list[StandingCost]] = defaultdict(list)
    for row in session.scalars(
        select(StandingCost).where(StandingCost.valid_from < after).order_by(StandingCost.valid_from)
    ):
        versions[row.vehicle_id, row.kind].append(row)
    out: dict[int, Decimal] = defaultdict(Decimal)
    for (vehicle_id, _kind), rows in versions.items():
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            days = (min(after, following.valid_from if following else after) - max(first, row.valid_from)).days
            out[vehicle_id] += Decimal(row.monthly * max(0, days) * 12) / 365
    return out


def extras_of(session: Session, trip_ids: Iterable[int]) -> dict[int, int]:
    """Tolls, parking and the like of each trip, NT$."""
    rows = (
        select(TripCost.trip_id, func.sum(TripCost.amount))
        .where(TripCost.trip_id.in_(list(trip_ids)))
        .group_by(TripCost.trip_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(rows)}


class Prices:
    """What a km, a litre, a kWh and a driver's hour cost on the day of a trip (dated data)."""

    def __init__(self, session: Session):
        self._session = session

    def of(self, trip: Trip) -> rules.Rules:
        """The parameters on the day it left."""
        return rules.in_force(self._session, trip.started_at or trip.starts_at)

    def driver(self, trip: Trip) -> Decimal:
        """Hours × the hour's rate; nothing where the requester drives."""
        return hours_of(trip) * self.of(trip)["cost.driver_hour"] if trip.needs_driver else Decimal(0)

    def charge(self, trip: Trip, extras: int) -> Decimal:
        """V-27: fuel and upkeep = km × the posted price of a litre that day; tolls, parking, cleaning at cost; the driver's hours."""
        litre = Decimal(self.of(trip)["energy.petrol_cents"]) / 100
        return (trip.distance_driven or 0) * litre + extras + self.driver(trip)

    def own_km(self, trip: Trip) -> Decimal:
        """What a km would cost in fuel with an own car: price of a litre ÷ `cost.own_km_per_l`."""
        rule = self.of(trip)
        return Decimal(rule["energy.petrol_cents"]) / 100 / rule["cost.own_km_per_l"]

    def electric_km(self, trip: Trip) -> Decimal:
        """What a km costs in electricity, with the season's consumption of the car's model."""
        rule, day = self.of(trip), local(trip.started_at or trip.starts_at).date()
        model = trip.vehicle.brand if trip.vehicle else ""
        return (
            Decimal(state_of_charge.wh_per_km(self._session, model, day, rule))
            / 1000
            * rule["energy.electricity_cents"]
            / 100
        )


# --- lending and borrowing -----------------------------------------------------------------------------------------


@dataclass
class Balance:
    """What an agency's cars did for others, and others' cars for it. km, hours, NT$ by V-27; `net` is what it is owed."""

    agency_id: int
    words: Words
    lent_km: int = 0
    lent_hours: Decimal = Decimal(0)
    lent: Decimal = Decimal(0)
    used_km: int = 0
    used_hours: Decimal = Decimal(0)
    used: Decimal = Decimal(0)
    lent_trips: list[int] = field(default_factory=list)
    used_trips: list[int] = field(default_factory=list)

    @property
    def net(self) -> int:
        return int(rounded(self.lent)) - int(rounded(self.used))


def balances(session: Session, period: Period) -> list[Balance]:
    """Lend and borrow between owner agencies and users, trips in the own car left out. What all lent is what all used."""
    out: dict[int, Balance] = {}
    prices, trips = Prices(session), driven(session, period)
    extras = extras_of(session, [trip.id for trip in trips])
    for trip in trips:
        car = trip.vehicle
        if car is None or car.owner_agency_id == trip.agency_id:
            continue
        km, hours, charge = (
            trip.distance_driven or 0,
            hours_of(trip),
            rounded(prices.charge(trip, extras.get(trip.id, 0))),
        )
        owner_words = car.owner.words if car.owner else Words.same(f"#{car.owner_agency_id}")
        owner = out.setdefault(car.owner_agency_id, Balance(car.owner_agency_id, owner_words))
        user = out.setdefault(
            trip.agency_id,
            Balance(trip.agency_id, trip.agency.words if trip.agency else Words.same(f"#{trip.agency_id}")),
        )
        owner.lent_km, owner.lent_hours, owner.lent = owner.lent_km + km, owner.lent_hours + hours, owner.lent + charge
        user.used_km, user.used_hours, user.used = user.used_km + km, user.used_hours + hours, user.used + charge
        owner.lent_trips.append(trip.id)
        user.used_trips.append(trip.id)
    return sorted(out.values(), key=lambda each: (-each.net, each.agency_id))


# --- savings -------------------------------------------------------------------------------------------------------


@dataclass
class Saving:
    """One way in which the pool spends less than agencies with cars of their own. `trips` are the slips behind it."""

    code: str
    words: Words
    formula: Words
    amount: Decimal = Decimal(0)
    detail: Words = Words("", "")
    trips: list[int] = field(default_factory=list)


def savings(session: Session, period: Period, now: datetime) -> list[Saving]:
    """Against "every agency with its own cars": shared trips, electric cars, fewer cars. An estimate; formulas with it."""
    prices, trips = Prices(session), driven(session, period)
    shared = Saving(
        "merged", Words("併車少跑的路", "Trips shared"),
        Words("併車少跑的公里 × 當日油價 ÷ 自有車每公升公里", "km not driven because of merging × a litre ÷ km per litre of an own car"),
    )  # fmt: skip
    merged = select(Trip).where(
        Trip.status == "merged",
        Trip.merged_into_id.is_not(None),
        Trip.ends_at >= period.starts_at,
        Trip.ends_at < period.ends_at,
    )
    for trip in session.scalars(merged):
        shared.amount += (trip.distance_km if trip.km_saved is None else trip.km_saved) * prices.own_km(trip)
        shared.trips.append(trip.id)
    electric = Saving(
        "electric", Words("先派電動車", "Electric cars first"),
        Words(
            "電動車公里 ×（當日油價 ÷ 自有車每公升公里 － 每公里電費）",
            "km by electric car × (a litre ÷ km per litre of an own car − electricity per km)"),
    )  # fmt: skip
    for trip in trips:
        if trip.vehicle and trip.vehicle.electric:
            electric.amount += (trip.distance_driven or 0) * (prices.own_km(trip) - prices.electric_km(trip))
            electric.trips.append(trip.id)
    apart = sum(
        most_at_once([each.period for each in trips if each.agency_id == agency])
        for agency in {trip.agency_id for trip in trips}
    )
    pooled = most_at_once([trip.period for trip in trips])
    months = Decimal((days_of(period)[1] - days_of(period)[0]).days * 12) / 365
    fewer = Saving(
        "fewer", Words("少養的車", "Fewer cars"),
        Words(
            "（各機關尖峰同時用車數的總和 － 合用時的尖峰）× 每車每月成本 × 月數",
            "(sum of each agency’s peak of cars at once − the pool’s peak) × cost of a car a month × months",
        ),
        (apart - pooled) * rules.in_force(session, now)["cost.own_car_month"] * months,
        Words("{a} － {b} ＝ {n} 輛", "{a} − {b} = {n} cars").fill(a=apart, b=pooled, n=apart - pooled), [trip.id for trip in trips],
    )  # fmt: skip
    return [shared, electric, fewer]


def most_at_once(periods: Iterable[Period]) -> int:
    """The most that run at the same instant; a car back at ten can leave at ten."""
    found = list(periods)
    steps = sorted([(each.starts_at, 1) for each in found] + [(each.ends_at, -1) for each in found])
    most = running = 0
    for _, step in steps:
        running += step
        most = max(most, running)
    return most
