"""Fuel and electricity by car: recorded one by one or from a file, checked, compared by half-year (V-38, V-51, V-61, C-40…C-42)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from common import audit
from common.db import insert_all_or_none
from common.errors import Conflict, FieldError, Forbidden, Invalid
from common.identity import Person
from common.period import today
from common.roc import HalfYear, rounded
from common.words import Words
from fleet import rules
from fleet.comparison import Comparison, Usual, usual
from fleet.models import EnergyCause, EnergyRecord, EnergyTotal, Vehicle
from fleet.odometer import Readings
from fleet.terms import ENERGY_KINDS, ENERGY_UNITS, TOTAL_KINDS
from fleet.trips import find

RECORDERS = ("dispatcher", "driver", "admin")
"""Who refuels and charges, and who keeps the books."""

TAKES = {
    "petrol": ("petrol",),
    "diesel": ("diesel",),
    "hybrid": ("petrol", "electricity"),
    "electric": ("electricity",),
}
"""What a powertrain takes in."""

MOST_AT_ONCE = {"petrol": Decimal(120), "diesel": Decimal(120), "electricity": Decimal(200)}
"""More than any pool car's tank or battery holds: a slip above it is a slip of the pen."""


class AlreadyRecorded(Conflict):
    """The same slip is in the books."""

    words = Words("這筆已經登記過了。", "This one is recorded already.")


# --- recording -----------------------------------------------------------------------------------------------------


def record(session: Session, person: Person, now: datetime, *, source: str = "form", **data: Any) -> EnergyRecord:
    """Write down one refuelling or charging. Raises Invalid at the field, AlreadyRecorded, Forbidden, NotFound.

    `quantity` in L or kWh, `cost` in NT$, `odometer` in km must fit between the car's readings before and after.
    """
    if not person.has(*RECORDERS):
        raise Forbidden
    vehicle = find(session, Vehicle, data["vehicle_id"])
    readings = Readings.load(session, [vehicle.id])
    if wrong := faults(vehicle, readings, today(now), **data):
        raise Invalid.many(wrong)
    row = _write(session, vehicle, now, person, source, data)
    if row is None:
        raise AlreadyRecorded
    after = {"vehicle": vehicle.plate, "kind": row.kind, "quantity": str(row.quantity), "cost": row.cost}
    audit.record(session, person, "energy.recorded", f"energy_record/{row.id}", now, after=after)
    return row


def record_charged(session: Session, vehicle_id: int, kwh: Decimal, at: datetime, source: str) -> EnergyRecord | None:
    """Write down what a charging session delivered: `kwh` at the instant `at`; `source` names the session, such as "ocpp:4711".

    The cost is kWh × the price in force that day, rounded half up to NT$. None where that session was written already.
    """
    vehicle = find(session, Vehicle, vehicle_id)
    price = Decimal(rules.in_force(session, at)["energy.electricity_cents"]) / 100
    data = {
        "kind": "electricity",
        "quantity": kwh,
        "cost": int(rounded(kwh * price)),
        "recorded_on": today(at),
        "odometer": None,
    }
    return _write(session, vehicle, at, None, "charging", data, fingerprint=_hash("charging", source))


def write_slip(session: Session, person: Person, now: datetime, data: dict[str, Any]) -> EnergyRecord | None:
    """Write an examined slip (`vehicle_id` and the rest); None where somebody else has just written the same."""
    return _write(session, find(session, Vehicle, data["vehicle_id"]), now, person, "import", data)


