"""Setting up and clearing outside the hours of use, with the officer's consent (S-08)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Person
from common.period import Period
from common.words import Words
from venues.models.base import Base
from venues.models.booking import Booking

ASKED, CONSENTED, REFUSED, TAKEN_BACK = "asked", "consented", "refused", "taken_back"

STATES = {
    ASKED: Words("等同意", "Asked for"),
    CONSENTED: Words("已同意", "Consented"),
    REFUSED: Words("未同意", "Refused"),
    TAKEN_BACK: Words("已收回", "Taken back"),
}
PURPOSES = {
    "setup": Words("進場佈置", "Setting up"),
    "clearing": Words("撤場復原", "Clearing"),
}


class SetupTime(Revised, Base):
    """A stretch before or after a booking in which its body may set up or clear; free of charge, held once consented."""

    __tablename__ = "setup_time"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("state IN ('asked', 'consented', 'refused', 'taken_back')", name="state_known"),
        CheckConstraint("purpose IN ('setup', 'clearing')", name="purpose_known"),
        Index("ix_setup_time_booking_id", "booking_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12), default=ASKED)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(BigId)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(BigId)

    booking: Mapped[Booking] = relationship()
    answered_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(SetupTime.answered_by_id) == Person.id, viewonly=True
    )

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)

    @property
    def state_words(self) -> Words:
        return STATES[self.state]

    @property
    def purpose_words(self) -> Words:
        return PURPOSES[self.purpose]
