"""A whole day planned at once: allowed, never worse than one by one, and as good as trying everything."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import days
from common.period import Period, taipei
from fleet.plans.dispatch import Ask, Limits, Wheel
from fleet.plans.planmodel import plan
from fleet.plans.planning import Fill, Grid, Job, Unit
from fleet.plans.workhours import Duty, breach
from tests.fleet.conftest import DAY
from tests.fleet.test_dispatch import car, driver, during

LIMITS = Limits(short_trip_km=60, min_charge_percent=20, max_driver_hours=12, duty=Duty(12, 50, 11, 4, 30, 8))


def job(number: int, starts: str = "09:00", ends: str = "12:00", passengers: int = 3, km: int = 20, **more) -> Job:
    asked = {name: more.pop(name) for name in ("needs_driver", "kind", "agency_id") if name in more}
    return Job(number, Ask(during(starts, ends), passengers, km, **asked), **more)


def electric(number: int, percent: int, range_km: int = 100, *fills: Fill, **more) -> Unit:
    return Unit(car(number, electric=True, charge_percent=percent, range_km=range_km, **more), fills)


def planned(jobs, units, wheels=(), seconds=5.0):
    grid = Grid(jobs, units, LIMITS)
    made = plan(jobs, wheels, grid, LIMITS, seconds=seconds)
    chosen = np.array([grid.place[made.cars[each.id]] if made.cars[each.id] else -1 for each in jobs], int)
    assert grid.faults(chosen) == []
    assert grid.score(chosen) == made.score
    return made


def test_a_car_back_at_ten_leaves_at_ten():
    made = planned([job(1, "09:00", "10:00"), job(2, "10:00", "11:00")], [Unit(car(1))])
    assert made.cars == {1: 1, 2: 1} and made.proven


def test_one_minute_of_overlap_is_one_trip_too_many():
    made = planned([job(1, "09:00", "10:01"), job(2, "10:00", "11:00", weight=3)], [Unit(car(1))])
    assert made.cars == {1: None, 2: 1} and made.score.lost == 1 and made.proven


def test_the_only_large_car_is_kept_for_the_large_party():
    made = planned([job(1), job(2, passengers=8)], [Unit(car(1, "van9")), Unit(car(2))])
    assert made.cars == {1: 2, 2: 1}


def test_a_confirmed_trip_is_moved_only_to_save_another():
    dear, cheap = Unit(car(1, cost=270)), Unit(car(2, cost=60))
    assert planned([job(1, car_id=1, accepted=True)], [dear, cheap]).cars == {1: 1}
    assert planned([job(1, car_id=1)], [dear, cheap]).cars == {1: 2}  # not confirmed: the cheaper car
    van, sedan = Unit(car(1, "van9")), Unit(car(2))
    made = planned([job(1, car_id=1, accepted=True), job(2, passengers=8)], [van, sedan])
    assert made.cars == {1: 2, 2: 1} and made.score.broken == 1


def test_a_trip_under_way_stays_whatever_it_costs():
    made = planned([job(1, car_id=1, fixed=True), job(2, passengers=8, weight=9)], [Unit(car(1, "van9")), Unit(car(2))])
    assert made.cars == {1: 1, 2: None}


def test_nothing_is_changed_without_need():
    same = [Unit(car(1)), Unit(car(2)), Unit(car(3))]
    assert planned([job(1, car_id=3), job(2, "13:00", "14:00", car_id=2)], same).cars == {1: 3, 2: 2}


def test_a_battery_lasts_for_the_whole_day_or_until_it_is_charged():
    two = [job(1, "09:00", "10:00", km=40), job(2, "14:00", "15:00", km=40)]
    assert planned(two, [electric(1, 90)]).score.lost == 1
    charged = electric(1, 90, 100, Fill(taipei(DAY, "12:00"), 90))
    assert planned(two, [charged]).score.lost == 0
    too_late = electric(1, 90, 100, Fill(taipei(DAY, "14:30"), 90))
    assert planned(two, [too_late]).score.lost == 1


def test_the_own_agencys_car_then_whoever_has_lent_least_then_few_cars():
    cars = [Unit(car(1, owner_id=7, lent=9)), Unit(car(2, owner_id=8, lent=2)), Unit(car(3, owner_id=9, lent=5))]
    made = planned(
        [job(1, agency_id=9), job(2, "09:00", "10:00", agency_id=1), job(3, "10:00", "11:00", agency_id=1)], cars
    )
    assert made.cars == {1: 3, 2: 2, 3: 2}


def test_a_trip_that_no_driver_can_serve_gets_no_car():
    made = planned([job(1), job(2, "09:30", "11:00", weight=3)], [Unit(car(1)), Unit(car(2))], [driver(1)])
    assert made.cars[1] is None and made.drivers == {1: None, 2: 1}


def test_drivers_who_drive_three_in_a_row_get_their_break():
    three = [job(1, "08:00", "10:00"), job(2, "10:00", "12:00"), job(3, "12:00", "14:00")]
    made = planned(three, [Unit(car(1))], [driver(1), driver(2)])
    assert made.score.lost == 0
    for wheel in (1, 2):
        mine = [each.ask.period for each in three if made.drivers[each.id] == wheel]
        assert all(breach(each, [other for other in mine if other != each], LIMITS.duty) is None for each in mine)


def test_with_no_time_there_is_still_a_plan_and_a_proven_bound():
    grid = days.grid(39, 60, 1)
    made = plan(grid.jobs, (), grid, days.LIMITS, seconds=0.2)
    chosen = np.array([grid.place[made.cars[each.id]] if made.cars[each.id] else -1 for each in grid.jobs])
    assert grid.faults(chosen) == [] and made.score <= grid.score(grid.greedy())
    assert made.score[:3] >= made.bound and 0 <= made.gap <= 1


@pytest.mark.parametrize("seed", [1, 2])
def test_a_usual_day_is_proven_optimal_and_no_rule_of_thumb_beats_it(seed):
    grid = days.grid(39, 22, seed)
    made = plan(grid.jobs, (), grid, days.LIMITS, seconds=20)
    assert made.proven
    for rule in ("ranked", "cheapest", "first"):
        chosen = grid.greedy(rule=rule)
        assert grid.faults(chosen) == [] and made.score <= grid.score(chosen)


# --- whatever the day looks like --------------------------------------------------------------------------------

KINDS = ("sedan", "seven_seater")


@st.composite
def tiny_days(draw) -> tuple[list[Job], list[Unit]]:
    units = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        kind, powered = draw(st.sampled_from(KINDS)), draw(st.booleans())
        more = (
            {"electric": True, "charge_percent": draw(st.sampled_from([30, 60, 90])), "range_km": 100}
            if powered
            else {}
        )
        fills = (Fill(taipei(DAY, "12:00"), 80),) if powered and draw(st.booleans()) else ()
        units.append(Unit(car(number, kind, cost=draw(st.sampled_from([60, 270])), owner_id=number, **more), fills))
    jobs = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        first = draw(st.integers(8, 15))
        period = Period(
            taipei(DAY, f"{first:02d}:00"), taipei(DAY, f"{first:02d}:00") + timedelta(hours=draw(st.integers(1, 4)))
        )
        held = draw(st.sampled_from([None, None, *range(1, len(units) + 1)]))
        jobs.append(
            Job(
                number,
                Ask(period, draw(st.sampled_from([2, 4, 6])), draw(st.sampled_from([10, 35, 60])), agency_id=1),
                draw(st.sampled_from([1, 3])),
                held,
                accepted=held is not None and draw(st.booleans()),
            )  # fmt: skip
        )
    return jobs, units


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tiny_days())
def test_the_plan_is_as_good_as_trying_everything(day):
    jobs, units = day
    grid = Grid(jobs, units, LIMITS)
    every = (np.array(each) for each in product(range(-1, len(units)), repeat=len(jobs)))
    best = min(grid.score(each) for each in every if not grid.faults(each))
    made = planned(jobs, units)
    assert made.score == best
    assert made.proven


@settings(max_examples=25, deadline=None)
@given(tiny_days(), st.integers(1, 2))
def test_with_drivers_nobody_is_in_two_places_or_works_too_long(day, many):
    jobs, units = day
    wheels: list[Wheel] = [driver(n + 1) for n in range(many)]
    made = planned(jobs, units, wheels)
    for wheel in wheels:
        mine = [each.ask.period for each in jobs if made.drivers[each.id] == wheel.id and made.cars[each.id]]
        for each in mine:
            others = [other for other in mine if other is not each]
            assert not any(each.overlaps(other) for other in others)
            assert breach(each, others, LIMITS.duty) is None
    assert all(made.drivers[each.id] for each in jobs if made.cars[each.id])


def test_a_retired_or_recalled_car_takes_nothing():
    kept = replace(car(1), busy=(during("00:00", "23:00"),))
    assert planned([job(1)], [Unit(kept)]).score.lost == 1
