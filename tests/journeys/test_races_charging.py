"""Car, driver and charging post for one trip are had together or not at all, whoever else asks at the same moment."""

from collections.abc import Iterator
from itertools import count as numbers

import pytest

from common.period import Period
from tests.house_fixture import DemoCity, House, running_house
from tests.journeys.racing import (
    CLIENTS,
    ROUNDS,
    approved,
    assign,
    at_once,
    day,
    held_by,
    ledger,
    span,
    suitable,
    the_winner,
    told,
)

pytestmark = [pytest.mark.slow]
days = numbers(2)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    """A desk of its own."""
    with running_house(tmp_path_factory.mktemp("charging-races"), demo_city) as made:
        yield made


@pytest.mark.parametrize("clients", CLIENTS)
def test_car_driver_and_charger_go_to_one_trip_together(house, clients):
    """Trips of one time want the same car, a driver each of their own choice, and the same post before: all three, or none."""
    posts = told(house, "dispatcher", "GET", "/fleet/api/v1/chargers?limit=50")["items"]
    post = next(each["id"] for each in posts if each["state"] == "in_service")
    electric = {
        each["id"]
        for each in told(house, "dispatcher", "GET", "/fleet/api/v1/vehicles?powertrain=electric&limit=50")["items"]
    }
    for _ in range(ROUNDS[clients]):
        when = day(next(days))
        period, before = Period.of_local(when, "10:00", "12:00"), Period.of_local(when, "08:00", "10:00")
        trips = approved(house, clients, period)
        cars, drivers = suitable(house, trips[0])
        car = next(each for each in cars if each in electric)
        slot = {"charger_id": post, **span(before), "target_percent": 90}
        calls = [assign(n, trip, car, drivers[n % len(drivers)], charging=slot) for n, trip in enumerate(trips)]
        place = the_winner(at_once(house, calls))
        names = [f"charger:{post}", f"vehicle:{car}", *(f"driver:{each}" for each in drivers)]
        whole = ledger(house, "fleet", Period.of_local(when, "08:00", "12:00"), names)
        (session,) = whole[f"charger:{post}"]
        assert session.startswith("charging:")
        assert whole == {
            f"charger:{post}": [session],
            f"vehicle:{car}": [session, f"trip:{trips[place]}"],
            f"driver:{drivers[place % len(drivers)]}": [f"trip:{trips[place]}"],
        }
        for loser in (trip for n, trip in enumerate(trips) if n != place):
            kept = set(
                held_by(house, "fleet", f"trip:{loser}")
            )  # another car may be promised to it, no driver and no post
            assert not kept & set(names)
