"""A visit of a page: there as a person gets there, then looked at by the checkers, wide and narrow, by day and by night."""

import os
import re
from typing import Any
from unittest import mock

from playwright.sync_api import Page

from tests.browser.checks import Watch, axe_faults, moda_faults, nameless, open_all, overflow
from tests.browser.conftest import OpenContext
from tests.browser.pages import VISITS, Visit, first_link

LOOKS = {"zh": ((1440, "light"), (320, "dark")), "en": ((1440, "dark"), (320, "light"))}
"""Each language with each width and each of day and night, once."""
EVERY_LOOK = os.environ.get("EVERY_LOOK", "") not in ("", "0")
"""Whether axe judges each page in both languages; else in one, by turns, in both of that language's looks."""
ON_THIS_MACHINE = {"A11Y_ALLOW_PRIVATE_HOSTS": "1"}
"""a11y-moda fetches the style sheets of the page it judges; here they live on this machine."""


def go(page: Page, visit: Visit, lang: str) -> None:
    """To the page of a visit, in a language, the way a person gets there."""
    answer = page.goto(f"{visit.path}{'&' if '?' in visit.path else '?'}lang={lang}")
    for pattern in visit.then:
        address = first_link(page, pattern)
        assert address, f"{page.url} shows no link to {pattern}"
        answer = page.goto(address)
    assert answer is not None and answer.status == visit.status, f"{page.url} answers {answer and answer.status}"
    if visit.reach:
        visit.reach(page)
    if visit.shows:
        assert re.search(visit.shows.replace("1", r"\d+") + r"(\?|$)", page.url), f"led to {page.url}"


def read_and_use(house: Any, open_context: OpenContext, visit: Visit, lang: str) -> None:
    """Go there in a language; nothing may be complained of, and nothing wider than the window."""
    page = open_context(visit.as_).new_page()
    watch = Watch(page, house.url)
    go(page, visit, lang)
    assert page.locator("html").get_attribute("lang") == ("en" if lang == "en" else "zh-Hant-TW")
    assert page.locator("h1").count() == 1
    if not visit.reach and visit.path != "/styleguide":  # which shows how a refusal looks
        assert page.locator(".errsum").all_inner_texts() == [], "nothing was typed, yet something is refused"
    open_all(page)
    with mock.patch.dict(os.environ, ON_THIS_MACHINE):
        faults: dict[str, Any] = {"inline": nameless(page), "moda": moda_faults(page)}
    for width, theme in LOOKS[lang]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # no colour is seen half-way
        faults[f"wider than {width}"] = overflow(page)
        if EVERY_LOOK or lang == ("zh", "en")[VISITS.index(visit) % 2]:
            faults[f"axe, {theme} at {width}"] = axe_faults(page)
    faults |= {"strangers": watch.strangers, "complaints": watch.complaints}
    found = {name: each for name, each in faults.items() if each}
    assert found == {}, found
