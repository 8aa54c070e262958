"""Placing trips on the dispatcher's board: another car, another driver, another time (V-23), and ten seconds to undo it.

A move is a release and a claim in one transaction, so that no slot is ever held twice and none is lost on the way. What
people are told waits until the undo is over: the fact carries `tell_after`. Only what has not left can be moved.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import Period
from common.reservations import Taken, TakenBy
from common.words import Words
from fleet import holding, pool, riders, rules
from fleet.assigning import AlreadyTaken, NotSuitable, reasons_for, taken_words, way_period
from fleet.electric.charging_rows import drop_for_trip
from fleet.holding import PromisedTo
from fleet.journal import happened
from fleet.lanes import minus
from fleet.messages import TripAssigned, TripMoved, TripMoveUndone
from fleet.models import Driver, Trip, TripEvent, TripMove, Vehicle
from fleet.models.trip import HOLDING
from fleet.plans.dispatch import rank_drivers, refuse_driver
from fleet.terms import WHOLE
from fleet.trips import ask_of, find

GRACE = timedelta(seconds=2)
"""Added to the undo before anybody is told: the time an undo at the last moment takes to reach messenger."""

MOMENTS = (
    "starts_at", "ends_at", "car_starts_at", "car_ends_at", "assigned_at", "accepted_at", "reminded_at", "flagged_at",
)  # fmt: skip
PLAIN = ("status", "vehicle_id", "driver_id", "dispatcher_id", "reasons", "answer", "leg")


class CarTaken(AlreadyTaken):
    """The car is taken for a part of the time; it may be given all the same, flagged as a conflict (decision 0012)."""


class TooLateToUndo(Conflict):
    """The move can no longer be taken back: its seconds are over, or the trip was changed since."""

    words = Words(
        "已經不能復原：時間過了，或這趟又有變動。",
        "It can no longer be undone: the time is over, or the trip changed since.",
    )


def place(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    vehicle_id: int | None = None,
    driver_id: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    way: str | None = None,
    leg_minutes: int | None = None,
    anyway: bool = False,
    reason: str | None = None,
    rev: int | None = None,
) -> TripMove:
    """Give `trip` this car, driver and time; what is None stays as it is. Returns the move, which can be undone.

    With only `starts_at` the length stays. `way` "out" or "back" gives car and driver for that way alone (V-31), for
    `leg_minutes` or as long as its kilometres take; "whole" for all of it again. The present driver stays where
    possible; else the best-ranked one drives. A new time, way or driver has to be accepted anew. `anyway` gives a car
    that is taken for a part of the time: the ledger holds the free rest, and the trip is flagged. Promises of the car
    to other trips are passed on where they can be.
    Raises Invalid, NotSuitable, CarTaken, AlreadyTaken, PromisedTo, WrongState, Stale.
    """
    trip.require("assign", person)
    trip.expect(rev)
    holding.alone(session)
    period = _period(session, now, trip, starts_at, ends_at)
    vehicle = find(session, Vehicle, vehicle_id) if vehicle_id else trip.vehicle
    if vehicle is None:
        raise Invalid(Words("請選擇車輛", "Choose a car"), field="vehicle_id")
    before, had_driver, shifted = _as_it_stands(trip), trip.driver, period != trip.period
    _shift(trip, period)
    redirected = _redirect(session, trip, way, leg_minutes, now)
    same_driver = driver_id in (None, trip.driver_id)
    if vehicle is trip.vehicle and not shifted and not redirected and same_driver and not trip.flagged_at:
        raise Invalid(Words("和原來一樣，沒有變動", "Nothing would change"), field="vehicle_id")
    reservations.release(session, trip.holder)
    if vehicle is not trip.vehicle:
        drop_for_trip(session, trip, now)
    driver = _driver(session, trip, driver_id, vehicle, now)
    reasons = reasons_for(session, trip, ask_of(trip), vehicle, driver, now)
    flagged = _claim(session, trip, vehicle, driver, now, anyway)
    if shifted or redirected:
        trip.status, trip.accepted_at = "approved", None  # the driver agreed to another time or way
    trip.give(vehicle, driver, person, reasons, now)
    trip.changed_at, trip.flagged_at = now, now if flagged else None
    undo = timedelta(seconds=rules.in_force(session, now)["dispatch.undo_seconds"])
    told: dict[str, Any] = {
        "tell_after": now + undo + GRACE,
        "previous_driver_id": had_driver.person_id if had_driver and had_driver is not driver else None,
        "audited_from": before["status"],
    }
    note = reason or ("；".join(each.zh for each in reasons) or None)
    if shifted and before["vehicle_id"] is not None:
        told |= {"previous_starts_at": _moment(before["starts_at"]), "previous_ends_at": _moment(before["ends_at"])}
        fact_id = happened(session, trip, "moved", TripMoved, person, now, note=note, told=reason is not None, **told)
    else:
        what = "assigned" if before["vehicle_id"] is None else "reassigned"
        fact_id = happened(session, trip, what, TripAssigned, person, now, note=note, told=reason is not None, **told)
    riders.tell(session, trip, now)
    move = TripMove(
        trip=trip, moved_by_id=person.id, at=now, undo_until=now + undo, rev=trip.rev, before=before, fact_id=fact_id
    )
    session.add(move)
    session.flush()
    return move


def undo(session: Session, person: Person, now: datetime, move_id: int, *, rev: int | None = None) -> Trip:
    """Take a move back, within its seconds and while nothing else happened to the trip. `rev` as the move left it.

    Who had been told nothing yet is told nothing. Raises TooLateToUndo, AlreadyTaken (the old place is gone), Forbidden.
    """
    move = find(session, TripMove, move_id)
    trip = move.trip
    if move.moved_by_id != person.id or not trip.may("assign", person):
        raise Forbidden
    trip.expect(rev)
    if not move.can_undo(person, now):
        raise TooLateToUndo
    holding.alone(session)
    was, lost, left = move.before, trip.driver, trip.status
    reservations.release(session, trip.holder)
    for name in PLAIN:
        setattr(trip, name, was[name])
    for name in MOMENTS:
        setattr(trip, name, _moment(was[name]))
    session.flush()
    session.refresh(trip, ["vehicle", "driver"])
    if trip.holds_car and trip.vehicle:
        _claim(session, trip, trip.vehicle, trip.driver, now, anyway=trip.flagged_at is not None)
    elif trip.status == "approved":
        holding.hold(session, now, trip)
    trip.changed_at, move.undone_at = now, now
    happened(
        session, trip, "undone", TripMoveUndone, person, now, audited_from=left, undoes=move.fact_id,
        previous_driver_id=lost.person_id if lost and lost is not trip.driver else None,
    )  # fmt: skip
    riders.tell(session, trip, now)
    return trip


def last_move(session: Session, person: Person, now: datetime) -> TripMove | None:
    """The latest move this person can still take back, if any."""
    mine = select(TripMove).where(
        TripMove.moved_by_id == person.id, TripMove.undo_until > now, TripMove.undone_at.is_(None)
    )
    move = session.scalars(mine.order_by(TripMove.id.desc()).limit(1)).first()
    return move if move and move.can_undo(person, now) else None


def settle(session: Session, now: datetime) -> int:
    """Give flagged trips what has become free of their car's time; returns how many are whole again. A chore."""
    flagged = select(Trip).where(Trip.flagged_at.is_not(None), Trip.status.in_(HOLDING), Trip.ends_at > now)
    whole = 0
    for trip in session.scalars(flagged.order_by(Trip.id)):
        if trip.vehicle is None:
            continue
        resource = trip.vehicle.resource
        taken = reservations.taken(session, [resource], trip.car_period, now)
        others = [by.period for by in taken if by.holder != trip.holder]
        wanted = minus(trip.car_period, [by.period for by in taken])
        try:
            if wanted:
                reservations.claim(session, trip.holder, [(resource, part) for part in wanted], now=now)
        except Taken:
            continue  # somebody was quicker; the next round sees who
        if not others:
            trip.flagged_at, trip.changed_at = None, now
            session.add(TripEvent(trip=trip, what="settled", who_id=None, at=now))
            audit.record(session, None, "trip.settled", f"trip/{trip.id}", now, after={"vehicle_id": trip.vehicle_id})
            whole += 1
    session.flush()
    return whole


