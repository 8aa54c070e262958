"""Two requests in one car, and one way only: seats, times, who is told, and what becomes of those who ride along."""

from datetime import timedelta

import pytest

from common import reservations
from common.errors import Forbidden, Invalid
from common.period import Period, taipei
from fleet import assigning, driving, merging, trips
from fleet.assigning import AlreadyTaken, StillFull
from fleet.merging import CannotMerge
from fleet.models import WrongState
from tests.fleet.conftest import DAY

WHY = "同日同往市議會"


def firmly(desk, unit):
    whole = Period(taipei(DAY, "00:00"), taipei(DAY, "24:00"))
    return [
        by.period for by in reservations.taken(desk.session, [unit.resource], whole, desk.now, states=["confirmed"])
    ]


def merge(desk, keeper, *others, **more):
    return merging.merge(desk.session, desk.people["dispatcher"], desk.now, keeper, others=others, reason=WHY, **more)


def two(desk, **more):
    """An accepted trip 09:00–11:00 and another agency's 09:15–11:30, assigned to the van."""
    keeper = desk.accepted("09:00", "11:00", passengers=2)
    other = desk.approved("officer2", "09:15", "11:30", passengers=2, **more)
    return keeper, desk.assign(other, desk.van, desk.driver2)


def test_a_merged_trip_gives_its_car_back_and_rides_in_the_keepers(desk, facts):
    keeper, other = two(desk)
    merge(desk, keeper, other)
    assert (other.status, other.merged_into, other.vehicle, other.km_saved) == ("merged", keeper, None, 4)
    assert firmly(desk, desk.van) == firmly(desk, desk.driver2) == []
    assert firmly(desk, desk.sedan) == firmly(desk, desk.driver) == [Period(taipei(DAY, "09:00"), taipei(DAY, "11:30"))]
    assert (keeper.status, keeper.ends_at, keeper.aboard) == ("accepted", taipei(DAY, "11:00"), 4)
    told = {kind: body for kind, body in facts()[-2:]}
    assert told["trip_riders_changed"]["aboard"] == 4
    assert (told["trip_merged"]["vehicle_label"], told["trip_merged"]["merged_into"]) == ("TST-0001", keeper.number)
    assert told["trip_merged"]["previous_driver_person_id"] == str(desk.people["driver2"].id)
    assert told["trip_merged"]["driver_person_id"] is None and told["trip_merged"]["km_saved"] == 4


def test_everybody_has_to_find_a_seat(desk):
    keeper, other = two(desk)
    third = desk.approved("officer2", passengers=1)
    with pytest.raises(CannotMerge, match="do not hold a driver"):
        merge(desk, keeper, other, third)
    assert (other.status, other.vehicle) == ("assigned", desk.van)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"needs_driver": False}, "driven by its applicant"),
        (
            {
                "starts_at": taipei(DAY, "09:00") + timedelta(days=1),
                "ends_at": taipei(DAY, "10:00") + timedelta(days=1),
            },
            "on another day",
        ),
    ],
)
def test_what_cannot_share_is_refused_with_the_reason(desk, more, words):
    keeper = desk.accepted()
    with pytest.raises(CannotMerge, match=words):
        merge(desk, keeper, desk.approved("officer2", **more))
    with pytest.raises(Invalid):
        merge(desk, keeper, keeper)


def test_the_longer_time_must_be_free_and_nothing_changes_where_it_is_not(desk):
    keeper = desk.accepted("09:00", "10:00", passengers=1)
    desk.assigned("10:00", "11:00", driver=desk.driver2)
    other = desk.approved("officer2", "09:30", "10:30", passengers=1)
    with pytest.raises(AlreadyTaken, match="10:00–11:00"):
        merge(desk, keeper, other)
    desk.session.refresh(other)
    assert other.status == "approved" and other.capacity_held
    assert firmly(desk, desk.driver) == [Period(taipei(DAY, "09:00"), taipei(DAY, "10:00"))]


