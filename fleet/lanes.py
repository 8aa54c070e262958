"""Geometry of the board: where a stretch of time lies on a day's or a week's line, which overlap, which lane each gets. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from common.period import Period, merged, taipei

OPENS, CLOSES = 6, 22
DAY_MINUTES = (CLOSES - OPENS) * 60
LEAST = 15
"""What lies outside the hours shown keeps a mark this many minutes wide at the edge."""


class Place(NamedTuple):
    """Minutes on the line, from its left edge; and whether the stretch goes on beyond what is shown."""

    left: int
    right: int
    before: bool
    after: bool


@dataclass(frozen=True)
class Line:
    """The line of time that is shown: working hours (06–22 in Taipei) of one day or of several, one after the other."""

    first: date
    days: int = 1

    @property
    def length(self) -> int:
        """Minutes from end to end."""
        return DAY_MINUTES * self.days

    @property
    def period(self) -> Period:
        """From the first midnight to the last."""
        return Period(taipei(self.first, "00:00"), taipei(self.first + timedelta(days=self.days), "00:00"))

    @property
    def hours(self) -> list[Period]:
        """The stretches that are shown, one a day."""
        days = [self.first + timedelta(days=n) for n in range(self.days)]
        return [Period(taipei(day, f"{OPENS:02d}:00"), taipei(day, f"{CLOSES:02d}:00")) for day in days]

    def at(self, moment: datetime) -> int:
        """The minute on the line of an instant; nights lie at the edges of their days."""
        day, rest = divmod(moment - self.period.starts_at, timedelta(days=1))
        minute = min(max(int(rest / timedelta(minutes=1)) - OPENS * 60, 0), DAY_MINUTES)
        return min(max(day * DAY_MINUTES + minute, 0), self.length) if 0 <= day < self.days else self.length * (day > 0)

    def place(self, period: Period) -> Place | None:
        """Where `period` lies; None if it does not touch the days shown."""
        if not period.overlaps(self.period):
            return None
        left, right = self.at(period.starts_at), self.at(period.ends_at)
        if right - left < LEAST:
            left = min(left, self.length - LEAST)
            right = left + LEAST
        hours = self.hours
        return Place(left, right, period.starts_at < hours[0].starts_at, period.ends_at > hours[-1].ends_at)


def lanes(places: Sequence[tuple[int, int]]) -> list[int]:
    """The lane of each stretch, in the order given: the first in which it overlaps nothing earlier."""
    ends: list[int] = []
    out = [0] * len(places)
    for index in sorted(range(len(places)), key=lambda n: (places[n][0], n)):
        left, right = places[index]
        lane = next((n for n, end in enumerate(ends) if end <= left), len(ends))
        if lane == len(ends):
            ends.append(right)
        else:
            ends[lane] = right
        out[index] = lane
    return out


def clashes(periods: Sequence[Period]) -> dict[int, list[int]]:
    """For each stretch that overlaps others: which (by their places in the list)."""
    found: dict[int, list[int]] = {}
    order = sorted(range(len(periods)), key=lambda n: periods[n].starts_at)
    for position, one in enumerate(order):
        for other in order[position + 1 :]:
            if periods[other].starts_at >= periods[one].ends_at:
                break
            found.setdefault(one, []).append(other)
            found.setdefault(other, []).append(one)
    return found


def minus(period: Period, others: Iterable[Period]) -> list[Period]:
    """What is left of `period` without `others`, in order."""
    left, out = period.starts_at, []
    for other in merged([each for each in others if each.overlaps(period)]):
        if other.starts_at > left:
            out.append(Period(left, other.starts_at))
        left = max(left, other.ends_at)
    if left < period.ends_at:
        out.append(Period(left, period.ends_at))
    return out


def covered(period: Period, others: Iterable[Period]) -> timedelta:
    """How much of `period` the others cover together."""
    return period.duration - sum((part.duration for part in minus(period, others)), timedelta())


def overlap(one: Period, other: Period) -> timedelta:
    """How long both run at once."""
    return max(timedelta(), min(one.ends_at, other.ends_at) - max(one.starts_at, other.starts_at))
