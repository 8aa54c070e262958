"""Unfair use of rooms: found in the history, judged by the venue officer, and what follows (M-07, M-08)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import taipei, today
from common.roc import day_words
from common.words import Words
from venues import room_rules
from venues.fairness import Finding, Past, findings
from venues.messages import rooms as told
from venues.models import DECIDES, Meeting, RoomBreach, SpotCheck
from venues.room_terms import BREACH_KINDS


class BookingStopped(Forbidden):
    """The person's right to book rooms is stopped (M-08); says why and until when."""


def check_may_book(session: Session, person: Person, now: datetime) -> None:
    """Raises BookingStopped while a confirmed breach stops this person."""
    stop = standing_stop(session, person, now)
    if stop is not None:
        raise BookingStopped(stop_words(stop))


def standing_stop(session: Session, person: Person, now: datetime) -> RoomBreach | None:
    """The breach that stops this person from booking now, the one that lasts longest; None: may book."""
    mine = select(RoomBreach).where(
        RoomBreach.person_id == person.id, RoomBreach.lifted_at.is_(None), RoomBreach.stops_until > now
    )
    return session.scalars(mine.order_by(RoomBreach.stops_until.desc()).limit(1)).first()


def stop_words(breach: RoomBreach) -> Words:
    """Why somebody may not book, and until when."""
    words = Words(
        "因「{kind}」（第 {n} 次），{day}起才能再登記會議室。有疑問請洽場地承辦。",
        "Booking rooms is stopped for “{kind}” (breach {n}); again from {day}. Ask the venue officer if in doubt.",
    )
    assert breach.stops_until is not None  # noqa: S101 - only a breach that stops has words
    return words.fill(kind=BREACH_KINDS[breach.kind], n=breach.number, day=day_words(today(breach.stops_until)))


def found(session: Session, now: datetime) -> list[Finding]:
    """What the history of the last days shows that nobody has judged yet."""
    rules = room_rules.in_force(session, now)
    since = now - timedelta(days=rules["history_days"])
    columns = (
        Meeting.id, Meeting.booked_by_id.label("person_id"), Meeting.agency_id, Meeting.room_id, Meeting.title, Meeting.starts_at,
        Meeting.ends_at, Meeting.booked_at, Meeting.released_at, Meeting.ended_as,
    )  # fmt: skip
    lately = (Meeting.booked_at > since) | (Meeting.starts_at > since)  # booked 90 days ahead, and nobody came
    rows = select(*columns).where(lately, Meeting.priority.is_(False)).order_by(Meeting.id)
    wrong = set(
        session.scalars(select(SpotCheck.meeting_id).where(SpotCheck.found != "in_order", SpotCheck.at > since))
    )
    history = [Past(**row, looked_wrong=row["id"] in wrong) for row in session.execute(rows).mappings()]
    before = since - timedelta(days=room_rules.BOOKING["room.days_ahead"].most)  # judged when its meetings lay ahead
    judged = [
        (breach.kind, int(each))
        for breach in session.scalars(select(RoomBreach).where(RoomBreach.decided_at > before))
        for each in breach.evidence
    ]
    return findings(history, rules.limits, judged)


def meetings_of(session: Session, ids: list[int]) -> list[Meeting]:
    """The meetings a finding or a breach rests on, by time."""
    return list(session.scalars(select(Meeting).where(Meeting.id.in_(ids)).order_by(Meeting.starts_at, Meeting.id)))


def decide(session: Session, person: Person, now: datetime, *, key: str, decision: str, reason: str) -> RoomBreach:
    """Judge a finding. Confirmed, it stops the person's booking for so many days (M-08) and tells the agency.

    Raises Forbidden, NotFound (nothing of that key is found any more), Conflict (another officer was quicker).
    """
    if not person.has(*DECIDES):
        raise Forbidden
    finding = next((each for each in found(session, now) if each.key == key), None)
    if finding is None:
        raise NotFound
    breach = RoomBreach(
        key=key, kind=finding.kind, person_id=finding.person_id, agency_id=finding.agency_id, reason=reason,
        evidence=[str(each) for each in finding.meeting_ids], decision=decision, decided_at=now, decided_by_id=person.id,
    )  # fmt: skip
    if decision == "confirmed":
        breach.number = 1 + len(_earlier(session, finding.person_id, now))
        breach.stops_until = _until(session, breach.number, now)
    session.add(breach)
    try:
        session.flush()
    except IntegrityError as twice:
        raise Conflict(Words("這一件剛有人處理了。", "Somebody has just dealt with this one.")) from twice
    if decision == "confirmed":
        told.tell_breach(session, breach, now, BREACH_KINDS[breach.kind])
    after = {"kind": breach.kind, "person_id": breach.person_id, "stops_until": breach.stops_until}
    audit.record(
        session, person, f"room_breach_{decision}", f"room_breach/{breach.id}", now, after=after, reason=reason
    )
    return breach


def lift(
    session: Session, person: Person, now: datetime, breach_id: int, *, reason: str, rev: int | None = None
) -> RoomBreach:
    """End a stop before its time, with a reason; the breach no longer counts. Raises Forbidden, NotFound, Conflict."""
    if not person.has(*DECIDES):
        raise Forbidden
    breach = session.get(RoomBreach, breach_id)
    if breach is None:
        raise NotFound
    breach.expect(rev)
    if not breach.stops(now):
        raise Conflict(Words("這一件沒有停止登記，或已到期。", "This one stops nobody, or no longer."))
    if not reason.strip():
        raise Invalid(Words("請寫明原因", "Say why"), field="reason")
    breach.lifted_at, breach.lift_reason = now, reason
    session.flush()
    told.tell_lifted(session, breach, now)
    audit.record(session, person, "room_breach_lifted", f"room_breach/{breach.id}", now, reason=reason)
    return breach


def breaches(session: Session) -> list[RoomBreach]:
    """What was judged, the newest first."""
    return list(session.scalars(select(RoomBreach).order_by(RoomBreach.id.desc()).limit(100)))


def _earlier(session: Session, person_id: int, now: datetime) -> list[RoomBreach]:
    since = now - timedelta(days=room_rules.in_force(session, now)["breach_memory_days"])
    confirmed = select(RoomBreach).where(
        RoomBreach.person_id == person_id,
        RoomBreach.decision == "confirmed",
        RoomBreach.lifted_at.is_(None),
        RoomBreach.decided_at > since,
    )
    return list(session.scalars(confirmed))


def _until(session: Session, number: int, now: datetime) -> datetime | None:
    """The midnight that ends the stop: whole days, today not counted. None where the rule stops for no day."""
    rules = room_rules.in_force(session, now)
    days = rules["first_breach_days"] if number == 1 else rules["second_breach_days"]
    return taipei(today(now) + timedelta(days=days), "24:00") if days else None
