"""The fleet's size from the real log: what is counted, who may look, and where each number leads."""

from datetime import timedelta

import pytest

from common.errors import Forbidden, Invalid
from fleet import assigning, fleetsize, trips
from tests.fleet.conftest import DAY, Desk, consumes

DAYS = (DAY, DAY + timedelta(days=4))


def size(desk, who="dispatcher", **more):
    return fleetsize.size(desk.session, desk.people[who], desk.now, *DAYS, **more)


def busy_morning(desk):
    """Three cars out at ten, one of them for eight people."""
    desk.assign(desk.approved(starts="09:00", ends="11:00", needs_driver=False), desk.sedan, None)
    desk.assign(desk.approved(starts="09:30", ends="11:00", needs_driver=False), desk.electric, None)
    desk.assign(desk.approved(starts="10:00", ends="12:00", passengers=8, needs_driver=False), desk.van, None)


def test_the_least_fleet_its_curve_and_its_busy_day(desk):
    busy_morning(desk)
    found = size(desk)
    assert (found.trips, found.least, found.owned, found.days) == (3, 3, 4, 5)
    assert [(each.cars, each.short_days) for each in found.levels] == [(0, 1), (1, 1), (2, 1), (3, 0)]
    assert found.least_for(80) == 0 and found.least_for(100) == 3
    assert (found.busiest[0].day, found.busiest[0].cars) == (DAY, 3)
    assert [(each.kind, each.cars, each.owned) for each in found.kinds] == [
        ("sedan", 3, 4), ("seven_seater", 1, 2), ("van9", 1, 1),
    ]  # fmt: skip


def test_the_turnaround_counts(desk):
    desk.assign(desk.approved(starts="09:00", ends="10:00", needs_driver=False), desk.sedan, None)
    desk.assign(desk.approved(starts="10:15", ends="11:00", needs_driver=False), desk.sedan, None)
    assert size(desk).least == 2  # thirty minutes between


def test_a_smaller_fleet_is_replayed_with_whom_it_would_have_failed(desk):
    busy_morning(desk)
    assert size(desk, remove=1).lost == ()
    found = size(desk, remove=2)
    assert [vehicle.plate for vehicle in found.removed] == ["TST-0002", "TST-0001"]
    assert len(found.lost) == 1 and found.lost_by[0][0].id == desk.people["officer"].agency_id


def test_fuel_cars_that_stay_within_reach_are_suited_for_electric(desk):
    desk.assign(
        desk.approved(destination="新竹高鐵站", starts="09:00", ends="12:00", needs_driver=False), desk.sedan, None
    )
    desk.assign(
        desk.approved(destination="新竹高鐵站", starts="13:00", ends="16:00", needs_driver=False), desk.sedan, None
    )
    desk.assign(desk.approved(needs_driver=False), desk.seven, None)
    found = size(desk, swap=1)
    assert {each.vehicle.plate: (each.days, each.within, each.longest_km) for each in found.suitable} == {
        "TST-0001": (1, 0, 312), "TST-0002": (1, 1, 4), "TST-0003": (0, 0, 0),
    }  # fmt: skip
    assert [vehicle.plate for vehicle in found.swapped] == ["TST-0002"]
    assert found.then.energy < found.today.energy or found.then.electric_km >= found.today.electric_km


def test_the_reach_is_that_of_the_season_the_day_lies_in(desk):
    """60 kWh from 90 to 20 % at 200 Wh/km carry 210 km in November; at 400 in December half as far."""
    for season, wh in (("mild", 200), ("cold", 400)):
        desk.session.add(consumes(season, wh))
    desk.session.flush()

    def reach(first, last):
        return fleetsize.size(desk.session, desk.people["dispatcher"], desk.now, first, last).reach_km

    december = DAY + timedelta(days=1)
    assert (reach(DAY, DAY), reach(december, december), reach(DAY, december)) == (210, 105, 105)


def test_who_was_turned_away_counts_as_demand(desk):
    trip = desk.approved()
    assigning.answer_full(desk.session, desk.people["dispatcher"], desk.now, trip)
    found = size(desk)
    assert (found.trips, found.turned_away, found.least) == (1, 1, 1)


def test_one_way_trips_are_chained(desk):
    for starts, ends in (("09:00", "09:30"), ("13:00", "13:30")):
        desk.approved(starts=starts, ends=ends, round_trip=False, needs_driver=False)
    for trip in desk.session.query(trips.Trip):
        desk.assign(trip, desk.sedan, None)
    found = size(desk)
    assert (found.one_way, found.one_way_cars) == (2, 1)


def test_the_period_must_make_sense_and_not_everyone_may_look(desk):
    with pytest.raises(Invalid):
        fleetsize.size(desk.session, desk.people["dispatcher"], desk.now, DAY, DAY - timedelta(days=1))
    with pytest.raises(Forbidden):
        size(desk, who="officer")


def test_the_interface_and_the_page_tell_the_same(client, database, people, now):
    def work(session):
        busy_morning(Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now))

    database.transact(work)
    query = f"from={DAYS[0]}&until={DAYS[1]}&remove=2"
    dispatcher = client(as_="dispatcher")
    told = dispatcher.api("GET", f"/sizing?{query}").get_json()
    assert (told["least"], told["owned"], len(told["lost_trip_ids"])) == (3, 4, 1)
    assert told["levels"][-1] == {"cars": 3, "served_percent": 100, "short_days": 0}
    page = dispatcher.get(f"/sizing?{query}").get_data(as_text=True)
    assert "已證明" in page and f"/trips/{told['lost_trip_ids'][0]}" in page and f"date={DAY}" in page
    assert "errsum" not in dispatcher.get("/sizing?lang=zh").get_data(as_text=True)
    assert client(as_="officer").get("/sizing").status_code == 403
    wrong = dispatcher.get("/sizing?from=2026-12-01&until=2026-11-01")
    assert wrong.status_code == 200 and "結束日期" in wrong.get_data(as_text=True)
