"""Legacy houses and land, checks and visits with their evidence, repairs with their photos (D-07, D-40 to D-44)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, JsonValue, Revised
from common.identity import Person
from common.period import Period
from common.words import Words
from dorms.models.base import Base, numbered
from dorms.models.stock import Room
from dorms.upkeep import terms
from dorms.upkeep.districts import DISTRICTS, district_of

ONE_PLACE = "(room_id IS NULL) <> (house_id IS NULL)"


def one_of(column: str, codes: Any) -> str:
    """A condition that the column holds one of these codes."""
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


class LegacyHouse(Revised, Base):
    """A legacy house 眷舍 or a piece of land on the register, with its dated history of states. Never let anew (D-07)."""

    __tablename__ = "legacy_house"
    __table_args__ = (CheckConstraint(one_of("kind", terms.HOUSE_KINDS), name="kind_known"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(120))
    place_en: Mapped[str] = mapped_column(String(120))
    area_m2: Mapped[int] = mapped_column(Integer)
    parcel: Mapped[str] = mapped_column(String(60), default="")
    occupant: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")

    states: Mapped[list["LegacyState"]] = relationship(
        back_populates="house", order_by="LegacyState.since, LegacyState.id", lazy="selectin"
    )

    @property
    def words(self) -> Words:
        """Its number and address."""
        return Words(f"{self.code} {self.place}", f"{self.code} {self.place_en}")

    @property
    def address(self) -> Words:
        return Words(self.place, self.place_en)

    @property
    def state(self) -> str:
        return self.states[-1].state if self.states else terms.EMPTY


class LegacyState(Base):
    """A house is in this state from a day on, until the next row says otherwise. Rows are only ever added."""

    __tablename__ = "legacy_state"
    __table_args__ = (
        CheckConstraint(one_of("state", terms.HOUSE_STATES), name="state_known"),
        Index("ix_legacy_state_house", "house_id", "since"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    house_id: Mapped[int] = mapped_column(ForeignKey("legacy_house.id"))
    state: Mapped[str] = mapped_column(String(20))
    since: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200), default="")

    house: Mapped[LegacyHouse] = relationship(back_populates="states")


class AtPlace:
    """What is about one room or one legacy house."""

    room: Mapped[Room | None]
    house: Mapped[LegacyHouse | None]

    @property
    def place(self) -> Words:
        """The room or the house as people name it."""
        row = self.room or self.house
        return row.words if row else Words("", "")

    @property
    def address(self) -> Words:
        """Where to go."""
        if self.room is not None:
            building = self.room.building
            number = self.room.number
            return Words(
                f"{building.place} {building.name} {number}", f"{building.name_en} {number}, {building.place_en}"
            )
        return self.house.address if self.house else Words("", "")

    @property
    def district(self) -> str:
        """The code of the district it lies in."""
        return district_of(self.room.building.place if self.room else self.address.zh)

    @property
    def district_words(self) -> Words:
        return DISTRICTS[self.district]

    @property
    def on_the_way(self) -> tuple[Any, ...]:
        """Sorts by district, then house, then number: the order in which a visitor goes."""
        order = list(DISTRICTS).index(self.district)
        if self.room is not None:
            return (order, 0, self.room.building.place_in_list, "", self.room.number)
        return (order, 1, 0, self.address.zh, self.house.code if self.house else "")

    @property
    def place_key(self) -> str:
        """`room/5` or `house/2`."""
        return f"room/{self.room.id}" if self.room else f"house/{self.house.id if self.house else ''}"


class CheckPlan(Base):
    """The plan of a year was made. Its row is what planners and schedulers hold while they work."""

    __tablename__ = "check_plan"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(BigId)


class HouseCheck(Revised, AtPlace, Base):
    """One check, inventory or visit of one place: planned for a year, put on a day's route, recorded once."""

    __tablename__ = "house_check"
    __table_args__ = (
        CheckConstraint(ONE_PLACE, name="one_place"),
        CheckConstraint(one_of("kind", terms.CHECK_KINDS), name="kind_known"),
        CheckConstraint(one_of("state", terms.CHECK_STATES), name="state_known"),
        UniqueConstraint("year", "kind", "room_id", "turn", name="uq_house_check_room_once"),
        UniqueConstraint("year", "kind", "house_id", "turn", name="uq_house_check_house_once"),
        Index("ix_house_check_day", "day", "visitor_id"),
        Index("ix_house_check_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("check_plan.year"))
    kind: Mapped[str] = mapped_column(String(12))
    turn: Mapped[int] = mapped_column(Integer, default=1)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"), index=True)
    house_id: Mapped[int | None] = mapped_column(ForeignKey("legacy_house.id"))
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12), default=terms.PLANNED)
    person_id: Mapped[int | None] = mapped_column(BigId)
    visitor_id: Mapped[int | None] = mapped_column(BigId)
    day: Mapped[date | None] = mapped_column(Date)
    half: Mapped[str] = mapped_column(String(10), default=terms.MORNING)
    appointed_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    recorded_by_id: Mapped[int | None] = mapped_column(BigId)
    follow_up_by: Mapped[date | None] = mapped_column(Date)
    followed_up_at: Mapped[datetime | None]
    follow_up_note: Mapped[str] = mapped_column(Text, default="")

    room: Mapped[Room | None] = relationship(lazy="joined")
    house: Mapped[LegacyHouse | None] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(HouseCheck.person_id) == Person.id, viewonly=True
    )
    visitor: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(HouseCheck.visitor_id) == Person.id, viewonly=True
    )

    @property
    def number(self) -> str:
        """The number people quote: 115-C-00042."""
        return f"{self.year - 1911}-C-{self.id:05d}"

    @property
    def period(self) -> Period | None:
        """The half day it is on."""
        return Period.of_local(self.day, *terms.HOURS[self.half]) if self.day else None

    @property
    def seen_at(self) -> datetime:
        """When it took place, as told."""
        return self.told_at or self.recorded_at or Period.of_day(self.day or self.due_on).starts_at

    @property
    def announced(self) -> bool:
        """Whether its resident may know of it: visits only afterwards (D-43)."""
        return self.state == terms.DONE or (self.state == terms.APPOINTED and self.kind != terms.VISIT)

    @property
    def open_follow_up(self) -> bool:
        return self.follow_up_by is not None and self.followed_up_at is None

    def can_see(self, person: Person) -> bool:
        return person.has("dorm_officer") or (self.person_id == person.id and self.announced)


