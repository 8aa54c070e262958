"""Rivals at the same instant: exactly one winner, no deadlock, nothing half taken."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, select

from common.db import Database
from common.reservations import (
    Reservation,
    Taken,
    claim,
)
from tests.common.ledger_helpers import START, hour, span, what_stands

# ── at the same instant ────────────────────────────────────────────────────────────────────────────────────────────

ROUNDS = 20


def deadlocks_of(database: Database) -> list[str]:
    seen: list[str] = []
    event.listen(database.engine, "handle_error", lambda context: seen.append(str(context.original_exception)))
    return seen


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_exactly_one_of_many_rivals_gets_the_slot(database: Database, rivals: int) -> None:
    start = threading.Barrier(rivals)

    def try_for(number: int) -> list[str]:
        answers = []
        for turn in range(ROUNDS):
            start.wait(60)
            wanted = [("vehicle:1", span(turn, turn + 1))]
            try:
                database.transact(
                    lambda s, wanted=wanted, turn=turn: claim(s, f"trip:{turn}-{number}", wanted, now=START)
                )  # type: ignore[misc]
                answers.append("won")
            except Taken as refused:
                answers.append(refused.by[0].holder)
        return answers

    with ThreadPoolExecutor(rivals) as pool:
        answers = list(pool.map(try_for, range(rivals)))
    with database.reading() as session:
        winners = [holder for _, _, holder in what_stands(session, "vehicle:1")]
    assert len(winners) == ROUNDS
    for turn in range(ROUNDS):
        told = [each[turn] for each in answers]
        assert told.count("won") == 1
        assert set(told) - {"won"} == {winners[turn]}, "each loser is told who won"


def test_claims_for_several_things_in_any_order_neither_deadlock_nor_half_succeed(database: Database) -> None:
    rivals, turns, failures = 8, 25, deadlocks_of(database)
    start = threading.Barrier(rivals)
    lost: list[tuple[set[Any], Taken]] = []

    def try_for(number: int) -> dict[str, set[Any]]:
        dice, won = random.Random(number), {}
        for turn in range(turns):
            if turn % 5 == 0:
                start.wait(60)
            names = dice.sample([f"vehicle:{n}" for n in range(6)], dice.randint(2, 4))
            first = dice.randint(0, 20)
            asked = [(name, span(first, first + dice.randint(1, 4))) for name in names]
            holder = f"trip:{number}-{turn}"
            try:
                database.transact(lambda s, holder=holder, asked=asked: claim(s, holder, asked, now=START))  # type: ignore[misc]
                won[holder] = set(asked)
            except Taken as refused:
                lost.append((set(asked), refused))
        return won

    with ThreadPoolExecutor(rivals) as pool:
        won = {holder: asked for each in pool.map(try_for, range(rivals)) for holder, asked in each.items()}
    with database.reading() as session:
        rows = list(session.scalars(select(Reservation)))
    assert [each for each in failures if "reservation_no_overlap" not in each] == []
    found: dict[str, set[Any]] = {}
    for row in rows:
        found.setdefault(row.holder, set()).add((row.resource, row.period))
    assert found == won, "a winner has everything it asked for, a loser nothing"
    for one in rows:
        for other in rows:
            assert one.id >= other.id or one.resource != other.resource or not one.period.overlaps(other.period)
    for asked, refused in lost:
        assert refused.by, "nothing free is refused"
        for resource, period, _holder in refused.by:
            assert any(name == resource and wanted.overlaps(period) for name, wanted in asked)


def test_a_hold_that_runs_out_goes_to_exactly_one_of_those_who_wait(database: Database) -> None:
    start = threading.Barrier(8)

    def try_for(number: int) -> int:
        won = 0
        for turn in range(ROUNDS):
            if number == 0:
                hold = [("vehicle:1", span(turn, turn + 1))]
                database.transact(
                    lambda s, hold=hold, turn=turn: claim(
                        s, f"old:{turn}", hold, now=START, state="held", expires_at=hour(1)
                    )  # type: ignore[misc]
                )
            start.wait(60)
            wanted = [("vehicle:1", span(turn, turn + 1))]
            try:
                database.transact(
                    lambda s, wanted=wanted, turn=turn: claim(s, f"trip:{turn}-{number}", wanted, now=hour(1))
                )  # type: ignore[misc]
                won += 1
            except Taken:
                pass
            start.wait(60)
        return won

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_for, range(8))) == ROUNDS
