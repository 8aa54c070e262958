"""A driver who does not accept in time: dispatch sees it, and messenger tries the next way (V-12; all figures are data)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet import rules
from fleet.journal import happened
from fleet.messages import TripEscalated
from fleet.models import Nudge, Trip

WAITING = ("assigned", "assigned_one_way")


def escalate(session: Session, now: datetime) -> int:
    """Tell the house of every job that has waited `dispatch.accept_minutes` for its driver, and again each such while.

    The wait begins with the assignment, for a far departure `dispatch.accept_within_hours` before it. It ends when
    the driver accepts or declines, the trip starts, or `dispatch.accept_tries` are used up. Returns how many.
    """
    rule = rules.in_force(session, now)
    minutes, tries = rule["dispatch.accept_minutes"], rule["dispatch.accept_tries"]
    within = timedelta(hours=rule["dispatch.accept_within_hours"])
    waiting = select(Trip).where(
        Trip.status.in_(WAITING), Trip.needs_driver, Trip.starts_at > now, Trip.starts_at <= now + within,
        Trip.assigned_at <= now - timedelta(minutes=minutes),
    )  # fmt: skip
    count = 0
    for trip in session.scalars(waiting.order_by(Trip.starts_at)).all():
        if trip.assigned_at is None or trip.driver is None:
            continue
        nudge = _nudge(session, trip, now)
        began = max(trip.assigned_at, trip.starts_at - within)
        due = (nudge.last_at if nudge.times else began) + timedelta(minutes=minutes)
        if nudge.times >= tries or now < due:
            continue
        nudge.times, nudge.last_at = nudge.times + 1, now
        waited = int((now - began).total_seconds()) // 60
        happened(
            session, trip, "escalated", TripEscalated, None, now,
            note=f"{waited} 分鐘未接單", told=False, minutes=waited, times=nudge.times, assigned_at=trip.assigned_at,
        )  # fmt: skip
        count += 1
    return count


def nudged(session: Session, trip: Trip) -> int:
    """How often the present driver was asked again for the present assignment."""
    row = session.scalars(select(Nudge).where(Nudge.trip_id == trip.id)).one_or_none()
    return row.times if row and row.assigned_at == trip.assigned_at and trip.status in WAITING else 0


def _nudge(session: Session, trip: Trip, now: datetime) -> Nudge:
    row = session.scalars(select(Nudge).where(Nudge.trip_id == trip.id)).one_or_none()
    if row is None:
        row = Nudge(trip_id=trip.id, assigned_at=trip.assigned_at, times=0, last_at=now)
        session.add(row)
    elif row.assigned_at != trip.assigned_at:
        row.assigned_at, row.times, row.last_at = trip.assigned_at or now, 0, now
    return row
