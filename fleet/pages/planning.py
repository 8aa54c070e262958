"""Planning a day anew: every change shown before one button does them all."""

from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from fleet import replanning
from fleet.pages.door import dispatchers, pages
from fleet.plans.planning import Step
from fleet.schemas.planning import ApplyPlan
from fleet.terms import KINDS

SECONDS = 3


@pages.get("/replan", allows=dispatchers)
def show_replan(session: Session, person: Person) -> Any:
    """What the best plan of the day would change, trip by trip, with the reason."""
    day, keep = _day(), request.args.get("keep") == "1"
    found = replanning.preview(session, person, now(), day, seconds=SECONDS, move=not keep)
    return render(
        "fleet/replan.html", day=day, today=today(now()), before=day - timedelta(days=1), after=day + timedelta(days=1),
        found=found, keep=keep, kinds=KINDS, seconds=SECONDS,
    )  # fmt: skip


@pages.post("/replan", allows=dispatchers, again=show_replan)
def replan_day(session: Session, person: Person) -> Any:
    """Do exactly what was shown, or nothing."""
    day = _day()
    steps = [Step(**each) for each in form_data(ApplyPlan)["changes"]]
    done = replanning.apply(session, person, now(), day, steps)
    words = Words("已改派 {n} 趟，相關的人會收到通知。", "{n} trips changed; the people concerned are being told.")
    flash(words.fill(n=len(done)))
    return redirect_to(".show_dispatch", date=day.isoformat())


def _day() -> date:
    """The day asked for, else today."""
    try:
        day = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return today(now())
    return day if 1991 <= day.year <= 2190 else today(now())
