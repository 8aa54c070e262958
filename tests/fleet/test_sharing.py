"""Which trips could share a car (V-20): nobody late, everyone seated, and the best set of pairs."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.period import Period, taipei
from common.words import Words
from fleet.plans.sharing import Limits, Ride, Spot, km_between, pair, partners, proposals

DAY = date(2026, 11, 30)
LIMITS = Limits(max_shift_minutes=30, max_detour_km=5, km_an_hour=30, road_percent=130)
STATION, CABINET, TAMSUI = Spot(25.0478, 121.5170), Spot(25.0460, 121.5210), Spot(25.1677, 121.4450)
NANGANG = Spot(25.0570, 121.6170)


def ride(number: int, starts: str = "09:00", ends: str = "11:00", to: str = "市議會", km: int = 6, **more) -> Ride:
    told = {"passengers": 2, "agency": Words("環保局", "Environment")} | more
    return Ride(number, Period.of_local(DAY, starts, ends), "市政大樓", to, km, **told)


def test_two_trips_to_one_place_go_in_one_car_and_save_one_way_there_and_back():
    found = pair(ride(1), ride(2, "09:15", "11:10"), LIMITS)
    assert (found.km, found.km_saved, found.seats, found.shift_minutes) == (12, 12, 5, 15)
    assert found.period == Period.of_local(DAY, "09:00", "11:10")
    assert "環保局 09:00" in found.words.zh and "12 km" in found.words.en


def test_places_on_one_way_are_shared_and_the_detour_is_told():
    found = pair(ride(1, to="臺北車站", spot=STATION), ride(2, to="行政院", km=5, spot=CABINET), LIMITS)
    assert found.detour_km == 0 and found.km == 6 + 1 + 5 and found.km_saved == 10


def test_places_the_other_way_are_not():
    assert pair(ride(1, to="臺北車站", spot=STATION), ride(2, to="南港展覽館", km=7, spot=NANGANG), LIMITS) is None


def test_a_place_passed_on_the_way_to_a_far_one_is_shared():
    found = pair(ride(1, to="臺北車站", spot=STATION), ride(2, to="淡水", km=24, spot=TAMSUI), LIMITS)
    assert found.detour_km <= 5 and found.period.starts_at < taipei(DAY, "09:00")  # leaves early for the detour


def test_unknown_places_count_as_one_way_only_where_they_are_the_same():
    assert pair(ride(1, to="某處"), ride(2, to="他處"), LIMITS) is None
    assert pair(ride(1, to="某處"), ride(2, to="某處"), LIMITS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ride(1), ride(2, "09:31", "11:00")),
        (ride(1), ride(2, "09:00", "11:31")),
        (ride(1, passengers=5), ride(2, passengers=4)),
        (ride(1), ride(2, may_share=False)),
        (ride(1), ride(2, round_trip=False)),
    ],
    ids=["leaves too late", "back too late", "no seat left", "not willing", "one way"],
)
def test_a_pair_is_not_proposed(one, other):
    assert pair(one, other, LIMITS) is None


def test_the_driver_takes_a_seat_once():
    assert pair(ride(1, passengers=4), ride(2, passengers=4), LIMITS).seats == 9
    assert pair(ride(1, passengers=4), ride(2, passengers=4, needs_driver=False), LIMITS).seats == 9
    assert pair(ride(1, passengers=2, needs_driver=False), ride(2, passengers=2, needs_driver=False), LIMITS).seats == 4


def test_the_trip_whose_car_seats_everyone_keeps_it():
    small, large = ride(1, passengers=4, seats=5), ride(2, passengers=3, seats=9)
    assert pair(small, large, LIMITS).ids == (2, 1)


def test_a_one_way_pair_drives_on_from_the_first_to_the_second():
    found = pair(ride(1, to="甲", km=10, round_trip=False), ride(2, to="甲", km=10, round_trip=False), LIMITS)
    assert (found.km, found.km_saved) == (10, 10)


def test_the_manager_may_merge_those_who_did_not_ask():
    assert proposals([ride(1), ride(2, may_share=False)], LIMITS) == []
    assert proposals([ride(1), ride(2, may_share=False)], LIMITS, willing=False)[0].ids == (1, 2)


def test_partners_of_one_trip_come_with_the_most_saved_first():
    others = [ride(2), ride(3, to="遠處", km=30), ride(4, to="遠處", km=30)]
    assert [made.ids for made in partners(others[1], others, LIMITS)] == [(3, 4)]


def test_the_best_set_is_not_the_greedy_one():
    """Three in a row by time, 1–2 and 3–4 together save more than the tempting 2–3 alone."""
    at = [("09:00", "11:00"), ("09:20", "11:20"), ("09:40", "11:40"), ("10:00", "12:00")]
    rides = [ride(n, *when, km=10) for n, when in enumerate(at, 1)]
    assert sorted(made.ids for made in proposals(rides, LIMITS)) == [(1, 2), (3, 4)]


def test_the_distance_between_two_known_points_is_right():
    assert km_between(Spot(25.0, 121.5), Spot(26.0, 121.5), 100) == pytest.approx(111.2, abs=0.1)


@st.composite
def days(draw) -> list[Ride]:
    out = []
    for number in range(draw(st.integers(0, 7))):
        start = taipei(DAY, "08:00") + timedelta(minutes=5 * draw(st.integers(0, 24)))
        length = timedelta(minutes=5 * draw(st.integers(6, 18)))
        place = draw(
            st.sampled_from(
                [("甲", 5, STATION), ("乙", 6, CABINET), ("丙", 24, TAMSUI), ("丁", 9, None), ("戊", 7, NANGANG)]
            )
        )
        out.append(
            Ride(
                number,
                Period(start, start + length),
                "市政大樓",
                place[0],
                place[1],
                draw(st.integers(1, 6)),
                draw(st.booleans()),
                draw(st.booleans()),
                spot=place[2],
                seats=draw(st.sampled_from([None, 5, 9])),
            )  # fmt: skip
        )
    return out


def best_by_hand(rides: list[Ride]) -> int:
    """The most kilometres any set of disjoint pairs saves, by trying them all."""
    edges = [made for one, other in combinations(rides, 2) if (made := pair(one, other, LIMITS))]

    def best(left: list, used: frozenset) -> int:
        if not left:
            return 0
        first, rest = left[0], left[1:]
        without = best(rest, used)
        return without if used & set(first.ids) else max(without, first.km_saved + best(rest, used | set(first.ids)))

    return best(edges, frozenset())


@settings(max_examples=60, deadline=None)
@given(days())
def test_the_pairs_save_as_much_as_trying_them_all_and_nobody_is_late(rides):
    found = proposals(rides, LIMITS)
    by_id = {each.id: each for each in rides}
    used = [each for made in found for each in made.ids]
    assert len(used) == len(set(used))
    assert sum(made.km_saved for made in found) == best_by_hand(rides)
    for made in found:
        both = [by_id[each] for each in made.ids]
        assert all(made.period.encloses(each.period) and each.may_share for each in both)
        assert made.seats == sum(each.passengers for each in both) + any(each.needs_driver for each in both) <= 9
        assert made.shift_minutes <= LIMITS.max_shift_minutes and made.detour_km <= LIMITS.max_detour_km


@given(days())
@settings(max_examples=30, deadline=None)
def test_the_order_in_which_trips_are_listed_does_not_matter(rides):
    assert proposals(rides, LIMITS) == proposals(rides[::-1], LIMITS)
