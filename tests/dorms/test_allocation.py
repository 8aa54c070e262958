"""Ranking and allotment: fair by rank, safe against clever wishes, explained."""

from datetime import date
from decimal import Decimal
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.draw import draw
from dorms.allocation import Vacant, Wish, allot, next_in_line, spans
from dorms.ranking import Entry, rank

ROOMS = [Vacant("1", "xiyuan"), Vacant("2", "xiyuan"), Vacant("3", "xinyi"), Vacant("4", "xinyi")]
NAMES = ["1", "2", "3", "4", "xiyuan", "xinyi"]

wish_lists = st.lists(st.sampled_from(NAMES), max_size=4, unique=True).map(tuple)
problems = st.lists(st.tuples(wish_lists, st.booleans()), max_size=7).map(
    lambda wishes: [
        Wish(f"{n:03d}A", n, preferences, others_ok) for n, (preferences, others_ok) in enumerate(wishes, 1)
    ]
)
vacancies = st.lists(st.sampled_from(ROOMS), unique=True, max_size=4)


def worth(wish: Wish, room: str | None) -> int:
    """How far down someone's wishes a room is; lower is better. A room not wanted at all is worse than none."""
    everything = len(NAMES) + 2
    if room is None:
        return everything
    building = next(vacant.building for vacant in ROOMS if vacant.id == room)
    for place, named in enumerate(wish.preferences):
        if named in (room, building):
            return place
    return len(NAMES) if wish.others_ok or not wish.preferences else everything + 1


@given(problems, vacancies)
def test_nobody_prefers_a_room_given_to_someone_ranked_lower(wishes, rooms):
    got = {outcome.code: outcome.room for outcome in allot(wishes, rooms)}
    for higher in wishes:
        for lower in wishes:
            if lower.rank > higher.rank and got[lower.code] is not None:
                assert worth(higher, got[higher.code]) <= worth(higher, got[lower.code])


@given(problems, vacancies)
def test_no_room_goes_to_two_and_none_lies_idle_that_somebody_without_one_wants(wishes, rooms):
    outcomes = allot(wishes, rooms)
    given_out = [outcome.room for outcome in outcomes if outcome.room]
    assert len(given_out) == len(set(given_out))
    idle = [room.id for room in rooms if room.id not in given_out]
    for wish, outcome in zip(wishes, outcomes, strict=True):
        if outcome.room is None:
            assert all(worth(wish, room) > worth(wish, None) for room in idle)


@given(problems, vacancies)
def test_no_two_would_both_gain_by_swapping(wishes, rooms):
    got = {outcome.code: outcome.room for outcome in allot(wishes, rooms)}
    for one in wishes:
        for other in wishes:
            gains = worth(one, got[other.code]) < worth(one, got[one.code])
            gains_too = worth(other, got[one.code]) < worth(other, got[other.code])
            assert not (gains and gains_too)


@settings(max_examples=60, deadline=None)
@given(problems.filter(bool), vacancies, st.data())
def test_naming_other_wishes_than_the_true_ones_never_helps(wishes, rooms, data):
    liar = data.draw(st.sampled_from(wishes))
    honest = worth(liar, next(o.room for o in allot(wishes, rooms) if o.code == liar.code))
    for length in range(3):
        for lie in permutations(NAMES, length):
            for others_ok in (True, False):
                told = [Wish(w.code, w.rank, lie, others_ok) if w is liar else w for w in wishes]
                room = next(o.room for o in allot(told, rooms) if o.code == liar.code)
                assert worth(liar, room) >= honest


def test_everyone_is_told_why_in_their_own_numbers():
    wishes = [Wish(f"{n:03d}A", n) for n in range(1, 5)]
    outcomes = allot(wishes, ROOMS[:2])
    assert [outcome.room for outcome in outcomes] == ["1", "2", None, None]
    assert outcomes[3].explanation.zh == "第 4 名，前面 3 人，本期 2 間。空房已由第 1–2 名分完。"
    assert outcomes[3].explanation.en == "Rank 4, 3 ahead, 2 rooms. The rooms went to ranks 1–2."


