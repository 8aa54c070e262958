"""Doors for people: a GET reads, a POST changes, and whatever was typed is never lost.

    pages = Pages("venues")

    @pages.get("/halls/<int:venue_id>", allows=anyone)
    def show_hall(session, person, venue_id): return render("venues/hall.html", ...)

    @pages.post("/halls/<int:venue_id>/apply", allows=has_role("group"), again=show_hall)
    def apply(session, person, venue_id): ...

A GET runs in `database.reading()`, a POST in `database.transact()`: the door opens the transaction, the work never
commits. A POST that raises a Problem is rolled back; then `again` renders its page with the template global `form`
holding what was typed and what is wrong. Without a valid sign-in or form token, a POST is held, not lost.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_wtf.csrf import generate_csrf, validate_csrf
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms.validators import ValidationError

from common import identity
from common.db import Database
from common.errors import Busy, Conflict, FieldError, Forbidden, Problem, Unauthenticated
from common.schemas import load_form
from common.web.access import SESSION_COOKIE, Access, cookie_claims, cookie_name, identify
from common.web.problems import answer, status_of
from common.words import Words

View = Callable[..., Any]
RENEWAL = "/session/renew"  # the portal's
SECRETS = {"token", "code"}  # what a link that opens a page by itself carries in its address


class Form:
    """What a person typed and what is wrong with it, for the page that shows it again."""

    typed = True

    def __init__(self, values: MultiDict[str, str], errors: list[FieldError]):
        self._values = values
        self.errors = [(each.field, each.words) for each in errors]

    def value(self, name: str, default: Any = "") -> Any:
        return self._values.get(name, default)

    def values(self, name: str) -> list[str]:
        return self._values.getlist(name)

    def error(self, name: str) -> Words | None:
        return next((words for field, words in self.errors if field == name), None)


class Pages(Blueprint):
    """A package's pages. `get` and `post` take the rule, who may come (`allows`), and for a POST where errors lead."""

    def __init__(self, name: str, url_prefix: str | None = None):
        super().__init__(name, __name__, url_prefix=url_prefix)

    def get(self, rule: str, *, allows: Access, endpoint: str | None = None) -> Callable[[View], View]:  # type: ignore[override]
        """A page: `view(session, person, **url args)` inside one read transaction."""

        def register(view: View) -> View:
            @wraps(view)
            def door(**args: Any) -> Any:
                return _read(view, allows, args)

            door.access = allows  # type: ignore[attr-defined]
            self.add_url_rule(rule, endpoint or view.__name__, door, methods=["GET"])
            return view

        return register

    def post(  # type: ignore[override]
        self, rule: str, *, allows: Access, again: View | None = None, endpoint: str | None = None
    ) -> Callable[[View], View]:
        """An act: `view(session, person, **url args)` inside one write transaction; on a Problem, `again` shows the page."""

        def register(view: View) -> View:
            @wraps(view)
            def door(**args: Any) -> Any:
                return _write(view, allows, again, args)

            door.access = allows  # type: ignore[attr-defined]
            self.add_url_rule(rule, endpoint or view.__name__, door, methods=["POST"])
            return view

        return register


def database() -> Database:
    """The database of the service that answers this request."""
    ours: Database = current_app.extensions["database"]
    return ours


def now() -> Any:
    """The instant of this request, in UTC."""
    return g.now


def render(template: str, **context: Any) -> Response:
    """The page, with pending notices shown once."""
    g.notices = [(tone, Words(zh, en)) for tone, zh, en in session.pop("notices", [])]
    return make_response(render_template(template, **context))


def fragment(template: str, **context: Any) -> Response:
    """A part of a page for a live panel; leaves notices for the next whole page."""
    return make_response(render_template(template, **context))


def flash(words: Words, tone: str = "ok") -> None:
    """Say something on the next page this person sees."""
    session["notices"] = [*session.get("notices", []), (tone, *words)]


def redirect_to(target: str, **values: Any) -> Response:
    """303 to an endpoint (".show_booking") or an address of ours ("/fleet/trips")."""
    return redirect(target if target.startswith("/") else url_for(target, **values), 303)  # type: ignore[return-value]


def form_data(schema: Any) -> dict[str, Any]:
    """What the sent form means by `schema`. Raises Invalid with a FieldError per field."""
    loaded: dict[str, Any] = load_form(schema, request.form)
    return loaded


