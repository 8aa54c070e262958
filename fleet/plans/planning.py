"""A whole day at once: which car takes which trip, and which driver (replan). Pure, values in, values out.

Lexicographic: least lost priority → fewest broken confirmations → least energy (NT$) → fewest changes, then cars lent
across agencies (those who lent least first), then cars used. The first three are one integer program whose weights
cannot mix (`planmodel`); the rest a second one inside its optimum. Every plan starts from a greedy one, so there is always
an answer; how far it may be from the best is proven and told (`Plan.gap`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fleet.plans.dispatch import Ask, Car, Limits, refuse_car, round_half_up
from fleet.terms import KINDS

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SIZES = list(KINDS)
FOREIGN, MOST_LENT = 10, 9  # a trip in another agency's car counts 10, and up to 9 more the more that agency has lent


class Fill(NamedTuple):
    """A booked charging slot: from `at` on the battery holds at least `percent`."""

    at: datetime
    percent: int


@dataclass(frozen=True)
class Unit:
    """A car on the day. `car.busy` is what stays as it is, `car.charge_percent` the battery when the day begins."""

    car: Car
    fills: tuple[Fill, ...] = ()


@dataclass(frozen=True)
class Job:
    """A trip on the day. `weight` is its priority. `car_id` and `driver_id` are what it has now.

    `accepted` means a driver has confirmed it: another car breaks that. `fixed` trips keep their car whatever it costs.
    """

    id: int
    ask: Ask
    weight: int = 1
    car_id: int | None = None
    driver_id: int | None = None
    accepted: bool = False
    fixed: bool = False


class Step(NamedTuple):
    """One trip's new car and driver, as read at its revision `rev`."""

    trip_id: int
    rev: int
    vehicle_id: int
    driver_id: int | None


class Score(NamedTuple):
    """What a plan costs, in the order in which it weighs. `energy` in NT$; `changed` trips get another car than they had."""

    lost: int
    broken: int
    energy: int
    changed: int
    foreign: int
    cars: int


@dataclass(frozen=True)
class Plan:
    """Which car and driver each trip gets (None: none). `bound` is proven: no plan has less of (lost, broken, energy).

    `gap` compares the first of the three in which the plan and the bound differ; 0.0 means proven optimal.
    """

    cars: dict[int, int | None]
    score: Score
    bound: tuple[float, float, float]
    drivers: dict[int, int | None] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        for had, least in zip(self.score, self.bound, strict=False):
            if had > least + 1e-6:
                return (had - least) / max(1.0, had)
        return 0.0

    @property
    def proven(self) -> bool:
        return self.gap == 0.0


