"""A service, described: what it is made of, so that one web process, one worker and one migrator can run any of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import Session

from common.inbox import Listeners
from common.messages import Fact
from common.settings import Settings
from common.words import Words

SnapshotFact = tuple[type[Fact], str, dict[str, Any]]


@dataclass(frozen=True)
class Chore:
    """Something the worker does every so often, in a transaction of its own.

    A chore that talks to the outside world takes the settings too and opens its own transactions: `outside=True`,
    then `work(database, settings, now)`.
    """

    name: str
    every_seconds: float
    work: Callable[..., Any]
    outside: bool = False


@dataclass(frozen=True)
class Service:
    """What a service is made of.

    `migrations` is the folder of its Alembic history; `snapshot(session)` tells its present state as facts
    (fact, subject, body) for readers whose cursor fell behind the log.
    """

    name: str
    title: Words
    metadata: MetaData
    migrations: str
    facts: Sequence[type[Fact]] = ()
    listeners: Listeners = field(default_factory=Listeners)
    blueprints: Sequence[Any] = ()
    chores: Sequence[Chore] = ()
    snapshot: Callable[[Session], Sequence[SnapshotFact]] | None = None
    demo: Callable[..., Any] | None = None
    configure: Callable[[Any, Settings], None] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
