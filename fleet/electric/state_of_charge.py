"""How full each electric car will be, and when: the one place dispatch, planning and boards ask (V-76).

From the last reading on, trips draw and charging sessions fill, with the power planned for each quarter of an hour. Days
after today start at `ev.morning_percent`, because cars are charged overnight; planning itself asks for the whole chain.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.period import Period, local, taipei, today
from fleet import rules
from fleet.electric.battery import Battery, Draw, Fill, level_at, levels_after
from fleet.models import ChargingSlot, Consumption, Trip, Vehicle
from fleet.models.charging import STEP
from fleet.models.trip import HOLDING
from fleet.terms import SEASON_OF_MONTH

HAIR = 0.1
"""Percentage points by which a plan, rounded to whole watts, may miss the floor and still count as reaching it."""

DRIVEN = (*HOLDING, "finished", "signed_off")


@dataclass(frozen=True)
class Outlook:
    """One car's battery, its reading, and all that draws from it or fills it afterwards."""

    battery: Battery
    percent: float
    since: datetime
    draws: tuple[Draw, ...]
    fills: tuple[Fill, ...]

    def at(self, moment: datetime) -> float:
        """The level in percent at `moment`."""
        return level_at(self.battery, self.percent, self.since, moment, self.draws, self.fills)

    def after_each(self) -> list[tuple[Draw, float]]:
        """Every trip to come, with the level left when it is over."""
        return levels_after(self.battery, self.percent, self.since, self.draws, self.fills)


def wh_per_km(session: Session, model: str, day: date, rule: rules.Rules) -> int:
    """Consumption of a model on a day, Wh/km: the dated figure of its season, else the general `ev.wh_per_km`."""
    kept: dict[tuple[str, str], list[tuple[date, int]]] | None = session.info.get("fleet.consumption")
    if kept is None:
        kept = {}
        for row in session.scalars(select(Consumption).order_by(Consumption.valid_from)):
            kept.setdefault((row.model, row.season), []).append((row.valid_from, row.wh_per_km))
        session.info["fleet.consumption"] = kept
    found = [wh for since, wh in kept.get((model, SEASON_OF_MONTH[day.month]), ()) if since <= day]
    return found[-1] if found else rule["ev.wh_per_km"]


