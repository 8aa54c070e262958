"""Signing in (C-31, C-32): argon2id, the same answer and the same time for known and unknown names, a lock after five failures.

The hash is checked outside any transaction: it takes as long as it takes and must not hold the database meanwhile.
What it found is then settled in one transaction which counts first, so that guesses sent at once gain nothing.
That is why these functions, alone in the house, take the database and not a session: a refusal must be *kept*.
"""

import hashlib
from datetime import datetime, timedelta
from ipaddress import ip_address

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from common import audit
from common.db import Database, for_update
from common.errors import Forbidden, Problem, Unauthenticated
from common.identity import Person
from common.words import Words
from services.portal import sessions
from services.portal.models import Account, SignIn, SignInFailure, SignInGate
from services.portal.passwords import LONGEST, Keeper
from services.portal.sessions import Opened

FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=30)


class WrongPassword(Unauthenticated):
    """The name or the password is wrong, or there is no such account; which of them is nobody's business."""

    words = Words("帳號或密碼不對，請再試一次。", "The user name or password is not right. Try again.")


class TooManyFailures(Unauthenticated):
    """Five failures: nobody gets in under this name (or from this place) for fifteen minutes, right password or not."""

    words = Words(
        "登入失敗次數太多，請 15 分鐘後再試（C-31）。忘記密碼請洽貴機關帳號管理者。",
        "Too many failed attempts. Try again in 15 minutes (C-31). If you forgot the password, ask your account manager.",
    )


class MustChangePassword(Forbidden):
    """The password is right but good for one thing only: choosing another (C-32)."""

    words = Words("第一次登入要先變更密碼，請用網頁登入。", "Change the password first: sign in on the web page.")

    def __init__(self, person_id: int):
        super().__init__()
        self.person_id = person_id


def account_name(username: str) -> str:
    """The one spelling of a user name."""
    return username.strip().casefold()[:60]


def sign_in(
    database: Database,
    keeper: Keeper,
    now: datetime,
    username: str,
    password: str,
    *,
    kind: str,
    address: str,
    user_agent: str,
) -> Opened:
    """Open a session for whoever knows the password; the outcome is counted and audited either way.

    Raises WrongPassword, TooManyFailures or MustChangePassword, always after its row is committed.
    """
    name = account_name(username)
    with database.reading() as session:
        stored = stored_hash(session, name)
    right = len(password) <= LONGEST and keeper.matches(stored, password)
    fresh = keeper.hash(password) if right and stored and keeper.is_outdated(stored) else None

    def settle(session: Session) -> Opened | Problem:
        pass_gates(session, name, address)
        if is_locked(session, now, name, address):
            audit.record(session, None, "sign_in.locked", f"account/{name}", now, after={"from": address})
            return TooManyFailures()
        person = session.scalars(select(Person).where(Person.username == name)).first()
        account = session.get(Account, person.id) if person else None
        if not (right and person and account and person.active and account.password_hash == stored):
            session.add(SignInFailure(account=name, address=address[:60], at=now))
            audit.record(session, None, "sign_in.failed", f"account/{name}", now, after={"from": address})
            return WrongPassword()
        session.execute(delete(SignInFailure).where(SignInFailure.account == name))
        if account.must_change or keeper.is_expired(account.changed_at, now):
            audit.record(session, person, "sign_in.must_change", f"person/{person.id}", now, after={"from": address})
            return MustChangePassword(person.id)
        if fresh:
            account.password_hash = fresh
        audit.record(session, person, "sign_in.ok", f"person/{person.id}", now, after={"from": address, "kind": kind})
        return sessions.open_session(session, now, person, kind=kind, address=address, user_agent=user_agent)

    outcome = database.transact(settle)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def pass_gates(session: Session, name: str, address: str) -> None:
    """Wait for other sign-ins under this name or from this address to be settled, so that none is counted late."""
    keys = [f"name {name}"] if is_this_machine(address) else [f"name {name}", f"address {address}"]
    for number in sorted({hashlib.sha256(key.encode()).digest()[0] for key in keys}):
        session.get(SignInGate, number, **for_update(session))


def stored_hash(session: Session, name: str) -> str | None:
    """The hash kept for an active person's account, if there is one."""
    return session.scalar(
        select(Account.password_hash)
        .join(Person, Person.id == Account.person_id)
        .where(Person.username == name, Person.active)
    )


def is_locked(session: Session, now: datetime, name: str, address: str) -> bool:
    """Whether this name, or this address for this name, has used up its attempts.

    A name is locked for fifteen minutes after its fifth failure within fifteen minutes. An address is locked after
    failures under five different names (one success takes a name off), but not for people who signed in from there in
    the last thirty days: half the city sits behind one address. The machine itself is never locked as an address: a
    proxy that forgets to tell would otherwise let one guesser lock everybody out.
    """
    since = now - LOCKED_FOR
    under_name = select(func.count()).where(SignInFailure.account == name, SignInFailure.at > since)
    if (session.scalar(under_name) or 0) >= FAILURES:
        return True
    if is_this_machine(address):
        return False
    names = select(func.count(SignInFailure.account.distinct())).where(
        SignInFailure.address == address[:60], SignInFailure.at > since
    )
    return (session.scalar(names) or 0) >= FAILURES and not is_known_here(session, now, name, address)


def is_known_here(session: Session, now: datetime, name: str, address: str) -> bool:
    """Whether this person signed in from this address lately."""
    seen = (
        select(SignIn.id)
        .join(Person, Person.id == SignIn.person_id)
        .where(Person.username == name, SignIn.address == address[:60], SignIn.created_at > now - KNOWN_FOR)
        .limit(1)
    )
    return session.scalar(seen) is not None


def is_this_machine(address: str) -> bool:
    """Whether the address is a loopback one, or none at all."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return not address


def forget(session: Session, now: datetime) -> int:
    """Drop failures that no lock looks at any more; returns how many."""
    return int(session.execute(delete(SignInFailure).where(SignInFailure.at < now - timedelta(days=1))).rowcount)  # type: ignore[attr-defined]
