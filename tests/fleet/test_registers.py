"""Posts, places, the site's power, consumption and parameters are set by the vehicle unit; past figures stay as they were."""

from datetime import date, timedelta
from html import unescape

import pytest

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid
from common.period import taipei, today
from fleet import parameters, registers, rules
from fleet.electric import charging, site, state_of_charge
from fleet.models import Charger, Place, Policy, SiteWindow
from tests.fleet.conftest import DAY, Desk

TOMORROW = timedelta(days=1)
CARD = {"code": "C01", "power_kw": 7, "supply": "ac", "bay": "B3-01", "state": "in_service"}


@pytest.fixture
def unit(desk):
    desk.person, desk.today = desk.people["dispatcher"], today(desk.now)
    return desk


@pytest.fixture
def pool(database, people, now):
    database.transact(
        lambda session: Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now) and None
    )


def text(response):
    return unescape(response.get_data(as_text=True))


def post_of(unit, code="C01"):
    return unit.session.query(Charger).filter_by(code=code).one()


def save(unit, post, **more):
    return registers.save_charger(unit.session, unit.person, unit.now, post, **(CARD | more))


# --- posts and places ------------------------------------------------------------------------------------------------


def test_sessions_booked_on_a_post_that_gives_less_are_held_to_it(unit):
    post = post_of(unit)
    slot = charging.book(
        unit.session, unit.person, unit.now, charger_id=post.id, vehicle_id=unit.electric.id, starts_at=taipei(DAY, "06:00"),
        ends_at=taipei(DAY, "08:00"), target_percent=100, plan=[7.0] * 8,
    )  # fmt: skip
    before = slot.expected_percent
    save(unit, post, power_kw=3)
    assert slot.plan == [3.0] * 8 and slot.expected_percent < before
    (entry,) = unit.session.query(AuditEntry).filter_by(action="charger.changed")
    assert (entry.before, entry.after) == ({"power_kw": 7}, {"power_kw": 3})


def test_a_post_goes_out_of_service_with_a_reason_only(unit):
    with pytest.raises(Invalid) as refused:
        save(unit, post_of(unit), state="faulty")
    assert refused.value.errors[0].field == "fault"
    post = save(unit, post_of(unit), state="faulty", fault="插頭鬆脫")
    assert (post.usable, post.fault) == (False, "插頭鬆脫")
    assert save(unit, post).usable and post.fault is None
    assert unit.session.query(AuditEntry).filter_by(action="charger.state").count() == 2


def test_a_connected_post_keeps_its_code_and_no_code_stands_twice(unit):
    post = post_of(unit)
    post.connected = True
    with pytest.raises(registers.Connected):
        save(unit, post, code="C99")
    post.connected = False
    assert save(unit, post, code="C99").code == "C99"
    with pytest.raises(Invalid):
        save(unit, post, code="C02")


def test_registers_are_closed_to_others(unit):
    unit.person = unit.people["officer"]
    with pytest.raises(Forbidden):
        save(unit, post_of(unit))
    with pytest.raises(Forbidden):
        windows(unit, ("00:00", 10))
    with pytest.raises(Forbidden):
        parameter(unit, "ev.morning_percent", 80)
    with pytest.raises(Forbidden):
        draws(unit, 150)


# --- the site's power ------------------------------------------------------------------------------------------------


def windows(unit, *rows, day=None):
    told = [registers.Window(opens, kw, len(more) > 0) for opens, kw, *more in rows]
    return registers.set_windows(unit.session, unit.person, unit.now, windows=told, valid_from=day or unit.today)


def limits(unit, day):
    return [each.limit for each in site.power(unit.session, taipei(day, "00:00"), 96)]


def test_a_new_set_holds_from_its_day_on_and_covers_the_whole_day(unit):
    day = unit.today + TOMORROW
    windows(unit, ("00:00", 90, "cheap"), ("07:30", 50), day=day)
    assert limits(unit, unit.today)[40] == 120, "today stays as it was"
    assert limits(unit, day) == [90] * 30 + [50] * 66
    windows(unit, ("00:00", 80), day=day)
    assert limits(unit, day) == [80] * 96, "entered again for the same day it takes its place"
    assert {row.sample for row in registers.windows_on(unit.session, day)} == {False}
    last = unit.session.query(AuditEntry).filter_by(action="site.limits_set").order_by(AuditEntry.id.desc()).first()
    assert [row["kw"] for row in last.before["windows"]] == [90, 50] and last.after["windows"][0]["kw"] == 80


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ((("06:00", 90),), "windows.0.opens"),
        ((("00:00", 90), ("08:00", 60), ("08:00", 50)), "windows.2.opens"),
        ((("00:00", 90), ("08:10", 60)), "windows.1.opens"),
        ((), "windows.0.opens"),
    ],
)
def test_a_set_with_holes_is_refused_at_its_row(unit, rows, field):
    with pytest.raises(Invalid) as refused:
        windows(unit, *rows)
    assert [each.field for each in refused.value.errors] == [field]


