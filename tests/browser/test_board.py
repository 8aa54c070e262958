"""The dispatcher's board in a real browser: three ways to move a trip, undo, news, phone, paper; and nothing needs the script."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common.period import taipei, today
from tests.browser.checks import axe_faults, moda_faults, overflow
from tests.browser.conftest import OpenContext
from tests.browser.test_ways import JS_ON_A_PAGE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRIPS = "/fleet/api/v1/trips"
IN_VIEW = """all => all.map(row => [row.dataset.unit, row.getBoundingClientRect()])
  .filter(([, box]) => box.top > 250 && box.bottom < innerHeight)[0][0]"""
weeks = iter(range(2, 40))


class Day:
    """A Sunday nobody else uses, with trips of its own."""

    def __init__(self, house: Any):
        self.house = house
        first = today(datetime.now(UTC))
        self.date = first + timedelta(days=(6 - first.weekday()) % 7 + 7 * next(weeks))
        self.path = f"/fleet/dispatch?date={self.date}"

    def call(self, who: str, path: str, body: Any) -> Any:
        answer = self.house.api(who, "POST", path, body)
        assert answer.ok, answer.text
        return answer.json()

    def approved(self, starts: str = "09:00", ends: str = "11:00", purpose: str = "看板測試") -> str:
        asked = {
            "purpose_code": "meeting", "purpose": purpose, "origin": "市政大樓", "destination": "市議會", "passengers": 3,
            "starts_at": taipei(self.date, starts).isoformat(), "ends_at": taipei(self.date, ends).isoformat(),
        }  # fmt: skip
        trip = self.call("officer", TRIPS, asked)["id"]
        self.call("supervisor", f"{TRIPS}/{trip}/approve", {})
        return str(trip)

    def assigned(self, *times: str, car: int = 0, same: Any = None, **more: str) -> dict[str, Any]:
        """A trip with the best driver and, of the ranked cars, the one at this place; or the `same` car as another trip."""
        trip = self.approved(*times, **more)
        offered = self.house.api("dispatcher", "GET", f"{TRIPS}/{trip}/suggestion").json()
        chosen = {
            "vehicle_id": same["vehicle_id"] if same else offered["cars"]["candidates"][car]["id"],
            "driver_id": offered["drivers"]["candidates"][0]["id"],
        }
        return dict(self.call("dispatcher", f"{TRIPS}/{trip}/assign", chosen))

    def trip(self, trip_id: str) -> dict[str, Any]:
        return dict(self.house.api("dispatcher", "GET", f"{TRIPS}/{trip_id}").json())


@pytest.fixture
def day(house: Any) -> Day:
    return Day(house)


@pytest.fixture
def page(open_context: OpenContext) -> Page:
    return open_context("dispatcher").new_page()


@pytest.fixture(autouse=True)
def scan_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("A11Y_ALLOW_PRIVATE_HOSTS", "1")
    yield


def row_of(page: Page, vehicle_id: str) -> Any:
    return page.locator(f"#r{vehicle_id}")


def other_row(page: Page, *taken: str) -> str:
    """A car in service of which nothing is on the board."""
    ids = page.eval_on_selector_all(
        ".brow", "all => all.filter(r => !r.querySelector('.bar')).map(r => r.dataset.unit)"
    )
    return next(each for each in ids if each not in taken)


def middle(page: Page, selector: str) -> tuple[float, float]:
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, source: str, to: tuple[float, float]) -> None:
    page.mouse.move(*middle(page, source))
    page.mouse.down()
    page.mouse.move(to[0] - 20, to[1], steps=4)
    page.mouse.move(*to, steps=4)
    page.mouse.up()


# ── Three ways to move ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_is_dragged_from_the_queue_onto_a_car(page: Page, day: Day) -> None:
    trip = day.approved("06:30", "07:30")
    page.goto(f"{day.path}&lang=zh")
    card = page.locator(f"#q{trip}")
    card.scroll_into_view_if_needed()
    car = page.eval_on_selector_all(".brow", IN_VIEW)
    x, y = middle(page, f"#r{car} .track")
    drag(page, f"#q{trip}", (x, y))
    expect(page.locator(f"#r{car} #t{trip}")).to_be_visible()
    expect(page.locator(".undo")).to_contain_text("復原")
    assert day.trip(trip)["vehicle_id"] == car


def test_a_bar_is_dragged_to_another_car_and_time(page: Page, day: Day) -> None:
    trip = day.assigned("09:00", "11:00")
    page.goto(f"{day.path}&lang=en")
    bar, near = f"#t{trip['id']}", row_of(page, trip["vehicle_id"])
    x, y = middle(page, bar)
    track = near.locator(".track").bounding_box()
    height = near.bounding_box()["height"]
    below = page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('.brow')?.dataset.unit", [x, y + height])
    to = y + height if below else y - height
    car = below or page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('.brow').dataset.unit", [x, to])
    drag(page, bar, (x + track["width"] * 2 / 16, to))
    expect(page.locator(f"#r{car} {bar}")).to_be_visible()
    moved = day.trip(trip["id"])
    assert (moved["vehicle_id"], moved["starts_at"][11:16], moved["ends_at"][11:16]) == (car, "11:00", "13:00")
    expect(page.locator(bar)).to_be_focused()


def test_a_bar_is_carried_by_the_keyboard(page: Page, day: Day) -> None:
    trip = day.assigned("09:00", "11:00")
    page.goto(f"{day.path}&lang=zh")
    bar = page.locator(f"#t{trip['id']}")
    bar.focus()
    page.keyboard.press("m")
    expect(page.locator("#live")).to_have_text("改派模式：上下選車輛、左右調時間、Enter 確定、Esc 取消")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    page.keyboard.press("m")
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator(".ghost")).to_have_text("09:15–11:15")
    page.keyboard.press("Enter")
    expect(page.locator(".undo")).to_contain_text("09:15–11:15")
    assert day.trip(trip["id"])["starts_at"][11:16] == "09:15"


def test_the_arrows_go_from_bar_to_bar_and_the_board_is_one_tab_stop(page: Page, day: Day) -> None:
    first = day.assigned("08:00", "09:00")
    second = day.assigned("10:00", "11:00", same=first)
    third = day.assigned("10:30", "11:30", car=4)
    page.goto(day.path)
    page.locator(f"#t{first['id']}").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.matches('.bar')")
    page.locator(f"#t{first['id']}").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#t{second['id']}")).to_be_focused()
    below = page.evaluate(
        "([a, b]) => document.querySelector(a).getBoundingClientRect().top < document.querySelector(b).getBoundingClientRect().top",
        [f"#t{second['id']}", f"#t{third['id']}"],
    )
    page.keyboard.press("ArrowDown" if below else "ArrowUp")
    expect(page.locator(f"#t{third['id']}")).to_be_focused()


def test_a_click_on_a_request_and_then_on_a_dashed_slot_gives_it_that_car(page: Page, day: Day) -> None:
    trip = day.approved()
    page.goto(f"{day.path}&lang=zh")
    page.locator(f"#q{trip}").click()
    spot = page.locator(".spot:not(.best)").first
    car = spot.get_attribute("value")
    spot.click()
    expect(page.locator(f"#r{car} #t{trip}")).to_be_visible()
    assert "trip=" not in page.url
    assert day.trip(trip)["vehicle_id"] == car


def test_the_click_path_and_the_undo_need_no_script(open_context: OpenContext, day: Day) -> None:
    page = open_context("dispatcher", java_script_enabled=False).new_page()
    trip = day.approved()
    page.goto(f"{day.path}&lang=zh")
    page.locator(f"#q{trip}").click()
    page.locator(".spot.best").click()
    expect(page.locator(f"#t{trip}")).to_be_visible()
    page.locator(".undo").get_by_role("button", name="復原").click()
    expect(page.locator(".notice")).to_contain_text("已復原")
    expect(page.locator(f"#q{trip}")).to_be_visible()
    assert day.trip(trip)["status"] == "approved"


def test_another_time_is_typed_without_a_script(open_context: OpenContext, day: Day) -> None:
    page = open_context("dispatcher", java_script_enabled=False).new_page()
    trip = day.assigned("09:00", "11:00")
    page.goto(f"{day.path}&trip={trip['id']}&lang=en")
    page.get_by_text("Another time").click()
    page.locator("[name=leave]").select_option("13:00")
    page.locator("[name=back]").select_option("14:30")
    page.locator("[name=reason]").fill("flight moved")
    page.get_by_role("button", name="Same car, new time").click()
    moved = day.trip(trip["id"])
    assert (moved["starts_at"][11:16], moved["ends_at"][11:16]) == ("13:00", "14:30")


# ── Conflicts ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_drop_on_a_taken_car_asks_and_flags_only_when_told_to(page: Page, day: Day) -> None:
    first = day.assigned("13:00", "16:00", purpose="社福訪視")
    second = day.assigned("15:00", "17:30", car=3, purpose="里民座談")
    page.goto(f"{day.path}&lang=zh")
    bar = page.locator(f"#t{second['id']}")
    x, y = middle(page, f"#t{second['id']}")
    drag(page, f"#t{second['id']}", (x, middle(page, f"#r{first['vehicle_id']} .track")[1]))
    expect(page.locator("form.note.bad")).to_contain_text("13:00–16:00 已有行程")
    assert day.trip(second["id"])["vehicle_id"] == second["vehicle_id"]
    page.get_by_role("button", name="仍要指派，並標示衝突").click()
    expect(page.locator(f"#r{first['vehicle_id']} .bar.clash")).to_have_count(2)
    expect(page.locator(".undo")).to_contain_text("已標示衝突")
    expect(page.locator(".kpis a.bad")).to_contain_text("1")
    bar.click()
    expect(page.locator(".inspector .note.bad")).to_contain_text("與「社福訪視」重疊 60 分鐘。")


# ── Undo and news ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_undo_puts_it_back_and_the_offer_goes_away_by_itself(page: Page, day: Day) -> None:
    trip = day.assigned("09:00", "11:00")
    page.goto(f"{day.path}&trip={trip['id']}&lang=en")
    expect(page.locator(".undo")).to_have_count(0, timeout=15_000)  # what another test may have moved just now
    page.locator(".offers button").first.click()
    expect(page.locator(".undo")).to_be_visible()
    page.locator(".undo").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#r{trip['vehicle_id']} #t{trip['id']}")).to_be_visible()
    expect(page.locator(".notice")).to_contain_text("taken back")
    page.locator(f"#t{trip['id']}").click()
    page.locator(".offers button").first.click()
    expect(page.locator(".undo")).to_be_visible()
    expect(page.locator(".undo")).to_have_count(0, timeout=15_000)


def test_two_dispatchers_see_each_others_moves(open_context: OpenContext, day: Day) -> None:
    trip = day.assigned("09:00", "11:00")
    mine, theirs = (open_context(who).new_page() for who in ("dispatcher", "admin"))
    for page in (mine, theirs):
        page.goto(f"{day.path}&lang=zh")
    mine.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(mine.locator("#news")).to_be_hidden()
    theirs.locator(f"#t{trip['id']}").click()
    theirs.locator(".offers button").first.click()
    expect(theirs.locator(".undo")).to_be_visible()
    mine.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(mine.locator("#news")).to_contain_text("有 1 筆更新")
    mine.locator("#news a").click()
    moved = day.trip(trip["id"])["vehicle_id"]
    expect(mine.locator(f"#r{moved} #t{trip['id']}")).to_be_visible()
    expect(mine.locator("#news")).to_be_hidden()


def test_a_stale_move_shows_the_present_board_and_says_so(open_context: OpenContext, day: Day) -> None:
    trip = day.assigned("09:00", "11:00")
    page = open_context("dispatcher").new_page()
    page.goto(f"{day.path}&lang=zh")
    day.call("admin", f"{TRIPS}/{trip['id']}/move", {"starts_at": taipei(day.date, "12:00").isoformat()})
    page.locator(f"#t{trip['id']}").focus()
    for key in ("m", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".errsum")).to_contain_text("剛被改過")
    expect(page.locator(f"#t{trip['id']}")).to_contain_text("12:00–14:00")


def test_a_lost_connection_is_said_and_forgotten_when_it_is_back(open_context: OpenContext, day: Day) -> None:
    context = open_context("dispatcher")
    page = context.new_page()
    page.goto(day.path)
    context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#offline")).to_be_visible()
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#offline")).to_be_hidden()


# ── Phone, paper, weight ───────────────────────────────────────────────────────────────────────────────────────────


def test_on_a_phone_rows_are_cards_and_the_inspector_a_sheet(open_context: OpenContext, day: Day) -> None:
    trip = day.assigned("09:00", "11:00")
    page = open_context("dispatcher", 390, has_touch=True, is_mobile=True).new_page()
    page.goto(f"{day.path}&lang=zh")
    card = row_of(page, trip["vehicle_id"])
    expect(card.locator(".tm")).to_have_text("09:00–11:00")
    assert overflow(page) == 0
    page.locator(f"#t{trip['id']}").tap()
    page.wait_for_url(re.compile("trip="))
    look = page.locator(".side").evaluate("node => [getComputedStyle(node).position, getComputedStyle(node).bottom]")
    assert look == ["fixed", "0px"]
    spot = page.locator(".spot").first
    car = spot.get_attribute("value")
    spot.evaluate("node => node.click()")
    expect(page.locator(f"#r{car} #t{trip['id']}")).to_be_attached()


def test_it_prints_on_one_landscape_page(open_context: OpenContext, day: Day) -> None:
    day.assigned("09:00", "11:00")
    page = open_context("dispatcher").new_page()
    page.goto(f"{day.path}&lang=zh")
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    (box,) = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", sheet)
    assert float(box[0]) > float(box[1])


def test_script_and_page_stay_light(page: Page, day: Day) -> None:
    day.assigned("09:00", "11:00")
    answer = page.goto(f"{day.path}&lang=zh", wait_until="networkidle")
    weights = page.evaluate("performance.getEntriesByType('resource').map(one => [one.name, one.decodedBodySize])")
    assert 0 < sum(size for name, size in weights if ".js" in name) <= JS_ON_A_PAGE
    assert answer is not None and len(answer.body()) <= 60_000


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_state_of_the_board_is_accessible(open_context: OpenContext, day: Day, lang: str, theme: str) -> None:
    """Conflict, chosen trip, dashed slots, the question after a drop, drivers with leave: by day and by night."""
    first = day.assigned("13:00", "16:00")
    second = day.assigned("15:00", "17:30", car=3)
    body = {"vehicle_id": first["vehicle_id"], "anyway": True}
    day.call("dispatcher", f"{TRIPS}/{second['id']}/move", body)
    page = open_context("dispatcher", theme=theme, reduced_motion="reduce").new_page()
    faults = {}
    chosen = f"&trip={first['id']}"
    for address in (f"{day.path}{chosen}", f"{day.path}&view=week", f"/fleet/dispatch/drivers?date={day.date}{chosen}"):
        page.goto(f"{address}&lang={lang}")
        page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true })")
        faults[address] = axe_faults(page) + moda_faults(page)
    assert {address: found for address, found in faults.items() if found} == {}
