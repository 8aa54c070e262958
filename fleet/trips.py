"""A trip on its way through the house: asked for, decided, changed, cancelled, signed off.

Giving it a car is `assigning`, driving it is `driving`. Every function here checks who acts and in which state the
trip stands, changes the row, and writes history, message and audit in the caller's transaction.
"""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common.db import for_update
from common.errors import FieldError, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import local, today
from common.words import Words
from fleet import discipline, riders, rules, surveys
from fleet.conditions import check, is_late, needs_new_decision
from fleet.electric.charging_rows import drop_for_trip
from fleet.holding import alone, ask_of, hold, let_go, promise_waiting
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
from fleet.terms import CHANGE_CODES, REACHED_BY

__all__ = [
    "approve", "ask_of", "cancel", "change", "check", "estimate_km", "find", "get", "is_late", "next_number", "record_late",
    "request", "return_", "sign_off", "visible",
]  # fmt: skip

Row = TypeVar("Row")

BIGGEST_ID = 2**63 - 1


def find(session: Session, model: type[Row], row_id: int, *, lock: bool = False) -> Row:
    """The row, or NotFound. With `lock` nobody else changes it until this transaction ends."""
    held = for_update(session, model) if lock else {}
    row = session.get(model, row_id, **held) if 0 < row_id <= BIGGEST_ID else None
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


def request(
    session: Session,
    person: Person,
    now: datetime,
    *,
    beside_id: int | None = None,
    series_id: int | None = None,
    **asked: Any,
) -> Trip:
    """A new request, waiting for the supervisor, and promised a car of its class if one can be had (`capacity_held`).

    Fields as in contract.md. `beside_id`: the trip of the same party's other car (V-33). Raises Forbidden, Invalid
    (V-16, V-34).
    """
    if not person.has(*REQUESTING_ROLES):
        raise Forbidden
    check(session, now, **asked)
    trip = _new(session, person, now, asked, beside_id=beside_id, series_id=series_id)
    hold(session, now, trip)
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
    alone(session)
    let_go(session, trip)
    trip.send_back(person, reason)
    trip.changed_at = now
    happened(session, trip, "returned", TripReturned, person, now, note=reason, audited_from=before)
    promise_waiting(session, now, trip.period)
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

    Another day or another purpose needs the supervisor again; so does a request that was sent back. Those who ride
    along in its car wait for one of their own; a trip that rides along itself cannot be changed.
    """
    trip.require("change", person)
    trip.expect(rev)
    whole = {name: asked.get(name, getattr(trip, name)) for name in CHANGEABLE}
    check(session, now, before=trip, late_entry=trip.recorded_late, **whole)
    alone(session)
    decide_again = trip.status in ("submitted", "returned") or needs_new_decision(trip, whole)
    driver_id = trip.driver.person_id if trip.driver else None
    filed = trip.holds_car
    had = trip.car_period
    let_go(session, trip)
    drop_for_trip(session, trip, now)
    for name, value in whole.items():
        setattr(trip, name, value)
    trip.distance_km = estimate_km(session, trip.destination, trip.round_trip, now)
    trip.give_back()
    riders.set_down(session, person, now, trip, reason)
    hold(session, now, trip)
    if decide_again:
        trip.status, trip.approver_id, trip.approved_at = "submitted", None, None
    trip.changed_at = now
    entry = _filed("1", reason) if filed else None
    happened(session, trip, "changed", TripChanged, person, now, note=reason, entry=entry, previous_driver_id=driver_id)
    promise_waiting(session, now, had)
    return trip


def cancel(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    reason: str | None = None,
    reached_applicant: bool = False,
    reached_at: datetime | None = None,
    reached_by: str | None = None,
    rev: int | None = None,
) -> Trip:
    """Call it off. The dispatcher must have reached the applicant, when and how (V-35), and say why; a late cancel is
    flagged (V-45). `reached_by` is a key of terms.REACHED_BY. Raises Invalid, Forbidden, WrongState, Stale.

    Those who ride along wait for a car of their own; a trip that rides along leaves the car (V-32).
    """
    trip.require("cancel", person)
    trip.expect(rev)
    own_side = person.id == trip.requester_id or not person.has("dispatcher", "admin")
    reached = None if own_side else _reached(trip, now, reached_applicant, reached_at, reason)
    alone(session)
    before, had, filed = trip.status, trip.car_period, trip.holds_car or trip.status == "merged"
    late = own_side and before != "submitted" and is_late(session, trip, now)
    if trip.merged_into is not None:
        riders.leave(session, person, now, trip)
    let_go(session, trip)
    drop_for_trip(session, trip, now)
    trip.cancel(reason, late=late, now=now)
    trip.changed_at = now
    entry = _filed("2", reason) if filed and own_side else None
    if reached is not None:
        trip.reached_at, trip.reached_by = reached, reached_by
        how = f"以{REACHED_BY[reached_by].zh}" if reached_by else ""
        entry = f"{reason}（已於 {local(reached):%m/%d %H:%M} {how}聯絡申請人）"
    happened(
        session,
        trip,
        "cancelled",
        TripCancelled,
        person,
        now,
        note=reason,
        entry=entry,
        audited_from=before,
        late=late,
        by_id=person.id,
    )
    riders.set_down(session, person, now, trip, reason)
    promise_waiting(session, now, had)
    if late:
        discipline.count(session, trip, now)
    return trip


def _filed(code: str, reason: str | None) -> str:
    """The words of an 異動申請 (V-32): its code, and the reason given."""
    return f"異動申請（{CHANGE_CODES[code].zh}）" + (f"：{reason}" if reason else "")


def _reached(
    trip: Trip, now: datetime, reached_applicant: bool, reached_at: datetime | None, reason: str | None
) -> datetime:
    """When dispatch reached the applicant (V-35); without a time, now. Raises Invalid."""
    errors = []
    if not reached_applicant:
        words = Words("請先聯絡到申請人才能取消", "Reach the applicant first")
        errors.append(FieldError("reached_applicant", words))
    asked = trip.requested_at.replace(second=0, microsecond=0)  # a form tells the time in whole minutes
    if reached_at is not None and not asked <= reached_at <= now:
        words = Words("聯絡時間要在申請之後、現在以前", "The time must lie between the request and now")
        errors.append(FieldError("reached_at", words))
    if not reason:
        errors.append(FieldError("reason", Words("請寫明取消原因", "Say why it is cancelled")))
    if errors:
        raise Invalid.many(errors)
    return reached_at or now


def sign_off(session: Session, person: Person, now: datetime, trip: Trip, *, rev: int | None = None) -> Trip:
    """The user countersigns what the driver recorded (V-13)."""
    trip.require("sign_off", person)
    trip.expect(rev)
    trip.sign_off(now)
    trip.changed_at = now
    happened(
        session,
        trip,
        "signed_off",
        TripSignedOff,
        person,
        now,
        distance_km=trip.distance_driven or 0,
        survey_code=surveys.code_for(session, trip),
    )
    return trip


CHANGEABLE = (
    "purpose_code", "purpose", "origin", "destination", "passengers", "starts_at", "ends_at",
    "round_trip", "needs_driver", "vehicle_kind", "may_share", "urgent_reason",
)  # fmt: skip


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
