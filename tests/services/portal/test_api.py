"""The portal for programs: tokens, people, feeds, audit."""

from typing import Any

import pytest
from sqlalchemy import select

from common import audit
from common.audit import AuditEntry
from common.identity import Person
from services.portal import people, sessions
from services.portal.models import Account
from tests.services.portal.helpers import PASSWORD, WRONG


def token(browser: Any, username: str, password: str = PASSWORD) -> Any:
    return browser().api("POST", "/tokens", {"username": username, "password": password})


@pytest.fixture
def program(browser: Any) -> Any:
    """`program("officer")`: an API client with a token it asked for."""

    def start(username: str) -> Any:
        answer = token(browser, username)
        assert answer.status_code == 200, answer.text
        opened = browser()
        opened.token = answer.json["access_token"]
        return opened

    return start


def test_a_token_names_its_owner_and_lives_thirty_minutes(browser: Any, clock: Any) -> None:
    answer = token(browser, "officer")
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 1800
    assert answer.headers["Cache-Control"] == "no-store"
    client = browser()
    client.token = answer.json["access_token"]
    me = client.api("GET", "/me").json
    assert (me["username"], me["agency"]["code"], me["roles"]) == ("officer", "SEC", ["officer", "staff"])
    assert isinstance(me["id"], str)
    clock.tick(minutes=31)
    assert client.api("GET", "/me").status_code == 401


def test_the_same_lock_guards_tokens_and_the_page(browser: Any, clock: Any) -> None:
    for _ in range(5):
        answer = token(browser, "officer", WRONG)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert token(browser, "officer").status_code == 401
    assert browser().submit("/sign-in", {"username": "officer", "password": PASSWORD}).status_code == 401
    clock.tick(minutes=15, seconds=1)
    assert token(browser, "officer").status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 422),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b"{", "application/json", 400),
        (b'{"username": 7, "password": "x"}', "application/json", 422),
        (b'{"username": "officer", "password": null}', "application/json", 422),
        (b'{"username": "officer", "password": "x", "role": "admin"}', "application/json", 422),
        (b'{"username": "\\u0000", "password": "x"}', "application/json", 422),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_with_the_reason(
    browser: Any, body: bytes, kind: str, status: int
) -> None:
    answer = browser().post("/api/v1/tokens", data=body, content_type=kind)
    assert answer.status_code == status
    assert answer.json["status"] == status


def test_a_form_is_not_json(browser: Any) -> None:
    answer = browser().post("/api/v1/tokens", data={"username": "officer", "password": PASSWORD})
    assert answer.status_code in (400, 415)
    assert answer.mimetype == "application/problem+json"


def test_cookies_open_no_operation(browser: Any) -> None:
    mine = browser("officer")
    assert mine.get("/api/v1/me").status_code == 401


def test_a_token_ends_with_its_session(program: Any, database: Any, residents: Any, now: Any) -> None:
    client = program("officer")
    assert client.api("GET", "/me").status_code == 200
    database.transact(lambda session: sessions.end_all(session, now, residents["officer"].id, None, "test"))
    assert client.api("GET", "/me").status_code == 401


def test_administrators_add_people_and_others_do_not(program: Any, browser: Any) -> None:
    body = {"username": "hsiaoman.lin", "name": "林小滿", "agency_id": "1", "roles": ["officer"]}
    assert program("officer").api("POST", "/people", body).status_code == 403
    assert program("auditor").api("POST", "/people", body).status_code == 403
    made = program("admin").api("POST", "/people", body)
    assert made.status_code == 201
    assert made.json["one_time_password"]
    assert made.json["agency"]["code"] == "SEC"
    assert token(browser, "hsiaoman.lin", made.json["one_time_password"]).status_code == 403
    assert program("admin").api("POST", "/people", body).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "Has Space"}, "username"),
        ({"username": ""}, "username"),
        ({"agency_id": "999"}, "agency_id"),
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles.0"),
        ({"roles": ["group"]}, "roles"),
        ({"agency_id": "3", "roles": ["officer"]}, "roles"),
        ({"mail": "nowhere"}, "mail"),
        ({"lang": "fr"}, "lang"),
        ({"active": True}, "active"),
    ],
)
def test_a_wrong_person_is_refused_at_the_field(program: Any, change: dict[str, Any], field: str) -> None:
    body = {"username": "new.one", "name": "新人", "agency_id": "1", "roles": ["officer"], **change}
    answer = program("admin").api("POST", "/people", body)
    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json["errors"]]


