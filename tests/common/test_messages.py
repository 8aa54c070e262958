"""What is told is told with its change, numbered without gaps, and kept until it is read."""

import random
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from common import log, messages
from common.db import Database
from common.messages import Outbox, SourceState, number, page_after, post, prune, published, unpublished, uuid7
from tests.common.toy import Thing, ThingMade

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class Abort(Exception):
    """A writer that changes its mind."""


def tell(database: Database, *titles: str) -> None:
    def work(session: Any) -> None:
        for title in titles:
            post(session, ThingMade, subject="thing/1", now=NOW, thing_id=1, title=title)
            session.flush()

    database.transact(work)


def number_all(database: Database) -> int:
    total = 0
    while done := database.transact(lambda session: number(session, "toy")):
        total += done
    return total


def rows_of(database: Database) -> list[Outbox]:
    with database.reading() as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.seq)))


# ── posting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_fact_is_written_with_its_change_or_not_at_all(database: Database) -> None:
    def work(session: Any) -> None:
        session.add(Thing(title="never"))
        post(session, ThingMade, subject="thing/1", now=NOW, thing_id="1", title="never")
        session.flush()
        raise Abort

    with pytest.raises(Abort):
        database.transact(work)
    assert rows_of(database) == []


def test_ids_leave_as_strings_and_times_with_their_zone(database: Database) -> None:
    told: dict[str, Any] = {"thing_id": 31, "title": "中庭", "at": NOW}
    event_id = database.transact(lambda session: post(session, ThingMade, subject="thing/31", now=NOW, **told))
    (row,) = rows_of(database)
    assert row.data["thing_id"] == "31" and row.data["title"] == "中庭"
    assert datetime.fromisoformat(row.data["at"]) == NOW
    assert (row.event_id, row.type, row.subject, row.time, row.seq) == (
        event_id,
        "toy.thing_made.v1",
        "thing/31",
        NOW,
        None,
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"thing_id": 1},
        {"thing_id": 1, "title": None},
        {"thing_id": 1, "title": "t", "more": 1},
        {"thing_id": 1, "title": "t", "Title": "t"},
        {"thing_id": None, "title": "t"},
    ],
    ids=["empty", "one missing", "none", "one too many", "misspelt", "no id"],
)
def test_a_body_that_does_not_fit_its_fact_is_the_senders_bug(session: Any, body: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="toy.thing_made.v1"):
        post(session, ThingMade, subject="thing/1", now=NOW, **body)
    session.flush()
    assert session.scalar(select(func.count()).select_from(Outbox)) == 0


