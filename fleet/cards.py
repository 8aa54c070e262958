"""The registers of the vehicle unit: cars, drivers, posts and places are added and corrected here, nothing is deleted (V-36, V-37).

A car leaves by retirement, a driver by leaving; what figures depend on (monthly costs, parameters) gets a new dated version.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import FieldError, Forbidden, Invalid
from common.identity import Agency, Person
from common.period import taipei
from common.words import Words
from fleet.models import (
    Accident,
    Charger,
    Driver,
    DriverCard,
    EnergyRecord,
    Place,
    StandingCost,
    Trip,
    TripCost,
    UpkeepRecord,
    Vehicle,
    VehicleCard,
)
from fleet.terms import ENERGY_KINDS, ENERGY_UNITS, KINDS, UPKEEP_KINDS
from fleet.trips import find
from fleet.upkeep import KEEPERS

PAPERS = (
    "registered_on",
    "engine_cc",
    "new_price",
    "maker_km_per_unit",
    "insurer",
    "insured_from",
    "insured_until",
    "tax_paid_until",
)
PLATE = re.compile(r"(?=.*[0-9])[A-Z0-9]{2,4}-[A-Z0-9]{2,4}")


def plate_of(typed: str) -> str:
    """A plate as it is kept: "ｒｃｘ 3081" → "RCX-3081". Raises Invalid at `plate`."""
    plain = unicodedata.normalize("NFKC", typed).strip().upper()
    plain = re.sub(r"[\s－–—_]+", "-", plain)
    if "-" not in plain and (found := re.fullmatch(r"([A-Z]{2,3})([0-9]{4})|([0-9]{4})([A-Z]{2})", plain)):
        plain = "-".join(part for part in found.groups() if part)
    if not PLATE.fullmatch(plain):
        raise Invalid(Words("車號要像 RCX-3081 或 1234-AB", "A plate looks like RCX-3081 or 1234-AB"), field="plate")
    return plain


def save_vehicle(
    session: Session, person: Person, now: datetime, vehicle: Vehicle | None, *, rev: int | None = None, **data: Any
) -> Vehicle:
    """Add a car, or correct its card. Raises Invalid at the field, Forbidden, Stale. An odometer never runs back."""
    _keeper(person)
    papers = {name: data.pop(name) for name in PAPERS if name in data}
    data["plate"] = plate_of(data["plate"])
    wrong = []
    if session.get(Agency, data["owner_agency_id"]) is None:
        wrong.append(FieldError("owner_agency_id", Words("請從清單選擇機關", "Choose an agency from the list")))
    if data["seats"] > KINDS[data["kind"]].seats:
        words = Words("{kind}最多 {n} 座", "A {kind} has {n} seats at most")
        wrong.append(FieldError("seats", words.fill(kind=KINDS[data["kind"]].words, n=KINDS[data["kind"]].seats)))
    if data["powertrain"] == "electric" and not data.get("battery_kwh"):
        wrong.append(FieldError("battery_kwh", Words("電動車請填電池容量", "Give the battery of an electric car")))
    if vehicle and data["odometer_km"] < vehicle.odometer_km:
        words = Words("里程不能比 {km} 公里少", "The odometer cannot be below {km} km")
        wrong.append(FieldError("odometer_km", words.fill(km=f"{vehicle.odometer_km:,}")))
    first, last = papers.get("insured_from"), papers.get("insured_until")
    if first and last and first > last:
        wrong.append(FieldError("insured_until", Words("保險迄日要晚於起日", "Insurance ends before it begins")))
    if wrong:
        raise Invalid.many(wrong)
    before: Mapping[str, Any] = {}
    if vehicle:
        vehicle.expect(rev)
        before = _values(vehicle, data) | _values(session.get(VehicleCard, vehicle.id), papers)
    row = vehicle or Vehicle(state="in_service", charge_percent=50 if data["powertrain"] == "electric" else None)
    _set(row, data)
    session.add(row)
    _flush(session, "plate", Words("已經有這個車號了", "There is a car with this plate"))
    card = session.get(VehicleCard, row.id) or VehicleCard(vehicle_id=row.id)
    _set(card, papers)
    session.add(card)
    _note(session, person, now, "vehicle", row.id, before, data | papers)
    return row


def save_driver(
    session: Session, person: Person, now: datetime, driver: Driver | None, *, rev: int | None = None, **data: Any
) -> Driver:
    """Add a driver (a person with the driver's role), or correct the card. Raises Invalid, Forbidden, Stale."""
    _keeper(person)
    card_data = {
        name: data.pop(name)
        for name in ("staff_number", "hired_on", "left_on", "kept_vehicle_id", "deputy_id")
        if name in data
    }
    if driver is None:
        who = session.get(Person, data["person_id"])
        if who is None or not who.has("driver"):
            raise Invalid(Words("請選擇有駕駛權限的人", "Choose a person with the driver’s role"), field="person_id")
    first, last = card_data.get("hired_on"), card_data.get("left_on")
    if first and last and first > last:
        raise Invalid(Words("離職日要晚於到職日", "Left before hired"), field="left_on")
    before: Mapping[str, Any] = {}
    if driver:
        driver.expect(rev)
        before = _values(driver, data) | _values(session.get(DriverCard, driver.id), card_data)
        data.pop("person_id", None)
    row = driver or Driver()
    _set(row, data)
    session.add(row)
    _flush(session, "person_id", Words("這個人已經在駕駛名冊上", "This person is on the roster already"))
    card = session.get(DriverCard, row.id) or DriverCard(driver_id=row.id)
    _set(card, card_data)
    session.add(card)
    _note(session, person, now, "driver", row.id, before, data | card_data)
    return row


def add_charger(session: Session, person: Person, now: datetime, **data: Any) -> Charger:
    """Add a post; `power_kw` is what one car draws at most. Raises Invalid, Forbidden."""
    _keeper(person)
    row = Charger(**data)
    session.add(row)
    _flush(session, "code", Words("已經有這個編號的充電樁", "There is a post with this code"))
    _note(session, person, now, "charger", row.id, {}, data)
    return row


def add_place(session: Session, person: Person, now: datetime, **data: Any) -> Place:
    """Add a place people go to, km one way from City Hall. Raises Invalid, Forbidden."""
    _keeper(person)
    row = Place(**data)
    session.add(row)
    _flush(session, "name", Words("已經有這個地點", "This place is there already"))
    _note(session, person, now, "place", row.id, {}, data)
    return row


def set_monthly_cost(
    session: Session, person: Person, now: datetime, vehicle_id: int, *, kind: str, monthly: int, valid_from: date
) -> StandingCost:
    """A new version of what the car costs a month from a day on; earlier figures keep the earlier one. Raises Invalid, Forbidden."""
    _keeper(person)
    vehicle = find(session, Vehicle, vehicle_id)
    row = StandingCost(vehicle_id=vehicle.id, kind=kind, monthly=monthly, valid_from=valid_from)
    session.add(row)
    _flush(session, "valid_from", Words("這一天已經有一個金額", "There is an amount from this day on already"))
    _note(
        session,
        person,
        now,
        "standing_cost",
        row.id,
        {},
        {"vehicle": vehicle.plate, "kind": kind, "monthly": monthly, "valid_from": valid_from},
    )
    return row


def add_trip_cost(
    session: Session,
    person: Person,
    now: datetime,
    *,
    number: str,
    kind: str,
    amount: int,
    spent_on: date,
    note: str | None = None,
) -> TripCost:
    """A receipt of one trip (toll, parking, cleaning; V-27: at cost), by the trip's number. Raises Invalid, Forbidden."""
    _keeper(person)
    trip = session.scalars(select(Trip).where(Trip.number == number.strip())).one_or_none()
    if trip is None or trip.vehicle_id is None:
        raise Invalid(Words("找不到這張派車單", "There is no such slip"), field="number")
    row = TripCost(trip_id=trip.id, kind=kind, amount=amount, spent_on=spent_on, note=note)
    session.add(row)
    session.flush()
    _note(session, person, now, "trip_cost", row.id, {}, {"trip": trip.number, "kind": kind, "amount": amount})
    return row


@dataclass(frozen=True)
class Happening:
    """One line of a car's history."""

    at: datetime
    what: Words
    detail: str
    trip_id: int | None = None


def history(session: Session, vehicle: Vehicle, limit: int = 40) -> list[Happening]:
    """What happened to the car, newest first: trips, energy, upkeep, accidents."""
    out: list[Happening] = []
    trips = (
        select(Trip)
        .where(Trip.vehicle_id == vehicle.id, Trip.finished_at.is_not(None))
        .order_by(Trip.finished_at.desc())
    )
    for trip in session.scalars(trips.limit(limit)):
        detail = f"{trip.number} {trip.destination} {trip.distance_driven or 0} km"
        out.append(Happening(trip.finished_at or trip.ends_at, Words("出車", "Trip"), detail, trip.id))
    fuel = select(EnergyRecord).where(EnergyRecord.vehicle_id == vehicle.id, EnergyRecord.withdrawn_at.is_(None))
    for row in session.scalars(fuel.order_by(EnergyRecord.recorded_on.desc()).limit(limit)):
        detail = f"{row.quantity} {ENERGY_UNITS[row.kind]} · NT${row.cost:,}"
        out.append(Happening(taipei(row.recorded_on, "12:00"), ENERGY_KINDS[row.kind], detail))
    done = select(UpkeepRecord).where(UpkeepRecord.vehicle_id == vehicle.id).order_by(UpkeepRecord.done_on.desc())
    for each in session.scalars(done.limit(limit)):
        out.append(
            Happening(taipei(each.done_on, "12:00"), UPKEEP_KINDS[each.kind], f"{each.workshop} NT${each.cost:,}")
        )
    for crash in session.scalars(select(Accident).where(Accident.vehicle_id == vehicle.id)):
        out.append(Happening(crash.happened_at, Words("事故", "Accident"), crash.place))
    return sorted(out, key=lambda one: one.at, reverse=True)[:limit]


def _keeper(person: Person) -> None:
    if not person.has(*KEEPERS):
        raise Forbidden


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _values(row: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(row, name, None) for name in names}


def _flush(session: Session, field: str, words: Words) -> None:
    """Have the constraints speak now, at their field."""
    try:
        session.flush()
    except IntegrityError as twice:
        raise Invalid(words, field=field) from twice


def _note(
    session: Session,
    person: Person,
    now: datetime,
    what: str,
    row_id: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    if changed:
        was = {name: before[name] for name in changed if name in before}
        audit.record(
            session, person, f"{what}.{'changed' if before else 'added'}", f"{what}/{row_id}", now, was or None, changed
        )
