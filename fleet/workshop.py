"""A car out of the pool for a while: at the workshop (on the ledger), after an accident (V-56), with plates handed in (V-57)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, FieldError, Forbidden, Invalid
from common.identity import Person
from common.messages import post
from common.period import Period, add_months, today
from common.reservations import Taken
from common.words import Words
from fleet import rules
from fleet.messages import AccidentReported
from fleet.models import Accident, AccidentStep, Appointment, Driver, Suspension, Trip, Vehicle
from fleet.models.upkeep import OutOfStep
from fleet.plans.dispatch import clock_range
from fleet.terms import ACCIDENT_STEPS
from fleet.trips import find
from fleet.upkeep import KEEPERS

REPORTERS = ("driver", "dispatcher", "admin", "officer", "supervisor")
"""Driver or passenger reports at once (V-56)."""


class CarTaken(Conflict):
    """The car is taken at that time."""


def book(
    session: Session,
    person: Person,
    now: datetime,
    *,
    vehicle_id: int,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    workshop: str,
) -> Appointment:
    """Take the car to the workshop for a while; trips it has then stand in the way. Raises Invalid, CarTaken, Forbidden."""
    if not person.has(*KEEPERS):
        raise Forbidden
    vehicle, period = find(session, Vehicle, vehicle_id), Period(starts_at, ends_at)
    if period.ends_at <= now:
        raise Invalid(Words("這段時間已經過了", "That time has passed"), field="ends_at")
    row = Appointment(
        vehicle_id=vehicle.id,
        kind=kind,
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        workshop=workshop,
        booked_by_id=person.id,
    )
    session.add(row)
    session.flush()
    try:
        reservations.claim(session, row.holder, [(vehicle.resource, period)], now=now)
    except Taken as taken:
        words = Words("{plate} {time} 已有安排，請先改派。", "{plate} is taken {time}; reassign that first.")
        when = taken.by[0].period if taken.by else period
        raise CarTaken(words.fill(plate=vehicle.plate, time=clock_range(when, period)), field="vehicle_id") from taken
    after = {"vehicle": vehicle.plate, "kind": kind, "starts_at": period.starts_at, "ends_at": period.ends_at}
    audit.record(session, person, "upkeep.appointed", f"appointment/{row.id}", now, after=after)
    return row


def close(
    session: Session, person: Person, now: datetime, appointment_id: int, *, done: bool, rev: int | None = None
) -> Appointment:
    """The car is back, or does not go: what is left of its time is free. Raises Forbidden, NotFound, Stale, OutOfStep."""
    if not person.has(*KEEPERS):
        raise Forbidden
    row = find(session, Appointment, appointment_id)
    row.expect(rev)
    if row.state != "booked":
        raise OutOfStep
    row.state = "done" if done else "cancelled"
    reservations.release(session, row.holder, from_=now)
    session.flush()
    audit.record(session, person, f"upkeep.{row.state}", f"appointment/{row.id}", now, before={"state": "booked"})
    return row


def appointments(session: Session, now: datetime) -> list[Appointment]:
    """Open ones, soonest first."""
    rows = select(Appointment).where(Appointment.state == "booked").order_by(Appointment.starts_at)
    return list(session.scalars(rows))


# --- accidents -----------------------------------------------------------------------------------------------------


def report(
    session: Session, person: Person, now: datetime, *, vehicle_id: int, happened_at: datetime, place: str, what: str,
    injured: bool = False, unfit: bool = False, heavy: bool = False, driver_id: int | None = None, trip_id: int | None = None,
) -> Accident:  # fmt: skip
    """Report an accident at once (V-56). An unfit car is out of service; heavy damage asks for an extra inspection (V-55).

    `trip_id` is taken over only where the person may see that trip. Raises Invalid, Forbidden, NotFound.
    """
    if not person.has(*REPORTERS):
        raise Forbidden
    vehicle = find(session, Vehicle, vehicle_id)
    if happened_at > now:
        raise Invalid(Words("時間還沒到", "That time lies ahead"), field="happened_at")
    trip = find(session, Trip, trip_id) if trip_id else None
    if trip is not None and (not trip.can_see(person) or trip.vehicle_id != vehicle.id):
        raise Invalid(Words("這趟不是這輛車", "That trip had another car"), field="trip_id")
    driver = find(session, Driver, driver_id) if driver_id else (trip.driver if trip else None)
    if driver is None and person.has("driver"):
        driver = session.scalars(select(Driver).where(Driver.person_id == person.id)).one_or_none()
    row = Accident(
        vehicle_id=vehicle.id, vehicle=vehicle, driver_id=driver.id if driver else None, trip_id=trip.id if trip else None,
        happened_at=happened_at, place=place, what=what, injured=injured, unfit=unfit, heavy=heavy,
    )  # fmt: skip
    row.steps.append(AccidentStep(step="reported", at=now, who_id=person.id, note=what[:300]))
    session.add(row)
    before = vehicle.state
    if (unfit or heavy) and vehicle.state == "in_service":
        vehicle.state = "repair"
    session.flush()
    post(
        session, AccidentReported, subject=f"accident/{row.id}", now=now, accident_id=row.id, vehicle_label=vehicle.plate, place=place,
        happened_at=happened_at, injured=injured, unfit=unfit or heavy, agency_id=vehicle.owner_agency_id,
        reporter_id=person.id, status=row.step,
    )  # fmt: skip
    audit.record(
        session, person, "accident.reported", f"accident/{row.id}", now, before={"state": before},
        after={"vehicle": vehicle.plate, "state": vehicle.state, "injured": injured},
    )  # fmt: skip
    return row


def advance(
    session: Session, person: Person, now: datetime, accident_id: int, *, note: str, rev: int | None = None
) -> Accident:
    """Note the next step (V-56): scene and police, insurer, settlement, closed. Raises OutOfStep, Forbidden, NotFound, Stale."""
    if not person.has(*KEEPERS):
        raise Forbidden
    row = find(session, Accident, accident_id)
    row.expect(rev)
    step = row.next_step
    if step is None:
        raise OutOfStep
    before, row.step = row.step, step
    row.steps.append(AccidentStep(step=step, at=now, who_id=person.id, note=note))
    session.flush()
    audit.record(
        session,
        person,
        "accident.advanced",
        f"accident/{row.id}",
        now,
        before={"step": before},
        after={"step": step},
        reason=note,
    )
    return row


def accidents(session: Session) -> list[Accident]:
    """Open ones first, newest first."""
    rows = list(session.scalars(select(Accident).order_by(Accident.happened_at.desc())))
    return sorted(rows, key=lambda each: each.step == list(ACCIDENT_STEPS)[-1])


# --- suspended plates ----------------------------------------------------------------------------------------------


def suspend(
    session: Session,
    person: Person,
    now: datetime,
    vehicle_id: int,
    *,
    from_day: date,
    until_day: date,
    reason: str,
    rev: int | None = None,
) -> Suspension:
    """Hand the plates in from a day until another, at most `upkeep.suspend_months` later (V-57): the car is out of the pool."""
    if not person.has(*KEEPERS):
        raise Forbidden
    vehicle = find(session, Vehicle, vehicle_id)
    vehicle.expect(rev)
    most = rules.in_force(session, now)["upkeep.suspend_months"]
    wrong: list[FieldError] = []
    if from_day > today(now):
        wrong.append(FieldError("from_day", Words("日期還沒到", "The date lies ahead")))
    if until_day <= from_day:
        wrong.append(FieldError("until_day", Words("要晚於開始日", "Must be after the first day")))
    elif until_day > add_months(from_day, most):
        wrong.append(
            FieldError(
                "until_day",
                Words("報停最長 {n} 個月，逾期會註銷牌照", "{n} months at most, or the plates are cancelled").fill(
                    n=most
                ),
            )
        )
    if wrong:
        raise Invalid.many(wrong)
    if vehicle.state in ("suspended", "retired"):
        raise OutOfStep(Words("這輛車已經停用", "This car is out of use already"))
    before, vehicle.state = vehicle.state, "suspended"
    row = Suspension(vehicle_id=vehicle.id, from_day=from_day, until_day=until_day, reason=reason)
    session.add(row)
    session.flush()
    _note(session, person, now, "suspended", vehicle, before, reason)
    return row


def resume(session: Session, person: Person, now: datetime, vehicle_id: int, *, rev: int | None = None) -> Suspension:
    """The plates are back today; after `upkeep.reinspect_months` or more the car waits for an inspection (V-57)."""
    if not person.has(*KEEPERS):
        raise Forbidden
    vehicle = find(session, Vehicle, vehicle_id)
    vehicle.expect(rev)
    row = session.scalars(
        select(Suspension).where(Suspension.vehicle_id == vehicle.id, Suspension.ended_on.is_(None))
    ).first()
    if row is None or vehicle.state != "suspended":
        raise OutOfStep(Words("這輛車沒有報停", "This car is not suspended"))
    row.ended_on, before, vehicle.state = today(now), vehicle.state, "in_service"
    session.flush()
    _note(session, person, now, "resumed", vehicle, before, "")
    return row


def _note(
    session: Session, person: Person, now: datetime, what: str, vehicle: Vehicle, before: str, reason: str
) -> None:
    told: dict[str, Any] = {"before": {"state": before}, "after": {"state": vehicle.state}, "reason": reason}
    audit.record(session, person, f"vehicle.{what}", f"vehicle/{vehicle.id}", now, **told)
