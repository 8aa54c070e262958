"""Trips as calendar entries: a driver's jobs, an agency's trips, one car. What the subscriber may not see stays out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from common.calendar import Entry, uid_of
from common.identity import Feed, Person
from common.words import Words
from fleet.models import Driver, Trip, Vehicle
from fleet.terms import PURPOSES

BACK, AHEAD = timedelta(days=30), timedelta(days=180)
WITH_A_CAR = ("assigned", "assigned_one_way", "accepted", "under_way", "finished", "signed_off", "cancelled")
VEHICLE_READERS = ("dispatcher", "admin", "auditor", "driver", "supervisor", "officer")
BUSY = Words("已排用", "In use")


def entry_of(trip: Trip, lang: str, *, veiled: bool = False, driven: bool = False, url: str = "") -> Entry:
    """The trip in a calendar; `veiled` tells only that the car is in use. `driven`: the time of car and driver, which may
    be one way or longer for those who ride along (V-20, V-31); else the approved time."""
    vehicle = trip.carried_by.vehicle
    car = vehicle.label if vehicle else ""
    period = trip.car_period if driven or veiled else trip.period
    if veiled:
        return Entry(
            uid=uid_of("fleet", f"trip/{trip.id}"), sequence=trip.rev, changed_at=trip.changed_at,
            starts_at=period.starts_at, ends_at=period.ends_at,
            summary=f"{car} {BUSY.in_(lang)}", cancelled=trip.status == "cancelled", cancelled_mark=_mark(lang),
        )  # fmt: skip
    state = trip.status_words.in_(lang)
    riders = (
        Words("同車：{n} 人", "Sharing: {n} people").fill(n=trip.aboard).in_(lang) if driven and trip.riders else ""
    )
    lines = [
        trip.number,
        riders,
        f"{trip.origin} → {trip.destination}",
        PURPOSES[trip.purpose_code].in_(lang),
        car,
        state,
    ]
    return Entry(
        uid=uid_of("fleet", f"trip/{trip.id}"),
        sequence=trip.rev,
        changed_at=trip.changed_at,
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        summary=f"{trip.destination}（{car or state}）" if lang != "en" else f"{trip.destination} ({car or state})",
        location=trip.origin,
        description="\n".join(line for line in lines if line),
        url=url,
        cancelled=trip.status == "cancelled",
        category=Words("公務車", "City car").in_(lang),
        alarm_minutes=30 if trip.holds_car else None,
        cancelled_mark=_mark(lang),
    )


def _mark(lang: str) -> str:
    return Words("【已取消】", "[Cancelled] ").in_(lang)


# --- my driving jobs --------------------------------------------------------------------------------------------


def jobs_name(session: Session, feed: Feed, person: Person) -> str:
    return Words("我的派車任務", "My driving jobs").in_(person.lang)


def jobs_version(session: Session, feed: Feed, person: Person) -> tuple[Any, ...]:
    return _version(session, _driven_by(person))


def jobs_entries(session: Session, feed: Feed, person: Person, now: datetime) -> Iterable[Entry]:
    return [
        entry_of(trip, person.lang, driven=True)
        for trip in _within(session, now, _driven_by(person), Trip.status.in_(WITH_A_CAR))
    ]


def _driven_by(person: Person) -> ColumnElement[bool]:
    return Trip.driver_id.in_(select(Driver.id).where(Driver.person_id == person.id))


# --- trips of my agency -----------------------------------------------------------------------------------------


def trips_name(session: Session, feed: Feed, person: Person) -> str:
    return Words("機關用車", "Trips of my agency").in_(person.lang)


def trips_version(session: Session, feed: Feed, person: Person) -> tuple[Any, ...]:
    return _version(session, Trip.visible_to(person))


def trips_entries(session: Session, feed: Feed, person: Person, now: datetime) -> Iterable[Entry]:
    kept = Trip.status.not_in(("returned", "fully_booked"))
    return [entry_of(trip, person.lang) for trip in _within(session, now, Trip.visible_to(person), kept)]


# --- one vehicle ------------------------------------------------------------------------------------------------


def vehicle_name(session: Session, feed: Feed, person: Person) -> str:
    vehicle = _vehicle(session, feed)
    return Words("公務車 {plate}", "City car {plate}").fill(plate=vehicle.plate if vehicle else "").in_(person.lang)


def vehicle_version(session: Session, feed: Feed, person: Person) -> tuple[Any, ...]:
    return _version(session, Trip.vehicle_id == int(feed.ref))


def vehicle_entries(session: Session, feed: Feed, person: Person, now: datetime) -> Iterable[Entry]:
    """Whole entries of the trips this person may see; of others only that the car is in use."""
    found = _within(session, now, Trip.vehicle_id == int(feed.ref), Trip.status.in_(WITH_A_CAR))
    return [entry_of(trip, person.lang, veiled=not trip.can_see(person), driven=True) for trip in found]


def vehicle_may(session: Session, feed: Feed, person: Person) -> bool:
    """Dispatch, drivers and audit every car; officers and supervisors those their agency owns."""
    vehicle = _vehicle(session, feed)
    if vehicle is None or not person.has(*VEHICLE_READERS):
        return False
    return person.has("dispatcher", "admin", "auditor", "driver") or vehicle.owner_agency_id == person.agency_id


def _vehicle(session: Session, feed: Feed) -> Vehicle | None:
    return session.get(Vehicle, int(feed.ref)) if feed.ref.isdecimal() and len(feed.ref) <= 18 else None


def _version(session: Session, *which: ColumnElement[bool]) -> tuple[Any, ...]:
    """How many, the latest change, the sum of revisions: another number whenever an entry is another."""
    row = session.execute(
        select(func.count(), func.max(Trip.changed_at), func.coalesce(func.sum(Trip.rev), 0)).where(*which)
    ).one()
    return tuple(row)


def _within(session: Session, now: datetime, *which: ColumnElement[bool]) -> list[Trip]:
    rows = select(Trip).where(*which, Trip.ends_at > now - BACK, Trip.starts_at < now + AHEAD)
    return list(
        session.scalars(
            rows.options(joinedload(Trip.vehicle), joinedload(Trip.driver)).order_by(Trip.starts_at, Trip.id)
        ).unique()
    )
