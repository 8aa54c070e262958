"""The integer programs behind a day's plan, solved by HiGHS (`scipy.optimize.milp`). Pure.

Cars that are alike (same trips possible at the same cost, no battery to watch, nothing confirmed on them) form one class
with a capacity: at no moment more trips than cars. An interval colouring inside the class then names the cars, so the
class loses nothing and the program stays small.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from fleet.plans.crewing import Crew, check_drivers, crew_of, with_drivers
from fleet.plans.dispatch import Limits, Wheel
from fleet.plans.plankinds import Bound, kinds, over_kinds, scale_of
from fleet.plans.planning import Grid, Job, Plan, Score, as_cars
from fleet.plans.planroutes import Routes

MOST_PAIRS = 20_000  # above it changes, lending and cars used are not settled by a program of their own
PART_CARS, PART_SECONDS = (5, 8, 12), 0.5  # parts grow when small ones find nothing more
PATIENCE = 25
EXACT_PAIRS = 800  # the integer program is tried where it has no more pairs of trip and class than so many a second

Best = tuple[Score, np.ndarray, dict[int, int | None]]


def plan(
    jobs: Sequence[Job], wheels: Sequence[Wheel], grid: Grid, limits: Limits, *, seconds: float, seed: int = 1
) -> Plan:
    """The best plan found within about `seconds`, with the proven bound. `wheels` may be empty where nobody needs a driver."""
    began = time.monotonic()
    crew = crew_of(jobs, wheels, limits)
    best = _best(grid, grid.greedy(), crew, limits, None)
    bound: Bound = (0.0, 0.0, 0.0)
    if jobs:
        routes, groups = Routes(grid), kinds(grid)
        choice, bound = over_kinds(grid, groups, 0.4 * seconds)
        if choice is not None:
            best = _best(grid, _fill_up(grid, routes.share_out(groups, choice)), crew, limits, best)
        if best[0][:3] > bound and (len(crew.needs) or _few(grid, EXACT_PAIRS * seconds)):
            left = seconds - (time.monotonic() - began)
            best, bound = _exactly(grid, np.arange(len(jobs)), crew, limits, best, bound, 0.7 * left)
        if best[0][:3] > bound:
            now = time.monotonic()
            until = max(now, began + 0.9 * seconds)
            better = routes.improve(best[1], now + 0.6 * (until - now), seed, bound[:2])
            best = _best(grid, _improve(grid, better, until, seed), crew, limits, best)
    better = best[1]
    left = seconds - (time.monotonic() - began)
    if left > 0.05 and grid.fits.sum() <= MOST_PAIRS and jobs:
        better = _settle(grid, better, left, free=not len(crew.needs))
    best = min(best, (grid.score(better), better, best[2]), key=lambda each: each[0])
    return Plan(as_cars(grid, best[1]), best[0], bound, best[2])


def _best(grid: Grid, chosen: np.ndarray, crew: Crew, limits: Limits, best: Best | None) -> Best:
    """The better of the best so far and this choice, cut to what drivers can serve."""
    tried, drivers = with_drivers(grid, chosen, crew, limits)
    found = (grid.score(tried), tried, drivers)
    return found if best is None else min(best, found, key=lambda each: each[0])


def _few(grid: Grid, most: float) -> bool:
    """Whether the integer program is small enough to be solved rather than searched around in."""
    return sum(int(grid.fits[:, group[0]].sum()) for group in _classes(grid)) <= most


def _exactly(
    grid: Grid, rows: np.ndarray, crew: Crew, limits: Limits, best: Best, bound: Bound, seconds: float
) -> tuple[Best, Bound]:
    """The integer program itself, again with what a driver cannot do together, as long as there is time."""
    classes, until = _classes(grid), time.monotonic() + seconds
    for _round in range(5):
        found = _solve(grid, rows, classes, crew, max(0.1, until - time.monotonic()))
        bound = max(bound, found.bound)
        if found.choice is None:
            break
        drivers, broken = check_drivers(grid, crew, found.hands, limits)
        if not broken:
            tried = _color(grid, rows, classes, found.choice)
            return min(best, (grid.score(tried), tried, drivers), key=lambda each: each[0]), bound
        crew.never += broken
    return best, bound


@dataclass
class Found:
    """The answer of one program: for each row its class (-1: none), the drivers, and the proven bound."""

    choice: np.ndarray | None
    hands: list[tuple[int, int]]
    bound: Bound


def _classes(grid: Grid) -> list[list[int]]:
    """Columns of cars that are alike."""
    kept = set(grid.held[grid.accepted].tolist())
    groups: dict[tuple, list[int]] = {}
    for v in range(len(grid.units)):
        alone = v in kept or grid.battery(v)
        key: tuple = (v,) if alone else (grid.fits[:, v].tobytes(), grid.energy[:, v].tobytes())
        groups.setdefault(key, []).append(v)
    return list(groups.values())


def cliques(start: np.ndarray, end: np.ndarray) -> list[np.ndarray]:
    """The maximal sets of half-open intervals that share an instant; single ones left out."""
    out: list[np.ndarray] = []
    for moment in sorted({start[n] for n in range(len(start)) if end[n] > start[n]}):
        nearest_end = end[(start <= moment) & (end > moment)].min()
        later = start[start > moment]
        if later.size and later.min() < nearest_end:
            continue  # somebody joins before anybody leaves: not maximal yet
        together = np.flatnonzero((start <= moment) & (end > moment))
        if len(together) > 1:
            out.append(together)
    return out


class _Rows:
    """Constraint rows as they are written down: columns, coefficients, upper and lower ends."""

    def __init__(self) -> None:
        self.cols: list[np.ndarray] = []
        self.values: list[np.ndarray] = []
        self.least: list[float] = []
        self.most: list[float] = []

    def add(
        self, cols: Sequence[int] | np.ndarray, values: Sequence[float] | np.ndarray | float, least: float, most: float
    ) -> None:
        columns = np.asarray(cols, int)
        self.cols.append(columns)
        self.values.append(np.broadcast_to(np.asarray(values, float), columns.shape))
        self.least.append(least)
        self.most.append(most)

    def constraint(self, width: int) -> LinearConstraint:
        lengths = [len(each) for each in self.cols]
        row = np.repeat(np.arange(len(lengths)), lengths)
        col = np.concatenate(self.cols) if self.cols else np.zeros(0, int)
        value = np.concatenate(self.values) if self.values else np.zeros(0)
        matrix = csr_array((value, (row, col)), shape=(len(lengths), width))
        return LinearConstraint(vstack([matrix]).tocsr(), self.least, self.most)


def _pairs(grid: Grid, rows: np.ndarray, classes: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Row and class of every possible assignment."""
    fits = grid.fits[np.ix_(rows, np.array([group[0] for group in classes], int))]
    where = np.nonzero(fits.T)
    return where[1], where[0]


