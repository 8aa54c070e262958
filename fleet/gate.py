"""The gate (V-28): which cars go out and come in today, and what the guards saw of it. Changes no trip."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from common import audit
from common.errors import Conflict, Forbidden, NotFound
from common.identity import Person, with_role
from common.period import Period, local, today
from common.words import Words
from fleet.models import GateCheck, Trip
from fleet.models.trip import HOLDING
from fleet.trips import find

BACK = ("finished", "signed_off")
STATES = (*HOLDING, *BACK)
DONE = "done"


class AlreadyChecked(Conflict):
    """Somebody ticked this car that way before."""

    words = Words("這輛車已經查核過了。", "This car has been checked already.")


@dataclass(frozen=True)
class Passage:
    """One car of the day at the gate, under its dispatch order: planned, and as guards saw it."""

    trip: Trip
    went: GateCheck | None
    came: GateCheck | None
    now: datetime

    @property
    def stage(self) -> str:
        """Where the car is as the gate knows it: `here` before it leaves, `away`, or `done`."""
        if self.came or self.trip.status in BACK:
            return DONE
        return "away" if self.went or self.trip.status == "under_way" else "here"

    @property
    def warnings(self) -> tuple[Words, ...]:
        """What a guard should know before the barrier opens, or dispatch afterwards."""
        told = []
        if self.trip.needs_driver and self.trip.status in ("assigned", "assigned_one_way"):
            told.append(Words("駕駛還沒接單", "Not accepted by the driver"))
        if self.went and self.trip.status in ("assigned", "assigned_one_way", "accepted"):
            told.append(Words("已出場，駕駛未按出車", "Out, but not started by the driver"))
        if self.stage == "away" and self.now > self.trip.car_period.ends_at:
            told.append(Words("逾時未回", "Late"))
        return tuple(told)


def guards(session: Session, person: Person) -> bool:
    """Whether this person keeps the gate: the vehicle unit; or who is staff, and nothing else, of an agency that has one.

    Such are the guards of City Hall. Who asks for cars, decides on them or drives does not check them.
    """
    if person.has("dispatcher", "admin"):
        return True
    return set(person.roles) == {"staff"} and bool(with_role(session, "dispatcher", agency_id=person.agency_id))


def watches(session: Session, person: Person) -> bool:
    """Whether this person may see the gate's list: who keeps it, and audit."""
    return person.has("auditor") or guards(session, person)


def of_day(session: Session, person: Person, now: datetime, day: date) -> list[Passage]:
    """The cars that go out or come in on `day` (Taipei), and today those still out from before; by departure.

    Raises Forbidden.
    """
    if not watches(session, person):
        raise Forbidden
    period = Period.of_day(day)
    leaves, returns = func.coalesce(Trip.car_starts_at, Trip.starts_at), func.coalesce(Trip.car_ends_at, Trip.ends_at)
    touches = and_(leaves < period.ends_at, returns > period.starts_at)
    if day == today(now):
        touches = or_(touches, Trip.status == "under_way")
    rows = (
        select(Trip)
        .where(Trip.status.in_(STATES), Trip.vehicle_id.is_not(None), touches, Trip.recorded_late.is_(False))
        .options(joinedload(Trip.vehicle), joinedload(Trip.driver), joinedload(Trip.agency), joinedload(Trip.requester))
    )
    trips = sorted(session.scalars(rows).unique(), key=lambda trip: (trip.car_period.starts_at, trip.id))
    seen = select(GateCheck).where(GateCheck.trip_id.in_([trip.id for trip in trips])).options(joinedload(GateCheck.by))
    checks = {(check.trip_id, check.way): check for check in session.scalars(seen)}
    return [Passage(trip, checks.get((trip.id, "out")), checks.get((trip.id, "in")), now) for trip in trips]


def tick(
    session: Session, person: Person, now: datetime, trip_id: int, *, way: str, note: str | None = None
) -> GateCheck:
    """The guard saw the trip's car go `out` or come `in` now, with its order; `note` says what did not agree.

    Raises Forbidden, NotFound (no car of today), AlreadyChecked. Audited.
    """
    trip = _todays(session, person, now, trip_id)
    check = GateCheck(trip_id=trip.id, way=way, at=now, by_id=person.id, note=note)
    try:
        with session.begin_nested():
            session.add(check)
    except IntegrityError as twice:  # another guard was quicker
        raise AlreadyChecked from twice
    after = {"way": way, "vehicle_id": trip.vehicle_id}
    audit.record(session, person, "gate.checked", f"trip/{trip.id}", now, after=after, reason=note or "")
    return check


def take_back(session: Session, person: Person, now: datetime, check_id: int) -> None:
    """A tick on the wrong car, taken back on its day by who made it, or by dispatch. Raises Forbidden, NotFound. Audited."""
    check = find(session, GateCheck, check_id)
    if not guards(session, person) or not (check.by_id == person.id or person.has("dispatcher", "admin")):
        raise Forbidden
    if local(check.at).date() != today(now):
        raise NotFound
    before = {"way": check.way, "at": check.at.isoformat(), "by_id": check.by_id}
    audit.record(session, person, "gate.taken_back", f"trip/{check.trip_id}", now, before=before)
    session.delete(check)
    session.flush()


def _todays(session: Session, person: Person, now: datetime, trip_id: int) -> Trip:
    if not guards(session, person):
        raise Forbidden
    found = next((each.trip for each in of_day(session, person, now, today(now)) if each.trip.id == trip_id), None)
    if found is None:
        raise NotFound
    return found
