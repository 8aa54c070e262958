"""What is told to whom, by which way, and how far it got.

People are read copies, so their ids carry no foreign key: a copy may lag behind the fact that names them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, mapped_column, relationship

from common import db
from common.db import BigId, JsonValue
from common.identity import Person
from common.words import Words


class Base(DeclarativeBase):
    """Rows of this service's own database."""

    metadata = db.new_metadata()
    type_annotation_map = db.COLUMN_TYPES


CHANNELS = {
    "inbox": Words("站內", "In-app"),
    "push": Words("手機推播", "Push"),
    "line": Words("LINE", "LINE"),
    "mail": Words("電子郵件", "Mail"),
}

RUNGS = {
    **{channel: words for channel, words in CHANNELS.items() if channel != "inbox"},
    "call": Words("電話", "Phone call"),
}
"""The ways of reaching somebody who does not answer, tried one after another in the order of `ladder`."""

STATES = {
    "queued": Words("排隊", "Queued"),
    "sending": Words("寄送中", "Sending"),
    "sent": Words("已送", "Sent"),
    "read": Words("已讀", "Read"),
    "accepted": Words("已接單", "Accepted"),
    "failed": Words("失敗", "Failed"),
    "expired": Words("已過時", "Expired"),
}

ARRIVED = ("sent", "read", "accepted")
SETTLED = (*ARRIVED, "failed", "expired")

WATCHERS = ("dispatcher", "admin", "auditor")
"""Who may look at the operations page. A dispatcher sees what concerns cars and nothing of halls or rooms."""


def one_of(column: str, codes: Any) -> str:
    """SQL of a check that `column` holds one of `codes`."""
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


class Delivery(Base):
    """One message to one person by one channel. `once` (fact, person, channel) makes a fact that comes again harmless.

    queued → sending → sent → read (→ accepted, where an answer is wanted); or failed (given up, see `error`); or expired
    (its moment had passed). An inbox message is there as soon as its row is, unless the fact says to tell it later.
    `invite` is what a calendar needs, for mails that carry an `.ics`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("once", name="uq_delivery_once"),
        CheckConstraint(one_of("channel", CHANNELS), name="channel_known"),
        CheckConstraint(one_of("state", STATES), name="state_known"),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        Index("ix_delivery_person", "person_id", "channel", "id"),
        Index("ix_delivery_subject", "source", "subject"),
        Index("ix_delivery_fact", "fact_id"),
        Index("ix_delivery_waiting", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    once: Mapped[str] = mapped_column(String(120))
    fact_id: Mapped[str] = mapped_column(String(36))
    fact_type: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int] = mapped_column(BigId)
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    title_zh: Mapped[str] = mapped_column(String(400))
    title_en: Mapped[str] = mapped_column(String(400))
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(200), default="")
    invite: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    told_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(400), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    lang: Mapped[str] = mapped_column(String(2), default="")

    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Delivery.person_id) == Person.id, viewonly=True, lazy="joined"
    )

    @property
    def title(self) -> Words:
        return Words(self.title_zh, self.title_en)

    @property
    def text(self) -> Words:
        return Words(self.text_zh, self.text_en)

    @property
    def unread(self) -> bool:
        return self.state == "sent"

    @property
    def reader(self) -> Words:
        """Whom it is for."""
        return self.person.words if self.person else Words.same(f"#{self.person_id}")

    def is_for(self, person: Person) -> bool:
        return self.person_id == person.id

    def can_see(self, person: Person) -> bool:
        """Whether this person may read the row, as its addressee or on the operations page."""
        if self.is_for(person) or person.has("admin", "auditor"):
            return True
        return person.has("dispatcher") and self.source == "fleet"

    def can_send_again(self, person: Person) -> bool:
        """Whether this person may have a message that did not arrive sent once more. An auditor only reads."""
        return self.state in ("failed", "expired") and person.has("dispatcher", "admin") and self.can_see(person)

    @classmethod
    def watched_by(cls, person: Person) -> ColumnElement[bool]:
        """SQL of the rows this person may see on the operations page."""
        if person.has("admin", "auditor"):
            return true()
        return cls.source == "fleet" if person.has("dispatcher") else false()


class Rung(Base):
    """One step of the ladder: which way is tried at which place."""

    __tablename__ = "ladder"
    __table_args__ = (
        UniqueConstraint("position", name="uq_ladder_position"),
        UniqueConstraint("channel", name="uq_ladder_channel"),
        CheckConstraint(one_of("channel", RUNGS), name="channel_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    position: Mapped[int]
    channel: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(8))
    sample: Mapped[bool]


class Device(Base):
    """A browser that shows a person's messages when pushed (RFC 8030). `endpoint` is its push service's address for it."""

    __tablename__ = "push_device"
    __table_args__ = (UniqueConstraint("endpoint_sha256", name="uq_push_device_once"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, index=True)
    endpoint: Mapped[str] = mapped_column(Text)
    endpoint_sha256: Mapped[str] = mapped_column(String(64))
    p256dh: Mapped[str] = mapped_column(String(120))
    auth: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime]
    reached_at: Mapped[datetime | None]


class LineLink(Base):
    """Which LINE user a person is, as proved by the code they sent to the official account."""

    __tablename__ = "line_link"
    __table_args__ = (
        UniqueConstraint("person_id", name="uq_line_link_person"),
        UniqueConstraint("user_id", name="uq_line_link_user"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId)
    user_id: Mapped[str] = mapped_column(String(50))
    linked_at: Mapped[datetime]


class LineCode(Base):
    """A code of one use that links a person to a LINE user; only its hash is kept."""

    __tablename__ = "line_code"
    __table_args__ = (UniqueConstraint("code_sha256", name="uq_line_code_once"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId)
    code_sha256: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]


class Held(Base):
    """A fact that came before this service knew anybody; it is told as soon as people are known."""

    __tablename__ = "held_fact"
    __table_args__ = (UniqueConstraint("fact_id", name="uq_held_fact_once"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fact_id: Mapped[str] = mapped_column(String(36))
    source: Mapped[str] = mapped_column(String(20))
    type: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    time: Mapped[datetime]
    seq: Mapped[int] = mapped_column(BigId)
    body: Mapped[dict[str, Any]] = mapped_column(JsonValue)
