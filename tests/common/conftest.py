"""Tests of common stand on a small service of their own: its migrated database, its app."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.db import Database, SharedBase
from common.settings import Settings
from services.web import build
from tests.common.toy import SERVICE
from tests.common.web_helpers import Open
from tests.conftest import Databases, PersonAtWork
from tests.postgres import POSTGRES


@pytest.fixture(scope="session")
def server_url(databases: Databases) -> str:
    """On PostgreSQL the one database that these tests use in turn: making one for each costs more than the tests."""
    return databases.copy(SERVICE) if POSTGRES else ""


@pytest.fixture
def settings(make_settings: Callable[..., Settings], server_url: str) -> Settings:
    """The toy's settings, with a database as the migration leaves it."""
    if not server_url:
        return make_settings(SERVICE)
    empty(server_url)
    return make_settings(SERVICE, database_url=server_url)


def empty(url: str) -> None:
    """Take out every row and put back every guard."""
    database = Database(url)
    tables = [*SERVICE.metadata.tables, *SharedBase.metadata.tables]

    def work(session: Session) -> None:
        set_guards(session, "DISABLE")
        session.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
        set_guards(session, "ENABLE")

    def set_guards(session: Session, state: str) -> None:
        for table in ("audit_entry", "audit_chain"):
            session.execute(text(f"ALTER TABLE {table} {state} TRIGGER USER"))

    database.transact(work)
    database.dispose()


@pytest.fixture
def app(settings: Settings, clock: Any) -> Iterator[Any]:
    """The toy's app; a bug in a door is answered as in a real process, not raised into the test."""
    made = build(SERVICE, settings, clock)
    made.test_client_class = PersonAtWork
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def officer(client: Open) -> PersonAtWork:
    return client(as_="officer")


@pytest.fixture
def stranger(client: Open) -> PersonAtWork:
    return client()
