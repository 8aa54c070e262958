"""The passenger survey and what it finds."""

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from common.identity import Person
from common.period import EARLIEST, Period, taipei
from common.web import anyone, has_role, now
from common.words import Words
from fleet import surveys
from fleet.api.door import api
from fleet.limiter import SURVEY_TRIES
from fleet.schemas.surveys import AnswerSurvey, SatisfactionOut, SatisfactionQuery, ThanksOut


@api.post(
    "/surveys/<code>", "answerSurvey", takes=AnswerSurvey, gives=ThanksOut, allows=anyone,
    about="Answer a trip's survey by its code, once and without sign-in (V-42). Who answers is not kept.",
)  # fmt: skip
def answer_survey(session: Session, person: Person | None, data: dict[str, Any], code: str) -> Any:
    SURVEY_TRIES.count(request.remote_addr or "", now())
    surveys.answer(session, now(), code, **data)
    return {"thanks": Words("謝謝！", "Thank you!")}


@api.get(
    "/satisfaction", "getSatisfaction", query=SatisfactionQuery, gives=SatisfactionOut, allows=has_role("dispatcher", "admin", "auditor"),
    about="(Very satisfied + satisfied) ÷ answers by agency, driver or dispatch decision; small counts are put together (V-43).",
)  # fmt: skip
def get_satisfaction(session: Session, person: Person, query: dict[str, Any]) -> Any:
    since = taipei(query["from_"], "00:00") if query["from_"] else EARLIEST
    until = taipei(query["until"], "00:00") if query["until"] else now()
    found = surveys.satisfaction(session, Period(since, until), query["by"], now())
    return {**found.whole.__dict__, "trips": found.trips, "groups": found.groups}
