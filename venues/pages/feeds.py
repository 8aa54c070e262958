"""The door for calendar programs: what `venues.calendar` holds, with whole addresses."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import current_app

from common.calendar import Entry
from common.web.feeds import FeedKind, feeds_blueprint
from venues import calendar
from venues.models import OWN_BODY, SEES_ALL

Entries = Callable[[Any, Any, Any, datetime], Iterable[Entry]]


def _addressed(entries: Entries) -> Entries:
    """The same entries, their pages as addresses a calendar program can open."""

    def told(session: Any, feed: Any, person: Any, now: datetime) -> Iterable[Entry]:
        base = f"{current_app.config['SETTINGS'].public_url}/venues"
        for entry in entries(session, feed, person, now):
            yield replace(entry, url=base + entry.url) if entry.url else entry

    return told


FEEDS = {
    "venue": FeedKind(
        calendar.venue_name,
        calendar.venue_version,
        _addressed(calendar.venue_entries),
        lambda session, feed, person: calendar.venue_of(session, feed) is not None,
    ),
    "bookings": FeedKind(
        calendar.bookings_name,
        calendar.bookings_version,
        _addressed(calendar.bookings_entries),
        lambda session, feed, person: person.has(*OWN_BODY, *SEES_ALL),
    ),
}

feeds = feeds_blueprint(FEEDS)
