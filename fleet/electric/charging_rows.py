"""Giving back sessions: what the ledger holds for them is released. Below the use cases of trips and of charging alike."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from fleet.models import ChargingSlot, Trip


def drop(session: Session, slot: ChargingSlot, now: datetime) -> None:
    """Release what the ledger holds for it from now on."""
    slot.state, slot.changed_at = "cancelled", now
    reservations.release(session, slot.holder, from_=now)
    session.flush()


def drop_for_trip(session: Session, trip: Trip, now: datetime) -> None:
    """Give back sessions that were booked together with `trip` and have not begun: the car is no longer its car."""
    if trip.id is None:
        return
    mine = select(ChargingSlot).where(
        ChargingSlot.trip_id == trip.id, ChargingSlot.state == "booked", ChargingSlot.starts_at > now
    )
    for slot in session.scalars(mine).all():
        drop(session, slot, now)
