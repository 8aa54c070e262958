"""An application: its points line by line, where it stands, and what follows; for its owner and the officer."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.web import flash, now, redirect_to, render, signed_in
from common.words import Words
from dorms import applications, my_data, occupancy, papers, points, schemas
from dorms import vocabulary as say
from dorms.models import Application
from dorms.pages.door import note_look, pages


@pages.get("/applications/<int:application_id>", allows=signed_in)
def show_application(session: Session, person: Person, application_id: int) -> Any:
    """The points page. An officer's look is written down (C-27)."""
    row = applications.find(session, person, application_id)
    own = row.is_of(person)
    if not own:
        note_look(person, f"application/{row.id}", "application")
    return application_page(session, person, row, whole=own)


def application_page(session: Session, person: Person, row: Application, *, whole: bool) -> Any:
    """The page; unless `whole`, family and home are one sum, as the purpose of a look does not need them (C-27)."""
    own, score = row.is_of(person), row.score
    return render(
        "dorms/application.html",
        say=say,
        row=row,
        own=own,
        officer=person.has("dorm_officer") and not own,
        takes_objections=row.round.takes_objections(now()) and row.state != say.WITHDRAWN,
        score=score,
        whole=whole,
        purposes=my_data.PURPOSES,
        looks=my_data.looks(session, row) if own else [],
        missing=[papers.KINDS[kind].words for kind in papers.missing(session, row)],
        asked=papers.open_supplement(session, row),
        lines=schemas.shown_lines(score) if whole else schemas.masked_lines(score),
        total=points.plain(score.total),
        wishes=occupancy.wish_words(session, row.preferences),
        living=points.HOME_STATUS[row.home_status],
        appraisals=[points.APPRAISALS[grade] for grade in row.appraisals],
        given=applications.given(row),
        tied=applications.ties(row),
        steps=_steps(row),
    )


@pages.post("/applications/<int:application_id>/withdraw", allows=signed_in, again=show_application)
def withdraw(session: Session, person: Person, application_id: int) -> Any:
    """Take the application back before it is ranked."""
    row = applications.withdraw(session, person, now(), application_id)
    flash(Words("已撤回 {number}。", "{number} withdrawn.").fill(number=row.number))
    return redirect_to(".show_home")


def _steps(row: Application) -> list[dict[str, Any]]:
    """How far the application has come, dated."""
    round_, offer = row.round, row.offer
    closed = now() >= round_.registration_until
    steps: list[dict[str, Any]] = [
        {"label": Words("已送出", "Sent"), "when": row.submitted_at, "done": True},
        {"label": Words("登記截止", "Registration ends"), "when": round_.registration_until, "done": closed},
        {
            "label": Words("名次公布", "Ranking published"),
            "when": round_.published_at,
            "done": round_.public,
            "detail": Words("第 {n} 名", "Rank {n}").fill(n=row.rank) if round_.public and row.rank else None,
        },
        {
            "label": Words("核配", "Allotment"),
            "when": round_.allotted_at,
            "done": bool(round_.allotted_at),
            "detail": offer.room.words if offer else None,
        },
    ]
    if row.state == say.WITHDRAWN:
        steps = [step for step in steps if step["done"]]
        steps.append({"label": say.APPLICATION_STATES[say.WITHDRAWN], "when": row.withdrawn_at, "state": "bad"})
    elif offer is not None and offer.answered_at and offer.state != say.ACCEPTED:
        steps.append({"label": say.OFFER_STATES[offer.state], "when": offer.answered_at, "state": "bad"})
    else:
        label = (
            Words("候補", "On the waiting list") if row.state == say.WAITING else Words("同意並簽約", "Agree and sign")
        )
        answered = offer.answered_at if offer else None
        steps.append({"label": label, "when": answered, "done": bool(answered)})
    current = next((step for step in steps if not step.get("done") and "state" not in step), None)
    for step in steps:
        step.setdefault("state", "past" if step.pop("done", False) else "on" if step is current else "next")
    return steps
