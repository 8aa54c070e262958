"""Placing trips on the board: another car, driver or time; the ledger in step; ten seconds to undo it (V-23)."""

from datetime import timedelta

import pytest

from common import reservations
from common.errors import Forbidden, Invalid, Stale
from common.period import Period, taipei
from fleet import assigning, driving, moving, trips
from fleet.models import TripEvent
from fleet.models.trip import WrongState
from tests.fleet.conftest import DAY


def place(desk, trip, who="dispatcher", **what):
    return moving.place(desk.session, desk.people[who], desk.now, trip, **what)


def undo(desk, move, who="dispatcher", **what):
    return moving.undo(desk.session, desk.people[who], desk.now, move.id, **what)


def at(clock):
    return taipei(DAY, clock)


def held(desk, trip):
    return [(row.resource, row.period) for row in reservations.held_by(desk.session, trip.holder)]


def whole_day(desk, unit):
    return [by.holder for by in reservations.taken(desk.session, [unit.resource], Period.of_day(DAY), desk.now)]


def test_a_request_from_the_queue_gets_the_car_it_is_dropped_on_and_the_best_driver(desk, facts):
    trip = desk.approved()
    place(desk, trip, vehicle_id=desk.seven.id)
    assert (trip.status, trip.vehicle, trip.driver) == ("assigned", desk.seven, desk.driver)
    assert held(desk, trip) == [(desk.driver.resource, trip.period), (desk.seven.resource, trip.period)]
    kind, body = facts()[-1]
    assert kind == "trip_assigned" and body["tell_after"] == (desk.now + timedelta(seconds=12)).isoformat()


def test_another_car_keeps_the_driver_and_what_the_driver_agreed_to(desk, facts):
    trip = desk.accepted()
    place(desk, trip, vehicle_id=desk.van.id)
    assert (trip.status, trip.vehicle, trip.driver) == ("accepted", desk.van, desk.driver)
    assert whole_day(desk, desk.sedan) == [] and whole_day(desk, desk.van) == [trip.holder]
    assert facts()[-1][0] == "trip_assigned"


def test_another_time_keeps_the_length_and_has_to_be_accepted_anew(desk, facts):
    trip = desk.accepted("09:00", "10:30")
    place(desk, trip, starts_at=at("13:00"), reason="外賓班機改時")
    assert trip.period == Period(at("13:00"), at("14:30")) and trip.status == "assigned"
    assert [when for _, when in held(desk, trip)] == [trip.period] * 2
    kind, body = facts()[-1]
    assert kind == "trip_moved" and body["reason"] == "外賓班機改時"
    assert body["previous_starts_at"] == at("09:00").isoformat()


def test_where_the_present_driver_cannot_go_the_best_other_one_drives_and_both_are_told(desk, facts):
    desk.assigned("13:00", "15:00", vehicle=desk.van)
    trip = desk.accepted("09:00", "10:00")
    place(desk, trip, starts_at=at("14:00"))
    assert trip.driver is desk.driver2
    assert facts()[-1][1]["previous_driver_person_id"] == str(desk.driver.person_id)


def test_without_any_driver_left_nothing_moves(desk):
    desk.assigned("13:00", "15:00", vehicle=desk.van)
    desk.assign(desk.approved(starts="13:00", ends="15:00"), desk.seven, desk.driver2)
    trip = desk.accepted("09:00", "10:00")
    with pytest.raises(assigning.NotSuitable, match="No driver"):
        place(desk, trip, starts_at=at("14:00"))


@pytest.mark.parametrize("state", ["under_way", "finished"])
def test_what_has_left_is_not_moved(desk, state):
    trip = getattr(desk, state)()
    with pytest.raises(WrongState):
        place(desk, trip, vehicle_id=desk.van.id)


def test_a_move_needs_the_present_revision_the_desk_and_a_difference(desk):
    trip = desk.accepted()
    with pytest.raises(Stale):
        place(desk, trip, vehicle_id=desk.van.id, rev=trip.rev - 1)
    with pytest.raises(Forbidden):
        place(desk, trip, who="officer", vehicle_id=desk.van.id)
    with pytest.raises(Invalid, match="Nothing would change"):
        place(desk, trip, vehicle_id=desk.sedan.id)


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"starts_at": taipei(DAY - timedelta(days=30), "09:00")}, "starts_at"),
        ({"ends_at": taipei(DAY + timedelta(days=40), "09:00")}, "ends_at"),
        ({"starts_at": taipei(DAY, "12:00"), "ends_at": taipei(DAY, "11:00")}, "ends_at"),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_its_field(desk, what, field):
    with pytest.raises(Invalid) as refused:
        place(desk, desk.accepted(), **what)
    assert [each.field for each in refused.value.errors] == [field]


