"""Venues that developers give the city for some days a half-year: the survey of wishes and the days given (V9, G-03)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency
from common.roc import HalfYear
from common.words import Words
from venues.models.base import Base


class ContributedVenue(Base):
    """A venue of a private party that the city may use on so many days a half-year."""

    __tablename__ = "contributed_venue"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(120))
    place_en: Mapped[str] = mapped_column(String(120))
    rule: Mapped[str] = mapped_column(String(10))
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def label(self) -> Words:
        return Words(self.name, self.name_en)

    @property
    def resource(self) -> str:
        """Its days in the reservation ledger."""
        return f"contributed:{self.id}"


class ContributedSurvey(Revised, Base):
    """One half-year of one venue: who wishes for which days, the list as published, the draw, the days given.

    `announced_sha256` covers all that is fixed before the seed is known: the agencies, `listed` (each one's days, the dearest
    first), the quota, the source of the seed and its moment. It is also in the audit log's chain.
    """

    __tablename__ = "contributed_survey"
    __table_args__ = (
        UniqueConstraint("venue_id", "half_year"),
        CheckConstraint("quota > 0", name="some_days"),
        CheckConstraint("status IN ('open', 'published', 'allotted')", name="status_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(BigId, ForeignKey("contributed_venue.id"))
    half_year: Mapped[str] = mapped_column(String(6))
    quota: Mapped[int] = mapped_column(Integer)
    most_wishes: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(10))
    closes_on: Mapped[date] = mapped_column(Date)
    opened_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    tickets: Mapped[list[Any]] = mapped_column(default=list)
    tickets_sha256: Mapped[str] = mapped_column(String(64), default="")
    listed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    announced_sha256: Mapped[str] = mapped_column(String(64), default="")
    seed_from: Mapped[str] = mapped_column(String(200), default="")
    seed_known_at: Mapped[datetime | None]
    seed: Mapped[str] = mapped_column(String(200), default="")
    seed_source: Mapped[str] = mapped_column(String(200), default="")
    draw_order: Mapped[list[Any]] = mapped_column(default=list)
    results: Mapped[list[Any]] = mapped_column(default=list)
    allotted_at: Mapped[datetime | None]

    venue: Mapped[ContributedVenue] = relationship()
    wishes: Mapped[list["ContributedWish"]] = relationship(
        order_by="(ContributedWish.agency_id, ContributedWish.rank)", back_populates="survey"
    )
    seeds: Mapped[list["ContributedSeed"]] = relationship(order_by="ContributedSeed.id", back_populates="survey")
    days: Mapped[list["ContributedDay"]] = relationship(order_by="ContributedDay.day", back_populates="survey")

    @property
    def half(self) -> HalfYear:
        return HalfYear.parse(self.half_year)

    @property
    def label(self) -> Words:
        return Words(f"{self.venue.name} {self.half.label.zh}", f"{self.venue.name_en}, {self.half.label.en.lower()}")

    @property
    def lanes(self) -> list[str]:
        """Its days to give, numbered, in the reservation ledger: so many and no more."""
        return [f"contributed_quota:{self.id}:{number}" for number in range(1, self.quota + 1)]

    @property
    def given(self) -> "list[ContributedDay]":
        """The days that are given and were not given back, in order."""
        return [each for each in self.days if each.given_back_at is None]

    @property
    def left(self) -> int:
        """How many days are still to be had."""
        return self.quota - len(self.given)


class ContributedWish(Base):
    """A day an agency wishes for; `rank` 1 is the dearest."""

    __tablename__ = "contributed_wish"
    __table_args__ = (
        UniqueConstraint("survey_id", "agency_id", "rank"),
        UniqueConstraint("survey_id", "agency_id", "day"),
        CheckConstraint("rank > 0", name="rank_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survey_id: Mapped[int] = mapped_column(BigId, ForeignKey("contributed_survey.id"))
    agency_id: Mapped[int] = mapped_column(BigId)
    rank: Mapped[int] = mapped_column(Integer)
    day: Mapped[date] = mapped_column(Date)
    purpose: Mapped[str] = mapped_column(String(80), default="")
    person_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime]

    survey: Mapped[ContributedSurvey] = relationship(back_populates="wishes")
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(ContributedWish.agency_id) == Agency.id, viewonly=True
    )


class ContributedSeed(Base):
    """One officer's entry of the public seed, with the document it was read from where there is one. Append-only."""

    __tablename__ = "contributed_seed"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survey_id: Mapped[int] = mapped_column(BigId, ForeignKey("contributed_survey.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    seed: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text, default="")
    document_sha256: Mapped[str] = mapped_column(String(64), default="")

    survey: Mapped[ContributedSurvey] = relationship(back_populates="seeds")


class ContributedDay(Revised, Base):
    """A day that was given to an agency, by the allotment or afterwards to whoever came first."""

    __tablename__ = "contributed_day"
    __table_args__ = (CheckConstraint("how IN ('allotted', 'first_come')", name="how_known"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survey_id: Mapped[int] = mapped_column(BigId, ForeignKey("contributed_survey.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    agency_id: Mapped[int] = mapped_column(BigId)
    person_id: Mapped[int] = mapped_column(BigId)
    purpose: Mapped[str] = mapped_column(String(80), default="")
    how: Mapped[str] = mapped_column(String(10))
    given_at: Mapped[datetime]
    given_back_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")

    survey: Mapped[ContributedSurvey] = relationship(back_populates="days")
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(ContributedDay.agency_id) == Agency.id, viewonly=True
    )

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"contributed_day:{self.id}"
