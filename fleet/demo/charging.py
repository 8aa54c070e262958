"""Charging to look at: sessions of today and tonight, a car that is full and stays, a faulty post, an hour with too much power."""

from datetime import date, datetime, timedelta
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Conflict, Invalid
from common.identity import Person
from common.period import taipei, today
from fleet.electric import charging, posts
from fleet.models import Charger, ChargingSlot, Vehicle
from fleet.models.charging import STEP


class Limits(TypedDict):
    """The most a car takes, kW."""

    ac_kw: int | None
    dc_kw: int | None


LIMITS = {  # makers' figures from memory
    "Tesla Model 3": (11, 170), "Hyundai Ioniq 5": (11, 220), "Toyota bZ4X": (7, 150), "Nissan Leaf": (6, 50), "Kia EV6": (11, 230),
    "Luxgen n7": (7, 130), "Volkswagen ID. Buzz": (11, 170),
}  # fmt: skip


def limits_of(brand: str) -> Limits:
    """What a model takes at AC and at DC posts; nothing for a car without a plug."""
    ac, dc = LIMITS.get(brand, (None, None))
    return {"ac_kw": ac, "dc_kw": dc}


class Posts:
    """The demonstration's charging, by the dispatcher's hand and the posts' own reports."""

    def __init__(self, session: Session, now: datetime, dispatcher: Person):
        self.session, self.now, self.dispatcher = session, now, dispatcher
        self.posts = {post.code: post for post in session.scalars(select(Charger))}
        electric = select(Vehicle).where(Vehicle.powertrain == "electric").order_by(Vehicle.plate)
        self.cars = list(session.scalars(electric))
        self.used: set[tuple[int, date]] = set()

    def build(self) -> None:
        """Past, present, a crowded hour, tonight; then C09 breaks with sessions booked on it."""
        now, day = self.now, today(self.now)
        if stays := self._any("C12", now - timedelta(hours=3), 9):
            self._overstay(stays)
        for code, hours, quarters in (("C01", 1.5, 11), ("C03", 1, 9), ("C13", 4.5, 6), ("C04", 5, 8)):
            if slot := self._any(code, now - timedelta(hours=hours), quarters):
                self._metered(slot)
        crowd = charging.quarter(now, up=True) + timedelta(hours=1)
        if not taipei(day, "06:00") <= crowd <= taipei(day, "20:30"):
            crowd = taipei(day + timedelta(days=crowd > taipei(day, "12:00")), "08:00")
        for n, code in enumerate(("C17", "C18", "C14", "C15", "C16")):
            self._any(code, crowd + STEP * (n % 2), 4)
        self._any("C09", crowd + timedelta(hours=1.5), 8)
        for n, car in enumerate(self.cars):
            self._book(f"C{n + 1 + (n >= 8):02d}", car, taipei(day, "22:00") + STEP * n, 20, 90)
        self._any("C09", taipei(day + timedelta(days=1), "09:00"), 6)
        charging.set_state(self.session, self.dispatcher, now, self.posts["C09"].id, "faulty", fault="插頭鎖不住")

    def _any(self, code: str, starts_at: datetime, quarters: int) -> ChargingSlot | None:
        """The first car that is there and not plugged in elsewhere the same day."""
        day = today(starts_at)
        for car in self.cars:
            if (car.id, day) not in self.used and (slot := self._book(code, car, starts_at, quarters, 90)):
                self.used.add((car.id, day))
                return slot
        return None

    def _book(self, code: str, car: Vehicle, starts_at: datetime, quarters: int, target: int) -> ChargingSlot | None:
        """A slot, unless the car is on the road then or the post taken."""
        starts_at = charging.quarter(starts_at)
        try:
            with self.session.begin_nested():
                return charging.book(
                    self.session, self.dispatcher, min(self.now, starts_at), charger_id=self.posts[code].id, vehicle_id=car.id,
                    starts_at=starts_at, ends_at=starts_at + STEP * quarters, target_percent=target,
                )  # fmt: skip
        except (Conflict, Invalid):
            return None

    def _metered(self, slot: ChargingSlot) -> None:
        """What the post's meter said about it."""
        code, car = slot.charger.code, slot.vehicle
        row = posts.started(
            self.session,
            slot.starts_at,
            code,
            reference=f"demo-{slot.id}",
            tag=car.plate,
            meter_wh=120_000,
            started_at=slot.starts_at,
        )
        until = min(self.now, slot.ends_at)
        hours = (until - slot.starts_at) / timedelta(hours=1)
        kwh = slot.full_kw * hours
        gained = int(kwh * 92 / (car.battery_kwh or 60))
        percent = min(slot.target_percent - 1, (slot.from_percent or 40) + gained)
        posts.metered(self.session, until, row, meter_wh=120_000 + int(kwh * 1000), percent=percent, at_=until)
        if until < self.now:
            posts.ended(self.session, until, row, meter_wh=None, ended_at=until)
            row.unplugged_at = until

    def _overstay(self, slot: ChargingSlot) -> None:
        """Full for forty minutes and still there."""
        row = posts.started(
            self.session, slot.starts_at, slot.charger.code, reference=f"demo-{slot.id}", tag=slot.vehicle.plate, meter_wh=88_000,
            started_at=slot.starts_at,
        )  # fmt: skip
        full = self.now - timedelta(minutes=40)
        posts.metered(self.session, full, row, meter_wh=88_000 + 14_500, percent=90, at_=full)
