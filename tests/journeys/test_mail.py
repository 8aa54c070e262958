"""Mails with their calendar part, through a real mail server; and on a desk without one, in a folder and on a page."""

import email
import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.house_fixture import DemoCity, House, eventually, free_port, running_house
from tests.journeys.days import weekday_ahead
from tests.journeys.forms import Browser
from tests.journeys.inbox import SECONDS

ADDRESS = "@citykeys.example"


class Postbox:
    """Takes every mail, but asks each receiver's first one to be brought again later, as real servers do."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.put_off: set[str] = set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        to = envelope.rcpt_tos[0]
        if to == f"driver2{ADDRESS}" and to not in self.put_off:
            self.put_off.add(to)
            return "451 try again later"
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        self.mails.append((to, email.message_from_bytes(content, policy=policy.default)))
        return "250 taken"

    def of(self, username: str, about: str) -> list[EmailMessage]:
        """The mails to this person that speak of `about`, in the order they came."""
        return [mail for to, mail in list(self.mails) if to == f"{username}{ADDRESS}" and about in body_of(mail)]


def body_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def calendar_of(mail: EmailMessage) -> tuple[str, Any] | None:
    """(method, event) of the calendar part; None for a mail without one."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
            assert part.get_param("method") == calendar["METHOD"]
            return str(calendar["METHOD"]), calendar.walk("VEVENT")[0]
    return None


@pytest.fixture(scope="module")
def postbox() -> Iterator[tuple[Postbox, str]]:
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    yield box, f"smtp://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture(scope="module")
def mailing(
    tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity, postbox: tuple[Postbox, str]
) -> Iterator[House]:
    """A house that sends its mails."""
    with running_house(
        tmp_path_factory.mktemp("mailing"), demo_city, MAIL_URL=postbox[1], MAIL_FROM="cars@citykeys.example"
    ) as made:
        yield made


def assigned_trip(house: House, username: str, days: int, purpose: str) -> dict[str, Any]:
    """A trip asked for, approved and given to this driver, as programs do it."""
    day = weekday_ahead(days)
    asked = {
        "purpose_code": "meeting", "purpose": purpose, "origin": "市政大樓", "destination": "市議會", "passengers": 2,
        "starts_at": f"{day}T09:00:00+08:00", "ends_at": f"{day}T11:00:00+08:00",
    }  # fmt: skip
    trip = house.api("officer", "POST", "/fleet/api/v1/trips", asked).json()
    assert house.api("supervisor", "POST", f"/fleet/api/v1/trips/{trip['id']}/approve", {}).status_code == 200
    return give(house, trip, username)


def give(house: House, trip: dict[str, Any], username: str) -> dict[str, Any]:
    path = f"/fleet/api/v1/trips/{trip['id']}"
    name = house.api(username, "GET", "/api/v1/me").json()["name"]
    suggested = house.api("dispatcher", "GET", f"{path}/suggestion").json()
    driver = next(
        each["id"] for each in suggested["drivers"]["candidates"] if name in (each.get("label"), each.get("name"))
    )
    told = house.api(
        "dispatcher",
        "POST",
        f"{path}/assign",
        {"vehicle_id": suggested["cars"]["candidates"][0]["id"], "driver_id": driver},
    )
    assert told.status_code == 200, told.text
    found: dict[str, Any] = told.json()
    return found


@pytest.mark.slow
def test_a_driver_is_invited_and_uninvited_by_mail(mailing: House, postbox: tuple[Postbox, str]) -> None:
    box = postbox[0]
    trip = assigned_trip(mailing, "driver", 20, "郵件邀請")
    number = trip["number"]
    (invited,) = eventually(lambda: box.of("driver", number), SECONDS)
    assert invited["From"].addresses[0].addr_spec == "cars@citykeys.example"
    assert "新派車" in invited["Subject"]
    found = calendar_of(invited)
    assert found
    method, event = found
    assert (method, str(event["UID"]), event["STATUS"]) == ("REQUEST", f"fleet-trip-{trip['id']}@citykeys", "CONFIRMED")
    assert event["ATTENDEE"] == f"mailto:driver{ADDRESS}" and event["ORGANIZER"] == "mailto:cars@citykeys.example"

    # Another driver instead: the first is uninvited, the second invited.
    give(mailing, trip, "driver2")
    first = eventually(lambda: box.of("driver", number)[1:], SECONDS)[0]
    method, cancelled = calendar_of(first) or ("", {})
    assert method == "CANCEL" and cancelled["STATUS"] == "CANCELLED" and cancelled["SEQUENCE"] > event["SEQUENCE"]
    assert cancelled["UID"] == event["UID"]
    (second,) = eventually(lambda: box.of("driver2", number), SECONDS)
    assert f"driver2{ADDRESS}" in box.put_off, "the server put the first try off, and it was tried again"
    method, again = calendar_of(second) or ("", {})
    assert method == "REQUEST"

    # Cancelled: the second driver and the requester are told, each with a higher SEQUENCE than what they hold.
    held = [found for mail in box.of("officer", number) if (found := calendar_of(mail))]
    mailing.api("officer", "POST", f"/fleet/api/v1/trips/{trip['id']}/cancel", {"reason": "改期"})
    for username, sequence in (("driver2", again["SEQUENCE"]), ("officer", held[-1][1]["SEQUENCE"])):
        last = eventually(
            lambda username=username: [m for m in box.of(username, number) if "取消" in m["Subject"]], SECONDS
        )[-1]
        method, gone = calendar_of(last) or ("", {})
        assert (method, gone["UID"]) == ("CANCEL", event["UID"]) and gone["SEQUENCE"] > sequence
    assert len(box.of("driver", number)) == 2, "who was already uninvited is left alone"
    identities = [mail["Message-ID"] for _, mail in box.mails]
    assert len(identities) == len(set(identities)), "no mail came twice"


