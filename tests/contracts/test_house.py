"""Promises about the whole house: every door guarded, every page standing, every setting and migration accounted for."""

import re
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from werkzeug.routing import Rule

from common import settings as told
from common.migrations import difference, heads
from common.web.access import Access
from services.portal.feeds import KINDS
from services.web import build
from tests.contracts.city import HOUSE, ROLES, City, ids_for

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
NOBODY = (200, 303, 401, 403, 404)
FEED_REFS = {"vehicle": ("fleet", "vehicle"), "venue": ("venues", "venue")}
FEED_OWNERS = {"driver": "driver", "vehicle": "dispatcher", "bookings": "group", "dorm": "staff", "dorms": "dorms"}

every_service = pytest.mark.parametrize("service", HOUSE)


def rules(city: City, service: str, method: str) -> list[Rule]:
    """The addresses that take `method`, the API's aside: its document is tested elsewhere."""
    found = [
        rule
        for rule in city.apps[service].url_map.iter_rules()
        if method in (rule.methods or ()) and rule.endpoint != "static" and not rule.rule.startswith("/api/v1/")
    ]
    return sorted(found, key=lambda rule: rule.rule)


def addresses(rule: Rule, known: dict[str, list[str]], most: int = 3) -> list[str]:
    """The rule with ids of rows there are (the oldest and the newest), and of one there is not."""
    if not rule.arguments:
        return [rule.rule]
    if "token" in rule.arguments:
        return [re.sub("<token>", "x" * 43, rule.rule)]
    if "step" in rule.arguments:
        return [re.sub("<[^>]+>", step, rule.rule) for step in ("eligibility", "edit", "check")]
    shapes = spelled_out(rule.rule)
    names = re.findall(r"<(?:\w+:)?(\w+)>", shapes[0])
    if not names:
        return shapes
    columns = [[*rows[:1], *rows[-most:], "987654321"] for rows in (ids_for(name, known) for name in names)]
    blanks = [re.sub(r"<[^>]+>", "{}", shape) for shape in shapes]
    return [blank.format(*row) for blank in blanks for row in zip(*columns, strict=False)]


def spelled_out(address: str) -> list[str]:
    """The address with each of the words that may stand in it: `x.<any(csv,ods):form>` is x.csv and x.ods."""
    choice = re.search(r"<any\(([^)]*)\):\w+>", address)
    if choice is None:
        return [address]
    return [
        each for word in choice[1].split(",") for each in spelled_out(address.replace(choice[0], word.strip(" '\""), 1))
    ]


@every_service
def test_every_route_names_who_may_come(service, city):
    app = city.apps[service]
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            assert isinstance(app.view_functions[rule.endpoint].access, Access), rule.rule


@every_service
def test_no_page_fails_for_a_stranger(service, city, ids):
    visitor = city.visitor(service)
    answers = {
        url: visitor.get(url).status_code
        for rule in rules(city, service, "GET")
        for url in addresses(rule, ids[service])
    }
    assert {url: status for url, status in answers.items() if status not in NOBODY} == {}
    assert {answers["/events"], answers["/snapshot"]} == {401}


@every_service
@pytest.mark.parametrize("username", ROLES)
def test_no_page_fails_for_anybody(service, username, city, ids):
    visitor = city.visitor(service, username)
    answers = {
        url: visitor.get(url).status_code
        for rule in rules(city, service, "GET")
        for url in addresses(rule, ids[service])
    }
    assert {url: status for url, status in answers.items() if status >= 500 or status == 405} == {}
    assert 200 in answers.values()


@every_service
def test_a_form_without_its_token_changes_nothing(service, city, ids):
    """Neither for a stranger nor for anybody who may send it; what was typed is given back, or the door stays shut."""
    before = city.rows(service)
    for username in (None, *ROLES):
        visitor = city.visitor(service, username)
        for rule in rules(city, service, "POST"):
            for url in addresses(rule, ids[service], most=1):
                status = visitor.post(url, data={"reason": "x", "rev": "1"}).status_code
                assert status in (303, 400, 401, 403, 404), f"{username} {url}: {status}"
                assert status != 303 or url == "/sign-out", f"{username} {url}"
    assert city.rows(service) == before


@every_service
def test_a_history_has_one_end(service):
    assert len(heads(HOUSE[service])) == 1


@every_service
def test_the_migrations_make_what_the_models_say(service, make_settings):
    assert difference(HOUSE[service], make_settings(HOUSE[service]).database_url) == []


@pytest.mark.parametrize("name", [setting.name for setting in told.CATALOGUE])
def test_a_setting_is_documented(name):
    assert re.search(rf"^\| `{name}`", OPERATIONS, re.MULTILINE)


def test_the_code_reads_no_other_settings():
    known = {setting.name for setting in told.CATALOGUE} | {"DEMO_PASSWORD"}
    read: dict[str, str] = {}
    for folder in ("common", "fleet", "venues", "dorms", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            for name in re.findall(
                r"""(?:os\.environ|environment|\benv)(?:\.get\(|\[)["']([A-Z_]+)["']""", path.read_text()
            ):
                read[name] = path.relative_to(ROOT).as_posix()
    assert {name: path for name, path in read.items() if name not in known and not name.endswith("_URL")} == {}


def test_no_document_names_a_setting_that_is_none():
    known = {setting.name for setting in told.CATALOGUE} | {"DEMO_PASSWORD"}
    section = OPERATIONS.split("## Settings")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", section, re.MULTILINE)) <= known


@pytest.mark.parametrize("kind", KINDS)
def test_a_calendar_of_every_kind_can_be_read(kind, city):
    """Made at the portal, handed over by message, served by its service, read back by a calendar library; then revoked."""
    username = FEED_OWNERS.get(kind, "officer")
    service, table = FEED_REFS.get(kind, ("", ""))
    body: dict[str, Any] = {"kind": kind, "label": "t"}
    if KINDS[kind].needs_ref:
        body["ref"] = city.ids(service)[table][0]
    owner = city.visitor("portal", username)
    made = owner.api("POST", "/feeds", body)
    assert made.status_code == 201, made.json
    city.spread()
    reader = city.visitor(KINDS[kind].service)
    address = "/feeds/" + made.json["url"].rpartition("/")[2]
    answer = reader.get(address)
    assert answer.status_code == 200 and answer.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.data)
    assert calendar["VERSION"] == "2.0" and calendar["PRODID"]
    uids = [event["UID"] for event in calendar.walk("VEVENT") if event["DTSTAMP"] and event["DTSTART"]]
    assert len(uids) == len(set(uids)) == len(calendar.walk("VEVENT"))
    assert reader.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert owner.api("DELETE", f"/feeds/{made.json['id']}").status_code == 204
    city.spread()
    assert reader.get(address).status_code == 404


@every_service
def test_an_app_with_a_bare_route_does_not_start(service, make_settings):
    """The guard itself: a route that names nobody is refused when the app is built."""
    app = build(HOUSE[service], make_settings(HOUSE[service]))
    bare = [rule.rule for rule in app.url_map.iter_rules() if not hasattr(app.view_functions[rule.endpoint], "access")]
    app.extensions["database"].dispose()
    assert bare == ["/static/<path:filename>"]
