"""The gate's list (V-28), for a phone in a guard's hand or on paper: out and in, ticked as the cars pass."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet import gate
from fleet.pages.door import pages
from fleet.pages.recalls import day_of
from fleet.schemas.gate import TickForm
from fleet.terms import GATE_WAYS

gatekeepers = has_role("dispatcher", "admin", "auditor", "staff")
"""Of the staff only those of the vehicle unit's own agency: `gate.guards` decides."""

STAGES = {"here": Words("還沒出場", "Not out yet"), "away": Words("在外", "Out"), "done": Words("已回場", "Back")}


@pages.get("/gate", allows=gatekeepers)
def show_gate(session: Session, person: Person, trip_id: int | None = None, **_: Any) -> Any:
    """The day's cars with plate, driver and order, and what the gate has seen of them."""
    day = day_of(request.args.get("date", "")) or today(now())
    found = gate.of_day(session, person, now(), day)
    which = request.args.get("show", "")
    which = which if which in STAGES else ""
    return render(
        "fleet/gate.html", found=[each for each in found if which in ("", each.stage)], whole=len(found), day=day,
        counts={key: sum(each.stage == key for each in found) for key in STAGES}, stages=STAGES, which=which,
        keeps=gate.guards(session, person) and day == today(now()), desk=person.has("dispatcher", "admin"),
        typed_for=trip_id, dispatches=person.has("dispatcher", "admin", "auditor"),
    )  # fmt: skip


@pages.post("/gate/<int:trip_id>", allows=gatekeepers, again=show_gate)
def tick_gate(session: Session, person: Person, trip_id: int) -> Any:
    """The car passes, with its order."""
    check = gate.tick(session, person, now(), trip_id, **form_data(TickForm))
    words = Words("{plate} 已登記{way}。", "{plate}: {way} noted.")
    way = GATE_WAYS[check.way]
    flash(words.fill(plate=check.trip.vehicle.plate if check.trip.vehicle else "", way=Words(way.zh, way.en.lower())))
    return redirect_to(".show_gate", show=request.args.get("show") or None)


@pages.post("/gate/checks/<int:check_id>/take-back", allows=gatekeepers, again=show_gate)
def take_back_tick(session: Session, person: Person, check_id: int) -> Any:
    """The wrong car was ticked."""
    gate.take_back(session, person, now(), check_id)
    flash(Words("已取消這筆查核。", "That check is taken back."))
    return redirect_to(".show_gate", show=request.args.get("show") or None)
