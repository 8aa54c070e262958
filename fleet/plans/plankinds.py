"""A day over kinds of cars instead of cars: its bound in hundredths of a second, and which kind takes which trip. Pure.

Cars that cost the same and may do the same trips, were their batteries full, are one kind. Together they are in so many
places at once and drive so many kilometres. That asks less than the day does, so nobody can do better; and it is small: per
kind a flow of idle cars through time, in which each trip stands twice. In fractions almost every trip goes to one kind.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from fleet.plans.planning import Grid

Bound = tuple[float, float, float]


class Scale(NamedTuple):
    """What a unit of lost priority and a broken confirmation cost, in NT$ of energy: more than all below them together."""

    lost: float
    broken: float

    def bound(self, value: float) -> Bound:
        """The (lost, broken, energy) that a lower bound of their weighted sum proves."""
        value = float(np.ceil(value - 1e-4))
        lost = value // self.lost
        broken = (value - lost * self.lost) // self.broken
        return lost, broken, value - lost * self.lost - broken * self.broken


def scale_of(grid: Grid, rows: np.ndarray, fits: np.ndarray, energy: np.ndarray) -> Scale:
    """Weights that cannot mix, for these rows: `fits` and `energy` have a row for each and a column for each choice."""
    worst = np.where(fits, energy, 0).max(axis=1, initial=0)
    broken = 1.0 + worst.sum()
    return Scale(broken * (1.0 + grid.accepted[rows].sum()), broken)


def kinds(grid: Grid) -> list[list[int]]:
    """Columns of cars that differ at most in their batteries."""
    groups: dict[tuple, list[int]] = {}
    for v in range(len(grid.units)):
        key = (grid.battery(v), grid.suits[:, v].tobytes(), grid.energy[:, v].tobytes())
        groups.setdefault(key, []).append(v)
    return list(groups.values())


def over_kinds(grid: Grid, groups: list[list[int]], seconds: float) -> tuple[np.ndarray | None, Bound]:
    """For each job the kind that takes most of it (-1: lost), and the bound that holds for every plan of the day.

    No answer within `seconds`: None and a bound of nothing.
    """
    rows = np.arange(len(grid.jobs))
    first = np.array([group[0] for group in groups], int)
    fits = np.array([grid.fits[:, group].any(axis=1) for group in groups]).T
    scale = scale_of(grid, rows, fits, grid.energy[:, first])
    kind, job = np.nonzero(fits.T)
    pairs, many = len(job), len(rows)
    home = np.array([np.isin(grid.held, group) for group in groups])
    moved = grid.accepted[job] & ~home[kind, job]
    points = np.unique(grid.start)
    size = len(groups) * len(points)
    cost = np.concatenate(
        [
            grid.energy[job, first[kind]] + scale.broken * moved,
            scale.lost * grid.weight + scale.broken * grid.accepted,
            np.zeros(size),
        ]
    )
    cell, column, value, supply = _flow(grid, groups, kind, job, points)
    far = [(np.flatnonzero(kind == k), _reach(grid, group)) for k, group in enumerate(groups) if grid.battery(group[0])]
    km = np.array([each.ask.km for each in grid.jobs], float)
    row = np.concatenate(
        [job, rows, many + cell, *(np.full(len(mine), many + size + n) for n, (mine, _) in enumerate(far))]
    )
    column = np.concatenate([np.arange(pairs + many), column, *(mine for mine, _ in far)])
    value = np.concatenate([np.ones(pairs + many), value, *(km[job[mine]] for mine, _ in far)])
    least = np.concatenate([np.ones(many), supply, np.full(len(far), -np.inf)])
    most = np.concatenate([np.ones(many), supply, [reach for _, reach in far]])
    matrix = csr_array((value, (row, column)), shape=(len(least), len(cost)))
    upper = np.concatenate([np.ones(pairs + many), np.full(size, np.inf)])
    upper[pairs + np.flatnonzero(grid.fixed)] = 0  # what is under way is not lost
    found = milp(
        cost, bounds=Bounds(0, upper), constraints=LinearConstraint(matrix, least, most),
        options={"time_limit": max(0.05, seconds)},
    )  # fmt: skip
    if found.status != 0 or found.x is None:
        return None, (0.0, 0.0, 0.0)
    return largest_share(found.x, job, kind, many), scale.bound(found.fun)


def largest_share(x: np.ndarray, job: np.ndarray, group: np.ndarray, many: int) -> np.ndarray:
    """For each row the group with the largest share of it, or -1 where most of it is lost (`x` beyond the pairs)."""
    choice, share = np.full(many, -1), x[len(job) : len(job) + many].copy()
    for at in np.flatnonzero(x[: len(job)] > 1e-6):
        if x[at] > share[job[at]]:
            choice[job[at]], share[job[at]] = group[at], x[at]
    return choice


def _flow(
    grid: Grid, groups: list[list[int]], kind: np.ndarray, job: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Idle cars of each kind from one departure to the next: a trip takes one and gives it back. Entries and right side."""
    width, pairs, many = len(points), len(job), len(grid.jobs)
    leaves = kind * width + np.searchsorted(points, grid.start[job])
    back = np.searchsorted(points, grid.end[job])
    again = np.flatnonzero(back < width)
    cells = np.arange(len(groups) * width)
    inner = cells[cells % width > 0]
    idle = pairs + many
    cell = np.concatenate([leaves, kind[again] * width + back[again], cells, inner])
    column = np.concatenate([np.arange(pairs), again, idle + cells, idle + inner - 1])
    value = np.repeat([1.0, -1.0, 1.0, -1.0], [pairs, len(again), len(cells), len(inner)])
    sizes = np.array([len(group) for group in groups], float)
    return cell, column, value, np.where(cells % width == 0, sizes[cells // width], 0.0)


def _reach(grid: Grid, group: list[int]) -> float:
    """Kilometres that the batteries of a kind last for in all, what is under way counted as far as it goes."""
    whole = 0.0
    for v in group:
        mine = np.flatnonzero(grid.fixed & (grid.held == v))
        for number, usable in enumerate(grid.capacity[v]):
            under_way = sum(grid.jobs[n].ask.km for n in mine if grid.stretch[n, v] == number)
            whole += max(usable * (grid.units[v].car.range_km or 0) / 100, under_way, 0)
    return whole
