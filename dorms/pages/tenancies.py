"""Stays: the officer's list, one stay with its whole story and its next step, and the forms that take each step."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.web.attachments import attachment, sent_files, store
from common.words import Words
from dorms import (
    deductions,
    hand_backs,
    inventory,
    move_outs,
    payroll,
    photos,
    rulebook,
    stays,
    tenancies,
)
from dorms import vocabulary as say
from dorms.models import Tenancy
from dorms.pages.door import note_look, officers, pages
from dorms.schemas import tenancies as shapes

SPARE_ROWS = 4
"""Empty lines of a form beyond those it begins with."""


@pages.get("/tenancies", allows=officers)
def show_tenancies(session: Session, person: Person) -> Any:
    """Every stay that runs, by what is due next; one state, or those that are overdue. The look is written down."""
    show = request.args.get("show", "")
    day = today(now())
    running = tenancies.listed(session, "", day)
    counts = {state: sum(row.state == state for row in running) for state in stays.STATES}
    counts["overdue"] = sum(row.is_overdue(day) for row in running)
    note_look(person, "tenancies", "names of tenants")
    return render(
        "dorms/tenancies.html",
        rows=running if not show else tenancies.listed(session, show, day),
        show=show,
        counts=counts,
        total=len(running),
        day=day,
        stays=stays,
        pressing=tenancies.pressing,
    )


@pages.get("/tenancies/<int:tenancy_id>", allows=signed_in)
def show_tenancy(session: Session, person: Person, tenancy_id: int) -> Any:
    """One stay: for who lives there, and for the officer with the next step. An officer's look is written down (C-27)."""
    row = tenancies.find(session, person, tenancy_id)
    own = row.person_id == person.id
    if not own:
        note_look(person, f"tenancy/{row.id}", "tenancy")
    day = today(now())
    return render(
        "dorms/tenancy.html",
        row=row,
        own=own,
        officer=person.has("dorm_officer"),
        day=day,
        stays=stays,
        say=say,
        steps=_track(row),
        agreed=inventory.agreed(row),
        line=payroll.of_tenancy(session, row, day.replace(day=1)),
        terms=payroll.terms_on(row, day),
        renewals=rulebook.number(session, tenancies.RENEWALS, day),
    )


@pages.post("/tenancies/<int:tenancy_id>/inventory", allows=signed_in, again=show_tenancy)
def agree_inventory(session: Session, person: Person, tenancy_id: int) -> Any:
    """The borrower confirms the list of furniture."""
    inventory.agree(session, person, now(), tenancy_id, **form_data(shapes.AgreeInventory))
    flash(Words("已確認點交清單。", "The list is confirmed."))
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.get("/tenancies/<int:tenancy_id>/contract", allows=officers)
def show_contract(session: Session, person: Person, tenancy_id: int) -> Any:
    """The form for the notarised contract, the first or a renewal; and for more time to sign."""
    row = tenancies.find(session, person, tenancy_id)
    note_look(person, f"tenancy/{row.id}", "tenancy")
    return render("dorms/contract.html", row=row, day=today(now()), stays=stays, renewing=row.moved_in_on is not None)


@pages.post("/tenancies/<int:tenancy_id>/contract", allows=officers, again=show_contract)
def record_contract(session: Session, person: Person, tenancy_id: int) -> Any:
    """Record the contract, or the renewal of a stay somebody lives in."""
    data = form_data(shapes.RecordContract)
    row = tenancies.find(session, person, tenancy_id)
    verb = tenancies.renew if row.moved_in_on is not None else tenancies.record_contract
    contract = verb(session, person, now(), tenancy_id, **data)
    flash(Words("已登記契約 {number}。", "Contract {number} recorded.").fill(number=contract.number))
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.post("/tenancies/<int:tenancy_id>/signing-time", allows=officers, again=show_contract)
def extend_signing(session: Session, person: Person, tenancy_id: int) -> Any:
    """More time to sign."""
    tenancies.extend_signing(session, person, now(), tenancy_id, **form_data(shapes.ExtendSigning))
    flash(Words("已延長簽約公證期限。", "There is more time to sign."))
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.get("/tenancies/<int:tenancy_id>/move-in", allows=officers)
def show_move_in(session: Session, person: Person, tenancy_id: int) -> Any:
    """The form for handing over, begun with the usual furniture."""
    row = tenancies.find(session, person, tenancy_id)
    note_look(person, f"tenancy/{row.id}", "tenancy")
    usual = [*stays.USUAL_FURNITURE, *[("", "")] * SPARE_ROWS]
    return render("dorms/move_in.html", row=row, day=today(now()), stays=stays, usual=usual)


@pages.post("/tenancies/<int:tenancy_id>/move-in", allows=officers, again=show_move_in)
def move_in(session: Session, person: Person, tenancy_id: int) -> Any:
    """Hand the room over, with photos."""
    data = form_data(shapes.MoveInForm)
    row = tenancies.move_in(session, person, now(), tenancy_id, **data)
    _keep_photos(session, person, row, stays.AT_MOVE_IN)
    said = Words("已點交 {room}，請借用人確認清單。", "{room} handed over; its borrower is to confirm the list.")
    flash(said.fill(room=row.room.words))
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.get("/tenancies/<int:tenancy_id>/pay", allows=officers)
def show_pay(session: Session, person: Person, tenancy_id: int) -> Any:
    """The form for grade and exemption."""
    row = tenancies.find(session, person, tenancy_id)
    note_look(person, f"tenancy/{row.id}", "tenancy")
    terms = payroll.terms_on(row, today(now()))
    return render(
        "dorms/pay.html", row=row, day=today(now()), terms=terms, rates=payroll.rates_on(session, today(now()))
    )


