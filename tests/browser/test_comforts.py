"""What the script adds, and that nothing is missing without it. On the style guide, which shows every part."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenContext

pytestmark = pytest.mark.browser
GUIDE = "/styleguide"


def test_the_first_tab_leads_to_the_content(open_context: OpenContext) -> None:
    page = open_context().new_page()
    page.goto(GUIDE)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_end_times_tell_how_long_and_none_lies_before_the_start(open_context: OpenContext) -> None:
    page = open_context().new_page()
    page.goto(f"{GUIDE}?lang=en")
    end = page.locator("#f-ends")
    assert "17:00 (3.5 h)" in end.inner_text()
    assert end.locator("option[value='13:15']").is_disabled()
    page.locator("#f-starts").select_option("18:00")
    expect(end).to_have_value("21:30")


def test_a_quick_date_fills_the_box(open_context: OpenContext) -> None:
    page = open_context().new_page()
    page.goto(GUIDE)
    chip = page.locator("[data-set=f-date]").first
    chip.click()
    expect(page.locator("#f-date")).to_have_value(str(chip.get_attribute("data-value")))
    expect(chip).to_have_attribute("aria-pressed", "true")


def test_a_private_address_is_copied_and_said_aloud(open_context: OpenContext) -> None:
    page = open_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto(f"{GUIDE}?lang=en")
    page.locator("[data-copy]").first.click()
    expect(page.locator(".toast")).to_have_text("Copied")
    expect(page.locator("#live")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").endswith(".ics")


def test_a_menu_closes_on_escape_and_gives_focus_back(open_context: OpenContext) -> None:
    page = open_context("officer").new_page()
    page.goto(GUIDE)
    summary = page.locator(".who")
    summary.click()
    expect(page.locator(".menu:has(.who)")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    assert page.locator(".menu:has(.who)").get_attribute("open") is None
    expect(summary).to_be_focused()


def test_without_a_script_nothing_is_offered_that_needs_one(open_context: OpenContext) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(GUIDE)
    assert page.locator("[data-js]:visible").count() == 0
    assert page.locator("#f-ends option:disabled").count() == 0
    page.locator(".sure summary").first.click()
    expect(page.locator(".sure form button").first).to_be_visible()


def test_forced_colours_keep_the_chosen_day_and_the_heat_visible(open_context: OpenContext) -> None:
    page = open_context(forced_colors="active").new_page()
    page.goto(GUIDE)
    outline = page.evaluate("getComputedStyle(document.querySelector('.day:has(:checked)')).outlineStyle")
    assert outline == "solid"


def test_print_leaves_the_chrome_out(open_context: OpenContext) -> None:
    page = open_context(theme="dark").new_page()
    page.goto(GUIDE)
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    assert not page.locator(".foot").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_page_asks_for_nothing_it_does_not_show(house: Any, open_context: OpenContext) -> None:
    page = open_context().new_page()
    page.goto("/sign-in", wait_until="networkidle")
    sizes = page.evaluate(
        "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind)).map(one => one.decodedBodySize)"
    )
    assert len(sizes) > 2
    assert sum(sizes) < 120_000
