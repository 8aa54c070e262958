"""Applying in three steps: eligibility first, then service, home and wishes, then the points and "send".

Every step posts what the steps before it asked for in hidden boxes: nothing personal stands in an address. Each step is
also kept as a draft on the server, right or wrong, so that nothing typed is lost when the browser is closed.
"""

from collections.abc import Mapping
from typing import Any

from flask import g, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from common.errors import FieldError, Invalid, Problem
from common.identity import Person
from common.period import today
from common.schemas import Boolean, Id, Schema, load_form
from common.web import database, flash, form_data, now, redirect_to, render
from common.web.pages import Form
from common.words import Words
from dorms import applications, corrections, drafts, eligibility, notices, occupancy, points, schemas
from dorms import vocabulary as say
from dorms.models import Room, Round
from dorms.pages.door import pages, show_typed, staff

ANSWER = Words("請回答這一題", "Answer this question")
USUAL = {
    "years_elsewhere": "0", "home_km": "0", "disabled": "false", "others_ok": "true", "needs_accessible": "false", "woman": "false",
}  # fmt: skip
"""What step 2 shows before anything is typed."""
OUR_FIELDS = {*schemas.ApplicationForm().load_fields, "round_id"}


@pages.get("/apply", allows=staff)
def show_apply(session: Session, person: Person) -> Any:
    """Step 1: which round, and the questions that decide whether to go on. Stops early and says why."""
    open_now = applications.open_rounds(session, now())
    asked_for = request.values.get("round_id") or request.values.get("round")
    chosen = next((row for row in open_now if str(row.id) == asked_for), open_now[0] if open_now else None)
    mine = applications.already(session, chosen, person) if chosen else None
    return render(
        "dorms/apply.html",
        say=say,
        rounds=open_now,
        chosen=chosen,
        mine=mine if mine and mine.state != say.WITHDRAWN else None,
        present=_home(session, person, chosen),
        has=_room_of(session, person),
        hindrance=_hindrance(session, person, chosen),
        questions=eligibility.asked(chosen.kind) if chosen else [],
        posted_far=eligibility.POSTED_FAR,
        refused=_refusals(session, chosen, person),
        draft=drafts.of(session, chosen.id, person) if chosen else None,
        corrected=corrections.of_person(session, chosen.id, person) if chosen else [],
        states=corrections.STATES,
        tones=corrections.TONES,
        notice=notices.in_force(session, today(now())),
        told=notices.told(notices.in_force(session, today(now())), before_the_form=True),
    )


def keep_and_show_apply(session: Session, person: Person) -> Any:
    """Step 1 again after something was wrong; what was typed is kept all the same."""
    _keep_refused(person)
    return show_apply(session, person)


@pages.get("/apply/draft", allows=staff)
def go_on(session: Session, person: Person) -> Any:
    """Step 2 as it was left."""
    draft = drafts.of(session, _asked_round(), person)
    if draft is None or draft.round.stage(now()) != say.OPEN:
        return redirect_to(".show_apply")
    g.typed = MultiDict({**draft.typed, "round_id": str(draft.round_id)})
    g.form = Form(g.typed, [])
    return show_details(session, person)


@pages.post("/apply/draft", allows=staff, again=show_apply)
def save_draft(session: Session, person: Person) -> Any:
    """Keep what is typed, whole or not, and leave it for later."""
    chosen = _round(session)
    drafts.keep(session, person, now(), chosen.id, dict(_carried(step=2)))
    flash(Words("已存草稿，登記截止前都可以接著填。", "Kept as a draft; go on any time until registration ends."))
    return redirect_to(".show_home")


@pages.post("/apply/draft/drop", allows=staff, again=show_apply)
def drop_draft(session: Session, person: Person) -> Any:
    """Throw a draft away."""
    drafts.drop(session, _asked_round(), person)
    flash(Words("草稿已刪除。", "The draft is gone."))
    return redirect_to(".show_apply")


