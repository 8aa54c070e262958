"""What is shared: vehicles and drivers. Charging posts are in `charging`."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, Revised
from common.identity import Agency, Person
from common.words import Words
from fleet.models.base import Base, one_of
from fleet.terms import KINDS, LICENCE_CLASSES, POWERTRAINS, VEHICLE_STATES


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
    charge_read_at: Mapped[datetime | None]
    charge_source: Mapped[str | None] = mapped_column(String(8))
    ac_kw: Mapped[int | None]
    dc_kw: Mapped[int | None]
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

    def read_charge(self, percent: int, source: str, at: datetime) -> None:
        """Takes the state of charge (0–100) read at `at` by a `driver`, a `post` or the `desk`; an older one changes nothing."""
        if self.electric and (self.charge_read_at is None or at >= self.charge_read_at):
            self.charge_percent, self.charge_source, self.charge_read_at = max(0, min(100, percent)), source, at

    def draws_kw(self, post_kw: float, supply: str) -> float:
        """The power (kW) this car takes at a post of `post_kw` that supplies `ac` or `dc`."""
        limit = self.dc_kw if supply == "dc" else self.ac_kw
        return min(post_kw, limit) if limit else post_kw

    def read_odometer(self, km: int) -> None:
        """Takes a newer reading; an older one changes nothing."""
        self.odometer_km = max(self.odometer_km, km)


class Driver(Revised, Base):
    """A driver of the house (V-37). `person_id` is who signs in; `off_from` the first day off the roster, also one to come."""

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
    off_from: Mapped[date | None]
    off_reason: Mapped[str | None] = mapped_column(String(100))
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

    def drives_on(self, day: date) -> bool:
        """Whether the driver is on the roster now and will not be off it by `day`."""
        return self.on_roster and (self.off_from is None or day < self.off_from)

    @property
    def name(self) -> Words:
        return (
            Words(self.person.name, self.person.name_en or self.person.name)
            if self.person
            else Words.same(f"#{self.person_id}")
        )
