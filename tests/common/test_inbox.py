"""Each effect once and in order: duplicates, gaps, failing handlers, new epochs and pruned logs."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from marshmallow import fields
from sqlalchemy import insert, select

from common import inbox, messages
from common.db import Database
from common.inbox import Cursor, HandlerFailed, Listeners, Outcome, Parked, catch_up, replay, take
from common.messages import Part
from common.settings import Settings
from tests.common.toy import SERVICE, Thing, ThingMade

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class TitlePart(Part):
    title = fields.String(required=True)


class Source:
    """Another service with a log of its own, in a database of its own."""

    def __init__(self, url: str):
        self.database = Database(url)
        self.snapshots = 0
        self.asked: list[int] = []

    def tell(self, *titles: str) -> None:
        def work(session: Any) -> None:
            for title in titles:
                messages.post(session, ThingMade, subject="thing/1", now=NOW, thing_id=1, title=title)
                session.flush()

        self.database.transact(work)
        self.database.transact(lambda session: messages.number(session, "toy"))

    def envelopes(self) -> list[dict[str, Any]]:
        with self.database.reading() as session:
            items: list[dict[str, Any]] = messages.page_after(session, "toy", 0, 1000)["items"]
        return items

    def fetch(self, after: int) -> dict[str, Any]:
        self.asked.append(after)
        assert len(self.asked) < 50, "the reader asks without end"
        with self.database.reading() as session:
            return messages.page_after(session, "toy", after, 3)

    def snapshot(self) -> dict[str, Any]:
        self.snapshots += 1
        with self.database.reading() as session:
            page = messages.page_after(session, "toy", 0, 1000)
        facts = [{**each, "data": {"title": "in short: " + each["data"]["title"]}} for each in page["items"][-1:]]
        return {"epoch": page["epoch"], "last": page["last"], "items": facts}

    def forget(self, up_to: int) -> None:
        self.database.transact(lambda session: messages.published(session, "toy", up_to))
        later = datetime.now(UTC) + timedelta(days=60)
        self.database.transact(lambda session: messages.prune(session, "toy", later))


class Reader:
    """A service that keeps each title it is told, and fails while it is told to."""

    def __init__(self, database: Database, *, stops_the_line: bool = False):
        self.database = database
        self.listeners = Listeners()
        self.fails: set[str] = set()
        self.calls: list[str] = []
        self.listeners.on("toy.thing_made.v1", TitlePart, stops_the_line=stops_the_line)(self.keep)

    def keep(self, session: Any, fact: inbox.Received) -> None:
        title = fact.body["title"]
        self.calls.append(title)
        session.add(Thing(title=title))
        session.flush()
        if title in self.fails:
            raise LookupError(f"no place for {title}")

    def take(self, envelope: dict[str, Any]) -> Outcome:
        return take(self.database, self.listeners, envelope)

    def catch_up(self, source: Source) -> int:
        return catch_up(self.database, self.listeners, "toy", source.fetch, source.snapshot)

    def kept(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(Thing.title).order_by(Thing.id)))

    def cursor(self) -> tuple[int, int]:
        with self.database.reading() as session:
            row = session.get(Cursor, "toy")
        return (row.epoch, row.last_seq) if row else (0, 0)

    def parked(self) -> list[Parked]:
        with self.database.reading() as session:
            return list(session.scalars(select(Parked).order_by(Parked.id)))


@pytest.fixture
def reader(database: Database) -> Reader:
    return Reader(database)


@pytest.fixture
def strict(database: Database) -> Reader:
    return Reader(database, stops_the_line=True)


@pytest.fixture
def source(make_settings: Callable[..., Settings]) -> Iterator[Source]:
    made = Source(make_settings(SERVICE).database_url)
    yield made
    made.database.dispose()


# ── the ordinary way ───────────────────────────────────────────────────────────────────────────────────────────────


def test_facts_are_applied_in_order_and_each_once(reader: Reader, source: Source) -> None:
    source.tell(*"abc")
    one, two, three = source.envelopes()
    assert [reader.take(each) for each in (one, one, two, one, two, three, three)] == [
        Outcome.APPLIED, Outcome.SEEN, Outcome.APPLIED, Outcome.SEEN, Outcome.SEEN, Outcome.APPLIED, Outcome.SEEN,
    ]  # fmt: skip
    assert reader.kept() == list("abc")
    assert reader.cursor() == (1, 3)


def test_a_gap_is_reported_and_catching_up_heals_it(reader: Reader, source: Source) -> None:
    source.tell(*"abcdefgh")
    envelopes = source.envelopes()
    reader.take(envelopes[0])
    assert reader.take(envelopes[4]) is Outcome.GAP
    assert reader.kept() == ["a"] and reader.cursor() == (1, 1)
    assert reader.catch_up(source) == 7
    assert reader.kept() == list("abcdefgh")
    assert reader.take(envelopes[4]) is Outcome.SEEN
    assert source.asked[0] == 1 and source.snapshots == 0


def test_a_reader_that_never_heard_anything_reads_the_whole_log(reader: Reader, source: Source) -> None:
    source.tell(*"abcde")
    assert reader.take(source.envelopes()[3]) is Outcome.GAP
    assert reader.catch_up(source) == 5
    assert reader.catch_up(source) == 0
    assert reader.kept() == list("abcde")


def test_a_fact_nobody_listens_to_moves_the_cursor_only(database: Database, source: Source) -> None:
    source.tell("a")
    assert take(database, Listeners(), source.envelopes()[0]) is Outcome.APPLIED
    assert Reader(database).cursor() == (1, 1)


def test_a_reader_reads_its_own_part_and_passes_over_the_rest(database: Database, source: Source) -> None:
    heard: list[inbox.Received] = []
    listeners = Listeners()
    listeners.on(("toy.thing_made.v1", "toy.other.v1"), TitlePart)(lambda session, fact: heard.append(fact))
    source.tell("a")
    (envelope,) = source.envelopes()
    take(database, listeners, envelope)
    (fact,) = heard
    assert fact.body == {"title": "a"}
    assert (fact.source, fact.seq, fact.type, fact.subject, fact.time) == (
        "toy",
        1,
        "toy.thing_made.v1",
        "thing/1",
        NOW,
    )
    assert fact.id == envelope["id"]
    assert listeners.sources() == ["toy"]


def test_listeners_of_one_service_can_be_put_together(database: Database) -> None:
    first, second = Reader(database).listeners, Reader(database).listeners
    assert len(Listeners(first, second).by_type["toy.thing_made.v1"]) == 2
    assert len(first.by_type["toy.thing_made.v1"]) == 1


# ── cursor and effect ──────────────────────────────────────────────────────────────────────────────────────────────


def test_cursor_and_effect_are_kept_together_or_not_at_all(reader: Reader, source: Source) -> None:
    source.tell("a")
    (envelope,) = source.envelopes()

    def cut_off(session: Any) -> None:
        assert inbox.apply(session, reader.listeners, envelope) is Outcome.APPLIED
        session.flush()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reader.database.transact(cut_off)
    assert reader.kept() == [] and reader.cursor() == (0, 0)
    assert reader.take(envelope) is Outcome.APPLIED
    assert reader.kept() == ["a"] and reader.cursor() == (1, 1)


def test_several_readers_of_one_stream_apply_each_fact_once(reader: Reader, source: Source) -> None:
    source.tell(*(f"{n:02}" for n in range(30)))
    envelopes = source.envelopes()
    reader.take(envelopes[0])

    def read(_: int) -> int:
        applied = 0
        for envelope in envelopes:
            while (outcome := reader.take(envelope)) is Outcome.GAP:
                pass
            applied += outcome is Outcome.APPLIED
        return applied

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(read, range(4))) == 29
    assert reader.kept() == [f"{n:02}" for n in range(30)]


# ── handlers that fail ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_failing_handler_is_tried_three_times_then_parked_and_the_stream_goes_on(
    reader: Reader, source: Source
) -> None:
    source.tell(*"abc")
    reader.fails = {"b"}
    for envelope in source.envelopes():
        assert reader.take(envelope) is Outcome.APPLIED
    assert reader.calls == ["a", "b", "b", "b", "c"]
    assert reader.kept() == ["a", "c"], "nothing of the failed attempts is kept"
    (parked,) = reader.parked()
    assert (parked.seq, parked.attempts, parked.settled_at) == (2, 3, None)
    assert parked.error == "LookupError: no place for b" and parked.envelope["data"]["title"] == "b"
    assert reader.take(source.envelopes()[1]) is Outcome.SEEN


def test_a_parked_fact_can_be_handled_again_later(reader: Reader, source: Source) -> None:
    source.tell("a")
    reader.fails = {"a"}
    reader.take(source.envelopes()[0])

    def again(session: Any) -> None:
        replay(session, reader.listeners, session.scalars(select(Parked)).one(), NOW)

    with pytest.raises(HandlerFailed):
        reader.database.transact(again)
    assert reader.kept() == [] and reader.parked()[0].settled_at is None
    reader.fails = set()
    reader.database.transact(again)
    assert reader.kept() == ["a"] and reader.parked()[0].settled_at == NOW


@pytest.mark.parametrize("data", [{}, {"title": None}, {"title": 5}, {"other": "x"}])
def test_a_fact_whose_part_does_not_fit_is_parked_too(reader: Reader, source: Source, data: dict[str, Any]) -> None:
    source.tell("a")
    assert reader.take({**source.envelopes()[0], "data": data}) is Outcome.APPLIED
    (parked,) = reader.parked()
    assert parked.error.startswith("ValidationError") and reader.cursor() == (1, 1)


def test_a_source_begins_anew_though_its_very_first_fact_was_parked(reader: Reader, source: Source) -> None:
    source.tell("a")
    reader.fails = {"a"}
    reader.take(source.envelopes()[0])
    source.database.transact(lambda session: messages.new_epoch(session, "toy"))
    source.tell("b")
    assert reader.take(source.envelopes()[1]) is Outcome.NEW_EPOCH
    reader.catch_up(source)
    assert source.snapshots == 1 and reader.cursor() == (2, 2)


def test_a_handler_that_breaks_a_constraint_is_parked_and_harms_nothing_else(
    database: Database, source: Source
) -> None:
    reader = Reader(database)

    def break_it(session: Any, fact: inbox.Received) -> None:
        session.execute(insert(Thing).values(title=None, count=0, rev=1))

    reader.listeners.on("toy.thing_made.v1", TitlePart)(break_it)
    source.tell("a", "b")
    assert [reader.take(each) for each in source.envelopes()] == [Outcome.APPLIED, Outcome.APPLIED]
    assert len(reader.parked()) == 2 and reader.kept() == []
    assert "IntegrityError" in reader.parked()[0].error


def test_a_fact_that_stops_the_line_holds_its_stream_then_goes_on(strict: Reader, source: Source) -> None:
    source.tell(*"abc")
    one, two, three = source.envelopes()
    strict.fails = {"b"}
    assert strict.take(one) is Outcome.APPLIED
    for turn in range(1, 3):
        with pytest.raises(HandlerFailed):
            strict.take(two)
        (parked,) = strict.parked()
        assert (parked.attempts, parked.settled_at, strict.cursor()) == (3 * turn, None, (1, 1))
    assert strict.take(three) is Outcome.GAP
    with pytest.raises(HandlerFailed):
        strict.catch_up(source)
    assert strict.kept() == ["a"]
    strict.fails = set()
    assert strict.catch_up(source) == 2
    assert strict.kept() == list("abc")
    assert [row.settled_at is not None for row in strict.parked()] == [True]


# ── sources that begin anew or forget ──────────────────────────────────────────────────────────────────────────────


def test_a_new_epoch_is_reported_and_read_from_a_snapshot(reader: Reader, source: Source) -> None:
    source.tell(*"abc")
    reader.catch_up(source)
    source.database.transact(lambda session: messages.new_epoch(session, "toy"))
    source.tell("d")
    assert reader.take(source.envelopes()[-1]) is Outcome.NEW_EPOCH
    assert reader.kept() == list("abc")
    assert reader.catch_up(source) == 0
    assert source.snapshots == 1
    assert reader.kept() == ["a", "b", "c", "in short: d"] and reader.cursor() == (2, 4)
    source.tell("e")
    assert reader.take(source.envelopes()[-1]) is Outcome.APPLIED


def test_a_source_restored_to_an_earlier_state_is_read_from_a_snapshot(
    reader: Reader, source: Source, make_settings: Callable[..., Settings]
) -> None:
    source.tell(*"abcde")
    reader.catch_up(source)
    restored = Source(make_settings(SERVICE).database_url)
    restored.tell("x")
    restored.database.transact(lambda session: messages.new_epoch(session, "toy"))
    reader.catch_up(restored)
    assert reader.cursor() == (2, 1)
    restored.tell("y")
    assert reader.catch_up(restored) == 1
    assert reader.kept()[-2:] == ["in short: x", "y"]
    restored.database.dispose()


def test_an_old_envelope_of_an_ended_epoch_changes_nothing(reader: Reader, source: Source) -> None:
    source.tell(*"ab")
    old = source.envelopes()
    source.database.transact(lambda session: messages.new_epoch(session, "toy"))
    reader.catch_up(source)
    kept = reader.kept()
    assert [reader.take(each) for each in old] == [Outcome.NEW_EPOCH, Outcome.NEW_EPOCH]
    assert reader.kept() == kept


def test_a_reader_behind_a_pruned_log_starts_from_a_snapshot(reader: Reader, source: Source) -> None:
    source.tell(*"abcdef")
    reader.take(source.envelopes()[0])
    source.forget(up_to=4)
    assert reader.catch_up(source) == 0
    assert source.snapshots == 1
    assert reader.kept() == ["a", "in short: f"] and reader.cursor() == (1, 6)


def test_a_reader_that_has_all_that_was_pruned_needs_no_snapshot(reader: Reader, source: Source) -> None:
    source.tell(*"abcd")
    reader.catch_up(source)
    source.tell("e")
    source.forget(up_to=4)
    assert reader.catch_up(source) == 1
    assert source.snapshots == 0 and reader.kept() == list("abcde")


def test_a_snapshot_that_cannot_be_handled_leaves_everything_as_it_was(reader: Reader, source: Source) -> None:
    source.tell(*"abc")
    reader.take(source.envelopes()[0])
    source.forget(up_to=2)
    reader.fails = {"in short: c"}
    with pytest.raises(HandlerFailed):
        reader.catch_up(source)
    assert reader.kept() == ["a"] and reader.cursor() == (1, 1)
