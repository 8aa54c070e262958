"""A year behind every car: papers, slips, inspections, costs, an accident, what passengers said; and the city's own totals."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import add_months, today
from common.roc import HalfYear, rounded
from fleet import cards, energy, surveys, workshop
from fleet.models import Driver, DriverCard, EnergyRecord, StandingCost, Trip, UpkeepRecord, Vehicle, VehicleCard
from fleet.schedule import inspection_days

SEED = 1150407
REPORT_104, REPORT_110 = "秘書處 104 年上半年工作報告", "秘書處 110 年上半年工作報告"
TOTALS = (  # C-40, C-41: what the reports say
    ("104H1", "fuel", "9098", REPORT_104),
    ("95H1", "fuel", "19595", REPORT_104),
    ("110H1", "petrol", "8907.81", REPORT_110),
    ("109H1", "petrol", "8492.54", REPORT_110),
)
CAUSE_110 = "因應防疫任務，公務車出勤增加"
INSURERS = ("松山產險", "信義產險", "大安產險")
KM_PER_UNIT = {"petrol": 11, "hybrid": 18, "diesel": 10, "electric": 6}
CENTS = {"petrol": 3040, "diesel": 2790, "electricity": 420}
OVERDUE, SOON = "RCZ-9306", ("RCX-3495", "RCY-4176")
MONTHS = 14


def fill(session: Session, now: datetime) -> None:
    """Everything this side of the house shows; cars, drivers and trips are there already."""
    dice, day = random.Random(SEED), today(now)  # noqa: S311 - a demonstration
    dispatcher = session.scalars(select(Person).where(Person.username == "dispatcher")).one()
    for period, kind, quantity, source in TOTALS:
        energy.state_total(
            session,
            dispatcher,
            now,
            period=HalfYear.parse(period),
            kind=kind,
            quantity=Decimal(quantity),
            source=source,
        )
    energy.explain(session, dispatcher, now, period=HalfYear(110, 1), kind="petrol", words=CAUSE_110)
    started = select(Trip.vehicle_id, func.min(Trip.odometer_out)).where(Trip.odometer_out.is_not(None))
    first_km = {row[0]: row[1] for row in session.execute(started.group_by(Trip.vehicle_id))}
    cars = list(session.scalars(select(Vehicle).order_by(Vehicle.id)))
    for n, car in enumerate(cars):
        session.add_all(_papers(dice, day, n, car))
        session.add_all(_done(dice, day, now, car))
        session.add_all(_slips(dice, day, now, car, first_km.get(car.id) or car.odometer_km))
    for n, driver in enumerate(session.scalars(select(Driver).order_by(Driver.id))):
        hired = day - timedelta(days=dice.randint(200, 6000))
        session.add(
            DriverCard(
                driver_id=driver.id, staff_number=f"D{1001 + n}", hired_on=hired, kept_vehicle_id=cars[n % len(cars)].id
            )
        )
    session.flush()
    _accident(session, dispatcher, now, cars)
    _receipts(session, dispatcher, now)
    _answers(session, dice, now)


def _papers(dice: random.Random, day: date, n: int, car: Vehicle) -> Iterator[object]:
    price = {"sedan": 760_000, "seven_seater": 980_000, "van9": 1_450_000}[car.kind] + (500_000 if car.electric else 0)
    insured = date(day.year, dice.randint(1, 12), dice.randint(1, 28))
    until = add_months(insured, 12) if insured <= day else insured
    if car.plate in SOON:
        until = day + timedelta(days=9 + n % 7)
    elif until <= day + timedelta(days=31):
        until = add_months(until, 6)
    yield VehicleCard(
        vehicle_id=car.id, registered_on=_registered(car), engine_cc=None if car.electric else 1798 if car.kind == "sedan" else 1998,
        new_price=price, maker_km_per_unit=Decimal(KM_PER_UNIT[car.powertrain]) * Decimal("1.25"), insurer=INSURERS[n % 3],
        insured_from=add_months(until, -12), insured_until=until, tax_paid_until=date(day.year + 1, 4, 30),
    )  # fmt: skip
    if n % 9 == 4:
        yield StandingCost(vehicle_id=car.id, kind="lease", monthly=23_500, valid_from=_registered(car))
    else:
        yield StandingCost(vehicle_id=car.id, kind="depreciation", monthly=price // 120, valid_from=_registered(car))


def _registered(car: Vehicle) -> date:
    return date(car.year, 1 + car.id % 12, 1 + car.id * 7 % 28)


def _done(dice: random.Random, day: date, now: datetime, car: Vehicle) -> Iterator[UpkeepRecord]:
    def record(kind: str, done_on: date, cost: int, workshop: str, odometer: int | None = None) -> UpkeepRecord:
        return UpkeepRecord(
            vehicle_id=car.id,
            kind=kind,
            done_on=done_on,
            cost=cost,
            workshop=workshop,
            odometer=odometer,
            recorded_at=now,
        )

    for set_day in inspection_days(_registered(car), 5, 10):
        if set_day > day + timedelta(days=25) or (car.plate == OVERDUE and set_day > day - timedelta(days=400)):
            break
        yield record("inspection", min(set_day, day - timedelta(days=2)), 600, "監理所代檢廠")
    yield record("service", day - timedelta(days=dice.randint(20, 160)), dice.randint(28, 95) * 100, "市府特約保養廠")
    if day.year - car.year >= 5:
        yield record(
            "repair", day - timedelta(days=dice.randint(40, 900)), dice.randint(6, 60) * 1000, "市府特約保養廠"
        )
    if car.plate == OVERDUE:
        yield record("overhaul", day - timedelta(days=210), 162_000, "北區原廠服務廠")


def _slips(dice: random.Random, day: date, now: datetime, car: Vehicle, km: int) -> list[EnergyRecord]:
    """One slip a month back from five weeks ago, the odometer running down to where it stood."""
    kind = "electricity" if car.electric else "diesel" if car.powertrain == "diesel" else "petrol"
    rows, at = [], day - timedelta(days=36)
    for month in range(MONTHS):
        driven = dice.randint(260, 420)
        usual = Decimal(KM_PER_UNIT[car.powertrain]) * Decimal(dice.randint(92, 108)) / 100
        if month == 3 and car.id % 13 == 5:
            usual /= 2  # one that stands out
        quantity = rounded(Decimal(driven) / usual, 2)
        if km < driven:
            break
        data = {
            "kind": kind,
            "quantity": quantity,
            "cost": int(rounded(quantity * CENTS[kind] / 100)),
            "recorded_on": at,
            "odometer": km,
        }
        name = energy.fingerprint_of(car.plate, data)
        rows.append(EnergyRecord(vehicle_id=car.id, source="demo", fingerprint=name, entered_at=now, **data))
        km, at = km - driven, at - timedelta(days=dice.randint(27, 32))
    return rows


def _accident(session: Session, dispatcher: Person, now: datetime, cars: list[Vehicle]) -> None:
    car = next(each for each in cars if each.state == "repair")
    row = workshop.report(
        session, dispatcher, now - timedelta(days=3), vehicle_id=car.id, happened_at=now - timedelta(days=3, hours=1),
        place="基隆路一段路口",        what="停等紅燈遭後車追撞，保險桿破裂，無人受傷。", heavy=True,
    )  # fmt: skip
    workshop.advance(
        session, dispatcher, now - timedelta(days=3), row.id, note="主管到場，警方已製作現場圖與談話紀錄。"
    )
    workshop.advance(session, dispatcher, now - timedelta(days=2), row.id, note="已報保險公司，車損照片送出。")


def _receipts(session: Session, dispatcher: Person, now: datetime) -> None:
    far = select(Trip).where(Trip.finished_at.is_not(None), Trip.distance_km >= 80).order_by(Trip.id)
    for trip in session.scalars(far):
        spent = today(trip.finished_at or now)
        cards.add_trip_cost(session, dispatcher, now, number=trip.number, kind="toll", amount=80, spent_on=spent)


def _answers(session: Session, dice: random.Random, now: datetime) -> None:
    """About four in five passengers answer; nearly all are satisfied."""
    signed = select(Trip).where(Trip.status == "signed_off").order_by(Trip.id)
    for trip in session.scalars(signed):
        at = min((trip.signed_off_at or now) + timedelta(hours=1), now)
        if dice.random() < 0.8:
            score = dice.choices((5, 4, 3, 2), (62, 35, 2, 1))[0]
            chips = dice.sample(("punctual", "polite", "safe", "clean"), dice.randint(0, 2)) if score > 3 else []
            surveys.answer(session, at, surveys.code_for(session, trip), score=score, chips=chips)
