"""Passwords of people: given once, changed by their owner, reset by a link that opens once (C-30, C-32)."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from common import audit
from common.errors import Forbidden, Invalid, NotFound
from common.identity import Person
from common.words import Words
from services.portal import sessions
from services.portal.models import Account, PasswordLink, new_secret, sha256
from services.portal.passwords import Keeper, one_time

LINK_LIFETIME = timedelta(minutes=30)
LINK_SPENT = Words(
    "這個連結已經用過或過期，請洽帳號管理者再要一個。",
    "This link was used or has expired. Ask your account manager for another.",
)


def give_one_time_password(session: Session, now: datetime, keeper: Keeper, person: Person) -> str:
    """A new account with a password for one sign-in, which has to be changed there; shown once, to whoever made it."""
    password = one_time()
    account = session.get(Account, person.id)
    if account is None:
        account = Account(person_id=person.id, earlier=[])
        session.add(account)
    account.take(keeper.hash(password), now, must_change=True)
    return password


def set_password(session: Session, now: datetime, person_id: int, password_hash: str) -> None:
    """Let `password_hash` open this person's account from now on (the demo desk and `accounts` only)."""
    account = session.get(Account, person_id)
    if account is None:
        account = Account(person_id=person_id, earlier=[])
        session.add(account)
    account.take(password_hash, now)


def change_password(
    session: Session, person: Person, now: datetime, keeper: Keeper, current: str, new: str, sid: str | None
) -> None:
    """The owner changes it; every other session of theirs ends. Raises Invalid at `current_password` or `new_password`."""
    account = session.get(Account, person.id)
    if account is None or not keeper.matches(account.password_hash, current):
        raise Invalid(Words("目前的密碼不對。", "The present password is not right."), field="current_password")
    keeper.check_age(account.changed_at, now)
    _put(session, person, now, keeper, account, new)
    sessions.end_all(session, now, person.id, person, "password changed", but=sid)
    audit.record(session, person, "password.change", f"person/{person.id}", now)


def make_link(session: Session, actor: Person | None, now: datetime, person: Person) -> str:
    """The secret of a link that lets `person` set a password once within half an hour; earlier links stop working.

    `actor` is the administrator who confirmed who asks (C-32), or None when the right one-time password did.
    """
    if actor is not None and not actor.has("admin"):
        raise Forbidden
    if not person.active:
        raise Invalid(Words("這個帳號已停用。", "This account is disabled."))
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.person_id == person.id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
    )
    secret = new_secret()
    session.add(
        PasswordLink(
            token_sha256=sha256(secret),
            person_id=person.id,
            made_by=actor.id if actor else None,
            expires_at=now + LINK_LIFETIME,
        )
    )
    audit.record(session, actor or person, "password.link", f"person/{person.id}", now)
    return secret


def link_owner(session: Session, now: datetime, secret: str | None) -> Person:
    """Whose password a link may set. Raises NotFound when it was used, has expired or never was."""
    link = _link(session, secret)
    person = session.get(Person, link.person_id) if link and link.is_good(now) else None
    if person is None or not person.active:
        raise NotFound(LINK_SPENT)
    return person


def use_link(session: Session, now: datetime, keeper: Keeper, secret: str | None, new: str) -> Person:
    """Set the password a link allows, once; every session of the person ends. Raises NotFound or Invalid."""
    person = link_owner(session, now, secret)
    link = _link(session, secret)
    account = session.get(Account, person.id)
    if account is None:
        account = Account(person_id=person.id, earlier=[])
        session.add(account)
    _put(session, person, now, keeper, account, new)
    if link:
        link.used_at = now
    sessions.end_all(session, now, person.id, person, "password set by link")
    audit.record(session, person, "password.set", f"person/{person.id}", now)
    return person


def forget(session: Session, now: datetime) -> int:
    """Drop links a day after they ended; returns how many."""
    return int(session.execute(delete(PasswordLink).where(PasswordLink.expires_at < now - timedelta(days=1))).rowcount)  # type: ignore[attr-defined]


def _link(session: Session, secret: str | None) -> PasswordLink | None:
    if not secret or len(secret) > 100:
        return None
    return session.scalars(select(PasswordLink).where(PasswordLink.token_sha256 == sha256(secret))).first()


def _put(session: Session, person: Person, now: datetime, keeper: Keeper, account: Account, new: str) -> None:
    about = (
        person.username,
        person.agency.code,
        person.agency.name,
        person.name,
        *person.name_en.replace("-", " ").split(),
    )
    earlier = tuple(filter(None, (account.password_hash, *(account.earlier or []))))
    keeper.check_new(new, about=about, earlier=earlier)
    account.take(keeper.hash(new), now)
