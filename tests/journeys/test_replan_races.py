"""A day planned anew while others assign: the plan is done whole or refused whole, and no car has two trips."""

from collections.abc import Iterator

import pytest

from common.period import Period
from tests.house_fixture import DemoCity, House, running_house
from tests.journeys.racing import (
    TRIPS,
    Call,
    approved,
    assign,
    at_once,
    day,
    held_by,
    ledger,
    suitable,
    the_winner,
    told,
)

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    with running_house(tmp_path_factory.mktemp("replan"), demo_city) as made:
        yield made


@pytest.mark.parametrize("clients", [2, 8, 16])
def test_a_plan_applied_against_assignments_wins_whole_or_changes_nothing(house, clients):
    when = day(clients)
    period = Period.of_local(when, "09:00", "12:00")
    planned = approved(house, 3, period, needs_driver=False)
    path = f"/fleet/api/v1/days/{when}/replan"
    found = told(house, "dispatcher", "POST", path, {"seconds": 2})["changes"]
    steps = [{name: row[name] for name in ("trip_id", "rev", "vehicle_id", "driver_id")} for row in found]
    assert {row["trip_id"] for row in steps} == set(planned)
    rivals = approved(house, clients // 2, period, needs_driver=False)
    contested = steps[0]["vehicle_id"]
    assert contested in suitable(house, rivals[0])[0]
    plan = Call("dispatcher", "POST", path, {"apply": True, "changes": steps})
    calls = [assign(n, rivals[n // 2], contested) if n % 2 else plan for n in range(clients)]
    place = the_winner(at_once(house, calls))
    resource = f"vehicle:{contested}"
    given = {trip: told(house, "dispatcher", "GET", f"{TRIPS}/{trip}")["vehicle_id"] for trip in (*planned, *rivals)}
    whole = {row["trip_id"]: row["vehicle_id"] for row in steps}
    won = {rivals[place // 2]: contested} if place % 2 else whole
    assert given == {trip: won.get(trip) for trip in given}
    for trip, car in won.items():
        assert held_by(house, "fleet", f"trip:{trip}") == [f"vehicle:{car}"]
    assert len(ledger(house, "fleet", period, [resource])[resource]) == 1
    promised = [car for trip in given for car in held_by(house, "fleet", f"trip:{trip}")]
    assert len(promised) == len(set(promised)), "a car is given or promised twice"
