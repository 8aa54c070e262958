"""Rounds: opened, registered for, closed, published, drawn, checked by anybody, left (V7)."""

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import page_of
from common.uploads import Store
from common.web import anyone, now, paged, signed_in
from venues.api.door import api, applies, decides
from venues.models import Registration, Round
from venues.rounds import checking, conduct, drawing, money, opening, places, registering, sent_papers, steps, stops
from venues.schemas import rounds as taken
from venues.schemas import rounds_given as given


@api.post("/rounds", "openRound", takes=taken.OpenRound, gives=given.RoundOut, status=201, allows=decides)
def open_round(session: Session, person: Person, data: dict[str, Any]) -> dict[str, Any]:
    """Announce a round of stalls, gallery terms, contributed venues or a plaza (T-03, T-05), or keep it as a draft."""
    return _round(opening.open_round(session, person, now(), **data))


@api.get("/rounds", "listRounds", query=taken.RoundQuery, gives=page_of(given.RoundOut), allows=anyone)
def list_rounds(session: Session, person: Person | None, query: dict[str, Any]) -> dict[str, Any]:
    """The rounds, newest first."""
    found = steps.rounds_for(person)
    if query["kind"]:
        found = found.where(Round.kind == query["kind"])
    page = paged(session, found, query, Round.id)
    return {**page, "items": [_round(row) for row in page["items"]]}


@api.get("/rounds/<int:round_id>", "getRound", gives=given.RoundOut, allows=anyone)
def get_round(session: Session, person: Person | None, round_id: int) -> dict[str, Any]:
    """One round and how far it has come."""
    return _round(steps.find_round(session, person, round_id))


