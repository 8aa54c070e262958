"""The same SQL, issued straight by the driver: what one booking costs without any of our code.

One booking is made through the app in this process while every statement that reaches the driver is written down with
its values. `replay` issues the very same statements in the same order, with the time, the ids and the event id of
another booking in their place.
"""

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from common.db import EPOCH, MICROSECOND
from common.settings import Settings
from services.venues import SERVICE
from services.web import build

FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass
class Statement:
    """One statement as it reached the driver."""

    sql: str
    values: Any
    is_the_meeting: bool


@dataclass
class Recording:
    """What one booking said to the database, and the values that differ from booking to booking."""

    url: str
    statements: list[Statement]
    starts_at: datetime
    ends_at: datetime
    meeting_id: int

    @property
    def sqlite(self) -> bool:
        return self.url.startswith("sqlite")


def record(settings: Settings, token: str, body: dict[str, Any]) -> Recording:
    """Make one booking through the app and write down what it says to the database."""
    app = build(SERVICE, settings)
    database, said = app.extensions["database"], []

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool) -> None:
        said.append(Statement(sql, values, sql.startswith("INSERT INTO meeting ")))

    answer = app.test_client().post("/api/v1/meetings", json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 201, answer.text
    database.dispose()
    times = [datetime.fromisoformat(body[name]).astimezone(UTC) for name in ("starts_at", "ends_at")]
    return Recording(settings.database_url, said, *times, int(answer.json["id"]))


def connect(recording: Recording) -> Any:
    """A connection of the driver's own, as the product sets it up."""
    if recording.sqlite:
        opened = sqlite3.connect(str(make_url(recording.url).database), isolation_level=None, timeout=60)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            opened.execute(f"PRAGMA {pragma}")
        return opened
    return psycopg.connect(make_url(recording.url).set(drivername="postgresql").render_as_string(hide_password=False))


def book(connection: Any, recording: Recording, number: int) -> None:
    """One booking at a time of its own."""
    starts_at = FAR + timedelta(minutes=30 * number)
    ends_at = starts_at + (recording.ends_at - recording.starts_at)
    plain = {recording.starts_at: starts_at, recording.ends_at: ends_at}
    as_numbers = {(old - EPOCH) // MICROSECOND: (new - EPOCH) // MICROSECOND for old, new in plain.items()}
    as_text = {old.isoformat(): new.isoformat() for old, new in plain.items()}
    ids: dict[Any, Any] = {}
    cursor = connection.cursor()
    for statement in recording.statements:
        cursor.execute(statement.sql, changed(statement.values, plain | as_numbers | ids, as_text))
        row = cursor.fetchall() if cursor.description else []
        if statement.is_the_meeting:
            new = row[0][0] if row else cursor.lastrowid
            ids = {
                f"meeting:{recording.meeting_id}": f"meeting:{new}",
                f"meeting/{recording.meeting_id}": f"meeting/{new}",
            }
    connection.commit()


def changed(value: Any, whole: dict[Any, Any], parts: dict[str, str]) -> Any:
    """The same values with those of another booking in them."""
    if isinstance(value, dict):
        return {name: changed(each, whole, parts) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(changed(each, whole, parts) for each in value)
    if hasattr(value, "obj"):  # JSON on its way into PostgreSQL
        return type(value)(changed(value.obj, whole, parts))
    if isinstance(value, str):
        if len(value) == 36 and value.count("-") == 4:
            return str(uuid.uuid4())
        for old, new in parts.items():
            value = value.replace(old, new)
    return whole.get(value, value)


def replay(recording: Recording, numbers: Iterator[int], many: int, threads: int) -> float:
    """So many bookings by so many threads with a connection each; bookings a second."""
    todo = [[next(numbers) for _ in range(many // threads)] for _ in range(threads)]
    gate = threading.Barrier(threads + 1)

    def run(mine: list[int]) -> None:
        connection = connect(recording)
        gate.wait()
        for number in mine:
            book(connection, recording, number)
        connection.close()

    running = [threading.Thread(target=run, args=(mine,)) for mine in todo]
    for thread in running:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in running:
        thread.join()
    return sum(len(mine) for mine in todo) / (time.perf_counter() - began)
