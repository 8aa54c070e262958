"""An owner takes its car back: the plan shown is the plan carried out, with the least harm, and never a car on the road."""

from datetime import date, timedelta

import pytest

from common import reservations
from common.errors import Conflict, Forbidden, Invalid
from common.period import LATEST, Period, taipei
from fleet import driving, membership, recalls
from fleet.electric import charging
from fleet.models import PoolMembership, Recall
from fleet.takeback import OnTheRoad, PlanMoved
from tests.fleet.conftest import DAY, car
from tests.fleet.test_merging import merge, two

WHOLE = (taipei(DAY, "00:00"), taipei(DAY, "24:00"))


def plan(desk, vehicle=None, who="supervisor", starts=WHOLE[0], ends=WHOLE[1]):
    return recalls.preview(
        desk.session, desk.people[who], desk.now, vehicle_id=(vehicle or desk.sedan).id, starts_at=starts, ends_at=ends
    )


def recall(desk, vehicle=None, who="supervisor", starts=WHOLE[0], ends=WHOLE[1], token=None, **more):
    told = {"reason_code": "flood", "reason": "抽水站巡查"} | more
    return recalls.recall(
        desk.session, desk.people[who], desk.now, vehicle_id=(vehicle or desk.sedan).id, starts_at=starts, ends_at=ends,
        plan=token, **told,
    )[0]  # fmt: skip


def who_has(desk, vehicle, at="09:00"):
    moment = taipei(DAY, at)
    found = reservations.taken(
        desk.session, [vehicle.resource], Period(moment, moment + timedelta(minutes=1)), desk.now
    )
    return [by.holder for by in found]


def test_the_trip_moves_to_another_car_with_its_driver_and_its_acceptance(desk, facts):
    trip = desk.accepted()
    shown = plan(desk)
    assert [(move.trip, move.bound) for move in shown.moved] == [(trip, True)] and not shown.lost
    made = recall(desk, token=shown.token)
    assert (trip.status, trip.driver, trip.vehicle) == ("accepted", desk.driver, shown.moved[0].car)
    assert who_has(desk, desk.sedan) == [made.holder] and who_has(desk, trip.vehicle) == [trip.holder]
    assert trip.reasons[0]["zh"] == "原派 TST-0001 由所屬機關召回（防汛：抽水站巡查）"
    kinds = [kind for kind, _ in facts()[-2:]]
    assert kinds == ["trip_assigned", "vehicle_recalled"]
    body = facts()[-1][1]
    assert (body["moved"], body["lost"], body["supervisor_ids"]) == (1, 0, [str(desk.people["supervisor"].id)])


def test_what_cannot_be_moved_is_lost_and_told_what_to_do_instead(desk, facts):
    for vehicle in (desk.electric, desk.seven, desk.van):
        vehicle.state = "repair"
    trip = desk.accepted()
    shown = plan(desk)
    assert [move.trip for move in shown.lost] == [trip]
    recall(desk, token=shown.token)
    assert (trip.status, trip.vehicle) == ("fully_booked", None) and "計程車" in trip.answer
    told = next(body for kind, body in facts() if kind == "trip_fully_booked")
    assert told["previous_driver_person_id"] == str(desk.people["driver"].id)


def test_a_trip_is_saved_by_a_chain_and_as_few_as_possible_change(desk):
    """The recalled van carried eight; the only other van-sized car is not needed by the three people in it."""
    other_van = car("TST-0009", "van9", 9)
    desk.session.add(other_van)
    desk.session.flush()
    large = desk.assigned(vehicle=desk.van, passengers=8)
    small = desk.assigned(vehicle=other_van, driver=desk.driver2)
    shown = plan(desk, desk.van)
    assert not shown.lost and {move.trip: move.car for move in shown.moved}[large] is other_van
    assert {move.trip for move in shown.moved} == {large, small}
    recall(desk, desk.van, token=shown.token)
    assert large.vehicle is other_van and small.vehicle not in (other_van, desk.van)


def test_promises_on_the_car_pass_on_silently(desk, facts):
    for vehicle in (desk.electric, desk.van):
        vehicle.state = "repair"
    trip = desk.asked()
    count = len(facts())
    recall(desk)
    assert trip.capacity_held and who_has(desk, desk.seven) == [trip.holder]
    assert [kind for kind, _ in facts()[count:]] == ["vehicle_recalled"]


def test_a_car_on_the_road_is_never_taken(desk):
    trip = desk.under_way("09:00", "10:00")
    with pytest.raises(OnTheRoad) as refused:
        recall(desk, starts=taipei(DAY, "09:30"))
    assert trip.number in refused.value.words.zh and "10:00" in refused.value.words.zh
    assert recall(desk, starts=taipei(DAY, "10:00")).vehicle is desk.sedan


def test_a_car_overdue_on_the_road_is_not_taken_either(desk):
    desk.under_way("09:00", "10:00")
    desk.now = taipei(DAY, "10:30")
    with pytest.raises(OnTheRoad):
        recall(desk, starts=desk.now)


