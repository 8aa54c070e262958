"""What the driver's phone tells, perhaps hours after it was tapped: each tap once, at its own time, in its own order.

The phone sends with each tap a key it made, when it was tapped and when it is sent (both by its own clock), and what
the driver saw then: the car and the departure. A tap that came before is answered as before. One that no longer fits is
answered in words: `fix` when the driver can set it right and send again, `gone` when dispatch has decided otherwise.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.db import insert_all_or_none
from common.errors import Busy, FieldError, Invalid, NotFound, Problem
from common.identity import Person
from common.roc import when_words
from common.words import Words
from fleet import driving, rules, signing, trips
from fleet.journal import happened
from fleet.messages import TripSeen
from fleet.models import DriverAct, Trip, TripEvent
from fleet.models.trip import WrongState

SLACK = timedelta(minutes=2)
"""How far outside the possible a phone's time may lie without being doubted."""

STEP_BEFORE = {"accept": "assigned_at", "decline": "assigned_at", "start": "accepted_at", "finish": "started_at"}

NO_LONGER_YOURS = Words("這趟已改派他人，不用出車。", "This job went to somebody else. No need to drive.")
CANCELLED = Words("這趟已取消，不用出車。", "This trip was cancelled. No need to drive.")
OTHER_CAR = Words("調度已改派 {car}，請以新車為準。", "Dispatch changed the car to {car}.")
OTHER_TIME = Words("調度已改為 {when}，請以新的時間為準。", "Dispatch moved it to {when}.")


def accept(session: Session, person: Person, now: datetime, trip: Trip, at: datetime, data: dict[str, Any]) -> None:
    if trip.status not in ("accepted", "under_way"):  # accepted on another phone: what was wanted is so
        driving.accept(session, person, now, trip, at=at)


def decline(session: Session, person: Person, now: datetime, trip: Trip, at: datetime, data: dict[str, Any]) -> None:
    driving.decline(session, person, now, trip, at=at, reason_code=data["reason_code"], note=data.get("note"))


def start(session: Session, person: Person, now: datetime, trip: Trip, at: datetime, data: dict[str, Any]) -> None:
    driving.start(session, person, now, trip, at=at, odometer_out=data["odometer_out"])


def finish(session: Session, person: Person, now: datetime, trip: Trip, at: datetime, data: dict[str, Any]) -> None:
    given: dict[str, Any] = {name: data.get(name) for name in ("odometer_in", "odometer_out", "charge_percent", "note")}
    driving.ask_why_far(session, trip, now, data["odometer_in"], data.get("note"))
    driving.finish(session, person, now, trip, at=at, **given)


def sign(session: Session, person: Person, now: datetime, trip: Trip, at: datetime, data: dict[str, Any]) -> None:
    signing.sign_on_phone(session, person, now, trip, at=at, name=data["name"], drawing=data.get("drawing"))


def seen(session: Session, person: Person, now: datetime, trip: Trip, at: datetime, data: dict[str, Any]) -> None:
    """The driver opened the job: told to the house once for each assignment."""
    if not trip.can("accept", person) or trip.assigned_at is None:
        return
    before = select(TripEvent.id).where(
        TripEvent.trip_id == trip.id, TripEvent.what == "seen", TripEvent.at >= trip.assigned_at
    )
    if session.scalar(before.limit(1)) is None:
        happened(session, trip, "seen", TripSeen, person, now, told=False, at=at)


DO: dict[str, Callable[..., None]] = {
    "accept": accept,
    "decline": decline,
    "start": start,
    "finish": finish,
    "sign": sign,
    "seen": seen,
}


