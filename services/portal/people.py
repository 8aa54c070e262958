"""People and agencies: added, changed, disabled, left (C-30). Every change is told to the house and written to the audit log."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common import audit
from common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from common.identity import ROLES, Agency, Person
from common.messages import post
from common.words import Words
from services.portal import accounts, feeds, sessions
from services.portal.messages import AgencyChanged, PersonChanged, PersonLeft
from services.portal.passwords import Keeper

USERNAME = re.compile(r"^[a-z0-9](?:[a-z0-9._-]{0,58}[a-z0-9])?$")
KINDS = ("city", "outside")
LEAVING = {
    "transfer": Words("調職", "Transfer"),
    "retirement": Words("退休", "Retirement"),
    "death": Words("死亡", "Death"),
    "dismissal": Words("免職", "Dismissal"),
}
FIRST_AGENCY = {"code": "ADMIN", "name": "系統管理", "name_en": "System administration"}
CHANGEABLE = ("name", "name_en", "agency_id", "unit", "roles", "mail", "phone", "lang", "active")


class UsernameTaken(Conflict):
    """Somebody else signs in under this name."""

    words = Words("這個帳號已經有人使用。", "This user name is taken.")


class LastAdministrator(Conflict):
    """Nobody would be left who can manage accounts."""

    words = Words(
        "這是最後一位系統管理者，不能停用或取消這個角色。",
        "This is the last administrator; the account has to stay one.",
    )


def list_people(
    session: Session,
    person: Person,
    *,
    agency_id: int | None = None,
    role: str | None = None,
    text: str = "",
    active: bool | None = None,
) -> Any:
    """The statement for the people list, by agency and name. Administrators and auditors see everybody. Raises Forbidden."""
    if not person.has("admin", "auditor"):
        raise Forbidden
    found = select(Person).order_by(Person.agency_id, Person.id)
    if agency_id is not None:
        found = found.where(Person.agency_id == agency_id)
    if active is not None:
        found = found.where(Person.active == active)
    if text.strip():
        like = f"%{text.strip().replace('%', '').replace('_', '')}%"
        found = found.where(or_(Person.name.ilike(like), Person.name_en.ilike(like), Person.username.ilike(like)))
    if role:
        ids = [each.id for each in session.scalars(select(Person)) if role in each.roles]
        found = found.where(Person.id.in_(ids))
    return found


def get_person(session: Session, actor: Person, person_id: int) -> Person:
    """One person, for administrators and auditors; anyone may get themselves. Raises NotFound."""
    person = session.get(Person, person_id)
    if person is None or not (actor.id == person_id or actor.has("admin", "auditor")):
        raise NotFound
    return person


def agencies(session: Session, *, kind: str | None = None, active: bool | None = True) -> list[Agency]:
    """The agencies in order of id, the city's own first."""
    found = select(Agency).order_by(Agency.kind, Agency.id)
    if kind:
        found = found.where(Agency.kind == kind)
    if active is not None:
        found = found.where(Agency.active == active)
    return list(session.scalars(found))


def create_agency(
    session: Session, actor: Person | None, now: datetime, *, code: str, name: str, name_en: str, kind: str
) -> Agency:
    """Add an agency or an outside body. Raises Forbidden, Invalid."""
    _only_admin(actor)
    if kind not in KINDS:
        raise Invalid(Words("種類要是本府機關或府外團體", "Choose a city agency or an outside body"), field="kind")
    if session.scalar(select(Agency.id).where(Agency.code == code)):
        raise Invalid(Words("這個代碼已經有機關使用", "Another agency has this code"), field="code")
    agency = Agency(code=code, name=name, name_en=name_en, kind=kind, active=True)
    session.add(agency)
    session.flush()
    _tell_agency(session, now, agency)
    audit.record(session, actor, "agency.create", f"agency/{agency.id}", now, after=agency_state(agency))
    return agency


def create(
    session: Session,
    actor: Person | None,
    now: datetime,
    keeper: Keeper | None,
    *,
    username: str,
    name: str,
    agency_id: int,
    roles: Iterable[str],
    name_en: str = "",
    unit: str = "",
    mail: str = "",
    phone: str = "",
    lang: str = "zh",
) -> tuple[Person, str]:
    """Add a person; returns them and a one-time password to hand over, which must be changed at first sign-in (C-32).

    Without a keeper (the demo desk's extras) no account is made and the password is empty. `actor` None is the desk itself.
    Raises Forbidden, Invalid, UsernameTaken.
    """
    _only_admin(actor)
    username = username.strip().casefold()
    roles = list(dict.fromkeys(roles))
    faults = [*_faults(session, agency_id, roles)]
    if not USERNAME.match(username):
        faults.append(
            FieldError(
                "username",
                Words(
                    "帳號用小寫英文、數字、點或連字號", "Use small letters, digits, dots or hyphens for the user name"
                ),
            )
        )
    if faults:
        raise Invalid.many(faults)
    if session.scalar(select(Person.id).where(Person.username == username)):
        raise UsernameTaken(field="username")
    person = Person(
        username=username, name=name.strip(), name_en=name_en.strip() or name.strip(), agency_id=agency_id, unit=unit.strip(),
        roles=roles, mail=mail.strip(), phone=phone.strip(), lang=lang, active=True,
    )  # fmt: skip
    session.add(person)
    session.flush()
    password = accounts.give_one_time_password(session, now, keeper, person) if keeper else ""
    _tell(session, now, person)
    audit.record(session, actor, "person.create", f"person/{person.id}", now, after=state(person))
    return person, password


