"""The portal's people with passwords, and an app whose hashes are cheap."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from common.db import Database
from common.identity import Person
from services.portal import accounts
from services.portal.passwords import Keeper
from tests.services.portal.helpers import PASSWORD, sign_in


@pytest.fixture(scope="session")
def keeper() -> Keeper:
    """A keeper that costs next to nothing; the real cost is tested by itself."""
    return Keeper(memory_kib=64, rounds=1)


@pytest.fixture
def portal(app: Any, keeper: Keeper) -> Any:
    """The portal's app with the cheap keeper."""
    app.extensions["keeper"] = keeper
    return app


@pytest.fixture
def residents(database: Database, people: dict[str, Person], keeper: Keeper, now: Any) -> dict[str, Person]:
    """The demo people, each with the password PASSWORD."""
    hashed = keeper.hash(PASSWORD)

    def give(session: Any) -> None:
        if session.get_bind().dialect.name == "postgresql":  # the people came with their ids; new ones follow them
            for table in ("person", "agency"):
                session.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                )
        for person in people.values():
            accounts.set_password(session, now, person.id, hashed)

    database.transact(give)
    return people


@pytest.fixture
def browser(portal: Any, residents: dict[str, Person]) -> Callable[..., Any]:
    """`browser("officer")`: a browser that signed in by the form; without a name, a stranger's."""

    def open_as(username: str = "", **options: Any) -> Any:
        opened = portal.test_client()
        if username:
            answer = sign_in(opened, username, **options)
            assert answer.status_code == 303, answer.text
        return opened

    return open_as
