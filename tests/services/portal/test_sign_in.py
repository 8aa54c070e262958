"""Signing in: C-31, C-32, points 7–9, 13, 14, 16, 37, 38 of the security list."""

import json
import re
import statistics
import threading
import time
from typing import Any

import pytest
from sqlalchemy import func, select

from common.audit import AuditEntry
from common.identity import Person
from common.messages import Outbox
from services.portal import SERVICE
from services.portal import sign_in as signing_in
from services.portal.models import Account, SignIn, SignInFailure, sha256
from services.portal.passwords import Keeper
from services.web import build
from tests.services.portal.helpers import PASSWORD, WRONG, cookie, sign_in, signed_in


def test_the_right_password_opens_a_session_and_leads_where_one_wanted_to_go(browser: Any) -> None:
    guest = browser()
    answer = sign_in(guest, "officer", next="/fleet/trips?status=approved")
    assert answer.status_code == 303
    assert answer.location == "/fleet/trips?status=approved"
    assert signed_in(guest)


def test_both_cookies_are_out_of_reach_of_scripts_and_other_sites(browser: Any) -> None:
    answer = sign_in(browser(), "officer")
    told = [
        line for line in answer.headers.getlist("Set-Cookie") if line.startswith(("citykeys_session", "citykeys_token"))
    ]
    assert len(told) == 2
    for line in told:
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line


def test_under_tls_cookies_are_secure_and_bound_to_the_host(
    portal: Any, make_settings: Any, residents: Any, settings: Any, keeper: Keeper, clock: Any
) -> None:
    told = make_settings(SERVICE, public_url="https://keys.example", database_url=settings.database_url)
    app = build(SERVICE, told, clock)
    app.extensions["keeper"], app.test_client_class = keeper, portal.test_client_class
    guest = app.test_client()
    page = guest.get("/sign-in", base_url="https://keys.example").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    form = {"csrf_token": token[1] if token else "", "username": "officer", "password": PASSWORD}
    answer = guest.post(
        "/sign-in", data=form, base_url="https://keys.example", headers={"Referer": "https://keys.example/sign-in"}
    )
    assert answer.status_code == 303
    told = [
        line for line in answer.headers.getlist("Set-Cookie") if "citykeys_session" in line or "citykeys_token" in line
    ]
    assert len(told) == 2
    assert all(line.startswith("__Host-citykeys_") and "Secure" in line and "Path=/" in line for line in told)


def test_the_session_secret_is_not_stored_but_its_hash_is(browser: Any, database: Any) -> None:
    secret = cookie(browser("officer"), "citykeys_session")
    with database.reading() as session:
        row = session.scalars(select(SignIn)).one()
    assert row.secret_sha256 == sha256(secret)
    assert secret not in (row.sid, row.secret_sha256)


def test_five_failures_lock_the_account_for_fifteen_minutes_then_the_right_password_works(
    browser: Any, clock: Any
) -> None:
    guest = browser()
    for _ in range(5):
        assert sign_in(guest, "officer", WRONG).status_code == 401
    assert sign_in(guest, "officer").status_code == 401
    clock.tick(minutes=14, seconds=59)
    assert sign_in(guest, "officer").status_code == 401
    clock.tick(seconds=2)
    assert sign_in(guest, "officer").status_code == 303


def test_trying_while_locked_does_not_lengthen_the_lock(browser: Any, clock: Any) -> None:
    guest = browser()
    for _ in range(5):
        sign_in(guest, "officer", WRONG)
    clock.tick(minutes=10)
    for _ in range(5):
        sign_in(guest, "officer", WRONG)
    clock.tick(minutes=5, seconds=1)
    assert sign_in(guest, "officer").status_code == 303


def test_four_failures_do_not_lock_and_success_forgets_them(browser: Any) -> None:
    guest = browser()
    for _ in range(3):
        for _ in range(4):
            sign_in(guest, "officer", WRONG)
        assert sign_in(guest, "officer").status_code == 303


