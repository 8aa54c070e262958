"""What falls due for cars and drivers, and which cars may not leave because of it (V-50, V-53…V-57, V-60). Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from common.period import add_months, local
from common.roc import day_words
from common.words import Words
from fleet import rules
from fleet.models import Accident, Driver, Suspension, UpkeepRecord, Vehicle, VehicleCard
from fleet.schedule import next_inspection
from fleet.terms import DUE_KINDS

EXTRA_AFTER = ("inspection", "extra")
"""Either inspection satisfies the extra one of V-55 and V-57."""


@dataclass(frozen=True)
class Due:
    """Something that falls due. `last_day` is the last day on which all is well; `due_km` the odometer it is due at."""

    vehicle: Vehicle | None
    driver: Driver | None
    kind: str
    due_on: date
    last_day: date
    due_km: int | None = None
    blocks: bool = False

    @property
    def subject(self) -> str:
        return f"vehicle/{self.vehicle.id}" if self.vehicle else f"driver/{self.driver.id if self.driver else 0}"

    @property
    def label(self) -> Words:
        if self.vehicle:
            return Words.same(self.vehicle.plate)
        return self.driver.name if self.driver else Words("", "")

    @property
    def words(self) -> Words:
        return DUE_KINDS[self.kind]

    def overdue(self, day: date) -> bool:
        by_km = self.due_km is not None and self.vehicle is not None and self.vehicle.odometer_km >= self.due_km
        return day > self.last_day or by_km

    def soon(self, day: date, days: int, km: int) -> bool:
        """Due within so many days, or so many km."""
        near = self.due_km is not None and self.vehicle is not None and self.vehicle.odometer_km >= self.due_km - km
        return self.due_on <= day + timedelta(days=days) or near

    def state(self, day: date, rule: rules.Rules) -> str:
        """ "overdue", "soon" or "later" on `day`."""
        if self.overdue(day):
            return "overdue"
        return "soon" if self.soon(day, rule["upkeep.warn_days"], rule["upkeep.warn_km"]) else "later"


def due_items(session: Session, now: datetime, among: Sequence[Vehicle] | None = None) -> list[Due]:
    """What falls due for these cars (all in use, and every driver's licence, when none are named), soonest first."""
    rule = rules.in_force(session, now)
    if among is None:
        cars = list(
            session.scalars(select(Vehicle).where(Vehicle.state != "retired").options(joinedload(Vehicle.owner)))
        )
    else:
        cars = list(among)
    ids = [car.id for car in cars]
    cards = {
        card.vehicle_id: card for card in session.scalars(select(VehicleCard).where(VehicleCard.vehicle_id.in_(ids)))
    }
    latest = _latest(session, ids)
    found = [due for car in cars if (card := cards.get(car.id)) for due in _of_car(car, card, latest, rule)]
    found += _extra(session, {car.id: car for car in cars}, latest, rule)
    if among is None:
        drivers = session.scalars(select(Driver).where(Driver.employed))
        found += [
            Due(None, each, "licence", each.licence_expires_on, each.licence_expires_on, blocks=True)
            for each in drivers
            if each.on_roster
        ]
    return sorted(found, key=lambda each: (each.due_on, each.subject, each.kind))


def _latest(session: Session, ids: list[int]) -> dict[tuple[int, str], tuple[date, int | None]]:
    rows = select(
        UpkeepRecord.vehicle_id, UpkeepRecord.kind, func.max(UpkeepRecord.done_on), func.max(UpkeepRecord.odometer)
    )
    rows = rows.where(UpkeepRecord.vehicle_id.in_(ids), UpkeepRecord.passed).group_by(
        UpkeepRecord.vehicle_id, UpkeepRecord.kind
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(rows)}


def _of_car(
    car: Vehicle, card: VehicleCard, latest: dict[tuple[int, str], tuple[date, int | None]], rule: rules.Rules
) -> Iterable[Due]:
    window = timedelta(days=rule["upkeep.window_days"])
    if card.registered_on:
        inspected = [latest[car.id, kind][0] for kind in EXTRA_AFTER if (car.id, kind) in latest]
        day = next_inspection(
            card.registered_on, max(inspected, default=None), window_days=window.days,
            exempt_years=rule["upkeep.exempt_years"], twice_from_years=rule["upkeep.twice_from_years"],
        )  # fmt: skip
        yield Due(car, None, "inspection", day, day + window, blocks=bool(rule["upkeep.inspection_blocks"]))
        served, at_km = latest.get((car.id, "service"), (card.registered_on, 0))
        due = add_months(served, rule["upkeep.service_months"])
        due_km = None if at_km is None else at_km + rule["upkeep.service_km"]
        yield Due(car, None, "service", due, due, due_km, bool(rule["upkeep.service_blocks"]))
    if card.insured_until:
        yield Due(
            car, None, "insurance", card.insured_until, card.insured_until, blocks=bool(rule["upkeep.insurance_blocks"])
        )
    if card.tax_paid_until:
        yield Due(car, None, "tax", card.tax_paid_until, card.tax_paid_until, blocks=bool(rule["upkeep.tax_blocks"]))


def _extra(
    session: Session,
    cars: dict[int, Vehicle],
    latest: dict[tuple[int, str], tuple[date, int | None]],
    rule: rules.Rules,
) -> Iterable[Due]:
    """Inspections owed after heavy damage (V-55) or a long suspension (V-57), due at once; and the end of running suspensions."""
    since: dict[int, date] = {}
    for accident in session.scalars(select(Accident).where(Accident.vehicle_id.in_(cars), Accident.heavy)):
        since[accident.vehicle_id] = max(local(accident.happened_at).date(), since.get(accident.vehicle_id, date.min))
    for row in session.scalars(select(Suspension).where(Suspension.vehicle_id.in_(cars))):
        if row.ended_on is None:
            last = min(row.until_day, add_months(row.from_day, rule["upkeep.suspend_months"]))
            yield Due(cars[row.vehicle_id], None, "suspension", last, last)
        elif row.ended_on >= add_months(row.from_day, rule["upkeep.reinspect_months"]):
            since[row.vehicle_id] = max(row.ended_on, since.get(row.vehicle_id, date.min))
    for vehicle_id, day in since.items():
        done = max(
            (latest[vehicle_id, kind][0] for kind in EXTRA_AFTER if (vehicle_id, kind) in latest), default=date.min
        )
        if done < day:
            yield Due(
                cars[vehicle_id],
                None,
                "extra",
                day,
                day - timedelta(days=1),
                blocks=bool(rule["upkeep.inspection_blocks"]),
            )


def blocks(session: Session, cars: Sequence[Vehicle], until: datetime, now: datetime) -> dict[int, Words]:
    """The cars that may not be out until `until` (the end of a trip), with what falls due before: they come back once it is recorded."""
    day = local(until).date()
    out: dict[int, Words] = {}
    for due in due_items(session, now, cars):
        if due.blocks and due.vehicle and due.overdue(day) and due.vehicle.id not in out:
            words = Words("{what}{day}到期", "{what} due {day}")
            out[due.vehicle.id] = words.fill(what=due.words, day=day_words(due.due_on))
    return out
