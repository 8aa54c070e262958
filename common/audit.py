"""The audit log: who did what to which row, from what to what, when and from where.

Rows are written in the transaction of the act and can be neither changed nor deleted (a database guard sees to it).
A worker then chains the committed rows by hash in `audit_chain`, so that a row altered behind the database's back,
or taken out, is found by `verify`.
"""

import contextvars
import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from common import log
from common.db import BigId, JsonValue, SharedBase
from common.identity import Person

address: contextvars.ContextVar[str] = contextvars.ContextVar("address", default="")

NOTHING_BEFORE = "0" * 64
# Ids are given before the commit: an entry this far below the newest linked one may still turn up. Nothing lives that long
# in an open transaction (see the time-outs of `common.db`), and the search for what waits stays short however long the log.
LATE = 10_000


class AuditEntry(SharedBase):
    """One act. `actor_id` is empty when the house itself acted (a chore, a listener)."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(BigId, index=True)
    actor_name: Mapped[str] = mapped_column(String(80), default="")
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject: Mapped[str] = mapped_column(String(80), index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    after: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    reason: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(String(60), default="")
    request_id: Mapped[str] = mapped_column(String(60), default="")


class AuditLink(SharedBase):
    """One link of the chain: the hash over the link before and the entry it covers."""

    __tablename__ = "audit_chain"

    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigId, unique=True)
    hash: Mapped[str] = mapped_column(String(64))


def record(
    session: Session,
    actor: Person | None,
    action: str,
    subject: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write down an act within this transaction. `subject` names the row ("trip/12"); values must fit JSON."""
    session.add(
        AuditEntry(
            at=now,
            actor_id=actor.id if actor else None,
            actor_name=actor.username if actor else "",
            action=action,
            subject=subject,
            before=_plain(before),
            after=_plain(after),
            reason=reason or "",
            address=address.get(),
            request_id=log.request_id.get(),
        )
    )


def has_unlinked(session: Session) -> bool:
    """Whether an entry waits for its link."""
    return session.scalars(_unlinked(session).limit(1)).first() is not None


def _unlinked(session: Session) -> Select[AuditEntry]:
    newest = session.scalar(select(func.max(AuditLink.entry_id))) or 0
    covered = select(AuditLink.entry_id).where(AuditLink.entry_id == AuditEntry.id).exists()
    return select(AuditEntry).where(AuditEntry.id > newest - LATE, ~covered).order_by(AuditEntry.id)


def chain(session: Session, limit: int = 500) -> int:
    """Link the committed entries that no link covers yet; returns how many. One worker does this at a time."""
    last = session.scalars(select(AuditLink).order_by(AuditLink.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, NOTHING_BEFORE)
    count = 0
    for entry in session.scalars(_unlinked(session).limit(limit)).all():
        seq, previous = seq + 1, link_hash(previous, entry)
        session.add(AuditLink(seq=seq, entry_id=entry.id, hash=previous))
        count += 1
    return count


def verify(session: Session) -> dict[str, Any]:
    """Walk the whole chain: {"ok", "checked", "unlinked", "first_bad"}; `first_bad` is the entry where it breaks."""
    previous, expected = NOTHING_BEFORE, 0
    walked = (
        select(AuditLink, AuditEntry)
        .join(AuditEntry, AuditEntry.id == AuditLink.entry_id, isouter=True)
        .order_by(AuditLink.seq)
        .execution_options(yield_per=1000)
    )
    for link, entry in session.execute(walked):
        expected += 1
        if entry is None or link.seq != expected or link_hash(previous, entry) != link.hash:
            return {"ok": False, "checked": expected - 1, "unlinked": 0, "first_bad": str(link.entry_id)}
        previous = link.hash
    entries = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    return {"ok": True, "checked": expected, "unlinked": entries - expected, "first_bad": None}


def link_hash(previous: str, entry: AuditEntry) -> str:
    """SHA-256 over the link before and every column of the entry, in a fixed order."""
    row = [
        previous,
        entry.id,
        entry.at.isoformat(),
        entry.actor_id,
        entry.actor_name,
        entry.action,
        entry.subject,
        entry.before,
        entry.after,
        entry.reason,
        entry.address,
        entry.request_id,
    ]
    return hashlib.sha256(json.dumps(row, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else json.loads(json.dumps(values, default=str))
