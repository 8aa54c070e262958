"""The file of an application for people: papers, what is missing, asking for it; corrections of an answer."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.period import today
from common.uploads import CHOOSE
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.web.attachments import attachment, sent_files, store
from common.words import Words
from dorms import applications, corrections, eligibility, papers, rounds, rulebook
from dorms.pages.door import note_look, officers, pages, staff
from dorms.schemas import files as shapes

# ── Papers ────────────────────────────────────────────────────────────────────


@pages.get("/applications/<int:application_id>/papers", allows=signed_in)
def show_papers(session: Session, person: Person, application_id: int) -> Any:
    """What an application needs, what was sent, what is asked for. An officer's look is written down (C-27)."""
    row = applications.find(session, person, application_id)
    own = row.is_of(person)
    if not own:
        note_look(person, f"application/{row.id}", "check")
    days = rulebook.number(session, rulebook.SUPPLEMENT_DAYS, today(now()))
    return render(
        "dorms/papers.html",
        row=row,
        own=own,
        items=papers.checklist(session, row),
        missing=papers.missing(session, row),
        asked=papers.open_supplement(session, row),
        can_send=papers.can_send(session, row, person, now()),
        can_ask=not own and row.state == "submitted" and row.round.ranked_at is None,
        kinds=list(papers.CHOICES.items()),
        names=papers.CHOICES,
        due_on=today(now()) + timedelta(days=days.value),
        days=days,
        day=today(now()),
    )


@pages.post("/applications/<int:application_id>/papers", allows=signed_in, again=show_papers)
def send_paper(session: Session, person: Person, application_id: int) -> Any:
    """Send a paper in."""
    applications.find(session, person, application_id)
    kind = form_data(shapes.PaperForm)["kind"]
    sent = next(sent_files("file"), None)
    if sent is None:
        raise Invalid(CHOOSE, field="file")
    papers.add(session, person, now(), application_id, store(), kind=kind, filename=sent[0], content=sent[1])
    flash(Words("已收到{what}", "Received: {what}").fill(what=papers.CHOICES[kind]))
    return redirect_to(".show_papers", application_id=application_id)


@pages.post("/applications/<int:application_id>/supplement", allows=officers, again=show_papers)
def ask_for_papers(session: Session, person: Person, application_id: int) -> Any:
    """Ask for what is missing until a day."""
    row = papers.ask(session, person, now(), application_id, **form_data(shapes.AskForApplicationPapers))
    words = Words("已通知申請人在 {day}前補件。", "The applicant is asked to send them by {day}.")
    flash(words.fill(day=row.due_on.isoformat()))
    return redirect_to(".show_papers", application_id=application_id)


@pages.get("/rounds/<int:round_id>/papers", allows=officers)
def show_lacking(session: Session, person: Person, round_id: int) -> Any:
    """Whose papers are not all there: by code, what is missing, asked for until when."""
    row = rounds.find(session, person, round_id)
    return render(
        "dorms/lacking.html",
        row=row,
        rows=papers.lacking(session, person, row),
        names=papers.CHOICES,
        day=today(now()),
    )


@pages.get("/papers/<int:paper_id>/file", allows=signed_in)
def download_paper(session: Session, person: Person, paper_id: int) -> Any:
    """The file itself, to save; an officer's look is written down (C-27)."""
    paper = papers.read(session, person, paper_id)
    whole = paper.application or paper.correction
    if whole is not None and whole.person_id != person.id:
        kind = "application" if paper.application_id else "correction"
        note_look(person, f"{kind}/{whole.id}", "paper")
    return attachment(paper.filename, paper.media_type, store().read(paper.stored, paper.sha256))


def _its_papers(session: Session, person: Person, paper_id: int) -> Any:
    paper = papers.read(session, person, paper_id)
    return show_papers(session, person, paper.application_id or 0)


@pages.post("/papers/<int:paper_id>/delete", allows=signed_in, again=_its_papers)
def delete_paper(session: Session, person: Person, paper_id: int) -> Any:
    """Take a paper away."""
    papers.read(session, person, paper_id)
    paper = papers.delete(session, person, now(), paper_id, store(), **form_data(shapes.TakeAwayForm))
    flash(Words("已刪除檔案，紀錄還在。", "The file is gone; the record stays."))
    return redirect_to(".show_papers", application_id=paper.application_id)


# ── Corrections ───────────────────────────────────────────────────────────────


@pages.get("/corrections/new", allows=staff)
def show_new_correction(session: Session, person: Person) -> Any:
    """Say why an answer that ends the application is wrong."""
    row = applications.open_round(session, now(), round_id=_round_id())
    return render(
        "dorms/correction_new.html",
        row=row,
        questions=[(each.field, each.ask, each.rule) for each in eligibility.asked(row.kind)],
        wanted=request.values.get("question"),
        mine=corrections.of_person(session, row.id, person),
        words=_asks(),
        states=corrections.STATES,
        tones=corrections.TONES,
    )


@pages.post("/corrections", allows=staff, again=show_new_correction)
def ask_for_correction(session: Session, person: Person) -> Any:
    """Ask for it, with papers."""
    row = applications.open_round(session, now(), round_id=_round_id())
    data = form_data(shapes.CorrectionForm)
    made = corrections.ask(session, person, now(), row, store(), files=list(sent_files("file")), **data)
    flash(Words("已送出更正申請；有結果會通知你。", "Sent. You will be told of the decision."))
    return redirect_to(".show_correction", correction_id=made.id)


@pages.get("/corrections", allows=officers)
def show_corrections(session: Session, person: Person) -> Any:
    """Those to be decided, by number: names on the page of each."""
    return render("dorms/corrections.html", rows=corrections.waiting(session), words=_asks())


@pages.get("/corrections/<int:correction_id>", allows=signed_in)
def show_correction(session: Session, person: Person, correction_id: int) -> Any:
    """One correction: for who asked, and the officer, whose look is written down (C-27)."""
    row = corrections.find(session, person, correction_id)
    own = row.person_id == person.id
    if not own:
        note_look(person, f"correction/{row.id}", "correction")
    return render(
        "dorms/correction.html",
        row=row,
        own=own,
        question=next(each for each in eligibility.QUESTIONS if each.field == row.question),
        states=corrections.STATES,
        tones=corrections.TONES,
        open_now=row.round.stage(now()) == "open",
    )


@pages.post("/corrections/<int:correction_id>/decide", allows=officers, again=show_correction)
def decide_correction(session: Session, person: Person, correction_id: int) -> Any:
    """Grant it or not."""
    corrections.decide(session, person, now(), correction_id, **form_data(shapes.DecideCorrection))
    flash(Words("已決定，並通知申請人。", "Decided; the person is being told."))
    return redirect_to(".show_corrections")


def _round_id() -> int:
    given = request.values.get("round_id") or request.values.get("round") or ""
    return int(given) if given.isdecimal() and len(given) < 18 else 0


def _asks() -> dict[str, Words]:
    return {each.field: each.ask for each in eligibility.QUESTIONS}
