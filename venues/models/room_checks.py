"""How rooms were found: the joint check after a meeting (M-06), and spot checks while one should be held (M-07)."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId
from common.identity import Person
from venues.models.base import Base
from venues.models.meeting import Meeting


class RoomCheck(Base):
    """The room as its manager and those who met found it together after the meeting (M-06). Once for a meeting."""

    __tablename__ = "room_check"
    __table_args__ = (UniqueConstraint("meeting_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    present: Mapped[str] = mapped_column(String(60), default="")
    restored: Mapped[bool] = mapped_column(Boolean)
    clean: Mapped[bool] = mapped_column(Boolean)
    damage: Mapped[str] = mapped_column(Text, default="")

    meeting: Mapped[Meeting] = relationship()
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(RoomCheck.by_id) == Person.id, viewonly=True
    )

    @property
    def in_order(self) -> bool:
        """Whether nothing was left to be done."""
        return self.restored and self.clean and not self.damage


class SpotCheck(Base):
    """What somebody found who looked into a room during a meeting (M-07): in_order, empty or other_use. Append-only."""

    __tablename__ = "spot_check"
    __table_args__ = (
        CheckConstraint("found IN ('in_order', 'empty', 'other_use')", name="found_known"),
        Index("ix_spot_check_meeting_id", "meeting_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    found: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")

    meeting: Mapped[Meeting] = relationship()
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(SpotCheck.by_id) == Person.id, viewonly=True
    )
