"""What surrounds meetings: dated parameters, series, agreements of managing agencies, duty periods, breaches."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import Period
from venues.models.base import SEES_ALL, Base
from venues.models.meeting import Meeting


class RoomPolicy(Base):
    """One dated parameter of meeting rooms: `value` holds from `valid_from` on, until a later row of the same key.

    `rule` is its basis in docs/rules.md; `sample` marks values that rest on no rule of the city's own.
    """

    __tablename__ = "room_policy"
    __table_args__ = (UniqueConstraint("key", "valid_from"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(12))
    sample: Mapped[bool]
    valid_from: Mapped[date] = mapped_column(Date)


class MeetingSeries(Base):
    """Meetings booked together for one cause; each has its own room, time and life."""

    __tablename__ = "meeting_series"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booked_by_id: Mapped[int] = mapped_column(BigId)
    agency_id: Mapped[int] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]

    meetings: Mapped[list[Meeting]] = relationship(
        primaryjoin=lambda: foreign(Meeting.series_id) == MeetingSeries.id,
        order_by=lambda: Meeting.starts_at,
        viewonly=True,
    )

    def can_see(self, person: Person) -> bool:
        return person.agency_id == self.agency_id or person.has(*SEES_ALL)


class RoomOperators(Revised, Base):
    """Who books rooms for an agency, where not every colleague may (M-09). Nobody named: every colleague may."""

    __tablename__ = "room_operators"
    __table_args__ = (UniqueConstraint("agency_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[int] = mapped_column(BigId)
    person_ids: Mapped[list[Any]]
    set_at: Mapped[datetime]
    set_by_id: Mapped[int] = mapped_column(BigId)


class RoomAgreement(Revised, Base):
    """A question to the agency that manages a room: may others meet there on its reserved day? (M-03)

    `answer`: "" while it waits, then agreed, declined, lapsed (nobody answered in time) or withdrawn.
    """

    __tablename__ = "room_agreement"
    __table_args__ = (
        Index("ix_room_agreement_agency_id_answer", "agency_id", "answer"),
        Index("ix_room_agreement_meeting_id", "meeting_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id"))
    agency_id: Mapped[int] = mapped_column(BigId)
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(12), default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(String(200), default="")

    meeting: Mapped[Meeting] = relationship()
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(RoomAgreement.agency_id) == Agency.id, viewonly=True
    )

    def can_see(self, person: Person) -> bool:
        """The two agencies concerned, and those who see all."""
        return person.agency_id in (self.agency_id, self.meeting.agency_id) or person.has(*SEES_ALL)

    def can_answer(self, person: Person) -> bool:
        """An officer or supervisor of the managing agency."""
        return not self.answer and person.agency_id == self.agency_id and person.has("officer", "supervisor")


class RoomDuty(Revised, Base):
    """Rooms given over to typhoon, flood or disaster duty for a time (M-04); `lifted_at` ends it early."""

    __tablename__ = "room_duty"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    room_ids: Mapped[list[Any]]
    moved: Mapped[int] = mapped_column(Integer, default=0)
    lost: Mapped[int] = mapped_column(Integer, default=0)
    declared_by_id: Mapped[int] = mapped_column(BigId)
    declared_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"duty:{self.id}"

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


class RoomBreach(Revised, Base):
    """What was found in somebody's use of rooms, and what the venue officer made of it (M-07, M-08).

    `evidence` are meetings; `number` counts a person's breaches; until `stops_until` the person books no room.
    """

    __tablename__ = "room_breach"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("decision IN ('confirmed', 'dismissed')", name="decision_known"),
        Index("ix_room_breach_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int] = mapped_column(BigId)
    agency_id: Mapped[int] = mapped_column(BigId)
    evidence: Mapped[list[Any]]
    decision: Mapped[str] = mapped_column(String(12))
    number: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int] = mapped_column(BigId)
    stops_until: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(Text, default="")

    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(RoomBreach.person_id) == Person.id, viewonly=True
    )
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(RoomBreach.agency_id) == Agency.id, viewonly=True
    )

    def stops(self, now: datetime) -> bool:
        """Whether it keeps the person from booking at this moment."""
        return self.lifted_at is None and self.stops_until is not None and now < self.stops_until