@pages.get("/apply/<any(eligibility,edit,check):step>", allows=staff)
def begin_again(session: Session, person: Person, step: str) -> Any:
    """A later step has nothing to show by itself: its answers were never kept."""
    return redirect_to(".show_apply")


@pages.post("/apply/eligibility", allows=staff, again=keep_and_show_apply)
def answer_questions(session: Session, person: Person) -> Any:
    """From step 1 to step 2. Raises NotEligible with the rule of each answer that ends the application."""
    chosen = _round(session)
    applications.may_apply(session, person, now(), moving_in=chosen.kind if _room_of(session, person) else None)
    answers = load_form(_questions(chosen.kind), request.form)
    applications.eligible(chosen.kind, answers, applications.excused(session, chosen, person))
    draft = drafts.keep(session, person, now(), chosen.id, dict(_carried(step=2)))
    show_typed(**{**USUAL, **draft.typed})
    return show_details(session, person)


def show_details(session: Session, person: Person) -> Any:
    """Step 2: service, home and wishes, with the points so far when they were asked for."""
    try:
        chosen = _round(session)
    except Problem:
        return show_apply(session, person)
    houses = occupancy.buildings(session)
    to_let = [room for room in occupancy.all_rooms(session, kind=chosen.kind) if room.state == say.TO_LET]
    return render(
        "dorms/details.html",
        chosen=chosen,
        houses=houses,
        present=(present := _home(session, person, chosen)),
        to_let=[(house, [room for room in to_let if room.building_id == house.id]) for house in houses],
        answers=_carried(step=1),
        appraisals=points.APPRAISALS,
        home_status=points.HOME_STATUS,
        others=[room for room in _lived_in(chosen) if present is None or room.id != present.id],
        score=_estimate(chosen),
    )


@pages.post("/apply/edit", allows=staff, again=show_apply)
def edit_details(session: Session, person: Person) -> Any:
    """Back to step 2, or the points so far, with everything typed in its place."""
    drafts.keep(session, person, now(), _round(session).id, dict(_carried(step=2)))
    show_typed()
    return show_details(session, person)


def keep_and_show_details(session: Session, person: Person) -> Any:
    """Step 2 again after something was wrong; what was typed is kept all the same."""
    _keep_refused(person)
    return show_details(session, person)


@pages.post("/apply/check", allows=staff, again=keep_and_show_details)
def check_answers(session: Session, person: Person) -> Any:
    """Step 3: the points line by line and every answer, before anything is sent."""
    chosen = _round(session)
    data = form_data(schemas.ApplicationForm)
    applications.eligible(chosen.kind, data, applications.excused(session, chosen, person))
    drafts.keep(session, person, now(), chosen.id, dict(_carried(step=2)))
    applications.consistent(data["started_on"], data["years_of_service"], now())
    wishes = applications.known_wishes(session, chosen.kind, data["preferences"])
    facts = applications.facts_of(data)
    return render(
        "dorms/check.html",
        chosen=chosen,
        data=data,
        wishes=occupancy.wish_words(session, wishes),
        present=_home(session, person, chosen),
        living=points.HOME_STATUS[data["home_status"]],
        appraisals=[points.APPRAISALS[grade] for grade in data["appraisals"]],
        score=(score := applications.estimate(chosen, facts)),
        lines=schemas.shown_lines(score),
        total=points.plain(score.total),
        table=chosen.point_table,
        carried=_carried(step=2),
    )


@pages.post("/apply", allows=staff, again=keep_and_show_details)
def apply(session: Session, person: Person) -> Any:
    """Send the application."""
    data = {**form_data(schemas.ApplicationForm), "move": _room_of(session, person) is not None}
    row = applications.apply_for_room(session, person, now(), **data)
    flash(
        Words(
            "已送出 {number}。請接著上傳證明文件；名次公布時會通知你。",
            "Sent: {number}. Now send your papers; you will hear when the ranking is published.",
        ).fill(number=row.number)
    )
    return redirect_to(".show_application", application_id=row.id)


