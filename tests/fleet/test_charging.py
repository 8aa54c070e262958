"""Electric cars: what is left in them, posts booked with them, and what the site may draw."""

from datetime import date, timedelta

import pytest

from common import reservations
from common.audit import AuditEntry
from common.errors import Conflict, Forbidden, Invalid
from common.period import Period, taipei
from fleet import pool, rules
from fleet.assigning import LowCharge, assign
from fleet.driving import finish
from fleet.electric import charging, charging_board, charging_day, charging_offers, posts, site, state_of_charge
from fleet.electric.battery import Battery, Draw, Fill, level_at
from fleet.models import Charger, ChargingSlot, Consumption
from fleet.trips import cancel
from tests.fleet.conftest import DAY

FAR = "新竹高鐵站"  # 78 km one way, 156 km there and back


@pytest.fixture
def grid(desk):
    """The desk with four more posts: two AC, one DC, and a second electric car."""
    for n, kw in ((3, 7), (4, 11), (5, 60)):
        desk.session.add(Charger(code=f"C0{n}", power_kw=kw, supply="dc" if kw > 20 else "ac", bay=f"B3-0{n}"))
    desk.session.flush()
    desk.posts = {post.code: post for post in charging.chargers(desk.session)}
    desk.electric.ac_kw, desk.electric.dc_kw = 11, 100
    desk.session.flush()
    return desk


def book(desk, code="C01", starts="06:00", ends="08:00", **more):
    told = {
        "vehicle_id": desk.electric.id,
        "target_percent": 90,
        "starts_at": taipei(DAY, starts),
        "ends_at": taipei(DAY, ends),
    }
    return charging.book(
        desk.session, desk.people["dispatcher"], desk.now, charger_id=desk.posts[code].id, **(told | more)
    )


def level(desk, clock, now=None, except_holder=""):
    rule = rules.in_force(desk.session, desk.now)
    return pool.charge_at(desk.session, [desk.electric], taipei(DAY, clock), now or desk.now, rule, except_holder)[
        desk.electric.id
    ]


# --- how full --------------------------------------------------------------------------------------------------


def test_a_session_half_over_has_given_half_its_energy():
    battery = Battery(60, 170, efficiency=0.5)
    start = taipei(DAY, "10:00")
    fill = Fill(start, start + timedelta(hours=2), [6.0] * 8, 90)
    # an hour at 6 kW, half of it into the battery: 3 of 60 kWh
    assert level_at(battery, 40, start, start + timedelta(hours=1), (), [fill]) == pytest.approx(45)
    assert level_at(battery, 40, start, start + timedelta(hours=9), (), [fill]) == pytest.approx(50)
    assert level_at(battery, 88, start, start + timedelta(hours=9), (), [fill]) == 90  # the target stops it
    assert level_at(battery, 95, start, start + timedelta(hours=9), (), [fill]) == 95  # and never empties it
    trip = Draw(start - timedelta(hours=2), start, 60)
    assert level_at(battery, 40, start - timedelta(hours=3), start, [trip], ()) == pytest.approx(23)


def test_consumption_follows_model_and_season_and_the_newest_figure(desk):
    rule = rules.in_force(desk.session, desk.now)
    known = state_of_charge.wh_per_km
    assert known(desk.session, "Nissan Leaf", date(2026, 7, 1), rule) > known(
        desk.session, "Nissan Leaf", date(2026, 4, 1), rule
    )
    assert known(desk.session, "Unknown", date(2026, 7, 1), rule) == rule["ev.wh_per_km"]
    desk.session.add(
        Consumption(
            model="Nissan Leaf", season="hot", wh_per_km=140, rule="V-76", sample=False, valid_from=date(2026, 7, 1)
        )
    )
    desk.session.flush()
    desk.session.info.pop("fleet.consumption")
    assert known(desk.session, "Nissan Leaf", date(2026, 7, 1), rule) == 140
    assert known(desk.session, "Nissan Leaf", date(2026, 6, 30), rule) == 184


