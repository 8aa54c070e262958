"""Pushes and LINE messages over real HTTP to peers of ours, and the ladder that is climbed while a driver is silent."""

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from common.errors import Invalid
from common.identity import Person
from common.settings import Settings
from services.messenger import SERVICE, push, reach, sender
from services.messenger.models import Delivery, Device, LineLink
from tests.conftest import CSRF

SECRET = "channel-secret"  # noqa: S105
PUBLIC = PublicFormat.UncompressedPoint


class Peer:
    """A push service or LINE: answers with `status` (a list: one after another) and keeps what it was sent."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status: list[int] = [201]
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                peer.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                status = peer.status.pop(0) if len(peer.status) > 1 else peer.status[0]
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"sentMessages": [{"id": "1"}]}' if status < 300 else b'{"message": "no"}')

            def log_message(self, *told: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Browser:
    """What a browser keeps of a subscription: its key and its secret."""

    def __init__(self, peer: Peer, name: str = "one"):
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        point = self.key.public_key().public_bytes(Encoding.X962, PUBLIC)
        text = {
            name: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
            for name, raw in (("p256dh", point), ("auth", self.secret))
        }
        self.subscription = json.dumps({"endpoint": f"{peer.url}/push/{name}", "keys": text})

    def read(self, body: bytes) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret))
        return told


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    made.stop()


@pytest.fixture
def line_peer() -> Iterator[Peer]:
    made = Peer()
    made.status = [200]
    yield made
    made.stop()


@pytest.fixture
def settings(make_settings: Any, furniture: Any, peer: Peer, line_peer: Peer) -> Settings:
    made: Settings = make_settings(
        SERVICE, *furniture, push_hosts=(peer.url,), line_url=line_peer.url, line_token="token", line_secret=SECRET
    )
    return made


@pytest.fixture
def browser(peer: Peer, database: Any, people: Any, settings: Settings, now: Any) -> Browser:
    made = Browser(peer)
    add(database, people["driver"], made, settings, now)
    return made


def add(database: Any, person: Person, browser: Browser, settings: Settings, now: Any) -> None:
    database.transact(
        lambda session: (
            reach.add_device(
                session, session.get(Person, person.id), now, browser.subscription, "Android", settings.push_hosts
            ).id
        )
    )


def link_line(database: Any, person: Person, now: Any, user_id: str = "U1") -> None:
    database.transact(lambda session: session.add(LineLink(person_id=person.id, user_id=user_id, linked_at=now)))


def ways(database: Any, person_id: int = 6) -> list[tuple[str, str]]:
    """By which ways the driver was told, and how that stands."""
    with database.reading() as session:
        rows = session.scalars(select(Delivery).where(Delivery.person_id == person_id).order_by(Delivery.id))
        return [(row.channel, row.state) for row in rows]


def escalated(tell: Any, now: Any, minutes: int, times: int, **more: Any) -> Any:
    from_listener = {"minutes": minutes, "times": times, "assigned_at": now.isoformat()}
    return tell("trip_escalated", at=now + timedelta(minutes=minutes), **from_listener, **more)


# ── Push ──────────────────────────────────────────────────────────────────────


def test_a_job_rings_on_the_phone_encrypted_and_signed(tell, database, settings, now, peer, browser):
    tell("trip_assigned")
    assert ways(database) == [("inbox", "sent"), ("push", "queued"), ("mail", "queued")]
    assert sender.send_pushes(database, settings, now) == 1
    ((path, headers, body),) = peer.got
    told = browser.read(body)
    assert path == "/push/one" and told["title"].startswith("新派車") and told["url"] == "/fleet/driver/31"
    assert told["tag"] == "fleet/trip/31" and b"RCX-3081" not in body
    assert headers["urgency"] == "high" and 0 < int(headers["ttl"]) <= 86400 and len(headers["topic"]) == 32
    token = headers["authorization"].split("t=")[1].split(",")[0]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == peer.url and claims["sub"] == "mailto:citykeys@localhost"
    assert push.public_key(settings.keys_dir) in headers["authorization"]
    assert ways(database)[1] == ("push", "sent")


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten_and_the_next_way_is_tried_at_once(
    tell, database, settings, now, peer, line_peer, browser, people, status
):
    link_line(database, people["driver"], now)
    tell("trip_assigned")
    peer.status = [status]
    assert sender.send_pushes(database, settings, now) == 0
    with database.reading() as session:
        assert session.query(Device).count() == 0
    assert ways(database) == [("inbox", "sent"), ("push", "failed"), ("mail", "queued"), ("line", "queued")]
    assert sender.send_line(database, settings, now + timedelta(seconds=9)) == 1 and len(line_peer.got) == 1


def test_one_of_two_browsers_is_enough(tell, database, settings, now, peer, people, browser):
    add(database, people["driver"], Browser(peer, "two"), settings, now)
    tell("trip_assigned")
    peer.status = [410, 201]
    assert sender.send_pushes(database, settings, now) == 1
    with database.reading() as session:
        assert [row.endpoint.rsplit("/", 1)[1] for row in session.query(Device)] == ["two"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_push_service_that_is_busy_is_asked_again_later(tell, database, settings, now, peer, browser, status):
    tell("trip_assigned")
    peer.status = [status, 201]
    assert sender.send_pushes(database, settings, now) == 0 and ways(database)[1] == ("push", "queued")
    assert sender.send_pushes(database, settings, now) == 0, "not before its pause is over"
    assert sender.send_pushes(database, settings, now + timedelta(minutes=1)) == 1


@pytest.mark.parametrize(
    "endpoint",
    ["http://169.254.169.254/latest", "https://127.0.0.1/x", "https://fcm.googleapis.com@evil.example/x", "https://evil.example/",
     "https://fcm.googleapis.com:8443/x", "file:///etc/passwd", "https://[::1"],
)  # fmt: skip
def test_nothing_is_sent_where_no_push_service_is(database, people, now, peer, endpoint):
    hosts = ("fcm.googleapis.com", "*.push.apple.com")
    assert not reach.may_send_to(endpoint, hosts)
    subscription = json.loads(Browser(peer).subscription) | {"endpoint": endpoint}
    with pytest.raises(Invalid):
        database.transact(
            lambda session: reach.add_device(session, session.get(Person, 6), now, json.dumps(subscription), "x", hosts)
        )


def test_the_real_push_services_are_let_through():
    hosts = ("fcm.googleapis.com", "*.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com")
    for endpoint in ("https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x",
                     "https://web.push.apple.com/x", "https://wns2-sg2p.notify.windows.com/w/?token=x"):  # fmt: skip
        assert reach.may_send_to(endpoint, hosts)


def test_devices_are_listed_and_removed_by_their_owner(client, database, browser, peer):
    driver = client(as_="driver")
    assert "Android" in driver.get("/devices").text
    with database.reading() as session:
        (device,) = session.query(Device).all()
    assert client(as_="driver2").submit(f"/devices/{device.id}/remove").status_code == 404
    told = driver.get("/push").json
    assert len(base64.urlsafe_b64decode(told["key"] + "=")) == 65
    again = driver.submit(
        "/push", {"subscription": Browser(peer, "new").subscription}, headers={"User-Agent": "iPhone Safari"}
    )
    assert again.status_code == 200 and "iPhone · Safari" in driver.get("/devices").text
    assert driver.submit("/push", {"subscription": "{}"}).status_code == 422
    assert driver.submit(f"/devices/{device.id}/remove").status_code == 303
    assert "Android" not in driver.get("/devices").text


# ── LINE ──────────────────────────────────────────────────────────────────────


def test_a_person_links_line_by_a_code_of_one_use(client, app, database, settings, now, line_peer, clock):
    page = client(as_="driver").submit("/line/code").text
    code = page.split('<p class="clock">')[1].split("<")[0]
    assert from_line(app, event(code), sign="wrong").status_code == 403
    assert from_line(app, event("hello")).status_code == 200
    assert from_line(app, event(f" {code.lower()} ")).status_code == 200
    assert from_line(app, event(code, user="U-thief")).status_code == 200
    with database.reading() as session:
        (link,) = session.query(LineLink).all()
    assert (link.person_id, link.user_id) == (6, "U-driver")
    assert sender.send_line(database, settings, now) == 1
    assert "已連結市鑰" in json.loads(line_peer.got[0][2])["messages"][0]["text"]
    assert from_line(app, {"type": "unfollow", "source": {"userId": "U-driver"}}).status_code == 200
    with database.reading() as session:
        assert session.query(LineLink).count() == 0


def test_a_code_is_good_for_a_quarter_of_an_hour(client, app, database, clock):
    code = client(as_="driver").submit("/line/code").text.split('<p class="clock">')[1].split("<")[0]
    clock.tick(minutes=16)
    from_line(app, event(code))
    with database.reading() as session:
        assert session.query(LineLink).count() == 0


def event(text: str, user: str = "U-driver") -> dict[str, Any]:
    return {
        "type": "message",
        "webhookEventId": "E1",
        "source": {"userId": user},
        "message": {"type": "text", "text": text},
    }


def from_line(app: Any, *events: dict[str, Any], sign: str | None = None) -> Any:
    body = json.dumps({"destination": "x", "events": events}).encode()
    good = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"X-Line-Signature": sign or good, "Content-Type": "application/json"}
    return app.test_client().post("/api/v1/line/events", data=body, headers=headers)


def test_a_line_message_goes_to_its_user_with_a_retry_key(tell, database, settings, now, people, line_peer):
    link_line(database, people["driver"], now)
    tell("trip_assigned")
    line_peer.status = [500, 409]
    assert sender.send_line(database, settings, now) == 0 and ("line", "queued") in ways(database)
    assert sender.send_line(database, settings, now + timedelta(minutes=1)) == 1, "409: the first try did arrive"
    (path, first, body), (_, second, _) = line_peer.got
    sent = json.loads(body)
    assert path == "/v2/bot/message/push" and first["authorization"] == "Bearer token" and sent["to"] == "U1"
    assert "新派車" in sent["messages"][0]["text"] and "http://localhost/fleet/driver/31" in sent["messages"][0]["text"]
    assert first["x-line-retry-key"] == second["x-line-retry-key"]


@pytest.mark.parametrize(("status", "state"), [(400, "failed"), (403, "failed"), (429, "queued"), (503, "queued")])
def test_line_refusing_is_given_up_and_line_being_busy_is_not(
    tell, database, settings, now, people, line_peer, status, state
):
    link_line(database, people["driver"], now)
    tell("trip_assigned")
    line_peer.status = [status]
    assert sender.send_line(database, settings, now) == 0
    assert ("line", state) in ways(database)


# ── The ladder ────────────────────────────────────────────────────────────────


def test_a_silent_driver_is_tried_one_way_after_another_until_somebody_dials(
    tell, database, settings, now, people, browser
):
    link_line(database, people["driver"], now)
    tell("trip_assigned")
    sender.send_pushes(database, settings, now)
    escalated(tell, now, 30, 1)
    assert ways(database)[-1] == ("line", "queued")
    with database.reading() as session:
        rows = session.scalars(select(Delivery).where(Delivery.person_id == 5)).all()
        assert [row.title.zh for row in rows] == ["周行路 30 分鐘未接單，已改發LINE：115-11-00031"]
        pushed = session.scalars(select(Delivery).where(Delivery.channel == "push")).one()
        assert pushed.error.startswith("手機離線 30 分鐘，已改發 LINE。")
    escalated(tell, now, 60, 2)
    assert ways(database)[-1] == ("mail", "queued")
    escalated(tell, now, 90, 3)
    with database.reading() as session:
        last = session.scalars(select(Delivery).where(Delivery.person_id == 5).order_by(Delivery.id)).all()[-1]
        assert last.title.zh == "請打電話給駕駛：周行路 90 分鐘未接單，115-11-00031"
    before = ways(database)
    assert escalated(tell, now, 120, 4) == [] and ways(database) == before


def test_a_driver_without_phone_or_line_is_mailed_then_called(tell, database, now, people):
    tell("trip_assigned")
    escalated(tell, now, 30, 1)
    assert ways(database)[-1] == ("mail", "queued") and len(ways(database)) == 3
    made = escalated(tell, now, 60, 2)
    assert {row.title.zh.split("：")[0] for row in made} == {"請打電話給駕駛"}


def test_reading_and_accepting_move_every_message_and_stop_what_has_not_left(
    tell, database, settings, now, people, browser
):
    link_line(database, people["driver"], now)
    tell("trip_assigned")
    sender.send_pushes(database, settings, now)
    tell("trip_seen")
    assert ways(database) == [("inbox", "read"), ("push", "read"), ("mail", "queued")]
    escalated(tell, now, 30, 1)
    tell("trip_accepted", status="accepted", at=now + timedelta(minutes=31))
    assert ways(database) == [("inbox", "accepted"), ("push", "accepted"), ("mail", "queued"), ("line", "expired")]
    assert sender.send_line(database, settings, now + timedelta(minutes=32)) == 0


def test_a_new_assignment_begins_the_ladder_anew(tell, database, settings, now, people, browser):
    tell("trip_assigned")
    escalated(tell, now, 30, 1)
    later = now + timedelta(hours=2)
    tell("trip_assigned", at=later)
    tell("trip_escalated", at=later + timedelta(minutes=30), minutes=30, times=1, assigned_at=later.isoformat())
    assert [way for way, _ in ways(database)].count("mail") == 4  # two with the jobs, two that ask again


def test_the_bad_signature_of_a_form_is_not_taken_for_a_subscription(client):
    driver = client(as_="driver")
    assert driver.post("/push", data={"subscription": "{}", "csrf_token": CSRF}).status_code == 400
