"""Things lent by the count (V4): tables, chairs, tents. What there is, what is promised for each day, and the loans."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import local
from common.words import Words
from venues.models.base import OWN_BODY, SEES_ALL, Base
from venues.terms import LOAN_STATES


class LentThing(Revised, Base):
    """A kind of thing that is lent by the count, alike and without numbers."""

    __tablename__ = "lent_thing"
    __table_args__ = (CheckConstraint("most > 0", name="some_at_a_time"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(10))
    unit_en: Mapped[str] = mapped_column(String(10))
    most: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    place_in_list: Mapped[int] = mapped_column(Integer, default=0)

    stocks: Mapped[list["LentStock"]] = relationship(order_by="LentStock.valid_from", back_populates="thing")

    @property
    def label(self) -> Words:
        return Words(self.name, self.name_en)

    def stock_on(self, day: date) -> int:
        """How many there are on a day."""
        past = [row.quantity for row in self.stocks if row.valid_from <= day]
        return past[-1] if past else 0


class LentStock(Base):
    """How many of a thing there are from a day on; bought, lost and worn-out ones make a new row."""

    __tablename__ = "lent_stock"
    __table_args__ = (
        UniqueConstraint("thing_id", "valid_from"),
        CheckConstraint("quantity >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    thing_id: Mapped[int] = mapped_column(BigId, ForeignKey("lent_thing.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    quantity: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(200), default="")

    thing: Mapped[LentThing] = relationship(back_populates="stocks")


class LentDay(Base):
    """What is promised of a thing on one day, and how many there are: never more than there are.

    `short` is what was lost or broken after it had been promised; it lets that fact stand without letting anything
    more be promised.
    """

    __tablename__ = "lent_day"
    __table_args__ = (
        CheckConstraint("promised <= stock + short", name="never_more_than_there_are"),
        CheckConstraint("promised >= 0 AND stock >= 0 AND short >= 0", name="counts_not_negative"),
    )

    thing_id: Mapped[int] = mapped_column(BigId, ForeignKey("lent_thing.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    stock: Mapped[int] = mapped_column(Integer)
    promised: Mapped[int] = mapped_column(Integer, default=0)
    short: Mapped[int] = mapped_column(Integer, default=0)


class Loan(Revised, Base):
    """A body borrows things from one day to another, both included. Its things are promised while it lives."""

    __tablename__ = "loan"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        CheckConstraint(
            "status IN ('requested', 'approved', 'rejected', 'out', 'returned', 'cancelled')", name="status_known"
        ),
        Index("ix_loan_agency_id_id", "agency_id", "id"),
        Index("ix_loan_status_ends_on", "status", "ends_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    status: Mapped[str] = mapped_column(String(10))
    agency_id: Mapped[int] = mapped_column(BigId)
    applicant_id: Mapped[int] = mapped_column(BigId)
    purpose: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    requested_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    handed_out_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    reminded_on: Mapped[date | None] = mapped_column(Date)

    items: Mapped[list["LoanItem"]] = relationship(order_by="LoanItem.thing_id", back_populates="loan")
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(Loan.agency_id) == Agency.id, viewonly=True
    )
    applicant: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Loan.applicant_id) == Person.id, viewonly=True
    )

    @property
    def number(self) -> str:
        """The number people quote, e.g. 115-L-00042."""
        return f"{local(self.requested_at).year - 1911}-L-{self.id:05d}"

    @property
    def status_words(self) -> Words:
        return LOAN_STATES[self.status]

    @property
    def alive(self) -> bool:
        return self.status in ("requested", "approved", "out")

    def is_of(self, person: Person) -> bool:
        return person.agency_id == self.agency_id and (person.id == self.applicant_id or person.has(*OWN_BODY))

    def can_see(self, person: Person) -> bool:
        return self.is_of(person) or person.has(*SEES_ALL)

    def overdue_days(self, day: date) -> int:
        """How many days late it is on `day`; 0 when it is not."""
        return max((day - self.ends_on).days, 0) if self.status == "out" else 0

    @property
    def what(self) -> Words:
        """Its things in one line."""
        zh = "、".join(f"{row.thing.name} {row.quantity} {row.thing.unit}" for row in self.items)
        return Words(zh, ", ".join(f"{row.quantity} × {row.thing.name_en}" for row in self.items))


class LoanItem(Base):
    """So many of one thing: asked for, handed out, and come back whole, damaged or not at all."""

    __tablename__ = "loan_item"
    __table_args__ = (
        UniqueConstraint("loan_id", "thing_id"),
        CheckConstraint("quantity > 0", name="some"),
        CheckConstraint("handed_out >= 0 AND handed_out <= quantity", name="not_more_than_promised"),
        CheckConstraint(
            "good >= 0 AND damaged >= 0 AND missing >= 0 AND good + damaged + missing <= handed_out",
            name="not_more_back_than_out",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    loan_id: Mapped[int] = mapped_column(BigId, ForeignKey("loan.id"))
    thing_id: Mapped[int] = mapped_column(BigId, ForeignKey("lent_thing.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    handed_out: Mapped[int] = mapped_column(Integer, default=0)
    good: Mapped[int] = mapped_column(Integer, default=0)
    damaged: Mapped[int] = mapped_column(Integer, default=0)
    missing: Mapped[int] = mapped_column(Integer, default=0)

    loan: Mapped[Loan] = relationship(back_populates="items")
    thing: Mapped[LentThing] = relationship()

    @property
    def still_out(self) -> int:
        return self.handed_out - self.good - self.damaged - self.missing
