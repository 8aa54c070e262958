"""How many cars it takes (V-70): pure, vectorised, exact.

Trips that start and end at the depot need as many cars as are out at once (maximum overlap). One-way trips that can
follow one another from place to place need a minimum path cover, found by maximum flow. A car needs a turnaround
before it leaves again; apart from that a car back at ten leaves at ten. Times are whole minutes from any common start.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

DAY_MINUTES = 24 * 60
Whole = np.ndarray


def cars_needed(start: Whole, end: Whole, turnaround: int = 0) -> int:
    """The least cars that serve every round trip from one depot: the most that are out, or in turnaround, at once."""
    return int(_most_at_once(start, end + turnaround))


def by_day(start: Whole, end: Whole, turnaround: int = 0) -> tuple[Whole, Whole]:
    """Days (minutes ÷ 1440 of departure and of being out) with trips, and the cars each of them needs, exactly.

    A trip over midnight counts on every day on which it holds a car.
    """
    if not len(start):
        return np.zeros(0, int), np.zeros(0, int)
    start, held = np.asarray(start, np.int64), np.asarray(end, np.int64) + turnaround
    first, last = start // DAY_MINUTES, (held - 1) // DAY_MINUTES
    spans = last - first
    day = np.repeat(first, spans + 1)
    if spans.any():
        offset = np.arange(len(day)) - np.repeat(np.cumsum(spans + 1) - (spans + 1), spans + 1)
        day = day + offset
        owner = np.repeat(np.arange(len(start)), spans + 1)
        begin = np.maximum(start[owner], day * DAY_MINUTES)
        close = np.minimum(held[owner], (day + 1) * DAY_MINUTES)
    else:
        begin, close = start, held
    # Each day is cut out of the line of time; a trip cut at midnight ends where its next piece begins, so days never mix.
    moment = np.concatenate([close * 2, begin * 2 + 1])  # at one instant those who come back go first
    change = np.concatenate([np.full(len(close), -1, np.int8), np.ones(len(begin), np.int8)])
    order = np.argsort(moment, kind="stable")
    out = np.cumsum(change[order], dtype=np.int64)
    days = np.unique(day)
    at_day = np.where(change[order] > 0, (moment[order] >> 1) // DAY_MINUTES, -1)
    rising = at_day >= 0
    most = np.zeros(len(days), np.int64)
    np.maximum.at(most, np.searchsorted(days, at_day[rising]), out[rising])
    return days, most


def _most_at_once(start: Whole, end: Whole) -> int:
    if not len(start):
        return 0
    begins, ends = np.sort(np.asarray(start)), np.sort(np.asarray(end))
    out = np.arange(1, len(begins) + 1) - np.searchsorted(ends, begins, side="right")
    return int(out.max())


def chain_cover(start: Whole, end: Whole, follows: csr_array) -> int:
    """The least cars for one-way trips: `follows[i, j]` says that the car of trip i can do trip j next.

    Minimum path cover = trips − maximum matching, by Dinic's maximum flow on unit capacities. Polynomial whatever the graph.
    """
    many = len(start)
    if not many:
        return 0
    rows, cols = follows.nonzero()
    source, sink = 2 * many, 2 * many + 1
    tail = np.concatenate([rows, np.full(many, source), np.arange(many, 2 * many)])
    head = np.concatenate([cols + many, np.arange(many), np.full(many, sink)])
    graph = csr_array((np.ones(len(tail), np.int32), (tail, head)), shape=(2 * many + 2, 2 * many + 2))
    return many - int(maximum_flow(graph, source, sink).flow_value)


def can_follow(
    start: Whole, end: Whole, origin: Whole, target: Whole, minutes: Whole, turnaround: int = 0
) -> csr_array:
    """Which one-way trips can follow which: `minutes[a, b]` is the drive from place a to place b without passengers."""
    many = len(start)
    order = np.argsort(start, kind="stable")
    sorted_start = np.asarray(start)[order]
    ready = np.asarray(end) + turnaround
    lowest = np.searchsorted(sorted_start, ready, side="left")
    count = many - lowest
    rows = np.repeat(np.arange(many), count)
    at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(lowest, count)
    cols = order[at]
    ok = ready[rows] + minutes[target[rows], origin[cols]] <= np.asarray(start)[cols]
    return csr_array((np.ones(int(ok.sum()), np.int8), (rows[ok], cols[ok])), shape=(many, many))


@dataclass(frozen=True)
class Level:
    """With so many `cars`, this share of days is served whole (percent, two decimals down) and these days are not."""

    cars: int
    served_percent: float
    short_days: int


def curve(needed: Sequence[int] | Whole, all_days: int) -> list[Level]:
    """Cars against service level: for each number of cars how many of `all_days` days are served whole.

    `needed` is what each day with trips takes; days without trips need none.
    """
    need = np.sort(np.asarray(needed, int))
    most = int(need[-1]) if len(need) else 0
    out = []
    for cars in range(most + 1):
        short = int(len(need) - np.searchsorted(need, cars, side="right"))
        share = 100 * (all_days - short) / all_days if all_days else 100.0
        out.append(Level(cars, np.floor(share * 100) / 100, short))
    return out


def least_for(levels: Sequence[Level], percent: float) -> int:
    """The fewest cars that serve at least this share of days whole."""
    return next((each.cars for each in levels if each.served_percent >= percent), levels[-1].cars if levels else 0)


# --- a replay of the real log with another fleet ---------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A trip of the log: minutes, seats needed, km, the agency it was for."""

    id: int
    start: int
    end: int
    seats: int
    km: int
    agency_id: int


