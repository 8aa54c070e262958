"""Venues in a real browser: a price that follows the choosing, a door and a closure that keep up by themselves."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import segno
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from common.period import Period, local, taipei, today
from tests.browser import walks
from tests.browser.checks import overflow
from tests.browser.conftest import OpenContext
from tests.house_fixture import eventually
from venues import availability
from venues.models import Meeting

pytestmark = [pytest.mark.browser, pytest.mark.slow]
API = "/venues/api/v1"
FREE = "label.day:not(.off):has(.slots i.free:first-child + i.free + i.free)"


def now() -> datetime:
    return datetime.now(UTC)


def amount(told: Locator) -> int:
    """NT$ of a cell: "NT$5,000", "5,000 元" or "−5,000"."""
    text = told.inner_text()
    return int(re.sub(r"\D", "", text)) * (-1 if "−" in text else 1)


def to_the_month(page: Page, lang: str = "zh") -> None:
    """The first venue's page, its last month that is open for applications."""
    page.goto(f"/venues/?lang={lang}")
    page.goto(str(page.locator("main .cards a").first.get_attribute("href")))
    page.locator("button[name=month]").last.click()
    page.wait_for_url("**month=**")


def choose_a_free_day(page: Page) -> str:
    free = page.locator(FREE).last
    day = str(free.locator("input").get_attribute("value"))
    free.click()
    return day


def quote(page: Page) -> list[int]:
    """The amounts of the lines of the quote on the page, the sum left out."""
    return [amount(cell) for cell in page.locator("#quote .quote tbody:first-of-type td.n").all()]


def total(page: Page) -> Locator:
    return page.locator("#quote .quote .tot td")


# ── A hall, with scripts ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_the_price_follows_line_by_line_what_is_chosen(open_context: OpenContext, lang: str, width: int) -> None:
    page = open_context("group", width=width).new_page()
    to_the_month(page, lang)
    here = page.url
    choose_a_free_day(page)
    expect(page.locator("#quote .tag.ok")).to_have_count(3)
    expect(page.locator("#quote .quote")).to_have_count(0)
    slots = page.locator("[name=slot]")
    slots.nth(0).check()
    expect(total(page)).to_contain_text("5,000")
    assert quote(page) == [5_000]
    slots.nth(1).check()
    expect(total(page)).to_contain_text("10,000")
    assert quote(page) == [5_000, 0, 5_000], "the gap between two slots in a row stands there, and is free"
    page.locator("[name=overtime_minutes]").select_option("60")
    expect(total(page)).not_to_contain_text("10,000")
    with_overtime = quote(page)
    assert len(with_overtime) == 4 and sum(with_overtime) == amount(total(page)) > 10_000
    expect(page.locator("#quote")).to_contain_text("Deposit" if lang == "en" else "保證金")
    slots.nth(1).uncheck()
    page.locator("[name=overtime_minutes]").select_option("0")
    expect(total(page)).to_contain_text("5,000")
    assert page.url == here, "the page itself stayed"
    assert overflow(page) == 0


def test_every_line_of_the_price_leads_to_its_rule(open_context: OpenContext) -> None:
    page = open_context("group").new_page()
    to_the_month(page)
    choose_a_free_day(page)
    page.locator("[name=slot]").first.check()
    expect(total(page)).to_contain_text("5,000")
    for line in page.locator("#quote .quote tbody:first-of-type tr").all():
        rule = line.locator("a").first
        assert page.request.get(str(rule.get_attribute("href")).split("#")[0]).ok
        assert re.search(r"S-\d+", rule.inner_text())


