"""Places and what is lent with them: venues and their parts, slots, tariffs, days off, equipment."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import Period
from common.words import Words
from venues import vocabulary
from venues.models.base import Base
from venues.slots import SlotTime
from venues.tariffs import PayRule, Tariff, Window


class Venue(Revised, Base):
    """A place that can be had: a hall, a ground, a meeting room, or a part of one (`whole_id`)."""

    __tablename__ = "venue"
    __table_args__ = (
        CheckConstraint("kind IN ('hall', 'ground', 'room')", name="kind_known"),
        CheckConstraint("whole_id IS NULL OR whole_id <> id", name="no_part_of_itself"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(120), default="")
    place_en: Mapped[str] = mapped_column(String(120), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    about_en: Mapped[str] = mapped_column(Text, default="")
    whole_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("venue.id"))
    manager_id: Mapped[int | None] = mapped_column(BigId)
    area_m2: Mapped[int | None] = mapped_column(Integer)
    max_people: Mapped[int | None] = mapped_column(Integer)
    max_people_rule: Mapped[str] = mapped_column(String(10), default="")
    max_days: Mapped[int] = mapped_column(Integer, default=1)
    opens_months: Mapped[int] = mapped_column(Integer, default=3)
    closes_days: Mapped[int] = mapped_column(Integer, default=10)
    opens_days: Mapped[int | None] = mapped_column(Integer)
    supplement_days: Mapped[int] = mapped_column(Integer, default=7)
    window_rule: Mapped[str] = mapped_column(String(10), default="")
    contest_days: Mapped[int] = mapped_column(Integer, default=3)
    setup_minutes: Mapped[int] = mapped_column(Integer, default=0)
    clear_minutes: Mapped[int] = mapped_column(Integer, default=0)
    offer_days: Mapped[int] = mapped_column(Integer, default=2)
    contest_seed: Mapped[str] = mapped_column(String(120), default="臺灣證券交易所發行量加權股價指數收盤值")
    max_overtime: Mapped[int] = mapped_column(Integer, default=240)
    lends_equipment: Mapped[bool] = mapped_column(Boolean, default=False)
    features: Mapped[list[Any]] = mapped_column(default=list)
    sample: Mapped[bool] = mapped_column(Boolean, default=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    place_in_list: Mapped[int] = mapped_column(Integer, default=0)
    floor: Mapped[int | None] = mapped_column(Integer)
    reserved_weekday: Mapped[int | None] = mapped_column(Integer)  # M-03, 0 is Monday
    duty_room: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # M-04

    parts: Mapped[list["Venue"]] = relationship(back_populates="whole", order_by="Venue.place_in_list")
    whole: Mapped["Venue | None"] = relationship(back_populates="parts", remote_side=[id])
    slot_rows: Mapped[list["VenueSlot"]] = relationship(order_by="VenueSlot.starts", back_populates="venue")
    manager: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(Venue.manager_id) == Agency.id, viewonly=True
    )

    @property
    def label(self) -> Words:
        """Name, with the whole it is part of: 市民廣場・流水噴泉區."""
        own = Words(self.name, self.name_en)
        return Words(f"{self.whole.name}・{own.zh}", f"{self.whole.name_en}, {own.en}") if self.whole else own

    @property
    def resource(self) -> str:
        """Its own name in the reservation ledger."""
        return f"venue:{self.id}"

    @property
    def resources(self) -> list[str]:
        """Everything a booking of it takes: itself and its parts. So the whole blocks each part, and a part the whole."""
        return [self.resource, *(resource for part in self.parts for resource in part.resources)]

    def with_buffers(self, period: Period) -> Period:
        """The period with the time kept free around each use of this venue for setting up and clearing."""
        before, after = timedelta(minutes=self.setup_minutes), timedelta(minutes=self.clear_minutes)
        return Period(period.starts_at - before, period.ends_at + after)

    @property
    def plan(self) -> list[SlotTime]:
        """Its slots of a day (時段), in order; empty for meeting rooms, which are had by the quarter hour."""
        return [row.time for row in self.slot_rows]

    @property
    def window(self) -> Window:
        """When it is applied for where its tariff names no other window (S-10, S-11)."""
        return Window(opens=self.opens_months, closes=self.closes_days, rule=self.window_rule, sample=self.sample)

    @property
    def by_slots(self) -> bool:
        """Whether it is applied for by slots; else it is a meeting room, first come first served (M-02)."""
        return self.kind != "room"

    def class_of(self, person: Person) -> str | None:
        """The class of applicant (S-30) this person's body belongs to here; None: may not apply (S-12)."""
        agency = person.agency
        if agency is None or not agency.active:
            return None
        if agency.kind == "city":
            return vocabulary.MANAGING_AGENCY if agency.id == self.manager_id else vocabulary.CITY_AGENCY
        return vocabulary.GOVERNMENT if agency.kind == "government" else vocabulary.REGISTERED_BODY


