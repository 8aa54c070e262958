"""The file of an application: its draft, its papers, what was asked for, corrections of an answer; the notice it was
made under; and the flat rows that stay when the file is gone (C-21, C-26, C-27)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, JsonValue, Revised
from common.identity import Person
from dorms.models.base import Base, Exact
from dorms.models.rounds import Application, Round


class Draft(Base):
    """What somebody typed so far for a round: one each, for its writer's eyes only, gone when it is sent or too late."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("round_id", "person_id", name="uq_draft_one_each"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    person_id: Mapped[int] = mapped_column(BigId, index=True)
    typed: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    saved_at: Mapped[datetime]

    round: Mapped[Round] = relationship()


class Correction(Revised, Base):
    """A request to set right the answer that ends an application (ux: 申請更正). Granted, the answer no longer ends it."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'refused')", name="state_known"),
        Index("ix_correction_person", "person_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    person_id: Mapped[int] = mapped_column(BigId)
    question: Mapped[str] = mapped_column(String(30))
    why: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="asked")
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(Text, default="")

    round: Mapped[Round] = relationship()
    papers: Mapped[list["ApplicationPaper"]] = relationship(back_populates="correction", order_by="ApplicationPaper.id")
    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Correction.person_id) == Person.id, viewonly=True
    )

    def can_see(self, person: Person) -> bool:
        """Who asked, and the dormitory officer."""
        return self.person_id == person.id or person.has("dorm_officer")


class ApplicationPaper(Base):
    """A paper sent in for an application or a correction. The file lies outside the database (common.uploads)."""

    __tablename__ = "application_paper"
    __table_args__ = (
        UniqueConstraint("stored", name="uq_application_paper_one_row_a_file"),
        CheckConstraint("size > 0", name="not_empty"),
        CheckConstraint("(application_id IS NULL) <> (correction_id IS NULL)", name="of_one_file"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("correction.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    deleted_at: Mapped[datetime | None]
    deleted_by_id: Mapped[int | None] = mapped_column(BigId)
    deleted_reason: Mapped[str] = mapped_column(Text, default="")

    application: Mapped[Application | None] = relationship()
    correction: Mapped[Correction | None] = relationship(back_populates="papers")


class Supplement(Revised, Base):
    """Papers asked for until a day. Answered when each kind was sent in after it was asked."""

    __tablename__ = "supplement"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    kinds: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(BigId)
    due_on: Mapped[date] = mapped_column(Date)
    answered_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()


class PrivacyNotice(Base):
    """What people are told before they fill in the form (C-21) and what is published of the file (C-24), from a day on.

    `parts`: [{"key", "title", "title_en", "zh", "en"}, …] in order. Never edited: a change is a new version.
    """

    __tablename__ = "privacy_notice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version: Mapped[str] = mapped_column(String(20), unique=True)
    since: Mapped[date] = mapped_column(Date, unique=True)
    parts: Mapped[list[Any]]
    sample: Mapped[bool] = mapped_column(default=True)


class Statistic(Base):
    """What stays of an application or a contract whose file is gone: no person, no code, months instead of days (C-26)."""

    __tablename__ = "statistic"
    __table_args__ = (CheckConstraint("what IN ('application', 'contract')", name="what_known"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    what: Mapped[str] = mapped_column(String(12))
    round_number: Mapped[str] = mapped_column(String(20), default="")
    room_kind: Mapped[str] = mapped_column(String(10))
    points: Mapped[Decimal | None] = mapped_column(Exact)
    outcome: Mapped[str] = mapped_column(String(12))
    began: Mapped[date] = mapped_column(Date)
    ended: Mapped[date] = mapped_column(Date)
    anonymised_on: Mapped[date] = mapped_column(Date, index=True)
