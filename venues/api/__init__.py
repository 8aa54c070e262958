"""Doors for programs (contract.md): the same functions as the pages, as JSON. One file a subject."""

from venues.api import (
    aftercare,
    boards,
    bookings,
    closures,
    contests,
    contracts,
    contributed,
    deciding,
    equipment,
    gallery,
    loans,
    meetings,
    money,
    places,
    reductions,
    rooms,
    rounds,
    setup,
    tariffs,
    waiting,
)
from venues.api.door import api

__all__ = [
    "api", "aftercare", "boards", "bookings", "closures", "contests", "contracts", "contributed", "deciding",
    "equipment", "gallery", "loans", "meetings", "money", "places", "reductions", "rooms", "rounds", "setup",
    "tariffs", "waiting",
]  # fmt: skip
