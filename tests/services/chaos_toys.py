"""A toy pair of services for the chaos test: a quarry that cuts stones and tells, and readers that count what they hear.

Run as real processes, forked from `python -m tests.services.chaos_toys` (which has everything imported, so that a killed
process is back at once) and told by the environment variable CHAOS_TOYS (JSON). Everything below the toys' own tables is
the product: Worker, broker, inbox, log.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Float, String, insert, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from common import log, messages
from common.db import COLUMN_TYPES, BigId, Database, SharedBase, new_metadata
from common.inbox import Listeners, Part, Received
from common.messages import Fact, fields
from common.service import Service
from common.settings import Settings
from common.words import Words
from common.worker import Worker

TOLD: dict[str, Any] = json.loads(os.environ.get("CHAOS_TOYS", '{"run": "0"}'))
SOURCE = f"quarry{TOLD['run']}"
READERS = (f"mason{TOLD['run']}", f"clerk{TOLD['run']}")
ROLLED_BACK = 0.05
SLOW = 0.05

path = threading.local()


class Base(DeclarativeBase):
    """The toys' own tables."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class Stone(Base):
    """The change at the source."""

    __tablename__ = "stone"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cut_by: Mapped[str] = mapped_column(String(40))


class Applied(Base):
    """One effect at a reader. Nothing here forbids a second one: the inbox has to."""

    __tablename__ = "applied"

    n: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    seq: Mapped[int] = mapped_column(BigId)
    stone: Mapped[int] = mapped_column(BigId)
    via: Mapped[str] = mapped_column(String(10))
    lag: Mapped[float] = mapped_column(Float)


class Tally(Base):
    """An effect that adds up: one row, one more with each fact."""

    __tablename__ = "tally"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    times: Mapped[int] = mapped_column(BigId)


class StoneCut(Fact):
    """A stone was cut."""

    type = f"{SOURCE}.stone_cut.v1"
    stone = fields.Integer(required=True)
    committed_at = fields.Float(required=True)


class StonePart(Part):
    """What the readers read of it."""

    stone = fields.Integer(required=True)
    committed_at = fields.Float(required=True)


listeners = Listeners()


@listeners.on(StoneCut.type, StonePart)
def count(session: Session, fact: Received) -> None:
    """The effect: a row, and one more in the tally."""
    lag = time.time() - fact.body["committed_at"]
    via = getattr(path, "via", "push")
    session.add(Applied(source=fact.source, seq=fact.seq, stone=fact.body["stone"], via=via, lag=lag))
    session.execute(update(Tally).values(times=Tally.times + 1))


def service(name: str) -> Service:
    """One of the toys."""
    return Service(
        name=name,
        title=Words("玩具", "A toy"),
        metadata=Base.metadata,
        migrations="tests/services/none",
        facts=[StoneCut] if name == SOURCE else [],
        listeners=Listeners() if name == SOURCE else listeners,
    )


def settings(name: str) -> Settings:
    """Its settings, as the house told them."""
    return Settings(
        service=name,
        data_dir=Path(TOLD["data_dir"]),
        database_url=TOLD["databases"][name],
        broker_url=TOLD["broker_url"],
        keys_dir=Path(TOLD["keys_dir"]),
        public_url="http://localhost",
        mail_url="",
        mail_from="citykeys@localhost",
        password_policy="nist",  # noqa: S106 - a name
        demo=False,
        trusted_proxies=0,
        urls={SOURCE: TOLD["url"]},
    )


def build(database: Database) -> None:
    """Make the tables of a toy."""
    SharedBase.metadata.create_all(database.engine)
    Base.metadata.create_all(database.engine)
    with database.writing() as session:
        session.execute(insert(Tally).values(id=1, times=0))


class ChangedMind(Exception):
    """The change is rolled back, and what it would have told with it."""


def cut(session: Session, by: str, takes: float = 0.0, sure: bool = True) -> int:
    """Change and tell, in one transaction that stays open for `takes` seconds. Returns the stone's id."""
    stone = Stone(cut_by=by)
    session.add(stone)
    session.flush()
    body = {"stone": stone.id, "committed_at": time.time() + takes}
    messages.post(session, StoneCut, subject=f"stone/{stone.id}", now=datetime.now(UTC), **body)
    session.flush()
    time.sleep(takes)
    if not sure:
        raise ChangedMind
    return stone.id


def write(name: str, by: str, per_second: float) -> None:
    """Cut stones at about this rate until killed. On PostgreSQL, transactions overlap and commit out of their order."""
    database = Database(settings(name).database_url)
    dice = random.Random(by)  # noqa: S311 - not a secret
    longest = 0.02 if database.url.get_backend_name() == "postgresql" else 0.0
    due = time.monotonic()
    while True:
        due = max(due + dice.uniform(0.5, 1.5) / per_second, time.monotonic() - 0.5)
        time.sleep(max(0.0, due - time.monotonic()))
        takes, sure = dice.uniform(0.0, longest), dice.random() >= ROLLED_BACK
        if dice.random() < SLOW:
            takes *= 30
        try:
            database.transact(lambda session, takes=takes, sure=sure: cut(session, by, takes, sure))  # type: ignore[misc]
        except ChangedMind:
            continue


def stop_at(name: str, point: str) -> None:
    """Make one change, say so at `point` of its transaction, and wait there to be killed."""

    def wait() -> None:
        log.say("here", point=point)
        time.sleep(60)

    def work(session: Session) -> None:
        stone = Stone(cut_by="the one who is killed")
        session.add(stone)
        session.flush()
        if point == "between change and fact":
            wait()
        body = {"stone": stone.id, "committed_at": time.time()}
        messages.post(session, StoneCut, subject=f"stone/{stone.id}", now=datetime.now(UTC), **body)
        session.flush()
        if point == "before the commit":
            wait()

    Database(settings(name).database_url).transact(work)
    wait()


class WatchedWorker(Worker):
    """The product's worker, which also notes whether a fact came by the broker (push) or from the log (pull)."""

    def _catch_up(self, source: str) -> None:
        path.via = "pull"
        try:
            super()._catch_up(source)
        finally:
            path.via = "push"


def main(role: str, name: str, *rest: str) -> int:
    """Run one role of one toy; relays and listeners are the product's worker."""
    log.start(name)
    if role == "writer":
        write(name, rest[0], float(rest[1]))
    elif role == "stop-at":
        stop_at(name, rest[0])
    return WatchedWorker(service(name), settings(name)).run((role,))


def nursery() -> None:
    """Fork a process for each line of JSON arguments on standard input; its pid is answered on standard output."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    while line := sys.stdin.readline():
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            code = 70
            try:
                code = main(*json.loads(line))
            finally:
                log.say("process ends", code=code, arguments=line)
                os._exit(code)
        print(pid, flush=True)


if __name__ == "__main__":
    nursery()