def test_trips_draw_and_sessions_fill_along_the_day(grid):
    assert level(grid, "09:00") == 90  # charged overnight
    trip = grid.assigned("09:00", "12:00", vehicle=grid.electric, destination=FAR)
    after = level(grid, "12:30")
    assert after == int(90 - 156 * 170 / 600)
    book(grid, "C05", "13:00", "13:30")
    assert level(grid, "13:15") > after and level(grid, "14:00") > level(grid, "13:15")
    assert level(grid, "12:30", except_holder=trip.holder) == 90


def test_a_reading_counts_from_its_moment_on_and_an_older_one_changes_nothing(grid):
    trip = grid.under_way("09:00", "12:00", vehicle=grid.electric)
    finish(
        grid.session, grid.people["driver"], trip.ends_at, trip, odometer_in=trip.odometer_out + 4, charge_percent=55
    )
    assert (grid.electric.charge_percent, grid.electric.charge_source) == (55, "driver")
    grid.electric.read_charge(20, "post", trip.starts_at)
    assert grid.electric.charge_percent == 55


# --- booking ---------------------------------------------------------------------------------------------------


def test_times_go_by_quarters_and_at_most_twelve_hours(grid):
    with pytest.raises(Invalid):
        book(grid, starts="06:05", ends="08:00")
    with pytest.raises(Invalid):
        book(grid, starts="00:00", ends="12:15")
    assert book(grid, starts="00:00", ends="12:00").period.duration == timedelta(hours=12)


def test_a_session_moves_as_a_whole_or_stays(grid):
    slot, other = book(grid), book(grid, "C03", "09:00", "10:00")
    person = grid.people["dispatcher"]
    moved = charging.move(grid.session, person, grid.now, slot.id, charger_id=grid.posts["C04"].id, rev=slot.rev)
    assert [row.resource for row in reservations.held_by(grid.session, slot.holder)] == [
        grid.posts["C04"].resource, grid.electric.resource,
    ]  # fmt: skip
    assert moved.charger.code == "C04"
    with pytest.raises(Conflict):  # the car is on C03 then
        charging.move(grid.session, person, grid.now, slot.id, starts_at=other.starts_at, ends_at=other.ends_at)
    with pytest.raises(Conflict):
        charging.move(grid.session, person, grid.now, other.id, charger_id=grid.posts["C02"].id)  # out of order
    with pytest.raises(Forbidden):
        charging.move(grid.session, grid.people["officer"], grid.now, slot.id, charger_id=grid.posts["C01"].id)


def test_a_session_that_has_begun_can_only_end_sooner_or_later(grid):
    slot, person = book(grid), grid.people["dispatcher"]
    now = slot.starts_at + timedelta(minutes=20)
    longer = charging.move(grid.session, person, now, slot.id, ends_at=slot.ends_at + timedelta(hours=1))
    assert longer.ends_at == taipei(DAY, "09:00")
    with pytest.raises(Conflict):
        charging.move(grid.session, person, now, slot.id, charger_id=grid.posts["C03"].id)


def wish(desk, code="C05", starts="07:00", ends="08:00"):
    return {
        "charger_id": desk.posts[code].id, "starts_at": taipei(DAY, starts), "ends_at": taipei(DAY, ends), "target_percent": 90,
    }  # fmt: skip


def give(desk, trip, **more):
    return assign(
        desk.session,
        desk.people["dispatcher"],
        desk.now,
        trip,
        vehicle_id=desk.electric.id,
        driver_id=desk.driver.id,
        **more,
    )


def holders(desk, *resources):
    day = Period(taipei(DAY, "00:00"), taipei(DAY, "24:00"))
    return {(each.resource, each.holder) for each in reservations.taken(desk.session, resources, day, desk.now)}