def take(
    session: Session,
    person: Person,
    now: datetime,
    *,
    key: str,
    trip_id: int,
    what: str,
    told_at: datetime,
    sent_at: datetime,
    vehicle_id: int | None,
    starts_at: datetime | None,
    data: dict[str, Any],
    read: Callable[[dict[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """Take one tap, once. `read` checks `data` and raises Invalid.

    Returns the answer: `outcome` (done, refused, gone), `words` and `errors` by field where it was not taken, `again`
    where this key was answered before. Raises Invalid when a key comes again with other content, Busy.
    """
    given = json.dumps([trip_id, what, data], sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(given.encode()).hexdigest()
    told, plausible = _told(now, told_at, sent_at)
    row = {
        "person_id": person.id, "key": key, "sha256": digest, "trip_id": trip_id, "what": what, "data": data, "told_at": told,
        "received_at": now, "plausible": plausible, "outcome": "done", "answer": {},
    }  # fmt: skip
    mine = select(DriverAct).where(DriverAct.person_id == person.id, DriverAct.key == key)
    if not insert_all_or_none(session, DriverAct.__table__, [row], guard="driver_act_once"):  # type: ignore[arg-type]
        earlier = session.scalars(mine).one()
        if earlier.sha256 != digest:
            raise Invalid(Words("這個識別碼已經用在別的紀錄上。", "This key was used for another record."), field="key")
        return {**earlier.answer, "again": True}
    act = session.scalars(mine).one()
    person_id = person.id
    try:
        with session.begin_nested():
            trip = _trip(session, person, trip_id, vehicle_id, starts_at)
            act.told_at, act.plausible = _possible(session, trip, what, act.told_at, now, plausible)
            DO[what](session, person, now, trip, act.told_at, read(data))
            session.flush()
        act.answer = {"outcome": "done", "status": trip.status, "words": None, "errors": []}
    except Busy:
        raise
    except Problem as problem:
        act.outcome = "gone" if isinstance(problem, Gone | NotFound | WrongState) else "refused"
        act.answer = _refusal(act.outcome, problem)
        if act.outcome == "gone" and what != "seen":
            _note(session, person_id, trip_id, act, now, problem.words)
    return {**act.answer, "again": False}


class Gone(Problem):
    """Dispatch decided otherwise after the driver saw it."""


def _trip(session: Session, person: Person, trip_id: int, vehicle_id: int | None, starts_at: datetime | None) -> Trip:
    """The trip as the driver saw it. Raises Gone, with what is so now."""
    trip = session.get(Trip, trip_id)
    if trip is None or not trip.can_see(person):
        raise Gone(NO_LONGER_YOURS)
    if trip.status == "cancelled":
        raise Gone(CANCELLED)
    if trip.driver is None or trip.driver.person_id != person.id:
        raise Gone(NO_LONGER_YOURS)
    if vehicle_id is not None and trip.vehicle is not None and trip.vehicle_id != vehicle_id:
        raise Gone(OTHER_CAR.fill(car=trip.vehicle.label))
    if starts_at is not None and trip.starts_at != starts_at:
        raise Gone(OTHER_TIME.fill(when=when_words(trip.starts_at, trip.ends_at)))
    return trips.get(session, person, trip_id)


def _told(now: datetime, told_at: datetime, sent_at: datetime) -> tuple[datetime, bool]:
    """When it was tapped by our clock: as long ago as the phone says it was, whatever its clock shows."""
    since = sent_at - told_at
    if since < -SLACK:
        return now, False
    return now - max(since, timedelta()), True


def _possible(
    session: Session, trip: Trip, what: str, told: datetime, now: datetime, plausible: bool
) -> tuple[datetime, bool]:
    """The told time, moved between the step before it and now; doubted where it lay well outside."""
    before = getattr(trip, STEP_BEFORE[what]) if what in STEP_BEFORE else trip.finished_at if what == "sign" else None
    earliest = now - timedelta(hours=rules.in_force(session, now)["dispatch.offline_hours"])
    earliest = max(earliest, before) if before and before <= now else earliest
    return (max(told, earliest), plausible and told >= earliest - SLACK)


def _refusal(outcome: str, problem: Problem) -> dict[str, Any]:
    errors = problem.errors or [FieldError("", problem.words)]
    return {
        "outcome": outcome,
        "words": list(problem.words),
        "errors": [{"field": each.field, "words": list(each.words)} for each in errors],
    }


def _note(session: Session, person_id: int, trip_id: int, act: DriverAct, now: datetime, why: Words) -> None:
    """What a driver told and dispatch had overtaken stays on the trip, for whoever must find out what was driven."""
    trip = session.get(Trip, trip_id)
    by = select(TripEvent.id).where(TripEvent.trip_id == trip_id, TripEvent.who_id == person_id).limit(1)
    had_it = trip is not None and trip.driver is not None and trip.driver.person_id == person_id
    if trip is None or not (had_it or session.scalar(by)):
        return
    told = "、".join(f"{value}" for name, value in act.data.items() if value and name != "drawing")
    note = f"{act.what} {told}；{why.zh}" if told else f"{act.what}；{why.zh}"
    session.add(TripEvent(trip=trip, what="not_taken", who_id=person_id, at=act.told_at, note=note[:400]))
