"""師生畫廊: terms in a numbered series, one school a term, and the schools that applied (V6, G-01)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import Period, taipei
from common.words import Words
from venues.models.base import OWN_BODY, SEES_ALL, Base

WALL = "gallery:1"
"""The gallery on the ground floor in the reservation ledger: one wall, one term at a time."""


class GalleryTerm(Revised, Base):
    """第 N 檔: from its first to its last day, both included. Its time is taken in the ledger."""

    __tablename__ = "gallery_term"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint(
            "(hangs_on IS NULL AND comes_down_on IS NULL)"
            " OR (starts_on <= hangs_on AND hangs_on <= comes_down_on AND comes_down_on <= ends_on)",
            name="hangs_within_the_term",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    apply_by: Mapped[date] = mapped_column(Date)
    hangs_on: Mapped[date | None] = mapped_column(Date)
    comes_down_on: Mapped[date | None] = mapped_column(Date)

    applications: Mapped[list["GalleryApplication"]] = relationship(
        order_by="GalleryApplication.id", back_populates="term"
    )

    @property
    def label(self) -> Words:
        return Words(f"第 {self.number} 檔", f"Term {self.number}")

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"gallery_term:{self.id}"

    @property
    def period(self) -> Period:
        return Period(taipei(self.starts_on, "00:00"), taipei(self.ends_on, "24:00"))

    @property
    def show(self) -> "GalleryApplication | None":
        """The exhibition that was given the term."""
        return next((each for each in self.applications if each.status == "assigned"), None)


class GalleryApplication(Revised, Base):
    """A school's wish to hang its works in a term."""

    __tablename__ = "gallery_application"
    __table_args__ = (
        UniqueConstraint("term_id", "agency_id"),
        CheckConstraint("works > 0 AND heaviest_kg > 0", name="something_hangs"),
        CheckConstraint("status IN ('applied', 'assigned', 'declined')", name="status_known"),
        Index(
            "uq_gallery_application_one_school_a_term", "term_id", unique=True,
            sqlite_where=text("status = 'assigned'"), postgresql_where=text("status = 'assigned'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    term_id: Mapped[int] = mapped_column(BigId, ForeignKey("gallery_term.id"))
    agency_id: Mapped[int] = mapped_column(BigId)
    applicant_id: Mapped[int] = mapped_column(BigId)
    status: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(80))
    about: Mapped[str] = mapped_column(Text, default="")
    works: Mapped[int] = mapped_column(Integer)
    heaviest_kg: Mapped[int] = mapped_column(Integer)
    applied_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")

    term: Mapped[GalleryTerm] = relationship(back_populates="applications")
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(GalleryApplication.agency_id) == Agency.id, viewonly=True
    )

    def is_of(self, person: Person) -> bool:
        return person.agency_id == self.agency_id and (person.id == self.applicant_id or person.has(*OWN_BODY))

    def can_see(self, person: Person) -> bool:
        return self.is_of(person) or person.has(*SEES_ALL)
