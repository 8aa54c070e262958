"""Closures: which venues are closed when and why, and what was done about every booking and meeting in the way."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Person
from common.period import Period
from venues.models.base import Base
from venues.models.booking import Booking
from venues.models.meeting import Meeting
from venues.models.places import Venue

RECORDED = "recorded"
CARRIED_OUT = "carried_out"
REOPENING = "reopening"
REOPENED = "reopened"


class Closure(Revised, Base):
    """Venues closed for a period. The request records it; the worker carries it out in slices and counts along."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("state IN ('recorded', 'carried_out', 'reopening', 'reopened')", name="state_known"),
        CheckConstraint("ground IN ('government_need', 'force_majeure', 'renovation')", name="ground_known"),
        Index("ix_closure_state_ends_at", "state", "ends_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    everything: Mapped[bool] = mapped_column(Boolean)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    ground: Mapped[str] = mapped_column(String(20))
    expected: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    refunded: Mapped[int] = mapped_column(BigId, default=0)
    made_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    carried_out_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    reopened_by_id: Mapped[int | None] = mapped_column(BigId)
    reopened_reason: Mapped[str] = mapped_column(Text, default="")
    restores: Mapped[bool] = mapped_column(Boolean, default=False)

    places: Mapped[list["ClosedPlace"]] = relationship(order_by="ClosedPlace.venue_id", back_populates="closure")
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Closure.by_id) == Person.id, viewonly=True
    )

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"closure:{self.id}"

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)

    @property
    def stands(self) -> bool:
        """Whether its venues are closed: recorded or carried out, and not withdrawn."""
        return self.state in (RECORDED, CARRIED_OUT)

    @property
    def under_way(self) -> bool:
        """Whether the worker still has something to do about it."""
        return self.state in (RECORDED, REOPENING)

    @property
    def resources(self) -> list[str]:
        """What it closes in the reservation ledger: each venue with its parts."""
        return sorted({resource for place in self.places for resource in place.venue.resources})


class ClosedPlace(Base):
    """One venue of a closure; its parts are closed with it."""

    __tablename__ = "closed_place"

    closure_id: Mapped[int] = mapped_column(BigId, ForeignKey("closure.id"), primary_key=True, autoincrement=False)
    venue_id: Mapped[int] = mapped_column(BigId, ForeignKey("venue.id"), primary_key=True, autoincrement=False)

    closure: Mapped[Closure] = relationship(back_populates="places")
    venue: Mapped[Venue] = relationship()


class ClosureLine(Base):
    """What one closure did to one booking or one meeting. `wants_back` is the applicant's answer, once given."""

    __tablename__ = "closure_line"
    __table_args__ = (
        UniqueConstraint("closure_id", "booking_id", name="suspended_once"),
        UniqueConstraint("closure_id", "meeting_id", name="released_once"),
        CheckConstraint("(booking_id IS NULL) <> (meeting_id IS NULL)", name="a_booking_or_a_meeting"),
        CheckConstraint("outcome IN ('suspended', 'released', 'restored', 'kept')", name="outcome_known"),
        Index("ix_closure_line_closure_id_id", "closure_id", "id"),
        Index("ix_closure_line_booking_id", "booking_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    closure_id: Mapped[int] = mapped_column(BigId, ForeignKey("closure.id"))
    booking_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("booking.id"))
    meeting_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("meeting.id"))
    status_before: Mapped[str] = mapped_column(String(20), default="")
    refund: Mapped[int] = mapped_column(Integer, default=0)
    outcome: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    wants_back: Mapped[bool | None] = mapped_column(Boolean)

    closure: Mapped[Closure] = relationship()
    booking: Mapped[Booking | None] = relationship()
    meeting: Mapped[Meeting | None] = relationship()
