"""How large the fleet has to be, from the real log of trips (V-70): the curve of cars against days served, and a replay
with fewer or other cars. Which petrol car an electric one could replace (V-71). Reads; decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Forbidden, Invalid
from common.identity import Agency, Person
from common.period import Period, local, taipei, today
from common.words import Words
from fleet import carpool, pool, rules
from fleet.electric import state_of_charge
from fleet.models import Place, Trip, Vehicle
from fleet.plans import sizing
from fleet.plans.sharing import Spot, km_between
from fleet.plans.sizing import Level, Made, Replay, Stock
from fleet.terms import KINDS
from fleet.trips import ask_of

SEEN_BY = ("dispatcher", "admin", "auditor")
DRIVEN = ("finished", "signed_off", "under_way", "accepted", "assigned", "assigned_one_way")
LOST = ("fully_booked",)
LONGEST = 3 * 366
BUSIEST = 8
USUAL_DAYS = 90
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class BusyDay:
    """A day with many cars out at once."""

    day: date
    cars: int
    trips: int


@dataclass(frozen=True)
class KindNeed:
    """The least cars of one kind: those trips that no smaller kind seats, or that asked for it."""

    kind: str
    trips: int
    cars: int
    owned: int


@dataclass(frozen=True)
class Suitable:
    """A car that burns fuel, and on how many of its days an electric one would have had the reach."""

    vehicle: Vehicle
    days: int
    within: int
    longest_km: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means every day."""
        return self.within * 100 // self.days if self.days else 0


@dataclass(frozen=True)
class Sizing:
    """The answer for `first` to `last`. `least` is proven: no smaller fleet serves every trip of the log."""

    first: date
    last: date
    days: int
    trips: int
    turned_away: int
    owned: int
    least: int
    levels: tuple[Level, ...]
    kinds: tuple[KindNeed, ...]
    busiest: tuple[BusyDay, ...]
    one_way: int
    one_way_cars: int
    suitable: tuple[Suitable, ...]
    reach_km: int
    today: Replay
    then: Replay
    lost: tuple[Trip, ...]
    lost_by: tuple[tuple[Agency | None, int], ...]
    removed: tuple[Vehicle, ...]
    swapped: tuple[Vehicle, ...]

    def least_for(self, percent: float) -> int:
        """The fewest cars that serve this share of days whole."""
        return sizing.least_for(self.levels, percent)


def days_meant(now: datetime, first: date | None, last: date | None) -> tuple[date, date]:
    """The days asked for; else up to yesterday, and the ninety days before that."""
    until = last or today(now) - timedelta(days=1)
    return first or until - timedelta(days=USUAL_DAYS - 1), until