@api.post(
    "/rounds/<int:round_id>/announcement", "announceRound", takes=taken.WithRev, gives=given.RoundOut, allows=decides
)
def announce_round(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Let everybody see a draft."""
    return _round(opening.announce(session, person, now(), round_id, **data))


@api.post(
    "/rounds/<int:round_id>/registrations", "registerForRound", takes=taken.RegisterForRound, gives=given.RegistrationOut,
    status=201, allows=applies,
)  # fmt: skip
def register_for_round(session: Session, person: Person, round_id: int, data: registering.Entry) -> dict[str, Any]:
    """Register a firm for a class; one seller stands for one firm (T-04). At the desk: an entry from paper."""
    return _registration(registering.register(session, person, now(), round_id, data))


@api.get(
    "/registrations", "listRegistrations", query=taken.RegistrationQuery, gives=page_of(given.RegistrationOut),
    allows=signed_in,
)  # fmt: skip
def list_registrations(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """The own body's registrations, or all at the desk, newest first."""
    found = steps.visible(person)
    if query["round_id"]:
        found = found.where(Registration.round_id == query["round_id"])
    if query["status"]:
        found = found.where(Registration.status == query["status"])
    page = paged(session, found, query, Registration.id)
    return {**page, "items": [_registration(row) for row in page["items"]]}


@api.get("/registrations/<int:registration_id>", "getRegistration", gives=given.RegistrationOut, allows=signed_in)
def get_registration(session: Session, person: Person, registration_id: int) -> dict[str, Any]:
    """One registration."""
    return _registration(steps.find(session, person, registration_id))


@api.post(
    "/rounds/<int:round_id>/closing", "closeRegistration", takes=taken.CloseIn, gives=given.RoundOut, allows=decides
)
def close_registration(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """End registration; before the window's end a reason is needed."""
    return _round(opening.close_registration(session, person, now(), round_id, **data))


@api.post(
    "/rounds/<int:round_id>/eligible",
    "acceptCompleteRegistrations",
    takes=taken.WithRev,
    gives=given.CountOut,
    allows=decides,
)
def accept_complete(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Find every registration eligible whose papers are all ticked and that nobody has decided (T-06)."""
    return {"count": len(checking.find_complete_eligible(session, person, now(), round_id, **data))}


@api.post("/rounds/<int:round_id>/list", "publishRoundList", takes=taken.PublishIn, gives=given.DrawOut, allows=decides)
def publish_list(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Publish the tickets with their SHA-256 and name where and when the seed becomes known. Cannot be undone."""
    return drawing.public_record(checking.publish_list(session, person, now(), round_id, **data))


@api.post("/rounds/<int:round_id>/draw", "drawRound", takes=taken.DrawIn, gives=given.DrawOut, allows=decides)
def draw_round(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Enter the public seed. Drawn once a second officer enters the same, or at once with the document it stands in;
    until then `status` is `seed_named` and `order` empty. Not before `seed_known_at`."""
    return drawing.public_record(drawing.draw_round(session, person, now(), round_id, **data))


@api.get("/rounds/<int:round_id>/draw", "getDraw", gives=given.DrawOut, allows=anyone)
def get_draw(session: Session, person: Person | None, round_id: int) -> dict[str, Any]:
    """The draw as anybody can check it: list, hash, seed, order, selected, waiting, and what followed."""
    return drawing.public_record(steps.find_round(session, person, round_id))


@api.get("/rounds/<int:round_id>/draw/verification", "verifyDraw", gives=given.VerifiedOut, allows=anyone)
def verify_draw(session: Session, person: Person | None, round_id: int) -> dict[str, Any]:
    """Draw again from what was published; compare with the places given and with the audit log."""
    row = steps.find_round(session, person, round_id)
    found = drawing.verify(session, row)
    record = drawing.public_record(row)
    told = {"algorithm": record["algorithm"], "tickets_sha256": record["tickets_sha256"]}
    return {"ok": not found, "faults": [{"message": one.zh, "message_en": one.en} for one in found], **told}


@api.post(
    "/rounds/<int:round_id>/suspension", "suspendRound", takes=taken.SuspendIn, gives=given.RoundOut, allows=decides
)
def suspend_round(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Suspend the use of all places for some days; rent prepaid for them is returned (T-02)."""
    return _round(stops.suspend(session, person, now(), round_id, **data))


@api.post(
    "/rounds/<int:round_id>/cancellation", "cancelRound", takes=taken.ReasonIn, gives=given.RoundOut, allows=decides
)
def cancel_round(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Cancel a round; rent prepaid for days to come is returned."""
    return _round(stops.cancel(session, person, now(), round_id, **data))


@api.post(
    "/registrations/<int:registration_id>/withdrawal", "withdrawFromRound", takes=taken.WithdrawIn,
    gives=given.RegistrationOut, allows=signed_in,
)  # fmt: skip
def withdraw_from_round(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Withdraw at any time; after the draw the next of the class moves up by the same order."""
    return _registration(places.withdraw(session, person, now(), registration_id, **data))


@api.post(
    "/registrations/<int:registration_id>/acceptance", "acceptPlace", takes=taken.WithRev, gives=given.RegistrationOut,
    allows=signed_in,
)  # fmt: skip
def accept_place(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Take the place; the rent is due next."""
    return _registration(places.accept(session, person, now(), registration_id, **data))


@api.post(
    "/registrations/<int:registration_id>/papers", "sendRegistrationPapers", takes=taken.SendPapers,
    gives=given.RegistrationOut, allows=applies,
)  # fmt: skip
def send_papers(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Send the papers that were asked for."""
    return _registration(registering.supplement(session, person, now(), registration_id, **data))


@api.get(
    "/registrations/<int:registration_id>/papers", "listRegistrationPapers", gives=given.RegistrationPapersOut,
    allows=signed_in,
)  # fmt: skip
def list_papers(session: Session, person: Person, registration_id: int) -> dict[str, Any]:
    """The papers that a registration needs, which are ticked, and the files sent in (T-06)."""
    registration = steps.find(session, person, registration_id)
    return {"items": sent_papers.checklist(session, registration), "next": None}


@api.post(
    "/registrations/<int:registration_id>/files", "sendRegistrationFile", takes=taken.SendRegistrationPaper,
    gives=given.RegistrationPaperOut, status=201, allows=applies,
)  # fmt: skip
def send_file(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> Any:
    """Send a paper in as a file while registration runs, or when it was asked for; judged by its content (T-06)."""
    store = Store(current_app.config["SETTINGS"].uploads_dir)
    told = {"content": data.pop("file"), **data}
    return sent_papers.add(session, person, now(), registration_id, store, **told)


@api.post(
    "/registration-files/<int:paper_id>/deletion", "deleteRegistrationFile", takes=taken.ReasonForDeletion,
    gives=given.RegistrationPaperOut, allows=applies,
)  # fmt: skip
def delete_file(session: Session, person: Person, paper_id: int, data: dict[str, Any]) -> Any:
    """Take a file away for a reason; its row stays."""
    store = Store(current_app.config["SETTINGS"].uploads_dir)
    return sent_papers.delete(session, person, now(), paper_id, store, **data)


@api.post(
    "/registrations/<int:registration_id>/ticks", "tickRegistrationPapers", takes=taken.TickPapers,
    gives=given.RegistrationOut, allows=decides,
)  # fmt: skip
def tick_papers(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """The desk ticks the papers that are in order (T-06)."""
    return _registration(checking.tick_papers(session, person, now(), registration_id, **data))


@api.post(
    "/registrations/<int:registration_id>/papers-request", "askForRegistrationPapers", takes=taken.AskPapers,
    gives=given.RegistrationOut, allows=decides,
)  # fmt: skip
def ask_papers(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Ask for missing papers, due on a day (T-06)."""
    return _registration(checking.ask_for_supplement(session, person, now(), registration_id, **data))


@api.post(
    "/registrations/<int:registration_id>/eligible", "acceptRegistration", takes=taken.NoteIn, gives=given.RegistrationOut,
    allows=decides,
)  # fmt: skip
def accept_registration(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Find a registration eligible; also after an appeal."""
    return _registration(checking.find_eligible(session, person, now(), registration_id, **data))


@api.post(
    "/registrations/<int:registration_id>/refusal", "refuseRegistration", takes=taken.ReasonIn, gives=given.RegistrationOut,
    allows=decides,
)  # fmt: skip
def refuse_registration(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Find a registration not eligible, with the reason and the day until when an appeal is heard."""
    return _registration(checking.refuse(session, person, now(), registration_id, **data))


@api.post(
    "/registrations/<int:registration_id>/payment", "recordRent", takes=taken.PaymentIn, gives=given.RegistrationOut,
    allows=decides,
)  # fmt: skip
def record_rent(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Record the rent received in advance, under a receipt."""
    return _registration(places.record_payment(session, person, now(), registration_id, **data))


@api.post(
    "/registrations/<int:registration_id>/payout", "recordRentRefund", takes=taken.PayoutIn, gives=given.RegistrationOut,
    allows=decides,
)  # fmt: skip
def record_refund(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Record that a refund was paid out."""
    return _registration(places.record_payout(session, person, now(), registration_id, **data))


@api.post(
    "/registrations/<int:registration_id>/warning", "warnStall", takes=taken.WarnIn, gives=given.RegistrationOut,
    allows=decides,
)  # fmt: skip
def warn_stall(session: Session, person: Person, registration_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Warn the holder of a place; too many, or a grave breach, bar the firm (T-08)."""
    return _registration(conduct.warn(session, person, now(), registration_id, **data))


def _round(row: Round) -> dict[str, Any]:
    names = ("id", "number", "kind", "status", "rev", "title", "place", "place_en", "classes", "rent", "rent_per")
    told = {name: getattr(row, name) for name in (*names, "seed_source", "seed_known_at")}
    return told | {
        "title_en": row.label.en,
        "sample": row.rent_sample,
        "registration": {"from_": row.registration_from, "until": row.registration_until},
        "term": {"from_": row.term_from, "until": row.term_until},
        "tickets_sha256": row.listing.tickets_sha256 if row.listing else None,
    }


def _registration(row: Registration) -> dict[str, Any]:
    names = [name for name in given.RegistrationOut().fields if name not in ("owed", "to_return", "seller_id")]
    told = {name: getattr(row, name) for name in names}
    return told | {"seller_masked": row.seller_masked, "owed": money.owed(row), "to_return": money.to_return(row)}
