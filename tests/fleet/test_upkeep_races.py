"""A car's time is taken once: the workshop and dispatch reach for it at the same moment, from connections of their own."""

import threading

import pytest

from common.errors import Conflict
from common.period import Period, taipei
from common.reservations import Reservation
from fleet import assigning, upkeep, workshop
from fleet.models import Appointment, Driver, Trip, Vehicle
from fleet.trips import find
from tests.fleet.conftest import DAY, Desk

RIVALS = 8


@pytest.fixture
def ready(database, people, now):
    """Four approved trips at the same hour, self-driven so that only the car is contested; their ids."""

    def fill(session):
        desk = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        return [desk.approved(needs_driver=False).id for _ in range(RIVALS // 2)]

    return database.transact(fill)


def test_workshop_and_dispatch_never_get_the_same_car_at_the_same_time(database, ready, people, now):
    gate, won = threading.Barrier(RIVALS), []
    period = Period(taipei(DAY, "09:30"), taipei(DAY, "11:00"))

    def to_the_workshop(session):
        person = session.merge(people["dispatcher"], load=False)
        workshop.book(
            session,
            person,
            now,
            vehicle_id=1,
            kind="service",
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            workshop="廠",
        )

    def on_the_road(trip_id):
        def work(session):
            person = session.merge(people["dispatcher"], load=False)
            assigning.assign(session, person, now, find(session, Trip, trip_id), vehicle_id=1)

        return work

    def rival(work):
        gate.wait()
        try:
            database.transact(work)
            won.append(work)
        except Conflict:
            pass

    works = [to_the_workshop] * (RIVALS // 2) + [on_the_road(trip_id) for trip_id in ready]
    threads = [threading.Thread(target=rival, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        held = session.query(Reservation).filter_by(resource="vehicle:1", state="confirmed").all()
        booked = session.query(Appointment).count() + session.query(Trip).filter_by(status="assigned").count()
        assert session.get(Vehicle, 1).state == "in_service"
    assert len(won) == len(held) == booked == 1


def test_the_chore_tells_once_however_many_run_it(database, ready, now):
    gate, told = threading.Barrier(4), []

    def chore():
        gate.wait()
        told.append(database.transact(lambda session: upkeep.tell_due(session, now)))

    def expire(session):
        for driver in session.query(Driver):
            driver.licence_expires_on = now.date()

    database.transact(expire)
    threads = [threading.Thread(target=chore) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(told) == 2