def withdraw(
    session: Session, person: Person, now: datetime, record_id: int, *, rev: int | None = None
) -> EnergyRecord:
    """Take a wrong record out of every sum; it stays in the books, marked. Raises Forbidden, NotFound, Stale, Conflict."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    row = find(session, EnergyRecord, record_id)
    row.expect(rev)
    if row.withdrawn_at is not None:
        raise Conflict(Words("這筆已經作廢了。", "This one was withdrawn already."))
    row.withdrawn_at, row.fingerprint = now, _hash("withdrawn", str(row.id), row.fingerprint)
    session.flush()
    audit.record(
        session, person, "energy.withdrawn", f"energy_record/{row.id}", now,
        before={"quantity": str(row.quantity), "cost": row.cost, "recorded_on": row.recorded_on},
    )  # fmt: skip
    return row


def faults(
    vehicle: Vehicle, readings: Readings, day: date, *, kind: str, quantity: Decimal, recorded_on: date,
    odometer: int | None = None, **_: Any,
) -> list[FieldError]:  # fmt: skip
    """Everything that cannot stand in a record, each at its field. `day` is today in Taipei."""
    wrong = []
    if kind not in TAKES[vehicle.powertrain]:
        words = Words("{plate} 不加{kind}", "{plate} does not take {kind}")
        wrong.append(FieldError("kind", words.fill(plate=vehicle.plate, kind=_lower(ENERGY_KINDS[kind]))))
    if quantity <= 0:
        wrong.append(FieldError("quantity", Words("數量要大於 0", "The quantity must be above 0")))
    elif quantity > MOST_AT_ONCE[kind]:
        words = Words("一次不會超過 {n} {unit}，請再看一次", "More than {n} {unit} at once? Check again")
        wrong.append(FieldError("quantity", words.fill(n=MOST_AT_ONCE[kind], unit=ENERGY_UNITS[kind])))
    if recorded_on > day:
        wrong.append(FieldError("recorded_on", Words("日期還沒到", "The date lies ahead")))
    elif recorded_on.year < vehicle.year - 1:
        wrong.append(FieldError("recorded_on", Words("日期比車輛購置還早", "The date is before the car was bought")))
    elif odometer is not None and (fault := readings.fault(vehicle.id, recorded_on, odometer)):
        wrong.append(fault)
    return wrong


def fingerprint_of(plate: str, data: dict[str, Any]) -> str:
    """The same slip, the same name: car, kind, quantity, cost, day and odometer."""
    quantity = rounded(data["quantity"], 2)
    return _hash(
        plate,
        data["kind"],
        str(quantity),
        str(data["cost"]),
        data["recorded_on"].isoformat(),
        str(data.get("odometer") or ""),
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _write(
    session: Session, vehicle: Vehicle, now: datetime, person: Person | None, source: str, data: dict[str, Any],
    fingerprint: str | None = None,
) -> EnergyRecord | None:  # fmt: skip
    """The row, or None where its fingerprint is there: the unique constraint decides between two at once."""
    name = fingerprint or fingerprint_of(vehicle.plate, data)
    values = {each: data.get(each) for each in ("kind", "quantity", "cost", "recorded_on", "odometer")}
    values |= {"vehicle_id": vehicle.id, "source": source, "fingerprint": name, "entered_at": now, "rev": 1}
    values["entered_by_id"] = person.id if person else None
    if not insert_all_or_none(session, EnergyRecord.__table__, [values], guard="fingerprint"):  # type: ignore[arg-type]
        return None
    if data.get("odometer"):
        vehicle.read_odometer(data["odometer"])
    return session.scalars(select(EnergyRecord).where(EnergyRecord.fingerprint == name)).one()


def _lower(words: Words) -> Words:
    return Words(words.zh, words.en.lower())


# --- half-years ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HalfYearUse:
    """What one half-year used of one kind, and where the figure is from: a report (its name) or so many records."""

    period: HalfYear
    kind: str
    quantity: Decimal | None
    source: str | None
    records: int


def used(session: Session, period: HalfYear, kind: str) -> HalfYearUse:
    """The half-year's use of `kind` ("fuel" is petrol and diesel together): a report's total where there is one, else the records."""
    total = session.scalars(
        select(EnergyTotal).where(EnergyTotal.period == period.code, EnergyTotal.kind == kind)
    ).one_or_none()
    if total:
        return HalfYearUse(period, kind, total.quantity, total.source, 0)
    if kind == "fuel":
        parts = [used(session, period, each) for each in ("petrol", "diesel")]
        known = [part for part in parts if part.quantity is not None]
        sources = "；".join(dict.fromkeys(part.source for part in known if part.source))
        amount = sum((part.quantity or Decimal(0) for part in known), Decimal(0)) if known else None
        return HalfYearUse(period, kind, amount, sources or None, sum(part.records for part in known))
    count, quantity = session.execute(
        select(func.count(), func.sum(EnergyRecord.quantity)).where(
            EnergyRecord.kind == kind, EnergyRecord.withdrawn_at.is_(None),
            EnergyRecord.recorded_on >= period.first_day, EnergyRecord.recorded_on <= period.last_day,
        )
    ).one()  # fmt: skip
    return HalfYearUse(period, kind, quantity, None, count)


@dataclass(frozen=True)
class Compared:
    """One line of the report: two half-years of one kind, the finding, and the cause where use rose."""

    this: HalfYearUse
    base: HalfYearUse
    figures: Comparison
    cause: str | None

    @property
    def words(self) -> Words:
        return self.figures.sentence(TOTAL_KINDS[self.this.kind], self.this.period.label, self.base.period.label)


def compare(session: Session, period: HalfYear, against: HalfYear, kind: str) -> Compared:
    """Two half-years of one kind (C-40, C-41); `kind` "all" is petrol and diesel together, in litres."""
    kind = "fuel" if kind == "all" else kind
    this, base = used(session, period, kind), used(session, against, kind)
    cause = session.scalars(
        select(EnergyCause.words).where(EnergyCause.period == period.code, EnergyCause.kind == kind)
    ).one_or_none()
    return Compared(this, base, Comparison(this.quantity, base.quantity, ENERGY_UNITS[kind]), cause)


def explain(session: Session, person: Person, now: datetime, *, period: HalfYear, kind: str, words: str) -> EnergyCause:
    """Say why use of `kind` rose in `period` (C-41, C-42); a later word replaces it, the audit log keeps both. Raises Forbidden."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    row = session.scalars(select(EnergyCause).filter_by(period=period.code, kind=kind)).one_or_none()
    before = {"words": row.words} if row else None
    row = row or EnergyCause(period=period.code, kind=kind)
    row.words, row.by_id, row.at = words, person.id, now
    session.add(row)
    session.flush()
    audit.record(
        session, person, "energy.explained", f"energy/{period.code}/{kind}", now, before=before, after={"words": words}
    )
    return row