def test_a_wish_that_is_free_is_told_by_its_number_and_a_building_gives_its_first_room():
    outcomes = allot(
        [Wish("A", 1, ("3",)), Wish("B", 2, ("3", "xinyi")), Wish("C", 3, ("3", "4"), others_ok=False)], ROOMS
    )
    assert [(outcome.room, outcome.choice) for outcome in outcomes] == [("3", 1), ("4", 2), (None, None)]
    assert "第 2 志願" in outcomes[1].explanation.zh
    assert "不要其他房間" in outcomes[2].explanation.zh


def test_without_vacant_rooms_everyone_waits_and_is_told():
    assert allot([Wish("A", 1)], [])[0].explanation.zh == "第 1 名，前面 0 人，本期 0 間。本期沒有空房。"


def test_a_room_given_back_goes_to_the_best_ranked_who_wants_it():
    waiting = [Wish("C", 9), Wish("A", 5, ("xinyi",), others_ok=False), Wish("B", 7, ("xiyuan",), others_ok=False)]
    assert next_in_line(waiting, ROOMS[0]).code == "B"
    assert next_in_line(waiting, ROOMS[2]).code == "A"
    assert next_in_line(waiting[1:2], ROOMS[0]) is None


def test_ranks_are_told_in_short():
    assert spans([1, 2, 3, 5, 8, 9]) == "1–3, 5, 8–9"


def test_shared_ranks_and_repeated_rooms_are_refused():
    with pytest.raises(ValueError, match="distinct"):
        allot([Wish("A", 1), Wish("B", 1)], ROOMS)
    with pytest.raises(ValueError, match="distinct"):
        allot([], [ROOMS[0], ROOMS[0]])


def test_ten_thousand_applicants_fill_three_thousand_rooms():
    rooms = [Vacant(str(n), f"house-{n % 40}") for n in range(3000)]
    wishes = [Wish(f"{n}", n, (str(n * 7 % 3000), str(n * 11 % 3000), f"house-{n % 40}")) for n in range(1, 10001)]
    outcomes = allot(wishes, rooms)
    given = [outcome.room for outcome in outcomes if outcome.room is not None]
    assert len(given) == len(set(given)) == 3000


DAY = date(2015, 3, 1)
entries = st.lists(
    st.tuples(st.integers(0, 4).map(Decimal), st.sampled_from([DAY, date(2016, 1, 1)])), max_size=12
).map(lambda rows: [Entry(f"{n:03d}A", points, started) for n, (points, started) in enumerate(rows)])


@given(entries, st.text("abc", min_size=1))
def test_points_then_the_earlier_start_then_the_draw(applicants, seed):
    drawn = draw([entry.code for entry in applicants], seed)
    by_code = {entry.code: entry for entry in applicants}
    places = rank(applicants, drawn)
    assert [place.rank for place in places] == list(range(1, len(applicants) + 1))
    for ahead, behind in pairwise(places):
        one, other = by_code[ahead.code], by_code[behind.code]
        assert (-one.points, one.started_on, drawn.place_of(one.code)) < (
            -other.points,
            other.started_on,
            drawn.place_of(other.code),
        )


def test_what_decided_a_rank_is_told():
    drawn = draw(["A", "B", "C", "D"], "x")
    places = rank(
        [
            Entry("A", Decimal(71), DAY),
            Entry("B", Decimal(60), date(2018, 1, 1)),
            Entry("C", Decimal(60), date(2016, 1, 1)),
            Entry("D", Decimal(60), date(2016, 1, 1)),
        ],
        drawn,
    )
    told = {place.code: place.decided_by for place in places}
    assert told == {"A": "points", "B": "start", "C": "draw", "D": "draw"}
    assert places[-1].code == "B"
