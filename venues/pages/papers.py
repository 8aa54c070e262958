"""Papers of a booking, for people: the checklist, sending in, taking away, and the door a file leaves by."""

from typing import Any

from flask import request

from common.errors import Invalid
from common.uploads import CHOOSE
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.web.attachments import attachment, sent_files, store
from common.words import Words
from venues import bookings, papers, vocabulary
from venues.models import DECIDES
from venues.pages.door import desk_pages
from venues.schemas import aftercare as shapes

pages = desk_pages("papers")


@pages.get("/bookings/<int:booking_id>/papers", allows=signed_in)
def show_papers(session: Any, person: Any, booking_id: int) -> Any:
    """What a booking needs, what was sent in, and the form to send more."""
    booking = bookings.find(session, person, booking_id)
    officer = person.has(*DECIDES)
    kinds = [(code, kind.words) for code, kind in papers.KINDS.items() if officer or code != papers.DAMAGE_PHOTO]
    return render(
        "venues/papers.html", booking=booking, items=papers.checklist(session, booking), kinds=kinds, words=vocabulary,
        can_send=papers.can_add(booking, person), can_delete=officer or booking.status in vocabulary.UNDECIDED,
        wanted=request.args.get("kind"),
    )  # fmt: skip


@pages.post("/bookings/<int:booking_id>/papers", allows=signed_in, again=show_papers)
def send_paper(session: Any, person: Any, booking_id: int) -> Any:
    """Send a paper in."""
    kind = form_data(shapes.PaperKindForm)["kind"]
    sent = next(sent_files("file"), None)
    if sent is None:
        raise Invalid(CHOOSE, field="file")
    paper = papers.add(session, person, now(), booking_id, store(), kind=kind, filename=sent[0], content=sent[1])
    flash(Words("已收到{what}", "Received: {what}").fill(what=papers.KINDS[paper.kind].words))
    return redirect_to(".show_papers", booking_id=booking_id)


@pages.get("/papers/<int:paper_id>/file", allows=signed_in)
def download(session: Any, person: Any, paper_id: int) -> Any:
    """The file itself, to save; only for those who may see its booking."""
    paper = papers.read(session, person, paper_id)
    return attachment(paper.filename, paper.media_type, store().read(paper.stored, paper.sha256))


@pages.get("/papers/<int:paper_id>/delete", allows=signed_in)
def ask_delete(session: Any, person: Any, paper_id: int) -> Any:
    """Why a paper is taken away."""
    paper = papers.read(session, person, paper_id)
    return render("venues/paper_delete.html", paper=paper, booking=paper.booking, kinds=papers.KINDS)


@pages.post("/papers/<int:paper_id>/delete", allows=signed_in, again=ask_delete)
def delete(session: Any, person: Any, paper_id: int) -> Any:
    """Take a paper away."""
    reason = form_data(shapes.WithReason)["reason"]
    paper = papers.delete(session, person, now(), paper_id, store(), reason=reason)
    flash(Words("已刪除檔案，紀錄還在。", "The file is gone; the record stays."))
    return redirect_to(".show_papers", booking_id=paper.booking_id)
