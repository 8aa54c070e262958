"""Stays in a dormitory on the agenda: the day to have moved out by, and rooms that were not signed for in time."""

from sqlalchemy.orm import Session

from common.inbox import Listeners, Received
from common.messages import Part, fields
from common.period import Period
from common.words import Words
from services.portal import agenda

listeners = Listeners()

STOPPED = "dorms.tenancy_leaving_stopped.v1"


class TenancyPart(Part):
    tenancy_id = fields.String(required=True)
    offer_id = fields.String(required=True, allow_none=True)
    person_id = fields.Integer(required=True)
    room = fields.String(required=True)
    room_en = fields.String(required=True)


class LeavingPart(TenancyPart):
    leave_by = fields.Date(required=True)


@listeners.on("dorms.tenancy_forfeited.v1", TenancyPart)
def drop_stay(session: Session, fact: Received) -> None:
    """A room nobody signed for in time: the day of moving in is off the agenda (D-18)."""
    stay, subject = fact.body, f"offer/{fact.body['offer_id']}"
    agenda.cancel(session, "dorms", subject, stay["person_id"], sequence=2, status="lapsed", now=fact.time)


@listeners.on(("dorms.tenancy_leaving.v1", "dorms.tenancy_leaving_extended.v1"), LeavingPart)
def keep_moving_out(session: Session, fact: Received) -> None:
    """The last day to hand a room back stands on the agenda (D-45)."""
    stay = fact.body
    room = Words(stay["room"], stay["room_en"])
    day = Period.of_local(stay["leave_by"], "09:00", "17:00")
    agenda.put(
        session, "dorms", _subject(stay), stay["person_id"], place=room,
        title=Words("遷出並點交宿舍：{room}", "Move out and hand back: {room}").fill(room=room),
        url=f"/dorms/tenancies/{stay['tenancy_id']}", starts_at=day.starts_at, ends_at=day.ends_at, status="leaving",
        sequence=_sequence(fact), cancelled=False, changed_at=fact.time,
    )  # fmt: skip


@listeners.on((STOPPED, "dorms.tenancy_handed_back.v1"), TenancyPart)
def drop_moving_out(session: Session, fact: Received) -> None:
    """Nobody has to move out any more, or the room came back."""
    status = "accepted" if fact.type == STOPPED else "handed_back"
    person_id, sequence = fact.body["person_id"], _sequence(fact)
    agenda.cancel(session, "dorms", _subject(fact.body), person_id, sequence=sequence, status=status, now=fact.time)


def _subject(stay: dict[str, str]) -> str:
    return f"tenancy/{stay['tenancy_id']}"


def _sequence(fact: Received) -> int:
    """Rises with time: facts about a stay carry no revision."""
    return int(fact.time.timestamp()) // 60
