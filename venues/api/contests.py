"""Contests of the same slots: the published list, the draw, another choice for those who lost (S-30)."""

from typing import Any

from sqlalchemy import select

from common import draw
from common.schemas import page_of
from common.web import now, paged, signed_in
from venues import contests, second_choice
from venues.api.door import api, applies, decides
from venues.models import Contest
from venues.models.contest import DECIDED, LOST, WON
from venues.schemas import contests as shapes
from venues.schemas import given


@api.get("/contests", "listContests", query=shapes.ContestQuery, gives=page_of(shapes.ContestOut), allows=signed_in)
def list_contests(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Every contest, newest first; names nobody."""
    found = select(Contest)
    if query["state"]:
        found = found.where(Contest.state == query["state"])
    page = paged(session, found, query, Contest.id)
    return page | {"items": [_contest(each, person) for each in page["items"]]}


@api.get("/contests/<int:contest_id>", "getContest", gives=shapes.ContestOut, allows=signed_in)
def get_contest(session: Any, person: Any, contest_id: int) -> Any:
    """One contest with everything that is published of it."""
    return _contest(contests.find(session, contest_id), person)


@api.post("/contests/<int:contest_id>/draw", "drawTie", takes=shapes.DrawTie, gives=shapes.ContestOut, allows=decides)
def draw_tie(session: Any, person: Any, contest_id: int, data: dict[str, Any]) -> Any:
    """Draw the published list with the public seed: classes first, lots within a class."""
    return _contest(contests.draw_tie(session, person, now(), contest_id, **data), person)


@api.post(
    "/bookings/<int:booking_id>/slots",
    "chooseOtherSlots",
    takes=shapes.ChooseAgain,
    gives=given.BookingOut,
    allows=applies,
)
def choose_other_slots(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Other slots for an application that lost its contest, without applying anew."""
    return second_choice.choose(session, person, now(), booking_id, **data)


def _contest(contest: Contest, person: Any) -> dict[str, Any]:
    shape = {name: getattr(contest, name) for name in ("id", "rev", "state", "closes_at", "seed_at")}
    listed = [
        {
            "ticket": entry.ticket,
            "applicant_class": entry.booking.applicant_class,
            "result": entry.result,
            "booking_id": entry.booking_id if entry.booking.can_see(person) else None,
        }
        for entry in contest.listed
    ]
    right = contest.state == DECIDED and (not contest.order or not draw.faults(contest.published))
    return (
        shape
        | contest.published
        | {
            "applications": len(contest.running) if contest.state != DECIDED else len(contest.entries),
            "drawn_among": listed,
            "selected": [each["ticket"] for each in listed if each["result"] == WON],
            "waiting": [each["ticket"] for each in listed if each["result"] == LOST],
            "right": right,
        }
    )