def test_the_trace_of_the_request_travels_with_the_fact(database: Database) -> None:
    token = log.traceparent.set("00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    try:
        tell(database, "traced")
    finally:
        log.traceparent.reset(token)
    number_all(database)
    with database.reading() as session:
        assert unpublished(session, "toy")[0]["traceparent"] == "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def test_event_ids_are_uuids_of_version_7_in_order_of_time() -> None:
    ids = [uuid7(NOW + timedelta(milliseconds=n)) for n in range(1000)]
    assert ids == sorted(ids) and len(set(ids)) == 1000
    assert {(each.version, each.variant) for each in ids} == {(7, uuid.RFC_4122)}
    assert ids[0].int >> 80 == int(NOW.timestamp() * 1000)
    assert len({uuid7(NOW) for _ in range(1000)}) == 1000


# ── numbering ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_numbers_have_no_gaps_though_writers_run_at_once_and_some_give_up(database: Database) -> None:
    writers, facts = 4, 25
    at_work = threading.Semaphore(0)

    def write(which: int) -> list[str]:
        dice, kept = random.Random(which), []
        for turn in range(facts):
            title = f"{which}-{turn}"

            def work(session: Any, title: str = title) -> None:
                post(session, ThingMade, subject="thing/1", now=NOW, thing_id=1, title=title)
                session.flush()
                if dice.random() < 0.2:
                    raise Abort

            try:
                database.transact(work)
                kept.append(title)
            except Abort:
                pass
        at_work.release()
        return kept

    def relay(_: int) -> int:
        done = 0
        while not at_work.acquire(blocking=False):
            done += database.transact(lambda session: number(session, "toy", limit=7))
        at_work.release()
        return done

    tell(database, "the first")
    number_all(database)
    with ThreadPoolExecutor(writers + 2) as pool:
        relays = [pool.submit(relay, n) for n in range(2)]
        kept = list(pool.map(write, range(writers)))
        done = sum(each.result() for each in relays)
    done += number_all(database)
    rows = rows_of(database)
    told = sum(map(len, kept))
    assert 0 < told < writers * facts
    assert done == told
    assert [row.seq for row in rows] == list(range(1, told + 2))
    for which, titles in enumerate(kept):
        assert [row.data["title"] for row in rows if row.data["title"].startswith(f"{which}-")] == titles, (
            "each in its own order"
        )


def test_numbering_goes_in_steps_of_the_limit(database: Database) -> None:
    tell(database, *"abcde")
    assert database.transact(lambda session: number(session, "toy", limit=2)) == 2
    with database.reading() as session:
        assert messages.has_unnumbered(session)
        assert page_after(session, "toy", 0, 10)["last"] == 2
    assert number_all(database) == 3
    with database.reading() as session:
        assert not messages.has_unnumbered(session)
    assert [row.data["title"] for row in rows_of(database)] == list("abcde")


# ── the log ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_envelope_carries_the_cloudevents_attributes(database: Database) -> None:
    tell(database, "a")
    number_all(database)
    with database.reading() as session:
        (envelope,) = unpublished(session, "toy")
    assert set(envelope) == {
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "seq", "epoch", "traceparent", "data",
    }  # fmt: skip
    assert (envelope["specversion"], envelope["source"], envelope["seq"], envelope["epoch"]) == ("1.0", "toy", 1, 1)
    assert datetime.fromisoformat(envelope["time"]) == NOW


def test_what_the_broker_confirmed_is_not_sent_again_and_the_mark_never_goes_back(database: Database) -> None:
    tell(database, *"abcde")
    number_all(database)
    database.transact(lambda session: published(session, "toy", 3))
    database.transact(lambda session: published(session, "toy", 2))
    with database.reading() as session:
        assert [each["seq"] for each in unpublished(session, "toy")] == [4, 5]


def test_an_unnumbered_fact_is_neither_sent_nor_shown(database: Database) -> None:
    tell(database, "a")
    with database.reading() as session:
        assert page_after(session, "toy", 0, 10) == {"items": [], "last": 0, "epoch": 1, "pruned_to": 0}


def test_the_log_is_read_in_pages_from_any_place(database: Database) -> None:
    tell(database, *"abcdefg")
    number_all(database)
    with database.reading() as session:
        seen, after = [], 0
        while items := page_after(session, "toy", after, 3)["items"]:
            seen += [each["data"]["title"] for each in items]
            after = items[-1]["seq"]
        assert seen == list("abcdefg")
        assert page_after(session, "toy", 99, 3)["items"] == []


def pruned(days: float, keep: float) -> Callable[[Any], int]:
    return lambda session: prune(session, "toy", datetime.now(UTC) + timedelta(days=days), timedelta(days=keep))


def test_only_old_and_published_facts_are_forgotten(database: Database) -> None:
    tell(database, *"abcde")
    number_all(database)
    assert database.transact(pruned(31, 30)) == 0, "not published yet"
    database.transact(lambda session: published(session, "toy", 3))
    assert database.transact(pruned(29, 30)) == 0, "not old yet"
    assert database.transact(pruned(31, 30)) == 3
    assert database.transact(pruned(31, 30)) == 0
    with database.reading() as session:
        page = page_after(session, "toy", 0, 10)
    assert ([each["seq"] for each in page["items"]], page["last"], page["pruned_to"]) == ([4, 5], 5, 3)
    tell(database, "f")
    number_all(database)
    assert [row.seq for row in rows_of(database)] == [4, 5, 6], "numbers go on"


def test_a_new_epoch_is_told_with_every_fact(database: Database) -> None:
    tell(database, "a")
    number_all(database)
    assert database.transact(lambda session: messages.new_epoch(session, "toy")) == 2
    with database.reading() as session:
        assert page_after(session, "toy", 0, 10)["items"][0]["epoch"] == 2
        assert session.get(SourceState, "toy").last_seq == 1


def test_the_catalogue_tells_each_field_with_its_meaning() -> None:
    told = messages.catalogue([ThingMade])
    assert "### `toy.thing_made.v1`" in told and "A thing was made." in told
    assert "| `thing_id` | string | which |" in told
    assert "| `at` | datetime | may be absent. when it is wanted |" in told
