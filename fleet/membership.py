"""Which cars belong to the pool on which day, who lent how many, and cars that join or leave for good (V-42)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import LATEST, Period, taipei, today
from common.words import Words
from fleet import holding
from fleet.models import PoolMembership, Recall, Vehicle, VehicleCard
from fleet.models.recalls import may_recall
from fleet.takeback import OnTheRoad, Plan, PlanMoved, carry_out, plan_of
from fleet.trips import find

PAST = Words("只能選今天或以後的日子", "Today or a later day only")


@dataclass(frozen=True)
class PoolSize:
    """The pool on one day: cars that belong to it, those of them their owners have back, and the agencies behind both."""

    day: date
    members: tuple[Vehicle, ...]
    recalled: tuple[Vehicle, ...]

    @property
    def serving(self) -> list[Vehicle]:
        return [vehicle for vehicle in self.members if vehicle not in self.recalled]

    @property
    def agencies(self) -> int:
        """Agencies with at least one car serving that day."""
        return len({vehicle.owner_agency_id for vehicle in self.serving})

    @property
    def cars(self) -> int:
        return len(self.serving)


def pool_size(session: Session, day: date) -> PoolSize:
    """Who lends what on `day`. A car counts as recalled when its owner has it at noon of that day, Taipei time (V-42)."""
    rows: dict[int, list[PoolMembership]] = {}
    for row in session.scalars(select(PoolMembership)):
        rows.setdefault(row.vehicle_id, []).append(row)
    found = session.scalars(select(Vehicle).order_by(Vehicle.id))
    members = tuple(vehicle for vehicle in found if _belongs(vehicle, rows.get(vehicle.id), day))
    noon = taipei(day, "12:00")
    gone = {made.vehicle_id for made in session.scalars(select(Recall)) if made.starts_at <= noon < made.until}
    return PoolSize(day, members, tuple(vehicle for vehicle in members if vehicle.id in gone))


def _belongs(vehicle: Vehicle, rows: list[PoolMembership] | None, day: date) -> bool:
    return any(row.covers(day) for row in rows) if rows else vehicle.state != "retired"


def lent_days(session: Session, first: date, last: date) -> dict[int, tuple[int, int]]:
    """By agency: car-days lent to the pool and car-days taken back by recalls, from `first` to `last`, both included."""
    out: dict[int, tuple[int, int]] = {}
    for n in range((last - first).days + 1):
        size = pool_size(session, first + timedelta(days=n))
        for vehicle in size.members:
            lent, back = out.get(vehicle.owner_agency_id, (0, 0))
            gone = vehicle in size.recalled
            out[vehicle.owner_agency_id] = (lent + (not gone), back + gone)
    return out


# --- joining and leaving ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How a car stands to the pool on a day. `state`: in, leaving (`row.left_on` lies ahead), coming, out; `row` says since when.

    A car without any row always belonged: `row` is None then.
    """

    vehicle: Vehicle
    state: str
    row: PoolMembership | None

    @property
    def member(self) -> bool:
        return self.state in ("in", "leaving")


def standing(session: Session, vehicle: Vehicle, day: date) -> Standing:
    """The car's standing on `day`; a change still to come counts before one that has been."""
    rows = _rows(session, vehicle)
    if not rows:
        return Standing(vehicle, "in", None)
    ahead = next((row for row in rows if row.joined_on > day), None)
    covers = next((row for row in rows if row.covers(day)), None)
    if covers is not None:
        return Standing(vehicle, "leaving" if covers.left_on else "in", covers)
    return Standing(vehicle, "coming", ahead) if ahead else Standing(vehicle, "out", rows[-1])


def standings(session: Session, person: Person, day: date) -> list[Standing]:
    """The cars whose standing this person may see: of the own agency, for dispatch and audit all; by plate."""
    found = select(Vehicle).where(Vehicle.state != "retired").order_by(Vehicle.plate)
    if not person.has("dispatcher", "admin", "auditor"):
        found = found.where(Vehicle.owner_agency_id == person.agency_id)
    return [standing(session, vehicle, day) for vehicle in session.scalars(found)]


def get(session: Session, person: Person, vehicle_id: int) -> Vehicle:
    """The car, for who may let it join and leave: a supervisor of its owner, or dispatch. Raises NotFound, Forbidden."""
    vehicle = find(session, Vehicle, vehicle_id)
    if not may_recall(person, vehicle.owner_agency_id):
        raise Forbidden
    return vehicle


def history(session: Session, vehicle: Vehicle) -> list[PoolMembership]:
    """Every stretch in the pool, the latest first."""
    return list(reversed(_rows(session, vehicle)))


