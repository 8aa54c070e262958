"""What comes from the driver's phone, and the passenger's signature."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from common.db import BigId, JsonValue
from common.identity import Person
from common.words import Words
from fleet.models.base import Base, one_of
from fleet.models.trip import Trip

SIGNED_BY = {
    "phone": Words("在駕駛的手機上簽名", "Signed on the driver’s phone"),
    "link": Words("以連結在自己的手機上簽名", "Signed by link on an own phone"),
}

OUTCOMES = ("done", "refused", "gone")


class DriverAct(Base):
    """One tap on the driver's phone, taken once however often it is sent: `key` is made by the phone with the tap.

    `told_at` is when it was tapped (Taipei and UTC alike an instant, corrected by the phone's own clock error),
    `received_at` when it arrived; `plausible` is false where the first was out of the possible and was moved into it.
    """

    __tablename__ = "driver_act"
    __table_args__ = (
        UniqueConstraint("person_id", "key", name="uq_driver_act_once"),
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId)
    key: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    trip_id: Mapped[int] = mapped_column(BigId, index=True)
    what: Mapped[str] = mapped_column(String(12))
    data: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    told_at: Mapped[datetime]
    received_at: Mapped[datetime]
    plausible: Mapped[bool]
    outcome: Mapped[str] = mapped_column(String(8))
    answer: Mapped[dict[str, Any]] = mapped_column(JsonValue)


class TripSignature(Base):
    """Who countersigned a trip other than by the requester's own sign-in (V-13). `drawing` is an SVG path, 1000 wide."""

    __tablename__ = "trip_signature"
    __table_args__ = (
        UniqueConstraint("trip_id"),
        CheckConstraint(one_of("how", SIGNED_BY), name="how_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    name: Mapped[str] = mapped_column(String(60))
    how: Mapped[str] = mapped_column(String(8))
    drawing: Mapped[str | None] = mapped_column(Text)
    driver_person_id: Mapped[int] = mapped_column(BigId)
    signed_at: Mapped[datetime]
    received_at: Mapped[datetime]
    trip: Mapped[Trip] = relationship(viewonly=True)
    driver: Mapped[Person | None] = relationship(
        Person, primaryjoin=lambda: foreign(TripSignature.driver_person_id) == Person.id, viewonly=True
    )

    @property
    def how_words(self) -> Words:
        return SIGNED_BY[self.how]


class SignLink(Base):
    """An address that lets whoever has it sign one trip, once, for a while. Only the hash of its token is kept."""

    __tablename__ = "sign_link"
    __table_args__ = (UniqueConstraint("token_sha256"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64))
    made_by_id: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Nudge(Base):
    """How often a driver was asked again to accept the job given at `assigned_at`; a new assignment starts anew."""

    __tablename__ = "trip_nudge"
    __table_args__ = (UniqueConstraint("trip_id"), CheckConstraint("times >= 0", name="times_not_negative"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"))
    assigned_at: Mapped[datetime]
    times: Mapped[int]
    last_at: Mapped[datetime]
    trip: Mapped[Trip] = relationship(viewonly=True)
