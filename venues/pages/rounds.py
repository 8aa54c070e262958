"""Rounds for everybody: the list, one round, its draw to check; registering, and one's own registration."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common import draw as draws
from common.identity import Person
from common.period import today
from common.roc import when_words
from common.web import anyone, flash, form_data, has_role, now, paged, redirect_to, render, signed_in
from common.words import Words
from venues.models import APPLIES, DECIDES, Registration, Round
from venues.pages.door import desk_pages
from venues.rounds import (
    checking,
    drawing,
    lottery,
    money,
    opening,
    parameters,
    places,
    registering,
    sent_papers,
    steps,
)
from venues.rounds import words as say
from venues.schemas import rounds as taken

pages = desk_pages("rounds")
applies = has_role(*APPLIES)


@pages.get("/rounds", allows=anyone)
def show_rounds(session: Session, person: Person | None) -> Any:
    """The rounds: what one can register for now, what is being drawn, what runs."""
    text = request.args.get("cursor", "")
    page = paged(
        session, steps.rounds_for(person), {"cursor": text if text.isdecimal() else None, "limit": 30}, Round.id
    )
    mine = {row.id: registering.mine_in(session, person, row) for row in page["items"]} if person else {}
    return render("venues/rounds.html", page=page, mine=mine, say=say, desk=_runs(person), today=today(now()))


@pages.get("/rounds/<int:round_id>", allows=anyone)
def show_round(session: Session, person: Person | None, round_id: int) -> Any:
    """One round: where it stands, its classes and papers, its rent, and one's own registrations."""
    row = steps.find_round(session, person, round_id)
    return render(
        "venues/round.html",
        row=row,
        track=track(row),
        counts=steps.counts(session, row),
        mine=registering.mine_in(session, person, row),
        source=opening.source_of(row),
        say=say,
        desk=_runs(person),
        may_register=person is not None and person.has(*APPLIES) and row.registering(now()),
        warnings=[parameters.number(session, key, today(now())) for key in _CONDUCT],
    )


@pages.get("/rounds/<int:round_id>/draw", allows=anyone)
def show_draw(session: Session, person: Person | None, round_id: int) -> Any:
    """The draw as anybody can check it, with one's own ticket marked."""
    row = steps.find_round(session, person, round_id)
    record = drawing.public_record(row) if row.listing else None
    asked = request.args.get("ticket", "").strip().upper()[:40]
    own = asked or drawing.own_ticket(registering.mine_in(session, person, row))
    classes = drawing.classes_of(row.listing) if row.listing else []
    return render(
        "venues/round_draw.html",
        row=row,
        record=record,
        track=track(row),
        own=own,
        mine=_found(record, own) if record and own else None,
        faults=drawing.verify(session, row) if row.result else [],
        places={one["place_no"]: one["ticket"] for one in record["holding"]} if record else {},
        firsts=lottery.first_places(classes),
        recipe=lottery.recipe(record["seed"], classes) if record and row.result else "",
        source=opening.source_of(row),
        description=draws.DESCRIPTION,
        say=say,
    )


@pages.get("/rounds/<int:round_id>/register", allows=applies)
def show_register(session: Session, person: Person, round_id: int) -> Any:
    """The form to register a firm; what it told last time is filled in (T-05)."""
    row = steps.find_round(session, person, round_id)
    on_paper = _runs(person)
    last = None if on_paper else registering.last_of(session, person)
    open_now = row.registering(now()) or (on_paper and row.status in (say.OPEN, say.CHECKING))
    return render(
        "venues/round_register.html",
        row=row,
        last=last,
        on_paper=on_paper,
        open_now=open_now,
        say=say,
        papers=_papers(row),
        sellers_needed=row.kind in registering.SELLERS_NEEDED,
    )


@pages.post("/rounds/<int:round_id>/register", allows=applies, again=show_register)
def register(session: Session, person: Person, round_id: int) -> Any:
    """Register."""
    entry: Any = form_data(taken.RegisterForRound)
    registration = registering.register(session, person, now(), round_id, entry)
    flash(Words("已登記，票號 {ticket}。", "Registered. The ticket is {ticket}.").fill(ticket=registration.ticket))
    return redirect_to(".show_registration", registration_id=registration.id)


@pages.get("/registrations/<int:registration_id>", allows=signed_in)
def show_registration(session: Session, person: Person, registration_id: int) -> Any:
    """One registration: where it stands, what is to do, its papers, its money; at the desk also its acts."""
    registration = steps.find(session, person, registration_id)
    desk = _runs(person)
    return render(
        "venues/registration.html",
        registration=registration,
        row=registration.round,
        wanted=registration.round.class_of(registration.class_code),
        missing=checking.missing(registration),
        papers=sent_papers.checklist(session, registration),
        dated=sent_papers.DATED,
        can_send=sent_papers.can_send(registration, person, now()),
        can_read=sent_papers.can_read(registration, person),
        steps=_steps(registration),
        desk=desk,
        acts=registration.acts(person),
        bar=registering.bar_of(session, registration.firm_number, registration.seller_id, today(now()))
        if desk
        else None,
        owed=money.owed(registration),
        to_return=money.to_return(registration),
        money_kinds=money.KINDS,
        say=say,
        checkable=desk and registration.round.status in checking.CHECKED_IN and registration.status not in say.GONE,
        can_leave=_can_leave(registration),
    )


