"""What a dispatcher's day also holds: a driver on leave, a car given although it is taken for an hour."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Problem
from common.identity import Person
from common.period import Period, taipei, today
from fleet import leave, moving, pool
from fleet.models import Trip

DEMO_DRIVERS = ("driver", "driver2")


def load(session: Session, now: datetime) -> None:
    """Leave on the next workdays, and one flagged conflict; each only where the day allows it."""
    dispatcher = session.scalars(select(Person).where(Person.username == "dispatcher")).one()
    day = next(today(now) + timedelta(days=n) for n in range(1, 4) if (today(now) + timedelta(days=n)).weekday() < 5)
    _leave(session, dispatcher, now, day)
    _conflict(session, dispatcher, now)


def _leave(session: Session, dispatcher: Person, now: datetime, day: date) -> None:
    """The first two drivers who have nothing then."""
    reasons = iter(("annual", "training"))
    reason = next(reasons)
    for driver in pool.drivers(session):
        if driver.person and driver.person.username in DEMO_DRIVERS:
            continue
        try:
            with session.begin_nested():
                leave.enter(
                    session, dispatcher, now, driver_id=driver.id, starts_at=taipei(day, "08:00"), ends_at=taipei(day, "18:00"),
                    reason_code=reason,
                )  # fmt: skip
        except Problem:
            continue  # has a job then
        following = next(reasons, None)
        if following is None:
            return
        reason = following


def _conflict(session: Session, dispatcher: Person, now: datetime) -> None:
    """The first coming trip that overlaps a part of another's time, on a car that seats both, gets that car all the same."""
    given = select(Trip).where(Trip.status.in_(("assigned", "accepted")), Trip.needs_driver, Trip.starts_at > now)
    coming = list(session.scalars(given.order_by(Trip.starts_at, Trip.id)))
    for trip in coming:
        for other in coming:
            if not _partly(trip.period, other.period) or other.vehicle is None or other.vehicle is trip.vehicle:
                continue
            if trip.driver and trip.driver.person and trip.driver.person.username in DEMO_DRIVERS:
                continue
            try:
                with session.begin_nested():
                    moving.place(session, dispatcher, now, trip, vehicle_id=other.vehicle.id, anyway=True)
            except Problem:
                continue  # too small a car, or too little charge
            return


def _partly(one: Period, other: Period) -> bool:
    """Whether they overlap, and a part of `one` is left."""
    return one.overlaps(other) and not other.encloses(one)
