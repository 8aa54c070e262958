"""The door for calendar programs: what `dorms.calendar` holds, with whole addresses."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import current_app

from common.calendar import Entry
from common.web.feeds import FeedKind, feeds_blueprint
from dorms import calendar

Entries = Callable[[Any, Any, Any, datetime], Iterable[Entry]]


def _addressed(entries: Entries) -> Entries:
    """The same entries, their pages as addresses a calendar program can open."""

    def told(session: Any, feed: Any, person: Any, now: datetime) -> Iterable[Entry]:
        base = f"{current_app.config['SETTINGS'].public_url}/dorms"
        for entry in entries(session, feed, person, now):
            yield replace(entry, url=base + entry.url) if entry.url else entry

    return told


FEEDS = {
    "dorm": FeedKind(calendar.my_name, calendar.my_version, _addressed(calendar.my_entries)),
    "dorms": FeedKind(calendar.all_name, calendar.all_version, _addressed(calendar.all_entries), calendar.all_may),
}

feeds = feeds_blueprint(FEEDS)