def _period(
    session: Session, now: datetime, trip: Trip, starts_at: datetime | None, ends_at: datetime | None
) -> Period:
    """The time it is to have. Raises Invalid for one that has passed or is too long."""
    start = starts_at or trip.starts_at
    period = Period(start, ends_at or start + trip.period.duration)
    if period == trip.period:
        return trip.period
    if start != trip.starts_at and start <= now:
        raise Invalid(Words("不能改到已經過去的時間", "It cannot be moved into the past"), field="starts_at")
    if period.ends_at <= now:
        raise Invalid(Words("回程時間已經過了", "The return time has passed"), field="ends_at")
    longest = rules.in_force(session, now)["dispatch.max_trip_days"]
    if period.duration > timedelta(days=longest):
        raise Invalid(Words("一趟最長 {n} 天", "A trip may last {n} days at most").fill(n=longest), field="ends_at")
    return period


def _shift(trip: Trip, period: Period) -> None:
    """The trip in its new time, and its car with it: all of it, or the one leg it serves (V-31), which keeps its length."""
    leg, length = trip.leg, trip.car_period.duration
    if period == trip.period:
        return
    if trip.riders:
        words = Words(
            "有人併車，不能改時間；請先拆單。", "Others ride along, so its time stays; take them apart first."
        )
        raise Invalid(words, field="starts_at")
    trip.starts_at, trip.ends_at = period.starts_at, period.ends_at
    length = min(length, period.duration)
    if leg:
        start = period.starts_at if leg == "out" else period.ends_at - length
        trip.need_car(leg, Period(start, start + length))
    else:
        trip.need_car(None)


