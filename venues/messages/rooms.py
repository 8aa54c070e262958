"""Facts about what happens to meetings after they are booked, and about breaches of the rules of rooms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.messages import Fact, fields, post
from common.words import Words
from venues.messages.meetings import MeetingFact, meeting_body_of
from venues.models import Meeting, RoomAgreement, RoomBreach, Venue


class MeetingMoved(MeetingFact):
    """A meeting has another time, room, title or number of people; what it was before is told too."""

    type = "venues.meeting_moved.v1"

    status = fields.String(required=True, metadata={"description": "held while an agreement is asked for, else booked"})
    previous_room = fields.String(required=True, metadata={"description": "the room it had, in 繁中"})
    previous_room_en = fields.String(required=True, metadata={"description": "the room it had, in English"})
    previous_starts_at = fields.DateTime(required=True, metadata={"description": "when it was to start"})
    previous_ends_at = fields.DateTime(required=True, metadata={"description": "when it was to end"})


class MeetingTakenOver(MeetingFact):
    """A meeting's room was taken for a city need (M-04, M-10); it now has another one, or none when `lost`."""

    type = "venues.meeting_taken_over.v1"

    previous_room = fields.String(required=True, metadata={"description": "the room it had, in 繁中"})
    previous_room_en = fields.String(required=True, metadata={"description": "the room it had, in English"})
    lost = fields.Boolean(required=True, metadata={"description": "no other room was free"})
    offers = fields.String(required=True, metadata={"description": "rooms that are free then, in 繁中; empty: none"})
    offers_en = fields.String(required=True, metadata={"description": "the same in English"})
    reason = fields.String(required=True, metadata={"description": "why the room was taken"})


class MeetingReleasedUnused(MeetingFact):
    """Nobody came within the minutes of grace, so the room is free again (M-05)."""

    type = "venues.meeting_released_unused.v1"

    minutes = fields.Integer(required=True, metadata={"description": "how long the room was kept after the start"})


class MeetingAgreementAsked(MeetingFact):
    """Somebody wants a room on the day its managing agency keeps for itself; it is held until `answer_by` (M-03)."""

    type = "venues.meeting_agreement_asked.v1"

    agreement_id = fields.String(required=True, metadata={"description": "the question"})
    manager_agency_id = fields.String(required=True, metadata={"description": "the agency that answers"})
    answer_by = fields.DateTime(required=True, metadata={"description": "when the hold ends by itself"})


class MeetingAgreementAnswered(MeetingFact):
    """The managing agency agreed or declined, let the time pass, or the question was withdrawn."""

    type = "venues.meeting_agreement_answered.v1"

    agreement_id = fields.String(required=True, metadata={"description": "the question"})
    manager_agency_id = fields.String(required=True, metadata={"description": "the agency that was asked"})
    answer = fields.String(required=True, metadata={"description": "agreed, declined, lapsed or withdrawn"})
    reason = fields.String(required=True, metadata={"description": "what was said with it; may be empty"})


class MeetingStreamAsked(MeetingFact):
    """A meeting needs the live-stream kit (M-12): the venue officer has to prepare it."""

    type = "venues.meeting_stream_asked.v1"


class MeetingAfterHours(MeetingFact):
    """A meeting lies after office hours, so the guards lock with those who meet (M-06); or it no longer does."""

    type = "venues.meeting_after_hours.v1"

    guard_id = fields.String(required=True, metadata={"description": "the person the guards read as"})
    status = fields.String(required=True, metadata={"description": "meets, or off when they need not come"})


class RoomBreachRecorded(Fact):
    """A breach of the rules of rooms was confirmed; the person books no room until `stops_until` (M-07, M-08)."""

    type = "venues.room_breach_recorded.v1"

    breach_id = fields.String(required=True, metadata={"description": "the breach"})
    person_id = fields.String(required=True, metadata={"description": "whose breach it is"})
    agency_id = fields.String(required=True, metadata={"description": "the person's agency"})
    kind = fields.String(required=True, metadata={"description": "what was found, in 繁中"})
    kind_en = fields.String(required=True, metadata={"description": "what was found, in English"})
    number = fields.Integer(required=True, metadata={"description": "1 for the first breach, and so on"})
    meetings = fields.Integer(required=True, metadata={"description": "how many meetings it rests on"})
    stops_until = fields.DateTime(allow_none=True, metadata={"description": "until when booking is stopped"})
    reason = fields.String(required=True, metadata={"description": "what the venue officer wrote"})


