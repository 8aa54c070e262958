"""Fuel and electricity: what each car took in, the half-year totals known from reports, and why use rose (V-38, C-40…C-42)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, Revised
from fleet.models.assets import Vehicle
from fleet.models.base import Base, Hundredths, one_of
from fleet.terms import ENERGY_KINDS, ENERGY_SOURCES, TOTAL_KINDS


class EnergyRecord(Revised, Base):
    """One refuelling or charging. `quantity` is L or kWh by `kind`, `cost` NT$; a wrong one is withdrawn, never deleted.

    `fingerprint` names the same slip wherever it comes from, so that a file read twice counts once.
    """

    __tablename__ = "energy_record"
    __table_args__ = (
        UniqueConstraint("fingerprint"),
        CheckConstraint(one_of("kind", ENERGY_KINDS), name="kind_known"),
        CheckConstraint(one_of("source", ENERGY_SOURCES), name="source_known"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        CheckConstraint("odometer >= 0", name="odometer_not_negative"),
        Index("ix_energy_record_vehicle_id_recorded_on", "vehicle_id", "recorded_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))
    kind: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[Decimal] = mapped_column(Hundredths)
    cost: Mapped[int]
    recorded_on: Mapped[date] = mapped_column(index=True)
    odometer: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(12))
    fingerprint: Mapped[str] = mapped_column(String(64))
    entered_by_id: Mapped[int | None] = mapped_column(BigId)
    entered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    vehicle: Mapped[Vehicle] = relationship()


class EnergyTotal(Base):
    """A half-year's total as a report states it, where the city knows the sum and not the records; it goes before records.

    `period` is such as "104H1"; `kind` "fuel" is petrol and diesel together; `source` names the report.
    """

    __tablename__ = "energy_total"
    __table_args__ = (
        UniqueConstraint("period", "kind"),
        CheckConstraint(one_of("kind", TOTAL_KINDS), name="kind_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    period: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[Decimal] = mapped_column(Hundredths)
    source: Mapped[str] = mapped_column(String(80))


class EnergyCause(Base):
    """Why use rose in a half-year, in the city's words (C-41, C-42)."""

    __tablename__ = "energy_cause"
    __table_args__ = (
        UniqueConstraint("period", "kind"),
        CheckConstraint(one_of("kind", TOTAL_KINDS), name="kind_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    period: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime]
