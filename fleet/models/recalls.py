"""Cars lent to the pool: since when they belong to it, and when their owner asked for them back (V-42)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Person
from common.period import LATEST, Period
from fleet.models.assets import Vehicle
from fleet.models.base import Base, one_of
from fleet.terms import RECALL_REASONS


class PoolMembership(Revised, Base):
    """A car in the pool from `joined_on` until before `left_on` (None: still). A car without any row always belonged."""

    __tablename__ = "pool_membership"
    __table_args__ = (CheckConstraint("joined_on < left_on", name="joins_before_it_leaves"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), index=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    vehicle: Mapped[Vehicle] = relationship()

    def covers(self, day: date) -> bool:
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


class Recall(Revised, Base):
    """An owner has its car back from `starts_at` until `ends_at` (None: until it is returned); the ledger holds it so long."""

    __tablename__ = "recall"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint(one_of("reason_code", RECALL_REASONS), name="reason_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), index=True)
    agency_id: Mapped[int] = mapped_column(BigId, index=True)
    asked_by_id: Mapped[int] = mapped_column(BigId)
    reason_code: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    moved: Mapped[int]
    lost: Mapped[int]
    created_at: Mapped[datetime]
    vehicle: Mapped[Vehicle] = relationship(lazy="joined")

    @property
    def holder(self) -> str:
        """The recall's name in the reservation ledger."""
        return f"recall:{self.id}"

    @property
    def until(self) -> datetime:
        """When it ends or ended; far away where nobody has said."""
        return min(each for each in (self.ends_at, self.returned_at, LATEST) if each is not None)

    @property
    def period(self) -> Period:
        """The time asked for."""
        return Period(self.starts_at, self.ends_at or LATEST)

    def running(self, now: datetime) -> bool:
        return self.starts_at <= now < self.until

    def over(self, now: datetime) -> bool:
        return self.until <= now or self.until <= self.starts_at

    def may_return(self, person: Person) -> bool:
        """The owner's supervisors, and dispatch on their behalf."""
        return may_recall(person, self.agency_id)


def may_recall(person: Person, owner_agency_id: int) -> bool:
    """Who may take a car out of the pool: a supervisor of the agency that owns it, or dispatch on its behalf (V-42)."""
    return person.has("dispatcher", "admin") or (person.has("supervisor") and person.agency_id == owner_agency_id)
