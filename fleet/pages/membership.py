"""Cars that join the pool and leave it for good (V-42): the list, and per car the plan before it leaves."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from common.errors import Conflict, FieldError, Invalid
from common.identity import Person
from common.period import today
from common.schemas import load_form
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet import membership
from fleet.models.recalls import may_recall
from fleet.pages.door import pages, show_typed
from fleet.schemas.lifecycle import POOL_STATES, JoinPoolForm, LeavePoolForm, LeavingForm
from fleet.takeback import Plan

owners = has_role("supervisor", "dispatcher", "admin")
readers = has_role("supervisor", "officer", "dispatcher", "admin", "auditor")


@pages.get("/pool", allows=readers)
def list_pool(session: Session, person: Person) -> Any:
    """Every car this person may see, and how it stands to the pool today."""
    day = today(now())
    found = membership.standings(session, person, day)
    return render(
        "fleet/pool.html", found=found, states=POOL_STATES, size=membership.pool_size(session, day), day=day,
        keeps={one.vehicle.id for one in found if may_recall(person, one.vehicle.owner_agency_id)},
    )  # fmt: skip


@pages.get("/pool/<int:vehicle_id>", allows=owners)
def show_membership(session: Session, person: Person, vehicle_id: int) -> Any:
    """One car: since when it belongs, the form to join or leave, and before it leaves the plan."""
    if "left_on" not in request.args:
        return _page(session, person, vehicle_id, None)
    values = MultiDict(request.args)
    try:
        plan = membership.preview(session, person, now(), vehicle_id=vehicle_id, **load_form(LeavingForm, values))
    except (Invalid, Conflict) as refused:
        show_typed(values, refused.errors or [FieldError("left_on", refused.words)])
        page = _page(session, person, vehicle_id, None)
        page.status_code = 422
        return page
    show_typed(values)
    return _page(session, person, vehicle_id, plan)


def show_again(session: Session, person: Person, vehicle_id: int) -> Any:
    """After a refusal: the car as it stands, with the plan as it is now if there still is one."""
    plan = None
    if request.form.get("left_on"):
        try:
            told = load_form(LeavingForm, request.form)
            plan = membership.preview(session, person, now(), vehicle_id=vehicle_id, **told)
        except (Invalid, Conflict):
            plan = None
    return _page(session, person, vehicle_id, plan)


@pages.post("/pool/<int:vehicle_id>/join", allows=owners, again=show_again)
def join_pool(session: Session, person: Person, vehicle_id: int) -> Any:
    """It joins."""
    row = membership.join(session, person, now(), vehicle_id=vehicle_id, **form_data(JoinPoolForm))
    flash(Words("已登記 {car} 加入車隊。", "{car} joins the pool.").fill(car=row.vehicle.plate))
    return redirect_to(".show_membership", vehicle_id=vehicle_id)


@pages.post("/pool/<int:vehicle_id>/leave", allows=owners, again=show_again)
def leave_pool(session: Session, person: Person, vehicle_id: int) -> Any:
    """It leaves, as the plan that was shown says."""
    row, plan = membership.leave(session, person, now(), vehicle_id=vehicle_id, **form_data(LeavePoolForm))
    words = Words(
        "已登記 {car} 離開車隊。{n} 趟換車、{m} 趟沒有車，都已通知。",
        "{car} leaves the pool. {n} trips moved, {m} lost; all are told.",
    )
    flash(words.fill(car=row.vehicle.plate, n=len(plan.moved), m=len(plan.lost)))
    return redirect_to(".show_membership", vehicle_id=vehicle_id)


@pages.post("/pool/<int:vehicle_id>/call-off", allows=owners, again=show_again)
def call_off_pool_change(session: Session, person: Person, vehicle_id: int) -> Any:
    """The change ahead does not happen."""
    membership.call_off(session, person, now(), vehicle_id=vehicle_id)
    flash(Words("已撤回。", "Called off."))
    return redirect_to(".show_membership", vehicle_id=vehicle_id)


def _page(session: Session, person: Person, vehicle_id: int, plan: Plan | None) -> Any:
    vehicle, day = membership.get(session, person, vehicle_id), today(now())
    return render(
        "fleet/membership.html", car=vehicle, standing=membership.standing(session, vehicle, day), states=POOL_STATES, plan=plan,
        history=membership.history(session, vehicle), day=day,
    )  # fmt: skip
