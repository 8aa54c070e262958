"""Allotment with tenants who ask to move, and rooms where some come first: held against brute force on small cases."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dorms.allocation import ACCESSIBLE, WOMEN, Vacant, Wish, allot, next_in_line

FEW = settings(max_examples=60, deadline=None)


@st.composite
def problems(draw, *, firsts: bool = True, people: int = 4):
    """Up to four rooms, of which tenants live in some, and up to four applicants with strict wishes."""
    houses = ("xiyuan", "xinyi")
    rooms = [
        Vacant(
            str(n),
            houses[n % 2],
            accessible := draw(st.booleans()),
            tuple(
                first
                for first, here in ((ACCESSIBLE, accessible), (WOMEN, draw(st.booleans())))
                if firsts and here
            ),
        )
        for n in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    ids = [room.id for room in rooms]
    homes = draw(st.permutations(ids + [None] * people))
    names = [*ids, *houses]
    wishes = []
    for n in range(draw(st.integers(1, people))):
        chosen = tuple(draw(st.lists(st.sampled_from(names), unique=True, max_size=4)))
        first = frozenset(draw(st.sets(st.sampled_from((ACCESSIBLE, WOMEN))))) if firsts else frozenset()
        wishes.append(Wish(f"{n}", n + 1, chosen, draw(st.booleans()), homes[n], first))
    lived_in = {wish.lives_in for wish in wishes}
    return wishes, sorted(rooms, key=lambda room: room.id in lived_in)


def liked(wish: Wish, rooms: list[Vacant]) -> list[str | None]:
    """Everything this person would take, best first; None stands for no room."""
    out: list[str | None] = []
    for wanted in wish.preferences:
        if wanted == wish.lives_in:
            return [*out, wanted]
        out += [room.id for room in rooms if room.id == wanted and room.id not in out]
        fitting = [room.id for room in rooms if room.building == wanted and (room.accessible or not wish.needs)]
        out += [room for room in fitting if room not in out and room != wish.lives_in]
    if wish.lives_in:
        return [*out, wish.lives_in]
    if wish.others_ok or not wish.preferences:
        out += [room.id for room in rooms if room.id not in out and (room.accessible or not wish.needs)]
    return [*out, None]


def got(wishes, rooms):
    return {outcome.code: outcome.room for outcome in allot(wishes, rooms)}


def you_request_my_house_i_get_your_turn(wishes, rooms):
    """The words of Abdulkadiroğlu and Sönmez, done literally and slowly: the line of people changes as houses are asked for."""
    best = {wish.code: liked(wish, rooms) for wish in wishes}
    home = {wish.lives_in: wish for wish in wishes if wish.lives_in}
    line, left, out = sorted(wishes, key=lambda wish: wish.rank), {room.id for room in rooms} | {None}, {}
    asking: list[Wish] = []  # the tenants who were let ahead, one for the other
    while line:
        front = line[0]
        room = next(room for room in best[front.code] if room in left)
        tenant = home.get(room)
        if tenant is None or tenant.code in out or tenant is front:
            circle = [front]
        elif tenant in asking:
            circle = asking[asking.index(tenant) :]
            circle = circle if front in circle else [*circle, front]
        else:
            asking = [*asking, tenant] if asking and asking[-1] is front else [tenant]
            line.remove(tenant)
            line.insert(0, tenant)
            continue
        for wish in circle:
            out[wish.code] = next(room for room in best[wish.code] if room in left)
        left -= {out[wish.code] for wish in circle} - {None}
        line = [wish for wish in line if wish.code not in out]
        asking = [wish for wish in asking if wish.code not in out]
    return out


@FEW
@given(problems(firsts=False))
def test_it_is_the_procedure_of_the_paper(problem):
    assert got(*problem) == you_request_my_house_i_get_your_turn(*problem)


@FEW
@given(problems())
def test_nobody_who_asks_to_move_ends_worse(problem):
    wishes, rooms = problem
    result = got(wishes, rooms)
    for wish in wishes:
        order = liked(wish, rooms)
        assert result[wish.code] in order
        if wish.lives_in:
            assert order.index(result[wish.code]) <= order.index(wish.lives_in)


@FEW
@given(problems())
def test_no_two_want_to_swap_and_no_other_division_is_better_for_somebody_and_worse_for_none(problem):
    wishes, rooms = problem
    result = got(wishes, rooms)
    orders = [liked(wish, rooms) for wish in wishes]
    worth = [order.index(result[wish.code]) for wish, order in zip(wishes, orders, strict=True)]
    for division in product(*[order[: place + 1] for order, place in zip(orders, worth, strict=True)]):
        taken = [room for room in division if room is not None]
        if len(set(taken)) == len(taken):
            assert division == tuple(result[wish.code] for wish in wishes)


@settings(max_examples=30, deadline=None)
@given(problems(), st.data())
def test_naming_other_wishes_than_the_true_ones_never_helps(problem, data):
    wishes, rooms = problem
    liar = data.draw(st.sampled_from(wishes))
    order = liked(liar, rooms)
    honest = order.index(got(wishes, rooms)[liar.code])
    names = [*[room.id for room in rooms], "xiyuan", "xinyi"]
    for length in range(4):
        for lie in permutations(names, length):
            for others_ok in (True, False):
                told = Wish(liar.code, liar.rank, lie, others_ok, liar.lives_in, liar.first)
                room = got([told if wish is liar else wish for wish in wishes], rooms)[liar.code]
                assert room not in order or order.index(room) >= honest


@FEW
@given(problems())
def test_nobody_is_passed_over_at_a_room_where_they_come_first_unless_it_was_changed_away(problem):
    """Whoever got a room had the turn there, or got it from whom the turn was in exchange for a room they liked better."""
    wishes, rooms = problem
    outcomes = {outcome.code: outcome for outcome in allot(wishes, rooms)}
    by_code = {wish.code: wish for wish in wishes}
    vacant = [room for room in rooms if room.id not in {wish.lives_in for wish in wishes}]
    if all(not outcome.asked_by and not outcome.traded_with and not outcome.after for outcome in outcomes.values()):
        for room in vacant:
            owner = next((code for code, outcome in outcomes.items() if outcome.room == room.id), None)
            for wish in wishes:
                order = liked(wish, rooms)
                if room.id in order and order.index(room.id) < order.index(outcomes[wish.code].room):
                    assert owner is not None
                    assert _before(by_code[owner], wish, room) or not _before(wish, by_code[owner], room)


def _before(one: Wish, other: Wish, room: Vacant) -> bool:
    key = [([first not in wish.first for first in room.first_for], wish.rank) for wish in (one, other)]
    return key[0] < key[1]


def test_a_tenant_whose_room_is_asked_for_gets_the_turn_and_is_told_so():
    rooms = [Vacant("2", "xinyi"), Vacant("1", "xiyuan")]
    wishes = [Wish("041K", 1, ("1",)), Wish("077B", 2, ("2",)), Wish("120C", 3, ("2",), lives_in="1")]
    first, second, tenant = allot(wishes, rooms)
    assert [first.room, second.room, tenant.room] == ["1", None, "2"]
    assert (
        tenant.explanation.zh
        == "第 3 名，前面 2 人，本期 1 間。041K 想要你的房間，所以輪到你先選。輪到時，第 1 志願還有空房。"
    )
    assert "Your turn came when 041K asked for your room." in tenant.explanation.en
    assert first.explanation.zh.endswith("第 1 志願由 120C 遷出後給你。")
    assert second.explanation.zh.endswith("空房已由第 1, 3 名分完。")


def test_two_tenants_who_want_each_others_rooms_change_them_without_any_vacant_room():
    rooms = [Vacant("1", "xiyuan"), Vacant("2", "xinyi")]
    one, other = allot([Wish("A", 1, ("2",), lives_in="1"), Wish("B", 2, ("1",), lives_in="2")], rooms)
    assert (one.room, other.room) == ("2", "1")
    assert "A" in other.explanation.zh


def test_a_tenant_for_whom_nothing_better_is_left_stays_and_is_told():
    rooms = [Vacant("2", "xinyi"), Vacant("1", "xiyuan")]
    first, tenant = allot([Wish("A", 1, ("2",)), Wish("B", 2, ("2", "xiyuan"), lives_in="1")], rooms)
    assert (first.room, tenant.room, tenant.stays) == ("2", "1", True)
    assert tenant.explanation.zh.endswith("留在原來的房間。")
    assert tenant.explanation.en.endswith("you stay where you are.")


def test_women_come_first_where_the_house_is_so_marked_and_nowhere_else():
    rooms = [Vacant("1", "xiyuan", first_for=(WOMEN,)), Vacant("2", "xinyi")]
    man, woman = Wish("A", 1, ("1",), True), Wish("B", 2, ("1",), True, first=frozenset({WOMEN}))
    outcomes = allot([man, woman], rooms)
    assert [outcome.room for outcome in outcomes] == ["2", "1"]
    assert "女性優先" in outcomes[1].explanation.zh
    assert [o.room for o in allot([man, woman], rooms[1:])] == ["2", None]


def test_an_accessible_room_goes_first_to_whom_needs_it_and_weighs_more_than_the_mark_of_the_house():
    rooms = [Vacant("1", "xiyuan", True, (ACCESSIBLE, WOMEN)), Vacant("2", "xiyuan", first_for=(WOMEN,))]
    wishes = [
        Wish("A", 1),
        Wish("B", 2, first=frozenset({WOMEN})),
        Wish("C", 3, first=frozenset({ACCESSIBLE})),
        Wish("D", 4, first=frozenset({ACCESSIBLE})),
    ]
    outcomes = allot(wishes, rooms)
    assert [outcome.room for outcome in outcomes] == [None, "2", "1", None]
    assert "無障礙房間先給需要的人" in outcomes[2].explanation.zh
    assert outcomes[3].explanation.zh.endswith("空房已由第 2–3 名分完。")


def test_a_room_given_back_goes_first_to_whom_comes_first_there():
    room = Vacant("1", "xiyuan", True, (ACCESSIBLE,))
    waiting = [Wish("A", 1), Wish("B", 2, first=frozenset({ACCESSIBLE})), Wish("C", 3, ("1",), lives_in="9")]
    assert next_in_line(waiting, room).code == "B"
    assert next_in_line(waiting[2:], room).code == "C"
    assert next_in_line(waiting[2:], Vacant("5", "xiyuan")) is None


@pytest.mark.parametrize("homes", [("9", None), ("1", "1")])
def test_a_tenants_room_must_be_among_the_rooms_and_nobody_elses(homes):
    wishes = [Wish(str(n), n + 1, ("2",), lives_in=home) for n, home in enumerate(homes)]
    with pytest.raises(ValueError, match="tenant"):
        allot(wishes, [Vacant("1", "xiyuan"), Vacant("2", "xiyuan")])


def test_ten_thousand_applicants_of_whom_a_thousand_live_there_share_three_thousand_rooms():
    rooms = [Vacant(str(n), f"house-{n % 40}", n % 30 == 0, (ACCESSIBLE,) if n % 30 == 0 else ()) for n in range(3000)]
    wishes = [
        Wish(
            str(n),
            n,
            (str(n * 7 % 3000), str(n * 11 % 3000), f"house-{n % 40}"),
            n % 3 > 0,
            str(2000 + n // 10) if n % 10 == 0 else None,
            frozenset({ACCESSIBLE}) if n % 97 == 0 else frozenset(),
        )
        for n in range(1, 10_000)
    ]
    outcomes = allot(wishes, rooms)
    given_out = [outcome.room for outcome in outcomes if outcome.room is not None]
    assert len(given_out) == len(set(given_out)) == 3000
    for wish, outcome in zip(wishes, outcomes, strict=True):
        assert outcome.room is not None or wish.lives_in is None
        assert not outcome.stays or outcome.room == wish.lives_in
