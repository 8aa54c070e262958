"""Doors for programs: bearer tokens only, refusals as problem+json with paths, each keyed request once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from common.db import Database
from common.identity import Person
from tests.common.web_helpers import Open, assert_problem, fields_of, make_thing, titles
from tests.conftest import PersonAtWork

# ── the API ────────────────────────────────────────────────────────────────────────────────────────────────────────


def raw(person: PersonAtWork, body: bytes, content_type: str | None = "application/json") -> TestResponse:
    return person.application.test_client().post(
        "/api/v1/things", data=body, content_type=content_type, headers={"Authorization": f"Bearer {person.token}"}
    )


def test_a_program_makes_reads_changes_and_drops(client: Open, officer: PersonAtWork) -> None:
    made = officer.api("POST", "/things", {"title": "中庭", "count": 3})
    assert (made.status_code, made.get_json()) == (201, {"id": "1", "rev": 1, "title": "中庭", "count": 3})
    assert officer.api("GET", "/things/1").get_json()["title"] == "中庭"
    assert officer.api("PATCH", "/things/1", {"title": "大廳", "rev": 1}).get_json()["rev"] == 2
    gone = client(as_="admin").api("DELETE", "/things/1")
    assert (gone.status_code, gone.data) == (204, b"")
    assert_problem(officer.api("GET", "/things/1"), 404, "not-found")


def test_the_cookie_of_a_browser_is_not_accepted_on_the_api(officer: PersonAtWork, database: Database) -> None:
    assert officer.get("/mine").status_code == 200
    answer = officer.get("/api/v1/things")
    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert_problem(officer.post("/api/v1/things", json={"title": "x"}), 401)
    assert titles(database) == []


@pytest.mark.parametrize("sent", ["Basic {}", "{}", "Token {}", "Bearer", "Bearer x{}", "Bearer {} {}"])
def test_only_a_bearer_token_counts(officer: PersonAtWork, sent: str) -> None:
    answer = officer.application.test_client().get(
        "/api/v1/things", headers={"Authorization": sent.format(officer.token, officer.token)}
    )
    assert_problem(answer, 401)


def test_a_bearer_token_opens_no_page(officer: PersonAtWork) -> None:
    answer = officer.application.test_client().get("/mine", headers={"Authorization": f"Bearer {officer.token}"})
    assert answer.status_code == 303


def test_one_who_may_not_is_told_so(client: Open) -> None:
    assert_problem(client(as_="driver").api("POST", "/things", {"title": "x"}), 403, "forbidden")
    assert_problem(client().api("POST", "/things", {"title": "x"}), 401)
    assert_problem(client().api("POST", "/things", {"wrong": 1}), 401)


@pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b"\xff\xfe", b'{"title": NaN', b"[" * 100_000, b"nul"])
def test_what_is_no_json_is_refused(officer: PersonAtWork, body: bytes) -> None:
    assert_problem(raw(officer, body), 400, "problem")


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", None],
)
def test_another_format_is_refused(officer: PersonAtWork, kind: str | None) -> None:
    assert_problem(raw(officer, b'{"title": "x"}', kind), 415, "unsupported-format")


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"x"',
        b"1",
        b"null",
        b"true",
        b'{"title": 5}',
        b'{"title": null}',
        b"{}",
        b'{"title": "x", "count": 1e400}',
        b'{"title": "x", "count": NaN}',
        b'{"title": "\\u0000"}',
        b'{"title": "\\ud800"}',
        b'{"title": "x", "count": 99999999999999999999}',
        b"",
    ],
)
def test_json_of_another_shape_is_refused(officer: PersonAtWork, database: Database, body: bytes) -> None:
    assert_problem(raw(officer, body), 422, "invalid")
    assert titles(database) == []


def test_an_unknown_or_wrong_field_is_named_with_its_path(officer: PersonAtWork, database: Database) -> None:
    assert fields_of(officer.api("POST", "/things", {"title": "x", "status": "approved"})) == ["status"]
    assert sorted(fields_of(officer.api("POST", "/things", {"title": "x", "id": "1", "rev": 5}))) == ["id", "rev"]
    parts = [{"size": 1}, {"size": 0}, {"size": 2, "price": 0}]
    assert sorted(fields_of(officer.api("POST", "/things", {"title": "x", "parts": parts}))) == [
        "parts.1.size",
        "parts.2.price",
    ]
    assert fields_of(officer.api("GET", "/things?limit=0")) == ["limit"]
    assert fields_of(officer.api("GET", "/things?order=desc")) == ["order"]
    assert fields_of(officer.api("GET", "/things?cursor=x")) == ["cursor"]
    assert titles(database) == []


@pytest.mark.parametrize("number", ["999", str(2**62), str(2**63), "9" * 40, "0", "-1", "1.5", "x", "%00", "1%20"])
def test_a_thing_that_cannot_be_is_not_found(officer: PersonAtWork, number: str) -> None:
    assert_problem(officer.api("GET", f"/things/{number}"), 404, "not-found")
    assert officer.get(f"/things/{number}").status_code == 404


def test_a_method_that_is_not_offered_is_answered_with_those_that_are(officer: PersonAtWork) -> None:
    answer = officer.api("PUT", "/things", {"title": "x"})
    assert_problem(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    page = officer.delete("/mine")
    assert page.status_code == 405 and "GET" in page.headers["Allow"] and "<h1>" in page.text


def test_a_refusal_is_told_in_the_readers_language(officer: PersonAtWork) -> None:
    assert assert_problem(officer.api("GET", "/things/9", accept_language="en"), 404)["title"] == "We can’t find that"
    assert assert_problem(officer.api("GET", "/things/9", accept_language="zh-TW"), 404)["title"] == "找不到這一筆"


def test_an_old_revision_is_refused(officer: PersonAtWork, database: Database) -> None:
    make_thing(database)
    assert officer.api("PATCH", "/things/1", {"title": "first", "rev": 1}).status_code == 200
    told = assert_problem(officer.api("PATCH", "/things/1", {"title": "second", "rev": 1}), 409, "stale")
    assert told["current"] == officer.api("GET", "/things/1").get_json(), "the row as it is now comes with the refusal"
    assert officer.api("PATCH", "/things/1", {"title": "unasked"}).status_code == 200
    assert titles(database) == ["unasked"]


def test_of_many_who_edit_the_same_revision_one_succeeds(officer: PersonAtWork, database: Database) -> None:
    make_thing(database)
    start = threading.Barrier(8)

    def edit(number: int) -> int:
        start.wait(30)
        return officer.api("PATCH", "/things/1", {"title": f"by {number}", "rev": 1}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(edit, range(8))) == [200] + [409] * 7


def test_lists_are_read_page_by_page(officer: PersonAtWork, database: Database) -> None:
    for n in range(7):
        make_thing(database, f"t{n}")
    seen, cursor = [], ""
    for _ in range(10):
        page = officer.api("GET", f"/things?limit=3{cursor}").get_json()
        seen += [each["title"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [f"t{n}" for n in reversed(range(7))]


# ── once only ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_and_body_get_the_same_answer_and_one_effect(officer: PersonAtWork, database: Database) -> None:
    first, *later = [officer.api("POST", "/things", {"title": "once"}, idempotency_key="k-1") for _ in range(3)]
    assert first.status_code == 201
    assert [(each.status_code, each.data, each.mimetype) for each in later] == [
        (201, first.data, "application/json")
    ] * 2
    assert titles(database) == ["once"]


def test_the_same_key_with_another_body_is_refused(officer: PersonAtWork, database: Database) -> None:
    officer.api("POST", "/things", {"title": "once"}, idempotency_key="k-1")
    assert fields_of(officer.api("POST", "/things", {"title": "twice"}, idempotency_key="k-1")) == ["Idempotency-Key"]
    assert officer.api("POST", "/things", {"title": "other"}, idempotency_key="k-2").status_code == 201
    assert titles(database) == ["once", "other"]


def test_the_same_key_of_another_person_is_another_request(client: Open, database: Database) -> None:
    for who in ("officer", "officer2"):
        assert client(as_=who).api("POST", "/things", {"title": who}, idempotency_key="k").status_code == 201
    assert titles(database) == ["officer", "officer2"]


def test_a_refused_request_may_be_mended_with_its_key(officer: PersonAtWork, database: Database) -> None:
    assert officer.api("POST", "/things", {}, idempotency_key="k").status_code == 422
    assert officer.api("POST", "/things", {"title": "mended"}, idempotency_key="k").status_code == 201
    assert titles(database) == ["mended"]


def test_an_answer_is_not_repeated_to_one_who_lost_the_right(officer: PersonAtWork, database: Database) -> None:
    officer.api("POST", "/things", {"title": "x"}, idempotency_key="k")

    def withdraw(session: Any) -> None:
        session.get(Person, 1).roles = ["staff"]

    database.transact(withdraw)
    assert_problem(officer.api("POST", "/things", {"title": "x"}, idempotency_key="k"), 403)


def test_a_secret_is_shown_once_and_not_kept(officer: PersonAtWork, database: Database) -> None:
    assert officer.api("POST", "/secrets", {"title": "s"}, idempotency_key="k").status_code == 201
    assert_problem(officer.api("POST", "/secrets", {"title": "s"}, idempotency_key="k"), 409)
    assert titles(database) == ["s"]


@pytest.mark.parametrize("key", ["k" * 201, "tab\there"])
def test_a_key_that_is_none_is_refused(officer: PersonAtWork, database: Database, key: str) -> None:
    assert fields_of(officer.api("POST", "/things", {"title": "x"}, idempotency_key=key)) == ["Idempotency-Key"]
    assert titles(database) == []


@pytest.mark.parametrize("rivals", [2, 8])
def test_the_same_key_many_times_at_once_has_one_effect(officer: PersonAtWork, database: Database, rivals: int) -> None:
    start = threading.Barrier(rivals)

    def send(_: int) -> list[tuple[int, bytes]]:
        answers = []
        for turn in range(5):
            start.wait(30)
            answer = officer.api("POST", "/things", {"title": f"turn {turn}"}, idempotency_key=f"key-{turn}")
            answers.append((answer.status_code, answer.data))
        return answers

    with ThreadPoolExecutor(rivals) as pool:
        answers = list(pool.map(send, range(rivals)))
    assert sorted(titles(database)) == [f"turn {turn}" for turn in range(5)]
    for turn in range(5):
        assert len({each[turn] for each in answers}) == 1 and answers[0][turn][0] == 201
