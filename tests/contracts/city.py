"""The demonstration city in one process: five filled databases, five apps, everybody's facts read by everybody."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common import inbox, messages
from common.db import Database
from common.identity import Person, sign_token
from common.keys import Keys
from common.service import Service
from common.settings import SERVICES, Settings
from common.web.api import Api
from services import service_named
from services.prepare import load_demo
from services.web import build
from tests.conftest import NOW, Clock, PersonAtWork

PASSWORD = "demo-password-of-the-tests"
HOUSE: dict[str, Service] = {name: service_named(name) for name in SERVICES}
ROLES = (
    "officer", "officer2", "supervisor", "dispatcher", "driver", "driver2", "venues", "group", "dorms", "staff", "staff2",
    "auditor", "admin",
)  # fmt: skip

# What an argument or field names, where the table is called otherwise.
TABLES = {
    "message": "delivery",
    "slot": "charging_slot",
    "appointment": "upkeep_appointment",
    "parked": "inbox_parked",
    "room": "venue",
    "person": "person",
    "series": "trip_series",
}


def ids_for(name: str, known: dict[str, list[str]]) -> list[str]:
    """Ids that fit an argument such as `trip_id`."""
    stem = name.removesuffix("_id")
    return known.get(stem) or known.get(TABLES.get(stem, stem)) or []


def api_of(service: Service) -> Api:
    """The service's JSON interface."""
    return next(each for each in service.blueprints if isinstance(each, Api))


@dataclass
class City:
    """Databases and apps by service; people's ids by user name (the same in every service)."""

    databases: dict[str, Database]
    apps: dict[str, Flask]
    keys: Keys
    clock: Clock
    people: dict[str, int]

    def token(self, username: str) -> str:
        """A bearer token as the portal signs it."""
        return sign_token(self.keys, self.people[username], f"test-{username}", self.clock.now)

    def visitor(self, service: str, username: str | None = None) -> PersonAtWork:
        """Somebody's browser at one service; without a name, a stranger's."""
        opened: PersonAtWork = self.apps[service].test_client()  # type: ignore[assignment]
        if username:
            opened.sign(self.token(username))
        return opened

    def rows(self, service: str) -> dict[str, int]:
        """How many rows each table has."""
        with self.databases[service].reading() as session:
            return count_rows(session, HOUSE[service])

    def ids(self, service: str) -> dict[str, list[str]]:
        """Some ids of each of a service's tables, the oldest and the newest, and of the people who sign in."""
        tables = [*HOUSE[service].metadata.sorted_tables, messages.SharedBase.metadata.tables["feed"]]
        with self.databases[service].reading() as session:
            rows = {
                t.name: [str(key) for key in session.scalars(select(t.c.id).order_by(t.c.id))]
                for t in tables
                if "id" in t.c
            }
        found = {table: keys[:4] + keys[-12:] for table, keys in rows.items() if keys}
        return found | {"person": [str(self.people[username]) for username in ROLES], "agency": ["1", "2", "3"]}

    def spread(self) -> None:
        """Carry every fact to every reader, as relays and listeners do."""
        for source, database in self.databases.items():
            while database.transact(lambda session, source=source: messages.number(session, source)):  # type: ignore[misc]
                pass
        for source, database in self.databases.items():
            for reader, service in HOUSE.items():
                if source != reader and source in service.listeners.sources():
                    catch_up(self.databases[reader], service, database, source)

    def close(self) -> None:
        for database in self.databases.values():
            database.dispose()
        for app in self.apps.values():
            app.extensions["database"].dispose()


def catch_up(reader: Database, service: Service, sender: Database, source: str) -> None:
    """Let a service read a source's log to its end, in order. Any handler's failure is the test's."""

    def work(session: Session) -> None:
        while True:
            after = inbox.cursor_of(session, source).last_seq
            with sender.reading() as log:
                page = messages.page_after(log, source, after, 1000)
            for envelope in page["items"]:
                assert inbox.apply(session, service.listeners, envelope) is inbox.Outcome.APPLIED
            if not page["items"]:
                return

    reader.transact(work)


def count_rows(session: Session, service: Service) -> dict[str, int]:
    """Rows of each of the service's own tables, of the ledger, the log and the audit."""
    shared = ("reservation", "outbox", "audit_entry", "feed", "person", "agency")
    tables = [
        *service.metadata.sorted_tables,
        *(t for t in messages.SharedBase.metadata.sorted_tables if t.name in shared),
    ]
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def open_city(settings: dict[str, Settings], keys: Keys) -> City:
    """The five apps on filled databases."""
    clock = Clock(NOW)
    databases = {name: Database(each.database_url) for name, each in settings.items()}
    apps = {}
    for name, service in HOUSE.items():
        apps[name] = build(service, settings[name], clock)
        apps[name].test_client_class = PersonAtWork
    with databases["portal"].reading() as session:
        people = {person.username: person.id for person in session.scalars(select(Person))}
    return City(databases, apps, keys, clock, people)


def fill_city(settings: dict[str, Settings], keys: Keys) -> None:
    """Fill empty databases as `make run` does, and let the services hear of each other."""
    load_demo(list(HOUSE.values()), settings, NOW, PASSWORD)
    filled = open_city(settings, keys)
    filled.spread()
    filled.close()
