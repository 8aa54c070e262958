"""What the dispatcher's desk writes beside the trip: moves that can be taken back, and drivers' leave."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, JsonValue, Revised
from common.identity import Person
from common.period import Period
from fleet.models.assets import Driver
from fleet.models.base import Base, one_of
from fleet.models.trip import Trip
from fleet.terms import LEAVE_REASONS


class TripMove(Base):
    """One move of a trip on the board: who, when, how the trip stood before, and until when it can be taken back.

    `rev` is the trip's revision after the move: any later change of the trip ends the undo. `fact_id` told the house of it.
    """

    __tablename__ = "trip_move"
    __table_args__ = (Index("ix_trip_move_moved_by_id_undo_until", "moved_by_id", "undo_until"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), index=True)
    moved_by_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime]
    undo_until: Mapped[datetime]
    rev: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    fact_id: Mapped[str] = mapped_column(String(36))
    undone_at: Mapped[datetime | None]
    trip: Mapped[Trip] = relationship()

    def can_undo(self, person: Person, now: datetime) -> bool:
        """Whether `person` may take it back now: the own move, not undone, in time, and nothing happened since."""
        return (
            self.moved_by_id == person.id
            and person.has("dispatcher", "admin")
            and self.undone_at is None
            and now < self.undo_until
            and self.trip.rev == self.rev
        )


class DriverLeave(Revised, Base):
    """A stretch in which a driver does not drive. The ledger holds the driver for it, so nobody can be assigned then."""

    __tablename__ = "driver_leave"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint(one_of("reason_code", LEAVE_REASONS), name="reason_known"),
        CheckConstraint("state IN ('booked', 'cancelled')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    driver_id: Mapped[int] = mapped_column(ForeignKey("driver.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    reason_code: Mapped[str] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(String(100))
    entered_by_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(12), default="booked")
    changed_at: Mapped[datetime]
    driver: Mapped[Driver] = relationship(lazy="joined")

    @property
    def holder(self) -> str:
        """The leave's name in the reservation ledger."""
        return f"leave:{self.id}"

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)
