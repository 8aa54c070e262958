"""Planning a day anew at the desk: what would change and why, and changing all of it at once or nothing.

The plan itself is pure (`planning`, `planmodel`). Trips under way or over are never touched; a trip that has a car keeps
one. A preview names each trip with the revision it was read at: when anything has moved since, applying is refused whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import ceil
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from common import audit, reservations
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import Period
from common.reservations import Taken
from common.words import Words
from fleet import holding, pool, riders, rules
from fleet.assigning import AlreadyTaken, reasons_for, taken_words
from fleet.electric import state_of_charge
from fleet.electric.battery import level_at
from fleet.electric.charging_rows import drop_for_trip
from fleet.electric.state_of_charge import HAIR, Outlook
from fleet.journal import happened
from fleet.messages import TripAssigned
from fleet.models import Driver, Trip, Vehicle
from fleet.plans.dispatch import Ask, Limits, Wheel, rank_cars, rank_drivers, refuse_driver
from fleet.plans.planmodel import plan
from fleet.plans.planning import Fill, Grid, Job, Plan, Score, Step, Unit
from fleet.trips import ask_of, find

MOVABLE = ("approved", "fully_booked", "assigned", "accepted")
KEPT = ("assigned", "accepted")
DONE = Words("已依預覽改派", "Changed as previewed")


@dataclass(frozen=True)
class Change:
    """A trip that would get a car, or another one: from what to what, why, and who is told."""

    trip: Trip
    vehicle: Vehicle
    driver: Driver | None
    before: Vehicle | None
    why: Words
    told: tuple[Words, ...]

    @property
    def step(self) -> Step:
        return Step(self.trip.id, self.trip.rev, self.vehicle.id, self.driver.id if self.driver else None)


@dataclass(frozen=True)
class Left:
    """A trip that stays without a car, and what stands against it."""

    trip: Trip
    why: Words


class _Before(NamedTuple):
    """A trip as it was before its car was released."""

    status: str
    driver: Driver | None
    accepted_at: datetime | None
    vehicle: Vehicle | None
    leg: str | None
    period: Period


@dataclass(frozen=True)
class Preview:
    """What planning `day` anew would do. `now` is the score as the day stands, `then` as it would be."""

    day: date
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    now: Score
    then: Score
    proven: bool
    gap: float

    @property
    def newly(self) -> int:
        """How many of the day's trips have no car as it stands."""
        return len(self.left) + sum(change.before is None for change in self.changes)

    @property
    def steps(self) -> list[Step]:
        return [change.step for change in self.changes]


def preview(
    session: Session, person: Person, now: datetime, day: date, *, seconds: float = 3.0, move: bool = True
) -> Preview:
    """The best plan for the trips that leave on `day` after `now`, as changes. `move=False` leaves given cars alone.

    Writes nothing. `seconds` bounds the search; a plan cut short tells its proven gap. Raises Forbidden.
    """
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    trips = _movable(session, now, day)
    found = _look(session, now, day, trips, seconds, move)
    if kept := [left.trip for left in found.left if left.trip.capacity_held]:
        # What was promised to a trip that still gets nothing (no driver, say) stays promised to it: plan around it.
        rest = [trip for trip in trips if trip not in kept]
        around = _look(session, now, day, rest, seconds, move)
        told = tuple(left for left in found.left if left.trip in kept)
        found = replace(around, left=(*around.left, *told))
    return found


