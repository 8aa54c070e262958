"""What was done stays written, and whoever alters it behind the database's back is found out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from common import audit, log
from common.audit import AuditEntry, AuditLink, chain, record, verify
from common.db import Database
from common.identity import Person

NOW = datetime(2026, 11, 23, 1, 0, 0, 123_456, tzinfo=UTC)


def write(database: Database, person: Person | None, number: int, **told: Any) -> None:
    database.transact(lambda s: record(s, person, "approve", f"trip/{number}", NOW + timedelta(seconds=number), **told))


@pytest.fixture
def chained(database: Database, people: dict[str, Person]) -> Database:
    """Five entries, linked in two goes."""
    for number in range(1, 6):
        write(
            database,
            people["officer"],
            number,
            before={"state": "submitted"},
            after={"state": "approved", "km": 1.5, "人": ["林"]},
        )
        if number == 3:
            database.transact(chain)
    database.transact(chain)
    return database


def checked(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        return verify(session)


def on_server(database: Database) -> bool:
    return database.url.get_backend_name() == "postgresql"


def behind_its_back(database: Database, *statements: str) -> None:
    """What somebody with the owner's rights could do: take the guard away first."""

    def work(session: Any) -> None:
        for table in ("audit_entry", "audit_chain"):
            if on_server(database):
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            else:
                session.execute(text(f"DROP TRIGGER {table}_append_only_update"))
                session.execute(text(f"DROP TRIGGER {table}_append_only_delete"))
        for statement in statements:
            assert session.execute(text(statement)).rowcount >= 1

    database.transact(work)


# ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_entry_tells_who_what_when_from_where_and_why(database: Database, people: dict[str, Person]) -> None:
    tokens = [(audit.address, audit.address.set("10.0.0.9")), (log.request_id, log.request_id.set("request-1"))]
    try:
        write(database, people["supervisor"], 12, before={"at": NOW}, after={"state": "returned"}, reason="缺少行程")
    finally:
        for variable, token in tokens:
            variable.reset(token)
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.actor_id, entry.actor_name, entry.action, entry.subject) == (2, "supervisor", "approve", "trip/12")
    assert (entry.reason, entry.address, entry.request_id) == ("缺少行程", "10.0.0.9", "request-1")
    assert (entry.before, entry.after) == ({"at": str(NOW)}, {"state": "returned"})
    assert entry.at == NOW + timedelta(seconds=12)


def test_an_act_that_is_undone_leaves_no_entry(database: Database, people: dict[str, Person]) -> None:
    def work(session: Any) -> None:
        record(session, people["officer"], "approve", "trip/1", NOW)
        session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.transact(work)
    assert checked(database) == {"ok": True, "checked": 0, "unlinked": 0, "first_bad": None}


def test_the_house_itself_may_be_the_actor(database: Database) -> None:
    write(database, None, 1)
    database.transact(chain)
    assert checked(database)["ok"]


# ── the guard ──────────────────────────────────────────────────────────────────────────────────────────────────────

