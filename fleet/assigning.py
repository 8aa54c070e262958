"""Giving cars and drivers: the dispatcher's side. Car and driver are claimed together on the ledger, or not at all."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.reservations import Taken, TakenBy
from common.words import Words
from fleet import pool, rules
from fleet.dispatch import Ask, clock_range, rank_cars, refuse_car, refuse_driver
from fleet.journal import happened
from fleet.messages import TripAssigned, TripFullyBooked, TripReleased
from fleet.models import Driver, Trip, Vehicle
from fleet.trips import ask_of, find

FULL = Words(
    "公務車已派滿。可以改時間、搭大眾運輸，或依規定搭計程車核銷。",
    "All cars are taken. Change the time, use public transport, or a taxi with receipt.",
)


class NotSuitable(Conflict):
    """This car or driver cannot serve this trip, whatever the time."""


class AlreadyTaken(Conflict):
    """The ledger holds the car or the driver for something else at that time."""


def suggest(session: Session, person: Person, now: datetime, trip: Trip) -> pool.Suggestion:
    """Ranked cars and drivers for `trip`, each with its reasons, the refused with theirs. Raises Forbidden."""
    if not trip.may("assign", person):
        raise Forbidden
    return pool.suggest(session, ask_of(trip), now, except_holder=trip.holder)


def assign(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    vehicle_id: int,
    driver_id: int | None = None,
    rev: int | None = None,
) -> Trip:
    """Give `trip` a car, and a driver where it needs one; or others than it had.

    What it had is released and the new pair claimed in one transaction: either all of it or nothing changes.
    Raises Invalid (no driver named), NotSuitable (the binding constraint in words), AlreadyTaken, WrongState, Stale.
    """
    trip.require("assign", person)
    trip.expect(rev)
    vehicle, driver = find(session, Vehicle, vehicle_id), _driver(session, trip, driver_id)
    ask, before = ask_of(trip), trip.status
    reasons = _reasons(session, trip, ask, vehicle, driver, now)
    if trip.holds_car:
        reservations.release(session, trip.holder)
    wants = [(unit.resource, trip.period) for unit in (vehicle, driver) if unit]
    try:
        reservations.claim(session, trip.holder, wants, now=now)
    except Taken as taken:
        raise AlreadyTaken(_told(session, taken.by, trip, vehicle, driver), field="vehicle_id") from taken
    had = trip.driver.person_id if trip.driver and trip.driver is not driver else None
    again = trip.vehicle_id is not None
    trip.give(vehicle, driver, person, reasons, now)
    trip.changed_at = now
    note = "；".join(reason.zh for reason in reasons) if reasons else None
    happened(
        session, trip, "reassigned" if again else "assigned", TripAssigned, person, now,
        note=note, told=False, audited_from=before, previous_driver_id=had,
    )  # fmt: skip
    return trip


def answer_full(session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None) -> Trip:
    """Tell the requester that no car is left (V-31 result 5, V-33) and what to do instead."""
    trip.require("answer_full", person)
    trip.expect(rev)
    before = trip.status
    trip.answer_full(person, FULL.in_(trip.requester.lang if trip.requester else "zh"))
    trip.changed_at = now
    happened(session, trip, "fully_booked", TripFullyBooked, person, now, note=trip.answer, audited_from=before)
    return trip


def take_off_roster(session: Session, driver: Driver, now: datetime, reason: str | None = None) -> list[Trip]:
    """The driver leaves: trips not yet under way lose car and driver and wait for dispatch again. Returns those trips."""
    driver.employed = False
    waiting = select(Trip).where(
        Trip.driver_id == driver.id, Trip.status.in_(("assigned", "assigned_one_way", "accepted"))
    )
    released = list(session.scalars(waiting.order_by(Trip.starts_at)))
    for trip in released:
        give_up_car(session, trip)
        trip.changed_at = now
        happened(session, trip, "released", TripReleased, None, now, note=reason, previous_driver_id=driver.person_id)
    return released


def give_up_car(session: Session, trip: Trip) -> None:
    """Release what the ledger holds for `trip` and put it back into the dispatcher's queue."""
    reservations.release(session, trip.holder)
    trip.give_back()


def _driver(session: Session, trip: Trip, driver_id: int | None) -> Driver | None:
    if not trip.needs_driver:
        if driver_id is not None:
            raise Invalid(
                Words("這趟由申請人自行駕駛，不派駕駛", "The applicant drives this trip; no driver is assigned"),
                field="driver_id",
            )
        return None
    if driver_id is None:
        raise Invalid(Words("請選擇駕駛", "Choose a driver"), field="driver_id")
    return find(session, Driver, driver_id)


def _reasons(
    session: Session, trip: Trip, ask: Ask, vehicle: Vehicle, driver: Driver | None, now: datetime
) -> list[Words]:
    """Why this pair may serve. Raises NotSuitable with the binding constraint; time is left to the ledger."""
    limits = rules.in_force(session, now).limits
    (car,) = pool.cars_for(session, ask, now, among=[vehicle], except_holder=trip.holder)
    if refusal := refuse_car(ask, car, limits, free=False):
        raise NotSuitable(_of(Words.same(car.label), refusal.words), field="vehicle_id")
    if driver:
        (wheel,) = pool.drivers_for(session, ask, now, among=[driver], except_holder=trip.holder)
        if refusal := refuse_driver(ask, wheel, limits, free=False):
            raise NotSuitable(_of(driver.name, refusal.words), field="driver_id")
    best = rank_cars(ask, [car], limits).best
    return list(best.reasons[:-1]) if best else []


def _of(who: Words, what: Words) -> Words:
    return Words("{who}：{what}。", "{who}: {what}.").fill(who=who, what=what)


def _told(session: Session, by: list[TakenBy], trip: Trip, vehicle: Vehicle, driver: Driver | None) -> Words:
    """Who has it, from when to when, in words."""
    names = {vehicle.resource: Words.same(vehicle.label)}
    if driver:
        names[driver.resource] = driver.name
    for resource, when, holder in by:
        kind, _, number = holder.partition(":")
        other = session.get(Trip, int(number)) if kind == "trip" and number.isdigit() else None
        return Words("{who} {time} 已有行程（{what}）。", "{who} is taken {time} ({what}).").fill(
            who=names.get(resource, Words.same(resource)),
            time=clock_range(when, trip.period),
            what=other.number if other else holder,
        )
    return Taken.words
