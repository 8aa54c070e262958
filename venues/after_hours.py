"""Meetings after office hours: the guards are told, so that they lock with those who met (M-06).

Whom the guards read as, the hours and how long before are dated parameters, samples all. A chore tells each meeting once,
again where its room or time is another by then, and takes it back where the guards need not come.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.period import local
from venues import meeting_checks, room_rules
from venues.messages import rooms as told
from venues.models import Meeting
from venues.room_rules import RoomRules

AT_ONCE = 200
MEETS, OFF = "meets", "off"


def is_after_hours(session: Session, rules: RoomRules, meeting: Meeting) -> bool:
    """Whether any of it lies outside office hours of one working day, on Taipei's clock."""
    starts, ends = local(meeting.starts_at), local(meeting.ends_at)
    opens, closes = time(rules["office_from_hour"]), rules["office_until_hour"]
    within = starts.time() >= opens and (ends.hour, ends.minute, ends.second) <= (closes, 0, 0)
    if starts.date() != ends.date() or not within:
        return True
    return bool(meeting_checks.days_off(session, starts.date(), starts.date()))


def tell_guards(session: Session, now: datetime) -> int:
    """A chore: tell the guards of meetings after hours that begin soon, and take back those that are off. Returns how many.

    Posts MeetingAfterHours. Tells nobody while no person is set for the guards.
    """
    rules = room_rules.in_force(session, now)
    guard = rules["guards_person"]
    if not guard:
        return 0
    soon = now + timedelta(hours=rules["guards_notice_hours"])
    rows = select(Meeting).where(Meeting.ends_at > now, or_(Meeting.starts_at <= soon, Meeting.guards_told != ""))
    if session.get_bind().dialect.name == "postgresql":
        rows = rows.with_for_update(skip_locked=True)
    count = 0
    for meeting in session.scalars(rows.order_by(Meeting.starts_at, Meeting.id).limit(AT_ONCE)).all():
        stands = meeting.released_at is None and meeting.held_until is None
        wanted = _as_told(meeting) if stands and is_after_hours(session, rules, meeting) else ""
        if wanted == meeting.guards_told:
            continue
        meeting.guards_told = wanted
        told.tell_after_hours(session, meeting, now, guard_id=guard, status=MEETS if wanted else OFF)
        count += 1
    return count


def _as_told(meeting: Meeting) -> str:
    """The room and the time that the guards know of."""
    return f"{meeting.room_id} {meeting.starts_at:%Y-%m-%dT%H:%M}Z {meeting.ends_at:%Y-%m-%dT%H:%M}Z"
