"""The database: one engine, one transaction opener, and every construct in which SQLite and PostgreSQL differ.

No other file asks which of the two it is on. SQLite runs in WAL with `synchronous=FULL`; writers begin with
`BEGIN IMMEDIATE`, because the driver's own transaction handling loses updates silently.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    cast,
    create_engine,
    delete,
    event,
    func,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from common.errors import Busy, Stale, Unreachable
from common.leader import AdvisoryLeader, FileLeader, Leader

T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

RETRIES = 3
PASSING_SQLSTATES = {"40001", "40P01", "55P03"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

JsonValue = JSON().with_variant(postgresql.JSONB(), "postgresql")
BigId = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")


class UtcInstant(TypeDecorator[datetime]):
    """An instant, always with a zone and always UTC: `timestamptz` on PostgreSQL, whole microseconds on SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC) if dialect.name == "postgresql" else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else EPOCH + value * MICROSECOND


# What a Python type is in a column; every declarative base of the house maps by it.
COLUMN_TYPES: dict[Any, Any] = {datetime: UtcInstant, dict[str, Any]: JsonValue, list[Any]: JsonValue}


def new_metadata() -> MetaData:
    """Metadata for one service's own tables, with the house's naming of constraints."""
    return MetaData(naming_convention=NAMING)


class SharedBase(DeclarativeBase):
    """The tables that every service has in its own database (ledger, outbox, inbox, read copies, audit)."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class Revised:
    """A row that two people may edit: `rev` rises with each change, and a change of a stale row is refused."""

    rev: Mapped[int] = mapped_column(Integer, nullable=False, default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.rev}

    def expect(self, rev: int | None) -> None:
        """Raises Stale when the person edited another revision than the present one; None asks for no check."""
        if rev is not None and rev != self.rev:
            raise Stale


class Database:
    """One service's database. `reading()` and `transact()` are the only two ways in."""

    def __init__(self, url: str, *, pool_size: int = 10):
        self.url: URL = make_url(url)
        self._sqlite = self.url.get_backend_name() == "sqlite"
        if self._sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = self._engine(pool_size, read_only=False)
        self._reader = self._engine(pool_size, read_only=True) if self._sqlite else self.engine

    def _engine(self, pool_size: int, *, read_only: bool) -> Engine:
        if not self._sqlite:
            options = (
                "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
            )
            return create_engine(
                self.url,
                pool_size=3,
                max_overflow=pool_size,
                pool_pre_ping=True,
                connect_args={"options": options},
            )
        engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=pool_size * 4,
            connect_args={"isolation_level": None, "timeout": 20, "check_same_thread": False},
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
            if read_only:
                connection.execute("PRAGMA query_only=ON")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

        return engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment and can change nothing."""
        told = {} if self._sqlite else {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            _reach(session, **told)
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One write transaction, committed when the block ends well. `transact` is the one to use in doors."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            _reach(session)
            yield session

    def transact(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one write transaction and commit it.

        A deadlock, serialisation failure, lock time-out or database that gives no connection is tried at most three
        times more after 20–200 ms of jitter, then raises Busy; a row changed underneath raises Stale. Nothing is ever
        half-written, and a connection lost on the way is never tried again: it may have been lost after the commit.
        """
        for attempt in range(RETRIES + 1):
            try:
                with self.writing() as session:
                    return work(session)
            except StaleDataError as stale:
                raise Stale from stale
            except Unreachable:
                if attempt == RETRIES:
                    raise
                time.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - jitter, not a secret
            except DBAPIError as failure:
                if not is_passing(failure):
                    raise
                if attempt == RETRIES:
                    raise Busy from failure
                time.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - jitter, not a secret
        raise Busy

    def watch(self) -> Callable[[], bool]:
        """A cheap question for loops: may anything have been committed since it was last asked?

        SQLite answers it without a transaction (`data_version`); elsewhere the answer is always yes.
        """
        if not self._sqlite:
            return lambda: True
        connection = self._reader.raw_connection()
        seen: list[int] = [-1]

        def moved() -> bool:
            cursor = connection.cursor()
            version = int(cursor.execute("PRAGMA data_version").fetchone()[0])
            cursor.close()
            changed, seen[0] = version != seen[0], version
            return changed

        return moved

    def leader(self, name: str) -> Leader:
        """A claim to be the only process doing `name` for this database."""
        return FileLeader(Path(str(self.url.database)), name) if self._sqlite else AdvisoryLeader(self.engine, name)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._reader.dispose()


def _reach(session: Session, **told: Any) -> None:
    """Begin the transaction. Raises Unreachable when there is no connection to be had."""
    try:
        session.connection(execution_options=told)
    except (OperationalError, PoolExhausted) as failure:
        if is_passing(failure):
            raise
        raise Unreachable from failure


