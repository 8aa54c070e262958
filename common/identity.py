"""Who people are: the read copies that every service keeps of the portal's people, agencies, feeds and ended sessions.

In the portal itself the same tables are the truth. Tokens name a person and a session, never a role: roles come from
the copy, so one that is withdrawn is gone within the lag of a message.
"""

from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields
from sqlalchemy import ForeignKey, String, cast, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from common.db import BigId, SharedBase
from common.inbox import Listeners, Received
from common.keys import Keys
from common.messages import Part
from common.words import Words

ROLES = {
    "officer": Words("承辦人", "Officer"),
    "supervisor": Words("單位主管", "Supervisor"),
    "dispatcher": Words("調度", "Dispatcher"),
    "driver": Words("駕駛", "Driver"),
    "venue_officer": Words("場地承辦", "Venue officer"),
    "group": Words("立案團體", "Registered body"),
    "dorm_officer": Words("宿舍管理", "Dormitory officer"),
    "staff": Words("同仁", "Staff"),
    "auditor": Words("稽核", "Auditor"),
    "admin": Words("系統管理", "Administrator"),
}

AUDIENCE = "citykeys"
TOKEN_LIFETIME = timedelta(minutes=30)
RENEW_AFTER = timedelta(minutes=10)


class Agency(SharedBase):
    """A city agency, or an outside body that is registered with the city."""

    __tablename__ = "agency"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def words(self) -> Words:
        return Words(self.name, self.name_en)


class Person(SharedBase):
    """Someone who uses the house. `lang` is "zh" or "en"."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    agency_id: Mapped[int] = mapped_column(ForeignKey(Agency.id), index=True)
    unit: Mapped[str] = mapped_column(String(80), default="")
    roles: Mapped[list[Any]]
    mail: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    lang: Mapped[str] = mapped_column(String(2), default="zh")
    active: Mapped[bool] = mapped_column(default=True)

    agency: Mapped[Agency] = relationship(lazy="joined")

    @property
    def words(self) -> Words:
        return Words(self.name, self.name_en)

    def has(self, *roles: str) -> bool:
        """Whether this person has any of `roles` and is still active."""
        return self.active and any(role in self.roles for role in roles)


class Feed(SharedBase):
    """A private calendar address: only the SHA-256 of its token is kept."""

    __tablename__ = "feed"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(BigId, index=True)
    service: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(40), default="")
    revoked_at: Mapped[datetime | None]


class EndedSession(SharedBase):
    """A session that was ended before its tokens ran out."""

    __tablename__ = "ended_session"

    sid: Mapped[str] = mapped_column(String(64), primary_key=True)
    ended_at: Mapped[datetime]


def with_role(session: Session, *roles: str, agency_id: int | None = None) -> list[Person]:
    """The active people who have any of `roles` (of one agency, when given), in order of id."""
    named = or_(
        *(cast(Person.roles, String).contains(f'"{role}"') for role in roles)
    )  # JSON text: the rows worth reading
    people = select(Person).where(Person.active, named).order_by(Person.id)
    if agency_id is not None:
        people = people.where(Person.agency_id == agency_id)
    return [person for person in session.scalars(people) if person.has(*roles)]


def sign_token(keys: Keys, person_id: int, sid: str, now: datetime, lifetime: timedelta = TOKEN_LIFETIME) -> str:
    """The portal's word that this is `person_id` in session `sid`."""
    return keys.sign({"sub": str(person_id), "sid": sid}, audience=AUDIENCE, now=now, lifetime=lifetime)


def read_token(keys: Keys, token: str, now: datetime) -> dict[str, Any]:
    """`sub`, `sid`, `iat` of a token signed by the portal. Raises Unauthenticated."""
    return keys.read(token, audience=AUDIENCE, now=now, issuer="portal")


def person_of(session: Session, claims: dict[str, Any]) -> Person | None:
    """Whom the claims name, unless the session has ended or the person is no longer active."""
    ended = session.get(EndedSession, str(claims.get("sid", "")))
    if ended is not None or not str(claims.get("sub", "")).isdecimal():
        return None
    person = session.get(Person, int(claims["sub"]))
    return person if person and person.active else None


def forget_ended_sessions(session: Session, now: datetime) -> None:
    """Forget sessions that ended two days ago: their tokens ran out long since."""
    session.execute(delete(EndedSession).where(EndedSession.ended_at < now - timedelta(days=2)))


listeners = Listeners()


class AgencyPart(Part):
    agency_id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    kind = fields.String(required=True)
    active = fields.Boolean(required=True)


class PersonPart(Part):
    person_id = fields.Integer(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    agency_id = fields.Integer(required=True)
    unit = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    mail = fields.String(required=True)
    phone = fields.String(required=True)
    lang = fields.String(required=True)
    active = fields.Boolean(required=True)


class FeedPart(Part):
    feed_id = fields.Integer(required=True)
    token_sha256 = fields.String(required=True)
    person_id = fields.Integer(required=True)
    service = fields.String(required=True)
    kind = fields.String(required=True)
    ref = fields.String(required=True)


class FeedRevokedPart(Part):
    feed_id = fields.Integer(required=True)


class SessionEndedPart(Part):
    sid = fields.String(required=True)


@listeners.on("portal.agency_changed.v1", AgencyPart, stops_the_line=True)
def keep_agency(session: Session, fact: Received) -> None:
    """Keep the copy of an agency."""
    body = dict(fact.body)
    session.merge(Agency(id=body.pop("agency_id"), **body))


@listeners.on("portal.person_changed.v1", PersonPart, stops_the_line=True)
def keep_person(session: Session, fact: Received) -> None:
    """Keep the copy of a person."""
    body = dict(fact.body)
    session.merge(Person(id=body.pop("person_id"), **body))


@listeners.on("portal.feed_created.v1", FeedPart)
def keep_feed(session: Session, fact: Received) -> None:
    """Keep the copy of a calendar address."""
    body = dict(fact.body)
    session.merge(Feed(id=body.pop("feed_id"), **body))


@listeners.on("portal.feed_revoked.v1", FeedRevokedPart)
def drop_feed(session: Session, fact: Received) -> None:
    """A revoked address answers 404 from now on."""
    feed = session.get(Feed, fact.body["feed_id"])
    if feed and feed.revoked_at is None:
        feed.revoked_at = fact.time


@listeners.on("portal.session_ended.v1", SessionEndedPart)
def end_session(session: Session, fact: Received) -> None:
    """Tokens of an ended session are refused from now on."""
    session.merge(EndedSession(sid=fact.body["sid"], ended_at=fact.time))
