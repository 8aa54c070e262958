"""People, for administrators: find, add, change, disable, let in again (C-30, C-34)."""

from typing import Any

from flask import request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.audit import AuditEntry
from common.identity import ROLES, Person
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from services.portal import accounts, people, sessions
from services.portal.models import Account
from services.portal.pages.door import keeper, pages, settings, show_once, take_once
from services.portal.schemas import LANGUAGES, ChangePerson, CreatePerson, Leave, Reason

PAGE = 50
admin = has_role("admin")
watchers = has_role("admin", "auditor")


@pages.get("/people", allows=watchers)
def show_people(session: Session, person: Person) -> Any:
    """Everybody, by agency; narrowed by agency, role, name, or to disabled accounts."""
    agency, role, text = request.args.get("agency", ""), request.args.get("role", ""), request.args.get("q", "")[:60]
    disabled = request.args.get("disabled") == "1"
    page = int(number) if (number := request.args.get("page", "1")).isdecimal() and int(number[:4]) > 0 else 1
    found = people.list_people(
        session, person, agency_id=int(agency[:18]) if agency.isdecimal() else None, role=role if role in ROLES else None,
        text=text, active=not disabled,
    )  # fmt: skip
    total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    rows = list(session.scalars(found.limit(PAGE).offset((min(page, 9999) - 1) * PAGE)).unique())
    return render(
        "portal/people.html", rows=rows, total=total, page=page, more=page * PAGE < total, agencies=people.agencies(session, active=None),
        agency=agency, role=role, q=text, disabled=disabled, roles=ROLES, filtered=bool(agency or role or text),
    )  # fmt: skip


@pages.get("/people/new", allows=admin)
def new_person(session: Session, person: Person) -> Any:
    """The form for a new account."""
    return render("portal/person_new.html", agencies=people.agencies(session), roles=ROLES, languages=LANGUAGES)


@pages.post("/people/new", allows=admin, again=new_person)
def create_person(session: Session, person: Person) -> Any:
    """Make an account; its one-time password is shown once, to be handed over."""
    made, password = people.create(session, person, now(), keeper(), **form_data(CreatePerson))
    show_once("handover", {"kind": "password", "value": password, "person": made.id})
    return redirect_to(".show_person", person_id=made.id)


@pages.get("/people/<int:person_id>", allows=watchers)
def show_person(session: Session, person: Person, person_id: int) -> Any:
    """One person: what they may do, where they are signed in, and what was done to their account."""
    found = people.get_person(session, person, person_id)
    trail = (
        select(AuditEntry).where(AuditEntry.subject == f"person/{person_id}").order_by(AuditEntry.id.desc()).limit(12)
    )
    handover = take_once("handover") if request.method == "GET" else None
    return render(
        "portal/person.html", one=found, agencies=people.agencies(session, active=None), roles=ROLES, leaving=people.LEAVING,
        account=session.get(Account, person_id), open_sessions=sessions.of_person(session, found, now()),
        trail=list(session.scalars(trail)), handover=handover if handover and handover["person"] == person_id else None,
        may_change=person.has("admin"),
    )  # fmt: skip


@pages.post("/people/<int:person_id>", allows=admin, again=show_person)
def change_person(session: Session, person: Person, person_id: int) -> Any:
    """Change name, agency, roles or contact; a role taken away is gone from the next request on."""
    people.change(session, person, now(), people.get_person(session, person, person_id), **form_data(ChangePerson))
    flash(Words("已儲存。", "Saved."))
    return redirect_to(".show_person", person_id=person_id)


@pages.post("/people/<int:person_id>/disable", allows=admin, again=show_person)
def disable_person(session: Session, person: Person, person_id: int) -> Any:
    """Stop an account; its sessions and calendar addresses end."""
    people.disable(session, person, now(), people.get_person(session, person, person_id), form_data(Reason)["reason"])
    flash(
        Words(
            "帳號已停用，登入與行事曆網址都已結束。",
            "The account is disabled; sessions and calendar addresses have ended.",
        )
    )
    return redirect_to(".show_person", person_id=person_id)


@pages.post("/people/<int:person_id>/enable", allows=admin, again=show_person)
def enable_person(session: Session, person: Person, person_id: int) -> Any:
    """Let an account be used again."""
    people.change(
        session, person, now(), people.get_person(session, person, person_id), form_data(Reason)["reason"], active=True
    )
    flash(Words("帳號已恢復使用。", "The account can be used again."))
    return redirect_to(".show_person", person_id=person_id)


@pages.post("/people/<int:person_id>/leave", allows=admin, again=show_person)
def leave_post(session: Session, person: Person, person_id: int) -> Any:
    """Record that a person left; the dormitory clock starts and rosters are told (D-45)."""
    people.leave(session, person, now(), people.get_person(session, person, person_id), **form_data(Leave))
    flash(Words("已登錄離職，宿舍與車隊已收到通知。", "Recorded. Quarters and fleet have been told."))
    return redirect_to(".show_person", person_id=person_id)


@pages.post("/people/<int:person_id>/password-link", allows=admin, again=show_person)
def make_password_link(session: Session, person: Person, person_id: int) -> Any:
    """A link with which the person sets a password, once, within half an hour; after confirming who asks (C-32)."""
    secret = accounts.make_link(session, person, now(), people.get_person(session, person, person_id))
    address = settings().public_url + url_for("portal.open_link", token=secret)
    show_once("handover", {"kind": "link", "value": address, "person": person_id})
    return redirect_to(".show_person", person_id=person_id)