def test_figures_of_the_past_are_not_touched(unit):
    yesterday = unit.today - TOMORROW
    for change in (
        lambda: windows(unit, ("00:00", 90), day=yesterday),
        lambda: draws(unit, 150, day=yesterday),
        lambda: parameter(unit, "ev.morning_percent", 80, day=yesterday),
    ):
        with pytest.raises(Invalid) as refused:
            change()
        assert refused.value.errors[0].field == "valid_from"


# --- what cars draw --------------------------------------------------------------------------------------------------


def draws(unit, wh, day=None, model="Test", season="cold"):
    return registers.set_consumption(
        unit.session, unit.person, unit.now, model=model, season=season, wh_per_km=wh, valid_from=day or unit.today
    )


def test_a_new_consumption_counts_from_its_day_in_its_season(unit):
    rule = rules.in_force(unit.session, unit.now)
    draws(unit, 250)
    day = unit.today + TOMORROW
    draws(unit, 260, day=day)

    def known(day):
        return state_of_charge.wh_per_km(unit.session, "Test", day, rule)

    winter = date(unit.today.year + 1, 1, 15)
    assert known(winter) == 260
    draws(unit, 240, day=day)
    assert known(winter) == 240, "entered again for the same day it takes its place"
    assert known(date(unit.today.year + 1, 7, 15)) == rule["ev.wh_per_km"], "summer has no figure of its own"
    with pytest.raises(Invalid):
        draws(unit, 240, model="Unknown")


# --- parameters ------------------------------------------------------------------------------------------------------


def parameter(unit, key, value, day=None):
    return parameters.set_value(unit.session, unit.person, unit.now, key=key, value=value, valid_from=day or unit.today)


def test_a_parameter_changes_from_its_day_on(unit):
    day = unit.today + timedelta(days=3)
    parameter(unit, "dispatch.accept_minutes", 15, day=day)
    assert rules.in_force(unit.session, unit.now)["dispatch.accept_minutes"] == 30
    assert rules.in_force(unit.session, taipei(day, "08:00"))["dispatch.accept_minutes"] == 15
    parameter(unit, "dispatch.accept_minutes", 20, day=day)
    rows = unit.session.query(Policy).filter_by(key="dispatch.accept_minutes").order_by(Policy.valid_from).all()
    assert [(row.value, row.sample) for row in rows] == [(30, True), (20, False)]
    entries = unit.session.query(AuditEntry).filter_by(action="parameter.set").order_by(AuditEntry.id).all()
    assert [(each.before["value"], each.after["value"]) for each in entries] == [(30, 15), (15, 20)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dispatch.accept_minutes", 0),
        ("ev.plug_in_below_percent", 20),  # not above the floor
        ("ev.plug_in_below_percent", 95),  # above what cars are charged to
        ("ev.morning_percent", 50),
        ("driver.max_hours_a_day", 14),  # rests on a rule, not set here
    ],
)
def test_a_value_that_makes_no_sense_is_refused(unit, key, value):
    with pytest.raises(Invalid):
        parameter(unit, key, value)


def test_the_order_of_the_levels_holds_on_later_days_too(unit):
    later = unit.today + timedelta(days=5)
    parameter(unit, "ev.plug_in_below_percent", 75, day=later)
    with pytest.raises(Invalid):
        parameter(unit, "ev.morning_percent", 70)
    assert parameter(unit, "ev.morning_percent", 80).value == 80


# --- pages -----------------------------------------------------------------------------------------------------------


