"""Who is told what, and how far each message got.

`tell` turns a fact into rows, in the transaction of the listener: nothing leaves the house there. The sender takes the
mails among them afterwards (`due` → `claim` → outside world → `arrived`, `try_later` or `give_up`). Whoever dies between
claim and answer leaves the row "sending"; `recover` queues it again after a while, so a mail can come twice (with the
same Message-ID, UID and SEQUENCE) but is never lost.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased

from common import audit
from common.errors import Conflict, Forbidden, NotFound
from common.identity import Person
from common.inbox import Received
from common.messages import post
from common.words import Words
from services.messenger import reach
from services.messenger.audiences import AUDIENCES
from services.messenger.letters import LETTERS, Letter, Written, write
from services.messenger.messages import DeliveryChanged
from services.messenger.models import ARRIVED, Delivery, Held
from services.messenger.parts import part_of

FRESH_FOR = timedelta(days=1)
"""A message later than this helps nobody; it is recorded as expired and not sent."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
STUCK_AFTER = timedelta(minutes=5)
BIGGEST_ID = 2**62


class NotSettled(Conflict):
    """The message is on its way or has arrived; there is nothing to send again."""

    words = Words(
        "這則訊息還在排隊或已送達，不用再送。", "This message is queued or has arrived; there is nothing to send again."
    )


# ── From a fact to rows ───────────────────────────────────────────────────────


def tell(
    session: Session, fact: Received, now: datetime, spared: frozenset[tuple[int, str]] = frozenset()
) -> list[Delivery]:
    """Rows for everyone who has to know of `fact`: in the in-app inbox at once, and queued as mail.

    A fact that comes again adds nothing. Before any person is known (a first start) the fact is held. `spared` are those
    (person, channel) who need not be told.
    """
    if session.scalar(select(Person.id).limit(1)) is None:
        _hold(session, fact)
        return []
    present = set(session.scalars(select(Delivery.once).where(Delivery.fact_id == fact.id)))
    made: list[Delivery] = []
    for letter in LETTERS[fact.type]:
        if not letter.fits(fact.body):
            continue
        written = write(letter, as_told(letter, fact.body))
        for person_id in readers(session, letter.told_to, fact.body):
            person = session.get(Person, person_id)
            for channel in _channels(session, letter, person):
                once = f"{fact.id}/{person_id}/{channel}"
                if once not in present and (person_id, channel) not in spared:
                    present.add(once)
                    made.append(row(session, fact, letter, written, person_id, channel, once, now))
    session.add_all(made)
    session.flush()
    for delivery in made:
        tell_change(session, delivery, now)
    return made


def as_told(letter: Letter, body: dict[str, Any]) -> dict[str, Any]:
    """The fact as this reader needs it: who drives reads the car's time, one way or longer for those who ride along."""
    if letter.told_to in ("driver", "previous_driver") and body.get("car_starts_at"):
        return body | {"starts_at": body["car_starts_at"], "ends_at": body["car_ends_at"]}
    return body


def _channels(session: Session, letter: Letter, person: Person | None) -> tuple[str, ...]:
    """Mail goes to those with an address; to one not yet known too, and the sender waits for the copy."""
    if person is not None and not person.active:
        return ()
    phone = reach.first_phone(session, person) if letter.rings else None
    mail = "mail" if letter.mail and (person is None or person.mail) else None
    return tuple(filter(None, ("inbox", phone, mail)))


def row(
    session: Session,
    fact: Received,
    letter: Letter,
    written: Written,
    person_id: int,
    channel: str,
    once: str,
    now: datetime,
) -> Delivery:
    """One message by one channel, not yet in the session: there at once in the inbox, queued for every other way."""
    expires_at = _expires_at(fact, letter)
    tell_at = max(now, fact.body.get("tell_after") or now)
    state = "expired" if now >= expires_at else "queued" if channel != "inbox" or tell_at > now else "sent"
    return Delivery(
        once=once, fact_id=fact.id, fact_type=fact.type, source=fact.source, subject=fact.subject,
        person_id=person_id, channel=channel, state=state,
        title_zh=written.title.zh, title_en=written.title.en, text_zh=written.text.zh, text_en=written.text.en,
        link=written.link, invite=_invite(session, fact, letter, written, person_id) if channel == "mail" else None,
        told_at=fact.time, created_at=now, expires_at=expires_at, next_try_at=tell_at, changed_at=now,
        sent_at=now if state == "sent" else None,
    )  # fmt: skip


def _expires_at(fact: Received, letter: Letter) -> datetime:
    """A day after the fact, or when the event it announces is over (or its answer due), whichever comes first."""
    limit = fact.time + FRESH_FOR
    moment = fact.body.get("accept_by") or fact.body.get("ends_at")
    if moment is None or letter.lasting or moment <= fact.time:
        return limit
    return min(limit, moment)


