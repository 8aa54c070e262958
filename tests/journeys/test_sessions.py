"""Signing in through the front door: expiry that loses nothing, renewal, languages on every page, signing out everywhere."""

import re

import pytest
import requests

from tests.house_fixture import PASSWORD, House, csrf_in, eventually
from tests.journeys.days import weekday_ahead
from tests.journeys.forms import Browser, Page
from tests.journeys.inbox import SECONDS

PAGES = {
    "officer": (
        "/",
        "/fleet/request",
        "/fleet/trips",
        "/venues/",
        "/venues/1",
        "/venues/bookings",
        "/venues/rooms",
        "/feeds",
        "/account",
    ),
    "supervisor": ("/fleet/approvals",),
    "dispatcher": ("/fleet/dispatch", "/fleet/charging", "/messenger/deliveries"),
    "driver": ("/fleet/driver", "/messenger/"),
    "staff": ("/dorms/", "/dorms/apply", "/dorms/rooms"),
    "dorms": ("/dorms/rounds/new", "/dorms/rounds/2"),
    "admin": ("/people", "/people/new", "/messenger/mail"),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def filled_in(browser: Browser) -> Page:
    """A request for a car, checked and not yet sent."""
    second = browser.go("/fleet/request").send(
        "who", date=weekday_ahead(28), leave="09:00", back="10:30", destination="市議會"
    )
    return second.send("check", passengers=2, purpose_code="meeting", purpose="登入過期也不遺失").of_status(200)


def test_after_signing_in_again_one_stands_where_the_form_was(house: House) -> None:
    Browser(house).sign_in("supervisor", PASSWORD).of_status(200)  # another device, to be signed out
    browser = Browser(house)
    browser.sign_in("supervisor", PASSWORD)
    page = browser.go("/account")
    browser.forget("citykeys_token")
    browser.forget("citykeys_session")
    held = page.send("/account/sessions/end-others").of_status(401)
    assert (
        held.follow("在新分頁登入").send("/sign-in", username="supervisor", password=PASSWORD).of_status(200).path
        == "/account"
    )
    # A new sign-in gives the portal's forms new tokens: one more press, nothing more.
    again = held.send("/account/sessions/end-others", press="送出").of_status(400).says("請再送一次")
    again.send("/account/sessions/end-others", press="再送一次").of_status(200).says("其他裝置都已登出")
    house.forget("supervisor")


@pytest.mark.parametrize("lost", ["token", "both"])
def test_what_was_typed_outlives_an_expired_sign_in(house: House, lost: str) -> None:
    browser = Browser(house)
    browser.sign_in("officer", PASSWORD).of_status(200)
    check = filled_in(browser)
    browser.forget("citykeys_token")
    if lost == "both":
        browser.forget("citykeys_session")
    held = check.send("/fleet/request").of_status(401).says("閒置太久，請再登入一次", "登入過期也不遺失")
    door = held.follow("在新分頁登入").of_status(200)
    if lost == "both":
        door.send("/sign-in", username="officer", password=PASSWORD).of_status(200)
    sent = held.send("/fleet/request", press="送出").of_status(200).says("已送出", "登入過期也不遺失")
    assert re.search(r"/fleet/trips/\d+$", sent.url)


def test_a_form_whose_token_is_old_is_held_and_sent_by_one_press(house: House) -> None:
    browser = Browser(house)
    browser.sign_in("officer", PASSWORD)
    check = filled_in(browser)
    browser.forget("citykeys_fleet")
    held = check.send("/fleet/request").of_status(400).says("請再送一次", "登入過期也不遺失")
    held.send("/fleet/request", press="再送一次").of_status(200).says("已送出")


def test_a_password_is_never_kept_on_a_held_page(house: House) -> None:
    browser = Browser(house)
    browser.sign_in("staff2", PASSWORD)
    account = browser.go("/account")
    browser.forget("citykeys_token")
    browser.forget("citykeys_session")
    held = account.send(
        "/account/password", current_password=PASSWORD, new_password="correct-horse-42-staple"
    ).of_status(401)
    assert PASSWORD not in held.text and "correct-horse-42-staple" not in held.text


def test_a_page_opened_after_the_token_ran_out_renews_it_behind_the_front_door(house: House) -> None:
    browser = Browser(house)
    browser.sign_in("officer", PASSWORD)
    old = browser.session.cookies["citykeys_token"]
    browser.forget("citykeys_token")
    for path in ("/fleet/trips?when=past", "/venues/bookings?show=open", "/dorms/", "/messenger/", "/feeds"):
        page = browser.go(path).of_status(200)
        assert page.path == path
        assert browser.session.cookies["citykeys_token"] != old
        browser.forget("citykeys_token")
    browser.set_cookie("citykeys_token", "x.y.z")
    assert browser.go("/fleet/trips").of_status(200).path == "/fleet/trips"


def test_nobody_is_sent_to_another_site_after_signing_in(house: House) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        browser = Browser(house)
        page = browser.session.get(f"{house.url}/sign-in", params={"next": elsewhere}, timeout=20)
        sent = {"csrf_token": csrf_in(page.text), "username": "officer", "password": PASSWORD, "next": elsewhere}
        answer = browser.session.post(f"{house.url}/sign-in", data=sent, timeout=20, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        renewed = browser.session.get(
            f"{house.url}/session/renew", params={"next": elsewhere}, timeout=20, allow_redirects=False
        )
        assert renewed.headers["Location"] == "/"


def test_signing_out_on_one_service_ends_it_on_all(house: House) -> None:
    browser = Browser(house)
    browser.sign_in("supervisor", PASSWORD)
    kept = dict(browser.session.cookies)
    out = browser.go("/fleet/approvals").send("/sign-out").of_status(200)
    assert "/sign-out" not in out.path
    thief = Browser(house)
    for name, value in kept.items():
        thief.set_cookie(name, value)
    for path in ("/fleet/approvals", "/venues/bookings", "/dorms/", "/messenger/", "/account"):
        eventually(lambda path=path: "/sign-in" in thief.go(path).url, SECONDS)


def test_every_page_speaks_both_languages_and_remembers_the_choice(house: House) -> None:
    for username, paths in PAGES.items():
        browser = Browser(house, username)
        browser.set_cookie("lang", "zh")
        for path in paths:
            page = browser.go(path).of_status(200)
            assert '<html lang="zh-Hant-TW"' in page.text, path
            english = page.follow("English").of_status(200)
            assert '<html lang="en"' in english.text, path
            assert english.url.split("?")[0] == page.url.split("?")[0], path
            assert '<html lang="en"' in browser.go(path).text, f"{path} forgot the language"
            title = re.search(r"<h1[^>]*>(.*?)</h1>", english.text, re.S)
            assert title, path
            visible = re.sub(r"<[^>]+lang=\"zh[^>]*>.*?</[^>]+>|<[^>]+>", "", title[1], flags=re.S)
            assert not CHINESE.search(visible), f"{path}: {visible!r} is not English"
            assert '<html lang="zh-Hant-TW"' in english.follow("中文").text, path


def test_what_a_visitor_claims_about_where_they_come_from_is_not_believed(house: House) -> None:
    told = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "for=1.2.3.4",
    }
    page = requests.get(f"{house.url}/fleet/trips", headers=told, timeout=20, allow_redirects=False)
    assert page.headers["Location"] == "/sign-in?next=/fleet/trips"
    assert "evil" not in requests.get(f"{house.url}/sign-in", headers=told, timeout=20).text