def test_a_hall_is_applied_for_and_a_refusal_keeps_what_was_typed(open_context: OpenContext) -> None:
    page = open_context("group").new_page()
    to_the_month(page)
    day = choose_a_free_day(page)
    page.locator("[name=slot]").nth(0).check()
    page.locator("[name=slot]").nth(1).check()
    expect(total(page)).to_contain_text("10,000")
    walks.press(page, "下一步：填寫活動資料", "Continue: event details")
    assert parse_qs(urlsplit(page.url).query)["date"] == [day]
    page.locator("[name=event_plan]").fill("上午讀詩，\n下午換書。")
    page.locator("[name=attendees]").fill("60")
    walks.press(page, "下一步：確認內容", "Continue: check")
    expect(page.locator(".errsum")).to_be_focused()
    expect(page.locator("[name=event_name]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=event_plan]")).to_have_value("上午讀詩，\n下午換書。")
    expect(page.locator("[name=attendees]")).to_have_value("60")
    page.locator("[name=attendees]").fill("201")
    page.locator("[name=event_name]").fill("河岸讀詩會")
    kind = page.locator("[name=event_kind]").first
    kind.select_option(index=1) if kind.evaluate("node => node.localName") == "select" else kind.check()
    walks.press(page, "下一步：確認內容", "Continue: check")
    expect(page.locator("[name=attendees]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=event_name]")).to_have_value("河岸讀詩會")
    page.locator("[name=attendees]").fill("60")
    walks.press(page, "下一步：確認內容", "Continue: check")
    walks.press(page, "送出申請", "Send the application")
    page.wait_for_url(re.compile(r"/venues/bookings/\d+$"))
    expect(page.locator("h1")).to_contain_text("河岸讀詩會")
    expect(page.locator("main .quote .tot td").first).to_contain_text("10,000")
    expect(page.locator("main")).to_contain_text("保證金")
    to_the_month(page)
    taken = page.locator(f".day:has(input[value='{day}']) .slots i")
    assert ["free" in str(mark.get_attribute("class")) for mark in taken.all()] == [False, False, True]


# ── What would it cost ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 1440)])
def test_prices_stand_side_by_side_for_somebody_nobody_knows(open_context: OpenContext, lang: str, width: int) -> None:
    page = open_context(width=width).new_page()
    page.goto(f"/venues/what-if?lang={lang}")
    page.locator("[name=applicant_class][value=registered_body]").check()
    walks.compare_prices(page)
    rows = page.locator("#answers table.data tbody tr")
    cards = page.locator("#answers .beside .card")
    assert rows.count() == cards.count() == 4, "two days, two classes"
    paid = []
    for row, card in zip(rows.all(), cards.all(), strict=True):
        fee, deposit, both = (amount(cell) for cell in row.locator("td.n").all())
        lines = [amount(cell) for cell in card.locator("tbody:first-of-type td.n").all()]
        assert sum(lines) == fee == amount(card.locator(".tot td")) and fee + deposit == both
        paid.append(fee)
    assert sorted(paid)[:2] == [0, 0] and min(sorted(paid)[2:]) >= 10_000
    expect(page.locator(".top").get_by_role("link", name="Sign in" if lang == "en" else "登入")).to_have_count(1)
    assert overflow(page) == 0


# ── A room's door ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def room(house: Any) -> int:
    """A room in which nobody meets today, and that no agency keeps for itself on this day of the week."""
    day, weekday = Period.of_day(today(now())), today(now()).weekday()
    database = house.database("venues")
    with database.reading() as session:
        met_in = select(Meeting.room_id).where(Meeting.starts_at < day.ends_at, Meeting.ends_at > day.starts_at)
        busy = set(session.scalars(met_in))
        rooms = availability.venues(session, "room")
        free = [each.id for each in rooms if each.id not in busy and each.reserved_weekday != weekday]
    database.dispose()
    return free[-1]


def book(house: Any, room: int, starts_at: datetime, ends_at: datetime, title: str) -> None:
    asked = {
        "venue_id": str(room), "title": title, "attendees": 5,
        "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(),
    }  # fmt: skip
    answer = house.api("officer", "POST", f"{API}/meetings", asked)
    assert answer.ok, answer.text


