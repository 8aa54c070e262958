"""Reaching somebody who does not answer: one way after another, until the job is accepted or somebody dials.

The order is data (`ladder`). The first way that rings in a pocket is used with the assignment itself (`deliveries`);
each `trip_escalated` tries the next one that this driver can be reached by, and dispatch is told which.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.identity import Person, with_role
from common.inbox import Received
from common.words import Words
from services.messenger import deliveries, reach
from services.messenger.letters.ladder import AGAIN, CALL, NEXT
from services.messenger.letters.shape import write
from services.messenger.models import RUNGS, Delivery

ASKS = ("fleet.trip_assigned.v1", "fleet.trip_moved.v1", "fleet.trip_reminded.v1", "fleet.trip_escalated.v1")
"""Facts whose messages ask the driver for an answer."""

PHONES = ("push", "line")
LINKED = Words("已連結市鑰，派車通知會傳到這裡。", "Linked to Citykeys. Job alerts come here from now on.")
NOT_NEEDED = "已接單，不用再送 · accepted meanwhile, no longer needed"


def escalate(session: Session, fact: Received, now: datetime) -> list[Delivery]:
    """Try the driver's next way, and tell dispatch. A fact that comes again adds nothing; past the last way nothing is left."""
    driver_id = fact.body.get("driver_person_id")
    if driver_id is None or _done(session, fact):
        return []
    driver = session.get(Person, driver_id)
    tried = _tried(session, fact, driver_id)
    left = [each for each in reach.rungs(session) if each not in tried and reach.can_reach(session, driver, each)]
    if not left:
        return []
    way, minutes = left[0], fact.body["minutes"]
    made = [] if way == "call" else [_row(session, fact, driver_id, way, now)]
    for row in _unanswered(session, fact, driver_id):
        row.error = _moved_on(row, minutes, way)
    made += _to_dispatch(session, fact, driver, way, now)
    session.add_all(made)
    session.flush()
    for row in made:
        deliveries.tell_change(session, row, now)
    return made


