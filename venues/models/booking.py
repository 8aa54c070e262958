"""Bookings: an application and its life, its slots and equipment, its steps and its money."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import Period, local
from common.words import Words
from venues import vocabulary
from venues.models.base import DECIDES, OWN_BODY, SEES_ALL, Base
from venues.models.places import EquipmentKind, TariffRow, Venue
from venues.slots import Chosen
from venues.tariffs import Line


class Booking(Revised, Base):
    """One application for a venue and its life. Slots, tariff version and lines are frozen when it is made."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("attendees > 0", name="somebody_attends"),
        CheckConstraint("overtime_minutes >= 0", name="overtime_not_negative"),
        CheckConstraint("fee >= 0 AND deposit >= 0", name="money_not_negative"),
        Index("ix_booking_venue_id_starts_at", "venue_id", "starts_at"),
        Index("ix_booking_agency_id_id", "agency_id", "id"),
        Index("ix_booking_status_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    venue_id: Mapped[int] = mapped_column(BigId, ForeignKey("venue.id"))
    applicant_id: Mapped[int] = mapped_column(BigId)
    agency_id: Mapped[int] = mapped_column(BigId)
    applicant_class: Mapped[str] = mapped_column(String(20))
    event_name: Mapped[str] = mapped_column(String(120))
    event_kind: Mapped[str] = mapped_column(String(20))
    attendees: Mapped[int] = mapped_column(Integer)
    event_plan: Mapped[str] = mapped_column(Text, default="")
    overtime_minutes: Mapped[int] = mapped_column(Integer, default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    tariff_id: Mapped[int] = mapped_column(BigId, ForeignKey("tariff.id"))
    lines: Mapped[list[Any]]
    fee: Mapped[int] = mapped_column(Integer)
    deposit: Mapped[int] = mapped_column(Integer)
    submitted_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    pay_by: Mapped[datetime | None]
    supplement: Mapped[str] = mapped_column(Text, default="")
    supplement_by: Mapped[date | None] = mapped_column(Date)
    insurance_policy: Mapped[str] = mapped_column(String(60), default="")
    receipt: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    charity_sale: Mapped[bool] = mapped_column(Boolean, default=False)
    undertaken_at: Mapped[datetime | None]
    emergency: Mapped[str] = mapped_column(Text, default="", server_default="")  # S-32
    decide_by: Mapped[date | None] = mapped_column(Date, index=True)  # S-36

    venue: Mapped[Venue] = relationship()
    tariff_row: Mapped[TariffRow] = relationship()
    slots: Mapped[list["BookingSlot"]] = relationship(order_by="BookingSlot.starts_at", back_populates="booking")
    equipment: Mapped[list["BookingEquipment"]] = relationship(
        order_by="BookingEquipment.kind", back_populates="booking"
    )
    steps: Mapped[list["BookingStep"]] = relationship(order_by="BookingStep.id", back_populates="booking")
    entries: Mapped[list["MoneyEntry"]] = relationship(order_by="MoneyEntry.id", back_populates="booking")
    applicant: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Booking.applicant_id) == Person.id, viewonly=True
    )
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(Booking.agency_id) == Agency.id, viewonly=True
    )

    @property
    def number(self) -> str:
        """The number people quote: 民國 year and a running number, e.g. 115-V-00042."""
        return f"{local(self.submitted_at).year - 1911}-V-{self.id:05d}"

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"booking:{self.id}"

    @property
    def period(self) -> Period:
        """From the first slot's start to the end of the last one's overtime."""
        return Period(self.starts_at, self.ends_at)

    @property
    def chosen(self) -> list[Chosen]:
        return [Chosen(slot.day, slot.slot) for slot in self.slots]

    def ask_for(self, chosen: Iterable[Chosen]) -> None:
        """Write down these slots of the venue's day as what is asked for, beside any there are."""
        plan = {slot.code: slot for slot in self.venue.plan}
        for each in chosen:
            period = plan[each.slot].on(each.date)
            row = BookingSlot(day=each.date, slot=each.slot, starts_at=period.starts_at, ends_at=period.ends_at)
            self.slots.append(row)

    @property
    def total(self) -> int:
        return self.fee + self.deposit

    @property
    def tariff_version(self) -> str:
        return self.tariff_row.version

    @property
    def quote_lines(self) -> list[Line]:
        """The lines as frozen when it was made."""
        return [Line.from_data(line) for line in self.lines]

    @property
    def status_words(self) -> Words:
        return vocabulary.STATUSES[self.status]

    @property
    def waits_for(self) -> Words | None:
        """What it waits for now; None when it has ended."""
        return vocabulary.WAITS_FOR.get(self.status)

    @property
    def alive(self) -> bool:
        """Whether it still holds its time."""
        return self.status in vocabulary.ALIVE

    def moves_to(self, status: str, now: datetime, by: Person | None, note: str = "") -> None:
        """Change its own state and write the step down. In the officer's queue it is due by the hall's own rule (S-36)."""
        self.status = status
        self.changed_at = now
        waits = status == vocabulary.SUBMITTED
        self.decide_by = self.tariff_row.tariff.applying.decide_by(local(now).date()) if waits else None
        self.steps.append(BookingStep(at=now, status=status, by_id=by.id if by else None, note=note))

    def late_by(self, now: datetime) -> int:
        """Days past the last day to decide it; 0 while there is time, or where the hall sets none (S-36)."""
        return max((local(now).date() - self.decide_by).days, 0) if self.decide_by else 0

    def is_of(self, person: Person) -> bool:
        """Whether the person acts for the body that applied."""
        return person.agency_id == self.agency_id and (person.id == self.applicant_id or person.has(*OWN_BODY))

    def can_see(self, person: Person) -> bool:
        return self.is_of(person) or person.has(*SEES_ALL)

    def can_decide(self, person: Person) -> bool:
        """Approve or ask for papers."""
        return person.has(*DECIDES) and self.status in vocabulary.UNDECIDED

    def can_reject(self, person: Person) -> bool:
        """Reject; also one that stands in a contest, which nobody decides on before its deadline."""
        return person.has(*DECIDES) and self.status in (*vocabulary.UNDECIDED, vocabulary.CONTESTED)

    def can_supplement(self, person: Person) -> bool:
        """Send in the papers asked for."""
        return self.is_of(person) and self.status == vocabulary.SUPPLEMENT_NEEDED

    def can_record_insurance(self, person: Person) -> bool:
        return person.has(*DECIDES) and self.status == vocabulary.AWAITING_INSURANCE

    def can_record_payment(self, person: Person) -> bool:
        return person.has(*DECIDES) and self.status == vocabulary.AWAITING_PAYMENT

    def can_cancel(self, person: Person, now: datetime) -> bool:
        """Its own body until it begins; a venue officer also for a city need."""
        return self.alive and now < self.starts_at and (self.is_of(person) or person.has(*DECIDES))


