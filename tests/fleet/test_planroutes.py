"""The best day of one car is as good as trying every set of trips; plans made of such days are allowed and never get worse."""

import time
from dataclasses import replace
from itertools import chain, combinations, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import days
from common.period import taipei
from fleet.plans.plankinds import kinds, over_kinds
from fleet.plans.planning import Fill, Grid
from fleet.plans.planroutes import Routes
from tests.fleet.conftest import DAY
from tests.fleet.test_planning import LIMITS, electric, job, tiny_days

slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def grid_of(jobs, units, first: bool) -> Grid:
    """The day, with the first trip under way if it has a car, be its battery full enough or not."""
    jobs = [replace(jobs[0], fixed=first and jobs[0].car_id is not None, accepted=False), *jobs[1:]]
    return Grid(jobs, units, LIMITS)


@slow
@given(tiny_days(), st.lists(st.integers(1, 9), min_size=5, max_size=5), st.booleans())
def test_no_set_of_trips_is_better_for_a_car_than_the_one_it_chooses(day, worth, first):
    grid = grid_of(*day, first)
    routes, value = Routes(grid), np.array(worth[: len(grid.jobs)], float)
    nobody = np.where(grid.fixed, grid.held, -1)
    for v in range(len(grid.units)):
        order = routes.order[routes.movable[routes.order]]
        mine = routes.best(v, order, value[order])
        chosen = nobody.copy()
        chosen[mine] = v
        assert grid.faults(chosen) == []
        for some in chain.from_iterable(combinations(order, n) for n in range(len(order) + 1)):
            tried = nobody.copy()
            tried[list(some)] = v
            assert grid.faults(tried) or value[list(some)].sum() <= value[mine].sum()


def test_a_car_that_is_charged_at_noon_drives_in_the_morning_and_in_the_afternoon():
    jobs = [job(1, "08:00", "09:00", km=40), job(2, "09:00", "10:00", km=50), job(3, "13:00", "14:00", km=60)]
    grid = Grid(jobs, [electric(1, 80, 100, Fill(taipei(DAY, "12:00"), 80))], LIMITS)
    assert Routes(grid).best(0, np.arange(3), np.array([4.0, 5.0, 1.0])) == [1, 2]


@slow
@given(tiny_days(), st.booleans())
def test_kinds_of_cars_bound_every_plan_and_are_shared_out_to_cars(day, first):
    grid = grid_of(*day, first)
    every = (np.array(each) for each in product(range(-1, len(grid.units)), repeat=len(grid.jobs)))
    scores = [grid.score(each) for each in every if not grid.faults(each)]
    groups = kinds(grid)
    choice, bound = over_kinds(grid, groups, 10.0)
    if choice is None:  # what is under way does not fit today's cars
        return
    if scores:
        assert min(scores)[:3] >= bound
    chosen = Routes(grid).share_out(groups, choice)
    assert grid.faults(chosen) == []
    assert all(choice[n] >= 0 and v in groups[choice[n]] for n, v in enumerate(chosen) if v >= 0)


@slow
@given(tiny_days(), st.booleans())
def test_choosing_anew_never_makes_a_plan_worse_nor_touches_what_is_under_way(day, first):
    grid = grid_of(*day, first)
    before = grid.greedy()
    if grid.faults(before):
        return
    after = Routes(grid).improve(before, time.monotonic() + 0.03, seed=1)
    assert grid.faults(after) == []
    assert grid.score(after)[:3] <= grid.score(before)[:3]


@pytest.mark.parametrize("seed", [1, 2])
def test_on_a_day_with_too_many_trips_hardly_more_are_lost_than_must_be(seed):
    grid = days.grid(39, 150, seed)
    routes, groups = Routes(grid), kinds(grid)
    choice, bound = over_kinds(grid, groups, 30.0)
    assert choice is not None
    chosen = routes.improve(routes.share_out(groups, choice), time.monotonic() + 30.0, 1, bound[:2])
    assert grid.faults(chosen) == []
    whole = grid.weight.sum()
    assert whole - grid.score(chosen).lost >= 0.985 * (whole - bound[0])
