"""Numbered pieces of equipment on their way: delivered, returned, damaged and repaired (V3, S-19)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Person
from venues.models.base import Base
from venues.models.booking import Booking
from venues.models.places import EquipmentKind


class PieceHandover(Revised, Base):
    """One piece at one event: taken there and brought back, by whom, when, in what condition.

    A piece that has not come back cannot be delivered to the next event: `out_once`.
    """

    __tablename__ = "piece_handover"
    __table_args__ = (
        UniqueConstraint("booking_id", "piece"),
        CheckConstraint("returned_at IS NULL OR returned_at >= delivered_at", name="back_after_it_left"),
        Index(
            "uq_piece_handover_out_once", "piece", unique=True,
            sqlite_where=text("returned_at IS NULL"), postgresql_where=text("returned_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"))
    kind: Mapped[str] = mapped_column(ForeignKey("equipment_kind.code"))
    piece: Mapped[str] = mapped_column(String(30))
    due_back_at: Mapped[datetime]
    delivered_at: Mapped[datetime]
    delivered_by_id: Mapped[int] = mapped_column(BigId)
    condition_out: Mapped[str] = mapped_column(String(200), default="")
    returned_at: Mapped[datetime | None]
    returned_by_id: Mapped[int | None] = mapped_column(BigId)
    condition_in: Mapped[str] = mapped_column(String(200), default="")

    booking: Mapped[Booking] = relationship()
    what: Mapped[EquipmentKind] = relationship()
    delivered_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(PieceHandover.delivered_by_id) == Person.id, viewonly=True
    )
    returned_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(PieceHandover.returned_by_id) == Person.id, viewonly=True
    )

    def is_late(self, now: datetime) -> bool:
        """Whether it should be back and is not."""
        return self.returned_at is None and self.due_back_at < now


class PieceFault(Revised, Base):
    """A piece out of stock from `since` until it is repaired; meanwhile its time is taken in the ledger."""

    __tablename__ = "piece_fault"
    __table_args__ = (CheckConstraint("repaired_at IS NULL OR repaired_at >= since", name="repaired_after_it_broke"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey("equipment_kind.code"))
    piece: Mapped[str] = mapped_column(String(30), index=True)
    booking_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("booking.id"))
    note: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    expected_on: Mapped[date | None] = mapped_column(Date)
    reported_by_id: Mapped[int] = mapped_column(BigId)
    repaired_at: Mapped[datetime | None]
    repair_note: Mapped[str] = mapped_column(Text, default="")

    what: Mapped[EquipmentKind] = relationship()
    booking: Mapped[Booking | None] = relationship()

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"piece_fault:{self.id}"
