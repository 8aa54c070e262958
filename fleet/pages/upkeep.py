"""Upkeep: what is due, trips that need another car, the workshop, accidents, and which cars may be retired."""

from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import local, taipei, today
from common.web import flash, form_data, has_role, now, redirect_to, render
from common.words import Words
from fleet import rules, upkeep, workshop
from fleet.due import due_items
from fleet.models import Accident, Vehicle
from fleet.pages.door import dispatchers, pages, placed
from fleet.schemas.taken import Revision
from fleet.schemas.upkeep import DUE_STATES, AccidentForm, AppointmentForm, RecordUpkeep, StepForm
from fleet.terms import ACCIDENT_STEPS, UPKEEP_KINDS
from fleet.trips import find

readers = has_role("dispatcher", "admin", "auditor")
reporters = has_role(*workshop.REPORTERS)


def cars_in_use(session: Session) -> list[Vehicle]:
    """The cars of every list to choose from."""
    return list(session.scalars(select(Vehicle).where(Vehicle.state != "retired").order_by(Vehicle.plate)))


@pages.get("/upkeep", allows=readers)
def show_upkeep(session: Session, person: Person, appointment_id: int | None = None) -> Any:
    """What is due, what it means for trips, and who is at the workshop."""
    rule, day = rules.in_force(session, now()), today(now())
    found = [(due, due.state(day, rule)) for due in due_items(session, now())]
    which = request.args.get("state", "soon")
    which = which if which in DUE_STATES else "soon"
    shown = [(due, state) for due, state in found if state == which or (which == "soon" and state == "overdue")]
    counts = {key: sum(state == key for _, state in found) for key in DUE_STATES}
    return render(
        "fleet/upkeep.html", shown=shown, which=which, states=DUE_STATES, counts=counts, stranded=upkeep.stranded(session, now()),
        appointments=workshop.appointments(session, now()), accidents=[each for each in workshop.accidents(session) if each.next_step],
        steps=ACCIDENT_STEPS, kinds=UPKEEP_KINDS, cars=cars_in_use(session), day=day, keeper=person.has(*upkeep.KEEPERS),
    )  # fmt: skip


@pages.post("/upkeep/workshop", allows=dispatchers, again=show_upkeep)
def book_workshop(session: Session, person: Person) -> Any:
    """Take a car to the workshop for a while."""
    data = form_data(AppointmentForm)
    day, until, leave, back = (data.pop(name) for name in ("date", "until", "leave", "back"))
    try:
        row = workshop.book(
            session, person, now(), starts_at=taipei(day, leave), ends_at=taipei(until or day, back), **data
        )
    except Invalid as refused:
        raise placed(refused) from refused
    flash(Words("已安排 {plate} 進廠。", "{plate} is booked into the workshop.").fill(plate=row.vehicle.plate))
    return redirect_to(".show_upkeep")


def upkeep_again(session: Session, person: Person, appointment_id: int) -> Any:
    """The page as it stands now, after a refusal."""
    return show_upkeep(session, person)


@pages.post("/upkeep/workshop/<int:appointment_id>/done", allows=dispatchers, again=upkeep_again)
def end_workshop(session: Session, person: Person, appointment_id: int) -> Any:
    """The car is back."""
    row = workshop.close(session, person, now(), appointment_id, done=True, **form_data(Revision))
    return redirect_to(".ask_upkeep", vehicle=row.vehicle_id, kind=row.kind)


@pages.post("/upkeep/workshop/<int:appointment_id>/cancel", allows=dispatchers, again=upkeep_again)
def cancel_workshop(session: Session, person: Person, appointment_id: int) -> Any:
    """It does not go."""
    workshop.close(session, person, now(), appointment_id, done=False, **form_data(Revision))
    flash(Words("已取消進廠。", "The workshop visit is cancelled."))
    return redirect_to(".show_upkeep")


@pages.get("/upkeep/new", allows=dispatchers)
def ask_upkeep(session: Session, person: Person) -> Any:
    """What was done, as a form."""
    chosen = {name: request.args.get(name, "") for name in ("vehicle", "kind")}
    return render(
        "fleet/upkeep_new.html", cars=cars_in_use(session), kinds=UPKEEP_KINDS, day=today(now()), chosen=chosen
    )


@pages.post("/upkeep/new", allows=dispatchers, again=ask_upkeep)
def record_upkeep(session: Session, person: Person) -> Any:
    """Write it down."""
    row = upkeep.record(session, person, now(), **form_data(RecordUpkeep))
    words = Words("已登記 {plate} {what}。", "{plate}: {what} recorded.")
    flash(words.fill(plate=find(session, Vehicle, row.vehicle_id).plate, what=UPKEEP_KINDS[row.kind]))
    return redirect_to(".show_upkeep")


@pages.get("/retirement", allows=readers)
def show_retirement(session: Session, person: Person) -> Any:
    """Every car's tests with their figures (V-58, V-59)."""
    return render("fleet/retirement.html", found=upkeep.retirements(session, now()))


# --- accidents -------------------------------------------------------------------------------------------------------


@pages.get("/accidents/new", allows=reporters)
def ask_accident(session: Session, person: Person) -> Any:
    """Report an accident: what to do first, then the few facts (V-56)."""
    moment, keeper = local(now()).strftime("%Y-%m-%dT%H:%M"), person.has(*upkeep.KEEPERS)
    return render("fleet/accident_new.html", cars=cars_in_use(session), moment=moment, keeper=keeper)


@pages.post("/accidents/new", allows=reporters, again=ask_accident)
def report_accident(session: Session, person: Person) -> Any:
    """Report it."""
    row = workshop.report(session, person, now(), **form_data(AccidentForm))
    zh = "已通報，調度與車輛機關會收到。保留現場，等警方。"
    flash(Words(zh, "Reported; dispatch and the owner agency are told. Keep the scene and wait for the police."))
    return redirect_to(".show_accident", accident_id=row.id) if readers.passes(person) else redirect_to(".ask_accident")


@pages.get("/accidents/<int:accident_id>", allows=readers)
def show_accident(session: Session, person: Person, accident_id: int) -> Any:
    """One accident and how far it is dealt with."""
    row = find(session, Accident, accident_id)
    done = {each.step: each for each in row.steps}
    track = [
        {
            "label": words, "state": "past" if code in done else "on" if code == row.next_step else "next",
            "when": done[code].at if code in done else None, "detail": done[code].note if code in done else None,
        }
        for code, words in ACCIDENT_STEPS.items()
    ]  # fmt: skip
    return render("fleet/accident.html", row=row, track=track, steps=ACCIDENT_STEPS, keeper=person.has(*upkeep.KEEPERS))


@pages.post("/accidents/<int:accident_id>/step", allows=dispatchers, again=show_accident)
def advance_accident(session: Session, person: Person, accident_id: int) -> Any:
    """Note the next step."""
    row = workshop.advance(session, person, now(), accident_id, **form_data(StepForm))
    flash(Words("已記下：{step}。", "Noted: {step}.").fill(step=ACCIDENT_STEPS[row.step]))
    return redirect_to(".show_accident", accident_id=row.id)