def next_after_failure(session: Session, delivery: Delivery, now: datetime) -> Delivery | None:
    """What cannot go this way goes the next way at once, without waiting for the driver's silence; not to a call."""
    if delivery.channel not in PHONES or delivery.fact_type not in ASKS:
        return None
    fact_rows = select(Delivery.channel).where(
        Delivery.fact_id == delivery.fact_id, Delivery.person_id == delivery.person_id
    )
    tried = set(session.scalars(fact_rows))
    left = [
        each for each in reach.rungs(session) if each not in tried and reach.can_reach(session, delivery.person, each)
    ]
    way = next((each for each in left if each != "call"), None)
    if way is None:
        return None
    copied = {
        name: getattr(delivery, name)
        for name in ("fact_id", "fact_type", "source", "subject", "person_id", "title_zh", "title_en", "text_zh", "text_en",
                     "link", "told_at", "expires_at")
    }  # fmt: skip
    row = Delivery(
        **copied, once=f"{delivery.fact_id}/{delivery.person_id}/{way}", channel=way, state="queued", created_at=now,
        next_try_at=now, changed_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    deliveries.tell_change(session, row, now)
    return row


def accepted(session: Session, fact: Received, now: datetime) -> list[Delivery]:
    """The driver took the job: whatever asked for it is answered, and what has not left yet stays."""
    for row in session.scalars(_asking(fact, fact.body.get("driver_person_id"))):
        if row.state in ("sent", "read"):
            row.read_at = row.read_at or now
            deliveries.become(session, row, "accepted", now)
        elif row.state == "queued" and (row.channel in PHONES or row.fact_type == ASKS[-1]):
            row.error = NOT_NEEDED
            deliveries.become(session, row, "expired", now)
    return []


def seen(session: Session, fact: Received, now: datetime) -> list[Delivery]:
    """The driver opened the job: what has arrived counts as read, by whichever way it came."""
    for row in session.scalars(_asking(fact, fact.body.get("driver_person_id"))):
        if row.state == "sent":
            row.read_at = now
            deliveries.become(session, row, "read", now)
    return []


def _asking(fact: Received, person_id: int | None) -> Select[Delivery]:
    """Messages that asked this person about the same trip, no later than the fact."""
    return (
        select(Delivery)
        .where(
            Delivery.source == fact.source, Delivery.subject == fact.subject, Delivery.person_id == person_id,
            Delivery.fact_type.in_(ASKS), Delivery.told_at <= fact.time,
        )
        .order_by(Delivery.id)
    )  # fmt: skip


def _unanswered(session: Session, fact: Received, person_id: int) -> list[Delivery]:
    return [
        row
        for row in session.scalars(_asking(fact, person_id))
        if row.channel in PHONES and row.state in ("sent", "read")
    ]


def _tried(session: Session, fact: Received, person_id: int) -> set[str]:
    """Ways used since this assignment. The mail that went with it carried the calendar entry; a mail that asks is another."""
    rows = session.scalars(_asking(fact, person_id).where(Delivery.told_at >= fact.body["assigned_at"])).all()
    used = {row.channel for row in rows if row.channel in PHONES or row.fact_type == ASKS[-1]}
    called = select(Delivery.id).where(
        Delivery.source == fact.source, Delivery.subject == fact.subject, Delivery.fact_type == fact.type,
        Delivery.told_at >= fact.body["assigned_at"], Delivery.title_zh.startswith(CALL.title.zh.split("：")[0]),
    )  # fmt: skip
    return used | ({"call"} if session.scalar(called.limit(1)) else set())


def _done(session: Session, fact: Received) -> bool:
    return session.scalar(select(Delivery.id).where(Delivery.fact_id == fact.id).limit(1)) is not None


def _row(session: Session, fact: Received, person_id: int, way: str, now: datetime) -> Delivery:
    once = f"{fact.id}/{person_id}/{way}"
    return deliveries.row(
        session, fact, AGAIN, write(AGAIN, deliveries.as_told(AGAIN, fact.body)), person_id, way, once, now
    )


def _to_dispatch(session: Session, fact: Received, driver: Person | None, way: str, now: datetime) -> list[Delivery]:
    """In every dispatcher's inbox: what is tried now, or that somebody has to dial."""
    letter = CALL if way == "call" else NEXT
    who = driver.words if driver else Words.same("—")
    body: dict[str, Any] = {**fact.body, "driver": who, "channel": RUNGS[way], "phone": driver.phone if driver else ""}
    written = write(letter, body)
    people = [person.id for person in with_role(session, "dispatcher") if person.id != fact.body["driver_person_id"]]
    return [
        deliveries.row(session, fact, letter, written, person_id, "inbox", f"{fact.id}/{person_id}/inbox", now)
        for person_id in people
    ]


def _moved_on(row: Delivery, minutes: int, way: str) -> str:
    """「手機離線 18 分鐘，已改發 LINE。」 where nobody opened it; else that nobody answered."""
    words = (
        Words("已讀 {n} 分鐘未接單，已改發{way}。", "Read, not accepted for {n} min; {way} is tried now.")
        if row.state == "read"
        else Words("手機離線 {n} 分鐘，已改發{way}。", "Phone offline for {n} min; sent by {way} instead.")
    )
    told = words.fill(n=minutes, way=Words(f" {RUNGS[way].zh} ", RUNGS[way].en))
    return f"{' '.join(told.zh.split()).replace(' 。', '。')} · {told.en}"


def welcome(session: Session, person: Person, now: datetime, event_id: str) -> Delivery:
    """Tell somebody by LINE that LINE is linked from now on; the same event again says so once."""
    once = f"line/{event_id}"[:120]
    earlier = session.scalars(select(Delivery).where(Delivery.once == once)).one_or_none()
    made = earlier or Delivery(
        once=once, fact_id=once[:36], fact_type="messenger.line_linked", source="messenger", subject=f"person/{person.id}",
        person_id=person.id, channel="line", state="queued", title_zh=LINKED.zh, title_en=LINKED.en, text_zh="", text_en="",
        link="/messenger/devices", told_at=now, created_at=now, expires_at=now + deliveries.FRESH_FOR, next_try_at=now, changed_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


STEPS = {"fleet.trip_escalated.v1": escalate, "fleet.trip_seen.v1": seen, "fleet.trip_accepted.v1": accepted}
"""What each of these facts does to the messages about its trip."""
