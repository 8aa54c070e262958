"""The Jinja side of the look, without a browser: words, dates, amounts, icons, budgets, the style guide's completeness."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import lucide
import pytest
from flask import Flask, g, render_template

from common.period import Period, taipei
from common.web import look, styleguide
from common.words import Words

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    p for folder in ("common", "fleet", "venues", "dorms", "services") for p in (ROOT / folder).rglob("*.html")
)
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture
def app() -> Flask:
    app = Flask("look", static_folder=None)
    app.secret_key = "look"
    look.install(
        app, nav=[("venues", "landmark", Words("場地", "Venues"), "/venues/")], home={"start": "/", "rules": "/rules"}
    )
    app.add_url_rule("/static/<path:filename>", "static", app.send_static_file)
    app.add_url_rule("/guide", "guide", lambda: render_template("styleguide.html", **styleguide.samples(NOW)))
    return app


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context("/venues/7?lang=en&page=2"):
        g.lang, g.now = request.param, NOW
        yield request.param


def told(lang: str, zh: str, en: str) -> str:
    return en if lang == "en" else zh


def test_words_come_in_the_readers_language(lang: str) -> None:
    assert look.t(Words("市鑰", "Citykeys")) == told(lang, "市鑰", "Citykeys")
    assert look.t("車", "car") == told(lang, "車", "car")
    assert look.t(None) == ""


def test_a_period_of_one_day_names_the_day_once(lang: str) -> None:
    trip = Period.of_local(TODAY, "13:30", "17:00")
    assert look.when(trip) == told(lang, "11月23日（週一）13:30–17:00", "Mon 23 Nov 13:30–17:00")


def test_the_year_is_told_when_it_is_another_one(lang: str) -> None:
    assert look.date_words(date(2027, 5, 31)) == told(lang, "116年5月31日（週一）", "Mon 31 May 2027")


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(minutes=210), "3 小時 30 分", "3 h 30 min"),
        (45, "45 分", "45 min"),
        (timedelta(days=1, hours=2), "1 天 2 小時", "1 d 2 h"),
        (0, "0 分", "0 min"),
    ],
)
def test_lengths_are_told_in_words(lang: str, length: timedelta | int, zh: str, en: str) -> None:
    assert look.duration(length) == told(lang, zh, en)


def test_how_far_away_something_is(lang: str) -> None:
    assert look.ago(NOW - timedelta(minutes=12)) == told(lang, "12 分前", "12 min ago")
    assert look.ago(taipei(TODAY, "13:30")) == told(lang, "4 小時 30 分後", "in 4 h 30 min")


def test_far_away_is_told_roughly(lang: str) -> None:
    assert look.ago(NOW - timedelta(hours=20, minutes=6)) == told(lang, "20 小時前", "20 h ago")
    assert look.ago(NOW - timedelta(days=3, hours=5)) == told(lang, "3 天前", "3 d ago")


def test_money_is_whole_and_minus_is_a_minus(lang: str) -> None:
    assert look.money(13750) == "13,750"
    assert look.money(-8400, unit=True) == told(lang, "−8,400 元", "−NT$8,400")


def test_switching_language_keeps_the_page_and_its_query(lang: str) -> None:
    assert look.here_with(lang="zh") == "/venues/7?page=2&lang=zh"


def test_the_navigation_knows_where_it_is(lang: str) -> None:
    items = [
        ("venues", "landmark", Words("場地", "Venues"), "/venues/"),
        ("home", "house", Words("首頁", "Start"), "/"),
    ]
    assert look.current(items) == "venues"
    assert look.current(items, here="home") == "home"


def test_months_are_laid_out_from_monday() -> None:
    rows = look.weeks(styleguide.month_days(date(2026, 12, 12)))
    assert [day and day["date"].day for day in rows[0]] == [None, 1, 2, 3, 4, 5, 6]
    assert rows[-1][3]["date"].day == 31


def test_static_files_carry_their_content_in_their_address(app: Flask) -> None:
    with app.test_request_context("/"):
        address = look.asset("city.css")
    answer = app.test_client().get(address)
    assert re.search(r"\?v=[0-9a-f]{10}$", address)
    assert "immutable" in answer.headers["Cache-Control"]
    assert "immutable" not in app.test_client().get("/static/city.css").headers.get("Cache-Control", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_style_guide_shows_every_part(app: Flask, language: str) -> None:
    app.before_request(lambda: setattr(g, "lang", language))
    page = app.test_client().get("/guide")
    assert page.status_code == 200
    parts = set(re.findall(r"{% macro ([a-z]\w*)\(", (look.TEMPLATES / "parts.html").read_text()))
    guide = (look.TEMPLATES / "styleguide.html").read_text()
    within = {"error_for", "timeline", "errors", "copy_field"}  # shown through others, or only when a form was refused
    assert {part for part in parts - within if f"p.{part}(" not in guide} == set()


def test_style_sheets_and_script_keep_to_their_budget() -> None:
    sizes = {path.name: path.stat().st_size for path in look.STATIC.iterdir()}
    assert sizes["city.css"] <= 30 * 1024
    assert sizes["pages.css"] <= 12 * 1024
    assert sizes["board.css"] <= 12 * 1024
    assert sizes["app.js"] + max(sizes["more.js"], sizes["board.js"]) <= 10 * 1024


@pytest.mark.parametrize("sheet", ["city.css", "pages.css", "board.css"])
def test_font_sizes_follow_the_readers_own(sheet: str) -> None:
    text = (look.STATIC / sheet).read_text()
    assert not re.findall(r"font(?:-size)?:[^;}]*\d(?:px|pt)\b", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_name_real_icons_and_hold_no_inline_style_or_handler(template: Path) -> None:
    text = template.read_text()
    named = re.findall(r"""(?:icon=|\bicon\(|\bpic\(|"icon": )["']([a-z0-9-]+)["']""", text)
    assert [name for name in set(named) - set(look.OWN_ICONS) if not _drawn(name)] == []
    markup = re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
    assert not re.findall(r"<[^>]*\s(?:style|on[a-z]+)=", markup)
    assert not re.findall(r"<script(?![^>]*\ssrc=)", markup)


def _drawn(name: str) -> bool:
    try:
        lucide._render_icon(name, 16)
    except lucide.IconDoesNotExist:
        return False
    return True


PAGES = sorted(
    p for folder in ("fleet", "venues", "dorms", "services") for p in (ROOT / folder).rglob("*.py") if "pages" in str(p)
)


@pytest.mark.parametrize("source", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_hides_what_every_page_needs(source: Path) -> None:
    """A value called `home` given to a template would take the footer's links away, and so on."""
    given = re.findall(r"[(,]\s+(home|nav|form|person|lang|zh|asset|icon|banner|notices|nonce)=", source.read_text())
    assert given == []
