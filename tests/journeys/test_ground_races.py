"""Things lent, places on boards and counters go to as many as there are, over HTTP against a running desk.

Whoever asks, decides, renews or brings back at the same moment. What is refused is refused with a sentence; afterwards the
counts and the ledger say the same.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count as numbers

import pytest
from sqlalchemy import select

from common.period import Period, taipei, today
from tests.house_fixture import DemoCity, House, running_house
from tests.journeys.racing import CLIENTS, Call, at_once, ledger, serial, told
from tests.journeys.venue_racing import VENUES, behind, days, desk, made, nothing_free_was_refused, served, takers
from venues.models import Counter, LentDay

pytestmark = [pytest.mark.slow]
each_number = pytest.mark.parametrize("clients", CLIENTS)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    """A desk of its own: these tests lend and let a good deal of it."""
    with running_house(tmp_path_factory.mktemp("ground-races"), demo_city) as made:
        yield made


far_days = numbers(40, 6)


def a_day():
    """A day to come that no other test of this file was told."""
    return today(datetime.now(UTC)) + timedelta(days=next(far_days))


# ── Things lent by the count ───────────────────────────────────────────────────────────────────────────────────────


def a_thing(house, stock):
    """The id of a new kind of thing of which there are so many."""
    code = f"race{next(serial)}"
    more = {"name": f"競逐{code}", "name_en": code, "unit": "件", "unit_en": "piece", "most": 100, "quantity": stock}
    return told(house, "venues", "POST", f"{VENUES}/lent-things", {"code": code, **more})["id"]


def borrow(who, wanted, first, last):
    items = [{"thing_id": thing, "quantity": count} for thing, count in wanted.items()]
    return Call(who, "POST", f"{VENUES}/loans", {"items": items, "purpose": "競逐", **days(first, last)})


def free(house, thing, first, last):
    """How many nobody was promised, as the list says; the days' rows say the same."""
    query = f"starts_on={first}&ends_on={last}"
    (row,) = (
        each for each in told(house, "officer", "GET", f"{VENUES}/lent-things?{query}")["items"] if each["id"] == thing
    )
    on = select(LentDay).where(LentDay.thing_id == int(thing), LentDay.day >= first, LentDay.day <= last)
    kept = behind(house, lambda session: [each.stock - each.promised for each in session.scalars(on)])
    assert row["free"] == min(kept, default=row["stock"])
    return row["free"]


def lent_out(house, thing, count):
    """The id of a loan that begins today and was handed out whole, its first and its last day."""
    first = today(datetime.now(UTC))
    number, last = (
        made(house, borrow("officer", {thing: count}, first, first + timedelta(days=2))),
        first + timedelta(2),
    )
    told(house, "venues", "POST", f"{VENUES}/loans/{number}/approve", {})
    counted = {"items": [{"thing_id": thing, "quantity": count}]}
    told(house, "venues", "POST", f"{VENUES}/loans/{number}/hand-out", counted)
    return number, first, last


def back(number, loan, thing, **how):
    return desk(number, f"/loans/{loan}/take-back", {"items": [{"thing_id": thing, **how}]})


@each_number
def test_as_many_loans_get_a_piece_as_there_are(house, clients):
    """Everybody wants both things on other days that share one, and names them in another order."""
    stock = {2: 1, 8: 5, 32: 13}[clients]
    thing, other = a_thing(house, stock), a_thing(house, stock + 1)
    first = a_day()
    calls = []
    for n, who in enumerate(takers(clients)):
        both = {thing: 1, other: 1} if n % 2 else {other: 1, thing: 1}
        calls.append(borrow(who, both, first + timedelta(days=n % 3), first + timedelta(days=n % 3 + 2)))
    assert len(served(at_once(house, calls))) == stock
    shared = first + timedelta(days=2)
    assert (free(house, thing, shared, shared), free(house, other, shared, shared)) == (0, 1)