def test_car_driver_and_post_are_given_together(grid):
    trip = give(grid, grid.approved("officer", "09:00", "12:00"), charging=wish(grid))
    (slot,) = grid.session.query(ChargingSlot).all()
    assert (slot.trip_id, slot.need_by) == (trip.id, trip.starts_at)
    assert holders(grid, grid.electric.resource, grid.driver.resource, grid.posts["C05"].resource) == {
        (grid.electric.resource, trip.holder), (grid.driver.resource, trip.holder),
        (grid.electric.resource, slot.holder), (grid.posts["C05"].resource, slot.holder),
    }  # fmt: skip


@pytest.mark.parametrize("what", ["post", "driver", "car"])
def test_if_one_of_the_three_is_taken_nothing_is_given(grid, what):
    trip = grid.approved("officer", "09:00", "12:00")
    if what == "post":
        grid.session.add(other := type(grid.sedan)(
            plate="TST-0009", kind="sedan", seats=5, powertrain="electric", owner_agency_id=1, asset_number="9", bay="B2", brand="T",
            year=2024, colour="白", battery_kwh=60, charge_percent=50, odometer_km=1, state="in_service",
        ))  # fmt: skip
        grid.session.flush()
        book(grid, "C05", "07:30", "08:30", vehicle_id=other.id)
    else:
        vehicle = grid.sedan if what == "driver" else grid.electric
        grid.assigned("10:00", "11:00", vehicle=vehicle, driver=grid.driver if what == "driver" else grid.driver2)
    before = holders(grid, grid.electric.resource, grid.driver.resource, grid.posts["C05"].resource)
    with pytest.raises(Conflict), grid.session.begin_nested():
        give(grid, trip, charging=wish(grid))
    grid.session.refresh(trip)
    assert trip.status == "approved" and trip.vehicle_id is None
    assert holders(grid, grid.electric.resource, grid.driver.resource, grid.posts["C05"].resource) == before


def test_charging_ends_before_the_car_leaves(grid):
    with pytest.raises(Invalid):
        give(grid, grid.approved("officer", "09:00", "12:00"), charging=wish(grid, starts="08:30", ends="09:15"))


def test_a_trip_called_off_gives_its_session_back(grid):
    trip = give(grid, grid.approved("officer", "09:00", "12:00"), charging=wish(grid))
    cancel(grid.session, grid.people["officer"], grid.now, trip)
    assert holders(grid, grid.electric.resource, grid.posts["C05"].resource) == set()
    assert grid.session.query(ChargingSlot).one().state == "cancelled"


# --- the floor -------------------------------------------------------------------------------------------------


def low(desk):
    """A trip that the electric car would come home from with a few percent (V-76)."""
    desk.electric.battery_kwh = 30  # 156 km at 170 Wh are 88 %
    desk.session.flush()
    return desk.approved("officer", "09:00", "12:00", destination=FAR)


def test_a_car_that_would_come_home_too_low_is_refused_with_the_figure_and_the_ways_out(grid):
    with pytest.raises(LowCharge) as refused:
        give(grid, low(grid))
    assert "預估回程電量 1%，低於 20%" in refused.value.words.zh and "加排充電" in refused.value.words.zh


def test_a_reason_lets_it_go_all_the_same_and_is_audited(grid):
    trip = give(grid, low(grid), low_charge_reason="院長要求，途中可充電")
    (entry,) = grid.session.query(AuditEntry).filter(AuditEntry.action == "trip.low_charge_accepted")
    assert (trip.status, entry.reason) == ("assigned", "院長要求，途中可充電")
    assert any("仍指派" in reason["zh"] for reason in trip.reasons)


def test_a_session_booked_with_it_can_lift_it_over_the_floor(grid):
    grid.electric.battery_kwh = 35  # 76 % drawn: from 90 to 14; charging to the full lifts it to 24
    trip = grid.approved("officer", "09:00", "12:00", destination=FAR)
    grid.session.flush()
    with pytest.raises(LowCharge):
        give(grid, trip)
    given = give(grid, trip, charging=wish(grid) | {"target_percent": 100})
    assert given.status == "assigned"


