"""Calendar feeds over HTTP: `GET /feeds/<token>.ics` for programs that cannot sign in.

The random token in the address is the key; only its SHA-256 is kept. Whether the subscriber still has what they hold is
decided first (304), from a few numbers, before a single entry is built. The answer does not depend on `Accept`: Google
sends none. What a revoked, unknown or no longer permitted address answers is the same 404.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.http import is_resource_modified

from common.calendar import Entry, feed_bytes
from common.identity import Feed, Person
from common.period import taipei, today
from common.web.access import anyone
from common.web.pages import database

FORMAT = 1  # raise when `feed_bytes` writes the same entries differently
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class FeedKind:
    """One kind of feed ("my", "vehicle", …). Every function gets `(session, feed, person)`.

    `version` is a tuple that changes whenever an entry does: say (how many rows, their latest `changed_at`, the sum of
    their revisions). `entries` gets `now` too and chooses its own window, −30 to +180 days, with what was cancelled in
    the last 30 days still in it. `may` says whether the person may (still) read what `feed.ref` names.
    """

    name: Callable[[Session, Feed, Person], str]
    version: Callable[[Session, Feed, Person], tuple[Any, ...]]
    entries: Callable[[Session, Feed, Person, datetime], Iterable[Entry]]
    may: Callable[[Session, Feed, Person], bool] = lambda session, feed, person: True


def feeds_blueprint(kinds: Mapping[str, FeedKind]) -> Blueprint:
    """The door for a service's feeds, to be put among its blueprints."""
    feeds = Blueprint("feeds", __name__)

    def door(token: str) -> Response:
        with database().reading() as session:
            return _answer(session, kinds, token, g.now)

    door.access = anyone  # type: ignore[attr-defined] # the token is the key
    feeds.add_url_rule("/feeds/<token>.ics", "feed", door, methods=["GET"])
    return feeds


def _answer(session: Session, kinds: Mapping[str, FeedKind], token: str, now: datetime) -> Response:
    found = _find(session, kinds, token)
    if found is None:
        return Response("404\n", 404, {**HEADERS, "Cache-Control": "no-store"}, content_type="text/plain")
    feed, person = found
    kind = kinds[feed.kind]
    day = today(now)
    parts = kind.version(session, feed, person)
    etag = feed_etag(FORMAT, feed.id, person.lang, kind.name(session, feed, person), day, *parts)
    changed_at = _last_modified(parts, day)
    headers = {**HEADERS, "Cache-Control": "private, no-cache"}
    if is_resource_modified(request.environ, etag=etag, last_modified=changed_at):
        answer = Response(
            feed_bytes(kind.name(session, feed, person), kind.entries(session, feed, person, now)), headers=headers
        )
        answer.content_type = "text/calendar; charset=utf-8"
        answer.headers["Content-Disposition"] = 'inline; filename="citykeys.ics"'
    else:
        answer = Response(status=304, headers=headers)
    answer.set_etag(etag)
    answer.last_modified = changed_at
    return answer


def _find(session: Session, kinds: Mapping[str, FeedKind], token: str) -> tuple[Feed, Person] | None:
    """The feed behind the token and whose it is, if it may be read now."""
    if not TOKEN.fullmatch(token):
        return None
    hashed = hashlib.sha256(token.encode()).hexdigest()
    feed = session.scalars(select(Feed).where(Feed.token_sha256 == hashed)).one_or_none()
    if feed is None or feed.revoked_at is not None or feed.service != current_app.config["SERVICE"].name:
        return None
    person = session.get(Person, feed.person_id)
    kind = kinds.get(feed.kind)
    if person is None or not person.active or kind is None or not kind.may(session, feed, person):
        return None
    return feed, person


def feed_etag(*parts: Any) -> str:
    """A strong ETag (without quotes) over values that name one state of a feed; instants and dates may be among them.

    The day is one of them: as the window moves, the content does too.
    """
    told = json.dumps(
        parts, ensure_ascii=True, default=lambda value: value.isoformat() if isinstance(value, date) else str(value)
    )
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _last_modified(parts: tuple[Any, ...], day: date) -> datetime:
    """The latest instant in the version, but no earlier than today's first minute, when the window moved."""
    instants = [part.astimezone(UTC) for part in parts if isinstance(part, datetime)]
    return max([taipei(day, "00:00"), *instants]).replace(microsecond=0)
