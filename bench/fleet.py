"""What planning costs and gains: dispatch rules and replanning against the proven optimum, the free-car scan, fleet size.

`make bench-fleet` prints Markdown. Seeds are fixed; every contender's day passes the same check. Seconds are of the
processor (`time.process_time`), so that a busy machine slows no contender more than another; searches that are given
a time limit are told how long they took on the clock as well. `PARTS="days scan sizing" SEEDS=3 LONG=60` change the run.
"""

import os
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np

from bench import days
from common.period import taipei
from fleet.plans.freescan import CELLS, WORDS, Calendar
from fleet.plans.planmodel import plan
from fleet.plans.planning import Grid, Score
from fleet.plans.sizing import DAY_MINUTES, by_day, cars_needed

PARTS = os.environ.get("PARTS", "days scan sizing").split()
SEEDS = int(os.environ.get("SEEDS", "3"))
LONG = float(os.environ.get("LONG", "60"))
SHORT = float(os.environ.get("SHORT", "2"))
SIZES = ((39, 22), (39, 60), (39, 110), (39, 150), (200, 600))


def checked(grid: Grid, chosen: np.ndarray) -> Score:
    """The score, once the one checker has found nothing wrong."""
    faults = grid.faults(chosen)
    assert not faults, faults[:3]
    return grid.score(chosen)


def timed(work: Callable[[], object]) -> tuple[object, float, float]:
    """The result, seconds of the processor, seconds on the clock."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def replanned(grid: Grid, seconds: float) -> tuple[np.ndarray, tuple[float, float, float], bool]:
    """Our plan as columns, its bound, and whether it is proven."""
    made = plan(grid.jobs, (), grid, days.LIMITS, seconds=seconds)
    chosen = np.array([grid.place[car] if (car := made.cars[job.id]) else -1 for job in grid.jobs])
    return chosen, made.bound, made.proven


def day_rows(cars: int, trips: int) -> list[str]:
    """One size: each contender's served priority and energy beside the best proven bound, over the seeds."""
    told: dict[str, list[tuple[float, float, int, float, float, bool]]] = {}
    for seed in range(1, SEEDS + 1):
        grid = days.grid(cars, trips, seed)
        asked = range(len(grid.jobs))  # the order in which they were asked for
        contenders: dict[str, Callable[[], np.ndarray]] = {
            "list-order first-fit, by departure": lambda grid=grid: grid.greedy(rule="first"),
            "cheapest first, by departure": lambda grid=grid: grid.greedy(rule="cheapest"),
            "first come first served, list order": lambda grid=grid, asked=asked: grid.greedy(asked, "first"),
            "ours, one by one as they are asked for": lambda grid=grid, asked=asked: grid.greedy(asked, "ranked"),
            "ours, one by one by departure": lambda grid=grid: grid.greedy(),
        }
        rows = {}
        for name, work in contenders.items():
            chosen, cpu, wall = timed(work)
            rows[name] = (checked(grid, chosen), cpu, wall, False)  # type: ignore[arg-type]
        bounds = []
        for name, seconds in (
            (f"ours, replanned within {SHORT:g} s", SHORT),
            (f"ours, replanned within {LONG:g} s", LONG),
        ):
            (chosen, bound, proven), cpu, wall = timed(lambda grid=grid, seconds=seconds: replanned(grid, seconds))  # type: ignore[misc]
            rows[name] = (checked(grid, chosen), cpu, wall, proven)
            bounds.append(bound)
        least = max(bounds)
        whole = float(grid.weight.sum())
        for name, (score, cpu, wall, proven) in rows.items():
            served = 100 * (whole - score.lost) / (whole - least[0])
            dearer = 100 * score.energy / least[2] - 100 if score.lost == least[0] and least[2] else float("nan")
            told.setdefault(name, []).append((served, dearer, score.cars, cpu, wall, proven))
    lines = []
    for name, all_rows in told.items():
        served = [row[0] for row in all_rows]
        dear = [row[1] for row in all_rows if not np.isnan(row[1])]
        energy = f"+{statistics.mean(dear):.1f} % ({len(dear)}/{len(all_rows)})" if dear else "–"
        lines.append(
            f"| {cars} × {trips} | {name} | {statistics.mean(served):.2f} % ({min(served):.2f}) | {energy} | "
            f"{statistics.mean(row[2] for row in all_rows):.0f} | {statistics.mean(row[3] for row in all_rows):.2f} / "
            f"{statistics.mean(row[4] for row in all_rows):.2f} | {sum(row[5] for row in all_rows)}/{len(all_rows)} |"
        )
    return lines


