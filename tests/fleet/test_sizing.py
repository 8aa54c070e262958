"""How many cars it takes: exact against trying everything, half-open, and the replay loses what has to be lost."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.plans.sizing import (
    DAY_MINUTES,
    Made,
    Stock,
    by_day,
    can_follow,
    cars_needed,
    chain_cover,
    curve,
    least_for,
    replay,
    suitable_days,
)

TEN, ELEVEN, NOON = 600, 660, 720


def arrays(trips):
    return np.array([one for one, _ in trips], int), np.array([other for _, other in trips], int)


def test_a_car_back_at_ten_leaves_at_ten():
    assert cars_needed(*arrays([(540, TEN), (TEN, ELEVEN)])) == 1
    assert cars_needed(*arrays([(540, TEN + 1), (TEN, ELEVEN)])) == 2


def test_a_turnaround_is_time_the_car_is_not_free():
    assert cars_needed(*arrays([(540, TEN), (TEN + 30, ELEVEN)]), turnaround=30) == 1
    assert cars_needed(*arrays([(540, TEN), (TEN + 29, ELEVEN)]), turnaround=30) == 2


def test_no_trips_need_no_cars():
    none = np.zeros(0, int)
    assert cars_needed(none, none) == 0
    assert by_day(none, none)[0].size == 0


def test_each_day_is_counted_for_itself_and_a_night_on_both():
    night = (DAY_MINUTES - 60, DAY_MINUTES + 60)
    days, most = by_day(
        *arrays([(TEN, ELEVEN), night, (DAY_MINUTES + 30, DAY_MINUTES + 90), (DAY_MINUTES + 60, DAY_MINUTES + 70)])
    )
    assert dict(zip(days.tolist(), most.tolist(), strict=True)) == {0: 1, 1: 2}


times = st.lists(
    st.tuples(st.integers(0, 4000), st.integers(1, 900)).map(lambda t: (t[0], t[0] + t[1])), min_size=1, max_size=12
)


@given(times, st.integers(0, 60))
def test_the_cars_needed_are_those_out_at_the_busiest_minute(trips, turnaround):
    start, end = arrays(trips)
    at_once = max(sum(one <= minute < other + turnaround for one, other in trips) for minute in start)
    assert cars_needed(start, end, turnaround) == at_once
    days, most = by_day(start, end, turnaround)
    for day, cars in zip(days.tolist(), most.tolist(), strict=True):
        minutes = {max(one, day * DAY_MINUTES) for one, _ in trips if one < (day + 1) * DAY_MINUTES}
        told = max(
            sum(one <= m < other + turnaround for one, other in trips) for m in minutes if m // DAY_MINUTES == day
        )
        assert cars == told
    assert max(most) == at_once


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(1, 8), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=6
    )
)
def test_one_way_trips_take_the_fewest_chains_there_are(trips):
    start, length, origin, target = (np.array(column) for column in zip(*trips, strict=True))
    end = start + length
    minutes = np.array([[0, 3, 5], [3, 0, 2], [5, 2, 0]])
    follows = can_follow(start, end, origin, target, minutes)
    allowed = {(i, j) for i, j in zip(*follows.nonzero(), strict=True)}
    assert allowed == {
        (i, j) for i, j in product(range(len(trips)), repeat=2) if end[i] + minutes[target[i], origin[j]] <= start[j]
    }

    def fewest(order, tails):
        if not order:
            return len(tails)
        first, *rest = order
        best = fewest(rest, [*tails, first])
        for n, tail in enumerate(tails):
            if (tail, first) in allowed:
                best = min(best, fewest(rest, [*tails[:n], first, *tails[n + 1 :]]))
        return best

    assert chain_cover(start, end, follows) == fewest(np.argsort(start, kind="stable").tolist(), [])


def test_the_curve_says_how_many_days_each_number_of_cars_serves():
    levels = curve([3, 1, 3, 2, 5], all_days=10)
    assert [(each.cars, each.short_days, each.served_percent) for each in levels] == [
        (0, 5, 50.0), (1, 4, 60.0), (2, 3, 70.0), (3, 1, 90.0), (4, 1, 90.0), (5, 0, 100.0),
    ]  # fmt: skip
    assert (least_for(levels, 90), least_for(levels, 99)) == (3, 5)


LOG = [
    Made(1, TEN, ELEVEN, 5, 40, 7),
    Made(2, TEN, NOON, 5, 40, 8),
    Made(3, ELEVEN, NOON, 5, 50, 7),
    Made(4, TEN, NOON, 9, 10, 8),
]


def test_a_smaller_fleet_loses_trips_of_named_agencies():
    whole = replay(LOG, [Stock(5, 270), Stock(5, 270), Stock(9, 400)])
    assert (whole.lost, whole.km) == ((), 140)
    less = replay(LOG, [Stock(5, 270), Stock(5, 270)])
    assert (less.lost, less.by_agency, less.short_days) == ((4,), {8: 1}, (0,))


def test_electric_cars_save_energy_as_far_as_they_reach():
    petrol = replay(LOG[:3], [Stock(5, 270), Stock(5, 270)])
    swapped = replay(LOG[:3], [Stock(5, 60, 60), Stock(5, 270)])
    assert swapped.lost == (3,)  # 40 of 60 km are gone when 50 are asked for, and the other car is out
    far = replay(LOG[:3], [Stock(5, 60, 100), Stock(5, 270)])
    assert far.lost == () and far.electric_km == 90 and far.energy < petrol.energy


@settings(max_examples=40, deadline=None)
@given(times)
def test_alike_cars_replay_the_log_with_exactly_the_proven_minimum(trips):
    log = [Made(n, one, other, 5, 1, 1) for n, (one, other) in enumerate(trips)]
    need = cars_needed(*arrays(trips), turnaround=10)
    assert replay(log, [Stock(5, 100)] * need, turnaround=10).lost == ()
    assert replay(log, [Stock(5, 100)] * (need - 1), turnaround=10).lost != ()


def test_a_petrol_car_is_suitable_on_the_days_within_reach():
    assert suitable_days([50, 120, 300], [200] * 3) == (2, 3)
    assert suitable_days([50, 120, 300], [40, 120, 310]) == (2, 3)


def test_a_day_of_summer_reaches_less_far_than_one_of_spring():
    log = [Made(1, 0, 60, 5, 100, 7), Made(2, DAY_MINUTES, DAY_MINUTES + 60, 5, 100, 7)]
    assert replay(log, [Stock(5, 60, (110, 90))]).lost == (2,)


@pytest.mark.parametrize("many", [50_000])
def test_many_trips_are_sized_in_one_piece(many):
    dice = np.random.default_rng(5)
    start = dice.integers(0, 365 * DAY_MINUTES, many)
    end = start + dice.integers(30, 480, many)
    days, most = by_day(start, end, 30)
    assert most.max() == cars_needed(start, end, 30) and len(days) >= 365
