"""Many hands at once on promises, merges, series and recalls: nothing twice, nobody refused without need, nothing breaks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select

from common.period import taipei
from common.reservations import ACTIVE, Reservation
from fleet.models import Series, Trip
from tests.fleet.conftest import DAY
from tests.fleet.test_pages import pool

__all__ = ["pool"]

BODY = {
    "purpose_code": "meeting", "purpose": "競逐", "origin": "市政大樓", "destination": "市議會", "passengers": 1,
    "starts_at": taipei(DAY, "09:00").isoformat(), "ends_at": taipei(DAY, "10:00").isoformat(),
}  # fmt: skip


def at_once(client, calls):
    """Send all calls at the same moment, each from a client of its own: the status and body of each."""
    hands = [(client(as_=who), method, path, body) for who, method, path, body in calls]

    def send(call):
        hand, method, path, body = call
        answer = hand.api(method, path, body)
        return answer.status_code, answer.get_json()

    with ThreadPoolExecutor(len(hands)) as threads:
        answers = list(threads.map(send, hands))
    assert all(status < 500 for status, _ in answers), answers
    return answers


def holders(database, state=ACTIVE):
    """Car, holder of every active row, and that no car has two at 09:30."""
    moment = taipei(DAY, "09:30")
    rows = select(Reservation).where(
        Reservation.state.in_(state), Reservation.resource.like("vehicle:%"), Reservation.starts_at <= moment,
        Reservation.ends_at > moment,
    )  # fmt: skip
    with database.reading() as session:
        found = [(row.resource, row.holder) for row in session.scalars(rows)]
    assert len({car for car, _ in found}) == len({holder for _, holder in found}) == len(found)
    return dict(found)


def test_eight_ask_for_the_four_cars_there_are_and_exactly_four_are_promised_one(client, pool, database):
    pool()
    answers = at_once(client, [("officer", "POST", "/trips", BODY)] * 8)
    assert [status for status, _ in answers] == [201] * 8
    assert sum(body["capacity_held"] for _, body in answers) == 4
    assert len(holders(database)) == 4


def test_requests_and_assignments_that_pass_promises_on_never_collide(client, pool, database):
    """Four cars, three promises; each promised trip is given the car of the next one while others ask."""

    def prepared(desk):
        made = [desk.approved(who) for who in ("officer", "officer2", "officer")]
        desk.session.flush()
        held = {row.holder: int(row.resource[8:]) for row in desk.session.scalars(select(Reservation))}
        return [(trip.id, held[trip.holder]) for trip in made], (desk.driver.id, desk.driver2.id)

    made, drivers = pool(prepared)
    swaps = [
        (
            "dispatcher",
            "POST",
            f"/trips/{trip}/assign",
            {"vehicle_id": str(made[(n + 1) % 3][1]), "driver_id": str(drivers[n])},
        )
        for n, (trip, _) in enumerate(made[:2])
    ]
    answers = at_once(client, [*swaps, *[("officer2", "POST", "/trips", BODY)] * 4])
    assert {status for status, _ in answers[2:]} == {201}
    assert {status for status, _ in answers[:2]} <= {200, 409}
    found = holders(database)
    assert len(found) == 4 and {f"trip:{trip}" for trip, _ in made} <= set(found.values())
    with database.reading() as session:
        held = session.scalar(select(func.count()).select_from(Trip).where(Trip.capacity_held))
    assert held == 4 - sum(status == 200 for status, _ in answers[:2])


def test_two_series_for_the_last_car_and_one_is_sent_whole_the_other_not_at_all(client, pool, database):
    def last(desk):
        for vehicle in (desk.seven, desk.van, desk.electric):
            vehicle.state = "repair"

    pool(last)
    days = [DAY + timedelta(days=7 * n) for n in range(4)]
    body = BODY | {"weekdays": [0], "last_on": str(days[-1]), "dates": [{"date": str(day)} for day in days]}
    answers = at_once(client, [("officer", "POST", "/series", body), ("officer2", "POST", "/series", body)])
    assert sorted(status for status, _ in answers) == [201, 409]
    with database.reading() as session:
        (made,) = session.scalars(select(Series))
        assert len(made.trips) == session.scalar(select(func.count()).select_from(Trip)) == 4
        assert all(trip.capacity_held for trip in made.trips)


def test_a_recall_and_an_assignment_of_the_same_car_never_both_have_it(client, pool, database):
    trip_id, car, driver = pool(lambda desk: (desk.approved().id, desk.sedan.id, desk.driver.id))
    told = {"starts_at": taipei(DAY, "00:00").isoformat(), "ends_at": taipei(DAY, "24:00").isoformat()}
    answers = at_once(
        client,
        [
            ("supervisor", "POST", "/recalls", {"vehicle_id": str(car), "reason_code": "flood", **told}),
            ("dispatcher", "POST", f"/trips/{trip_id}/assign", {"vehicle_id": str(car), "driver_id": str(driver)}),
            ("dispatcher", "POST", "/recalls", {"vehicle_id": str(car), "reason_code": "other", **told}),
        ],
    )
    assert sorted(answers[n][0] for n in (0, 2)) == [201, 409]
    found = holders(database)
    assert found[f"vehicle:{car}"].startswith("recall:")
    assert f"trip:{trip_id}" in found.values()


def test_a_trip_merged_twice_at_once_rides_in_one_car_only(client, pool, database):
    def three(desk):
        return [desk.approved(passengers=1).id for _ in range(3)]

    first, second, other = pool(three)
    told = {"trip_ids": [str(other)], "reason": "同路"}
    answers = at_once(
        client, [("dispatcher", "POST", f"/trips/{keeper}/merge", told) for keeper in (first, second, first, second)]
    )
    assert [status for status, _ in answers].count(200) == 1
    with database.reading() as session:
        rider = session.get(Trip, other)
        assert rider.status == "merged" and not rider.capacity_held
    assert f"trip:{other}" not in holders(database).values()
