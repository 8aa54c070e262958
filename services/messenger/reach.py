"""How a person's phone is reached: browsers that take pushes, and the LINE user they proved to be."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from common.errors import Invalid, NotFound
from common.identity import Person
from common.words import Words
from services.messenger.models import Device, LineCode, LineLink, Rung

CODE_LASTS = timedelta(minutes=15)
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that are taken for another
MOST_DEVICES = 8
STRANGE = Words("這個瀏覽器的通知服務不在可用名單上。", "This browser’s push service is not one we may send to.")


def rungs(session: Session) -> list[str]:
    """The ways in the order they are tried."""
    return list(session.scalars(select(Rung.channel).order_by(Rung.position)))


def can_reach(session: Session, person: Person | None, channel: str) -> bool:
    """Whether there is something to send to. A call is always possible: somebody dials."""
    if channel == "call":
        return True
    if person is None or not person.active:
        return False
    if channel == "mail":
        return bool(person.mail)
    row = {"push": Device.id, "line": LineLink.id}[channel]
    owner = {"push": Device.person_id, "line": LineLink.person_id}[channel]
    return session.scalar(select(row).where(owner == person.id).limit(1)) is not None


def first_phone(session: Session, person: Person | None) -> str | None:
    """The first way of the ladder that rings in a pocket, if this person has one."""
    return next(
        (each for each in rungs(session) if each in ("push", "line") and can_reach(session, person, each)), None
    )


# ── Browsers ──────────────────────────────────────────────────────────────────


def devices(session: Session, person_id: int) -> list[Device]:
    """A person's browsers, the oldest first."""
    return list(session.scalars(select(Device).where(Device.person_id == person_id).order_by(Device.id)))


def add_device(
    session: Session, person: Person, now: datetime, subscription: str, label: str, hosts: tuple[str, ...]
) -> Device:
    """Keep what `PushManager.subscribe` gave (JSON). The same browser again is the same row, now this person's.

    Raises Invalid for what is none, or whose push service is not among `hosts`.
    """
    try:
        given: dict[str, Any] = json.loads(subscription)
        endpoint, keys = str(given["endpoint"]), given["keys"]
        p256dh, auth = str(keys["p256dh"]), str(keys["auth"])
    except (ValueError, KeyError, TypeError) as wrong:
        raise Invalid(Words("這不是推播訂閱。", "That is not a push subscription."), field="subscription") from wrong
    if not (len(endpoint) <= 2000 and 80 <= len(p256dh) <= 120 and 16 <= len(auth) <= 40):
        raise Invalid(Words("這不是推播訂閱。", "That is not a push subscription."), field="subscription")
    if not may_send_to(endpoint, hosts):
        raise Invalid(STRANGE, field="subscription")
    digest = hashlib.sha256(endpoint.encode()).hexdigest()
    row = session.scalars(select(Device).where(Device.endpoint_sha256 == digest)).one_or_none()
    if row is None:
        row = Device(endpoint=endpoint, endpoint_sha256=digest, added_at=now)
        session.add(row)
    row.person_id, row.p256dh, row.auth, row.label = person.id, p256dh, auth, label[:80]
    session.flush()
    for old in devices(session, person.id)[:-MOST_DEVICES]:
        session.delete(old)
    return row


def may_send_to(endpoint: str, hosts: tuple[str, ...]) -> bool:
    """Whether the address is at one of `hosts`: https there, or exactly an origin that is written out."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if f"{parts.scheme}://{parts.netloc}" in hosts:
        return True
    return (
        parts.scheme == "https"
        and port in (None, 443)
        and "@" not in parts.netloc
        and any(fnmatch(host, each) for each in hosts)
    )


def remove_device(session: Session, person: Person, device_id: int) -> None:
    """No more pushes to that browser. Raises NotFound for anybody else's."""
    row = session.get(Device, device_id)
    if row is None or row.person_id != person.id:
        raise NotFound
    session.delete(row)


# ── LINE ──────────────────────────────────────────────────────────────────────


def line_of(session: Session, person_id: int) -> LineLink | None:
    """Which LINE user the person is."""
    return session.scalars(select(LineLink).where(LineLink.person_id == person_id)).one_or_none()


def make_code(session: Session, person: Person, now: datetime) -> str:
    """A code to send to the official account within a quarter of an hour; an earlier one stops being good."""
    session.execute(delete(LineCode).where((LineCode.person_id == person.id) | (LineCode.expires_at < now)))
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(10))
    session.add(LineCode(person_id=person.id, code_sha256=_hash(code), expires_at=now + CODE_LASTS))
    session.flush()
    return code


def link(session: Session, now: datetime, code: str, user_id: str) -> Person | None:
    """The person whose living code this is, from now on that LINE user; None for any other words."""
    row = session.scalars(
        select(LineCode).where(LineCode.code_sha256 == _hash(code), LineCode.expires_at > now)
    ).one_or_none()
    person = session.get(Person, row.person_id) if row else None
    if row is None or person is None or not person.active:
        return None
    session.delete(row)
    session.execute(delete(LineLink).where((LineLink.person_id == person.id) | (LineLink.user_id == user_id)))
    session.add(LineLink(person_id=person.id, user_id=user_id, linked_at=now))
    session.flush()
    return person


def unlink(session: Session, *, person_id: int | None = None, user_id: str | None = None) -> int:
    """Nothing more by LINE, because the person says so here or blocked the account there. Returns how many."""
    which = LineLink.person_id == person_id if person_id is not None else LineLink.user_id == user_id
    count = session.scalar(select(func.count()).select_from(LineLink).where(which)) or 0
    session.execute(delete(LineLink).where(which))
    return count


def _hash(code: str) -> str:
    return hashlib.sha256("".join(code.upper().split()).encode()).hexdigest()
