"""What the tests stand on: real databases (copies of a migrated one), real apps, and a whole running house.

`TEST_DATABASE_URL` set: every database is a PostgreSQL database made from a template; unset: SQLite files.
`TEST_AMQP_URL` set: the RabbitMQ tests run. Chromium found: the browser tests run.
"""

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from common import keys as keyring
from common.db import Database
from common.identity import Agency, Person, sign_token
from common.migrations import migrate
from common.service import Service
from common.settings import SERVICES, Settings
from services import service_named
from services.web import build
from tests import postgres, warm
from tests.postgres import POSTGRES

HERE = Path(__file__).resolve().parent
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday 09:00 in Taipei


warm.keep_templates()
warm.keep_statements()


# ── databases ──────────────────────────────────────────────────────────────────────────────────────────────────────


Furniture = Callable[[Any], object]
"""Writes what a test's database holds from the start into an open session."""


class Databases:
    """Makes copies of migrated databases; drops what is left of them when the session ends."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._run = uuid.uuid4().hex[:8]
        self._templates: dict[tuple[Any, ...], str] = {}
        self._made: list[str] = []

    def copy(self, service: Service, *furniture: Furniture) -> str:
        """The address of a fresh database at the newest revision, with what `furniture` writes into it."""
        kind = (service.name, *furniture)
        if kind not in self._templates:
            self._templates[kind] = self._template(service, furniture)
        return self.copy_of(self._templates[kind])

    def _template(self, service: Service, furniture: tuple[Furniture, ...]) -> str:
        if not furniture:
            made = self._new(f"ck_{self._run}_template_{service.name}")
            migrate(service, made)
        else:
            made = self.copy(service, *furniture[:-1])
            database = Database(made)
            database.transact(furniture[-1])
            database.dispose()
        return made

    def copy_of(self, url: str) -> str:
        """The address of a copy of a database that nobody has open."""
        original = str(make_url(url).database)
        if not POSTGRES:
            copy = self._folder / f"copy_{uuid.uuid4().hex[:12]}.db"
            shutil.copy(original, copy)
            return f"sqlite:///{copy}"
        return self._new(f"ck_{self._run}_{uuid.uuid4().hex[:12]}", postgres.like(original))

    def _new(self, name: str, like: str = "") -> str:
        if not POSTGRES:
            return f"sqlite:///{self._folder / name}.db"
        postgres.tell(f'CREATE DATABASE "{name}"{like}')
        self._made.append(name)
        return postgres.address(name)

    def drop(self, url: str) -> None:
        """Drop a copy that is of no use any more."""
        name = str(make_url(url).database)
        if not POSTGRES:
            for ending in ("", "-wal", "-shm"):
                Path(name + ending).unlink(missing_ok=True)
            return
        postgres.drop(name)
        self._made.remove(name)

    def leave(self, url: str) -> None:
        """Keep a database beyond this test process; whoever knows its address drops it."""
        if POSTGRES:
            self._made.remove(str(make_url(url).database))

    def drop_all(self) -> None:
        for name in self._made:
            postgres.drop(name)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.drop_all()


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    keyring.make(folder, [*SERVICES, "toy"])
    return folder


@pytest.fixture
def service_name(request: pytest.FixtureRequest) -> str:
    """Which service a test is about, from its folder: tests/fleet/… or tests/services/portal/…."""
    parts = request.path.relative_to(HERE).parts
    return parts[1] if parts[0] == "services" else parts[0]


@pytest.fixture
def make_settings(tmp_path: Path, keys_dir: Path, databases: Databases) -> Iterator[Callable[..., Settings]]:
    copies: list[str] = []

    def make(service: Service, *furniture: Furniture, **changes: Any) -> Settings:
        told: dict[str, Any] = {
            "service": service.name,
            "data_dir": tmp_path,
            "broker_url": "filesystem://",
            "keys_dir": keys_dir,
            "public_url": "http://localhost",
            "mail_url": "",
            "mail_from": "citykeys@localhost",
            "password_policy": "nist",
            "demo": True,
            "trusted_proxies": 1,
            "urls": {name: f"http://127.0.0.1:9/{name}" for name in SERVICES},
        }
        told.update(changes)
        if "database_url" not in told:
            told["database_url"] = databases.copy(service, *furniture)
            copies.append(told["database_url"])
        return Settings(**told)

    yield make
    for url in copies:
        databases.drop(url)


@pytest.fixture
def furniture(request: pytest.FixtureRequest) -> list[Furniture]:
    """What the test's database holds from the start, in this order."""
    return [add_people] if "people" in request.fixturenames else []


@pytest.fixture
def settings(service_name: str, make_settings: Callable[..., Settings], furniture: list[Furniture]) -> Settings:
    return make_settings(service_named(service_name), *furniture)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A migrated, empty database of the service this folder is about."""
    made = Database(settings.database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Any]:
    """An open write session; nothing of it is kept."""
    with database.writing() as opened:
        yield opened
        opened.rollback()


# ── time and people ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Clock:
    """The clock of a test's apps; `tick` moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def now() -> datetime:
    return NOW


