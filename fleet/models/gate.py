"""What guards saw at the gate (V-28)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId
from common.identity import Person
from fleet.models.base import Base, one_of
from fleet.models.trip import Trip
from fleet.terms import GATE_WAYS


class GateCheck(Base):
    """A guard saw the trip's car pass, `out` or `in`, and compared it with the dispatch order. Once each way."""

    __tablename__ = "gate_check"
    __table_args__ = (
        UniqueConstraint("trip_id", "way"),
        CheckConstraint(one_of("way", GATE_WAYS), name="way_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    way: Mapped[str] = mapped_column(String(4))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    note: Mapped[str | None] = mapped_column(String(100))
    trip: Mapped[Trip] = relationship()
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(GateCheck.by_id) == Person.id, viewonly=True
    )