class Grid:
    """The day as tables: jobs down, cars across. Minutes are counted from the first departure."""

    def __init__(self, jobs: Sequence[Job], units: Sequence[Unit], limits: Limits):
        self.jobs, self.units, self.limits = list(jobs), list(units), limits
        self.place = {unit.car.id: n for n, unit in enumerate(self.units)}
        first = min((job.ask.period.starts_at for job in self.jobs), default=EPOCH)
        self.start = np.array([(job.ask.period.starts_at - first) / MINUTE for job in self.jobs])
        self.end = np.array([(job.ask.period.ends_at - first) / MINUTE for job in self.jobs])
        self.weight = np.array([job.weight for job in self.jobs], int)
        self.held = np.array([self.place.get(job.car_id, -1) if job.car_id else -1 for job in self.jobs], int)
        self.accepted = np.array([job.accepted and self.held[n] >= 0 for n, job in enumerate(self.jobs)], bool)
        self.fixed = np.array([job.fixed for job in self.jobs], bool)
        shape = (len(self.jobs), len(self.units))
        self.fits, self.suits = np.zeros(shape, bool), np.zeros(shape, bool)  # `suits`: were its battery full
        self.energy = np.zeros(shape, int)
        self.drain, self.foreign, self.stretch = np.zeros(shape, int), np.zeros(shape, int), np.zeros(shape, int)
        self.capacity: list[list[int]] = [self._stretches(v) for v in range(shape[1])]
        self.filled = [np.array([(fill.at - first) / MINUTE for fill in unit.fills]) for unit in self.units]
        for v in range(shape[1]):
            self._fill_column(v)

    def _stretches(self, v: int) -> list[int]:
        """Percent that may be used before each charging slot and after the last; one entry for a car without a battery.

        A slot that would leave less than what was there at first is not counted on.
        """
        car = self.units[v].car
        if not car.electric or car.charge_percent is None or not car.range_km:
            return [0]
        floor = self.limits.min_charge_percent
        usable = [car.charge_percent - floor]
        counted = []
        for fill in sorted(self.units[v].fills):
            if fill.percent - floor >= usable[-1]:
                usable.append(fill.percent - floor)
                counted.append(fill)
        self.units[v] = replace(self.units[v], fills=tuple(counted))
        return usable

    def battery(self, v: int) -> bool:
        """Whether what the car can drive today is bounded by its battery."""
        car = self.units[v].car
        return car.electric and car.charge_percent is not None and bool(car.range_km)

    def _fill_column(self, v: int) -> None:
        unit = self.units[v]
        bare = replace(unit.car, charge_percent=None)
        fills = [fill.at for fill in unit.fills]
        limited = self.battery(v)
        for n, job in enumerate(self.jobs):
            ask = job.ask
            mine = self.held[n] == v
            if job.fixed:
                ok = mine
            else:
                ok = refuse_car(ask, bare, self.limits) is None
            self.suits[n, v] = ok
            self.energy[n, v] = round_half_up(unit.car.cost * ask.km, 100)
            if ask.agency_id is not None and ask.agency_id != unit.car.owner_id:
                self.foreign[n, v] = FOREIGN + min(MOST_LENT, unit.car.lent)
            if limited:
                self.drain[n, v] = -(-ask.km * 100 // (unit.car.range_km or 1))
                self.stretch[n, v] = sum(at <= ask.period.starts_at for at in fills)
                ok = ok and (job.fixed or self.drain[n, v] <= self.capacity[v][self.stretch[n, v]])
            self.fits[n, v] = ok

    # --- plans -------------------------------------------------------------------------------------------------------

    def score(self, chosen: np.ndarray) -> Score:
        """What this choice costs; `chosen[n]` is the column of job n's car, -1 for none."""
        given = chosen >= 0
        rows, cols = np.flatnonzero(given), chosen[given]
        broken = int((self.accepted & (chosen != self.held)).sum())
        changed = int((given & (self.held >= 0) & (chosen != self.held)).sum())
        return Score(
            int(self.weight[~given].sum()), broken, int(self.energy[rows, cols].sum()), changed,
            int(self.foreign[rows, cols].sum()), len(set(cols.tolist())),
        )  # fmt: skip

    def faults(self, chosen: np.ndarray) -> list[str]:
        """What is wrong with a choice: ineligible cars, overlaps, empty batteries. The one check for every contender."""
        out = []
        for v, unit in enumerate(self.units):
            mine = sorted(np.flatnonzero(chosen == v).tolist(), key=lambda n: self.start[n])
            out += [f"job {self.jobs[n].id} may not have {unit.car.label}" for n in mine if not self.fits[n, v]]
            for one, other in pairwise(mine):
                if self.start[other] < self.end[one]:
                    out.append(f"{unit.car.label}: jobs {self.jobs[one].id} and {self.jobs[other].id} overlap")
            if self.battery(v):
                out += self._empty(v, mine)
        out += [f"job {job.id} was fixed" for n, job in enumerate(self.jobs) if job.fixed and chosen[n] != self.held[n]]
        return out

    def _empty(self, v: int, mine: list[int]) -> list[str]:
        level, fills = self.units[v].car.charge_percent or 0, list(self.units[v].fills)
        floor = self.limits.min_charge_percent
        chosen = False  # whether anything but what is fixed draws on this charge
        for n in mine:
            while fills and fills[0].at <= self.jobs[n].ask.period.starts_at:
                level, chosen = max(level, fills.pop(0).percent), False
            level -= int(self.drain[n, v])
            chosen = chosen or not self.jobs[n].fixed
            if level < floor and chosen:
                return [f"{self.units[v].car.label} is at {level}% after job {self.jobs[n].id}"]
        return []

    def free_for(self, n: int, v: int, mine: Sequence[int]) -> bool:
        """Whether car `v`, which already has the jobs `mine`, can take job `n` as well."""
        if not self.fits[n, v]:
            return False
        if any(self.start[n] < self.end[o] and self.start[o] < self.end[n] for o in mine):
            return False
        if not self.battery(v):
            return True
        here = self.stretch[n, v]
        used = sum(self.drain[o, v] for o in mine if self.stretch[o, v] == here)
        return bool(used + self.drain[n, v] <= self.capacity[v][here])

    def upward(self, n: int, v: int) -> int:
        """How many sizes larger than needed the car is."""
        right = self.jobs[n].ask.right_kind
        return SIZES.index(self.units[v].car.kind) - SIZES.index(right) if right else 0

    def greedy(self, order: Sequence[int] | None = None, rule: str = "ranked") -> np.ndarray:
        """Each job in turn (default: by departure) takes the best free car, as the desk would one by one.

        `rule`: `ranked` as `dispatch.rank_cars`, `cheapest` energy only, `first` in the list. Accepted and fixed jobs keep
        their car where they can.
        """
        chosen = np.full(len(self.jobs), -1)
        mine: list[list[int]] = [[] for _ in self.units]
        turn = list(range(len(self.jobs))) if order is None else list(order)
        if order is None:
            turn.sort(key=lambda n: (self.start[n], -self.weight[n], n))
        pinned = [n for n in turn if self.jobs[n].fixed] + [
            n for n in turn if self.accepted[n] and not self.jobs[n].fixed
        ]
        for n in [*pinned, *(n for n in turn if n not in set(pinned))]:
            v = int(self.held[n])
            stays = n in pinned and v >= 0 and (self.jobs[n].fixed or self.free_for(n, v, mine[v]))
            if not stays:
                able = [v for v in range(len(self.units)) if self.free_for(n, v, mine[v])]
                if not able:
                    continue
                v = min(able, key=lambda v: self._wish(n, v, rule, mine[v]))
            chosen[n] = v
            mine[v].append(n)
        return chosen

    def _wish(self, n: int, v: int, rule: str, mine: Sequence[int]) -> tuple:
        if rule == "first":
            return (v,)
        if rule == "cheapest":
            return (self.energy[n, v], v)
        return (self.upward(n, v), self.energy[n, v], self.units[v].car.seats, self.foreign[n, v], not mine, v)


def as_cars(grid: Grid, chosen: np.ndarray) -> dict[int, int | None]:
    """The choice by ids."""
    return {job.id: grid.units[chosen[n]].car.id if chosen[n] >= 0 else None for n, job in enumerate(grid.jobs)}
