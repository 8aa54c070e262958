"""Fleet, described: cars, drivers, trips and charging posts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.service import Chore, Service, SnapshotFact
from common.web.feeds import FeedKind, feeds_blueprint
from common.words import Words
from fleet import calendar, demo, driving, journal
from fleet.api import api
from fleet.listeners import listeners
from fleet.messages import FACTS
from fleet.models import Base, Trip
from fleet.pages import pages

TOLD_FOR = timedelta(days=30)

FEEDS = {
    "driver": FeedKind(
        calendar.jobs_name,
        calendar.jobs_version,
        calendar.jobs_entries,
        lambda session, feed, person: person.has("driver"),
    ),
    "trips": FeedKind(calendar.trips_name, calendar.trips_version, calendar.trips_entries),
    "vehicle": FeedKind(
        calendar.vehicle_name, calendar.vehicle_version, calendar.vehicle_entries, calendar.vehicle_may
    ),
}


def snapshot(session: Session) -> Sequence[SnapshotFact]:
    """Every trip of the last thirty days and all coming ones, as the fact of its present state."""
    recent = select(Trip).where(Trip.ends_at > datetime.now(UTC) - TOLD_FOR, Trip.status != "merged").order_by(Trip.id)
    return [journal.present_state(session, trip) for trip in session.scalars(recent)]


SERVICE = Service(
    name="fleet",
    title=Words("公務車", "City cars"),
    metadata=Base.metadata,
    migrations="fleet/migrations",
    facts=FACTS,
    listeners=listeners,
    blueprints=(api, pages, feeds_blueprint(FEEDS)),
    chores=(Chore("remind drivers", 60, driving.remind),),
    snapshot=snapshot,
    demo=demo.load,
)