def test_two_waiting_requests_merge_before_a_car_is_given_and_the_suggestion_counts_everyone(desk):
    keeper = desk.approved(passengers=3)
    other = desk.approved("officer2", "08:30", "10:00", passengers=3)
    merge(desk, keeper, other)
    assert keeper.capacity_held and not other.capacity_held
    found = assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, keeper)
    assert {each.label for each in found.cars.candidates} == {"TST-0002", "TST-0003"}  # six and a driver
    desk.assign(keeper, desk.seven, desk.driver)
    assert firmly(desk, desk.seven) == [Period(taipei(DAY, "08:30"), taipei(DAY, "10:00"))]


def test_riders_hear_of_every_car_the_keeper_gets(desk, facts):
    keeper, other = two(desk)
    merge(desk, keeper, other)
    rev = other.rev
    desk.now += timedelta(minutes=1)
    desk.assign(keeper, desk.seven, desk.driver)
    kind, body = facts()[-1]
    assert (kind, body["trip_id"], body["vehicle_label"]) == ("trip_merged", str(other.id), "TST-0002")
    assert other.rev > rev
    driving.decline(desk.session, desk.people["driver"], desk.now, keeper, reason_code="unwell")
    assert (keeper.status, keeper.capacity_held, other.status, keeper.car_period.ends_at) == (
        "approved", True, "merged", taipei(DAY, "11:30"),
    )  # fmt: skip
    assert [body["vehicle_label"] for kind, body in facts() if kind == "trip_merged"][-1] is None


def test_a_merged_order_can_be_cancelled_but_not_changed(desk, facts):
    keeper, other = two(desk)
    merge(desk, keeper, other)
    with pytest.raises(WrongState):
        trips.change(desk.session, desk.people["officer2"], desk.now, other, purpose="別的")
    trips.cancel(desk.session, desk.people["officer2"], desk.now, other, reason="會議取消")
    assert (other.status, other.merged_into) == ("cancelled", None)
    assert firmly(desk, desk.sedan) == [Period(taipei(DAY, "09:00"), taipei(DAY, "11:00"))]
    assert next(body for kind, body in facts() if kind == "trip_cancelled")["driver_person_id"] is None


def test_taken_apart_it_waits_for_a_car_of_its_own(desk):
    keeper, other = two(desk)
    merge(desk, keeper, other)
    with pytest.raises(Forbidden):
        merging.unmerge(desk.session, desk.people["officer2"], desk.now, other)
    merging.unmerge(desk.session, desk.people["dispatcher"], desk.now, other)
    assert (other.status, other.capacity_held, other.merged_into, keeper.aboard) == ("approved", True, None, 2)
    assert firmly(desk, desk.sedan) == [Period(taipei(DAY, "09:00"), taipei(DAY, "11:00"))]


@pytest.mark.parametrize("end", ["cancel", "change", "full"])
def test_without_the_keeper_the_riders_wait_for_a_car_of_their_own(desk, facts, end):
    keeper, other = two(desk)
    merge(desk, keeper, other)
    officer, dispatcher = desk.people["officer"], desk.people["dispatcher"]
    if end == "cancel":
        trips.cancel(desk.session, officer, desk.now, keeper, reason="改期")
    elif end == "change":
        trips.change(desk.session, officer, desk.now, keeper, destination="某處")
    else:
        driving.decline(desk.session, desk.people["driver"], desk.now, keeper, reason_code="unwell")
        assigning.answer_full(desk.session, dispatcher, desk.now, keeper)
    assert (other.status, other.merged_into, other.capacity_held) == ("approved", None, True)
    assert [body["trip_id"] for kind, body in facts() if kind == "trip_unmerged"] == [str(other.id)]


def test_each_signs_off_the_own_order_and_the_kilometres_count_once(desk, facts):
    keeper, other = two(desk)
    merge(desk, keeper, other)
    driver = desk.people["driver"]
    driving.start(desk.session, driver, keeper.starts_at, keeper, odometer_out=10_000)
    with pytest.raises(WrongState):
        trips.cancel(desk.session, desk.people["officer2"], keeper.starts_at, other)
    driving.finish(desk.session, driver, keeper.ends_at, keeper, odometer_in=10_020)
    assert (keeper.status, other.status, keeper.distance_driven, other.distance_driven) == (
        "finished",
        "finished",
        20,
        0,
    )
    trips.sign_off(desk.session, desk.people["officer2"], keeper.ends_at, other)
    assert (keeper.status, other.status) == ("finished", "signed_off")


