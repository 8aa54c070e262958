"""Emergency take-over of a room for the city's heads (M-10): who met there gets the nearest room that fits, and all are told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import Period, local, today
from common.words import Words
from venues import availability, displacing, meeting_checks, meeting_rooms, messages, room_rules
from venues.displacing import Displaced
from venues.messages import rooms as told
from venues.models import DECIDES, Meeting
from venues.room_terms import CHAIRS, STREAM


class CannotTakeOver(Conflict):
    """What stands there is itself a take-over, or disaster duty."""

    words = Words(
        "這段時間是首長會議或災害應變，不能再調用。",
        "It is a take-over or disaster duty already and cannot be taken over.",
    )


def preview(session: Session, person: Person, now: datetime, *, room_id: int, period: Period) -> list[Displaced]:
    """Who would have to leave, and to which room. Changes nothing. Raises Forbidden."""
    if not person.has(*DECIDES):
        raise Forbidden
    room = availability.venue(session, room_id, by_slots=False)
    return displacing.plan(session, [room], period, now)


def take_over(
    session: Session, person: Person, now: datetime, *, room_id: int, period: Period, title: str, attendees: int, chair: str,
    reason: str, urgent: bool = False, needs: Sequence[str] = (),
) -> tuple[Meeting, list[Displaced]]:  # fmt: skip
    """A meeting chaired by the mayor, a deputy or the (deputy) secretary-general takes a room that is booked.

    Until so many days before, unless `urgent`. Returns the meeting and who left for where; each is told
    (MeetingTakenOver). Raises Forbidden, Invalid, CannotTakeOver.
    """
    if not person.has(*DECIDES):
        raise Forbidden
    if chair not in CHAIRS:
        raise Invalid(Words("請選主持人", "Choose who chairs it"), field="chair")
    room = availability.venue(session, room_id, by_slots=False)
    ahead, notice = (
        (local(period.starts_at).date() - today(now)).days,
        room_rules.in_force(session, now)["takeover_days"],
    )
    if ahead < notice and not urgent:
        words = Words("調用要在 {n} 天前；緊急的請勾選「緊急」", "Take over {n} days before, or mark it urgent")
        raise Invalid(words.fill(n=notice), field="urgent")
    own_needs = [each for each in needs if each != STREAM]
    meeting_checks.check(session, room, period, now, attendees=attendees, needs=own_needs)
    meeting_checks.check_kit(room, needs)
    meeting = meeting_rooms.new(
        session, person, now, room=room, period=period, title=title, attendees=attendees, chair=CHAIRS[chair].zh,
        needs=needs, priority=True,
    )  # fmt: skip
    try:
        displaced = displacing.clear_and_claim(session, meeting.holder, [room], meeting.occupies, now)
    except reservations.Taken as taken:
        raise CannotTakeOver(field="room_id") from taken
    for each in displaced:
        displacing.rehouse(session, each, now, without={room.id}, move=True, reason=reason)
    messages.tell_meeting(session, messages.MeetingBooked, meeting, now)
    if STREAM in needs:
        told.tell_stream(session, meeting, now)
    after = {
        "room": room.code, "starts_at": period.starts_at, "ends_at": period.ends_at, "urgent": urgent,
        "displaced": {str(each.meeting.id): each.to.code if each.to else None for each in displaced},
    }  # fmt: skip
    audit.record(session, person, "room_taken_over", f"meeting/{meeting.id}", now, after=after, reason=reason)
    return meeting, displaced
