"""Meeting rooms are had by one meeting at a time, over HTTP against a running desk, whoever acts at the same moment.

Booking, moving, series, giving back, taking over, checking in and the release of a room nobody came to. What is refused is
refused with a sentence; afterwards each meeting has what it stands for in the ledger, and nothing else.
(One room and time asked for by many: test_races.py.)
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from common.period import Period
from tests.house_fixture import DemoCity, House, running_house
from tests.journeys.racing import CLIENTS, Call, at_once, told
from tests.journeys.venue_racing import DESK, VENUES, Rooms, meanwhile, nothing_free_was_refused, served
from venues import check_ins

pytestmark = [pytest.mark.slow]
each_number = pytest.mark.parametrize("clients", CLIENTS)
WHO = ("officer", "officer2", "staff", "staff2", "dorms", "dispatcher", "health-officer", "land-officer")
COLLEAGUES = ("officer", "supervisor")  # of one agency: either may move, give back or check in what the other booked
ROOM, OTHER = "n206", "0301"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    """A desk of its own: these tests take rooms, and take them over."""
    with running_house(tmp_path_factory.mktemp("room-races"), demo_city) as made:
        yield made


@pytest.fixture(scope="module")
def rooms(house: House) -> Rooms:
    return Rooms(house)


@pytest.fixture(autouse=True)
def in_step(rooms: Rooms) -> Iterator[None]:
    """Whatever a test did, the meetings and the ledger say the same after it."""
    yield
    rooms.in_step()


def after(answers, place):
    """The holder that a served client's meeting is in the ledger."""
    return f"meeting:{answers[place].body['id']}"


def move(who, rooms, meeting, code, period):
    return Call(who, "PATCH", f"{VENUES}/meetings/{meeting}", rooms.body(code, period))


def give_back(who, meeting):
    return Call(who, "POST", f"{VENUES}/meetings/{meeting}/release", {})


def check_in(number, meeting):
    return Call(COLLEAGUES[number % 2], "POST", f"{VENUES}/meetings/{meeting}/check-in", {})


def take_over(number, rooms, code, period):
    more = {"chair": "mayor", "reason": "緊急應變", "urgent": True}
    return Call(DESK[number % 2], "POST", f"{VENUES}/room-take-overs", rooms.body(code, period, **more))


def status(house, meeting):
    return told(house, "venues", "GET", f"{VENUES}/meetings/{meeting}")["status"]


# ── Booking and moving ─────────────────────────────────────────────────────────────────────────────────────────────


@each_number
def test_of_overlapping_times_those_that_fit_are_had(house, rooms, clients):
    day = rooms.day(ROOM)
    begin = Period.of_local(day, "08:00", "09:00").starts_at
    wants = [Period(begin + n * HOUR / 4, begin + n * HOUR / 4 + HOUR) for n in range(clients)]
    answers = at_once(house, [rooms.book(WHO[n % len(WHO)], ROOM, want) for n, want in enumerate(wants)])
    won = served(answers)
    nothing_free_was_refused(wants, won)
    assert rooms.holders(ROOM, Period.of_day(day)) == [after(answers, place) for place in won]


