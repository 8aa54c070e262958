"""Points held against papers, objections, and the ranking published anew: the forms on an application and on a round."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.web import flash, form_data, now, redirect_to, signed_in
from common.words import Words
from dorms import objections, schemas
from dorms.pages.applications import show_application
from dorms.pages.door import officers, pages
from dorms.pages.rounds import show_round


@pages.post("/applications/<int:application_id>/checks", allows=officers, again=show_application)
def check_line(session: Session, person: Person, application_id: int) -> Any:
    """Hold one line of points against the papers."""
    objections.check_line(session, person, now(), application_id, **form_data(schemas.CheckPoints))
    flash(Words("已登錄核對結果。", "The check is written down."))
    return redirect_to(".show_application", application_id=application_id)


@pages.post("/applications/<int:application_id>/objections", allows=signed_in, again=show_application)
def raise_objection(session: Session, person: Person, application_id: int) -> Any:
    """Object to one's points or rank."""
    objections.raise_objection(session, person, now(), application_id, **form_data(schemas.RaiseObjection))
    flash(Words("已送出異議；核配前會答覆。", "Sent; it is answered before any room is allotted."))
    return redirect_to(".show_application", application_id=application_id)


def show_again(session: Session, person: Person, application_id: int, objection_id: int) -> Any:
    """The application with the answer as it was typed."""
    return show_application(session, person, application_id)


@pages.post(
    "/applications/<int:application_id>/objections/<int:objection_id>/answer", allows=officers, again=show_again
)
def answer_objection(session: Session, person: Person, application_id: int, objection_id: int) -> Any:
    """Answer an objection."""
    objections.answer(session, person, now(), objection_id, **form_data(schemas.AnswerObjection))
    flash(Words("已答覆，並通知申請人。", "Answered; the applicant is being told."))
    return redirect_to(".show_application", application_id=application_id)


@pages.post("/rounds/<int:round_id>/republish", allows=officers, again=show_round)
def republish(session: Session, person: Person, round_id: int) -> Any:
    """Rank again by corrected points and publish."""
    objections.republish(session, person, now(), round_id, **form_data(schemas.RepublishRanking))
    flash(Words("已重新排序並公布，通知每一位申請人。", "Ranked again and published; every applicant is being told."))
    return redirect_to(".show_round", round_id=round_id)
