"""Sessions: sliding, ending, limits (points 5, 8, 9; C-34)."""

from typing import Any

import pytest
from sqlalchemy import select

from common.identity import EndedSession, Person
from common.messages import Outbox
from services.portal import people
from services.portal.models import SignIn
from services.portal.service import forget
from tests.services.portal.helpers import cookie, sign_in, signed_in


def token_client(portal: Any, token: str) -> Any:
    """Somebody who kept a copy of a token cookie."""
    thief = portal.test_client()
    thief.sign(token)
    return thief


def test_signing_out_ends_the_token_here_at_once_and_tells_the_house(browser: Any, portal: Any, database: Any) -> None:
    mine = browser("officer")
    copy = token_client(portal, cookie(mine, "citykeys_token"))
    assert signed_in(copy)
    assert copy.api("GET", "/me").status_code == 200
    answer = mine.submit("/sign-out")
    assert answer.status_code == 303
    assert not signed_in(mine)
    assert not signed_in(copy)
    assert copy.api("GET", "/me").status_code == 401
    assert cookie(mine, "citykeys_session") == cookie(mine, "citykeys_token") == ""
    with database.reading() as session:
        told = session.scalars(select(Outbox).where(Outbox.type == "portal.session_ended.v1")).one()
        assert told.data["sid"] == session.scalars(select(EndedSession)).one().sid


