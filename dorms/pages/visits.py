"""The visitor's phone: today's route and one page a stop, which work without a network (D-40, D-43).

The pages are kept on the phone and their taps sent later by the same scripts as the driver's page: a stop is its job.
"""

from typing import Any

from flask import Response, json, request, url_for
from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import today
from common.schemas import load_form, load_json, ready
from common.web import anyone, flash, form_data, now, redirect_to, render
from common.web.look import STATIC, form_token
from common.words import Words
from dorms import rulebook
from dorms.models import HouseCheck
from dorms.pages.door import note_look, officers, pages
from dorms.schemas import upkeep as shapes
from dorms.upkeep import planning, rows, terms, visiting


@pages.get("/visits", allows=officers)
def show_visits(session: Session, person: Person) -> Any:
    """My route of today in the order of the way, and the days ahead."""
    day = today(now())
    stops = planning.route(session, day, person.id)
    return render(
        "dorms/visits.html",
        terms=terms,
        stops=[row for row in stops if row.state == terms.APPOINTED],
        done=[row for row in stops if row.state == terms.DONE],
        days=[each for each in planning.days_ahead(session, now(), person.id) if each[0] > day],
        day=day,
    )


@pages.get("/visits/<int:check_id>", allows=officers)
def show_visit(session: Session, person: Person, check_id: int) -> Any:
    """One stop: where, who, and what was found."""
    row = rows.find(session, HouseCheck, person, check_id)
    if row.person_id is not None:
        note_look(person, f"check/{row.id}", "visit")
    return render(
        "dorms/visit.html",
        terms=terms,
        row=row,
        today=today(now()),
        follow_up_days=rulebook.number(session, rows.FOLLOW_UP_DAYS, today(now())),
    )


@pages.post("/visits/<int:check_id>/record", allows=officers, again=show_visit)
def record_visit(session: Session, person: Person, check_id: int) -> Any:
    """What was found, told without the script."""
    visiting.record(session, person, now(), check_id, **form_data(shapes.VisitData))
    flash(Words("已登錄結果", "Recorded"))
    return redirect_to(".show_visits")


@pages.get("/visits/sw.js", allows=anyone)
def visit_worker(session: Session, person: Person | None) -> Response:
    """The script that keeps the visitor's pages for times without a network. For everyone: a browser asks without a face."""
    answer = Response((STATIC / "driver-sw.js").read_bytes(), content_type="text/javascript; charset=utf-8")
    answer.headers["Service-Worker-Allowed"] = url_for(".show_visits")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/visits/state", allows=officers)
def visit_state(session: Session, person: Person) -> Response:
    """Whose phone this is now, and a fresh form token."""
    return _json({"person": phone_of(person), "token": form_token()})


@pages.post("/visits/acts", allows=officers)
def take_visit(session: Session, person: Person) -> Response:
    """One record, told now or hours later; the same one sent twice is taken once."""
    try:
        sent = json.loads(request.form.get("act", ""))
    except (ValueError, RecursionError) as wrong:
        raise Invalid(Words("這不是正確的 JSON。", "That is not valid JSON.")) from wrong
    known = ready(shapes.VisitActIn).fields
    told = load_json(
        shapes.VisitActIn, {name: sent[name] for name in sent if name in known} if isinstance(sent, dict) else {}
    )
    return _json(
        visiting.take(
            session, person, now(), key=told["key"], check_id=told["trip_id"], told_at=told["told_at"],
            sent_at=told["sent_at"], data=told["data"], read=lambda data: load_form(shapes.VisitData, data),
        )
    )  # fmt: skip


def phone_of(person: Person) -> str:
    """The name under which this person's taps are kept on a phone, apart from those of other pages of the house."""
    return f"dorms-{person.id}"


def _json(told: dict[str, Any]) -> Response:
    return Response(json.dumps(told), content_type="application/json")
