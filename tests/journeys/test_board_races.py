"""Two dispatchers at one board: moves onto the same slot, a move against an assignment, moves of one trip, undo against a new taker."""

from typing import Any

import pytest

from common.period import Period
from tests.house_fixture import House
from tests.journeys.racing import (
    DISPATCH,
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
    winners,
)

pytestmark = [pytest.mark.slow]
days = iter(range(4, 80, 2))  # Saturdays: the Sundays of this house are the browser's
CLIENTS = (2, 8)


def move(number: int, trip: str, **what: Any) -> Call:
    return Call(DISPATCH[number % 2], "POST", f"{TRIPS}/{trip}/move", what)


def placed(house: House, trips: list[str]) -> tuple[list[str], list[str]]:
    """Each trip on a car of its own; the cars and drivers that are left."""
    for trip in trips:
        cars, drivers = suitable(house, trip)
        told(house, "dispatcher", "POST", f"{TRIPS}/{trip}/assign", {"vehicle_id": cars[0], "driver_id": drivers[0]})
    return suitable(house, trips[0])


@pytest.mark.parametrize("clients", CLIENTS)
def test_moves_onto_one_slot_have_one_winner_and_the_others_stay_where_they_were(house: House, clients: int) -> None:
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    trips = approved(house, clients, period)
    cars, _drivers = placed(house, trips)
    before = [held_by(house, "fleet", f"trip:{trip}") for trip in trips]
    target = next(car for car in cars if all(f"vehicle:{car}" not in held for held in before))
    answers = at_once(house, [move(n, trip, vehicle_id=target) for n, trip in enumerate(trips)])
    won = the_winner(answers)
    assert ledger(house, "fleet", period, [f"vehicle:{target}"]) == {f"vehicle:{target}": [f"trip:{trips[won]}"]}
    for n, trip in enumerate(trips):
        if n != won:
            assert held_by(house, "fleet", f"trip:{trip}") == before[n]


@pytest.mark.parametrize("clients", CLIENTS)
def test_a_move_and_assignments_want_the_same_car_and_one_gets_it(house: House, clients: int) -> None:
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    first, *waiting = approved(house, clients, period)
    placed(house, [first])
    cars, drivers = suitable(house, waiting[0])
    calls = [move(0, first, vehicle_id=cars[0])]
    calls += [assign(n, trip, cars[0], drivers[n % len(drivers)]) for n, trip in enumerate(waiting, 1)]
    won = the_winner(at_once(house, calls))
    holder = f"trip:{[first, *waiting][won]}"
    assert ledger(house, "fleet", period, [f"vehicle:{cars[0]}"]) == {f"vehicle:{cars[0]}": [holder]}


@pytest.mark.parametrize("clients", CLIENTS)
def test_of_many_moves_of_one_revision_one_counts(house: House, clients: int) -> None:
    period = Period.of_local(day(next(days)), "09:00", "12:00")
    (trip,) = approved(house, 1, period)
    cars, _drivers = placed(house, [trip])
    rev = told(house, "dispatcher", "GET", f"{TRIPS}/{trip}")["rev"]
    mine = held_by(house, "fleet", f"trip:{trip}")
    free = [car for car in cars if f"vehicle:{car}" not in mine]
    answers = at_once(house, [move(n, trip, vehicle_id=free[n], rev=rev) for n in range(clients)])
    won = the_winner(answers)
    assert f"vehicle:{free[won]}" in held_by(house, "fleet", f"trip:{trip}")
    assert len(held_by(house, "fleet", f"trip:{trip}")) == 2


def test_an_undo_and_a_new_taker_of_the_old_car_have_one_winner(house: House) -> None:
    for _ in range(3):
        period = Period.of_local(day(next(days)), "09:00", "12:00")
        trip, other = approved(house, 2, period)
        cars, _drivers = placed(house, [trip])
        old = next(held for held in held_by(house, "fleet", f"trip:{trip}") if held.startswith("vehicle:"))
        new = next(car for car in cars if f"vehicle:{car}" != old)
        moved = told(house, "dispatcher", "POST", f"{TRIPS}/{trip}/move", {"vehicle_id": new})
        _cars, drivers = suitable(house, other)
        undo = Call("dispatcher", "POST", f"/fleet/api/v1/moves/{moved['id']}/undo", {})
        answers = at_once(house, [undo, assign(1, other, old.removeprefix("vehicle:"), drivers[-1])])
        won = winners(answers)
        assert len(won) == 1
        assert ledger(house, "fleet", period, [old]) == {old: [f"trip:{[trip, other][won[0]]}"]}
