"""Electronic notice boards at gates and lifts, and what is posted on them by the day (V11, G-05)."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import local
from common.words import Words
from venues.models.base import OWN_BODY, SEES_ALL, Base
from venues.terms import POSTING_STATES

posting_board = Table(
    "posting_board",
    Base.metadata,
    Column("posting_id", BigId, ForeignKey("posting.id"), primary_key=True),
    Column("board_id", BigId, ForeignKey("board.id"), primary_key=True),
)


class Board(Base):
    """A board that shows up to `places` postings a day in turn."""

    __tablename__ = "board"
    __table_args__ = (CheckConstraint("places > 0", name="some_places"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(40))
    places: Mapped[int] = mapped_column(Integer)
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    place_in_list: Mapped[int] = mapped_column(Integer, default=0)

    @property
    def label(self) -> Words:
        return Words(self.name, self.name_en)

    @property
    def resources(self) -> list[str]:
        """Its numbered places in the reservation ledger."""
        return [f"board:{self.id}:{number}" for number in range(1, self.places + 1)]


class Posting(Revised, Base):
    """A notice to be shown on some boards from one day to another, both included. It holds its places from the request on."""

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        CheckConstraint("status IN ('requested', 'approved', 'rejected', 'withdrawn')", name="status_known"),
        Index("ix_posting_status_starts_on", "status", "starts_on"),
        Index("ix_posting_agency_id_id", "agency_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    status: Mapped[str] = mapped_column(String(10))
    agency_id: Mapped[int] = mapped_column(BigId)
    applicant_id: Mapped[int] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    requested_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")

    boards: Mapped[list[Board]] = relationship(secondary=posting_board, order_by=Board.place_in_list)
    agency: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(Posting.agency_id) == Agency.id, viewonly=True
    )

    @property
    def number(self) -> str:
        """The number people quote, e.g. 115-B-00042."""
        return f"{local(self.requested_at).year - 1911}-B-{self.id:05d}"

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"posting:{self.id}"

    @property
    def status_words(self) -> Words:
        return POSTING_STATES[self.status]

    @property
    def alive(self) -> bool:
        return self.status in ("requested", "approved")

    def is_of(self, person: Person) -> bool:
        return person.agency_id == self.agency_id and (person.id == self.applicant_id or person.has(*OWN_BODY))

    def can_see(self, person: Person) -> bool:
        return self.is_of(person) or person.has(*SEES_ALL)