def join(session: Session, person: Person, now: datetime, *, vehicle_id: int, joined_on: date) -> PoolMembership:
    """A car joins the pool (again) on a day, today or later; trips that wait without a car may get it then.

    Raises Conflict when it belongs to it already, Invalid, Forbidden, NotFound.
    """
    vehicle = get(session, person, vehicle_id)
    holding.alone(session)
    if joined_on < today(now):
        raise Invalid(PAST, field="joined_on")
    if vehicle.state == "retired":
        raise Conflict(Words("這輛車已報廢。", "The car is retired."), field="joined_on")
    rows = _rows(session, vehicle)
    if not rows or any(row.left_on is None or row.left_on > joined_on for row in rows):
        raise Conflict(Words("這輛車已在車隊裡。", "The car is in the pool already."), field="joined_on")
    row = PoolMembership(vehicle=vehicle, joined_on=joined_on)
    session.add(row)
    session.flush()
    audit.record(session, person, "pool.joined", f"vehicle/{vehicle.id}", now, after={"joined_on": str(joined_on)})
    holding.promise_waiting(session, now, Period(max(now, taipei(joined_on, "00:00")), LATEST))
    return row


def preview(session: Session, person: Person, now: datetime, *, vehicle_id: int, left_on: date) -> Plan:
    """What the car's leaving on `left_on` (its first day outside) does to trips, promises and charging. Changes nothing.

    Raises Invalid, OnTheRoad, Conflict when it does not belong or leaves already, Forbidden, NotFound.
    """
    vehicle = get(session, person, vehicle_id)
    if left_on < today(now):
        raise Invalid(PAST, field="left_on")
    rows = _rows(session, vehicle)
    if rows and rows[-1].left_on is not None:
        words = Words("這輛車已登記離開或不在車隊。", "The car leaves already or is not in the pool.")
        raise Conflict(words, field="left_on")
    if rows and left_on <= rows[-1].joined_on:
        raise Invalid(Words("離開日期要在加入之後", "It must leave after it joined"), field="left_on")
    asked_at = taipei(left_on, "00:00")
    try:
        return plan_of(session, now, vehicle, starts_at=max(asked_at, now), ends_at=None, asked_at=asked_at)
    except OnTheRoad as away:
        raise OnTheRoad(away.words, field="left_on") from away


def leave(
    session: Session, person: Person, now: datetime, *, vehicle_id: int, left_on: date, plan: str | None = None
) -> tuple[PoolMembership, Plan]:
    """A car leaves the pool for good on `left_on`, as the plan whose token is `plan` says (None: whatever it is now).

    Trips after that day change to other cars, or are told what to do instead; promises are bound anew; its charging
    falls away. All of it in one transaction. Raises PlanMoved, and what `preview` raises.
    """
    holding.alone(session)
    found = preview(session, person, now, vehicle_id=vehicle_id, left_on=left_on)
    if plan is not None and plan != found.token:
        raise PlanMoved(field="plan")
    rows = _rows(session, found.vehicle)
    row = (
        rows[-1]
        if rows
        else PoolMembership(vehicle=found.vehicle, joined_on=_first_day(session, found.vehicle, left_on))
    )
    row.left_on = left_on
    session.add(row)
    session.flush()
    carry_out(session, person, now, found, gone=Words("由所屬機關調離車隊", "was taken out of the pool by its agency"))
    after = {"left_on": str(left_on), "moved": len(found.moved), "lost": len(found.lost), "slots": len(found.slots)}
    audit.record(session, person, "pool.left", f"vehicle/{found.vehicle.id}", now, after=after)
    return row, found


def call_off(session: Session, person: Person, now: datetime, *, vehicle_id: int) -> Standing:
    """A change still to come does not happen: the car stays in the pool, or does not join. Its standing afterwards.

    What was moved when the leaving was entered stays moved. Raises Conflict when nothing lies ahead, or when trips after
    the joining have the car; Forbidden, NotFound.
    """
    vehicle = get(session, person, vehicle_id)
    holding.alone(session)
    rows, day = _rows(session, vehicle), today(now)
    last = rows[-1] if rows else None
    if last is not None and last.left_on is not None and last.left_on > day:
        before, last.left_on = {"left_on": str(last.left_on)}, None
        session.flush()
        holding.promise_waiting(session, now)
    elif last is not None and last.joined_on > day:
        found = plan_of(session, now, vehicle, starts_at=now, ends_at=None, asked_at=now)
        if found.moves:
            words = Words(
                "{numbers} 已用到這輛車，請改登記離開。", "{numbers} count on this car: let it leave instead."
            )
            raise Conflict(words.fill(numbers="、".join(move.trip.number for move in found.moves)))
        before = {"joined_on": str(last.joined_on)}
        session.delete(last)
        session.flush()
    else:
        raise Conflict(Words("沒有還沒生效的異動。", "No change lies ahead."))
    audit.record(session, person, "pool.called_off", f"vehicle/{vehicle.id}", now, before=before)
    return standing(session, vehicle, day)


def _rows(session: Session, vehicle: Vehicle) -> list[PoolMembership]:
    """The car's stretches in the pool, the earliest first."""
    mine = select(PoolMembership).where(PoolMembership.vehicle_id == vehicle.id)
    return list(session.scalars(mine.order_by(PoolMembership.joined_on)))


def _first_day(session: Session, vehicle: Vehicle, left_on: date) -> date:
    """Since when a car without any row belongs: its registration, else the year it was bought; before it leaves."""
    card = session.get(VehicleCard, vehicle.id)
    known = card.registered_on if card and card.registered_on else date(vehicle.year, 1, 1)
    return min(known, left_on - timedelta(days=1))
