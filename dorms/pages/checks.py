"""Checks and residence visits: the year's plan by district, a day's route, one check, evidence step by step."""

from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person, with_role
from common.period import today
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.words import Words
from dorms import rulebook
from dorms.models import HouseCheck, ResidenceCase
from dorms.pages.door import note_look, officers, pages
from dorms.schemas import upkeep as shapes
from dorms.upkeep import evidence, planning, rows, terms, visiting
from dorms.upkeep.districts import DISTRICTS

SHOWN = 60


@pages.get("/checks", allows=officers)
def show_checks(session: Session, person: Person) -> Any:
    """The year's plan: how far each district is, what comes next, what is to be followed up; and the form for a route."""
    year = _year()
    checks = planning.of_year(session, year)
    district = request.args.get("district", "")
    chosen = [row for row in checks if row.district == district] if district in DISTRICTS else []
    numbers = {
        key: rulebook.number(session, key, today(now()))
        for key in (
            rows.INSPECTIONS_A_YEAR, rows.FURNITURE_A_YEAR, rows.VISITS_A_YEAR, rows.CHECK_NOTICE_DAYS, rows.ABSENCE_DAYS,
        )
    }  # fmt: skip
    return render(
        "dorms/checks.html",
        terms=terms,
        districts=DISTRICTS,
        numbers=numbers,
        year=year,
        this_year=today(now()).year,
        progress=planning.progress(checks),
        district=district if chosen else "",
        checks=sorted(chosen, key=lambda row: (row.state != terms.PLANNED, row.due_on, *row.on_the_way, row.id))[
            :SHOWN
        ],
        found=len(chosen),
        here=[code for code in DISTRICTS if any(row.district == code for row in checks)],
        visitors=[(str(each.id), each) for each in with_role(session, "dorm_officer")],
        days=planning.days_ahead(session, now()),
        follow_ups=visiting.open_follow_ups(session, person),
        cases=[row for row in evidence.cases(session, person) if row.is_open],
        first_day=today(now()) + timedelta(days=numbers[rows.CHECK_NOTICE_DAYS].value),
        me=person,
    )


@pages.post("/checks/plan", allows=officers, again=show_checks)
def plan_checks(session: Session, person: Person) -> Any:
    """Plan what the year still lacks."""
    year = form_data(shapes.PlanChecks)["year"]
    added = planning.make_plan(session, person, now(), year)
    flash(Words("已排入 {n} 件", "{n} added to the plan").fill(n=added))
    return redirect_to(".show_checks", year=year)


@pages.post("/checks/appointments", allows=officers, again=show_checks)
def appoint(session: Session, person: Person) -> Any:
    """Put the next places of a district on a day's route."""
    made = planning.appoint(session, person, now(), **form_data(shapes.AppointChecks))
    told = Words("已排定 {n} 件，並通知借用人。", "{n} scheduled; the residents are being told.")
    untold = Words("已排定 {n} 件；訪視不先通知。", "{n} scheduled; visits are not announced.")
    flash((untold if made[0].kind == terms.VISIT else told).fill(n=len(made)))
    return redirect_to(".show_route", day=made[0].day)


@pages.get("/checks/route/<day>", allows=officers)
def show_route(session: Session, person: Person, day: str) -> Any:
    """A day's route, in the order of the way, to print or to follow on the phone."""
    chosen = _day(day)
    return render(
        "dorms/route.html",
        terms=terms,
        day=chosen,
        stops=planning.route(session, chosen),
        me=person,
        today=today(now()),
    )


@pages.get("/checks/<int:check_id>", allows=signed_in)
def show_check(session: Session, person: Person, check_id: int) -> Any:
    """One check: the officer's next step, or what its resident may know."""
    row = rows.find(session, HouseCheck, person, check_id)
    officer = person.has("dorm_officer")
    if officer and row.person_id not in (None, person.id):
        note_look(person, f"check/{row.id}", "check")
    return render(
        "dorms/house_check.html",
        terms=terms,
        row=row,
        officer=officer,
        may_record=officer and row.state == terms.APPOINTED and row.day is not None and row.day <= today(now()),
        case=evidence.case_of(session, row) if officer else None,
        follow_up_days=rulebook.number(session, rows.FOLLOW_UP_DAYS, today(now())),
    )


@pages.post("/checks/<int:check_id>/record", allows=officers, again=show_check)
def record_check(session: Session, person: Person, check_id: int) -> Any:
    """What was found."""
    visiting.record(session, person, now(), check_id, **form_data(shapes.RecordCheck))
    flash(Words("已登錄結果", "Recorded"))
    return redirect_to(".show_check", check_id=check_id)