def _look(session: Session, now: datetime, day: date, trips: list[Trip], seconds: float, move: bool) -> Preview:
    jobs = _jobs(trips, move)
    units, vehicles = _units(session, now, day, trips)
    wheels, drivers = _wheels(session, now, day)
    limits = rules.in_force(session, now).limits
    grid, made = _planned(jobs, units, wheels, limits, seconds)
    if gone := {trip.id for trip in trips if trip.status in KEPT and made.cars[trip.id] is None}:
        # Its own car would not pass today's rules (a low battery, say). What is given stays given; the rest fits around it.
        jobs = [replace(job, fixed=job.fixed or job.id in gone) for job in jobs]
        grid, made = _planned(jobs, units, wheels, limits, seconds)
    as_it_stands = grid.score(grid.held.copy())
    changes, left = [], []
    for trip in trips:
        car_id, driver_id = made.cars[trip.id], made.drivers.get(trip.id)
        if car_id is None:
            if trip.status not in KEPT:
                left.append(Left(trip, _why_left(trip, units, wheels, made, trips, limits)))
        elif (car_id, driver_id) != (trip.vehicle_id, trip.driver_id):
            driver = drivers.get(driver_id) if driver_id else None
            why = _why(trip, vehicles[car_id], trips, made, grid)
            changes.append(Change(trip, vehicles[car_id], driver, trip.vehicle, why, _who(trip, driver)))
    return Preview(day, tuple(changes), tuple(left), as_it_stands, made.score, made.proven, made.gap)


def apply(session: Session, person: Person, now: datetime, day: date, steps: Iterable[Step]) -> list[Change]:
    """Do what a preview showed: every car released, then every car taken, in one transaction.

    Raises Stale when a trip was changed since, AlreadyTaken when a car or driver was given away, NotSuitable, WrongState;
    then nothing has happened. Only the trips named here are told of.
    """
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    todo = {step.trip_id: step for step in steps}
    trips = sorted((find(session, Trip, trip_id) for trip_id in todo), key=lambda trip: (trip.starts_at, trip.id))
    if not trips:
        raise Invalid(Words("沒有要改的行程", "There is nothing to change"), field="changes")
    if any(trip.starts_at <= now or trip.status not in MOVABLE for trip in trips):
        raise Invalid(
            Words("已出發或已結束的行程不能重排", "A trip that has left is not planned anew"), field="changes"
        )
    had: dict[int, _Before] = {}
    done: list[Change] = []
    for trip in trips:
        trip.require("assign", person)
        trip.expect(todo[trip.id].rev)
    holding.alone(session)
    for trip in trips:
        had[trip.id] = _Before(trip.status, trip.driver, trip.accepted_at, trip.vehicle, trip.leg, trip.car_period)
        reservations.release(session, trip.holder)
        if trip.vehicle_id != todo[trip.id].vehicle_id:
            drop_for_trip(session, trip, now)
        trip.give_back()
        trip.need_car(had[trip.id].leg, had[trip.id].period)
    session.flush()
    for trip in trips:
        step = todo[trip.id]
        vehicle = find(session, Vehicle, step.vehicle_id)
        driver = find(session, Driver, step.driver_id) if step.driver_id and trip.needs_driver else None
        if trip.needs_driver and driver is None:
            raise Invalid(Words("請選擇駕駛", "Choose a driver"), field="changes")
        reasons = reasons_for(session, trip, ask_of(trip), vehicle, driver, now)
        wants = [(unit.resource, trip.car_period) for unit in (vehicle, driver) if unit]
        holding.make_way(session, now, vehicle, trip.car_period, except_for=trip)
        try:
            reservations.claim(session, trip.holder, wants, now=now)
        except Taken as taken:
            raise AlreadyTaken(taken_words(session, taken.by, trip, vehicle, driver), field="changes") from taken
        before, previous, accepted_at, car, _leg, _period = had[trip.id]
        trip.give(vehicle, driver, person, reasons, now)
        if before == "accepted" and driver is previous:  # the same driver has said yes already
            trip.status, trip.accepted_at = "accepted", accepted_at
        trip.changed_at = now
        gone = previous.person_id if previous and previous is not driver else None
        happened(
            session, trip, "reassigned" if car else "assigned", TripAssigned, person, now,
            note="；".join(reason.zh for reason in reasons), told=False, audited_from=before, previous_driver_id=gone,
        )  # fmt: skip
        riders.tell(session, trip, now)
        done.append(Change(trip, vehicle, driver, car, DONE, ()))
    for before_it in had.values():
        holding.promise_waiting(session, now, before_it.period)
    audit.record(
        session, person, "day.replanned", f"day/{day.isoformat()}", now, after={"trips": [t.id for t in trips]}
    )
    return done


