"""What is somebody's is not somebody else's: roles × routes × owner, generated from the routes there are."""

import re
from typing import Any

import pytest
from sqlalchemy import Table, select
from werkzeug.routing import Rule

from common.messages import SharedBase
from tests.contracts.city import HOUSE, City, api_of
from tests.contracts.documents import OPERATIONS, example_of, shape

SHUT = (403, 404)

# A page that lists one's own jobs whatever the address names: it must not tell of somebody else's.
OWN_LIST = "/driver/<int:trip_id>"

# What, where, its table, the argument of its routes, the column of its owner, the owner, and who must not come near it.
THINGS = (
    ("trip", "fleet", "trip", "trip_id", "requester_id", "officer", ("officer2", "staff2", "driver2", "group")),
    ("booking", "venues", "booking", "booking_id", "applicant_id", "group", ("officer2", "staff", "driver", "dorms")),
    ("meeting", "venues", "meeting", "meeting_id", "booked_by_id", "officer", ("group", "driver2")),
    ("registration", "venues", "registration", "registration_id", "person_id", "group", ("officer2", "staff", "driver", "dorms")),
    ("loan", "venues", "loan", "loan_id", "applicant_id", None, ("staff", "driver2", "dorms")),
    ("posting", "venues", "posting", "posting_id", "applicant_id", None, ("staff", "driver2", "dorms")),
    ("application", "dorms", "application", "application_id", "person_id", "staff", ("staff2", "officer", "venues", "group", "admin")),
    ("offer", "dorms", "offer", "offer_id", "person_id", None, ("staff2", "officer", "venues", "group", "admin")),
    ("tenancy", "dorms", "tenancy", "tenancy_id", "person_id", None, ("staff2", "officer", "venues", "group", "admin")),
    ("repair", "dorms", "repair", "repair_id", "person_id", None, ("officer", "venues", "group", "admin")),
    ("check", "dorms", "house_check", "check_id", "person_id", None, ("officer", "venues", "group", "admin")),
    ("residence case", "dorms", "residence_case", "case_id", "person_id", None, ("officer", "venues", "group", "admin")),
    ("feed", "portal", "feed", "feed_id", "person_id", "officer", ("officer2", "supervisor", "group", "admin")),
    ("sign-in", "portal", "session", "session_id", "person_id", "officer", ("officer2", "supervisor", "admin")),
    ("message", "messenger", "delivery", "message_id", "person_id", "driver", ("driver2", "officer", "dispatcher", "admin")),
    ("mail", "messenger", "delivery", "delivery_id", "person_id", "driver", ("driver2", "officer", "group", "staff2")),
)  # fmt: skip
CASES = [pytest.param(thing[1:6], stranger, id=f"{thing[0]}-{stranger}") for thing in THINGS for stranger in thing[6]]


def table_of(service: str, name: str) -> Table:
    tables: dict[str, Table] = {
        t.name: t for base in (SharedBase.metadata, HOUSE[service].metadata) for t in base.sorted_tables
    }
    return tables[name]


def row(city: City, service: str, table: Table, row_id: int) -> dict[str, Any]:
    with city.databases[service].reading() as session:
        return dict(session.execute(select(table).where(table.c.id == row_id)).mappings().one())


def newest(city: City, service: str, table: Table, owner_column: str, owner: str | None, strangers: list[int]) -> int:
    """The newest row of the owner, or of anybody who is no stranger."""
    owned = table.c[owner_column]
    of_them = owned == city.people[owner] if owner else owned.not_in(strangers)
    with city.databases[service].reading() as session:
        found = session.scalar(select(table.c.id).where(of_them).order_by(table.c.id.desc()).limit(1))
    assert found, f"the city has no {table.name} of {owner}"
    return int(found)


def routes(city: City, service: str, argument: str) -> list[Rule]:
    return [rule for rule in city.apps[service].url_map.iter_rules() if rule.arguments == {argument}]


@pytest.fixture(scope="module")
def belongings(city: City) -> City:
    """The city, where the officer has a calendar address and somebody is signed in by password."""
    assert city.visitor("portal", "officer").api("POST", "/feeds", {"kind": "my", "label": "phone"}).status_code == 201
    body = {"username": "officer", "password": "demo-password-of-the-tests"}
    assert city.visitor("portal").api("POST", "/tokens", body).status_code == 200
    city.spread()
    return city


@pytest.mark.parametrize(("thing", "stranger"), CASES)
def test_a_stranger_neither_sees_nor_changes_it(thing, stranger, belongings):
    city = belongings
    service, table_name, argument, owner_column, owner = thing
    table = table_of(service, table_name)
    row_id = newest(city, service, table, owner_column, owner, [city.people[stranger]])
    before = row(city, service, table, row_id)
    visitor = city.visitor(service, stranger)
    doors = routes(city, service, argument)
    assert doors
    for rule in doors:
        path = re.sub("<[^>]+>", str(row_id), rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if path.startswith("/api/v1"):
                status = visitor.api(method, path.removeprefix("/api/v1"), body_for(service, rule, method)).status_code
                assert status in SHUT, f"{stranger} {method} {path}: {status}"
            elif rule.rule == OWN_LIST:
                assert visitor.get(path).status_code in SHUT or before["number"] not in visitor.get(path).get_data(
                    as_text=True
                )
            elif method == "GET":
                assert visitor.get(path).status_code in SHUT, f"{stranger} {path}"
            else:
                status = visitor.submit(path, {"reason": "x", "rev": str(before.get("rev", 1))}).status_code
                assert status in (*SHUT, 422), f"{stranger} {path}: {status}"
    assert row(city, service, table, row_id) == before


def body_for(service: str, rule: Rule, method: str) -> Any:
    """The documented example of what an operation takes."""
    wanted = [
        each
        for each in api_of(HOUSE[service]).operations
        if f"/api/v1{each.rule}" == rule.rule and each.method == method
    ]
    if not wanted or "requestBody" not in OPERATIONS[service][wanted[0].operation_id]:
        return None
    example = example_of(service, shape(service, wanted[0].operation_id, "body"))
    return {name: value for name, value in example.items() if name != "rev"}
