"""Rounds, applications, offers, stays and bars."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, column_property, foreign, mapped_column, relationship

from common.db import BigId, JsonValue, Revised
from common.identity import Person
from common.period import Period
from dorms import stays
from dorms import vocabulary as say
from dorms.allocation import ACCESSIBLE, WOMEN, Vacant, Wish
from dorms.models.base import Base, Exact, nights
from dorms.models.objections import Objection, PointCheck
from dorms.models.rules import PointTable
from dorms.models.stock import Bed, Room
from dorms.points import Facts, Score
from dorms.points import checked as count_checked
from dorms.points import score as count_points

if TYPE_CHECKING:
    from dorms.models.tenancies import Contract, InventoryItem, PayTerms, TenancyPhoto, TenancyStep


class Round(Revised, Base):
    """One round 配借: registration, ranking, publication, allotment. `record` is what anybody can check."""

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint("kind IN ('single', 'family')", name="kind_known"),
        CheckConstraint("registration_from < registration_until", name="registration_opens_before_it_closes"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    registration_from: Mapped[datetime]
    registration_until: Mapped[datetime]
    notice: Mapped[str] = mapped_column(Text, default="")
    seed_source: Mapped[str] = mapped_column(String(200))
    table_id: Mapped[int] = mapped_column(ForeignKey("point_table.id"))
    opened_by_id: Mapped[int] = mapped_column(BigId)
    opened_at: Mapped[datetime]
    ranked_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    allotted_at: Mapped[datetime | None]
    list_valid_until: Mapped[date | None] = mapped_column(Date)
    record: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    constraints: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    objection_days: Mapped[int] = mapped_column(Integer, default=0)
    objections_until: Mapped[datetime | None]

    if TYPE_CHECKING:
        applicants: Mapped[int]  # how many take part, counted when the row is read; set below Application
    point_table: Mapped[PointTable] = relationship()
    applications: Mapped[list["Application"]] = relationship(back_populates="round", order_by="Application.id")

    def stage(self, now: datetime) -> str:
        """How far the round has come."""
        if self.allotted_at:
            return say.ALLOTTED
        if self.published_at:
            return say.PUBLISHED
        if self.ranked_at:
            return say.RANKED
        if now >= self.registration_until:
            return say.CLOSED_ROUND
        return say.OPEN if now >= self.registration_from else say.ANNOUNCED

    @property
    def public(self) -> bool:
        """Whether everybody may read the ranking."""
        return self.published_at is not None

    @property
    def notice_days(self) -> int:
        """Whole days between the notice and the end of registration (D-17)."""
        return (self.registration_until - self.opened_at).days

    def takes_objections(self, now: datetime) -> bool:
        """Whether an applicant may object to the published ranking now."""
        return self.objections_until is not None and now < self.objections_until and not self.allotted_at

    @property
    def women_first(self) -> list[str]:
        """The houses in whose single rooms women come first in this round (D-22)."""
        return list(self.constraints.get("women_first", []))

    def given_out(self, room: Room) -> Vacant:
        """A room as the allotment of this round knows it, with who comes first at it (D-22)."""
        needed = room.accessible and bool(self.constraints.get("accessible_first"))
        marked = room.kind == say.SINGLE and room.building_id in self.women_first
        firsts = tuple(first for first, here in ((ACCESSIBLE, needed), (WOMEN, marked)) if here)
        return Vacant(str(room.id), room.building_id, room.accessible, firsts)

    @property
    def standing(self) -> list["Application"]:
        """The applications that take part, in order of rank where there is one."""
        taking_part = [row for row in self.applications if row.state != say.WITHDRAWN]
        return sorted(taking_part, key=lambda row: (row.rank or 10**9, row.id))


class Application(Revised, Base):
    """One person's application in one round. Family and home are for its owner and the dormitory officer only (C-27).

    `lives_in_id`: the room of a tenant who asks to move, and keeps it until the offer of another takes effect.
    """

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("round_id", "person_id", name="uq_application_one_each"),
        UniqueConstraint("round_id", "code"),
        Index("ix_application_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    person_id: Mapped[int] = mapped_column(BigId)
    code: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12), default=say.SUBMITTED)
    submitted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    grade: Mapped[int] = mapped_column(Integer)
    started_on: Mapped[date] = mapped_column(Date)
    years_of_service: Mapped[Decimal] = mapped_column(Exact)
    years_elsewhere: Mapped[Decimal] = mapped_column(Exact, default=Decimal(0))
    appraisals: Mapped[list[Any]]
    dependants: Mapped[int] = mapped_column(Integer, default=0)
    home_status: Mapped[str] = mapped_column(String(12))
    home_km: Mapped[int] = mapped_column(Integer, default=0)
    disabled: Mapped[bool] = mapped_column(default=False)
    declarations: Mapped[dict[str, Any]]
    preferences: Mapped[list[Any]]
    others_ok: Mapped[bool] = mapped_column(default=True)
    lives_in_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    needs_accessible: Mapped[bool] = mapped_column(default=False)
    woman: Mapped[bool] = mapped_column(default=False)
    points: Mapped[Decimal | None] = mapped_column(Exact)
    rank: Mapped[int | None] = mapped_column(Integer)
    notice_version: Mapped[str] = mapped_column(String(20), default="")
    anonymised_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship(back_populates="applications")
    offers: Mapped[list["Offer"]] = relationship(back_populates="application", order_by="Offer.id")
    lives_in: Mapped[Room | None] = relationship()
    checks: Mapped[list[PointCheck]] = relationship(order_by=PointCheck.id)
    objections: Mapped[list[Objection]] = relationship(back_populates="application", order_by=Objection.id)
    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Application.person_id) == Person.id, viewonly=True
    )

    @property
    def facts(self) -> Facts:
        """What the points are counted from."""
        return Facts(
            grade=self.grade,
            years_of_service=self.years_of_service,
            years_elsewhere=self.years_elsewhere,
            appraisals=tuple(self.appraisals),
            dependants=self.dependants,
            home_status=self.home_status,
            home_km=self.home_km,
            disabled=self.disabled,
        )

    @property
    def score(self) -> Score:
        """The points by the round's table, line by line, with what the officer found."""
        found = {check.item: check.check for check in self.checks}
        return count_checked(count_points(self.round.point_table.table, self.facts), found)

    @property
    def wish(self) -> Wish:
        """The turn this applicant has in allotment. Needs a rank."""
        home = str(self.lives_in_id) if self.lives_in_id else None
        return Wish(self.code, self.rank or 0, tuple(self.preferences), self.others_ok, home, frozenset(self.first))

    @property
    def first(self) -> list[str]:
        """Where this applicant comes first in the round (D-22); what others may see of it, by code."""
        woman = self.woman and bool(self.round.women_first)
        return [first for first, here in ((ACCESSIBLE, self.needs_accessible), (WOMEN, woman)) if here]

    @property
    def offer(self) -> "Offer | None":
        """The latest offer made on it."""
        return self.offers[-1] if self.offers else None

    @property
    def room_kind(self) -> str:
        return self.round.kind

    def is_of(self, person: Person) -> bool:
        return self.person_id == person.id

    def withdraw(self, now: datetime) -> None:
        """Taken back by its owner, or because its owner left or has a room."""
        self.state, self.withdrawn_at = say.WITHDRAWN, now

    def can_see(self, person: Person) -> bool:
        """Its owner and the dormitory officer, nobody else (C-27)."""
        return self.is_of(person) or person.has("dorm_officer")


