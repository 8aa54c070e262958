"""Drivers leave the roster and come back to it (V-37): from a day on, with the reason; their later trips wait for dispatch again.

`Driver.off_from` is the first day off. Until it comes the driver drives; no trip that touches it or a later day is given.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import taipei, today
from common.words import Words
from fleet import holding
from fleet.assigning import give_up_car
from fleet.journal import happened
from fleet.messages import TripReleased
from fleet.models import Driver, Trip
from fleet.trips import find
from fleet.upkeep import KEEPERS

GIVEN = ("assigned", "assigned_one_way", "accepted")
"""A trip given to a driver who has not left with it."""


def trips_after(session: Session, driver: Driver, now: datetime, day: date | None) -> list[Trip]:
    """The driver's trips not under way that touch `day` or a later one (None: all of them), by departure."""
    given = select(Trip).where(Trip.driver_id == driver.id, Trip.status.in_(GIVEN)).order_by(Trip.starts_at)
    found = list(session.scalars(given))
    if day is None or day <= today(now):
        return found
    begins = taipei(day, "00:00")
    return [trip for trip in found if trip.car_period.ends_at > begins]


def take_off(
    session: Session,
    person: Person,
    now: datetime,
    driver_id: int,
    *,
    from_day: date,
    reason: str,
    rev: int | None = None,
) -> list[Trip]:
    """Take a driver off the roster from `from_day` on, today at the earliest. Returns the trips that wait for dispatch again.

    A trip under way is driven to its end. Raises Invalid, Conflict when the driver is off already, Forbidden, NotFound, Stale.
    """
    if not person.has(*KEEPERS):
        raise Forbidden
    driver = find(session, Driver, driver_id)
    holding.alone(session)
    driver.expect(rev)
    if from_day < today(now):
        raise Invalid(Words("只能選今天或以後的日子", "Today or a later day only"), field="from_day")
    if not driver.employed:
        raise Conflict(Words("這位駕駛已不在名冊上。", "This driver is off the roster already."), field="from_day")
    before = {"off_from": str(driver.off_from) if driver.off_from else None}
    driver.off_from, driver.off_reason, driver.employed = from_day, reason, from_day > today(now)
    session.flush()
    after = {"off_from": str(from_day)}
    audit.record(
        session, person, "driver.off_roster", f"driver/{driver.id}", now, before=before, after=after, reason=reason
    )
    return _release(session, person, driver, now, from_day, f"駕駛離開名冊：{reason}")


def put_back(session: Session, person: Person, now: datetime, driver_id: int, *, rev: int | None = None) -> Driver:
    """The driver drives again, from now on; also calls off a leaving still to come. Trips given to others stay theirs.

    Raises Conflict when the driver is on the roster, or no longer has the driver's role; Forbidden, NotFound, Stale.
    """
    if not person.has(*KEEPERS):
        raise Forbidden
    driver = find(session, Driver, driver_id)
    driver.expect(rev)
    if driver.employed and driver.off_from is None:
        raise Conflict(Words("這位駕駛在名冊上。", "This driver is on the roster."))
    if driver.person is None or not driver.person.has("driver"):
        zh = "這個人已沒有駕駛權限，請先由系統管理恢復。"
        raise Conflict(Words(zh, "This person no longer has the driver’s role; an administrator gives it back first."))
    before = {"off_from": str(driver.off_from) if driver.off_from else None, "reason": driver.off_reason}
    driver.employed, driver.off_from, driver.off_reason = True, None, None
    session.flush()
    audit.record(session, person, "driver.back_on_roster", f"driver/{driver.id}", now, before=before)
    return driver


def has_left(session: Session, driver: Driver, now: datetime, reason: str) -> list[Trip]:
    """The driver left the house, as another service told: off the roster at once. Returns the trips that wait again."""
    driver.employed, driver.off_from, driver.off_reason = False, today(now), reason
    return _release(session, None, driver, now, None, reason)


def turn_days(session: Session, now: datetime) -> int:
    """Take those off whose day has come. Returns how many."""
    due = select(Driver).where(Driver.employed, Driver.off_from <= today(now))
    found = list(session.scalars(due))
    for driver in found:
        driver.employed = False
        _release(session, None, driver, now, None, f"駕駛離開名冊：{driver.off_reason or ''}")
    return len(found)


def _release(
    session: Session, person: Person | None, driver: Driver, now: datetime, day: date | None, reason: str
) -> list[Trip]:
    released = trips_after(session, driver, now, day)
    for trip in released:
        give_up_car(session, trip, now)
        trip.changed_at = now
        happened(session, trip, "released", TripReleased, person, now, note=reason, previous_driver_id=driver.person_id)
    return released
