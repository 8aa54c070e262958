"""Late cancellations and no-shows, counted per agency; at the number the rule names its supervisors are told (V-45)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from common import reservations
from common.errors import Conflict
from common.identity import Agency, Person, with_role
from common.messages import post
from common.words import Words
from fleet import riders, rules
from fleet.holding import alone
from fleet.journal import happened
from fleet.messages import AgencyNoticed, TripCancelled
from fleet.models import Trip


class TooEarly(Conflict):
    """Nobody can have failed to come before the time they were to come."""

    words = Words("還沒到出發時間，不能登記使用人未到。", "It is not time to leave yet; nobody can be a no-show.")


class Tally(NamedTuple):
    """One agency's late cancellations and no-shows within the period, the latest first."""

    agency: Agency
    trips: list[Trip]

    @property
    def no_shows(self) -> int:
        return sum(trip.no_show for trip in self.trips)


def no_show(session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None) -> Trip:
    """Dispatch notes that the car came and nobody did: the trip is over, car and driver are free from now on (V-45).

    Raises TooEarly before departure, Forbidden, WrongState, Stale.
    """
    trip.require("no_show", person)
    trip.expect(rev)
    if now < trip.car_period.starts_at:
        raise TooEarly
    alone(session)
    before = trip.status
    reservations.release(session, trip.holder, from_=now)
    trip.cancel(None, late=False, now=now)
    trip.no_show, trip.changed_at = True, now
    happened(
        session, trip, "no_show", TripCancelled, person, now, note="使用人未到", audited_from=before, late=False,
        by_id=person.id, no_show=True,
    )  # fmt: skip
    riders.set_down(session, person, now, trip, "使用人未到")
    count(session, trip, now)
    return trip


def count(session: Session, trip: Trip, now: datetime) -> int:
    """How many the agency of `trip` has within the period, this one included; every n-th tells its supervisors."""
    rule = rules.in_force(session, now)
    session.flush()
    found = len(list(session.scalars(select(Trip.id).where(_within(rule, now), Trip.agency_id == trip.agency_id))))
    if found and found % rule["dispatch.notice_after"] == 0:
        heads = [str(each.id) for each in with_role(session, "supervisor", agency_id=trip.agency_id)]
        post(
            session, AgencyNoticed, subject=f"agency/{trip.agency_id}", now=now, agency_id=trip.agency_id,
            supervisor_ids=heads, count=found, days=rule["dispatch.notice_days"], number=trip.number,
        )  # fmt: skip
    return found


def tallies(session: Session, now: datetime) -> list[Tally]:
    """Every agency with any within the period, most first."""
    rows = select(Trip).where(_within(rules.in_force(session, now), now)).order_by(Trip.cancelled_at.desc(), Trip.id)
    by: dict[int, list[Trip]] = {}
    for trip in session.scalars(rows.options(joinedload(Trip.agency), joinedload(Trip.requester))).unique():
        by.setdefault(trip.agency_id, []).append(trip)
    found = [Tally(trips[0].agency, trips) for trips in by.values() if trips[0].agency is not None]
    return sorted(found, key=lambda tally: (-len(tally.trips), tally.agency.id))


def _within(rule: rules.Rules, now: datetime) -> ColumnElement[bool]:
    since = now - timedelta(days=rule["dispatch.notice_days"])
    return or_(Trip.late_cancel, Trip.no_show) & (Trip.cancelled_at > since)
