"""Ranking 排序: first-timers where the round says so (D-17), points, then the earlier start date, then the draw (D-16). Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.draw import Draw


@dataclass(frozen=True)
class Entry:
    """What decides an applicant's rank, under the code others see. `again` puts somebody after all who are not (D-17)."""

    code: str
    points: Decimal
    started_on: date
    again: bool = False


@dataclass(frozen=True)
class Place:
    """An applicant's rank from 1, and what decided it: `points`, `start` (tied, earlier date) or `draw`."""

    code: str
    rank: int
    decided_by: str


def rank(entries: Iterable[Entry], drawn: Draw) -> list[Place]:
    """Put every applicant in order; no two share a rank. Raises ValueError for one who is not in the draw."""
    entries = list(entries)
    same_points = Counter((entry.again, entry.points) for entry in entries)
    same_both = Counter((entry.again, entry.points, entry.started_on) for entry in entries)
    place_drawn = {ticket: place for place, ticket in enumerate(drawn.order)}
    missing = [entry.code for entry in entries if entry.code not in place_drawn]
    if missing:
        raise ValueError(f"not in the draw: {missing}")
    ordered = sorted(entries, key=lambda entry: (entry.again, -entry.points, entry.started_on, place_drawn[entry.code]))
    return [
        Place(
            entry.code,
            position,
            "points"
            if same_points[entry.again, entry.points] == 1
            else "start"
            if same_both[entry.again, entry.points, entry.started_on] == 1
            else "draw",
        )
        for position, entry in enumerate(ordered, start=1)
    ]
