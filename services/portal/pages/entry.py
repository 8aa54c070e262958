"""Coming in and going out: sign-in, renewal of tokens, setting a password, sign-out.

The browser holds two cookies: `citykeys_session`, random, which only the portal looks at, and `citykeys_token`, signed
and short-lived, which every service believes. Renewing the second slides the first (idle and absolute limits, C-34).
"""

from typing import Any

from flask import Response, g, make_response, request, url_for
from flask import session as browser
from sqlalchemy.orm import Session

from common import identity
from common.errors import FieldError, Problem, Unauthenticated
from common.identity import Person
from common.web import anyone, database, flash, form_data, now, redirect_to, render, safe_next
from common.web.access import SESSION_COOKIE, TOKEN_COOKIE, cookie_claims, cookie_name, drop_cookie, keys, set_cookie
from common.web.pages import Form, FormExpired, check_form_token
from common.web.problems import status_of
from common.words import Words
from services.portal import accounts, sessions
from services.portal import sign_in as signing_in
from services.portal.models import SignIn
from services.portal.pages.door import keeper, pages, refuse_foreign, settings, told_from_here
from services.portal.schemas import CreateToken, NewPassword

LINK_COOKIE = "citykeys_password"
TURNS_COOKIE = "citykeys_turns"
MOST_TURNS, TURN_SECONDS = 6, 10
DEMO_SIGN_INS = (
    ("officer", Words("承辦人：申請用車、場地、會議室", "Officer: asks for cars, venues, rooms")),
    ("supervisor", Words("單位主管：核可或退回", "Supervisor: approves or sends back")),
    ("dispatcher", Words("調度：派車", "Dispatcher: assigns cars")),
    ("driver", Words("駕駛：手機接單、出車", "Driver: accepts and drives, on a phone")),
    ("venues", Words("場地承辦：審核、收費", "Venue officer: decides, takes fees")),
    ("group", Words("立案團體：看場地、試算、申請", "Registered body: looks, gets a quote, applies")),
    ("dorms", Words("宿舍管理：排序、核配", "Dormitory officer: ranks, allots")),
    ("staff", Words("同仁：申請宿舍、看積點", "Staff: applies for a room, sees the points")),
    ("auditor", Words("稽核：查核紀錄", "Auditor: checks the records")),
    ("admin", Words("系統管理：人員與角色", "Administrator: people and roles")),
)


@pages.get("/sign-in", allows=anyone)
def show_sign_in(session: Session, person: Person | None) -> Any:
    """The sign-in page; a demonstration desk lists its user names, never a password."""
    target = safe_next(request.values.get("next"))
    if person is not None and request.method == "GET":
        return redirect_to(target)
    return render(
        "portal/sign_in.html",
        next=target,
        demo=DEMO_SIGN_INS if settings().demo else (),
        chosen=request.args.get("as", "")[:60],
    )


def enter() -> Response:
    """Sign in. A door of its own: a refusal is counted and kept, and the hash holds no transaction (see `sign_in`)."""
    refuse_foreign()
    try:
        check_form_token()
        data = form_data(CreateToken)
        opened = signing_in.sign_in(
            database(), keeper(), now(), data["username"], data["password"],
            kind="browser", address=request.remote_addr or "", user_agent=request.user_agent.string,
        )  # fmt: skip
    except signing_in.MustChangePassword as first:
        return _to_new_password(first.person_id)
    except Problem as problem:
        return _sign_in_again(problem)
    response = redirect_to(safe_next(request.form.get("next")))
    browser.clear()
    _let_in(response, opened.sign_in, opened.person, opened.secret)
    if not request.cookies.get("lang"):
        response.set_cookie(
            "lang", opened.person.lang, max_age=365 * 86400, samesite="Lax", path="/", secure=settings().secure
        )
    return response


enter.access = anyone  # type: ignore[attr-defined]
pages.add_url_rule("/sign-in", "enter", enter, methods=["POST"])


def _sign_in_again(problem: Problem) -> Response:
    g.person = None
    g.form = Form(request.form, problem.errors or [FieldError("", problem.words)])
    with database().reading() as session:
        response = make_response(show_sign_in(session, None))
    response.status_code = 400 if isinstance(problem, FormExpired) else status_of(problem)[0]
    return response


def _let_in(response: Response, row: SignIn, person: Person, secret: str | None = None) -> None:
    """Give the browser its cookies: the session's secret when it is new, and a token to show to the services."""
    if secret:
        set_cookie(response, SESSION_COOKIE, secret)
    lifetime = sessions.token_lifetime(row, person, now())
    token = identity.sign_token(keys(), person.id, row.sid, now(), lifetime)
    set_cookie(response, TOKEN_COOKIE, token, max_age=int(lifetime.total_seconds()))


