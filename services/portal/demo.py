"""Fills an empty portal with the demo city: agencies, people, and sign-ins with a password that the desk made or was given."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from services.portal import accounts, people, sessions
from services.portal.demo_people import AGENCIES
from services.portal.demo_people import people as everybody
from services.portal.models import Account
from services.portal.passwords import Keeper

SIGNED_UP = timedelta(days=400)


def load(session: Session, now: datetime, password: str | None = None) -> str:
    """Add everybody as of more than a year ago; returns the password of all who can sign in (`password`, or a random one).

    Where there are people already nothing is added, and the answer is empty; but a new `password` replaces the old one.

    Every account has a hash with its own salt; only the named demo people and one officer and supervisor of each body
    get one, because two hundred hashes would keep a newcomer waiting. The others cannot sign in.
    """
    if session.scalar(select(Person.id).limit(1)):
        renew_password(session, now, password)
        return ""
    then = now - SIGNED_UP
    password = password or secrets.token_urlsafe(9)
    keeper = Keeper()
    entries = list(everybody())
    hashes = _hashes(keeper, password, sum(entry.signs_in for entry in entries))
    ids = {
        entry.code: people.create_agency(
            session, None, then, code=entry.code, name=entry.name, name_en=entry.name_en, kind=entry.kind
        ).id
        for entry in AGENCIES
    }
    for entry in entries:
        person, _ = people.create(
            session, None, then, None, username=entry.username, name=entry.name, name_en=entry.name_en, agency_id=ids[entry.agency],
            unit=entry.unit, roles=entry.roles, phone=entry.phone, lang=entry.lang, mail=f"{entry.username}@citykeys.example",
        )  # fmt: skip
        if entry.signs_in:
            accounts.set_password(session, now, person.id, hashes.pop())
    return password


def renew_password(session: Session, now: datetime, password: str | None) -> None:
    """Give every demo sign-in `password` when it opens none of them: the desk was started with another one this time.

    Their sessions end. Where it still opens one account, it is the old password and somebody changed their own: kept.
    """
    names = [entry.username for entry in everybody() if entry.signs_in]
    found = select(Person, Account).join(Account, Account.person_id == Person.id).where(Person.username.in_(names))
    rows = [(person, account) for person, account in session.execute(found.order_by(Person.id))]
    keeper = Keeper()
    if not password or any(keeper.matches(account.password_hash, password) for _, account in rows):
        return
    for (person, _), password_hash in zip(rows, _hashes(keeper, password, len(rows)), strict=True):
        accounts.set_password(session, now, person.id, password_hash)
        sessions.end_all(session, now, person.id, None, "demonstration password changed")


def _hashes(keeper: Keeper, password: str, count: int) -> list[str]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda _: keeper.hash(password), range(count)))
