"""Which of many cars are free, by bitmaps: a quarter of an hour a bit, seven days in eleven words a car. Pure, vectorised.

A bit is set where the whole quarter is taken, so a car that looks free may still be taken for a part of one: whoever is
found is checked exactly. Nobody who is free is ever left out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from common.period import Period

QUARTER = timedelta(minutes=15)
DAYS = 7
WORDS = -(-DAYS * 96 // 64)
CELLS = WORDS * 64


class Calendar:
    """The taken quarters of `many` cars for seven days from `begins`."""

    def __init__(self, begins: datetime, many: int):
        self.begins = begins
        self.taken = np.zeros((WORDS, many), np.uint64)

    def take(self, car: int, period: Period) -> None:
        """Mark the quarters that lie wholly inside `period`."""
        first = -((self.begins - period.starts_at) // QUARTER)  # rounded up
        last = (period.ends_at - self.begins) // QUARTER
        for word, mask in _masks(first, last):
            self.taken[word, car] |= mask

    def free(self, first: int, last: int) -> np.ndarray:
        """Columns of the cars that have nothing marked in the quarters from `first` until `last`, the last not counted."""
        busy: np.ndarray | None = None
        for word, mask in _masks(first, last):
            here = self.taken[word] & mask
            busy = here if busy is None else busy | here
        return np.arange(self.taken.shape[1]) if busy is None else np.flatnonzero(busy == 0)

    def cells(self, period: Period) -> tuple[int, int]:
        """The quarters `period` touches, from the first until after the last."""
        return (period.starts_at - self.begins) // QUARTER, -((self.begins - period.ends_at) // QUARTER)


def calendar_of(begins: datetime, busy: Sequence[Sequence[Period]]) -> Calendar:
    """The calendar of cars that are taken at these times."""
    made = Calendar(begins, len(busy))
    for car, periods in enumerate(busy):
        for period in periods:
            made.take(car, period)
    return made


def free_cars(calendar: Calendar, busy: Sequence[Sequence[Period]], period: Period) -> list[int]:
    """The cars that are free for all of `period`, exactly. `busy` is what the calendar was made of."""
    able = calendar.free(*calendar.cells(period))
    return [int(car) for car in able if not any(period.overlaps(other) for other in busy[int(car)])]


def _masks(first: int, last: int) -> list[tuple[int, np.uint64]]:
    """The words that a run of quarters lies in, each with its bits; what lies outside the seven days is left out."""
    first, last = max(0, first), min(CELLS, last)
    out = []
    while first < last:
        word = first >> 6
        stop = min(last, (word + 1) << 6)
        low, high = first - (word << 6), stop - (word << 6)
        out.append((word, np.uint64(((1 << high) - 1) ^ ((1 << low) - 1))))
        first = stop
    return out
