"""What would help a trip that finds no car or no driver: proposed by `remedies`, kept only if the ledger agrees."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.period import local
from fleet import carpool, pool, rules
from fleet.models import Trip, Vehicle
from fleet.plans import sharing
from fleet.plans.dispatch import Ask, refuse_car
from fleet.plans.planning import Step
from fleet.plans.remedies import Desk, Held, Remedy, remedies
from fleet.trips import ask_of

SWAPPABLE = ("assigned", "accepted")


def changes_for(session: Session, now: datetime, ask: Ask, trip: Trip | None = None) -> list[Remedy]:
    """The cheapest changes that would make `ask` (of `trip`, where there is one already) possible; each is checked
    against rows and ledger as they stand. Empty where nothing helps, or nothing needs to."""
    mine = trip.holder if trip else ""
    rule = rules.in_force(session, now)
    others = _others(session, now, ask, trip)
    desk = Desk(
        cars=pool.cars_for(session, ask, now, except_holder=mine),
        wheels=pool.drivers_for(session, ask, now, except_holder=mine) if ask.needs_driver else (),
        limits=rule.limits,
        most=timedelta(minutes=rule["dispatch.shift_minutes"]),
        held=[Held(each.id, each.number, ask_of(each), each.vehicle_id) for each in others if each.vehicle_id],
        shares=_shares(session, now, trip, others),
    )
    by_id = {other.id: other for other in others}
    found = remedies(ask, desk, earliest=now)
    return [each for each in found if _stands(session, now, each, trip, by_id.get(each.other_id or 0))]


def swaps(session: Session, trip: Trip, found: Sequence[Remedy]) -> dict[int, tuple[Step, Step]]:
    """For each trip that would give up its car: its step and ours, to be done together."""
    out = {}
    for remedy in found:
        other = session.get(Trip, remedy.other_id) if remedy.code == "swap" else None
        if other and remedy.car_id and remedy.other_car_id:
            out[other.id] = (
                Step(other.id, other.rev, remedy.other_car_id, other.driver_id),
                Step(trip.id, trip.rev, remedy.car_id, remedy.driver_id),
            )
    return out


def _others(session: Session, now: datetime, ask: Ask, trip: Trip | None) -> Sequence[Trip]:
    """Trips near this one that have a car and have not left."""
    near = timedelta(minutes=rules.in_force(session, now)["sharing.max_shift_minutes"])
    rows = select(Trip).where(
        Trip.status.in_(SWAPPABLE), Trip.starts_at > now,
        Trip.starts_at < ask.period.ends_at + near, Trip.ends_at > ask.period.starts_at - near,
    )  # fmt: skip
    return [each for each in session.scalars(rows.order_by(Trip.starts_at, Trip.id)) if each is not trip]


def _shares(session: Session, now: datetime, trip: Trip | None, others: Sequence[Trip]) -> list[sharing.Proposal]:
    if trip is None:
        return []
    day = local(trip.starts_at).date()
    same = [each for each in others if local(each.starts_at).date() == day and not each.riders and not each.leg]
    own, *rest = carpool.rides(session, [trip, *same])
    found = sharing.partners(own, rest, rules.in_force(session, now).sharing)
    return [each for each in found if each.joiner_id == trip.id]


def _stands(session: Session, now: datetime, remedy: Remedy, trip: Trip | None, other: Trip | None) -> bool:
    """Whether the ledger and the rules agree with a change, looked at anew for exactly its car, driver and time."""
    limits = rules.in_force(session, now).limits
    if remedy.code in ("swap", "share"):
        if other is None:
            return False
        ours = [session.get(Vehicle, remedy.car_id)]
        (car,) = pool.cars_for(
            session, remedy.ask, now, among=[each for each in ours if each], except_holder=other.holder
        )
        if refuse_car(remedy.ask, car, limits):
            return False
        if remedy.code == "share":
            return _driver_stays(session, now, remedy.ask, other)
        theirs = [session.get(Vehicle, remedy.other_car_id)]
        (car,) = pool.cars_for(session, ask_of(other), now, among=[each for each in theirs if each])
        return refuse_car(ask_of(other), car, limits) is None
    for part in (remedy, remedy.second):
        if part is None:
            continue
        found = pool.suggest(session, part.ask, now, except_holder=trip.holder if trip else "")
        if part.car_id not in {each.id for each in found.cars.candidates}:
            return False
        if found.drivers and part.driver_id not in {each.id for each in found.drivers.candidates}:
            return False
    return True


def _driver_stays(session: Session, now: datetime, ask: Ask, other: Trip) -> bool:
    """Whether the driver of the trip that takes us along may drive the longer one."""
    if other.driver is None:
        return False
    found = pool.suggest(session, ask, now, except_holder=other.holder)
    return found.drivers is not None and other.driver_id in {each.id for each in found.drivers.candidates}
