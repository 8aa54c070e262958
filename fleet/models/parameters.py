"""What people may change without a programmer: dated parameters, known places, number series."""

from datetime import date

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import BigId
from fleet.models.base import Base


class Place(Base):
    """A place people go to often, with the kilometres one way from City Hall: fills lists, estimates trips.

    Where it lies (degrees, WGS 84) tells which trips go the same way (V-20); unknown for some.
    """

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("name"), CheckConstraint("km >= 0", name="km_not_negative"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    km: Mapped[int]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class Policy(Base):
    """One dated parameter: `value` holds from `valid_from` on, until a later row of the same key.

    `rule` is its basis in docs/rules.md; `sample` marks values that rest on no rule of the city's own.
    """

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("key", "valid_from"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(8))
    sample: Mapped[bool]
    valid_from: Mapped[date]


class NumberSeries(Base):
    """The last number given in a series, such as 115-11; its row is the lock that keeps numbers gap-free."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(12), primary_key=True)
    last: Mapped[int]
