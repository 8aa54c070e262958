"""The main ways through the product: without a script, and with the keyboard alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walks
from tests.browser.conftest import OpenContext
from tests.house_fixture import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CSS_ON_THE_REQUEST_PAGE = 30 * 1024
JS_ON_A_PAGE = 10 * 1024


def without_script(open_context: OpenContext, as_: str, path: str) -> Page:
    page = open_context(as_, java_script_enabled=False).new_page()
    page.goto(f"{path}?lang=en")
    return page


# ── Without a script ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_car_is_asked_for_without_a_script(open_context: OpenContext) -> None:
    page = without_script(open_context, "officer", "/fleet/request")
    walks.ask_for_a_car(page)
    expect(page).to_have_url(re.compile(r"/fleet/trips/\d+$"))
    expect(page.locator("h1")).to_contain_text("姊妹市交流外賓接待")


def test_what_is_free_is_told_without_a_script(open_context: OpenContext) -> None:
    page = without_script(open_context, "officer", "/fleet/request")
    page.locator("[name=leave]").select_option("10:15")
    walks.press(page, "更新可用車輛", "Show cars free")
    expect(page.locator("#av")).to_contain_text("10:15")


def test_a_refused_step_keeps_what_was_typed_without_a_script(open_context: OpenContext) -> None:
    page = without_script(open_context, "officer", "/fleet/request")
    page.locator("[name=origin]").fill("市議會")
    walks.leave_out_the_destination(page)
    expect(page.locator(".errsum li")).to_have_count(1)
    expect(page.locator("[name=origin]")).to_have_value("市議會")
    expect(page.locator("[name=destination]")).to_have_attribute("aria-invalid", "true")


def test_a_venue_is_applied_for_without_a_script(open_context: OpenContext) -> None:
    page = without_script(open_context, "group", "/venues/")
    walks.apply_for_a_venue(page)
    expect(page).to_have_url(re.compile(r"/venues/bookings/\d+$"))
    expect(page.locator("h1")).to_contain_text("社區閱讀節")


def test_a_room_is_applied_for_without_a_script(house: Any, open_context: OpenContext) -> None:
    page = without_script(open_context, "driver2", "/dorms/apply")
    walks.apply_for_a_room(page)
    expect(page).to_have_url(re.compile(r"/dorms/applications/\d+$"))


def test_signing_in_and_out_needs_no_script(open_context: OpenContext) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/sign-in?lang=en&next=/feeds")
    page.get_by_label("User name").fill("auditor")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/feeds$"))
    page.locator(".who").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".top").get_by_role("link", name="Sign in")).to_be_visible()


# ── With the keyboard alone ────────────────────────────────────────────────────────────────────────────────────────


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the element has the focus; what is passed on the way must show where the focus is."""
    wanted = page.locator(selector).first
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(SHOWS_FOCUS), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{selector} is not reached in {most} tabs")


SHOWS_FOCUS = """() => {
  if (!document.activeElement.matches(':focus')) return true;  // a part inside a native control, ringed by the browser
  for (let node = document.activeElement; node && node !== document.body; node = node.parentElement) {
    const look = getComputedStyle(node);
    if (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2) return true;
  }
  return document.activeElement === document.body;
}"""


def test_a_car_is_asked_for_with_the_keyboard_alone(open_context: OpenContext) -> None:
    page = open_context("officer").new_page()
    page.goto("/fleet/request?lang=en")
    tab_to(page, "[name=destination]")
    page.keyboard.type("松山機場")
    tab_to(page, "main .actions .btn")
    page.keyboard.press("Enter")
    page.wait_for_url("**/request/who?**")
    tab_to(page, "[name=passengers]")
    page.keyboard.type("3")
    tab_to(page, "[name=purpose_code]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "[name=purpose]")
    page.keyboard.type("接送評審委員")
    page.keyboard.press("Enter")
    page.wait_for_url("**/request/check?**")
    tab_to(page, "main .actions .btn")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/fleet/trips/\d+$"))
    expect(page.locator("h1")).to_contain_text("接送評審委員")


def test_the_focus_goes_to_what_is_wrong_and_from_there_to_the_field(open_context: OpenContext) -> None:
    page = open_context("officer").new_page()
    page.goto("/fleet/request?lang=en")
    walks.leave_out_the_destination(page)
    expect(page.locator(".errsum")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=destination]")).to_be_focused()


def test_the_quote_follows_the_keyboard(open_context: OpenContext) -> None:
    page = open_context("group").new_page()
    page.goto("/venues/?lang=en")
    walks.to_a_quote(page)
    page.locator("[name=slot]").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#quote .tot")).to_contain_text("NT$5,000")


# ── Budgets ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_request_page_stays_light(open_context: OpenContext) -> None:
    page = open_context("officer").new_page()
    page.goto("/fleet/request", wait_until="networkidle")
    weights = page.evaluate("performance.getEntriesByType('resource').map(one => [one.name, one.decodedBodySize])")
    styles = [size for name, size in weights if ".css" in name]
    scripts = [size for name, size in weights if ".js" in name]
    assert 0 < sum(styles) <= CSS_ON_THE_REQUEST_PAGE
    assert 0 < sum(scripts) <= JS_ON_A_PAGE
