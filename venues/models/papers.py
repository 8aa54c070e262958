"""Papers that were sent in as files, of a booking and of a registration. The files lie outside the database (common.uploads)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId
from common.identity import Person
from venues.models.base import Base
from venues.models.booking import Booking
from venues.models.registrations import Registration


class SentFile:
    """What is kept of a file sent in. Deleting takes the file away and keeps the row: who, when and why."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    deleted_at: Mapped[datetime | None]
    deleted_by_id: Mapped[int | None] = mapped_column(BigId)
    deleted_reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


class Paper(SentFile, Base):
    """One file of a booking."""

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("stored", name="one_row_a_file"),
        CheckConstraint("size > 0", name="not_empty"),
        Index("ix_paper_booking_id", "booking_id"),
    )

    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"))

    booking: Mapped[Booking] = relationship()
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Paper.by_id) == Person.id, viewonly=True
    )
    deleted_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Paper.deleted_by_id) == Person.id, viewonly=True
    )


class RegistrationPaper(SentFile, Base):
    """One file of a registration (T-06). `issued_on` is the day of a policy or a laboratory test."""

    __tablename__ = "registration_paper"
    __table_args__ = (
        UniqueConstraint("stored"),
        CheckConstraint("size > 0", name="not_empty"),
        Index("ix_registration_paper_registration_id", "registration_id"),
    )

    registration_id: Mapped[int] = mapped_column(BigId, ForeignKey("registration.id"))
    issued_on: Mapped[date | None] = mapped_column(Date)

    registration: Mapped[Registration] = relationship()
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(RegistrationPaper.by_id) == Person.id, viewonly=True
    )
    deleted_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(RegistrationPaper.deleted_by_id) == Person.id, viewonly=True
    )
