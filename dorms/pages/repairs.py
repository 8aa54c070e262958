"""Repairs, for people: asking with photos, the queue in order of application, estimate, work, acceptance (D-41, D-42)."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.period import today
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.web.attachments import attachment, sent_files, store
from common.words import Words
from dorms import occupancy
from dorms.models import Repair
from dorms.pages.door import officers, pages
from dorms.schemas import WithRev
from dorms.schemas import upkeep as shapes
from dorms.upkeep import houses, repairs, rows, terms


@pages.get("/repairs", allows=signed_in)
def show_repairs(session: Session, person: Person) -> Any:
    """The officer's queue in order of application; a resident's own, each with how many wait before it."""
    officer = person.has("dorm_officer")
    mine = repairs.mine(session, person)
    return render(
        "dorms/repairs.html",
        terms=terms,
        officer=officer,
        queue=repairs.queue(session) if officer else [],
        works=repairs.works(session) if officer else [],
        over=repairs.done_lately(session) if officer else [],
        mine=[] if officer else [(row, _ahead(session, row)) for row in mine],
        may_ask=officer or occupancy.current_stay(session, person.id) is not None,
    )


@pages.get("/repairs/new", allows=signed_in)
def show_new_repair(session: Session, person: Person) -> Any:
    """The form: for a resident the own room; for an officer any place."""
    officer = person.has("dorm_officer")
    tenancy = occupancy.current_stay(session, person.id)
    return render(
        "dorms/repair_new.html",
        terms=terms,
        officer=officer,
        tenancy=tenancy,
        rooms=occupancy.all_rooms(session) if officer else [],
        houses=houses.register(session) if officer else [],
        most=repairs.MOST_PHOTOS,
    )


@pages.post("/repairs", allows=signed_in, again=show_new_repair)
def request_repair(session: Session, person: Person) -> Any:
    """Ask."""
    row = repairs.request(session, person, now(), **form_data(shapes.RequestRepair))
    repairs.add_photos(session, person, now(), row.id, store(), sent_files("photos"))
    flash(Words("已收到 {number}", "We have {number}").fill(number=row.number))
    return redirect_to(".show_repair", repair_id=row.id)


@pages.get("/repairs/<int:repair_id>", allows=signed_in)
def show_repair(session: Session, person: Person, repair_id: int) -> Any:
    """One repair: how far it is, its photos, and the next step."""
    row = rows.find(session, Repair, person, repair_id)
    return render(
        "dorms/repair.html",
        terms=terms,
        row=row,
        officer=person.has("dorm_officer"),
        ahead=repairs.before(session, row) if row.payer == terms.AGENCY and row.is_open else [],
        today=today(now()),
        most=repairs.MOST_PHOTOS,
    )


@pages.post("/repairs/<int:repair_id>/photos", allows=signed_in, again=show_repair)
def add_photos(session: Session, person: Person, repair_id: int) -> Any:
    """More photos."""
    kept = repairs.add_photos(session, person, now(), repair_id, store(), sent_files("photos"))
    flash(Words("已收到 {n} 張照片", "{n} photos kept").fill(n=len(kept)))
    return redirect_to(".show_repair", repair_id=repair_id)


@pages.post("/repairs/<int:repair_id>/decide", allows=officers, again=show_repair)
def decide_repair(session: Session, person: Person, repair_id: int) -> Any:
    """Approve or refuse."""
    row = repairs.decide(session, person, now(), repair_id, **form_data(shapes.DecideRepair))
    flash(terms.REPAIR_STATES[row.state])
    return redirect_to(".show_repair", repair_id=repair_id)


@pages.post("/repairs/<int:repair_id>/start", allows=officers, again=show_repair)
def start_repair(session: Session, person: Person, repair_id: int) -> Any:
    """Work begins."""
    repairs.start(session, person, now(), repair_id, **form_data(shapes.StartRepair))
    flash(Words("已記錄開工", "Work begun, noted"))
    return redirect_to(".show_repair", repair_id=repair_id)


@pages.post("/repairs/<int:repair_id>/complete", allows=officers, again=show_repair)
def complete_repair(session: Session, person: Person, repair_id: int) -> Any:
    """Done and accepted."""
    repairs.complete(session, person, now(), repair_id, **form_data(shapes.CompleteRepair))
    flash(Words("已驗收", "Accepted"))
    return redirect_to(".show_repair", repair_id=repair_id)


@pages.post("/repairs/<int:repair_id>/take-back", allows=signed_in, again=show_repair)
def take_back_repair(session: Session, person: Person, repair_id: int) -> Any:
    """Not needed any more."""
    repairs.take_back(session, person, now(), repair_id, **form_data(WithRev))
    flash(Words("已撤回", "Taken back"), "info")
    return redirect_to(".show_repair", repair_id=repair_id)


@pages.get("/repair-photos/<int:photo_id>", allows=signed_in)
def download_repair_photo(session: Session, person: Person, photo_id: int) -> Any:
    """The photo, to save; for whoever may see its repair."""
    photo = repairs.read_photo(session, person, photo_id)
    return attachment(photo.filename, photo.media_type, store().read(photo.stored, photo.sha256))


def _ahead(session: Session, row: Repair) -> int:
    waiting = row.payer == terms.AGENCY and row.state in (terms.REQUESTED, terms.APPROVED)
    return len(repairs.before(session, row)) if waiting else 0
