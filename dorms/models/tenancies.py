"""What belongs to a stay: its contracts, its furniture at both hand-overs, photos, what is deducted, its story."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId
from common.identity import Person
from common.roc import day_words
from common.words import Words
from dorms import stays
from dorms.models.base import Base
from dorms.models.rounds import Tenancy


class Contract(Base):
    """A notarised contract for one term of a stay (D-10, D-11); a renewal is a further one (D-20)."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("tenancy_id", "stay_until", name="uq_contract_one_a_term"),
        CheckConstraint("paid_by IN ('borrower', 'agency')", name="payer_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tenancy_id: Mapped[int] = mapped_column(BigId, ForeignKey("tenancy.id"))
    number: Mapped[str] = mapped_column(String(60))
    notary: Mapped[str] = mapped_column(String(80))
    notarised_on: Mapped[date] = mapped_column(Date)
    paid_by: Mapped[str] = mapped_column(String(10), default=stays.BORROWER)
    renewal: Mapped[bool] = mapped_column(default=False)
    stay_from: Mapped[date] = mapped_column(Date)
    stay_until: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(BigId)

    tenancy: Mapped[Tenancy] = relationship(back_populates="contracts")


class InventoryItem(Base):
    """One kind of thing in the room: as handed over, and as it came back. `self_built`: left there by the borrower (D-42)."""

    __tablename__ = "inventory_item"
    __table_args__ = (
        UniqueConstraint("tenancy_id", "place_in_list"),
        CheckConstraint("quantity >= 0 AND quantity_back >= 0", name="quantities_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tenancy_id: Mapped[int] = mapped_column(BigId, ForeignKey("tenancy.id"))
    place_in_list: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(60))
    self_built: Mapped[bool] = mapped_column(default=False)
    quantity: Mapped[int] = mapped_column(Integer)
    condition: Mapped[str] = mapped_column(String(10))
    remark: Mapped[str] = mapped_column(String(200), default="")
    quantity_back: Mapped[int | None] = mapped_column(Integer)
    condition_back: Mapped[str | None] = mapped_column(String(10))
    remark_back: Mapped[str] = mapped_column(String(200), default="")

    tenancy: Mapped[Tenancy] = relationship(back_populates="items")

    @property
    def differs(self) -> bool:
        """Whether less of it came back, or it came back worse."""
        if self.self_built or self.quantity_back is None or self.condition_back is None:
            return False
        return self.quantity_back < self.quantity or stays.WORSE[self.condition_back] > stays.WORSE[self.condition]


class TenancyPhoto(Base):
    """A photo taken at one of the hand-overs. The file lies outside the database (common.uploads)."""

    __tablename__ = "tenancy_photo"
    __table_args__ = (
        UniqueConstraint("stored"),
        CheckConstraint("size > 0", name="not_empty"),
        Index("ix_tenancy_photo_tenancy_id", "tenancy_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tenancy_id: Mapped[int] = mapped_column(BigId, ForeignKey("tenancy.id"))
    taken_at: Mapped[str] = mapped_column(String(10))
    filename: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)

    tenancy: Mapped[Tenancy] = relationship(back_populates="photos")


class PayTerms(Base):
    """From a day on: the grade by which the allowance goes, and whether it is deducted at all (D-30). Dated, never edited
    once a later one stands."""

    __tablename__ = "pay_terms"
    __table_args__ = (UniqueConstraint("tenancy_id", "since", name="uq_pay_terms_one_a_day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tenancy_id: Mapped[int] = mapped_column(BigId, ForeignKey("tenancy.id"))
    since: Mapped[date] = mapped_column(Date)
    grade: Mapped[int | None] = mapped_column(Integer)
    deducted: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str] = mapped_column(String(200), default="")

    tenancy: Mapped[Tenancy] = relationship(back_populates="pay_terms")


class TenancyStep(Base):
    """One thing that happened in a stay; rows are only ever added. `by_id` is nobody where the house did it by itself."""

    __tablename__ = "tenancy_step"
    __table_args__ = (Index("ix_tenancy_step_tenancy_id", "tenancy_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tenancy_id: Mapped[int] = mapped_column(BigId, ForeignKey("tenancy.id"))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(20))
    day: Mapped[date | None] = mapped_column(Date)
    cause: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")

    tenancy: Mapped[Tenancy] = relationship(back_populates="story")
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(TenancyStep.by_id) == Person.id, viewonly=True
    )

    @property
    def words(self) -> Words:
        """What happened, with its day and cause."""
        words = stays.STEPS[self.kind].fill(on=day_words(self.day, year=True) if self.day else "")
        if self.cause is None:
            return words
        return Words("{what}：{why}", "{what}: {why}").fill(what=words, why=stays.CAUSES[self.cause].words)
