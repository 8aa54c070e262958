"""What a service is told from outside: one frozen object, read once; everything missing or wrong is named at once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

SERVICES = ("portal", "fleet", "venues", "dorms", "messenger")
POLICIES = ("nist", "tw-baseline")
BROKERS = ("filesystem", "amqp", "amqps")


class SettingsError(Exception):
    """Names everything that is missing or wrong in the environment, one a line."""


@dataclass(frozen=True)
class Setting:
    """One environment variable: its default ("" means it must be given) and what it is for."""

    name: str
    default: str | None
    about: str


CATALOGUE = (
    Setting("DATA_DIR", "data", "folder for SQLite files, the desk's broker, keys and written mails"),
    Setting(
        "DATABASE_URL", "", "postgresql+psycopg://… for a server; may contain {service}; empty: SQLite in DATA_DIR"
    ),
    Setting("BROKER_URL", "filesystem://", "amqp://… for RabbitMQ; filesystem:// keeps messages in DATA_DIR"),
    Setting("KEYS_DIR", "", "folder of signing keys; empty: DATA_DIR/keys"),
    Setting("UPLOADS_DIR", "", "folder of the papers people send in, outside the web; empty: DATA_DIR/uploads"),
    Setting("PUBLIC_URL", "http://127.0.0.1:8000", "the address people use; https makes cookies Secure"),
    Setting("PORTAL_URL", "http://127.0.0.1:8000", "where the other services reach the portal"),
    Setting("FLEET_URL", "http://127.0.0.1:8000/fleet", "where the other services reach fleet"),
    Setting("VENUES_URL", "http://127.0.0.1:8000/venues", "where the other services reach venues"),
    Setting("DORMS_URL", "http://127.0.0.1:8000/dorms", "where the other services reach dorms"),
    Setting("MESSENGER_URL", "http://127.0.0.1:8000/messenger", "where the other services reach messenger"),
    Setting("MAIL_URL", "", "smtp://user:password@host:port?starttls=1; empty: mails are written to DATA_DIR/mail"),
    Setting("MAIL_FROM", "citykeys@localhost", "the sender of mails and organizer of invitations"),
    Setting("LINE_CHANNEL_TOKEN", "", "channel access token of the LINE official account; empty: nothing goes by LINE"),
    Setting("LINE_CHANNEL_SECRET", "", "channel secret, by which events from LINE are believed; empty: none is taken"),
    Setting("LINE_URL", "https://api.line.me", "the LINE Messaging API"),
    Setting(
        "PUSH_HOSTS",
        "fcm.googleapis.com *.push.services.mozilla.com *.push.apple.com *.notify.windows.com",
        "push services that messages to browsers may be sent to; an http://… address only for tests",
    ),
    Setting("PASSWORD_POLICY", "nist", "nist, or tw-baseline (資通系統防護基準 附表十)"),
    Setting("DEMO", "", "1 on a demonstration desk: lists the demo user names on the sign-in page"),
    Setting("HOST", "127.0.0.1", "where a web process listens; 0.0.0.0 in a container"),
    Setting("PORT", "8000", "the port a web process (on a desk: the front door) listens on"),
    Setting("WEB_THREADS", "8", "threads of a web process"),
    Setting("WEB_WORKERS", "1", "web processes of a service"),
    Setting("CHARGE_POINTS_PORT", "8887", "the port the charging posts connect to (OCPP); on a desk any free one"),
    Setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Setting("TRUSTED_PROXIES", "1", "how many proxies stand in front (their X-Forwarded-* headers are believed)"),
)


@dataclass(frozen=True)
class Settings:
    """One service's settings. `urls` tells where each service is reached from inside."""

    service: str
    data_dir: Path
    database_url: str
    broker_url: str
    keys_dir: Path
    public_url: str
    mail_url: str
    mail_from: str
    password_policy: str
    demo: bool
    trusted_proxies: int
    urls: Mapping[str, str] = field(default_factory=dict)
    line_token: str = ""
    line_secret: str = ""
    line_url: str = ""
    push_hosts: tuple[str, ...] = ()
    uploads: Path | None = None

    @property
    def uploads_dir(self) -> Path:
        """Where this service keeps the files that people send in."""
        return (self.uploads or self.data_dir / "uploads") / self.service

    @property
    def secure(self) -> bool:
        """Whether people come over TLS, so that cookies can be `Secure` and `__Host-`."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, service: str, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment (`NAME_FILE` names a file that holds NAME). Raises SettingsError with all faults."""
        env = os.environ if environment is None else environment
        faults: list[str] = []

        def read(setting: Setting) -> str:
            path = env.get(f"{setting.name}_FILE")
            if path:
                try:
                    return Path(path).read_text(encoding="utf-8").strip()
                except (OSError, ValueError) as unreadable:
                    faults.append(
                        f"{setting.name}_FILE: cannot read {path} ({getattr(unreadable, 'strerror', '') or 'not text'})"
                    )
                    unread.add(setting.name)
                    return ""
            return env.get(setting.name) or setting.default or ""

        unread: set[str] = set()
        told = {setting.name: read(setting) for setting in CATALOGUE}

        def check(name: str, good: bool, fault: str) -> None:
            if not good and name not in unread:
                faults.append(f"{name}: {fault}")

        if service not in SERVICES:
            faults.append(f"SERVICE: {service!r} is none of {', '.join(SERVICES)}")
        data_dir = Path(told["DATA_DIR"]).absolute()
        url = told["DATABASE_URL"] or f"sqlite:///{data_dir}/{service}.db"
        try:
            backend = make_url(url.replace("{service}", service)).get_backend_name()
            check("DATABASE_URL", backend in ("sqlite", "postgresql"), f"{backend} is neither sqlite nor postgresql")
        except (ArgumentError, ValueError):
            check("DATABASE_URL", False, "not a database address")
        urls = {name: told[f"{name.upper()}_URL"].rstrip("/") for name in SERVICES}
        for name in (*(f"{each.upper()}_URL" for each in SERVICES), "PUBLIC_URL", "LINE_URL"):
            check(name, _scheme(told[name]) in ("http", "https"), "not an http address")
        check("MAIL_URL", not told["MAIL_URL"] or _scheme(told["MAIL_URL"]) in ("smtp", "smtps"), "not an smtp address")
        check(
            "BROKER_URL",
            _scheme(told["BROKER_URL"]) in BROKERS,
            f"none of {', '.join(f'{each}://' for each in BROKERS)}",
        )
        policy = told["PASSWORD_POLICY"]
        check("PASSWORD_POLICY", policy in POLICIES, f"{policy!r} is none of {', '.join(POLICIES)}")
        check("TRUSTED_PROXIES", re.fullmatch("[0-9]{1,2}", told["TRUSTED_PROXIES"]) is not None, "not a number")
        keys_dir = Path(told["KEYS_DIR"] or data_dir / "keys").absolute()
        for needed in (f"{service}.pem", "secret"):
            if not (keys_dir / needed).is_file():
                faults.append(f"KEYS_DIR: {keys_dir / needed} is missing (`python -m services keys` makes keys)")
        if faults:
            raise SettingsError(f"{service} cannot start:\n" + "\n".join(f"  {fault}" for fault in faults))
        return cls(
            service=service,
            data_dir=data_dir,
            database_url=url.replace("{service}", service),
            broker_url=told["BROKER_URL"],
            keys_dir=keys_dir,
            public_url=told["PUBLIC_URL"].rstrip("/"),
            mail_url=told["MAIL_URL"],
            mail_from=told["MAIL_FROM"],
            password_policy=told["PASSWORD_POLICY"],
            demo=told["DEMO"] not in ("", "0"),
            trusted_proxies=int(told["TRUSTED_PROXIES"]),
            urls=urls,
            line_token=told["LINE_CHANNEL_TOKEN"],
            line_secret=told["LINE_CHANNEL_SECRET"],
            line_url=told["LINE_URL"].rstrip("/"),
            push_hosts=tuple(told["PUSH_HOSTS"].split()),
            uploads=Path(told["UPLOADS_DIR"]).absolute() if told["UPLOADS_DIR"] else None,
        )


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""
