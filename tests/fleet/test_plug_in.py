"""V-76: a car that is home below 60 % is to be plugged in, and whoever brought it home, the board and programs are told."""

from datetime import timedelta
from html import unescape

import pytest

from common.period import taipei
from fleet.driving import finish
from fleet.electric import charging, charging_board, plug_in, posts
from fleet.models import Charger, Policy
from tests.fleet.conftest import DAY, Desk


@pytest.fixture
def home(desk):
    """The desk's electric car is back at ten with a reported charge; C01 is kept by hand, C03 talks to us, C05 is fast."""
    desk.session.add(Charger(code="C03", power_kw=11, bay="B3-03", protocol="ocpp1.6", connected=True))
    desk.session.add(Charger(code="C05", power_kw=60, supply="dc", bay="B3-05"))
    desk.electric.ac_kw, desk.electric.dc_kw = 11, 100
    desk.session.flush()
    desk.posts = {post.code: post for post in charging.chargers(desk.session)}
    return desk


def back(desk, percent=45, km=8):
    """A trip 09–10 that comes home with `percent`."""
    trip = desk.under_way(vehicle=desk.electric)
    desk.now = trip.ends_at
    return finish(
        desk.session, desk.people["driver"], desk.now, trip, odometer_in=trip.odometer_out + km, charge_percent=percent
    )


def low(desk):
    return [(each.vehicle.plate, each.percent) for each in plug_in.waiting(desk.session, desk.now)]


def test_a_car_home_below_the_threshold_is_to_be_plugged_in_at_a_free_post(home):
    trip = back(home, 45)
    (one,) = plug_in.waiting(home.session, home.now)
    assert (one.vehicle, one.percent, one.below) == (home.electric, 45, 60)
    assert one.post.code == "C01", "the slowest that suffices: nobody needs the car today"
    assert plug_in.after_trip(home.session, trip, home.now) == one
    assert [each.vehicle for each in plug_in.of_driver(home.session, home.people["driver"], home.now)] == [
        home.electric
    ]
    assert plug_in.of_driver(home.session, home.people["driver2"], home.now) == []


def test_a_car_that_leaves_soon_gets_the_post_that_fills_it_in_time(home):
    home.assigned("11:30", "12:30", vehicle=home.electric, driver=home.driver2)
    back(home, 45)
    (one,) = plug_in.waiting(home.session, home.now)
    assert one.post.code == "C05"


@pytest.mark.parametrize(("percent", "asked"), [(60, False), (59, True)])
def test_the_threshold_is_below_and_not_at(home, percent, asked):
    back(home, percent)
    assert bool(low(home)) is asked


def test_the_threshold_is_the_figure_in_force(home):
    home.session.add(
        Policy(key="ev.plug_in_below_percent", value=40, unit="percent", rule="V-76", sample=False, valid_from=DAY)
    )
    back(home, 45)
    home.session.info.pop("fleet.rules", None)
    assert low(home) == []


def test_a_driver_who_reports_no_charge_is_told_by_what_was_driven(home):
    home.electric.charge_percent, home.electric.charge_read_at = 70, taipei(DAY, "07:00") - timedelta(days=1)
    back(home, None, km=60)  # about 17 of 60 kWh
    ((_, percent),) = low(home)
    assert 50 < percent < 56


def test_planned_trips_and_sessions_at_posts_that_report_change_nothing(home):
    back(home, 45)
    charging.book(
        home.session, home.people["dispatcher"], home.now, charger_id=home.posts["C03"].id, vehicle_id=home.electric.id,
        starts_at=home.now, ends_at=home.now + timedelta(hours=4), target_percent=90,
    )  # fmt: skip
    home.now += timedelta(hours=2)
    (one,) = plug_in.waiting(home.session, home.now)
    assert (one.percent, one.post.code, one.free_until) == (45, "C03", None), (
        "nobody plugged it in: its own post is proposed"
    )


def test_it_goes_once_a_session_begins_and_comes_back_if_that_ends_too_soon(home):
    back(home, 45)
    row = posts.started(
        home.session, home.now, "C03", reference="1", tag=home.electric.plate, meter_wh=0, started_at=home.now
    )
    assert low(home) == []
    home.now += timedelta(minutes=20)
    posts.metered(home.session, home.now, row, meter_wh=2_500, percent=49, at_=home.now)
    posts.ended(home.session, home.now, row, meter_wh=2_500, ended_at=home.now)
    posts.status(home.session, home.now, "C03", "Available")
    assert low(home) == [(home.electric.plate, 49)]