class RoomBreachLifted(Fact):
    """A stop of booking was lifted before its time."""

    type = "venues.room_breach_lifted.v1"

    breach_id = fields.String(required=True, metadata={"description": "the breach"})
    person_id = fields.String(required=True, metadata={"description": "who may book again"})
    agency_id = fields.String(required=True, metadata={"description": "the person's agency"})
    reason = fields.String(required=True, metadata={"description": "why it was lifted"})


def tell_moved(session: Session, meeting: Meeting, now: datetime, before: dict[str, Any]) -> None:
    """`before`: room (a Venue), starts_at, ends_at as they were."""
    was: Venue = before["room"]
    _tell(
        session, MeetingMoved, meeting, now, status=meeting.status, previous_room=was.name, previous_room_en=was.name_en,
        previous_starts_at=before["starts_at"], previous_ends_at=before["ends_at"],
    )  # fmt: skip


def tell_taken_over(
    session: Session, meeting: Meeting, now: datetime, *, previous: Venue, lost: bool, offers: Sequence[Venue], reason: str
) -> None:  # fmt: skip
    """Its room was taken; `offers` are rooms that are free then, where it got none (`lost`)."""
    _tell(
        session, MeetingTakenOver, meeting, now, previous_room=previous.name, previous_room_en=previous.name_en, lost=lost,
        offers="、".join(room.name for room in offers), offers_en=", ".join(room.name_en for room in offers), reason=reason,
    )  # fmt: skip


def tell_unused(session: Session, meeting: Meeting, now: datetime, minutes: int) -> None:
    """Nobody came for `minutes`."""
    _tell(session, MeetingReleasedUnused, meeting, now, minutes=minutes)


def tell_asked(session: Session, agreement: RoomAgreement, now: datetime) -> None:
    """The managing agency is asked."""
    _tell(session, MeetingAgreementAsked, agreement.meeting, now, **_asked(agreement))


def tell_answered(session: Session, agreement: RoomAgreement, now: datetime) -> None:
    """The question is settled."""
    told = {"answer": agreement.answer, "reason": agreement.note, **_named(agreement)}
    _tell(session, MeetingAgreementAnswered, agreement.meeting, now, **told)


def tell_stream(session: Session, meeting: Meeting, now: datetime) -> None:
    """The venue officer prepares the live stream."""
    _tell(session, MeetingStreamAsked, meeting, now)


def tell_after_hours(session: Session, meeting: Meeting, now: datetime, *, guard_id: int, status: str) -> None:
    """The guards hear of it; `status`: meets or off."""
    _tell(session, MeetingAfterHours, meeting, now, guard_id=str(guard_id), status=status)


def tell_breach(session: Session, breach: RoomBreach, now: datetime, kind: Words) -> None:
    """The person and the agency's supervisors hear of it."""
    session.flush()
    post(
        session, RoomBreachRecorded, subject=f"room_breach/{breach.id}", now=now, breach_id=str(breach.id),
        person_id=str(breach.person_id), agency_id=str(breach.agency_id), kind=kind.zh, kind_en=kind.en, number=breach.number,
        meetings=len(breach.evidence), stops_until=breach.stops_until, reason=breach.reason,
    )  # fmt: skip


def tell_lifted(session: Session, breach: RoomBreach, now: datetime) -> None:
    """The person may book again."""
    post(
        session, RoomBreachLifted, subject=f"room_breach/{breach.id}", now=now, breach_id=str(breach.id),
        person_id=str(breach.person_id), agency_id=str(breach.agency_id), reason=breach.lift_reason,
    )  # fmt: skip


def _tell(session: Session, fact: type[MeetingFact], meeting: Meeting, now: datetime, **more: Any) -> None:
    session.flush()
    post(session, fact, subject=f"meeting/{meeting.id}", now=now, **meeting_body_of(meeting), **more)


def _named(agreement: RoomAgreement) -> dict[str, Any]:
    return {"agreement_id": str(agreement.id), "manager_agency_id": str(agreement.agency_id)}


def _asked(agreement: RoomAgreement) -> dict[str, Any]:
    return {**_named(agreement), "answer_by": agreement.answer_by}


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """Every question that still waits for its answer, for a reader that starts anew."""
    waiting = select(RoomAgreement).where(RoomAgreement.answer == "").order_by(RoomAgreement.id)
    return [
        (MeetingAgreementAsked, f"meeting/{each.meeting_id}", {**meeting_body_of(each.meeting), **_asked(each)})
        for each in session.scalars(waiting)
    ]


FACTS: tuple[type[Fact], ...] = (
    MeetingMoved,
    MeetingTakenOver,
    MeetingReleasedUnused,
    MeetingAgreementAsked,
    MeetingAgreementAnswered,
    MeetingStreamAsked,
    MeetingAfterHours,
    RoomBreachRecorded,
    RoomBreachLifted,
)