@pytest.mark.slow
def test_a_confirmed_booking_is_an_invitation_and_its_cancellation_takes_it_back(
    mailing: House, postbox: tuple[Postbox, str]
) -> None:
    box = postbox[0]
    first, last = weekday_ahead(30), weekday_ahead(60)
    free = mailing.api("group", "GET", f"/venues/api/v1/free-slots?venue_id=1&from={first}&until={last}").json()[
        "items"
    ]
    slot = {"date": free[0]["date"], "slot": free[0]["slot"]}
    event = {"event_name": "郵件上的音樂會", "event_kind": "文化", "attendees": 50, "event_plan": "演出"}
    booking = mailing.api(
        "group", "POST", "/venues/api/v1/bookings", {"venue_id": "1", "slots": [slot], **event}
    ).json()
    path = f"/venues/api/v1/bookings/{booking['id']}"
    for step, body in (
        ("approve", {"note": "文件後補"}),
        ("insurance", {"policy_number": "PL-1"}),
        ("payment", {"receipt_number": "R-1"}),
    ):
        assert mailing.api("venues", "POST", f"{path}/{step}", body).status_code in (200, 201), step
    mails = eventually(lambda: [m for m in box.of("group", booking["number"]) if calendar_of(m)], SECONDS)
    method, held = calendar_of(mails[-1]) or ("", {})
    assert (method, str(held["UID"])) == ("REQUEST", f"venues-booking-{booking['id']}@citykeys")
    mailing.api("group", "POST", f"{path}/cancel", {"reason": "改期"})
    last_mail = eventually(lambda: [m for m in box.of("group", booking["number"]) if "取消" in m["Subject"]], SECONDS)[
        -1
    ]
    method, gone = calendar_of(last_mail) or ("", {})
    assert method == "CANCEL" and gone["UID"] == held["UID"] and gone["SEQUENCE"] > held["SEQUENCE"]


def test_without_a_mail_server_mails_lie_in_a_folder_and_are_shown_on_a_page(house: House) -> None:
    trip = assigned_trip(house, "driver2", 23, "寫進資料夾的郵件")
    folder = house.data_dir / "mail"

    def written() -> list[tuple[str, EmailMessage]]:
        found = []
        for path in sorted(folder.glob("*.eml")):
            mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            if trip["number"] in body_of(mail) and mail["To"].addresses[0].addr_spec == f"driver2{ADDRESS}":
                found.append((path.stem, mail))
        return found

    (name, mail), *_ = eventually(written, SECONDS)
    method, event = calendar_of(mail) or ("", {})
    assert method == "REQUEST" and str(event["UID"]) == f"fleet-trip-{trip['id']}@citykeys"
    driver = Browser(house, "driver2")
    page = driver.go(f"/messenger/mail/{int(name)}").of_status(200).says(trip["number"])
    attachment = next(href for href, _ in page.links if href.endswith(".ics"))
    data = driver.session.get(house.url + attachment, timeout=20).content
    assert re.sub(rb"\s", b"", data).startswith(b"BEGIN:VCALENDAR") and b"METHOD:REQUEST" in data
    Browser(house, "officer").go(f"/messenger/mail/{int(name)}").of_status(404)
    house.api("officer", "POST", f"/fleet/api/v1/trips/{trip['id']}/cancel", {})
    gone = eventually(lambda: written()[1:], SECONDS)[0][1]
    method, cancelled = calendar_of(gone) or ("", {})
    assert method == "CANCEL" and cancelled["SEQUENCE"] > event["SEQUENCE"]