def test_a_trip_that_would_strand_a_later_one_is_refused_by_its_number(grid):
    grid.electric.battery_kwh = 45  # 59 % a trip
    later = give(grid, grid.approved("officer", "14:00", "17:00", destination=FAR))
    with pytest.raises(LowCharge) as refused:
        give(grid, grid.approved("officer", "09:00", "12:00", destination=FAR))
    assert later.number in refused.value.words.zh


# --- the site, offers, the plan --------------------------------------------------------------------------------


def test_the_site_has_less_while_an_event_draws(grid):
    noon = taipei(DAY, "12:00")
    assert [each.limit for each in site.power(grid.session, noon, 2)] == [120, 120]
    told = {"subject": "venues:booking/1", "what": "音樂節", "starts_at": noon, "ends_at": noon + timedelta(hours=1)}
    site.lower(grid.session, kw=30, now=grid.now, **told)
    assert [each.limit for each in site.power(grid.session, noon - timedelta(minutes=15), 6)] == [
        120,
        90,
        90,
        90,
        90,
        120,
    ]
    site.lower(grid.session, kw=0, now=grid.now + timedelta(hours=1), **told)
    site.lower(grid.session, kw=50, now=grid.now, **told)  # an older word
    assert [each.limit for each in site.power(grid.session, noon, 2)] == [120, 120]


def test_off_peak_hours_begin_at_ten_at_night(grid):
    assert [each.cheap for each in site.power(grid.session, taipei(DAY, "21:45"), 2)] == [False, True]


def test_offers_reach_the_target_in_time_and_never_pass_the_contract(grid):
    grid.electric.charge_percent = 30
    need = grid.now + timedelta(hours=6)
    found = charging_offers.offers(grid.session, grid.now, grid.electric, need_by=need, target_percent=80)
    assert found and all(each.period.ends_at <= need and each.peak_kw <= each.limit_kw for each in found)
    assert "C02" not in {each.charger.code for each in found}  # out of order
    noon = charging.quarter(grid.now)
    site.lower(
        grid.session, subject="x", what="x", starts_at=noon, ends_at=noon + timedelta(hours=12), kw=115, now=grid.now
    )
    assert charging_offers.offers(grid.session, grid.now, grid.electric, need_by=need, target_percent=80) == []


def test_a_plan_previews_without_writing_and_books_when_applied(grid):
    grid.electric.charge_percent = 25
    grid.now = taipei(DAY, "06:00")
    trip = grid.approved("officer", "09:00", "12:00", destination=FAR, urgent_reason="急")
    give(grid, trip, low_charge_reason="先派")
    found = charging_day.prepare(grid.session, grid.now)
    (car,) = found.cars
    assert car.ready and car.trip is trip and car.stretches[0].change == "add" and found.changes >= 1
    assert grid.session.query(ChargingSlot).count() == 0
    charging_day.apply(grid.session, grid.people["dispatcher"], grid.now, found)
    again = charging_day.prepare(grid.session, grid.now)
    assert again.changes == 0 and again.ready == 1
    assert state_of_charge.left_below(grid.session, trip, grid.electric, trip.period, grid.now) is None
    with pytest.raises(Forbidden):
        charging_day.apply(grid.session, grid.people["driver"], grid.now, found)


