"""Calendar addresses: hashed at rest, shown once, revoked one by one (point 24)."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from common.identity import Feed, Person
from common.messages import Outbox
from services.portal import feeds, people
from services.portal.models import FeedCard, sha256
from tests.services.portal.helpers import cookie


def made_url(page: str) -> str:
    """The address shown on the page, "" when there is none."""
    found = re.search(r'value="(http[^"]+\.ics)"', page)
    return found[1] if found else ""


def make(browser: Any, **form: str) -> str:
    assert browser.submit("/feeds", {"kind": "my", **form}).status_code == 303
    return made_url(browser.get("/feeds").text)


def path_of(url: str) -> str:
    return url.removeprefix("http://localhost")


def test_an_address_is_shown_once_and_only_its_hash_is_kept(browser: Any, database: Any) -> None:
    mine = browser("officer")
    url = make(mine, label="手機")
    secret = url.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(secret) == 43
    assert made_url(mine.get("/feeds").text) == ""
    with database.reading() as session:
        feed = session.scalars(select(Feed)).one()
        assert feed.token_sha256 == sha256(secret)
        told = session.scalars(select(Outbox).where(Outbox.type == "portal.feed_created.v1")).one().data
    assert told["token_sha256"] == feed.token_sha256
    assert secret not in str(told)


def test_a_revoked_address_answers_404_at_once_and_the_others_go_on(browser: Any, database: Any) -> None:
    mine, program = browser("officer"), browser()
    first, second = make(mine, label="one"), make(mine, label="two")
    assert program.get(path_of(first)).status_code == 200
    with database.reading() as session:
        feed_id = session.scalars(select(FeedCard.feed_id).where(FeedCard.label == "one")).one()
    assert mine.submit(f"/feeds/{feed_id}/revoke").status_code == 303
    assert program.get(path_of(first)).status_code == 404
    assert program.get(path_of(second)).status_code == 200
    assert mine.submit(f"/feeds/{feed_id}/revoke").status_code == 404


def test_resetting_gives_another_address_and_stops_the_old_one(browser: Any, database: Any) -> None:
    mine, program = browser("officer"), browser()
    old = make(mine, label="phone")
    with database.reading() as session:
        feed_id = session.scalars(select(Feed.id)).one()
    assert mine.submit(f"/feeds/{feed_id}/reset").status_code == 303
    page = mine.get("/feeds").text
    new = made_url(page)
    assert new not in ("", old)
    assert "phone" in page
    assert program.get(path_of(old)).status_code == 404
    assert program.get(path_of(new)).status_code == 200


def test_nobody_revokes_or_resets_anothers_address(browser: Any, database: Any) -> None:
    url = make(browser("officer"))
    with database.reading() as session:
        feed_id = session.scalars(select(Feed.id)).one()
    other = browser("admin")
    assert other.submit(f"/feeds/{feed_id}/revoke").status_code == 404
    assert other.submit(f"/feeds/{feed_id}/reset").status_code == 404
    assert other.api("DELETE", f"/feeds/{feed_id}").status_code == 401
    assert browser().get(path_of(url)).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "..%2f..%2fetc%2fpasswd", "A" * 5000])
def test_a_wrong_address_is_simply_not_there(browser: Any, token: str) -> None:
    assert browser().get(f"/feeds/{token}.ics").status_code == 404


def test_a_feed_is_private_unindexed_and_reads_no_cookie(browser: Any) -> None:
    mine = browser("officer")
    answer = mine.get(path_of(make(mine)))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers


def test_reading_is_noted_once_an_hour(browser: Any, database: Any, clock: Any) -> None:
    mine, program = browser("officer"), browser()
    path = path_of(make(mine))

    def read_at() -> Any:
        with database.reading() as session:
            return session.scalars(select(FeedCard.read_at)).one()

    assert read_at() is None
    program.get(path)
    first = read_at()
    assert first == clock.now
    clock.tick(minutes=59)
    program.get(path)
    assert read_at() == first
    clock.tick(minutes=2)
    program.get(path, headers={"If-None-Match": program.get(path).headers["ETag"]})
    assert read_at() == clock.now


@pytest.mark.parametrize(
    ("username", "kind", "status"),
    [
        ("officer", "my", 201),
        ("officer", "dorms", 403),
        ("dorms", "dorms", 201),
        ("driver", "driver", 201),
        ("officer", "driver", 403),
        ("group", "trips", 403),
        ("group", "bookings", 201),
        ("officer", "king", 422),
    ],
)
def test_who_may_ask_for_which(browser: Any, username: str, kind: str, status: int) -> None:
    mine = browser(username)
    mine.token = cookie(mine, "citykeys_token")
    assert mine.api("POST", "/feeds", {"kind": kind}).status_code == status


def test_an_address_leads_to_the_service_that_serves_it(browser: Any) -> None:
    mine = browser("officer")
    mine.token = cookie(mine, "citykeys_token")
    wanted = {
        ("my", ""): "/feeds/",
        ("trips", ""): "/fleet/feeds/",
        ("vehicle", "7"): "/fleet/feeds/",
        ("venue", "3"): "/venues/feeds/",
        ("dorm", ""): "/dorms/feeds/",
    }
    for (kind, ref), prefix in wanted.items():
        made = mine.api("POST", "/feeds", {"kind": kind, "ref": ref})
        assert made.status_code == 201
        assert made.json["url"].startswith("http://localhost" + prefix)
    for wrong in ("", "x", "1;2", "9" * 19, "²"):
        assert mine.api("POST", "/feeds", {"kind": "vehicle", "ref": wrong}).status_code == 422
    listed = mine.api("GET", "/feeds").json["items"]
    assert [each["kind"] for each in listed] == ["dorm", "venue", "vehicle", "trips", "my"]
    assert all("url" not in each for each in listed)
    assert mine.api("DELETE", f"/feeds/{listed[0]['id']}").status_code == 204
    assert mine.api("DELETE", f"/feeds/{listed[0]['id']}").status_code == 404


def test_there_is_an_end_to_addresses(database: Any, residents: Any, now: Any) -> None:
    def fill(session: Any) -> None:
        person = session.get(Person, residents["officer"].id)
        for _ in range(feeds.MOST):
            feeds.create(session, person, now, "http://localhost", kind="my")
        with pytest.raises(feeds.TooManyFeeds):
            feeds.create(session, person, now, "http://localhost", kind="my")

    database.transact(fill)


def test_addresses_stop_with_their_owner(browser: Any, database: Any, residents: Any, now: Any) -> None:
    path = path_of(make(browser("officer")))
    database.transact(
        lambda session: people.leave(
            session, None, now, session.get(Person, residents["officer"].id), kind="transfer", left_on=now.date()
        )
    )
    assert browser().get(path).status_code == 404
    with database.reading() as session:
        types = [row.type for row in session.scalars(select(Outbox).order_by(Outbox.id))]
    assert types[-4:] == [
        "portal.session_ended.v1",
        "portal.feed_revoked.v1",
        "portal.person_changed.v1",
        "portal.person_left.v1",
    ]