def test_a_trip_may_be_shifted_into_its_own_old_time(desk):
    trip = desk.accepted("09:00", "11:00")
    place(desk, trip, starts_at=at("10:00"))
    assert whole_day(desk, desk.sedan) == [trip.holder]


def test_a_promise_of_the_car_is_passed_on_when_a_trip_moves_there(desk):
    """A dispatcher's drop takes a car that is only promised to the queue, as an assignment does (decision 0013)."""
    waiting = desk.approved()
    promised = next(by for by in reservations.held_by(desk.session, waiting.holder))
    trip = desk.approved()
    car = next(each for each in (desk.sedan, desk.seven, desk.van, desk.electric) if each.resource == promised.resource)
    place(desk, trip, vehicle_id=car.id)
    assert trip.vehicle is car and waiting.capacity_held
    assert [by.resource for by in reservations.held_by(desk.session, waiting.holder)] != [car.resource]


# ── Conflicts (decision 0012) ──────────────────────────────────────────────────────────────────────────────────────


def test_a_car_that_is_taken_is_refused_with_who_has_it_when(desk):
    desk.assigned("13:00", "16:00")
    trip = desk.approved(starts="15:00", ends="17:30")
    with pytest.raises(moving.CarTaken, match="TST-0001 is taken 13:00–16:00"):
        place(desk, trip, vehicle_id=desk.sedan.id)


def test_given_all_the_same_it_holds_only_the_free_rest_and_is_flagged(desk):
    first = desk.assigned("13:00", "16:00")
    trip = desk.approved(starts="15:00", ends="17:30")
    place(desk, trip, vehicle_id=desk.sedan.id, anyway=True)
    assert trip.flagged_at == desk.now and trip.driver is desk.driver2
    assert (desk.sedan.resource, Period(at("16:00"), at("17:30"))) in held(desk, trip)
    assert whole_day(desk, desk.sedan) == [first.holder, trip.holder]
    rows = reservations.taken(desk.session, [desk.sedan.resource], Period.of_day(DAY), desk.now)
    assert not rows[0].period.overlaps(rows[1].period)


def test_a_driver_is_never_given_twice_not_even_flagged(desk):
    desk.assigned("13:00", "16:00")
    trip = desk.approved(starts="15:00", ends="17:30")
    with pytest.raises(assigning.AlreadyTaken) as refused:
        place(desk, trip, vehicle_id=desk.sedan.id, driver_id=desk.driver.id, anyway=True)
    assert refused.value.errors[0].field == "driver_id"


def test_when_the_other_trip_goes_the_flagged_one_gets_the_rest_and_is_whole(desk):
    first = desk.assigned("13:00", "16:00")
    trip = desk.approved(starts="15:00", ends="17:30")
    place(desk, trip, vehicle_id=desk.sedan.id, anyway=True)
    assert moving.settle(desk.session, desk.now) == 0 and trip.flagged_at
    trips.cancel(desk.session, desk.people["officer"], desk.now, first)
    assert moving.settle(desk.session, desk.now) == 1
    assert trip.flagged_at is None
    car = [when for resource, when in held(desk, trip) if resource == desk.sedan.resource]
    assert sum((part.duration for part in car), timedelta()) == trip.period.duration
    assert desk.session.query(TripEvent).filter_by(trip_id=trip.id, what="settled").count() == 1


def test_a_flagged_trip_keeps_its_free_rest_from_others(desk):
    desk.assigned("13:00", "16:00")
    flagged = desk.approved(starts="15:00", ends="17:30")
    place(desk, flagged, vehicle_id=desk.sedan.id, anyway=True)
    with pytest.raises(moving.CarTaken, match="16:00–17:30"):
        place(desk, desk.approved(starts="17:00", ends="18:00"), vehicle_id=desk.sedan.id)


def test_a_flagged_trip_moved_to_a_free_car_is_no_conflict_any_more(desk):
    desk.assigned("13:00", "16:00")
    trip = desk.approved(starts="15:00", ends="17:30")
    place(desk, trip, vehicle_id=desk.sedan.id, anyway=True)
    place(desk, trip, vehicle_id=desk.electric.id)
    assert trip.flagged_at is None and whole_day(desk, desk.electric) == [trip.holder]


# ── Undo ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_undone_move_puts_everything_back(desk, facts):
    trip = desk.accepted("09:00", "10:00")
    accepted_at, before = trip.accepted_at, held(desk, trip)
    move = place(desk, trip, vehicle_id=desk.van.id, starts_at=at("13:00"), driver_id=desk.driver2.id)
    desk.now += timedelta(seconds=9)
    undo(desk, move, rev=trip.rev)
    assert (trip.status, trip.vehicle, trip.driver) == ("accepted", desk.sedan, desk.driver)
    assert (trip.period, trip.accepted_at) == (Period(at("09:00"), at("10:00")), accepted_at)
    assert held(desk, trip) == before and whole_day(desk, desk.van) == []
    kind, body = facts()[-1]
    assert kind == "trip_move_undone" and body["undoes"] == move.fact_id
    assert body["previous_driver_person_id"] == str(desk.driver2.person_id)


