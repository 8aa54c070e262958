"""A mail server of our own, and facts as the other services tell them."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from common.inbox import Received
from services.messenger import listeners
from services.messenger.models import Delivery
from services.messenger.parts import part_of


class MailServer:
    """A real SMTP server on a free port. `refuse` holds addresses it does not know; `answer` replaces its answer to DATA."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.mails: list[EmailMessage] = []
        self.refuse: set[str] = set()
        self.answer = ""
        self.login = False
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://keys:s%40cret@127.0.0.1:{self.port}" if self.login else f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        options = {"authenticator": self._check, "auth_required": True, "auth_require_tls": False} if self.login else {}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop(no_assert=True)
            self._controller = None

    def _check(self, server: Any, session: Any, envelope: Any, mechanism: str, auth_data: Any) -> AuthResult:
        good = isinstance(auth_data, LoginPassword) and (auth_data.login, auth_data.password) == (b"keys", b"s@cret")
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refuse:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer:
            return self.answer
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"].addresses[0].addr_spec == address]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


def calendar_of(mail: EmailMessage) -> Any:
    """The one calendar a mail carries, read by a program that is not ours."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    assert part.get_param("method") == calendar["METHOD"]
    return calendar


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


TRIP = {
    "trip_id": "31", "number": "115-11-00031", "status": "assigned", "rev": 4, "requester_id": "1", "agency_id": "1",
    "approver_ids": ["2"], "dispatcher_id": "5", "driver_person_id": "6", "previous_driver_person_id": None,
    "vehicle_id": "7", "vehicle_label": "RCX-3081", "origin": "市政大樓 東側車道", "destination": "台中高鐵站",
    "purpose_code": "meeting", "passengers": 6, "reason": None,
}  # fmt: skip


@pytest.fixture
def tell(database: Any, people: Any, now: datetime) -> Any:
    """`tell("trip_assigned", rev=5)`: that fact about trip 31 arrives; returns the rows it made."""
    count = iter(range(1, 1000))

    def arrive(
        kind: str,
        *,
        at: datetime | None = None,
        fact_id: str | None = None,
        told_at: datetime | None = None,
        **changes: Any,
    ) -> list[Delivery]:
        number = next(count)
        kind = f"fleet.{kind}.v1"
        start = now + timedelta(days=1)
        body = {**TRIP, "starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=3)).isoformat(), **changes}
        fact = Received(
            id=fact_id or f"fact-{number}", source="fleet", type=kind, subject=f"trip/{body['trip_id']}", time=told_at or at or now,
            seq=number, body=part_of(kind)().load(body),
        )  # fmt: skip
        return database.transact(lambda session: listeners.hear(session, fact, at or now))

    return arrive
