"""The cars and drivers of the pool, and when they are free. Reads rows and the ledger; decides nothing.

Owner agencies lend their cars to the pool (V-42); joining and recall come on top of `Vehicle.state`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from common import reservations
from common.period import Period, local, taipei
from common.words import Words
from fleet import due, rules
from fleet.electric import state_of_charge
from fleet.models import Driver, PoolMembership, Trip, Vehicle
from fleet.models.trip import HOLDING
from fleet.plans import freescan
from fleet.plans.dispatch import Ask, Car, Ranking, Wheel, rank_cars, rank_drivers
from fleet.plans.remedies import Remedy
from fleet.terms import KINDS, VEHICLE_STATES

GROUPS = {**{code: kind.words for code, kind in KINDS.items()}, "electric": Words("電動車", "Electric")}
CELL = timedelta(minutes=30)
CELLS = 28
PANEL_OPENS, PANEL_CLOSES = "07:00", "21:00"
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
    session: Session,
    ask: Ask,
    now: datetime,
    *,
    among: Iterable[Vehicle] | None = None,
    except_holder: str = "",
    provisional: bool = True,
) -> list[Car]:
    """The pool's cars as dispatch sees them around `ask`: what they are, when busy, and how full at the start.

    `provisional=False` leaves out what is only promised to trips whose plate is not fixed yet (decision 0013).
    """
    found = vehicles(session) if among is None else list(among)
    states = reservations.ACTIVE if provisional else ("confirmed",)
    resources = [vehicle.resource for vehicle in found]
    busy_at = busy(session, resources, around(ask.period), now, {except_holder}, states)
    away = _not_in_pool(session, ask.period)
    lent = _lent(session, now) if ask.agency_id is not None else {}
    rule = rules.in_force(session, now)
    owed = due.blocks(session, found, ask.period.ends_at, now)
    electric = [vehicle for vehicle in found if vehicle.electric]
    charge = charge_at(session, electric, ask.period.starts_at, now, rule, except_holder)
    reach = state_of_charge.ranges(session, electric, local(ask.period.starts_at).date(), rule)
    return [
        Car(
            id=vehicle.id,
            label=vehicle.label,
            kind=vehicle.kind,
            seats=vehicle.seats,
            electric=vehicle.electric,
            charge_percent=charge.get(vehicle.id),
            range_km=reach.get(vehicle.id) if vehicle.battery_kwh else None,
            busy=tuple(busy_at.get(vehicle.resource, ())),
            out_of_service=VEHICLE_STATES[vehicle.state]
            if vehicle.state != "in_service"
            else away.get(vehicle.id) or owed.get(vehicle.id),
            cost=rule.energy_cost(vehicle.powertrain, vehicle.kind),
            owner_id=vehicle.owner_agency_id,
            lent=lent.get(vehicle.owner_agency_id, 0),
            told=busy_at.get(vehicle.resource, {}),
        )
        for vehicle in found
    ]


def drivers_for(
    session: Session, ask: Ask, now: datetime, *, among: Iterable[Driver] | None = None, except_holder: str = ""
) -> list[Wheel]:
    """The drivers as dispatch sees them in the weeks of `ask`: hours and rest need the whole week (V-50)."""
    found = drivers(session) if among is None else list(among)
    busy_at = busy(session, [driver.resource for driver in found], _weeks(ask.period), now, {except_holder})
    last = local(ask.period.ends_at - timedelta(microseconds=1)).date()
    return [
        Wheel(
            id=driver.id,
            label=driver.name.zh,
            licence_expires_on=driver.licence_expires_on,
            licence_class=driver.licence_class,
            busy=tuple(
                when for when, what in busy_at.get(driver.resource, {}).items() if what is not HELD_FOR["leave"]
            ),
            away=tuple(when for when, what in busy_at.get(driver.resource, {}).items() if what is HELD_FOR["leave"]),
            out_of_service=None if driver.drives_on(last) else Words("不在駕駛名冊", "Off the roster"),
        )
        for driver in found
    ]


def free_cars(session: Session, ask: Ask, now: datetime) -> Ranking:
    """All cars ranked for `ask`, the refused with their reason."""
    return rank_cars(ask, cars_for(session, ask, now), rules.in_force(session, now).limits)


class Suggestion(NamedTuple):
    """Ranked cars and drivers for one trip; `drivers` is None where the requester drives.

    `changes` is what would help where nobody is left of either.
    """

    cars: Ranking
    drivers: Ranking | None
    changes: tuple[Remedy, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether there is a car, and a driver where one is needed."""
        return self.cars.best is not None and (self.drivers is None or self.drivers.best is not None)


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
    """Expected battery percentage of each electric car at `moment` (V-76), along its trips and charging sessions."""
    return state_of_charge.levels(session, electric, moment, now, rule, except_holder)