@each_number
@pytest.mark.parametrize("how", ["brought back", "called off"])
def test_what_comes_back_goes_to_as_many_as_came_back(house, clients, how):
    stock = max(1, clients // 4)
    thing = a_thing(house, stock)
    if how == "brought back":
        loan, first, last = lent_out(house, thing, stock)
        ends = back(0, loan, thing, good=stock)
    else:
        first = a_day()
        last = first + timedelta(days=2)
        loan = made(house, borrow("officer", {thing: stock}, first, last))
        ends = Call("officer", "POST", f"{VENUES}/loans/{loan}/cancel", {})
    wish = [borrow(who, {thing: 1}, last, last + timedelta(days=1)) for who in takers(clients - 1)]
    place, *others = served(at_once(house, [ends, *wish]))
    assert place == 0 and len(others) <= stock
    for _ in range(stock - len(others)):
        made(house, wish[0])
    assert served(at_once(house, wish[:1])) == []
    assert free(house, thing, last, last) == 0


@each_number
def test_every_piece_that_is_brought_back_is_counted_once(house, clients):
    out = {2: 1, 8: 5, 32: 20}[clients]
    thing = a_thing(house, out)
    loan, first, last = lent_out(house, thing, out)
    calls = [back(n, loan, thing, **({"missing": 1} if n % 4 == 3 else {"good": 1})) for n in range(clients)]
    won = served(at_once(house, calls))
    assert len(won) == out, "not as many were taken back as were out"
    lost = sum(place % 4 == 3 for place in won)
    found = told(house, "officer", "GET", f"{VENUES}/loans/{loan}")
    (item,) = found["items"]
    assert (found["status"], item["good"], item["missing"], item["still_out"]) == ("returned", out - lost, lost, 0)
    assert free(house, thing, first, last) == out - lost


@each_number
def test_the_stock_is_never_lowered_below_what_is_promised(house, clients):
    thing, day = a_thing(house, clients), a_day()
    cut = Call("venues", "POST", f"{VENUES}/lent-things/{thing}/stock", {"quantity": 1, "valid_from": day.isoformat()})
    answers = at_once(house, [cut, *(borrow(who, {thing: 1}, day, day) for who in takers(clients - 1))])
    won = served(answers)
    there = 1 if 0 in won else clients
    assert free(house, thing, day, day) == there - len(set(won) - {0}) >= 0
    assert len(set(won) - {0}) == (min(1, clients - 1) if 0 in won else clients - 1), "refused while free"


@each_number
def test_a_loan_is_decided_once(house, clients):
    thing, day = a_thing(house, 2), a_day()
    loan = made(house, borrow("officer", {thing: 2}, day, day))
    cancel = Call("officer", "POST", f"{VENUES}/loans/{loan}/cancel", {})
    verbs = [("reject", {"reason": "用途不符"}), ("approve", {})]
    calls = [cancel, *(desk(n, f"/loans/{loan}/{verbs[n % 2][0]}", verbs[n % 2][1]) for n in range(1, clients))]
    answers = at_once(house, calls)
    won = served(answers)
    assert len(won) == 1 or (len(won) == 2 and 0 in won), "decided twice"
    state = told(house, "officer", "GET", f"{VENUES}/loans/{loan}")["status"]
    assert state in ({answers[place].body["status"] for place in won} if len(won) == 1 else {"cancelled"})
    assert free(house, thing, day, day) == (0 if state == "approved" else 2)


# ── Boards ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def post(who, chosen, first, last):
    words = {"title": "競逐公告", "text": "一樓中庭", "board_ids": [each["id"] for each in chosen]}
    return Call(who, "POST", f"{VENUES}/postings", words | days(first, last))


def free_places(house, day):
    """How many places each board has left on a day, by code."""
    items = told(house, "officer", "GET", f"{VENUES}/boards?day={day}")["items"]
    return {each["code"]: each for each in items}


def on_board(house, board, day):
    """The holders of a board's places on a day, as the ledger says; none has two."""
    has = ledger(house, "venues", Period.of_day(day), [f"board:{board['id']}:{n + 1}" for n in range(board["places"])])
    holders = [holder for each in has.values() for holder in each]
    assert len(set(holders)) == len(holders) == len(has)
    return holders


@each_number
def test_as_many_postings_are_on_a_board_as_it_has_places(house, clients):
    first = a_day()
    there = free_places(house, first)
    north, lift = there["gate-north"], there["lift-north"]
    left = {2: 1, 8: 3, 32: 6}[clients]
    for _ in range(north["places"] - left):
        made(house, post("officer", [north], first, first + timedelta(days=3)))
    begin = [first + timedelta(days=n % 3) for n in range(clients)]
    calls = [
        post(
            who,
            [north, lift] if n % 2 else [north],
            begin[n],
            max(begin[n] + timedelta(days=1), first + timedelta(days=2)),
        )
        for n, who in enumerate(takers(clients))
    ]
    shared = first + timedelta(days=2)
    answers = at_once(house, calls)
    won = served(answers)
    assert len(won) == left
    both = {f"posting:{answers[place].body['id']}" for place in won}
    assert both <= set(on_board(house, north, shared))
    assert set(on_board(house, lift, shared)) == {f"posting:{answers[place].body['id']}" for place in won if place % 2}
    assert free_places(house, shared)["gate-north"]["free"] == 0


@each_number
@pytest.mark.parametrize("how", ["withdrawn", "rejected"])
def test_a_freed_place_goes_to_one_posting(house, clients, how):
    day = a_day()
    north = free_places(house, day)["gate-south"]
    mine, *_ = [made(house, post("officer", [north], day, day)) for _ in range(north["places"])]
    ends = desk(0, f"/postings/{mine}/reject", {"reason": "內容涉及商業"})
    if how == "withdrawn":
        ends = Call("officer", "POST", f"{VENUES}/postings/{mine}/withdraw", {})
    place, *others = served(at_once(house, [ends, *(post(who, [north], day, day) for who in takers(clients - 1))]))
    assert place == 0 and len(others) <= 1
    if not others:
        made(house, post("officer2", [north], day, day))
    assert len(on_board(house, north, day)) == north["places"]
    assert f"posting:{mine}" not in on_board(house, north, day)


@each_number
def test_a_posting_is_decided_once(house, clients):
    day = a_day()
    west = free_places(house, day)["gate-west"]
    mine = made(house, post("officer", [west], day, day))
    verbs = [("reject", {"reason": "內容涉及商業"}), ("approve", {})]
    answers = at_once(house, [desk(n, f"/postings/{mine}/{verbs[n % 2][0]}", verbs[n % 2][1]) for n in range(clients)])
    (place,) = served(answers)
    assert on_board(house, west, day) == [f"posting:{mine}"] * (place % 2)


# ── Counters let by contract ───────────────────────────────────────────────────────────────────────────────────────

counter_numbers = numbers(0)


def a_counter(house):
    """The id of a counter, each told once; the years after 2060 are free at all of them."""
    number = next(counter_numbers)
    found = select(Counter.id).order_by(Counter.id).offset(number).limit(1)
    return behind(house, lambda session: session.scalars(found).one())


def let(number, counter, first, last):
    body = {"counter_id": str(counter), "party": f"競逐商行 {next(serial)}", "rent": 9000, **days(first, last)}
    return desk(number, "/contracts", body)


def tenants(house, counter, first, last):
    """Who has a counter from one day to another, as the ledger says."""
    resource = f"counter:{counter}"
    return ledger(house, "venues", Period(taipei(first, "00:00"), taipei(last, "24:00")), [resource]).get(resource, [])


YEAR = (date(2060, 1, 1), date(2060, 12, 31))
NEXT_YEAR = (date(2061, 1, 1), date(2061, 12, 31))


@each_number
def test_of_overlapping_contracts_of_a_counter_those_that_fit_are_made(house, clients):
    counter = a_counter(house)
    terms = [(YEAR[0] + timedelta(days=20 * n), YEAR[0] + timedelta(days=20 * n + 59)) for n in range(clients)]
    answers = at_once(house, [let(n, counter, *term) for n, term in enumerate(terms)])
    won = served(answers)
    nothing_free_was_refused([Period(taipei(a, "00:00"), taipei(b, "24:00")) for a, b in terms], won)
    assert tenants(house, counter, YEAR[0], terms[-1][1]) == [f"contract:{answers[place].body['id']}" for place in won]


@each_number
def test_a_contract_is_renewed_once_or_its_counter_is_anothers(house, clients):
    counter = a_counter(house)
    old = made(house, let(0, counter, *YEAR))
    again = {"ends_on": NEXT_YEAR[1].isoformat(), "rent": 9500}
    calls = [
        let(n, counter, *NEXT_YEAR) if n % 3 == 2 else desk(n, f"/contracts/{old}/renew", again) for n in range(clients)
    ]
    answers = at_once(house, calls)
    (place,) = served(answers)
    assert tenants(house, counter, *NEXT_YEAR) == [f"contract:{answers[place].body['id']}"]
    assert answers[place].body["follows_id"] == (None if place % 3 == 2 else old)


@each_number
def test_a_contract_is_renewed_or_ended(house, clients):
    counter = a_counter(house)
    old = made(house, let(0, counter, *YEAR))
    again = {"ends_on": NEXT_YEAR[1].isoformat(), "rent": 9500}
    early = {"ended_on": "2060-06-30", "reason": "歇業"}
    calls = [
        desk(n, f"/contracts/{old}/{'end' if n % 2 else 'renew'}", early if n % 2 else again) for n in range(clients)
    ]
    answers = at_once(house, calls)
    (place,) = served(answers)
    after = tenants(house, counter, date(2060, 7, 1), NEXT_YEAR[1])
    assert after == ([] if place % 2 else [f"contract:{old}", f"contract:{answers[place].body['id']}"])
    if place % 2:
        made(house, let(0, counter, date(2060, 7, 1), NEXT_YEAR[1]))
