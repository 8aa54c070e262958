"""Charging posts, the time taken on them, what they delivered, and the power the site may draw."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from common.db import BigId, JsonValue, Revised
from common.period import Period
from fleet.models.assets import Vehicle
from fleet.models.base import Base, one_of
from fleet.terms import CHARGER_STATES, SEASONS

STEP = timedelta(minutes=15)
"""Power is planned in steps of a quarter of an hour."""


class Charger(Revised, Base):
    """A charging post at City Hall (V-70). `power_kw` is what one car draws at most.

    `state` is what people decided (in service or faulty); `reported` what the post itself said last over its
    connection. `secret_hash` is all that is kept of the password it signs in with.
    """

    __tablename__ = "charger"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint(one_of("state", CHARGER_STATES), name="state_known"),
        CheckConstraint("power_kw > 0", name="power_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    power_kw: Mapped[int]
    supply: Mapped[str] = mapped_column(String(2), default="ac", server_default="ac")
    bay: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="in_service")
    fault: Mapped[str | None] = mapped_column(String(80))
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    protocol: Mapped[str | None] = mapped_column(String(12))
    connected: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    seen_at: Mapped[datetime | None]
    reported: Mapped[str | None] = mapped_column(String(20))

    @property
    def resource(self) -> str:
        """The post's name in the reservation ledger."""
        return f"charger:{self.id}"

    @property
    def usable(self) -> bool:
        """Whether time on it may be booked. A post out of reach still charges; a faulty one does not."""
        return self.state == "in_service"

    @property
    def offline(self) -> bool:
        """Whether it once spoke to us and is not heard now. A post that never spoke is kept by hand."""
        return self.protocol is not None and not self.connected


class ChargingSlot(Revised, Base):
    """A stretch of a post's time for one car; the ledger holds post and car for it.

    `plan` is the power (kW) of each quarter of an hour from `starts_at` on, as planned under the site's limit; without
    one the car draws what it can. `from_percent` and `expected_percent` are predictions. `reserve` is how far telling the
    post got: "", "accepted", "refused".
    """

    __tablename__ = "charging_slot"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("target_percent BETWEEN 1 AND 100", name="target_is_a_percentage"),
        CheckConstraint("state IN ('booked', 'cancelled')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    charger_id: Mapped[int] = mapped_column(ForeignKey("charger.id"), index=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), index=True)
    trip_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"), index=True)
    booked_by_id: Mapped[int] = mapped_column(BigId)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    need_by: Mapped[datetime | None]
    target_percent: Mapped[int]
    from_percent: Mapped[int | None]
    expected_percent: Mapped[int | None]
    plan: Mapped[list[Any] | None] = mapped_column(JsonValue)
    reserve: Mapped[str] = mapped_column(String(10), default="", server_default="")
    state: Mapped[str] = mapped_column(String(12), default="booked")
    changed_at: Mapped[datetime]
    charger: Mapped[Charger] = relationship(lazy="joined")
    vehicle: Mapped[Vehicle] = relationship(lazy="joined")

    @property
    def holder(self) -> str:
        """The slot's name in the reservation ledger."""
        return f"charging:{self.id}"

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)

    @property
    def full_kw(self) -> float:
        """What the car draws there when nothing holds it back (kW)."""
        return self.vehicle.draws_kw(self.charger.power_kw, self.charger.supply)

    def kw_at(self, moment: datetime) -> float:
        """Planned power (kW) at `moment`; 0 outside the slot."""
        if not self.starts_at <= moment < self.ends_at:
            return 0.0
        if self.plan is None:
            return self.full_kw
        index = (moment - self.starts_at) // STEP
        return float(self.plan[index]) if index < len(self.plan) else 0.0


class ChargingSession(Base):
    """What a post delivered to one car between plugging in and unplugging, by its own meter (Wh).

    This is the meter's record of energy: `kwh` of every ended session is what the energy accounts read. `reference` is the
    post's own number of the transaction: the same one reported twice is the same row.
    """

    __tablename__ = "charging_session"
    __table_args__ = (
        UniqueConstraint("charger_id", "reference"),
        CheckConstraint("meter_wh >= meter_start_wh", name="meter_never_runs_back"),
        Index("ix_charging_session_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    charger_id: Mapped[int] = mapped_column(ForeignKey("charger.id"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id"), index=True)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("charging_slot.id"), index=True)
    reference: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    meter_start_wh: Mapped[int]
    meter_wh: Mapped[int]
    meter_at: Mapped[datetime]
    percent: Mapped[int | None]
    full_at: Mapped[datetime | None]
    unplugged_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    charger: Mapped[Charger] = relationship(lazy="joined")
    vehicle: Mapped[Vehicle | None] = relationship(lazy="joined")
    slot: Mapped[ChargingSlot | None] = relationship()

    @property
    def kwh(self) -> float:
        """Energy delivered so far, kWh."""
        return (self.meter_wh - self.meter_start_wh) / 1000

    @property
    def plugged(self) -> bool:
        """Whether the car still stands at the post."""
        return self.unplugged_at is None

    def full_for(self, now: datetime) -> timedelta | None:
        """How long the car has been full (or done) and still plugged; None while it charges or once it left."""
        done = self.full_at or self.ended_at
        return now - done if done is not None and self.plugged and now >= done else None


class Consumption(Base):
    """What a model draws in a season, Wh/km, from `valid_from` on. `sample` marks figures that are not the city's own."""

    __tablename__ = "consumption"
    __table_args__ = (
        UniqueConstraint("model", "season", "valid_from"),
        CheckConstraint(one_of("season", SEASONS), name="season_known"),
        CheckConstraint("wh_per_km BETWEEN 50 AND 2000", name="believable"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    model: Mapped[str] = mapped_column(String(40))
    season: Mapped[str] = mapped_column(String(8))
    wh_per_km: Mapped[int]
    rule: Mapped[str] = mapped_column(String(8))
    sample: Mapped[bool]
    valid_from: Mapped[date]


class SiteWindow(Base):
    """What the posts together may draw between two Taipei clock times ("22:00" to "24:00"), kW; `cheap` marks off-peak hours."""

    __tablename__ = "site_window"
    __table_args__ = (UniqueConstraint("opens", "valid_from"), CheckConstraint("kw >= 0", name="kw_not_negative"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))
    kw: Mapped[int]
    cheap: Mapped[bool]
    rule: Mapped[str] = mapped_column(String(8))
    sample: Mapped[bool]
    valid_from: Mapped[date]


class PowerCut(Base):
    """Power (kW) that somebody else draws from the same supply for a while: an event's stage, light and sound.

    One row per `subject` of the fact that told it; `kw` 0 once it was called off.
    """

    __tablename__ = "power_cut"
    __table_args__ = (
        UniqueConstraint("subject", "starts_at"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("kw >= 0", name="kw_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(120))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    kw: Mapped[int]
    told_at: Mapped[datetime]
