"""What would help where nothing is free: concrete, the cheapest first, and true when it is done."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.period import local, taipei
from fleet import assigning, helping, replanning, trips
from fleet.models import Place
from fleet.plans.dispatch import Limits, refuse_car, refuse_driver
from fleet.plans.remedies import Desk, Held, remedies, serves
from tests.fleet.conftest import DAY
from tests.fleet.conftest import Desk as Hands
from tests.fleet.test_dispatch import ask, car, cars, driver, during, periods

LIMITS = Limits(short_trip_km=60, min_charge_percent=20, max_driver_hours=12)
EARLY = taipei(DAY, "00:00")


def desk_of(cars=(), wheels=None, held=(), shares=()):
    return Desk(tuple(cars), tuple([driver(1)] if wheels is None else wheels), LIMITS, timedelta(hours=3), held, shares)


def codes(found):
    return [each.code for each in found]


def test_the_smallest_shift_is_proposed_each_way():
    busy = car(1, busy=(during("09:20", "11:40"),))
    found = {each.code: each for each in remedies(ask("09:00", "11:00"), desk_of([busy]), earliest=EARLY)}
    assert found["later"].ask.period == during("11:40", "13:40") and "160" in found["later"].words.zh
    assert found["earlier"].ask.period == during("07:20", "09:20")
    assert "shorten" not in found  # twenty minutes of two hours would be no trip


def test_nothing_leaves_in_the_past():
    busy = car(1, busy=(during("09:20", "11:40"),))
    assert "earlier" not in codes(remedies(ask("09:00", "11:00"), desk_of([busy]), earliest=taipei(DAY, "08:30")))


def test_coming_back_a_little_sooner_is_enough():
    busy = car(1, busy=(during("11:45", "18:00"), during("06:00", "08:45")))
    found = remedies(ask("09:00", "12:00"), desk_of([busy]), earliest=EARLY)
    assert found[0].code in ("shorten", "earlier") and found[0].cost == 15


def test_a_smaller_kind_is_proposed_where_everyone_fits():
    taken = car(1, "van9", busy=(during("08:00", "20:00"),))
    found = remedies(ask(passengers=4, kind="van9"), desk_of([taken, car(2)]), earliest=EARLY)
    assert found[0].code == "kind" and found[0].ask.kind == "sedan" and found[0].car_id == 2


def test_without_a_driver_or_in_two_cars():
    assert "self_drive" in codes(remedies(ask(), desk_of([car(1)], wheels=[]), earliest=EARLY))
    found = remedies(ask(passengers=6), desk_of([car(1), car(2)], wheels=[driver(1), driver(2)]), earliest=EARLY)
    assert codes(found) == ["split"]
    assert {found[0].car_id, found[0].second.car_id} == {1, 2}
    assert {found[0].driver_id, found[0].second.driver_id} == {1, 2}


def test_another_trip_gives_up_its_large_car():
    small = Held(7, "115-11-00007", ask("08:00", "12:00"), 1)
    van, sedan = car(1, "van9", busy=(small.ask.period,)), car(2)
    found = remedies(ask(passengers=8), desk_of([van, sedan], held=[small]), earliest=EARLY)[0]
    assert (found.code, found.car_id, found.other_id, found.other_car_id) == ("swap", 1, 7, 2)
    assert "115-11-00007" in found.words.zh


@settings(max_examples=60, deadline=None)
@given(st.lists(cars(), max_size=4, unique_by=lambda one: one.id), st.lists(periods(), max_size=2), st.integers(1, 8))
def test_whatever_is_proposed_is_possible_and_nothing_impossible(found_cars, driving, people):
    asked = ask("09:00", "11:00", passengers=people, km=10)
    desk = desk_of(found_cars, [driver(1, busy=tuple(driving))])
    for each in remedies(asked, desk, earliest=EARLY):
        for part in (each, each.second):
            if part is None:
                continue
            taken = next(one for one in found_cars if one.id == part.car_id)
            assert refuse_car(part.ask, taken, LIMITS) is None
            if part.ask.needs_driver:
                assert refuse_driver(part.ask, desk.wheels[0], LIMITS) is None
        assert each.ask.period.starts_at >= EARLY
    if not found_cars:
        assert serves(asked, desk) is None and remedies(asked, desk, earliest=EARLY) == []


# --- at the desk: what is proposed is done -------------------------------------------------------------------------


def full(desk, starts="09:00", ends="11:00"):
    """Every car but none of the drivers is taken."""
    for vehicle in (desk.sedan, desk.seven, desk.van, desk.electric):
        trip = desk.approved(starts=starts, ends=ends, needs_driver=False)
        desk.assign(trip, vehicle, None)


def suggested(desk, trip):
    return assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, trip)


def test_a_later_departure_that_is_proposed_can_be_assigned(desk):
    full(desk)
    trip = desk.approved(starts="10:00", ends="12:00")
    found = suggested(desk, trip)
    assert found.cars.best is None
    later = next(each for each in found.changes if each.code == "later")
    assert local(later.ask.period.starts_at).strftime("%H:%M") == "11:00"
    trips.change(
        desk.session,
        desk.people["officer"],
        desk.now,
        trip,
        starts_at=later.ask.period.starts_at,
        ends_at=later.ask.period.ends_at,
    )
    assigning.assign(
        desk.session, desk.people["dispatcher"], desk.now, trip, vehicle_id=later.car_id, driver_id=later.driver_id
    )
    assert trip.vehicle_id == later.car_id


def test_a_swap_that_is_proposed_is_done_in_one_step(desk):
    small = desk.approved(needs_driver=False)
    desk.assign(small, desk.van, None)
    large = desk.approved(passengers=8)
    found = suggested(desk, large)
    swap = found.changes[0]
    assert (swap.code, swap.other_id, swap.car_id) == ("swap", small.id, desk.van.id)
    steps = helping.swaps(desk.session, large, found.changes)[small.id]
    replanning.apply(desk.session, desk.people["dispatcher"], desk.now, DAY, steps)
    assert (large.vehicle, small.vehicle_id) == (desk.van, swap.other_car_id)


def test_sharing_is_proposed_with_somebody_who_asked_to_share(desk):
    keeper = desk.assigned("09:00", "11:00", vehicle=desk.van, may_share=True, passengers=2)
    for vehicle in (desk.sedan, desk.seven, desk.electric):
        desk.assign(desk.approved(starts="09:00", ends="11:00", needs_driver=False), vehicle, None)
    trip = desk.approved(starts="09:15", ends="11:00", may_share=True)
    share = next(each for each in suggested(desk, trip).changes if each.code == "share")
    assert (share.other_id, share.car_id) == (keeper.id, desk.van.id)
    assert "09:00 的車併車，少開 4 公里" in share.words.zh


def test_when_a_charging_slot_stands_in_the_way_of_the_longer_ride_sharing_is_not_proposed(desk):
    desk.session.add(Place(name="美術館", name_en="Museum", km=8))
    desk.assigned("09:00", "11:00", vehicle=desk.van, may_share=True, passengers=2, destination="美術館")
    for vehicle in (desk.sedan, desk.seven, desk.electric):
        desk.assign(desk.approved(starts="09:00", ends="11:00", needs_driver=False), vehicle, None)
    desk.assign(desk.approved(starts="11:00", ends="12:00", needs_driver=False), desk.van, None)
    trip = desk.approved(starts="09:15", ends="11:15", may_share=True, destination="美術館")
    assert "share" not in codes(suggested(desk, trip).changes)


def test_where_something_is_free_nothing_else_is_proposed(desk):
    assert suggested(desk, desk.approved()).changes == ()


# --- what people see -----------------------------------------------------------------------------------------------


@pytest.fixture
def crowded(database, people, now):
    def work(session):
        desk = Hands(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        full(desk)
        trip = desk.approved(starts="10:00", ends="12:00")
        return trip.id

    return database.transact(work)


def test_the_interface_and_the_desk_tell_the_changes(client, crowded):
    dispatcher = client(as_="dispatcher")
    found = dispatcher.api("GET", f"/trips/{crowded}/suggestion").get_json()
    later = next(each for each in found["changes"] if each["code"] == "later")
    assert later["starts_at"] == "2026-11-30T11:00:00+08:00" and later["vehicle_id"]
    assert "晚 60 分鐘出發（11:00）" in dispatcher.get(f"/dispatch?trip={crowded}").get_data(as_text=True)


def test_the_requester_is_told_too_and_led_to_the_changed_form(client, crowded):
    client(as_="dispatcher").submit(f"/dispatch/{crowded}/full")
    officer = client(as_="officer")
    page = officer.get(f"/trips/{crowded}").get_data(as_text=True)
    assert "晚 60 分鐘出發（11:00）" in page and "leave=11:00" in page.replace("%3A", ":")
    form = officer.get(f"/trips/{crowded}/change?leave=11:00&back=13:00").get_data(as_text=True)
    assert "11:00" in form


def test_the_panel_beside_the_form_tells_what_would_help(client, crowded):
    query = f"date={date(2026, 11, 30)}&leave=10:00&back=12:00&destination=市議會&passengers=2"
    page = client(as_="officer").get(f"/request/availability?{query}").get_data(as_text=True)
    assert "晚 60 分鐘出發（11:00）" in page