def _redirect(session: Session, trip: Trip, way: str | None, minutes: int | None, now: datetime) -> bool:
    """Have the car needed for that way, from now on; whether that is another than before. Raises Invalid."""
    if way is None and minutes is not None:
        way = trip.leg
        if way is None:
            raise Invalid(Words("請選擇只派去程或回程", "Choose the way out or the way back"), field="way")
    if way is None:
        return False
    had = trip.leg, trip.car_period
    try:
        trip.need_car(None if way == WHOLE else way, way_period(session, trip, way, minutes, now))
    except Invalid as refused:
        raise Invalid.many(replace(each, field="way") for each in refused.errors) from refused
    return (trip.leg, trip.car_period) != had


def _driver(session: Session, trip: Trip, driver_id: int | None, vehicle: Vehicle, now: datetime) -> Driver | None:
    """Who drives: the one named, else the present one if it goes, else the best-ranked. Raises NotSuitable when nobody can."""
    if not trip.needs_driver:
        if driver_id is not None:
            words = Words("這趟由申請人自行駕駛，不派駕駛", "The applicant drives this trip; no driver is assigned")
            raise Invalid(words, field="driver_id")
        return None
    if driver_id is not None:
        return find(session, Driver, driver_id)
    ask, limits = ask_of(trip), rules.in_force(session, now).limits
    wheels = pool.drivers_for(session, ask, now, except_holder=trip.holder)
    present = next((each for each in wheels if each.id == trip.driver_id), None)
    if present and not refuse_driver(ask, present, limits, kind=vehicle.kind):
        return trip.driver
    ranking = rank_drivers(replace(ask, kind=vehicle.kind), wheels, limits)
    if ranking.best is None:
        raise NotSuitable(Words("這段時間沒有可派的駕駛。", "No driver is available at that time."), field="driver_id")
    return find(session, Driver, ranking.best.id)


def _claim(session: Session, trip: Trip, vehicle: Vehicle, driver: Driver | None, now: datetime, anyway: bool) -> bool:
    """Take car and driver for the trip's time, or with `anyway` what is free of the car's. Whether a part is lacking."""
    period = trip.car_period
    try:
        with session.begin_nested():
            holding.make_way(session, now, vehicle, period, except_for=trip)
    except PromisedTo:
        if not anyway:
            raise
    wants = [(vehicle.resource, period)]
    if anyway:
        others = reservations.taken(session, [vehicle.resource], period, now)
        wants = [(vehicle.resource, part) for part in minus(period, [by.period for by in others])]
    lacking = wants != [(vehicle.resource, period)]
    if driver:
        wants.append((driver.resource, period))
    try:
        if wants:
            reservations.claim(session, trip.holder, wants, now=now)
    except Taken as taken:
        raise _refusal(session, taken.by, trip, vehicle, driver) from taken
    return lacking


def _refusal(session: Session, by: list[TakenBy], trip: Trip, vehicle: Vehicle, driver: Driver | None) -> AlreadyTaken:
    words = taken_words(session, by, trip, vehicle, driver)
    if driver and any(each.resource == driver.resource for each in by):
        return AlreadyTaken(words, field="driver_id")
    return CarTaken(words, field="vehicle_id")


def _as_it_stands(trip: Trip) -> dict[str, Any]:
    moments = {name: getattr(trip, name) for name in MOMENTS}
    kept = {name: value.isoformat() if value else None for name, value in moments.items()}
    return {**{name: getattr(trip, name) for name in PLAIN}, **kept}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
