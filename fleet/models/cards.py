"""What is kept on file about a car and a driver beyond what dispatch needs (V-36, V-37), and what a car costs each month."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import BigId, Revised
from fleet.models.base import Base, Hundredths, one_of
from fleet.terms import STANDING_COSTS


class VehicleCard(Revised, Base):
    """A car's papers: first registration, engine, price new (NT$), maker's consumption (km per L or per kWh), insurance."""

    __tablename__ = "vehicle_card"
    __table_args__ = (
        CheckConstraint("engine_cc BETWEEN 0 AND 20000", name="engine_cc_sensible"),
        CheckConstraint("new_price >= 0", name="new_price_not_negative"),
        CheckConstraint("insured_from <= insured_until", name="insured_from_before_until"),
    )

    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), primary_key=True, autoincrement=False)
    registered_on: Mapped[date | None]
    engine_cc: Mapped[int | None]
    new_price: Mapped[int | None]
    maker_km_per_unit: Mapped[Decimal | None] = mapped_column(Hundredths)
    insurer: Mapped[str | None] = mapped_column(String(40))
    insured_from: Mapped[date | None]
    insured_until: Mapped[date | None]
    tax_paid_until: Mapped[date | None]


class DriverCard(Revised, Base):
    """A driver's file: staff number, dates of service, the car kept, who stands in."""

    __tablename__ = "driver_card"
    __table_args__ = (CheckConstraint("hired_on <= left_on", name="hired_before_left"),)

    driver_id: Mapped[int] = mapped_column(ForeignKey("driver.id"), primary_key=True, autoincrement=False)
    staff_number: Mapped[str | None] = mapped_column(String(20))
    hired_on: Mapped[date | None]
    left_on: Mapped[date | None]
    kept_vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("driver.id"))


class StandingCost(Base):
    """What a car costs whether it drives or not: NT$ a month from a day on, until a later row of the same kind."""

    __tablename__ = "standing_cost"
    __table_args__ = (
        CheckConstraint(one_of("kind", STANDING_COSTS), name="kind_known"),
        CheckConstraint("monthly >= 0", name="monthly_not_negative"),
        Index("ix_standing_cost_vehicle_id_kind_valid_from", "vehicle_id", "kind", "valid_from", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))
    kind: Mapped[str] = mapped_column(String(12))
    monthly: Mapped[int]
    valid_from: Mapped[date]


class TripCost(Base):
    """A receipt that belongs to one trip: toll, parking, cleaning, other (V-27: at cost). NT$."""

    __tablename__ = "trip_cost"
    __table_args__ = (
        CheckConstraint("kind IN ('toll', 'parking', 'cleaning', 'other')", name="kind_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    amount: Mapped[int]
    spent_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(String(100))
