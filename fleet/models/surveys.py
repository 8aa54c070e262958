"""What passengers say after a trip: one answer a trip, without a name (V-42, V-43)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId
from fleet.models.base import Base
from fleet.models.trip import Trip


class SurveyKey(Base):
    """The key that signs survey codes; one row, made by the migration. Codes themselves are stored nowhere."""

    __tablename__ = "survey_key"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))


class SurveyAnswer(Base):
    """The one answer to a trip's survey: 5 very satisfied … 1 very dissatisfied. Who gave it is not kept."""

    __tablename__ = "survey_answer"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score_on_the_scale"),)

    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), primary_key=True, autoincrement=False)
    score: Mapped[int] = mapped_column(index=True)
    chips: Mapped[list[Any]] = mapped_column(default=list)
    words: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime] = mapped_column(index=True)
    trip: Mapped[Trip] = relationship()
