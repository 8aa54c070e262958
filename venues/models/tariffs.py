"""Versions that were withdrawn, and reductions of one booking's price."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Person
from common.words import Words
from venues.models.base import DECIDES, Base
from venues.models.booking import Booking
from venues.models.places import Venue
from venues.tariffs import Line, share
from venues.vocabulary import UNDECIDED

PROPOSED, GRANTED, REFUSED, TAKEN_BACK = REDUCTION_STATES = ("proposed", "granted", "refused", "withdrawn")


class WithdrawnTariff(Base):
    """A version that was to come and was withdrawn before its day, kept as it was."""

    __tablename__ = "withdrawn_tariff"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(BigId, ForeignKey("venue.id"), index=True)
    version: Mapped[str] = mapped_column(String(40))
    effective_from: Mapped[date] = mapped_column(Date)
    data: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime]
    withdrawn_by_id: Mapped[int] = mapped_column(BigId)

    venue: Mapped[Venue] = relationship()
    withdrawn_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(WithdrawnTariff.withdrawn_by_id) == Person.id, viewonly=True
    )


class Reduction(Revised, Base):
    """A waiver or reduction for one booking: one officer proposes it with a reason, another grants or refuses it.

    `percent` or `amount` (whole NT$) is taken off the fee, or off the deposit (`part`). Once granted it is a line of the
    booking's frozen quote. One at a time is open for a booking.
    """

    __tablename__ = "reduction"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'granted', 'refused', 'withdrawn')", name="state_known"),
        CheckConstraint("part IN ('fee', 'deposit')", name="part_known"),
        CheckConstraint("percent BETWEEN 0 AND 100 AND amount >= 0", name="within_bounds"),
        CheckConstraint("(percent = 0) <> (amount = 0)", name="percent_or_amount"),
        CheckConstraint("state NOT IN ('granted', 'refused') OR decided_by_id <> proposed_by_id", name="two_people"),
        Index(
            "uq_reduction_one_open", "booking_id", unique=True,
            sqlite_where=text("state = 'proposed'"), postgresql_where=text("state = 'proposed'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default=PROPOSED)
    part: Mapped[str] = mapped_column(String(10), default="fee")
    percent: Mapped[int] = mapped_column(Integer, default=0)
    amount: Mapped[int] = mapped_column(Integer, default=0)
    rule: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(BigId)
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(BigId)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text, default="")

    booking: Mapped[Booking] = relationship()
    proposed_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Reduction.proposed_by_id) == Person.id, viewonly=True
    )
    decided_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Reduction.decided_by_id) == Person.id, viewonly=True
    )

    @property
    def label(self) -> Words:
        """What the line is called in the quote."""
        what = Words("保證金", " of the deposit") if self.part == "deposit" else Words("場地費", " of the fee")
        if self.amount:
            return Words("專案減收{what} {n:,} 元", "Granted reduction{what}, NT${n:,}").fill(what=what, n=self.amount)
        if self.percent == 100:
            return Words("專案免收{what}", "Granted waiver{what}").fill(what=what)
        return Words("專案減收{what} {n}%", "Granted reduction{what}, {n}%").fill(what=what, n=self.percent)

    def line(self, base: int) -> Line:
        """The line it adds to a quote whose fee (or deposit) is `base`; never takes off more than there is."""
        less, rounding = (min(self.amount, base), None) if self.amount else share(base, self.percent)
        note = Words.same(self.reason)
        if rounding:
            note = Words(f"{note.zh}；{rounding.zh}", f"{note.en}; {rounding.en}")
        return Line(self.part, self.label, -less, self.rule, False, note)

    def can_decide(self, person: Person) -> bool:
        """Grant or refuse: an officer or administrator who did not propose it, while the booking is undecided."""
        return self.is_open and person.has(*DECIDES) and person.id != self.proposed_by_id

    def can_withdraw(self, person: Person) -> bool:
        """Whoever proposed it, while nobody has decided."""
        return self.is_open and person.id == self.proposed_by_id

    @property
    def is_open(self) -> bool:
        return self.state == PROPOSED and self.booking.status in UNDECIDED
