"""The charging plan of a day: from rows to the pure plan and back, as a preview or applied (V-76).

Cars stand at home between their trips; each leaves ready if its battery brings it home above the floor. Sessions already
booked keep their place and get new power; those on faulty posts are placed anew; others are added where they help.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from common import audit, reservations
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import Period, local, taipei, today
from common.words import Words
from fleet import holding, pool, rules
from fleet.electric import charging, site, state_of_charge
from fleet.electric.charge_plan import Car, Need, Outcome, Plan, Plug, Post, Site
from fleet.electric.charge_plan import plan as best_plan
from fleet.electric.charge_plan import power as best_power
from fleet.electric.charging_rows import drop
from fleet.models import Charger, ChargingSlot, Trip, Vehicle
from fleet.models.charging import STEP
from fleet.models.trip import HOLDING
from fleet.plans.dispatch import refuse_car
from fleet.trips import ask_of

UNTIL = "12:00"  # of the day after: the night and the next morning's departures belong to the plan
FARTHEST = 14
SECONDS = 4.0
GAP = 1e-3
NEXT_TRIP = 3.0
"""What readiness for a car's very next trip weighs against a later one's."""


@dataclass(frozen=True)
class Stretch:
    """One session of the plan. `slot` is the row it already has; `moved_from` the row on a faulty post it replaces."""

    charger: Charger
    starts_at: datetime
    ends_at: datetime
    kw: tuple[float, ...]
    from_percent: int
    expected_percent: int
    target_percent: int
    slot: ChargingSlot | None
    moved_from: ChargingSlot | None = None

    @property
    def change(self) -> str:
        """`keep` (perhaps with other power), `move` or `add`."""
        return "keep" if self.slot else "move" if self.moved_from else "add"


@dataclass(frozen=True)
class CarPlan:
    """What the plan does for one car, and whether it is ready for its next trip.

    `spare_km` beyond the floor if it is, else `short_kwh` and `short_km` exactly; `swap_with` are cars that could take
    the trip instead.
    """

    vehicle: Vehicle
    percent: int
    stretches: tuple[Stretch, ...]
    trip: Trip | None
    ready: bool
    ready_at: datetime | None
    spare_km: int
    short_kwh: float
    short_km: int
    swap_with: tuple[Vehicle, ...] = ()

    @property
    def words(self) -> Words:
        """「13:20 可出車，餘裕 18 km」, or the shortage."""
        if self.trip is None:
            return Words("沒有排定的行程", "No trip planned")
        if self.ready:
            at = local(self.ready_at).strftime("%H:%M") if self.ready_at else ""
            return Words("{at} 可出車，餘裕 {km} km", "Ready {at}, {km} km spare").fill(at=at, km=self.spare_km)
        return Words("出發前還差 {kwh} kWh（{km} km）", "{kwh} kWh ({km} km) short at departure").fill(
            kwh=f"{self.short_kwh:.1f}", km=self.short_km
        )


@dataclass(frozen=True)
class DayPlan:
    """The plan of the steps from `starts_at` on: cars, the site's limit and load, what it drops, and its proven gap."""

    starts_at: datetime
    cars: tuple[CarPlan, ...]
    power: tuple[site.Power, ...]
    load: tuple[float, ...]
    dropped: tuple[ChargingSlot, ...]
    gap: float

    @property
    def peak_kw(self) -> float:
        return max(self.load, default=0.0)

    @property
    def ready(self) -> int:
        """Cars with a trip ahead that leave ready."""
        return sum(each.ready for each in self.cars if each.trip)

    @property
    def with_trip(self) -> int:
        return sum(each.trip is not None for each in self.cars)

    @property
    def changes(self) -> int:
        """Sessions the plan would add or move."""
        return sum(stretch.change != "keep" for each in self.cars for stretch in each.stretches)


