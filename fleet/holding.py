"""A car of the class is promised when a trip is asked for; which one is settled when it is assigned (decision 0013).

The promise is a `held` row of the ledger: car and time, no driver, in the name of the trip. It may pass to another
suitable car at any moment, all such passes and claims in one transaction, and it lapses by itself at departure.
A request goes without a promise only when `rebinding` finds no arrangement of all promises that serves it too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from common import reservations
from common.errors import Conflict
from common.period import Period
from common.reservations import Taken
from common.words import Words
from fleet import pool, rules
from fleet.models import NumberSeries, Trip, Vehicle
from fleet.plans.dispatch import Ask, Car, rank_cars, refuse_car
from fleet.plans.rebinding import Need, bind, serves_all

WAITING = ("submitted", "approved")
"""States in which a trip is promised a car without having one."""


class PromisedTo(Conflict):
    """The car is promised to other trips, and no other arrangement serves them all. `trips` are those."""

    def __init__(self, trips: Sequence[Trip], car: str):
        words = Words(
            "{car} 已保留給 {numbers}，沒有別的車可換。請改派別輛，或先回覆該筆已派滿。",
            "{car} is promised to {numbers} and no other car can take over. Choose another, or tell that trip first that all are taken.",
        )
        super().__init__(words.fill(car=car, numbers="、".join(trip.number for trip in trips)), field="vehicle_id")
        self.trips = list(trips)


class Promise(NamedTuple):
    """What one waiting trip holds in the ledger now."""

    trip: Trip
    car: int
    period: Period


def ask_of(trip: Trip) -> Ask:
    """The trip as dispatch reads it, with those who ride along and in the time the car is needed for."""
    return Ask(
        trip.car_period, trip.aboard, trip.distance_km, trip.needs_driver, trip.vehicle_kind, agency_id=trip.agency_id
    )


def alone(session: Session) -> None:
    """Wait for whoever else is arranging cars, and be the only one until this transaction ends.

    Two rearrangements at once would each be refused by the other's claims. Call it before the first row is written:
    whoever holds a row and then waits here may be waited for.
    """
    session.execute(update(NumberSeries).where(NumberSeries.series == "pool").values(last=NumberSeries.last + 1))


def hold(session: Session, now: datetime, trip: Trip) -> bool:
    """Promise `trip` a car, moving other promises where that makes room. What it was promised before is given up.

    Returns (and notes on the row) whether there is one. A trip entered afterwards or already due is promised nothing.
    """
    alone(session)
    session.flush()
    reservations.release(session, trip.holder)
    trip.capacity_held = trip.car_period.starts_at > now and not trip.recorded_late and _take_one(session, now, trip)
    return trip.capacity_held


def let_go(session: Session, trip: Trip) -> None:
    """Give up whatever the ledger has for `trip`, promised or confirmed."""
    reservations.release(session, trip.holder)
    trip.capacity_held = False


def could_hold(session: Session, now: datetime, ask: Ask) -> bool:
    """Whether a request like this would be promised a car now, directly or by moving promises."""
    cars = pool.cars_for(session, ask, now)
    limits = rules.in_force(session, now).limits
    if any(refuse_car(ask, car, limits) is None for car in cars):
        return True
    suitable = tuple(car.id for car in cars if refuse_car(ask, car, limits, free=False) is None)
    return bool(suitable) and _arranged(session, now, [Need(0, ask.period, suitable)]).possible


def promises(session: Session, now: datetime, period: Period, cars: Iterable[int] | None = None) -> list[Promise]:
    """What is promised within `period`, of these cars or all of them."""
    ids = session.scalars(select(Vehicle.id)) if cars is None else cars
    found = reservations.taken(session, [f"vehicle:{car}" for car in ids], period, now, states=("held",))
    holders = {int(by.holder[5:]) for by in found if by.holder.startswith("trip:")}
    trips = {trip.id: trip for trip in session.scalars(select(Trip).where(Trip.id.in_(holders)))} if holders else {}
    return [
        Promise(trips[int(by.holder[5:])], int(by.resource[8:]), by.period)
        for by in found
        if by.holder.startswith("trip:") and int(by.holder[5:]) in trips
    ]


def make_way(
    session: Session, now: datetime, vehicle: Vehicle, period: Period, *, except_for: Trip | None = None
) -> None:
    """Pass on what is promised of `vehicle` within `period`, so that it can be claimed. Raises PromisedTo with whom not."""
    displaced = [
        each
        for each in promises(session, now, period, [vehicle.id])
        if except_for is None or each.trip is not except_for
    ]
    if not displaced:
        return
    others = _arranged(session, now, [], around=period, without=except_for).leaving(vehicle.id, period)
    if not others.possible:
        raise PromisedTo([each.trip for each in displaced], vehicle.label)
    _pass_on(session, now, others.moves())


def can_make_way(
    session: Session, now: datetime, vehicle_ids: Iterable[int], period: Period, *, except_for: Trip | None = None
) -> set[int]:
    """Those of the vehicles for which `make_way` would succeed."""
    others = _arranged(session, now, [], around=period, without=except_for)
    return {each for each in vehicle_ids if others.leaving(each, period).possible}


def promise_waiting(session: Session, now: datetime, period: Period | None = None) -> int:
    """Promise cars that came free to trips that had to be asked for without one, urgent and early requests first (V-15).

    Only those that touch `period`, or all. Returns how many found one.
    """
    without = select(Trip).where(Trip.status.in_(WAITING), Trip.capacity_held.is_(False), Trip.recorded_late.is_(False))
    if period is not None:
        without = without.where(Trip.starts_at < period.ends_at, Trip.ends_at > period.starts_at)
    found = list(session.scalars(without.where(Trip.starts_at > now).order_by(Trip.requested_at, Trip.id)))
    found.sort(key=lambda trip: trip.urgent_reason is None)
    return sum(hold(session, now, trip) for trip in found)


def lapse(session: Session, now: datetime) -> int:
    """Note on trips whose departure passed unassigned that nothing is promised any more. Returns how many."""
    late = select(Trip).where(Trip.capacity_held, Trip.status.in_(WAITING), Trip.starts_at <= now)
    found = list(session.scalars(late))
    for trip in found:
        let_go(session, trip)
    return len(found)


def suitable(session: Session, now: datetime, trip: Trip) -> tuple[int, ...]:
    """Ids of the cars that could serve `trip` if their calendars were empty, best first."""
    ask = ask_of(trip)
    limits = rules.in_force(session, now).limits
    cars = [
        car
        for car in pool.cars_for(session, ask, now, except_holder=trip.holder)
        if not refuse_car(ask, car, limits, free=False)
    ]
    free = [each.id for each in rank_cars(ask, cars, limits).candidates]
    return (*free, *(car.id for car in cars if car.id not in free))


def options_of(session: Session, now: datetime, found: Sequence[Promise]) -> dict[int, tuple[int, ...]]:
    """For each promised trip the cars that could serve it if their calendars were empty, in no order.

    The pool is read once for each period, not for each trip; only the battery of the car that a trip is promised is
    another without that trip.
    """
    limits = rules.in_force(session, now).limits
    every = {vehicle.id: vehicle for vehicle in pool.vehicles(session)}
    in_period: dict[Period, list[Car]] = {}
    out = {}
    for trip, promised, period in found:
        ask = ask_of(trip)
        if period not in in_period:
            in_period[period] = pool.cars_for(session, replace(ask, agency_id=None), now, among=every.values())
        cars = {car.id: car for car in in_period[period]}
        if promised in every and every[promised].electric:
            own = pool.cars_for(session, ask, now, among=[every[promised]], except_holder=trip.holder)
            cars |= {car.id: car for car in own}
        out[trip.id] = tuple(car.id for car in cars.values() if refuse_car(ask, car, limits, free=False) is None)
    return out


# --- how -----------------------------------------------------------------------------------------------------------


def _take_one(session: Session, now: datetime, trip: Trip) -> bool:
    ask = replace(ask_of(trip), agency_id=None)  # whose car it is weighs when one is given, not when one is promised
    limits = rules.in_force(session, now).limits
    for candidate in rank_cars(ask, pool.cars_for(session, ask, now, except_holder=trip.holder), limits).candidates:
        if _claim(session, now, trip, candidate.id):
            return True  # the next one only where a rival who arranges nothing (a charging slot) was faster
    own = suitable(session, now, trip)
    everyone = _arranged(session, now, [Need(trip.id, ask.period, own)])
    if not everyone.possible:
        return False
    try:
        _pass_on(session, now, everyone.moves())
    except Taken:
        return False
    return True


def _claim(session: Session, now: datetime, trip: Trip, car: int) -> bool:
    try:
        reservations.claim(
            session, trip.holder, [(f"vehicle:{car}", trip.car_period)], now=now, state="held",
            expires_at=trip.car_period.starts_at,
        )  # fmt: skip
    except Taken:
        return False
    return True


class Arrangement(NamedTuple):
    """Who needs a car and when the cars are taken otherwise."""

    needs: list[Need]
    busy: dict[int, list[Period]]

    def leaving(self, car: int, period: Period) -> "Arrangement":
        """The same with that car kept free in that time."""
        return Arrangement(self.needs, self.busy | {car: [*self.busy.get(car, ()), period]})

    @property
    def possible(self) -> bool:
        """Whether everybody can be served."""
        return serves_all(self.needs, self.busy)

    def moves(self) -> dict[int, int]:
        """The new cars, by trip, of the best way to serve everybody."""
        return bind(self.needs, self.busy).changes(self.needs)


def _arranged(
    session: Session, now: datetime, new: list[Need], *, around: Period | None = None, without: Trip | None = None
) -> Arrangement:
    """All promises that may matter to the `new` needs, or within `around`, and these.

    Those are the promises that touch it, those that touch these, and so on: no other can be in the way.
    """
    window = around or new[0].period
    while True:
        found = [each for each in promises(session, now, window) if each.trip is not without]
        wider = Period(
            min([window.starts_at, *(each.period.starts_at for each in found)]),
            max([window.ends_at, *(each.period.ends_at for each in found)]),
        )
        if wider == window:
            break
        window = wider
    promised = [each for each in found if each.trip.id not in {need.id for need in new}]
    options = options_of(session, now, promised)
    needs = [*new, *(Need(each.trip.id, each.period, options[each.trip.id], each.car) for each in promised)]
    movable = {f"trip:{need.id}" for need in needs} | ({without.holder} if without else set())
    return Arrangement(needs, fixed(session, now, window, movable))


def fixed(session: Session, now: datetime, window: Period, movable: set[str]) -> dict[int, list[Period]]:
    """When each car is taken within `window` by holders other than the `movable` ones."""
    resources = [f"vehicle:{car}" for car in session.scalars(select(Vehicle.id))]
    out: dict[int, list[Period]] = {}
    for by in reservations.taken(session, resources, window, now):
        if by.holder not in movable:
            out.setdefault(int(by.resource[8:]), []).append(by.period)
    return out


def _pass_on(session: Session, now: datetime, moves: Mapping[int, int]) -> None:
    """Swap the promises: all given up, then all claimed anew. Raises Taken, leaving the caller's transaction to end."""
    trips = list(session.scalars(select(Trip).where(Trip.id.in_(moves))))
    for trip in trips:
        reservations.release(session, trip.holder)
    for trip in sorted(trips, key=lambda each: moves[each.id]):
        wants = [(f"vehicle:{moves[trip.id]}", trip.car_period)]
        reservations.claim(session, trip.holder, wants, now=now, state="held", expires_at=trip.car_period.starts_at)
