"""What the officer found of points, objections to a ranking, and the rankings that were replaced."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, JsonValue, Revised
from dorms.models.base import Base, Exact
from dorms.points import Check

if TYPE_CHECKING:
    from dorms.models.rounds import Application


class PointCheck(Base):
    """One line of an application's points held against the papers. `points` is None where it is as claimed."""

    __tablename__ = "point_check"
    __table_args__ = (UniqueConstraint("application_id", "item"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    item: Mapped[str] = mapped_column(String(20))
    points: Mapped[Decimal | None] = mapped_column(Exact)
    reason: Mapped[str] = mapped_column(String(200), default="")
    checked_by_id: Mapped[int] = mapped_column(BigId)
    checked_at: Mapped[datetime]

    @property
    def check(self) -> Check:
        """The finding as the pure arithmetic takes it."""
        return Check(self.points, self.reason)


class Objection(Revised, Base):
    """An applicant's objection to the published ranking, and the officer's answer."""

    __tablename__ = "objection"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(BigId)
    answered_at: Mapped[datetime | None]

    application: Mapped["Application"] = relationship(back_populates="objections")


class ReplacedRanking(Base):
    """A ranking as it was published before a correction, kept so that anybody can see what changed."""

    __tablename__ = "replaced_ranking"
    __table_args__ = (UniqueConstraint("round_id", "edition"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    edition: Mapped[int] = mapped_column(Integer)
    record: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    replaced_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