# --- the day as values ---------------------------------------------------------------------------------------------


def _movable(session: Session, now: datetime, day: date) -> list[Trip]:
    period = Period.of_day(day)
    rows = (
        select(Trip)
        .where(Trip.status.in_(MOVABLE), Trip.starts_at >= max(period.starts_at, now), Trip.starts_at < period.ends_at)
        .options(joinedload(Trip.vehicle), joinedload(Trip.driver), joinedload(Trip.agency), joinedload(Trip.requester))
        .order_by(Trip.starts_at, Trip.id)
    )
    return list(session.scalars(rows).unique())


def _jobs(trips: Sequence[Trip], move: bool) -> list[Job]:
    """Urgent business weighs most (V-15), then head-count (V-23); a trip that has a car outweighs all that have none."""
    weight = {trip.id: (20 if trip.urgent_reason else 5) + min(trip.passengers, 9) for trip in trips}
    much = 1 + sum(weight.values())
    return [
        Job(
            trip.id, ask_of(trip), much if trip.status in KEPT else weight[trip.id], trip.vehicle_id, trip.driver_id,
            accepted=trip.status == "accepted", fixed=trip.status in KEPT and not move,
        )
        for trip in trips
    ]  # fmt: skip


def _whole(day: date, trips: Sequence[Trip]) -> Ask:
    """The day as one question, so that one reading of the ledger serves every trip."""
    period = Period.of_day(day)
    last = max([period.ends_at, *(trip.car_period.ends_at for trip in trips)])
    return Ask(Period(period.starts_at, last), 1, 0, agency_id=0)


def _units(session: Session, now: datetime, day: date, trips: Sequence[Trip]) -> tuple[list[Unit], dict[int, Vehicle]]:
    vehicles = pool.vehicles(session)
    period = Period.of_day(day)
    begins = max(now, period.starts_at)
    rule = rules.in_force(session, now)
    ours = {trip.holder for trip in trips}
    whole = _whole(day, trips)
    busy = pool.busy(session, [vehicle.resource for vehicle in vehicles], pool.around(whole.period), now, ours)
    electric = [vehicle for vehicle in vehicles if vehicle.electric]
    outlooks = state_of_charge.outlooks(session, electric, begins, now, rule)
    planned = {trip.number for trip in trips}
    least = rule["ev.min_return_percent"]
    units = []
    for car in pool.cars_for(session, whole, now, among=vehicles):
        kept = replace(car, busy=tuple(busy.get(f"vehicle:{car.id}", ())), charge_percent=None)
        fills: tuple[Fill, ...] = ()
        if outlook := outlooks.get(car.id):
            percent, fills = charge_left(outlook, Period(begins, whole.period.ends_at), planned, least)
            kept = replace(kept, charge_percent=percent)
        units.append(Unit(kept, fills))
    return units, {vehicle.id: vehicle for vehicle in vehicles}


def charge_left(outlook: Outlook, period: Period, planned: set[str], least: int) -> tuple[int, tuple[Fill, ...]]:
    """What the trips `planned` anew (their numbers) may count on: percent at the period's begin, and after each session.

    As expected then (`state_of_charge`), less what the car's other trips of the period draw. A session counts with the
    energy it brings in its time to a car that comes to it at the floor (`least`), up to its target.
    """
    battery = outlook.battery
    others = [draw for draw in outlook.draws if draw.starts_at >= period.starts_at and draw.what not in planned]

    def drawn_since(moment: datetime) -> int:
        return sum(ceil(battery.percent_for(draw.km)) for draw in others if draw.starts_at >= moment)

    fills = []
    for fill in outlook.fills:
        if period.starts_at < fill.ends_at <= period.ends_at:
            reached = int(level_at(battery, least, period.starts_at, fill.ends_at, (), [fill]) + HAIR)
            fills.append(Fill(fill.ends_at, reached - drawn_since(fill.ends_at)))
    percent = int(outlook.at(period.starts_at) + 1e-9) - drawn_since(period.starts_at)
    return max(0, percent), tuple(fills)