@dataclass(frozen=True)
class _Ground:
    """What one planning stands on: where time starts, the rows, and how a car's trips and slots map to steps."""

    starts_at: datetime
    steps: int
    vehicles: list[Vehicle]
    trips: dict[int, list[Trip]]
    slots: dict[int, list[ChargingSlot]]
    outlooks: dict[int, state_of_charge.Outlook]
    away: dict[int, list[Period]]

    def step(self, moment: datetime, *, up: bool = False) -> int:
        n = -(-(moment - self.starts_at) // STEP) if up else (moment - self.starts_at) // STEP
        return min(max(n, 0), self.steps)

    def at(self, step: int) -> datetime:
        return self.starts_at + STEP * step


def prepare(session: Session, now: datetime, *, day: date | None = None, may_plug: bool = True) -> DayPlan:
    """The best plan from now (or the start of a later `day`) until noon of the day after. Changes nothing.

    With `may_plug` false no session is added: only the power of those booked is planned anew.
    """
    if day and (day - today(now)).days > FARTHEST:
        raise Invalid(Words("最多排到 {n} 天後", "At most {n} days ahead").fill(n=FARTHEST), field="date")
    ground = _ground(session, now, day or today(now))
    rule = rules.in_force(session, now)
    power = site.power(session, ground.starts_at, ground.steps)
    busy = reservations.busy(
        session,
        [post.resource for post in charging.chargers(session)],
        Period(ground.starts_at, ground.at(ground.steps)),
        now,
    )
    posts = {post.id: post for post in charging.chargers(session)}
    cars = [_car(ground, vehicle, rule, now, may_plug) for vehicle in ground.vehicles]
    found = (best_plan if may_plug else best_power)(
        cars,
        [
            Post(
                post.id, post.power_kw, post.supply == "dc",
                tuple((ground.step(each.starts_at), ground.step(each.ends_at, up=True)) for each in busy.get(post.resource, ()))
                if post.usable else ((0, ground.steps),),
            )
            for post in posts.values()
        ],
        Site(
            tuple(each.limit for each in power), tuple(site.CHEAP if each.cheap else site.USUAL for each in power),
            rule["ev.efficiency_percent"] / 100, rule["ev.bay_max_hours"] * 4,
        ),
        seconds=SECONDS, gap=GAP,
    )  # fmt: skip
    dropped = [slot for slots in ground.slots.values() for slot in slots if not slot.charger.usable]
    plans = tuple(_told(session, ground, vehicle, found, posts, now) for vehicle in ground.vehicles)
    return DayPlan(ground.starts_at, plans, tuple(power), found.load, tuple(dropped), found.gap)


def apply(session: Session, person: Person, now: datetime, day_plan: DayPlan) -> list[ChargingSlot]:
    """Book, move and re-power as the plan says; all of it or nothing. Returns the slots it touched. Raises SlotTaken, Forbidden."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    holding.alone(session)
    for lost in day_plan.dropped:
        drop(session, lost, now)
    touched = []
    for each in day_plan.cars:
        for stretch in each.stretches:
            slot = stretch.slot
            if slot is None:
                slot = ChargingSlot(
                    charger=stretch.charger, vehicle=each.vehicle, booked_by_id=person.id, starts_at=stretch.starts_at,
                    ends_at=stretch.ends_at, target_percent=stretch.target_percent, reserve="", state="booked",
                    need_by=each.trip.starts_at if each.trip and each.trip.starts_at >= stretch.ends_at else None, changed_at=now,
                )  # fmt: skip
                slot.plan = list(stretch.kw)
                session.add(slot)
                session.flush()
                charging.take(session, slot, now)
            elif slot.plan != list(stretch.kw):
                slot.plan, slot.changed_at = list(stretch.kw), now
            slot.from_percent, slot.expected_percent = stretch.from_percent, stretch.expected_percent
            touched.append(slot)
    session.flush()
    after = {"ready": day_plan.ready, "of": day_plan.with_trip, "sessions": len(touched), "peak_kw": day_plan.peak_kw}
    audit.record(
        session, person, "charging.planned", f"charging_plan/{local(day_plan.starts_at).date()}", now, after=after
    )
    return touched


class Power(NamedTuple):
    """New power for a booked session: kW of each quarter of an hour, and the level it will bring."""

    slot_id: int
    plan: list[float]
    expected_percent: int


def repower(session: Session, now: datetime) -> list[Power]:
    """The power of the booked sessions from this quarter of an hour on, as things stand now; those whose plan changes.

    The charge-point process asks as things change (a car late, full, or gone), so that the sum stays under the limit.
    """
    stretches = [each for car in prepare(session, now, may_plug=False).cars for each in car.stretches]
    return [
        Power(each.slot.id, list(each.kw), each.expected_percent)
        for each in stretches
        if each.slot is not None and each.slot.plan != list(each.kw)
    ]


def set_power(session: Session, now: datetime, powers: Sequence[Power]) -> None:
    """Write it down."""
    for each in powers:
        slot = session.get(ChargingSlot, each.slot_id)
        if slot is not None and slot.state == "booked":
            slot.plan, slot.expected_percent, slot.changed_at = each.plan, each.expected_percent, now


def _ground(session: Session, now: datetime, day: date) -> _Ground:
    opens = taipei(day, "00:00")
    starts_at = charging.quarter(now) if day <= today(now) else opens
    ends_at = taipei(max(day, today(now)) + timedelta(days=1), UNTIL)
    steps = (ends_at - starts_at) // STEP
    vehicles = list(
        session.scalars(
            select(Vehicle)
            .where(Vehicle.powertrain == "electric", Vehicle.state == "in_service", Vehicle.battery_kwh.is_not(None))
            .order_by(Vehicle.plate)
        )
    )
    ids = [vehicle.id for vehicle in vehicles]
    trips: dict[int, list[Trip]] = {number: [] for number in ids}
    rows = select(Trip).where(
        Trip.vehicle_id.in_(ids), Trip.status.in_(HOLDING), Trip.ends_at > starts_at, Trip.starts_at < ends_at
    )
    for trip in session.scalars(rows.options(joinedload(Trip.agency)).order_by(Trip.starts_at)).unique():
        if trip.vehicle_id is not None:
            trips[trip.vehicle_id].append(trip)
    slots: dict[int, list[ChargingSlot]] = {number: [] for number in ids}
    for slot in charging.slots_within(session, Period(starts_at, ends_at)):
        if slot.vehicle_id in slots:
            slots[slot.vehicle_id].append(slot)
    rule = rules.in_force(session, now)
    found = state_of_charge.outlooks(session, vehicles, starts_at, now, rule, whole_chain=True)
    own = {trip.holder for each in trips.values() for trip in each} | {
        slot.holder for each in slots.values() for slot in each
    }
    by_name = {vehicle.resource: vehicle.id for vehicle in vehicles}
    away: dict[int, list[Period]] = {number: [] for number in ids}
    for by in reservations.taken(session, list(by_name), Period(starts_at, ends_at), now):
        if by.holder not in own:
            away[by_name[by.resource]].append(by.period)
    return _Ground(starts_at, steps, vehicles, trips, slots, found, away)


def _car(ground: _Ground, vehicle: Vehicle, rule: rules.Rules, now: datetime, may_plug: bool) -> Car:
    """The car as the plan sees it: its level when time starts, its trips as needs, its booked sessions as plugs."""
    outlook = ground.outlooks[vehicle.id]
    battery = outlook.battery
    full = battery.kwh / 100
    level = outlook.at(max(ground.starts_at, outlook.since)) * full
    needs, here, first = [], 0, True
    for trip in ground.trips[vehicle.id]:
        leaves, back = trip.car_period.starts_at, ground.step(trip.car_period.ends_at, up=True)
        if leaves < max(ground.starts_at, outlook.since) or trip.status == "under_way":
            here = max(here, back)  # its draw is in the level already
            if leaves >= max(ground.starts_at, outlook.since):
                level -= battery.percent_for(trip.distance_km) * full
            continue
        kwh = battery.percent_for(trip.distance_km) * full
        needs.append(Need(ground.step(leaves), back, kwh, NEXT_TRIP if first else 1.0))
        first = False
    for away in ground.away[vehicle.id]:  # the workshop, its owner, a promise: not at a post, and nothing is drawn
        needs.append(Need(ground.step(away.starts_at), ground.step(away.ends_at, up=True), 0.0, 0.0))
    needs.sort(key=lambda need: (need.departs, need.returns))
    usable = [slot for slot in ground.slots[vehicle.id] if slot.charger.usable]
    top = max([rule["ev.morning_percent"], *(slot.target_percent for slot in usable)])
    return Car(
        vehicle.id, max(0.0, level), rule["ev.min_return_percent"] * full, top * full, tuple(needs),
        float(vehicle.ac_kw or 1e9), float(vehicle.dc_kw or 1e9),
        tuple(Plug(slot.charger_id, ground.step(slot.starts_at), ground.step(slot.ends_at, up=True)) for slot in usable),
        may_plug, here,
    )  # fmt: skip


def _told(
    session: Session, ground: _Ground, vehicle: Vehicle, found: Plan, posts: dict[int, Charger], now: datetime
) -> CarPlan:
    outcome = found.outcomes[vehicle.id]
    outlook = ground.outlooks[vehicle.id]
    ahead = [
        trip
        for trip in ground.trips[vehicle.id]
        if trip.car_period.starts_at >= ground.starts_at and trip.status != "under_way"
    ]
    first = next((k for k, need in enumerate(outcome.car.needs) if need.weight > 0), None)
    trip = ahead[0] if ahead and first is not None else None
    short = outcome.short[first] if trip and first is not None else 0.0
    battery = outlook.battery
    ready = trip is not None and first is not None and outcome.ready[first]
    return CarPlan(
        vehicle=vehicle,
        percent=int(outlook.at(max(now, outlook.since)) + 1e-9),
        stretches=_stretches(ground, vehicle, outcome, posts),
        trip=trip,
        ready=ready,
        ready_at=ground.at(outcome.ready_at) if outcome.ready_at is not None else None,
        spare_km=battery.km_of(outcome.spare[first]) if trip and first is not None else 0,
        short_kwh=short,
        short_km=-(-int(short * 1000) // int(battery.wh_per_km)) if short else 0,
        swap_with=tuple(swaps(session, now, trip, vehicle)) if trip and not ready else (),
    )


def _stretches(ground: _Ground, vehicle: Vehicle, outcome: Outcome, posts: dict[int, Charger]) -> tuple[Stretch, ...]:
    """The plugs as sessions: empty ends of new ones cut off, levels along the way."""
    battery = ground.outlooks[vehicle.id].battery
    full = battery.kwh / 100
    dropped = [slot for slot in ground.slots[vehicle.id] if not slot.charger.usable]
    out: list[Stretch] = []
    given = 0.0
    for plug in outcome.plugs:
        slot = next(
            (
                one for one in ground.slots[vehicle.id]
                if one.charger.usable and one.charger_id == plug.post and ground.step(one.starts_at) == plug.starts
            ),
            None,
        )  # fmt: skip
        starts, kw = plug.starts, list(plug.kw)
        if slot is None:
            used = [n for n, each in enumerate(kw) if each > 0.05]
            if not used:
                continue
            starts, kw = plug.starts + used[0], kw[used[0] : used[-1] + 1]
        drawn = sum(need.kwh for need in outcome.car.needs if need.departs <= starts)
        before = (outcome.car.level + given - drawn) / full
        given += sum(plug.kw) / 4 * battery.efficiency
        after = (outcome.car.level + given - drawn) / full
        moved = dropped.pop(0) if slot is None and dropped else None
        past = max(0, (ground.starts_at - slot.starts_at) // STEP) if slot else 0  # what was planned for earlier stays
        kept = (slot.plan or [slot.full_kw] * past)[:past] if slot else []
        out.append(
            Stretch(
                posts[plug.post],
                slot.starts_at if slot else ground.at(starts),
                slot.ends_at if slot else ground.at(starts + len(kw)),
                tuple(round(float(each), 2) for each in [*kept, *kw]),
                slot.from_percent if slot and past and slot.from_percent is not None else int(max(0.0, before) + 1e-6),
                min(100, int(max(0.0, after) + 1e-6)),
                slot.target_percent if slot else min(100, max(1, round(outcome.car.ceiling / full))),
                slot, moved,
            )
        )  # fmt: skip
    return tuple(out)


def swaps(session: Session, now: datetime, trip: Trip, vehicle: Vehicle, most: int = 3) -> list[Vehicle]:
    """Cars that could take `trip` instead of `vehicle`: free then, and home above the floor. Electric first (V-71)."""
    ask, limits = ask_of(trip), rules.in_force(session, now).limits
    others = [each for each in pool.vehicles(session) if each.id != vehicle.id]
    fitting = {
        car.id
        for car in pool.cars_for(session, ask, now, among=others, except_holder=trip.holder)
        if not refuse_car(ask, car, limits)
    }
    found = [each for each in others if each.id in fitting]
    return sorted(found, key=lambda each: (not each.electric, each.seats, each.id))[:most]


def shortages(plans: Sequence[CarPlan]) -> list[CarPlan]:
    """Those that would leave without enough, the soonest first."""
    return sorted((each for each in plans if each.trip and not each.ready), key=lambda each: each.trip.starts_at)  # type: ignore[union-attr]
