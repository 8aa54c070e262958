"""Claims to be the only process doing something for a database: a file's lock beside SQLite, PostgreSQL's own lock.

`Database.leader` picks the one that fits; a worker asks it before every round.
"""

import fcntl
import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError


class Leader:
    """Held by at most one process; freed by the operating system or the server when its holder dies."""

    def acquire(self) -> bool:
        """Whether this process leads now. Cheap to call again while it does."""
        raise NotImplementedError

    def release(self) -> None:
        """Let another process lead."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.release()


class FileLeader(Leader):
    """`flock` on a file beside the SQLite database."""

    def __init__(self, database: Path, name: str):
        self._path = database.with_name(f"{database.name}.{name}.lock")
        self._file: Any = None

    def acquire(self) -> bool:
        if self._file:
            return True
        file = self._path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


class AdvisoryLeader(Leader):
    """A session advisory lock on a PostgreSQL connection of its own."""

    def __init__(self, engine: Engine, name: str):
        self._engine = engine
        self._key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except DBAPIError:
            self._connection = None
            return False
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}).scalar():
            self._connection = connection
            return True
        connection.close()
        return False

    def release(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError):  # said aloud: the server notices a closed connection only after a while
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": self._key})
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