@pages.post("/registrations/<int:registration_id>/withdraw", allows=signed_in, again=show_registration)
def withdraw(session: Session, person: Person, registration_id: int) -> Any:
    """Withdraw, decline or leave."""
    registration = places.withdraw(session, person, now(), registration_id, **form_data(taken.WithdrawIn))
    flash(Words("已辦理：{what}", "Done: {what}").fill(what=registration.status_words))
    return redirect_to(".show_registration", registration_id=registration.id)


@pages.post("/registrations/<int:registration_id>/accept", allows=signed_in, again=show_registration)
def accept(session: Session, person: Person, registration_id: int) -> Any:
    """Take the place."""
    registration = places.accept(session, person, now(), registration_id, **form_data(taken.WithRev))
    flash(Words("已接受；請依期限繳租金。", "Accepted. Please pay the rent in time."))
    return redirect_to(".show_registration", registration_id=registration.id)


@pages.post("/registrations/<int:registration_id>/papers", allows=signed_in, again=show_registration)
def send_papers(session: Session, person: Person, registration_id: int) -> Any:
    """Send the papers that were asked for."""
    registering.supplement(session, person, now(), registration_id, **form_data(taken.SendPapers))
    flash(Words("已送出補件。", "Sent; the desk looks at it again."))
    return redirect_to(".show_registration", registration_id=registration_id)


def track(row: Round) -> list[dict[str, Any]]:
    """The round's dated track: registration, eligibility, list and hash, draw, result, moving up."""
    listing, result = row.listing, row.result
    moved = sum(bool(entry.passed_to) for entry in row.log)
    dates = {
        "open": (row.registration_from, row.status not in (say.DRAFT, say.OPEN)),
        "checking": (row.registration_until, listing is not None),
        "published": (listing.at if listing else None, listing is not None),
        "seed": (row.seed_known_at, result is not None),
        "drawn": (result.at if result else None, result is not None),
        "waiting": (row.log[-1].at if row.log else None, row.status == say.ENDED),
    }
    notes = {
        "open": Words("到 {until}", "until {until}").fill(until=when_words(row.registration_until)),
        "published": Words("{n} 張票", "{n} tickets").fill(n=len(listing.tickets)) if listing else None,
        "waiting": Words("已遞補 {n} 次", "{n} moved up").fill(n=moved) if moved else None,
    }
    current = next((key for key, _ in say.STAGES if not dates[key][1]), None)
    if row.status == say.CANCELLED:
        current = None
    return [
        {
            "label": label,
            "when": dates[key][0],
            "detail": notes.get(key),
            "state": "past" if dates[key][1] else "on" if key == current else "next",
        }
        for key, label in say.STAGES
    ]


def _runs(person: Person | None) -> bool:
    return person is not None and person.has(*DECIDES)


def _papers(row: Round) -> list[tuple[str, Words, Words]]:
    """Every paper asked for, with the classes that need it where not all do."""
    out = []
    for code, label in say.PAPERS.items():
        wanting = [one.label for one in row.classes if code in one.papers]
        if wanting and len(wanting) < len(row.classes):
            hint = Words("、".join(each.zh for each in wanting), ", ".join(each.en for each in wanting))
            out.append((code, label, Words("只有：{who}", "Only: {who}").fill(who=hint)))
        elif wanting:
            out.append((code, label, Words("", "")))
    return out


def _found(record: dict[str, Any], ticket: str) -> dict[str, Any]:
    """What the draw gave a ticket, and where it stands now."""
    told: dict[str, Any] = {"ticket": ticket, "listed": ticket in record["tickets"], "place_no": None, "position": None}
    for one in record["results"]:
        if ticket in one["waiting"]:
            told["position"] = one["waiting"].index(ticket) + 1
    told["selected"] = ticket in record["selected"]
    told["place_no"] = next((one["place_no"] for one in record["holding"] if one["ticket"] == ticket), None)
    told["left"] = any(entry["ticket"] == ticket for entry in record["log"])
    return told


def _can_leave(registration: Registration) -> bool:
    row = registration.round
    if row.status in say.BEFORE_LIST:
        return registration.status not in say.GONE
    if row.status in say.LISTED:
        return registration.status == say.ELIGIBLE
    return row.status in say.AFTER_DRAW and registration.status in (*say.HAS_PLACE, say.WAITING)


def _steps(registration: Registration) -> list[dict[str, Any]]:
    out = []
    for step in registration.steps:
        bad = step.status in (say.INELIGIBLE, say.EXPELLED, say.LAPSED)
        told = {"label": say.STATUSES[step.status], "who": step.by and step.by.words, "when": step.at}
        out.append({**told, "detail": step.note, "state": "bad" if bad else "past"})
    if out:
        out[-1]["state"] = "bad" if out[-1]["state"] == "bad" else "on"
    return out


_CONDUCT = (parameters.WARNINGS, parameters.BAN_MONTHS, parameters.GRAVE_BAN_MONTHS, parameters.ANSWER_DAYS)
