"""`python -m services <name> web|worker|relay|listener|chores|migrate|revision "what"`,
`python -m services fleet charge-points` (what the charging posts talk to),
`python -m services portal add-admin USERNAME`, `python -m services keys`,
and `python -m services messages`, which prints docs/messages.md."""

import importlib
import os
import sys
import tempfile
from pathlib import Path

from common import keys, log
from common.migrations import migrate, revision
from common.settings import SERVICES, Settings, SettingsError
from common.worker import Worker
from services import catalogue, service_named

USAGE = __doc__ or ""


def main(arguments: list[str]) -> int:
    """Run one role of one service; returns the exit code."""
    if arguments == ["keys"]:
        folder = Path(os.environ.get("KEYS_DIR") or Path(os.environ.get("DATA_DIR", "data")) / "keys")
        keys.make(folder, list(SERVICES))
        return 0
    if arguments == ["messages"]:
        print(catalogue.document([service_named(name) for name in SERVICES]), end="")
        return 0
    if len(arguments) < 2 or arguments[0] not in SERVICES:
        print(USAGE, file=sys.stderr)
        return 2
    name, role, *rest = arguments
    if role == "revision":
        return _revision(name, " ".join(rest) or "changes")
    try:
        settings = Settings.from_environment(name)
    except SettingsError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    log.start(name, os.environ.get("LOG_LEVEL", "INFO"))
    if role == "migrate":
        migrate(service_named(name), settings.database_url)
        return 0
    if (name, role) == ("portal", "add-admin") and len(rest) == 1:
        return int(importlib.import_module("services.portal.commands").add_admin(settings, rest[0]))
    if role == "worker":
        return Worker(service_named(name), settings).run()
    if role in ("relay", "listener", "chores"):
        return Worker(service_named(name), settings).run((role,))
    if (name, role) == ("fleet", "charge-points"):
        return int(importlib.import_module("services.charge_points").run(settings))
    if role == "web":
        listen = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
        command = [sys.executable, "-m", "gunicorn", *gunicorn_options(listen), f"services.web:{name}()"]
        os.execv(sys.executable, command)  # noqa: S606
    print(USAGE, file=sys.stderr)
    return 2


def gunicorn_options(listen: str) -> list[str]:
    """How every web process runs. No control socket (a second service would steal it), no preload, no recycling."""
    threads = os.environ.get("WEB_THREADS", "8")
    workers = os.environ.get("WEB_WORKERS", "1")
    return [
        "--bind", listen, "--worker-class", "gthread", "--threads", threads, "--workers", workers,
        "--no-control-socket", "--timeout", "60", "--graceful-timeout", "5", "--keep-alive", "5", "--log-level", "warning",
    ]  # fmt: skip


def _revision(name: str, message: str) -> int:
    service = service_named(name)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/{name}.db"
        migrate(service, url)
        print(revision(service, message, url))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