def _wheels(session: Session, now: datetime, day: date) -> tuple[list[Wheel], dict[int, Driver]]:
    drivers = pool.drivers(session)
    wheels = pool.drivers_for(session, _whole(day, ()), now, among=drivers)
    return wheels, {driver.id: driver for driver in drivers}


def _planned(
    jobs: list[Job], units: list[Unit], wheels: list[Wheel], limits: Limits, seconds: float
) -> tuple[Grid, Plan]:
    grid = Grid(jobs, units, limits)
    _licences(grid, {wheel.id: wheel for wheel in wheels}, limits)
    return grid, plan(jobs, wheels, grid, limits, seconds=seconds)


def _licences(grid: Grid, wheels: dict[int, Wheel], limits: Limits) -> None:
    """A driver who stays on a trip keeps it away from cars that their licence does not cover."""
    for n, job in enumerate(grid.jobs):
        wheel = wheels.get(job.driver_id or 0)
        if wheel is None or job.fixed:
            continue
        for v, unit in enumerate(grid.units):
            if refuse_driver(job.ask, wheel, limits, free=False, hours=False, kind=unit.car.kind):
                grid.fits[n, v] = False


# --- the plan in words ---------------------------------------------------------------------------------------------


def _why(trip: Trip, vehicle: Vehicle, trips: Sequence[Trip], made: Plan, grid: Grid) -> Words:
    if trip.vehicle is None:
        return Words("有空車可派", "A car is free for it")
    if trip.vehicle_id == vehicle.id:
        return Words("換駕駛", "Another driver")
    for other in trips:
        if (
            made.cars[other.id] == trip.vehicle_id
            and other.vehicle_id != trip.vehicle_id
            and other.car_period.overlaps(trip.car_period)
        ):
            return Words("{car} 讓給 {number}", "{car} goes to {number}").fill(
                car=trip.vehicle.label, number=other.number
            )
    n = next(n for n, job in enumerate(grid.jobs) if job.id == trip.id)
    costs = grid.energy[n]
    saved = int(costs[grid.place[trip.vehicle.id]] - costs[grid.place[vehicle.id]])
    if saved > 0:
        return Words("能源省 {n} 元", "NT${n} of energy saved").fill(n=saved)
    return Words("讓整天的車排得開", "So that the whole day fits")


def _who(trip: Trip, driver: Driver | None) -> tuple[Words, ...]:
    people = [Words(trip.requester.name, trip.requester.name_en or trip.requester.name)] if trip.requester else []
    if driver:
        people.append(driver.name)
    if trip.driver and trip.driver is not driver:
        people.append(trip.driver.name)
    return tuple(people)


def _why_left(
    trip: Trip, units: Sequence[Unit], wheels: Sequence[Wheel], made: Plan, trips: Sequence[Trip], limits: Limits
) -> Words:
    ask = ask_of(trip)
    taken: dict[int, list[Period]] = {}
    driving: dict[int, list[Period]] = {}
    for other in trips:
        if car_id := made.cars[other.id]:
            taken.setdefault(car_id, []).append(other.car_period)
            if driver_id := made.drivers.get(other.id):
                driving.setdefault(driver_id, []).append(other.car_period)
    cars = [
        replace(unit.car, busy=(*unit.car.busy, *taken.get(unit.car.id, ())), charge_percent=None) for unit in units
    ]
    ranking = rank_cars(ask, cars, limits)
    kind = Words("車", "cars")
    if ranking.best and ask.needs_driver:
        hands = [replace(wheel, busy=tuple({*wheel.busy, *driving.get(wheel.id, ())})) for wheel in wheels]
        ranking, kind = rank_drivers(ask, hands, limits), Words("駕駛", "drivers")
    if ranking.best or not ranking.tally():
        return Words("電量不夠再多一趟", "No battery lasts for one trip more")
    _code, count, example = ranking.tally()[0]
    return Words("{n} 個{kind}不行，例如「{words}」", "{n} {kind} cannot, e.g. “{words}”").fill(
        n=count, kind=kind, words=example
    )
