"""What becomes of those who counted on a car that goes away: recalled by its owner, or out of the pool for good (V-42).

The plan is shown before anything happens: which trips move to which car, which are lost and what they can have instead,
which charging slots fall away. Carrying it out does exactly that, or nothing when the world has moved since.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common import reservations
from common.errors import Conflict
from common.identity import Person
from common.period import LATEST, Period, local
from common.reservations import Taken
from common.words import Words
from fleet import holding, pool, riders
from fleet.journal import happened
from fleet.messages import TripAssigned, TripFullyBooked
from fleet.models import ChargingSlot, Trip, Vehicle
from fleet.plans.rebinding import Need, bind

T = TypeVar("T")

MOVABLE = ("assigned", "assigned_one_way", "accepted")
OFFER = Words(
    "原派的 {car} {gone}，沒有別的車可換。可以改時間{later}、搭大眾運輸，或依規定搭計程車核銷。",
    "{car} {gone}, no other car is free. Change the time{later}, take public transport or a taxi.",
)
LATER = Words("（最近空檔 {time}）", " (next free {time})")


class OnTheRoad(Conflict):
    """A car under way is never taken."""


class PlanMoved(Conflict):
    """Since the plan was shown, trips or cars have changed; it has to be looked at again."""

    words = Words(
        "預覽之後行程有變動，計畫已重算。請再看一次並確認。",
        "Trips changed since you saw the plan. It was worked out anew: look again and confirm.",
    )


@dataclass(frozen=True)
class Move:
    """One trip that had the car: the car it gets, or None where it gets none, and from when the same would be free then."""

    trip: Trip
    car: Vehicle | None
    later: datetime | None = None

    @property
    def bound(self) -> bool:
        """Whether its people know the plate: they are told. Others were only promised a car."""
        return self.trip.vehicle_id is not None


@dataclass(frozen=True)
class Plan:
    """What a car's going does. `moves`: its trips and any other that changes; `slots` fall away. `ends_at` None: for good.

    `asked_at` is the start that was asked for; where that has passed, it starts at once.
    """

    vehicle: Vehicle
    starts_at: datetime
    ends_at: datetime | None
    moves: tuple[Move, ...]
    slots: tuple[ChargingSlot, ...]
    asked_at: datetime

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at or LATEST)

    @property
    def moved(self) -> list[Move]:
        """Confirmed trips that change cars."""
        return [move for move in self.moves if move.bound and move.car]

    @property
    def lost(self) -> list[Move]:
        """Confirmed trips without a car then."""
        return [move for move in self.moves if move.bound and not move.car]

    @property
    def promised(self) -> list[Move]:
        """Trips that were only promised a car."""
        return [move for move in self.moves if not move.bound]

    @property
    def token(self) -> str:
        """Names exactly this plan: another token means that something has changed."""
        told = [
            [move.trip.id, move.trip.rev, move.car.id if move.car else 0]
            for move in sorted(self.moves, key=lambda m: m.trip.id)
        ]
        whole = [self.vehicle.id, str(self.asked_at), str(self.ends_at), told, sorted(slot.id for slot in self.slots)]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:32]


def plan_of(
    session: Session,
    now: datetime,
    vehicle: Vehicle,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    asked_at: datetime,
) -> Plan:
    """The least harmful way to do without `vehicle` for that time. Changes nothing. Raises OnTheRoad."""
    period = Period(starts_at, ends_at or LATEST)
    _refuse_on_the_road(session, vehicle, period, now)
    mine = select(ChargingSlot).where(
        ChargingSlot.vehicle_id == vehicle.id, ChargingSlot.state == "booked", ChargingSlot.ends_at > starts_at,
        ChargingSlot.starts_at < period.ends_at,
    )  # fmt: skip
    slots = tuple(session.scalars(mine.order_by(ChargingSlot.starts_at)))
    return Plan(vehicle, starts_at, ends_at, _moves(session, now, vehicle, period, slots), slots, asked_at)


def carry_out(
    session: Session, person: Person, now: datetime, plan: Plan, *, gone: Words, holder: str | None = None
) -> None:
    """Do what the plan says: `holder` gets the car on the ledger (None: nobody), `gone` tells people what became of it.

    Trips that move keep their driver, and an acceptance stands; those that are lost are told what to do instead.
    Raises PlanMoved.
    """
    for move in plan.moves:
        reservations.release(session, move.trip.holder)
    for slot in plan.slots:
        reservations.release(session, slot.holder, from_=now)
        slot.state, slot.changed_at = "cancelled", now
    try:
        if holder:
            reservations.claim(session, holder, [(plan.vehicle.resource, plan.period)], now=now)
        for move in plan.moves:
            _carry_out(session, person, now, move, plan.vehicle, gone)
    except Taken as taken:
        raise PlanMoved(field="plan") from taken


def _refuse_on_the_road(session: Session, vehicle: Vehicle, period: Period, now: datetime) -> None:
    away = session.scalars(select(Trip).where(Trip.vehicle_id == vehicle.id, Trip.status == "under_way")).first()
    if away is not None and max(away.car_period.ends_at, now + timedelta(minutes=1)) > period.starts_at:
        words = Words(
            "{car} 行駛中（{number}），預計 {time} 回場。請把時間改到回場以後。",
            "{car} is on the road ({number}) until about {time}. Choose a time when it is back.",
        )
        back = local(away.car_period.ends_at).strftime("%H:%M")
        raise OnTheRoad(words.fill(car=vehicle.plate, number=away.number, time=back), field="starts_at")


def _moves(
    session: Session, now: datetime, vehicle: Vehicle, period: Period, slots: Sequence[ChargingSlot]
) -> tuple[Move, ...]:
    """Every trip that changes: an exact optimum over the affected ones and all that overlap them, directly or in turn."""
    had = {trip.id: trip.car_period for trip in confirmed(session, period) if trip.vehicle_id == vehicle.id}
    had |= {each.trip.id: each.period for each in holding.promises(session, now, period, [vehicle.id])}
    if not had:
        return ()
    window = Period(min(each.starts_at for each in had.values()), max(each.ends_at for each in had.values()))
    bound = _touching(had, {trip.id: (trip, trip.car_period) for trip in confirmed(session, window)})
    waiting = {each.trip.id: (each, each.period) for each in holding.promises(session, now, window)}
    promised = _touching(had, waiting)
    needs = [
        Need(trip.id, trip.car_period, _suitable(session, now, trip), trip.vehicle_id, bound=True) for trip in bound
    ]
    options = holding.options_of(session, now, promised)
    needs += [Need(each.trip.id, each.period, options[each.trip.id], each.car) for each in promised]
    trips = {trip.id: trip for trip in [*bound, *(each.trip for each in promised)]}
    movable = {trip.holder for trip in trips.values()} | {slot.holder for slot in slots}
    busy = holding.fixed(session, now, window, movable)
    busy.setdefault(vehicle.id, []).append(period)
    binding = bind(needs, busy)
    changes = binding.changes(needs)
    return tuple(
        Move(
            trip,
            session.get(Vehicle, changes[trip.id]) if trip.id in changes else None,
            _later(session, now, trip, binding.lost),
        )
        for trip in sorted(trips.values(), key=lambda each: (each.starts_at, each.id))
        if trip.id in changes or trip.id in binding.lost
    )


def _touching(had: dict[int, Period], rows: dict[int, tuple[T, Period]]) -> list[T]:
    """Of `rows`, those that overlap the affected ones, or overlap one that does, and so on: only they can be of use."""
    reached = list(had.values())
    found: dict[int, T] = {}
    grown = True
    while grown:
        new = {
            key: (row, period)
            for key, (row, period) in rows.items()
            if key not in found and any(period.overlaps(each) for each in reached)
        }
        found |= {key: row for key, (row, _) in new.items()}
        reached = [period for _, period in new.values()]
        grown = bool(new)
    return list(found.values())


def confirmed(session: Session, period: Period) -> list[Trip]:
    """Trips with a car that have not left, whose time touches `period`."""
    starts, ends = func.coalesce(Trip.car_starts_at, Trip.starts_at), func.coalesce(Trip.car_ends_at, Trip.ends_at)
    rows = select(Trip).where(Trip.status.in_(MOVABLE), starts < period.ends_at, ends > period.starts_at)
    return list(session.scalars(rows.order_by(Trip.starts_at, Trip.id)))


def _suitable(session: Session, now: datetime, trip: Trip) -> tuple[int, ...]:
    """Cars that may serve it; the one it has stays possible whatever its charge."""
    found = holding.suitable(session, now, trip)
    return found if trip.vehicle_id is None or trip.vehicle_id in found else (trip.vehicle_id, *found)


def _later(session: Session, now: datetime, trip: Trip, lost: Sequence[int]) -> datetime | None:
    if trip.id not in lost:
        return None
    return pool.panel(session, holding.ask_of(trip), now).next_free


def _carry_out(session: Session, person: Person, now: datetime, move: Move, away: Vehicle, gone: Words) -> None:
    trip = move.trip
    if not move.bound:
        if move.car is None:
            trip.capacity_held = False
        else:
            wants = [(move.car.resource, trip.car_period)]
            reservations.claim(session, trip.holder, wants, now=now, state="held", expires_at=trip.car_period.starts_at)
        return
    before, driver = trip.status, trip.driver
    if move.car is not None:
        units = [unit for unit in (move.car, driver) if unit]
        reservations.claim(session, trip.holder, [(unit.resource, trip.car_period) for unit in units], now=now)
        reasons = (
            [Words("原派 {car} {gone}", "{car} {gone}").fill(car=away.plate, gone=gone)]
            if trip.vehicle is away
            else [Words("讓出車輛給其他行程", "Makes room for another trip")]
        )
        trip.give(move.car, driver, person, reasons, now)
        trip.changed_at = now
        happened(session, trip, "reassigned", TripAssigned, person, now, note=reasons[0].zh, audited_from=before)
        riders.tell(session, trip, now)
        return
    later = LATER.fill(time=local(move.later).strftime("%H:%M")) if move.later else Words("", "")
    words = OFFER.fill(car=away.plate if trip.vehicle is None else trip.vehicle.plate, gone=gone, later=later)
    driver_id = driver.person_id if driver else None
    trip.give_back()
    trip.answer_full(person, words.in_(trip.requester.lang if trip.requester else "zh"))
    trip.changed_at = now
    happened(
        session,
        trip,
        "fully_booked",
        TripFullyBooked,
        person,
        now,
        note=trip.answer,
        audited_from=before,
        previous_driver_id=driver_id,
    )
    riders.set_down(session, person, now, trip, words.zh)