def test_all_of_it_is_found_under_registers_and_read_only_for_the_auditor(client, pool):
    dispatcher, auditor, officer = client(as_="dispatcher"), client(as_="auditor"), client(as_="officer")
    hub = text(dispatcher.get("/registers"))
    for path in ("/places", "/charging/limits", "/charging/consumption", "/parameters", "/drivers", "/vehicles"):
        assert f'href="{path}"' in hub
        assert officer.get(path).status_code == 403
        assert "<form method=" not in text(auditor.get(path)).split("<main")[1]
    assert "/registers" in text(dispatcher.get("/upkeep")), "in the second menu"
    for path in ("/chargers/1", "/places/1"):
        assert auditor.get(path).status_code == 403
    assert auditor.submit("/parameters", {}).status_code == 403


def test_a_post_and_a_place_are_corrected_on_their_cards(client, pool, database):
    dispatcher = client(as_="dispatcher")
    told = {"code": "C01", "power_kw": "11", "supply": "ac", "bay": "B3-07", "state": "faulty"}
    refused = dispatcher.submit("/chargers/1", told)
    assert refused.status_code == 422 and "停用請寫明原因" in text(refused) and 'value="B3-07"' in text(refused)
    assert dispatcher.submit("/chargers/1", told | {"fault": "插頭鬆脫", "rev": "1"}).status_code == 303
    assert dispatcher.submit("/chargers/1", told | {"fault": "插頭鬆脫", "rev": "1"}).status_code == 409
    page = text(dispatcher.get("/places"))
    assert "插頭鬆脫" in page and "B3-07" in page
    place = {"name": "市議會", "name_en": "City Council", "km": "3", "latitude": "25.0375"}
    assert "經緯度要一起填" in text(dispatcher.submit("/places/1", place))
    assert dispatcher.submit("/places/1", place | {"longitude": "121.5637"}).status_code == 303
    with database.reading() as session:
        row = session.get(Place, 1)
        assert (row.km, row.latitude, row.longitude) == (3, 25.0375, 121.5637)


def test_limits_are_typed_by_rows_and_faults_stand_at_theirs(client, pool, database):
    dispatcher = client(as_="dispatcher")
    day = "2026-12-01"
    told = {"valid_from": day, "windows.0.opens": "00:00", "windows.0.kw": "140", "windows.0.cheap": "1"}
    gap = told | {"windows.3.opens": "00:00", "windows.3.kw": "100"}
    page = text(dispatcher.submit("/charging/limits", gap))
    assert 'id="f-windows-3-opens-e"' in page and "要比前一段晚" in page
    assert (
        dispatcher.submit("/charging/limits", told | {"windows.3.opens": "07:00", "windows.3.kw": "100"}).status_code
        == 303
    )
    with database.reading() as session:
        rows = session.query(SiteWindow).filter_by(valid_from=date(2026, 12, 1)).order_by(SiteWindow.opens).all()
        assert [(row.opens, row.closes, row.kw, row.cheap) for row in rows] == [
            ("00:00", "07:00", 140, True), ("07:00", "24:00", 100, False),
        ]  # fmt: skip
    assert "將適用" in text(dispatcher.get("/charging/limits"))


def test_a_limit_below_what_is_booked_says_so(client, pool, database, people, now):
    def book(session):
        person = session.query(type(people["dispatcher"])).filter_by(username="dispatcher").one()
        charging.book(
            session, person, now, charger_id=1, vehicle_id=4, starts_at=taipei(DAY, "06:00"), ends_at=taipei(DAY, "08:00"),
            target_percent=90,
        )  # fmt: skip

    database.transact(book)
    dispatcher = client(as_="dispatcher")
    dispatcher.submit("/charging/limits", {"valid_from": str(DAY), "windows.0.opens": "00:00", "windows.0.kw": "5"})
    assert "1 段已預約的充電會超過" in text(dispatcher.get("/charging/limits"))


def test_figures_are_entered_on_their_pages(client, pool):
    dispatcher = client(as_="dispatcher")
    told = {"model": "Test", "season": "cold", "wh_per_km": "199", "valid_from": "2026-12-01"}
    assert dispatcher.submit("/charging/consumption", told).status_code == 303
    assert "199" in text(dispatcher.get("/charging/consumption"))
    told = {"key": "dispatch.accept_minutes", "value": "15", "valid_from": "2026-12-01"}
    assert dispatcher.submit("/parameters", told).status_code == 303
    page = text(dispatcher.get("/parameters"))
    assert "駕駛多久沒接單" in page and "起 15" in page
    assert "請填 5 到 240" in text(dispatcher.submit("/parameters", told | {"value": "1"}))
