"""Mails: composed from a delivery, carried by SMTP (`MAIL_URL`), or written to a folder where none is set."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from common.calendar import CANCELLED, Entry, invitation, uid_of
from common.files import write_whole
from common.period import local
from common.settings import Settings
from common.words import Words
from services.messenger.models import Delivery

TIMEOUT_SECONDS = 10
HOUSE = "市鑰 Citykeys"

GREETING = Words("{name} 您好：", "Dear {name},")
MORE = Words("詳情：{url}", "Details: {url}")
SIGNED = Words(
    "市鑰 Citykeys 自動寄出，請勿直接回信。行事曆附件更新或取消行程；急事以系統畫面為準。",
    "Sent by Citykeys; replies are not read. The calendar attachment updates or cancels the entry; the site has the last word.",
)


class Refused(Exception):
    """This mail will never be taken: bad address, no such mailbox."""


class NotReached(Exception):
    """The mail server did not answer as it should; try again later."""


class Carrier(Protocol):
    """Whatever takes a finished mail. Raises Refused or NotReached."""

    def carry(self, name: str, message: EmailMessage) -> None: ...


# ── Composing ─────────────────────────────────────────────────────────────────


def text_of(delivery: Delivery, lang: str, settings: Settings) -> str:
    """The exact text of the mail in `lang`."""
    parts = [GREETING.fill(name=delivery.reader).in_(lang), delivery.title.in_(lang)]
    if delivery.text.in_(lang):
        parts.append(delivery.text.in_(lang))
    if delivery.link:
        parts.append(MORE.fill(url=settings.public_url + delivery.link).in_(lang))
    return "\n\n".join([*parts, f"-- \n{SIGNED.in_(lang)}"]) + "\n"


def compose(delivery: Delivery, address: str, lang: str, settings: Settings, now: datetime) -> EmailMessage:
    """The mail, with its `.ics` where the delivery has one. Raises Refused for an address that is none."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(HOUSE, addr_spec=settings.mail_from)
        message["To"] = Address(delivery.reader.in_(lang), addr_spec=address)
        message["Subject"] = " ".join(delivery.title.in_(lang).split())
    except (ValueError, IndexError, MessageError) as wrong:
        raise Refused(f"not a mail address: {address[:80]!r}") from wrong
    message["Date"] = format_datetime(local(now))
    message["Message-ID"] = f"<{delivery.fact_id}.{delivery.id}@{_host(settings)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text_of(delivery, lang, settings), cte="base64")
    if delivery.invite:
        method = delivery.invite["method"]
        message.add_attachment(
            ics_of(delivery, address, lang, settings), maintype="text", subtype="calendar", filename="invite.ics", cte="base64",
            params={"method": method, "charset": "utf-8"},
        )  # fmt: skip
    message["Content-Language"] = "en" if lang == "en" else "zh-Hant-TW"
    return message


def ics_of(delivery: Delivery, address: str, lang: str, settings: Settings) -> bytes:
    """The calendar part: same UID for ever, SEQUENCE the revision of the row it is about. Raises Refused."""
    invite = delivery.invite or {}

    def told(name: str) -> str:
        return Words(*invite[name]).in_(lang)

    entry = Entry(
        uid=uid_of(delivery.source, delivery.subject),
        sequence=invite["sequence"],
        changed_at=delivery.told_at,
        starts_at=datetime.fromisoformat(invite["starts_at"]),
        ends_at=datetime.fromisoformat(invite["ends_at"]),
        summary=told("summary"),
        location=told("location"),
        description=delivery.text.in_(lang),
        url=settings.public_url + delivery.link,
        category=told("category"),
        alarm_minutes=invite["alarm_minutes"],
        cancelled_mark=CANCELLED.in_(lang),
    )
    try:
        return invitation(
            entry,
            method=invite["method"],
            organizer=settings.mail_from,
            attendee=address,
            attendee_name=delivery.reader.in_(lang),
        )
    except ValueError as wrong:
        raise Refused(f"not a mail address: {address[:80]!r}") from wrong


def _host(settings: Settings) -> str:
    return urlsplit(settings.public_url).hostname or "localhost"


# ── Carrying ──────────────────────────────────────────────────────────────────


@contextmanager
def carrier(settings: Settings) -> Iterator[Carrier]:
    """The way out that the settings name, open for several mails. Raises NotReached."""
    if not settings.mail_url:
        yield Folder(mail_folder(settings))
        return
    smtp = Smtp(settings.mail_url)
    try:
        yield smtp
    finally:
        smtp.close()


def mail_folder(settings: Settings) -> Path:
    """Where mails are written on a desk without a mail server."""
    return settings.data_dir / "mail"


def written_mail(settings: Settings, delivery_id: int) -> bytes | None:
    """The mail as it was written to the folder, or None."""
    path = mail_folder(settings) / f"{delivery_id:08d}.eml"
    return path.read_bytes() if path.is_file() else None


@dataclass(frozen=True)
class Folder:
    """Writes each mail whole to `<name>.eml`; one that is written again replaces the first."""

    path: Path

    def carry(self, name: str, message: EmailMessage) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_whole(self.path / f"{name}.eml", message.as_bytes())
        except OSError as failure:
            raise NotReached(f"{type(failure).__name__}: {failure.strerror}") from failure


class Smtp:
    """One connection to the mail server, made with the first mail and again after it broke.

    `smtp://user:password@host:port?starttls=1`, or `smtps://` for TLS from the start. Certificates are checked.
    """

    def __init__(self, url: str):
        self._url = urlsplit(url)
        self._starttls = parse_qs(self._url.query).get("starttls", ["0"])[0] not in ("", "0")
        self._connection: smtplib.SMTP | None = None

    def carry(self, name: str, message: EmailMessage) -> None:
        try:
            self._connection = self._connection or self._connect()
            self._connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, answer = next(iter(refused.recipients.values()))
            raise self._verdict(code, answer) from refused
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            self.close()
            raise self._verdict(refused.smtp_code, refused.smtp_error) from refused
        except smtplib.SMTPNotSupportedError as refused:
            raise Refused(f"the mail server cannot: {refused}") from refused
        except (OSError, smtplib.SMTPException) as failure:
            self.close()
            raise NotReached(f"{type(failure).__name__}: {failure}") from failure

    def _verdict(self, code: int, answer: bytes | str) -> Exception:
        told = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
        return (Refused if 500 <= code < 600 else NotReached)(f"{code} {told}")

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port
        tls = ssl.create_default_context()
        connection: smtplib.SMTP
        if self._url.scheme == "smtps":
            connection = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=tls)
        else:
            connection = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
        try:
            if self._starttls:
                connection.starttls(context=tls)
            if self._url.username:
                connection.login(unquote(self._url.username), unquote(self._url.password or ""))
        except (OSError, smtplib.SMTPException):
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Say goodbye, or just hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (OSError, smtplib.SMTPException):
                connection.close()
