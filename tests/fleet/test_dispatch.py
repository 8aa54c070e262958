"""Dispatch is pure: the same question has the same answer, and nobody is offered who cannot serve."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.period import Period, taipei
from common.words import Words
from fleet.plans.dispatch import Ask, Car, Limits, Wheel, gap_around, rank_cars, rank_drivers, refuse_car
from fleet.terms import KINDS

DAY = date(2026, 11, 30)
LIMITS = Limits(short_trip_km=60, min_charge_percent=20, max_driver_hours=12)


def during(starts: str, ends: str) -> Period:
    return Period.of_local(DAY, starts, ends)


def ask(starts: str = "09:00", ends: str = "12:00", passengers: int = 3, km: int = 20, **more) -> Ask:
    return Ask(during(starts, ends), passengers, km, **more)


def car(number: int, kind: str = "sedan", **more) -> Car:
    return Car(number, f"TST-{number:04d}", kind, KINDS[kind].seats, **more)


def driver(number: int, **more) -> Wheel:
    return Wheel(number, f"駕駛{number}", **({"licence_expires_on": date(2030, 1, 1)} | more))


def order(ranking) -> list[int]:
    return [candidate.id for candidate in ranking.candidates]


def constraints(ranking) -> dict[int, str]:
    return {refusal.id: refusal.constraint for refusal in ranking.refusals}


def test_the_right_kind_comes_before_a_larger_one():
    assert order(rank_cars(ask(), [car(1, "van9"), car(2, "seven_seater"), car(3)], LIMITS)) == [3, 2, 1]


def test_a_short_trip_goes_to_the_electric_car_first():
    cars = [car(1), car(2, electric=True, charge_percent=80, range_km=350)]
    assert order(rank_cars(ask(km=20), cars, LIMITS)) == [2, 1]


def test_a_long_trip_does_not_prefer_the_electric_car():
    cars = [car(1), car(2, electric=True, charge_percent=80, range_km=350)]
    assert order(rank_cars(ask(km=100), cars, LIMITS)) == [1, 2]


def test_cheaper_energy_comes_before_a_wider_gap():
    cars = [car(1, cost=270), car(2, cost=160, busy=(during("12:30", "14:00"),))]
    best = rank_cars(ask(km=100), cars, LIMITS).best
    assert best.id == 2 and Words("能源約 160 元", "Energy about NT$160") in best.reasons


def test_the_own_agencys_car_comes_first_then_the_one_whose_owner_has_lent_least():
    cars = [car(1, owner_id=7, lent=9), car(2, owner_id=8, lent=2), car(3, owner_id=9, lent=20)]
    ranking = rank_cars(ask(agency_id=9), cars, LIMITS)
    assert order(ranking) == [3, 2, 1]
    assert Words("本機關的車", "The agency’s own car") in ranking.best.reasons


def test_a_car_that_charges_is_told_to_be_charging():
    during_lunch = during("11:00", "13:00")
    charging = car(1, busy=(during_lunch,), told={during_lunch: Words("充電", "charging")})
    assert refuse_car(ask(), charging, LIMITS).words == Words("11:00–13:00 充電", "11:00–13:00 charging")


def test_of_equal_cars_the_one_with_the_widest_gap_comes_first():
    cars = [car(1, busy=(during("12:30", "14:00"),)), car(2)]
    assert order(rank_cars(ask(), cars, LIMITS)) == [2, 1]


def test_the_best_says_so_and_every_candidate_gives_reasons():
    best, other = rank_cars(ask(), [car(1), car(2)], LIMITS).candidates
    assert best.reasons[-1] == Words("最合適", "Best fit")
    assert Words("空檔 06:00–22:00", "Free 06:00–22:00") in other.reasons


def test_a_car_back_at_ten_can_leave_at_ten():
    back_at_nine = car(1, busy=(during("08:00", "09:00"), during("12:00", "13:00")))
    assert order(rank_cars(ask("09:00", "12:00"), [back_at_nine], LIMITS)) == [1]


@pytest.mark.parametrize(
    ("asked", "given_car", "constraint"),
    [
        (ask(), car(1, out_of_service=Words("維修中", "In repair")), "out_of_service"),
        (ask(passengers=5), car(1), "seats"),
        (ask(kind="seven_seater"), car(1), "kind"),
        (ask(), car(1, busy=(during("11:59", "13:00"),)), "taken"),
        (ask(km=80), car(1, electric=True, charge_percent=40, range_km=350), "charge"),
    ],
)
def test_a_refusal_names_the_constraint_that_binds(asked, given_car, constraint):
    ranking = rank_cars(asked, [given_car], LIMITS)
    assert not ranking.candidates
    assert constraints(ranking) == {1: constraint}
    assert ranking.refusals[0].words.zh and ranking.refusals[0].words.en


def test_the_driver_takes_a_seat_and_a_driving_officer_is_a_passenger():
    assert not ask(passengers=5).fits(5)
    assert ask(passengers=5, needs_driver=False).fits(5)


def test_why_nobody_is_left_is_counted_by_constraint():
    cars = [
        car(1, busy=(during("08:00", "18:00"),)),
        car(2, busy=(during("09:00", "10:00"),)),
        car(3, out_of_service=Words("維修中", "In repair")),
    ]
    assert [(code, count) for code, count, _ in rank_cars(ask(), cars, LIMITS).tally()] == [
        ("taken", 2),
        ("out_of_service", 1),
    ]


def test_the_driver_with_the_lightest_day_comes_first():
    drivers = [driver(1, busy=(during("13:00", "17:00"),)), driver(2, busy=(during("13:00", "14:00"),)), driver(3)]
    assert order(rank_drivers(ask(), drivers, LIMITS)) == [3, 2, 1]


def test_a_driver_whose_licence_runs_out_before_the_trip_ends_is_refused():
    assert constraints(rank_drivers(ask(), [driver(1, licence_expires_on=DAY - timedelta(days=1))], LIMITS)) == {
        1: "licence"
    }


def test_a_driver_may_not_work_more_than_the_daily_hours():
    worn = driver(1, busy=(during("12:00", "22:00"),))
    assert constraints(rank_drivers(ask("09:00", "12:00"), [worn], LIMITS)) == {1: "hours"}


def test_a_trip_over_midnight_is_told_with_its_dates():
    overnight = Period(taipei(DAY, "22:00"), taipei(DAY + timedelta(days=1), "01:00"))
    refusal = refuse_car(Ask(overnight, 1, 10), car(1, busy=(overnight,)), LIMITS)
    assert refusal and "12/1 01:00" in refusal.words.zh


# --- whatever the day looks like --------------------------------------------------------------------------------

quarters = st.integers(0, 24 * 4 - 2)


@st.composite
def periods(draw) -> Period:
    first = draw(quarters)
    last = draw(st.integers(first + 1, 24 * 4 - 1))
    base = taipei(DAY, "00:00")
    return Period(base + timedelta(minutes=15 * first), base + timedelta(minutes=15 * last))


@st.composite
def cars(draw) -> Car:
    kind = draw(st.sampled_from(list(KINDS)))
    electric = draw(st.booleans())
    return Car(
        draw(st.integers(1, 10_000)), "TST", kind, KINDS[kind].seats, electric,
        draw(st.integers(0, 100)) if electric else None, draw(st.integers(50, 500)) if electric else None,
        tuple(draw(st.lists(periods(), max_size=4))),
    )  # fmt: skip


asks = st.builds(
    Ask, periods(), st.integers(1, 10), st.integers(1, 300), st.booleans(), st.sampled_from([None, *KINDS])
)


@given(asks, st.lists(cars(), max_size=12, unique_by=lambda one: one.id))
def test_every_car_is_either_offered_and_fit_or_refused(asked, found):
    ranking = rank_cars(asked, found, LIMITS)
    by_id = {one.id: one for one in found}
    assert sorted([*order(ranking), *constraints(ranking)]) == sorted(by_id)
    for candidate in ranking.candidates:
        one = by_id[candidate.id]
        assert asked.fits(one.seats)
        assert not any(asked.period.overlaps(other) for other in one.busy)
        assert candidate.gap.encloses(asked.period)
        assert not any(candidate.gap.overlaps(other) for other in one.busy)
        left = one.charge_after(asked.km)
        assert left is None or left >= LIMITS.min_charge_percent


@given(asks, st.lists(cars(), max_size=8, unique_by=lambda one: one.id), st.randoms())
def test_the_order_in_which_cars_are_listed_does_not_matter(asked, found, dice):
    shuffled = list(found)
    dice.shuffle(shuffled)
    assert order(rank_cars(asked, found, LIMITS)) == order(rank_cars(asked, shuffled, LIMITS))


@given(periods(), st.lists(periods(), max_size=5))
def test_the_gap_holds_the_trip_and_touches_nothing(period, others):
    clear = [other for other in others if not other.overlaps(period)]
    gap = gap_around(period, clear, LIMITS)
    assert gap.encloses(period)
    assert not any(gap.overlaps(other) for other in clear)