def state_total(
    session: Session, person: Person, now: datetime, *, period: HalfYear, kind: str, quantity: Decimal, source: str
) -> EnergyTotal:
    """Enter a half-year's total from a report, or correct it (the audit log keeps what it was). Raises Forbidden."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    row = session.scalars(select(EnergyTotal).filter_by(period=period.code, kind=kind)).one_or_none()
    before = {"quantity": str(row.quantity), "source": row.source} if row else None
    row = row or EnergyTotal(period=period.code, kind=kind)
    row.quantity, row.source = quantity, source
    session.add(row)
    session.flush()
    audit.record(
        session, person, "energy.total_stated", f"energy/{period.code}/{kind}", now, before=before,
        after={"quantity": str(quantity), "source": source},
    )  # fmt: skip
    return row


# --- what stands out -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unusual:
    """A record whose distance per unit lies outside what is usual for the car."""

    record: EnergyRecord
    km_per_unit: Decimal
    usual: Usual


def unusual(session: Session, now: datetime, since: date) -> list[Unusual]:
    """Records since a day whose km per L (or kWh) stand out for their car, newest first.

    Distance is from the car's record before to this one; limits are the car's own (median ± `energy.outlier_tenths`/10
    robust deviations over all its records), so that a thirsty van is not measured by a small car.
    """
    deviations = Decimal(rules.in_force(session, now)["energy.outlier_tenths"]) / 10
    found: list[Unusual] = []
    for rows in _by_car(session).values():
        figures = consumption(rows)
        limits = usual([value for _, value in figures], deviations)
        if limits:
            found += [
                Unusual(row, value, limits)
                for row, value in figures
                if row.recorded_on >= since and not limits.low <= value <= limits.high
            ]
    return sorted(found, key=lambda each: (each.record.recorded_on, each.record.id), reverse=True)


def consumption(rows: Sequence[EnergyRecord]) -> list[tuple[EnergyRecord, Decimal]]:
    """km per L or kWh of each of one car's records (in order of time), from the odometer of the one before; two decimals."""
    out, before = [], None
    for row in rows:
        if row.odometer is None:
            before = None  # what was driven on this filling is not known
            continue
        if before is not None and row.odometer > before:
            out.append((row, rounded((row.odometer - before) / row.quantity, 2)))
        before = row.odometer
    return out


def _by_car(session: Session, vehicle_ids: Iterable[int] | None = None) -> dict[tuple[int, str], list[EnergyRecord]]:
    rows = select(EnergyRecord).where(EnergyRecord.withdrawn_at.is_(None)).options(joinedload(EnergyRecord.vehicle))
    if vehicle_ids is not None:
        rows = rows.where(EnergyRecord.vehicle_id.in_(list(vehicle_ids)))
    out: dict[tuple[int, str], list[EnergyRecord]] = defaultdict(list)
    for row in session.scalars(rows.order_by(EnergyRecord.recorded_on, EnergyRecord.odometer, EnergyRecord.id)):
        out[row.vehicle_id, row.kind].append(row)
    return out


def consumption_of(session: Session, vehicle_id: int, since: date) -> Decimal | None:
    """The car's km per L (or kWh) since a day: km driven between records ÷ what was taken in meanwhile; two decimals."""
    for rows in _by_car(session, [vehicle_id]).values():
        recent = [row for row in rows if row.recorded_on >= since and row.odometer is not None]
        if len(recent) > 2 and (taken := sum((row.quantity for row in recent[1:]), Decimal(0))):
            return rounded(((recent[-1].odometer or 0) - (recent[0].odometer or 0)) / taken, 2)
    return None


@dataclass(frozen=True)
class OverCap:
    """A car that took more in a month than the cap allows (V-61), in litres."""

    vehicle: Vehicle
    month: date
    litres: Decimal
    cap: int


def over_cap(session: Session, now: datetime, month: date) -> list[OverCap]:
    """The cars over the month's cap, most first; hybrids have a cap of their own (V-61, sample values)."""
    rule = rules.in_force(session, now)
    first = month.replace(day=1)
    after = (first.replace(year=first.year + 1, month=1)) if first.month == 12 else first.replace(month=first.month + 1)
    rows = session.execute(
        select(EnergyRecord.vehicle_id, func.sum(EnergyRecord.quantity))
        .where(
            EnergyRecord.kind.in_(("petrol", "diesel")), EnergyRecord.withdrawn_at.is_(None),
            EnergyRecord.recorded_on >= first, EnergyRecord.recorded_on < after,
        )
        .group_by(EnergyRecord.vehicle_id)
    )  # fmt: skip
    found = []
    for vehicle_id, litres in rows:
        vehicle = find(session, Vehicle, vehicle_id)
        cap = rule["energy.cap_hybrid_litres" if vehicle.powertrain == "hybrid" else "energy.cap_litres"]
        if litres > cap:
            found.append(OverCap(vehicle, first, litres, cap))
    return sorted(found, key=lambda each: each.cap - each.litres)