def _shut_out(response: Response) -> Response:
    drop_cookie(response, SESSION_COOKIE)
    drop_cookie(response, TOKEN_COOKIE)
    return response


@pages.get("/session/renew", allows=anyone)
def renew(session: Session, person: Person | None) -> Any:
    """A new token for a session that is still good, then back to where one was; else to the sign-in page, or back all the
    same with `public`: that page is open to strangers too.

    A service that refuses a fresh token (it has not heard of the person yet) would send the browser round and round:
    after six turns in ten seconds it is told to wait.
    """
    target = safe_next(request.args.get("next"))
    turns = _turns()
    if turns >= MOST_TURNS:
        response = render("portal/one_moment.html", next=target)
        response.status_code = 503
        response.headers["Retry-After"] = "5"
        return response
    secret = request.cookies.get(cookie_name(SESSION_COOKIE))
    try:
        row, owner = database().transact(lambda write: sessions.renew(write, now(), secret))
    except Unauthenticated:
        stranger = redirect_to(target) if "public" in request.args else redirect_to("portal.show_sign_in", next=target)
        return _shut_out(stranger)
    response = redirect_to(target)
    _let_in(response, row, owner)
    told = f"{turns + 1}.{int(now().timestamp())}"
    response.set_cookie(
        TURNS_COOKIE,
        told,
        max_age=TURN_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings().secure,
        path="/session",
    )
    return response


def _turns() -> int:
    """How often this browser came to renew within the last ten seconds."""
    count, _, at = request.cookies.get(TURNS_COOKIE, "").partition(".")
    lately = at.isdecimal() and len(at) < 12 and 0 <= now().timestamp() - int(at) < TURN_SECONDS
    return int(count) if lately and count.isdecimal() and len(count) < 4 else 0


def leave() -> Response:
    """Sign out: the session and its tokens end here at once. The button stands on every service's pages, so a form token
    of another service is taken when the browser says that the form came from this site."""
    refuse_foreign()
    try:
        check_form_token()
    except FormExpired:
        if not (request.form.get("csrf_token") and told_from_here()):
            return _confirm_leaving()
    secret = request.cookies.get(cookie_name(SESSION_COOKIE))
    claims = cookie_claims() or {}

    def end(session: Session) -> None:
        found = sessions.find(session, now(), secret)
        row = found[0] if found else sessions.by_sid(session, str(claims.get("sid", "")))
        if row is not None:
            sessions.end(session, now(), row, session.get(Person, row.person_id), "signed out")

    database().transact(end)
    browser.clear()
    flash(Words("已登出。", "You are signed out."))
    return _shut_out(redirect_to("portal.home"))


leave.access = anyone  # type: ignore[attr-defined]
pages.add_url_rule("/sign-out", "leave", leave, methods=["POST"])


def _confirm_leaving() -> Response:
    g.person = None
    response = render("portal/sign_out.html")
    response.status_code = 400
    return response


def _to_new_password(person_id: int) -> Response:
    def make(session: Session) -> str:
        person = session.get(Person, person_id)
        if person is None:
            raise Unauthenticated
        return accounts.make_link(session, None, now(), person)

    response = redirect_to("portal.show_new_password")
    set_cookie(response, LINK_COOKIE, database().transact(make), max_age=int(accounts.LINK_LIFETIME.total_seconds()))
    return response


@pages.get("/password/<token>", allows=anyone)
def open_link(session: Session, person: Person | None, token: str) -> Any:
    """A link from an administrator: its secret moves into a cookie and out of the address."""
    accounts.link_owner(session, now(), token)
    response = redirect_to("portal.show_new_password")
    set_cookie(response, LINK_COOKIE, token, max_age=int(accounts.LINK_LIFETIME.total_seconds()))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@pages.get("/password", allows=anyone)
def show_new_password(session: Session, person: Person | None) -> Any:
    """Where a first or forgotten password is replaced; opens only with a link."""
    owner = accounts.link_owner(session, now(), request.cookies.get(cookie_name(LINK_COOKIE)))
    return render("portal/new_password.html", owner=owner, policy=keeper().policy)


@pages.post("/password", allows=anyone, again=show_new_password)
def set_new_password(session: Session, person: Person | None) -> Any:
    """Set the password a link allows; every session of its owner ends."""
    secret = request.cookies.get(cookie_name(LINK_COOKIE))
    accounts.use_link(session, now(), keeper(), secret, form_data(NewPassword)["new_password"])
    flash(Words("密碼已設定，請用新密碼登入。", "Your password is set. Sign in with it."))
    response = redirect_to(url_for("portal.show_sign_in"))
    drop_cookie(response, LINK_COOKIE)
    return response
