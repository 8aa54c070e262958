"""Dated numbers and point tables: what rounds and offers go by."""

from datetime import date
from typing import Any

from sqlalchemy import Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId
from common.words import Words
from dorms.models.base import Base
from dorms.points import Item, Table


class Parameter(Base):
    """A number the rules leave to each body, from a day on, with the rule it follows. `sample` until Taipei's own is known."""

    __tablename__ = "parameter"
    __table_args__ = (UniqueConstraint("key", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    value: Mapped[int] = mapped_column(Integer)
    since: Mapped[date] = mapped_column(Date)
    rule: Mapped[str] = mapped_column(String(10))
    sample: Mapped[bool] = mapped_column(default=True)


class PointTable(Base):
    """A point table as it stands from a day on (D-15). It is never edited: a change is a new version."""

    __tablename__ = "point_table"
    __table_args__ = (UniqueConstraint("room_kind", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version: Mapped[str] = mapped_column(String(40), unique=True)
    room_kind: Mapped[str] = mapped_column(String(10))
    since: Mapped[date] = mapped_column(Date)
    sample: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(Text, default="")
    note_en: Mapped[str] = mapped_column(Text, default="")

    items: Mapped[list["PointItem"]] = relationship(order_by="PointItem.place_in_list")

    @property
    def table(self) -> Table:
        """The table as the pure arithmetic takes it."""
        return Table(self.version, tuple(item.item for item in self.items))

    @property
    def words(self) -> Words:
        return Words(self.note, self.note_en)


class PointItem(Base):
    """One row of a point table. `private` items are shown to others only within a sum (C-27)."""

    __tablename__ = "point_item"
    __table_args__ = (UniqueConstraint("table_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("point_table.id"))
    place_in_list: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(40))
    label_en: Mapped[str] = mapped_column(String(80))
    method: Mapped[str] = mapped_column(String(20))
    parameters: Mapped[dict[str, Any]]
    rule: Mapped[str] = mapped_column(String(10))
    sample: Mapped[bool] = mapped_column(default=True)
    private: Mapped[bool] = mapped_column(default=False)

    @property
    def item(self) -> Item:
        """The item as the pure arithmetic takes it."""
        label = Words(self.label, self.label_en)
        return Item(self.code, label, self.method, self.parameters, self.rule, self.sample, self.private)
