"""Rows of the portal. People, agencies, feeds and ended sessions themselves are `common.identity`'s tables; here they are the truth.

Secrets are never stored: passwords as argon2id hashes, session ids, reset links and calendar addresses as SHA-256.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from common import db
from common.identity import Person
from common.words import Words


class Base(DeclarativeBase):
    """Rows of the portal's own database."""

    metadata = db.new_metadata()
    type_annotation_map = db.COLUMN_TYPES


IDLE_LIMIT = timedelta(minutes=30)
ADMIN_IDLE_LIMIT = timedelta(minutes=15)
ABSOLUTE_LIMIT = timedelta(hours=12)


def new_secret() -> str:
    """32 random bytes, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def sha256(secret: str) -> str:
    """What is stored instead of a random secret, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Account(Base):
    """How a person signs in. Without a hash they cannot."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(db.BigId, primary_key=True, autoincrement=False)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime | None]
    earlier: Mapped[list[Any]]

    def take(self, password_hash: str, now: datetime, *, must_change: bool = False) -> None:
        """Let the new hash be the one that opens, and remember the last three before it (C-32)."""
        if self.password_hash:
            self.earlier = [self.password_hash, *(self.earlier or [])][:3]
        self.password_hash, self.must_change, self.changed_at = password_hash, must_change, now


class SignIn(Base):
    """One signed-in session of a person. The browser holds the secret, tokens carry `sid`; neither opens the other."""

    __tablename__ = "session"
    __table_args__ = (CheckConstraint("kind IN ('browser', 'api')", name="kind_known"),)

    id: Mapped[int] = mapped_column(db.BigId, primary_key=True)
    sid: Mapped[str] = mapped_column(String(32), unique=True)
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(db.BigId, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(60), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None]

    def is_good(self, person: Person | None, now: datetime) -> bool:
        """Whether it still opens: not ended, within the absolute and the idle limit, the person active."""
        return (
            self.ended_at is None
            and person is not None
            and person.active
            and now < self.expires_at
            and now - self.seen_at < idle_limit(person)
        )

    @property
    def device(self) -> Words:
        """The browser or program in words, as far as it tells."""
        agent = self.user_agent
        if self.kind == "api":
            return Words("程式（API）", "A program (API)")
        browser = next(
            (
                name
                for key, name in (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
                if key in agent
            ),
            "",
        )
        system = next(
            (
                name
                for key, name in (
                    ("iPhone", "iPhone"),
                    ("iPad", "iPad"),
                    ("Android", "Android"),
                    ("Windows", "Windows"),
                    ("Mac", "Mac"),
                    ("Linux", "Linux"),
                )
                if key in agent
            ),
            "",
        )
        told = " · ".join(filter(None, (browser, system)))
        return Words.same(told) if told else Words("未知的裝置", "Unknown device")


def idle_limit(person: Person) -> timedelta:
    """How long a session may rest: administrators' shorter (C-34)."""
    return ADMIN_IDLE_LIMIT if person.has("admin") else IDLE_LIMIT


class SignInFailure(Base):
    """One failed sign-in: under which user name (known or not) and from where. Counted for the lock of C-31."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_account", "account", "at"),
        Index("ix_sign_in_failure_address", "address", "at"),
    )

    id: Mapped[int] = mapped_column(db.BigId, primary_key=True)
    account: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]


class SignInGate(Base):
    """One of 256 gates that sign-ins pass one after the other, chosen by name and by address: the count of failures that
    one sees is the count that stands. There is nothing in it to read; its rows are made by the migration."""

    __tablename__ = "sign_in_gate"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class PasswordLink(Base):
    """A permission to set a new password: one use, half an hour, hashed at rest (C-32)."""

    __tablename__ = "password_link"

    id: Mapped[int] = mapped_column(db.BigId, primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(db.BigId, index=True)
    made_by: Mapped[int | None] = mapped_column(db.BigId)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    def is_good(self, now: datetime) -> bool:
        """Whether it still opens the page once."""
        return self.used_at is None and now < self.expires_at


class FeedCard(Base):
    """What its owner sees of a calendar address; the address itself is `common.identity.Feed`."""

    __tablename__ = "feed_card"

    feed_id: Mapped[int] = mapped_column(db.BigId, primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class AgendaItem(Base):
    """One booking of one person, as the facts of fleet, venues and dorms tell it: the home page and the "my" feed."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("source", "subject", "person_id"),
        Index("ix_agenda_item_person", "person_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(db.BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int] = mapped_column(db.BigId)
    title: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200), default="")
    place_en: Mapped[str] = mapped_column(String(200), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(30))
    sequence: Mapped[int] = mapped_column(default=0)
    url: Mapped[str] = mapped_column(Text)
    cancelled: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]

    @property
    def words(self) -> Words:
        return Words(self.title, self.title_en)

    @property
    def place_words(self) -> Words:
        return Words(self.place, self.place_en or self.place)


class WaitingItem(Base):
    """Something that waits for somebody: one person, or everyone with a role (of one agency)."""

    __tablename__ = "waiting_item"
    __table_args__ = (UniqueConstraint("source", "subject"),)

    id: Mapped[int] = mapped_column(db.BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[int | None] = mapped_column(db.BigId, index=True)
    role: Mapped[str | None] = mapped_column(String(20))
    agency_id: Mapped[int | None] = mapped_column(db.BigId)
    title: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]

    def is_for(self, person: Person) -> bool:
        """Whether this person is among those it waits for."""
        if self.person_id is not None:
            return person.id == self.person_id
        return bool(self.role and person.has(self.role) and self.agency_id in (None, person.agency_id))
