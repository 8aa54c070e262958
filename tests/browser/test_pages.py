"""Every page in both languages, by day and by night, on a desk and on a narrow phone; those of venues beside this file."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from common.settings import SERVICES
from services import service_named
from services.web import build
from tests.browser.conftest import OpenContext
from tests.browser.pages import EXEMPT, MACHINERY, VISITS, Visit
from tests.browser.visiting import LOOKS, read_and_use

NOT_OF_VENUES = [visit for visit in VISITS if not visit.path.startswith("/venues/")]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("lang", LOOKS)
@pytest.mark.parametrize("visit", NOT_OF_VENUES, ids=[visit.name for visit in NOT_OF_VENUES])
def test_anyone_can_read_and_use_it(house: Any, open_context: OpenContext, visit: Visit, lang: str) -> None:
    read_and_use(house, open_context, visit, lang)


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
