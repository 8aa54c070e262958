"""The worker of a service: relay (outbox → broker), listener (broker and log → inbox) and chores, each in a thread.

Every part survives the loss of the broker, of the other services and of itself: what it was doing is in the database.
"""

import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from common import audit, broker, idempotency, identity, inbox, log, messages
from common.db import Database
from common.errors import Busy
from common.inbox import Outcome
from common.keys import Keys
from common.service import Chore, Service
from common.settings import Settings

HEARTBEAT_SECONDS = 5.0
CATCH_UP_SECONDS = 5.0
RELAY_REST_SECONDS = (0.03, 0.15)
"""How long the relay rests when there is nothing to do: at first, and after a quiet while. PostgreSQL has no cheap way to
ask whether anything moved, and five services that ask it thirty times a second keep a processor half busy."""
PRUNE_SECONDS = 3600.0

# What a contended or absent database raises; it passes, and what was to be done is still in the database.
CONTENDED = (DBAPIError, Busy)

# What every service forgets in time, whatever else it does.
HOUSEKEEPING = (
    Chore("forget answered requests", 3600.0, idempotency.forget),
    Chore("forget ended sessions", 3600.0, identity.forget_ended_sessions),
)


class Worker:
    """Runs the named roles of one service until told to stop."""

    def __init__(self, service: Service, settings: Settings):
        self.service = service
        self.settings = settings
        self.database = Database(settings.database_url)
        self.keys = Keys.load(settings.keys_dir, service.name)
        self._stop = threading.Event()

    def run(self, roles: tuple[str, ...] = ("relay", "listener", "chores")) -> int:
        """Run until SIGTERM or SIGINT (0), or until a thread dies (1: the supervisor starts the worker anew)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        parent = os.getppid()
        threads = [threading.Thread(target=getattr(self, f"_{role}"), name=role, daemon=True) for role in roles]
        for thread in threads:
            thread.start()
        log.say("worker started", roles=list(roles))
        while not self._stop.wait(0.5):
            if not all(thread.is_alive() for thread in threads):
                log.say("worker thread died", level=40)
                return 1
            if os.getppid() != parent:
                break
        self._stop.set()
        for thread in threads:
            thread.join(timeout=5)
        return 0

    def running(self) -> bool:
        """Whether nobody has asked this worker to stop."""
        return not self._stop.is_set()

    # -- relay ---------------------------------------------------------------------------------------------------

    def _relay(self) -> None:
        name = self.service.name
        publisher: broker.Publisher | None = None
        heartbeat_due, broker_due, prune_due, pause = 0.0, 0.0, time.monotonic() + PRUNE_SECONDS, 0.1
        rest, longest_rest = RELAY_REST_SECONDS
        moved, unfinished = self.database.watch(), True
        with self.database.leader("relay") as leader:
            while self.running():
                if not leader.acquire():
                    self._stop.wait(0.2)
                    continue
                # Numbering goes on while the broker is away: readers then find the facts in the log.
                numbered = 0
                if moved() or unfinished:
                    numbered = self._number()
                    unfinished = unfinished or numbered != 0
                if time.monotonic() >= prune_due:
                    self._quietly(lambda session: messages.prune(session, name, datetime.now(UTC)))
                    prune_due = time.monotonic() + PRUNE_SECONDS
                if time.monotonic() >= broker_due:
                    try:
                        publisher = publisher or broker.Publisher(
                            self.settings.broker_url, self.settings.data_dir, self.keys
                        )
                        unfinished = unfinished and (self._publish(publisher) > 0 or numbered < 0)
                        if time.monotonic() >= heartbeat_due:
                            publisher.send(self._heartbeat())
                            heartbeat_due = time.monotonic() + HEARTBEAT_SECONDS
                        pause = 0.1
                    except broker.FAULTS as failure:
                        log.say("broker not reached", level=30, error=type(failure).__name__)
                        if publisher:
                            publisher.close()
                        publisher, heartbeat_due, unfinished = None, 0.0, True
                        broker_due = time.monotonic() + pause * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
                        pause = min(pause * 2, 5.0)
                if not unfinished or time.monotonic() < broker_due:
                    self._stop.wait(rest)
                rest = RELAY_REST_SECONDS[0] if unfinished or numbered else min(rest * 1.1, longest_rest)
        if publisher:
            publisher.close()

    def _number(self) -> int:
        with self.database.reading() as session:
            if not messages.has_unnumbered(session):
                return 0
        return self._quietly(lambda session: messages.number(session, self.service.name))

    def _publish(self, publisher: broker.Publisher) -> int:
        with self.database.reading() as session:
            state = session.get(messages.SourceState, self.service.name)
            if state is None or state.published >= state.last_seq:
                return 0
            waiting = messages.unpublished(session, self.service.name)
        for envelope in waiting:
            publisher.send(envelope)
        if waiting:
            last = waiting[-1]["seq"]
            self.database.transact(lambda session: messages.published(session, self.service.name, last))
        return len(waiting)

    def _heartbeat(self) -> dict[str, Any]:
        with self.database.reading() as session:
            state = session.get(messages.SourceState, self.service.name)
            told = {"last_seq": state.last_seq, "epoch": state.epoch} if state else {"last_seq": 0, "epoch": 1}
        name = self.service.name
        return {"specversion": "1.0", "source": name, "type": f"{name}.heartbeat", "data": told}

    # -- listener ------------------------------------------------------------------------------------------------

    def _listener(self) -> None:
        sources = [each for each in self.service.listeners.sources() if each != self.service.name]
        if not sources:
            self._stop.wait()
            return
        due = dict.fromkeys(sources, 0.0)
        # The cursors as last read: what is behind them is dropped without asking the database again.
        seen: dict[str, tuple[int, int]] = {}

        def receive(envelope: dict[str, Any]) -> None:
            source = envelope["source"]
            if envelope["type"].endswith(".heartbeat"):
                told = envelope["data"]
                if self._cursor(source) < (told["epoch"], told["last_seq"]):
                    due[source] = 0.0
                return
            epoch, seq = seen.get(source, (0, 0))
            if envelope["epoch"] == epoch and envelope["seq"] <= seq:
                return
            try:
                outcome = inbox.take(self.database, self.service.listeners, envelope)
            except inbox.HandlerFailed:
                return  # its stream waits and is tried again from the log; other sources go on
            if outcome is Outcome.APPLIED:
                seen[source] = envelope["epoch"], envelope["seq"]
            elif outcome is not Outcome.SEEN:
                due[source] = 0.0

        def idle() -> None:
            for source in sources:
                if time.monotonic() >= due[source]:
                    due[source] = time.monotonic() + CATCH_UP_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311
                    self._catch_up(source)
                    seen[source] = self._cursor(source)

        def listen() -> None:
            try:
                broker.listen(
                    self.settings.broker_url, self.settings.data_dir, self.keys, self.service.name, sources,
                    receive, idle, self.running,
                )  # fmt: skip
            except broker.FAULTS as failure:
                log.say("broker not reached", level=30, error=type(failure).__name__)
                due.update(dict.fromkeys(sources, 0.0))
                idle()

        while self.running():
            try:
                listen()
            except CONTENDED as failure:
                log.say("database not reached", level=30, error=type(failure).__name__)
                due.update(dict.fromkeys(sources, 0.0))
            self._stop.wait(random.uniform(0.1, 0.4))  # noqa: S311 - jitter

    def _cursor(self, source: str) -> tuple[int, int]:
        """Epoch and number we stand at."""
        with self.database.reading() as session:
            cursor = session.get(inbox.Cursor, source)
        return (cursor.epoch, cursor.last_seq) if cursor else (0, 0)

    def _catch_up(self, source: str) -> None:
        try:
            inbox.catch_up(
                self.database,
                self.service.listeners,
                source,
                lambda after: self.fetch(source, f"/events?after={after}&limit=500"),
                lambda: self.fetch(source, "/snapshot"),
            )
        except inbox.HandlerFailed:
            return
        except (OSError, ValueError, KeyError, *CONTENDED) as failure:
            log.say("log not reached", level=30, source=source, error=type(failure).__name__)

    def fetch(self, source: str, path: str) -> dict[str, Any]:
        """Ask another service, with a token of our own that is good for a minute. Raises OSError, ValueError."""
        now = datetime.now(UTC)
        token = self.keys.sign({}, audience=source, now=now, lifetime=timedelta(seconds=60))
        request = urllib.request.Request(  # noqa: S310 - the address comes from our own settings
            self.settings.urls[source] + path, headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            page: dict[str, Any] = json.load(answer)
        return page

    # -- chores --------------------------------------------------------------------------------------------------

    def _chores(self) -> None:
        chores = [*self.service.chores, *HOUSEKEEPING]
        due = {chore.name: time.monotonic() + random.uniform(0, 1) for chore in chores}  # noqa: S311
        chain_due = 0.0
        with self.database.leader("chores") as leader:
            while self.running():
                if leader.acquire():
                    if time.monotonic() >= chain_due:
                        self._chain()
                        chain_due = time.monotonic() + 1.0
                    for chore in chores:
                        if time.monotonic() >= due[chore.name]:
                            due[chore.name] = time.monotonic() + chore.every_seconds
                            self._do(chore)
                self._stop.wait(0.1)

    def _chain(self) -> None:
        with self.database.reading() as session:
            if not audit.has_unlinked(session):
                return
        self._quietly(audit.chain)

    def _do(self, chore: Any) -> None:
        now = datetime.now(UTC)
        try:
            if chore.outside:
                chore.work(self.database, self.settings, now)
            else:
                self.database.transact(lambda session: chore.work(session, now))
        except Exception:
            log.say("chore failed", level=40, exc_info=True, chore=chore.name)

    def _quietly(self, work: Callable[..., int]) -> int:
        """A small write that may be skipped this time when the database is contended or away: then -1."""
        try:
            return self.database.transact(work)
        except CONTENDED as failure:
            log.say("database not reached", level=30, error=type(failure).__name__)
            self._stop.wait(0.5)
            return -1
