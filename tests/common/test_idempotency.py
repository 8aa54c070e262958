"""The same request sent twice has its effect once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from common.db import Database
from common.errors import Invalid
from common.idempotency import KEEP, Answered, begin, finish, forget
from tests.common.toy import Thing

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def request(
    database: Database,
    key: str = "k",
    *,
    person: int = 1,
    operation: str = "makeThing /things",
    body: bytes = b"{}",
    fails: bool = False,
) -> Any:
    """What a door does with a keyed request that makes a thing; returns (made now, answer)."""

    def work(session: Any) -> Any:
        earlier = begin(session, person, key, operation, body, NOW)
        if earlier:
            return False, earlier.body
        thing = Thing(title=key)
        session.add(thing)
        session.flush()
        if fails:
            raise RuntimeError
        finish(session, person, key, 201, {"id": thing.id})
        return True, {"id": thing.id}

    return database.transact(work)


def things(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Thing)) or 0


def test_the_same_request_again_gets_the_same_answer_and_has_one_effect(database: Database) -> None:
    made, answer = request(database)
    assert made
    assert [request(database) for _ in range(3)] == [(False, answer)] * 3
    assert things(database) == 1


@pytest.mark.parametrize(
    "other",
    [{"body": b'{"a": 1}'}, {"operation": "makeThing /others"}, {"operation": "makeThing", "body": b" /things{}"}],
)
def test_the_same_key_with_another_request_is_refused(database: Database, other: dict[str, Any]) -> None:
    request(database)
    with pytest.raises(Invalid) as refused:
        request(database, **other)
    assert [error.field for error in refused.value.errors] == ["Idempotency-Key"]
    assert things(database) == 1


def test_other_keys_and_other_people_are_other_requests(database: Database) -> None:
    assert all(made for made, _ in (request(database), request(database, "other"), request(database, person=2)))
    assert things(database) == 3


def test_a_request_that_failed_may_be_sent_again_with_its_key(database: Database) -> None:
    with pytest.raises(RuntimeError):
        request(database, fails=True)
    assert things(database) == 0
    assert request(database)[0]


@pytest.mark.parametrize("rivals", [2, 8])
def test_of_the_same_request_many_times_at_once_one_has_an_effect_and_all_get_its_answer(
    database: Database, rivals: int
) -> None:
    start = threading.Barrier(rivals)

    def send(_: int) -> list[Any]:
        answers = []
        for turn in range(10):
            start.wait(60)
            answers.append(request(database, f"key-{turn}"))
        return answers

    with ThreadPoolExecutor(rivals) as pool:
        answers = list(pool.map(send, range(rivals)))
    assert things(database) == 10
    for turn in range(10):
        told = [each[turn] for each in answers]
        assert [made for made, _ in told].count(True) == 1
        assert len({answer["id"] for _, answer in told}) == 1


def test_answers_are_forgotten_after_two_days(database: Database) -> None:
    request(database)
    database.transact(lambda session: forget(session, NOW + KEEP))
    assert request(database)[0] is False
    database.transact(lambda session: forget(session, NOW + KEEP + timedelta(seconds=1)))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Answered)) == 0
    assert request(database)[0] is True
