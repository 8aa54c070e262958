"""Web push (RFC 8030, 8291, 8292): encrypted for one browser, signed with the house's VAPID key."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import requests
from cryptography.hazmat.primitives import serialization
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush
from sqlalchemy.orm import Session

from common.settings import Settings
from services.messenger import reach
from services.messenger.mail import NotReached, Refused
from services.messenger.models import Delivery, Device

TIMEOUT_SECONDS = 10
GONE = (404, 410)
LONGEST_TEXT = 900  # a push carries some 4 kB; a notification shows a few lines


def public_key(keys_dir: Path) -> str:
    """What a browser needs to subscribe: the public point, base64url."""
    point = _key(keys_dir).public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def payload(delivery: Delivery, lang: str) -> str:
    """What the service worker shows (common/web/static/driver-sw.js)."""
    told = {
        "title": delivery.title.in_(lang),
        "body": delivery.text.in_(lang)[:LONGEST_TEXT],
        "url": delivery.link,
        "tag": f"{delivery.source}/{delivery.subject}",
        "lang": "en" if lang == "en" else "zh-Hant-TW",
    }
    return json.dumps(told, ensure_ascii=False)


class Push:
    """Sends to all of a person's browsers; one that took it is enough."""

    channel = "push"

    def __init__(self, settings: Settings):
        self._settings = settings

    def targets(self, session: Session, delivery: Delivery) -> Sequence[Device]:
        """The person's browsers."""
        return reach.devices(session, delivery.person_id)

    def carry(self, delivery: Delivery, targets: Sequence[Device], lang: str, now: datetime) -> tuple[str, list[int]]:
        """Which browser took it, and the ids of those that are gone. Raises Refused, NotReached."""
        if not targets:
            raise Refused("no browser takes pushes")
        took, gone, later, refused = "", [], "", ""
        for device in targets:
            try:
                self._send(device, delivery, lang, now)
                took = took or device.label
            except WebPushException as failure:
                status = failure.response.status_code if failure.response is not None else 0
                if status in GONE:
                    gone.append(device.id)
                elif status == 429 or status >= 500 or not status:
                    later = f"push service answered {status}"
                else:
                    refused = f"push service answered {status}"
            except requests.RequestException as failure:
                later = f"{type(failure).__name__}: {failure}"
        if took:
            return took, gone
        if later:
            raise NotReached(later)
        raise Gone(refused or "the browser is gone", gone)

    def _send(self, device: Device, delivery: Delivery, lang: str, now: datetime) -> None:
        if not reach.may_send_to(device.endpoint, self._settings.push_hosts):
            raise WebPushException("not one of PUSH_HOSTS", response=_answer(403))
        topic = hashlib.sha256(f"{delivery.source}/{delivery.subject}".encode()).hexdigest()[:32]
        webpush(
            {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}},
            data=payload(delivery, lang),
            vapid_private_key=_key(self._settings.keys_dir),
            vapid_claims={"sub": f"mailto:{self._settings.mail_from}"},
            ttl=max(60, int((delivery.expires_at - now).total_seconds())),
            headers={"Urgency": "high", "Topic": topic},
            timeout=TIMEOUT_SECONDS,
        )


class Gone(Refused):
    """No browser is left to send to; `devices` are the ids of those that answered so."""

    def __init__(self, why: str, devices: list[int]):
        super().__init__(why)
        self.devices = devices


def _answer(status: int) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    return made


def _key(keys_dir: Path) -> Vapid02:
    return Vapid02.from_pem((keys_dir / "vapid.pem").read_bytes())