@each_number
def test_a_time_goes_to_one_of_those_who_move_there_and_those_who_book_it(house, rooms, clients):
    day = rooms.day(ROOM, OTHER)
    wanted = Period.of_local(day, "14:00", "15:00")
    begin = Period.of_local(day, "08:00", "09:00").starts_at
    had = [Period(begin + n * HOUR / 4, begin + (n + 1) * HOUR / 4) for n in range(clients // 2)]
    meetings = [rooms.booked(WHO[n % len(WHO)], OTHER, period) for n, period in enumerate(had)]
    calls = [move(WHO[n % len(WHO)], rooms, meeting, ROOM, wanted) for n, meeting in enumerate(meetings)]
    calls += [rooms.book(WHO[n % len(WHO)], ROOM, wanted) for n in range(clients - len(calls))]
    answers = at_once(house, calls)
    (place,) = served(answers)
    assert rooms.holders(ROOM, wanted) == [after(answers, place)]
    stayed = [f"meeting:{meeting}" for n, meeting in enumerate(meetings) if n != place]
    assert rooms.holders(OTHER, Period.of_day(day)) == stayed, "whoever was refused keeps the place it had"


@each_number
@pytest.mark.parametrize("leaves", ["moves", "gives back"])
def test_a_freed_time_goes_to_one_and_is_never_left_refused(house, rooms, clients, leaves):
    day = rooms.day(ROOM, OTHER)
    period = Period.of_local(day, "10:00", "12:00")
    meeting = rooms.booked("officer", ROOM, period)
    leave = move("officer", rooms, meeting, OTHER, period) if leaves == "moves" else give_back("supervisor", meeting)
    answers = at_once(house, [leave, *(rooms.book(WHO[n % len(WHO)], ROOM, period) for n in range(clients - 1))])
    first, *others = served(answers)
    assert first == 0 and len(others) <= 1
    has = f"meeting:{rooms.booked('staff2', ROOM, period)}" if not others else after(answers, others[0])
    assert rooms.holders(ROOM, period) == [has]
    assert rooms.holders(OTHER, period) == [f"meeting:{meeting}"] * (leaves == "moves")
    assert status(house, meeting) == ("booked" if leaves == "moves" else "given_back")


@each_number
def test_a_room_is_given_back_once(house, rooms, clients):
    period = Period.of_local(rooms.day(ROOM), "10:00", "12:00")
    meeting = rooms.booked("officer", ROOM, period)
    assert len(served(at_once(house, [give_back(COLLEAGUES[n % 2], meeting) for n in range(clients)]))) == 1
    assert rooms.holders(ROOM, period) == []


@each_number
def test_series_and_single_meetings_share_the_dates_without_a_gap(house, rooms, clients):
    days = [rooms.day(ROOM) for _ in range(3)]
    times = [Period.of_local(day, "13:00", "15:00") for day in days]
    dates = [{"date": day.isoformat()} for day in days]
    calls = []
    for n in range(clients):
        who = WHO[n % len(WHO)]
        series = rooms.body(ROOM, times[0], dates=dates, partial=n % 4 == 0)
        one = rooms.book(who, ROOM, times[(n + 1) // 2 % 3])
        calls.append(one if n % 2 else Call(who, "POST", f"{VENUES}/meeting-series", series))
    answers = at_once(house, calls)
    won = served(answers)
    gave = [each["id"] for n in won for each in answers[n].body.get("meetings", [answers[n].body])]
    has = [rooms.holders(ROOM, time) for time in times]
    assert sorted(has) == sorted([f"meeting:{each}"] for each in gave), "a date is given twice, or to nobody"
    assert len(gave) == 3
    for n in won:
        if "meetings" in answers[n].body:
            assert len(answers[n].body["meetings"]) + len(answers[n].body["refused"]) == 3
            assert not answers[n].body["refused"] or n % 4 == 0, "a part was booked for one who wanted all"


# ── Taking over ────────────────────────────────────────────────────────────────────────────────────────────────────


@each_number
def test_one_take_over_has_the_room_and_whoever_checks_in_meets_elsewhere(house, rooms, clients):
    code, now = rooms.soon()
    period = Period(now + timedelta(minutes=8), now + timedelta(minutes=68))
    sits = rooms.booked("officer", code, period)
    calls = [check_in(n, sits) if n % 2 else take_over(n // 2, rooms, code, period) for n in range(clients)]
    answers = at_once(house, calls)
    won = served(answers)
    (taken,) = (place for place in won if place % 2 == 0)
    assert len(won) == 1 + clients // 2, "somebody who came was turned away though the meeting has a room"
    over = answers[taken].body
    assert rooms.holders(code, period) == [f"meeting:{over['meeting']['id']}"]
    (left,) = over["displaced"]
    assert (left["meeting_id"], left["from_id"]) == (sits, rooms.places[code]["id"]) and left["to_id"]
    now_ = told(house, "officer", "GET", f"{VENUES}/meetings/{sits}")
    assert (now_["venue_id"], now_["status"]) == (left["to_id"], "checked_in")


@each_number
def test_a_take_over_displaces_only_who_is_still_there(house, rooms, clients):
    """The meeting is given back or moved in the moment its room is taken over, while others book the same room."""
    day = rooms.day(ROOM, OTHER)
    period = Period.of_local(day, "10:00", "12:00")
    for leaves in ("gives back", "moves"):
        sits = rooms.booked("officer", ROOM, period)
        leave = give_back("officer", sits) if leaves == "gives back" else move("officer", rooms, sits, OTHER, period)
        others = [rooms.book(WHO[n % len(WHO)], ROOM, period) for n in range(clients - 2)]
        answers = at_once(house, [take_over(0, rooms, ROOM, period), leave, *others])
        won = served(answers)
        assert 0 in won
        over = answers[0].body
        assert rooms.holders(ROOM, period) == [f"meeting:{over['meeting']['id']}"]
        found = told(house, "officer", "GET", f"{VENUES}/meetings/{sits}")
        if leaves == "gives back":
            assert 1 in won or sits in [each["meeting_id"] for each in over["displaced"]]
            assert (found["status"] == "given_back") == (1 in won)
        else:
            assert 1 in won, "it was refused the room that was free"
            assert found["venue_id"] == rooms.places[OTHER]["id"]
        for place in (place for place in won if place > 1):
            assert status(house, answers[place].body["id"]) == "booked", "a displaced meeting lost its room"
        told(house, "venues", "POST", f"{VENUES}/meetings/{over['meeting']['id']}/release", {})
        if found["status"] != "given_back":
            told(house, "officer", "POST", f"{VENUES}/meetings/{sits}/release", {})


@each_number
def test_take_overs_of_overlapping_times_never_share_the_room(house, rooms, clients):
    day = rooms.day(ROOM)
    begin = Period.of_local(day, "08:00", "09:00").starts_at
    whole = Period(begin, begin + 10 * HOUR)
    sits = rooms.booked("officer", ROOM, whole)
    wants = [Period(begin + n % 9 * HOUR, begin + (n % 9 + 2) * HOUR) for n in range(clients)]
    answers = at_once(house, [take_over(n, rooms, ROOM, want) for n, want in enumerate(wants)])
    won = served(answers)
    nothing_free_was_refused(wants, won)
    assert rooms.holders(ROOM, whole) == [
        f"meeting:{answers[place].body['meeting']['id']}" for place in sorted(won, key=lambda n: wants[n])
    ]
    left = [each["meeting_id"] for place in won for each in answers[place].body["displaced"]]
    assert left == [sits], "it was made to leave once, by the one who came first"
    assert status(house, sits) == "booked"


# ── Somebody comes, or nobody does ─────────────────────────────────────────────────────────────────────────────────


@each_number
def test_at_the_end_of_the_grace_somebody_came_or_the_room_is_anothers(house, rooms, clients):
    code, now = rooms.soon()
    sits = rooms.booked("officer", code, Period(now + HOUR, now + 3 * HOUR))
    rest = Period(now + timedelta(minutes=10), now + timedelta(minutes=70))
    calls = [check_in(n // 2, sits) if n % 2 == 0 else rooms.book(WHO[n % 7 + 1], code, rest) for n in range(clients)]
    with meanwhile(house, check_ins.release_unused):
        starts = datetime.now(UTC) + timedelta(seconds=0.15) - timedelta(minutes=15)
        rooms.put(sits, Period(starts, starts + 2 * HOUR))
        answers = at_once(house, calls)
    won = served(answers)
    came, got = [n for n in won if n % 2 == 0], [n for n in won if n % 2]
    if status(house, sits) == "checked_in":
        assert came and not got, "the room was given away while somebody was in it"
        assert rooms.holders(code, rest) == [f"meeting:{sits}"]
        return
    assert status(house, sits) == "unused" and not came and len(got) <= 1
    has = after(answers, got[0]) if got else f"meeting:{rooms.booked('staff2', code, rest)}"
    assert rooms.holders(code, rest) == [has]