AGENCIES = (
    (1, "SEC", "秘書處", "Secretariat", "city"),
    (2, "EPB", "環境保護局", "Department of Environmental Protection", "city"),
    (3, "NGO1", "青田文化協會", "Qingtian Cultural Association", "outside"),
)
PEOPLE = (
    # id, username, name, name_en, agency, roles
    (1, "officer", "林小禾", "Lin Xiao-he", 1, ["officer", "staff"]),
    (2, "supervisor", "王若山", "Wang Ruo-shan", 1, ["supervisor", "staff"]),
    (3, "officer2", "陳安可", "Chen An-ke", 2, ["officer", "staff"]),
    (4, "supervisor2", "許石青", "Hsu Shi-qing", 2, ["supervisor", "staff"]),
    (5, "dispatcher", "陳調度", "Chen Diao-du", 1, ["dispatcher", "staff"]),
    (6, "driver", "周行路", "Chou Xing-lu", 1, ["driver"]),
    (7, "driver2", "吳遠山", "Wu Yuan-shan", 1, ["driver"]),
    (8, "venues", "方庭安", "Fang Ting-an", 1, ["venue_officer", "staff"]),
    (9, "group", "蘇青田", "Su Qing-tian", 3, ["group"]),
    (10, "dorms", "石舍予", "Shi She-yu", 1, ["dorm_officer", "staff"]),
    (11, "staff", "何家欣", "He Jia-xin", 1, ["staff"]),
    (12, "staff2", "田一宿", "Tian Yi-su", 2, ["staff"]),
    (13, "auditor", "明鏡心", "Ming Jing-xin", 1, ["auditor"]),
    (14, "admin", "管天衡", "Guan Tian-heng", 1, ["admin"]),
)


def add_people(opened: Any) -> None:
    """The demo sign-ins of the contract, as read copies."""
    for number, code, name, name_en, kind in AGENCIES:
        opened.add(Agency(id=number, code=code, name=name, name_en=name_en, kind=kind, active=True))
    opened.flush()
    for number, username, name, name_en, agency, roles in PEOPLE:
        opened.add(
            Person(
                id=number, username=username, name=name, name_en=name_en, agency_id=agency, roles=roles, unit="",
                mail=f"{username}@example.org", phone="", lang="zh", active=True,
            )
        )  # fmt: skip
    opened.flush()


@pytest.fixture
def people(request: pytest.FixtureRequest, database: Database) -> dict[str, Person]:
    """The demo people by user name, of the test's open session if it has one (else use them by id in another)."""
    if "session" in request.fixturenames:
        return known_people(request.getfixturevalue("session"))
    with database.writing() as written:
        found = known_people(written)
        written.expunge_all()
    return found


def known_people(opened: Any) -> dict[str, Person]:
    """The demo people by user name; they are added where a test's own settings left them out."""
    if opened.query(Person).first() is None:
        add_people(opened)
    return {person.username: person for person in opened.query(Person)}


# ── apps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CSRF = "c" * 40


class PersonAtWork(FlaskClient):
    """A browser and an API client of one person: `get`, `submit` for forms, `api` for JSON."""

    token = ""

    def sign(self, token: str) -> None:
        self.token = token
        if token:
            self.set_cookie("citykeys_token", token)

    def submit(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form as a browser would, with its token."""
        with self.session_transaction() as cookie:
            cookie["csrf_token"] = CSRF
        signed = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(CSRF)
        return self.post(url, data={"csrf_token": signed, **(data or {})}, **options)

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Call an operation: `api("POST", "/trips", {...}, idempotency_key="k")`."""
        sent = {name.replace("_", "-").title(): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        bare = self.application.test_client()
        return bare.open(f"/api/v1{path}", method=method, json=body, headers=sent)


@pytest.fixture
def app(service_name: str, settings: Settings, clock: Clock) -> Iterator[Any]:
    """The service's own app on the test's database."""
    made = build(service_named(service_name), settings, clock)
    made.config["PROPAGATE_EXCEPTIONS"] = True
    made.test_client_class = PersonAtWork
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def client(app: Any, people: dict[str, Person], keys_dir: Path, clock: Clock) -> Callable[..., PersonAtWork]:
    """`client(as_="officer")`: that person's browser, signed in; without `as_`, a stranger's."""
    portal = keyring.Keys.load(keys_dir, "portal")

    def open_as(_service: str | None = None, as_: str | None = None) -> PersonAtWork:
        opened: PersonAtWork = app.test_client()
        if as_:
            opened.sign(sign_token(portal, people[as_].id, f"test-{as_}", clock.now))
        return opened

    return open_as


pytest_plugins = ["tests.house_fixture"]
