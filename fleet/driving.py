"""The driver's side: accept, decline, start with the odometer, finish. A car back early is free for the rest of its time.

`at` is when it truly happened, for what a phone tells later than it was tapped (fleet.acts); else it happens `now`.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from common.errors import Invalid
from common.identity import Person
from common.period import local
from common.words import Words
from fleet import riders, rules
from fleet.assigning import give_up_car
from fleet.journal import happened
from fleet.messages import TripAccepted, TripDeclined, TripFinished, TripReminded, TripStarted
from fleet.models import Trip
from fleet.terms import DECLINE_REASONS

LOWER = Words("里程比出車時少，請再看一次。", "That is lower than at start. Check again.")
MOST_KM_A_DAY = 1500
LATE = timedelta(minutes=2)


def accept(
    session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None, at: datetime | None = None
) -> Trip:
    """The driver takes the job. Raises Forbidden, WrongState, Stale."""
    trip.require("accept", person)
    trip.expect(rev)
    trip.accept(at or now)
    trip.changed_at = now
    happened(session, trip, "accepted", TripAccepted, person, now, note=_told_later(now, at), told=False, at=at)
    return trip


def decline(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    reason_code: str,
    note: str | None = None,
    rev: int | None = None,
    at: datetime | None = None,
) -> Trip:
    """The driver cannot go: car and driver are released, the trip waits for dispatch. `other` needs a note."""
    trip.require("decline", person)
    trip.expect(rev)
    if reason_code == "other" and not note:
        raise Invalid(Words("請寫明原因", "Say why"), field="note")
    reason = DECLINE_REASONS[reason_code].zh + (f"：{note}" if note else "")
    give_up_car(session, trip, now)
    trip.changed_at = now
    happened(session, trip, "declined", TripDeclined, person, now, note=reason, previous_driver_id=person.id, at=at)
    return trip


def start(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    odometer_out: int,
    rev: int | None = None,
    at: datetime | None = None,
) -> Trip:
    """The car leaves with `odometer_out` km, not below its last known reading. Raises Invalid, Forbidden, WrongState, Stale."""
    trip.require("start", person)
    trip.expect(rev)
    _check_out(trip, odometer_out)
    before = trip.status
    trip.start(odometer_out, at or now)
    if trip.vehicle:
        trip.vehicle.read_odometer(odometer_out)
    trip.changed_at = now
    happened(
        session, trip, "started", TripStarted, person, now,
        note=_joined(f"{odometer_out:,} km", _told_later(now, at)), told=False, audited_from=_by_desk(trip, person, before),
        at=at, odometer_out=odometer_out,
    )  # fmt: skip
    return trip


def finish(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    odometer_in: int,
    odometer_out: int | None = None,
    charge_percent: int | None = None,
    note: str | None = None,
    rev: int | None = None,
    at: datetime | None = None,
) -> Trip:
    """The car is back with `odometer_in` km; what is left of its reserved time is free from then on.

    `odometer_out` corrects the reading given at the start. Raises Invalid on a reading that runs back.
    """
    trip.require("finish", person)
    trip.expect(rev)
    back = at or now
    out = trip.odometer_out if odometer_out is None else odometer_out
    if out is None:
        raise Invalid(Words("請填寫出車里程", "Enter the odometer at start"), field="odometer_out")
    if (
        odometer_out is not None
        and odometer_out != trip.odometer_out
        and not trip.recorded_late
        and trip.odometer_out is None
    ):
        _check_out(trip, odometer_out)
    if odometer_in < out:
        raise Invalid(LOWER, field="odometer_in")
    days = 1 + max(timedelta(), (back - (trip.started_at or trip.starts_at))).days
    if odometer_in - out > MOST_KM_A_DAY * days:
        raise Invalid(
            Words("本趟 {km} 公里太多，請再看一次里程。", "{km} km is too much for one trip. Check the odometer.").fill(
                km=f"{odometer_in - out:,}"
            ),
            field="odometer_in",
        )
    before = trip.status
    trip.finish(out, odometer_in, back)
    if trip.vehicle:
        trip.vehicle.read_odometer(odometer_in)
        if charge_percent is not None and trip.vehicle.electric:
            trip.vehicle.read_charge(charge_percent, "driver", back)
    reservations.release(session, trip.holder, from_=back)
    trip.changed_at = now
    readings = _joined(f"{out:,}–{odometer_in:,} km", note, _told_later(now, at))
    happened(
        session, trip, "finished", TripFinished, person, now, note=readings, told=False, audited_from=_by_desk(trip, person, before),
        at=at, odometer_out=out, odometer_in=odometer_in, finished_at=back,
    )  # fmt: skip
    riders.finish(session, trip, now, back)
    return trip


def jobs(session: Session, person: Person, now: datetime) -> list[Trip]:
    """The person's jobs that are not over: one under way first, then by departure."""
    mine = Trip.visible_to(person)
    open_ = (
        select(Trip)
        .where(mine, Trip.status.in_(("assigned", "assigned_one_way", "accepted", "under_way")))
        .order_by(Trip.starts_at)
    )
    found = [trip for trip in session.scalars(open_) if trip.driver and trip.driver.person_id == person.id]
    return sorted(found, key=lambda trip: (trip.status != "under_way", trip.starts_at))


