"""Contributed venues: each half-year's survey, an agency's wishes, the published list, the allotment, what is left."""

from datetime import date
from typing import Any

from flask import request

from common import draw
from common.errors import Invalid
from common.identity import Agency
from common.period import local, today
from common.roc import HalfYear
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from venues import contributed, contributed_draw
from venues.ground_rules import find
from venues.models import ContributedDay, ContributedSurvey
from venues.pages.door import CITY, decides, desk_pages
from venues.rounds import checking
from venues.rounds import words as say
from venues.schemas import contributed as shapes
from venues.terms import SURVEY_STATES, SURVEY_TONES

pages = desk_pages("contributed")
readers = has_role(*CITY)
wishes = has_role("officer", "venue_officer", "admin")


@pages.get("/contributed", allows=readers)
def show_surveys(session: Any, person: Any) -> Any:
    """Every half-year of every contributed venue, and the officer's form for a new survey."""
    following = HalfYear.of(now()).next
    return render(
        "venues/contributed.html", surveys=contributed.surveys(session), venues=contributed.venues(session),
        states=SURVEY_STATES, tones=SURVEY_TONES, keeper=decides.passes(person), day=today(now()),
        halves=[following, HalfYear.of(now()), following.next],
    )  # fmt: skip


@pages.post("/contributed", allows=decides, again=show_surveys)
def open_survey(session: Any, person: Any) -> Any:
    """Ask the agencies."""
    data = form_data(shapes.OpenContributedSurvey)
    half = HalfYear.parse(data.pop("half_year"), field="half_year")
    survey = contributed.open_survey(session, person, now(), half_year=half, **data)
    return _done(Words("已開始調查", "The survey is open"), survey.id)


@pages.get("/contributed/<int:contributed_survey_id>", allows=readers)
def show_survey(session: Any, person: Any, contributed_survey_id: int) -> Any:
    """One half-year: wishes, list, draw, days with reasons, and what is left."""
    survey = find(session, ContributedSurvey, contributed_survey_id)
    mine = [each for each in survey.wishes if each.agency_id == person.agency_id]
    day = today(now())
    answers = contributed_draw.answers_of(survey)
    return render(
        "venues/contributed_survey.html", survey=survey, mine=mine, day=day, states=SURVEY_STATES, tones=SURVEY_TONES,
        keeper=decides.passes(person), may_wish=contributed.may_wish(person), answers=answers,
        faults=contributed_draw.faults(session, survey) if survey.status == "allotted" else [], recipe=draw.RECIPE,
        description=draw.DESCRIPTION, names=_names(session, survey), open=survey.status == "open" and day <= survey.closes_on,
        asked=len({each.agency_id for each in survey.wishes}), closed=day > survey.closes_on, now=now(),
        source=say.source_words(survey.seed_from), usual_source=say.USUAL_SOURCE,
        usual_known=f"{local(checking.usual_moment(session, now())):%Y-%m-%dT%H:%M}",
        differ=contributed_draw.differ(survey), own_turn_done=contributed_draw.waits_for_another(survey, person),
        entries=contributed_draw.entries(survey),
    )  # fmt: skip


@pages.post("/contributed/<int:contributed_survey_id>/wishes", allows=wishes, again=show_survey)
def wish(session: Any, person: Any, contributed_survey_id: int) -> Any:
    """An agency's wishes, the dearest first."""
    days = _days()
    purpose = form_data(shapes.ContributedPurpose)["purpose"]
    contributed.wish(session, person, now(), contributed_survey_id, days=days, purpose=purpose)
    return _done(
        Words("已登記志願，截止前可以再改。", "Your wishes are in; you may change them until it closes."),
        contributed_survey_id,
    )


@pages.post("/contributed/<int:contributed_survey_id>/publish", allows=decides, again=show_survey)
def publish(session: Any, person: Any, contributed_survey_id: int) -> Any:
    """Fix the list."""
    contributed_draw.publish(session, person, now(), contributed_survey_id, **form_data(shapes.PublishContributedList))
    return _done(Words("名單已公布", "The list is published"), contributed_survey_id)


@pages.post("/contributed/<int:contributed_survey_id>/allot", allows=decides, again=show_survey)
def allot(session: Any, person: Any, contributed_survey_id: int) -> Any:
    """One officer enters the seed; with the second the days are given."""
    survey = contributed_draw.allot(
        session, person, now(), contributed_survey_id, **form_data(shapes.AllotContributedDays)
    )
    if contributed_draw.differ(survey):
        zh, en = "與另一位承辦輸入的不同，請兩人都再看一次。", "Not what the other officer entered. Both look again."
        flash(Words(zh, en), "warn")
        return redirect_to(".show_survey", contributed_survey_id=contributed_survey_id)
    if survey.status == "published":
        zh, en = "已記錄；請另一位承辦輸入同一個種子。", "Kept. Another officer enters the same seed now."
        return _done(Words(zh, en), contributed_survey_id)
    return _done(Words("已分配，會通知每個機關。", "Allotted; every agency is told."), contributed_survey_id)


@pages.post("/contributed/<int:contributed_survey_id>/days", allows=wishes, again=show_survey)
def take(session: Any, person: Any, contributed_survey_id: int) -> Any:
    """A day that was left."""
    contributed.take(session, person, now(), contributed_survey_id, **form_data(shapes.TakeContributedDay))
    return _done(Words("這一天是你們的了", "The day is yours"), contributed_survey_id)


def _survey_of(session: Any, person: Any, contributed_day_id: int) -> Any:
    return show_survey(session, person, find(session, ContributedDay, contributed_day_id).survey_id)


@pages.post("/contributed/days/<int:contributed_day_id>/give-back", allows=wishes, again=_survey_of)
def give_back(session: Any, person: Any, contributed_day_id: int) -> Any:
    """A day that is not used."""
    row = contributed.give_back(session, person, now(), contributed_day_id, **form_data(shapes.GiveBackContributedDay))
    return _done(Words("已釋出，其他機關可以使用。", "Given back; others may have it."), row.survey_id)


def _done(said: Words, contributed_survey_id: int) -> Any:
    flash(said)
    return redirect_to(".show_survey", contributed_survey_id=contributed_survey_id)


def _days() -> list[date]:
    """The days typed, in their order; empty boxes count for nothing. Raises Invalid at the box."""
    out = []
    for number in range(1, 61):
        text = request.form.get(f"day_{number}", "").strip()
        if text:
            try:
                out.append(date.fromisoformat(text))
            except ValueError:
                raise Invalid(Words("請填日期", "Enter a date"), field=f"day_{number}") from None
    return out


def _names(session: Any, survey: ContributedSurvey) -> dict[int, Words]:
    """The agencies by id."""
    wanted = {each.agency_id for each in survey.days} | {each.agency_id for each in survey.wishes}
    found = (session.get(Agency, agency) for agency in sorted(wanted))
    return {agency.id: agency.words for agency in found if agency is not None}
