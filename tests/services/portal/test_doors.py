"""Every door of the portal: who may come, what a form needs, what a page must not do (points 1, 2, 11)."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from common.identity import Agency, Feed, Person
from common.messages import Outbox
from common.web.access import Access
from services.portal import SERVICE
from services.portal.models import Account, AgendaItem, PasswordLink, SignIn
from services.web import build

PUBLIC = {
    "/", "/rules", "/site-map", "/accessibility", "/privacy", "/styleguide", "/sign-in", "/healthz", "/readyz", "/metrics",
    "/api/v1/openapi.json", "/api/v1/docs", "/static/<path:filename>",
}  # fmt: skip
KEYED = {"/password", "/password/<token>", "/feeds/<token>.ics", "/session/renew", "/sign-out", "/api/v1/tokens"}


def doors(app: Any) -> list[tuple[str, str]]:
    """Every (method, rule) of the app but the automatic ones."""
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def address(rule: str) -> str:
    return re.sub(r"<(?:[^:<>]+:)?[^<>]+>", "1", rule)


def test_every_door_names_who_may_come(portal: Any) -> None:
    for rule in portal.url_map.iter_rules():
        if rule.endpoint != "static":
            assert isinstance(getattr(portal.view_functions[rule.endpoint], "access", None), Access), rule.rule


def test_a_stranger_gets_through_public_doors_only(portal: Any, browser: Any) -> None:
    for method, rule in doors(portal):
        if rule in PUBLIC | KEYED:
            continue
        answer = browser().open(address(rule), method=method, json={} if "/api/" in rule and method != "GET" else None)
        assert answer.status_code in (303, 401, 403), f"{method} {rule}: {answer.status_code}"
        if answer.status_code == 303:
            assert answer.location.startswith("/sign-in?next=")


def test_keyed_doors_open_nothing_without_their_key(portal: Any, browser: Any) -> None:
    for method, rule in doors(portal):
        if rule in KEYED:
            answer = browser().open(address(rule), method=method)
            assert answer.status_code in (303, 400, 404, 422), f"{method} {rule}: {answer.status_code}"
            assert answer.status_code != 303 or answer.location.startswith("/sign-in")


def test_a_form_without_its_token_changes_nothing(portal: Any, browser: Any, database: Any) -> None:
    clients = {name: browser(name) for name in ("officer", "admin")}

    def counts() -> list[int | None]:
        with database.reading() as session:
            kinds = (Person, Agency, Feed, Account, SignIn, PasswordLink, Outbox)
            return [session.scalar(select(func.count()).select_from(kind)) for kind in kinds]

    before = counts()
    for method, rule in doors(portal):
        if method == "POST" and not rule.startswith("/api/"):
            for name, client in clients.items():
                answer = client.post(address(rule), data={"name": "x", "username": "x", "password": "x", "kind": "my"})
                assert answer.status_code in (400, 403), f"{name} {rule}: {answer.status_code}"
    assert counts() == before


def test_reading_a_page_changes_nothing(portal: Any, browser: Any, database: Any) -> None:
    mine = browser("admin")

    def state() -> list[Any]:
        with database.reading() as session:
            return [
                session.scalar(select(func.count()).select_from(kind))
                for kind in (Person, Feed, SignIn, Outbox, AgendaItem)
            ]

    before = state()
    for method, rule in doors(portal):
        if method == "GET" and rule not in KEYED:
            assert mine.get(address(rule)).status_code < 500, rule
    assert state() == before


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/rules", "/site-map", "/accessibility", "/privacy", "/styleguide"])
def test_public_pages_open_in_both_languages(browser: Any, path: str, lang: str) -> None:
    answer = browser().get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    assert f'<html lang="{"en" if lang == "en" else "zh-Hant-TW"}">' in answer.text


def test_pages_carry_a_policy_and_no_inline_style_or_handler(portal: Any, browser: Any) -> None:
    for path in ("/", "/sign-in", "/rules", "/account", "/feeds", "/people", "/people/1", "/people/new", "/privacy"):
        answer = browser("admin").get(path)
        if answer.status_code == 303:
            continue
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r'\s(style|on[a-z]+)="', answer.text), path
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert nonce
        assert set(re.findall(r'<style nonce="([^"]*)"', answer.text)) <= {nonce[1]}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_typed_at_the_door_is_refused_in_words(browser: Any, username: str, password: str) -> None:
    answer = browser().submit("/sign-in", {"username": username, "password": password})
    assert answer.status_code in (401, 422)
    assert "<script>" not in answer.text.replace('<script src="', "")


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "=cmd|' /C calc'!A0"]
)
def test_names_and_labels_stay_text(browser: Any, text: str) -> None:
    mine = browser("admin")
    made = mine.submit("/people/new", {"username": "odd.one", "name": text, "agency_id": "1", "roles": "staff"})
    assert made.status_code == 303
    page = mine.get(made.location).text + mine.get("/people?q=odd.one").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    mine.submit("/feeds", {"kind": "my", "label": text})
    assert "<script>alert" not in mine.get("/feeds").text


def test_a_one_time_password_is_shown_once(browser: Any) -> None:
    mine = browser("admin")
    made = mine.submit("/people/new", {"username": "new.one", "name": "新人", "agency_id": "1", "roles": "staff"})
    assert "一次性密碼" in mine.get(made.location).text
    assert 'id="handover"' not in mine.get(made.location).text


def test_the_style_guide_is_for_demonstrations(make_settings: Any, portal: Any) -> None:
    app = build(SERVICE, make_settings(SERVICE, demo=False))
    assert app.test_client().get("/styleguide").status_code == 404
    assert "dispatcher" not in app.test_client().get("/sign-in").text
