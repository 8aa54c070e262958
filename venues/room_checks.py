"""A room looked at: together after the meeting (M-06), and unannounced while it should be held (M-07).

What a spot check found counts among the findings of `fairness`; the venue officer judges it.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.words import Words
from venues import meeting_rooms
from venues.models import Meeting, RoomCheck, SpotCheck
from venues.room_terms import FOUND

TWICE = Words("這場會議已經點檢過了。", "The room was checked after this meeting already.")
EMPTY_ROOM = Words("這場會議沒有使用會議室。", "This meeting never had its room.")


def check_of(session: Session, meeting: Meeting) -> RoomCheck | None:
    """The joint check after a meeting; None: none yet."""
    return session.scalars(select(RoomCheck).where(RoomCheck.meeting_id == meeting.id)).first()


def spot_checks(session: Session, meeting_ids: Iterable[int]) -> list[SpotCheck]:
    """What was found at these meetings, in order of time."""
    found = select(SpotCheck).where(SpotCheck.meeting_id.in_(list(meeting_ids)))
    return list(session.scalars(found.order_by(SpotCheck.at, SpotCheck.id)))


def can_check(meeting: Meeting, person: Person, now: datetime) -> bool:
    """Whoever looks after the room, once the meeting that had it is over or gave it back."""
    over = meeting.ends_at <= now or meeting.released_at is not None
    return meeting.managed_by(person) and meeting.had_its_room(now) and over and meeting.ended_as != "unused"


def can_look(meeting: Meeting, person: Person, now: datetime) -> bool:
    """Whoever looks after the room, from the start of the meeting on."""
    return meeting.managed_by(person) and meeting.had_its_room(now)


def record_check(
    session: Session, person: Person, now: datetime, meeting_id: int, *, restored: bool, clean: bool, damage: str = "",
    present: str = "",
) -> RoomCheck:  # fmt: skip
    """Keep how the room was found after a meeting: put back, clean, what is damaged, and who was there of those who met.

    Once for a meeting (M-06). Raises NotFound, Forbidden, Conflict (not over, never had its room, checked already).
    """
    meeting = meeting_rooms.find(session, person, meeting_id, lock=True)
    if not meeting.managed_by(person):
        raise Forbidden
    if not can_check(meeting, person, now):
        early = meeting.released_at is None and meeting.ends_at > now
        words = Words("會議結束後才能點檢。", "The room is checked once the meeting is over.")
        raise Conflict(words if early else EMPTY_ROOM)
    check = RoomCheck(
        meeting=meeting, at=now, by_id=person.id, restored=restored, clean=clean, damage=damage, present=present
    )
    session.add(check)
    try:
        session.flush()
    except IntegrityError as twice:
        raise Conflict(TWICE) from twice
    after = {"restored": restored, "clean": clean, "damage": damage, "present": present}
    audit.record(session, person, "room_checked", f"meeting/{meeting.id}", now, after=after)
    return check


def record_look(
    session: Session, person: Person, now: datetime, meeting_id: int, *, found: str, note: str = ""
) -> SpotCheck:
    """Keep what was found in a room during a meeting: in_order, empty or other_use, with a note where it was put to other use
    (M-07). Raises NotFound, Forbidden, Conflict (not begun, never had its room), Invalid (fields `found`, `note`)."""
    meeting = meeting_rooms.find(session, person, meeting_id)
    if not meeting.managed_by(person):
        raise Forbidden
    if not can_look(meeting, person, now):
        early = meeting.released_at is None and meeting.starts_at > now
        words = Words("會議開始後才能登錄抽查。", "A spot check is recorded once the meeting has begun.")
        raise Conflict(words if early else EMPTY_ROOM)
    if found not in FOUND:
        raise Invalid(Words("請選擇抽查結果", "Choose what was found"), field="found")
    if found == "other_use" and not note.strip():
        raise Invalid(Words("請寫明實際用途", "Say what the room was used for"), field="note")
    look = SpotCheck(meeting=meeting, at=now, by_id=person.id, found=found, note=note)
    session.add(look)
    session.flush()
    after = {"found": found, "note": note}
    audit.record(session, person, "room_spot_checked", f"meeting/{meeting.id}", now, after=after)
    return look