def add_admin(session: Session, now: datetime, keeper: Keeper, username: str) -> tuple[Person, str]:
    """An administrator, made by whoever runs the machine: the first one of an empty house, or one when all are lost.

    They belong to the first city agency; where there is none, one is made for them. Returns them and their one-time
    password. Raises Invalid, UsernameTaken.
    """
    home = next(iter(agencies(session, kind="city")), None)
    home = home or create_agency(session, None, now, **FIRST_AGENCY, kind="city")
    return create(session, None, now, keeper, username=username, name=username, agency_id=home.id, roles=["admin"])


def change(
    session: Session, actor: Person | None, now: datetime, person: Person, reason: str = "", **changes: Any
) -> Person:
    """Change what is given; a role taken away is gone at once here, elsewhere within the message lag. Raises as `create`."""
    _only_admin(actor)
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"a person has no changeable {sorted(unknown)}")
    if "roles" in changes:
        changes["roles"] = list(dict.fromkeys(changes["roles"]))
    faults = [*_faults(session, changes.get("agency_id", person.agency_id), changes.get("roles", person.roles))]
    if faults:
        raise Invalid.many(faults)
    _keep_one_admin(session, person, changes.get("roles", person.roles), changes.get("active", person.active))
    before = state(person)
    for name, value in changes.items():
        setattr(person, name, value)
    if state(person) == before:
        return person
    session.flush()
    session.expire(person, ["agency"])
    if not person.active and before["active"]:
        sessions.end_all(session, now, person.id, actor, "account disabled")
        feeds.revoke_all(session, now, person, actor)
    _tell(session, now, person)
    audit.record(
        session, actor, "person.change", f"person/{person.id}", now, before=before, after=state(person), reason=reason
    )
    return person


def change_own(session: Session, person: Person, now: datetime, *, lang: str, mail: str, phone: str) -> Person:
    """What anyone may change about themselves: language, mail address, phone."""
    before = state(person)
    person.lang, person.mail, person.phone = lang, mail.strip(), phone.strip()
    if state(person) != before:
        session.flush()
        _tell(session, now, person)
        audit.record(
            session, person, "person.change_own", f"person/{person.id}", now, before=before, after=state(person)
        )
    return person


def disable(session: Session, actor: Person, now: datetime, person: Person, reason: str = "") -> Person:
    """Stop an account (C-30): sessions end, feeds stop, services refuse. Raises Forbidden, LastAdministrator."""
    return change(session, actor, now, person, reason, active=False)


def leave(
    session: Session, actor: Person | None, now: datetime, person: Person, *, kind: str, left_on: date, reason: str = ""
) -> None:
    """Record that a person left their post: the account stops and the services that care are told (D-45)."""
    _only_admin(actor)
    if kind not in LEAVING:
        raise Invalid(Words("請選擇離職原因", "Choose why they left"), field="kind")
    change(session, actor, now, person, reason, active=False)
    post(session, PersonLeft, subject=f"person/{person.id}", now=now, person_id=person.id, kind=kind, left_on=left_on)
    audit.record(
        session,
        actor,
        "person.leave",
        f"person/{person.id}",
        now,
        after={"kind": kind, "left_on": left_on.isoformat()},
        reason=reason,
    )


def state(person: Person) -> dict[str, Any]:
    """A person as facts and the audit log tell them."""
    return {
        "username": person.username, "name": person.name, "name_en": person.name_en, "agency_id": person.agency_id, "unit": person.unit,
        "roles": list(person.roles), "mail": person.mail, "phone": person.phone, "lang": person.lang, "active": person.active,
    }  # fmt: skip


def agency_state(agency: Agency) -> dict[str, Any]:
    """An agency as facts and the audit log tell it."""
    return {
        "code": agency.code,
        "name": agency.name,
        "name_en": agency.name_en,
        "kind": agency.kind,
        "active": agency.active,
    }


def _tell(session: Session, now: datetime, person: Person) -> None:
    post(session, PersonChanged, subject=f"person/{person.id}", now=now, person_id=person.id, **state(person))


def _tell_agency(session: Session, now: datetime, agency: Agency) -> None:
    post(session, AgencyChanged, subject=f"agency/{agency.id}", now=now, agency_id=agency.id, **agency_state(agency))


def _only_admin(actor: Person | None) -> None:
    if actor is not None and not actor.has("admin"):
        raise Forbidden


def _faults(session: Session, agency_id: int, roles: list[str]) -> Iterable[FieldError]:
    agency = session.get(Agency, agency_id)
    if agency is None or not agency.active:
        yield FieldError("agency_id", Words("沒有這個機關", "There is no such agency"))
    if not roles:
        yield FieldError("roles", Words("至少選一個角色", "Choose at least one role"))
    if set(roles) - set(ROLES):
        yield FieldError("roles", Words("沒有這個角色", "There is no such role"))
    if agency and agency.kind == "outside" and set(roles) - {"group"}:
        yield FieldError(
            "roles",
            Words(
                "府外團體只能有「立案團體」角色", "People of outside bodies can only have the role ‘registered body’"
            ),
        )
    if agency and agency.kind == "city" and "group" in roles:
        yield FieldError(
            "roles", Words("「立案團體」角色限府外團體", "The role ‘registered body’ is for outside bodies")
        )


def _keep_one_admin(session: Session, person: Person, roles: list[str], active: bool) -> None:
    if not person.has("admin") or ("admin" in roles and active):
        return
    others = [
        each
        for each in session.scalars(select(Person).where(Person.active, Person.id != person.id))
        if each.has("admin")
    ]
    if not others:
        raise LastAdministrator
