"""The dated figures that the officer of the grounds sets: savings, periods, limits."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import BigId
from venues.models.base import Base


class Figure(Base):
    """One dated figure: `value` holds from `valid_from` on, until a later row of the same key.

    `rule` is its basis in docs/rules.md; `sample` marks values that rest on no published rule of the city's own.
    """

    __tablename__ = "figure"
    __table_args__ = (UniqueConstraint("key", "valid_from"), CheckConstraint("value >= 0", name="not_negative"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    value: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(10))
    sample: Mapped[bool] = mapped_column(Boolean)
    valid_from: Mapped[date] = mapped_column(Date)
