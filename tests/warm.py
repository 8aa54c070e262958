"""What a test process keeps from test to test: templates and statements once compiled, whoever's app and database it was.

Every test has an app and a database of its own; compiling the same pages and statements for each of them again took
a quarter of the suite's time.
"""

from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.util import LRUCache

from common.db import Database

STATEMENTS = 5_000


class CompiledTemplates(BytecodeCache):
    """Templates by name and content; all of the house's apps compile alike."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


def keep_templates() -> None:
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


def keep_statements() -> None:
    """Engines of one kind share the dialect of the first that connected, and with it what was compiled for it."""
    dialects: dict[str, Dialect] = {}
    compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)
    make = Database._engine

    def make_warm(database: Database, pool_size: int, *, read_only: bool) -> Engine:
        engine = make(database, pool_size, read_only=read_only)
        own = engine.dialect
        engine.dialect = dialects.get(own.name, own)
        engine.update_execution_options(compiled_cache=compiled)
        event.listen(engine, "first_connect", lambda *_: dialects.setdefault(own.name, own))
        return engine

    Database._engine = make_warm  # type: ignore[method-assign]