class VisitAct(Base):
    """One record from a visitor's phone, taken once however often it is sent: `key` is made by the phone with the tap."""

    __tablename__ = "visit_act"
    __table_args__ = (UniqueConstraint("person_id", "key", name="uq_visit_act_once"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId)
    key: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    check_id: Mapped[int] = mapped_column(BigId, index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    told_at: Mapped[datetime]
    received_at: Mapped[datetime]
    answer: Mapped[dict[str, Any]] = mapped_column(JsonValue)


class ResidenceCase(Revised, AtPlace, Base):
    """Evidence that somebody may not live where they borrow, gathered step by step; a person decides (D-43, D-46).

    `open_at` names the place while the case is open, so that a place has one open case at most.
    """

    __tablename__ = "residence_case"
    __table_args__ = (
        CheckConstraint(ONE_PLACE, name="one_place"),
        UniqueConstraint("open_at", name="uq_residence_case_one_open"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    house_id: Mapped[int | None] = mapped_column(ForeignKey("legacy_house.id"))
    person_id: Mapped[int | None] = mapped_column(BigId, index=True)
    open_at: Mapped[str | None] = mapped_column(String(30))
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(BigId)
    statement: Mapped[str] = mapped_column(Text, default="")
    stated_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(String(20))

    room: Mapped[Room | None] = relationship(lazy="joined")
    house: Mapped[LegacyHouse | None] = relationship(lazy="joined")
    steps: Mapped[list["ResidenceStep"]] = relationship(back_populates="case", order_by="ResidenceStep.id")
    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(ResidenceCase.person_id) == Person.id, viewonly=True
    )

    @property
    def number(self) -> str:
        return numbered(self.opened_at, "E", self.id)

    @property
    def is_open(self) -> bool:
        return self.decision is None

    def step(self, code: str) -> "ResidenceStep | None":
        return next((each for each in self.steps if each.step == code), None)

    @property
    def next_step(self) -> str | None:
        """What comes next; None when it is decided."""
        return next((code for code in terms.STEPS if self.step(code) is None), None) if self.is_open else None

    def can_see(self, person: Person) -> bool:
        """Officers; its person once asked to explain."""
        asked = self.step(terms.LETTER) is not None or not self.is_open
        return person.has("dorm_officer") or (self.person_id == person.id and asked)


class ResidenceStep(Base):
    """One step of the evidence: who found or wrote what, and when."""

    __tablename__ = "residence_step"
    __table_args__ = (
        UniqueConstraint("case_id", "step", name="uq_residence_step_once"),
        CheckConstraint(one_of("step", terms.STEPS), name="step_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("residence_case.id"))
    step: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)
    check_id: Mapped[int | None] = mapped_column(ForeignKey("house_check.id"))
    answer_by: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")

    case: Mapped[ResidenceCase] = relationship(back_populates="steps")
    check: Mapped[HouseCheck | None] = relationship()
    by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(ResidenceStep.by_id) == Person.id, viewonly=True
    )


class Repair(Revised, AtPlace, Base):
    """A repair asked for, worked off in order of application (D-41), or works at own cost that need consent first (D-42).

    `out_of_stock`: the room was empty and is kept from letting until the work is done.
    """

    __tablename__ = "repair"
    __table_args__ = (
        CheckConstraint(ONE_PLACE, name="one_place"),
        CheckConstraint(one_of("state", terms.REPAIR_STATES), name="state_known"),
        CheckConstraint(one_of("payer", terms.PAYERS), name="payer_known"),
        CheckConstraint("estimate >= 0 AND cost >= 0", name="amounts_not_negative"),
        Index("ix_repair_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"), index=True)
    house_id: Mapped[int | None] = mapped_column(ForeignKey("legacy_house.id"))
    person_id: Mapped[int] = mapped_column(BigId, index=True)
    payer: Mapped[str] = mapped_column(String(10), default=terms.AGENCY)
    part: Mapped[str] = mapped_column(String(12))
    what: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default=terms.REQUESTED)
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    out_of_turn: Mapped[str] = mapped_column(Text, default="")
    estimate: Mapped[int | None] = mapped_column(Integer)
    contractor: Mapped[str] = mapped_column(String(80), default="")
    started_on: Mapped[date | None] = mapped_column(Date)
    finished_on: Mapped[date | None] = mapped_column(Date)
    cost: Mapped[int | None] = mapped_column(Integer)
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(BigId)
    acceptance: Mapped[str] = mapped_column(Text, default="")
    out_of_stock: Mapped[bool] = mapped_column(default=False)

    room: Mapped[Room | None] = relationship(lazy="joined")
    house: Mapped[LegacyHouse | None] = relationship(lazy="joined")
    photos: Mapped[list["RepairPhoto"]] = relationship(back_populates="repair", order_by="RepairPhoto.id")
    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Repair.person_id) == Person.id, viewonly=True
    )
    accepted_by: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Repair.accepted_by_id) == Person.id, viewonly=True
    )

    @property
    def number(self) -> str:
        return numbered(self.requested_at, "R", self.id)

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"repair:{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state in terms.OPEN_REPAIRS

    def can_see(self, person: Person) -> bool:
        return self.person_id == person.id or person.has("dorm_officer")


class RepairPhoto(Base):
    """One picture of a repair. The file lies outside the database (common.uploads)."""

    __tablename__ = "repair_photo"
    __table_args__ = (UniqueConstraint("stored"), CheckConstraint("size > 0", name="not_empty"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    repair_id: Mapped[int] = mapped_column(ForeignKey("repair.id"), index=True)
    filename: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigId)

    repair: Mapped[Repair] = relationship(back_populates="photos")
