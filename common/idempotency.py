"""The same POST sent twice has its effect once: the answer is kept with its key in the transaction of the effect."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from common.db import BigId, JsonValue, SharedBase, insert_all_or_none
from common.errors import Invalid
from common.words import Words

KEEP = timedelta(days=2)


class Answered(SharedBase):
    """One key of one person, and what was answered."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("person_id", "key", name="idempotency_once"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId)
    key: Mapped[str] = mapped_column(String(200))
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    created_at: Mapped[datetime]


def begin(session: Session, person_id: int, key: str, operation: str, body: bytes, now: datetime) -> Answered | None:
    """Reserve `key` for this request; returns the earlier answer if the very same request was answered before.

    A rival with the same key waits for this transaction's end. Raises Invalid when the key came with another request.
    """
    digest = hashlib.sha256(operation.encode() + b"\0" + body).hexdigest()
    row = {"person_id": person_id, "key": key, "request_sha256": digest, "status": 0, "body": None, "created_at": now}
    if insert_all_or_none(session, Answered.__table__, [row], guard="idempotency_once"):  # type: ignore[arg-type]
        return None
    earlier = session.scalars(select(Answered).where(Answered.person_id == person_id, Answered.key == key)).one()
    if earlier.request_sha256 != digest:
        words = Words("這個 Idempotency-Key 已經用在別的內容上。", "This Idempotency-Key was used with other content.")
        raise Invalid(words, field="Idempotency-Key")
    return earlier


def finish(session: Session, person_id: int, key: str, status: int, body: Any) -> None:
    """Keep the answer for whoever sends the same again."""
    row = session.scalars(select(Answered).where(Answered.person_id == person_id, Answered.key == key)).one()
    row.status, row.body = status, body


def forget(session: Session, now: datetime) -> None:
    """Forget answers older than two days."""
    session.execute(delete(Answered).where(Answered.created_at < now - KEEP))
