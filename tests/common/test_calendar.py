"""Feeds and invitations, read back by two independent programs."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendar import Entry, feed_bytes, invitation

ROOT = Path(__file__).parents[2]
KHAL = Path(sys.executable).with_name("khal")
CHANGED = datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC)

TRIP = Entry(
    uid="trip-2701@citykeys.example",
    sequence=3,
    changed_at=CHANGED,
    starts_at=datetime(2026, 11, 23, 5, 30, tzinfo=UTC),
    ends_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    summary="派車 RCX-3081 → 台中高鐵站；外賓, 6 人",
    location="市政大樓 東側車道",
    description="很長的說明：" + "請提早十分鐘到車格。" * 20 + "\n第二行",
    url="https://keys.example/fleet/trips/2701?lang=zh&看=1",
    category="公務車",
    alarm_minutes=30,
)
GONE = replace(
    TRIP, uid="trip-2702@citykeys.example", cancelled=True, sequence=4, starts_at=TRIP.starts_at - timedelta(days=1)
)
FEED = [TRIP, GONE, replace(TRIP, uid="trip-1@citykeys.example", summary="同時", url="", alarm_minutes=None)]


def events(data):
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def unfolded(data):
    return data.replace(b"\r\n ", b"").decode().split("\r\n")


def test_a_feed_is_read_back_as_it_was_meant():
    calendar = icalendar.Calendar.from_ical(feed_bytes("我的派車; 測試", FEED))
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "我的派車\\; 測試"  # icalendar unescapes only what it knows
    first, second, third = calendar.walk("VEVENT")
    assert [str(event["UID"]) for event in (first, second, third)] == [GONE.uid, "trip-1@citykeys.example", TRIP.uid]
    assert (third.start, third.end) == (TRIP.starts_at, TRIP.ends_at)
    assert third["SUMMARY"] == TRIP.summary and third["DESCRIPTION"] == TRIP.description
    assert third["LOCATION"] == TRIP.location and third["SEQUENCE"] == 3
    assert third["DTSTAMP"].dt == third["LAST-MODIFIED"].dt == CHANGED.replace(microsecond=0)
    assert (
        third["CATEGORIES"].to_ical().decode() == "公務車"
        and third["STATUS"] == "CONFIRMED"
        and third["TRANSP"] == "OPAQUE"
    )
    assert third["URL"] == "https://keys.example/fleet/trips/2701?lang=zh&%E7%9C%8B=1"
    (alarm,) = third.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-30) and alarm["ACTION"] == "DISPLAY"
    assert first["STATUS"] == "CANCELLED" and first["SUMMARY"].startswith("【已取消】") and not first.walk("VALARM")
    assert not any(event.errors for event in calendar.walk())


def test_the_header_comes_before_the_events_with_a_typed_refresh_interval():
    lines = unfolded(feed_bytes("x", FEED))
    head = lines[: lines.index("BEGIN:VEVENT")]
    assert head == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Citykeys//Calendar 1.0//ZH-TW", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "NAME:x", "X-WR-CALNAME:x", "X-WR-TIMEZONE:Asia/Taipei", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]  # fmt: skip
    assert "DTSTART:20261123T053000Z" in lines and not any("TZID" in line for line in lines)


def test_lines_fold_at_75_octets_and_never_inside_a_character():
    data = feed_bytes("很長的名字" * 30, FEED)
    assert data.endswith(b"END:VCALENDAR\r\n") and b"\n" not in data.replace(b"\r\n", b"")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()


def test_an_empty_feed_is_a_valid_calendar():
    assert events(feed_bytes("空", [])) == []


HOSTILE = "會議\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:x\u2028BEGIN:VEVENT\x85\nATTACH:http://x;,\\n\\;\x00\x1b"


@pytest.mark.parametrize("field", ["summary", "location", "description", "category", "uid", "url"])
def test_no_text_can_add_lines_of_its_own(field):
    data = feed_bytes(HOSTILE, [replace(TRIP, **{field: HOSTILE})])
    (event,) = events(data)
    assert sum(line.startswith(("BEGIN:", "END:")) for line in unfolded(data)) == 6
    assert not any(line.startswith(("ATTACH", "SUMMARY:x")) for line in data.decode().splitlines())
    if field not in ("uid", "url", "category"):
        assert "BEGIN:VEVENT" in event[field.upper()]


@given(title=st.text(), place=st.text(alphabet=st.characters(codec="utf-8")), sequence=st.integers(0, 10**6))
def test_any_title_goes_round(title, place, sequence):
    (event,) = events(feed_bytes(title, [replace(TRIP, summary="x" + title, location="x" + place, sequence=sequence)]))
    kept = [c for c in title if c.isprintable() and c.strip() and c not in "\ufeff"]
    assert [c for c in event["SUMMARY"][1:] if c in kept] == kept
    assert event["SEQUENCE"] == sequence and event["UID"] == TRIP.uid


def test_the_bytes_are_the_same_in_every_process():
    script = (
        "import sys; from tests.common.test_calendar import FEED; from common.calendar import feed_bytes;"
        " sys.stdout.buffer.write(feed_bytes('我的派車', reversed(FEED)))"
    )
    told = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Taipei"), ("3", "America/New_York")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        told.append(
            subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, check=True).stdout
        )
    assert told[0] == told[1] == told[2] == feed_bytes("我的派車", FEED)


def test_an_invitation_names_its_method_and_people():
    data = invitation(
        TRIP,
        method="REQUEST",
        organizer="keys@city.example",
        attendee="chou@city.example",
        attendee_name='周"師傅";\nX',
    )
    calendar = icalendar.Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "REQUEST" and event["SEQUENCE"] == 3 and event["STATUS"] == "CONFIRMED"
    assert event["ORGANIZER"] == "mailto:keys@city.example" and event["ATTENDEE"] == "mailto:chou@city.example"
    assert event["ATTENDEE"].params["CN"] == "周'師傅'; X" and event["ATTENDEE"].params["RSVP"] == "FALSE"


def test_a_cancellation_is_a_cancelled_event_with_the_same_uid():
    data = invitation(
        replace(TRIP, sequence=4),
        method="CANCEL",
        organizer="keys@city.example",
        attendee="chou@city.example",
        attendee_name="周師傅",
    )
    calendar = icalendar.Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"], event["UID"], event["SEQUENCE"]) == (
        "CANCEL",
        "CANCELLED",
        TRIP.uid,
        4,
    )


@pytest.mark.parametrize("bad", ["", "x", "a@b\r\nATTENDEE:mailto:c@d", "a b@c", "a@b;c"])
def test_an_address_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match="mail address"):
        invitation(TRIP, method="REQUEST", organizer="keys@city.example", attendee=bad, attendee_name="x")


def test_khal_shows_the_feed(tmp_path):
    """khal reads the file, imports it, and prints what a person would see."""
    (tmp_path / "calendar").mkdir()
    (tmp_path / "feed.ics").write_bytes(feed_bytes("我的派車", FEED))
    config = tmp_path / "khal.conf"
    config.write_text(
        f"[calendars]\n[[city]]\npath = {tmp_path}/calendar\ntype = calendar\n"
        f"[sqlite]\npath = {tmp_path}/khal.db\n"
        "[locale]\nlocal_timezone = Asia/Taipei\ndefault_timezone = Asia/Taipei\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
    )
    env = {**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}

    def khal(*arguments):
        return subprocess.run(
            [KHAL, "-c", config, *arguments], env=env, capture_output=True, text=True, check=True
        ).stdout

    shown = khal("printics", "--format", "{start}|{end}|{title}|{status}", str(tmp_path / "feed.ics"))
    assert "2026-11-23 13:30|2026-11-23 17:00|派車 RCX-3081 → 台中高鐵站；外賓, 6 人|CONFIRMED" in shown
    khal("import", "--batch", "-a", "city", str(tmp_path / "feed.ics"))
    listed = khal("list", "--format", "{start-time} {title} {status}", "--day-format", "", "2026-11-22", "3d")
    assert "13:30 【已取消】派車 RCX-3081 → 台中高鐵站；外賓, 6 人 CANCELLED" in listed and "13:30 同時" in listed
    assert len(list((tmp_path / "calendar").iterdir())) == 3
