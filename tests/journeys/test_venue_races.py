"""Halls, grounds and equipment go to as many as there are, over HTTP against a running desk, whoever asks at the same moment.

What is refused is refused with a sentence; afterwards the ledger, the bookings and their money say the same.
(One slot, the plaza against its parts, one payment: test_races.py.)
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from common.period import Period
from tests.house_fixture import DemoCity, House, eventually, running_house
from tests.journeys.racing import CLIENTS, Call, application, at_once, held_by, told
from tests.journeys.venue_racing import (
    BODIES,
    BOOKINGS,
    VENUES,
    Halls,
    behind,
    desk,
    made,
    served,
    takers,
    told_of,
)
from venues import contests
from venues.models import ClosureLine, Contest
from venues.vocabulary import ALIVE

pytestmark = [pytest.mark.slow]
each_number = pytest.mark.parametrize("clients", CLIENTS)
SQUARES = ("atrium", "civic-plaza-renai", "civic-plaza-fountain", "east-gate-plaza", "street-dance-corner")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    """A desk of its own: these tests take and close a good deal of it."""
    with running_house(tmp_path_factory.mktemp("venue-races"), demo_city) as made:
        yield made


@pytest.fixture(scope="module")
def halls(house: House) -> Halls:
    return Halls(house)


def apply(who, halls, slot, code="atrium", **more):
    return Call(who, "POST", BOOKINGS, application(halls[code], slot) | more)


# ── Several on one slot ────────────────────────────────────────────────────────────────────────────────────────────


def listed(house, number):
    """A contest whose deadline has passed: its list is published, and its seed is known."""
    now = datetime.now(UTC)

    def pass_(session):
        session.get_one(Contest, number).closes_at = now - timedelta(minutes=1)
        session.flush()
        contests.close_due(session, now)
        session.get_one(Contest, number).seed_at = now - timedelta(minutes=1)

    behind(house, pass_)


@each_number
def test_a_contest_gives_its_slot_to_one_even_if_somebody_leaves_during_the_draw(house, halls, clients):
    slots = halls.day("atrium")
    who = [BODIES[n % (4 if clients == 2 else len(BODIES))] for n in range(max(clients, 4))]
    answers = at_once(house, [apply(name, halls, slots["evening"], may_contest=True) for name in who])
    entered = {who[n]: answers[n].body["id"] for n in served(answers)}
    assert set(entered) == set(who), "a body was refused while others could enter"
    assert len(served(answers)) == len(entered), "a body has two lots"
    (holder,) = halls.holders("atrium", slots["evening"])
    number = int(holder.removeprefix("contest:"))
    listed(house, number)
    leaver, *draws = BODIES[1], *(desk(n, f"/contests/{number}/draw", {"seed": "27614.32"}) for n in range(clients - 1))
    leave = Call(leaver, "POST", f"{BOOKINGS}/{entered[leaver]}/cancel", {})
    won = served(at_once(house, [leave, *draws]))
    assert len(set(won) - {0}) <= 1, "drawn twice"
    contest = told(house, "venues", "GET", f"{VENUES}/contests/{number}")
    if contest["state"] == "listed":  # all draws met the one who left
        contest = told(house, "venues", "POST", f"{VENUES}/contests/{number}/draw", {"seed": "27614.32"})
    assert contest["state"] == "decided" and contest["right"] and len(contest["selected"]) == 1
    states = halls.bookings("atrium", slots["evening"])
    (ticket,) = (each for each in contest["drawn_among"] if each["result"] == "won")
    gone = {entered[leaver]} if 0 in won else set()
    has = {ticket["booking_id"]} - gone
    losers = {name: each for name, each in entered.items() if each not in has | gone}
    assert states == dict.fromkeys(has, "submitted") | dict.fromkeys(gone, "cancelled") | dict.fromkeys(
        losers.values(), "contested"
    )
    assert halls.holders("atrium", slots["evening"]) == [f"booking:{each}" for each in has]
    choose_again(house, halls, clients, losers, slots["morning"])


def choose_again(house, halls, clients, losers, slot):
    """Those who lost want the same other slot, and so does somebody who applies anew."""
    wanted = {"slots": [{"date": slot["date"], "slot": slot["slot"]}]}
    names = list(losers)
    calls = [
        Call(names[n % len(names)], "POST", f"{BOOKINGS}/{losers[names[n % len(names)]]}/slots", wanted)
        for n in range(clients - 1)
    ]
    answers = at_once(house, [*calls, apply("charity-officer", halls, slot)])
    (place,) = served(answers)
    assert halls.bookings("atrium", slot) == {answers[place].body["id"]: "submitted"}
    assert halls.holders("atrium", slot) == [f"booking:{answers[place].body['id']}"]


@each_number
def test_a_freed_slot_is_offered_to_the_first_who_waits_and_taken_up_once(house, halls, clients):
    slot = halls.day("atrium")["afternoon"]
    first = made(house, apply("officer", halls, slot))
    waits = [
        told(house, name, "POST", f"{VENUES}/waiting", application(halls["atrium"], slot) | {"undertakes": True})["id"]
        for name in ("officer2", "health-officer")
    ]
    cancel = Call("officer", "POST", f"{BOOKINGS}/{first}/cancel", {})
    rush = [apply(name, halls, slot) for name in takers(clients - 1)]
    assert served(at_once(house, [cancel, *rush])) == [0], "somebody slipped in before the one who waits"
    assert halls.holders("atrium", slot) == [f"waiting:{waits[0]}"]
    steps = ["accept", *("withdraw" if n % 4 == 3 else "accept" for n in range(1, clients))]
    people = ("officer2", "social-officer")
    answers = at_once(
        house, [Call(people[n % 2], "POST", f"{VENUES}/waiting/{waits[0]}/{step}", {}) for n, step in enumerate(steps)]
    )
    (place,) = served(answers)
    taken = steps[place] == "accept"
    holder = f"booking:{answers[place].body['id']}" if taken else f"waiting:{waits[1]}"
    assert halls.holders("atrium", slot) == [holder]
    assert list(halls.bookings("atrium", slot).values()) == ["cancelled", *["submitted"] * taken]


@each_number
def test_series_and_single_bookings_share_the_dates_without_a_gap(house, halls, clients):
    days = [halls.day("atrium")["evening"] for _ in range(3)]
    event = {name: value for name, value in application(halls["atrium"], days[0]).items() if name != "slots"}
    series = event | {"dates": [each["date"] for each in days], "slots": ["evening"]}
    calls = [
        apply(name, halls, days[(n + 1) // 2 % 3])
        if n % 2
        else Call(name, "POST", f"{VENUES}/series", series | {"free_only": n % 4 == 0})
        for n, name in enumerate(takers(clients))
    ]
    answers = at_once(house, calls)
    won = served(answers)
    gave = [booking["id"] for n in won for booking in answers[n].body.get("bookings", [answers[n].body])]
    assert len(gave) == 3
    has = [halls.holders("atrium", each) for each in days]
    assert sorted(has) == sorted([f"booking:{each}"] for each in gave), "a date is given twice, or to nobody"
    assert [set(halls.bookings("atrium", each).values()) for each in days] == [{"submitted"}] * 3
    for n in won:
        if "bookings" in answers[n].body:
            lost = set(answers[n].body["left_out"])
            assert len(answers[n].body["bookings"]) == 3 - len(lost)


@each_number
def test_a_slot_goes_to_who_sets_up_or_to_who_applies(house, halls, clients):
    day = halls.day("atrium")
    before = day["morning"]
    mine = made(house, apply("officer", halls, day["afternoon"]))
    asked = {"purpose": "setup", "starts_at": before["starts_at"], "ends_at": before["ends_at"], "why": "搭設舞臺"}
    setup = told(house, "officer", "POST", f"{BOOKINGS}/{mine}/setup", asked)["id"]
    consent = f"/setup/{setup}/consent"
    calls = [apply(name, halls, before) if n % 2 else desk(n // 2, consent) for n, name in enumerate(takers(clients))]
    answers = at_once(house, calls)
    (place,) = served(answers)
    holder = f"booking:{answers[place].body['id'] if place % 2 else mine}"
    assert halls.holders("atrium", before) == [holder]
    assert halls.holders("atrium", day["afternoon"]) == [f"booking:{mine}"]
    state = told(house, "officer", "GET", f"{BOOKINGS}/{mine}/setup")["items"][0]["state"]
    assert state == ("asked" if place % 2 else "consented")


# ── Deciding and paying ────────────────────────────────────────────────────────────────────────────────────────────


@each_number
def test_a_booking_is_decided_once_and_charged_once(house, halls, clients):
    slot = halls.day("atrium")["morning"]
    booking = made(house, apply("group", halls, slot))
    steps = [
        ("reject", {"reason": "不符使用目的"}) if n % 4 == 3 else ("approve", {"note": "文件後補"})
        for n in range(clients)
    ]
    answers = at_once(house, [desk(n, f"/bookings/{booking}/{verb}", body) for n, (verb, body) in enumerate(steps)])
    (place,) = served(answers)
    now = told_of(house, booking)
    if steps[place][0] == "approve":
        due = answers[place].body["fee"] + answers[place].body["deposit"]
        assert due and now.balances["owed"] == due
        assert (now.status, now.steps["approved"]) == ("awaiting_insurance", 1)
        assert halls.holders("atrium", slot) == [f"booking:{booking}"]
    else:
        assert (now.status, now.balances, now.steps["rejected"]) == ("rejected", {}, 1)
        assert halls.holders("atrium", slot) == []


@each_number
def test_a_payment_against_a_cancellation_loses_no_money(house, halls, clients):
    slot = halls.day("atrium")["morning"]
    booking, total = to_pay(house, halls, slot)
    cancel = Call("group", "POST", f"{BOOKINGS}/{booking}/cancel", {})
    pays = [desk(n, f"/bookings/{booking}/payment", {"receipt_number": f"R-{n}"}) for n in range(clients - 1)]
    answers = at_once(house, [cancel, *pays])
    won = set(served(answers))
    assert won and len(won - {0}) <= 1
    now = told_of(house, booking)
    paid = total if won - {0} else 0
    assert (now.balances.get("bank", 0), now.balances.get("owed", 0)) == (paid, 0)
    assert now.status == ("cancelled" if 0 in won else "confirmed")
    if 0 in won and paid:
        assert -now.balances["to_return"] > 0, "paid, cancelled and nothing returned"
    assert halls.holders("atrium", slot) == ([] if 0 in won else [f"booking:{booking}"])


def to_pay(house, halls, slot):
    """A booking of a registered body that waits for its payment, and how much."""
    booking = made(house, apply("group", halls, slot))
    told(house, "venues", "POST", f"{BOOKINGS}/{booking}/approve", {"note": "文件後補"})
    due = told(house, "venues", "POST", f"{BOOKINGS}/{booking}/insurance", {"policy_number": "PL-1"})
    return booking, due["fee"] + due["deposit"]


# ── Equipment ──────────────────────────────────────────────────────────────────────────────────────────────────────


@each_number
def test_as_many_events_get_a_sound_set_as_there_are(house, halls, clients):
    slot = halls.day(*SQUARES)["afternoon"]
    when = f"starts_at={slot['starts_at']}&ends_at={slot['ends_at']}".replace("+", "%2B")
    items = told(house, "officer", "GET", f"{VENUES}/equipment?{when}")["items"]
    left = next(each["free"] for each in items if each["kind"] == "sound_set")
    assert left == 4
    codes = list(SQUARES)
    if clients == 2:  # one set is left for two
        for code, count in ((codes.pop(), 2), (codes.pop(), 1)):
            equipment = [{"kind": "sound_set", "quantity": count}]
            made(house, apply("officer", halls, slot, code, equipment=equipment))
        left = 1
    set_ = [{"kind": "sound_set", "quantity": 1}]
    calls = [apply(name, halls, slot, codes[n % len(codes)], equipment=set_) for n, name in enumerate(takers(clients))]
    answers = at_once(house, calls)
    won = [answers[n].body["id"] for n in served(answers)]
    assert len(won) == min(left, len(codes))
    held = [each for booking in won for each in held_by(house, "venues", f"booking:{booking}") if "set" in each]
    assert len(held) == len(set(held)) == len(won), "a set is lent twice"
    spare = {"equipment": set_}
    losing = [made(house, apply("officer", halls, slot, code)) for code in codes if not halls.holders(code, slot)]
    assert losing, "more were served than there are sets"
    give_up = Call("venues", "POST", f"{BOOKINGS}/{won[0]}/equipment", {"equipment": []})
    takes = [Call("venues", "POST", f"{BOOKINGS}/{each}/equipment", spare) for each in losing]
    answers = at_once(house, [give_up, *(takes * clients)[: clients - 1]])
    assert 0 in served(answers)
    pieces = [each for one in [*won, *losing] for each in held_by(house, "venues", f"booking:{one}") if "set" in each]
    assert len(pieces) == len(set(pieces)) <= left


# ── Closures ───────────────────────────────────────────────────────────────────────────────────────────────────────


@each_number
def test_a_closure_begun_while_people_apply_leaves_nobody_a_slot_and_nobody_out_of_pocket(house, halls, clients):
    day = halls.day("atrium")
    paid, total = to_pay(house, halls, day["evening"])
    told(house, "venues", "POST", f"{BOOKINGS}/{paid}/payment", {"receipt_number": f"C-{clients}"})
    waits = told(house, "health-officer", "POST", f"{VENUES}/waiting", application(halls["atrium"], day["evening"]))[
        "id"
    ]
    for name in ("officer", "officer2"):
        made(house, apply(name, halls, day["afternoon"], may_contest=True))
    (holder,) = halls.holders("atrium", day["afternoon"])
    contest = int(holder.removeprefix("contest:"))
    whole = Period.of_day(datetime.fromisoformat(day["morning"]["date"]).date())
    closing = {"venue_ids": [halls["atrium"]["id"]], "reason": "颱風", "ground": "force_majeure"}
    closing |= {"starts_at": whole.starts_at.isoformat(), "ends_at": whole.ends_at.isoformat()}
    calls = [apply(name, halls, day["morning"], may_contest=bool(n % 2)) for n, name in enumerate(takers(clients - 1))]
    calls.insert(clients // 2, Call("venues", "POST", f"{VENUES}/closures", closing))
    answers = at_once(house, calls)
    assert clients // 2 in served(answers)
    closure = answers[clients // 2].body["id"]
    path = f"{VENUES}/closures/{closure}"
    eventually(lambda: told(house, "venues", "GET", path)["state"] == "carried_out")
    again = at_once(house, [apply("officer", halls, day["morning"])])
    assert served(again) == []
    bookings = {number: told_of(house, number) for slot in day.values() for number in halls.bookings("atrium", slot)}
    assert not {each.status for each in bookings.values()} & set(ALIVE)
    assert bookings.pop(paid).balances == {"bank": total, "to_return": -total}
    assert [each.balances for each in bookings.values()] == [{}] * len(bookings), "charged for nothing"
    found = select(ClosureLine.booking_id).where(ClosureLine.closure_id == int(closure))
    lines = behind(house, lambda session: session.scalars(found).all())
    assert sorted(lines) == sorted(map(int, [paid, *bookings])), "not exactly one line for each"
    assert {each for slot in day.values() for each in halls.holders("atrium", slot)} == {f"closure:{closure}"}
    assert told(house, "venues", "GET", f"{VENUES}/contests/{contest}")["state"] == "void"
    (entry,) = (each for each in told(house, "venues", "GET", f"{VENUES}/waiting")["items"] if each["id"] == waits)
    assert entry["state"] == "waiting"
