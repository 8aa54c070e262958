"""Cars their owners ask back (V-42): the list with the pool's size on any day, the plan before it, the return."""

from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from common.errors import Conflict, FieldError, Invalid
from common.identity import Agency, Person
from common.period import taipei, today
from common.schemas import load_form
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet import membership, recalls
from fleet.pages.door import pages, show_typed
from fleet.pages.forms import RecallForm
from fleet.schemas.taken import Revision
from fleet.takeback import Plan
from fleet.terms import RECALL_REASONS

owners = has_role("supervisor", "dispatcher", "admin")
readers = has_role("supervisor", "officer", "dispatcher", "admin", "auditor")
PLACED = {"starts_at": "leave", "ends_at": "until", "plan": ""}
MONTH = 30
CARRIED = ("vehicle_id", "date", "leave", "until", "back", "reason_code", "reason")


@pages.get("/recalls", allows=readers)
def list_recalls(session: Session, person: Person) -> Any:
    """Recalls this person may see; how large the pool is on the chosen day, and who lent how much in the month before."""
    day = day_of(request.args.get("date", "")) or today(now())
    lent = membership.lent_days(session, day - timedelta(days=MONTH - 1), day)
    wide = person.has("dispatcher", "admin", "auditor")
    agencies = [session.get(Agency, number) for number in lent if wide or number == person.agency_id]
    return render(
        "fleet/recalls.html", found=recalls.visible(session, person), size=membership.pool_size(session, day), day=day,
        lent=[(agency, *lent[agency.id]) for agency in sorted(filter(None, agencies), key=lambda each: each.id)],
        reasons=RECALL_REASONS, month=MONTH, moment=now(),
        may_ask=person.has("supervisor", "dispatcher", "admin") and bool(recalls.recallable(session, person)),
    )  # fmt: skip


@pages.get("/recalls/new", allows=owners)
def ask_recall(session: Session, person: Person) -> Any:
    """Which car, from when until when and why; once these are told, the plan."""
    values = MultiDict(request.args)
    if not values.get("vehicle_id"):
        return _page(session, person, values, (), None)
    try:
        return _page(session, person, values, (), _plan(session, person, values))
    except (Invalid, Conflict) as refused:
        return _page(session, person, values, _placed(refused), None)


def ask_recall_again(session: Session, person: Person) -> Any:
    """After a refusal: the plan as it is now, if there still is one."""
    try:
        plan = _plan(session, person, request.form)
    except (Invalid, Conflict):
        plan = None
    return _page(session, person, request.form, None, plan)


@pages.post("/recalls", allows=owners, again=ask_recall_again)
def recall_vehicle(session: Session, person: Person) -> Any:
    """Carry out the plan that was shown."""
    try:
        made, plan = recalls.recall(session, person, now(), **_told(form_data(RecallForm)))
    except (Invalid, Conflict) as refused:
        refused.errors = _placed(refused)
        raise
    flash(
        Words(
            "{car} 已召回。{n} 趟換車、{m} 趟沒有車，都已通知。",
            "{car} recalled. {n} trips moved, {m} lost; all are told.",
        ).fill(car=made.vehicle.plate, n=len(plan.moved), m=len(plan.lost))
    )
    return redirect_to(".list_recalls")


@pages.post("/recalls/<int:recall_id>/return", allows=owners, again=list_recalls)
def return_vehicle(session: Session, person: Person, recall_id: int) -> Any:
    """The car is back in the pool."""
    made = recalls.give_back(session, person, now(), recall_id, **form_data(Revision))
    flash(Words("{car} 已歸還車隊。", "{car} is back in the pool.").fill(car=made.vehicle.plate))
    return redirect_to(".list_recalls")


def _page(session: Session, person: Person, values: MultiDict[str, str], faults: Any, plan: Plan | None) -> Any:
    """`faults` None keeps those that the refusal brought."""
    usual = {"date": str(today(now())), "leave": "08:00", "back": "18:00"}
    if faults is not None:
        show_typed(MultiDict({**usual, **{name: value for name, value in values.items() if value}}), faults)
    page = render(
        "fleet/recall.html", plan=plan, cars=[(str(car.id), car) for car in recalls.recallable(session, person)],
        reasons=list(RECALL_REASONS.items()), carried=[(name, values[name]) for name in CARRIED if values.get(name)],
    )  # fmt: skip
    page.status_code = 422 if faults else 200
    return page


def _plan(session: Session, person: Person, values: MultiDict[str, str]) -> Plan:
    told = _told(load_form(RecallForm, values))
    return recalls.preview(
        session, person, now(), vehicle_id=told["vehicle_id"], starts_at=told["starts_at"], ends_at=told["ends_at"]
    )


def _told(data: dict[str, Any]) -> dict[str, Any]:
    """A form's answers as the use case takes them; without a day of return it is open."""
    day, leave, until, back = (data.pop(name) for name in ("date", "leave", "until", "back"))
    return {**data, "starts_at": taipei(day, leave), "ends_at": taipei(until, back or "18:00") if until else None}


def _placed(refused: Invalid | Conflict) -> list[FieldError]:
    told = refused.errors or [FieldError("", refused.words)]
    return [FieldError(PLACED.get(each.field, each.field), each.words) for each in told]


def day_of(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1991 <= day.year <= 2190 else None
