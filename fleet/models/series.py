"""A duty that comes back every week: the request its trips were sent with."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, JsonValue
from fleet.models.base import Base

if TYPE_CHECKING:
    from fleet.models.trip import Trip


class Series(Base):
    """Trips sent together for the same duty; each has its own number and its own life. `weekdays`: 0 is Monday."""

    __tablename__ = "trip_series"
    __table_args__ = (CheckConstraint("first_on <= last_on", name="first_before_last"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    requester_id: Mapped[int] = mapped_column(BigId, index=True)
    agency_id: Mapped[int] = mapped_column(BigId)
    weekdays: Mapped[list[Any]] = mapped_column(JsonValue)
    first_on: Mapped[date]
    last_on: Mapped[date]
    created_at: Mapped[datetime]
    trips: Mapped[list["Trip"]] = relationship(back_populates="series", order_by="Trip.starts_at")
