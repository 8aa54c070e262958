"""What fleet hears from the house."""

from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from common import identity
from common.inbox import Listeners, Received
from common.messages import Part
from fleet import on_roster
from fleet.electric import site
from fleet.models import Driver, Trip, TripDelivery

listeners = Listeners(identity.listeners)


class PersonLeft(Part):
    """Who left, and how."""

    person_id = fields.Integer(required=True)
    kind = fields.String(load_default="")


class DeliveryChanged(Part):
    """How far a message got."""

    person_id = fields.Integer(required=True)
    channel = fields.String(required=True)
    state = fields.String(required=True)
    service = fields.String(load_default="fleet")


class EquipmentPowered(Part):
    """What an event draws, and when."""

    what = fields.String(required=True)
    kw = fields.Integer(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


@listeners.on("venues.equipment_powered.v1", EquipmentPowered)
def lower_site(session: Session, fact: Received) -> None:
    """An event's equipment draws from the supply of the charging posts: their site limit is lowered meanwhile."""
    body = fact.body
    site.lower(
        session, subject=f"venues:{fact.subject}", what=body["what"][:120], starts_at=body["starts_at"], ends_at=body["ends_at"],
        kw=max(0, body["kw"]), now=fact.time,
    )  # fmt: skip


@listeners.on("portal.person_left.v1", PersonLeft)
def drop_driver(session: Session, fact: Received) -> None:
    """A driver who left is off the roster; trips not yet under way wait for dispatch again."""
    driver = session.scalars(
        select(Driver).where(Driver.person_id == fact.body["person_id"], Driver.employed)
    ).one_or_none()
    if driver:
        on_roster.has_left(session, driver, fact.time, "駕駛離職")


@listeners.on("messenger.delivery_changed.v1", DeliveryChanged)
def note_delivery(session: Session, fact: Received) -> None:
    """Remember, for the dispatcher, how far the telling of a trip got (subject "trip/12"). An older report changes nothing."""
    kind, _, number = fact.subject.partition("/")
    if (
        fact.body["service"] != "fleet"
        or kind != "trip"
        or not number.isdecimal()
        or session.get(Trip, int(number)) is None
    ):
        return
    place = {"trip_id": int(number), "person_id": fact.body["person_id"], "channel": fact.body["channel"][:16]}
    row = session.scalars(select(TripDelivery).filter_by(**place)).one_or_none()
    if row is None:
        row = TripDelivery(**place, state="", changed_at=fact.time)
        session.add(row)
    if fact.time >= row.changed_at:
        row.state, row.changed_at = fact.body["state"][:16], fact.time