class BookingSlot(Base):
    """One slot of a booking."""

    __tablename__ = "booking_slot"
    __table_args__ = (UniqueConstraint("booking_id", "day", "slot"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    slot: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    booking: Mapped[Booking] = relationship(back_populates="slots")

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


class BookingEquipment(Base):
    """So many pieces of one kind lent with a booking; which ones, the ledger says."""

    __tablename__ = "booking_equipment"
    __table_args__ = (UniqueConstraint("booking_id", "kind"), CheckConstraint("quantity > 0", name="some"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"), index=True)
    kind: Mapped[str] = mapped_column(ForeignKey("equipment_kind.code"))
    quantity: Mapped[int] = mapped_column(Integer)

    booking: Mapped[Booking] = relationship(back_populates="equipment")
    what: Mapped[EquipmentKind] = relationship()


class BookingStep(Base):
    """One step in a booking's life: which state, when, by whom. Only ever added."""

    __tablename__ = "booking_step"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"), index=True)
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(Text, default="")

    booking: Mapped[Booking] = relationship(back_populates="steps")
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(BookingStep.by_id) == Person.id, viewonly=True
    )


class MoneyEntry(Base):
    """One movement of whole NT$ from the account `credit` to the account `debit`. Append-only (guarded by the database).

    `kind` is one of `venues.money.KINDS`; `part` is fee, deposit or damage. Accounts: `venues.money.ACCOUNTS`.
    """

    __tablename__ = "money_entry"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        Index("ix_money_entry_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(BigId, ForeignKey("booking.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    part: Mapped[str] = mapped_column(String(10))
    debit: Mapped[str] = mapped_column(String(12))
    credit: Mapped[str] = mapped_column(String(12))
    amount: Mapped[int] = mapped_column(Integer)
    label: Mapped[str] = mapped_column(String(120))
    label_en: Mapped[str] = mapped_column(String(120))
    rule: Mapped[str] = mapped_column(String(10), default="")
    document: Mapped[str] = mapped_column(String(60), default="")
    by_id: Mapped[int | None] = mapped_column(BigId)

    booking: Mapped[Booking] = relationship(back_populates="entries")

    @property
    def words(self) -> Words:
        return Words(self.label, self.label_en)
