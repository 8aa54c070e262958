"""Rounds: places given out for a term by a draw that anybody can check; what was published of them can only be added to."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Person
from common.period import local
from common.words import Words
from venues.models.base import DECIDES, Base
from venues.rounds import words as say


class ClassKind(Base):
    """A class of places that rounds of a kind usually have (T-03), with the papers asked for (T-06)."""

    __tablename__ = "round_class_kind"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    prefix: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    places: Mapped[int] = mapped_column(Integer)
    papers: Mapped[list[Any]]
    rule: Mapped[str] = mapped_column(String(20))
    place_in_list: Mapped[int] = mapped_column(Integer)


class RoundParameter(Base):
    """A number the rules leave to the city, from a day on. `sample` until Taipei's own is known."""

    __tablename__ = "round_parameter"
    __table_args__ = (UniqueConstraint("key", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    value: Mapped[int] = mapped_column(Integer)
    since: Mapped[date] = mapped_column(Date)
    rule: Mapped[str] = mapped_column(String(10))
    sample: Mapped[bool] = mapped_column(Boolean)


class Round(Revised, Base):
    """One round of places for a term. Registration and term are half-open; `rent` is whole NT$ per day or per term."""

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint("kind IN ('stall', 'gallery', 'contributed_venue', 'plaza')", name="kind_known"),
        CheckConstraint("registration_from < registration_until", name="registration_opens_before_it_closes"),
        CheckConstraint("term_from < term_until", name="term_starts_before_it_ends"),
        CheckConstraint("rent >= 0 AND rent_per IN ('day', 'term')", name="rent_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(80), default="")
    place_en: Mapped[str] = mapped_column(String(120), default="")
    notice: Mapped[str] = mapped_column(Text, default="")
    registration_from: Mapped[datetime]
    registration_until: Mapped[datetime]
    term_from: Mapped[date] = mapped_column(Date)
    term_until: Mapped[date] = mapped_column(Date)
    rent: Mapped[int] = mapped_column(Integer)
    rent_per: Mapped[str] = mapped_column(String(4))
    rent_sample: Mapped[bool] = mapped_column(Boolean, default=True)
    seed_source: Mapped[str] = mapped_column(String(200), default="")
    seed_known_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")
    opened_by_id: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    classes: Mapped[list["RoundClass"]] = relationship(order_by="RoundClass.place_in_list", back_populates="round")
    listing: Mapped["RoundListing | None"] = relationship(back_populates="round")
    result: Mapped["RoundResult | None"] = relationship(back_populates="round")
    seeds: Mapped[list["RoundSeed"]] = relationship(order_by="RoundSeed.id", back_populates="round")
    log: Mapped[list["RoundLog"]] = relationship(order_by="RoundLog.id", back_populates="round")
    suspensions: Mapped[list["RoundSuspension"]] = relationship(order_by="RoundSuspension.id", back_populates="round")

    @property
    def number(self) -> str:
        """The number people quote, e.g. 115-R-003."""
        return f"{local(self.made_at).year - 1911}-R-{self.id:03d}"

    @property
    def label(self) -> Words:
        return Words(self.title, self.title_en or self.title)

    @property
    def where(self) -> Words:
        return Words(self.place, self.place_en or self.place)

    @property
    def status_words(self) -> Words:
        return say.ROUND_STATUSES[self.status]

    @property
    def public(self) -> bool:
        """Whether everybody may know of it."""
        return self.status != say.DRAFT and self.opened_at is not None

    @property
    def places(self) -> int:
        return sum(one.places for one in self.classes)

    @property
    def last_day(self) -> date:
        """The last day of the term."""
        return self.term_until - timedelta(days=1)

    def registering(self, now: datetime) -> bool:
        """Whether anybody may register at this moment."""
        return self.status == say.OPEN and self.registration_from <= now < self.registration_until

    def can_run(self, person: Person | None) -> bool:
        """Whether the person keeps the desk of rounds."""
        return person is not None and person.has(*DECIDES)

    def class_of(self, code: str) -> "RoundClass | None":
        return next((one for one in self.classes if one.code == code), None)


class RoundClass(Base):
    """One class of places in a round. Tickets of the class begin with `prefix`; places are numbered from `first_place`."""

    __tablename__ = "round_class"
    __table_args__ = (
        UniqueConstraint("round_id", "code"),
        UniqueConstraint("round_id", "prefix"),
        CheckConstraint("places > 0", name="some_places"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(BigId, ForeignKey("round.id"))
    code: Mapped[str] = mapped_column(String(20))
    prefix: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    places: Mapped[int] = mapped_column(Integer)
    papers: Mapped[list[Any]]
    rule: Mapped[str] = mapped_column(String(20), default="")
    place_in_list: Mapped[int] = mapped_column(Integer)

    round: Mapped[Round] = relationship(back_populates="classes")

    @property
    def label(self) -> Words:
        return Words(self.name, self.name_en or self.name)


class RoundListing(Base):
    """What is published before the seed is known: the tickets, the places and where the seed will come from.

    `announced_sha256` covers all of it; it is also in the audit log's chain and in the fact told. Append-only.
    """

    __tablename__ = "round_listing"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(BigId, ForeignKey("round.id"), unique=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    tickets: Mapped[list[Any]]
    tickets_sha256: Mapped[str] = mapped_column(String(64))
    classes: Mapped[list[Any]]
    seed_source: Mapped[str] = mapped_column(String(200))
    seed_known_at: Mapped[datetime]
    algorithm: Mapped[str] = mapped_column(String(40))
    announced_sha256: Mapped[str] = mapped_column(String(64))

    round: Mapped[Round] = relationship(back_populates="listing")


class RoundSeed(Base):
    """One officer's entry of the public seed, as typed, with the document it was read from where there is one. Append-only."""

    __tablename__ = "round_seed"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(BigId, ForeignKey("round.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    seed: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text, default="")
    document_sha256: Mapped[str] = mapped_column(String(64), default="")

    round: Mapped[Round] = relationship(back_populates="seeds")


class RoundResult(Base):
    """The draw: the seed and the whole order it gave. Once for a round, append-only."""

    __tablename__ = "round_result"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(BigId, ForeignKey("round.id"), unique=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    seed: Mapped[str] = mapped_column(String(200))
    order: Mapped[list[Any]]

    round: Mapped[Round] = relationship(back_populates="result")


class RoundLog(Base):
    """What followed the publication, ticket by ticket: who left, and to whom the place passed. Public, append-only."""

    __tablename__ = "round_log"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(BigId, ForeignKey("round.id"), index=True)
    at: Mapped[datetime]
    ticket: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(12))
    place_no: Mapped[int | None] = mapped_column(Integer)
    passed_to: Mapped[str] = mapped_column(String(40), default="")

    round: Mapped[Round] = relationship(back_populates="log")


class RoundSuspension(Base):
    """Days of the term on which no place is used, `first_day` up to and not including `until`. Append-only."""

    __tablename__ = "round_suspension"
    __table_args__ = (CheckConstraint("first_day < until", name="starts_before_it_ends"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(BigId, ForeignKey("round.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    first_day: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)

    round: Mapped[Round] = relationship(back_populates="suspensions")


class RoundBar(Base):
    """A firm (and its seller) that may not register between two days, with the reason (T-08)."""

    __tablename__ = "round_bar"
    __table_args__ = (Index("ix_round_bar_firm_number", "firm_number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    firm_number: Mapped[str] = mapped_column(String(20))
    seller_id: Mapped[str] = mapped_column(String(10), default="")
    barred_from: Mapped[date] = mapped_column(Date)
    barred_until: Mapped[date] = mapped_column(Date)
    grave: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    registration_id: Mapped[int] = mapped_column(BigId)
    by_id: Mapped[int] = mapped_column(BigId)
