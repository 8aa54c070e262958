"""The best day of one car, exactly, and from it plans for all: pure, values in, values out.

What one car can do is a path through the day, and its battery whole percents, so the best set of trips for it is found by
dynamic programming in about a millisecond. A kind's trips are shared out car by car that way; and a plan gets better by
taking two to four cars' trips away and letting each choose anew, thousands of times in the seconds there are.
"""

import time
from collections.abc import Sequence

import numpy as np

from fleet.plans.planning import Grid

CALM = 600  # rounds of choosing anew that brought nothing: it is time for something else
CARS = (1, 2, 2, 3, 3, 4)
SWAY = 0.4  # how far a car's wishes are bent at random, so that not every round ends the same


class Routes:
    """The best days of single cars of a grid. What is fixed stays on its car and is never asked about."""

    def __init__(self, grid: Grid):
        self.grid = grid
        self.order = np.argsort(grid.start, kind="stable")
        self.movable = ~grid.fixed
        self.kept = [np.flatnonzero(grid.fixed & (grid.held == v)) for v in range(len(grid.units))]
        self.open = grid.fits & self.movable[:, None]
        self.room: list[list[int]] = []
        for v, mine in enumerate(self.kept):
            used = [int(grid.drain[mine[grid.stretch[mine, v] == k], v].sum()) for k in range(len(grid.capacity[v]))]
            self.room.append([usable - spent for usable, spent in zip(grid.capacity[v], used, strict=True)])
            for n in mine:
                self.open[:, v] &= (grid.start >= grid.end[n]) | (grid.end <= grid.start[n])

    def best(self, v: int, jobs: np.ndarray, value: np.ndarray) -> list[int]:
        """Of `jobs` (in order of departure) those that car `v` does in the best day it can have; `value` is of each."""
        grid, battery = self.grid, self.grid.battery(v)
        useful = (value > 0) & self.open[jobs, v]
        jobs, value = jobs[useful], value[useful]
        if not len(jobs):
            return []
        drain = grid.drain[jobs, v] if battery else np.zeros(len(jobs), int)
        points = np.unique(np.concatenate([grid.start[jobs], grid.end[jobs]]))
        leaves, back = np.searchsorted(points, grid.start[jobs]), np.searchsorted(points, grid.end[jobs])
        stretch = np.searchsorted(grid.filled[v], points, side="right")
        room = np.array(self.room[v])[stretch] if battery else np.zeros(len(points), int)
        ending: list[list[int]] = [[] for _ in points]
        for k, at in enumerate(back):
            ending[at].append(k)
        # most[t, p]: the best until t with at most p percent used since the battery was last charged; took: its last trip
        most = np.zeros((len(points), max(0, int(room.max())) + 1))
        took = np.full(most.shape, -1)
        for t in range(len(points)):
            if t:
                most[t] = most[t - 1] if stretch[t] == stretch[t - 1] else most[t - 1, max(0, room[t - 1])]
            for k in ending[t]:
                left = room[leaves[k]] - drain[k]
                if left < 0:
                    continue
                if stretch[t] == stretch[leaves[k]]:
                    gained, where = most[leaves[k], : left + 1] + value[k], slice(drain[k], drain[k] + left + 1)
                else:
                    gained, where = np.full(most.shape[1], most[leaves[k], left] + value[k]), slice(None)
                better = gained > most[t, where] + 1e-9
                most[t, where][better] = gained[better]
                took[t, where][better] = k
        chosen: list[int] = []
        t, p = len(points) - 1, max(0, int(room[-1]))
        while t >= 0:
            k = took[t, p]
            before = t - 1 if k < 0 else int(leaves[k])
            if k >= 0:
                chosen.append(int(jobs[k]))
            if before >= 0 and stretch[before] != stretch[t]:
                p = max(0, int(room[before]))
            if k >= 0:
                p -= int(drain[k])
            t = before
        return chosen[::-1]

    def share_out(self, groups: Sequence[Sequence[int]], choice: np.ndarray) -> np.ndarray:
        """Names a car of its kind for each job of `choice` (group numbers, -1 for none) as far as the batteries last.

        Those with the least charge choose first: whoever must be out at a moment because all are, then the most kilometres.
        """
        grid = self.grid
        km = np.array([job.ask.km for job in grid.jobs], float)
        chosen = np.where(grid.fixed, grid.held, -1)
        for number, group in enumerate(groups):
            left = self.order[(choice[self.order] == number) & self.movable[self.order]]
            for n, v in enumerate(sorted(group, key=lambda v: (grid.battery(v), sum(self.room[v])))):
                if not len(left):
                    break
                moments = np.unique(grid.start[left])
                out = (grid.start[left][:, None] <= moments) & (grid.end[left][:, None] > moments)
                needed = out[:, out.sum(axis=0) >= len(group) - n].sum(axis=1)
                own = grid.accepted[left] & (grid.held[left] == v)
                others = grid.accepted[left] & ~own & np.isin(grid.held[left], group)
                value = np.where(others, 0, 1e9 * own + 1e5 * needed + km[left] + 1)
                mine = self.best(v, left, value)
                chosen[mine] = v
                left = left[~np.isin(left, mine)]
        return chosen

    def improve(self, chosen: np.ndarray, until: float, seed: int, least: tuple[float, float] = (0, 0)) -> np.ndarray:
        """A few cars give their trips back and choose anew, again and again: until `until` (monotonic), until nothing is found
        any more, or until no more is lost and broken than `least`, which nobody can do without."""
        grid, dice = self.grid, np.random.default_rng(seed)
        worst = np.where(grid.fits, grid.energy, 0).max(axis=1, initial=0)
        broken = 1.0 + worst.sum()
        much = broken * (1.0 + grid.accepted.sum()) * grid.weight
        score, calm = grid.score(chosen), 0
        while calm < CALM and score[:2] > least and time.monotonic() < until:
            calm += 1
            part = self._some(chosen, dice)
            if not len(part):
                continue
            gone = ((chosen < 0) | np.isin(chosen, part)) & self.movable
            tried = np.where(gone, -1, chosen)
            bent = much * dice.uniform(1 - SWAY, 1 + SWAY, len(much))
            for n, v in enumerate(part):
                left = self.order[(gone & (tried < 0) & self.open[:, v])[self.order]]
                worth = (much if n == len(part) - 1 else bent)[left]
                worth = worth + broken * (grid.accepted[left] & (grid.held[left] == v)) - grid.energy[left, v]
                tried[self.best(int(v), left, worth)] = v
            if (better := grid.score(tried))[:3] <= score[:3]:
                calm = calm if better[:3] == score[:3] else 0
                chosen, score = tried, better
        return chosen

    def _some(self, chosen: np.ndarray, dice: np.random.Generator) -> np.ndarray:
        """One to four cars, mostly such as could take one of the trips that are lost."""
        lost = np.flatnonzero(chosen < 0)
        able = np.arange(len(self.grid.units))
        if len(lost) and dice.random() < 0.8:
            able = np.flatnonzero(self.open[dice.choice(lost)])
        return dice.choice(able, min(int(dice.choice(CARS)), len(able)), replace=False)