def test_people_are_listed_for_those_who_watch_over_accounts(program: Any) -> None:
    assert program("officer").api("GET", "/people").status_code == 403
    page = program("auditor").api("GET", "/people?limit=3").json
    assert [each["username"] for each in page["items"]] == ["admin", "auditor", "staff2"]
    rest = program("auditor").api("GET", f"/people?limit=50&cursor={page['next']}").json
    assert len(rest["items"]) == 11
    assert rest["next"] is None
    drivers = program("admin").api("GET", "/people?role=driver").json["items"]
    assert [each["username"] for each in drivers] == ["driver2", "driver"]
    assert [each["username"] for each in program("admin").api("GET", "/people?text=調度").json["items"]] == [
        "dispatcher"
    ]


def test_agencies_are_listed_for_everyone_who_is_signed_in(program: Any, browser: Any) -> None:
    assert browser().api("GET", "/agencies").status_code == 401
    assert len(program("group").api("GET", "/agencies").json["items"]) == 3
    assert [each["code"] for each in program("group").api("GET", "/agencies?kind=outside").json["items"]] == ["NGO1"]


def test_disabling_by_api_refuses_the_next_call(program: Any, residents: Any) -> None:
    victim, admin = program("officer"), program("admin")
    answer = admin.api("POST", f"/people/{residents['officer'].id}/disable", {"reason": "left"})
    assert answer.json["active"] is False
    assert victim.api("GET", "/me").status_code == 401
    assert admin.api("POST", "/people/99999/disable", {}).status_code == 404


def test_the_last_administrator_cannot_be_disabled(program: Any, residents: Any) -> None:
    answer = program("admin").api("POST", f"/people/{residents['admin'].id}/disable", {})
    assert answer.status_code == 409


def test_nobody_changes_ones_own_role_through_a_form(browser: Any, database: Any, residents: Any) -> None:
    mine = browser("officer")
    form = {"lang": "en", "mail": "a@example.org", "phone": "1", "roles": "admin", "agency_id": "2", "active": "0"}
    assert mine.submit("/account/details", form).status_code == 303
    with database.reading() as session:
        person = session.get(Person, residents["officer"].id)
        assert (person.lang, person.mail, person.phone) == ("en", "a@example.org", "1")
        assert (person.roles, person.agency_id, person.active) == (["officer", "staff"], 1, True)
    assert (
        mine.submit(f"/people/{residents['officer'].id}", {"roles": "admin", "name": "x", "agency_id": "1"}).status_code
        == 403
    )


def test_the_audit_log_is_listed_newest_first_and_its_chain_holds(program: Any, database: Any) -> None:
    watcher = program("auditor")
    program("admin").api(
        "POST", "/people", {"username": "new.one", "name": "新人", "agency_id": "1", "roles": ["officer"]}
    )
    assert program("officer").api("GET", "/audit").status_code == 403
    rows = watcher.api("GET", "/audit?action=person.create").json["items"]
    assert [row["actor_name"] for row in rows] == ["admin"]
    assert rows[0]["after"]["username"] == "new.one"
    assert watcher.api("GET", "/audit/verification").json["unlinked"] > 0
    database.transact(audit.chain)
    told = watcher.api("GET", "/audit/verification").json
    assert told == {"ok": True, "checked": told["checked"], "unlinked": 0, "first_bad": None}
    assert told["checked"] >= 4


def test_an_act_by_an_administrator_is_written_with_before_and_after(database: Any, residents: Any, now: Any) -> None:
    def act(session: Any) -> None:
        admin, officer = (session.get(Person, residents[name].id) for name in ("admin", "officer"))
        people.change(session, admin, now, officer, "promoted", roles=["supervisor", "officer", "staff"])

    database.transact(act)
    with database.reading() as session:
        row = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.change")).one()
    assert row.before["roles"] == ["officer", "staff"]
    assert row.after["roles"] == ["supervisor", "officer", "staff"]
    assert (row.actor_name, row.reason) == ("admin", "promoted")


def test_every_operation_of_the_contract_is_documented(browser: Any) -> None:
    document = browser().get("/api/v1/openapi.json").json
    named = {
        each["operationId"] for path in document["paths"].values() for each in path.values() if "operationId" in each
    }
    assert named >= {
        "createToken", "getMe", "listAgencies", "listPeople", "createPerson", "disablePerson", "createFeed", "listFeeds",
        "revokeFeed", "listAudit", "verifyAudit",
    }  # fmt: skip


def test_no_answer_carries_a_hash(program: Any, database: Any) -> None:
    with database.reading() as session:
        hashes = [row.password_hash for row in session.scalars(select(Account))]
    told = program("admin").api("GET", "/people?limit=200").text + program("admin").api("GET", "/audit?limit=200").text
    assert "argon2" not in told
    assert not any(each in told for each in hashes)
