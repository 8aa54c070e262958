"""Prepare a desk: keys, one migrated database per service, and a demonstration city. Says what it is doing.

`python -m services.prepare` is run by the desk before it starts the services; a second run finds everything done.
"""

import hashlib
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import inbox, keys, messages
from common.db import Database
from common.files import write_whole
from common.identity import Person
from common.migrations import migrate
from common.service import Service
from common.settings import SERVICES, Settings, SettingsError
from services import service_named
from services.desk import die_with_parent

ROOT = Path(__file__).resolve().parents[1]


def say(words: str) -> None:
    """One line of progress."""
    print(f"  {words}", flush=True)


def migrations_fingerprint(house: list[Service], urls: list[str]) -> str:
    """A hash over every migration and database address: unchanged means there is nothing to do."""
    digest = hashlib.sha256("\n".join(urls).encode())
    for folder in [ROOT / "common" / "migrations", *(ROOT / service.migrations for service in house)]:
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def prepare_databases(house: list[Service], settings: dict[str, Settings], data_dir: Path) -> None:
    """Bring every database to the newest revision."""
    stamp = data_dir / "migrated"
    urls = [settings[service.name].database_url for service in house]
    mark = migrations_fingerprint(house, urls)
    files_there = all(not url.startswith("sqlite:///") or Path(url[10:]).exists() for url in urls)
    if files_there and stamp.exists() and stamp.read_text() == mark:
        say("資料庫已是最新 · databases are up to date")
        return
    for service in house:
        say(f"準備資料庫 {service.name} · preparing the {service.name} database")
        migrate(service, settings[service.name].database_url)
    write_whole(stamp, mark)


def load_demo(
    house: list[Service],
    settings: dict[str, Settings],
    now: datetime,
    password: str,
    for_each: Callable[..., Any] = map,
) -> None:
    """Fill empty databases with the demonstration city through the functions that people use.

    The portal first, as the others need to know its people; then the others, and what they tell each other:
    `for_each` may run these side by side. A run that was broken off is taken up again: each service is filled whole
    or not at all.
    """
    portal, *others = house
    if not portal.demo:
        return
    started = time.monotonic()
    with opened(settings, "portal") as databases:
        if databases["portal"].transact(partial(portal.demo, now=now, password=password)):
            say(f"示範城市：機關與人員 · demo city: agencies and people ({time.monotonic() - started:.1f} s)")
        number(databases["portal"], "portal")
    list(for_each(partial(fill, settings=settings, now=now), [service.name for service in others]))
    started = time.monotonic()
    for _ in ("what each told", "what was told upon that"):
        for name in settings:
            with opened(settings, name) as databases:
                number(databases[name], name)
        list(for_each(partial(hear, settings=settings), settings))
    if time.monotonic() - started > 1:
        say(f"各服務互相知會 · the services read each other's news ({time.monotonic() - started:.1f} s)")


@contextmanager
def opened(settings: dict[str, Settings], *names: str) -> Iterator[dict[str, Database]]:
    """The databases of these services, closed at the end."""
    databases = {name: Database(settings[name].database_url) for name in names}
    try:
        yield databases
    finally:
        for database in databases.values():
            database.dispose()


def number(database: Database, source: str) -> None:
    """Number everything the service has told so far."""
    while database.transact(partial(messages.number, source=source)):
        pass


def fill(name: str, settings: dict[str, Settings], now: datetime) -> None:
    """Let a service read the portal's log, so that its demonstration can name people; then load that."""
    service, started = service_named(name), time.monotonic()
    with opened(settings, name, "portal") as databases:
        if heard(databases[name], "portal"):
            return

        def work(session: Session) -> None:
            read_log(session, service, "portal", databases["portal"])
            if service.demo:
                session.info["uploads_dir"] = settings[service.name].uploads_dir
                service.demo(session, now)

        databases[name].transact(work)
    if service.demo:
        say(f"示範城市：{service.title.zh} · demo city: {service.title.en} ({time.monotonic() - started:.1f} s)")


def hear(name: str, settings: dict[str, Settings]) -> None:
    """Let a service read what the others' demonstrations told, so that its worker starts with nothing to catch up."""
    service = service_named(name)
    with opened(settings, *settings) as databases:
        for source in service.listeners.sources():
            if source != name and not heard(databases[name], source):
                databases[name].transact(partial(read_log, service=service, source=source, log=databases[source]))


def heard(database: Database, source: str) -> bool:
    """Whether the service has begun to read that log."""
    with database.reading() as session:
        return session.get(inbox.Cursor, source) is not None


def read_log(session: Session, service: Service, source: str, log: Database) -> None:
    """Apply the whole log of `source` in one transaction of the reader, instead of one for each fact."""
    after = 0
    while True:
        with log.reading() as looking:
            items = messages.page_after(looking, source, after, 1000)["items"]
        if not items:
            return
        for envelope in items:
            inbox.apply(session, service.listeners, envelope)
        after = items[-1]["seq"]


def say_if_empty(settings: Settings, data_dir: Path) -> None:
    """In a house without people: how whoever runs the machine lets the first one in."""
    database = Database(settings.database_url)
    with database.reading() as session:
        empty = session.scalar(select(Person.id).limit(1)) is None
    database.dispose()
    if empty:
        say("還沒有任何人員。新增第一位系統管理者 · nobody is here yet; make the first administrator:")
        say(
            f"    DATA_DIR={shlex.quote(str(data_dir))} {shlex.quote(sys.executable)} -m services portal add-admin NAME"
        )


def main() -> int:
    """Prepare the desk that the environment describes; returns the exit code."""
    data_dir = Path(os.environ.get("DATA_DIR", "data")).absolute()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.make(Path(os.environ.get("KEYS_DIR") or data_dir / "keys"), list(SERVICES))
    house = [service_named(name) for name in SERVICES]  # the portal first
    try:
        settings = {service.name: Settings.from_environment(service.name) for service in house}
    except SettingsError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    prepare_databases(house, settings, data_dir)
    if os.environ.get("DEMO", "1") not in ("", "0"):
        with ProcessPoolExecutor(initializer=die_with_parent) as side_by_side:
            load_demo(house, settings, datetime.now(UTC), os.environ["DEMO_PASSWORD"], side_by_side.map)
    else:
        say_if_empty(settings["portal"], data_dir)
    return 0


if __name__ == "__main__":
    sys.exit(main())
