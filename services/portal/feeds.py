"""Calendar addresses: made, listed, revoked one by one. The portal keeps who has which; the service named answers for it.

An address carries 32 random bytes and is shown once: only its SHA-256 is kept. What a subscriber may see is decided
anew by the serving service at every read.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from common import audit
from common.db import Database
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Feed, Person
from common.messages import post
from common.words import Words
from services.portal.messages import FeedCreated, FeedRevoked
from services.portal.models import FeedCard, new_secret, sha256

MOST = 50
READ_NOTED_EVERY = timedelta(hours=1)


class FeedKind(NamedTuple):
    """One kind of feed: who serves it, whether it is about one thing (`ref`), who may ask for it (no roles: anyone)."""

    service: str
    needs_ref: bool
    roles: tuple[str, ...]
    words: Words
    about: Words


EVERYONE: tuple[str, ...] = ()
KINDS = {
    "my": FeedKind(
        "portal",
        False,
        EVERYONE,
        Words("我的預約", "My bookings"),
        Words("車、場地、會議室，全部在一起", "Cars, venues and rooms together"),
    ),
    "driver": FeedKind(
        "fleet",
        False,
        ("driver",),
        Words("我的派車任務", "My driving jobs"),
        Words("指派給我的行程", "Trips assigned to me"),
    ),
    "trips": FeedKind(
        "fleet",
        False,
        ("supervisor", "dispatcher", "auditor", "officer"),
        Words("機關用車", "Trips of my agency"),
        Words("調度看全部，其他人看自己機關", "Dispatchers see all, others their agency’s"),
    ),
    "vehicle": FeedKind(
        "fleet",
        True,
        ("dispatcher", "driver", "supervisor", "officer", "auditor"),
        Words("一輛車", "One vehicle"),
        Words("這輛車的行程", "The trips of one car"),
    ),
    "venue": FeedKind(
        "venues", True, EVERYONE, Words("一個場地", "One venue"), Words("這個場地的檔期", "What is on at one venue")
    ),
    "bookings": FeedKind(
        "venues",
        False,
        ("venue_officer", "auditor", "officer", "supervisor", "group"),
        Words("場地申請案", "Venue bookings"),
        Words("場地承辦看全部，其他人看自己機關", "Venue officers see all, others their body’s"),
    ),
    "dorm": FeedKind(
        "dorms",
        False,
        ("staff",),
        Words("我的宿舍期限", "My dormitory dates"),
        Words("簽約、遷入、檢查、遷出期限", "Contract, move-in, check and move-out dates"),
    ),
    "dorms": FeedKind(
        "dorms",
        False,
        ("dorm_officer", "auditor"),
        Words("宿舍檢查與期限", "Dormitory checks and deadlines"),
        Words("全部宿舍", "All quarters"),
    ),
}
PREFIX = {"portal": "", "fleet": "/fleet", "venues": "/venues", "dorms": "/dorms"}


class TooManyFeeds(Conflict):
    """Nobody needs that many addresses."""

    words = Words(
        "行事曆網址最多 {n} 個，請先停用不用的。", "You have {n} calendar addresses already. Revoke one first."
    ).fill(n=MOST)


class Made(NamedTuple):
    """A new feed with its address, which is shown once and kept nowhere."""

    feed: Feed
    card: FeedCard
    url: str


def kinds_for(person: Person) -> dict[str, FeedKind]:
    """The kinds of feed this person may ask for."""
    return {key: kind for key, kind in KINDS.items() if not kind.roles or person.has(*kind.roles)}


def create(
    session: Session, person: Person, now: datetime, public_url: str, *, kind: str, ref: str = "", label: str = ""
) -> Made:
    """Make a private address. Raises Invalid (kind, ref), Forbidden, TooManyFeeds."""
    wanted = KINDS.get(kind)
    if wanted is None:
        raise Invalid(Words("沒有這種行事曆", "There is no such kind of calendar"), field="kind")
    if kind not in kinds_for(person):
        raise Forbidden(
            Words("你的角色不能訂閱這種行事曆。", "Your role cannot subscribe to this kind of calendar."), field="kind"
        )
    ref = (ref or "").strip()
    if wanted.needs_ref and not (ref.isascii() and ref.isdigit() and len(ref) <= 18):
        raise Invalid(Words("請填編號，例如 7", "Give its number, for example 7"), field="ref")
    if len(of_person(session, person)) >= MOST:
        raise TooManyFeeds
    secret = new_secret()
    feed = Feed(
        token_sha256=sha256(secret),
        person_id=person.id,
        service=wanted.service,
        kind=kind,
        ref=ref if wanted.needs_ref else "",
        revoked_at=None,
    )
    session.add(feed)
    session.flush()
    card = FeedCard(feed_id=feed.id, label=(label or "").strip()[:80], created_at=now, read_at=None)
    session.add(card)
    post(session, FeedCreated, subject=f"feed/{feed.id}", now=now, **state(feed))
    audit.record(session, person, "feed.create", f"feed/{feed.id}", now, after={"kind": kind, "ref": feed.ref})
    return Made(feed, card, address(public_url, feed.service, secret))


def state(feed: Feed) -> dict[str, Any]:
    """A feed as the fact tells it: never the address, only its hash."""
    return {
        "feed_id": feed.id, "person_id": feed.person_id, "service": feed.service, "kind": feed.kind, "ref": feed.ref,
        "token_sha256": feed.token_sha256,
    }  # fmt: skip


def address(public_url: str, service: str, secret: str) -> str:
    """The address to subscribe to."""
    return f"{public_url}{PREFIX[service]}/feeds/{secret}.ics"


def of_person(session: Session, person: Person) -> list[tuple[Feed, FeedCard]]:
    """The addresses of a person that still work, newest first."""
    rows = session.execute(
        select(Feed, FeedCard)
        .join(FeedCard, FeedCard.feed_id == Feed.id)
        .where(Feed.person_id == person.id, Feed.revoked_at.is_(None))
        .order_by(Feed.id.desc())
    )
    return [(feed, card) for feed, card in rows]


def revoke(session: Session, person: Person, now: datetime, feed_id: int) -> Feed:
    """Stop one of one's own addresses; it answers 404 from then on. Raises NotFound for anybody else's."""
    feed = session.get(Feed, feed_id)
    if feed is None or feed.person_id != person.id or feed.revoked_at is not None:
        raise NotFound(
            Words(
                "找不到這個行事曆網址，可能已經停用。", "There is no such calendar address; it may be revoked already."
            )
        )
    _stop(session, now, feed, person)
    return feed


def reset(session: Session, person: Person, now: datetime, public_url: str, feed_id: int) -> Made:
    """Put a new address in the place of an old one, which stops at once."""
    old = revoke(session, person, now, feed_id)
    card = session.get(FeedCard, feed_id)
    return create(session, person, now, public_url, kind=old.kind, ref=old.ref, label=card.label if card else "")


def note_read(database: Database, secret: str, now: datetime) -> None:
    """Remember, at most once an hour, that a feed was read. In a transaction of its own: reading a feed changes nothing else."""
    recent = select(FeedCard.read_at).join(Feed, Feed.id == FeedCard.feed_id).where(Feed.token_sha256 == sha256(secret))
    with database.reading() as session:
        row = session.execute(recent).first()
    if row is None or (row[0] is not None and now - row[0] < READ_NOTED_EVERY):
        return

    def note(session: Session) -> None:
        feed_id = select(Feed.id).where(Feed.token_sha256 == sha256(secret)).scalar_subquery()
        session.execute(update(FeedCard).where(FeedCard.feed_id == feed_id).values(read_at=now))

    database.transact(note)


def revoke_all(session: Session, now: datetime, person: Person, actor: Person | None) -> None:
    """Stop every address of a person who may no longer be served."""
    for feed, _ in of_person(session, person):
        _stop(session, now, feed, actor)


def _stop(session: Session, now: datetime, feed: Feed, actor: Person | None) -> None:
    feed.revoked_at = now
    post(session, FeedRevoked, subject=f"feed/{feed.id}", now=now, feed_id=feed.id, person_id=feed.person_id)
    audit.record(session, actor, "feed.revoke", f"feed/{feed.id}", now, after={"kind": feed.kind, "ref": feed.ref})