def _solve(grid: Grid, rows: np.ndarray, classes: list[list[int]], crew: Crew, seconds: float) -> Found:
    """Least (lost, broken, energy) over these rows and classes of cars."""
    job, group = _pairs(grid, rows, classes)
    n, many = len(job), len(rows)
    first = np.array([each[0] for each in classes], int)
    energy = grid.energy[rows[job], first[group]].astype(float)
    accepted = grid.accepted[rows]
    moved = accepted[job] & (grid.held[rows[job]] != first[group])
    scale = scale_of(grid, rows, grid.fits[np.ix_(rows, first)], grid.energy[np.ix_(rows, first)])
    lost = scale.lost * grid.weight[rows] + scale.broken * accepted
    able = crew.able[:, :] if len(crew.needs) else np.zeros((0, 0), bool)
    hand_job, hand = np.nonzero(able)  # positions in crew.needs
    cost = np.concatenate([energy + scale.broken * moved, lost, np.zeros(len(hand))])
    wall = _Rows()
    by_job = np.argsort(job, kind="stable")
    splits = np.searchsorted(job[by_job], np.arange(many + 1))
    for k in range(many):
        wall.add(np.append(by_job[splits[k] : splits[k + 1]], n + k), 1, 1, 1)
    together = cliques(grid.start[rows], grid.end[rows])
    by_group = np.searchsorted(group, np.arange(len(classes) + 1))
    for g, cars in enumerate(classes):
        mine = np.arange(by_group[g], by_group[g + 1])
        _capacity(grid, rows, wall, cars, mine, job[mine], together)
    for k, row in enumerate(crew.needs):
        wall.add(np.append(n + many + np.flatnonzero(hand_job == k), n + row), 1, 1, np.inf)
    seat = {(int(crew.needs[k]), int(d)): n + many + at for at, (k, d) in enumerate(zip(hand_job, hand, strict=True))}
    for never in crew.never:
        if all(each in seat for each in never):
            wall.add([seat[each] for each in never], 1, -np.inf, len(never) - 1)
    lower = np.zeros(len(cost))
    for k in range(many):  # what is fixed stays where it is
        if grid.jobs[rows[k]].fixed:
            lower[by_job[splits[k] : splits[k + 1]]] = 1
    found = milp(
        cost, integrality=np.ones(len(cost)), bounds=Bounds(lower, 1), constraints=wall.constraint(len(cost)),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )  # fmt: skip
    least = found.mip_dual_bound if found.mip_dual_bound is not None else 0.0
    bound = scale.bound(max(0.0, float(least)))
    if found.x is None:
        return Found(None, [], bound)
    choice = np.full(many, -1)
    taken = found.x[:n] > 0.5
    choice[job[taken]] = group[taken]
    hands = [
        (int(crew.needs[k]), int(d))
        for at, (k, d) in enumerate(zip(hand_job, hand, strict=True))
        if found.x[n + many + at] > 0.5
    ]
    return Found(choice, hands, bound)


