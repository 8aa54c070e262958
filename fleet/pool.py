"""The cars and drivers of the pool, and when they are free. Reads rows and the ledger; decides nothing.

Owner agencies lend their cars to the pool (V-42); joining and recall come on top of `Vehicle.state`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from common import reservations
from common.period import Period, local, taipei, today
from common.words import Words
from fleet import rules
from fleet.dispatch import Ask, Car, Ranking, Wheel, rank_cars, rank_drivers
from fleet.models import ChargingSlot, Driver, Trip, Vehicle
from fleet.models.trip import HOLDING
from fleet.terms import KINDS, VEHICLE_STATES

GROUPS = {**{code: kind.words for code, kind in KINDS.items()}, "electric": Words("電動車", "Electric")}
CELL = timedelta(minutes=30)
CELLS = 28
PANEL_OPENS = "07:00"
KEEP_AROUND = timedelta(days=1)


def vehicles(session: Session) -> list[Vehicle]:
    """Every car that is not retired, by kind (smallest first), electric last within the list of groups, then plate."""
    rows = session.scalars(select(Vehicle).where(Vehicle.state != "retired").options(joinedload(Vehicle.owner)))
    order = list(GROUPS)
    return sorted(rows, key=lambda vehicle: (order.index(vehicle.group), vehicle.plate))


def drivers(session: Session) -> list[Driver]:
    """Every driver on the roster."""
    return [
        driver
        for driver in session.scalars(select(Driver).where(Driver.employed).order_by(Driver.id))
        if driver.on_roster
    ]


def cars_for(
    session: Session, ask: Ask, now: datetime, *, among: Iterable[Vehicle] | None = None, except_holder: str = ""
) -> list[Car]:
    """The pool's cars as dispatch sees them around `ask`: what they are, when busy, and how full at the start."""
    found = vehicles(session) if among is None else list(among)
    busy = _busy(session, [vehicle.resource for vehicle in found], ask.period, now, except_holder)
    rule = rules.in_force(session, now)
    charge = charge_at(
        session, [vehicle for vehicle in found if vehicle.electric], ask.period.starts_at, now, rule, except_holder
    )
    return [
        Car(
            id=vehicle.id,
            label=vehicle.label,
            kind=vehicle.kind,
            seats=vehicle.seats,
            electric=vehicle.electric,
            charge_percent=charge.get(vehicle.id),
            range_km=vehicle.battery_kwh * 1000 // rule["ev.wh_per_km"] if vehicle.battery_kwh else None,
            busy=tuple(busy.get(vehicle.resource, ())),
            out_of_service=None if vehicle.state == "in_service" else VEHICLE_STATES[vehicle.state],
        )
        for vehicle in found
    ]


def drivers_for(
    session: Session, ask: Ask, now: datetime, *, among: Iterable[Driver] | None = None, except_holder: str = ""
) -> list[Wheel]:
    """The drivers as dispatch sees them around `ask`."""
    found = drivers(session) if among is None else list(among)
    busy = _busy(session, [driver.resource for driver in found], ask.period, now, except_holder)
    return [
        Wheel(
            id=driver.id,
            label=driver.name.zh,
            licence_expires_on=driver.licence_expires_on,
            busy=tuple(busy.get(driver.resource, ())),
            out_of_service=None if driver.on_roster else Words("不在駕駛名冊", "Off the roster"),
        )
        for driver in found
    ]


def free_cars(session: Session, ask: Ask, now: datetime) -> Ranking:
    """All cars ranked for `ask`, the refused with their reason."""
    return rank_cars(ask, cars_for(session, ask, now), rules.in_force(session, now).limits)


class Suggestion(NamedTuple):
    """Ranked cars and drivers for one trip; `drivers` is None where the requester drives."""

    cars: Ranking
    drivers: Ranking | None


def suggest(session: Session, ask: Ask, now: datetime, *, except_holder: str = "") -> Suggestion:
    """Cars and drivers for `ask`, best first, each with its reasons. `except_holder`'s own reservations do not count."""
    limits = rules.in_force(session, now).limits
    cars = rank_cars(ask, cars_for(session, ask, now, except_holder=except_holder), limits)
    if not ask.needs_driver:
        return Suggestion(cars, None)
    return Suggestion(cars, rank_drivers(ask, drivers_for(session, ask, now, except_holder=except_holder), limits))


