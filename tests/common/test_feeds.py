"""Feeds over HTTP: private, revocable, and 304 before anything is built."""

import hashlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import icalendar
import pytest
from flask import Flask, g

from common.calendar import Entry
from common.db import Database, SharedBase
from common.identity import Agency, Feed, Person
from common.web.feeds import FeedKind, feed_etag, feeds_blueprint

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TOKEN = "s3cret-token_0123456789abcdef"


class Clinic:
    """A tiny service with one feed, so that common is tested without knowing any of the house's."""

    def __init__(self, tmp_path):
        self.now, self.changed_at, self.allowed, self.built = NOW, NOW - timedelta(hours=1), True, 0
        self.database = Database(f"sqlite:///{tmp_path}/clinic.db")
        SharedBase.metadata.create_all(self.database.engine)
        app = Flask("clinic")
        app.config["SERVICE"] = SimpleNamespace(name="clinic")
        app.extensions["database"] = self.database
        app.register_blueprint(feeds_blueprint({"my": FeedKind(self.name, self.version, self.entries, self.may)}))

        @app.before_request
        def start():
            g.now = self.now

        self.http = app.test_client()

    def name(self, session, feed, person):
        return f"{person.name}的預約"

    def version(self, session, feed, person):
        return (1, self.changed_at)

    def may(self, session, feed, person):
        return self.allowed

    def entries(self, session, feed, person, now):
        self.built += 1
        return [
            Entry(
                "visit-1@clinic", 0, self.changed_at, NOW, NOW + timedelta(hours=1), "看診", url=f"/visits/{feed.ref}"
            )
        ]

    def get(self, token=TOKEN, **headers):
        return self.http.get(
            f"/feeds/{token}.ics", headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def write(self, work):
        self.database.transact(work)


@pytest.fixture
def clinic(tmp_path):
    clinic = Clinic(tmp_path)

    def fill(session):
        session.add(Agency(id=1, code="A", name="局", name_en="Bureau", kind="city"))
        session.flush()
        session.add(Person(id=1, username="p", name="王小明", name_en="Wang", agency_id=1, roles=["staff"]))
        hashed = hashlib.sha256(TOKEN.encode()).hexdigest()
        session.add(Feed(id=7, token_sha256=hashed, person_id=1, service="clinic", kind="my", ref="3"))

    clinic.write(fill)
    yield clinic
    clinic.database.dispose()


def test_a_feed_is_answered_with_the_headers_that_clients_need(clinic):
    answer = clinic.get()
    assert answer.status_code == 200 and answer.content_type == "text/calendar; charset=utf-8"
    assert icalendar.Calendar.from_ical(answer.data)["X-WR-CALNAME"] == "王小明的預約"
    assert answer.headers["ETag"].startswith('"') and answer.headers["Last-Modified"] == "Mon, 23 Nov 2026 00:00:00 GMT"
    assert "private" in answer.headers["Cache-Control"] and "noindex" in answer.headers["X-Robots-Tag"]


def test_the_answer_does_not_depend_on_what_is_accepted(clinic):
    assert clinic.get().data == clinic.get(Accept="text/html").data == clinic.get(Accept="application/json").data


def test_304_is_answered_before_anything_is_built(clinic):
    first = clinic.get()
    assert clinic.built == 1
    for etag in (first.headers["ETag"], "W/" + first.headers["ETag"], f'"other", {first.headers["ETag"]}', "*"):
        again = clinic.get(If_None_Match=etag)
        assert again.status_code == 304 and again.data == b"" and again.headers["ETag"] == first.headers["ETag"]
    assert clinic.get(If_Modified_Since=first.headers["Last-Modified"]).status_code == 304
    assert clinic.built == 1


def test_a_change_is_a_new_answer(clinic):
    first = clinic.get()
    clinic.changed_at += timedelta(minutes=30)
    again = clinic.get(If_None_Match=first.headers["ETag"], If_Modified_Since=first.headers["Last-Modified"])
    assert again.status_code == 200 and again.headers["ETag"] != first.headers["ETag"]
    assert again.headers["Last-Modified"] == "Mon, 23 Nov 2026 00:30:00 GMT"


def test_a_new_day_is_a_new_answer_because_the_window_moved(clinic):
    first = clinic.get()
    clinic.now = NOW + timedelta(days=1)
    assert clinic.get(If_None_Match=first.headers["ETag"]).status_code == 200
    assert clinic.get(If_Modified_Since=first.headers["Last-Modified"]).status_code == 200


@pytest.mark.parametrize(
    "token", ["unknown-token-0123456789", "x", "a" * 500, "%00" * 20, "s3cret-token_0123456789abcdeF"]
)
def test_an_unknown_address_is_not_found(clinic, token):
    answer = clinic.get(token)
    assert answer.status_code == 404 and "noindex" in answer.headers["X-Robots-Tag"] and clinic.built == 0


def test_a_revoked_address_is_not_found_at_once(clinic):
    etag = clinic.get().headers["ETag"]
    clinic.write(lambda session: setattr(session.get(Feed, 7), "revoked_at", NOW))
    assert clinic.get(If_None_Match=etag).status_code == 404


def test_nobody_reads_what_they_no_longer_may(clinic):
    clinic.allowed = False
    assert clinic.get().status_code == 404
    clinic.allowed = True
    clinic.write(lambda session: setattr(session.get(Person, 1), "active", False))
    assert clinic.get().status_code == 404


@pytest.mark.parametrize("change", [{"service": "fleet"}, {"kind": "other"}, {"person_id": 99}])
def test_an_address_of_another_service_or_kind_is_not_found(clinic, change):
    def alter(session):
        for name, value in change.items():
            setattr(session.get(Feed, 7), name, value)

    clinic.write(alter)
    assert clinic.get().status_code == 404


def test_an_etag_tells_every_part_apart():
    parts = [(1, NOW), (1, NOW + timedelta(microseconds=1)), (2, NOW), ("1", NOW), (1, NOW.date()), (None,), ()]
    assert len({feed_etag(*each) for each in parts}) == len(parts)
    assert feed_etag(1, NOW) == feed_etag(1, NOW)
