"""Fixed counters and the bank branch: who has which under what contract, and the rent that came in (V8, T-01)."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Person
from common.period import Period, local, taipei
from common.words import Words
from venues.models.base import Base


class Counter(Base):
    """A place that is let by contract."""

    __tablename__ = "counter"
    __table_args__ = (CheckConstraint("kind IN ('counter', 'bank')", name="kind_known"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(10), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(40))
    place_in_list: Mapped[int] = mapped_column(Integer, default=0)

    @property
    def label(self) -> Words:
        return Words(f"{self.code} {self.name}", f"{self.code} {self.name_en}")

    @property
    def resource(self) -> str:
        """Its name in the reservation ledger: a counter is let to one party at a time."""
        return f"counter:{self.id}"


class Contract(Revised, Base):
    """A counter let to a party from one day to another, both included, for whole NT$ a month."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        CheckConstraint("rent >= 0 AND deposit >= 0", name="money_not_negative"),
        CheckConstraint("ended_on IS NULL OR ended_on <= ends_on", name="ended_within_its_time"),
        UniqueConstraint("follows_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    counter_id: Mapped[int] = mapped_column(BigId, ForeignKey("counter.id"), index=True)
    party: Mapped[str] = mapped_column(String(80))
    party_number: Mapped[str] = mapped_column(String(10), default="")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    rent: Mapped[int] = mapped_column(Integer)
    deposit: Mapped[int] = mapped_column(Integer)
    notice_days: Mapped[int] = mapped_column(Integer)
    follows_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contract.id"))
    made_at: Mapped[datetime]
    ended_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text, default="")

    counter: Mapped[Counter] = relationship()
    follows: Mapped["Contract | None"] = relationship(remote_side=[id], back_populates="followed_by")
    followed_by: Mapped["Contract | None"] = relationship(back_populates="follows")
    rents: Mapped[list["ContractRent"]] = relationship(order_by="ContractRent.id", back_populates="contract")

    @property
    def number(self) -> str:
        """The number people quote, e.g. 115-C-00042."""
        return f"{local(self.made_at).year - 1911}-C-{self.id:05d}"

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"contract:{self.id}"

    @property
    def last_day(self) -> date:
        """The last day it holds, an early end counted."""
        return self.ended_on or self.ends_on

    @property
    def period(self) -> Period:
        return Period(taipei(self.starts_on, "00:00"), taipei(self.ends_on, "24:00"))

    @property
    def notice_on(self) -> date:
        """From this day on the renewal is to be talked about."""
        return self.ends_on - timedelta(days=self.notice_days)

    def state(self, day: date) -> str:
        """ahead, running, notice (near its end and not followed by another), or ended."""
        if self.last_day < day:
            return "ended"
        if day < self.starts_on:
            return "ahead"
        return "notice" if self.notice_on <= day and not self.followed_by and not self.ended_on else "running"


class ContractRent(Base):
    """Rent that came in for one month (its first day), in whole NT$; a correction is a row of its own. Append-only."""

    __tablename__ = "contract_rent"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="some_amount"),
        UniqueConstraint("contract_id", "month", "receipt"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contract_id: Mapped[int] = mapped_column(BigId, ForeignKey("contract.id"), index=True)
    month: Mapped[date] = mapped_column(Date)
    amount: Mapped[int] = mapped_column(Integer)
    receipt: Mapped[str] = mapped_column(String(40))
    paid_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(120), default="")
    entered_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)

    contract: Mapped[Contract] = relationship(back_populates="rents")
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(ContractRent.by_id) == Person.id, viewonly=True
    )