def test_other_people_are_unaffected_by_somebodys_lock(browser: Any) -> None:
    guest = browser()
    for _ in range(7):
        sign_in(guest, "officer", WRONG)
    assert sign_in(guest, "supervisor").status_code == 303


def words_of(answer: Any) -> str:
    """The page without what differs from one to the next: form token, nonce, typed name."""
    page = re.sub(r'(nonce|value|content|aria-current|href)="[^"]*"', "", answer.text)
    return re.sub(r"\s+", " ", page)


def test_known_unknown_disabled_and_passwordless_accounts_get_the_same_answer(
    browser: Any, database: Any, residents: Any
) -> None:
    def prepare(session: Any) -> None:
        session.get(Person, residents["staff"].id).active = False
        session.get(Account, residents["staff2"].id).password_hash = None

    database.transact(prepare)
    answers = [sign_in(browser(), name, WRONG) for name in ("officer", "nobody", "staff", "staff2")]
    answers.append(sign_in(browser(), "staff"))
    assert {answer.status_code for answer in answers} == {401}
    assert len({words_of(answer) for answer in answers}) == 1


def test_an_unknown_name_is_locked_like_a_known_one(browser: Any) -> None:
    guest = browser()
    for _ in range(5):
        sign_in(guest, "nobody", WRONG)
        sign_in(guest, "officer", WRONG)
    unknown, known = sign_in(guest, "nobody", WRONG), sign_in(guest, "officer", WRONG)
    assert unknown.status_code == known.status_code == 401
    assert words_of(unknown) == words_of(known)
    assert "15 分鐘" in unknown.text


def test_known_and_unknown_names_take_alike(database: Any, residents: Any, now: Any) -> None:
    real = Keeper()
    stored = real.hash(PASSWORD)

    def give(session: Any) -> None:
        session.get(Account, residents["officer"].id).password_hash = stored

    database.transact(give)

    def seconds(name: str) -> float:
        database.transact(lambda session: session.query(SignInFailure).delete())
        started = time.perf_counter()
        with pytest.raises(signing_in.WrongPassword):
            signing_in.sign_in(database, real, now, name, WRONG, kind="browser", address="", user_agent="")
        return time.perf_counter() - started

    seconds("officer"), seconds("nobody")
    pairs = [(seconds("officer"), seconds("nobody")) for _ in range(25)]
    known, unknown = (statistics.median(each) for each in zip(*pairs, strict=True))
    assert known == pytest.approx(unknown, rel=0.2), f"known {known * 1000:.1f} ms, unknown {unknown * 1000:.1f} ms"


def attempt(database: Any, keeper: Keeper, now: Any, name: str, password: str, address: str) -> str:
    try:
        signing_in.sign_in(database, keeper, now, name, password, kind="browser", address=address, user_agent="")
    except signing_in.Unauthenticated as refused:
        return type(refused).__name__
    return "in"


def test_failures_under_five_names_lock_the_address_but_not_those_who_are_known_there(
    database: Any, residents: Any, keeper: Keeper, now: Any
) -> None:
    place = "203.0.113.7"
    assert attempt(database, keeper, now, "supervisor", PASSWORD, place) == "in"
    for name in ("a", "b", "c", "d", "officer2"):
        assert attempt(database, keeper, now, name, WRONG, place) == "WrongPassword"
    assert attempt(database, keeper, now, "officer", PASSWORD, place) == "TooManyFailures"
    assert attempt(database, keeper, now, "supervisor", PASSWORD, place) == "in"
    assert attempt(database, keeper, now, "officer", PASSWORD, "203.0.113.8") == "in"


def test_the_machine_itself_is_never_locked_as_an_address(
    database: Any, residents: Any, keeper: Keeper, now: Any
) -> None:
    for place in ("127.0.0.1", "::1", ""):
        for number in range(8):
            attempt(database, keeper, now, f"name{number}", WRONG, place)
        assert attempt(database, keeper, now, "officer", PASSWORD, place) == "in"