def _keep_refused(person: Person) -> None:
    """Keep what was typed in a transaction of its own: the one that was refused is undone."""
    wanted, typed, at = _asked_round(), dict(_carried(step=2)), now()

    def write(session: Session) -> None:
        row = session.get(Round, wanted)
        if row is not None and row.stage(at) == say.OPEN and applications.already(session, row, person) is None:
            drafts.keep(session, person, at, wanted, typed)

    database().transact(write)


def _asked_round() -> int:
    given = request.values.get("round_id") or request.values.get("round") or ""
    return int(given) if given.isdecimal() and len(given) < 18 else 0


def _typed() -> Mapping[str, str]:
    """What this page goes by: the draft that is gone on with, else what was just sent."""
    typed: Mapping[str, str] = g.get("typed", request.form)
    return typed


def _round(session: Session) -> Round:
    """The round the form is about. Raises Invalid, NotFound, RegistrationClosed."""
    wanted = load_form(_RoundChosen, _typed())["round_id"]
    return applications.open_round(session, now(), round_id=wanted)


class _RoundChosen(Schema):
    round_id = Id(required=True, metadata={"label": Words("期別", "Round")})


def _questions(kind: str) -> Any:
    """Step 1 as a shape: every question of this kind must be answered."""
    return Schema.from_dict(
        {
            **{
                question.field: Boolean(required=True, metadata={"label": question.ask, "ask": ANSWER})
                for question in eligibility.asked(kind)
            },
            eligibility.POSTED_FAR.field: Boolean(load_default=None),
        },
        name="Questions",
    )


def _refusals(session: Session, chosen: Round | None, person: Person) -> list[FieldError]:
    """Why the answers just sent end the application; nothing while an answer is missing."""
    if chosen is None or request.method != "POST":
        return []
    try:
        answers = load_form(_questions(chosen.kind), request.form)
    except Invalid:
        return []
    let_pass = applications.excused(session, chosen, person)
    refused = eligibility.refusals(chosen.kind, eligibility.complete(chosen.kind, answers))
    return [error for error in refused if error.field not in let_pass]


def _room_of(session: Session, person: Person) -> Room | None:
    tenancy = occupancy.current_stay(session, person.id)
    return tenancy.room if tenancy else None


def _home(session: Session, person: Person, chosen: Round | None) -> Room | None:
    """The room a tenant applies to move out of, in a round for rooms of its kind."""
    room = _room_of(session, person)
    return room if room and chosen and room.kind == chosen.kind else None


def _lived_in(chosen: Round) -> list[Room]:
    """The rooms of tenants who have asked to move in this round: they may become free, and may be wished for."""
    rooms = {row.lives_in_id: row.lives_in for row in chosen.standing if row.lives_in is not None}
    return sorted(rooms.values(), key=lambda room: (room.building.place_in_list, room.number))


def _hindrance(session: Session, person: Person, chosen: Round | None) -> Words | None:
    """What keeps this person from applying at all, before any question is asked."""
    moving = _room_of(session, person) is not None
    try:
        applications.may_apply(session, person, now(), moving_in=chosen.kind if moving and chosen else None)
    except Problem as problem:
        return problem.words
    return None


def _estimate(chosen: Round) -> points.Score | None:
    """The points by what is typed so far, when it was asked for and is enough to count."""
    if "estimate" not in request.form:
        return None
    try:
        data = form_data(schemas.Service)
        boxes = load_form(schemas.AppraisalBoxes, request.form)
    except Invalid as not_yet:
        show_typed(not_yet.errors)
        return None
    return applications.estimate(chosen, applications.facts_of({**data, **boxes}))


def _carried(step: int) -> list[tuple[str, str]]:
    """What the steps so far sent, to travel on in hidden boxes."""
    first = {question.field for question in (*eligibility.QUESTIONS, eligibility.POSTED_FAR)} | {"round_id"}
    wanted = first if step == 1 else OUR_FIELDS
    return [(name, value) for name, value in _typed().items() if name in wanted]
