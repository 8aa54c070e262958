"""Two requests in one car (合併派車, V-20): the dispatcher merges, and takes apart again. What follows is `riders`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from common import reservations
from common.errors import Conflict, Invalid
from common.identity import Person
from common.period import Period, local
from common.reservations import Taken
from common.words import Words
from fleet import holding, pool, riders, rules
from fleet.assigning import AlreadyTaken, NotSuitable
from fleet.journal import happened
from fleet.messages import TripMerged, TripRidersChanged, TripUnmerged
from fleet.models import Trip
from fleet.plans.dispatch import clock_range, refuse_car
from fleet.terms import KINDS


class CannotMerge(Conflict):
    """These trips do not fit into one car."""


def merge(
    session: Session,
    person: Person,
    now: datetime,
    keeper: Trip,
    *,
    others: Sequence[Trip],
    reason: str,
    leg: str | None = None,
    detour_km: int = 0,
    rev: int | None = None,
) -> Trip:
    """`others` ride along in `keeper`'s car, both ways or one `leg` (V-31 results 6 and 7); `reason` is the 併單原因 (V-30).

    Their own cars are released, the keeper's car and driver are taken for the whole time that all of them need, its
    seats must hold everybody at once. Each notes the kilometres not driven: its estimate less its share of the detour.
    All of it or nothing. Raises CannotMerge, NotSuitable, AlreadyTaken, PromisedTo, Forbidden, WrongState, Stale.
    """
    keeper.require("merge", person)
    keeper.expect(rev)
    for other in others:
        other.require("merge", person)
    holding.alone(session)
    _check(keeper, others, leg)
    was = {other.id: (other.status, other.driver.person_id if other.driver else None) for other in others}
    with session.begin_nested():
        for other in others:
            reservations.release(session, other.holder)
            saved = other.distance_km // (2 if leg and other.round_trip else 1) - detour_km // len(others)
            riders.set_down(session, person, now, other, reason)
            other.merge_into(keeper, leg, reason, max(0, saved))
        session.flush()
        session.refresh(keeper, ["riders"])
        _take_for_all(session, now, keeper)
    keeper.changed_at = now
    happened(session, keeper, "riders_changed", TripRidersChanged, person, now, note=reason, aboard=keeper.aboard)
    for other in others:
        before, driver_id = was[other.id]
        other.changed_at = now
        happened(
            session, other, "merged", TripMerged, person, now, note=reason, audited_from=before, km_saved=other.km_saved or 0,
            previous_driver_id=driver_id,
        )  # fmt: skip
    return keeper


def unmerge(session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None) -> Trip:
    """`trip` gets a car of its own again: it waits for dispatch, promised one if there is one."""
    trip.require("unmerge", person)
    trip.expect(rev)
    before = trip.status
    holding.alone(session)
    riders.leave(session, person, now, trip)
    holding.hold(session, now, trip)
    trip.changed_at = now
    happened(session, trip, "unmerged", TripUnmerged, person, now, audited_from=before)
    return trip


def _check(keeper: Trip, others: Sequence[Trip], leg: str | None) -> None:
    if not others or keeper in others or len(set(others)) != len(others):
        raise Invalid(Words("請選擇要併入的其他行程", "Choose the other trips"), field="trip_ids")
    if not keeper.needs_driver:
        raise CannotMerge(Words("申請人自行駕駛的車不能載別的機關", "A car the applicant drives takes no other party"))
    if keeper.leg:
        raise CannotMerge(Words("主單只派單程，不能再併", "The car goes one way only and takes no other party"))
    for other in others:
        if local(other.starts_at).date() != local(keeper.starts_at).date():
            words = Words("{number} 不是同一天（V-20）", "{number} is on another day (V-20)")
            raise CannotMerge(words.fill(number=other.number))
        if leg and not other.round_trip:
            raise CannotMerge(Words("{number} 本來就是單程", "{number} is one way anyhow").fill(number=other.number))
        if not other.needs_driver:
            words = Words("{number} 是自行駕駛", "{number} is driven by its applicant")
            raise CannotMerge(words.fill(number=other.number))


def _take_for_all(session: Session, now: datetime, keeper: Trip) -> None:
    """Take the keeper's car and driver, or a promise, for everyone aboard."""
    period = riders.whole_period(keeper)
    ask = replace(holding.ask_of(keeper), period=period)
    if keeper.vehicle is None:
        keeper.need_car(None, period)
        most = max(kind.seats for kind in KINDS.values())
        if not ask.fits(most):
            raise CannotMerge(_seats(most, ask.passengers))
        holding.hold(session, now, keeper)
        return
    if not ask.fits(keeper.vehicle.seats):
        raise CannotMerge(_seats(keeper.vehicle.seats, ask.passengers))
    (car,) = pool.cars_for(session, ask, now, among=[keeper.vehicle], except_holder=keeper.holder)
    if refusal := refuse_car(ask, car, rules.in_force(session, now).limits, free=False):
        raise NotSuitable(
            Words("{car}：{why}。", "{car}: {why}.").fill(car=car.label, why=refusal.words), field="vehicle_id"
        )
    reservations.release(session, keeper.holder)
    holding.make_way(session, now, keeper.vehicle, period, except_for=keeper)
    units = [unit for unit in (keeper.vehicle, keeper.driver) if unit]
    try:
        reservations.claim(session, keeper.holder, [(unit.resource, period) for unit in units], now=now)
    except Taken as taken:
        raise AlreadyTaken(_busy(taken, period)) from taken
    keeper.need_car(None, period)


def _seats(seats: int, people: int) -> Words:
    words = Words("{seats} 座加駕駛坐不下 {people} 人", "{seats} seats do not hold a driver and {people} people")
    return words.fill(seats=seats, people=people)


def _busy(taken: Taken, period: Period) -> Words:
    times = "、".join(clock_range(by.period, period) for by in taken.by)
    return Words(
        "要載到所有人，車與駕駛得空出 {time}，但 {times} 已有安排。",
        "To serve everybody car and driver would be needed {time}, but {times} is taken.",
    ).fill(time=clock_range(period, period), times=times)
