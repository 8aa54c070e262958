"""Registrations for a round: a firm, its seller and its ticket; their steps, their money, the warnings given."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Person
from common.words import Words
from venues.models.base import DECIDES, OWN_BODY, SEES_ALL, Base
from venues.models.rounds import Round
from venues.rounds import words as say

STANDS = text("withdrawn_at IS NULL")
WITH_SELLER = text("withdrawn_at IS NULL AND seller_id <> ''")
HAS_PLACE = text("place_no IS NOT NULL")

ONE_FIRM = "uq_registration_one_firm_a_round"
ONE_SELLER = "uq_registration_one_seller_a_round"


class Registration(Revised, Base):
    """A firm's registration in one class of a round. While it stands its firm and its seller have no other in the round
    (T-04). Registered on paper when `person_id` is empty; then `entered_by_id` is the officer who entered it."""

    __tablename__ = "registration"
    __table_args__ = (
        Index(ONE_FIRM, "round_id", "firm_number", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index(
            ONE_SELLER, "round_id", "seller_id", unique=True, sqlite_where=WITH_SELLER, postgresql_where=WITH_SELLER
        ),
        Index(
            "uq_registration_one_holder_a_place", "round_id", "place_no", unique=True, sqlite_where=HAS_PLACE,
            postgresql_where=HAS_PLACE,
        ),
        Index("ix_registration_round_id_status", "round_id", "status"),
        Index("ix_registration_agency_id", "agency_id"),
        Index("ix_registration_firm_number", "firm_number"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(BigId, ForeignKey("round.id"))
    class_code: Mapped[str] = mapped_column(String(20))
    prefix: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    firm_kind: Mapped[str] = mapped_column(String(10))
    firm_number: Mapped[str] = mapped_column(String(20))
    firm_name: Mapped[str] = mapped_column(String(80))
    seller_id: Mapped[str] = mapped_column(String(10), default="")
    seller_name: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    goods: Mapped[str] = mapped_column(String(120), default="")
    papers: Mapped[list[Any]]
    papers_note: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int | None] = mapped_column(BigId)
    agency_id: Mapped[int | None] = mapped_column(BigId)
    entered_by_id: Mapped[int | None] = mapped_column(BigId)
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    supplement: Mapped[str] = mapped_column(Text, default="")
    supplement_by: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text, default="")
    appeal_by: Mapped[date | None] = mapped_column(Date)
    position: Mapped[int | None] = mapped_column(Integer)
    place_no: Mapped[int | None] = mapped_column(Integer)
    answer_by: Mapped[datetime | None]
    pay_by: Mapped[datetime | None]
    rent_from: Mapped[date | None] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)

    round: Mapped[Round] = relationship()
    steps: Mapped[list["RegistrationStep"]] = relationship(
        order_by="RegistrationStep.id", back_populates="registration"
    )
    entries: Mapped[list["RoundEntry"]] = relationship(order_by="RoundEntry.id", back_populates="registration")
    warnings: Mapped[list["RoundWarning"]] = relationship(order_by="RoundWarning.id", back_populates="registration")

    @property
    def ticket(self) -> str:
        """The code it is drawn under: its class and its number, never a name."""
        return f"{self.prefix}-{self.id:05d}"

    @property
    def status_words(self) -> Words:
        return say.STATUSES[self.status]

    @property
    def seller_masked(self) -> str:
        """The seller's number for those who need only recognise it."""
        return self.seller_id[:2] + "*****" + self.seller_id[-3:] if self.seller_id else ""

    def is_of(self, person: Person | None) -> bool:
        """Whether the person acts for the body that registered."""
        if person is None or self.person_id is None:
            return False
        mine = person.agency_id == self.agency_id and person.has(*OWN_BODY)
        return person.id == self.person_id or mine

    def can_see(self, person: Person) -> bool:
        return self.is_of(person) or person.has(*SEES_ALL)

    def acts(self, person: Person) -> bool:
        """Whether the person may answer or withdraw for it: its own body, or the desk for a paper registration."""
        return self.is_of(person) or person.has(*DECIDES)


class RegistrationStep(Base):
    """One step in a registration's life. Append-only."""

    __tablename__ = "registration_step"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(BigId, ForeignKey("registration.id"), index=True)
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(Text, default="")

    registration: Mapped[Registration] = relationship(back_populates="steps")
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(RegistrationStep.by_id) == Person.id, viewonly=True
    )


class RoundEntry(Base):
    """One movement of whole NT$ from the account `credit` to the account `debit`. Append-only.

    Accounts: owed (what the firm owes), bank, prepaid (rent received for days to come), income, to_return (refunds on
    their way). `kind` is charge, payment, refund, payout, reversal or income.
    """

    __tablename__ = "round_entry"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(BigId, ForeignKey("registration.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    debit: Mapped[str] = mapped_column(String(12))
    credit: Mapped[str] = mapped_column(String(12))
    amount: Mapped[int] = mapped_column(Integer)
    label: Mapped[str] = mapped_column(String(160))
    label_en: Mapped[str] = mapped_column(String(200))
    rule: Mapped[str] = mapped_column(String(10), default="")
    document: Mapped[str] = mapped_column(String(60), default="")
    by_id: Mapped[int | None] = mapped_column(BigId)

    registration: Mapped[Registration] = relationship(back_populates="entries")

    @property
    def words(self) -> Words:
        return Words(self.label, self.label_en)


class RoundWarning(Base):
    """A warning given to the holder of a place (T-08). A grave one takes the place at once."""

    __tablename__ = "round_warning"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(BigId, ForeignKey("registration.id"), index=True)
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(Text)
    grave: Mapped[bool] = mapped_column(Boolean)
    heeded_at: Mapped[datetime | None]
    by_id: Mapped[int] = mapped_column(BigId)

    registration: Mapped[Registration] = relationship(back_populates="warnings")
