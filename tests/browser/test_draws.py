"""A draw as a loser checks it: on the page, by the page's own lines, by its checker and its sheet, away from the product."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from common.export import read_table
from common.period import today
from tests.browser.checks import overflow
from tests.browser.conftest import OpenContext
from tests.house_fixture import eventually
from venues.rounds import firms

pytestmark = [pytest.mark.browser, pytest.mark.slow]
API = "/venues/api/v1"


def now() -> datetime:
    return datetime.now(UTC)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Draw:
    """A round of its own with seven firms and three places, up to its published list."""

    SEED = "27650.11"

    def __init__(self, house: Any):
        self.house = house
        begins = today(now()) + timedelta(days=200)
        window = {"from": (now() - timedelta(minutes=1)).isoformat(), "until": (now() + timedelta(days=9)).isoformat()}
        asked = {
            "kind": "gallery", "title": "瀏覽器測試檔期", "title_en": "Browser test terms", "registration": window,
            "classes": [{"code": "gallery", "name": "個展", "name_en": "Solo shows", "places": 3}],
            "term": {"from": begins.isoformat(), "until": (begins + timedelta(days=30)).isoformat()},
        }  # fmt: skip
        self.id = self.call("/rounds", asked)["id"]
        self.path = f"/venues/rounds/{self.id}/draw"
        for n in range(7):
            entry = {
                "class_code": "gallery", "firm_name": f"第{n}畫會", "phone": "02-2720-0000",
                "firm_number": firms.with_check_digit(f"{3_000_000 + 11 * n}"), "papers": ["application"],
            }  # fmt: skip
            self.call(f"/rounds/{self.id}/registrations", entry)

    def call(self, path: str, body: Any, who: str = "venues") -> Any:
        answer = self.house.api(who, "POST", f"{API}{path}", body)
        assert answer.ok, answer.text
        return answer.json()

    def publish(self) -> None:
        self.call(f"/rounds/{self.id}/closing", {"reason": "提早截止"})
        self.call(f"/rounds/{self.id}/eligible", {})
        self.known = now() + timedelta(seconds=8)
        self.call(f"/rounds/{self.id}/list", {"seed_known_at": self.known.isoformat(), "seed_source": "當日收盤指數"})

    def draw(self) -> None:
        eventually(lambda: now() > self.known)
        self.call(f"/rounds/{self.id}/draw", {"seed": self.SEED})
        self.call(f"/rounds/{self.id}/draw", {"seed": self.SEED}, "admin")


@pytest.fixture(scope="module")
def published(house: Any) -> Draw:
    draw = Draw(house)
    draw.publish()
    return draw


@pytest.fixture(scope="module")
def drawn(published: Draw) -> Draw:
    published.draw()
    return published


def codes(within: Locator) -> list[str]:
    return [told.strip() for told in within.locator(".codes").first.locator("li").all_text_contents()]


def saved(page: Page, name: str, folder: Path) -> Path:
    """The file behind the page's link with this name, as a browser stores it."""
    with page.expect_download() as coming:
        page.locator("main").get_by_role("link", name=name).evaluate("link => { link.download = ''; link.click(); }")
    path = folder / name
    coming.value.save_as(path)
    return path


