"""A whole running house for the tests: the desk as `make run` starts it, on a free port and a folder of its own."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy.engine import make_url

from common.db import Database
from common.settings import SERVICES
from services.desk import Desk
from tests import postgres

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "demo-password-of-the-tests"
READY_SECONDS = 600
DEMO_CITY, FILLED_CITY, ADDRESSES = "demo-city", "filled-city", "addresses.json"
"""Folders of a run in which one test process prepares what all of them copy."""
KEEP_SIGN_IN_SECONDS = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def csrf_in(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form token"
    return found[1]


def young(signed_in: tuple[float, Any] | None) -> bool:
    """Whether this sign-in, kept with its moment, outlives the next test: a session that rests ends after 15 minutes (an
    administrator's) or 30, and tests at the end of a long run share a house with those at its beginning."""
    return signed_in is not None and time.monotonic() - signed_in[0] < KEEP_SIGN_IN_SECONDS


@dataclass
class House:
    """A running desk: its address, its people, its processes."""

    url: str
    data_dir: Path
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    database_url: str = ""
    _cookies: dict[str, tuple[float, dict[str, str]]] = field(default_factory=dict)
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict)

    def start(self) -> float:
        """Start the desk and wait until every service answers; returns the seconds that took."""
        began, before = time.monotonic(), len(self.said())
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.desk"], cwd=ROOT, env=self.environment, stdout=out, stderr=out
            )
        while "Ctrl-C" not in self.said()[before:]:
            assert self.process.poll() is None, self.said()
            assert time.monotonic() - began < READY_SECONDS, self.said()
            time.sleep(0.1)
        return time.monotonic() - began

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        """Ctrl-C."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def description(self) -> dict[str, Any]:
        """The desk's own word on who runs where."""
        told: dict[str, Any] = json.loads((self.data_dir / "desk.json").read_text())
        return told

    def sign_in(self, username: str) -> dict[str, str]:
        """The cookies of a signed-in browser, of a sign-in that is young yet."""
        if not young(self._cookies.get(username)):
            browser = requests.Session()
            page = browser.get(f"{self.url}/sign-in", timeout=20)
            sent = {"csrf_token": csrf_in(page.text), "username": username, "password": PASSWORD}
            answer = browser.post(f"{self.url}/sign-in", data=sent, timeout=20, allow_redirects=False)
            assert answer.status_code == 303, f"{answer.status_code} for {username}: {answer.text[:500]}"
            self._cookies[username] = (time.monotonic(), browser.cookies.get_dict())
        return self._cookies[username][1]

    def forget(self, username: str) -> None:
        """For a test that ends all of somebody's sessions: the next to need them signs in anew."""
        self._cookies.pop(username, None)
        self._tokens.pop(username, None)

    def browser(self, username: str | None = None) -> requests.Session:
        """A browser without scripts, signed in when a name is given."""
        opened = requests.Session()
        if username:
            opened.cookies.update(self.sign_in(username))
        return opened

    def token(self, username: str) -> str:
        if not young(self._tokens.get(username)):
            body = {"username": username, "password": PASSWORD}
            answer = requests.post(f"{self.url}/api/v1/tokens", json=body, timeout=20)
            assert answer.status_code in (200, 201), answer.text
            self._tokens[username] = (time.monotonic(), answer.json()["access_token"])
        return self._tokens[username][1]

    def api(self, username: str, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Call an operation: `house.api("officer", "POST", "/fleet/api/v1/trips", {...})`."""
        sent = {"Authorization": f"Bearer {self.token(username)}", **headers}
        return requests.request(method, self.url + path, json=body, headers=sent, timeout=60)

    def database(self, service: str) -> Database:
        """The database of one of its services, for looking behind the scenes."""
        return Database(self.database_address(service))

    def database_address(self, service: str) -> str:
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite:///{self.data_dir}/{service}.db"


def eventually(check: Any, seconds: float = 60.0, every: float = 0.1) -> Any:
    """The first truthy answer of `check()`; fails when none comes in time. For what travels by message."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(every)


def make_house(folder: Path, *, database_name: str = "", **environment: str) -> House:
    """A house that is not started yet. On PostgreSQL when TEST_DATABASE_URL is set."""
    port = free_port()
    told = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "BROKER_URL", "MAIL_URL")},
        "PORT": str(port),
        "DATA_DIR": str(folder / "data"),
        "DEMO_PASSWORD": PASSWORD,
        **environment,
    }
    made = House(f"http://127.0.0.1:{port}", folder / "data", told, folder / "desk.log")
    made.log.touch()
    if postgres.POSTGRES:
        name = database_name or f"ck_house_{uuid.uuid4().hex[:8]}"
        made.database_url = postgres.address("NAME").replace("NAME", f"{name}_{{service}}")
        told["DATABASE_URL"] = made.database_url
    return made


def drop_databases(house: House) -> None:
    """Take a stopped house's PostgreSQL databases away."""
    if not house.database_url:
        return
    for service in SERVICES:
        name = str(make_url(house.database_address(service)).database)
        if postgres.exists(name):
            postgres.drop(name)


class DemoCity:
    """The demonstration as `make run` prepares it, made once for all test processes; houses begin with copies of it."""

    def __init__(self, folder: Path):
        folder.mkdir(exist_ok=True)
        self._lock, self._ready = folder / "lock", folder / "ready"
        self._house = make_house(folder, database_name="ck_demo_city_" + hashlib.sha256(bytes(folder)).hexdigest()[:8])

    def furnish(self, house: House) -> None:
        """Give a house that is not started yet the prepared data. One test process prepares it, and the others wait."""
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._ready.exists():
                assert Desk(self._house.environment).prepare() == 0, self._house.said()
                self._ready.touch()
            for service in SERVICES if house.database_url else ():
                copy, prepared = (make_url(each.database_address(service)).database for each in (house, self._house))
                postgres.tell(f'CREATE DATABASE "{copy}"{postgres.like(str(prepared))}')
        shutil.copytree(self._house.data_dir, house.data_dir, dirs_exist_ok=True)

    def drop(self) -> None:
        """Nobody needs it any more."""
        drop_databases(self._house)


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run that all its test processes see."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextlib.contextmanager
def running_house(folder: Path, demo_city: DemoCity, **environment: str) -> Iterator[House]:
    """A house with the demonstration that runs as long as the block does."""
    made = make_house(folder, **environment)
    demo_city.furnish(made)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        drop_databases(made)


@pytest.fixture(scope="session")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> DemoCity:
    """What the houses of this run begin with; its databases go when the run is over."""
    return DemoCity(shared_folder(tmp_path_factory) / DEMO_CITY)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    """The running house that read-mostly tests of one test process share."""
    with running_house(tmp_path_factory.mktemp("house"), demo_city) as made:
        yield made


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The process that began the run is the last one: it drops what all shared."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    folder = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    if (folder / DEMO_CITY).exists():
        DemoCity(folder / DEMO_CITY).drop()
    told = folder / FILLED_CITY / ADDRESSES
    if postgres.POSTGRES and told.exists():
        for address in json.loads(told.read_text()).values():
            postgres.drop(str(make_url(address).database))
