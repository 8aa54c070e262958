"""An owner takes its car back for a time (防疫、防汛, V-42), with the least harm to those who counted on it (`takeback`)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person, with_role
from common.messages import post
from common.period import LATEST, Period
from common.words import Words
from fleet import holding, pool
from fleet.messages import VehicleRecalled, VehicleReturned
from fleet.models import Recall, Vehicle
from fleet.models.recalls import may_recall
from fleet.takeback import Plan, PlanMoved, carry_out, plan_of
from fleet.terms import RECALL_REASONS
from fleet.trips import find


def preview(
    session: Session,
    person: Person,
    now: datetime,
    *,
    vehicle_id: int,
    starts_at: datetime,
    ends_at: datetime | None = None,
) -> Plan:
    """The least harmful way to give the car back to its owner for that time; `ends_at` None: until it is returned.

    Changes nothing. Raises Forbidden (not the owner's supervisor, nor dispatch), Invalid, OnTheRoad, Conflict when the
    car is recalled already.
    """
    vehicle = find(session, Vehicle, vehicle_id)
    if not may_recall(person, vehicle.owner_agency_id):
        raise Forbidden
    asked_at, starts_at = starts_at, max(starts_at, now)
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid(
            Words("結束時間要晚於開始時間，也要晚於現在", "The end must be after the start, and after now"),
            field="ends_at",
        )
    taken = reservations.taken(session, [vehicle.resource], Period(starts_at, ends_at or LATEST), now)
    found = plan_of(session, now, vehicle, starts_at=starts_at, ends_at=ends_at, asked_at=asked_at)
    if any(by.holder.startswith("recall:") for by in taken):
        raise Conflict(
            Words("這段時間已經召回這輛車。", "The car is recalled for that time already."), field="starts_at"
        )
    return found


def recall(
    session: Session,
    person: Person,
    now: datetime,
    *,
    vehicle_id: int,
    starts_at: datetime,
    ends_at: datetime | None = None,
    reason_code: str,
    reason: str = "",
    plan: str | None = None,
) -> tuple[Recall, Plan]:
    """Carry out exactly the plan whose `token` is `plan` (None: whatever it is now), in one transaction.

    Trips that move keep their driver, and an acceptance stands; those that are lost are told what to do instead.
    Raises PlanMoved, and what `preview` raises.
    """
    holding.alone(session)
    found = preview(session, person, now, vehicle_id=vehicle_id, starts_at=starts_at, ends_at=ends_at)
    if plan is not None and plan != found.token:
        raise PlanMoved(field="plan")
    made = Recall(
        vehicle=found.vehicle, agency_id=found.vehicle.owner_agency_id, asked_by_id=person.id, reason_code=reason_code,
        reason=reason, starts_at=found.starts_at, ends_at=found.ends_at, moved=len(found.moved), lost=len(found.lost),
        created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    gone = Words("由所屬機關召回（{why}）", "was recalled by its agency ({why})").fill(why=_why(made))
    carry_out(session, person, now, found, gone=gone, holder=made.holder)
    told = {"vehicle": found.vehicle.plate, "moved": made.moved, "lost": made.lost, "slots": len(found.slots)}
    audit.record(session, person, "recall.made", f"recall/{made.id}", now, after=told, reason=_why(made).zh)
    post(
        session,
        VehicleRecalled,
        subject=f"recall/{made.id}",
        now=now,
        moved=made.moved,
        lost=made.lost,
        **_body(session, made),
    )
    return made, found


def give_back(session: Session, person: Person, now: datetime, recall_id: int, *, rev: int | None = None) -> Recall:
    """The owner returns the car, early or at last: from now on it serves the pool. One not begun yet is called off.

    Raises NotFound, Forbidden, Stale, Conflict when it is over already.
    """
    made = get(session, person, recall_id)
    if not made.may_return(person):
        raise Forbidden
    made.expect(rev)
    if made.over(now):
        raise Conflict(Words("這次召回已經結束。", "This recall is over."))
    holding.alone(session)
    made.returned_at = max(now, made.starts_at) if made.starts_at <= now else made.starts_at
    reservations.release(session, made.holder, from_=now)
    session.flush()
    audit.record(session, person, "recall.ended", f"recall/{made.id}", now, after={"vehicle": made.vehicle.plate})
    post(session, VehicleReturned, subject=f"recall/{made.id}", now=now, **_body(session, made))
    holding.promise_waiting(session, now, Period(now, made.ends_at) if made.ends_at and made.ends_at > now else None)
    return made


def get(session: Session, person: Person, recall_id: int) -> Recall:
    """The recall, for the owner's people, dispatch and audit. Raises NotFound."""
    made = find(session, Recall, recall_id)
    if not _sees(person, made.agency_id):
        raise NotFound
    return made


def visible(session: Session, person: Person) -> list[Recall]:
    """Recalls this person may see, the latest first."""
    found = session.scalars(select(Recall).order_by(Recall.starts_at.desc(), Recall.id.desc()))
    return [made for made in found if _sees(person, made.agency_id)]


def recallable(session: Session, person: Person) -> list[Vehicle]:
    """The cars this person could ask back."""
    return [vehicle for vehicle in pool.vehicles(session) if may_recall(person, vehicle.owner_agency_id)]


def _sees(person: Person, agency_id: int) -> bool:
    return person.has("dispatcher", "admin", "auditor") or (
        person.has("supervisor", "officer") and person.agency_id == agency_id
    )


def _why(made: Recall) -> Words:
    words = RECALL_REASONS[made.reason_code]
    return Words(f"{words.zh}：{made.reason}", f"{words.en}: {made.reason}") if made.reason else words


def _body(session: Session, made: Recall) -> dict[str, object]:
    heads = with_role(session, "supervisor", agency_id=made.agency_id)
    until = made.returned_at or made.ends_at
    return {
        "recall_id": made.id, "vehicle_id": made.vehicle_id, "vehicle_label": made.vehicle.plate, "agency_id": made.agency_id,
        "supervisor_ids": [str(each.id) for each in heads], "reason_code": made.reason_code, "reason_words": _why(made).zh,
        "starts_at": made.starts_at, "until": until,
    }  # fmt: skip
