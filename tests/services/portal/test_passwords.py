"""Passwords: how they are kept and which ones are taken (points 12, 15–17; C-31…C-33)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from common.errors import Forbidden, Invalid, NotFound
from common.identity import Person
from services.portal import accounts, people
from services.portal import sign_in as signing_in
from services.portal.models import Account, PasswordLink, sha256
from services.portal.passwords import POLICIES, Keeper, character_classes, is_common, one_time
from tests.services.portal.helpers import PASSWORD, sign_in, signed_in

CHEAP = Keeper(memory_kib=64, rounds=1)
TAIWAN = Keeper("tw-baseline", memory_kib=64, rounds=1)
GOOD = "quiet lantern over nine hills"


def parameters(stored: str) -> dict[str, int]:
    """m, t and p of a stored argon2 hash."""
    kind, told = stored.split("$")[1], stored.split("$")[3]
    assert kind == "argon2id"
    return {name: int(value) for name, value in (each.split("=") for each in told.split(","))}


def test_a_stored_hash_is_argon2id_at_the_recommended_cost_with_its_own_salt() -> None:
    real = Keeper()
    one, two = real.hash(PASSWORD), real.hash(PASSWORD)
    cost = parameters(one)
    assert cost["m"] >= 19 * 1024
    assert cost["t"] >= 2
    assert cost["p"] >= 1
    assert one != two


def test_a_hash_of_another_cost_is_made_anew_at_the_next_sign_in(
    browser: Any, portal: Any, database: Any, residents: Any
) -> None:
    portal.extensions["keeper"] = dearer = Keeper(memory_kib=128, rounds=1)
    browser("officer")
    with database.reading() as session:
        stored = session.get(Account, residents["officer"].id).password_hash
    assert parameters(stored)["m"] == 128
    assert dearer.matches(stored, PASSWORD)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=256))
def test_every_password_opens_what_it_closed_and_nothing_is_cut_off(password: str) -> None:
    stored = CHEAP.hash(password)
    assert CHEAP.matches(stored, password)
    assert not CHEAP.matches(stored, password + "x")
    assert not CHEAP.matches(stored, "x" + password)


@pytest.mark.parametrize("length", [64, 72, 73, 128, 256])
def test_long_passwords_count_to_the_last_character(length: int) -> None:
    password = ("correct horse battery staple " * 10)[: length - 1]
    stored = CHEAP.hash(password + "a")
    assert not CHEAP.matches(stored, password + "b")
    CHEAP.check_new(password + "a")


def test_full_width_and_composed_letters_are_the_same_password() -> None:
    assert CHEAP.matches(CHEAP.hash("Ｃａｆｅ\u0301 １２３４"), "Café 1234")


def test_nothing_matches_an_account_without_a_hash() -> None:
    assert not CHEAP.matches(None, PASSWORD)
    assert not CHEAP.matches("", PASSWORD)
    assert not CHEAP.matches("not a hash", PASSWORD)


@pytest.mark.parametrize(
    "password", [GOOD, "四個不相干的詞：竹子、電梯、海風、算盤", "x9Kfm2-ppQzL", "     spaces at both ends, kept     "]
)
def test_nist_takes_any_long_enough_password_without_rules_of_composition(password: str) -> None:
    Keeper("nist", memory_kib=64, rounds=1).check_new(password)


@pytest.mark.parametrize("password", ["short", "elevenchars", "a" * 257])
def test_nist_refuses_what_is_too_short_or_too_long(password: str) -> None:
    with pytest.raises(Invalid):
        CHEAP.check_new(password)


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "P@ssw0rd2026!", "123456789012", "qwertyuiop12", "Taipei2026!!", "citykeys2026", "aaaaaaaaaaaa",
        "abcabcabcabc", "ji32k7au4a83", "1qaz2wsx3edc4rfv", "officer20261121", "臺北市政府臺北市政府", "officer-officer-1",
        "98765432109876",
        "TaipeiCityHall115", "Welcome2Taipei!!",
    ],
)  # fmt: skip
def test_common_passwords_are_refused_however_dressed(password: str) -> None:
    assert is_common(password, ("officer", "CUL"))
    with pytest.raises(Invalid):
        CHEAP.check_new(password, about=("officer", "CUL"))


def test_the_taiwan_baseline_wants_three_of_four_classes_and_eight_characters() -> None:
    TAIWAN.check_new("Mango-87-violin")
    TAIWAN.check_new("Xk7#mPq2")
    for weak in ("mangovio", "mango-vio", "Xk7#mPq"):
        with pytest.raises(Invalid):
            TAIWAN.check_new(weak)
    assert [character_classes(each) for each in ("abc", "aB", "aB1", "aB1!")] == [1, 2, 3, 4]


def test_the_taiwan_baseline_refuses_the_last_three_and_nist_only_the_present_one() -> None:
    old = [f"Mango-8{n}-violin" for n in range(4)]
    hashes = tuple(TAIWAN.hash(each) for each in old)
    for again in old[:3]:
        with pytest.raises(Invalid):
            TAIWAN.check_new(again, earlier=hashes)
    TAIWAN.check_new(old[3], earlier=hashes)
    CHEAP.check_new(old[1], earlier=hashes)
    with pytest.raises(Invalid):
        CHEAP.check_new(old[0], earlier=hashes)


def test_the_taiwan_baseline_ages_passwords_and_nist_never_does(now: Any) -> None:
    assert TAIWAN.is_expired(now - timedelta(days=91), now)
    assert not TAIWAN.is_expired(now - timedelta(days=89), now)
    assert not CHEAP.is_expired(now - timedelta(days=4000), now)
    with pytest.raises(Invalid):
        TAIWAN.check_age(now - timedelta(hours=23), now)
    TAIWAN.check_age(now - timedelta(hours=25), now)
    CHEAP.check_age(now, now)


def test_an_aged_password_opens_only_the_page_that_replaces_it(browser: Any, portal: Any, clock: Any) -> None:
    portal.extensions["keeper"] = TAIWAN
    clock.tick(days=91)
    guest = browser()
    assert sign_in(guest, "officer").location == "/password"
    assert not signed_in(guest)


def test_one_time_passwords_are_long_random_and_never_the_same() -> None:
    made = {one_time() for _ in range(200)}
    assert len(made) == 200
    assert all(len(each.replace("-", "")) == 16 for each in made)


def test_a_first_password_must_be_changed_before_anything_else(
    browser: Any, database: Any, residents: Any, now: Any, keeper: Keeper
) -> None:
    def make(session: Any) -> str:
        admin = session.get(Person, residents["admin"].id)
        _, password = people.create(
            session, admin, now, keeper, username="new.one", name="新人", agency_id=1, roles=["staff"]
        )
        return password

    first = database.transact(make)
    guest = browser()
    answer = sign_in(guest, "new.one", first)
    assert answer.location == "/password"
    assert not signed_in(guest)
    assert guest.api("POST", "/tokens", {"username": "new.one", "password": first}).status_code == 403
    assert "新人" in guest.get("/password").text
    assert guest.submit("/password", {"new_password": "short"}).status_code == 422
    assert guest.submit("/password", {"new_password": first}).status_code == 422
    assert guest.submit("/password", {"new_password": GOOD}).location == "/sign-in"
    assert sign_in(guest, "new.one", first).status_code == 401
    assert sign_in(guest, "new.one", GOOD).location == "/"
    assert signed_in(guest)


def link_for(database: Any, residents: Any, moment: Any, username: str = "officer") -> str:
    return str(
        database.transact(
            lambda session: accounts.make_link(
                session, session.get(Person, residents["admin"].id), moment, session.get(Person, residents[username].id)
            )
        )
    )


def test_a_link_opens_once_within_half_an_hour_and_ends_every_session(
    browser: Any, database: Any, residents: Any, clock: Any
) -> None:
    mine, guest = browser("officer"), browser()
    secret = link_for(database, residents, clock.now)
    clock.tick(minutes=29)
    answer = guest.get(f"/password/{secret}")
    assert answer.location == "/password"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert guest.submit("/password", {"new_password": GOOD}).status_code == 303
    assert not signed_in(mine)
    assert browser().get(f"/password/{secret}").status_code == 404
    assert sign_in(browser(), "officer", GOOD).status_code == 303


def test_a_links_secret_is_never_copied_into_another_address(browser: Any, clock: Any) -> None:
    mine = browser("officer")
    clock.tick(minutes=11)
    assert mine.get("/account").location.startswith("/session/renew")
    unknown = f"/password/{'x' * 43}"
    assert mine.get(unknown).status_code == 404  # told here, not by way of another address
    mine.delete_cookie("citykeys_token")
    assert mine.get(unknown).status_code == 404


def test_a_link_is_hashed_at_rest_expires_and_gives_way_to_a_newer_one(
    browser: Any, database: Any, residents: Any, clock: Any
) -> None:
    old, new = link_for(database, residents, clock.now), link_for(database, residents, clock.now)
    with database.reading() as session:
        assert [row.token_sha256 for row in session.scalars(select(PasswordLink).order_by(PasswordLink.id))] == [
            sha256(old),
            sha256(new),
        ]
    assert browser().get(f"/password/{old}").status_code == 404
    assert browser().get(f"/password/{new}").status_code == 303
    clock.tick(minutes=31)
    assert browser().get(f"/password/{new}").status_code == 404
    assert browser().get("/password").status_code == 404


def test_only_an_administrator_makes_links(database: Any, residents: Any, now: Any) -> None:
    def try_as(username: str) -> None:
        database.transact(
            lambda session: accounts.make_link(
                session, session.get(Person, residents[username].id), now, session.get(Person, residents["admin"].id)
            )
        )

    for username in ("officer", "auditor", "supervisor"):
        with pytest.raises(Forbidden):
            try_as(username)


def test_a_link_of_a_disabled_person_opens_nothing(browser: Any, database: Any, residents: Any, now: Any) -> None:
    secret = link_for(database, residents, now)
    database.transact(
        lambda session: people.change(session, None, now, session.get(Person, residents["officer"].id), active=False)
    )
    with database.reading() as session, pytest.raises(NotFound):
        accounts.link_owner(session, now, secret)
    assert browser().get(f"/password/{secret}").status_code == 404


def test_both_policies_exist_and_name_their_rules() -> None:
    assert set(POLICIES) == {"nist", "tw-baseline"}
    assert signing_in.FAILURES == 5
    assert timedelta(minutes=15) <= signing_in.LOCKED_FOR
