"""Drivers' leave: while it lasts the ledger holds the driver, so nobody can be assigned then (V-50)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period
from common.reservations import Taken
from common.words import Words
from fleet.models import Driver, DriverLeave, Trip
from fleet.plans.dispatch import clock_range
from fleet.trips import find

LONGEST = timedelta(days=366)


class Busy(Conflict):
    """The driver has something else at that time."""


def enter(
    session: Session,
    person: Person,
    now: datetime,
    *,
    driver_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason_code: str,
    note: str | None = None,
) -> DriverLeave:
    """Take a driver off the board for a time. Trips then have to be given to others first. Raises Invalid, Busy, Forbidden."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    driver, period = find(session, Driver, driver_id), Period(starts_at, ends_at)
    if period.ends_at <= now:
        raise Invalid(Words("這段時間已經過了", "That time has passed"), field="ends_at")
    if period.duration > LONGEST:
        raise Invalid(Words("一筆最長一年", "A year at most"), field="ends_at")
    leave = DriverLeave(
        driver=driver, starts_at=period.starts_at, ends_at=period.ends_at, reason_code=reason_code, note=note,
        entered_by_id=person.id, changed_at=now,
    )  # fmt: skip
    session.add(leave)
    session.flush()
    try:
        reservations.claim(session, leave.holder, [(driver.resource, period)], now=now)
    except Taken as taken:
        raise Busy(_told(session, taken, driver, period), field="driver_id") from taken
    audit.record(
        session, person, "leave.entered", f"driver_leave/{leave.id}", now,
        after={"driver_id": driver.id, "starts_at": period.starts_at.isoformat(), "ends_at": period.ends_at.isoformat()},
        reason=reason_code,
    )  # fmt: skip
    return leave


def cancel(session: Session, person: Person, now: datetime, leave_id: int, *, rev: int | None = None) -> DriverLeave:
    """The driver is back, or never went: what is left of the leave is free from now on. Raises NotFound, Forbidden, Stale."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    leave = find(session, DriverLeave, leave_id)
    leave.expect(rev)
    if leave.state != "booked":
        raise NotFound
    if leave.ends_at <= now:
        raise Busy(Words("這段請假已經結束。", "This leave is over."))
    leave.state, leave.changed_at = "cancelled", now
    reservations.release(session, leave.holder, from_=now)
    session.flush()
    audit.record(session, person, "leave.cancelled", f"driver_leave/{leave.id}", now, before={"state": "booked"})
    return leave


def within(session: Session, period: Period) -> list[DriverLeave]:
    """The leave that touches `period`, by start."""
    rows = select(DriverLeave).where(
        DriverLeave.state == "booked", DriverLeave.starts_at < period.ends_at, DriverLeave.ends_at > period.starts_at
    )
    return list(session.scalars(rows.order_by(DriverLeave.starts_at)))


def _told(session: Session, taken: Taken, driver: Driver, period: Period) -> Words:
    """What the driver has then, in words."""
    said = []
    for _resource, when, holder in taken.by[:3]:
        kind, _, number = holder.partition(":")
        trip = session.get(Trip, int(number)) if kind == "trip" and number.isdecimal() else None
        what = Words.same(trip.number) if trip else Words("請假", "leave")
        said.append(Words("{time} {what}", "{time} {what}").fill(time=clock_range(when, period), what=what))
    return Words("{who}這段時間有 {what}，請先改派。", "{who} has {what} then; give it to somebody else first.").fill(
        who=driver.name, what=Words("、".join(each.zh for each in said), ", ".join(each.en for each in said))
    )
