"""One's own account: where I am signed in, my password, my language."""

from typing import Any

from flask import g
from sqlalchemy.orm import Session

from common.identity import Person
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.words import Words
from services.portal import accounts, people, sessions
from services.portal.models import Account
from services.portal.pages.door import keeper, pages, settings
from services.portal.schemas import LANGUAGES, ChangePassword, OwnDetails


def my_sid() -> str:
    """The `sid` of the token this request came with."""
    return str((g.get("claims") or {}).get("sid", ""))


@pages.get("/account", allows=signed_in)
def show_account(session: Session, person: Person) -> Any:
    """Who I am here, where I am signed in, and how to change the password."""
    return render(
        "portal/account.html", me=person, rows=sessions.of_person(session, person, now()), here_sid=my_sid(),
        account=session.get(Account, person.id), policy=keeper().policy, languages=LANGUAGES,
    )  # fmt: skip


@pages.post("/account/details", allows=signed_in, again=show_account)
def change_details(session: Session, person: Person) -> Any:
    """Change language, mail address and phone."""
    data = form_data(OwnDetails)
    people.change_own(session, person, now(), **data)
    flash(Words("已儲存。", "Saved."))
    response = redirect_to(".show_account")
    response.set_cookie("lang", data["lang"], max_age=365 * 86400, samesite="Lax", path="/", secure=settings().secure)
    return response


@pages.post("/account/password", allows=signed_in, again=show_account)
def change_password(session: Session, person: Person) -> Any:
    """Change the password; I stay signed in here, everywhere else I am signed out."""
    data = form_data(ChangePassword)
    accounts.change_password(session, person, now(), keeper(), data["current_password"], data["new_password"], my_sid())
    flash(Words("密碼已變更，其他裝置已登出。", "Password changed. Other devices are signed out."))
    return redirect_to(".show_account")


@pages.post(
    "/account/sessions/<int:session_id>/end",
    allows=signed_in,
    again=lambda session, person, session_id: show_account(session, person),
)
def end_session(session: Session, person: Person, session_id: int) -> Any:
    """End one of my sessions."""
    sessions.end_own(session, person, now(), session_id)
    flash(Words("那個裝置已登出。", "That device is signed out."))
    return redirect_to(".show_account")


@pages.post("/account/sessions/end-others", allows=signed_in, again=show_account)
def end_others(session: Session, person: Person) -> Any:
    """End all my sessions but this one."""
    sessions.end_all(session, now(), person.id, person, "ended by its owner", but=my_sid())
    flash(Words("其他裝置都已登出。", "All other devices are signed out."))
    return redirect_to(".show_account")