def usual_wh_per_km(session: Session, models: Sequence[str], day: date, rule: rules.Rules) -> int:
    """What a car like these would draw on a day, Wh/km: the mean, rounded up; of none `ev.wh_per_km`."""
    found = [wh_per_km(session, model, day, rule) for model in models]
    return -(-sum(found) // len(found)) if found else int(rule["ev.wh_per_km"])


def battery_of(session: Session, vehicle: Vehicle, day: date, rule: rules.Rules) -> Battery:
    """The car's battery as it works on `day`."""
    wh = wh_per_km(session, vehicle.brand, day, rule)
    return Battery(max(1, vehicle.battery_kwh or 1), wh, rule["ev.efficiency_percent"] / 100)


def outlooks(
    session: Session,
    electric: Iterable[Vehicle],
    moment: datetime,
    now: datetime,
    rule: rules.Rules,
    *,
    except_holder: str = "",
    whole_chain: bool = False,
) -> dict[int, Outlook]:
    """What is known of each car up to `moment` and after; `except_holder`'s own trip and session do not count.

    A day after today starts at the morning level, unless `whole_chain` asks for the chain from the last reading on.
    """
    cars = list(electric)
    if not cars:
        return {}
    day = local(moment).date()
    later = day > today(now) and not whole_chain
    morning = taipei(day, "00:00")
    since = {car.id: morning if later else _read_at(car, now) for car in cars}
    ids, first = list(since), min(since.values())
    draws: dict[int, list[Draw]] = {number: [] for number in ids}
    trips = select(Trip).where(
        Trip.vehicle_id.in_(ids), Trip.status.in_(DRIVEN), func.coalesce(Trip.car_ends_at, Trip.ends_at) > first
    )
    for trip in session.scalars(trips):
        leaves, back = trip.car_period.starts_at, trip.finished_at or trip.car_period.ends_at
        if trip.vehicle_id is not None and trip.holder != except_holder and back > since[trip.vehicle_id]:
            km = trip.distance_driven if trip.distance_driven is not None else trip.distance_km
            draws[trip.vehicle_id].append(Draw(leaves, max(back, leaves), km, trip.number))
    fills: dict[int, list[Fill]] = {number: [] for number in ids}
    own = _trip_of(except_holder)
    slots = select(ChargingSlot).where(
        ChargingSlot.vehicle_id.in_(ids), ChargingSlot.state == "booked", ChargingSlot.ends_at > first
    )
    for slot in session.scalars(slots):
        if slot.holder != except_holder and (own is None or slot.trip_id != own):
            fills[slot.vehicle_id].append(fill_of(slot))
    return {
        car.id: Outlook(
            battery_of(session, car, day, rule),
            rule["ev.morning_percent"] if later else (car.charge_percent or 0),
            since[car.id], tuple(draws[car.id]), tuple(fills[car.id]),
        )
        for car in cars
    }  # fmt: skip


def levels(
    session: Session,
    electric: list[Vehicle],
    moment: datetime,
    now: datetime,
    rule: rules.Rules,
    except_holder: str = "",
) -> dict[int, int]:
    """Expected whole percentage of each electric car at `moment`."""
    found = outlooks(session, electric, moment, now, rule, except_holder=except_holder)
    return {number: int(outlook.at(moment) + 1e-9) for number, outlook in found.items()}


def fill_of(slot: ChargingSlot) -> Fill:
    """A booked session as energy over time: its planned power, or all the car can take."""
    steps = -(-(slot.ends_at - slot.starts_at) // STEP)
    kw = slot.plan if slot.plan is not None else [slot.full_kw] * steps
    return Fill(slot.starts_at, slot.ends_at, [float(each) for each in kw], slot.target_percent)


def left_below(
    session: Session, trip: Trip, vehicle: Vehicle, period: Period, now: datetime, *, plus: Iterable[Fill] = ()
) -> tuple[str, int] | None:
    """The first trip of `vehicle`'s day from `trip` on that would come home below the floor (V-76): number and percent.

    `trip` counts as if it were given to the car for `period`; `plus` are sessions that would be booked with it. None when all hold.
    """
    if not vehicle.electric:
        return None
    rule = rules.in_force(session, now)
    outlook = outlooks(session, [vehicle], period.starts_at, now, rule, except_holder=trip.holder)[vehicle.id]
    least = rule["ev.min_return_percent"]
    mine = Draw(period.starts_at, period.ends_at, trip.distance_km, trip.number)
    day = local(period.starts_at).date()
    before = {draw.what: level for draw, level in outlook.after_each()}
    whole = Outlook(outlook.battery, outlook.percent, outlook.since, (*outlook.draws, mine), (*outlook.fills, *plus))
    for draw, level in whole.after_each():
        if draw.starts_at < period.starts_at or local(draw.starts_at).date() != day or level + HAIR >= least:
            continue
        if draw.what == trip.number or before.get(draw.what, 100.0) >= least:  # not one that was lost already
            return draw.what, min(int(level), least - 1)
    return None


def _read_at(vehicle: Vehicle, now: datetime) -> datetime:
    """From when on the chain counts: the last reading of today; an older one is taken as it stands now."""
    read = vehicle.charge_read_at
    return read if read is not None and taipei(today(now), "00:00") <= read <= now else now


def _trip_of(holder: str) -> int | None:
    kind, _, number = holder.partition(":")
    return int(number) if kind == "trip" and number.isdecimal() else None


def ranges(session: Session, electric: Iterable[Vehicle], day: date, rule: rules.Rules) -> Mapping[int, int]:
    """The reach of a full battery of each car on `day`, km."""
    return {car.id: battery_of(session, car, day, rule).range_km for car in electric}