def charge_at(
    session: Session,
    electric: list[Vehicle],
    moment: datetime,
    now: datetime,
    rule: rules.Rules,
    except_holder: str = "",
) -> dict[int, int]:
    """Expected battery percentage of each electric car at `moment` (V-76).

    Later days start at `ev.morning_percent` (charged overnight); from then on trips draw and charging slots fill.
    """
    if not electric:
        return {}
    ids = [vehicle.id for vehicle in electric]
    same_day = local(moment).date() <= today(now)
    since = now if same_day else taipei(local(moment).date(), "00:00")
    level = {v.id: (v.charge_percent or 0) if same_day else max(rule["ev.morning_percent"], 0) for v in electric}
    reach = {v.id: max(1, (v.battery_kwh or 1) * 1000 // rule["ev.wh_per_km"]) for v in electric}
    trips = session.scalars(
        select(Trip).where(
            Trip.vehicle_id.in_(ids), Trip.status.in_(HOLDING), Trip.ends_at > since, Trip.starts_at < moment
        )
    )
    slots = session.scalars(
        select(ChargingSlot).where(
            ChargingSlot.vehicle_id.in_(ids),
            ChargingSlot.state == "booked",
            ChargingSlot.ends_at > since,
            ChargingSlot.ends_at <= moment,
        )
    )
    steps: list[tuple[datetime, int, int, int | None]] = [
        (trip.starts_at, trip.vehicle_id, trip.distance_km, None)
        for trip in trips
        if trip.vehicle_id is not None and trip.holder != except_holder
    ]
    steps += [(slot.starts_at, slot.vehicle_id, 0, slot.target_percent) for slot in slots]
    for _, vehicle_id, km, target in sorted(steps, key=lambda step: step[:2]):
        if target is not None:
            level[vehicle_id] = max(level[vehicle_id], target)
        else:
            level[vehicle_id] = max(0, level[vehicle_id] - -(-km * 100 // reach[vehicle_id]))
    return level


def _busy(
    session: Session, resources: list[str], period: Period, now: datetime, except_holder: str
) -> dict[str, list[Period]]:
    around = Period(period.starts_at - KEEP_AROUND, period.ends_at + KEEP_AROUND)
    out: dict[str, list[Period]] = {}
    for resource, when, holder in reservations.taken(session, resources, around, now):
        if holder != except_holder:
            out.setdefault(resource, []).append(when)
    return out


# --- the panel beside the request form --------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """Half an hour of one group: how many of its cars are free, and whether the trip covers it."""

    opens: str
    free: int
    chosen: bool


@dataclass(frozen=True)
class GroupRow:
    """One group of cars: free for the whole trip of all that fit, and the day in half-hours from 07 to 21."""

    code: str
    words: Words
    free: int
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Panel:
    """What is free at the chosen time. `electric_ready` have charge enough; `next_free` is the next start with any car."""

    ask: Ask
    rows: tuple[GroupRow, ...]
    electric_ready: int
    next_free: datetime | None
    next_count: int

    @property
    def total(self) -> int:
        return sum(row.free for row in self.rows)


def panel(session: Session, ask: Ask, now: datetime) -> Panel:
    """Availability for `ask` by group; one reading of the ledger serves all cells."""
    limits = rules.in_force(session, now).limits
    found = {vehicle.id: vehicle for vehicle in vehicles(session) if vehicle.state == "in_service"}
    cars = [car for car in cars_for(session, ask, now, among=found.values()) if ask.fits(car.seats)]
    ranking = rank_cars(ask, cars, limits)
    free_ids = {candidate.id for candidate in ranking.candidates}
    opens = taipei(local(ask.period.starts_at).date(), PANEL_OPENS)
    cells = [Period(opens + CELL * n, opens + CELL * (n + 1)) for n in range(CELLS)]
    rows = []
    for code, words in GROUPS.items():
        mine = [car for car in cars if found[car.id].group == code]
        total = sum(1 for vehicle in found.values() if vehicle.group == code)
        rows.append(
            GroupRow(
                code, words, sum(car.id in free_ids for car in mine), total,
                tuple(
                    Cell(local(cell.starts_at).strftime("%H:%M"), sum(_is_free(car, cell) for car in mine), cell.overlaps(ask.period))
                    for cell in cells
                ),
            )
        )  # fmt: skip
    later, count = _next_free(ask, cars) if not free_ids else (None, 0)
    ready = sum(1 for car in cars if car.electric and car.id in free_ids)
    return Panel(ask, tuple(rows), ready, later, count)


def _is_free(car: Car, period: Period) -> bool:
    return not any(period.overlaps(other) for other in car.busy)


def _next_free(ask: Ask, cars: list[Car]) -> tuple[datetime | None, int]:
    """The next half-hour of the same day from which the same length is free, and for how many cars."""
    length = ask.period.duration
    last = taipei(local(ask.period.starts_at).date(), "21:00")
    start = ask.period.starts_at + CELL
    while start < last:
        moved = Period(start, start + length)
        if count := sum(_is_free(car, moved) for car in cars):
            return start, count
        start += CELL
    return None, 0
