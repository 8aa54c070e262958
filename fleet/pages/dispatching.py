"""The dispatcher's desk: the queue, the day's trips, and for the one chosen the ranked cars and drivers with their reasons."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy import or_
from sqlalchemy.orm import Session, joinedload

from common.identity import Person
from common.period import Period, local, today
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from fleet import assigning, pool, trips
from fleet.models import Driver, Trip, Vehicle
from fleet.models.trip import HOLDING
from fleet.pages.door import dispatchers, pages
from fleet.schemas.taken import AssignTrip, Revision
from fleet.terms import KINDS

QUEUE = ("approved",)
SHOWN = (*HOLDING, "finished", "signed_off", "fully_booked", "cancelled")
FILTERS = {
    "all": (Words("全部", "All"), SHOWN),
    "running": (Words("行駛中", "On the road"), ("under_way",)),
    "waiting": (Words("待駕駛接單", "Awaiting driver"), ("assigned", "assigned_one_way")),
    "ready": (Words("已派車", "Confirmed"), ("accepted",)),
    "back": (Words("已回場", "Returned"), ("finished", "signed_off")),
    "cancelled": (Words("已取消", "Cancelled"), ("cancelled",)),
}
MOST_OFFERED = 6


@dataclass(frozen=True)
class Offer:
    """One row of a ranking with the row it stands for."""

    row: Any
    reasons: tuple[Words, ...]
    best: bool


@pages.get("/dispatch", allows=dispatchers)
def show_dispatch(session: Session, person: Person, trip_id: int | None = None) -> Any:
    """Queue at the left (or the chosen trip), the day's trips at the right."""
    which = request.args.get("show", "all")
    which = which if which in FILTERS else "all"
    chosen = trip_id or _number(request.args.get("trip", ""))
    trip = trips.get(session, person, chosen) if chosen else None
    day = _day(trip)
    options = (joinedload(Trip.agency), joinedload(Trip.requester), joinedload(Trip.vehicle), joinedload(Trip.driver))
    queue = list(
        session.scalars(
            trips.visible(person).where(Trip.status.in_(QUEUE)).options(*options).order_by(Trip.starts_at)
        ).unique()
    )
    queue.sort(key=lambda trip: (trip.urgent_reason is None, trip.starts_at))  # V-15: urgent business first
    period = Period.of_day(day)
    touching = Trip.ends_at > period.starts_at
    if day == today(now()):  # what should be back but is not is today's business
        touching = or_(touching, Trip.status == "under_way")
    of_day = trips.visible(person).where(Trip.status.in_(SHOWN), Trip.starts_at < period.ends_at, touching)
    found = list(session.scalars(of_day.options(*options).order_by(Trip.starts_at, Trip.id)).unique())
    counts = Counter(_shown_as(each) for each in found)
    return render(
        "fleet/dispatch.html", day=day, today=today(now()), before=day - timedelta(days=1), after=day + timedelta(days=1),
        queue=queue, found=[each for each in found if which == "all" or _shown_as(each) in FILTERS[which][1]], which=which, trip=trip,
        filters=[(key, words, sum(counts[status] for status in statuses)) for key, (words, statuses) in FILTERS.items()],
        total=sum(count for status, count in counts.items() if status != "cancelled"), kinds=KINDS, counts=counts,
        cars=sum(1 for vehicle in pool.vehicles(session) if vehicle.state == "in_service"), **_inspected(session, person, trip),
    )  # fmt: skip


def show_chosen(session: Session, person: Person, trip_id: int) -> Any:
    """The desk again after a refusal, on the same trip and day."""
    return show_dispatch(session, person, trip_id)


@pages.post("/dispatch/<int:trip_id>/assign", allows=dispatchers, again=show_chosen)
def assign_trip(session: Session, person: Person, trip_id: int) -> Any:
    """Give the chosen car and driver."""
    trip = assigning.assign(session, person, now(), trips.get(session, person, trip_id), **form_data(AssignTrip))
    told = Words("{number} 已派 {car}", "{number}: {car} assigned").fill(
        number=trip.number, car=trip.vehicle.label if trip.vehicle else ""
    )
    who = (
        Words("{told}，{driver}會收到通知。", "{told}; {driver} is being told.").fill(
            told=told, driver=trip.driver.name
        )
        if trip.driver
        else told
    )
    flash(who)
    return redirect_to(".show_dispatch", date=request.args.get("date"), show=request.args.get("show"))


@pages.post("/dispatch/<int:trip_id>/full", allows=dispatchers, again=show_chosen)
def answer_full(session: Session, person: Person, trip_id: int) -> Any:
    """No car is left: say so, with what to do instead."""
    trip = assigning.answer_full(session, person, now(), trips.get(session, person, trip_id), **form_data(Revision))
    flash(Words("已回覆 {number} 公務車已派滿。", "{number}: told that all cars are taken.").fill(number=trip.number))
    return redirect_to(".show_dispatch", date=request.args.get("date"))


def _shown_as(trip: Trip) -> str:
    """The state it is counted under: a self-driven trip waits for no driver."""
    return "accepted" if trip.status == "assigned" and not trip.needs_driver else trip.status


def _inspected(session: Session, person: Person, trip: Trip | None) -> dict[str, Any]:
    """Offers for the chosen trip: rows with reasons, best first, and why the rest will not do."""
    if trip is None or not trip.can("assign", person):
        return {"cars_offered": [], "drivers_offered": [], "why_not": [], "why_no_driver": [], "more_cars": []}
    found = assigning.suggest(session, person, now(), trip)
    cars = [Offer(session.get(Vehicle, each.id), each.reasons, n == 0) for n, each in enumerate(found.cars.candidates)]
    drivers = found.drivers.candidates if found.drivers else ()
    return {
        "cars_offered": cars[:MOST_OFFERED],
        "more_cars": cars[MOST_OFFERED:],
        "drivers_offered": [
            Offer(session.get(Driver, each.id), each.reasons, n == 0) for n, each in enumerate(drivers)
        ],
        "why_not": found.cars.tally(),
        "why_no_driver": found.drivers.tally() if found.drivers else [],
    }


def _day(trip: Trip | None) -> date:
    """The day asked for; else the chosen trip's; else today."""
    usual = local(trip.starts_at).date() if trip else today(now())
    try:
        day = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return usual
    return day if 1991 <= day.year <= 2190 else usual


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 18 else None