def _invite(
    session: Session, fact: Received, letter: Letter, written: Written, person_id: int
) -> dict[str, Any] | None:
    """What the calendar of this reader is to be told; None when it knows nothing of the event and need not."""
    if not letter.invite:
        return None
    if letter.invite in ("update", "cancel") and not _was_invited(session, fact, person_id):
        return None
    body = as_told(letter, fact.body)
    return {
        "method": "CANCEL" if letter.invite == "cancel" else "REQUEST",
        "sequence": fact.body["rev"],
        "starts_at": body["starts_at"].isoformat(),
        "ends_at": body["ends_at"].isoformat(),
        "summary": list(written.entry),
        "location": list(written.place),
        "category": list(letter.category),
        "alarm_minutes": letter.alarm_minutes,
    }


def _was_invited(session: Session, fact: Received, person_id: int) -> bool:
    """Whether the last this person's calendar heard of the event was an invitation."""
    earlier = select(Delivery).where(
        Delivery.person_id == person_id, Delivery.source == fact.source, Delivery.subject == fact.subject,
        Delivery.channel == "mail", Delivery.state.not_in(("expired", "failed")),
    )  # fmt: skip
    last = next((row.invite for row in session.scalars(earlier.order_by(Delivery.id.desc())) if row.invite), None)
    return last is not None and last["method"] == "REQUEST"


def readers(session: Session, told_to: str, body: dict[str, Any]) -> list[int]:
    """The ids of the people that an audience stands for in this fact, each once."""
    return list(dict.fromkeys(AUDIENCES[told_to](session, body)))


def _hold(session: Session, fact: Received) -> None:
    if session.scalar(select(Held.id).where(Held.fact_id == fact.id)) is None:
        place = {"fact_id": fact.id, "source": fact.source, "type": fact.type, "subject": fact.subject}
        session.add(Held(**place, time=fact.time, seq=fact.seq, body=part_of(fact.type)().dump(fact.body)))


def tell_held(session: Session, now: datetime) -> int:
    """Tell what was held until people were known, oldest first; returns how many facts."""
    if session.scalar(select(Person.id).limit(1)) is None:
        return 0
    held = session.scalars(select(Held).order_by(Held.id).limit(200)).all()
    for row in held:
        body = part_of(row.type)().load(row.body)
        tell(session, Received(row.fact_id, row.source, row.type, row.subject, row.time, row.seq, body), now)
        session.delete(row)
    return len(held)


# ── On the way out ────────────────────────────────────────────────────────────


def due(session: Session, now: datetime, limit: int = 50, channel: str = "mail") -> list[int]:
    """Ids of messages to be sent that way now, oldest first. A later one about the same thing waits for the earlier."""
    earlier = aliased(Delivery)
    blocked = select(earlier.id).where(
        earlier.person_id == Delivery.person_id, earlier.source == Delivery.source, earlier.subject == Delivery.subject,
        earlier.channel == channel, earlier.state.in_(("queued", "sending")), earlier.id < Delivery.id,
    )  # fmt: skip
    waiting = select(Delivery.id).where(
        Delivery.state == "queued", Delivery.channel == channel, Delivery.next_try_at <= now, ~blocked.exists()
    )
    return list(session.scalars(waiting.order_by(Delivery.id).limit(limit)))


def claim(session: Session, delivery_id: int, now: datetime) -> Delivery | None:
    """Take one queued mail for sending; None when another sender has it or its moment has passed (then it expires)."""
    taken = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == "queued")
        .values(state="sending", changed_at=now)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    delivery = session.get(Delivery, delivery_id, populate_existing=True)
    if delivery is None or now >= delivery.expires_at:
        if delivery:
            become(session, delivery, "expired", now)
        return None
    return delivery


def arrived(session: Session, delivery_id: int, now: datetime, *, address: str, lang: str) -> None:
    """The mail server (or the folder) took it."""
    delivery = _mine(session, delivery_id)
    delivery.tries, delivery.error, delivery.sent_at = delivery.tries + 1, "", now
    delivery.address, delivery.lang = address, lang
    become(session, delivery, "sent", now)


def try_later(session: Session, delivery_id: int, now: datetime, *, error: str) -> None:
    """It did not go out, or nobody knows whether it did: queued again, after a pause that doubles up to a quarter hour."""
    delivery = _mine(session, delivery_id)
    delivery.tries, delivery.error = delivery.tries + 1, error[:400]
    pause = min(FIRST_PAUSE * 2 ** min(delivery.tries - 1, 20), LONGEST_PAUSE)
    delivery.next_try_at = now + pause * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
    delivery.state, delivery.changed_at = "queued", now


def give_up(session: Session, delivery_id: int, now: datetime, *, error: str) -> None:
    """It will never go out this way: no such mailbox, no address."""
    delivery = _mine(session, delivery_id)
    delivery.tries, delivery.error = delivery.tries + 1, error[:400]
    become(session, delivery, "failed", now)


