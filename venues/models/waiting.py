"""Who waits for slots that are full, and series of dates asked for at once."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.words import Words
from venues.models.base import OWN_BODY, SEES_ALL, Base
from venues.models.booking import Booking
from venues.models.places import Venue
from venues.slots import Chosen

WAITING, OFFERED, TAKEN_UP, PASSED_BY, WITHDRAWN = "waiting", "offered", "taken_up", "passed_by", "withdrawn"

STATES = {
    WAITING: Words("候補中", "Waiting"),
    OFFERED: Words("輪到你了", "Offered"),
    TAKEN_UP: Words("已接受", "Taken up"),
    PASSED_BY: Words("逾期", "Passed by"),
    WITHDRAWN: Words("已放棄", "Withdrawn"),
}


class WaitingEntry(Revised, Base):
    """A whole application that waits until its slots are free. First come, first offered; an offer is held to a deadline."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("state IN ('waiting', 'offered', 'taken_up', 'passed_by', 'withdrawn')", name="state_known"),
        Index("ix_waiting_entry_state_venue_id", "state", "venue_id"),
        Index("ix_waiting_entry_agency_id", "agency_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    venue_id: Mapped[int] = mapped_column(BigId, ForeignKey("venue.id"))
    person_id: Mapped[int] = mapped_column(BigId)
    agency_id: Mapped[int] = mapped_column(BigId)
    asked: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    since: Mapped[datetime]
    offered_until: Mapped[datetime | None]
    booking_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("booking.id"))

    venue: Mapped[Venue] = relationship()
    booking: Mapped[Booking | None] = relationship()
    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(WaitingEntry.person_id) == Person.id, viewonly=True
    )
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(WaitingEntry.agency_id) == Agency.id, viewonly=True
    )

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"waiting:{self.id}"

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """The slots it waits for, in order."""
        return tuple(sorted(Chosen(date.fromisoformat(day), slot) for day, slot in self.asked["slots"]))

    @property
    def event_name(self) -> str:
        return str(self.asked["event_name"])

    @property
    def undertaken(self) -> bool:
        """Whether the limits of use were undertaken with the entry (S-14, S-15); entries of earlier versions do not say."""
        return bool(self.asked.get("undertakes"))

    @property
    def state_words(self) -> Words:
        return STATES[self.state]

    @property
    def alive(self) -> bool:
        return self.state in (WAITING, OFFERED)

    def is_of(self, person: Person) -> bool:
        """Whether the person acts for the body that waits."""
        return person.agency_id == self.agency_id and (person.id == self.person_id or person.has(*OWN_BODY))

    def can_see(self, person: Person) -> bool:
        return self.is_of(person) or person.has(*SEES_ALL)


class BookingSeries(Base):
    """Several dates of one event, applied for at once; each date is a booking of its own."""

    __tablename__ = "booking_series"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(BigId, ForeignKey("venue.id"))
    person_id: Mapped[int] = mapped_column(BigId)
    agency_id: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime]
    left_out: Mapped[list[Any]] = mapped_column(default=list)

    venue: Mapped[Venue] = relationship()
    bookings: Mapped[list[Booking]] = relationship(
        Booking, secondary="series_member", order_by=Booking.starts_at, lazy="selectin"
    )

    @property
    def dates_left_out(self) -> list[date]:
        """The dates that could not be had when it was sent."""
        return [date.fromisoformat(day) for day in self.left_out]

    def is_of(self, person: Person) -> bool:
        """Whether the person acts for the body that applied."""
        return person.agency_id == self.agency_id and (person.id == self.person_id or person.has(*OWN_BODY))

    def can_see(self, person: Person) -> bool:
        return self.is_of(person) or person.has(*SEES_ALL)


series_member = Table(
    "series_member",
    Base.metadata,
    Column("booking_id", BigId, ForeignKey("booking.id"), primary_key=True),
    Column("series_id", BigId, ForeignKey("booking_series.id"), nullable=False, index=True),
)
"""Which series a booking belongs to: one at most."""