def is_passing(failure: Exception) -> bool:
    """Whether trying again may help (no connection, deadlock, serialisation, lock time-out, SQLite busy)."""
    if isinstance(failure, Unreachable):
        return True
    if not isinstance(failure, DBAPIError):
        return False
    if getattr(failure.orig, "sqlstate", None) in PASSING_SQLSTATES:
        return True
    return "database is locked" in str(failure.orig)


def insert_all_or_none(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], guard: str) -> bool:
    """Insert every row, or none when the constraint named `guard` (or any unique one) stands against one of them.

    Two rivals never both lose: on PostgreSQL the second waits for the first's commit inside
    `ON CONFLICT DO NOTHING`, which neither deadlocks nor aborts the transaction; on SQLite there is one writer.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = list(table.primary_key)
        statement = postgresql.insert(table).values(list(rows)).on_conflict_do_nothing().returning(*key)
        written = [tuple(row) for row in session.execute(statement)]
        if len(written) == len(rows):
            return True
        if written:
            session.execute(delete(table).where(tuple_(*key).in_(written)))
        return False
    try:
        with session.begin_nested():
            session.execute(table.insert(), list(rows))
    except IntegrityError as refused:
        if guard not in str(refused.orig) and "UNIQUE" not in str(refused.orig):
            raise
        return False
    return True


def for_update(session: Session, of: type[Any] | None = None) -> dict[str, Any]:
    """Options for `session.get(…, **for_update(session))`: a row lock where there is one (SQLite has one writer).

    `of` locks that class's row alone; needed where its relationships are loaded in the same statement.
    """
    if session.get_bind().dialect.name != "postgresql":
        return {}
    return {"with_for_update": {"of": of} if of else True}


def get_held(session: Session, kind: type[T], key: Any) -> T | None:
    """The row as it is now, held against rivals until the end of the transaction; None when there is none."""
    return session.get(kind, key, populate_existing=True, **for_update(session, kind))


def for_share(session: Session) -> dict[str, Any]:
    """Options for `session.get(…, **for_share(session))`: many may hold it so at once, whoever takes it `for_update` waits
    for them, and they for that one."""
    return {} if session.get_bind().dialect.name != "postgresql" else {"with_for_update": {"read": True}}


def as_rows(session: Session, texts: Sequence[str]) -> Any:
    """A column of these texts, one a row, to select from: for one look-up each in a single statement."""
    if session.get_bind().dialect.name == "postgresql":
        return func.unnest(cast(list(texts), postgresql.ARRAY(Text))).column_valued("asked")
    return func.json_each(json.dumps(texts)).table_valued("value", name="asked").c.value


def no_overlap_guard(connection: Connection) -> list[str]:
    """DDL: no two active rows of `reservation` may share an instant of the same resource, whatever code writes them.

    PostgreSQL: an exclusion constraint. SQLite: triggers. As active rows never overlap, only the last one that
    starts at or before the new start, and those that start inside it, can be in the way; so the test is two
    look-ups in the index, however long the history.
    """
    if connection.dialect.name == "postgresql":
        return [
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
            "ALTER TABLE reservation ADD CONSTRAINT reservation_no_overlap EXCLUDE USING gist"
            " (resource WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (state IN ('held', 'confirmed'))",
        ]
    body = """
        FOR EACH ROW WHEN NEW.state IN ('held', 'confirmed')
        BEGIN
          SELECT RAISE(ABORT, 'reservation_no_overlap') WHERE EXISTS (
            SELECT 1 FROM reservation AS other
            WHERE other.resource = NEW.resource AND other.state IN ('held', 'confirmed')
              AND other.id IS NOT NEW.id
              AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
              AND other.starts_at >= coalesce((
                SELECT max(earlier.starts_at) FROM reservation AS earlier
                WHERE earlier.resource = NEW.resource AND earlier.state IN ('held', 'confirmed')
                  AND earlier.id IS NOT NEW.id AND earlier.starts_at <= NEW.starts_at), NEW.starts_at));
        END"""
    return [
        f"CREATE TRIGGER reservation_no_overlap_insert BEFORE INSERT ON reservation {body}",
        "CREATE TRIGGER reservation_no_overlap_update BEFORE UPDATE OF resource, starts_at, ends_at, state"
        f" ON reservation {body}",
    ]


def append_only_guard(connection: Connection, table: str) -> list[str]:
    """DDL: rows of `table` can be added, never changed or deleted."""
    if connection.dialect.name == "postgresql":
        return [
            f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        ]
    return [
        f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]
