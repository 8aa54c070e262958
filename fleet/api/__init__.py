"""The public JSON interface (contract.md): the same functions as the pages, for programs. One file a subject."""

from fleet.api import (
    board,
    charging,
    energy,
    membership,
    planning,
    pool,
    recalls,
    series,
    sharing,
    surveys,
    trips,
    upkeep,
    use,
)
from fleet.api.door import api

__all__ = [
    "api",
    "board",
    "charging",
    "energy",
    "membership",
    "planning",
    "pool",
    "recalls",
    "series",
    "sharing",
    "surveys",
    "trips",
    "upkeep",
    "use",
]