def test_when_the_world_moved_since_the_plan_was_shown_it_has_to_be_looked_at_again(desk):
    desk.accepted()
    shown = plan(desk)
    desk.assigned("13:00", "14:00")
    with pytest.raises(PlanMoved):
        recall(desk, token=shown.token)
    assert desk.session.query(Recall).count() == 0
    recall(desk, token=plan(desk).token)


def test_a_plan_from_now_on_is_still_the_same_a_minute_later(desk):
    desk.accepted()
    shown = plan(desk, starts=desk.now)
    starts, desk.now = desk.now, desk.now + timedelta(minutes=1)
    assert recall(desk, starts=starts, token=shown.token).starts_at == desk.now


@pytest.mark.parametrize("who", ["officer", "supervisor2", "driver", "auditor", "staff"])
def test_only_the_owners_supervisor_or_dispatch_may(desk, who):
    with pytest.raises(Forbidden):
        plan(desk, who=who)
    with pytest.raises(Forbidden):
        recall(desk, who=who)


def test_dispatch_may_on_the_owners_behalf_and_twice_is_refused(desk):
    recall(desk, who="dispatcher")
    with pytest.raises(Conflict, match="recalled for that time"):
        recall(desk)
    with pytest.raises(Invalid):
        recall(desk, desk.van, ends=desk.now)


def test_charging_slots_of_the_time_fall_away(desk):
    from_, until = taipei(DAY, "18:00"), taipei(DAY, "20:00")
    slot = charging.book(
        desk.session, desk.people["dispatcher"], desk.now, charger_id=1, vehicle_id=desk.electric.id, starts_at=from_,
        ends_at=until, target_percent=80,
    )  # fmt: skip
    assert plan(desk, desk.electric).slots == (slot,)
    recall(desk, desk.electric)
    assert slot.state == "cancelled" and who_has(desk, desk.electric, "18:30") == ["recall:1"]


def test_returned_early_the_car_serves_the_pool_again_and_the_next_in_line(desk, facts):
    for vehicle in (desk.electric, desk.seven, desk.van):
        vehicle.state = "repair"
    made = recall(desk, ends=None)
    assert (made.ends_at, made.until) == (None, LATEST)
    waiting = desk.asked(starts="14:00", ends="15:00")
    assert not waiting.capacity_held
    desk.now = taipei(DAY, "10:00")
    with pytest.raises(Forbidden):
        recalls.give_back(desk.session, desk.people["officer"], desk.now, made.id)
    recalls.give_back(desk.session, desk.people["supervisor"], desk.now, made.id)
    assert made.returned_at == desk.now and who_has(desk, desk.sedan, "14:30") == [waiting.holder]
    assert "vehicle_returned" in [kind for kind, _ in facts()]
    with pytest.raises(Conflict):
        recalls.give_back(desk.session, desk.people["supervisor"], desk.now, made.id)


def test_a_recall_not_begun_yet_is_called_off(desk):
    made = recall(desk)
    recalls.give_back(desk.session, desk.people["dispatcher"], desk.now, made.id)
    assert made.over(desk.now) and who_has(desk, desk.sedan) == []


def test_riders_of_a_moved_trip_stay_in_it(desk, facts):
    keeper, other = two(desk)
    merge(desk, keeper, other)
    recall(desk)
    assert other.merged_into is keeper and keeper.vehicle is not desk.sedan
    assert [body["vehicle_label"] for kind, body in facts() if kind == "trip_merged"][-1] == keeper.vehicle.plate
    driving.start(desk.session, desk.people["driver"], keeper.starts_at, keeper, odometer_out=10_000)


# --- the size of the pool on any day --------------------------------------------------------------------------------


def test_in_the_first_half_of_110_the_pool_went_from_21_agencies_and_39_cars_to_18_and_26(session, people):
    """V-42, the figures of the report: 13 cars recalled, three agencies with none left."""
    owners = [1 + n % 21 for n in range(39)]  # agencies 1–18 lend two cars, 19–21 one
    cars = [car(f"RPT-{n:04d}", owner_agency_id=owner) for n, owner in enumerate(owners)]
    session.add_all(cars)
    session.flush()
    session.add_all(PoolMembership(vehicle_id=each.id, joined_on=date(2020, 7, 1)) for each in cars)
    before, after = date(2021, 5, 10), date(2021, 6, 1)
    gone = [*cars[18:21], *cars[21:31]]
    for each in gone:
        session.add(
            Recall(
                vehicle_id=each.id, agency_id=each.owner_agency_id, asked_by_id=1, reason_code="epidemic", reason="",
                starts_at=taipei(date(2021, 5, 17), "08:00"), ends_at=None, moved=0, lost=0,
                created_at=taipei(date(2021, 5, 15), "08:00"),
            )
        )  # fmt: skip
    session.flush()
    sizes = {day: membership.pool_size(session, day) for day in (date(2020, 6, 30), before, after)}
    assert [(size.agencies, size.cars) for size in sizes.values()] == [(0, 0), (21, 39), (18, 26)]
    lent = membership.lent_days(session, date(2021, 5, 16), date(2021, 5, 17))
    assert lent[1] == (3, 1)  # two cars on the first day; on the second one of them is back with its owner
    assert sum(days for days, _ in lent.values()) == 39 + 26