def recover(session: Session, now: datetime) -> int:
    """Queue again what a sender that died left "sending"; returns how many."""
    stuck = update(Delivery).where(Delivery.state == "sending", Delivery.changed_at < now - STUCK_AFTER)
    told = "the sender stopped in the middle; whether it went out is not known"
    return int(session.execute(stuck.values(state="queued", next_try_at=now, changed_at=now, error=told)).rowcount)  # type: ignore[attr-defined]


def _mine(session: Session, delivery_id: int) -> Delivery:
    return session.get_one(Delivery, delivery_id, populate_existing=True)


def become(session: Session, delivery: Delivery, state: str, now: datetime) -> None:
    """The message is in another state from now on, and the house is told."""
    delivery.state, delivery.changed_at = state, now
    tell_change(session, delivery, now)


def tell_change(session: Session, delivery: Delivery, now: datetime) -> None:
    """Let the house know how far this message is."""
    post(session, DeliveryChanged, subject=delivery.subject, now=now, **body_of(delivery))


def body_of(delivery: Delivery) -> dict[str, Any]:
    """The body of the fact about this message as it stands."""
    return {
        "delivery_id": delivery.id,
        "service": delivery.source,
        "person_id": delivery.person_id,
        "channel": delivery.channel,
        "state": delivery.state,
        "at": delivery.changed_at,
    }


# ── What people do ────────────────────────────────────────────────────────────


def unread(session: Session, person: Person) -> int:
    """How many in-app messages this person has not opened."""
    return session.scalar(select(func.count()).select_from(inbox(person, only_unread=True).subquery())) or 0


def inbox(person: Person, *, only_unread: bool = False) -> Select[Delivery]:
    """This person's in-app messages, to be ordered and paged by the caller."""
    states = ("sent",) if only_unread else ARRIVED
    return select(Delivery).where(
        Delivery.person_id == person.id, Delivery.channel == "inbox", Delivery.state.in_(states)
    )


def mails(person: Person, *, everybody: bool = False) -> Select[Delivery]:
    """The mails this person was sent; `everybody`'s on a desk without a mail server."""
    chosen = select(Delivery).where(Delivery.channel == "mail")
    return chosen if everybody else chosen.where(Delivery.person_id == person.id)


FILTERS = ("state", "channel", "service", "subject", "person_id")


def filters(query: dict[str, Any]) -> dict[str, Any]:
    """Those of a query's answers that narrow the list."""
    return {name: query[name] for name in FILTERS if query.get(name) is not None}


def watched(person: Person, **chosen: Any) -> Select[Delivery]:
    """What this person may see on the operations page, narrowed by `filters`."""
    rows = select(Delivery).where(Delivery.watched_by(person))
    for name, value in chosen.items():
        rows = rows.where(getattr(Delivery, "source" if name == "service" else name) == value)
    return rows


def counts(session: Session, person: Person) -> dict[str, int]:
    """How many messages are in each state."""
    rows = select(Delivery.state, func.count()).where(Delivery.watched_by(person)).group_by(Delivery.state)
    return {state: count for state, count in session.execute(rows)}


def find(session: Session, person: Person, delivery_id: int) -> Delivery:
    """A row this person may see. Raises NotFound to anybody else."""
    delivery = session.get(Delivery, delivery_id) if 0 < delivery_id <= BIGGEST_ID else None
    if delivery is None or not delivery.can_see(person):
        raise NotFound
    return delivery


def mark_read(session: Session, person: Person, now: datetime, delivery_id: int) -> Delivery:
    """The addressee opened it; opening it again changes nothing. Raises NotFound to anybody else."""
    delivery = session.get(Delivery, delivery_id) if 0 < delivery_id <= BIGGEST_ID else None
    if delivery is None or not delivery.is_for(person) or delivery.state not in ARRIVED:
        raise NotFound
    if delivery.state == "sent":
        delivery.read_at = now
        become(session, delivery, "read", now)
    return delivery


def mark_all_read(session: Session, person: Person, now: datetime) -> int:
    """Everything in this person's inbox counts as opened; returns how many were not."""
    rows = session.scalars(inbox(person, only_unread=True).order_by(Delivery.id)).all()
    for delivery in rows:
        mark_read(session, person, now, delivery.id)
    return len(rows)


def send_again(session: Session, person: Person, now: datetime, delivery_id: int) -> Delivery:
    """Queue anew what failed or came too late, for another day. Raises NotFound, Forbidden, NotSettled."""
    delivery = find(session, person, delivery_id)
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    if not delivery.can_send_again(person):
        raise NotSettled
    before = delivery.state
    delivery.expires_at, delivery.next_try_at, delivery.error = now + FRESH_FOR, now, ""
    if delivery.channel == "inbox":
        delivery.sent_at = now
    become(session, delivery, "sent" if delivery.channel == "inbox" else "queued", now)
    audit.record(
        session,
        person,
        "send_again",
        f"delivery/{delivery.id}",
        now,
        before={"state": before},
        after={"state": delivery.state},
    )
    return delivery
