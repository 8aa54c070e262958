"""Every page in both languages, by day and by night, on a desk and on a narrow phone: each of these with each other."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from common.settings import SERVICES
from services import service_named
from services.web import build
from tests.browser.checks import Watch, axe_faults, moda_faults, nameless, open_all, overflow
from tests.browser.conftest import OpenContext
from tests.browser.pages import EXEMPT, MACHINERY, VISITS, Visit, first_link

LOOKS = {"zh": ((1440, "light"), (320, "dark")), "en": ((1440, "dark"), (320, "light"))}


@pytest.fixture(autouse=True)
def scan_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """a11y-moda fetches the style sheets of the page it judges; here they live on this machine."""
    monkeypatch.setenv("A11Y_ALLOW_PRIVATE_HOSTS", "1")


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


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("lang", LOOKS)
@pytest.mark.parametrize("visit", VISITS, ids=[visit.name for visit in VISITS])
def test_anyone_can_read_and_use_it(house: Any, open_context: OpenContext, visit: Visit, lang: str) -> None:
    page = open_context(visit.as_).new_page()
    watch = Watch(page, house.url)
    go(page, visit, lang)
    assert page.locator("html").get_attribute("lang") == ("en" if lang == "en" else "zh-Hant-TW")
    assert page.locator("h1").count() == 1
    if not visit.reach and visit.path != "/styleguide":  # which shows how a refusal looks
        assert page.locator(".errsum").all_inner_texts() == [], "nothing was typed, yet something is refused"
    open_all(page)
    faults: dict[str, Any] = {"inline": nameless(page), "moda": moda_faults(page)}
    for width, theme in LOOKS[lang]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # no colour is seen half-way
        faults[f"axe, {theme} at {width}"] = axe_faults(page)
        faults[f"wider than {width}"] = overflow(page)
    faults |= {"strangers": watch.strangers, "complaints": watch.complaints}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("service", SERVICES)
def test_every_page_is_visited(service: str, make_settings: Callable[..., Any]) -> None:
    """Every GET address that answers with a page has its visit above, or a reason why not."""
    described = service_named(service)
    app = build(described, make_settings(described))
    prefix = "" if service == "portal" else f"/{service}"
    seen = {_rule_at(app.url_map, visit.ends_at, prefix) for visit in VISITS}
    unseen = [
        prefix + rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and rule.rule not in seen
        and prefix + rule.rule not in EXEMPT
        and (rule.rule == "/api/v1/docs" or not rule.rule.startswith(MACHINERY))
    ]
    assert unseen == []


@pytest.mark.parametrize("address", EXEMPT)
def test_nothing_is_exempted_that_does_not_exist(address: str, make_settings: Callable[..., Any]) -> None:
    service = next((name for name in SERVICES if address.startswith(f"/{name}/")), "portal")
    described = service_named(service)
    rules = {rule.rule for rule in build(described, make_settings(described)).url_map.iter_rules()}
    assert (address.removeprefix(f"/{service}") if service != "portal" else address) in rules


def _rule_at(addresses: Map, path: str, prefix: str) -> str | None:
    """The rule of this service that answers at `path`, if one does."""
    if not path.startswith(prefix + "/"):
        return None
    try:
        rule, _ = addresses.bind("localhost").match(path.removeprefix(prefix), method="GET", return_rule=True)
    except HTTPException:
        return None
    assert isinstance(rule, Rule)
    return rule.rule
