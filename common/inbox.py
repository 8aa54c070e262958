"""Messages in: each effect once and in the sender's order, whatever the broker does.

A reader keeps one cursor per source and moves it in the transaction of the effect. `seq ≤ last` is dropped,
`last + 1` is applied, anything further is a gap: the reader then asks the source for what it lacks (`catch_up`).
Handlers do database work only.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from common import log
from common.db import BigId, Database, JsonValue, SharedBase, for_update, is_passing
from common.messages import Part
from common.schemas import ready


class Cursor(SharedBase):
    """How far this service has read one source's log."""

    __tablename__ = "inbox_cursor"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    last_seq: Mapped[int] = mapped_column(BigId, default=0)
    moved_at: Mapped[datetime | None]


class Parked(SharedBase):
    """A fact that could not be handled, with its error; replayed from the operations page."""

    __tablename__ = "inbox_parked"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    epoch: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(BigId)
    envelope: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    error: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    parked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Received:
    """A fact as a handler sees it; `body` holds the declared part only."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    seq: int
    body: dict[str, Any]


Handler = Callable[[Session, Received], None]


@dataclass(frozen=True)
class Listener:
    """One handler and the part it reads. A `stops_the_line` handler that fails holds its source's stream."""

    part: type[Part]
    handle: Handler
    stops_the_line: bool = False


class Listeners:
    """The facts one service reads: `@listeners.on("portal.person_left.v1", PersonLeft)`."""

    def __init__(self, *others: "Listeners"):
        self.by_type: dict[str, list[Listener]] = {}
        for other in others:
            for kind, heard in other.by_type.items():
                self.by_type.setdefault(kind, []).extend(heard)

    def on(
        self, types: str | Iterable[str], part: type[Part], *, stops_the_line: bool = False
    ) -> Callable[[Handler], Handler]:
        """Have the decorated function called with each fact of these types, in the transaction of the cursor."""

        def keep(handle: Handler) -> Handler:
            for kind in [types] if isinstance(types, str) else types:
                self.by_type.setdefault(kind, []).append(Listener(part, handle, stops_the_line))
            return handle

        return keep

    def sources(self) -> list[str]:
        """The services whose facts are read."""
        return sorted({kind.split(".")[0] for kind in self.by_type})


class Outcome(enum.Enum):
    """What became of one envelope."""

    APPLIED = "applied"
    SEEN = "seen before"
    GAP = "something before it is missing"
    NEW_EPOCH = "the source began a new life"


class HandlerFailed(Exception):
    """A handler raised; nothing of its effect was kept."""

    def __init__(self, cause: Exception, holds: bool):
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.holds = holds


def cursor_of(session: Session, source: str, *, lock: bool = False) -> Cursor:
    """The cursor for `source`, made on first use."""
    row = session.get(Cursor, source, **(for_update(session) if lock else {}))
    if row is None:
        row = Cursor(source=source, epoch=0, last_seq=0)
        session.add(row)
        session.flush()
    return row


def apply(session: Session, listeners: Listeners, envelope: dict[str, Any]) -> Outcome:
    """Apply one envelope and move the cursor, in the caller's transaction. Raises HandlerFailed (nothing kept)."""
    cursor = cursor_of(session, envelope["source"], lock=True)
    if cursor.epoch == 0:
        cursor.epoch = envelope["epoch"]
    if envelope["epoch"] != cursor.epoch:
        return Outcome.NEW_EPOCH
    if envelope["seq"] <= cursor.last_seq:
        return Outcome.SEEN
    if envelope["seq"] > cursor.last_seq + 1:
        return Outcome.GAP
    handle(session, listeners, envelope)
    if any(listener.stops_the_line for listener in listeners.by_type.get(envelope["type"], ())):
        _settle(session, envelope)
    _move(cursor, envelope["seq"])
    return Outcome.APPLIED


def handle(session: Session, listeners: Listeners, envelope: dict[str, Any]) -> None:
    """Call each listener of this type, inside a savepoint. Raises HandlerFailed."""
    for listener in listeners.by_type.get(envelope["type"], ()):
        try:
            with session.begin_nested():
                listener.handle(session, received(listener.part, envelope))
                session.flush()
        except Exception as failure:
            if is_passing(failure):
                raise
            raise HandlerFailed(failure, listener.stops_the_line) from failure


