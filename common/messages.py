"""What must be told is written with the change and carried afterwards.

A fact is declared by its sender as a marshmallow schema; `post` writes it to the outbox in the transaction of the
change. A relay numbers *committed* rows (identity order is not commit order) without gaps: that numbered log is the
truth, the broker only the fast path. Envelopes carry the CloudEvents 1.0 attributes.
"""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, fields
from sqlalchemy import Index, Integer, String, delete, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from common import log
from common.db import BigId, JsonValue, SharedBase, for_update
from common.schemas import ready

KEEP = timedelta(days=30)


class Fact(Schema):
    """Something that happened, in the past tense, owned by its sender; a version only ever gains fields."""

    type: ClassVar[str]


class Part(Schema):
    """The part of somebody's fact that a reader reads; the rest is passed over."""

    class Meta:
        unknown = EXCLUDE


class Outbox(SharedBase):
    """One fact, written with its change. `seq` is empty until a relay has numbered it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unnumbered", "id", sqlite_where=text("seq IS NULL"), postgresql_where=text("seq IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seq: Mapped[int | None] = mapped_column(BigId, unique=True)
    event_id: Mapped[str] = mapped_column(String(36), unique=True)
    type: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    time: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    traceparent: Mapped[str] = mapped_column(String(55), default="")
    created_at: Mapped[datetime]


class SourceState(SharedBase):
    """One row: how far this service's own log is numbered, published and pruned, and which life (`epoch`) it is in."""

    __tablename__ = "source_state"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, default=1)
    last_seq: Mapped[int] = mapped_column(BigId, default=0)
    published: Mapped[int] = mapped_column(BigId, default=0)
    pruned_to: Mapped[int] = mapped_column(BigId, default=0)


def post(session: Session, fact: type[Fact], *, subject: str, now: datetime, **body: Any) -> str:
    """Tell the house: write `fact` to the outbox within this transaction; returns the event's id (UUIDv7).

    `subject` names the row it is about ("trip/12"); `now` becomes the event's time. Ids go in as strings or ints
    and leave as strings. Raises TypeError when the body does not fit the fact: that is a bug of the sender.
    """
    schema = ready(fact)
    surplus = set(body) - set(schema.fields)
    data = json.loads(json.dumps(schema.dump(body)))
    wrong = schema.validate(data)
    if surplus or wrong:
        raise TypeError(f"{fact.type}: unknown {sorted(surplus)}, wrong {wrong}")
    event_id = str(uuid7(now))
    session.add(
        Outbox(
            event_id=event_id,
            type=fact.type,
            subject=subject,
            time=now,
            data=data,
            traceparent=log.traceparent.get(),
            created_at=datetime.now(UTC),
        )
    )
    return event_id


def uuid7(moment: datetime) -> uuid.UUID:
    """A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    random = uuid.uuid4().int
    milliseconds = int(moment.timestamp() * 1000) & ((1 << 48) - 1)
    value = (milliseconds << 80) | (random & ((1 << 80) - 1))
    value = (value & ~(0xF << 76)) | (7 << 76)
    value = (value & ~(0x3 << 62)) | (2 << 62)
    return uuid.UUID(int=value)


def state_of(session: Session, source: str, *, lock: bool = False) -> SourceState:
    """This service's own row of `source_state`, made on first use; locked for numbering when asked."""
    row = session.get(SourceState, source, **(for_update(session) if lock else {}))
    if row is None:
        row = SourceState(name=source, epoch=1, last_seq=0, published=0, pruned_to=0)
        session.add(row)
        session.flush()
    return row


def has_unnumbered(session: Session) -> bool:
    """Whether the relay has something to number."""
    return session.scalars(select(Outbox.id).where(Outbox.seq.is_(None)).limit(1)).first() is not None


def number(session: Session, source: str, limit: int = 500) -> int:
    """Give the next numbers to committed rows, without gaps; returns how many. The row lock fences a second relay."""
    waiting = select(Outbox.id).where(Outbox.seq.is_(None)).order_by(Outbox.id).limit(limit)
    if not session.scalars(waiting.limit(1)).first():
        return 0
    state = state_of(session, source, lock=True)
    ids = list(session.scalars(waiting))
    if ids:
        session.execute(update(Outbox), [{"id": id_, "seq": state.last_seq + n} for n, id_ in enumerate(ids, start=1)])
        state.last_seq += len(ids)
    return len(ids)


def envelope(row: Outbox, source: str, epoch: int) -> dict[str, Any]:
    """The fact as it travels."""
    return {
        "specversion": "1.0",
        "id": row.event_id,
        "source": source,
        "type": row.type,
        "subject": row.subject,
        "time": row.time.isoformat(),
        "datacontenttype": "application/json",
        "seq": row.seq,
        "epoch": epoch,
        "traceparent": row.traceparent,
        "data": row.data,
    }


def unpublished(session: Session, source: str, limit: int = 200) -> list[dict[str, Any]]:
    """The numbered facts the broker has not had yet, in order."""
    state = state_of(session, source)
    rows = select(Outbox).where(Outbox.seq > state.published).order_by(Outbox.seq).limit(limit)
    return [envelope(row, source, state.epoch) for row in session.scalars(rows)]


def published(session: Session, source: str, seq: int) -> None:
    """Note that the broker has confirmed everything up to `seq`."""
    session.execute(
        update(SourceState).where(SourceState.name == source, SourceState.published < seq).values(published=seq)
    )


def page_after(session: Session, source: str, after: int, limit: int) -> dict[str, Any]:
    """A page of the log for a reader that catches up: `items` in order, `last`, `epoch` and `pruned_to`."""
    state = session.get(SourceState, source) or SourceState(name=source, epoch=1, last_seq=0, published=0, pruned_to=0)
    rows = select(Outbox).where(Outbox.seq > after).order_by(Outbox.seq).limit(limit)
    return {
        "items": [envelope(row, source, state.epoch) for row in session.scalars(rows)],
        "last": state.last_seq,
        "epoch": state.epoch,
        "pruned_to": state.pruned_to,
    }


def prune(session: Session, source: str, now: datetime, keep: timedelta = KEEP) -> int:
    """Forget published facts older than `keep`; readers further behind start from a snapshot. Returns how many."""
    state = state_of(session, source, lock=True)
    edge = session.scalar(
        select(func.max(Outbox.seq)).where(Outbox.created_at < now - keep, Outbox.seq <= state.published)
    )
    if not edge:
        return 0
    state.pruned_to = edge
    return int(session.execute(delete(Outbox).where(Outbox.seq <= edge)).rowcount)  # type: ignore[attr-defined]


def new_epoch(session: Session, source: str) -> int:
    """Begin a new life of the log after a restore from backup: numbers may come again with other content."""
    state = state_of(session, source, lock=True)
    state.epoch += 1
    return state.epoch


def catalogue(facts: Iterable[type[Fact]]) -> str:
    """The facts of one sender as Markdown, from their own declarations."""
    lines: list[str] = []
    for fact in sorted(facts, key=lambda each: each.type):
        lines += [
            f"### `{fact.type}`",
            "",
            " ".join((fact.__doc__ or "").split()),
            "",
            "| field | type | |",
            "|---|---|---|",
        ]
        for name, field in fact().fields.items():
            kind = type(field).__name__.lower()
            needed = "" if field.required else "may be absent. "
            lines.append(f"| `{name}` | {kind} | {needed}{field.metadata.get('description', '')} |")
        lines.append("")
    return "\n".join(lines)


__all__ = ["Fact", "Outbox", "Part", "SourceState", "fields", "post"]