@dataclass(frozen=True)
class Stock:
    """A car of the replayed fleet. `reach_km` bounds what it drives in a day (None: fuel is no bound); where seasons
    differ it has a figure for each day of the log, counted from its first."""

    seats: int
    cost: int
    reach_km: int | Sequence[int] | None = None

    def reach_on(self, day: int) -> int:
        """What it can drive on that day, km."""
        if self.reach_km is None:
            return 10**9
        return self.reach_km if isinstance(self.reach_km, int) else self.reach_km[day]


@dataclass(frozen=True)
class Replay:
    """What another fleet would have done: trips lost, by agency and as ids; energy in NT$; days on which a trip was lost."""

    lost: tuple[int, ...]
    by_agency: dict[int, int]
    energy: int
    short_days: tuple[int, ...]
    electric_km: int
    km: int


def replay(log: Sequence[Made], fleet: Sequence[Stock], turnaround: int = 0) -> Replay:
    """Every trip of the log in order of departure takes the cheapest car that seats it, is back and has the reach left."""
    cars = sorted(range(len(fleet)), key=lambda n: (fleet[n].cost, fleet[n].seats, n))
    seats = np.array([fleet[n].seats for n in cars], int)
    electric = np.array([fleet[n].reach_km is not None for n in cars], bool)
    cost = np.array([fleet[n].cost for n in cars], int)
    back = np.full(len(cars), -(10**9))
    left, today = np.zeros(len(cars), int), None
    lost, energy, on_battery, total = [], 0, 0, 0
    by_agency: dict[int, int] = {}
    short: set[int] = set()
    for trip in sorted(log, key=lambda each: (each.start, each.id)):
        day = trip.start // DAY_MINUTES
        if day != today:
            left, today = np.array([fleet[n].reach_on(day) for n in cars], int), day
        able = np.flatnonzero((back <= trip.start) & (seats >= trip.seats) & (left >= trip.km))
        if not len(able):
            lost.append(trip.id)
            by_agency[trip.agency_id] = by_agency.get(trip.agency_id, 0) + 1
            short.add(day)
            continue
        n = able[0]
        back[n] = trip.end + turnaround
        left[n] -= trip.km if electric[n] else 0
        energy += int(cost[n]) * trip.km
        total += trip.km
        on_battery += trip.km if electric[n] else 0
    return Replay(tuple(lost), by_agency, (energy + 50) // 100, tuple(sorted(short)), on_battery, total)


def suitable_days(km_by_day: Sequence[int], reach_by_day: Sequence[int]) -> tuple[int, int]:
    """Of the days a car was out, on how many an electric one would have had the reach: (such days, all days)."""
    return sum(km <= reach for km, reach in zip(km_by_day, reach_by_day, strict=True)), len(km_by_day)
