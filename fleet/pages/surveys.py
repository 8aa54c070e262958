"""The survey a passenger answers with one tap (ux.md §5.10), and satisfaction for the vehicle unit."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.errors import Conflict
from common.identity import Person
from common.period import Period
from common.roc import HalfYear
from common.web import anyone, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet import surveys
from fleet.limiter import SURVEY_TRIES
from fleet.pages.door import pages
from fleet.pages.energy import half_of
from fleet.schemas.surveys import GROUPINGS, AnswerSurvey
from fleet.terms import SCORES, SURVEY_CHIPS

FACES = {5: "laugh", 4: "smile", 3: "meh", 2: "frown", 1: "angry"}
readers = has_role("dispatcher", "admin", "auditor")


@pages.get("/s/<code>", allows=anyone)
def ask_survey(session: Session, person: Person | None, code: str) -> Any:
    """Five faces; or why it cannot be answered (any more)."""
    trip = surveys.trip_of(session, code)
    closed: Words | None = None
    try:
        surveys.check_open(session, trip, now())
    except Conflict as refused:
        closed = refused.words
    return render(
        "fleet/survey.html", trip=trip, code=code, closed=closed, faces=FACES, scores=SCORES, chips=SURVEY_CHIPS
    )


@pages.post("/s/<code>", allows=anyone, again=ask_survey)
def answer_survey(session: Session, person: Person | None, code: str) -> Any:
    """Take the answer."""
    SURVEY_TRIES.count(request.remote_addr or "", now())
    surveys.answer(session, now(), code, **form_data(AnswerSurvey))
    return redirect_to(".thank", code=code)


@pages.get("/s/<code>/thanks", allows=anyone)
def thank(session: Session, person: Person | None, code: str) -> Any:
    """Thanks."""
    surveys.trip_of(session, code)
    return render("fleet/survey_thanks.html")


@pages.get("/satisfaction", allows=readers)
def show_satisfaction(session: Session, person: Person) -> Any:
    """The half-year's satisfaction, by what lies behind it."""
    half = half_of(request.args.get("period"), HalfYear.of(now()))
    by = request.args.get("by", "decision")
    by = by if by in GROUPINGS else "decision"
    period = Period(
        half.period.starts_at, min(half.period.ends_at, max(now(), half.period.starts_at + timedelta(days=1)))
    )
    found = surveys.satisfaction(session, period, by, now())
    halves = [HalfYear.of(now())]
    while len(halves) < 6:
        halves.append(halves[-1].previous)
    return render(
        "fleet/satisfaction.html", half=half, halves=halves, by=by, groupings=GROUPINGS, found=found, scores=SCORES
    )