def size(
    session: Session, person: Person, now: datetime, first: date, last: date, *, remove: int = 0, swap: int = 0
) -> Sizing:
    """The fleet's size for the days `first` to `last`, both counted; and the log replayed without `remove` cars (the least
    used first) and with `swap` fuel cars made electric (the best suited first). Raises Forbidden, Invalid."""
    if not person.has(*SEEN_BY):
        raise Forbidden
    if last < first:
        raise Invalid(Words("結束日期要在開始日期之後", "The last day must not be before the first"), field="until")
    if first.year < 1991 or last.year > 2190:
        raise Invalid(
            Words("年份不在範圍內", "The year is out of range"), field="from" if first.year < 1991 else "until"
        )
    if (last - first).days > LONGEST:
        raise Invalid(Words("一次最多看 3 年", "Three years at a time at most"), field="until")
    rule = rules.in_force(session, now)
    turnaround = rule["sizing.turnaround_minutes"]
    period = Period(taipei(first, "00:00"), taipei(last + timedelta(days=1), "00:00"))
    trips = _log(session, period)
    begin, end = _minutes(trips, period)
    vehicles = [vehicle for vehicle in pool.vehicles(session) if vehicle.state == "in_service"]
    days, need = sizing.by_day(begin, end, turnaround)
    workdays = {n for n in range((last - first).days + 1) if (first + timedelta(days=n)).weekday() < 5}
    all_days = len(workdays | set(days.tolist()))
    per_day = np.bincount(begin // sizing.DAY_MINUTES, minlength=1) if len(begin) else np.zeros(1, int)
    busiest = sorted(zip(days.tolist(), need.tolist(), strict=True), key=lambda row: (-row[1], row[0]))[:BUSIEST]
    reach = _Reach(session, rule, vehicles, first, (last - first).days + 1)
    suitable = _suitable(vehicles, trips, reach)
    log = [_made(trip, one, other) for trip, one, other in zip(trips, begin.tolist(), end.tolist(), strict=True)]
    used = {vehicle.id: sum(trip.vehicle_id == vehicle.id for trip in trips) for vehicle in vehicles}
    removed = sorted(vehicles, key=lambda each: (used[each.id], each.plate))[: min(remove, len(vehicles))]
    left = [each for each in vehicles if each not in removed]
    swapped = [each.vehicle for each in suitable if each.vehicle in left][: max(0, swap)]
    as_is = sizing.replay(log, [_stock(each, rule, reach) for each in vehicles], turnaround)
    fleet = [
        replace(_stock(each, rule, reach), cost=rule.energy_cost("electric", each.kind), reach_km=reach.of(None))
        if each in swapped
        else _stock(each, rule, reach)
        for each in left
    ]
    then = sizing.replay(log, fleet, turnaround) if remove or swap else as_is
    by_id = {trip.id: trip for trip in trips}
    one_way, one_way_cars = _one_way(session, trips, begin, end, rule, turnaround)
    return Sizing(
        first, last, all_days, len(trips), sum(trip.status in LOST for trip in trips), len(vehicles),
        sizing.cars_needed(begin, end, turnaround), tuple(sizing.curve(need, all_days)),
        _kinds(trips, begin, end, vehicles, turnaround),
        tuple(BusyDay(first + timedelta(days=day), cars, int(per_day[day]) if day < len(per_day) else 0) for day, cars in busiest),
        one_way, one_way_cars, tuple(suitable), min(reach.of(None)), as_is, then, tuple(by_id[each] for each in then.lost),
        _by_agency(session, then), tuple(removed), tuple(swapped),
    )  # fmt: skip


def _log(session: Session, period: Period) -> list[Trip]:
    rows = select(Trip).where(
        Trip.status.in_((*DRIVEN, *LOST)), Trip.starts_at >= period.starts_at, Trip.starts_at < period.ends_at
    )
    return list(session.scalars(rows.order_by(Trip.starts_at, Trip.id)))


def _minutes(trips: Sequence[Trip], period: Period) -> tuple[np.ndarray, np.ndarray]:
    """Departure and return in minutes from the period's first midnight: as driven where that is known, else as approved."""
    pairs = [(trip.started_at or trip.starts_at, trip.finished_at or trip.ends_at) for trip in trips]
    begin = np.array([max(0, (one - period.starts_at) // MINUTE) for one, _ in pairs], np.int64)
    end = np.array([-((period.starts_at - other) // MINUTE) for _, other in pairs], np.int64)
    return begin, np.maximum(end, begin + 1)


def _made(trip: Trip, begin: int, end: int) -> Made:
    seats = max(
        trip.passengers + (1 if trip.needs_driver else 0), KINDS[trip.vehicle_kind].seats if trip.vehicle_kind else 0
    )
    return Made(trip.id, begin, end, seats, trip.distance_driven or trip.distance_km, trip.agency_id)


class _Reach:
    """Kilometres between the morning's charge and the floor (V-76) on each day of the log, by the season's consumption."""

    def __init__(self, session: Session, rule: rules.Rules, vehicles: Sequence[Vehicle], first: date, days: int):
        self._session, self._rule = session, rule
        self._models = [vehicle.brand for vehicle in vehicles if vehicle.electric]
        self._days = [first + timedelta(days=n) for n in range(days)]
        self._known: dict[tuple[str, int] | None, tuple[int, ...]] = {}

    def of(self, vehicle: Vehicle | None) -> tuple[int, ...]:
        """Of this electric car; None: of one that would be bought, like the pool's own. Rounded down."""
        usual = self._rule["sizing.ev_battery_kwh"]
        key = (vehicle.brand, vehicle.battery_kwh or usual) if vehicle else None
        if key not in self._known:
            kwh = key[1] if key else usual
            percent = self._rule["ev.morning_percent"] - self._rule["ev.min_return_percent"]
            self._known[key] = tuple(kwh * 1000 * percent // (100 * self._draws(key, day)) for day in self._days)
        return self._known[key]

    def _draws(self, key: tuple[str, int] | None, day: date) -> int:
        if key is None:
            return state_of_charge.usual_wh_per_km(self._session, self._models, day, self._rule)
        return state_of_charge.wh_per_km(self._session, key[0], day, self._rule)

    def on(self, day: date) -> int:
        """Of one that would be bought, on a day of the log."""
        return self.of(None)[(day - self._days[0]).days]


def _stock(vehicle: Vehicle, rule: rules.Rules, reach: _Reach) -> Stock:
    own = reach.of(vehicle) if vehicle.electric else None
    return Stock(vehicle.seats, rule.energy_cost(vehicle.powertrain, vehicle.kind), own)


def _kinds(
    trips: Sequence[Trip], begin: np.ndarray, end: np.ndarray, vehicles: Sequence[Vehicle], turnaround: int
) -> tuple[KindNeed, ...]:
    """For each kind the cars that the trips needing it, or a larger kind, have out at once: the least of that kind and up."""
    order = list(KINDS)
    need = np.array([order.index(ask_of(trip).right_kind or order[-1]) for trip in trips], int)
    out = []
    for n, kind in enumerate(order):
        mine = need >= n
        owned = sum(order.index(vehicle.kind) >= n for vehicle in vehicles)
        out.append(KindNeed(kind, int(mine.sum()), sizing.cars_needed(begin[mine], end[mine], turnaround), owned))
    return tuple(out)


def _suitable(vehicles: Sequence[Vehicle], trips: Sequence[Trip], reach: _Reach) -> list[Suitable]:
    """Fuel cars, those best suited for replacement first."""
    out = []
    for vehicle in vehicles:
        if vehicle.electric:
            continue
        by_day: dict[date, int] = {}
        for trip in trips:
            if trip.vehicle_id == vehicle.id:
                day = local(trip.starts_at).date()
                by_day[day] = by_day.get(day, 0) + (trip.distance_driven or trip.distance_km)
        within, days = sizing.suitable_days(list(by_day.values()), [reach.on(day) for day in by_day])
        out.append(Suitable(vehicle, days, within, max(by_day.values(), default=0)))
    return sorted(out, key=lambda each: (-each.percent, -each.days, each.vehicle.plate))


def _one_way(
    session: Session, trips: Sequence[Trip], begin: np.ndarray, end: np.ndarray, rule: rules.Rules, turnaround: int
) -> tuple[int, int]:
    """Trips that end elsewhere, and the least cars that serve them as chains from place to place."""
    mine = [n for n, trip in enumerate(trips) if not trip.round_trip]
    if not mine:
        return 0, 0
    found = carpool.rides(session, [trips[n] for n in mine])
    home = session.scalars(select(Place).where(Place.km == 0, Place.latitude.is_not(None))).first()
    spots: list[Spot | None] = [Spot(home.latitude or 0, home.longitude or 0) if home else None]
    places: dict[str, int] = {}
    for ride in found:
        if ride.destination not in places:
            places[ride.destination] = len(spots)
            spots.append(ride.spot)
    far = max(ride.km for ride in found)
    minutes = np.zeros((len(spots), len(spots)))
    for a, one in enumerate(spots):
        for b, other in enumerate(spots):
            km = km_between(one, other, rule["sharing.road_percent"]) if one and other else far
            minutes[a, b] = 0 if a == b else km * 60 / rule["sharing.km_an_hour"]
    starts, ends = begin[mine], end[mine]
    target = np.array([places[ride.destination] for ride in found])
    follows = sizing.can_follow(starts, ends, np.zeros(len(mine), int), target, minutes, turnaround)
    return len(mine), sizing.chain_cover(starts, ends, follows)


def _by_agency(session: Session, then: Replay) -> tuple[tuple[Agency | None, int], ...]:
    rows = sorted(then.by_agency.items(), key=lambda row: (-row[1], row[0]))
    return tuple((session.get(Agency, agency_id), count) for agency_id, count in rows)
