"""Giving cars and drivers: the dispatcher's side. Car and driver are claimed together on the ledger, or not at all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import Period
from common.reservations import Taken, TakenBy
from common.words import Words
from fleet import helping, holding, pool, riders, rules
from fleet.electric import charging as slots
from fleet.electric import state_of_charge
from fleet.electric.charging_rows import drop_for_trip
from fleet.journal import happened
from fleet.messages import TripAssigned, TripFullyBooked, TripReopened
from fleet.models import ChargingSlot, Driver, Trip, Vehicle
from fleet.plans.dispatch import Ask, Ranking, clock_range, rank_cars, refuse_car, refuse_driver
from fleet.terms import LEGS, WHOLE
from fleet.trips import ask_of, find

FULL = Words(
    "公務車已派滿。可以改時間、搭大眾運輸，或依規定搭計程車核銷。",
    "All cars are taken. Change the time, use public transport, or a taxi with receipt.",
)

BEST = Words("最合適", "Best fit")
QUARTER = 15


class StillFull(Conflict):
    """A trip is put back into the queue, but nothing is free for it."""

    words = Words("現在還是沒有合適的車。", "There is still no suitable car.")


class NotSuitable(Conflict):
    """This car or driver cannot serve this trip, whatever the time."""


class LowCharge(NotSuitable):
    """The car would come home below the floor (V-76), from this trip or from a later one it already has."""

    def __init__(self, vehicle: Vehicle, later: str | None, left: int, least: int):
        told = (
            Words("預估回程電量 {left}%，低於 {least}%", "{left}% expected on return, below {least}%")
            if later is None
            else Words("之後的 {later} 預估回程電量 {left}%，低於 {least}%", "{later} afterwards would return at {left}%, below {least}%")
        ).fill(left=left, least=least, later=later)  # fmt: skip
        advice = Words(
            "{plate}：{told}。請換車、加排充電，或寫明仍要指派的原因。",
            "{plate}: {told}. Swap the car, add charging, or say why it goes all the same.",
        )
        super().__init__(advice.fill(plate=vehicle.plate, told=told), field="vehicle_id")


class AlreadyTaken(Conflict):
    """The ledger holds the car or the driver for something else at that time."""


def suggest(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    way: str | None = None,
    leg_minutes: int | None = None,
) -> pool.Suggestion:
    """Ranked cars and drivers for `trip`, each with its reasons, the refused with theirs; where nobody is left, what
    would help. `way` as in `way_period`: for one way alone more cars may be free (V-31). Raises Forbidden, Invalid.

    Cars that are only promised to other trips come after the free ones, and only where those trips can have another.
    """
    if not trip.may("assign", person):
        raise Forbidden
    ask = replace(ask_of(trip), period=way_period(session, trip, way, leg_minutes, now))
    found = pool.suggest(session, ask, now, except_holder=trip.holder)
    promised = {each.car: each.trip for each in holding.promises(session, now, ask.period) if each.trip is not trip}
    if promised:
        found = found._replace(cars=_with_promised(session, now, trip, ask, found.cars, promised))
    return (
        found
        if found.possible or way in LEGS
        else found._replace(changes=tuple(helping.changes_for(session, now, ask, trip)))
    )


def _with_promised(
    session: Session, now: datetime, trip: Trip, ask: Ask, free: Ranking, promised: dict[int, Trip]
) -> Ranking:
    """`free` and behind it the cars that their promises can leave, saying whose; the others stay refused, saying whose too."""
    among = [vehicle for vehicle in pool.vehicles(session) if vehicle.id in promised]
    cars = pool.cars_for(session, ask, now, among=among, except_holder=trip.holder, provisional=False)
    ranking = rank_cars(ask, cars, rules.in_force(session, now).limits)
    offered = [each.id for each in ranking.candidates]
    leaves = holding.can_make_way(session, now, offered, ask.period, except_for=trip)
    behind = []
    for each in ranking.candidates:
        if each.id in leaves:
            whose = Words("暫留給 {number}，會另換一輛", "Promised to {number}, which gets another car")
            reasons = [words for words in each.reasons if words != BEST or not free.candidates]
            behind.append(replace(each, reasons=(*reasons, whose.fill(number=promised[each.id].number))))
    kept = Words("已保留給 {number}，沒有別的車可換", "Promised to {number}, which no other car could take")
    refusals = [
        replace(each, words=kept.fill(number=promised[each.id].number)) if each.id in offered else each
        for each in free.refusals
        if each.id not in leaves
    ]
    return Ranking((*free.candidates, *behind), tuple(refusals))


def assign(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    vehicle_id: int,
    driver_id: int | None = None,
    leg: str | None = None,
    leg_minutes: int | None = None,
    charging: Mapping[str, Any] | None = None,
    low_charge_reason: str | None = None,
    rev: int | None = None,
) -> Trip:
    """Give `trip` a car, and a driver where it needs one; or others than it had.

    What it had is released and the new pair claimed in one transaction: either all of it or nothing changes. A car that
    is only promised to other trips is taken when these can have another (decision 0013). `leg` "out" or "back" gives
    the pair for that way alone (V-31), for `leg_minutes` or as long as its kilometres take.

    `charging` (charger_id, starts_at, ends_at, target_percent) books a session for the car beforehand in the same claim:
    car, driver and post, or none of them. A car that would come home below the floor (V-76) is refused unless
    `low_charge_reason` says why it goes all the same, which is audited.
    Raises Invalid (no driver named, no such leg), NotSuitable (the binding constraint in words), AlreadyTaken,
    PromisedTo (naming the trips), WrongState, Stale.
    """
    trip.require("assign", person)
    trip.expect(rev)
    holding.alone(session)
    vehicle, driver = find(session, Vehicle, vehicle_id), _driver(session, trip, driver_id)
    period = leg_period(session, trip, leg, leg_minutes, now) if leg else riders.whole_period(trip)
    ask, before = replace(ask_of(trip), period=period), trip.status
    reasons = reasons_for(session, trip, ask, vehicle, driver, now, charge=False)
    wants = [(unit.resource, period) for unit in (vehicle, driver) if unit]
    with session.begin_nested():
        reservations.release(session, trip.holder)
        drop_for_trip(session, trip, now)
        slot = slots.draft_for_trip(session, person, now, trip, vehicle, period, charging) if charging else None
        reasons += _charge_reasons(session, person, now, trip, vehicle, period, slot, low_charge_reason)
        holding.make_way(session, now, vehicle, period, except_for=trip)
        if slot:
            holding.make_way(session, now, vehicle, slot.period, except_for=trip)
        post = slots.wants(slot) if slot else []
        try:
            reservations.claim(session, trip.holder, [*wants, *post], now=now)
        except Taken as taken:
            if slot and any(by.resource == slot.charger.resource for by in taken.by):
                raise slots.taken_words(taken.by, slot) from taken
            raise AlreadyTaken(taken_words(session, taken.by, trip, vehicle, driver), field="vehicle_id") from taken
        if slot:
            reservations.hand_over(session, trip.holder, slot.holder, post)
    had = trip.driver.person_id if trip.driver and trip.driver is not driver else None
    again = trip.vehicle_id is not None
    if leg != trip.leg:
        trip.status, trip.accepted_at = "approved", None  # the driver agreed to another job
    trip.need_car(leg, period)
    trip.give(vehicle, driver, person, reasons, now)
    trip.changed_at = now
    note = "；".join(reason.zh for reason in reasons) if reasons else None
    happened(
        session, trip, "reassigned" if again else "assigned", TripAssigned, person, now,
        note=note, told=False, audited_from=before, previous_driver_id=had,
    )  # fmt: skip
    riders.tell(session, trip, now)
    return trip


def way_period(session: Session, trip: Trip, way: str | None, minutes: int | None, now: datetime) -> Period:
    """When car and driver are needed for the `whole` of `trip`, or `out` or `back` alone; None: as it stands. Raises Invalid."""
    if way is None:
        return trip.car_period
    return riders.whole_period(trip) if way == WHOLE else leg_period(session, trip, way, minutes, now)


def leg_period(session: Session, trip: Trip, leg: str, minutes: int | None, now: datetime) -> Period:
    """When car and driver are needed for one way: there and back empty, in whole quarter hours, never beyond the approved time.

    Raises Invalid where one way makes no sense: the requester drives, it is one way anyhow, or others ride along.
    """
    if not trip.can_go_one_way:
        words = Words(
            "只有派駕駛、來回、沒有併車的行程能派單程", "Only a round trip with a driver and nobody riding along"
        )
        raise Invalid(words, field="leg")
    if minutes is None:
        hours = trip.distance_km / rules.in_force(session, now)["dispatch.km_an_hour"]
        minutes = max(QUARTER, ceil(hours * 60 / QUARTER) * QUARTER)
    time = min(timedelta(minutes=minutes), trip.period.duration)
    if leg == "out":
        return Period(trip.starts_at, trip.starts_at + time)
    return Period(trip.ends_at - time, trip.ends_at)


def answer_full(session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None) -> Trip:
    """Tell the requester that no car is left (V-31 result 5, V-33) and what to do instead. What it was promised is free."""
    trip.require("answer_full", person)
    trip.expect(rev)
    before = trip.status
    holding.alone(session)
    holding.let_go(session, trip)
    trip.answer_full(person, FULL.in_(trip.requester.lang if trip.requester else "zh"))
    trip.changed_at = now
    happened(session, trip, "fully_booked", TripFullyBooked, person, now, note=trip.answer, audited_from=before)
    riders.set_down(session, person, now, trip, trip.answer)
    holding.promise_waiting(session, now, trip.period)
    return trip


def reopen(session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None) -> Trip:
    """A car came free for a trip that was told all are taken: it waits for dispatch again, promised that car.

    Raises StillFull when there is none after all, Forbidden, WrongState, Stale.
    """
    trip.require("reopen", person)
    trip.expect(rev)
    before = trip.status
    trip.give_back()
    if not holding.hold(session, now, trip):
        raise StillFull
    trip.answer, trip.changed_at = None, now
    happened(session, trip, "reopened", TripReopened, person, now, audited_from=before)
    return trip


def waiting_for_a_car(session: Session, now: datetime) -> list[tuple[Trip, bool]]:
    """Coming trips that were told all cars are taken, soonest first, and whether there is a car now."""
    full = select(Trip).where(Trip.status == "fully_booked", Trip.starts_at > now).order_by(Trip.starts_at)
    return [(trip, holding.could_hold(session, now, ask_of(trip))) for trip in session.scalars(full)]


def give_up_car(session: Session, trip: Trip, now: datetime) -> None:
    """Release what the ledger holds for `trip` and put it back into the dispatcher's queue, promised a car anew.

    Those who ride along stay with it and hear that the car is open again.
    """
    holding.alone(session)
    reservations.release(session, trip.holder)
    drop_for_trip(session, trip, now)
    trip.give_back()
    trip.need_car(None, riders.whole_period(trip))
    holding.hold(session, now, trip)
    riders.tell(session, trip, now)


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


def reasons_for(
    session: Session,
    trip: Trip,
    ask: Ask,
    vehicle: Vehicle,
    driver: Driver | None,
    now: datetime,
    *,
    charge: bool = True,
) -> list[Words]:
    """Why this pair may serve. Raises NotSuitable with the binding constraint; time is left to the ledger.

    Without `charge` the battery is left to `_charge_reasons`, which knows what is booked with the car.
    """
    limits = rules.in_force(session, now).limits
    (car,) = pool.cars_for(session, ask, now, among=[vehicle], except_holder=trip.holder)
    if (refusal := refuse_car(ask, car, limits, free=False)) and (charge or refusal.constraint != "charge"):
        raise NotSuitable(_of(Words.same(car.label), refusal.words), field="vehicle_id")
    if driver:
        # Two jobs side by side overlap nowhere, so the ledger lets both in: hours and rest are counted behind this lock.
        session.execute(select(Driver.id).where(Driver.id == driver.id).with_for_update())
        (wheel,) = pool.drivers_for(session, ask, now, among=[driver], except_holder=trip.holder)
        asks_hours = not trip.recorded_late  # what is entered afterwards has been driven already
        if refusal := refuse_driver(ask, wheel, limits, free=False, hours=asks_hours, kind=vehicle.kind):
            raise NotSuitable(_of(driver.name, refusal.words), field="driver_id")
    best = rank_cars(ask, [car], limits).best
    return list(best.reasons[:-1]) if best else []


def _charge_reasons(
    session: Session, person: Person, now: datetime, trip: Trip, vehicle: Vehicle, period: Period, slot: ChargingSlot | None,
    reason: str | None,
) -> list[Words]:  # fmt: skip
    """What to say about the battery: nothing, or why it goes below the floor (V-76). Raises LowCharge without a reason."""
    plus = [state_of_charge.fill_of(slot)] if slot else []
    low = state_of_charge.left_below(session, trip, vehicle, period, now, plus=plus)
    if low is None or trip.recorded_late:  # what is entered afterwards has been driven already
        return []
    number, left = low
    least = rules.in_force(session, now)["ev.min_return_percent"]
    if not reason:
        raise LowCharge(vehicle, None if number == trip.number else number, left, least)
    after = {"vehicle": vehicle.plate, "trip": number, "expected_percent": left, "floor_percent": least}
    audit.record(session, person, "trip.low_charge_accepted", f"trip/{trip.id}", now, after=after, reason=reason)
    words = Words("預估回程電量 {left}%，仍指派：{reason}", "{left}% expected on return; given all the same: {reason}")
    return [words.fill(left=left, reason=reason)]


def _of(who: Words, what: Words) -> Words:
    return Words("{who}：{what}。", "{who}: {what}.").fill(who=who, what=what)


def taken_words(session: Session, by: list[TakenBy], trip: Trip, vehicle: Vehicle, driver: Driver | None) -> Words:
    """Who has it, from when to when, in words: what stands in the way of a claim."""
    names = {vehicle.resource: Words.same(vehicle.label)}
    if driver:
        names[driver.resource] = driver.name
    for resource, when, holder in by:
        kind, _, number = holder.partition(":")
        other = session.get(Trip, int(number)) if kind == "trip" and number.isdecimal() else None
        return Words("{who} {time} 已有行程（{what}）。", "{who} is taken {time} ({what}).").fill(
            who=names.get(resource, Words.same(resource)),
            time=clock_range(when, trip.period),
            what=other.number if other else holder,
        )
    return Taken.words
