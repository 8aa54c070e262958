"""Who is told what: the rows that a fact becomes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from common import inbox, messages
from common.identity import Person
from common.inbox import Outcome
from services.messenger import SERVICE, deliveries
from services.messenger.models import Delivery, Held
from tests.services.messenger.conftest import TRIP


def told(rows):
    """Who was told by which way, and how that stands."""
    return sorted((row.person_id, row.channel, row.state) for row in rows)


def everything(database):
    with database.reading() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id)).all()


def test_an_assigned_trip_is_told_to_its_driver_and_its_requester(tell):
    rows = tell("trip_assigned")
    assert told(rows) == [(1, "inbox", "sent"), (1, "mail", "queued"), (6, "inbox", "sent"), (6, "mail", "queued")]
    driver = next(row for row in rows if row.person_id == 6 and row.channel == "mail")
    assert driver.title.zh == "新派車：11月24日（週二）09:00–12:00 RCX-3081 往台中高鐵站"
    assert driver.title.en == "New job: Tue 24 Nov 09:00–12:00, RCX-3081 to 台中高鐵站"
    assert driver.link == "/fleet/driver/31" and "說明" not in driver.text.zh and "人數：6 人" in driver.text.zh
    assert driver.invite["method"] == "REQUEST" and driver.invite["sequence"] == 4


@pytest.mark.parametrize(
    ("kind", "changes", "whom"),
    [
        ("trip_requested", {}, {1, 2}),
        ("trip_requested", {"approver_ids": [], "agency_id": "2"}, {1, 4}),
        ("trip_approved", {}, {1, 5}),
        ("trip_returned", {"reason": "請寫明事由"}, {1}),
        ("trip_assigned", {"previous_driver_person_id": "7"}, {1, 6, 7}),
        ("trip_assigned", {"previous_driver_person_id": "6"}, {1, 6}),
        ("trip_assigned", {"driver_person_id": None}, {1}),
        ("trip_declined", {"driver_person_id": None, "previous_driver_person_id": "6"}, {1, 5, 6}),
        (
            "trip_changed",
            {"status": "submitted", "previous_driver_person_id": "6", "driver_person_id": None},
            {1, 2, 6},
        ),
        ("trip_changed", {"status": "approved"}, {1, 5}),
        ("trip_cancelled", {}, {1, 6}),
        ("trip_finished", {}, {1}),
    ],
)
def test_those_who_must_know_are_told_and_nobody_else(tell, kind, changes, whom):
    assert {row.person_id for row in tell(kind, **changes)} == whom


def test_a_fact_that_comes_again_tells_nobody_twice(tell, database):
    first = tell("trip_assigned", fact_id="same")
    assert tell("trip_assigned", fact_id="same") == []
    assert len(everything(database)) == len(first) == 4


def test_somebody_with_two_parts_in_it_is_told_once(tell):
    rows = tell("trip_assigned", driver_person_id="1", requester_id="1")
    assert told(rows) == [(1, "inbox", "sent"), (1, "mail", "queued")]
    assert all(row.title.zh.startswith("新派車") for row in rows)


def test_whoever_has_no_address_gets_no_mail(tell, database):
    database.transact(lambda session: setattr(session.get(Person, 6), "mail", ""))
    assert (6, "mail", "queued") not in told(tell("trip_assigned"))


def test_whoever_has_left_is_told_nothing(tell, database):
    database.transact(lambda session: setattr(session.get(Person, 6), "active", False))
    assert {row.person_id for row in tell("trip_assigned")} == {1}


def test_what_comes_too_late_is_recorded_as_expired(tell, now):
    assert {row.state for row in tell("trip_assigned", told_at=now - timedelta(days=1))} == {"expired"}
    past = {"starts_at": (now - timedelta(hours=3)).isoformat(), "ends_at": (now - timedelta(minutes=1)).isoformat()}
    assert {row.state for row in tell("trip_assigned", told_at=now - timedelta(hours=4), **past)} == {"expired"}


def test_a_trip_that_is_over_still_asks_for_its_signature(tell, now):
    past = {"starts_at": (now - timedelta(hours=3)).isoformat(), "ends_at": (now - timedelta(minutes=1)).isoformat()}
    assert {row.state for row in tell("trip_finished", **past)} == {"sent", "queued"}
    assert {row.state for row in tell("trip_finished", told_at=now - timedelta(hours=2), **past)} == {"sent", "queued"}


def test_a_calendar_that_was_never_invited_is_not_told_of_a_cancellation(tell):
    assert all(row.invite is None for row in tell("trip_cancelled"))
    assert all(row.invite is None for row in tell("trip_changed"))
    tell("trip_assigned", rev=5)
    changed = tell("trip_changed", rev=6)
    assert [row.invite["method"] for row in changed if row.person_id == 1 and row.channel == "mail"] == ["REQUEST"]
    cancelled = [row for row in tell("trip_cancelled", rev=7) if row.channel == "mail"]
    assert [(row.person_id, row.invite["method"], row.invite["sequence"]) for row in cancelled] == [
        (6, "CANCEL", 7),
        (1, "CANCEL", 7),
    ]
    assert all(row.invite is None for row in tell("trip_cancelled", rev=8))


def test_every_step_of_a_message_is_told_to_the_house(tell, database):
    rows = tell("trip_assigned")
    with database.reading() as session:
        facts = session.scalars(select(messages.Outbox).order_by(messages.Outbox.id)).all()
        assert {fact.type for fact in facts} == {"messenger.delivery_changed.v1"} and {
            fact.subject for fact in facts
        } == {"trip/31"}
    assert [(fact.data["delivery_id"], fact.data["state"]) for fact in facts] == [
        (str(row.id), row.state) for row in rows
    ]
    assert facts[0].data["service"] == "fleet" and facts[0].data["person_id"] == str(rows[0].person_id)


def test_before_anybody_is_known_a_fact_is_held_and_told_later(database, now, request):
    fact = {
        **TRIP,
        "starts_at": (now + timedelta(days=1)).isoformat(),
        "ends_at": (now + timedelta(days=2)).isoformat(),
    }
    envelope = {
        "id": "early", "source": "fleet", "type": "fleet.trip_assigned.v1", "subject": "trip/31", "time": now.isoformat(), "seq": 1,
        "epoch": 1, "data": fact,
    }  # fmt: skip
    assert inbox.take(database, SERVICE.listeners, envelope) is Outcome.APPLIED
    assert everything(database) == []
    assert database.transact(lambda session: deliveries.tell_held(session, now)) == 0
    request.getfixturevalue("people")
    assert database.transact(lambda session: deliveries.tell_held(session, now)) == 1
    assert len(everything(database)) == 4
    with database.reading() as session:
        assert session.scalars(select(Held)).all() == []


def test_a_fact_from_the_log_is_applied_once_by_the_listener(database, people):
    moment = datetime.now(UTC)
    fact = {
        **TRIP,
        "starts_at": (moment + timedelta(hours=1)).isoformat(),
        "ends_at": (moment + timedelta(hours=2)).isoformat(),
    }
    envelope = {
        "id": "0191", "source": "fleet", "type": "fleet.trip_assigned.v1", "subject": "trip/31", "time": moment.isoformat(), "seq": 1,
        "epoch": 1, "data": json.loads(json.dumps({**fact, "a_field_of_the_future": 1})),
    }  # fmt: skip
    assert inbox.take(database, SERVICE.listeners, envelope) is Outcome.APPLIED
    assert inbox.take(database, SERVICE.listeners, envelope) is Outcome.SEEN
    assert told(everything(database)) == [
        (1, "inbox", "sent"),
        (1, "mail", "queued"),
        (6, "inbox", "sent"),
        (6, "mail", "queued"),
    ]


def test_a_hall_booking_is_told_to_its_applicant_and_put_in_the_calendar(database, people, now):
    def fact(kind, **changes):
        data = {
            "booking_id": "8", "number": "115-V-00008", "status": "confirmed", "rev": 3, "venue_id": "1",
            "venue": "中庭", "venue_en": "Atrium", "applicant_id": "9", "agency_id": "3",
            "event_name": "市民講座", "starts_at": (now + timedelta(days=30)).isoformat(),
            "ends_at": (now + timedelta(days=30, hours=4)).isoformat(), "fee": 10000, "deposit": 20000, "total": 30000,
            "pay_by": (now + timedelta(days=3)).isoformat(), "refund": None, "reason": "", **changes,
        }  # fmt: skip
        envelope = {
            "id": kind,
            "source": "venues",
            "type": f"venues.{kind}.v1",
            "subject": "booking/8",
            "time": now.isoformat(),
            "seq": 1,
            "data": data,
        }
        received = inbox.received(SERVICE.listeners.by_type[f"venues.{kind}.v1"][0].part, envelope)
        return database.transact(lambda session: deliveries.tell(session, received, now))

    assert {row.person_id for row in fact("booking_submitted")} == {8, 9}
    approved = fact("booking_approved")
    assert {row.person_id for row in approved} == {9}
    assert "請在 11月26日（週四）09:00 前繳 30,000 元（場地費 10,000、保證金 20,000）" in approved[0].text.zh
    assert "NT$30,000" in approved[0].text.en
    free = fact("booking_confirmed", pay_by=None, total=0, fee=0, deposit=0)
    assert "繳" not in free[0].text.zh and free[1].invite["summary"] == ["市民講座（中庭）", "市民講座 (Atrium)"]
    cancelled = fact("booking_cancelled", rev=4, refund=25000, pay_by=None)
    mail = next(row for row in cancelled if row.person_id == 9 and row.channel == "mail")
    assert mail.invite["method"] == "CANCEL" and "應退：25,000 元" in mail.text.zh


def test_an_offer_of_a_room_says_until_when(database, people, now):
    data = {
        "offer_id": "1", "application_id": "5", "round_id": "2", "person_id": "11", "room_id": "140",
        "room": "西園 203", "room_en": "Xiyuan 203",
        "accept_by": (now + timedelta(hours=10)).isoformat(),
    }  # fmt: skip
    envelope = {
        "id": "o",
        "source": "dorms",
        "type": "dorms.offer_made.v1",
        "subject": "offer/1",
        "time": now.isoformat(),
        "seq": 1,
        "data": data,
    }
    received = inbox.received(SERVICE.listeners.by_type["dorms.offer_made.v1"][0].part, envelope)
    rows = database.transact(lambda session: deliveries.tell(session, received, now))
    assert {row.person_id for row in rows} == {11} and rows[0].title == (
        "配到宿舍：西園 203",
        "You are offered a room: Xiyuan 203",
    )
    assert "請在 11月23日（週一）19:00 前回覆" in rows[0].text.zh and rows[0].expires_at == now + timedelta(hours=10)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (True, ("車已為你保留", "a car is kept for you")),
        (False, ("目前沒有車可保留，排入候補", "waits for a car")),
        (None, ("目前沒有車可保留，排入候補", "waits for a car")),
    ],
)
def test_who_asks_for_a_car_hears_whether_one_is_kept(tell, held, words):
    rows = tell("trip_requested", **({} if held is None else {"capacity_held": held}))
    (mine,) = [row for row in rows if row.person_id == 1]
    assert words[0] in mine.title.zh and words[1] in mine.title.en and mine.channel == "inbox"
