"""Who has the time: by class, within a class by lot, and nobody is left out whom nobody served stands against (S-30)."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.period import Period
from venues.precedence import Contender, draw_needed, served

DAY = datetime(2026, 12, 12, tzinfo=UTC)


def of(ticket, rank, *hours, resource="venue:1"):
    wants = tuple((resource, Period(DAY + timedelta(hours=hour), DAY + timedelta(hours=hour + 1))) for hour in hours)
    return Contender(ticket, rank, wants)


def test_an_earlier_class_is_served_without_a_draw():
    both = [of("a", 3, 1), of("b", 1, 1)]
    assert not draw_needed(both)
    assert served(both) == ["b"]


def test_the_same_class_is_drawn():
    both = [of("a", 3, 1), of("b", 3, 1)]
    assert draw_needed(both)
    with pytest.raises(ValueError, match="every ticket"):
        served(both)
    assert served(both, ["b", "a"]) == ["b"]
    assert served(both, ["a", "b"]) == ["a"]


def test_two_of_a_class_whom_an_earlier_class_beats_need_no_draw():
    everybody = [of("a", 3, 1), of("b", 3, 1), of("c", 0, 1)]
    assert not draw_needed(everybody)
    assert served(everybody) == ["c"]


def test_who_clashes_only_with_a_loser_is_served():
    chain = [of("a", 1, 1), of("b", 2, 1, 2), of("c", 3, 2)]
    assert served(chain) == ["a", "c"]


def test_touching_times_and_other_places_do_not_clash():
    assert served([of("a", 3, 1), of("b", 3, 2), of("c", 3, 1, resource="venue:2")]) == ["a", "b", "c"]


contenders = st.lists(
    st.tuples(st.integers(0, 3), st.sets(st.integers(0, 5), min_size=1, max_size=3)), min_size=1, max_size=7
).map(lambda rows: [of(f"t{n}", rank, *sorted(hours)) for n, (rank, hours) in enumerate(rows)])


@settings(max_examples=60, deadline=None)
@given(contenders, st.randoms(use_true_random=False))
def test_nobody_is_served_twice_over_and_nobody_loses_without_one_before_them_in_the_way(everybody, shuffle):
    order = [each.ticket for each in everybody]
    shuffle.shuffle(order)
    got = served(everybody, order)
    by = {each.ticket: each for each in everybody}
    place = {ticket: (by[ticket].rank, order.index(ticket)) for ticket in order}
    assert not any(by[one].clashes(by[two]) for one, two in itertools.combinations(got, 2))
    for ticket in set(order) - set(got):
        assert any(by[ticket].clashes(by[other]) and place[other] < place[ticket] for other in got)
    assert served(random.sample(everybody, len(everybody)), order) == got


@settings(max_examples=60, deadline=None)
@given(contenders)
def test_where_no_draw_is_needed_no_order_changes_who_is_served(everybody):
    if draw_needed(everybody):
        return
    tickets = [each.ticket for each in everybody]
    orders = itertools.islice(itertools.permutations(tickets), 24)
    assert {frozenset(served(everybody, order)) for order in orders} == {frozenset(served(everybody))}
