"""The passenger's signature (V-13) where it is not given by the requester's own sign-in: on the driver's phone, or by a link.

Whoever signs, the requester is told, so that a signature nobody gave does not stay unseen.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.words import Words
from fleet import rules, surveys
from fleet.journal import happened
from fleet.messages import TripSignedOff
from fleet.models import SignLink, Trip, TripSignature

LONGEST_DRAWING = 12_000
DRAWING = re.compile(r"(M\d{1,4} \d{1,4}(L\d{1,4} \d{1,4})*)+")
"""An SVG path of moves and lines only: what a finger draws, and nothing else."""


class LinkUsed(Conflict):
    """The trip has its signature."""

    words = Words("這張已經簽過了，謝謝。", "This one has been signed already. Thank you.")


class LinkExpired(Conflict):
    """The address was good for a while only."""

    words = Words("簽名期限已過，請向駕駛要新的連結。", "The time to sign has passed. Ask the driver for a new link.")


def may_collect(trip: Trip, person: Person) -> bool:
    """Whether this person is the driver who collects the signature of this trip."""
    return trip.driver is not None and trip.driver.person_id == person.id


def sign_on_phone(
    session: Session,
    person: Person,
    now: datetime,
    trip: Trip,
    *,
    name: str,
    drawing: str | None = None,
    at: datetime | None = None,
) -> Trip:
    """The driver (`person`) hands the phone over; `name` signs. Raises NotFound, Forbidden, WrongState, Invalid."""
    _require(trip, person)
    return _sign(session, person, person, now, trip, name, drawing, "phone", at or now)


def make_link(session: Session, person: Person, now: datetime, trip: Trip) -> tuple[str, datetime]:
    """A token with which one passenger may sign this trip on another phone, and until when; only its hash is kept.

    Earlier ones stop being good. Raises NotFound, Forbidden, LinkUsed.
    """
    _require(trip, person)
    session.execute(
        update(SignLink).where(SignLink.trip_id == trip.id, SignLink.used_at.is_(None)).values(expires_at=now)
    )
    token = secrets.token_urlsafe(18)
    until = now + timedelta(hours=rules.in_force(session, now)["dispatch.sign_link_hours"])
    session.add(
        SignLink(
            trip_id=trip.id,
            token_sha256=_hash(token),
            made_by_id=person.id,
            made_at=now,
            expires_at=until,
        )
    )
    session.flush()
    return token, until


def trip_of_link(session: Session, now: datetime, token: str) -> tuple[SignLink, Trip]:
    """The trip that a living link is about. Raises NotFound, LinkUsed, LinkExpired."""
    link = session.scalars(select(SignLink).where(SignLink.token_sha256 == _hash(token))).one_or_none()
    if link is None:
        raise NotFound
    trip = session.get_one(Trip, link.trip_id)
    if link.used_at or trip.status == "signed_off":
        raise LinkUsed
    if now >= link.expires_at or not trip.stands_for("sign_off"):
        raise LinkExpired
    return link, trip


def sign_by_link(session: Session, now: datetime, token: str, *, name: str, drawing: str | None = None) -> Trip:
    """The passenger signs on an own phone, once. Raises NotFound, LinkUsed, LinkExpired, Invalid."""
    link, trip = trip_of_link(session, now, token)
    driver = trip.driver.person if trip.driver else None
    if driver is None:
        raise NotFound
    link.used_at = now
    return _sign(session, None, driver, now, trip, name, drawing, "link", now)


def signature_of(session: Session, trip: Trip) -> TripSignature | None:
    """The signature given on a phone, if that is how it was signed."""
    return session.scalars(select(TripSignature).where(TripSignature.trip_id == trip.id)).one_or_none()


def _require(trip: Trip, person: Person) -> None:
    if not trip.can_see(person):
        raise NotFound
    if not may_collect(trip, person):
        raise Forbidden
    if trip.status == "signed_off":
        raise LinkUsed
    if not trip.stands_for("sign_off"):
        raise Conflict(Words("回報完成後才能簽名。", "It can be signed once the trip is finished."))


def _sign(
    session: Session,
    person: Person | None,
    driver: Person,
    now: datetime,
    trip: Trip,
    name: str,
    drawing: str | None,
    how: str,
    at: datetime,
) -> Trip:
    if "".join(name.split()).casefold() in {"".join(each.split()).casefold() for each in (driver.name, driver.name_en)}:
        raise Invalid(Words("請由乘客簽名，不是駕駛。", "The passenger signs, not the driver."), field="name")
    if drawing and (len(drawing) > LONGEST_DRAWING or not DRAWING.fullmatch(drawing)):
        raise Invalid(
            Words("簽名沒有存成功，請再簽一次。", "The signature could not be read. Sign again."), field="drawing"
        )
    row = TripSignature(
        trip_id=trip.id,
        name=name,
        how=how,
        drawing=drawing or None,
        driver_person_id=driver.id,
        signed_at=at,
        received_at=now,
    )
    session.add(row)
    trip.sign_off(at)
    trip.changed_at = now
    note = f"{row.how_words.zh}：{name}（駕駛 {driver.name}）"
    happened(
        session, trip, "signed_off", TripSignedOff, person, now,
        note=note, audited_from="finished", at=at, distance_km=trip.distance_driven or 0,
        survey_code=surveys.code_for(session, trip),
    )  # fmt: skip
    return trip


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
