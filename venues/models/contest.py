"""Several applications for the same time: collected until a deadline, decided by class and by lot (S-30)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, Revised
from common.draw import ALGORITHM
from common.identity import Person
from common.words import Words
from venues.models.base import DECIDES, Base
from venues.models.booking import Booking

OPEN, LISTED, DECIDED, VOID = "open", "listed", "decided", "void"
WON, LOST, OUT = "won", "lost", "out"

STATES = {
    OPEN: Words("受理中", "Open"),
    LISTED: Words("名單已公布，等抽籤", "List published, to be drawn"),
    DECIDED: Words("已決定", "Decided"),
    VOID: Words("不再有競爭", "No contest any more"),
}
RESULTS = {
    WON: Words("取得", "Has it"),
    LOST: Words("未取得", "Lost"),
    OUT: Words("退出", "Withdrawn"),
}


class Contest(Revised, Base):
    """Applications that cannot all be had. While it is open it holds, in its own name, everything any of them asks for."""

    __tablename__ = "contest"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'listed', 'decided', 'void')", name="state_known"),
        Index("ix_contest_state_closes_at", "state", "closes_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    listed_at: Mapped[datetime | None]
    tickets_sha256: Mapped[str] = mapped_column(String(64), default="")
    seed_source: Mapped[str] = mapped_column(String(200), default="")
    seed_at: Mapped[datetime | None]
    seed: Mapped[str] = mapped_column(String(200), default="")
    order: Mapped[list[Any]] = mapped_column(default=list)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(BigId)

    entries: Mapped[list["ContestEntry"]] = relationship(order_by="ContestEntry.id", back_populates="contest")

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"contest:{self.id}"

    @property
    def running(self) -> list["ContestEntry"]:
        """Those who have neither left nor been decided on, first come first."""
        return [entry for entry in self.entries if entry.result is None]

    @property
    def listed(self) -> list["ContestEntry"]:
        """Those on the published list, in order of their tickets."""
        return sorted((entry for entry in self.entries if entry.ticket), key=lambda entry: entry.ticket or "")

    @property
    def tickets(self) -> list[str]:
        """The published tickets."""
        return [entry.ticket for entry in self.listed if entry.ticket]

    @property
    def state_words(self) -> Words:
        return STATES[self.state]

    @property
    def published(self) -> dict[str, Any]:
        """The draw as published, under the names outsiders rely on (contract.md)."""
        return {
            "tickets": self.tickets,
            "tickets_sha256": self.tickets_sha256,
            "seed": self.seed,
            "seed_source": self.seed_source,
            "algorithm": ALGORITHM,
            "order": list(self.order),
        }

    def can_draw(self, person: Person, now: datetime) -> bool:
        """Whether the seed may be entered now: never before the moment at which the source was to be known."""
        return person.has(*DECIDES) and self.state == LISTED and self.seed_at is not None and self.seed_at <= now


class ContestEntry(Base):
    """One application in a contest. An application stands in one contest at most."""

    __tablename__ = "contest_entry"
    __table_args__ = (CheckConstraint("result IN ('won', 'lost', 'out')", name="result_known"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contest_id: Mapped[int] = mapped_column(BigId, ForeignKey("contest.id"), index=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"), unique=True)
    joined_at: Mapped[datetime]
    ticket: Mapped[str | None] = mapped_column(String(20), unique=True)
    result: Mapped[str | None] = mapped_column(String(5))
    choose_by: Mapped[datetime | None]

    contest: Mapped[Contest] = relationship(back_populates="entries")
    booking: Mapped[Booking] = relationship()

    @property
    def result_words(self) -> Words | None:
        return RESULTS[self.result] if self.result else None