def test_an_undone_first_assignment_waits_in_the_queue_again(desk):
    trip = desk.approved()
    move = place(desk, trip, vehicle_id=desk.van.id)
    undo(desk, move)
    assert (trip.status, trip.vehicle, trip.driver, trip.capacity_held) == ("approved", None, None, True)


def test_the_undo_ends_with_its_seconds(desk):
    move = place(desk, desk.accepted(), vehicle_id=desk.van.id)
    assert moving.last_move(desk.session, desk.people["dispatcher"], desk.now) is move
    desk.now += timedelta(seconds=10)
    assert moving.last_move(desk.session, desk.people["dispatcher"], desk.now) is None
    with pytest.raises(moving.TooLateToUndo):
        undo(desk, move)


def test_the_undo_ends_with_the_next_step_of_the_trip(desk):
    trip = desk.approved()
    move = place(desk, trip, vehicle_id=desk.van.id)
    driving.accept(desk.session, desk.people["driver"], desk.now, trip)
    with pytest.raises(moving.TooLateToUndo):
        undo(desk, move)


def test_nobody_undoes_a_move_twice_or_anothers(desk):
    move = place(desk, desk.accepted(), vehicle_id=desk.van.id)
    with pytest.raises(Forbidden):
        undo(desk, move, who="admin")
    undo(desk, move)
    with pytest.raises(moving.TooLateToUndo):
        undo(desk, move)


def test_an_undo_whose_old_place_is_gone_is_refused_with_who_has_it(desk):
    trip = desk.accepted()
    move = place(desk, trip, vehicle_id=desk.van.id)
    place(desk, desk.approved(), vehicle_id=desk.sedan.id)
    with pytest.raises(moving.CarTaken, match="TST-0001"):
        undo(desk, move)


# --- one way (V-31) -----------------------------------------------------------------------------------------------


def test_a_car_is_given_for_one_way_and_the_whole_of_it_again(desk, facts):
    trip = desk.approved(starts="09:00", ends="12:00")
    place(desk, trip, vehicle_id=desk.sedan.id, way="back", leg_minutes=60)
    assert (trip.status, trip.leg) == ("assigned_one_way", "back")
    assert held(desk, trip) == [(unit.resource, Period(at("11:00"), at("12:00"))) for unit in (desk.driver, desk.sedan)]
    assert (facts()[-1][0], facts()[-1][1]["leg"]) == ("trip_assigned", "back")
    place(desk, trip, way="whole")
    assert (trip.status, trip.leg, trip.vehicle) == ("assigned", None, desk.sedan)
    assert [when for _, when in held(desk, trip)] == [trip.period] * 2


def test_another_way_has_to_be_accepted_anew_and_is_undone_like_any_move(desk):
    trip = desk.accepted("09:00", "12:00")
    move = place(desk, trip, way="out")  # 4 km at 25 km/h: a quarter of an hour
    assert (trip.status, trip.car_period) == ("assigned_one_way", Period(at("09:00"), at("09:15")))
    place(desk, trip, leg_minutes=30)
    assert trip.car_period == Period(at("09:00"), at("09:30"))
    with pytest.raises(Invalid, match="Nothing would change"):
        place(desk, trip, way="out", leg_minutes=30)
    desk.session.refresh(trip)
    move = place(desk, trip, way="whole")
    undo(desk, move)
    assert (trip.status, trip.leg, trip.car_period) == ("assigned_one_way", "out", Period(at("09:00"), at("09:30")))
    assert [when for _, when in held(desk, trip)] == [trip.car_period] * 2


def test_one_way_is_found_a_car_where_the_whole_way_has_none(desk):
    for vehicle in (desk.seven, desk.van, desk.electric):
        vehicle.state = "repair"
    desk.assigned("10:00", "11:00")
    trip = desk.approved("officer2", "09:00", "12:00")
    suggest = lambda **way: assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, trip, **way)  # noqa: E731
    assert suggest().cars.best is None
    assert suggest(way="out").cars.best.id == desk.sedan.id
    place(desk, trip, vehicle_id=desk.sedan.id, way="out")
    assert trip.status == "assigned_one_way"


@pytest.mark.parametrize(
    ("more", "told"),
    [({"needs_driver": False}, {"way": "out"}), ({}, {"leg_minutes": 30})],
    ids=["self-driven", "no way"],
)
def test_a_way_that_cannot_be_is_refused_at_its_field(desk, more, told):
    with pytest.raises(Invalid) as refused:
        place(desk, desk.approved(**more), vehicle_id=desk.sedan.id, **told)
    assert [each.field for each in refused.value.errors] == ["way"]
