"""The gate (V-28): today's cars out and in, ticked once each way by those who keep it, taken back where it was wrong."""

from datetime import timedelta

import pytest

from common.errors import Forbidden, NotFound
from common.period import taipei, today
from fleet import gate
from fleet.models import GateCheck, Trip
from tests.fleet.conftest import DAY
from tests.fleet.test_lifecycle_pages import the
from tests.fleet.test_pages import pool, text

__all__ = ["pool"]


def of_day(desk, who="dispatcher", day=DAY):
    return gate.of_day(desk.session, desk.people[who], desk.now, day)


def tick(desk, trip, way, who="dispatcher", **more):
    return gate.tick(desk.session, desk.people[who], desk.now, trip.id, way=way, **more)


def test_the_list_has_the_days_cars_by_departure_and_those_still_out(desk):
    late = desk.accepted("13:00", "15:00", vehicle=desk.van)
    early = desk.accepted("09:00", "10:00", driver=desk.driver)
    desk.approved(starts="09:00", ends="10:00")  # no car, so nothing passes the gate
    over_night = desk.assigned(starts_at=taipei(DAY, "18:00"), ends_at=taipei(DAY + timedelta(days=1), "08:00"))
    assert [each.trip for each in of_day(desk)] == [early, late, over_night]
    assert [each.trip for each in of_day(desk, day=DAY + timedelta(days=1))] == [over_night]
    assert [words.en for words in of_day(desk)[2].warnings] == ["Not accepted by the driver"]
    assert of_day(desk, day=DAY - timedelta(days=1)) == []


def test_a_car_that_is_late_stays_on_the_list_of_the_next_day(desk):
    trip = desk.under_way("22:00", "23:30")
    desk.now = taipei(DAY + timedelta(days=1), "07:00")
    (left,) = of_day(desk, day=today(desk.now))
    assert (left.trip, left.stage, [words.en for words in left.warnings]) == (trip, "away", ["Late"])


def test_a_guard_ticks_a_car_out_and_in_once_each(desk):
    trip = desk.accepted()
    desk.now = taipei(DAY, "08:55")
    check = tick(desk, trip, "out", "staff", note="換人駕駛")
    (seen,) = of_day(desk, "staff")
    assert (seen.stage, seen.went, seen.warnings[0].en) == ("away", check, "Out, but not started by the driver")
    assert (trip.status, check.by_id, check.note) == ("accepted", desk.people["staff"].id, "換人駕駛")
    with pytest.raises(gate.AlreadyChecked):
        tick(desk, trip, "out")
    desk.now = taipei(DAY, "10:05")
    tick(desk, trip, "in", "staff")
    assert of_day(desk)[0].stage == "done"


def test_a_wrong_tick_is_taken_back_by_who_made_it_or_dispatch_on_its_day(desk):
    trip = desk.accepted()
    desk.now = taipei(DAY, "08:55")
    ours, theirs = tick(desk, trip, "out"), tick(desk, trip, "in", "staff")
    with pytest.raises(Forbidden):
        gate.take_back(desk.session, desk.people["staff"], desk.now, ours.id)
    with pytest.raises(NotFound):
        gate.take_back(desk.session, desk.people["staff"], desk.now + timedelta(days=1), theirs.id)
    gate.take_back(desk.session, desk.people["staff"], desk.now, theirs.id)
    gate.take_back(desk.session, desk.people["dispatcher"], desk.now, ours.id)
    assert desk.session.query(GateCheck).count() == 0


def test_only_those_at_the_gate_tick_and_only_cars_of_today(desk):
    trip = desk.accepted()
    with pytest.raises(NotFound):
        tick(desk, trip, "out")  # a week too early
    desk.now = taipei(DAY, "08:55")
    for who in ("officer", "supervisor", "driver", "staff2", "auditor"):
        with pytest.raises(Forbidden):
            tick(desk, trip, "out", who)
    assert len(of_day(desk, "auditor")) == len(of_day(desk, "staff")) == 1
    with pytest.raises(Forbidden):
        of_day(desk, "staff2")  # of another agency


def test_the_page_shows_plate_driver_and_order_and_keeps_what_a_guard_typed(client, pool, database, clock):
    pool(lambda desk: desk.accepted() and None)
    clock.now = taipei(DAY, "08:55")
    trip = the(database, Trip)
    desk = client(as_="dispatcher")
    page = text(desk.get("/gate"))
    assert "TST-0001" in page and trip.number in page and "周行路" in page and "09:00–10:00" in page
    refused = desk.submit("/gate/1", {"way": "out", "note": "不" * 101})
    assert refused.status_code == 422 and "不" * 101 in text(refused)
    assert desk.submit("/gate/1", {"way": "out", "note": "車號相符，駕駛換人"}).status_code == 303
    assert "08:55" in text(desk.get("/gate?show=away")) and "駕駛換人" in text(desk.get("/gate"))
    twice = desk.submit("/gate/1", {"way": "out"})
    assert twice.status_code == 409 and "已經查核過了" in text(twice)
    check = the(database, GateCheck)
    assert client(as_="staff2").get("/gate").status_code == 403
    assert desk.submit(f"/gate/checks/{check.id}/take-back").status_code == 303
    with database.reading() as session:
        assert session.query(GateCheck).count() == 0
    assert "TST-0001" not in text(desk.get("/gate?date=2026-11-24")) and "沒有符合的車" in text(
        desk.get("/gate?show=away")
    )