def test_an_unreachable_trip_has_its_exact_shortage_and_names_who_could_take_it(grid):
    grid.electric.charge_percent = 21
    grid.now = taipei(DAY, "08:30")
    trip = grid.approved("officer", "09:00", "12:00", destination=FAR, urgent_reason="急")
    give(grid, trip, low_charge_reason="先派")
    for post in grid.posts.values():
        post.power_kw = 7
    (car,) = charging_day.prepare(grid.session, grid.now).cars
    # 156 km × 170 Wh = 26.52 kWh and 20 % of 60 are needed, 21 % are there; half an hour at 7 kW × 92 % brings 3.22
    assert not car.ready and car.short_kwh == pytest.approx(26.52 + 12 - 12.6 - 3.22, abs=0.02)
    assert grid.sedan in car.swap_with
    (shown,) = charging_board.readiness(grid.session, grid.now)
    assert shown.short_kwh == pytest.approx(26.52 + 12 - 12.6, abs=0.02)  # nothing is booked yet


def test_sessions_of_a_faulty_post_are_planned_onto_another(grid):
    slot = book(grid, "C03", "13:00", "15:00")
    grid.electric.charge_percent = 40
    grid.now = taipei(DAY, "10:00")
    person = grid.people["dispatcher"]
    charging.set_state(grid.session, person, grid.now, grid.posts["C03"].id, "faulty", fault="插頭壞了")
    assert charging.on_faulty_posts(grid.session, grid.now) == [slot]
    found = charging_day.prepare(grid.session, grid.now)
    assert [stretch.change for stretch in found.cars[0].stretches][0] == "move"
    charging_day.apply(grid.session, person, grid.now, found)
    assert charging.on_faulty_posts(grid.session, grid.now) == [] and slot.state == "cancelled"


def test_a_crowded_hour_is_eased_by_moving_those_that_can_wait(grid):
    cars = []
    for n in range(3):
        cars.append(type(grid.sedan)(
            plate=f"EAA-{n}", kind="sedan", seats=5, powertrain="electric", owner_agency_id=1, asset_number=f"e{n}", bay="B2", brand="T",
            year=2024, colour="白", battery_kwh=80, charge_percent=20, odometer_km=1, state="in_service", ac_kw=11, dc_kw=150,
        ))  # fmt: skip
    grid.session.add_all(cars)
    for n in (6, 7):
        grid.session.add(Charger(code=f"C0{n}", power_kw=60, supply="dc", bay="B3"))
    grid.session.flush()
    grid.posts = {post.code: post for post in charging.chargers(grid.session)}
    slots = [book(grid, f"C0{5 + n}", "13:00", "14:00", vehicle_id=cars[n].id) for n in range(3)]
    board = charging_board.board(grid.session, grid.now, DAY)
    (warning,) = board.warnings
    assert (warning.over.peak_kw, warning.over.limit_kw, len(warning.delays)) == (180, 120, 1)
    moved = charging_offers.ease(grid.session, grid.people["dispatcher"], grid.now, warning.over)
    assert len(moved) == 1 and moved[0] in slots and moved[0].starts_at >= taipei(DAY, "14:00")
    assert charging_board.board(grid.session, grid.now, DAY).warnings == ()


# --- overstay --------------------------------------------------------------------------------------------------


def test_the_keeper_of_a_full_car_is_told_once_a_dispatcher_asks(grid, facts):
    slot = book(grid, "C01", "06:00", "08:00")
    start = slot.starts_at
    row = posts.started(
        grid.session, start, "C01", reference="7", tag=grid.electric.plate, meter_wh=0, started_at=start
    )
    posts.metered(grid.session, start, row, meter_wh=9_000, percent=92, at_=start + timedelta(minutes=50))
    assert posts.overstaying(grid.session, start + timedelta(minutes=60)) == []
    later = start + timedelta(minutes=90)
    assert posts.overstaying(grid.session, later) == [row]
    assert posts.conditions(grid.session, [slot.charger], later)[slot.charger.id].code == "overstay"
    with pytest.raises(Forbidden):
        posts.tell_driver(grid.session, grid.people["driver"], later, row.id)
    posts.tell_driver(grid.session, grid.people["dispatcher"], later, row.id)
    kind, body = facts()[-1]
    assert (kind, body["minutes"], body["person_id"]) == ("charging_overstayed", 40, str(grid.people["dispatcher"].id))
