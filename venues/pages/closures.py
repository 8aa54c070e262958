"""Closures, for people: what one would touch, making it, following it, withdrawing it, the applicant's wish."""

from typing import Any

from flask import g, request
from werkzeug.datastructures import MultiDict

from common.errors import FieldError, Invalid, Problem
from common.period import Period, taipei, today
from common.schemas import load_form
from common.web import flash, form_data, fragment, now, paged, redirect_to, render, signed_in
from common.web.pages import Form
from common.words import Words
from venues import availability, closures, vocabulary
from venues.messages import names_of
from venues.models import DECIDES, Closure, ClosureLine
from venues.pages.door import decides, desk_pages, oversees
from venues.schemas import closures as shapes

pages = desk_pages("closures")

TYPED = ("venue_ids", "everything", "first", "last", "opens", "closes", "reason", "ground")
PLACED = {"starts_at": "first", "ends_at": "last", "shown": ""}
OUTCOMES = {
    "suspended": Words("停止，全額退還", "Suspended, all returned"),
    "released": Words("會議室已釋出", "Room given back"),
    "restored": Words("檔期已恢復", "Restored"),
    "kept": Words("維持退費", "Stays refunded"),
}


@pages.get("/closures", allows=oversees)
def list_closures(session: Any, person: Any) -> Any:
    """All closures, newest first, with how far each is."""
    cursor = request.args.get("cursor", "")
    page = paged(session, closures.every(), {"cursor": cursor if cursor.isdecimal() else None, "limit": 20}, Closure.id)
    return render("venues/closures.html", page=page, names_of=names_of, words=vocabulary, keeper=person.has(*DECIDES))


@pages.get("/closures/new", allows=decides)
def ask_closure(session: Any, person: Any) -> Any:
    """Which venues, when and why; once these are told, what the closure touches and returns."""
    values = request.values
    typed = any(values.get(name) for name in TYPED)
    found = None
    if typed and not g.get("form"):
        try:
            found = _preview(session, values)
        except Problem as problem:
            g.form = Form(values, _placed(problem))
        else:
            g.form = Form(values, [])
    elif typed:
        try:
            found = _preview(session, values)
        except Problem:
            found = None
    page = render(
        "venues/closure_new.html", places=availability.venues(session), kinds=vocabulary.VENUE_KINDS, found=found,
        grounds=list(vocabulary.CLOSURE_GROUNDS.items()), day=today(now()), words=vocabulary,
        carried=[(name, value) for name in TYPED for value in values.getlist(name) if value],
    )  # fmt: skip
    if typed and found is None and request.method == "GET":
        page.status_code = 422
    return page


@pages.post("/closures", allows=decides, again=ask_closure)
def close(session: Any, person: Any) -> Any:
    """Record the closure; the worker carries it out."""
    try:
        told = _told(form_data(shapes.ClosureForm))
        if told["shown"] is None:
            raise Invalid(Words("請先看受影響的件數", "Please look at what it touches first"), field="")
        made = closures.close(session, person, now(), **told)
    except Problem as problem:
        problem.errors = _placed(problem)
        raise
    flash(
        Words("已停止使用；{n} 件依序辦理退費與通知。", "Closed; {n} are being refunded and told, one by one.").fill(
            n=made.expected
        )
    )
    return redirect_to(".show_closure", closure_id=made.id)


@pages.get("/closures/<int:closure_id>", allows=oversees)
def show_closure(session: Any, person: Any, closure_id: int) -> Any:
    """A closure: how far it is, and what was done about each booking and meeting."""
    made = closures.find(session, person, closure_id)
    cursor = request.args.get("cursor", "")
    page = paged(
        session, closures.lines(made), {"cursor": cursor if cursor.isdecimal() else None, "limit": 50}, ClosureLine.id
    )
    told: dict[str, Any] = {
        "made": made, "names": names_of(made), "page": page, "words": vocabulary, "outcomes": OUTCOMES,
        "keeper": person.has(*DECIDES), "wanting": closures.wanting(session, made),
    }  # fmt: skip
    if "X-Partial" in request.headers:
        return fragment("venues/_closure.html", **told)
    return render("venues/closure.html", **told)


@pages.post("/closures/<int:closure_id>/reopen", allows=decides, again=show_closure)
def reopen(session: Any, person: Any, closure_id: int) -> Any:
    """Withdraw it."""
    closures.reopen(session, person, now(), closure_id, **form_data(shapes.ReopenVenue))
    flash(Words("已重新開放，檔期陸續釋出。", "Withdrawn; its time becomes free."))
    return redirect_to(".show_closure", closure_id=closure_id)


@pages.post("/bookings/<int:booking_id>/want-back", allows=signed_in)
def want_back(session: Any, person: Any, booking_id: int) -> Any:
    """Whether the applicant wants a suspended booking back."""
    wanted = request.form.get("wanted") == "1"
    closures.want_back(session, person, now(), booking_id, wanted=wanted)
    said = (
        Words("已記下：重新開放時希望恢復檔期。", "Noted: you would like it back if the venue reopens.")
        if wanted
        else Words("已記下：退費就好。", "Noted: the refund is enough.")
    )
    flash(said)
    return redirect_to("bookings.show_booking", booking_id=booking_id)


def _preview(session: Any, values: MultiDict[str, str]) -> closures.Preview:
    told = _told(load_form(shapes.ClosureForm, values))
    return closures.preview(session, now(), venue_ids=told["venue_ids"], period=told["period"])


def _told(data: dict[str, Any]) -> dict[str, Any]:
    """A form's answers as the use case takes them: whole days unless clock times are told."""
    first, last, opens, closes = (data.pop(name) for name in ("first", "last", "opens", "closes"))
    data.pop("everything")
    period = Period(taipei(first, opens or "00:00"), taipei(last, closes or "24:00"))
    return {**data, "period": period}


def _placed(problem: Problem) -> list[FieldError]:
    told = problem.errors or [FieldError("", problem.words)]
    return [FieldError(PLACED.get(each.field, each.field), each.words) for each in told]
