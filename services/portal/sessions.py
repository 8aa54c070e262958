"""Sessions: opened at sign-in, slid while somebody is there, listed, ended one by one or all at once (ASVS 7, C-34).

A session's secret lives in one cookie that only the portal reads; `sid` is what its short tokens carry, so that ending
the session ends the tokens: here at once, elsewhere within the lag of `portal.session_ended`.
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common import audit
from common.errors import NotFound, Unauthenticated
from common.identity import TOKEN_LIFETIME, EndedSession, Person
from common.messages import post
from common.words import Words
from services.portal.messages import SessionEnded
from services.portal.models import ABSOLUTE_LIMIT, SignIn, idle_limit, new_secret, sha256

KEEP_ENDED = timedelta(days=30)
NO_SUCH_SESSION = Words("找不到這個登入紀錄，可能已經結束。", "There is no such sign-in; it may have ended already.")


class Opened(NamedTuple):
    """A new session with the secret that only its holder gets to see."""

    sign_in: SignIn
    secret: str
    person: Person


def open_session(
    session: Session, now: datetime, person: Person, *, kind: str, address: str, user_agent: str
) -> Opened:
    """A new session with a new id, whatever the browser brought along (no fixation)."""
    secret = new_secret()
    row = SignIn(
        sid=secrets.token_hex(16),
        secret_sha256=sha256(secret),
        person_id=person.id,
        kind=kind,
        created_at=now,
        seen_at=now,
        expires_at=now + (TOKEN_LIFETIME if kind == "api" else ABSOLUTE_LIMIT),
        address=address[:60],
        user_agent=user_agent[:300],
        ended_at=None,
    )
    session.add(row)
    session.flush()
    return Opened(row, secret, person)


def find(session: Session, now: datetime, secret: str | None) -> tuple[SignIn, Person] | None:
    """The browser session behind a secret and whose it is, while it is good."""
    if not secret or len(secret) > 100:
        return None
    row = session.scalars(
        select(SignIn).where(SignIn.secret_sha256 == sha256(secret), SignIn.kind == "browser")
    ).first()
    person = session.get(Person, row.person_id) if row else None
    return (row, person) if row and person and row.is_good(person, now) else None


def by_sid(session: Session, sid: str) -> SignIn | None:
    """The session whose tokens carry `sid`."""
    return session.scalars(select(SignIn).where(SignIn.sid == sid)).first() if sid else None


def renew(session: Session, now: datetime, secret: str | None) -> tuple[SignIn, Person]:
    """Slide a good session on to `now`, within its absolute limit. Raises Unauthenticated."""
    found = find(session, now, secret)
    if found is None:
        raise Unauthenticated
    found[0].seen_at = max(found[0].seen_at, now)
    return found


def token_lifetime(row: SignIn, person: Person, now: datetime) -> timedelta:
    """How long a token of this session may live: never past the idle or the absolute limit."""
    return max(min(TOKEN_LIFETIME, idle_limit(person), row.expires_at - now), timedelta(seconds=1))


def end(session: Session, now: datetime, row: SignIn, actor: Person | None, reason: str) -> None:
    """End one session; its tokens are refused here from this moment. Ending it again changes nothing."""
    if row.ended_at is not None:
        return
    row.ended_at = now
    session.merge(EndedSession(sid=row.sid, ended_at=now))
    post(session, SessionEnded, subject=f"session/{row.id}", now=now, sid=row.sid, person_id=row.person_id)
    audit.record(
        session, actor, "session.end", f"person/{row.person_id}", now, after={"session": row.id}, reason=reason
    )


def end_all(
    session: Session, now: datetime, person_id: int, actor: Person | None, reason: str, *, but: str | None = None
) -> int:
    """End every session of a person except the one whose sid is `but`; returns how many."""
    rows = session.scalars(
        select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    )
    ended = [row for row in rows if row.sid != but]
    for row in ended:
        end(session, now, row, actor, reason)
    return len(ended)


def end_own(session: Session, person: Person, now: datetime, session_id: int) -> None:
    """A person ends one of their own sessions. Raises NotFound for anybody else's."""
    row = session.get(SignIn, session_id)
    if row is None or row.person_id != person.id or row.ended_at is not None:
        raise NotFound(NO_SUCH_SESSION)
    end(session, now, row, person, "ended by its owner")


def of_person(session: Session, person: Person, now: datetime) -> list[SignIn]:
    """The sessions that are still good, most recently seen first."""
    rows = session.scalars(
        select(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None)).order_by(SignIn.seen_at.desc())
    )
    return [row for row in rows if row.is_good(person, now)]


def forget(session: Session, now: datetime) -> int:
    """Drop what is long over: sessions past their time, and ended ones whose tokens have run out. Returns how many."""
    old = session.execute(delete(SignIn).where(SignIn.expires_at < now - KEEP_ENDED))
    spent = session.execute(delete(EndedSession).where(EndedSession.ended_at < now - ABSOLUTE_LIMIT))
    return int(old.rowcount) + int(spent.rowcount)  # type: ignore[attr-defined]
