"""The venue officer's desk for rooms: take-over, duty, agreements, breaches, parameters."""

from typing import Any

from common.errors import NotFound
from common.period import Period
from common.schemas import page_of
from common.web import now, paged, signed_in
from venues import agreements, duties, misuse, operators, room_rules, takeovers
from venues.api.door import api, decides
from venues.models import SEES_ALL, RoomAgreement, RoomOperators
from venues.schemas import rooms as shapes


@api.post(
    "/room-take-overs",
    "takeOverMeetingRoom",
    takes=shapes.TakeOver,
    gives=shapes.TakeOverOut,
    status=201,
    allows=decides,
)
def take_over_meeting_room(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """A meeting of the city's heads takes a booked room; who met there gets the nearest that fits (M-10)."""
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    meeting, displaced = takeovers.take_over(session, person, now(), period=period, **data)
    return {"meeting": meeting, "displaced": displaced}


@api.post("/room-duties", "declareRoomDuty", takes=shapes.DeclareDuty, gives=shapes.DutyOut, status=201, allows=decides)
def declare_room_duty(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Close the duty rooms for disaster duty; meetings there are moved or given back, everyone is told (M-04)."""
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    duty, _ = duties.declare(session, person, now(), period=period, **data)
    return duty


@api.get("/room-duties", "listRoomDuties", gives=shapes.DutiesOut, allows=signed_in)
def list_room_duties(session: Any, person: Any) -> Any:
    """Times of disaster duty, the newest first (M-04)."""
    return {"items": duties.duties(session), "next": None}


@api.post(
    "/room-duties/<int:duty_id>/lift", "liftRoomDuty", takes=shapes.LiftDuty, gives=shapes.DutyOut, allows=decides
)
def lift_room_duty(session: Any, person: Any, duty_id: int, data: dict[str, Any]) -> Any:
    """The duty is over: the rooms are free from now on."""
    return duties.lift(session, person, now(), duty_id, **data)


@api.get(
    "/room-agreements", "listRoomAgreements", query=shapes.AgreementQuery, gives=page_of(shapes.AgreementOut),
    allows=signed_in,
)  # fmt: skip
def list_room_agreements(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Questions put to one's agency or by it, newest first (M-03)."""
    found = agreements.visible(person)
    if query["waiting"]:
        found = found.where(RoomAgreement.answer == "")
    return paged(session, found, query, RoomAgreement.id)


@api.post(
    "/room-agreements/<int:agreement_id>/answer", "answerRoomAgreement", takes=shapes.AnswerAgreement,
    gives=shapes.AgreementOut, allows=signed_in,
)  # fmt: skip
def answer_room_agreement(session: Any, person: Any, agreement_id: int, data: dict[str, Any]) -> Any:
    """The managing agency agrees, and the meeting is booked, or declines, and the room is free (M-03)."""
    return agreements.answer(session, person, now(), agreement_id, **data)


@api.get("/room-findings", "listRoomFindings", gives=shapes.FindingsOut, allows=decides)
def list_room_findings(session: Any, person: Any) -> Any:
    """Unfair use that the history shows and nobody has judged yet (M-07)."""
    return {"items": misuse.found(session, now()), "next": None}


@api.post(
    "/room-breaches",
    "recordRoomBreach",
    takes=shapes.DecideFinding,
    gives=shapes.RoomBreachOut,
    status=201,
    allows=decides,
)
def record_room_breach(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Judge a finding; confirmed, it stops the person's booking for so many days (M-08)."""
    return misuse.decide(session, person, now(), **data)


@api.get("/room-breaches", "listRoomBreaches", gives=page_of(shapes.RoomBreachOut), allows=decides)
def list_room_breaches(session: Any, person: Any) -> Any:
    """What was judged, the newest first (at most 100)."""
    return {"items": misuse.breaches(session), "next": None}


@api.post(
    "/room-breaches/<int:breach_id>/lift",
    "liftRoomBreach",
    takes=shapes.LiftBreach,
    gives=shapes.RoomBreachOut,
    allows=decides,
)
def lift_room_breach(session: Any, person: Any, breach_id: int, data: dict[str, Any]) -> Any:
    """End a stop of booking before its time."""
    return misuse.lift(session, person, now(), breach_id, **data)


@api.get("/room-parameters", "listRoomParameters", gives=shapes.RoomParametersOut, allows=signed_in)
def list_room_parameters(session: Any, person: Any) -> Any:
    """Every version of the parameters of rooms, with rule and day."""
    return {"items": [row for rows in room_rules.versions(session).values() for row in rows], "next": None}


@api.post(
    "/room-parameters",
    "setRoomParameter",
    takes=shapes.SetRoomParameter,
    gives=shapes.RoomParameterOut,
    status=201,
    allows=decides,
)
def set_room_parameter(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """A new value from a day on; what has been stays as it was."""
    return room_rules.set_value(session, person, now(), **data)


@api.get("/agencies/<int:agency_id>/room-operators", "getRoomOperators", gives=shapes.OperatorsOut, allows=signed_in)
def get_room_operators(session: Any, person: Any, agency_id: int) -> Any:
    """Who books rooms for an agency (M-09); seen by that agency and the desk."""
    if person.agency_id != agency_id and not person.has(*SEES_ALL):
        raise NotFound
    return _operators(agency_id, operators.row_of(session, agency_id))


@api.post(
    "/agencies/<int:agency_id>/room-operators", "setRoomOperators", takes=shapes.SetOperators, gives=shapes.OperatorsOut,
    allows=signed_in,
)  # fmt: skip
def set_room_operators(session: Any, person: Any, agency_id: int, data: dict[str, Any]) -> Any:
    """Name the two or three who book rooms for an agency; an empty list lets every colleague (M-09)."""
    return _operators(agency_id, operators.set_for(session, person, now(), agency_id, **data))


def _operators(agency_id: int, row: RoomOperators | None) -> dict[str, Any]:
    ids = row.person_ids if row else []
    return {"agency_id": agency_id, "person_ids": ids, "rev": row.rev if row else None}