@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 390)])
def test_a_door_tells_now_and_next_and_keeps_up_by_itself(
    house: Any, open_context: OpenContext, room: int, lang: str, width: int
) -> None:
    page = open_context(width=width).new_page()
    page.clock.install()  # half minutes pass at once
    page.goto(f"/venues/rooms/{room}/door?lang={lang}")
    free, busy, following = ("Free", "In use", "Next") if lang == "en" else ("空著", "使用中", "下一場")
    expect(page.locator(".state")).to_contain_text(free)
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    page.evaluate("window.hung = true")

    tonight = taipei(today(now()), "24:00")
    soon = now() + timedelta(seconds=4)
    later = soon + (tonight - soon) / 3
    book(house, room, soon, later, "門牌會議")
    page.clock.fast_forward(31_000)
    expect(page.locator("#door")).to_contain_text(f"{local(soon):%H:%M}–{local(later):%H:%M}")
    eventually(lambda: now() > soon)
    page.clock.fast_forward(31_000)
    expect(page.locator(".state")).to_contain_text(busy)
    expect(page.locator("#door")).to_contain_text("門牌會議")
    assert page.locator("#door").get_by_text(following, exact=True).count() == 0

    book(house, room, later + (tonight - later) / 3, tonight, "接著開會")
    page.clock.fast_forward(31_000)
    expect(page.locator("#door")).to_contain_text("接著開會")
    expect(page.locator("#door").get_by_text(following, exact=True)).to_have_count(1)
    assert page.evaluate("window.hung"), "it is the page that was hung up"
    assert overflow(page) == 0


@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 390)])
def test_the_code_at_a_door_leads_to_checking_in(
    house: Any, open_context: OpenContext, room: int, lang: str, width: int
) -> None:
    page = open_context("officer", width=width).new_page()
    page.goto(f"/venues/rooms/{room}/door?lang={lang}")
    expect(page.locator(".code svg")).to_be_visible()
    leads = segno.make(f"{house.url}/venues/rooms/{room}/here", error="m").svg_inline(scale=4, border=2, omitsize=True)
    drawn = page.locator(".code svg path").get_attribute("d")
    assert drawn and drawn in leads, "the code holds the address of this room's check-in"
    starts = now() + timedelta(seconds=3)
    book(house, room, starts, starts + timedelta(minutes=20), "掃碼的會議")
    page.locator(".low a[href$='/here']").click()
    page.wait_for_url(f"**/venues/rooms/{room}/here*")
    expect(page.locator("h2", has_text="掃碼的會議")).to_be_visible()
    page.get_by_role("button", name="I am here" if lang == "en" else "我到了").click()
    expect(page.locator("main .tag.ok")).to_contain_text("Checked in" if lang == "en" else "已報到")
    assert overflow(page) == 0


# ── A closure ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def resting(house: Any, child: str) -> Iterator[None]:
    """One of the house's processes, and what it started, stand still for as long as the block lasts."""
    group = os.getpgid(house.description()["children"][child])
    assert group != os.getpgid(0)
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


def test_a_closure_tells_by_itself_how_far_it_is(house: Any, open_context: OpenContext, room: int) -> None:
    day = today(now()) + timedelta(weeks=12)
    book(house, room, taipei(day, "10:00"), taipei(day, "11:00"), "要停的會議")
    page = open_context("venues").new_page()
    page.goto("/venues/closures/new?lang=zh")
    page.locator("details.more summary").first.click()
    page.locator(f"[name=venue_ids][value='{room}']").check()
    page.locator("[name=first]").fill(str(day))
    page.locator("[name=last]").fill(str(day))
    page.locator("[name=ground]").first.check()
    page.locator("[name=reason]").fill("冷氣整修")
    walks.press(page, "看會影響誰", "See what it touches")
    with resting(house, "venues-worker"):
        page.get_by_role("button", name=re.compile("^停止使用並退還")).click()
        page.wait_for_url(re.compile(r"/venues/closures/\d+$"))
        expect(page.locator("main")).to_contain_text("辦理中：0／1 件")
        assert page.locator("meta[http-equiv=refresh]").count() == 0
        page.evaluate("window.stayed = true")
        expect(page.get_by_role("button", name="重新開放")).to_have_count(0)
    expect(page.locator(".tag").first).to_contain_text("已辦畢", timeout=30_000)
    expect(page.locator("main table")).to_contain_text("要停的會議")
    assert page.evaluate("window.stayed"), "nobody loaded the page anew"
    page.locator("[name=reason]").fill("提早完工")
    page.wait_for_timeout(5_000)
    expect(page.locator("[name=reason]")).to_have_value("提早完工")  # what is done keeps still
    walks.press(page, "重新開放", "Withdraw")
    expect(page.locator("main")).to_contain_text("提早完工")
