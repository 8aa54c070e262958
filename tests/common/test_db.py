"""One way in for reading, one for writing, and nothing lost between two of them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from common.db import EPOCH, RETRIES, Database, for_update
from common.errors import Busy, Stale, Unreachable
from common.migrations import difference, heads
from tests.common.toy import SERVICE, Thing

ROOT = Path(__file__).parents[2]


def on_server(database: Database) -> bool:
    return database.url.get_backend_name() == "postgresql"


def add_thing(database: Database, **values: Any) -> int:
    def work(session: Any) -> int:
        thing = Thing(**{"title": "t", **values})
        session.add(thing)
        session.flush()
        return thing.id

    return database.transact(work)


def count_of(database: Database, thing_id: int) -> int:
    with database.reading() as session:
        return session.get(Thing, thing_id).count


# ── no database there ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody@127.0.0.1:9/nowhere", "sqlite:///{folder}"])
def test_without_a_connection_nothing_is_begun_and_it_is_said(url: str, tmp_path: Path) -> None:
    away = Database(url.format(folder=tmp_path))
    tried: list[int] = []
    with pytest.raises(Unreachable):
        away.transact(lambda _session: tried.append(1))
    with pytest.raises(Unreachable), away.reading():
        tried.append(1)
    assert tried == []
    away.dispose()


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        insert(Thing).values(title="x", count=0, rev=1),
        update(Thing).values(count=9),
        text("DELETE FROM thing"),
        text("DROP TABLE thing"),
    ],
    ids=["insert", "update", "delete", "drop"],
)
def test_reading_cannot_write(database: Database, change: Any) -> None:
    thing = add_thing(database)
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(change)
        session.commit()
    assert count_of(database, thing) == 0


def test_what_a_reader_adds_by_mistake_is_not_kept(database: Database) -> None:
    with database.reading() as session:
        session.add(Thing(title="by mistake"))
        with pytest.raises(DBAPIError):
            session.flush()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Thing)) == 0


def test_a_connection_that_read_can_write_afterwards(database: Database) -> None:
    for _ in range(25):
        with database.reading() as session:
            session.scalar(select(func.count()).select_from(Thing))
        add_thing(database)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Thing)) == 25


def test_a_reader_sees_one_moment(database: Database) -> None:
    thing = add_thing(database, count=1)
    counts = select(Thing.count).where(Thing.id == thing)
    with database.reading() as session:
        assert session.scalar(counts) == 1
        database.transact(lambda other: other.execute(update(Thing).values(count=2)))
        assert session.scalar(counts) == 1
    assert count_of(database, thing) == 2


# ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_counting_at_once_nothing_is_lost(database: Database) -> None:
    thing = add_thing(database)

    def add_one(session: Any) -> None:
        session.get(Thing, thing, **for_update(session)).count += 1

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: [database.transact(add_one) for _ in range(25)], range(2)))
    assert count_of(database, thing) == 50


def test_without_a_lock_a_change_is_counted_or_refused_but_never_lost(database: Database) -> None:
    thing = add_thing(database)

    def add_one(session: Any) -> None:
        session.get(Thing, thing).count += 1

    def count(_: int) -> int:
        done = 0
        for _ in range(25):
            with suppress(Stale):
                database.transact(add_one)
                done += 1
        return done

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(count, range(4)))
    assert count_of(database, thing) == done > 0


def test_an_error_leaves_nothing_half_written(database: Database) -> None:
    def work(session: Any) -> None:
        session.add(Thing(title="half"))
        session.flush()
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        database.transact(work)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Thing)) == 0


def test_someone_who_edits_an_old_revision_is_told(database: Database) -> None:
    thing = add_thing(database)

    def edit(title: str, rev: int | None) -> Callable[[Any], None]:
        def work(session: Any) -> None:
            row = session.get(Thing, thing)
            row.expect(rev)
            row.title = title

        return work

    database.transact(edit("first", 1))
    with pytest.raises(Stale):
        database.transact(edit("second", 1))
    database.transact(edit("third", 2))
    database.transact(edit("without asking", None))
    with database.reading() as session:
        row = session.get(Thing, thing)
        assert (row.title, row.rev) == ("without asking", 4)


def test_a_row_changed_underneath_raises_stale_and_keeps_nothing(database: Database) -> None:
    thing = add_thing(database)
    tries = []

    def work(session: Any) -> None:
        tries.append(1)
        row = session.get(Thing, thing)
        session.execute(update(Thing).values(rev=Thing.rev + 1), execution_options={"synchronize_session": False})
        session.add(Thing(title="with it"))
        row.title = "mine"

    with pytest.raises(Stale):
        database.transact(work)
    with database.reading() as session:
        assert [row.title for row in session.scalars(select(Thing))] == ["t"]
    assert len(tries) == 1


# ── contention ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def impatient(settings: Any) -> Iterator[Database]:
    """The same database, but its connections wait for a lock 50 ms at most."""
    made = Database(settings.database_url)

    @event.listens_for(made.engine, "connect")
    def hurry(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SET lock_timeout = '50ms'" if on_server(made) else "PRAGMA busy_timeout = 50")
        connection.commit()

    yield made
    made.dispose()


@contextmanager
def locked(database: Database, thing: int) -> Iterator[Any]:
    with database.writing() as session:
        session.get(Thing, thing, **for_update(session))
        yield session


def raise_count(thing: int) -> Callable[[Any], None]:
    def work(session: Any) -> None:
        session.get(Thing, thing, **for_update(session)).count += 1

    return work


def failures_of(database: Database) -> list[str]:
    seen: list[str] = []
    event.listen(database.engine, "handle_error", lambda context: seen.append(str(context.original_exception)))
    return seen


def test_a_database_that_stays_locked_is_busy_after_three_more_tries(database: Database, impatient: Database) -> None:
    thing = add_thing(database)
    failures = failures_of(impatient)
    with locked(database, thing), pytest.raises(Busy):
        impatient.transact(raise_count(thing))
    assert len(failures) == RETRIES + 1
    assert count_of(database, thing) == 0
    impatient.transact(raise_count(thing))
    assert count_of(database, thing) == 1


def test_a_lock_that_passes_is_waited_out(database: Database, impatient: Database) -> None:
    thing = add_thing(database)
    failed = threading.Event()
    event.listen(impatient.engine, "handle_error", lambda _context: failed.set())
    with ThreadPoolExecutor(1) as pool:
        with locked(database, thing):
            waiting = pool.submit(impatient.transact, raise_count(thing))
            assert failed.wait(10)
        waiting.result(10)
    assert count_of(database, thing) == 1


def test_a_deadlock_is_tried_again_and_both_finish(database: Database) -> None:
    one, two = add_thing(database), add_thing(database)
    met = threading.Barrier(2)
    failures = failures_of(database)

    def both(first: int, second: int) -> None:
        def work(session: Any) -> None:
            session.get(Thing, first, **for_update(session)).count += 1
            session.flush()
            with suppress(threading.BrokenBarrierError):
                met.wait(1)
            session.get(Thing, second, **for_update(session)).count += 1

        database.transact(work)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(both, (one, two), (two, one)))
    assert (count_of(database, one), count_of(database, two)) == (2, 2)
    assert any("deadlock" in each for each in failures) == on_server(database)


def test_what_trying_again_cannot_help_is_raised_at_once(database: Database) -> None:
    tries = []

    def work(session: Any) -> None:
        tries.append(1)
        session.execute(insert(Thing).values(title=None, count=0, rev=1))

    with pytest.raises(IntegrityError):
        database.transact(work)
    assert len(tries) == 1


# ── instants ───────────────────────────────────────────────────────────────────────────────────────────────────────

instants = st.datetimes(
    datetime(1990, 1, 1),
    datetime(2199, 12, 31),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3, minutes=30))]),
)


@given(st.lists(instants, min_size=1, max_size=5))
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_instants_come_back_to_the_microsecond_in_utc_and_in_order(database: Database, moments: list[datetime]) -> None:
    with database.writing() as session:
        for moment in moments:
            session.add(Thing(title="when", at=moment))
        session.flush()
        session.expire_all()
        back = list(session.scalars(select(Thing.at).where(Thing.title == "when").order_by(Thing.at)))
        assert back == sorted(moments)
        assert all(each is not None and each.utcoffset() == timedelta(0) for each in back)
        least = min(moments)
        assert session.scalar(select(func.count()).where(Thing.at == least)) == moments.count(least)
        session.rollback()


@pytest.mark.parametrize("moment", [EPOCH, datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), None])
def test_the_edges_of_time_come_back(database: Database, moment: datetime | None) -> None:
    thing = add_thing(database, at=moment)
    with database.reading() as session:
        assert session.get(Thing, thing).at == moment


def test_a_naive_datetime_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        add_thing(database, at=datetime(2026, 11, 23, 9))
    with pytest.raises(StatementError, match="time zone"), database.reading() as session:
        session.scalar(select(Thing).where(Thing.at < datetime(2026, 11, 23, 9)))


# ── leaders ────────────────────────────────────────────────────────────────────────────────────────────────────────

LEAD = """
import sys, time
from common.db import Database
leader = Database(sys.argv[1]).leader("relay")
while not leader.acquire():
    time.sleep(0.05)
print("leads", flush=True)
time.sleep(600)
"""


def test_one_process_leads_and_its_death_lets_the_next_one_lead(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    process = subprocess.Popen([sys.executable, "-c", LEAD, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "leads\n"
        with database.leader("relay") as ours, database.leader("chores") as other:
            assert not ours.acquire()
            assert other.acquire(), "another name is another office"
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
            waited = threading.Event()
            for _ in range(200):
                if ours.acquire():
                    break
                waited.wait(0.05)
            assert ours.acquire() and ours.acquire()
    finally:
        process.kill()
        process.wait()


def test_a_leader_that_steps_back_lets_another_lead(database: Database) -> None:
    first, second = database.leader("relay"), database.leader("relay")
    assert first.acquire() and not second.acquire()
    first.release()
    assert second.acquire() and not first.acquire()
    second.release()


# ── migrations ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_shared_migration_makes_what_the_shared_models_say(settings: Any) -> None:
    assert heads(SERVICE) == ["0001"]
    assert difference(SERVICE, settings.database_url) == []