class VenueSlot(Base):
    """One slot of a venue's day, in Taipei wall-clock times (S-03)."""

    __tablename__ = "venue_slot"
    __table_args__ = (
        UniqueConstraint("venue_id", "code"),
        CheckConstraint("starts < ends", name="starts_before_it_ends"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(BigId, ForeignKey("venue.id"))
    code: Mapped[str] = mapped_column(String(20))
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(20))
    name_en: Mapped[str] = mapped_column(String(20))

    venue: Mapped[Venue] = relationship(back_populates="slot_rows")

    @property
    def time(self) -> SlotTime:
        return SlotTime(self.code, self.starts, self.ends, Words(self.name, self.name_en))


class TariffRow(Base):
    """One version of a venue's tariff, valid from a day on; never edited, only followed by the next version.

    One that is still to come may be withdrawn (`WithdrawnTariff`). `pay_within_days` counts working days and holds where
    the data names no pay-by rule.
    """

    __tablename__ = "tariff"
    __table_args__ = (UniqueConstraint("venue_id", "version"), UniqueConstraint("venue_id", "effective_from"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    venue_id: Mapped[int] = mapped_column(BigId, ForeignKey("venue.id"))
    version: Mapped[str] = mapped_column(String(40))
    effective_from: Mapped[date] = mapped_column(Date)
    pay_within_days: Mapped[int] = mapped_column(Integer, default=3)
    data: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(Text, default="")
    saved_by_id: Mapped[int | None] = mapped_column(BigId)
    saved_at: Mapped[datetime | None]

    saved_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(TariffRow.saved_by_id) == Person.id, viewonly=True
    )

    @property
    def tariff(self) -> Tariff:
        made = Tariff.from_data(self.version, self.effective_from, self.data)
        return made if self.data.get("pay") else replace(made, pay=PayRule(days=self.pay_within_days))


class DayOff(Revised, Base):
    """A day that differs from its weekday on the government's calendar: a day off, a make-up workday, a closure (C-04…C-06).

    Made from the `holidays` package and corrected by an administrator; `kind` is one of `tariffs.calendar.MARKS`, or
    `ordinary` where an administrator took a day of the package's away.
    """

    __tablename__ = "day_off"
    __table_args__ = (
        CheckConstraint("kind IN ('holiday', 'substitute', 'workday', 'closure', 'ordinary')", name="kind_known"),
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12), default="holiday")
    source: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def label(self) -> Words:
        return Words(self.name, self.name_en)

    @property
    def corrected(self) -> bool:
        """Whether an administrator set it; the package then leaves it alone."""
        return self.source == ""


class EquipmentKind(Base):
    """Something lent with a venue, in `units` numbered pieces: movable stage, sound set, light set (S-19)."""

    __tablename__ = "equipment_kind"
    __table_args__ = (CheckConstraint("units >= 0", name="units_not_negative"),)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(40))
    units: Mapped[int] = mapped_column(Integer)
    most: Mapped[int] = mapped_column(Integer, default=1)
    watts: Mapped[int] = mapped_column(Integer, default=0)
    saves: Mapped[int] = mapped_column(Integer, default=0)
    rule: Mapped[str] = mapped_column(String(10), default="")
    place_in_list: Mapped[int] = mapped_column(Integer, default=0)

    @property
    def label(self) -> Words:
        return Words(self.name, self.name_en)

    @property
    def resources(self) -> list[str]:
        """The numbered pieces in the reservation ledger."""
        return [f"{self.code}:{number}" for number in range(1, self.units + 1)]
