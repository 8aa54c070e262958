"""Meetings in the meeting rooms."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import Period
from venues.models.base import DECIDES, SEES_ALL, Base
from venues.models.places import Venue


class Meeting(Revised, Base):
    """One booking of a meeting room: first come, first served (M-02).

    It keeps the room from `setup_minutes` before it starts until `clear_minutes` after it ends. While `held_until` is
    set it waits for the managing agency (M-03). `ended_as` says why the room was given back before the end: given_back,
    unused, taken_over, declined or lapsed. `guards_told`: the room and time the guards know of (M-06), "" for none.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("attendees > 0", name="somebody_attends"),
        Index("ix_meeting_room_id_starts_at", "room_id", "starts_at"),
        Index("ix_meeting_starts_at", "starts_at"),
        Index("ix_meeting_series_id", "series_id"),
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
    series_id: Mapped[int | None] = mapped_column(BigId)
    needs: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    refreshments: Mapped[str] = mapped_column(String(100), default="", server_default="")
    setup_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    clear_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    private: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    priority: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    held_until: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    checked_in_by_id: Mapped[int | None] = mapped_column(BigId)
    guards_told: Mapped[str] = mapped_column(String(60), default="", server_default="")
    ended_as: Mapped[str] = mapped_column(String(12), default="", server_default="")

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

    @property
    def occupies(self) -> Period:
        """What it keeps of the room's time: set-up and clearing included."""
        before, after = timedelta(minutes=self.setup_minutes), timedelta(minutes=self.clear_minutes)
        return Period(self.starts_at - before, self.ends_at + after)

    @property
    def status(self) -> str:
        """One of `venues.room_terms.MEETING_STATES`."""
        if self.released_at is not None:
            return self.ended_as or "given_back"
        if self.held_until is not None:
            return "held"
        return "checked_in" if self.checked_in_at else "booked"

    def can_see(self, person: Person) -> bool:
        return person.agency_id == self.agency_id or person.has(*SEES_ALL)

    def managed_by(self, person: Person) -> bool:
        """Whether the person looks after its room: the desk, or an officer or supervisor of the agency that manages it, who did
        not book it (M-06)."""
        theirs = person.agency_id == self.room.manager_id and person.has("officer", "supervisor")
        return person.has(*DECIDES) or (theirs and person.id != self.booked_by_id)

    def had_its_room(self, now: datetime) -> bool:
        """Whether it has begun, in its room."""
        began = self.held_until is None and self.starts_at <= now
        return began and (self.released_at is None or self.released_at > self.starts_at)

    def alive(self, now: datetime) -> bool:
        """Whether it has its room and is not over."""
        return self.released_at is None and now < self.ends_at

    def can_release(self, person: Person, now: datetime) -> bool:
        """Whoever booked it, an officer of the same agency, or a venue officer, until it ends (M-05)."""
        mine = person.id == self.booked_by_id or (person.agency_id == self.agency_id and person.has("officer"))
        return self.alive(now) and (mine or person.has(*DECIDES))

    def can_check_in(self, person: Person) -> bool:
        """Whoever booked it, a colleague of the same agency, or a venue officer."""
        return person.agency_id == self.agency_id or person.has(*DECIDES)