def test_the_button_of_another_services_page_signs_out_when_the_browser_vouches_for_it(browser: Any) -> None:
    mine = browser("officer")
    assert mine.post("/sign-out", data={"csrf_token": "a-token-of-fleet"}).status_code == 400
    assert signed_in(mine)
    assert mine.post("/sign-out", data={}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 400
    assert (
        mine.post(
            "/sign-out", data={"csrf_token": "a-token-of-fleet"}, headers={"Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
    assert signed_in(mine)
    assert (
        mine.post(
            "/sign-out", data={"csrf_token": "a-token-of-fleet"}, headers={"Sec-Fetch-Site": "same-origin"}
        ).status_code
        == 303
    )
    assert not signed_in(mine)


def test_a_token_older_than_ten_minutes_is_renewed_on_the_way(browser: Any, clock: Any) -> None:
    mine = browser("officer")
    before = cookie(mine, "citykeys_token")
    clock.tick(minutes=11)
    answer = mine.get("/account")
    assert (answer.status_code, answer.location) == (303, "/session/renew?next=/account")
    answer = mine.get(answer.location)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert cookie(mine, "citykeys_token") != before
    assert signed_in(mine)


def test_a_session_slides_while_used_and_dies_after_thirty_idle_minutes(browser: Any, clock: Any) -> None:
    mine = browser("officer")
    for _ in range(4):
        clock.tick(minutes=29)
        assert mine.get("/session/renew?next=/account").location == "/account"
    clock.tick(minutes=30)
    answer = mine.get("/session/renew?next=/account")
    assert answer.location == "/sign-in?next=/account"
    assert cookie(mine, "citykeys_session") == ""


def test_an_administrators_session_rests_fifteen_minutes_at_most_and_so_does_the_token(
    browser: Any, clock: Any
) -> None:
    mine = browser("admin")
    clock.tick(minutes=14)
    assert mine.get("/session/renew?next=/people").location == "/people"
    clock.tick(minutes=15)
    assert not signed_in(mine)
    assert mine.get("/session/renew?next=/people").location.startswith("/sign-in")


def test_no_session_lives_longer_than_twelve_hours(browser: Any, clock: Any) -> None:
    mine = browser("officer")
    for _ in range(35):
        clock.tick(minutes=20)
        assert mine.get("/session/renew?next=/").location == "/"
    clock.tick(minutes=19)
    assert mine.get("/session/renew?next=/").location == "/"
    clock.tick(minutes=2)
    assert not signed_in(mine)
    assert mine.get("/session/renew?next=/").location.startswith("/sign-in")


def test_the_home_page_renews_a_resting_session_instead_of_greeting_a_stranger(browser: Any, clock: Any) -> None:
    mine = browser("officer")
    mine.delete_cookie("citykeys_token")
    assert mine.get("/").location == "/session/renew?next=/&public=1"
    clock.tick(minutes=31)
    assert mine.get("/session/renew?next=/&public=1").location == "/"
    assert cookie(mine, "citykeys_session") == ""
    assert mine.get("/").status_code == 200


def test_a_browser_that_goes_round_and_round_is_told_to_wait(browser: Any) -> None:
    mine = browser("officer")
    answers = [mine.get("/session/renew?next=/fleet/trips").status_code for _ in range(7)]
    assert answers == [303] * 6 + [503]


def test_disabling_a_person_ends_sessions_tokens_and_feeds_at_once(
    browser: Any, database: Any, residents: Any, now: Any
) -> None:
    mine = browser("officer")
    admin = residents["admin"].id
    database.transact(
        lambda session: people.disable(
            session, session.get(Person, admin), now, session.get(Person, residents["officer"].id)
        )
    )
    assert not signed_in(mine)
    assert mine.get("/session/renew?next=/").location.startswith("/sign-in")
    assert sign_in(mine, "officer").status_code == 401


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(browser: Any) -> None:
    here, there = browser("officer"), browser("officer")
    new = "quiet lantern over nine hills"
    answer = here.submit("/account/password", {"current_password": "tunnel mango violin 87", "new_password": new})
    assert answer.status_code == 303
    assert signed_in(here)
    assert not signed_in(there)
    assert sign_in(there, "officer").status_code == 401
    assert sign_in(there, "officer", new).status_code == 303


def test_a_wrong_present_password_changes_nothing(browser: Any) -> None:
    here = browser("officer")
    answer = here.submit(
        "/account/password", {"current_password": "no", "new_password": "quiet lantern over nine hills"}
    )
    assert answer.status_code == 422
    assert "quiet lantern" not in answer.text
    assert sign_in(browser(), "officer").status_code == 303


def test_one_sees_and_ends_ones_own_sessions_only(browser: Any, database: Any) -> None:
    here, there, other = browser("officer"), browser("officer"), browser("supervisor")
    with database.reading() as session:
        rows = session.scalars(select(SignIn).order_by(SignIn.id)).all()
    mine, second, foreign = (row.id for row in rows)
    assert here.submit(f"/account/sessions/{foreign}/end").status_code == 404
    assert signed_in(other)
    assert here.submit(f"/account/sessions/{second}/end").status_code == 303
    assert not signed_in(there)
    assert signed_in(here)
    assert here.submit(f"/account/sessions/{mine}/end").status_code == 303
    assert not signed_in(here)


def test_ending_all_others_keeps_this_one(browser: Any) -> None:
    here, there = browser("officer"), browser("officer")
    assert here.submit("/account/sessions/end-others").status_code == 303
    assert signed_in(here)
    assert not signed_in(there)


@pytest.mark.parametrize("path", ["/people", "/people/new", "/people/1"])
def test_a_withdrawn_role_is_gone_from_the_next_request_on(
    browser: Any, database: Any, residents: Any, now: Any, path: str
) -> None:
    """The token still says who; what they may do is read anew (point 5)."""
    mine = browser("admin")
    assert mine.get(path).status_code == 200

    def demote(session: Any) -> None:
        people.change(session, None, now, session.get(Person, residents["officer"].id), roles=["officer", "admin"])
        people.change(session, None, now, session.get(Person, residents["admin"].id), roles=["staff"])

    database.transact(demote)
    assert mine.get(path).status_code == 403


def test_old_sessions_are_forgotten_and_live_ones_kept(browser: Any, database: Any, clock: Any) -> None:
    mine = browser("officer")
    mine.submit("/sign-out")
    browser("supervisor")
    clock.tick(days=31)
    browser("officer2")
    database.transact(lambda session: forget(session, clock.now))
    with database.reading() as session:
        assert len(session.scalars(select(SignIn)).all()) == 1
        assert session.scalars(select(EndedSession)).all() == []