def safe_next(target: str | None, default: str = "/") -> str:
    """`target` if it is a path on this site, else `default`: nobody is sent elsewhere after signing in."""
    if (
        not target
        or not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
        or any(c < " " for c in target)
    ):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def _read(view: View, allows: Access, args: Mapping[str, Any]) -> Any:
    claims = cookie_claims()
    with database().reading() as transaction:
        person = identify(transaction, claims)
        if not allows.passes(person) and person is None and allows.people:
            return _to_sign_in()
        allows.check(person)
        if _wants_renewal(claims):
            public = "&public=1" if allows.passes(None) else ""
            return redirect(f"{RENEWAL}?next={quote(_here())}{public}", 303)
        return view(transaction, person, **args)


def _write(view: View, allows: Access, again: View | None, args: Mapping[str, Any]) -> Any:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(Words("這個請求不是從本站送出的。", "That request did not come from this site."))
    claims = cookie_claims()

    def work(transaction: Session) -> Any:
        person = identify(transaction, claims)
        allows.check(person)
        check_form_token()
        return view(transaction, person, **args)

    try:
        return database().transact(work)
    except Problem as problem:
        # The rollback expired every row of the transaction; the page that tells of it needs its person anew.
        with database().reading() as transaction:
            person = identify(transaction, claims)
            if isinstance(problem, Unauthenticated | FormExpired):
                return _hold(problem)
            if again is None or isinstance(problem, Forbidden):
                return answer(problem)
            g.form = Form(request.form, problem.errors or [FieldError("", problem.words)])
            response = make_response(again(transaction, person, **args))
        response.status_code = status_of(problem)[0]
        return response
    except Exception:
        # So does the page that tells of a bug, or of a body too large; without a database nobody is known.
        g.person = None
        with suppress(DBAPIError, Busy), database().reading() as transaction:
            identify(transaction, claims)
        raise


class FormExpired(Conflict):
    """The form's token is missing or old; what was typed is held."""

    words = Words("這一頁開太久了，請再送一次。", "This page was open for a long time. Please send it again.")


def check_form_token() -> None:
    """Raises FormExpired unless the sent form carries the token that this browser was given."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as wrong:
        raise FormExpired from wrong


def _hold(reason: Problem) -> Response:
    """The page that keeps what was typed: sign in in another tab if need be, then send the same again."""
    g.setdefault("person", None)
    g.csrf_token = generate_csrf()
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]
    signed_out = isinstance(reason, Unauthenticated)
    page = render_template(
        "held.html",
        fields=fields,
        action=request.script_root + request.full_path.rstrip("?"),
        sign_in=f"{_door()}?next={quote(_came_from())}" if signed_out else None,
    )
    return Response(page, status=401 if signed_out else 400, content_type="text/html; charset=utf-8")


def _to_sign_in() -> Any:
    if request.headers.get("X-Partial"):
        raise Unauthenticated
    return redirect(f"{_door()}?next={quote(_here())}", 303)


def _door() -> str:
    """Where a browser without a living token gets one: by its session if it has one, else by its name and password."""
    return RENEWAL if _has_session() else "/sign-in"


def _has_session() -> bool:
    return bool(request.cookies.get(cookie_name(SESSION_COOKIE)))


def _came_from() -> str:
    """The page of ours on which the form stood; the form's own address may be none that can be opened."""
    page = urlsplit(request.referrer or "")
    return safe_next(f"{page.path}?{page.query}".rstrip("?")) if page.netloc == request.host else "/"


def _wants_renewal(claims: dict[str, Any] | None) -> bool:
    """Whether the browser shall fetch a new token on its way to this page: its own is getting old, or is gone while its
    session may still be good (a page open to everyone would else take its owner for a stranger). Never for an address
    that is itself a secret: it is not copied into another one."""
    whole_page = request.headers.get("Sec-Fetch-Dest", "document") == "document" and "X-Partial" not in request.headers
    if not whole_page or request.path == RENEWAL or SECRETS & (request.view_args or {}).keys():
        return False
    if claims is None:
        return _has_session()
    return bool(g.now.timestamp() - claims["iat"] > identity.RENEW_AFTER.total_seconds())


def _here() -> str:
    return request.script_root + request.full_path.rstrip("?")