def received(part: type[Part], envelope: dict[str, Any]) -> Received:
    """The envelope as its reader's declared part. Raises marshmallow's ValidationError when it does not fit."""
    return Received(
        id=envelope["id"],
        source=envelope["source"],
        type=envelope["type"],
        subject=envelope["subject"],
        time=datetime.fromisoformat(envelope["time"]),
        seq=envelope["seq"],
        body=ready(part).load(envelope["data"]),
    )


def take(database: Database, listeners: Listeners, envelope: dict[str, Any], tries: int = 3) -> Outcome:
    """Apply one envelope in a transaction of its own; a handler that keeps failing has it parked with its error.

    A fact whose handler `stops_the_line` is noted and *not* passed over: HandlerFailed is raised and the stream waits.
    """
    for attempt in range(1, tries + 1):
        try:
            return database.transact(lambda session: apply(session, listeners, envelope))
        except HandlerFailed as failure:
            if attempt == tries:
                database.transact(partial(park, envelope=envelope, failure=failure, attempts=attempt))
                log.say("message parked", level=40, type=envelope["type"], event_id=envelope["id"], error=str(failure))
                if failure.holds:
                    raise
    return Outcome.APPLIED


def park(session: Session, envelope: dict[str, Any], failure: HandlerFailed, attempts: int) -> None:
    """Keep the envelope and its error; move the cursor past it unless it stops the line."""
    cursor = cursor_of(session, envelope["source"], lock=True)
    if envelope["seq"] != cursor.last_seq + 1:
        return
    cursor.epoch = cursor.epoch or envelope["epoch"]
    place = {"source": envelope["source"], "epoch": envelope["epoch"], "seq": envelope["seq"]}
    row = session.query(Parked).filter_by(**place, settled_at=None).one_or_none()
    if row is None:
        row = Parked(**place, envelope=envelope, error="", attempts=0, parked_at=datetime.now(UTC))
        session.add(row)
    row.error, row.attempts = str(failure)[:4000], row.attempts + attempts
    if not failure.holds:
        _move(cursor, envelope["seq"])


def replay(session: Session, listeners: Listeners, parked: Parked, now: datetime) -> None:
    """Handle a parked fact again. Raises HandlerFailed when it still cannot be."""
    handle(session, listeners, parked.envelope)
    parked.settled_at = now


Fetch = Callable[[int], dict[str, Any]]
Snapshot = Callable[[], dict[str, Any]]


def catch_up(database: Database, listeners: Listeners, source: str, fetch: Fetch, snapshot: Snapshot) -> int:
    """Ask `source` for everything after our cursor, in order; returns how many facts were applied.

    A source that has begun a new epoch, or has pruned what we lack, is read from a snapshot first.
    """
    applied = 0
    while True:
        with database.reading() as session:
            cursor = session.get(Cursor, source) or Cursor(source=source, epoch=0, last_seq=0)
        page = fetch(cursor.last_seq)
        if (cursor.epoch and page["epoch"] != cursor.epoch) or page["pruned_to"] > cursor.last_seq:
            resync(database, listeners, source, snapshot())
            continue
        for envelope in page["items"]:
            if take(database, listeners, envelope) is Outcome.APPLIED:
                applied += 1
        if not page["items"] or page["items"][-1]["seq"] >= page["last"]:
            return applied


def resync(database: Database, listeners: Listeners, source: str, snapshot: dict[str, Any]) -> None:
    """Take a source's present state (its snapshot's facts) and put the cursor where the snapshot was taken."""

    def work(session: Session) -> None:
        for envelope in snapshot["items"]:
            handle(session, listeners, envelope)
        cursor = cursor_of(session, source, lock=True)
        cursor.epoch = snapshot["epoch"]
        _move(cursor, snapshot["last"])

    database.transact(work)
    log.say("resynchronised", source=source, epoch=snapshot["epoch"], seq=snapshot["last"])


def _settle(session: Session, envelope: dict[str, Any]) -> None:
    place = {"source": envelope["source"], "epoch": envelope["epoch"], "seq": envelope["seq"]}
    for row in session.query(Parked).filter_by(**place, settled_at=None):
        row.settled_at = datetime.now(UTC)


def _move(cursor: Cursor, seq: int) -> None:
    cursor.last_seq, cursor.moved_at = seq, datetime.now(UTC)
