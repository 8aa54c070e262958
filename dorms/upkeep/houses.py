"""The register of legacy houses and land: read, and kept up to date with a dated history (D-07). Nothing is let here."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from common import audit
from common.db import get_held
from common.errors import Invalid, NotFound
from common.identity import Person
from common.words import Words
from dorms.models import LegacyHouse, LegacyState
from dorms.occupancy import may_keep_stock
from dorms.upkeep import terms


def register(session: Session) -> list[LegacyHouse]:
    """All of them, by number."""
    return list(session.scalars(select(LegacyHouse).order_by(LegacyHouse.code)))


def find(session: Session, house_id: int) -> LegacyHouse:
    """Raises NotFound."""
    house = session.get(LegacyHouse, house_id)
    if house is None:
        raise NotFound
    return house


def add(
    session: Session,
    person: Person,
    now: datetime,
    *,
    code: str,
    kind: str,
    place: Words,
    area_m2: int,
    state: str,
    since: date,
    parcel: str = "",
    occupant: str = "",
    note: str = "",
) -> LegacyHouse:
    """Put a house or a piece of land on the register in a state. Raises Invalid for a number that is there already."""
    may_keep_stock(person)
    if session.scalar(select(LegacyHouse.id).where(LegacyHouse.code == code)):
        raise Invalid(Words("這個編號已經在冊", "This number is on the register already"), field="code")
    house = LegacyHouse(
        code=code,
        kind=kind,
        place=place.zh,
        place_en=place.en,
        area_m2=area_m2,
        parcel=parcel,
        occupant=occupant,
        note=note,
    )
    house.states = [LegacyState(state=state, since=since)]
    session.add(house)
    session.flush()
    audit.record(session, person, "dorms.house_added", f"house/{house.id}", now, after={"code": code, "state": state})
    return house


def change_state(
    session: Session,
    person: Person,
    now: datetime,
    house_id: int,
    *,
    state: str,
    since: date,
    reason: str,
    rev: int | None = None,
) -> LegacyHouse:
    """Write its next state, with the reason. A lawful stay that ended never begins again (D-07). Raises Invalid, Stale."""
    may_keep_stock(person)
    house = get_held(session, LegacyHouse, house_id)
    if house is None:
        raise NotFound
    house.expect(rev)
    before = house.states[-1]
    if state == before.state:
        raise Invalid(Words("狀態和現在相同", "It is in that state already"), field="state")
    if state == terms.LAWFUL:
        words = Words(
            "72 年 4 月 29 日起眷舍不再新配（D-07）", "No legacy house is allotted anew since 29 April 1983 (D-07)"
        )
        raise Invalid(words, field="state")
    if since < before.since:
        raise Invalid(Words("日期不能早於目前狀態的起日", "The day lies before the present state began"), field="since")
    house.states.append(LegacyState(state=state, since=since, reason=reason))
    if state not in terms.LIVED_IN:
        house.occupant = ""
    flag_modified(house, "note")  # its states are rows of their own; the house is what two people edit
    session.flush()
    audit.record(
        session,
        person,
        "dorms.house_state",
        f"house/{house.id}",
        now,
        before={"state": before.state},
        after={"state": state, "since": since},
        reason=reason,
    )
    return house
