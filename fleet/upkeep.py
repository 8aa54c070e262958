"""Upkeep: what is recorded, who is told of what falls due, which trips need another car, which cars may be retired (V-50…V-60)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from common import audit
from common.db import insert_all_or_none
from common.errors import FieldError, Forbidden, Invalid
from common.identity import Person
from common.messages import post
from common.period import add_months, local, today
from common.roc import day_words, rounded
from common.words import Words
from fleet import rules
from fleet.due import due_items
from fleet.energy import consumption_of
from fleet.messages import UpkeepDue
from fleet.models import DueNotice, Trip, UpkeepRecord, Vehicle, VehicleCard
from fleet.odometer import Readings
from fleet.schedule import Ground, Life, Limits, ground_of, retirement
from fleet.terms import DUE_KINDS, UPKEEP_KINDS
from fleet.trips import find

KEEPERS = ("dispatcher", "admin")


def stranded(session: Session, now: datetime) -> list[tuple[Trip, Words]]:
    """Trips ahead whose car may not be out by then, or is in repair or suspended, with the reason: dispatch gives them another."""
    ahead = (
        select(Trip)
        .where(Trip.status.in_(("assigned", "assigned_one_way", "accepted")), Trip.ends_at > now)
        .options(joinedload(Trip.vehicle), joinedload(Trip.agency), joinedload(Trip.requester))
        .order_by(Trip.starts_at)
    )
    trips = list(session.scalars(ahead).unique())
    cars = list({trip.vehicle.id: trip.vehicle for trip in trips if trip.vehicle}.values())
    owed = [due for due in due_items(session, now, cars) if due.blocks]
    found = []
    for trip in trips:
        day = local(trip.ends_at).date()
        late = next((due for due in owed if due.vehicle is trip.vehicle and due.overdue(day)), None)
        if late:
            words = Words("{what}{day}到期", "{what} due {day}")
            found.append((trip, words.fill(what=late.words, day=day_words(late.due_on))))
    return found


def record(
    session: Session, person: Person, now: datetime, *, vehicle_id: int, kind: str, done_on: date, cost: int = 0, passed: bool = True,
    odometer: int | None = None, workshop: str = "", note: str | None = None, valid_until: date | None = None,
    back_in_service: bool = False,
) -> UpkeepRecord:  # fmt: skip
    """Write down what was done: a passed inspection or a new insurance brings the car back by itself. NT$, km.

    Insurance and tax need `valid_until`; `back_in_service` ends a repair. Raises Invalid, Forbidden, NotFound.
    """
    if not person.has(*KEEPERS):
        raise Forbidden
    vehicle = find(session, Vehicle, vehicle_id)
    wrong = []
    if done_on > today(now):
        wrong.append(FieldError("done_on", Words("日期還沒到", "The date lies ahead")))
    elif odometer is not None and (fault := Readings.load(session, [vehicle.id]).fault(vehicle.id, done_on, odometer)):
        wrong.append(fault)
    if kind in ("insurance", "tax") and (valid_until is None or valid_until <= done_on):
        wrong.append(FieldError("valid_until", Words("請填有效到哪一天", "Say until which day it holds")))
    if wrong:
        raise Invalid.many(wrong)
    row = UpkeepRecord(
        vehicle_id=vehicle.id, kind=kind, done_on=done_on, passed=passed, odometer=odometer, cost=cost, workshop=workshop or "",
        note=note, valid_until=valid_until, recorded_by_id=person.id, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    if kind in ("insurance", "tax") and valid_until:
        card = card_of(session, vehicle)
        if kind == "tax":
            card.tax_paid_until = valid_until
        else:
            card.insured_from, card.insured_until, card.insurer = done_on, valid_until, workshop or card.insurer
    if odometer is not None:
        vehicle.read_odometer(odometer)
    before = vehicle.state
    if back_in_service and vehicle.state == "repair":
        vehicle.state = "in_service"
    session.flush()
    audit.record(
        session, person, "upkeep.recorded", f"vehicle/{vehicle.id}", now, before={"state": before},
        after={"kind": kind, "done_on": done_on, "passed": passed, "cost": cost, "valid_until": valid_until, "state": vehicle.state},
    )  # fmt: skip
    return row


def card_of(session: Session, vehicle: Vehicle) -> VehicleCard:
    """The car's papers, begun where there are none."""
    card = session.get(VehicleCard, vehicle.id)
    if card is None:
        card = VehicleCard(vehicle_id=vehicle.id)
        session.add(card)
    return card


