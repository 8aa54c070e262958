"""Workshop visits and accidents by programs: the same use cases as the pages, with the same refusals (V-55, V-56, V-60)."""

import pytest

from common.audit import AuditEntry
from fleet.models import Vehicle
from tests.fleet.conftest import DAY, Desk

VISIT = {
    "vehicle_id": "1", "kind": "service", "starts_at": f"{DAY}T09:00:00+08:00", "ends_at": f"{DAY}T12:00:00+08:00",
    "workshop": "信義保養廠",
}  # fmt: skip
CRASH = {
    "vehicle_id": "1",
    "happened_at": "2026-11-23T08:00:00+08:00",
    "place": "基隆路",
    "what": "擦撞",
    "heavy": True,
}


@pytest.fixture
def pool(database, people, now):
    """The desk; the trip's number and id that has the sedan 09–10."""

    def prepare(session):
        desk = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        trip = desk.accepted()
        return trip.number, str(trip.id)

    return database.transact(prepare)


def test_a_visit_takes_the_car_and_gives_it_back(client, pool):
    desk = client(as_="dispatcher")
    taken = desk.api("POST", "/workshop-visits", VISIT)
    assert taken.status_code == 409 and taken.json["errors"][0]["field"] == "vehicle_id"
    made = desk.api("POST", "/workshop-visits", VISIT | {"vehicle_id": "2"})
    assert made.status_code == 201 and made.json["state"] == "booked"
    again = desk.api("POST", "/workshop-visits", VISIT | {"vehicle_id": "2"})
    assert again.status_code == 409
    place = f"/workshop-visits/{made.json['id']}/end"
    assert desk.api("POST", place, {"rev": 99}).status_code == 409
    done = desk.api("POST", place, {"rev": made.json["rev"]})
    assert done.json["state"] == "done"
    assert desk.api("POST", place, {}).status_code == 409, "it is over"
    off = desk.api("POST", "/workshop-visits", VISIT | {"vehicle_id": "2"}).json
    assert desk.api("POST", f"/workshop-visits/{off['id']}/end", {"done": False}).json["state"] == "cancelled"
    listed = desk.api("GET", "/workshop-visits?state=done").json["items"]
    assert [one["id"] for one in listed] == [made.json["id"]]
    assert desk.api("GET", "/workshop-visits?vehicle_id=1").json["items"] == []


def test_an_accident_is_reported_listed_and_dealt_with_step_by_step(client, pool, database):
    _, trip_id = pool
    made = client(as_="driver").api("POST", "/accidents", CRASH | {"trip_id": trip_id})
    assert made.status_code == 201
    told = made.json
    assert (told["step"], told["next_step"], told["trip_id"], told["driver_id"]) == ("reported", "scene", trip_id, "1")
    desk, auditor = client(as_="dispatcher"), client(as_="auditor")
    steps = f"/accidents/{told['id']}/steps"
    for step in ("scene", "insurer", "settled", "closed"):
        row = desk.api("POST", steps, {"note": f"辦理 {step}", "rev": told["rev"]})
        told = row.json
        assert (row.status_code, told["step"]) == (200, step)
    assert desk.api("POST", steps, {"note": "再一次"}).status_code == 409
    assert [one["step"] for one in told["steps"]] == ["reported", "scene", "insurer", "settled", "closed"]
    assert auditor.api("GET", "/accidents?open=true").json["items"] == []
    assert [one["id"] for one in auditor.api("GET", "/accidents?open=false&vehicle_id=1").json["items"]] == [told["id"]]
    assert auditor.api("GET", f"/accidents/{told['id']}").json == told
    with database.reading() as session:
        assert session.get(Vehicle, 1).state == "repair"
        actions = [row.action for row in session.query(AuditEntry).filter(AuditEntry.action.like("accident.%"))]
        assert actions == ["accident.reported", *["accident.advanced"] * 4]


def test_what_cannot_be_is_refused_at_its_field(client, pool):
    driver = client(as_="driver")
    later = driver.api("POST", "/accidents", CRASH | {"happened_at": f"{DAY}T09:00:00+08:00"})
    assert later.status_code == 422 and later.json["errors"][0]["field"] == "happened_at"
    other = driver.api("POST", "/accidents", CRASH | {"vehicle_id": "2", "trip_id": pool[1]})
    assert other.status_code == 422 and other.json["errors"][0]["field"] == "trip_id"
    assert driver.api("POST", "/accidents", CRASH | {"vehicle_id": "999"}).status_code == 404
    past = {"starts_at": "2026-11-20T09:00:00+08:00", "ends_at": "2026-11-20T10:00:00+08:00"}
    assert client(as_="dispatcher").api("POST", "/workshop-visits", VISIT | past).status_code == 422


@pytest.mark.parametrize(
    ("who", "method", "path", "body"),
    [
        ("officer", "POST", "/workshop-visits", VISIT),
        ("auditor", "POST", "/workshop-visits", VISIT),
        ("driver", "GET", "/workshop-visits", None),
        ("driver", "GET", "/accidents", None),
        ("auditor", "POST", "/accidents", CRASH),
        ("officer", "POST", "/accidents/1/steps", {"note": "x"}),
        ("supervisor", "GET", "/accidents/1", None),
    ],
)
def test_who_has_no_part_in_it_is_refused(client, pool, who, method, path, body):
    assert client(as_=who).api(method, path, body).status_code == 403


def test_the_same_report_sent_twice_is_one_accident(client, pool):
    driver = client(as_="driver")
    first = driver.api("POST", "/accidents", CRASH, idempotency_key="crash-1")
    again = driver.api("POST", "/accidents", CRASH, idempotency_key="crash-1")
    assert first.json["id"] == again.json["id"]
    assert len(client(as_="dispatcher").api("GET", "/accidents").json["items"]) == 1
