"""The visitor's phone: a route kept for times without a network, each record told once when it is back."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.test_phone import say_online
from tests.house_fixture import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHECKS = "/dorms/api/v1/checks"


@pytest.fixture
def phone(open_context: OpenContext) -> Iterator[BrowserContext]:
    yield open_context("dorms", width=390, has_touch=True)


def on_the_way(context: BrowserContext) -> tuple[Page, list[str]]:
    """Today's route with the pages of its stops kept on the phone; their addresses in the order of the way."""
    page = context.new_page()
    page.goto("/dorms/visits")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    expect(page.locator("#net")).to_contain_text("已同步")
    stops = page.locator("a[data-keep]").evaluate_all("links => links.map(link => link.pathname)")
    assert stops
    kept = "path => caches.match(location.origin + path).then(found => found !== undefined)"
    eventually(lambda: all(page.evaluate(kept, stop) for stop in stops), 20)
    return page, stops


def check_now(house: Any, stop: str) -> dict[str, Any]:
    told: dict[str, Any] = house.api("dorms", "GET", f"{CHECKS}/{stop.rsplit('/', 1)[1]}").json()
    return told


def test_two_stops_recorded_without_a_network_arrive_when_it_is_back(house: Any, phone: BrowserContext) -> None:
    page, (first, second, *_) = on_the_way(phone)
    phone.set_offline(True)
    for stop, result in ((first, "有居住事實"), (second, "未遇")):
        page.goto(stop)
        page.get_by_text(result, exact=True).check()
        page.get_by_label("紀錄").fill("電話測試")
        page.get_by_role("button", name="登錄結果").click()
        expect(page.locator("#card")).to_contain_text("已經記下")
    expect(page.locator("#net")).to_contain_text("離線")
    assert {check_now(house, first)["state"], check_now(house, second)["state"]} == {"appointed"}
    phone.set_offline(False)
    say_online(page)
    eventually(lambda: check_now(house, second)["state"] == "done", 30)
    assert (check_now(house, first)["result"], check_now(house, second)["result"]) == ("resides", "not_met")
    page.goto("/dorms/visits")
    expect(page.locator("#net")).to_contain_text("已同步")
    expect(page.get_by_role("heading", name="今天完成的")).to_be_visible()


def test_a_stop_recorded_by_somebody_else_meanwhile_is_told(house: Any, phone: BrowserContext) -> None:
    page, stops = on_the_way(phone)
    stop = stops[-1]
    page.goto(stop)
    phone.set_offline(True)
    page.get_by_text("未遇", exact=True).check()
    page.get_by_role("button", name="登錄結果").click()
    expect(page.locator("#card")).to_contain_text("已經記下")
    number = stop.rsplit("/", 1)[1]
    assert house.api("dorms", "POST", f"{CHECKS}/{number}/result", {"result": "resides"}).status_code == 200
    phone.set_offline(False)
    say_online(page)
    expect(page.locator("#told")).to_contain_text("已經登錄過結果", timeout=30_000)
    assert check_now(house, stop)["result"] == "resides"
