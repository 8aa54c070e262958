"""The public interface: contract.md's names, problem+json, one effect per key, stale revisions refused."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from common.messages import Outbox
from common.reservations import Reservation
from fleet.messages import FACTS, TripFact
from fleet.models import Trip
from tests.fleet.conftest import Desk

TRIP = {
    "purpose_code": "guests", "purpose": "姊妹市交流", "origin": "市政大樓", "destination": "市議會", "passengers": 4,
    "starts_at": "2026-11-30T09:00:00+08:00", "ends_at": "2026-11-30T12:00:00+08:00", "needs_driver": True,
}  # fmt: skip

OPERATIONS = {
    "listVehicles", "getVehicle", "findFreeVehicles", "requestTrip", "getTrip", "listTrips", "approveTrip", "returnTrip",
    "suggestAssignment", "assignTrip",
    "changeTrip", "cancelTrip", "acceptTrip", "declineTrip", "startTrip", "finishTrip", "signOffTrip", "recordLateTrip",
    "listDrivers", "listChargers", "bookChargingSlot", "cancelChargingSlot",
}  # fmt: skip


@pytest.fixture
def pool(database, people, now):
    def prepare(work=lambda desk: None):
        return database.transact(
            lambda session: work(Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now))
        )

    return prepare


def test_the_operations_have_the_names_outsiders_rely_on(client):
    document = client().get("/api/v1/openapi.json").get_json()
    named = {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if "operationId" in operation
    }
    assert named >= OPERATIONS


def test_the_whole_path_over_the_interface(client, pool):
    pool()
    officer, supervisor, dispatcher, driver = (
        client(as_=who) for who in ("officer", "supervisor", "dispatcher", "driver")
    )
    trip = officer.api("POST", "/trips", TRIP)
    assert trip.status_code == 201
    told = trip.get_json()
    assert (told["status"], told["number"], told["starts_at"]) == (
        "submitted",
        "115-11-00001",
        "2026-11-30T09:00:00+08:00",
    )
    path = f"/trips/{told['id']}"
    assert supervisor.api("POST", f"{path}/approve", {"rev": told["rev"]}).get_json()["status"] == "approved"
    found = dispatcher.api("GET", f"{path}/suggestion").get_json()
    assert found["cars"]["candidates"][0]["id"] == found["vehicle_id"]
    assert found["cars"]["candidates"][0]["reasons"][0].keys() == {"zh", "en"}
    chosen = {"vehicle_id": found["vehicle_id"], "driver_id": found["driver_id"]}
    assigned = dispatcher.api("POST", f"{path}/assign", chosen).get_json()
    assert (assigned["status"], assigned["vehicle_id"]) == ("assigned", found["vehicle_id"])
    assert assigned["reasons"]
    assert driver.api("POST", f"{path}/accept").get_json()["status"] == "accepted"
    car = driver.api("GET", f"/vehicles/{assigned['vehicle_id']}").get_json()
    assert driver.api("POST", f"{path}/start", {"odometer_out": car["odometer_km"]}).get_json()["status"] == "under_way"
    finished = driver.api(
        "POST", f"{path}/finish", {"odometer_out": car["odometer_km"], "odometer_in": car["odometer_km"] + 9}
    )
    assert finished.get_json()["odometer_in"] == car["odometer_km"] + 9
    signed = officer.api("POST", f"{path}/sign-off", {"rev": finished.get_json()["rev"]})
    assert signed.get_json()["status"] == "signed_off"


def test_a_refusal_is_problem_json_with_its_fields(client, pool):
    pool()
    refused = client(as_="officer").api("POST", "/trips", TRIP | {"ends_at": TRIP["starts_at"], "passengers": "4"})
    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    told = refused.get_json()
    assert told["status"] == 422 and [error["field"] for error in told["errors"]] == ["passengers"]
    later = client(as_="officer").api("POST", "/trips", TRIP | {"ends_at": TRIP["starts_at"]})
    assert [error["field"] for error in later.get_json()["errors"]] == ["ends_at"]


def test_outsiders_and_strangers(client, pool):
    pool()
    assert client(as_="group").api("POST", "/trips", TRIP).status_code == 403
    assert client(as_="group").api("GET", "/trips").status_code == 403
    assert client().api("GET", "/trips").status_code == 401
    assert client(as_="driver").api("GET", "/drivers").status_code == 403


def test_the_same_key_asks_once(client, pool, database):
    pool()
    officer = client(as_="officer")
    first = officer.api("POST", "/trips", TRIP, idempotency_key="once")
    again = officer.api("POST", "/trips", TRIP, idempotency_key="once")
    assert (first.status_code, again.status_code) == (201, 201) and first.get_json() == again.get_json()
    assert officer.api("POST", "/trips", TRIP | {"passengers": 3}, idempotency_key="once").status_code == 422
    with database.reading() as session:
        assert session.query(Trip).count() == 1 and session.query(Outbox).count() == 1


def test_a_stale_revision_is_refused(client, pool):
    pool(lambda desk: desk.asked() and None)
    officer = client(as_="officer")
    rev = officer.api("GET", "/trips/1").get_json()["rev"]
    assert officer.api("PATCH", "/trips/1", {"passengers": 2, "rev": rev}).status_code == 200
    stale = officer.api("PATCH", "/trips/1", {"passengers": 1, "rev": rev})
    assert stale.status_code == 409 and stale.get_json()["type"].endswith("stale")
    assert stale.get_json()["current"] == officer.api("GET", "/trips/1").get_json()


def test_a_taken_car_is_a_conflict_in_words(client, pool):
    def clash(desk):
        desk.assigned("09:00", "10:00")
        return desk.approved(starts="09:30", ends="10:30").id, desk.sedan.id, desk.driver2.id

    trip_id, vehicle_id, driver_id = pool(clash)
    refused = client(as_="dispatcher").api(
        "POST", f"/trips/{trip_id}/assign", {"vehicle_id": str(vehicle_id), "driver_id": str(driver_id)}
    )
    assert refused.status_code == 409 and "115-11-00001" in refused.get_json()["detail"]
    gone = client(as_="dispatcher").api(
        "POST", f"/trips/{trip_id}/assign", {"vehicle_id": "999", "driver_id": str(driver_id)}
    )
    assert gone.status_code == 404


def test_lists_come_in_pages_and_only_what_one_may_see(client, pool):
    def some(desk):
        for hour in range(7, 12):
            desk.asked(starts=f"{hour:02d}:00", ends=f"{hour:02d}:30")
        desk.asked("officer2")

    pool(some)
    page = client(as_="officer").api("GET", "/trips?limit=3").get_json()
    rest = client(as_="officer").api("GET", f"/trips?limit=3&cursor={page['next']}").get_json()
    assert [len(page["items"]), len(rest["items"]), rest["next"]] == [3, 2, None]
    assert len(client(as_="auditor").api("GET", "/trips").get_json()["items"]) == 6
    assert client(as_="driver").api("GET", "/trips").get_json()["items"] == []
    assert client(as_="officer").api("GET", "/trips?status=approved").get_json()["items"] == []
    assert client(as_="officer").api("GET", "/trips?nonsense=1").status_code == 422


def test_free_vehicles_say_from_when_until_when_and_why(client, pool):
    pool(lambda desk: desk.assigned("13:00", "14:00") and None)
    query = "starts_at=2026-11-30T09:00:00%2B08:00&ends_at=2026-11-30T12:00:00%2B08:00&passengers=4"
    items = client(as_="officer").api("GET", f"/vehicles/free?{query}").get_json()["items"]
    assert items[0]["plate"] == "TST-0004"
    sedan = next(item for item in items if item["plate"] == "TST-0001")
    assert sedan["free_until"] == "2026-11-30T13:00:00+08:00"
    backwards = "starts_at=2026-11-30T09:00:00%2B08:00&ends_at=2026-11-30T08:00:00%2B08:00"
    assert client(as_="officer").api("GET", f"/vehicles/free?{backwards}").status_code == 422


def test_charging_over_the_interface(client, pool):
    vehicle_id = pool(lambda desk: desk.electric.id)
    dispatcher = client(as_="dispatcher")
    slot = {
        "charger_id": "1",
        "vehicle_id": str(vehicle_id),
        "starts_at": "2026-11-24T18:00:00+08:00",
        "ends_at": "2026-11-24T20:00:00+08:00",
    }
    made = dispatcher.api("POST", "/charging-slots", slot | {"target_percent": 90})
    assert (made.status_code, made.get_json()["state"]) == (201, "booked")
    assert dispatcher.api("POST", "/charging-slots", slot).status_code == 409
    assert dispatcher.api("POST", "/charging-slots", slot | {"charger_id": "2"}).status_code == 409  # out of order
    assert dispatcher.api("POST", "/charging-slots", slot | {"ends_at": "2026-11-25T20:00:00+08:00"}).status_code == 422
    assert dispatcher.api("POST", "/charging-slots/1/cancel", {"rev": 1}).get_json()["state"] == "cancelled"
    assert dispatcher.api("POST", "/charging-slots", slot).status_code == 201
    assert client(as_="officer").api("GET", "/chargers").get_json()["items"][0]["code"] == "C02"


def test_many_hands_on_one_car_and_exactly_one_gets_it(client, pool, database):
    def rivals(desk):
        made = [desk.approved(starts="09:00", ends="10:00").id for _ in range(8)]
        return made, desk.sedan.id, desk.driver.id

    ids, vehicle_id, driver_id = pool(rivals)
    hands = [client(as_="dispatcher") for _ in ids]

    def grab(number: int) -> int:
        chosen = {"vehicle_id": str(vehicle_id), "driver_id": str(driver_id)}
        return hands[number].api("POST", f"/trips/{ids[number]}/assign", chosen).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(grab, range(8)))
    assert answers == [200] + [409] * 7
    with database.reading() as session:
        taken = select(Reservation).where(
            Reservation.resource == f"vehicle:{vehicle_id}", Reservation.state == "confirmed"
        )
        assert len(session.scalars(taken).all()) == 1


def test_every_fact_is_documented_and_those_about_trips_share_one_body():
    assert len({fact.type for fact in FACTS}) == len(FACTS)
    for fact in FACTS:
        assert issubclass(fact, TripFact) == fact.type.startswith("fleet.trip_") and fact.__doc__
        assert all(field.metadata.get("description") for field in fact().fields.values())


def test_a_trip_is_moved_and_the_move_undone(client, database, people, now):
    """The board's two operations, and what a program is told when it is too late."""

    def prepare(session):
        desk = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        return desk.accepted().id, desk.van.id

    trip_id, van_id = database.transact(prepare)
    dispatcher = client(as_="dispatcher")
    moved = dispatcher.api("POST", f"/trips/{trip_id}/move", {"vehicle_id": str(van_id)}).get_json()
    assert moved["trip"]["vehicle_id"] == str(van_id) and moved["trip"]["status"] == "accepted"
    stale = dispatcher.api("POST", f"/trips/{trip_id}/move", {"vehicle_id": "1", "rev": 1})
    assert stale.status_code == 409 and stale.get_json()["current"]["rev"] == moved["trip"]["rev"]
    undone = dispatcher.api("POST", f"/moves/{moved['id']}/undo", {"rev": moved["trip"]["rev"]})
    assert undone.status_code == 200 and undone.get_json()["vehicle_id"] != str(van_id)
    assert dispatcher.api("POST", f"/moves/{moved['id']}/undo").status_code == 409
    assert client(as_="officer").api("POST", f"/trips/{trip_id}/move", {}).status_code == 403
