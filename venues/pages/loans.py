"""Lending things by the count: the list, asking, one loan from request to return, the stock."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import func

from common.period import today
from common.web import flash, form_data, has_role, now, paged, redirect_to, render, signed_in
from common.words import Words
from venues import lending, loans
from venues.ground_rules import find
from venues.models import Loan
from venues.pages.door import EVERYBODY, applies, asked_cursor, asked_day, decides, desk_pages, oversees
from venues.schemas import loans as shapes
from venues.terms import LOAN_STATES, LOAN_TONES

pages = desk_pages("loans")
readers = has_role(*EVERYBODY)


@pages.get("/loans", allows=readers)
def show_loans(session: Any, person: Any) -> Any:
    """The loans this person may see; what is overdue stands first."""
    which = request.args.get("show", "")
    seen = loans.visible(person)
    counted = seen.with_only_columns(Loan.status, func.count()).group_by(Loan.status).order_by(None)
    counts = dict(session.execute(counted).all())
    page = paged(session, seen.where(Loan.status == which) if which in LOAN_STATES else seen, asked_cursor(), Loan.id)
    late = [loan for loan in loans.overdue(session, now()) if loan.can_see(person)]
    return render(
        "venues/loans.html", page=page, which=which, counts=counts, states=LOAN_STATES, tones=LOAN_TONES, late=late,
        day=today(now()), may_ask=applies.passes(person), oversees=oversees.passes(person),
    )  # fmt: skip


@pages.get("/loans/new", allows=applies)
def ask_loan(session: Any, person: Any) -> Any:
    """How many of each thing are free in some days, and the form to ask for them."""
    first = asked_day("starts_on")
    last = max(asked_day("ends_on"), first)
    last = min(last, first + timedelta(days=366))
    free = [
        (thing, lending.free(session, thing, first, last, now()), lending.late(session, thing.id, now()))
        for thing in lending.things(session)
    ]
    return render("venues/loan_new.html", free=free, first=first, last=last, day=today(now()))


@pages.post("/loans/new", allows=applies, again=ask_loan)
def request_loan(session: Any, person: Any) -> Any:
    """Ask for them; they are promised from now on."""
    loan = loans.request(session, person, now(), **form_data(shapes.RequestLoan))
    flash(Words("已送出，物品先替你保留。", "Sent; the things are kept for you."))
    return redirect_to(".show_loan", loan_id=loan.id)


@pages.get("/loans/<int:loan_id>", allows=signed_in)
def show_loan(session: Any, person: Any, loan_id: int) -> Any:
    """One loan: its things, and the next step."""
    loan = find(session, Loan, loan_id, person)
    mine = loan.is_of(person) or decides.passes(person)
    return render(
        "venues/loan.html", loan=loan, tones=LOAN_TONES, day=today(now()), keeper=decides.passes(person),
        may_cancel=mine and loan.status in ("requested", "approved"),
    )  # fmt: skip


@pages.post("/loans/<int:loan_id>/approve", allows=decides, again=show_loan)
def approve(session: Any, person: Any, loan_id: int) -> Any:
    """Approve it."""
    loans.decide(session, person, now(), loan_id, approve=True, **form_data(shapes.ApproveLoan))
    return _done(Words("已核准，會通知申請單位。", "Approved; the applicant is told."), loan_id)


@pages.post("/loans/<int:loan_id>/reject", allows=decides, again=show_loan)
def reject(session: Any, person: Any, loan_id: int) -> Any:
    """Reject it for a reason."""
    loans.decide(session, person, now(), loan_id, approve=False, **form_data(shapes.RejectLoan))
    return _done(Words("已駁回，物品已釋出。", "Rejected; the things are free again."), loan_id)


@pages.post("/loans/<int:loan_id>/cancel", allows=signed_in, again=show_loan)
def cancel(session: Any, person: Any, loan_id: int) -> Any:
    """Call it off."""
    loans.cancel(session, person, now(), loan_id, **form_data(shapes.CancelLoan))
    return _done(Words("已取消", "Cancelled"), loan_id)


@pages.post("/loans/<int:loan_id>/hand-out", allows=decides, again=show_loan)
def hand_out(session: Any, person: Any, loan_id: int) -> Any:
    """The things left."""
    data = form_data(shapes.HandOutLoan)
    loans.hand_out(session, person, now(), loan_id, counts=data["items"], rev=data["rev"])
    return _done(Words("已登記領用", "Handed out"), loan_id)


@pages.post("/loans/<int:loan_id>/take-back", allows=decides, again=show_loan)
def take_back(session: Any, person: Any, loan_id: int) -> Any:
    """Things came back."""
    loan = loans.take_back(session, person, now(), loan_id, **form_data(shapes.TakeBackLoan))
    said = Words("已全數歸還", "All of it is back") if loan.status == "returned" else Words("已登記歸還", "Noted")
    return _done(said, loan_id)


def _done(said: Words, loan_id: int) -> Any:
    flash(said)
    return redirect_to(".show_loan", loan_id=loan_id)


# ── The stock ─────────────────────────────────────────────────────────────────


@pages.get("/things", allows=oversees)
def show_things(session: Any, person: Any, lent_thing_id: int | None = None) -> Any:
    """How many there are of each thing, out now, and what to come is short."""
    day = today(now())
    things = lending.things(session, every=True)
    out = {thing.id: lending.out_now(session, thing.id) for thing in things}
    short = lending.short_days(session, now())
    return render(
        "venues/things.html", things=things, out=out, day=day, short=short, by_id={each.id: each for each in things},
        keeper=decides.passes(person), free={each.id: lending.free(session, each, day, day, now()) for each in things},
    )  # fmt: skip


@pages.post("/things", allows=decides, again=show_things)
def add_thing(session: Any, person: Any) -> Any:
    """A new kind of thing."""
    thing = lending.add_thing(session, person, now(), **form_data(shapes.AddLentThing))
    flash(Words("已加入{what}", "{what} added").fill(what=thing.label))
    return redirect_to(".show_things")


@pages.post("/things/stock", allows=decides, again=show_things)
def set_stock(session: Any, person: Any) -> Any:
    """How many there are from a day on."""
    thing_id = form_data(shapes.LoanItemIn)["thing_id"]
    thing = lending.set_stock(session, person, now(), thing_id, **form_data(shapes.SetLentStock))
    flash(Words("已登記{what}的數量", "{what}: entered").fill(what=thing.label))
    return redirect_to(".show_things")
