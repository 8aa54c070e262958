"""The broker: the only file that knows kombu. It may lose, repeat or shuffle messages; the log heals that.

Used from worker processes only, one connection to a thread: connections of the AMQP client are not for sharing, and a
web request never waits for a broker. Exchanges, queues and bindings are declared on every connect and every ten seconds,
as a broker that was wiped otherwise swallows everything.
"""

import fcntl
import json
import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection, Consumer, Exchange, Producer, Queue
from kombu.exceptions import KombuError
from kombu.transport import filesystem

from common import log
from common.files import write_whole
from common.keys import Keys

EXCHANGE = Exchange("citykeys", type="topic", durable=True)
DEAD = Exchange("citykeys.dead", type="topic", durable=True)
REDECLARE_EVERY = 10.0
POLL_SECONDS = 0.05
STALE_SECONDS = 3600

# What a broker, a lost connection or a half-written message file may raise; all of it means "drop the connection, try anew".
FAULTS = (OSError, KombuError, AMQPError, ValueError, LookupError)


class FolderChannel(filesystem.Channel):
    """kombu's `filesystem://` with its faults mended: what is seen is whole, in the order of sending, and can be bound anew.

    kombu writes visible files in place (a reader finds half of one, after it has deleted it), orders by milliseconds,
    loses bindings when two processes make the first one together, and never writes a binding again that it once wrote.
    """

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self._listed: dict[str, deque[str]] = {}

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        write_whole(Path(self.data_folder_out) / name, json.dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The oldest message, deleted. A listing of the folder is used up before the next one is made."""
        listed = self._listed.setdefault(queue, deque())
        if not listed:
            listed.extend(
                sorted(name for name in os.listdir(self.data_folder_in) if name.partition(".")[2] == f"{queue}.msg")
            )
        while listed:
            path = Path(self.data_folder_in) / listed.popleft()
            try:
                raw = path.read_bytes()
                path.unlink()
            except FileNotFoundError:
                continue
            payload = json.loads(raw)
            if not isinstance(payload, dict) or not isinstance(payload.get("properties"), dict):
                raise ValueError("not a message")
            return payload
        raise filesystem.Empty

    def get_table(self, exchange: str | None) -> list[Any]:
        """The bindings of an exchange; none when the file is not there or damaged: the readers declare theirs again."""
        try:
            return [
                filesystem.exchange_queue_t(*bound) for bound in json.loads(self._exchange_file(exchange).read_bytes())
            ]
        except (FileNotFoundError, ValueError, TypeError):
            return []

    def queue_bind(
        self, queue: str, exchange: str | None = None, routing_key: str = "", arguments: Any = None, **kwargs: Any
    ) -> None:
        """Bind in the folder, whatever this process believes it has bound before."""
        bound = filesystem.exchange_queue_t(
            *self.typeof(exchange).prepare_bind(queue, exchange, routing_key, arguments)
        )
        with (Path(self.control_folder).parent / "lock").open("w") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            table = self.get_table(exchange)
            if bound not in table:
                write_whole(self._exchange_file(exchange), json.dumps([bound, *table]))

    def forget_stale(self) -> None:
        """Delete what nobody has fetched for an hour: its reader is gone, or will read the log."""
        edge = f"{time.time_ns() - STALE_SECONDS * 1_000_000_000:020d}"
        for name in os.listdir(self.data_folder_in):
            if name < edge:
                (Path(self.data_folder_in) / name).unlink(missing_ok=True)


class FolderTransport(filesystem.Transport):
    """kombu's `filesystem://` on FolderChannel."""

    Channel = FolderChannel


def connect(url: str, data_dir: Path) -> Connection:
    """A connection to `url`; `filesystem://` keeps its messages below `data_dir`."""
    if url.startswith("filesystem"):
        folder, control = data_dir / "broker" / "messages", data_dir / "broker" / "control"
        for each in (folder, control):
            each.mkdir(parents=True, exist_ok=True)
        options = {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(control),
            "polling_interval": POLL_SECONDS,
        }
        return Connection(transport=FolderTransport, transport_options=options)
    if url.startswith("amqp"):
        # Without the time-outs a broker that hangs would hold the relay for ever, and numbering with it.
        options = {
            "confirm_publish": True,
            "max_retries": 1,
            "connect_timeout": 5,
            "read_timeout": 5,
            "write_timeout": 5,
        }
        return Connection(url, heartbeat=30, connect_timeout=5, transport_options=options)
    return Connection(url, connect_timeout=5)


def queue_of(reader: str, sources: Iterable[str]) -> list[Queue]:
    """One durable queue for a reader, bound to everything its sources tell and to their heartbeats."""
    arguments = {"x-queue-type": "quorum", "x-dead-letter-exchange": DEAD.name}
    return [
        Queue(f"citykeys.{reader}", EXCHANGE, routing_key=f"{source}.#", durable=True, queue_arguments=arguments)
        for source in sources
    ]


def declare(connection: Connection, queues: Iterable[Queue]) -> None:
    """Declare exchanges, the dead-letter queue and these queues with their bindings."""
    channel = connection.default_channel
    EXCHANGE.bind(channel).declare()
    DEAD.bind(channel).declare()
    arguments = {"x-queue-type": "quorum", "x-max-length": 100_000}
    Queue("citykeys.dead", DEAD, routing_key="#", durable=True, queue_arguments=arguments).bind(channel).declare()
    for queue in queues:
        queue.bind(channel).declare()
    if isinstance(channel, FolderChannel):
        channel.forget_stale()


class Publisher:
    """Sends envelopes of one source, signed with its key, each confirmed before the next where the broker can."""

    def __init__(self, url: str, data_dir: Path, keys: Keys, queues: Iterable[Queue] = ()):
        self._connection = connect(url, data_dir)
        self._keys = keys
        self._queues = list(queues)
        self._declared = 0.0
        self._producer: Producer | None = None

    def send(self, envelope: dict[str, Any]) -> None:
        """Publish one envelope. Raises one of FAULTS; then throw this publisher away."""
        if self._producer is None:
            told = {"on_return": self._on_return} if self._is_amqp() else {}
            self._producer = Producer(self._connection.default_channel, exchange=EXCHANGE, **told)
        if time.monotonic() - self._declared > REDECLARE_EVERY:
            declare(self._connection, self._queues)
            self._declared = time.monotonic()
        body = json.dumps(envelope, ensure_ascii=False).encode()
        self._producer.publish(
            body,
            routing_key=envelope["type"],
            content_type="application/json",
            content_encoding="utf-8",
            headers=self._keys.stamp(body),
            delivery_mode=2,
            mandatory=self._is_amqp(),
            timeout=5,
            confirm_timeout=5,
        )

    def _is_amqp(self) -> bool:
        return bool(self._connection.transport.driver_type == "amqp")

    def _on_return(self, *_args: Any) -> None:
        """No queue is bound (a wiped broker, or readers not yet up): they will read the log; declare again soon."""
        log.say("message unroutable", level=30)
        self._declared = 0.0

    def close(self) -> None:
        """Drop the connection, whatever state it is in."""
        _close(self._connection)


def listen(
    url: str,
    data_dir: Path,
    keys: Keys,
    reader: str,
    sources: list[str],
    receive: Callable[[dict[str, Any]], None],
    idle: Callable[[], None],
    running: Callable[[], bool],
) -> None:
    """Hand every envelope for `reader` to `receive` (acknowledged afterwards) and call `idle` in between.

    Returns when `running()` says no. Raises on any fault of the connection: the caller waits a moment and calls again.
    Bodies that are not JSON, or not signed by the source they name, are dropped and logged, never executed.
    """
    queues = queue_of(reader, sources)
    with _open(url, data_dir) as connection:
        declare(connection, queues)
        declared = time.monotonic()

        def on_message(body: Any, message: Any) -> None:
            raw = message.body if isinstance(message.body, bytes) else str(message.body).encode()
            envelope = body if isinstance(body, dict) else None
            source = str(envelope.get("source")) if envelope else ""
            if envelope is None or source not in sources or not keys.is_from(source, raw, message.headers or {}):
                log.say("message refused", level=30, reader=reader, claimed_source=source)
            else:
                receive(envelope)
            message.ack()

        def undecodable(message: Any, error: Exception) -> None:
            log.say("message undecodable", level=30, reader=reader, error=type(error).__name__)
            message.ack()

        consumer = Consumer(
            connection.default_channel,
            [queues[0]],
            callbacks=[on_message],
            accept=["json"],
            prefetch_count=50,
            on_decode_error=undecodable,
            tag_prefix=reader,
        )
        with consumer:
            while running():
                try:
                    connection.drain_events(timeout=0.25)
                except TimeoutError:
                    connection.heartbeat_check()
                idle()
                if time.monotonic() - declared > REDECLARE_EVERY:
                    declare(connection, queues)
                    declared = time.monotonic()


@contextmanager
def _open(url: str, data_dir: Path) -> Iterator[Connection]:
    connection = connect(url, data_dir)
    try:
        yield connection
    finally:
        _close(connection)


def _close(connection: Connection) -> None:
    try:
        connection.release()
    except FAULTS as failure:
        log.say("broker connection closed badly", level=30, error=type(failure).__name__)
