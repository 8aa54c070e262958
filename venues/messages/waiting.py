"""Facts about waiting for slots that are full."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.messages import Fact, fields, post
from venues.models import WaitingEntry
from venues.models.waiting import OFFERED


class SlotFact(Fact):
    """The body both facts about a waiting entry share."""

    waiting_id = fields.String(required=True, metadata={"description": "the entry on the waiting list"})
    rev = fields.Integer(required=True, metadata={"description": "rises with each change"})
    venue_id = fields.String(required=True, metadata={"description": "the venue"})
    venue = fields.String(required=True, metadata={"description": "the venue's name in 繁中"})
    venue_en = fields.String(required=True, metadata={"description": "the venue's name in English"})
    applicant_id = fields.String(required=True, metadata={"description": "the person who waits"})
    agency_id = fields.String(required=True, metadata={"description": "the agency or body that waits"})
    event_name = fields.String(required=True, metadata={"description": "what the event is called"})
    starts_at = fields.DateTime(required=True, metadata={"description": "start of the first slot"})
    ends_at = fields.DateTime(required=True, metadata={"description": "end of the last slot, with overtime"})
    offered_until = fields.DateTime(allow_none=True, metadata={"description": "until when it is held for them"})


class SlotOffered(SlotFact):
    """What somebody waited for is free and held for them until `offered_until`."""

    type = "venues.slot_offered.v1"


class SlotPassedBy(SlotFact):
    """An offer was not taken up in time, or the day came while they waited."""

    type = "venues.slot_passed_by.v1"


def tell_waiting(session: Session, fact: type[SlotFact], entry: WaitingEntry, now: datetime) -> None:
    """Post `fact` about a waiting entry as it stands now."""
    session.flush()
    post(session, fact, subject=f"waiting/{entry.id}", now=now, **_body(entry))


def _body(entry: WaitingEntry) -> dict[str, Any]:
    venue = entry.venue.label
    return {
        "waiting_id": str(entry.id),
        "rev": entry.rev,
        "venue_id": str(entry.venue_id),
        "venue": venue.zh,
        "venue_en": venue.en,
        "applicant_id": str(entry.person_id),
        "agency_id": str(entry.agency_id),
        "event_name": entry.event_name,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "offered_until": entry.offered_until,
    }


def standing(session: Session) -> list[tuple[type[Fact], str, dict[str, Any]]]:
    """Every offer that stands, for a reader that starts anew."""
    offered = select(WaitingEntry).where(WaitingEntry.state == OFFERED).order_by(WaitingEntry.id)
    return [(SlotOffered, f"waiting/{each.id}", _body(each)) for each in session.scalars(offered)]


FACTS: tuple[type[Fact], ...] = (SlotOffered, SlotPassedBy)
