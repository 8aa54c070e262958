"""Papers of a registration for people: sending a file in, opening it, taking it away; the desk's ticks (T-06)."""

from typing import Any

from sqlalchemy.orm import Session

from common.errors import Invalid
from common.identity import Person
from common.uploads import CHOOSE
from common.web import flash, form_data, now, redirect_to, signed_in
from common.web.attachments import attachment, sent_files, store
from common.words import Words
from venues.pages.door import decides
from venues.pages.rounds import pages, show_registration
from venues.rounds import checking, sent_papers
from venues.rounds import words as say
from venues.schemas import rounds as taken


@pages.post("/registrations/<int:registration_id>/files", allows=signed_in, again=show_registration)
def send_file(session: Session, person: Person, registration_id: int) -> Any:
    """Send a paper in."""
    told = form_data(taken.RegistrationPaperForm)
    sent = next(sent_files("file"), None)
    if sent is None:
        raise Invalid(CHOOSE, field="file")
    paper = sent_papers.add(session, person, now(), registration_id, store(), filename=sent[0], content=sent[1], **told)
    flash(Words("已收到{what}", "Received: {what}").fill(what=say.PAPERS[paper.kind]))
    return redirect_to(".show_registration", registration_id=registration_id)


@pages.get("/registration-files/<int:paper_id>", allows=signed_in)
def download(session: Session, person: Person, paper_id: int) -> Any:
    """The file itself, to save; only for its firm and the desk."""
    paper = sent_papers.read(session, person, paper_id)
    return attachment(paper.filename, paper.media_type, store().read(paper.stored, paper.sha256))


def _its_registration(session: Session, person: Person, paper_id: int) -> Any:
    return show_registration(session, person, sent_papers.read(session, person, paper_id).registration_id)


@pages.post("/registration-files/<int:paper_id>/delete", allows=signed_in, again=_its_registration)
def delete_file(session: Session, person: Person, paper_id: int) -> Any:
    """Take a file away."""
    reason = form_data(taken.ReasonForDeletion)["reason"]
    paper = sent_papers.delete(session, person, now(), paper_id, store(), reason=reason)
    flash(Words("已刪除檔案，紀錄還在。", "The file is gone; the record stays."))
    return redirect_to(".show_registration", registration_id=paper.registration_id)


@pages.post("/registrations/<int:registration_id>/ticks", allows=decides, again=show_registration)
def tick_papers(session: Session, person: Person, registration_id: int) -> Any:
    """The desk ticks what is in order."""
    checking.tick_papers(session, person, now(), registration_id, **form_data(taken.TickPapers))
    flash(Words("已存勾選結果。", "The ticks are kept."))
    return redirect_to(".show_registration", registration_id=registration_id)
