"""Slots at the charging posts: a post and a car are taken together on the ledger, or not at all."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period
from common.reservations import Taken
from common.words import Words
from fleet import rules
from fleet.dispatch import clock_range
from fleet.models import Charger, ChargingSlot, Vehicle
from fleet.trips import find

KEEPERS = ("dispatcher", "driver", "admin")
"""Who plugs cars in and may book a post."""


class SlotTaken(Conflict):
    """The post or the car is taken at that time, or the post is out of order."""


def chargers(session: Session) -> list[Charger]:
    """Every post, by code."""
    return list(session.scalars(select(Charger).order_by(Charger.code)))


def slots_within(session: Session, period: Period) -> list[ChargingSlot]:
    """The booked slots that touch `period`, in order of start."""
    rows = select(ChargingSlot).where(
        ChargingSlot.state == "booked", ChargingSlot.starts_at < period.ends_at, ChargingSlot.ends_at > period.starts_at
    )
    return list(session.scalars(rows.order_by(ChargingSlot.starts_at)))


def book(
    session: Session,
    person: Person,
    now: datetime,
    *,
    charger_id: int,
    vehicle_id: int,
    starts_at: datetime,
    ends_at: datetime,
    target_percent: int,
) -> ChargingSlot:
    """Take a post for an electric car, at most `ev.bay_max_hours` (V-75). Raises Invalid, SlotTaken, Forbidden."""
    if not person.has(*KEEPERS):
        raise Forbidden
    period = Period(starts_at, ends_at)
    charger, vehicle = find(session, Charger, charger_id), find(session, Vehicle, vehicle_id)
    most = rules.in_force(session, now)["ev.bay_max_hours"]
    if ends_at <= now:
        raise Invalid(Words("這段時間已經過了", "That time has passed"), field="ends_at")
    if period.duration > timedelta(hours=most):
        raise Invalid(Words("一次最多充 {n} 小時", "{n} hours at most").fill(n=most), field="ends_at")
    if not vehicle.electric:
        raise Invalid(
            Words("{plate} 不是電動車", "{plate} is not electric").fill(plate=vehicle.plate), field="vehicle_id"
        )
    if charger.state != "in_service":
        raise SlotTaken(Words("{code} 故障中", "{code} is out of order").fill(code=charger.code), field="charger_id")
    slot = ChargingSlot(
        charger=charger, vehicle=vehicle, booked_by_id=person.id, starts_at=period.starts_at, ends_at=period.ends_at,
        target_percent=target_percent, changed_at=now,
    )  # fmt: skip
    session.add(slot)
    session.flush()
    try:
        reservations.claim(session, slot.holder, [(charger.resource, period), (vehicle.resource, period)], now=now)
    except Taken as taken:
        resource, when, _holder = taken.by[0] if taken.by else (charger.resource, period, "")
        name = charger.code if resource == charger.resource else vehicle.plate
        words = Words("{name} {time} 已有安排。", "{name} is taken {time}.").fill(
            name=name, time=clock_range(when, period)
        )
        raise SlotTaken(words, field="charger_id" if resource == charger.resource else "vehicle_id") from taken
    audit.record(
        session,
        person,
        "charging.booked",
        f"charging_slot/{slot.id}",
        now,
        after={"charger": charger.code, "vehicle": vehicle.plate},
    )
    return slot


def cancel(session: Session, person: Person, now: datetime, slot_id: int, *, rev: int | None = None) -> ChargingSlot:
    """Give the slot back; a running one ends now. Raises NotFound, Forbidden, Stale, SlotTaken when it is over."""
    if not person.has(*KEEPERS):
        raise Forbidden
    slot = find(session, ChargingSlot, slot_id)
    slot.expect(rev)
    if slot.state != "booked":
        raise NotFound
    if not person.has("dispatcher", "admin") and slot.booked_by_id != person.id:
        raise Forbidden
    if slot.ends_at <= now:
        raise SlotTaken(Words("這次充電已經結束", "This session is over"))
    slot.state, slot.changed_at = "cancelled", now
    reservations.release(session, slot.holder, from_=now)
    session.flush()
    audit.record(session, person, "charging.cancelled", f"charging_slot/{slot.id}", now, before={"state": "booked"})
    return slot