def remind(session: Session, now: datetime) -> int:
    """Remind, once, drivers who have not accepted a job that leaves soon (V-45). Returns how many."""
    soon = now + timedelta(hours=rules.in_force(session, now)["dispatch.remind_hours"])
    waiting = select(Trip).where(
        Trip.status == "assigned",
        Trip.needs_driver,
        Trip.reminded_at.is_(None),
        Trip.starts_at > now,
        Trip.starts_at <= soon,
    )
    found = list(session.scalars(waiting))
    for trip in found:
        trip.reminded_at = now
        happened(session, trip, "reminded", TripReminded, None, now)
    return len(found)


def ask_why_far(session: Session, trip: Trip, now: datetime, odometer_in: int, note: str | None) -> None:
    """On the phone a trip far over its estimate needs a reason (V-21). Raises Invalid where there is none."""
    if note or trip.odometer_out is None:
        return
    limit = rules.in_force(session, now)["dispatch.over_estimate_km"]
    over = odometer_in - trip.odometer_out - trip.distance_km
    if limit < over <= MOST_KM_A_DAY:
        words = Words(
            "比預估多 {km} 公里，請補充原因（繞路、加點）。",
            "{km} km over the estimate. Add a reason (detour, extra stop).",
        )
        raise Invalid(words.fill(km=f"{over:,}"), field="note")


def over_estimate(session: Session, trip: Trip, now: datetime) -> int | None:
    """Kilometres beyond the estimate, where they pass the limit that asks for a reason; else None."""
    driven = trip.distance_driven
    over = driven - trip.distance_km if driven is not None else 0
    return over if over > rules.in_force(session, now)["dispatch.over_estimate_km"] else None


def _check_out(trip: Trip, odometer_out: int) -> None:
    known = trip.vehicle.odometer_km if trip.vehicle else 0
    if odometer_out < known:
        words = Words(
            "里程比上次紀錄的 {km} 公里少，請再看一次。", "Lower than the last reading, {km} km. Check again."
        )
        raise Invalid(words.fill(km=f"{known:,}"), field="odometer_out")


def _told_later(now: datetime, at: datetime | None) -> str | None:
    """「離線登錄，10:24 收到」 where it arrived minutes after it happened."""
    if at is None or now - at < LATE:
        return None
    return f"離線登錄，{local(now):%m/%d %H:%M} 收到"


def _joined(*parts: str | None) -> str:
    return "；".join(part for part in parts if part)


def _by_desk(trip: Trip, person: Person, before: str) -> str | None:
    """The state before, where somebody other than the driver enters it: that goes into the audit log."""
    driver_id = trip.driver.person_id if trip.driver else trip.requester_id
    return None if driver_id == person.id else before
