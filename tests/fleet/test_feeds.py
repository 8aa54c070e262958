"""Fleet's calendars, read back by another program's parser: who sees what, what was cancelled, when nothing changed."""

import hashlib
from datetime import timedelta

import icalendar
import pytest

from common.identity import Feed
from fleet import driving, trips
from tests.fleet.conftest import Desk


@pytest.fixture
def pool(database, people, now):
    def prepare(work):
        return database.transact(
            lambda session: work(Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now))
        )

    return prepare


@pytest.fixture
def subscribe(database, people):
    """The address of a new feed of `kind` for a person."""

    def add(who: str, kind: str, ref: str = "") -> str:
        token = f"token-of-{who}-{kind}-{ref or 'all'}"
        hashed = hashlib.sha256(token.encode()).hexdigest()
        database.transact(
            lambda session: session.add(
                Feed(
                    id=session.query(Feed).count() + 1,
                    token_sha256=hashed,
                    person_id=people[who].id,
                    service="fleet",
                    kind=kind,
                    ref=ref,
                )
            )
        )
        return f"/feeds/{token}.ics"

    return add


def events(answer) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))


def test_a_driver_sees_the_own_jobs_and_what_was_called_off(client, pool, subscribe):
    def some(desk):
        desk.accepted("09:00", "10:00")
        gone = desk.assigned("13:00", "14:00")
        trips.cancel(desk.session, desk.people["officer"], desk.now, gone)
        desk.assigned("15:00", "16:00", vehicle=desk.van, driver=desk.driver2)

    pool(some)
    found = events(client().get(subscribe("driver", "driver")))
    assert [(str(event["UID"]), str(event["STATUS"])) for event in found] == [
        ("fleet-trip-1@citykeys", "CONFIRMED"), ("fleet-trip-2@citykeys", "CANCELLED"),
    ]  # fmt: skip
    assert str(found[1]["SUMMARY"]).startswith("【已取消】")


def test_the_sequence_rises_with_each_change_and_an_unchanged_feed_is_not_sent(
    client, pool, subscribe, database, people, clock
):
    trip_id = pool(lambda desk: desk.assigned().id)
    address = subscribe("driver", "driver")
    first = client().get(address)
    again = client().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    clock.tick(minutes=5)

    def accept(session):
        driver = session.get(type(people["driver"]), people["driver"].id)
        driving.accept(session, driver, clock.now, trips.get(session, driver, trip_id))

    database.transact(accept)
    second = client().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert events(second)[0]["SEQUENCE"] > events(first)[0]["SEQUENCE"]


def test_an_agencys_feed_holds_the_agencys_trips_only(client, pool, subscribe):
    pool(lambda desk: [desk.approved().id, desk.approved("officer2").id])
    assert len(events(client().get(subscribe("officer", "trips")))) == 1
    assert len(events(client().get(subscribe("dispatcher", "trips")))) == 2


def test_a_cars_feed_tells_strangers_only_that_it_is_in_use(client, pool, subscribe):
    vehicle_id = pool(lambda desk: desk.assigned().vehicle_id)
    whole = events(client().get(subscribe("dispatcher", "vehicle", str(vehicle_id))))[0]
    veiled = events(client().get(subscribe("driver2", "vehicle", str(vehicle_id))))[0]
    assert "市議會" in str(whole["SUMMARY"])
    assert str(veiled["SUMMARY"]) == "TST-0001 已排用" and "DESCRIPTION" not in veiled and "LOCATION" not in veiled
    assert client().get(subscribe("officer2", "vehicle", str(vehicle_id))).status_code == 404
    assert client().get(subscribe("dispatcher", "vehicle", "999")).status_code == 404


def test_old_trips_leave_the_feed(client, pool, subscribe, clock):
    pool(lambda desk: desk.assigned() and None)
    address = subscribe("driver", "driver")
    assert len(events(client().get(address))) == 1
    clock.now += timedelta(days=40)
    assert events(client().get(address)) == []
