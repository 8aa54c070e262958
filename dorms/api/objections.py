"""Operations on points held against papers, objections, and rankings published anew."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import PageQuery, page_of
from common.web import now, paged, signed_in
from dorms import objections, rounds, schemas
from dorms.api.door import OFFICER, api
from dorms.api.rounds import points_of
from dorms.models import Application, Objection


@api.post(
    "/applications/<int:application_id>/points/checks",
    "checkPoints",
    takes=schemas.CheckPoints,
    gives=schemas.PointsOut,
    allows=OFFICER,
)
def check_points(session: Session, person: Person, application_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Hold one line against the papers: as claimed, or other points with a reason, both told to the applicant. After
    publication the ranking has to be published anew."""
    return points_of(objections.check_line(session, person, now(), application_id, **data))


@api.post(
    "/applications/<int:application_id>/objections",
    "raiseObjection",
    takes=schemas.RaiseObjection,
    gives=schemas.ObjectionOut,
    status=201,
    allows=signed_in,
)
def raise_objection(session: Session, person: Person, application_id: int, data: dict[str, Any]) -> Objection:
    """Object to one's points or rank while the round takes objections."""
    return objections.raise_objection(session, person, now(), application_id, **data)


@api.get(
    "/rounds/<int:round_id>/objections",
    "listObjections",
    query=PageQuery,
    gives=page_of(schemas.ObjectionOut),
    allows=signed_in,
)
def list_objections(session: Session, person: Person, round_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """One's own objections in a round, newest first; the dormitory officer's are everybody's."""
    rounds.find(session, person, round_id)
    rows = select(Objection).join(Application).where(Application.round_id == round_id)
    if not person.has("dorm_officer"):
        rows = rows.where(Application.person_id == person.id)
    return paged(session, rows, query, Objection.id)


@api.post(
    "/objections/<int:objection_id>/answer",
    "answerObjection",
    takes=schemas.AnswerObjection,
    gives=schemas.ObjectionOut,
    allows=OFFICER,
)
def answer_objection(session: Session, person: Person, objection_id: int, data: dict[str, Any]) -> Objection:
    """Answer an objection, once. Rooms are not allotted before every one is answered."""
    return objections.answer(session, person, now(), objection_id, **data)


@api.post(
    "/rounds/<int:round_id>/ranking/republish",
    "republishRanking",
    takes=schemas.RepublishRanking,
    gives=schemas.RankingOut,
    allows=OFFICER,
)
def republish_ranking(session: Session, person: Person, round_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Rank again by corrected points with the same draw; the ranking it replaces stays readable, named by its hash."""
    row = objections.republish(session, person, now(), round_id, **data)
    return rounds.public_record(session, person, row)
