"""What the posts are told: reservations shortly before a slot, and another post where one does not take it.

OCPP's ReserveNow begins at once and knows no start time, so the calendar is ours: a post is asked a few minutes before the
slot begins, again until it takes it, and the session moves to another post when it does not.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.db import for_update
from common.period import Period
from fleet import rules
from fleet.electric import charging
from fleet.electric.posts import open_at, plugged
from fleet.models import Charger, ChargingSlot
from fleet.models.charging import STEP


def due(session: Session, now: datetime) -> list[ChargingSlot]:
    """Slots that begin within `ev.reserve_minutes` (or have begun) on connected posts that were not told of them yet."""
    soon = now + timedelta(minutes=rules.in_force(session, now)["ev.reserve_minutes"])
    rows = (
        select(ChargingSlot).join(Charger, Charger.id == ChargingSlot.charger_id)
        .where(
            ChargingSlot.state == "booked", ChargingSlot.starts_at <= soon, ChargingSlot.ends_at > now,
            ChargingSlot.reserve != "accepted", Charger.connected, Charger.state == "in_service",
        )
    )  # fmt: skip
    return [
        slot
        for slot in session.scalars(rows)
        if not any(each.slot_id == slot.id for each in open_at(session, slot.charger))
    ]


def reserved(session: Session, now: datetime, slot_id: int, accepted: bool) -> ChargingSlot | None:
    """The post took the reservation, or not. One that is refused is moved to another post; returns the slot it became.

    Asked again until the start; from then on, or where the post is not in order, another post of at least the same
    power takes it, if one is free.
    """
    # Locked: a person may change it at this very moment.
    slot = session.get(ChargingSlot, slot_id, **for_update(session, ChargingSlot))
    if slot is None or slot.state != "booked":
        return None
    slot.reserve = "accepted" if accepted else "refused"
    if accepted or (slot.starts_at - now > STEP / 5 and slot.charger.usable):
        return slot
    return elsewhere(session, now, slot)


def elsewhere(session: Session, now: datetime, slot: ChargingSlot) -> ChargingSlot | None:
    """The same session on another free post, of the nearest power that is enough; None where there is none."""
    posts = [
        post for post in charging.chargers(session) if post.usable and not post.offline and post.id != slot.charger_id
    ]
    posts.sort(
        key=lambda post: (post.power_kw < slot.charger.power_kw, abs(post.power_kw - slot.charger.power_kw), post.id)
    )
    held = {each.charger_id for each in plugged(session)}
    rest = Period(max(slot.starts_at, charging.quarter(now)), slot.ends_at)
    for post in posts:
        if post.id in held or reservations.taken(session, [post.resource], rest, now):
            continue
        reservations.release(session, slot.holder)
        slot.charger, slot.starts_at, slot.plan, slot.reserve, slot.changed_at = post, rest.starts_at, None, "", now
        session.flush()
        charging.take(session, slot, now)
        audit.record(
            session,
            None,
            "charging.moved",
            f"charging_slot/{slot.id}",
            now,
            after={"charger": post.code},
            reason="post refused",
        )
        return slot
    return None
