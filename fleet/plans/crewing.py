"""Drivers in a day's plan: who may take which trip, and what nobody may do together (V-50). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fleet.plans.dispatch import Limits, Wheel, rank_drivers, refuse_driver
from fleet.plans.planning import Grid, Job
from fleet.plans.workhours import breach


@dataclass
class Crew:
    """Drivers for the trips that need one and have none. `hands[d]` may take job n where `able[n, d]`.

    `never` are sets of (job, driver) that may not stand together: overlaps, too little rest, no break (V-50).
    """

    hands: Sequence[Wheel] = ()
    needs: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    able: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    never: list[list[tuple[int, int]]] = field(default_factory=list)


def crew_of(jobs: Sequence[Job], wheels: Sequence[Wheel], limits: Limits) -> Crew:
    """Who may take the trips that need a driver and have none. No wheels at all: drivers are not this plan's business."""
    needs = np.array([n for n, job in enumerate(jobs) if job.ask.needs_driver and job.driver_id is None], int)
    if not wheels or not len(needs):
        return Crew()
    able = np.array([[refuse_driver(jobs[n].ask, wheel, limits) is None for wheel in wheels] for n in needs])
    crew = Crew(wheels, needs, able)
    for d, wheel in enumerate(wheels):
        mine = [int(needs[k]) for k in np.flatnonzero(able[:, d])]
        for at, one in enumerate(mine):
            for other in mine[at + 1 :]:
                a, b = jobs[one].ask.period, jobs[other].ask.period
                if a.overlaps(b) or (limits.duty and breach(a, [*wheel.busy, b], limits.duty)):
                    crew.never.append([(one, d), (other, d)])
    return crew


def with_drivers(
    grid: Grid, chosen: np.ndarray, crew: Crew, limits: Limits
) -> tuple[np.ndarray, dict[int, int | None]]:
    """A choice cut to what drivers can serve, each trip in turn taking the driver with the lightest day."""
    chosen = chosen.copy()
    drivers = {job.id: job.driver_id for job in grid.jobs}
    busy = {wheel.id: wheel for wheel in crew.hands}
    for n in sorted((int(n) for n in crew.needs if chosen[n] >= 0), key=lambda n: grid.start[n]):
        best = rank_drivers(grid.jobs[n].ask, busy.values(), limits).best
        if best is None:
            chosen[n] = -1
        else:
            drivers[grid.jobs[n].id] = best.id
            wheel = busy[best.id]
            busy[best.id] = replace(wheel, busy=(*wheel.busy, grid.jobs[n].ask.period))
    return chosen, drivers


def check_drivers(
    grid: Grid, crew: Crew, hands: list[tuple[int, int]], limits: Limits
) -> tuple[dict[int, int | None], list[list[tuple[int, int]]]]:
    """The drivers named, and for whoever would work too long the set of jobs that may not stand together."""
    drivers = {job.id: job.driver_id for job in grid.jobs}
    broken: list[list[tuple[int, int]]] = []
    for d in sorted({d for _, d in hands}):
        mine = [n for n, hand in hands if hand == d]
        busy = list(crew.hands[d].busy)
        for n in mine:
            others = [grid.jobs[o].ask.period for o in mine if o != n]
            if limits.duty and breach(grid.jobs[n].ask.period, [*busy, *others], limits.duty):
                broken.append([(o, d) for o in mine])
                break
            drivers[grid.jobs[n].id] = crew.hands[d].id
    return drivers, broken
