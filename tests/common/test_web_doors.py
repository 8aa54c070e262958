"""The doors: who may come, what every answer carries, what only services may ask, what the front door lets through."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint
from werkzeug.serving import make_server
from werkzeug.test import Client

from common.db import Database
from common.identity import EndedSession, Person, sign_token
from common.keys import Keys
from common.settings import Settings
from common.web import safe_next
from common.web.app import UnguardedRoute, create_app
from services.front import front
from services.web import build
from tests.common.toy import SERVICE
from tests.common.web_helpers import Open, assert_problem, titles
from tests.conftest import PersonAtWork

# ── starting ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_app_with_a_bare_route_refuses_to_start_and_names_it(settings: Settings) -> None:
    bare = Blueprint("bare", __name__)
    bare.add_url_rule("/back-door", "back_door", lambda: "open")
    with pytest.raises(UnguardedRoute, match=r"/back-door \(bare.back_door\)"):
        create_app(replace(SERVICE, blueprints=(*SERVICE.blueprints, bare)), settings)


def test_something_else_called_access_is_no_access(settings: Settings) -> None:
    def view() -> str:
        return "open"

    view.access = "anyone"  # type: ignore[attr-defined]
    bare = Blueprint("bare", __name__)
    bare.add_url_rule("/back-door", "back_door", view)
    with pytest.raises(UnguardedRoute):
        create_app(replace(SERVICE, blueprints=(bare,)), settings)


# ── signing in ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "next_"),
    [
        ("/mine", "%2Fmine|/mine"),
        ("/mine?day=2026-11-23&a=%E5%BA%AD", "/mine%3Fday%3D2026-11-23%26a%3D%25E5%25BA%25AD"),
        ("/desk", "/desk"),
    ],
)
def test_a_stranger_is_led_to_sign_in_and_back(stranger: PersonAtWork, asked: str, next_: str) -> None:
    answer = stranger.get(asked)
    assert answer.status_code == 303
    assert answer.location in [f"/sign-in?next={each}" for each in next_.split("|")]


def test_a_live_panel_is_told_that_nobody_is_signed_in(stranger: PersonAtWork) -> None:
    assert stranger.get("/mine", headers={"X-Partial": "1"}).status_code == 401


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_a_bad_cookie_is_no_sign_in(stranger: PersonAtWork, token: str) -> None:
    stranger.set_cookie("citykeys_token", token)
    assert stranger.get("/mine").location == "/sign-in?next=/mine"


def test_a_token_past_ten_minutes_is_renewed_on_the_way(officer: PersonAtWork, clock: Any) -> None:
    assert officer.get("/mine").status_code == 200
    clock.tick(minutes=11)
    assert officer.get("/mine?a=1").location == "/session/renew?next=/mine%3Fa%3D1"
    assert officer.get("/hello").location == "/session/renew?next=/hello&public=1"
    assert officer.get("/mine", headers={"X-Partial": "1"}).status_code == 200
    assert officer.get("/hello", headers={"Sec-Fetch-Dest": "serviceworker"}).status_code == 200


def test_a_page_open_to_everyone_knows_a_person_whose_token_alone_ran_out(stranger: PersonAtWork) -> None:
    assert stranger.get("/hello").status_code == 200
    stranger.set_cookie("citykeys_session", "a-session-that-may-be-good")
    assert stranger.get("/hello").location == "/session/renew?next=/hello&public=1"
    assert stranger.get("/hello", headers={"X-Partial": "1"}).status_code == 200


def test_another_services_token_opens_nothing(
    stranger: PersonAtWork, people: dict[str, Person], keys_dir: Any, clock: Any
) -> None:
    stranger.sign(sign_token(Keys.load(keys_dir, "fleet"), people["admin"].id, "s", clock.now))
    assert stranger.get("/desk").status_code == 303
    assert stranger.api("GET", "/things").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "evil",
        "",
        None,
        "/\tx",
        "/\n/evil.example",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(target: str | None) -> None:
    assert safe_next(target) == "/"


@pytest.mark.parametrize("target", ["/", "/fleet/trips?day=1#top", "/a//b"])
def test_one_is_sent_back_to_where_one_was(target: str) -> None:
    assert safe_next(target) == target


# ── no database there ──────────────────────────────────────────────────────────────────────────────────────────────


def test_without_its_database_a_service_asks_to_come_again(officer: PersonAtWork, app: Any, tmp_path: Path) -> None:
    there = app.extensions["database"]
    app.extensions["database"] = away = Database(f"sqlite:///{tmp_path}")  # a folder: no connection to be had
    told = [officer.get("/mine"), officer.get("/readyz"), assert_problem(officer.api("GET", "/things"), 503, "busy")]
    app.extensions["database"] = there
    away.dispose()
    assert "連不上資料庫" in told[0].text and (told[0].status_code, told[1].status_code) == (503, 503)
    assert officer.get("/mine").status_code == 200


# ── who may ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["get", "submit"])
def test_one_who_may_not_is_told_why_on_a_page_with_the_menu(
    officer: PersonAtWork, database: Database, method: str
) -> None:
    answer = getattr(officer, method)("/desk")
    assert answer.status_code == 403
    assert "系統管理" in answer.text and "林小禾" in answer.text
    assert 'href="/fleet/request"' in answer.text and 'href="/venues/"' in answer.text
    assert titles(database) == []


def test_a_withdrawn_role_is_gone_with_the_next_request(client: Open, database: Database) -> None:
    admin = client(as_="admin")
    assert admin.get("/desk").status_code == 200
    assert admin.submit("/desk").status_code == 303

    def withdraw(session: Any) -> None:
        session.get(Person, 14).roles = ["staff"]

    database.transact(withdraw)
    assert admin.get("/desk").status_code == 403
    assert admin.submit("/desk").status_code == 403
    assert admin.api("DELETE", "/things/1").status_code == 403
    assert titles(database) == ["by an administrator"]


def test_an_ended_session_opens_nothing_any_more(officer: PersonAtWork, database: Database, clock: Any) -> None:
    assert officer.get("/mine").status_code == 200
    database.transact(lambda session: session.add(EndedSession(sid="test-officer", ended_at=clock.now)))
    assert officer.get("/mine").status_code == 303
    assert officer.submit("/write", {"title": "x"}).status_code == 401
    assert officer.api("GET", "/things").status_code == 401
    assert titles(database) == []


def test_a_disabled_person_is_nobody(officer: PersonAtWork, database: Database) -> None:
    def disable(session: Any) -> None:
        session.get(Person, 1).active = False

    database.transact(disable)
    assert officer.get("/mine").status_code == 303
    assert officer.api("GET", "/things").status_code == 401


# ── headers ────────────────────────────────────────────────────────────────────────────────────────────────────────

EVERYWHERE = [
    "/hello",
    "/mine",
    "/desk",
    "/nowhere",
    "/breaks",
    "/things/1",
    "/healthz",
    "/metrics",
    "/events",
    "/static/city.css",
    "/static/none.css",
    "/api/v1/things",
    "/api/v1/nowhere",
    "/api/v1/breaks",
    "/api/v1/openapi.json",
    "/api/v1/docs",
]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_every_answer_carries_the_headers_that_keep_browsers_in_bounds(
    officer: PersonAtWork, path: str, method: str
) -> None:
    answer = officer.open(path, method=method)
    policy = answer.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy and "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert (
        answer.headers["Cross-Origin-Opener-Policy"] == answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    )
    assert answer.headers["X-Request-Id"]
    assert "Strict-Transport-Security" not in answer.headers
    if answer.status_code != 200 or not path.startswith("/static/"):
        assert answer.headers.get("Cache-Control") == "no-store" or path.startswith("/static/")


def test_the_nonce_is_new_for_every_page(officer: PersonAtWork) -> None:
    nonces = {re.search(r"'nonce-([^']+)'", officer.get("/hello").headers["Content-Security-Policy"]) for _ in range(3)}
    assert len({found[1] for found in nonces if found}) == 3


def test_under_tls_browsers_are_told_to_stay_there_and_cookies_are_bound_to_the_host(
    make_settings: Callable[..., Settings], settings: Settings, people: dict[str, Person], clock: Any, keys_dir: Any
) -> None:
    secure = build(
        SERVICE, make_settings(SERVICE, database_url=settings.database_url, public_url="https://keys.example.tw"), clock
    )
    browser = secure.test_client()
    token = sign_token(Keys.load(keys_dir, "portal"), 1, "s", clock.now)
    browser.set_cookie("citykeys_token", token, domain="localhost")
    assert browser.get("/mine").status_code == 303, "a cookie without the prefix may come from a subdomain"
    browser.set_cookie("__Host-citykeys_token", token, domain="localhost", secure=True)
    answer = browser.get("/write", base_url="https://localhost")
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies and all("Secure" in each and "HttpOnly" in each and "SameSite=Lax" in each for each in cookies)
    secure.extensions["database"].dispose()


@pytest.mark.parametrize(
    "given", ["short", "a" * 61, "with space and more", "line\tbreak-here", "<script>alert(1)</script>"]
)
def test_a_request_id_that_is_none_is_not_taken_up(officer: PersonAtWork, given: str) -> None:
    answer = officer.get("/nowhere", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] != given
    assert given not in officer.get("/api/v1/nowhere", headers={"X-Request-Id": given}).text


# ── between services ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_log_and_the_snapshot_are_for_services_only(
    officer: PersonAtWork, app: Any, keys_dir: Any, clock: Any
) -> None:
    fleet, portal = Keys.load(keys_dir, "fleet"), Keys.load(keys_dir, "portal")
    minute = timedelta(minutes=1)
    good = fleet.sign({}, audience="toy", now=clock.now, lifetime=minute)
    refused = {
        "nobody": "",
        "a person": officer.token,
        "meant for another": fleet.sign({}, audience="venues", now=clock.now, lifetime=minute),
        "in a person's name": portal.sign({"sub": "1"}, audience="toy", now=clock.now, lifetime=minute),
    }
    for path in ("/events", "/snapshot"):
        assert app.test_client().get(path, headers={"Authorization": f"Bearer {good}"}).status_code == 200
        for why, token in refused.items():
            answer = app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, why
    for query in ("after=-1", "after=x", "limit=1e9", "after=" + "9" * 30):
        answer = app.test_client().get(f"/events?{query}", headers={"Authorization": f"Bearer {good}"})
        assert_problem(answer, 422)


# ── through the front door ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def door(app: Any, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The desk's front door before the toy, which stands in the portal's and everyone else's place."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name in ("PORTAL", "FLEET", "VENUES", "DORMS", "MESSENGER"):
        monkeypatch.setenv(f"{name}_URL", f"http://127.0.0.1:{server.server_port}")
    yield Client(front())
    server.shutdown()
    thread.join(10)
    server.server_close()


SPOOFED = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "666",
    "Forwarded": "for=6.6.6.6",
}


def test_what_a_visitor_claims_about_where_he_comes_from_is_thrown_away(door: Client) -> None:
    here = {"REMOTE_ADDR": "203.0.113.5"}
    for headers in ({}, SPOOFED, {"X-Forwarded-For": "6.6.6.6, 7.7.7.7, 127.0.0.1"}):
        for path in ("/hello", "/fleet/hello"):
            answer = door.get(path, headers=headers, environ_base=here)
            assert answer.status_code == 200
            assert "203.0.113.5" in answer.text and "6.6.6.6" not in answer.text, headers


def test_addresses_in_answers_are_those_behind_the_front_door_whatever_is_claimed(door: Client) -> None:
    for path, expected in (("/mine", "/sign-in?next=/mine"), ("/fleet/mine", "/sign-in?next=/fleet/mine")):
        answer = door.get(path, headers=SPOOFED, environ_base={"REMOTE_ADDR": "203.0.113.5"})
        assert answer.status_code == 303 and answer.location.endswith(expected)
        assert "evil" not in answer.location


def test_a_services_name_without_a_stroke_leads_to_its_start(door: Client) -> None:
    answer = door.get("/fleet")
    assert answer.status_code == 308 and answer.location.endswith("/fleet/")


def test_the_headers_of_every_answer_pass_the_front_door(door: Client) -> None:
    for path in ("/nowhere", "/fleet/api/v1/nowhere", "/breaks"):
        answer = door.get(path, environ_base={"REMOTE_ADDR": "203.0.113.5"})
        assert answer.status_code in (404, 500) and "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_service_that_is_starting_again_is_told_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, and nobody listens
        for name in ("PORTAL", "FLEET", "VENUES", "DORMS", "MESSENGER"):
            monkeypatch.setenv(f"{name}_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        visitor = Client(front())
        told = visitor.get("/fleet/api/v1/vehicles")
        assert_problem(told, 503)
        page, sent = visitor.get("/fleet/trips"), visitor.post("/fleet/request")
    assert "正在重新啟動" in page.text and "starting again" in page.text and "refresh" in page.text
    assert sent.status_code == 503 and "refresh" not in sent.text, "a form is sent again by its sender"
    assert {answer.headers["Retry-After"] for answer in (told, page, sent)} == {"2"}
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
