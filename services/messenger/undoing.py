"""What is told only later, and what is taken back before it was told: the seconds in which a move can be undone."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.inbox import Received
from services.messenger import deliveries
from services.messenger.models import Delivery


def tell(session: Session, fact: Received, now: datetime) -> list[Delivery]:
    """Rows for everyone who has to know of `fact`; what it undoes and nobody heard of yet is never told to anybody."""
    return deliveries.tell(session, fact, now, _take_back(session, fact, now))


def _take_back(session: Session, fact: Received, now: datetime) -> frozenset[tuple[int, str]]:
    """Drops what waits of the fact that `fact` undoes; returns who was spared it, by which way."""
    if not fact.body.get("undoes"):
        return frozenset()
    undone = select(Delivery).where(Delivery.fact_id == fact.body["undoes"], Delivery.state == "queued")
    spared = list(session.scalars(undone))
    for delivery in spared:
        delivery.error = "taken back before it was told"
        deliveries.become(session, delivery, "expired", now)
    return frozenset((delivery.person_id, delivery.channel) for delivery in spared)


def show_due(session: Session, now: datetime) -> int:
    """In-app messages whose time to be told has come appear in the inbox; returns how many. A chore."""
    waiting = select(Delivery).where(
        Delivery.channel == "inbox", Delivery.state == "queued", Delivery.next_try_at <= now
    )
    found = list(session.scalars(waiting))
    for delivery in found:
        delivery.sent_at = now
        deliveries.become(session, delivery, "sent", now)
    return len(found)
