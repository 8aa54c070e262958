"""Who could share a car, asked of the day's trips: reads rows, `sharing` decides (V-20)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from common.identity import Person
from common.period import Period, local
from common.words import Words
from fleet import rules
from fleet.models import Place, Trip
from fleet.plans import sharing

OPEN = ("approved", "assigned", "accepted")


def of_day(session: Session, now: datetime, day: date) -> list[tuple[sharing.Proposal, Trip, Trip]]:
    """The pairs that save the most together on `day`: proposal, keeper, who would ride along. Past departures are left out."""
    found = [trip for trip in _trips(session, Period.of_day(day)) if trip.starts_at > now and not trip.leg]
    made = sharing.proposals(rides(session, found), rules.in_force(session, now).sharing)
    by = {trip.id: trip for trip in found}
    return [(each, by[each.keeper_id], by[each.joiner_id]) for each in made]


def for_request(session: Session, now: datetime, person: Person, asked: Trip) -> list[tuple[sharing.Proposal, Trip]]:
    """Trips a request that is not sent yet could share a car with, best first. Tell agency, time and place of them, no more."""
    found = [
        trip
        for trip in _trips(session, Period.of_day(local(asked.starts_at).date()))
        if trip.starts_at > now and trip.may_share
    ]
    (own,) = rides(session, [asked])
    by = {trip.id: trip for trip in found}
    own = replace(own, id=0, may_share=True)
    pairs = sharing.partners(own, rides(session, found), rules.in_force(session, now).sharing)
    return [(each, by[next(number for number in each.ids if number)]) for each in pairs]


def _trips(session: Session, period: Period) -> list[Trip]:
    rows = select(Trip).where(Trip.status.in_(OPEN), Trip.starts_at < period.ends_at, Trip.ends_at > period.starts_at)
    loaded = rows.options(joinedload(Trip.agency), joinedload(Trip.vehicle)).order_by(Trip.starts_at, Trip.id)
    return [trip for trip in session.scalars(loaded).unique() if not trip.riders]


def rides(session: Session, trips: Sequence[Trip]) -> list[sharing.Ride]:
    """The trips as sharing reads them; a destination lies where the farthest known place named in it lies."""
    places = session.scalars(select(Place).order_by(Place.km.desc())).all()
    out = []
    for trip in trips:
        place = next(
            (each for each in places if each.name in trip.destination or each.name_en in trip.destination), None
        )
        spot = None
        if place is not None and place.latitude is not None and place.longitude is not None:
            spot = sharing.Spot(place.latitude, place.longitude)
        out.append(
            sharing.Ride(
                id=trip.id or 0, period=trip.period, origin=trip.origin, destination=place.name if place else trip.destination,
                km=trip.distance_km // (2 if trip.round_trip else 1), passengers=trip.passengers, may_share=trip.may_share,
                needs_driver=trip.needs_driver, round_trip=trip.round_trip, seats=trip.vehicle.seats if trip.vehicle else None,
                agency=Words(trip.agency.name, trip.agency.name_en or trip.agency.name) if trip.agency else Words("", ""),
                spot=spot,
            )
        )  # fmt: skip
    return out
