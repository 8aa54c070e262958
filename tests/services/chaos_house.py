"""The house the chaos test torments: starts the toys as processes, kills and revives them, wipes their broker, counts."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from common import broker, keys
from common.db import Database
from common.inbox import Cursor, Parked
from common.messages import Outbox, SourceState
from common.migrations import ensure_database
from services.__main__ import gunicorn_options
from tests import postgres
from tests.house_fixture import eventually, free_port
from tests.postgres import POSTGRES
from tests.services import chaos_toys as toys

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Toy:
    """One process: how to start it, and how often it died of itself."""

    name: str
    arguments: list[str]
    pid: int = 0
    kills: int = 0
    deaths: int = 0

    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        eventually(lambda: not self.alive(), every=0.005)


@dataclass
class ChaosHouse:
    """A source, its readers, their databases and processes."""

    folder: Path
    broker_url: str
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:6])
    children: dict[str, Toy] = field(default_factory=dict)
    wipes: int = 0

    def __post_init__(self) -> None:
        self.source = f"quarry{self.run}"
        self.readers = (f"mason{self.run}", f"clerk{self.run}")
        self.log = self.folder / "toys.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        names = (self.source, *self.readers)
        keys.make(self.folder / "keys", list(names))
        self.databases = {name: self._database_url(name) for name in names}
        told = {
            "run": self.run, "data_dir": str(self.folder), "keys_dir": str(self.folder / "keys"), "url": self.url,
            "broker_url": self.broker_url, "databases": self.databases,
        }  # fmt: skip
        self.environment = {**os.environ, "CHAOS_TOYS": json.dumps(told), "WEB_THREADS": "4", "PYTHONUNBUFFERED": "1"}
        self._opened: dict[str, Database] = {}
        for name in names:
            ensure_database(self.databases[name])
            toys.build(self.database(name))
        self._web: subprocess.Popen[bytes] | None = None
        self._nursery = self._run("tests.services.chaos_toys", pipes=subprocess.PIPE)
        assert self._answer() == "ready"

    def _database_url(self, name: str) -> str:
        if POSTGRES:
            return postgres.address(f"ck_chaos_{name}")
        return f"sqlite:///{self.folder}/{name}.db"

    def database(self, name: str) -> Database:
        if name not in self._opened:
            self._opened[name] = Database(self.databases[name])
        return self._opened[name]

    # -- processes -------------------------------------------------------------------------------------------------

    def _run(self, module: str, *arguments: str, pipes: int | None = None) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=self.environment,
                cwd=ROOT,
                stderr=out,
                stdin=pipes,
                stdout=pipes,
            )

    def _answer(self) -> str:
        assert self._nursery.stdout
        return self._nursery.stdout.readline().decode().strip()

    def start_web(self) -> None:
        """The source's web process, and wait until it answers."""
        self._web = self._run(
            "gunicorn", *gunicorn_options(f"127.0.0.1:{self.port}"), "tests.services.chaos_door:app()"
        )
        eventually(self._answers, seconds=180)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def start(self, role: str, service: str, number: int = 1, *rest: str) -> Toy:
        """A relay, listener or writer of one toy service."""
        return self._start(Toy(f"{role} {number} of {service}", [role, service, *rest]))

    def start_carriers(self) -> None:
        """Two relays that compete; a listener for each reader, and a second one for the first."""
        for number in (1, 2):
            self.start("relay", self.source, number)
        for reader in (*self.readers, self.readers[0]):
            self.start("listener", reader, len(self.children))
        eventually(lambda: len(self.said("worker started")) >= len(self.named("relay", "listener")), seconds=180)

    def start_writers(self, many: int, per_second: float) -> None:
        for number in range(many):
            self.start("writer", self.source, number, f"writer {number}", str(per_second / many))

    def _start(self, toy: Toy) -> Toy:
        assert self._nursery.stdin
        self._nursery.stdin.write(json.dumps(toy.arguments).encode() + b"\n")
        self._nursery.stdin.flush()
        toy.pid = int(self._answer())
        self.children[toy.name] = toy
        return toy

    def named(self, *roles: str) -> list[Toy]:
        return [toy for toy in self.children.values() if toy.name.split(" ")[0] in roles]

    def revive(self) -> None:
        """Start again whoever died of itself, as a supervisor does."""
        for toy in self.children.values():
            if not toy.alive():
                toy.deaths += 1
                self._start(toy)

    def torment(self, seconds: float, dice: random.Random) -> None:
        """Kill a relay or a listener every one to three seconds, and wipe the broker twice."""
        began = time.monotonic()
        wipes = [seconds * 0.3, seconds * 0.65]
        while time.monotonic() - began < seconds or sum(toy.kills for toy in self.children.values()) < 8:
            until = time.monotonic() + dice.uniform(1.0, 3.0)
            while time.monotonic() < until:
                self.revive()
                if wipes and time.monotonic() - began > wipes[0]:
                    wipes.pop(0)
                    self.wipe()
                time.sleep(0.05)
            victim = dice.choice(self.named("relay", "listener"))
            victim.kill()
            victim.kills += 1
            self._start(victim)

    def stop(self) -> None:
        """End all processes."""
        for toy in self.children.values():
            toy.kill()
        for process in (self._nursery, self._web):
            if process:
                process.kill() if process is self._nursery else process.terminate()
                process.wait(timeout=20)

    # -- the broker ------------------------------------------------------------------------------------------------

    def wipe(self) -> None:
        """Empty the broker, under everybody's hands: messages, queues, bindings, exchange."""
        self.wipes += 1
        if self.broker_url.startswith("filesystem"):
            for kind in ("messages", "control"):
                for file in (self.folder / "broker" / kind).glob("*"):
                    file.unlink(missing_ok=True)
            return
        self.delete_queues()
        with broker.connect(self.broker_url, self.folder) as connection:
            connection.default_channel.exchange_delete(broker.EXCHANGE.name)

    def delete_queues(self) -> None:
        """Take the readers' queues off RabbitMQ. Their names are this house's own."""
        with broker.connect(self.broker_url, self.folder) as connection:
            for reader in self.readers:
                connection.default_channel.queue_delete(f"citykeys.{reader}")

    # -- looking ---------------------------------------------------------------------------------------------------

    def said(self, event: str) -> list[dict[str, Any]]:
        """The log lines of all toys with this event."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        found = []
        for line in lines:
            if f'"{event}"' in line:
                with contextlib.suppress(ValueError):
                    found.append(json.loads(line))
        return found

    def facts(self) -> list[Outbox]:
        """The source's log, in its own order; not yet numbered ones last."""
        with self.database(self.source).reading() as session:
            return sorted(session.scalars(select(Outbox)), key=lambda row: (row.seq is None, row.seq, row.id))

    def stones(self) -> list[int]:
        with self.database(self.source).reading() as session:
            return list(session.scalars(select(toys.Stone.id).order_by(toys.Stone.id)))

    def applied(self, reader: str) -> list[toys.Applied]:
        """A reader's effects in the order in which they were made."""
        with self.database(reader).reading() as session:
            return list(session.scalars(select(toys.Applied).order_by(toys.Applied.n)))

    def tally(self, reader: str) -> int:
        with self.database(reader).reading() as session:
            return int(session.scalars(select(toys.Tally.times)).one())

    def parked(self, reader: str) -> int:
        with self.database(reader).reading() as session:
            return len(session.scalars(select(Parked.id)).all())

    def settled(self) -> bool:
        """Whether every committed fact is numbered and every reader's cursor stands at the last."""
        with self.database(self.source).reading() as session:
            if session.scalars(select(Outbox.id).where(Outbox.seq.is_(None)).limit(1)).first():
                return False
            state = session.get(SourceState, self.source)
            last = state.last_seq if state else 0
        for reader in self.readers:
            with self.database(reader).reading() as session:
                cursor = session.get(Cursor, self.source)
            if cursor is None or cursor.last_seq != last:
                return False
        return True

    def close(self) -> None:
        """End everything and leave nothing behind."""
        self.stop()
        if self.broker_url.startswith("amqp"):
            with contextlib.suppress(*broker.FAULTS):
                self.delete_queues()
        for opened in self._opened.values():
            opened.dispose()
        if POSTGRES:
            for name in self.databases:
                postgres.drop(f"ck_chaos_{name}")


@contextlib.contextmanager
def chaos_house(folder: Path, broker_url: str) -> Iterator[ChaosHouse]:
    """A house of toys for the time of the block, with its web process running."""
    made = ChaosHouse(folder, broker_url)
    try:
        made.start_web()
        yield made
    finally:
        made.close()


class Wire:
    """A wire to a server that can go dead: connections stay, nothing passes any more."""

    def __init__(self, host: str, port: int):
        self._server = host, port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.passes = threading.Event()
        self.passes.set()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listening.accept()
                far = socket.create_connection(self._server)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while told := one.recv(65536):
                self.passes.wait()
                other.sendall(told)
        for end in (one, other):
            end.close()

    def close(self) -> None:
        self.passes.set()
        self._listening.close()
