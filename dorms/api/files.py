"""Stock and files as JSON: a room's story and next state, figures over the years, papers, corrections, one's own data."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.schemas import PageQuery, page_of
from common.web import database, now, signed_in
from dorms import applications, corrections, my_data, occupancy, papers, schemas, stock
from dorms import vocabulary as say
from dorms.api.door import OFFICER, api, cut
from dorms.models import Correction
from dorms.schemas import files as shapes


@api.get("/rooms/<int:room_id>/history", "getRoomHistory", gives=shapes.RoomHistoryOut, allows=OFFICER)
def get_room_history(session: Session, person: Person, room_id: int) -> dict[str, Any]:
    """A room's states, the latest first, each with its reason (D-47)."""
    return {"items": stock.story(occupancy.find_room(session, room_id))}


@api.post(
    "/rooms/<int:room_id>/state", "changeRoomState", takes=shapes.ChangeRoomState, gives=shapes.RoomHistoryOut,
    allows=OFFICER,
)  # fmt: skip
def change_room_state(session: Session, person: Person, room_id: int, data: dict[str, Any]) -> dict[str, Any]:
    """Close a room, put it in repair, or back, from a day on, for a reason. A room that somebody has or was offered is
    refused (D-47)."""
    return {"items": stock.story(stock.set_state(session, person, now(), room_id, **data))}


@api.get("/occupancy/years", "listOccupancyYears", query=PageQuery, gives=page_of(schemas.CountOut), allows=signed_in)
def list_occupancy_years(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """The rooms at 30 June and 31 December of each year, and today; the latest first (D-47)."""
    counted = [
        {
            "on": count.on, "building_id": None, "total": count.total, "lendable": count.lendable,
            "lendable_percent": count.lendable_percent, "let_percent": count.let_percent,
            **{state: count.of(state) for state in say.ROOM_STATES},
        }
        for count in stock.over_time(session, now())
    ]  # fmt: skip
    return cut(counted, query)


@api.get("/applications/<int:application_id>/papers", "getApplicationPapers", gives=shapes.PapersOut, allows=signed_in)
def get_application_papers(session: Session, person: Person, application_id: int) -> dict[str, Any]:
    """Which papers an application needs and which came: for its owner, and for the dormitory officer, whose look is
    written down (D-10, C-27)."""
    row = applications.find(session, person, application_id)
    if not row.is_of(person):
        at = now()
        database().transact(
            lambda writing: applications.note_look(writing, person, at, f"application/{application_id}", "check")
        )
    asked = papers.open_supplement(session, row)
    items = [
        {"kind": item.kind, "needed": item.needed, "there": item.there, "rule": item.about.rule}
        for item in papers.checklist(session, row)
    ]
    return {"items": items, "asked": asked.kinds if asked else [], "due_on": asked.due_on if asked else None}


@api.post(
    "/applications/<int:application_id>/supplement", "askForApplicationPapers", takes=shapes.AskForApplicationPapers,
    gives=shapes.PapersAskedOut, status=201, allows=OFFICER,
)  # fmt: skip
def ask_for_application_papers(
    session: Session, person: Person, application_id: int, data: dict[str, Any]
) -> dict[str, Any]:
    """Ask for missing papers until a day; the person is told and may send them until then (D-10)."""
    row = papers.ask(session, person, now(), application_id, **data)
    return {"application_id": row.application_id, "kinds": row.kinds, "due_on": row.due_on, "note": row.note}


@api.get(
    "/applications/<int:application_id>/looks",
    "listLooks",
    query=PageQuery,
    gives=page_of(shapes.LookOut),
    allows=signed_in,
)
def list_looks(session: Session, person: Person, application_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """Who looked at an application, when and why, the latest first: for its owner, and for the officer (C-22, C-27)."""
    row = applications.find(session, person, application_id)
    looked = [
        {
            "at": look.at,
            "by": look.by,
            "why": look.why.zh,
            "why_en": look.why.en,
            "family_and_home": look.family_and_home,
        }
        for look in my_data.looks(session, row)
    ]
    return cut(looked, query)


@api.get("/my-data", "getMyDormitoryData", gives=shapes.MyDormitoryData, allows=signed_in)
def get_my_dormitory_data(session: Session, person: Person) -> dict[str, Any]:
    """Everything the dormitory holds of the person who asks, and who looked at it (C-22)."""
    told: dict[str, Any] = my_data.plain_values(my_data.held(session, person))
    return told


@api.get("/corrections", "listCorrections", query=PageQuery, gives=page_of(shapes.CorrectionOut), allows=OFFICER)
def list_corrections(session: Session, person: Person, query: dict[str, Any]) -> dict[str, Any]:
    """Corrections of an answer of eligibility that wait for a decision, the oldest first (D-02 to D-05). What they say
    stands on their page, where the look is written down."""
    return cut(corrections.waiting(session), query)


@api.post(
    "/corrections/<int:correction_id>/decision", "decideCorrection", takes=shapes.DecideCorrection,
    gives=shapes.CorrectionOut, allows=OFFICER,
)  # fmt: skip
def decide_correction(session: Session, person: Person, correction_id: int, data: dict[str, Any]) -> Correction:
    """Grant a correction, after which that answer lets the application go on, or not; the reason is for the person."""
    return corrections.decide(session, person, now(), correction_id, **data)
