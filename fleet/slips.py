"""Refuelling slips from a file: every line examined against the car and its odometer before one is written (V-51).

Nothing is written while any line is wrong, unless a person has seen the faults and asks for the good ones alone. A slip
that is in the books already, or twice in the file, counts once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit
from common.errors import FieldError, Forbidden, Invalid
from common.identity import Person
from common.period import today
from common.words import Words
from fleet import energy
from fleet.models import EnergyRecord, Vehicle
from fleet.odometer import Readings

COLUMNS: dict[str, tuple[str, ...]] = {  # a column of the file by any of its usual headings
    "plate": ("車號", "車牌", "牌照號碼", "plate"),
    "kind": ("種類", "油品", "kind"),
    "quantity": ("數量", "加油量", "公升", "度數", "quantity"),
    "cost": ("金額", "費用", "cost"),
    "recorded_on": ("日期", "加油日期", "recorded_on", "date"),
    "odometer": ("里程", "里程數", "odometer"),
}


@dataclass
class Slip:
    """One line of a file: what stood there, what it means, what is wrong with it. `known`: in the books already."""

    line: int
    raw: dict[str, str]
    data: dict[str, Any] | None = None
    faults: list[FieldError] = field(default_factory=list)
    known: bool = False

    @property
    def good(self) -> bool:
        return not self.faults and not self.known


def lines_of(rows: Sequence[Sequence[str]]) -> list[Slip]:
    """The lines under the heading row, by column. Raises Invalid (field `file`) where a needed column is missing."""
    heads = [head.strip().lower() for head in rows[0]]
    at = {
        name: next((heads.index(each.lower()) for each in names if each.lower() in heads), None)
        for name, names in COLUMNS.items()
    }
    missing = [COLUMNS[name][0] for name, place in at.items() if place is None and name != "odometer"]
    if missing:
        words = Words("第一列要有欄名，少了：{names}", "The first row must name the columns; missing: {names}")
        raise Invalid(words.fill(names="、".join(missing)), field="file")
    if len(rows) < 2:
        raise Invalid(Words("檔案裡沒有資料", "The file is empty"), field="file")
    found = []
    for number, row in enumerate(rows[1:], start=2):
        found.append(
            Slip(
                number,
                {name: row[place] if place is not None and place < len(row) else "" for name, place in at.items()},
            )
        )
    return found


def examine(session: Session, now: datetime, slips: Iterable[Slip]) -> list[Slip]:
    """Adds to each slip that could be read what is wrong with it for its car; slips are weighed in order of their days."""
    found = list(slips)
    cars = {vehicle.plate: vehicle for vehicle in session.scalars(select(Vehicle))}
    named = {cars[slip.data["plate"]].id for slip in found if slip.data and slip.data["plate"] in cars}
    readings = Readings.load(session, named)
    names = {id(slip): energy.fingerprint_of(slip.data["plate"], slip.data) for slip in found if slip.data}
    seen: set[str] = set(
        session.scalars(select(EnergyRecord.fingerprint).where(EnergyRecord.vehicle_id.in_(sorted(named))))
    )
    readable = [(slip.data, slip) for slip in found if slip.data]
    for data, slip in sorted(
        readable, key=lambda each: (each[0]["recorded_on"], each[0]["odometer"] or 0, each[1].line)
    ):
        car = cars.get(data["plate"])
        if car is None:
            words = Words("沒有車號 {plate} 的車", "There is no car {plate}").fill(plate=data["plate"])
            slip.faults.append(FieldError("plate", words))
            continue
        if names[id(slip)] in seen:
            slip.known = True
            continue
        slip.faults += energy.faults(car, readings, today(now), **data)
        if slip.good:
            seen.add(names[id(slip)])
            data["vehicle_id"] = car.id
            if data["odometer"] is not None:
                readings.add(car.id, data["recorded_on"], data["odometer"])
    return found


def take_in(session: Session, person: Person, now: datetime, slips: Sequence[Slip], *, only_good: bool = False) -> int:
    """Write the good slips; returns how many. Raises Invalid where one is wrong and not only the good ones were asked for."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    wrong = [slip for slip in slips if slip.faults]
    good = [slip for slip in slips if slip.good]
    if wrong and not only_good:
        words = Words("有 {n} 列要修正，一筆都還沒有登記。", "{n} lines need attention. Nothing has been recorded.")
        raise Invalid(words.fill(n=len(wrong)), field="file")
    if not good:
        raise Invalid(Words("沒有新的資料可以登記。", "There is nothing new to record."), field="file")
    count = 0
    for slip in sorted(good, key=lambda each: (each.data or {})["recorded_on"]):
        count += energy.write_slip(session, person, now, slip.data or {}) is not None
    after = {"recorded": count, "left_out": len(wrong), "known": sum(slip.known for slip in slips)}
    audit.record(session, person, "energy.imported", "energy/import", now, after=after)
    return count
