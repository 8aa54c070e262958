"""Calendar feeds: one venue's days without other people's secrets, and my own bookings; and the snapshot."""

import hashlib
from datetime import UTC, date, datetime

import icalendar
import pytest

from common.identity import Feed
from common.messages import Outbox
from tests.venues.conftest import EVENT, slots
from venues import bookings, cancellations, decisions, messages
from venues.demo import load

TOKEN = "t" * 40


@pytest.fixture
def feed(database, people):
    def make(kind, who, ref=""):
        token = f"{kind}-{who}-{TOKEN}"
        digest = hashlib.sha256(token.encode()).hexdigest()
        made = Feed(token_sha256=digest, person_id=people[who].id, service="venues", kind=kind, ref=str(ref))
        database.transact(lambda session: session.add(made))
        return f"/feeds/{token}.ics"

    return make


@pytest.fixture
def booked(database, people, ids, now):
    """One submitted by the group, one confirmed of another agency, one cancelled by the group."""

    def work(session):
        person = {name: session.merge(people[name]) for name in ("group", "officer2", "venues")}
        told = {**EVENT, "venue_id": ids["atrium"]}
        first = bookings.apply(session, person["group"], now, slots=slots("morning"), **told | {"event_name": "彩排"})
        second = bookings.apply(
            session, person["officer2"], now, slots=slots("evening"), **told | {"event_name": "宣導晚會"}
        )
        decisions.approve(session, person["venues"], now, second.id)
        third = bookings.apply(session, person["group"], now, slots=slots("afternoon"), **told | {"event_name": "茶會"})
        cancellations.cancel(session, person["group"], now, third.id)
        return first.id, second.id, third.id

    return database.transact(work)


def entries(answer):
    assert answer.status_code == 200
    calendar = icalendar.Calendar.from_ical(answer.get_data())
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_a_venues_feed_names_only_confirmed_events_to_strangers(client, feed, booked, ids):
    first, second, third = booked
    told = entries(client().get(feed("venue", "officer", ids["atrium"])))
    names = {number: str(told[f"venues-booking-{number}@citykeys"]["SUMMARY"]) for number in booked}
    assert names == {first: "已保留", second: "宣導晚會", third: "【已取消】已保留"}
    event = told[f"venues-booking-{second}@citykeys"]
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        datetime(2026, 12, 12, 10, tzinfo=UTC), datetime(2026, 12, 12, 14, tzinfo=UTC),
    )  # fmt: skip
    assert "URL" not in event
    assert str(event["LOCATION"]) == "1樓中庭"


def test_a_part_being_booked_shows_in_the_wholes_feed(client, feed, database, people, ids, now):
    def work(session):
        told = {**EVENT, "venue_id": ids["civic-plaza-renai"], "slots": slots("morning", day=date(2026, 12, 20))}
        bookings.apply(session, session.merge(people["group"]), now, **told)

    database.transact(work)
    told = entries(client().get(feed("venue", "officer", ids["civic-plaza"])))
    assert [str(event["LOCATION"]) for event in told.values()] == ["市民廣場・新仁愛路段"]


def test_my_feed_holds_my_bodys_bookings_with_their_pages(client, feed, booked):
    first, _, third = booked
    told = entries(client().get(feed("bookings", "group")))
    assert len(told) == 2
    event = told[f"venues-booking-{first}@citykeys"]
    assert str(event["SUMMARY"]) == "彩排"
    assert str(event["URL"]) == f"http://localhost/venues/bookings/{first}"
    assert told[f"venues-booking-{third}@citykeys"]["STATUS"] == "CANCELLED"


def test_a_change_changes_the_etag_and_nothing_else_does(client, feed, booked, database, people, clock):
    url = feed("bookings", "group")
    tag = client().get(url).headers["ETag"]
    assert client().get(url, headers={"If-None-Match": tag}).status_code == 304
    clock.tick(minutes=1)

    def work(session):
        decisions.reject(session, session.merge(people["venues"]), clock.now, booked[0], reason="不符")

    database.transact(work)
    fresh = client().get(url, headers={"If-None-Match": tag})
    assert fresh.status_code == 200
    assert entries(fresh)[f"venues-booking-{booked[0]}@citykeys"]["STATUS"] == "CANCELLED"


def test_the_venue_officers_feed_holds_all_bookings(client, feed, booked):
    assert len(entries(client().get(feed("bookings", "venues")))) == 3
    assert client().get(feed("bookings", "driver")).status_code == 404


def test_a_feed_of_no_venue_is_not_there(client, feed):
    assert client().get(feed("venue", "officer", "4711")).status_code == 404
    assert client().get(feed("venue", "staff", "atrium")).status_code == 404


def test_the_snapshot_tells_what_stands(database, booked):
    with database.reading() as session:
        told = messages.snapshot(session)
    assert [(fact.type, body["booking_id"]) for fact, _, body in told] == [
        ("venues.booking_submitted.v1", str(booked[0])), ("venues.booking_confirmed.v1", str(booked[1])),
    ]  # fmt: skip
    assert all(not fact().validate(fact().dump(body)) for fact, _, body in told)


def test_the_demonstration_is_the_same_city_each_time_and_has_something_for_everyone(session, people, now):
    load(session, now)
    states = {row.status for row in session.query(bookings.Booking)}
    assert states >= {
        "submitted",
        "supplement_needed",
        "awaiting_insurance",
        "awaiting_payment",
        "confirmed",
        "cancelled",
    }
    mine = {row.status for row in session.query(bookings.Booking).filter_by(applicant_id=people["group"].id)}
    assert {"confirmed", "awaiting_payment"} <= mine
    times = [row.time for row in session.query(Outbox).order_by(Outbox.id)]
    assert times == sorted(times)
    assert max(times) < now
    count = session.query(bookings.Booking).count()
    load(session, now)
    assert session.query(bookings.Booking).count() == count
