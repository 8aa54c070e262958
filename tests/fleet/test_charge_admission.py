"""Who is to be ready when power is short: those admitted can be served, and those who need least come first."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fleet.electric.charge_admission import Want, admit, can_serve
from fleet.electric.charge_plan import HOURS, Car, Need, Plug, Post, Site, plan, power

STEPS = 8


def want(n: int, first: int, until: int, kwh: float, weight: float = 1.0) -> Want:
    return Want(n, until, kwh, tuple(7.0 if first <= step < until else 0.0 for step in range(STEPS)), weight)


def servable(wants, limit) -> bool:
    """By linear programming: does any power meet all of them?"""
    if not wants:
        return True
    kw = np.array([each.kw for each in wants])
    sums = np.kron(np.ones(len(wants)), np.eye(STEPS))
    each = np.kron(np.eye(len(wants)), np.full(STEPS, HOURS))
    found = linprog(
        np.zeros(kw.size), A_ub=np.vstack([sums, -each]), bounds=list(zip(0 * kw.ravel(), kw.ravel(), strict=True)),
        b_ub=[*limit, *(1e-6 - one.kwh for one in wants)],
    )  # fmt: skip
    return found.status == 0


@st.composite
def short_days(draw):
    wants = []
    for n in range(draw(st.integers(1, 5))):
        first = draw(st.integers(0, 5))
        until = draw(st.integers(first + 1, STEPS))
        wants.append(want(n, first, until, draw(st.integers(1, 10)) / 2, draw(st.sampled_from([1.0, 1.0, 5.0]))))
    return wants, [draw(st.sampled_from([5.0, 8.0, 12.0]))] * STEPS


@settings(max_examples=60, deadline=None)
@given(short_days())
def test_whoever_is_admitted_can_be_served_and_nobody_else_could_be_added(day):
    wants, limit = day
    chosen = admit(wants, limit)
    assert servable([wants[n] for n in chosen], limit)
    assert not any(can_serve([wants[each] for each in (*chosen, n)], limit) for n in set(range(len(wants))) - chosen)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(1, STEPS))
def test_with_one_hour_of_departure_no_choice_makes_more_ready(kwhs, until):
    wants, limit = [want(n, 0, until, kwh / 2) for n, kwh in enumerate(kwhs)], [7.0] * STEPS
    most = max(
        len(some) for size in range(len(wants) + 1) for some in combinations(wants, size) if servable(list(some), limit)
    )
    assert len(admit(wants, limit)) == most


def test_a_heavy_need_is_not_given_up_for_a_light_one_that_takes_less():
    heavy, light = want(0, 0, 4, 6.0, 5.0), want(1, 0, 4, 1.0, 1.0)
    assert admit([heavy, light], [6.0] * STEPS) == {0}


def stay(number: int, departs: int, kwh: float, weight: float = 1.0) -> Car:
    needs = (Need(departs, 40, kwh, weight),)
    return Car(number, 0.0, 0.0, kwh, needs, plugs=(Plug(number, 0, departs),), may_plug=False)


POSTS = [Post(n, 7.0) for n in range(4)]


def test_what_is_given_early_goes_to_those_who_will_be_ready_and_only_the_rest_to_others():
    cars = [stay(0, 8, 7.0), stay(1, 6, 6.0), stay(2, 8, 13.0)]
    found = plan(cars, POSTS, Site((8.0,) * 16), early=True)
    assert [found.outcomes[n].ready[0] for n in range(3)] == [True, True, False]
    assert found.outcomes[1].ready_at < found.outcomes[0].ready_at <= 8
    assert 2.5 < found.outcomes[2].delivered <= 16.0 - 13.0 + 1e-3  # at the end its post cannot take all that is left
    assert all(load <= 8.0 + 1e-6 for load in found.load)


def test_power_waits_for_cheap_hours_unless_it_is_short():
    cost = (1.0,) * 4 + (0.5,) * 12
    enough, short = Site((14.0,) * 16, cost), Site((3.0,) * 16, cost)
    cars = [stay(0, 16, 7.0), stay(1, 16, 6.0)]
    assert sum(power(cars, POSTS, enough).load[:4]) < 0.05
    hurried = power(cars, POSTS, short)
    assert hurried.load[0] == pytest.approx(3.0) and hurried.met == 1
