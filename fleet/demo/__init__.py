"""The demonstration: fills an empty database through the same functions that people use. One file a subject."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.demo import board, lifecycle, phone, upkeep
from fleet.demo.trips import City
from fleet.models import Vehicle


def load(session: Session, now: datetime) -> None:
    """Fill an empty database whose people are already known. Does nothing where cars already are."""
    if session.scalars(select(Vehicle.id).limit(1)).first() is not None:
        return
    city = City(session, now)
    city.build()
    lifecycle.load(city)
    phone.add(city)
    upkeep.fill(session, now)
    board.load(session, now)
