"""docs/rules.md and its page: every rule can be linked to, every source is named, both languages are whole."""

import re
from pathlib import Path
from typing import Any

import pytest

from services.portal import rules_page

ROOT = Path(__file__).resolve().parents[3]
CITED = re.compile(r"(?<![A-Za-z0-9-])([VSMTGDC]-\d{2})(?!\d)")


def rules() -> list[rules_page.Rule]:
    return [rule for part in rules_page.parts() for kind, block in part.blocks if kind == "rules" for rule in block]  # type: ignore[attr-defined]


def test_every_rule_stands_once_with_both_languages_a_status_and_a_source_or_a_reason() -> None:
    numbers = [rule.id for rule in rules()]
    assert len(numbers) == len(set(numbers)) == 183
    for rule in rules():
        assert rule.statuses, rule.id
        assert rules_page.HAN.search(rule.words.zh), rule.id
        assert re.search("[A-Za-z]{3}", rule.words.en), rule.id


def test_every_source_that_is_named_is_listed() -> None:
    text = rules_page.RULES.read_text(encoding="utf-8")
    listed = set(re.findall(r"^- \[([^\]]+)\]", text, re.MULTILINE))
    named = {found[1] for rule in rules() for found in rules_page.SOURCE.finditer(rule.basis)}
    assert named <= listed
    assert len(listed) > 90


def test_every_rule_cited_in_the_code_and_pages_exists() -> None:
    known = {rule.id for rule in rules()}
    missing: dict[str, str] = {}
    for folder in ("common", "fleet", "venues", "dorms", "services"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".html") and "migrations" not in path.parts:
                missing |= {
                    rule: str(path.relative_to(ROOT))
                    for rule in CITED.findall(path.read_text(encoding="utf-8"))
                    if rule not in known
                }
    assert not missing


def test_every_rule_on_venues_says_where_it_lives_and_every_place_named_is_there() -> None:
    part = next(part for part in rules_page.parts() if part.title.zh.startswith("2.5"))
    table = next(block for kind, block in part.blocks if kind == "table")
    told = {rule for row in table.rows for rule in CITED.findall(row[0])}  # type: ignore[attr-defined]
    assert told == {rule.id for rule in rules() if rule.id[0] in "SMTG"}
    named = {place for row in table.rows for place in row[-1].split(", ") if place != "—"}  # type: ignore[attr-defined]
    assert not [place for place in sorted(named) if not (ROOT / place).exists()]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_an_anchor_for_every_rule_and_every_link_leads_somewhere(browser: Any, lang: str) -> None:
    page = browser().get(f"/rules?lang={lang}").text
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert {rule.id for rule in rules()} <= set(anchors)
    broken = {target for target in re.findall(r'href="#([^"]+)"', page)} - set(anchors)
    assert not broken


def test_the_english_page_shows_the_english_text_and_the_chinese_page_the_chinese(browser: Any) -> None:
    assert "每時段 5,000 元" in browser().get("/rules?lang=zh").text
    english = browser().get("/rules?lang=en").text
    assert "NT$5,000 per slot" in english
    assert "每時段 5,000 元" not in english


def test_what_the_file_says_stays_text() -> None:
    told = str(rules_page.to_markup("<script>alert(1)</script> **bold** S-04 [ATRIUM] https://a.example/x?y=1&z=2 end"))
    assert "<script>" not in told
    assert "<strong>bold</strong>" in told
    assert 'href="#S-04"' in told
    assert 'href="#source-ATRIUM"' in told
    assert 'href="https://a.example/x?y=1&amp;z=2"' in told


def test_no_path_of_anybodys_machine_is_in_it() -> None:
    text = rules_page.RULES.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.:/-])/(work|home|root|tmp)/", text)
    assert "stored page" not in text
