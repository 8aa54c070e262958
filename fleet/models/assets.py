"""What is shared: vehicles, drivers, charging posts and the time taken on them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.period import Period
from common.words import Words
from fleet.models.base import Base, one_of
from fleet.terms import CHARGER_STATES, KINDS, LICENCE_CLASSES, POWERTRAINS, VEHICLE_STATES


class Vehicle(Revised, Base):
    """A pool car (V-04, V-36). Its owner agency lends it; `odometer_km` is the last reading known."""

    __tablename__ = "vehicle"
    __table_args__ = (
        UniqueConstraint("plate"),
        CheckConstraint(one_of("kind", KINDS), name="kind_known"),
        CheckConstraint(one_of("powertrain", POWERTRAINS), name="powertrain_known"),
        CheckConstraint(one_of("state", VEHICLE_STATES), name="state_known"),
        CheckConstraint("seats BETWEEN 2 AND 9", name="seats_of_a_small_vehicle"),
        CheckConstraint("odometer_km >= 0", name="odometer_not_negative"),
        CheckConstraint("charge_percent BETWEEN 0 AND 100", name="charge_is_a_percentage"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plate: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(16))
    seats: Mapped[int]
    powertrain: Mapped[str] = mapped_column(String(12))
    owner_agency_id: Mapped[int] = mapped_column(BigId, index=True)
    asset_number: Mapped[str] = mapped_column(String(24))
    bay: Mapped[str] = mapped_column(String(12))
    brand: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    colour: Mapped[str] = mapped_column(String(12))
    battery_kwh: Mapped[int | None]
    charge_percent: Mapped[int | None]
    odometer_km: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="in_service")
    owner: Mapped[Agency | None] = relationship(
        Agency, primaryjoin=lambda: foreign(Vehicle.owner_agency_id) == Agency.id, viewonly=True
    )

    @property
    def resource(self) -> str:
        """The car's name in the reservation ledger."""
        return f"vehicle:{self.id}"

    @property
    def electric(self) -> bool:
        return self.powertrain == "electric"

    @property
    def group(self) -> str:
        """The group it is listed under: electric cars together, the others by kind."""
        return "electric" if self.electric else self.kind

    @property
    def label(self) -> str:
        return self.plate

    def read_odometer(self, km: int) -> None:
        """Takes a newer reading; an older one changes nothing."""
        self.odometer_km = max(self.odometer_km, km)


class Driver(Revised, Base):
    """A driver of the house (V-37). `person_id` is who signs in."""

    __tablename__ = "driver"
    __table_args__ = (
        UniqueConstraint("person_id"),
        CheckConstraint(one_of("licence_class", LICENCE_CLASSES), name="licence_class_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId)
    licence_class: Mapped[str] = mapped_column(String(12))
    licence_expires_on: Mapped[date]
    employed: Mapped[bool] = mapped_column(default=True)
    person: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(Driver.person_id) == Person.id, viewonly=True, lazy="joined"
    )

    @property
    def resource(self) -> str:
        """The driver's name in the reservation ledger."""
        return f"driver:{self.id}"

    @property
    def on_roster(self) -> bool:
        """Employed, and still somebody who drives here: a withdrawn role or a disabled account counts at once."""
        return self.employed and self.person is not None and self.person.has("driver")

    @property
    def name(self) -> Words:
        return (
            Words(self.person.name, self.person.name_en or self.person.name)
            if self.person
            else Words.same(f"#{self.person_id}")
        )


class Charger(Revised, Base):
    """A charging post at City Hall (V-70). `power_kw` is what one car draws at most."""

    __tablename__ = "charger"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint(one_of("state", CHARGER_STATES), name="state_known"),
        CheckConstraint("power_kw > 0", name="power_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    power_kw: Mapped[int]
    bay: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="in_service")

    @property
    def resource(self) -> str:
        """The post's name in the reservation ledger."""
        return f"charger:{self.id}"


class ChargingSlot(Revised, Base):
    """A stretch of a post's time for one car; the ledger holds post and car for it."""

    __tablename__ = "charging_slot"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("target_percent BETWEEN 1 AND 100", name="target_is_a_percentage"),
        CheckConstraint("state IN ('booked', 'cancelled')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    charger_id: Mapped[int] = mapped_column(ForeignKey("charger.id"), index=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), index=True)
    booked_by_id: Mapped[int] = mapped_column(BigId)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    target_percent: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="booked")
    changed_at: Mapped[datetime]
    charger: Mapped[Charger] = relationship(lazy="joined")
    vehicle: Mapped[Vehicle] = relationship(lazy="joined")

    @property
    def holder(self) -> str:
        return f"charging:{self.id}"

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)