def scan_rows() -> list[str]:
    """Free cars for one trip among 39, 10⁴ and 10⁵, of the right seats and reach, the cheapest of them chosen and taken."""
    lines = []
    for cars, trips in ((39, 2000), (10_000, 2000), (100_000, 1000)):
        dice = np.random.default_rng(3)
        calendar = Calendar(taipei(days.DAY, "00:00"), cars)
        seats = dice.choice([5, 7, 9], cars, p=[0.7, 0.18, 0.12])
        cost, reach = dice.choice([60, 160, 270], cars), dice.integers(120, 500, cars)
        spent = []
        for _ in range(trips):
            first = int(dice.integers(0, 7)) * 96 + int(np.clip(dice.normal(44, 9), 28, 76))
            last = min(first + int(np.clip(dice.gamma(3, 4), 2, 32)), CELLS)
            people, km = int(dice.choice([2, 3, 5, 7])), int(dice.integers(5, 90))
            began = time.process_time()
            able = calendar.free(first, last)
            able = able[(seats[able] >= people) & (reach[able] >= km)]
            if len(able):
                car = int(able[np.argmin(cost[able] * 10 + seats[able])])
                period = days.Period(
                    calendar.begins + timedelta(minutes=15 * first), calendar.begins + timedelta(minutes=15 * last)
                )
                calendar.take(car, period)
            spent.append((time.process_time() - began) * 1000)
        lines.append(
            f"| {cars:,} | {np.median(spent):.3f} | {np.percentile(spent, 99):.3f} "
            f"| {calendar.taken.nbytes / 1e6:.1f} ({WORDS} words a car) |"
        )
    return lines


def sizing_rows() -> list[str]:
    """The least fleet and every day's need, at 10⁵ and 10⁶ trips of ten years."""
    lines = []
    for trips in (100_000, 1_000_000):
        dice = np.random.default_rng(5)
        start = dice.integers(0, 3653, trips) * DAY_MINUTES + np.clip(dice.normal(660, 150, trips), 360, 1200).astype(
            int
        )
        end = start + np.clip(dice.gamma(3, 60, trips), 15, 600).astype(int)
        cars, cpu, wall = timed(lambda start=start, end=end: cars_needed(start, end, 30))
        (_, most), day_cpu, day_wall = timed(lambda start=start, end=end: by_day(start, end, 30))  # type: ignore[misc]
        assert most.max() == cars
        lines.append(f"| {trips:,} | {cars} | {cpu:.2f} / {wall:.2f} | {day_cpu:.2f} / {day_wall:.2f} |")
    return lines


def main() -> None:
    """Print the tables asked for."""
    if "days" in PARTS:
        print(
            "| day | contender | priority served, % of the proven most (worst) | energy over the bound (days with equal priority) "
            "| cars | s processor / clock | proven optimal |\n|---|---|---|---|---|---|---|",
            flush=True,
        )
        for size in SIZES:
            print("\n".join(day_rows(*size)), flush=True)
    if "scan" in PARTS:
        print("\n| cars, 7 days | p50 ms | p99 ms | MB |\n|---|---|---|---|\n" + "\n".join(scan_rows()), flush=True)
    if "sizing" in PARTS:
        print("\n| trips | least cars | least, s processor / clock | every day, s |\n|---|---|---|---|", flush=True)
        print("\n".join(sizing_rows()), flush=True)


if __name__ == "__main__":
    main()
