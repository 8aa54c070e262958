"""What keeps a car on the road, and what takes it off: upkeep done, workshop time, accidents, suspended plates (V-53…V-60)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, Revised
from common.errors import Conflict
from common.period import Period
from common.words import Words
from fleet.models.assets import Driver, Vehicle
from fleet.models.base import Base, one_of
from fleet.terms import ACCIDENT_STEPS, DUE_KINDS, UPKEEP_KINDS


class OutOfStep(Conflict):
    """The record stands at a step from which this one does not lead."""

    words = Words("這件已經走到下一步了。", "This one has already moved on.")


class UpkeepRecord(Revised, Base):
    """Something done to or paid for a car: what, when, at how many km, for how much (NT$). `valid_until`: insurance and tax."""

    __tablename__ = "upkeep_record"
    __table_args__ = (
        CheckConstraint(one_of("kind", UPKEEP_KINDS), name="kind_known"),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        CheckConstraint("odometer >= 0", name="odometer_not_negative"),
        Index("ix_upkeep_record_vehicle_id_kind_done_on", "vehicle_id", "kind", "done_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))
    kind: Mapped[str] = mapped_column(String(12))
    done_on: Mapped[date]
    passed: Mapped[bool] = mapped_column(default=True)
    odometer: Mapped[int | None]
    cost: Mapped[int]
    workshop: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str | None] = mapped_column(String(200))
    valid_until: Mapped[date | None]
    recorded_by_id: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[datetime]
    vehicle: Mapped[Vehicle] = relationship()


class Appointment(Revised, Base):
    """A car's time at the workshop; the ledger holds the car for it."""

    __tablename__ = "upkeep_appointment"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("state IN ('booked', 'done', 'cancelled')", name="state_known"),
        CheckConstraint(one_of("kind", UPKEEP_KINDS), name="kind_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    workshop: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(12), default="booked")
    booked_by_id: Mapped[int] = mapped_column(BigId)
    vehicle: Mapped[Vehicle] = relationship(lazy="joined")

    @property
    def holder(self) -> str:
        """Its name in the reservation ledger."""
        return f"upkeep:{self.id}"

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


class Accident(Revised, Base):
    """An accident and how far it is dealt with (V-56). `heavy` asks for an extra inspection (V-55)."""

    __tablename__ = "accident"
    __table_args__ = (CheckConstraint(one_of("step", ACCIDENT_STEPS), name="step_known"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), index=True)
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("driver.id"))
    trip_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"))
    happened_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(Text)
    injured: Mapped[bool] = mapped_column(default=False)
    unfit: Mapped[bool] = mapped_column(default=False)
    heavy: Mapped[bool] = mapped_column(default=False)
    step: Mapped[str] = mapped_column(String(12), default="reported")
    vehicle: Mapped[Vehicle] = relationship(lazy="joined")
    driver: Mapped[Driver | None] = relationship()
    steps: Mapped[list["AccidentStep"]] = relationship(order_by="AccidentStep.id", back_populates="accident")

    @property
    def next_step(self) -> str | None:
        """The step that follows; None once it is closed."""
        order = list(ACCIDENT_STEPS)
        at = order.index(self.step)
        return order[at + 1] if at + 1 < len(order) else None


class AccidentStep(Base):
    """One step of dealing with an accident: what was done, when, by whom. Never changed."""

    __tablename__ = "accident_step"
    __table_args__ = (UniqueConstraint("accident_id", "step"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    accident_id: Mapped[int] = mapped_column(ForeignKey("accident.id"), index=True)
    step: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    who_id: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(String(300))
    accident: Mapped[Accident] = relationship(back_populates="steps")


class Suspension(Revised, Base):
    """Plates handed in for a while (V-57): from a day, planned until another, ended on a third."""

    __tablename__ = "suspension"
    __table_args__ = (
        CheckConstraint("from_day < until_day", name="from_before_until"),
        CheckConstraint("ended_on >= from_day", name="ended_after_it_began"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), index=True)
    from_day: Mapped[date]
    until_day: Mapped[date]
    ended_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(100))


class DueNotice(Base):
    """That somebody was told of a due item: one row an item, so nobody is told twice. `subject`: "vehicle/3", "driver/5"."""

    __tablename__ = "due_notice"
    __table_args__ = (
        UniqueConstraint("subject", "kind", "due_on", "overdue"),
        CheckConstraint(one_of("kind", DUE_KINDS), name="kind_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(12))
    due_on: Mapped[date]
    overdue: Mapped[bool]
    told_at: Mapped[datetime]
