"""Whatever can be taken is taken once, whoever asks and however many at the same moment: over HTTP, against a running desk.

For every contested slot exactly one client is served and the others are refused with the reason; never two, never none
while it is free, never an error of ours; and the ledger holds exactly one active reservation.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count as numbers
from typing import Any

import pytest
from sqlalchemy import func, select

from common.period import Period
from dorms.models import Application, Offer, Tenancy
from fleet.models import Trip
from fleet.models.trip import TripEvent
from tests.house_fixture import DemoCity, House, running_house
from tests.journeys.racing import (
    CLIENTS,
    DISPATCH,
    LODGERS,
    ROUNDS,
    TRIPS,
    Call,
    Table,
    application,
    approved,
    assert_no_more_than_a_promise,
    assign,
    at_once,
    count,
    day,
    held_by,
    ledger,
    round_with,
    serial,
    span,
    suitable,
    the_winner,
    told,
    winners,
)
from venues.models import Booking, BookingSlot, Meeting, MoneyEntry

pytestmark = [pytest.mark.slow]
APPLICANTS = (
    "group", "officer", "officer2", "venues", "civil-officer", "choir-officer", "dance-officer", "health-officer",
)  # fmt: skip
each_number = pytest.mark.parametrize("clients", CLIENTS)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    """A desk of its own: these tests take a good deal of it."""
    with running_house(tmp_path_factory.mktemp("races"), demo_city) as made:
        yield made


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """Collects the winners; says them when all races are over."""
    made = Table()
    yield made
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        print("\n\n" + "\n".join(made.lines()))


# ── Halls and rooms ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def venue(house: House) -> dict[str, dict[str, Any]]:
    """The venues by code."""
    return {each["code"]: each for each in told(house, "officer", "GET", "/venues/api/v1/venues")["items"]}


@pytest.fixture(scope="module")
def free_slots(house: House, venue: dict[str, dict[str, Any]]) -> dict[str, Iterator[dict[str, Any]]]:
    """Free slots of a venue that may be applied for today, each told once."""

    def of(code: str) -> Iterator[dict[str, Any]]:
        place = told(house, "officer", "GET", f"/venues/api/v1/venues/{venue[code]['id']}")
        query = f"venue_id={place['id']}&from={place['first_day']}&until={place['last_day']}"
        return iter(told(house, "officer", "GET", f"/venues/api/v1/free-slots?{query}")["items"])

    return {code: of(code) for code in ("atrium", "civic-plaza")}


def period_of(row: dict[str, Any]) -> Period:
    return Period(datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"]))


def booked(slot: dict[str, Any], places: list[dict[str, Any]]) -> Any:
    """How many bookings of these venues name the slot."""
    ids = [int(place["id"]) for place in places]
    return (
        select(func.count()).select_from(BookingSlot).join(Booking, Booking.id == BookingSlot.booking_id)
        .where(BookingSlot.day == datetime.fromisoformat(slot["date"]).date(), BookingSlot.slot == slot["slot"])
        .where(Booking.venue_id.in_(ids), Booking.status == "submitted")
    )  # fmt: skip


@each_number
def test_one_slot_of_the_atrium_goes_to_one_applicant(house, venue, free_slots, table, clients):
    atrium = venue["atrium"]
    for _ in range(ROUNDS[clients]):
        slot = next(free_slots["atrium"])
        who = [APPLICANTS[n % len(APPLICANTS)] for n in range(clients)]
        calls = [Call(name, "POST", "/venues/api/v1/bookings", application(atrium, slot)) for name in who]
        answers = at_once(house, calls)
        won = answers[the_winner(answers)]
        holders = ledger(house, "venues", period_of(slot), [f"venue:{atrium['id']}"])
        assert holders == {f"venue:{atrium['id']}": [f"booking:{won.body['id']}"]}
        assert count(house, "venues", booked(slot, [atrium])) == 1, "a refused application left a booking behind"
        table.note("applyForBooking: one atrium slot", clients)


@each_number
def test_the_whole_plaza_and_its_parts_are_never_both_taken(house, venue, free_slots, table, clients):
    whole, renai, fountain = (venue[code] for code in ("civic-plaza", "civic-plaza-renai", "civic-plaza-fountain"))
    wanted = (whole, renai, fountain)
    resource = {place["code"]: f"venue:{place['id']}" for place in wanted}
    for number in range(ROUNDS[clients]):
        slot = next(free_slots["civic-plaza"])
        places = [wanted[(n + number) % 3] if clients > 2 else wanted[n] for n in range(clients)]
        who = [APPLICANTS[n % len(APPLICANTS)] for n in range(clients)]
        calls = [
            Call(name, "POST", "/venues/api/v1/bookings", application(place, slot))
            for name, place in zip(who, places, strict=True)
        ]
        answers = at_once(house, calls)
        won = {places[place]["code"]: f"booking:{answers[place].body['id']}" for place in winners(answers)}
        if clients == 2:
            assert set(won) in ({"civic-plaza"}, {"civic-plaza-renai"})
        else:
            assert set(won) in ({"civic-plaza"}, {"civic-plaza-renai", "civic-plaza-fountain"}), (
                "not all that was free is taken"
            )
        assert len(won) == len(winners(answers))
        holders = ledger(house, "venues", period_of(slot), list(resource.values()))
        takes = {"civic-plaza": resource}  # the whole takes its parts as well
        expected = {resource[each]: [holder] for code, holder in won.items() for each in takes.get(code, [code])}
        assert holders == expected
        assert count(house, "venues", booked(slot, list(wanted))) == len(won)
        table.note("applyForBooking: plaza against its parts", clients)


@each_number
def test_one_meeting_room_goes_to_one_meeting(house, venue, table, clients):
    room, who = (
        f"venue:{venue['n206']['id']}",
        ("officer", "officer2", "staff", "staff2", "dorms", "venues", "supervisor", "dispatcher"),
    )
    for number in range(ROUNDS[clients]):
        period = Period.of_local(
            day(1 + CLIENTS.index(clients)), f"{8 + 2 * number:02d}:00", f"{10 + 2 * number:02d}:00"
        )
        body = {"venue_id": venue["n206"]["id"], **span(period), "title": f"競逐會議 {next(serial)}", "attendees": 12}
        answers = at_once(house, [Call(who[n % 8], "POST", "/venues/api/v1/meetings", body) for n in range(clients)])
        won = answers[the_winner(answers)].body["id"]
        assert ledger(house, "venues", period, [room]) == {room: [f"meeting:{won}"]}
        assert (
            count(house, "venues", select(func.count()).select_from(Meeting).where(Meeting.title == body["title"])) == 1
        )
        table.note("bookMeetingRoom: one room and time", clients)


@each_number
def test_a_booking_is_paid_for_once(house, venue, free_slots, table, clients):
    path = "/venues/api/v1/bookings"
    for _ in range(ROUNDS[clients]):
        slot = next(free_slots["atrium"])
        number = told(house, "group", "POST", path, application(venue["atrium"], slot))["id"]
        told(house, "venues", "POST", f"{path}/{number}/approve", {"note": "文件後補"})
        due = told(house, "venues", "POST", f"{path}/{number}/insurance", {"policy_number": "PL-1"})
        who = [("venues", "admin")[n % 2] for n in range(clients)]
        paid = [{"receipt_number": f"R-{n}"} for n in range(clients)]
        calls = [Call(who[n], "POST", f"{path}/{number}/payment", paid[n]) for n in range(clients)]
        place = the_winner(at_once(house, calls))
        came = select(func.sum(MoneyEntry.amount)).where(
            MoneyEntry.booking_id == int(number), MoneyEntry.kind == "payment"
        )
        assert count(house, "venues", came) == due["fee"] + due["deposit"]
        now = told(house, "group", "GET", f"{path}/{number}")
        assert (now["status"], now["receipt"]) == ("confirmed", f"R-{place}")
        table.note("recordPayment: one booking", clients)


# ── Cars and drivers ───────────────────────────────────────────────────────────────────────────────────────────────

days = numbers(2)


@each_number
@pytest.mark.parametrize("contested", ["vehicle", "driver"])
def test_one_car_and_one_driver_go_to_one_trip(house, table, clients, contested):
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    waiting = approved(house, clients + ROUNDS[clients], period)
    for _ in range(ROUNDS[clients]):
        cars, drivers = suitable(house, waiting[0])
        one_car = contested == "vehicle"
        pairs = [
            (cars[0 if one_car else n % len(cars)], drivers[n % len(drivers) if one_car else 0]) for n in range(clients)
        ]
        answers = at_once(house, [assign(n, waiting[n], *pairs[n]) for n in range(clients)])
        place = the_winner(answers)
        resource = f"{contested}:{pairs[0][0 if one_car else 1]}"
        assert ledger(house, "fleet", period, [resource]) == {resource: [f"trip:{waiting[place]}"]}
        for n in range(clients):
            held = held_by(house, "fleet", f"trip:{waiting[n]}")
            if n == place:
                assert held == sorted([f"driver:{pairs[n][1]}", f"vehicle:{pairs[n][0]}"])
            else:
                assert_no_more_than_a_promise(held, {resource})
        del waiting[place]
        table.note(f"assignTrip: one {'car' if one_car else 'driver'}, different trips", clients)


@each_number
def test_a_car_and_a_driver_are_one_claim(house, table, clients):
    """A ring in which each client shares the car with one neighbour and the driver with the other."""
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    waiting = approved(house, clients, period)
    cars, drivers = suitable(house, waiting[0])
    ring = max(2, clients // 2)
    pairs = [(cars[n // 2], drivers[(n + 1) // 2 % ring]) for n in range(clients)]
    won = set(winners(at_once(house, [assign(n, waiting[n], *pairs[n]) for n in range(clients)])))
    taken = [name for place in won for name in (f"vehicle:{pairs[place][0]}", f"driver:{pairs[place][1]}")]
    assert len(set(taken)) == len(taken), "something was taken twice"
    for n, (car, driver) in enumerate(pairs):
        both, held = [f"driver:{driver}", f"vehicle:{car}"], held_by(house, "fleet", f"trip:{waiting[n]}")
        if n in won:
            assert held == both
        else:
            assert_no_more_than_a_promise(held, set(taken))
            assert set(both) & set(taken), "refused although both were free"
    for name in set(taken):
        table.note("assignTrip: a ring of cars and drivers", clients, taken.count(name))


@each_number
def test_moving_onto_a_car_succeeds_once_and_leaves_the_others_where_they_were(house, table, clients):
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    trips = approved(house, clients, period, needs_driver=False)
    cars, _ = suitable(house, trips[0])
    has = dict(zip(trips, cars, strict=False))
    assert winners(at_once(house, [assign(n, trip, has[trip]) for n, trip in enumerate(trips)])) == list(range(clients))
    target = cars[clients]
    for _ in range(ROUNDS[clients]):
        movers = [trip for trip in trips if has[trip] != target]
        place = the_winner(at_once(house, [assign(n, trip, target) for n, trip in enumerate(movers)]))
        has[movers[place]], left = target, has[movers[place]]
        everything = [f"vehicle:{car}" for car in {*has.values(), left}]
        assert ledger(house, "fleet", period, everything) == {
            f"vehicle:{car}": [f"trip:{trip}"] for trip, car in has.items()
        }
        table.note("assignTrip: moves onto one free car", clients)
        taken = at_once(house, [assign(n, trip, target) for n, trip in enumerate(trips) if has[trip] != target])
        assert winners(taken) == []
        target = left


@each_number
def test_a_change_and_a_new_car_for_the_same_revision_have_one_winner(house, table, clients):
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    for trip in approved(house, ROUNDS[clients], period, needs_driver=False):
        first, other, *_ = suitable(house, trip)[0]
        rev = told(house, "dispatcher", "POST", f"{TRIPS}/{trip}/assign", {"vehicle_id": first})["rev"]
        change = Call("officer", "PATCH", f"{TRIPS}/{trip}", {"passengers": 2, "rev": rev})
        calls = [change if n % 2 else assign(n, trip, other, rev=rev) for n in range(clients)]
        place = the_winner(at_once(house, calls))
        held = held_by(house, "fleet", f"trip:{trip}")
        if place % 2:
            assert_no_more_than_a_promise(held, set())
        else:
            assert held == [f"vehicle:{other}"]
        table.note("changeTrip against assignTrip", clients)


@each_number
def test_a_trip_is_approved_once_and_starts_once(house, table, clients):
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    for trip in approved(house, ROUNDS[clients], period, needs_driver=False, upto="request"):
        the_winner(at_once(house, [Call("supervisor", "POST", f"{TRIPS}/{trip}/approve", {})] * clients))
        car = suitable(house, trip)[0][0]
        told(house, "dispatcher", "POST", f"{TRIPS}/{trip}/assign", {"vehicle_id": car})
        km = told(house, "dispatcher", "GET", f"/fleet/api/v1/vehicles/{car}")["odometer_km"]
        calls = [
            Call(("officer", *DISPATCH)[n % 3], "POST", f"{TRIPS}/{trip}/start", {"odometer_out": km + n})
            for n in range(clients)
        ]
        place = the_winner(at_once(house, calls))
        assert told(house, "officer", "GET", f"{TRIPS}/{trip}")["odometer_out"] == km + place
        for what in ("approved", "started"):
            happened = (
                select(func.count())
                .select_from(TripEvent)
                .where(TripEvent.trip_id == int(trip), TripEvent.what == what)
            )
            assert count(house, "fleet", happened) == 1
            table.note("approveTrip, startTrip: one trip", clients)


def test_a_car_back_at_ten_can_leave_at_ten(house):
    when = day(next(days))
    clock = {name: Period.of_local(when, *name.split("-")) for name in ("08:00-10:00", "10:00-12:00", "09:59-11:00")}
    first, second, between = (approved(house, 1, period)[0] for period in clock.values())
    cars, drivers = suitable(house, first)
    answers = at_once(house, [assign(n, trip, cars[0], drivers[0]) for n, trip in enumerate((first, second))])
    assert [answer.status for answer in answers] == [200, 200]
    assert winners(at_once(house, [assign(0, between, cars[0], drivers[1])])) == []
    whole = Period.of_local(when, "08:00", "12:00")
    assert ledger(house, "fleet", whole, [f"vehicle:{cars[0]}"]) == {
        f"vehicle:{cars[0]}": [f"trip:{first}", f"trip:{second}"]
    }


@each_number
def test_one_charger_goes_to_one_car(house, table, clients):
    electric = told(house, "dispatcher", "GET", "/fleet/api/v1/vehicles?powertrain=electric&limit=50")["items"]
    posts = told(house, "dispatcher", "GET", "/fleet/api/v1/chargers?limit=50")["items"]
    post = next(each["id"] for each in posts if each["state"] == "in_service")
    when, who = day(next(days)), ("dispatcher", "driver", "driver2", "admin")
    for number in range(ROUNDS[clients]):
        period = Period.of_local(when, f"{10 + 2 * number}:00", f"{12 + 2 * number}:00")
        body = {"charger_id": post, **span(period)}
        bodies = [{**body, "vehicle_id": electric[n % len(electric)]["id"]} for n in range(clients)]
        answers = at_once(
            house, [Call(who[n % 4], "POST", "/fleet/api/v1/charging-slots", bodies[n]) for n in range(clients)]
        )
        place = the_winner(answers)
        holders = ledger(house, "fleet", period, [f"charger:{post}", *(f"vehicle:{each['id']}" for each in electric)])
        mine = [f"charging:{answers[place].body['id']}"]
        assert holders == {f"charger:{post}": mine, f"vehicle:{bodies[place]['vehicle_id']}": mine}
        table.note("bookChargingSlot: one charger", clients)


# ── Dormitory ──────────────────────────────────────────────────────────────────────────────────────────────────────


@each_number
def test_rooms_are_allotted_once_and_each_offer_is_answered_once(house, table, clients):
    made = round_with(house, table, clients)
    the_winner(at_once(house, [Call("dorms", "POST", f"/dorms/api/v1/rounds/{made}/allotment", {})] * clients))
    table.note("allotRooms: one round", clients)
    of_round = select(func.count()).select_from(Offer).join(Application).where(Application.round_id == int(made))
    assert count(house, "dorms", of_round) == 3
    mixed = ("accept", "decline")
    for name, verbs in zip(LODGERS[clients], (("accept",), mixed, mixed[::-1]), strict=True):
        (offer,) = [
            each for each in told(house, name, "GET", "/dorms/api/v1/offers")["items"] if each["status"] == "made"
        ]
        (bed,) = held_by(house, "dorms", f"offer:{offer['id']}")
        said = [verbs[n % len(verbs)] for n in range(clients)]
        place = the_winner(
            at_once(house, [Call(name, "POST", f"/dorms/api/v1/offers/{offer['id']}/{verb}", {}) for verb in said])
        )
        taken = said[place] == "accept"
        tenancies = select(func.count()).select_from(Tenancy).where(Tenancy.offer_id == int(offer["id"]))
        assert count(house, "dorms", tenancies) == taken
        assert held_by(house, "dorms", f"offer:{offer['id']}") == ([bed] if taken else [])
        table.note("acceptOffer against declineOffer" if len(verbs) == 2 else "acceptOffer: one offer", clients)


# ── The same request again ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_from_eight_clients_has_one_effect_and_one_answer(house, venue, free_slots):
    slot = next(free_slots["atrium"])
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    trip = {"purpose_code": "meeting", "purpose": f"重送 {next(serial)}", "origin": "市政大樓", "destination": "市議會"}
    trip |= {"passengers": 1, **span(period)}
    for name, path, body, rows in (
        (
            "group",
            "/venues/api/v1/bookings",
            application(venue["atrium"], slot),
            ("venues", booked(slot, [venue["atrium"]])),
        ),
        (
            "officer",
            TRIPS,
            trip,
            ("fleet", select(func.count()).select_from(Trip).where(Trip.purpose == trip["purpose"])),
        ),
    ):
        answers = at_once(house, [Call(name, "POST", path, body, key="the-very-same")] * 8)
        assert [answer.status for answer in answers] == [201] * 8
        assert all(answer.body == answers[0].body for answer in answers)
        assert count(house, *rows) == 1
        other = at_once(house, [Call(name, "POST", path, {**body, "purpose": "別的"}, key="the-very-same")] * 2)
        assert [answer.status for answer in other] == [422, 422]
