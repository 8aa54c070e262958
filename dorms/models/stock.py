"""Houses, rooms and beds, and what state a room is in from which day on."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId
from common.words import Words
from dorms.models.base import Base


class Building(Base):
    """A dormitory house. Its id is a word (`xiyuan`), so that wishes may name houses and rooms alike.

    `women_first`: marked so for its single rooms (D-22); a round takes the mark over when it is announced.
    """

    __tablename__ = "building"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(120), default="")
    place_en: Mapped[str] = mapped_column(String(120), default="")
    place_in_list: Mapped[int] = mapped_column(Integer, default=0)
    women_first: Mapped[bool] = mapped_column(default=False)

    rooms: Mapped[list["Room"]] = relationship(back_populates="building", order_by="Room.number")

    @property
    def words(self) -> Words:
        return Words(self.name, self.name_en)


class Room(Base):
    """A room with its dated history of states (D-47). What it is on a day is the last state begun by then."""

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("building_id", "number"),
        CheckConstraint("kind IN ('single', 'family')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    building_id: Mapped[str] = mapped_column(ForeignKey("building.id"))
    number: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(10))
    floor: Mapped[int] = mapped_column(Integer)
    accessible: Mapped[bool] = mapped_column(default=False)

    building: Mapped[Building] = relationship(back_populates="rooms", lazy="joined")
    beds: Mapped[list["Bed"]] = relationship(back_populates="room", order_by="Bed.label")
    states: Mapped[list["RoomState"]] = relationship(back_populates="room", order_by="RoomState.since, RoomState.id")

    @property
    def words(self) -> Words:
        """House and number: 西園 301."""
        return Words(f"{self.building.name} {self.number}", f"{self.building.name_en} {self.number}")

    def state_on(self, day: date) -> str | None:
        """Its state on a day; None before it was part of the stock."""
        begun = [row.state for row in self.states if row.since <= day]
        return begun[-1] if begun else None

    @property
    def state(self) -> str | None:
        return self.states[-1].state if self.states else None


class Bed(Base):
    """A place to sleep: one in a single room. This is what the reservation ledger keeps."""

    __tablename__ = "bed"
    __table_args__ = (UniqueConstraint("room_id", "label"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    label: Mapped[str] = mapped_column(String(4), default="A")

    room: Mapped[Room] = relationship(back_populates="beds")

    @property
    def resource(self) -> str:
        """Its name in the reservation ledger."""
        return f"bed:{self.id}"


class RoomState(Base):
    """A room is in this state from a day on, until the next row says otherwise. Rows are only ever added."""

    __tablename__ = "room_state"
    __table_args__ = (
        CheckConstraint("state IN ('let', 'to_let', 'awaiting_repair', 'in_repair', 'closed')", name="state_known"),
        Index("ix_room_state_room", "room_id", "since"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    state: Mapped[str] = mapped_column(String(20))
    since: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200), default="")

    room: Mapped[Room] = relationship(back_populates="states")
