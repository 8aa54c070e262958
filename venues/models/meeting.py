"""Meetings in the meeting rooms."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import Period
from venues.models.base import DECIDES, SEES_ALL, Base
from venues.models.places import Venue


class Meeting(Revised, Base):
    """One booking of a meeting room: first come, first served (M-02)."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("attendees > 0", name="somebody_attends"),
        Index("ix_meeting_room_id_starts_at", "room_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(BigId, ForeignKey("venue.id"))
    booked_by_id: Mapped[int] = mapped_column(BigId)
    agency_id: Mapped[int] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(String(120))
    chair: Mapped[str] = mapped_column(String(60), default="")
    attendees: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    booked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    room: Mapped[Venue] = relationship()
    booked_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Meeting.booked_by_id) == Person.id, viewonly=True
    )
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(Meeting.agency_id) == Agency.id, viewonly=True
    )

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"meeting:{self.id}"

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)

    def can_see(self, person: Person) -> bool:
        return person.agency_id == self.agency_id or person.has(*SEES_ALL)

    def can_release(self, person: Person, now: datetime) -> bool:
        """Whoever booked it, an officer of the same agency, or a venue officer, until it ends (M-05)."""
        mine = person.id == self.booked_by_id or (person.agency_id == self.agency_id and person.has("officer"))
        return self.released_at is None and now < self.ends_at and (mine or person.has(*DECIDES))