def test_guesses_sent_at_once_gain_nothing(database: Any, residents: Any, keeper: Keeper, now: Any) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        outcomes.append(attempt(database, keeper, now, "officer", WRONG, ""))

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("WrongPassword") == 5
    assert outcomes.count("TooManyFailures") == 11
    assert attempt(database, keeper, now, "officer", PASSWORD, "") == "TooManyFailures"


def test_the_session_id_changes_at_sign_in_and_the_one_brought_along_is_worthless(browser: Any) -> None:
    guest = browser()
    guest.set_cookie("citykeys_session", "planted-by-somebody-else")
    sign_in(guest, "officer")
    first = cookie(guest, "citykeys_session")
    assert first not in ("", "planted-by-somebody-else")
    sign_in(guest, "officer")
    assert cookie(guest, "citykeys_session") != first
    attacker = browser()
    attacker.set_cookie("citykeys_session", "planted-by-somebody-else")
    assert attacker.get("/session/renew?next=/account").location.startswith("/sign-in")


def test_signing_in_changes_the_form_token_too(browser: Any) -> None:
    guest = browser()
    guest.get("/sign-in")
    sign_in(guest, "officer")
    with guest.session_transaction() as kept:
        assert kept.get("csrf_token") is None


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil",
        "/\tx",
        "///x",
        "",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(browser: Any, target: str) -> None:
    assert sign_in(browser(), "officer", next=target).location == "/"
    ours = browser("officer")
    assert ours.get("/session/renew", query_string={"next": target}).location == "/"
    assert ours.get("/sign-in", query_string={"next": target}).location == "/"


def test_a_form_without_its_token_or_from_another_site_is_refused_and_not_counted(browser: Any, database: Any) -> None:
    guest = browser()
    form = {"username": "officer", "password": PASSWORD}
    assert guest.post("/sign-in", data=form).status_code == 400
    assert guest.submit("/sign-in", form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not signed_in(guest)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_a_refused_sign_in_keeps_the_name_and_never_the_password(browser: Any) -> None:
    page = sign_in(browser(), "officer", WRONG).text
    assert 'value="officer"' in page
    assert WRONG not in page


def test_missing_answers_are_named(browser: Any) -> None:
    answer = browser().submit("/sign-in", {"username": "officer"})
    assert answer.status_code == 422
    assert "f-password" in answer.text


def test_a_fresh_portal_has_no_account_to_get_in_with(portal: Any) -> None:
    guest = portal.test_client()
    for name in ("admin", "root", "demo", "officer"):
        for password in ("admin", "password", "demo", "citykeys", ""):
            assert sign_in(guest, name, password).status_code in (401, 422)


def test_every_outcome_is_in_the_audit_log_with_name_and_place(browser: Any, database: Any) -> None:
    guest = browser()
    for _ in range(5):
        sign_in(guest, "officer", WRONG)
    sign_in(guest, "officer")
    sign_in(guest, "supervisor")
    with database.reading() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [row.action for row in rows] == ["sign_in.failed"] * 5 + ["sign_in.locked", "sign_in.ok"]
    assert {row.address for row in rows} == {"127.0.0.1"}
    assert rows[0].subject == "account/officer"


def test_no_password_is_written_anywhere(browser: Any, database: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    guest = browser("officer")
    sign_in(guest, "officer", WRONG)
    guest.submit("/account/password", {"current_password": PASSWORD, "new_password": "quiet lantern over nine hills"})
    with database.reading() as session:
        written = [
            json.dumps([row.before, row.after, row.reason, row.subject]) for row in session.scalars(select(AuditEntry))
        ]
        written += [json.dumps(row.data) for row in session.scalars(select(Outbox))]
    for secret in (
        PASSWORD,
        WRONG,
        "quiet lantern",
        cookie(guest, "citykeys_session"),
        cookie(guest, "citykeys_token"),
    ):
        assert secret
        assert not any(secret in line for line in [*written, caplog.text])


def test_a_demonstration_lists_its_names_and_never_a_password(browser: Any) -> None:
    page = browser().get("/sign-in").text
    assert "dispatcher" in page
    assert PASSWORD not in page
