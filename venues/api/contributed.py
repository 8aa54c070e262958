"""Contributed venues: surveys, wishes, the published list, the allotment, what is left."""

from typing import Any

from sqlalchemy import select

from common import draw
from common.roc import HalfYear
from common.schemas import page_of
from common.web import has_role, now, paged, signed_in
from venues import contributed, contributed_draw
from venues.api.door import api, decides
from venues.ground_rules import find
from venues.models import ContributedSurvey
from venues.schemas import contributed as shapes

wishes = has_role("officer", "venue_officer", "admin")


@api.get(
    "/contributed-surveys", "listContributedSurveys", query=shapes.ContributedQuery,
    gives=page_of(shapes.ContributedSurveyOut), allows=signed_in,
)  # fmt: skip
def list_contributed_surveys(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Each half-year of each contributed venue, and the days that are given (G-03)."""
    return paged(session, select(ContributedSurvey), query, ContributedSurvey.id)


@api.post(
    "/contributed-surveys", "openContributedSurvey", takes=shapes.OpenContributedSurvey,
    gives=shapes.ContributedSurveyOut, status=201, allows=decides,
)  # fmt: skip
def open_contributed_survey(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Ask the agencies which days they wish for."""
    half = HalfYear.parse(data.pop("half_year"), field="half_year")
    return contributed.open_survey(session, person, now(), half_year=half, **data)


@api.post(
    "/contributed-surveys/<int:contributed_survey_id>/wishes", "wishContributedDays", takes=shapes.WishContributedDays,
    gives=shapes.ContributedSurveyOut, allows=wishes,
)  # fmt: skip
def wish_contributed_days(session: Any, person: Any, contributed_survey_id: int, data: dict[str, Any]) -> Any:
    """An agency's days, the dearest first; sent again they take the place of the earlier ones."""
    return contributed.wish(session, person, now(), contributed_survey_id, **data)


@api.post(
    "/contributed-surveys/<int:contributed_survey_id>/publish", "publishContributedList",
    takes=shapes.PublishContributedList, gives=shapes.ContributedSurveyOut, allows=decides,
)  # fmt: skip
def publish_contributed_list(session: Any, person: Any, contributed_survey_id: int, data: dict[str, Any]) -> Any:
    """Fix the list, the wishes, the seed's source and its moment under one SHA-256, after the closing day (G-03)."""
    return contributed_draw.publish(session, person, now(), contributed_survey_id, **data)


@api.post(
    "/contributed-surveys/<int:contributed_survey_id>/allot", "allotContributedDays", takes=shapes.AllotContributedDays,
    gives=shapes.ContributedSurveyOut, allows=decides,
)  # fmt: skip
def allot_contributed_days(session: Any, person: Any, contributed_survey_id: int, data: dict[str, Any]) -> Any:
    """Enter the public seed. By a second officer who enters the same, or with the document it stands in, the days are given
    and every agency is told what it got, and why."""
    return contributed_draw.allot(session, person, now(), contributed_survey_id, **data)


@api.get(
    "/contributed-surveys/<int:contributed_survey_id>/allotment", "getContributedAllotment",
    gives=shapes.ContributedAllotmentOut, allows=signed_in,
)  # fmt: skip
def get_contributed_allotment(session: Any, person: Any, contributed_survey_id: int) -> Any:
    """List, seed, order, every wish's answer with its reason, and what differs when it is worked out again."""
    survey = find(session, ContributedSurvey, contributed_survey_id)
    answers = [
        {
            "ticket": each.ticket,
            "rank": each.rank,
            "day": each.day,
            "round": each.round,
            "reason": why.zh,
            "reason_en": why.en,
        }
        for each, why in contributed_draw.answers_of(survey)
    ]
    done = survey.status == "allotted"
    return {
        "survey_id": survey.id, "tickets": survey.tickets, "tickets_sha256": survey.tickets_sha256,
        "announced_sha256": survey.announced_sha256, "seed_known_at": survey.seed_known_at,
        "wishes": [{"ticket": ticket, "days": days} for ticket, days in sorted(survey.listed.items())],
        "seed_from": survey.seed_from, "seed": survey.seed, "seed_entries": contributed_draw.entries(survey),
        "algorithm": draw.ALGORITHM, "order": survey.draw_order, "quota": survey.quota, "answers": answers,
        "faults": [each.zh for each in contributed_draw.faults(session, survey)] if done else [],
    }  # fmt: skip


@api.post(
    "/contributed-surveys/<int:contributed_survey_id>/days", "takeContributedDay", takes=shapes.TakeContributedDay,
    gives=shapes.ContributedDayOut, status=201, allows=wishes,
)  # fmt: skip
def take_contributed_day(session: Any, person: Any, contributed_survey_id: int, data: dict[str, Any]) -> Any:
    """A day that was left over or given back, to whoever comes first."""
    return contributed.take(session, person, now(), contributed_survey_id, **data)


@api.post(
    "/contributed-days/<int:contributed_day_id>/give-back", "giveBackContributedDay",
    takes=shapes.GiveBackContributedDay, gives=shapes.ContributedDayOut, allows=wishes,
)  # fmt: skip
def give_back_contributed_day(session: Any, person: Any, contributed_day_id: int, data: dict[str, Any]) -> Any:
    """An agency does not use its day after all; others may have it."""
    return contributed.give_back(session, person, now(), contributed_day_id, **data)
