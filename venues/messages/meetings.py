"""Facts about meetings in the meeting rooms."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.messages import Fact, fields, post
from venues.models import Meeting


class MeetingFact(Fact):
    """The body all facts about a meeting share."""

    meeting_id = fields.String(required=True, metadata={"description": "the meeting"})
    rev = fields.Integer(required=True, metadata={"description": "rises with each change; a calendar's SEQUENCE"})
    room_id = fields.String(required=True, metadata={"description": "the room, a venue"})
    room = fields.String(required=True, metadata={"description": "the room's name in 繁中"})
    room_en = fields.String(required=True, metadata={"description": "the room's name in English"})
    booked_by_id = fields.String(required=True, metadata={"description": "the person who booked it"})
    agency_id = fields.String(required=True, metadata={"description": "the agency that meets"})
    title = fields.String(required=True, metadata={"description": "what the meeting is called"})
    attendees = fields.Integer(required=True, metadata={"description": "how many people are expected"})
    starts_at = fields.DateTime(required=True, metadata={"description": "when the room is had from"})
    ends_at = fields.DateTime(required=True, metadata={"description": "when the room is free again"})


class MeetingBooked(MeetingFact):
    """A meeting room was booked, first come, first served."""

    type = "venues.meeting_booked.v1"


class MeetingReleased(MeetingFact):
    """A meeting room was given back; from now on it is free."""

    type = "venues.meeting_released.v1"


def tell_meeting(session: Session, fact: type[MeetingFact], meeting: Meeting, now: datetime, **more: Any) -> None:
    """Post `fact` about a meeting as it stands now, with what `more` it tells."""
    session.flush()
    post(session, fact, subject=f"meeting/{meeting.id}", now=now, **meeting_body_of(meeting), **more)


def meeting_body_of(meeting: Meeting) -> dict[str, Any]:
    """A meeting as its facts tell it."""
    return {
        "meeting_id": str(meeting.id),
        "rev": meeting.rev,
        "room_id": str(meeting.room_id),
        "room": meeting.room.name,
        "room_en": meeting.room.name_en,
        "booked_by_id": str(meeting.booked_by_id),
        "agency_id": str(meeting.agency_id),
        "title": meeting.title,
        "attendees": meeting.attendees,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
    }


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """Every meeting that still has its room (and waits for no agreement), for a reader that starts anew."""
    held = select(Meeting).where(Meeting.released_at.is_(None), Meeting.held_until.is_(None)).order_by(Meeting.id)
    return [(MeetingBooked, f"meeting/{each.id}", meeting_body_of(each)) for each in session.scalars(held)]


FACTS: tuple[type[Fact], ...] = (MeetingBooked, MeetingReleased)