FORBIDDEN = [
    "UPDATE audit_entry SET reason = 'another'",
    "UPDATE audit_entry SET id = id + 100",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_entry WHERE id = 3",
    "UPDATE audit_chain SET hash = 'x'",
    "DELETE FROM audit_chain",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_entries_and_links_can_be_neither_changed_nor_deleted(chained: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        chained.transact(lambda session: session.execute(text(statement)))
    assert checked(chained) == {"ok": True, "checked": 5, "unlinked": 0, "first_bad": None}


def test_the_orm_cannot_change_them_either(chained: Database) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        chained.transact(lambda session: session.execute(update(AuditEntry).values(reason="another")))
    with pytest.raises(DBAPIError, match="append-only"):
        chained.transact(lambda session: session.delete(session.scalars(select(AuditEntry).limit(1)).one()))


@pytest.mark.parametrize("table", ["audit_entry", "audit_chain", "audit_entry, audit_chain"])
def test_postgresqls_truncate_is_refused_too(chained: Database, table: str) -> None:
    if not on_server(chained):
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError, match="append-only"):
        chained.transact(lambda session: session.execute(text(f"TRUNCATE {table}")))


def test_sqlites_replace_does_not_go_unnoticed(chained: Database) -> None:
    if on_server(chained):
        pytest.skip("PostgreSQL has no REPLACE")
    columns = "id, at, actor_id, actor_name, action, subject, before, after, reason, address, request_id"
    other = columns.replace("reason", "'another'")
    statement = f"INSERT OR REPLACE INTO audit_entry ({columns}) SELECT {other} FROM audit_entry WHERE id = 3"
    try:
        chained.transact(lambda session: session.execute(text(statement)))
    except DBAPIError as refused:
        assert "append-only" in str(refused)
    else:
        assert checked(chained)["first_bad"] == "3"


# ── the chain ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_whole_chain_verifies_and_tells_what_is_not_linked_yet(chained: Database) -> None:
    assert checked(chained) == {"ok": True, "checked": 5, "unlinked": 0, "first_bad": None}
    write(chained, None, 6)
    with chained.reading() as session:
        assert audit.has_unlinked(session)
    assert checked(chained) == {"ok": True, "checked": 5, "unlinked": 1, "first_bad": None}
    assert chained.transact(chain) == 1
    assert chained.transact(chain) == 0
    assert checked(chained)["checked"] == 6


def test_linking_goes_in_steps_and_each_link_holds_the_one_before(database: Database) -> None:
    for number in range(5):
        write(database, None, number)
    done: list[int] = [database.transact(lambda session: chain(session, limit=2)) for _ in range(4)]
    assert done == [2, 2, 1, 0]
    with database.reading() as session:
        links = session.scalars(select(AuditLink).order_by(AuditLink.seq)).all()
        assert [link.seq for link in links] == [1, 2, 3, 4, 5]
        assert len({link.hash for link in links}) == 5
        assert links[0].hash == audit.link_hash(audit.NOTHING_BEFORE, session.get(AuditEntry, links[0].entry_id))


def entry_number(database: Database, number: int) -> None:
    """An entry whose id was given out before others that are linked already."""
    database.transact(lambda s: s.add(AuditEntry(id=number, at=NOW, action="approve", subject="trip/1")))


def test_an_entry_that_was_committed_late_is_linked_all_the_same(database: Database) -> None:
    entry_number(database, 40_000)
    assert database.transact(chain) == 1
    entry_number(database, 39_000)
    assert database.transact(chain) == 1
    assert checked(database) == {"ok": True, "checked": 2, "unlinked": 0, "first_bad": None}


def test_an_entry_slipped_in_long_after_is_never_linked_and_stays_counted(database: Database) -> None:
    entry_number(database, 40_000)
    database.transact(chain)
    entry_number(database, 7)
    assert database.transact(chain) == 0
    assert checked(database)["unlinked"] == 1


ALTERATIONS = {
    "the actor": "UPDATE audit_entry SET actor_id = 14 WHERE id = 3",
    "the actor's name": "UPDATE audit_entry SET actor_name = 'admin' WHERE id = 3",
    "the act": "UPDATE audit_entry SET action = 'reject' WHERE id = 3",
    "the row": "UPDATE audit_entry SET subject = 'trip/99' WHERE id = 3",
    "the reason": "UPDATE audit_entry SET reason = ' ' WHERE id = 3",
    "the address": "UPDATE audit_entry SET address = '::1' WHERE id = 3",
    "the values": """UPDATE audit_entry SET after = '{"state": "rejected"}' WHERE id = 3""",
    "the values taken out": "UPDATE audit_entry SET before = NULL WHERE id = 3",
    "the request": "UPDATE audit_entry SET request_id = 'x' WHERE id = 3",
    "removed": "DELETE FROM audit_entry WHERE id = 3",
    "its link": "UPDATE audit_chain SET hash = 'f' || substr(hash, 2) || 'f' WHERE entry_id = 3",
}


@pytest.mark.parametrize("statement", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_an_entry_altered_behind_the_guard_is_found(chained: Database, statement: str) -> None:
    if "hash" in statement:
        statement = "UPDATE audit_chain SET hash = '" + "0" * 64 + "' WHERE entry_id = 3"
    behind_its_back(chained, statement)
    assert checked(chained) == {"ok": False, "checked": 2, "unlinked": 0, "first_bad": "3"}


def test_a_moved_time_is_found_to_the_microsecond(chained: Database) -> None:
    by = "interval '1 microsecond'" if on_server(chained) else "1"
    behind_its_back(chained, f"UPDATE audit_entry SET at = at + {by} WHERE id = 1")
    assert checked(chained)["first_bad"] == "1"


REMOVALS: dict[str, tuple[list[str], str]] = {
    "an entry and its link": (
        ["DELETE FROM audit_entry WHERE id = 3", "DELETE FROM audit_chain WHERE entry_id = 3"],
        "4",
    ),
    "and the gap closed": (
        [
            "DELETE FROM audit_entry WHERE id = 3",
            "DELETE FROM audit_chain WHERE entry_id = 3",
            "UPDATE audit_chain SET seq = 3 WHERE seq = 4",
            "UPDATE audit_chain SET seq = 4 WHERE seq = 5",
        ],
        "4",
    ),
    "the first": (["DELETE FROM audit_entry WHERE id = 1", "DELETE FROM audit_chain WHERE entry_id = 1"], "2"),
    "the last entry": (["DELETE FROM audit_entry WHERE id = 5"], "5"),
}


@pytest.mark.parametrize(("statements", "first_bad"), REMOVALS.values(), ids=REMOVALS.keys())
def test_a_removal_is_found(chained: Database, statements: list[str], first_bad: str) -> None:
    behind_its_back(chained, *statements)
    told = checked(chained)
    assert (told["ok"], told["first_bad"]) == (False, first_bad)


def test_two_entries_that_changed_places_are_found(chained: Database) -> None:
    behind_its_back(
        chained,
        "UPDATE audit_chain SET entry_id = 99 WHERE entry_id = 2",
        "UPDATE audit_chain SET entry_id = 2 WHERE entry_id = 3",
        "UPDATE audit_chain SET entry_id = 3 WHERE entry_id = 99",
    )
    assert checked(chained)["first_bad"] == "3"


@pytest.mark.parametrize(
    "value", [1.0, 0.1, 1e20, -0.0, 10**18, "é", "e\u0301", "\u2028", None, True, [], {"b": 1, "a": {"d": 2, "c": 3}}]
)
def test_any_value_is_read_back_as_it_was_hashed(database: Database, value: Any) -> None:
    write(database, None, 1, after={"value": value})
    both: Callable[[Any], int] = chain
    assert database.transact(both) == 1
    assert checked(database)["ok"]