def _fill_up(grid: Grid, chosen: np.ndarray) -> np.ndarray:
    """Whoever is left over takes any car that is still free, the cheapest first, heavier trips before lighter ones."""
    mine: list[list[int]] = [np.flatnonzero(chosen == v).tolist() for v in range(len(grid.units))]
    for n in sorted(np.flatnonzero(chosen < 0).tolist(), key=lambda n: (-grid.weight[n], grid.start[n])):
        able = [v for v in range(len(grid.units)) if grid.free_for(n, v, mine[v])]
        if able:
            chosen[n] = min(able, key=lambda v: (grid.energy[n, v], grid.foreign[n, v], v))
            mine[chosen[n]].append(n)
    return chosen


def _capacity(
    grid: Grid,
    rows: np.ndarray,
    wall: _Rows,
    cars: list[int],
    mine: np.ndarray,
    jobs: np.ndarray,
    together: list[np.ndarray],
) -> None:
    """At no moment more trips than cars in the class, and no battery below its floor."""
    at = np.full(len(rows), -1)
    at[jobs] = mine
    seen: set[bytes] = set()
    for clique in together:
        cols = at[clique]
        cols = cols[cols >= 0]
        if len(cols) > len(cars) and (key := cols.tobytes()) not in seen:
            seen.add(key)
            wall.add(cols, 1, 0, len(cars))
    v = cars[0]
    if not grid.battery(v):
        return
    stretch = grid.stretch[rows[jobs], v]
    for number, usable in enumerate(grid.capacity[v]):
        cols, drain = mine[stretch == number], grid.drain[rows[jobs[stretch == number]], v]
        fixed = sum(
            int(grid.drain[row, v]) for row in rows[jobs[stretch == number]] if grid.jobs[row].fixed
        )  # what is on its way is not called back
        if len(cols) and drain.sum() > usable * len(cars):
            wall.add(cols, drain, 0, max(usable * len(cars), fixed))


def _color(grid: Grid, rows: np.ndarray, classes: list[list[int]], choice: np.ndarray) -> np.ndarray:
    """Names a car of its class for every row: the one it has, else the own agency's, else one already out."""
    chosen = np.full(len(grid.jobs), -1)
    mine: dict[int, list[int]] = {v: [] for group in classes for v in group}
    for k in sorted(range(len(rows)), key=lambda k: grid.start[rows[k]]):
        if choice[k] < 0:
            continue
        n = int(rows[k])
        able = [v for v in classes[choice[k]] if grid.jobs[n].fixed or grid.free_for(n, v, mine[v])]
        if able:
            v = min(able, key=lambda v: (grid.held[n] != v, grid.foreign[n, v], not mine[v], v))
            chosen[n] = v
            mine[v].append(n)
    return chosen


