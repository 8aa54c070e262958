"""Cars that are to be plugged in now: home with less than `ev.plug_in_below_percent` (V-76), until a session starts for them.

Nothing is written down: the battery's reading, the trips driven since, and what the posts report say it at any moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from common.identity import Person
from common.period import Period, local, taipei, today
from common.words import Words
from fleet import rules
from fleet.electric import charging, posts, state_of_charge
from fleet.electric.battery import Draw, Fill, level_at
from fleet.models import Charger, ChargingSession, ChargingSlot, Trip, Vehicle
from fleet.models.trip import HOLDING

LOOK_AHEAD = timedelta(hours=12)
"""How far ahead a post's next booking and a car's next trip count when a free post is looked for."""
SHORTEST = timedelta(minutes=30)
"""A post that is free for less is not proposed."""
HAIR = 1e-6
GONE = ("recall", "upkeep")
"""Holders on the ledger that have the car somewhere else: with its owner, at the workshop."""


@dataclass(frozen=True)
class PlugIn:
    """A car below the threshold (both in whole percent), the free post to use now, and until when that is free."""

    vehicle: Vehicle
    percent: int
    below: int
    post: Charger | None
    free_until: datetime | None

    @property
    def words(self) -> Words:
        """「EAA-1075 電量 45 %，低於 60 %，請插電。C05（B3-05）現在空著。」"""
        what = Words(
            "{plate} 電量 {n}%，低於 {below}%，請插電。", "{plate} is at {n}%, below {below}%: plug it in."
        ).fill(plate=self.vehicle.plate, n=self.percent, below=self.below)
        where = self.where
        return Words(what.zh + where.zh, f"{what.en} {where.en}")

    @property
    def where(self) -> Words:
        """Which post, or that none is free."""
        if self.post is None:
            return Words("現在沒有空樁，有空樁時請先插這輛。", "No post is free now; it comes first when one is.")
        place = {"code": self.post.code, "bay": self.post.bay}
        if self.free_until is None:
            return Words("{code}（{bay}）現在空著。", "{code} ({bay}) is free now.").fill(**place)
        return Words("{code}（{bay}）空到 {time}。", "{code} ({bay}) is free until {time}.").fill(
            **place, time=local(self.free_until).strftime("%H:%M")
        )


def waiting(session: Session, now: datetime) -> list[PlugIn]:
    """Every electric car that is home, in service, below the threshold and not charging: the soonest to leave first.

    Each is given another free post. A car under way, recalled or at the workshop is not asked for.
    """
    rule = rules.in_force(session, now)
    below = rule["ev.plug_in_below_percent"]
    electric = select(Vehicle).where(
        Vehicle.powertrain == "electric", Vehicle.state == "in_service", Vehicle.battery_kwh.is_not(None),
        Vehicle.charge_percent.is_not(None),
    )  # fmt: skip
    cars = _at_home(session, now, list(session.scalars(electric.order_by(Vehicle.plate))))
    level = levels(session, now, cars, rule)
    low = [(car, level[car.id]) for car in cars if level[car.id] + HAIR < below]
    leaves = _next_departures(session, now, [car.id for car, _ in low])
    low.sort(key=lambda each: (leaves.get(each[0].id, now + LOOK_AHEAD), each[1], each[0].plate))
    free = _free_posts(session, now)
    out = []
    for car, percent in low:
        missing = max(0.0, rule["ev.morning_percent"] - percent) * (car.battery_kwh or 0) / 100
        post, until = _best(now, car, missing * 100 / rule["ev.efficiency_percent"], leaves.get(car.id), free)
        if post is not None:
            free.pop(post)
        out.append(PlugIn(car, int(percent + HAIR), below, post, until))
    return out


def of_driver(session: Session, person: Person, now: datetime) -> list[PlugIn]:
    """Those of `waiting` that this person drove last, today: whoever brings a car home plugs it in."""
    return [each for each in waiting(session, now) if _brought_home(session, each.vehicle, now) == person.id]


def after_trip(session: Session, trip: Trip, now: datetime) -> PlugIn | None:
    """What is to be done with the car of a trip that is over; None once another trip has had it, or it charges."""
    if trip.vehicle is None or not trip.vehicle.electric or trip.status not in ("finished", "signed_off"):
        return None
    last = _last_trip(session, trip.vehicle)
    if last is None or last.id != trip.id:
        return None
    return next((each for each in waiting(session, now) if each.vehicle is trip.vehicle), None)


def levels(session: Session, now: datetime, cars: Sequence[Vehicle], rule: rules.Rules) -> dict[int, float]:
    """How full each battery is now, in percent, by what has happened: trips that are over, sessions that took place.

    From the last reading on; one not read today counts from this morning. What is merely planned changes nothing.
    """
    morning, ids = taipei(today(now), "00:00"), [car.id for car in cars]
    draws: dict[int, list[Draw]] = {number: [] for number in ids}
    over = select(Trip).where(Trip.vehicle_id.in_(ids), Trip.finished_at > morning, Trip.finished_at <= now)
    for trip in session.scalars(over):
        if trip.vehicle_id is not None and trip.finished_at is not None:
            km, left = trip.distance_driven or 0, trip.started_at or trip.starts_at
            draws[trip.vehicle_id].append(Draw(min(left, trip.finished_at), trip.finished_at, km))
    fills: dict[int, list[Fill]] = {number: [] for number in ids}
    metered = set(session.scalars(select(ChargingSession.slot_id).where(ChargingSession.started_at > morning)))
    for slot in charging.slots_within(session, Period(morning, now)) if now > morning else ():
        if slot.vehicle_id in fills and (slot.charger.protocol is None or slot.id in metered):
            fills[slot.vehicle_id].append(state_of_charge.fill_of(slot))
    out = {}
    for car in cars:
        since = max(car.charge_read_at or morning, morning)
        battery = state_of_charge.battery_of(session, car, today(now), rule)
        out[car.id] = level_at(battery, car.charge_percent or 0, since, now, draws[car.id], fills[car.id])
    return out


def _at_home(session: Session, now: datetime, cars: list[Vehicle]) -> list[Vehicle]:
    """Those that stand here and are not being charged."""
    away = set(session.scalars(select(Trip.vehicle_id).where(Trip.status == "under_way")))
    moment = Period(now, now + timedelta(seconds=1))
    held = reservations.taken(session, [car.resource for car in cars], moment, now)
    gone = {by.resource for by in held if by.holder.partition(":")[0] in GONE}
    charging_now = {row.vehicle_id for row in posts.plugged(session)}
    by_hand = {  # a post that reports nothing charges whom it is booked for
        slot.vehicle_id for slot in charging.slots_within(session, moment) if slot.charger.protocol is None and slot.charger.usable
    }  # fmt: skip
    return [
        car for car in cars
        if car.id not in away and car.resource not in gone and car.id not in charging_now and car.id not in by_hand
    ]  # fmt: skip


def _next_departures(session: Session, now: datetime, ids: list[int]) -> dict[int, datetime]:
    coming = select(Trip).where(
        Trip.vehicle_id.in_(ids), Trip.status.in_(HOLDING), Trip.status != "under_way", Trip.starts_at >= now,
        Trip.starts_at < now + LOOK_AHEAD,
    )  # fmt: skip
    out: dict[int, datetime] = {}
    for trip in session.scalars(coming.order_by(Trip.starts_at)):
        if trip.vehicle_id is not None:
            out.setdefault(trip.vehicle_id, trip.car_period.starts_at)
    return out


def _free_posts(session: Session, now: datetime) -> dict[Charger, list[ChargingSlot]]:
    """Posts with nobody at them, each with its bookings ahead (those of `posts.EARLY` ago and later)."""
    every = charging.chargers(session)
    state = posts.conditions(session, every, now)
    ahead = charging.slots_within(session, Period(now, now + LOOK_AHEAD))
    return {
        post: [slot for slot in ahead if slot.charger_id == post.id] for post in every if state[post.id].code == "available"
    }  # fmt: skip


def _best(
    now: datetime, car: Vehicle, kwh: float, leaves: datetime | None, free: dict[Charger, list[ChargingSlot]]
) -> tuple[Charger | None, datetime | None]:
    """The post booked for the car, else the one that gives most of the missing `kwh` before it leaves; of equals the slowest."""
    ranked: list[tuple[bool, float, int, str, Charger, datetime | None]] = []
    for post, ahead in free.items():
        mine = [slot for slot in ahead if slot.vehicle_id == car.id and slot.starts_at <= now + posts.EARLY]
        others = [slot.starts_at for slot in ahead if slot.vehicle_id != car.id]
        until = min(others, default=None)
        if until is not None and until - now < SHORTEST:
            continue
        stays = min([now + LOOK_AHEAD, *filter(None, (until, leaves))]) - now
        given = min(kwh, car.draws_kw(post.power_kw, post.supply) * (stays / timedelta(hours=1)))
        ranked.append((not mine, -round(given, 1), post.power_kw, post.code, post, until))
    if not ranked:
        return None, None
    *_, post, until = min(ranked, key=lambda each: each[:4])
    return post, until


def _last_trip(session: Session, vehicle: Vehicle) -> Trip | None:
    over = select(Trip).where(Trip.vehicle_id == vehicle.id, Trip.finished_at.is_not(None))
    return session.scalars(over.order_by(Trip.finished_at.desc(), Trip.id.desc()).limit(1)).first()


def _brought_home(session: Session, vehicle: Vehicle, now: datetime) -> int | None:
    """Who drove the car last, if that was today: its driver, or the requester of a self-driven trip."""
    trip = _last_trip(session, vehicle)
    if trip is None or trip.finished_at is None or local(trip.finished_at).date() != today(now):
        return None
    return trip.driver.person_id if trip.driver else trip.requester_id