HELD_FOR = {  # what a car or driver is kept for, by the kind of holder on the ledger
    "trip": Words("已有行程", "taken"),
    "charging": Words("充電", "charging"),
    "recall": Words("機關收回", "recalled by its agency"),
    "upkeep": Words("保養檢修", "in upkeep"),
    "leave": Words("請假", "on leave"),
}


def _not_in_pool(session: Session, period: Period) -> dict[int, Words]:
    """Cars that had not joined, or had left, on one of the days that `period` touches (V-42)."""
    first, last = local(period.starts_at).date(), local(period.ends_at - timedelta(microseconds=1)).date()
    rows = session.execute(select(PoolMembership.vehicle_id, PoolMembership.joined_on, PoolMembership.left_on)).all()
    member = {car for car, joined, left in rows if joined <= first and (left is None or last < left)}
    return {car: Words("當天不在共用車隊", "Not in the pool that day") for car, _, _ in rows if car not in member}


def busy(
    session: Session,
    resources: list[str],
    within: Period,
    now: datetime,
    except_holders: Collection[str],
    states: Sequence[str] = reservations.ACTIVE,
) -> dict[str, dict[Period, Words]]:
    """For each resource: when it is taken within a period, and for what. `except_holders` do not count."""
    out: dict[str, dict[Period, Words]] = {}
    for resource, when, holder in reservations.taken(session, resources, within, now, states=states):
        if holder not in except_holders:
            out.setdefault(resource, {})[when] = HELD_FOR.get(holder.partition(":")[0], HELD_FOR["trip"])
    return out


def around(period: Period) -> Period:
    """`period` and a day on either side, for the gap around it."""
    return Period(period.starts_at - KEEP_AROUND, period.ends_at + KEEP_AROUND)


def _weeks(period: Period) -> Period:
    """The whole weeks that `period` touches, and a day on either side."""
    first, last = local(period.starts_at).date(), local(period.ends_at).date()
    return Period(
        taipei(first - timedelta(days=first.weekday() + 1), "00:00"),
        taipei(last + timedelta(days=8 - last.weekday()), "00:00"),
    )


def _lent(session: Session, now: datetime) -> dict[int, int]:
    """For each owner agency: trips its cars lately made for other agencies, per car (V-42)."""
    since = now - timedelta(days=rules.in_force(session, now)["dispatch.lent_days"])
    owned = select(Vehicle.owner_agency_id, func.count()).where(Vehicle.state != "retired")
    cars = {owner: count for owner, count in session.execute(owned.group_by(Vehicle.owner_agency_id))}
    lent = session.execute(
        select(Vehicle.owner_agency_id, func.count(Trip.id))
        .join(Trip, Trip.vehicle_id == Vehicle.id)
        .where(
            Trip.agency_id != Vehicle.owner_agency_id, Trip.starts_at >= since,
            Trip.status.in_((*HOLDING, "finished", "signed_off")),
        )
        .group_by(Vehicle.owner_agency_id)
    )  # fmt: skip
    return {owner: count // max(1, cars.get(owner, 1)) for owner, count in lent}


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
    later, count = _next_free(session, ask, cars, now) if not free_ids else (None, 0)
    ready = sum(1 for car in cars if car.electric and car.id in free_ids)
    return Panel(ask, tuple(rows), ready, later, count)


def _is_free(car: Car, period: Period) -> bool:
    return not any(period.overlaps(other) for other in car.busy)


def _next_free(session: Session, ask: Ask, cars: list[Car], now: datetime) -> tuple[datetime | None, int]:
    """The next half-hour, within seven days and between 07 and 21, from which the same length is free, and for how many."""
    begins = taipei(local(ask.period.starts_at).date(), "00:00")
    week = Period(begins, begins + timedelta(days=freescan.DAYS))
    taken = busy(session, [f"vehicle:{car.id}" for car in cars], week, now, ())
    calendars = [list(taken.get(f"vehicle:{car.id}", ())) for car in cars]
    scan = freescan.calendar_of(begins, calendars)
    start, length = ask.period.starts_at + CELL, ask.period.duration
    while start + length <= week.ends_at:
        clock = local(start).strftime("%H:%M")
        if PANEL_OPENS <= clock < PANEL_CLOSES and (
            found := freescan.free_cars(scan, calendars, Period(start, start + length))
        ):
            return start, len(found)
        start += CELL
    return None, 0
