"""Trips whose plate nobody knows change cars so that everybody is served: as good as trying every arrangement."""

import random
from datetime import timedelta
from itertools import pairwise, product

import pytest

from common.period import Period, taipei
from fleet.plans.rebinding import Binding, Need, bind, serves_all
from tests.fleet.conftest import DAY


def at(first: int, last: int) -> Period:
    return Period(taipei(DAY, "08:00") + timedelta(hours=first), taipei(DAY, "08:00") + timedelta(hours=last))


def overlap_free(cars, needs):
    """Whether no car is given to two needs at one instant."""
    times = {car: sorted(need.period for need in needs if cars.get(need.id) == car) for car in cars.values()}
    return all(not one.overlaps(other) for each in times.values() for one, other in pairwise(each))


def harm(needs, cars):
    """What `bind` minimises, in its order."""
    lost = [need for need in needs if need.id not in cars]
    moved = [need for need in needs if need.id in cars and need.now is not None and cars[need.id] != need.now]
    return (
        sum(need.bound for need in lost),
        sum(not need.bound for need in lost),
        sum(need.bound for need in moved),
        sum(not need.bound for need in moved),
        sum(need.cars.index(cars[need.id]) for need in needs if need.id in cars),
    )


def by_trying_all(needs, busy):
    best = None
    for choice in product(*[(None, *need.cars) for need in needs]):
        cars = {need.id: car for need, car in zip(needs, choice, strict=True) if car is not None}
        if any(need.period.overlaps(gone) for need in needs if need.id in cars for gone in busy.get(cars[need.id], ())):
            continue
        if overlap_free(cars, needs) and (best is None or harm(needs, cars) < best):
            best = harm(needs, cars)
    return best


@pytest.mark.parametrize("seed", range(60))
def test_it_is_as_good_as_trying_every_arrangement(seed):
    dice = random.Random(seed)
    needs, busy, held = [], {}, {}
    for car in range(1, dice.randint(2, 4) + 1):
        held[car] = []
        if dice.random() < 0.4:
            first = dice.randint(0, 8)
            busy[car] = [at(first, first + dice.randint(1, 3))]
    for n in range(dice.randint(3, 6)):
        first = dice.randint(0, 7)
        period = at(first, first + dice.randint(1, 4))
        cars = tuple(dice.sample(list(held), dice.randint(1, len(held))))
        now = next((car for car in cars if not any(period.overlaps(each) for each in held[car])), None)
        now = now if dice.random() < 0.7 else None
        if now:
            held[now].append(period)
        needs.append(Need(n, period, cars, now, bound=dice.random() < 0.3))
    found = bind(needs, busy)
    assert overlap_free(found.cars, needs)
    assert serves_all(needs, busy) is not bool(found.lost)
    assert all(found.cars[need.id] in need.cars for need in needs if need.id in found.cars)
    # where everybody keeps or finds a car at once, the order of preference is not searched through
    assert harm(needs, found.cars)[:4] == by_trying_all(needs, busy)[:4]


def test_a_promised_trip_changes_cars_for_one_that_only_this_car_serves():
    small, large = 1, 2
    van_party = Need(11, at(1, 3), (large,))
    two_people = Need(12, at(0, 2), (small, large), now=large)
    assert bind([two_people, van_party], {}) == Binding({12: small, 11: large})


def test_a_chain_of_three_changes_is_found():
    needs = [Need(n, at(0, 2), (n, n + 1), now=n) for n in (1, 2, 3)]
    newcomer = Need(9, at(0, 2), (1,))
    assert bind([*needs, newcomer], {}).cars == {9: 1, 1: 2, 2: 3, 3: 4}


def test_forty_parties_for_thirty_nine_cars_are_one_too_many_and_told_at_once():
    cars = tuple(range(1, 40))
    found = bind([Need(n, at(0, 4), cars, now=n if n < 40 else None) for n in range(1, 41)], {})
    assert len(found.lost) == 1


def test_a_confirmed_trip_is_kept_and_a_promised_one_lost_where_one_must_be():
    bound, promised = Need(1, at(0, 2), (7,), now=7, bound=True), Need(2, at(1, 3), (7,))
    assert bind([promised, bound], {}) == Binding({1: 7}, (2,))
