"""Messenger, described: it listens to the other services and carries words to people."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.service import Chore, Service, SnapshotFact
from common.words import Words
from services.messenger import deliveries, sender, undoing
from services.messenger.api import api
from services.messenger.listeners import listeners
from services.messenger.messages import FACTS, DeliveryChanged
from services.messenger.models import Base, Delivery
from services.messenger.pages import pages

TOLD_FOR = timedelta(days=30)


def snapshot(session: Session) -> Sequence[SnapshotFact]:
    """How far every message of the last thirty days is."""
    recent = select(Delivery).where(Delivery.created_at > datetime.now(UTC) - TOLD_FOR).order_by(Delivery.id)
    return [(DeliveryChanged, row.subject, deliveries.body_of(row)) for row in session.scalars(recent)]


SERVICE = Service(
    name="messenger",
    title=Words("訊息", "Messages"),
    metadata=Base.metadata,
    migrations="services/messenger/migrations",
    facts=FACTS,
    listeners=listeners,
    blueprints=(pages, api),
    chores=(
        Chore("send mails", 1, sender.send_due, outside=True),
        Chore("send pushes", 1, sender.send_pushes, outside=True),
        Chore("send LINE messages", 1, sender.send_line, outside=True),
        Chore("show what may be told now", 1, undoing.show_due),
        Chore("queue again what got stuck", 60, deliveries.recover),
        Chore("tell what was held", 5, deliveries.tell_held),
    ),
    snapshot=snapshot,
)
