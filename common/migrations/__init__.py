"""Running a service's Alembic history; there is no ini file and one environment for all."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import ops
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from common import audit, idempotency, identity, inbox, messages, reservations
from common.db import Database, SharedBase
from common.service import Service

# Whoever compares a database with its models must know every shared table, whichever of them a service itself imports.
SHARED_MODELS = (audit, idempotency, identity, inbox, messages, reservations)

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def migrate(service: Service, database_url: str) -> None:
    """Bring the database to the newest revision; on PostgreSQL it is created when it is not there yet."""
    ensure_database(database_url)
    database = Database(database_url)
    try:
        with database.engine.connect() as connection, connection.begin():
            command.upgrade(config(service, connection), "head")
    finally:
        database.dispose()


def heads(service: Service) -> list[str]:
    """The newest revisions; a healthy history has exactly one."""
    return list(ScriptDirectory.from_config(config(service)).get_heads())


def difference(service: Service, database_url: str) -> list[object]:
    """What the models say and the migrated database lacks; a healthy history differs in nothing."""
    database = Database(database_url)
    try:
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": include})
            return list(compare_metadata(context, [service.metadata, SharedBase.metadata]))  # type: ignore[arg-type]
    finally:
        database.dispose()


def revision(service: Service, message: str, database_url: str) -> Path:
    """Write the next migration from the difference between the models and a database at head. Returns its path."""
    folder = ROOT / service.migrations
    folder.mkdir(parents=True, exist_ok=True)
    number = f"{len(list(folder.glob('[0-9]*.py'))) + 1:04d}"
    database = Database(database_url)
    try:
        with database.engine.connect() as connection:
            made = command.revision(
                config(service, connection),
                message,
                autogenerate=True,
                rev_id=number,
                process_revision_directives=plain,
            )
    finally:
        database.dispose()
    assert made is not None and not isinstance(made, list)  # noqa: S101 - one revision was asked for
    return Path(made.path)


def plain(_context: object, _revision: object, directives: list[ops.MigrationScript]) -> None:
    """Leave the shared tables to `shared.py`."""


def include(_thing: object, name: str | None, kind: str, _reflected: bool, _against: object) -> bool:
    """What autogenerate looks at: everything but the migrator's own table."""
    return not (kind == "table" and name == "alembic_version")


def config(service: Service, connection: Connection | None = None) -> Config:
    """Alembic's configuration for one service."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.set_main_option("version_locations", str(ROOT / service.migrations))
    made.set_main_option("path_separator", "newline")
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes.update(connection=connection, service=service)
    return made


def ensure_database(database_url: str) -> None:
    """Create a PostgreSQL database that does not exist yet (its name must be a plain word)."""
    url = make_url(database_url)
    if url.get_backend_name() != "postgresql":
        return
    probe = Database(database_url)
    try:
        with probe.engine.connect():
            return
    except DBAPIError as missing:
        if "does not exist" not in str(missing.orig):
            raise
    finally:
        probe.dispose()
    name = str(url.database)
    if not name.replace("_", "").isalnum():
        raise ValueError(f"not a plain database name: {name}")
    for maintenance in ("postgres", "template1"):
        server = Database(url.set(database=maintenance).render_as_string(hide_password=False))
        try:
            with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f'CREATE DATABASE "{name}"'))
            return
        except DBAPIError as refused:
            if "already exists" in str(refused.orig):
                return
        finally:
            server.dispose()
    raise ValueError(f"the database {name} does not exist and could not be created")
