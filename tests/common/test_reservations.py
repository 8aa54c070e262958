"""The ledger: all of it or none, never twice, and nothing free is ever refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text, update
from sqlalchemy.exc import DBAPIError

from common.db import Database
from common.period import Period
from common.reservations import (
    HoldExpired,
    Reservation,
    Taken,
    TakenBy,
    busy,
    claim,
    confirm,
    free,
    held_by,
    hold_until,
    release,
)
from tests.common.ledger_helpers import ALL_DAY, START, hour, span, what_stands

# ── one after another ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_car_back_at_ten_can_leave_at_ten(session: Any) -> None:
    claim(session, "trip:1", [("vehicle:1", span(8, 10))], now=START)
    claim(session, "trip:2", [("vehicle:1", span(10, 12))], now=START)
    claim(session, "trip:3", [("vehicle:1", span(6, 8))], now=START)
    assert busy(session, ["vehicle:1"], ALL_DAY, START) == {"vehicle:1": [span(6, 8), span(8, 10), span(10, 12)]}


RELATIONS = {
    "the same": (8, 12),
    "inside": (9, 11),
    "around": (7, 13),
    "starts with it, shorter": (8, 10),
    "starts with it, longer": (8, 14),
    "ends with it, shorter": (10, 12),
    "ends with it, longer": (6, 12),
    "over its start": (6, 9),
    "over its end": (11, 15),
    "by one microsecond at its start": (6, 8 + 1 / 3_600_000_000),
    "by one microsecond at its end": (12 - 1 / 3_600_000_000, 13),
}


@pytest.mark.parametrize("when", RELATIONS.values(), ids=RELATIONS.keys())
def test_an_overlap_is_refused_however_it_lies(session: Any, when: tuple[float, float]) -> None:
    claim(session, "trip:1", [("vehicle:1", span(8, 12))], now=START)
    with pytest.raises(Taken) as refused:
        claim(session, "trip:2", [("vehicle:1", span(*when))], now=START)
    assert refused.value.by == [TakenBy("vehicle:1", span(8, 12), "trip:1")]
    assert what_stands(session, "vehicle:1") == [("vehicle:1", span(8, 12), "trip:1")]
    claim(session, "trip:2", [("vehicle:2", span(*when))], now=START)


def test_everything_asked_for_is_taken_or_nothing(session: Any) -> None:
    claim(session, "booking:1", [("part:7b", span(9, 11))], now=START)
    wants = [("venue:7", span(8, 12)), ("part:7a", span(8, 12)), ("part:7b", span(10, 12)), ("stage:2", span(8, 12))]
    with pytest.raises(Taken) as refused:
        claim(session, "booking:2", wants, now=START)
    assert refused.value.by == [TakenBy("part:7b", span(9, 11), "booking:1")]
    assert held_by(session, "booking:2") == []
    assert free(session, ["venue:7", "part:7a", "part:7b", "stage:2"], span(8, 12), START) == [
        "venue:7",
        "part:7a",
        "stage:2",
    ]
    claim(session, "booking:2", [want for want in wants if want[0] != "part:7b"], now=START)


def test_the_refusal_names_everyone_who_stands_in_the_way(session: Any) -> None:
    claim(session, "trip:1", [("vehicle:1", span(8, 9)), ("driver:1", span(8, 9))], now=START)
    claim(session, "trip:2", [("vehicle:1", span(10, 11))], now=START)
    with pytest.raises(Taken) as refused:
        claim(session, "trip:3", [("driver:1", span(7, 12)), ("vehicle:1", span(7, 12))], now=START)
    assert refused.value.by == [
        TakenBy("driver:1", span(8, 9), "trip:1"),
        TakenBy("vehicle:1", span(8, 9), "trip:1"),
        TakenBy("vehicle:1", span(10, 11), "trip:2"),
    ]


def test_a_claim_that_overlaps_itself_is_refused_whole(session: Any) -> None:
    with pytest.raises(Taken):
        claim(session, "trip:1", [("vehicle:1", span(8, 10)), ("vehicle:1", span(9, 11))], now=START)
    assert what_stands(session, "vehicle:1") == []


def test_asking_for_the_same_twice_is_asking_once(session: Any) -> None:
    claim(session, "trip:1", [("vehicle:1", span(8, 10)), ("vehicle:1", span(8, 10))], now=START)
    assert len(held_by(session, "trip:1")) == 1


def test_asking_for_nothing_is_a_mistake(session: Any) -> None:
    with pytest.raises(ValueError, match="nothing"):
        claim(session, "trip:1", [], now=START)


def test_a_hold_ends_by_itself_and_its_time_is_free_at_that_instant(session: Any) -> None:
    claim(session, "booking:1", [("venue:7", span(8, 12))], now=START, state="held", expires_at=hour(1))
    just_before = hour(1) - timedelta(microseconds=1)
    assert free(session, ["venue:7"], span(8, 12), just_before) == []
    with pytest.raises(Taken):
        claim(session, "booking:2", [("venue:7", span(8, 12))], now=just_before)
    assert free(session, ["venue:7"], span(8, 12), hour(1)) == ["venue:7"]
    claim(session, "booking:2", [("venue:7", span(8, 12))], now=hour(1))
    with pytest.raises(HoldExpired):
        confirm(session, "booking:1", now=hour(1))
    with pytest.raises(HoldExpired):
        hold_until(session, "booking:1", hour(5), now=hour(1))


def test_a_confirmed_hold_stays(session: Any) -> None:
    claim(session, "booking:1", [("venue:7", span(8, 12))], now=START, state="held", expires_at=hour(1))
    confirm(session, "booking:1", now=START)
    with pytest.raises(Taken):
        claim(session, "booking:2", [("venue:7", span(8, 12))], now=hour(7))
    with pytest.raises(HoldExpired):
        confirm(session, "booking:1", now=START)


def test_a_hold_can_be_given_more_time_or_no_end(session: Any) -> None:
    claim(session, "booking:1", [("venue:7", span(8, 12))], now=START, state="held", expires_at=hour(1))
    hold_until(session, "booking:1", hour(3), now=START)
    assert free(session, ["venue:7"], span(8, 12), hour(2)) == []
    hold_until(session, "booking:1", None, now=hour(2))
    assert free(session, ["venue:7"], span(8, 12), hour(1000)) == []


def test_a_car_back_early_is_free_for_the_rest(session: Any) -> None:
    claim(
        session,
        "trip:1",
        [("vehicle:1", span(8, 12)), ("vehicle:1", span(14, 16)), ("driver:1", span(8, 12))],
        now=START,
    )
    assert release(session, "trip:1", from_=hour(10)) == 3
    assert what_stands(session, "vehicle:1", "driver:1") == [
        ("driver:1", span(8, 10), "trip:1"),
        ("vehicle:1", span(8, 10), "trip:1"),
    ]
    claim(session, "trip:2", [("vehicle:1", span(10, 16))], now=hour(10))


def test_what_ended_before_is_left_as_it_was(session: Any) -> None:
    claim(session, "trip:1", [("vehicle:1", span(8, 10))], now=START)
    assert release(session, "trip:1", from_=hour(10)) == 0
    assert what_stands(session, "vehicle:1") == [("vehicle:1", span(8, 10), "trip:1")]


def test_giving_back_one_resource_keeps_the_others(session: Any) -> None:
    claim(session, "trip:1", [("vehicle:1", span(8, 12)), ("driver:1", span(8, 12))], now=START)
    assert release(session, "trip:1", ["driver:1"]) == 1
    assert [row.resource for row in held_by(session, "trip:1")] == ["vehicle:1"]
    assert release(session, "trip:1") == 1
    assert release(session, "trip:1") == 0


def test_moving_is_giving_back_and_taking_in_one_transaction(database: Database) -> None:
    database.transact(lambda s: claim(s, "trip:1", [("vehicle:1", span(8, 10))], now=START))
    database.transact(lambda s: claim(s, "trip:2", [("vehicle:1", span(12, 14))], now=START))

    def move(first: float, last: float) -> Callable[[Any], None]:
        def work(session: Any) -> None:
            release(session, "trip:1")
            claim(session, "trip:1", [("vehicle:1", span(first, last))], now=START)

        return work

    with pytest.raises(Taken):
        database.transact(move(11, 13))
    with database.reading() as session:
        assert [row.period for row in held_by(session, "trip:1")] == [span(8, 10)], "the old time is kept"
    database.transact(move(9, 12))
    with database.reading() as session:
        assert [row.period for row in held_by(session, "trip:1")] == [span(9, 12)]


# ── around the code ────────────────────────────────────────────────────────────────────────────────────────────────


def raw(resource: str, period: Period, **changes: Any) -> dict[str, Any]:
    told = {"resource": resource, "starts_at": period.starts_at, "ends_at": period.ends_at, "holder": "by hand"}
    return {**told, "state": "confirmed", "expires_at": None, "created_at": START, **changes}


@pytest.fixture
def ledger(database: Database) -> Database:
    """A long history, and vehicle:1 taken 8–12 and 14–16."""

    def work(session: Any) -> None:
        for n in range(-40, 0, 2):
            claim(session, f"trip:{100 + n}", [("vehicle:1", span(n, n + 2))], now=START)
        claim(session, "trip:1", [("vehicle:1", span(8, 12))], now=START)
        claim(session, "trip:2", [("vehicle:1", span(14, 16))], now=START)
        session.execute(insert(Reservation).values(raw("vehicle:1", span(8, 16), state="released")))
        session.execute(insert(Reservation).values(raw("vehicle:2", span(8, 16))))

    database.transact(work)
    return database


@pytest.mark.parametrize("when", [*RELATIONS.values(), (13, 15), (15, 17), (-41, 17), (-1, 30)])
@pytest.mark.parametrize("state", ["held", "confirmed"])
def test_an_overlapping_row_written_around_the_code_is_refused(
    ledger: Database, when: tuple[float, float], state: str
) -> None:
    with pytest.raises(DBAPIError, match="reservation_no_overlap"):
        ledger.transact(lambda s: s.execute(insert(Reservation).values(raw("vehicle:1", span(*when), state=state))))


@pytest.mark.parametrize("when", [(12, 14), (0, 8), (16, 20), (-50, -40)])
def test_a_row_that_only_touches_others_is_let_in(ledger: Database, when: tuple[float, float]) -> None:
    ledger.transact(lambda s: s.execute(insert(Reservation).values(raw("vehicle:1", span(*when)))))


@pytest.mark.parametrize(
    ("which", "change"),
    [
        ("trip:1", {"ends_at": hour(15)}),
        ("trip:2", {"starts_at": hour(11)}),
        ("trip:1", {"starts_at": hour(-3)}),
        ("trip:1", {"starts_at": hour(14), "ends_at": hour(16)}),
        ("by hand", {"state": "confirmed"}),
        ("by hand", {"state": "held"}),
        ("trip:1", {"resource": "vehicle:2"}),
    ],
)
def test_a_change_around_the_code_that_would_overlap_is_refused(
    ledger: Database, which: str, change: dict[str, Any]
) -> None:
    chosen = update(Reservation).where(Reservation.holder == which, Reservation.resource == "vehicle:1")
    with pytest.raises(DBAPIError, match="reservation_no_overlap"):
        ledger.transact(lambda s: s.execute(chosen.values(**change)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": hour(9), "ends_at": hour(9)},
        {"starts_at": hour(9), "ends_at": hour(8)},
        {"state": "perhaps"},
        {"state": "Held"},
    ],
)
def test_a_row_that_makes_no_sense_is_refused(ledger: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(DBAPIError):
        ledger.transact(lambda s: s.execute(insert(Reservation).values(raw("vehicle:9", span(1, 2)) | wrong)))


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "INSERT OR IGNORE", "UPDATE OR REPLACE"])
def test_sqlites_own_ways_around_a_constraint_are_closed_too(ledger: Database, verb: str) -> None:
    if ledger.url.get_backend_name() != "sqlite":
        pytest.skip("PostgreSQL has no such statements")
    columns = "resource, starts_at, ends_at, holder, state, created_at"
    if verb.startswith("INSERT"):
        statement = f"{verb} INTO reservation ({columns}) SELECT {columns} FROM reservation WHERE holder = 'trip:1'"
    else:
        statement = f"{verb} reservation SET ends_at = ends_at + 14400000000 WHERE holder = 'trip:1'"
    with pytest.raises(DBAPIError, match="reservation_no_overlap"):
        ledger.transact(lambda s: s.execute(text(statement)))


def test_what_is_free_is_found_by_the_index_of_what_is_taken(ledger: Database) -> None:
    """However many rows are history: without the index each question would read them all."""
    if ledger.url.get_backend_name() != "sqlite":
        pytest.skip("PostgreSQL reads a small table whole")
    asked: list[tuple[str, Any]] = []
    with ledger.reading() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda _, __, sql, given, *___: asked.append((sql, given)))
        free(session, ["vehicle:1", "vehicle:9"], ALL_DAY, START)
        busy(session, ["vehicle:1", "vehicle:9"], ALL_DAY, START)
        looked = list(asked)
        plans = [
            " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given))
            for sql, given in looked
        ]
    assert len(plans) == 2
    assert all("ix_reservation_active (resource=? AND starts_at<?)" in plan for plan in plans), plans