def by_itself(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python alone in a folder of its own: no packages, nothing of the product, no environment."""
    return subprocess.run(
        [sys.executable, "-I", "-S", *arguments], cwd=folder, env={}, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip


def test_the_list_and_its_hash_stand_there_before_the_seed(open_context: OpenContext, published: Draw) -> None:
    page = open_context().new_page()
    page.goto(f"{published.path}?lang=zh")
    main = page.locator("main")
    expect(main).to_contain_text("還沒公布")
    expect(main.get_by_role("heading", name="結果")).to_have_count(0)
    listed = codes(main)
    assert len(listed) == 7
    text = page.request.get(f"{published.path[:-5]}/tickets.txt").text()
    assert text.split() == listed
    expect(main.locator(".hash").first).to_have_text(sha256(text))


def test_the_result_stands_there_after_the_seed_in_the_order_anybody_works_out(
    open_context: OpenContext, drawn: Draw, tmp_path: Path
) -> None:
    page = open_context().new_page()
    page.goto(f"{drawn.path}?lang=zh")
    main = page.locator("main")
    expect(main).to_contain_text("重新計算，結果相同")
    expect(main).to_contain_text(Draw.SEED)
    selected = codes(main)
    assert len(selected) == 3
    waiting = [told.strip() for told in main.locator("details.more .codes").first.locator("li").all_text_contents()]
    tickets = saved(page, "tickets.txt", tmp_path)
    listed = tickets.read_text(encoding="utf-8")
    weight = {one: sha256(f"{Draw.SEED}\n{sha256(listed)}\n{one}") for one in listed.split()}
    assert selected + waiting == sorted(weight, key=lambda one: weight[one])
    (tmp_path / "recipe.py").write_text(page.locator("#recipe").inner_text(), encoding="utf-8")
    said = by_itself(tmp_path, "recipe.py")
    assert said.returncode == 0, said.stderr
    prefix = selected[0].rpartition("-")[0]
    assert said.stdout.splitlines() == [
        f"list {sha256(listed)}",
        f"{prefix} selected {' '.join(selected)}",
        f"{prefix} waiting {' '.join(waiting)}",
    ]


def test_the_checker_of_the_page_finds_the_draw_right_offline_and_a_changed_one_wrong(
    open_context: OpenContext, drawn: Draw, tmp_path: Path
) -> None:
    page = open_context().new_page()
    page.goto(drawn.path)
    checker, record = saved(page, "check_draw.py", tmp_path), saved(page, "draw.json", tmp_path)
    published = sha256("".join(f"{one}\n" for one in json.loads(record.read_text())["tickets"]))
    right = by_itself(tmp_path, checker.name, record.name, published)
    assert (right.returncode, right.stdout.strip()) == (0, "the draw is right"), right.stderr

    changed = json.loads(record.read_text())
    prefix = changed["tickets"][0].rpartition("-")[0]
    changed["tickets"][-1] = f"{prefix}-99999"
    (tmp_path / "other_list.json").write_text(json.dumps(changed))
    wrong = by_itself(tmp_path, checker.name, "other_list.json", published)
    assert wrong.returncode == 1 and "does not match the hash published before the draw" in wrong.stdout

    changed = json.loads(record.read_text())
    result = changed["results"][0]
    result["selected"][0], result["waiting"][0] = result["waiting"][0], result["selected"][0]
    (tmp_path / "other_result.json").write_text(json.dumps(changed))
    wrong = by_itself(tmp_path, checker.name, "other_result.json", published)
    assert wrong.returncode == 1 and "are not what the order gives" in wrong.stdout


def test_the_sheet_of_the_page_opens_and_has_the_same_order(
    open_context: OpenContext, drawn: Draw, tmp_path: Path
) -> None:
    page = open_context().new_page()
    page.goto(drawn.path)
    rows = read_table("tickets.ods", saved(page, "tickets.ods", tmp_path).read_bytes())
    told = {row[0]: row for row in rows[1:]}
    by_hash = sorted(told, key=lambda ticket: told[ticket][2])
    assert [int(told[ticket][3]) for ticket in by_hash] == list(range(1, 8))
    assert [told[ticket][4] for ticket in by_hash] == ["selected"] * 3 + ["waiting"] * 4
    main = page.locator("main")
    assert codes(main) == by_hash[:3]
    assert main.locator("details.more .codes").first.locator("li").all_text_contents() == by_hash[3:]


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 390), ("en", 1440)])
def test_the_own_ticket_is_found_on_a_phone(open_context: OpenContext, drawn: Draw, lang: str, width: int) -> None:
    page = open_context(width=width).new_page()
    page.goto(f"{drawn.path}?lang={lang}")
    ticket = codes(page.locator("main"))[1]
    page.locator("[name=ticket]").fill(ticket.lower())
    page.locator("[name=ticket]").press("Enter")
    page.wait_for_url("**ticket=**")
    expect(page.locator(".codes .me").first).to_have_text(ticket)
    said = f"{ticket}: selected, place 2" if lang == "en" else f"{ticket}：正取，2 號位"
    expect(page.locator("main .note").first).to_contain_text(said)
    assert overflow(page) == 0


def test_a_place_changed_behind_the_desks_back_shows_on_the_page(
    house: Any, open_context: OpenContext, drawn: Draw
) -> None:
    page = open_context().new_page()
    away = "UPDATE registration SET place_no = NULL WHERE round_id = :id AND place_no = 1"
    back = "UPDATE registration SET place_no = 1 WHERE round_id = :id AND status = 'selected' AND place_no IS NULL"
    database = house.database("venues")
    try:
        for change, said in ((away, "The places kept at the desk are not those published"), (back, "the same result")):
            with database.writing() as session:
                assert session.connection().execute(text(change), {"id": int(drawn.id)}).rowcount == 1
            page.goto(f"{drawn.path}?lang=en")
            expect(page.locator("main .note").first).to_contain_text(said)
    finally:
        database.dispose()
