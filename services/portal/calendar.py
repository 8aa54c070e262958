"""The portal's own calendar feed, "my": every booking of one person, whichever service keeps it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.calendar import CANCELLED, Entry, uid_of
from common.identity import Feed, Person
from common.web.feeds import FeedKind
from common.words import Words
from services.portal import agenda
from services.portal.models import AgendaItem

BACK, AHEAD = timedelta(days=30), timedelta(days=180)
CATEGORIES = {"fleet": Words("用車", "Cars"), "venues": Words("場地", "Venues"), "dorms": Words("宿舍", "Quarters")}


def name(session: Session, feed: Feed, person: Person) -> str:
    return Words("市鑰：我的預約", "Citykeys: my bookings").in_(person.lang)


def version(session: Session, feed: Feed, person: Person) -> tuple[Any, ...]:
    rows = select(func.count(), func.max(AgendaItem.changed_at), func.coalesce(func.sum(AgendaItem.sequence), 0))
    return tuple(session.execute(rows.where(AgendaItem.person_id == person.id)).one())


def entries(session: Session, feed: Feed, person: Person, now: datetime) -> Iterator[Entry]:
    """From thirty days back to half a year ahead; what was cancelled in the last thirty days is still told."""
    told: set[str] = set()
    for item in agenda.between(session, person.id, now - BACK, now + AHEAD):
        uid = uid_of(item.source, item.subject.removesuffix(agenda.AS_DRIVER))
        if uid in told or (item.cancelled and item.changed_at < now - BACK):
            continue
        told.add(uid)
        yield Entry(
            uid=uid,
            sequence=item.sequence,
            changed_at=item.changed_at,
            starts_at=item.starts_at,
            ends_at=item.ends_at,
            summary=item.words.in_(person.lang),
            location=item.place_words.in_(person.lang),
            description=agenda.state_of(item)[0].in_(person.lang),
            cancelled=item.cancelled,
            category=CATEGORIES.get(item.source, Words.same(item.source)).in_(person.lang),
            cancelled_mark=CANCELLED.in_(person.lang),
        )


FEED_KINDS = {"my": FeedKind(name=name, version=version, entries=entries)}