def _improve(grid: Grid, chosen: np.ndarray, until: float, seed: int) -> np.ndarray:
    """Part after part solved exactly: some cars with their trips and everything left over, as long as there is time."""
    dice = np.random.default_rng(seed)
    score = grid.score(chosen)
    pinned = {int(grid.held[n]) for n, job in enumerate(grid.jobs) if job.fixed}
    open_cars = np.array([v for v in range(len(grid.units)) if v not in pinned])
    idle = 0
    while len(open_cars) and time.monotonic() < until:
        size = PART_CARS[min(idle // PATIENCE, len(PART_CARS) - 1)]
        idle += 1
        lost = np.flatnonzero(chosen < 0)
        wanted = grid.fits[dice.choice(lost)] if len(lost) and dice.random() < 0.7 else np.ones(len(grid.units), bool)
        able = open_cars[wanted[open_cars]]
        if not len(able):
            continue
        part = dice.choice(able, min(size, len(able)), replace=False)
        some = lost if len(lost) <= 40 else dice.choice(lost, 40, replace=False)
        rows = np.sort(np.concatenate([np.flatnonzero(np.isin(chosen, part)), some]))
        if not len(rows):
            continue
        classes = [[int(v)] for v in part]
        found = _solve(grid, rows, classes, Crew(), min(PART_SECONDS, max(0.05, until - time.monotonic())))
        if found.choice is None:
            continue
        tried = chosen.copy()
        tried[rows] = np.where(found.choice >= 0, part[found.choice], -1)
        if (better := grid.score(tried)) < score:
            chosen, score, idle = tried, better, 0
    return chosen


def _settle(grid: Grid, chosen: np.ndarray, seconds: float, *, free: bool) -> np.ndarray:
    """Within the same (lost, broken, energy): fewest changes, then least lent across agencies, then fewest cars.

    `free` lets other trips of the same weight be the ones that are lost; where drivers are settled they stay.
    """
    rows = np.arange(len(grid.jobs)) if free else np.flatnonzero(chosen >= 0)
    classes = [[v] for v in range(len(grid.units))]
    score = grid.score(chosen)
    job, car = _pairs(grid, rows, classes)
    n, many = len(job), len(classes)
    held = grid.held[rows[job]]
    changed = ((held >= 0) & (held != car)).astype(float)
    foreign = grid.foreign[rows[job], car].astype(float)
    unit_foreign = many + 1.0
    unit_changed = unit_foreign * (1 + foreign.max(initial=0) * len(rows))
    cost = np.concatenate([unit_changed * changed + unit_foreign * foreign, np.ones(many), np.zeros(len(rows))])
    lost = n + many + np.arange(len(rows))
    wall = _Rows()
    for k in range(len(rows)):
        wall.add(np.append(np.flatnonzero(job == k), lost[k]), 1, 1, 1)
    together = cliques(grid.start[rows], grid.end[rows])
    for v in range(many):
        mine = np.flatnonzero(car == v)
        at = np.full(len(rows), -1)
        at[job[mine]] = mine
        alone = set(job[mine].tolist())
        for clique in together:
            cols = at[clique]
            if len(cols := cols[cols >= 0]):
                wall.add([*cols, n + v], [*np.ones(len(cols)), -1], -np.inf, 0)
                alone -= set(clique.tolist())
        for k in alone:
            wall.add([at[k], n + v], [1, -1], -np.inf, 0)
        if grid.battery(v):
            stretch = grid.stretch[rows[job[mine]], v]
            for number, usable in enumerate(grid.capacity[v]):
                cols = mine[stretch == number]
                drain = grid.drain[rows[job[cols]], v]
                fixed = sum(int(grid.drain[row, v]) for row in rows[job[cols]] if grid.jobs[row].fixed)
                if len(cols):
                    wall.add(cols, drain, 0, max(usable, fixed))
    wall.add(np.arange(n), grid.energy[rows[job], car], 0, score.energy)
    wall.add(lost, grid.weight[rows], 0, score.lost if free else 0)
    moved = np.concatenate([grid.accepted[rows[job]] & (held != car), grid.accepted[rows]])
    gone = 0 if free else int((grid.accepted & (chosen < 0)).sum())
    wall.add(np.concatenate([np.arange(n), lost]), moved, 0, score.broken - gone)
    most = np.ones(len(cost))
    most[lost[[grid.jobs[row].fixed for row in rows]]] = 0
    found = milp(
        cost, integrality=np.ones(len(cost)), bounds=Bounds(0, most), constraints=wall.constraint(len(cost)),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )  # fmt: skip
    if found.x is None:
        return chosen
    settled = np.full(len(grid.jobs), -1)
    taken = found.x[:n] > 0.5
    settled[rows[job[taken]]] = car[taken]
    return settled if grid.score(settled) < score else chosen
