"""A trip on its way through the house: asked for, decided, changed, cancelled, signed off.

Giving it a car is `assigning`, driving it is `driving`. Every function here checks who acts and in which state the
trip stands, changes the row, and writes history, message and audit in the caller's transaction.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import reservations
from common.errors import FieldError, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period, local, today
from common.words import Words
from fleet import rules
from fleet.dispatch import Ask
from fleet.journal import happened
from fleet.messages import (
    TripApproved,
    TripCancelled,
    TripChanged,
    TripRecordedLate,
    TripRequested,
    TripReturned,
    TripSignedOff,
)
from fleet.models import NumberSeries, Place, Trip
from fleet.models.trip import REQUESTING_ROLES
from fleet.terms import KINDS

Row = TypeVar("Row")

BIGGEST_ID = 2**63 - 1


def find(session: Session, model: type[Row], row_id: int) -> Row:
    """The row, or NotFound."""
    row = session.get(model, row_id) if 0 < row_id <= BIGGEST_ID else None
    if row is None:
        raise NotFound
    return row


def get(session: Session, person: Person, trip_id: int) -> Trip:
    """The trip, for a person who may see it. Raises NotFound to anyone else: they may not know that it exists."""
    trip = find(session, Trip, trip_id)
    if not trip.can_see(person):
        raise NotFound
    return trip


def visible(person: Person) -> Select[Trip]:
    """All trips this person may see, to be narrowed and ordered by the caller."""
    return select(Trip).where(Trip.visible_to(person))


def ask_of(trip: Trip) -> Ask:
    """The trip as dispatch reads it."""
    return Ask(trip.period, trip.passengers, trip.distance_km, trip.needs_driver, trip.vehicle_kind)


def request(session: Session, person: Person, now: datetime, **asked: Any) -> Trip:
    """A new request, waiting for the supervisor. Fields as in contract.md. Raises Forbidden, Invalid (V-16, V-34)."""
    if not person.has(*REQUESTING_ROLES):
        raise Forbidden
    check(session, now, **asked)
    trip = _new(session, person, now, asked)
    happened(session, trip, "requested", TripRequested, person, now, note=trip.urgent_reason)
    return trip


def record_late(session: Session, person: Person, now: datetime, **asked: Any) -> Trip:
    """補單: a trip that already took place (V-34). It passes supervisor and dispatcher like any other. Raises Invalid."""
    if not person.has(*REQUESTING_ROLES):
        raise Forbidden
    if asked["ends_at"] > now:
        raise Invalid(Words("補單的用車時間要在過去", "A late entry must lie in the past"), field="ends_at")
    check(session, now, late_entry=True, **asked)
    trip = _new(session, person, now, asked, recorded_late=True)
    happened(session, trip, "recorded_late", TripRecordedLate, person, now, note=trip.urgent_reason, audited_from="")
    return trip


def _new(session: Session, person: Person, now: datetime, asked: dict[str, Any], **more: Any) -> Trip:
    trip = Trip(
        number=next_number(session, now),
        status="submitted",
        requester_id=person.id,
        agency_id=person.agency_id,
        distance_km=estimate_km(session, asked["destination"], asked.get("round_trip", True), now),
        requested_at=now,
        changed_at=now,
        **asked,
        **more,
    )
    session.add(trip)
    return trip


def approve(session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None) -> Trip:
    """The supervisor's yes (V-12): the trip joins the dispatcher's queue. Raises Forbidden, WrongState, Stale."""
    trip.require("approve", person)
    trip.expect(rev)
    before = trip.status
    trip.approve(person, now)
    trip.changed_at = now
    happened(session, trip, "approved", TripApproved, person, now, audited_from=before)
    return trip


def return_(
    session: Session, person: Person, now: datetime, trip: Trip, *, reason: str, rev: int | None = None
) -> Trip:
    """The supervisor sends it back with the reason (V-22); the requester may change it and send it again."""
    trip.require("return", person)
    trip.expect(rev)
    before = trip.status
    trip.send_back(person, reason)
    trip.changed_at = now
    happened(session, trip, "returned", TripReturned, person, now, note=reason, audited_from=before)
    return trip


def change(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    rev: int | None = None,
    reason: str | None = None,
    **asked: Any,
) -> Trip:
    """The requester changes it. After assignment the car is released until a new one is given (V-32).

    Another day or another purpose needs the supervisor again; so does a request that was sent back.
    """
    trip.require("change", person)
    trip.expect(rev)
    whole = {name: asked.get(name, getattr(trip, name)) for name in CHANGEABLE}
    check(session, now, before=trip, late_entry=trip.recorded_late, **whole)
    decide_again = trip.status in ("submitted", "returned") or _needs_new_decision(trip, whole)
    driver_id = trip.driver.person_id if trip.driver else None
    if trip.holds_car:
        reservations.release(session, trip.holder)
    for name, value in whole.items():
        setattr(trip, name, value)
    trip.distance_km = estimate_km(session, trip.destination, trip.round_trip, now)
    trip.give_back()
    if decide_again:
        trip.status, trip.approver_id, trip.approved_at = "submitted", None, None
    trip.changed_at = now
    happened(session, trip, "changed", TripChanged, person, now, note=reason, previous_driver_id=driver_id)
    return trip


def cancel(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    reason: str | None = None,
    reached_applicant: bool = False,
    rev: int | None = None,
) -> Trip:
    """Call it off. The dispatcher must have reached the applicant and say why (V-35); a late cancel is flagged (V-45)."""
    trip.require("cancel", person)
    trip.expect(rev)
    own_side = person.id == trip.requester_id or not person.has("dispatcher", "admin")
    if not own_side:
        errors = []
        if not reached_applicant:
            errors.append(
                FieldError("reached_applicant", Words("請先聯絡到申請人才能取消", "Reach the applicant first"))
            )
        if not reason:
            errors.append(FieldError("reason", Words("請寫明取消原因", "Say why it is cancelled")))
        if errors:
            raise Invalid.many(errors)
    before = trip.status
    late = own_side and before != "submitted" and is_late(session, trip, now)
    if trip.holds_car:
        reservations.release(session, trip.holder)
    trip.cancel(reason, late=late, now=now)
    trip.changed_at = now
    happened(
        session,
        trip,
        "cancelled",
        TripCancelled,
        person,
        now,
        note=reason,
        audited_from=before,
        late=late,
        by_id=person.id,
    )
    return trip


def sign_off(session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None) -> Trip:
    """The user countersigns what the driver recorded (V-13)."""
    trip.require("sign_off", person)
    trip.expect(rev)
    trip.sign_off(now)
    trip.changed_at = now
    happened(session, trip, "signed_off", TripSignedOff, person, now, distance_km=trip.distance_driven or 0)
    return trip


# --- what a request must satisfy -------------------------------------------------------------------------------

CHANGEABLE = (
    "purpose_code", "purpose", "origin", "destination", "passengers", "starts_at", "ends_at",
    "round_trip", "needs_driver", "vehicle_kind", "may_share", "urgent_reason",
)  # fmt: skip


def check(
    session: Session, now: datetime, *, late_entry: bool = False, before: Trip | None = None, **asked: Any
) -> None:
    """Raises Invalid naming every field that cannot stand. `before` is the trip as it was: only a new time is measured anew."""
    errors: list[FieldError] = []
    starts_at, ends_at = asked["starts_at"], asked["ends_at"]
    if not starts_at < ends_at:
        errors.append(FieldError("ends_at", Words("回程時間要晚於出發時間", "Return must be after departure")))
    else:
        Period(starts_at, ends_at)
        moved = before is None or (before.starts_at, before.ends_at) != (starts_at, ends_at)
        if moved and not late_entry:
            errors += _time_errors(rules.in_force(session, now), now, starts_at, ends_at, asked.get("urgent_reason"))
    errors += seat_errors(asked["passengers"], asked.get("needs_driver", True), asked.get("vehicle_kind"))
    if errors:
        raise Invalid.many(errors)


def _time_errors(
    rule: rules.Rules, now: datetime, starts_at: datetime, ends_at: datetime, urgent: str | None
) -> list[FieldError]:
    day = today(now)
    if starts_at < now:
        return [
            FieldError(
                "starts_at",
                Words("出發時間已經過了；事後補登請用補單", "Departure has passed; use a late entry instead"),
            )
        ]
    errors = []
    ahead, longest = rule["dispatch.max_days_ahead"], rule["dispatch.max_trip_days"]
    if (local(starts_at).date() - day).days > ahead:
        words = Words("最多可申請 {n} 天內的用車", "Cars can be asked for {n} days ahead at most").fill(n=ahead)
        errors.append(FieldError("starts_at", words))
    if ends_at - starts_at > timedelta(days=longest):
        errors.append(
            FieldError("ends_at", Words("一趟最長 {n} 天", "A trip may last {n} days at most").fill(n=longest))
        )
    if is_urgent(rule, now, starts_at) and not urgent:
        words = Words(
            "距用車不到 {n} 天，將列為緊急申請，請寫明原因。",
            "Less than {n} days ahead: this becomes an urgent request. Say why.",
        )
        errors.append(FieldError("urgent_reason", words.fill(n=rule["dispatch.lead_days"])))
    return errors


def seat_errors(passengers: int, needs_driver: bool, kind: str | None) -> list[FieldError]:
    """Whether any car, and one of the kind asked for, seats them all; more than fit one car are asked for twice (V-33)."""
    driver = 1 if needs_driver else 0
    most = max(each.seats for each in KINDS.values()) - driver
    if passengers > most:
        words = Words("一輛車最多坐 {n} 人，請分兩筆申請", "One car takes {n} people at most; send two requests").fill(
            n=most
        )
        return [FieldError("passengers", words)]
    if kind and passengers + driver > KINDS[kind].seats:
        words = Words("{kind}坐不下 {n} 人", "A {kind} does not seat {n}").fill(kind=KINDS[kind].words, n=passengers)
        return [FieldError("vehicle_kind", words)]
    return []


def is_urgent(rule: rules.Rules, now: datetime, starts_at: datetime) -> bool:
    """Whether it is asked for later than the lead time allows (V-16); calendar days."""
    return (local(starts_at).date() - today(now)).days < rule["dispatch.lead_days"]


def is_late(session: Session, trip: Trip, now: datetime) -> bool:
    """Whether cancelling now counts as late (V-45)."""
    return now > trip.starts_at - timedelta(hours=rules.in_force(session, now)["dispatch.late_cancel_hours"])


def _needs_new_decision(trip: Trip, new: dict[str, Any]) -> bool:
    days = [
        (local(start).date(), local(end).date())
        for start, end in ((trip.starts_at, trip.ends_at), (new["starts_at"], new["ends_at"]))
    ]
    return days[0] != days[1] or trip.purpose_code != new["purpose_code"]


def estimate_km(session: Session, destination: str, round_trip: bool, now: datetime) -> int:
    """Kilometres of the whole trip: twice the way to the longest known place named in it, else an assumed figure."""
    known = [
        place for place in session.scalars(select(Place)) if place.name in destination or place.name_en in destination
    ]
    if not known:
        return rules.in_force(session, now)["dispatch.assumed_km"]
    farthest = max(place.km for place in known)
    return farthest * (2 if round_trip else 1)


def next_number(session: Session, now: datetime) -> str:
    """The next number of this ROC month, such as 115-11-00001. The row lock keeps the series without gaps."""
    day = today(now)
    series = f"{day.year - 1911}-{day.month:02d}"
    step = (
        update(NumberSeries)
        .where(NumberSeries.series == series)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
    )
    last = session.execute(step).scalar()
    if last is None:
        try:
            with session.begin_nested():
                session.add(NumberSeries(series=series, last=0))
        except IntegrityError:
            pass  # another request of this month's first moment wrote it: its row is there now
        last = session.execute(step).scalar()
    return f"{series}-{last:05d}"