class Offer(Revised, Base):
    """A room held for an applicant until `accept_by` (D-18). `follows_id`: the offer whose end freed the room (D-19).

    `awaits_id`: the offer to the tenant who still has the room. Until that one takes effect nothing is held, and a yes is
    kept as `agreed_at`; then both take effect at once.
    """

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("state IN ('made', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="state_known"),
        Index("ix_offer_open", "state", "accept_by"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[int] = mapped_column(BigId, index=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    bed_id: Mapped[int] = mapped_column(ForeignKey("bed.id"))
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"))
    state: Mapped[str] = mapped_column(String(12), default=say.MADE)
    made_at: Mapped[datetime]
    accept_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    stay_from: Mapped[date] = mapped_column(Date)
    stay_until: Mapped[date] = mapped_column(Date)
    awaits_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)
    agreed_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="offers")
    room: Mapped[Room] = relationship()
    bed: Mapped[Bed] = relationship()
    awaits: Mapped["Offer | None"] = relationship(foreign_keys=[awaits_id], remote_side=[id], viewonly=True)

    @property
    def lived_in(self) -> bool:
        """Whether a tenant who is to move still has the room."""
        return self.awaits is not None and self.awaits.state != say.ACCEPTED

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger, kept by the tenancy that follows."""
        return f"offer:{self.id}"

    @property
    def stay(self) -> Period:
        return nights(self.stay_from, self.stay_until)

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be accepted. The deadline itself is too late."""
        return self.state == say.MADE and self.agreed_at is None and now < self.accept_by

    def can_see(self, person: Person) -> bool:
        return self.person_id == person.id or person.has("dorm_officer")

    def end(self, state: str, now: datetime) -> None:
        """Answered, lapsed or taken back."""
        self.state, self.answered_at = state, now


class Tenancy(Revised, Base):
    """A stay that was agreed: nights from `stay_from` up to `stay_until`; `ended_on` when it is over, `ending` how.

    `sign_by`: first instant at which no contract was recorded in time (D-18). `moved_in_on`: from then on allowance and
    fee are counted (D-32). `leaving` with `leave_by`: a move-out clock runs (D-45). `reminded`: the last reminder sent.
    """

    __tablename__ = "tenancy"
    __table_args__ = (
        CheckConstraint("ending IN ('forfeited', 'withdrawn', 'handed_back', 'moved')", name="ending_known"),
        CheckConstraint("(ending IS NULL) = (ended_on IS NULL)", name="ends_in_some_way"),
        CheckConstraint("(leaving IS NULL) = (leave_by IS NULL)", name="clock_has_cause_and_day"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), unique=True)
    person_id: Mapped[int] = mapped_column(BigId, index=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    bed_id: Mapped[int] = mapped_column(ForeignKey("bed.id"))
    stay_from: Mapped[date] = mapped_column(Date)
    stay_until: Mapped[date] = mapped_column(Date)
    move_in_by: Mapped[date | None] = mapped_column(Date)
    agreed_at: Mapped[datetime]
    ended_on: Mapped[date | None] = mapped_column(Date)
    ending: Mapped[str | None] = mapped_column(String(12))
    sign_by: Mapped[datetime | None]
    moved_in_on: Mapped[date | None] = mapped_column(Date)
    leaving: Mapped[str | None] = mapped_column(String(20))
    leave_from: Mapped[date | None] = mapped_column(Date)
    leave_by: Mapped[date | None] = mapped_column(Date)
    reminded: Mapped[int | None] = mapped_column(Integer)
    anonymised_at: Mapped[datetime | None]

    room: Mapped[Room] = relationship()
    bed: Mapped[Bed] = relationship()
    offer: Mapped[Offer | None] = relationship()
    contracts: Mapped[list["Contract"]] = relationship(back_populates="tenancy", order_by="Contract.id")
    items: Mapped[list["InventoryItem"]] = relationship(
        back_populates="tenancy", order_by="InventoryItem.place_in_list"
    )
    photos: Mapped[list["TenancyPhoto"]] = relationship(back_populates="tenancy", order_by="TenancyPhoto.id")
    pay_terms: Mapped[list["PayTerms"]] = relationship(back_populates="tenancy", order_by="PayTerms.since")
    story: Mapped[list["TenancyStep"]] = relationship(back_populates="tenancy", order_by="TenancyStep.id")
    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Tenancy.person_id) == Person.id, viewonly=True
    )

    @property
    def state(self) -> str:
        """How far it has come, whatever the day."""
        if self.ending is not None:
            return self.ending
        if self.leaving is not None:
            return stays.LEAVING
        if self.moved_in_on is not None:
            return stays.LIVING
        return stays.TO_MOVE_IN if self.contracts else stays.TO_SIGN

    @property
    def due_on(self) -> date:
        """The last day to hand the room back: by the clock that runs, else the end of the term (D-20)."""
        return self.leave_by or self.stay_until

    def is_overdue(self, day: date) -> bool:
        """Whether the room should have been handed back before `day`."""
        return self.ended_on is None and self.moved_in_on is not None and self.due_on < day

    def can_see(self, person: Person) -> bool:
        """Who lives there and the dormitory officer, nobody else (C-27)."""
        return self.person_id == person.id or person.has("dorm_officer")

    def runs_on(self, day: date) -> bool:
        """Whether the person may sleep there that night."""
        return self.stay_from <= day < (self.ended_on or self.stay_until)

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"offer:{self.offer_id}" if self.offer_id else f"tenancy:{self.id}"


class Bar(Base):
    """No new application until `until` (D-19), after giving up what was allotted."""

    __tablename__ = "bar"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    rule: Mapped[str] = mapped_column(String(10))


Round.applicants = column_property(
    select(func.count(Application.id))
    .where(Application.round_id == Round.id, Application.state != say.WITHDRAWN)
    .correlate_except(Application)
    .scalar_subquery()
)
