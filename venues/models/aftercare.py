"""The end of a booking: its inspection and damage, what was paid out, breaches and bars, dated parameters."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from venues.models.base import Base
from venues.models.booking import Booking

IN_ORDER = "in_order"
DAMAGED = "damaged"


class BookingParameter(Base):
    """One dated parameter of bookings: `value` holds from `valid_from` on, until a later row of the same key.

    `rule` is its basis in docs/rules.md; `sample` marks values that rest on no rule of the city's own.
    """

    __tablename__ = "booking_parameter"
    __table_args__ = (UniqueConstraint("key", "valid_from"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(8))
    sample: Mapped[bool]
    valid_from: Mapped[date]


class Inspection(Base):
    """How a venue was found after a booking: once for each, with the names of both sides (場復檢查紀錄)."""

    __tablename__ = "inspection"
    __table_args__ = (
        UniqueConstraint("booking_id", name="inspected_once"),
        CheckConstraint("deducted >= 0 AND claimed >= 0", name="money_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    by_name: Mapped[str] = mapped_column(String(80))
    present: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    deducted: Mapped[int] = mapped_column(Integer)
    claimed: Mapped[int] = mapped_column(Integer)
    return_by: Mapped[date] = mapped_column(Date)

    booking: Mapped[Booking] = relationship()
    damages: Mapped[list["Damage"]] = relationship(order_by="Damage.id", back_populates="inspection")

    @property
    def result(self) -> str:
        """`in_order` or `damaged`."""
        return DAMAGED if self.damages else IN_ORDER


class Damage(Base):
    """One thing found damaged, dirty or missing, and what it costs in whole NT$."""

    __tablename__ = "damage"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    inspection_id: Mapped[int] = mapped_column(BigId, ForeignKey("inspection.id"), index=True)
    what: Mapped[str] = mapped_column(String(200))
    amount: Mapped[int] = mapped_column(Integer)

    inspection: Mapped[Inspection] = relationship(back_populates="damages")


class RefundAccount(Revised, Base):
    """Where the applicant wants money returned to; one for each booking."""

    __tablename__ = "refund_account"

    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    bank: Mapped[str] = mapped_column(String(80))
    number: Mapped[str] = mapped_column(String(30))
    given_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)

    @property
    def line(self) -> str:
        """As it stands on the payment order."""
        return f"{self.bank} {self.number}（{self.name}）"


class Payout(Base):
    """Money that left the house for an applicant: the deposit after the inspection, or a refund; each once."""

    __tablename__ = "payout"
    __table_args__ = (
        UniqueConstraint("booking_id", "what", name="paid_out_once"),
        CheckConstraint("what IN ('deposit', 'refund')", name="what_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"))
    what: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(Integer)
    payee: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(BigId)


class Breach(Revised, Base):
    """A booking used otherwise than permitted (S-39): the permit is withdrawn and the body barred until `barred_until`.

    The bar ends by itself on that day, or earlier when it is lifted for a reason.
    """

    __tablename__ = "breach"
    __table_args__ = (
        UniqueConstraint("booking_id", name="one_breach_a_booking"),
        Index("ix_breach_agency_id", "agency_id", "barred_until"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"))
    agency_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    barred_until: Mapped[date] = mapped_column(Date)
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(BigId)
    lifted_reason: Mapped[str] = mapped_column(Text, default="")

    booking: Mapped[Booking] = relationship()
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(Breach.agency_id) == Agency.id, viewonly=True
    )
    lifted_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Breach.lifted_by_id) == Person.id, viewonly=True
    )

    def bars_on(self, day: date) -> bool:
        """Whether the body may not apply on `day`; the day it ends on is free again."""
        return self.lifted_at is None and day < self.barred_until
