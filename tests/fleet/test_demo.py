"""The demonstration city: a believable pool, placed through the functions that people use."""

from collections import Counter

import pytest

from common.db import Database
from common.identity import Agency, Person
from common.messages import Outbox
from common.reservations import Reservation
from fleet import demo
from fleet.demo.city import CARS
from fleet.models import Charger, DriverLeave, Trip, Vehicle
from services.fleet import SERVICE
from tests.conftest import NOW, add_people


@pytest.fixture(scope="module")
def city(databases):
    """The city, loaded once: the agencies the cars belong to, an officer and a supervisor in each, more drivers."""
    database = Database(databases.copy(SERVICE))
    with database.writing() as session:
        add_people(session)
        known = {agency.code for agency in session.query(Agency)}
        for number, code in enumerate(sorted({car.owner for car in CARS} - known), 100):
            session.add(Agency(id=number, code=code, name=code, name_en=code, kind="city", active=True))
            session.flush()
            for offset, role in ((1000, "officer"), (2000, "supervisor")):
                session.add(someone(number + offset, number, role))
        session.add_all(someone(5000 + number, 1, "driver") for number in range(12))
        session.flush()
        demo.load(session, NOW)
        yield session
        session.rollback()
    database.dispose()


def someone(number: int, agency: int, role: str) -> Person:
    return Person(
        id=number, username=f"{role}-{number}", name=role, name_en=role, agency_id=agency, roles=[role], unit=""
    )


def test_the_pool_is_the_one_of_the_reports(city):
    cars = city.query(Vehicle).all()
    assert len(cars) == 39
    assert len({car.owner_agency_id for car in cars}) == 21
    assert sum(car.electric for car in cars) >= 8
    assert city.query(Charger).count() == 18


def test_the_dispatchers_day_holds_a_conflict_and_leave(city):
    assert city.query(Trip).filter(Trip.flagged_at.is_not(None)).count() == 1
    assert city.query(DriverLeave).count() == 2


def test_every_state_has_something_to_see(city):
    states = Counter(trip.status for trip in city.query(Trip))
    for status in (
        "submitted",
        "approved",
        "returned",
        "assigned",
        "accepted",
        "under_way",
        "finished",
        "signed_off",
        "cancelled",
    ):
        assert states[status], status
    assert sum(states.values()) > 60


def test_the_demo_people_have_something_waiting(city):
    people = {person.username: person for person in city.query(Person)}
    mine = Counter(trip.status for trip in city.query(Trip).filter_by(requester_id=people["officer"].id))
    assert mine["finished"] and mine["returned"] and mine["submitted"]
    driven = Counter((trip.driver.person_id, trip.status) for trip in city.query(Trip) if trip.driver)
    assert driven[people["driver"].id, "assigned"] and driven[people["driver2"].id, "under_way"]


def test_what_holds_a_car_is_on_the_ledger_and_nothing_else_is(city):
    holding = {trip.holder for trip in city.query(Trip) if trip.holds_car}
    held = {
        row.holder for row in city.query(Reservation) if row.state == "confirmed" and row.holder.startswith("trip:")
    }
    assert holding <= held


def test_it_is_told_to_the_house_in_order_of_placing_and_only_once(city):
    told = city.query(Outbox).count()
    demo.load(city, NOW)
    assert city.query(Outbox).count() == told
