"""A request is promised a car of its class; which one is settled late, and nobody is refused whom a rearrangement serves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from common.period import Period, taipei
from common.reservations import ACTIVE, Reservation
from fleet import assigning, driving, holding, trips
from fleet.holding import PromisedTo
from fleet.plans.dispatch import Ask
from tests.fleet.conftest import DAY


def has(desk, trip):
    """What the ledger has for a trip: plate or driver, and whether firmly."""
    names = {unit.resource: unit for unit in (desk.sedan, desk.seven, desk.van, desk.electric)}
    rows = select(Reservation).where(Reservation.holder == trip.holder, Reservation.state.in_(ACTIVE))
    return {
        names[row.resource].plate if row.resource in names else row.resource: row.state
        for row in desk.session.scalars(rows)
    }


def only(desk, *kept):
    """Take all cars but these out of service."""
    for vehicle in (desk.sedan, desk.seven, desk.van, desk.electric):
        vehicle.state = "in_service" if vehicle in kept else "repair"
    desk.session.flush()


def test_a_request_is_promised_a_car_without_a_driver(desk):
    trip = desk.asked()
    assert trip.capacity_held and list(has(desk, trip).values()) == ["held"]
    assert (trip.vehicle, trip.status) == (None, "submitted")


def test_as_many_are_promised_a_car_as_there_are_cars_and_the_next_is_told_so(desk):
    only(desk, desk.sedan, desk.seven)
    assert [desk.asked().capacity_held for _ in range(3)] == [True, True, False]


def test_a_party_that_only_the_van_seats_gets_the_van_from_two_people_who_had_it(desk):
    only(desk, desk.sedan, desk.van)
    first, second = desk.asked(), desk.asked("officer2", "11:00", "12:00")
    third = desk.asked(starts="09:30", ends="11:30")  # between both: the van is left for it
    assert has(desk, third) == {"TST-0003": "held"}
    trips.cancel(desk.session, desk.people["officer"], desk.now, first)
    large = desk.asked(passengers=8, starts="09:00", ends="10:00")
    assert large.capacity_held and has(desk, large) == {"TST-0003": "held"}
    assert (has(desk, third), has(desk, second)) == ({"TST-0001": "held"}, {"TST-0003": "held"})  # a chain of two


def test_the_promise_ends_with_return_cancellation_and_full_and_is_taken_anew_on_a_change(desk):
    only(desk, desk.sedan)
    returned = desk.asked()
    trips.return_(desk.session, desk.people["supervisor"], desk.now, returned, reason="事由不詳")
    assert has(desk, returned) == {} and not returned.capacity_held
    trips.change(desk.session, desk.people["officer"], desk.now, returned, purpose="補正")
    assert has(desk, returned) == {"TST-0001": "held"}
    trips.change(desk.session, desk.people["officer"], desk.now, returned, ends_at=taipei(DAY, "15:00"))
    (row,) = desk.session.scalars(select(Reservation).where(Reservation.state == "held"))
    assert row.ends_at == taipei(DAY, "15:00")
    trips.approve(desk.session, desk.people["supervisor"], desk.now, returned)
    assigning.answer_full(desk.session, desk.people["dispatcher"], desk.now, returned)
    assert has(desk, returned) == {}


def test_the_promise_lapses_when_the_departure_has_passed(desk):
    only(desk, desk.sedan)
    trip = desk.approved()
    assert holding.lapse(desk.session, trip.starts_at - timedelta(minutes=1)) == 0
    assert holding.lapse(desk.session, trip.starts_at) == 1
    assert not trip.capacity_held and has(desk, trip) == {}


def test_a_car_that_comes_free_goes_to_whoever_waits_the_urgent_first(desk):
    only(desk, desk.sedan)
    first = desk.asked()
    plain, urgent = desk.asked("officer2"), desk.asked("officer2", urgent_reason="邊坡落石")
    trips.cancel(desk.session, desk.people["officer"], desk.now, first)
    assert (plain.capacity_held, urgent.capacity_held) == (False, True)


def test_a_late_entry_is_promised_nothing(desk):
    yesterday = desk.now - timedelta(days=1)
    trip = trips.record_late(
        desk.session, desk.people["officer"], desk.now, purpose_code="emergency", purpose="搶修", origin="市政大樓",
        destination="市議會", passengers=2, starts_at=yesterday, ends_at=yesterday + timedelta(hours=1),
    )  # fmt: skip
    assert not trip.capacity_held and has(desk, trip) == {}


# --- giving a car that is promised to another -----------------------------------------------------------------------


def test_giving_a_promised_car_passes_the_promise_on_in_the_same_step(desk):
    only(desk, desk.sedan, desk.seven)
    first = desk.approved()
    second = desk.approved("officer2")
    assert (has(desk, first), has(desk, second)) == ({"TST-0001": "held"}, {"TST-0002": "held"})
    rev = first.rev
    desk.assign(second, desk.sedan, desk.driver)
    assert has(desk, first) == {"TST-0002": "held"}
    assert (first.rev, first.capacity_held) == (rev, True)  # nothing its people know has changed


def test_a_promise_that_nothing_else_can_serve_stands_and_the_refusal_names_the_trip(desk):
    only(desk, desk.sedan, desk.van)
    large, small = desk.approved(passengers=8), desk.approved("officer2")
    with pytest.raises(PromisedTo) as refused:
        desk.assign(small, desk.van, desk.driver)
    assert large.number in refused.value.words.zh and refused.value.errors[0].field == "vehicle_id"
    assert (has(desk, large), has(desk, small)) == ({"TST-0003": "held"}, {"TST-0001": "held"})


def test_a_confirmed_trip_is_never_displaced_by_a_request(desk):
    only(desk, desk.sedan, desk.van)
    confirmed = desk.assigned(vehicle=desk.van)
    large = desk.asked(passengers=8)
    assert not large.capacity_held and has(desk, confirmed)["TST-0003"] == "confirmed"


def test_the_suggestion_shows_promised_cars_behind_the_free_ones_and_says_whose(desk):
    only(desk, desk.sedan, desk.seven, desk.van)
    large, small = desk.approved(passengers=8), desk.approved()
    other = desk.approved("officer2")
    found = assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, small)
    assert [each.label for each in found.cars.candidates] == ["TST-0001", "TST-0002"]
    assert found.cars.candidates[1].reasons[-1].zh == f"暫留給 {other.number}，會另換一輛"
    (refusal,) = [each for each in found.cars.refusals if each.label == "TST-0003"]
    assert refusal.words.zh == f"已保留給 {large.number}，沒有別的車可換"


def test_a_declined_trip_is_promised_a_car_again(desk):
    only(desk, desk.sedan)
    trip = desk.accepted()
    driving.decline(desk.session, desk.people["driver"], desk.now, trip, reason_code="unwell")
    assert trip.capacity_held and has(desk, trip) == {"TST-0001": "held"}


def test_whether_a_request_could_be_promised_counts_rearrangements(desk):
    only(desk, desk.sedan, desk.van)
    desk.asked(starts="09:00", ends="10:00")
    desk.asked(starts="11:00", ends="12:00")
    desk.asked(starts="10:30", ends="11:30")
    large = Ask(Period(taipei(DAY, "09:00"), taipei(DAY, "10:15")), 8, 10)
    assert holding.could_hold(desk.session, desk.now, large)
    assert not holding.could_hold(
        desk.session, desk.now, Ask(Period(taipei(DAY, "11:00"), taipei(DAY, "11:30")), 2, 10)
    )
