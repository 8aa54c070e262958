"""The registers: cars, drivers, posts and places are added and corrected by hand; upkeep's pages beside them."""

from datetime import date
from html import unescape

import pytest

from common.audit import AuditEntry
from common.errors import Invalid
from fleet import cards
from fleet.models import Accident, Charger, Driver, Place, Vehicle, VehicleCard
from tests.fleet.conftest import Desk

CAR = {
    "plate": "rcx 3081", "kind": "sedan", "seats": "5", "powertrain": "petrol", "owner_agency_id": "1", "asset_number": "5010105-02-0001",
    "bay": "B2-01", "brand": "Toyota", "year": "2020", "colour": "白", "odometer_km": "12,000", "registered_on": "2020-03-01",
    "insured_until": "2027-01-31", "maker_km_per_unit": "14.5",
}  # fmt: skip


@pytest.fixture
def pool(database, people, now):
    database.transact(
        lambda session: Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now) and None
    )


def text(response):
    return unescape(response.get_data(as_text=True))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ｒｃｘ－3081", "RCX-3081"),
        ("rcx3081", "RCX-3081"),
        ("1234 ab", "1234-AB"),
        ("EAA-1001", "EAA-1001"),
        (" ab–1234 ", "AB-1234"),
    ],
)
def test_a_plate_is_understood_as_people_type_it(typed, kept):
    assert cards.plate_of(typed) == kept


@pytest.mark.parametrize("typed", ["車", "RCX", "ABC-DEF", "RCX-30815", "A-1", "RCX--"])
def test_what_is_no_plate_is_told_how_one_looks(typed):
    with pytest.raises(Invalid) as refused:
        cards.plate_of(typed)
    assert "RCX-3081" in refused.value.errors[0].words.zh


def test_an_empty_house_gets_its_first_car_driver_post_and_place_by_hand(client, people, database):
    dispatcher = client(as_="dispatcher")
    assert "還沒有車" in text(dispatcher.get("/vehicles"))
    assert dispatcher.submit("/vehicles/new", CAR).status_code == 303
    driver = {"person_id": "6", "licence_class": "small_pro", "licence_expires_on": "2030-01-01"}
    assert dispatcher.submit("/drivers/new", driver).status_code == 303
    assert dispatcher.submit("/places", {"name": "市議會", "name_en": "City Council", "km": "2"}).status_code == 303
    assert dispatcher.submit("/chargers", {"code": "C01", "power_kw": "7", "bay": "B3-01"}).status_code == 303
    with database.reading() as session:
        car = session.query(Vehicle).one()
        assert (car.plate, car.odometer_km, session.get(VehicleCard, car.id).registered_on) == (
            "RCX-3081",
            12_000,
            date(2020, 3, 1),
        )
        assert [session.query(model).count() for model in (Driver, Place, Charger)] == [1, 1, 1]
        assert {row.action for row in session.query(AuditEntry)} >= {
            "vehicle.added",
            "driver.added",
            "place.added",
            "charger.added",
        }


def test_what_cannot_stand_is_told_at_its_field_and_nothing_typed_is_lost(client, pool, database):
    dispatcher = client(as_="dispatcher")
    wrong = CAR | {"plate": "TST-0001", "seats": "9", "powertrain": "electric", "insured_from": "2028-01-01"}
    page = dispatcher.submit("/vehicles/new", wrong)
    told = text(page)
    assert (
        page.status_code == 422
        and "轎車最多 5 座" in told
        and "電動車請填電池容量" in told
        and "保險迄日要晚於起日" in told
    )
    assert 'value="5010105-02-0001"' in told
    twice = dispatcher.submit("/vehicles/new", CAR | {"plate": "TST-0001"})
    assert twice.status_code == 422 and "已經有這個車號了" in text(twice)


def test_a_card_is_corrected_with_its_revision_and_the_odometer_never_runs_back(client, pool, database):
    dispatcher = client(as_="dispatcher")
    with database.reading() as session:
        rev = session.get(Vehicle, 1).rev
    told = CAR | {"plate": "TST-0001", "state": "in_service", "rev": str(rev)}
    assert "里程不能比 10,000 公里少" in text(dispatcher.submit("/vehicles/1/edit", told | {"odometer_km": "9999"}))
    assert dispatcher.submit("/vehicles/1/edit", told).status_code == 303
    stale = dispatcher.submit("/vehicles/1/edit", told | {"brand": "Honda"})
    assert stale.status_code == 409
    page = text(dispatcher.get("/vehicles/1"))
    assert "Toyota" in page and "14.5 km/L" in page and "定期檢驗" in page
    with database.reading() as session:
        (entry,) = session.query(AuditEntry).filter_by(action="vehicle.changed")
        assert entry.before["brand"] == "Test" and entry.after["brand"] == "Toyota" and "seats" not in entry.after