@pages.post("/checks/<int:check_id>/call-off", allows=officers, again=show_check)
def call_off(session: Session, person: Person, check_id: int) -> Any:
    """Not on that day after all."""
    planning.call_off(session, person, now(), check_id, **form_data(shapes.UpkeepReason))
    flash(Words("已取消排定，等待改期。", "Taken off the route; it waits for another day."), "info")
    return redirect_to(".show_check", check_id=check_id)


@pages.post("/checks/<int:check_id>/follow-up", allows=officers, again=show_check)
def follow_up(session: Session, person: Person, check_id: int) -> Any:
    """Put right."""
    visiting.follow_up(session, person, now(), check_id, **form_data(shapes.UpkeepNote))
    flash(Words("已記錄改善完成", "Put right, noted"))
    return redirect_to(".show_check", check_id=check_id)


@pages.post("/checks/<int:check_id>/case", allows=officers, again=show_check)
def open_case(session: Session, person: Person, check_id: int) -> Any:
    """Begin to gather evidence from a visit that met nobody."""
    case = evidence.open_case(session, person, now(), check_id)
    flash(Words("已開始查證，第二次訪視已排入計畫。", "Evidence begun; a second visit is planned."))
    return redirect_to(".show_case", case_id=case.id)


# ── Evidence ──────────────────────────────────────────────────────────────────


@pages.get("/cases", allows=signed_in)
def show_cases(session: Session, person: Person) -> Any:
    """The cases one may know of: the officer's all, a resident's own once asked."""
    return render(
        "dorms/cases.html", terms=terms, cases=evidence.cases(session, person), officer=person.has("dorm_officer")
    )


@pages.get("/cases/<int:case_id>", allows=signed_in)
def show_case(session: Session, person: Person, case_id: int) -> Any:
    """The steps taken, the next one, and the person's own account."""
    case = rows.find(session, ResidenceCase, person, case_id)
    officer = person.has("dorm_officer")
    if officer and case.person_id != person.id:
        note_look(person, f"case/{case.id}", "residence case")
    return render(
        "dorms/case.html",
        terms=terms,
        case=case,
        officer=officer,
        own=case.person_id == person.id,
        steps=_steps(case),
        explain_days=rulebook.number(session, rows.EXPLAIN_DAYS, today(now())),
        absence=rulebook.number(session, rows.ABSENCE_DAYS, today(now())),
    )


@pages.post("/cases/<int:case_id>/letter", allows=officers, again=show_case)
def write_letter(session: Session, person: Person, case_id: int) -> Any:
    """Ask for an explanation."""
    evidence.write(session, person, now(), case_id, **form_data(shapes.WriteLetter))
    flash(Words("已函請當事人說明", "The person is asked to explain"))
    return redirect_to(".show_case", case_id=case_id)


@pages.post("/cases/<int:case_id>/statement", allows=signed_in, again=show_case)
def explain(session: Session, person: Person, case_id: int) -> Any:
    """The person's own account."""
    evidence.explain(session, person, now(), case_id, **form_data(shapes.Explain))
    flash(Words("已送出說明", "Your account was sent"))
    return redirect_to(".show_case", case_id=case_id)


@pages.post("/cases/<int:case_id>/hearing", allows=officers, again=show_case)
def hear(session: Session, person: Person, case_id: int) -> Any:
    """Put it on record."""
    evidence.hear(session, person, now(), case_id, **form_data(shapes.UpkeepNote))
    flash(Words("已記錄", "On record"))
    return redirect_to(".show_case", case_id=case_id)


@pages.post("/cases/<int:case_id>/decision", allows=officers, again=show_case)
def decide_case(session: Session, person: Person, case_id: int) -> Any:
    """A person's decision, with reasons."""
    evidence.decide(session, person, now(), case_id, **form_data(shapes.DecideResidence))
    flash(Words("已作成決定並通知當事人", "Decided; the person is being told"))
    return redirect_to(".show_case", case_id=case_id)


def _steps(case: ResidenceCase) -> list[dict[str, Any]]:
    """The track of the case, with who did what."""
    out = []
    for code, words in terms.STEPS.items():
        step = case.step(code)
        if step is None and not case.is_open:
            continue
        state = "past" if step else "on" if case.next_step == code else "next"
        detail = step.note if step else ""
        out.append({"label": words, "state": state, "when": step.at if step else None, "detail": detail})
    return out


def _year() -> int:
    this_year = today(now()).year
    given = request.values.get("year", "")
    return int(given) if given.isdecimal() and this_year - 5 <= int(given) <= this_year + 1 else this_year


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today(now())