def test_at_a_post_that_reports_nothing_the_booking_counts(home):
    back(home, 45)
    slot = charging.book(
        home.session, home.people["dispatcher"], home.now, charger_id=home.posts["C01"].id, vehicle_id=home.electric.id,
        starts_at=home.now, ends_at=home.now + timedelta(hours=1), target_percent=90,
    )  # fmt: skip
    assert low(home) == []
    home.now = slot.ends_at
    ((_, percent),) = low(home)
    assert percent > 45


def test_a_car_under_way_recalled_or_in_repair_is_not_asked_for(home):
    home.electric.read_charge(30, "desk", home.now)
    assert low(home) == [(home.electric.plate, 30)]
    home.electric.state = "repair"
    assert low(home) == []
    home.electric.state = "in_service"
    home.electric.charge_percent = 90
    trip = home.under_way(vehicle=home.electric)
    home.electric.read_charge(30, "post", home.now)
    assert trip.status == "under_way" and low(home) == []


def test_no_post_is_proposed_twice_nor_one_that_is_booked_soon(home):
    second = type(home.electric)(
        plate="TST-0009", kind="sedan", seats=5, powertrain="electric", owner_agency_id=1, asset_number="9", bay="B2-09", brand="Test",
        year=2024, colour="白", odometer_km=1, battery_kwh=60, charge_percent=20, state="in_service",
    )  # fmt: skip
    home.session.add(second)
    back(home, 45)
    soon = charging.quarter(home.now, up=True) + timedelta(minutes=15)
    charging.book(
        home.session, home.people["dispatcher"], home.now, charger_id=home.posts["C05"].id, vehicle_id=home.electric.id,
        starts_at=soon + timedelta(hours=3), ends_at=soon + timedelta(hours=4), target_percent=90,
    )  # fmt: skip
    found = plug_in.waiting(home.session, home.now)
    assert [each.vehicle.plate for each in found] == ["TST-0009", home.electric.plate]  # the emptier one first
    assert len({each.post.code for each in found if each.post}) == 2
    for post in home.posts.values():
        post.state = "faulty"
    found = plug_in.waiting(home.session, home.now)
    assert [each.post for each in found] == [None, None] and "沒有空樁" in found[0].words.zh


def test_the_board_of_today_marks_it(home):
    back(home, 45)
    assert [each.vehicle for each in charging_board.board(home.session, home.now, DAY).plug_in] == [home.electric]
    assert charging_board.board(home.session, home.now, DAY + timedelta(days=1)).plug_in == ()


def test_the_driver_sees_it_after_finishing_and_the_desk_on_its_board(client, people, database, clock):
    def prepare(session):
        desk = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, clock.now)
        trip = desk.under_way(vehicle=desk.electric)
        return trip.id, trip.ends_at

    trip_id, clock.now = database.transact(prepare)
    driver, dispatcher, officer = client(as_="driver"), client(as_="dispatcher"), client(as_="officer")
    assert "請插電" not in unescape(driver.get("/driver").get_data(as_text=True))
    told = {"odometer_in": "10008", "charge_percent": "45"}
    assert driver.submit(f"/driver/{trip_id}/finish", told).status_code == 303
    page = unescape(driver.get(f"/driver/{trip_id}").get_data(as_text=True))
    assert (
        "TST-0004 請插電" in page
        and "電量 45%，低於 60%" in page
        and "C01（B3-01）現在空著" in page
        and "#V-76" in page
    )
    assert "請插電" in unescape(dispatcher.get(f"/trips/{trip_id}").get_data(as_text=True))
    assert "請插電" not in unescape(officer.get(f"/trips/{trip_id}").get_data(as_text=True)), "who rode along need not"
    board = unescape(dispatcher.get("/charging").get_data(as_text=True))
    assert "1 輛請現在插電" in board and "請插電</span>" in board
    (item,) = dispatcher.api("GET", "/charging/plug-in").json["items"]
    assert (item["plate"], item["percent"], item["below"], item["charger_code"]) == ("TST-0004", 45, 60, "C01")
