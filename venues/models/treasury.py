"""Payments to the city treasury (S-17): which entries were gathered under which document, each once."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import BigId
from venues.models.base import Base


class Remittance(Base):
    """Income up to and including a day, paid to the treasury under one document number (解繳市庫)."""

    __tablename__ = "remittance"
    __table_args__ = (
        UniqueConstraint("document", name="one_remittance_a_document"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document: Mapped[str] = mapped_column(String(60))
    until: Mapped[date] = mapped_column(Date)
    amount: Mapped[int] = mapped_column(Integer)
    entries: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)


class Remitted(Base):
    """That an entry of income was gathered by a remittance: its primary key lets it be gathered once only."""

    __tablename__ = "remitted"

    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("money_entry.id"), primary_key=True, autoincrement=False)
    remittance_id: Mapped[int] = mapped_column(BigId, ForeignKey("remittance.id"), index=True)