def test_the_driver_sees_who_rides_along_and_the_rider_sees_the_driver(desk):
    keeper, other = two(desk)
    merge(desk, keeper, other)
    desk.session.flush()
    assert other.can_see(desk.people["driver"]) and other.shows_driver(desk.people["officer2"], desk.now)
    assert other in desk.session.scalars(trips.visible(desk.people["driver"])).all()
    assert not keeper.can_see(desk.people["officer2"])


# --- one way (V-31) -------------------------------------------------------------------------------------------------


def one_way(desk, trip, leg, vehicle=None, **more):
    return assigning.assign(
        desk.session, desk.people["dispatcher"], desk.now, trip, vehicle_id=(vehicle or desk.sedan).id,
        driver_id=desk.driver.id, leg=leg, **more,
    )  # fmt: skip


def test_one_way_takes_car_and_driver_for_that_way_only(desk, facts):
    trip = one_way(desk, desk.approved(starts="09:00", ends="12:00"), "out")  # 4 km at 25 km/h: a quarter of an hour
    assert (trip.status, trip.status_words.zh) == ("assigned_one_way", "已派單程·去程")
    assert firmly(desk, desk.sedan) == firmly(desk, desk.driver) == [Period(taipei(DAY, "09:00"), taipei(DAY, "09:15"))]
    kind, body = facts()[-1]
    assert (kind, body["status"], body["leg"]) == ("trip_assigned", "assigned_one_way", "out")
    back = one_way(desk, desk.approved("officer2", "09:00", "12:00"), "back", leg_minutes=60)
    assert firmly(desk, desk.sedan)[1:] == [Period(taipei(DAY, "11:00"), taipei(DAY, "12:00"))]
    driving.accept(desk.session, desk.people["driver"], desk.now, back)
    assert back.status_words.zh == "已派車·回程"


def test_the_other_way_can_still_be_given_later(desk):
    trip = one_way(desk, desk.approved(starts="09:00", ends="12:00"), "out")
    desk.assign(trip, desk.sedan, desk.driver)
    assert (trip.status, trip.leg) == ("assigned", None)
    assert firmly(desk, desk.sedan) == [Period(taipei(DAY, "09:00"), taipei(DAY, "12:00"))]


@pytest.mark.parametrize("more", [{"needs_driver": False}, {"round_trip": False}])
def test_one_way_needs_a_round_trip_with_a_driver(desk, more):
    trip = desk.approved(**more)
    with pytest.raises(Invalid) as refused:
        assigning.assign(
            desk.session, desk.people["dispatcher"], desk.now, trip, vehicle_id=desk.sedan.id, leg="out",
            driver_id=desk.driver.id if trip.needs_driver else None,
        )  # fmt: skip
    assert refused.value.errors[0].field == "leg"


def test_a_rider_may_ride_one_way_only_and_the_car_need_not_wait_for_it(desk):
    keeper = desk.accepted("09:00", "11:00", passengers=2)
    other = desk.approved("officer2", "09:00", "15:00", passengers=2)
    merge(desk, keeper, other, leg="out")
    assert (other.status, other.leg, other.km_saved, other.status_words.zh) == ("merged", "out", 2, "已併單·去程")
    assert firmly(desk, desk.sedan) == [Period(taipei(DAY, "09:00"), taipei(DAY, "11:00"))]


# --- full, and open again ---------------------------------------------------------------------------------------------


def test_told_full_a_trip_is_shown_with_a_car_as_soon_as_there_is_one_and_is_put_back(desk):
    desk.electric.state = desk.seven.state = desk.van.state = "repair"
    first = desk.assigned()
    full = desk.approved("officer2")
    dispatcher = desk.people["dispatcher"]
    assigning.answer_full(desk.session, dispatcher, desk.now, full)
    assert assigning.waiting_for_a_car(desk.session, desk.now) == [(full, False)]
    with pytest.raises(StillFull), desk.session.begin_nested():
        assigning.reopen(desk.session, dispatcher, desk.now, full)
    desk.session.refresh(full)
    trips.cancel(desk.session, desk.people["officer"], desk.now, first)
    assert assigning.waiting_for_a_car(desk.session, desk.now) == [(full, True)]
    assigning.reopen(desk.session, dispatcher, desk.now, full)
    assert (full.status, full.capacity_held) == ("approved", True)