@pages.post("/tenancies/<int:tenancy_id>/pay", allows=officers, again=show_pay)
def set_pay(session: Session, person: Person, tenancy_id: int) -> Any:
    """What is deducted from a day on."""
    deductions.set_pay(session, person, now(), tenancy_id, **form_data(shapes.SetPay))
    flash(Words("已登記扣繳條件。", "Recorded what is deducted."))
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.get("/tenancies/<int:tenancy_id>/move-out", allows=officers)
def show_move_out(session: Session, person: Person, tenancy_id: int) -> Any:
    """The form that starts the clock; while it runs, those that give more time or stop it."""
    row = tenancies.find(session, person, tenancy_id)
    note_look(person, f"tenancy/{row.id}", "tenancy")
    return render("dorms/move_out.html", row=row, day=today(now()), stays=stays, causes=_causes(row))


@pages.post("/tenancies/<int:tenancy_id>/move-out", allows=officers, again=show_move_out)
def start_move_out(session: Session, person: Person, tenancy_id: int) -> Any:
    """Start the clock."""
    row = move_outs.start(session, person, now(), tenancy_id, **form_data(shapes.StartMoveOut))
    if row.leaving:
        flash(Words("遷出期限已開始，並通知借用人。", "The clock runs; the borrower is being told."))
    else:
        flash(Words("已登記，免遷出。", "Recorded; nobody has to leave."))
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.post("/tenancies/<int:tenancy_id>/move-out/extension", allows=officers, again=show_move_out)
def extend_move_out(session: Session, person: Person, tenancy_id: int) -> Any:
    """More time to move out."""
    move_outs.extend(session, person, now(), tenancy_id, **form_data(shapes.ExtendMoveOut))
    flash(Words("已延長遷出期限，並通知借用人。", "There is more time; the borrower is being told."))
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.post("/tenancies/<int:tenancy_id>/move-out/stop", allows=officers, again=show_move_out)
def stop_move_out(session: Session, person: Person, tenancy_id: int) -> Any:
    """Stop the clock."""
    move_outs.stop(session, person, now(), tenancy_id, **form_data(shapes.StopMoveOutForm))
    flash(Words("遷出期限已終止，並通知借用人。", "The clock is stopped; the borrower is being told."))
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.get("/tenancies/<int:tenancy_id>/hand-back", allows=officers)
def show_hand_back(session: Session, person: Person, tenancy_id: int) -> Any:
    """The form for handing back, line by line."""
    row = tenancies.find(session, person, tenancy_id)
    note_look(person, f"tenancy/{row.id}", "tenancy")
    return render("dorms/hand_back.html", row=row, day=today(now()), stays=stays, spare=range(SPARE_ROWS))


@pages.post("/tenancies/<int:tenancy_id>/hand-back", allows=officers, again=show_hand_back)
def hand_back(session: Session, person: Person, tenancy_id: int) -> Any:
    """Take the room back, with photos."""
    row = hand_backs.hand_back(session, person, now(), tenancy_id, **form_data(shapes.HandBack))
    _keep_photos(session, person, row, stays.AT_HAND_BACK)
    found = len(inventory.differences(row))
    said = Words("已點交返還，清單相符。", "Handed back; the list is complete.")
    if found:
        said = Words("已點交返還，{n} 項有差異。", "Handed back; {n} lines differ.")
    flash(said.fill(n=found), "warn" if found else "ok")
    return redirect_to(".show_tenancy", tenancy_id=tenancy_id)


@pages.get("/tenancy-photos/<int:photo_id>", allows=signed_in)
def download_photo(session: Session, person: Person, photo_id: int) -> Any:
    """A photo of a hand-over, for who lives there and the officer."""
    photo = photos.read(session, person, photo_id)
    return attachment(photo.filename, photo.media_type, store().read(photo.stored, photo.sha256))


def _keep_photos(session: Session, person: Person, row: Tenancy, taken_at: str) -> None:
    for filename, content in sent_files("photos"):
        photos.add(session, person, now(), row, store(), taken_at, filename, content)


def _causes(row: Tenancy) -> list[tuple[Words, list[tuple[str, Words]]]]:
    """The causes to choose from, under the rule that gives the time."""
    headings = {
        "D-45": Words("人事異動（規則 D-45）", "Changes of post (rule D-45)"),
        "D-04": Words("購屋貸款（規則 D-04）", "A home loan (rule D-04)"),
        "D-21": Words("家庭變更（規則 D-21）", "The family changed (rule D-21)"),
        "D-46": Words(
            "終止借用（規則 D-46，期限與查證由你填）", "Ending the loan (rule D-46; you give the day and why)"
        ),
    }
    usable = [
        (code, cause)
        for code, cause in stays.CAUSES.items()
        if cause.term != stays.FAMILY_GONE or row.room.kind == say.FAMILY
    ]
    under = {rule: [(code, cause.words) for code, cause in usable if cause.rule == rule] for rule in headings}
    return [(headings[rule], options) for rule, options in under.items() if options]


def _track(row: Tenancy) -> list[dict[str, Any]]:
    """The story, dated, and what comes next."""
    told: list[dict[str, Any]] = [
        {"label": step.words, "when": step.at, "detail": Words.same(step.note) if step.note else None, "state": "past"}
        for step in row.story
    ]
    ahead = {
        stays.TO_SIGN: Words("簽約公證", "Sign and notarise"),
        stays.TO_MOVE_IN: Words("點交遷入", "Hand over and move in"),
        stays.LIVING: Words("期滿續約或點交返還", "Renew, or hand back at the end of the term"),
        stays.LEAVING: Words("遷出並點交返還", "Move out and hand back"),
    }
    if row.state in ahead:
        told.append({"label": ahead[row.state], "when": None, "state": "on"})
    return told