def tell_due(session: Session, now: datetime) -> int:
    """Tell dispatch and the owner agency of what has come near or is overdue, once each (a chore). Returns how many."""
    rule, day, count = rules.in_force(session, now), today(now), 0
    for due in due_items(session, now):
        state = due.state(day, rule)
        if state == "later":
            continue
        notice = {
            "subject": due.subject,
            "kind": due.kind,
            "due_on": due.due_on,
            "overdue": state == "overdue",
            "told_at": now,
        }
        told = select(DueNotice.id).filter_by(
            subject=due.subject, kind=due.kind, due_on=due.due_on, overdue=notice["overdue"]
        )
        if session.scalar(told) is not None or not _first_to_tell(session, notice):
            continue
        owner = (
            due.vehicle.owner_agency_id
            if due.vehicle
            else due.driver.person.agency_id
            if due.driver and due.driver.person
            else None
        )
        post(
            session, UpkeepDue, subject=due.subject, now=now, label=due.label.zh, kind=due.kind, kind_zh=due.words.zh,
            kind_en=due.words.en, due_on=due.due_on, status=state, agency_id=owner, blocks=due.blocks,
        )  # fmt: skip
        count += 1
    return count


def _first_to_tell(session: Session, notice: dict[str, Any]) -> bool:
    table = DueNotice.__table__
    return insert_all_or_none(session, table, [notice], guard="uq_due_notice")  # type: ignore[arg-type]


# --- retirement ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Retirement:
    """The tests of V-58 and V-59 for one car, and on which ground it may be retired ("unfit", "beyond_repair" or None)."""

    vehicle: Vehicle
    grounds: tuple[Ground, ...]
    ground: str | None


def retirements(session: Session, now: datetime) -> list[Retirement]:
    """Every car's tests with their figures, those with a ground first, then oldest first."""
    rule, day = rules.in_force(session, now), today(now)
    limits = Limits(
        rule["retire.years"],
        rule["retire.km"],
        rule["retire.overhaul_percent"],
        rule["retire.fuel_over_percent"],
        rule["retire.repair_percent"],
    )
    years = rule["retire.repair_years"]
    since = add_months(day, -12 * years)
    found = []
    for car in session.scalars(select(Vehicle).where(Vehicle.state != "retired").order_by(Vehicle.year, Vehicle.plate)):
        card = session.get(VehicleCard, car.id)
        spent = dict(
            session.execute(
                select(UpkeepRecord.kind, func.sum(UpkeepRecord.cost))
                .where(
                    UpkeepRecord.vehicle_id == car.id,
                    UpkeepRecord.kind.in_(("repair", "overhaul")),
                    UpkeepRecord.done_on >= since,
                )
                .group_by(UpkeepRecord.kind)
            ).all()
        )
        largest = session.scalar(
            select(func.max(UpkeepRecord.cost)).where(
                UpkeepRecord.vehicle_id == car.id, UpkeepRecord.kind == "overhaul"
            )
        )
        registered = card.registered_on if card else None
        unfit = car.state == "repair"
        life = Life(
            rounded(Decimal((day - registered).days) / Decimal("365.25"), 1) if registered else None, car.odometer_km,
            card.new_price if card else None, int(largest or 0), int(sum(spent.values())), years,
            card.maker_km_per_unit if card else None, consumption_of(session, car.id, add_months(day, -12)), unfit,
        )  # fmt: skip
        grounds = retirement(life, limits)
        found.append(Retirement(car, grounds, ground_of(grounds, unfit)))
    return sorted(found, key=lambda each: (each.ground is None, each.vehicle.year))


assert set(DUE_KINDS) - {"licence", "suspension"} <= set(UPKEEP_KINDS)  # noqa: S101 - what is due can be recorded
