"""Forms: whatever is refused, nothing typed is lost and nothing is half done; bugs and limits are told plainly."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from common.audit import AuditEntry
from common.db import Database
from common.identity import sign_token
from common.keys import Keys
from common.web.app import MAX_BODY, MAX_FORM_FIELD
from tests.common.web_helpers import Open, assert_problem, make_thing, titles, typed
from tests.conftest import PersonAtWork

# ── forms ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TYPED = {
    "title": '公聽會 <b>"x"</b> & y',
    "body": "第一行\r\n第二行 </textarea><script>alert(1)</script>",
    "count": "３",
}
AS_TYPED = {name: value.replace("\r\n", "\n") for name, value in TYPED.items()}


def test_a_good_form_is_taken_and_the_next_page_says_so_once(officer: PersonAtWork, database: Database) -> None:
    answer = officer.submit("/write", {"title": " 公聽會 ", "count": "３"})
    assert (answer.status_code, answer.location) == (303, "/mine")
    assert "已送出" in officer.get("/mine").text
    assert "已送出" not in officer.get("/mine").text
    assert titles(database) == ["公聽會"]


def shown(answer: TestResponse, name: str) -> str:
    (value,) = typed(answer).of(name)
    return value.replace("\r\n", "\n")


def test_without_a_form_token_everything_typed_is_held_and_can_be_sent_again(
    officer: PersonAtWork, database: Database
) -> None:
    told = {**TYPED, "title": "公聽會", "password": "hunter2", "new_password": "hunter3", "several": ["a", "b"]}
    answer = officer.post("/write?from=home", data=told)
    assert answer.status_code == 400
    assert titles(database) == []
    held = typed(answer)
    assert (shown(answer, "title"), shown(answer, "body"), shown(answer, "count")) == ("公聽會", AS_TYPED["body"], "３")
    assert held.of("several") == ["a", "b"]
    assert "hunter" not in answer.text and "<script>alert" not in answer.text
    assert 'action="/write?from=home"' in unescape(answer.text)
    again = officer.post(
        "/write?from=home", data={"csrf_token": held.of("csrf_token")[-1], "title": held.of("title")[0]}
    )
    assert again.status_code == 303
    assert titles(database) == ["公聽會"]


@pytest.mark.parametrize("token", ["", "x", "IjEyMyI.aaaa.bbbb"])
def test_a_wrong_form_token_is_no_token(officer: PersonAtWork, database: Database, token: str) -> None:
    assert officer.post("/write", data={"title": "x", "csrf_token": token}).status_code == 400
    assert titles(database) == []


def test_the_form_token_of_another_browser_is_no_token(client: Open, database: Database) -> None:
    page = client(as_="officer2").get("/write")
    officer = client(as_="officer")
    officer.get("/write")
    assert officer.post("/write", data={"title": "x", "csrf_token": typed(page).of("csrf_token")[0]}).status_code == 400
    assert titles(database) == []


def test_after_the_sign_in_ended_everything_typed_is_held_but_no_password(
    officer: PersonAtWork, database: Database, clock: Any
) -> None:
    clock.tick(hours=1)
    answer = officer.submit("/write", {**TYPED, "password": "hunter2"})
    assert answer.status_code == 401
    assert {name: shown(answer, name) for name in TYPED} == AS_TYPED
    assert "hunter2" not in answer.text and not typed(answer).of("password")
    assert 'href="/sign-in?next=/' in answer.text
    assert "林小禾" not in answer.text
    assert titles(database) == []
    officer.sign(sign_token(Keys.load(officer.application.config["SETTINGS"].keys_dir, "portal"), 1, "new", clock.now))
    again = officer.post(
        "/write",
        data={
            **{n: typed(answer).of(n)[0] for n in TYPED},
            "title": "x",
            "csrf_token": typed(answer).of("csrf_token")[0],
        },
    )
    assert again.status_code == 303
    assert titles(database) == ["x"]


def test_a_stranger_who_posts_loses_nothing_either(stranger: PersonAtWork, database: Database) -> None:
    answer = stranger.post("/write", data=TYPED)
    assert answer.status_code == 401 and {name: shown(answer, name) for name in TYPED} == AS_TYPED
    assert titles(database) == []


def test_a_refused_form_comes_back_as_typed_with_what_is_wrong(officer: PersonAtWork, database: Database) -> None:
    answer = officer.submit("/write", {**TYPED, "title": "a" * 21, "count": "12", "password": "hunter2"})
    assert answer.status_code == 422
    assert (shown(answer, "title"), shown(answer, "body"), shown(answer, "count")) == ("a" * 21, AS_TYPED["body"], "12")
    assert "<script>alert" not in answer.text and "hunter2" not in answer.text
    page = answer.text
    assert 'id="f-title-e"' in page and 'id="f-count-e"' in page and 'id="f-body-e"' not in page
    assert page.count('href="#f-title"') == 1 and "有 2 個地方要修正" in page
    assert re.search(r"<title>\s*錯誤：", page)
    assert titles(database) == []


def test_a_conflict_comes_back_as_typed_and_leaves_nothing_behind(officer: PersonAtWork, database: Database) -> None:
    make_thing(database, "taken")
    answer = officer.submit("/write", {"title": "taken", "body": "kept"})
    assert answer.status_code == 409
    assert shown(answer, "title") == "taken" and shown(answer, "body") == "kept"
    assert "這個標題已經有人用了" in answer.text and "林小禾" in answer.text
    assert titles(database) == ["taken"]
    with database.reading() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_a_refusal_without_a_page_of_its_own_is_told_on_one(officer: PersonAtWork) -> None:
    answer = officer.submit("/bare-act")
    assert answer.status_code == 409 and "這個標題已經有人用了" in answer.text and "林小禾" in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_form_sent_from_another_site_is_refused_even_with_its_token(
    officer: PersonAtWork, database: Database, site: str
) -> None:
    answer = officer.submit("/write", {"title": "x"}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert titles(database) == []
    assert officer.get("/mine", headers={"Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_form_sent_from_here_is_taken(officer: PersonAtWork, site: str) -> None:
    assert officer.submit("/write", {"title": "x"}, headers={"Sec-Fetch-Site": site}).status_code == 303


def test_pages_speak_english_when_asked_and_remember_it(officer: PersonAtWork) -> None:
    answer = officer.get("/write?lang=en")
    assert '<html lang="en">' in answer.text and "Write a note" in answer.text
    assert "Title" in officer.submit("/write", {"title": ""}).text


# ── bugs and limits ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["get", "submit"])
@pytest.mark.parametrize("who", [None, "officer"])
def test_a_bug_is_a_short_page_with_a_reference_and_nothing_of_the_inside(
    client: Open, database: Database, method: str, who: str | None
) -> None:
    answer = getattr(client(as_=who), method)("/breaks", headers={"X-Request-Id": "reference-42"})
    assert answer.status_code == 500
    assert "reference-42" in answer.text and "資料沒有變動" in answer.text
    assert "secret inside" not in answer.text and "Traceback" not in answer.text
    assert ("林小禾" in answer.text) == (who is not None)
    assert "Content-Security-Policy" in answer.headers
    assert titles(database) == []


def test_a_bug_behind_the_api_is_problem_json(officer: PersonAtWork) -> None:
    answer = officer.api("GET", "/breaks", x_request_id="reference-42")
    assert_problem(answer, 500, "bug")
    assert "secret inside" not in answer.text and "reference-42" in answer.text


@pytest.mark.parametrize("size", [MAX_FORM_FIELD + 1, MAX_BODY + 1])
@pytest.mark.parametrize("who", [None, "officer"])
def test_a_form_too_large_is_refused_on_a_page(client: Open, database: Database, size: int, who: str | None) -> None:
    answer = client(as_=who).submit("/write", {"title": "x", "body": "a" * size})
    assert answer.status_code == 413, answer.text[:300]
    assert "內容太大" in answer.text and "Content-Security-Policy" in answer.headers
    assert titles(database) == []


def test_a_body_too_large_for_the_api_is_problem_json(officer: PersonAtWork, database: Database) -> None:
    assert_problem(officer.api("POST", "/things", {"title": "a" * MAX_BODY}), 413)
    assert titles(database) == []


def test_a_form_of_too_many_parts_is_refused(officer: PersonAtWork) -> None:
    parts = {f"f{n}": (None, "x") for n in range(1100)}
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nx\r\n' for name in parts) + "--b--\r\n"
    answer = officer.post("/write", data=body.encode(), content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
