"""LINE Messaging API: pushes to people who linked their account, and the events by which they link it.

LINE's library takes more than a second to load, so it is loaded by the first message or event.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module

import urllib3
from sqlalchemy.orm import Session

from common.settings import Settings
from services.messenger import reach
from services.messenger.mail import NotReached, Refused
from services.messenger.models import Delivery, LineLink

TIMEOUT_SECONDS = 10
LONGEST_TEXT = 4900
TAKEN_BEFORE = 409  # the retry key was seen: the first try did arrive
HOUSE = uuid.UUID("5f1f8a52-6c0e-4a55-9a0a-0c1e6f1b7a11")


class Line:
    """Sends to the LINE user a person is linked to."""

    channel = "line"

    def __init__(self, settings: Settings):
        self._settings = settings

    def targets(self, session: Session, delivery: Delivery) -> Sequence[LineLink]:
        """The person's LINE user, if linked."""
        row = reach.line_of(session, delivery.person_id)
        return [row] if row else []

    def carry(self, delivery: Delivery, targets: Sequence[LineLink], lang: str, now: datetime) -> tuple[str, list[int]]:
        """Which user took it. The retry key is the delivery's, so that a try whose answer was lost is not shown twice.

        Raises Refused (not linked, not set up, 4xx), NotReached (429, 5xx, no answer).
        """
        if not self._settings.line_token:
            raise Refused("LINE is not set up")
        if not targets:
            raise Refused("not linked to LINE")
        to, api = targets[0].user_id, import_module("linebot.v3.messaging")
        set_up = api.Configuration(host=self._settings.line_url, access_token=self._settings.line_token)
        message = api.PushMessageRequest(to=to, messages=[api.TextMessage(text=self.text_of(delivery, lang))])
        try:
            with api.ApiClient(set_up) as client:
                api.MessagingApi(client).push_message_with_http_info(
                    message,
                    x_line_retry_key=str(uuid.uuid5(HOUSE, f"{delivery.once}/{delivery.expires_at.isoformat()}")),
                    _request_timeout=TIMEOUT_SECONDS,
                )
        except api.ApiException as failure:
            status = int(failure.status or 0)
            if status == TAKEN_BEFORE:
                return to, []
            if status == 429 or status >= 500 or not status:
                raise NotReached(f"LINE answered {status}") from failure
            raise Refused(f"LINE answered {status}") from failure
        except urllib3.exceptions.HTTPError as failure:
            raise NotReached(f"{type(failure).__name__}: {failure}") from failure
        except ValueError:
            pass  # taken, with an answer of a shape the library does not know
        return to, []

    def text_of(self, delivery: Delivery, lang: str) -> str:
        """The exact text."""
        link = self._settings.public_url + delivery.link if delivery.link else ""
        parts = [delivery.title.in_(lang), delivery.text.in_(lang), link]
        return "\n\n".join(part for part in parts if part)[:LONGEST_TEXT]


def is_from_line(secret: str, body: bytes, signature: str) -> bool:
    """Whether these events were signed with our channel's secret."""
    if not secret:
        return False
    try:
        return bool(import_module("linebot.v3.webhook").SignatureValidator(secret).validate(body.decode(), signature))
    except UnicodeDecodeError:
        return False
