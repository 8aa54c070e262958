"""The odometer of each car over time: no reading may run back between its neighbours, wherever it was written down (V-51)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import FieldError
from common.period import local
from common.words import Words
from fleet.models import EnergyRecord, Trip, UpkeepRecord


class Bounds(NamedTuple):
    """What a reading of a day must lie between, km; None where nothing is known on that side."""

    low: int | None
    high: int | None


class Readings:
    """Every reading of some cars, by day: refuelling, upkeep, and trips out and in. Days alone count, not hours."""

    def __init__(self) -> None:
        self._days: dict[int, list[date]] = {}
        self._kms: dict[int, list[tuple[int, int]]] = {}  # per day: lowest, highest

    @classmethod
    def load(cls, session: Session, vehicle_ids: Iterable[int]) -> "Readings":
        """Reads them all at once."""
        made, ids = cls(), sorted(set(vehicle_ids))
        found: list[tuple[int, date, int | None]] = []
        fuel = select(EnergyRecord.vehicle_id, EnergyRecord.recorded_on, EnergyRecord.odometer)
        found += [
            (row[0], row[1], row[2])
            for row in session.execute(
                fuel.where(EnergyRecord.vehicle_id.in_(ids), EnergyRecord.withdrawn_at.is_(None))
            )
        ]
        done = select(UpkeepRecord.vehicle_id, UpkeepRecord.done_on, UpkeepRecord.odometer)
        found += [(row[0], row[1], row[2]) for row in session.execute(done.where(UpkeepRecord.vehicle_id.in_(ids)))]
        trips = select(Trip).where(Trip.vehicle_id.in_(ids), Trip.odometer_out.is_not(None))
        for trip in session.scalars(trips):
            for at, km in ((trip.started_at, trip.odometer_out), (trip.finished_at, trip.odometer_in)):
                if at is not None and trip.vehicle_id is not None:
                    found.append((trip.vehicle_id, local(at).date(), km))
        for vehicle_id, day, reading in sorted(found, key=lambda each: each[1]):
            if reading is not None:
                made.add(vehicle_id, day, reading)
        return made

    def add(self, vehicle_id: int, day: date, km: int) -> None:
        """One more reading."""
        days, kms = self._days.setdefault(vehicle_id, []), self._kms.setdefault(vehicle_id, [])
        at = bisect_left(days, day)
        if at < len(days) and days[at] == day:
            kms[at] = (min(kms[at][0], km), max(kms[at][1], km))
        else:
            days.insert(at, day)
            kms.insert(at, (km, km))

    def bounds(self, vehicle_id: int, day: date) -> Bounds:
        """Highest reading of the day before it, lowest of the day after it."""
        days, kms = self._days.get(vehicle_id, []), self._kms.get(vehicle_id, [])
        before, after = bisect_left(days, day), bisect_right(days, day)
        return Bounds(kms[before - 1][1] if before else None, kms[after][0] if after < len(days) else None)

    def fault(self, vehicle_id: int, day: date, km: int, field: str = "odometer") -> FieldError | None:
        """What is wrong with a reading of `km` on `day`, or None."""
        low, high = self.bounds(vehicle_id, day)
        if low is not None and km < low:
            words = Words(
                "里程比之前紀錄的 {km} 公里少，請再看一次", "Lower than an earlier reading, {km} km. Check again"
            )
            return FieldError(field, words.fill(km=f"{low:,}"))
        if high is not None and km > high:
            words = Words(
                "里程比之後紀錄的 {km} 公里多，請再看一次", "Higher than a later reading, {km} km. Check again"
            )
            return FieldError(field, words.fill(km=f"{high:,}"))
        return None
