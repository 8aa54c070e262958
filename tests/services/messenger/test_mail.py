"""Mails through a real SMTP server: once each, with the calendar's part, whatever breaks in between."""

import threading
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from common.identity import Person
from services.messenger import deliveries, sender
from services.messenger.models import Delivery
from tests.services.messenger.conftest import calendar_of, text_of


@pytest.fixture
def by_smtp(settings, mail_server):
    return replace(settings, mail_url=mail_server.url, public_url="https://keys.example", mail_from="keys@city.example")


def states(database, **chosen):
    with database.reading() as session:
        return [
            (row.state, row.tries, row.error)
            for row in session.scalars(select(Delivery).filter_by(channel="mail", **chosen).order_by(Delivery.id))
        ]


def test_an_assigned_trip_is_one_mail_with_one_invitation(tell, database, by_smtp, mail_server, now):
    tell("trip_assigned", rev=4)
    assert sender.send_due(database, by_smtp, now) == 2
    (mail,) = mail_server.to("driver@example.org")
    assert mail["Subject"] == "新派車：11月24日（週二）09:00–12:00 RCX-3081 往台中高鐵站"
    assert str(mail["From"]) == "市鑰 Citykeys <keys@city.example>" and mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@keys.example>") and mail["Date"].datetime == now
    assert "周行路 您好" in text_of(mail) and "https://keys.example/fleet/driver/31" in text_of(mail)
    calendar = calendar_of(mail)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("REQUEST", "fleet-trip-31@citykeys", 4)
    assert event.start == now + timedelta(days=1) and event["SUMMARY"] == "出車 RCX-3081 → 台中高鐵站"
    assert event["ATTENDEE"] == "mailto:driver@example.org" and event["ORGANIZER"] == "mailto:keys@city.example"
    assert states(database) == [("sent", 1, ""), ("sent", 1, "")]


def test_a_cancelled_trip_takes_the_invitation_back_with_a_higher_sequence(tell, database, by_smtp, mail_server, now):
    tell("trip_assigned", rev=4)
    sender.send_due(database, by_smtp, now)
    tell("trip_cancelled", rev=6, reason="會議改期")
    sender.send_due(database, by_smtp, now)
    invited, cancelled = (calendar_of(mail) for mail in mail_server.to("driver@example.org"))
    (before,), (after,) = invited.walk("VEVENT"), cancelled.walk("VEVENT")
    assert (
        cancelled["METHOD"] == "CANCEL" and after["STATUS"] == "CANCELLED" and after["SUMMARY"].startswith("【已取消】")
    )
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"]
    assert "會議改期" in text_of(mail_server.to("driver@example.org")[1])


def test_a_fact_that_comes_again_is_mailed_once(tell, database, by_smtp, mail_server, now):
    for _ in range(3):
        tell("trip_assigned", fact_id="same")
        sender.send_due(database, by_smtp, now)
    assert len(mail_server.mails) == 2


def test_a_mail_is_in_its_readers_language(tell, database, by_smtp, mail_server, now):
    database.transact(lambda session: setattr(session.get(Person, 6), "lang", "en"))
    tell("trip_assigned")
    sender.send_due(database, by_smtp, now)
    (mail,) = mail_server.to("driver@example.org")
    assert "Dear Chou Xing-lu" in text_of(mail) and mail["Content-Language"] == "en" and "您好" not in text_of(mail)
    (event,) = calendar_of(mail).walk("VEVENT")
    assert event["SUMMARY"] == "Drive RCX-3081 → 台中高鐵站"


def test_while_the_server_is_down_mails_wait_and_then_go_out_once(tell, database, by_smtp, mail_server, now):
    mail_server.stop()
    tell("trip_assigned")
    assert sender.send_due(database, by_smtp, now) == 0
    first = states(database)[0]
    assert first[:2] == ("queued", 1) and "ConnectionRefused" in first[2]
    assert sender.send_due(database, by_smtp, now + timedelta(seconds=1)) == 0
    mail_server.start()
    assert sender.send_due(database, by_smtp, now + timedelta(minutes=5)) == 2
    assert sender.send_due(database, by_smtp, now + timedelta(minutes=10)) == 0
    assert len(mail_server.mails) == 2 and [state for state, _, _ in states(database)] == ["sent", "sent"]


def test_a_busy_server_is_tried_again(tell, database, by_smtp, mail_server, now):
    mail_server.answer = "451 4.7.1 try again later"
    tell("trip_assigned")
    sender.send_due(database, by_smtp, now)
    assert states(database)[0][0] == "queued" and "451" in states(database)[0][2]
    mail_server.answer = ""
    sender.send_due(database, by_smtp, now + timedelta(minutes=1))
    assert len(mail_server.mails) == 2


def test_an_unknown_mailbox_is_given_up_and_the_others_are_served(tell, database, by_smtp, mail_server, now):
    mail_server.refuse.add("driver@example.org")
    tell("trip_assigned")
    assert sender.send_due(database, by_smtp, now) == 1
    assert states(database, person_id=6) == [("failed", 1, "550 5.1.1 no such mailbox")]
    assert states(database, person_id=1) == [("sent", 1, "")]


