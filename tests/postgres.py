"""Databases on the PostgreSQL server of TEST_DATABASE_URL, made and dropped by a role that may do no more than that."""

import os
from functools import cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from common.db import Database

POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
"""The server, or nothing: then every database is an SQLite file."""


def address(name: str) -> str:
    """The address of the database of that name."""
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


@cache
def server() -> Database:
    """Where databases are made: the one that TEST_DATABASE_URL names."""
    return Database(POSTGRES)


@cache
def like(original: str) -> str:
    """The end of a CREATE DATABASE that copies one which nobody has open.

    A server that need not bring anything to its disk copies files in half the time that it takes to log their pages.
    """
    with server().reading() as session:
        careless = session.scalar(text("SHOW fsync")) == "off"
    return f' TEMPLATE "{original}"' + (" STRATEGY FILE_COPY" if careless else "")


def tell(*statements: str, **values: Any) -> None:
    """Run statements that need no transaction, such as CREATE DATABASE, however long they take."""
    with server().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in ("SET statement_timeout = 0", *statements):
            connection.execute(text(statement), values)


def drop(name: str) -> None:
    """Drop a database, with whoever is in it.

    Not `WITH (FORCE)`: that is refused while autovacuum looks in, as it is not ours to end; a plain drop sends it away.
    At once after use: a server that keeps hundreds must bring all their files to its disk at the next drop.
    """
    tell(
        f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false IS_TEMPLATE false',
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND usename = current_user",
        f'DROP DATABASE "{name}"',
        name=name,
    )


def exists(name: str) -> bool:
    """Whether the server has a database of that name."""
    with server().reading() as session:
        return session.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}) is not None