def test_plates_are_handed_in_and_come_back_on_the_card(client, pool):
    dispatcher = client(as_="dispatcher")
    told = {"from_day": "2026-08-01", "until_day": "2027-01-01", "reason": "待料", "rev": "1"}
    assert dispatcher.submit("/vehicles/1/suspend", told).status_code == 303
    assert "恢復使用" in text(dispatcher.get("/vehicles/1"))
    assert dispatcher.submit("/vehicles/1/resume", {}).status_code == 303
    assert "臨時檢驗" in text(dispatcher.get("/vehicles/1"))


def test_upkeep_is_recorded_booked_and_seen_on_its_page(client, pool):
    dispatcher = client(as_="dispatcher")
    dispatcher.submit(
        "/vehicles/1/edit",
        CAR | {"plate": "TST-0001", "state": "in_service", "registered_on": "2021-10-15", "rev": "1"},
    )
    page = text(dispatcher.get("/upkeep"))
    assert "TST-0001" in page and "停派" in page
    done = {"vehicle_id": "1", "kind": "inspection", "done_on": "2026-11-20", "cost": "600", "passed": "1"}
    assert dispatcher.submit("/upkeep/new", done).status_code == 303
    assert "停派" not in text(dispatcher.get("/upkeep"))
    visit = {
        "vehicle_id": "1",
        "kind": "service",
        "date": "2026-11-30",
        "leave": "09:00",
        "back": "17:00",
        "workshop": "保養廠",
    }
    assert dispatcher.submit("/upkeep/workshop", visit).status_code == 303
    twice = dispatcher.submit("/upkeep/workshop", visit | {"leave": "16:00", "back": "18:00"})
    assert twice.status_code == 409 and "已有安排，請先改派" in text(twice)
    back = dispatcher.submit("/upkeep/workshop/1/done", {"rev": "1"})
    assert back.status_code == 303 and "/upkeep/new?vehicle=1&kind=service" in back.location


def test_upkeep_through_its_operations(client, pool):
    dispatcher = client(as_="dispatcher")
    body = {
        "vehicle_id": "1",
        "kind": "insurance",
        "done_on": "2026-11-01",
        "valid_until": "2026-12-10",
        "workshop": "松山產險",
    }
    assert dispatcher.api("POST", "/upkeep", body).status_code == 201
    (item,) = [each for each in dispatcher.api("GET", "/upkeep/due?kind=insurance").get_json()["items"]]
    assert (item["vehicle_id"], item["due_on"], item["state"], item["blocks"]) == ("1", "2026-12-10", "soon", True)
    assert client(as_="driver").api("POST", "/upkeep", body).status_code == 403


def test_a_driver_reports_an_accident_and_dispatch_sees_it_through(client, pool, database):
    driver, dispatcher = client(as_="driver"), client(as_="dispatcher")
    assert "119" in text(driver.get("/accidents/new"))
    told = {"vehicle_id": "1", "happened_at": "2026-11-23T08:50", "place": "基隆路口", "what": "追撞", "unfit": "1"}
    assert driver.submit("/accidents/new", told).status_code == 303
    assert "基隆路口" in text(dispatcher.get("/upkeep"))
    assert dispatcher.submit("/accidents/1/step", {"note": "警方到場"}).status_code == 303
    page = text(dispatcher.get("/accidents/1"))
    assert "警方到場" in page and "周行路" in page
    assert driver.get("/accidents/1").status_code == 403
    with database.reading() as session:
        assert session.query(Accident).one().step == "scene" and session.get(Vehicle, 1).state == "repair"


@pytest.mark.parametrize(
    "path", ["/vehicles", "/vehicles/1", "/drivers", "/places", "/upkeep", "/retirement", "/costs"]
)
def test_the_books_are_the_vehicle_units(client, pool, path):
    for name, status in (("dispatcher", 200), ("admin", 200), ("auditor", 200), ("officer", 403), ("driver", 403)):
        assert client(as_=name).get(path).status_code == status
    assert client(as_="dispatcher").get(f"{path}?lang=en").status_code == 200