@pytest.mark.parametrize(
    "address", ["no-address", "a@b\r\nBcc: everyone@example.org", "two@a.example, three@b.example", "@", "x y@z"]
)
def test_a_bad_address_is_given_up_without_harm(tell, database, by_smtp, mail_server, now, address):
    database.transact(lambda session: setattr(session.get(Person, 6), "mail", address))
    tell("trip_assigned")
    sender.send_due(database, by_smtp, now)
    assert states(database, person_id=6)[0][0] == "failed" and len(mail_server.mails) == 1


def test_a_hostile_text_stays_text(tell, database, by_smtp, mail_server, now):
    hostile = "x\r\nBcc: everyone@example.org\r\n\r\nBEGIN:VCALENDAR"
    tell("trip_assigned", destination=hostile, origin=hostile)
    assert sender.send_due(database, by_smtp, now) == 2
    (mail,) = mail_server.to("driver@example.org")
    assert mail["Bcc"] is None and len(calendar_of(mail).walk("VEVENT")) == 1


def test_a_later_mail_about_the_same_waits_for_the_earlier(tell, database, by_smtp, mail_server, now):
    mail_server.stop()
    tell("trip_assigned", rev=4)
    sender.send_due(database, by_smtp, now)
    tell("trip_cancelled", rev=5)
    mail_server.start()
    sender.send_due(database, by_smtp, now + timedelta(seconds=1))
    assert mail_server.to("driver@example.org") == []
    for minute in (5, 6):
        sender.send_due(database, by_smtp, now + timedelta(minutes=minute))
    assert [calendar_of(mail)["METHOD"] for mail in mail_server.to("driver@example.org")] == ["REQUEST", "CANCEL"]


def test_a_mail_whose_moment_has_passed_is_not_sent(tell, database, by_smtp, mail_server, now):
    tell("trip_assigned")
    assert sender.send_due(database, by_smtp, now + timedelta(days=1)) == 0
    assert mail_server.mails == [] and {state for state, _, _ in states(database)} == {"expired"}


def test_somebody_not_known_here_yet_is_waited_for(tell, database, by_smtp, mail_server, now):
    tell("trip_assigned", driver_person_id="99")
    sender.send_due(database, by_smtp, now)
    assert states(database, person_id=99)[0][0] == "queued"

    def arrive(session):
        session.add(
            Person(
                id=99,
                username="late",
                name="晚到",
                name_en="Late",
                agency_id=1,
                roles=["driver"],
                mail="late@example.org",
            )
        )

    database.transact(arrive)
    sender.send_due(database, by_smtp, now + timedelta(minutes=1))
    assert len(mail_server.to("late@example.org")) == 1


def test_what_a_dead_sender_left_is_queued_again(tell, database, by_smtp, mail_server, now):
    tell("trip_assigned")
    with database.reading() as session:
        due = deliveries.due(session, now)
    database.transact(lambda session: deliveries.claim(session, due[0], now))
    assert database.transact(lambda session: deliveries.claim(session, due[0], now)) is None
    assert database.transact(lambda session: deliveries.recover(session, now + timedelta(minutes=1))) == 0
    assert database.transact(lambda session: deliveries.recover(session, now + timedelta(minutes=6))) == 1
    assert sender.send_due(database, by_smtp, now + timedelta(minutes=6)) == 2
    assert len(mail_server.mails) == 2


def test_two_senders_at_once_send_each_mail_once(tell, database, by_smtp, mail_server, now):
    for number in range(10):
        tell("trip_assigned", trip_id=str(number))
    start = threading.Barrier(3)

    def work():
        start.wait()
        for _ in range(6):
            sender.send_due(database, by_smtp, now)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail_server.mails) == 20 == len({mail["Message-ID"] for mail in mail_server.mails})


def test_the_server_may_ask_for_a_password(tell, database, settings, mail_server, now):
    mail_server.stop()
    mail_server.login = True
    mail_server.start()
    tell("trip_assigned")
    wrong = replace(settings, mail_url=mail_server.url.replace("s%40cret", "guess"))
    assert sender.send_due(database, wrong, now) == 0
    assert sender.send_due(database, replace(settings, mail_url=mail_server.url), now + timedelta(minutes=5)) == 2


def test_without_a_mail_server_mails_are_written_to_a_folder(tell, database, settings, now):
    rows = tell("trip_assigned")
    assert sender.send_due(database, settings, now) == 2
    written = sorted((settings.data_dir / "mail").iterdir())
    assert [path.name for path in written] == [f"{row.id:08d}.eml" for row in rows if row.channel == "mail"]
    mail = message_from_bytes(written[0].read_bytes(), policy=policy.default)
    assert calendar_of(mail)["METHOD"] == "REQUEST" and "周行路" in text_of(mail)
