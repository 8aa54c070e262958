"""Fleet, described: cars, drivers, trips and charging posts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.service import Chore, Service, SnapshotFact
from common.web.feeds import FeedKind, feeds_blueprint
from common.words import Words
from fleet import calendar, demo, driving, escalation, holding, journal, moving, on_roster, upkeep
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
    recent = select(Trip).where(Trip.ends_at > datetime.now(UTC) - TOLD_FOR).order_by(Trip.id)
    return [journal.present_state(session, trip) for trip in session.scalars(recent)]


SERVICE = Service(
    name="fleet",
    title=Words("公務車", "City cars"),
    metadata=Base.metadata,
    migrations="fleet/migrations",
    facts=FACTS,
    listeners=listeners,
    blueprints=(api, pages, feeds_blueprint(FEEDS)),
    chores=(
        Chore("remind drivers", 60, driving.remind),
        Chore("let promises lapse", 60, holding.lapse),
        Chore("promise what came free", 60, holding.promise_waiting),
        Chore("ask silent drivers again", 30, escalation.escalate),
        Chore("tell what is due", 600, upkeep.tell_due),
        Chore("take drivers off the roster", 600, on_roster.turn_days),
        Chore("settle flagged trips", 5, moving.settle),
    ),
    snapshot=snapshot,
    demo=demo.load,
)
