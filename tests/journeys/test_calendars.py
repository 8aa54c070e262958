"""Calendars: private addresses made on the portal's page, served by every service, read by icalendar and by khal."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
import requests

from tests.house_fixture import ROOT, House, eventually, free_port
from tests.journeys.days import weekday_ahead
from tests.journeys.forms import Browser
from tests.journeys.inbox import SECONDS


def make_feed(browser: Browser, kind: str, ref: str = "", label: str = "") -> str:
    """Make an address on the portal's page; it is shown once."""
    page = browser.go(f"/feeds?kind={kind}&ref={ref}" if ref else f"/feeds?kind={kind}").of_status(200)
    made = page.send("/feeds$", kind=kind, label=label).of_status(200).says("網址只顯示這一次")
    address = re.search(r"https?://[^\s\"'<]+/feeds/[\w-]+\.ics", made.text)
    assert address
    assert address[0] not in browser.go("/feeds").text, "an address is shown only once"
    return address[0]


def read(address: str, **headers: str) -> requests.Response:
    return requests.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=20)


def served(address: str) -> requests.Response:
    """The feed, as soon as its service has heard of the address."""

    def look() -> requests.Response | None:
        answer = read(address)
        return answer if answer.status_code == 200 else None

    found: requests.Response = eventually(look, SECONDS)
    assert found.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return found


def events(data: bytes) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(data)
    assert not calendar.errors
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


@pytest.fixture(scope="module")
def trip(house: House) -> dict[str, Any]:
    """A trip with a car and driver, to be found in calendars."""
    day = weekday_ahead(26)
    asked = {
        "purpose_code": "meeting", "purpose": "行事曆上的行程", "origin": "市政大樓", "destination": "市議會", "passengers": 2,
        "starts_at": f"{day}T14:00:00+08:00", "ends_at": f"{day}T16:00:00+08:00",
    }  # fmt: skip
    made = house.api("officer", "POST", "/fleet/api/v1/trips", asked)
    assert made.status_code == 201, made.text
    row = made.json()
    assert house.api("supervisor", "POST", f"/fleet/api/v1/trips/{row['id']}/approve", {}).status_code == 200
    suggested = house.api("dispatcher", "GET", f"/fleet/api/v1/trips/{row['id']}/suggestion").json()
    pair = {
        f"{kind}_id": suggested[f"{many}"]["candidates"][0]["id"]
        for kind, many in (("vehicle", "cars"), ("driver", "drivers"))
    }
    assigned = house.api("dispatcher", "POST", f"/fleet/api/v1/trips/{row['id']}/assign", pair)
    assert assigned.status_code == 200, assigned.text
    found: dict[str, Any] = assigned.json()
    return found


def test_my_bookings_gather_what_other_services_tell(house: House, trip: dict[str, Any]) -> None:
    address = make_feed(Browser(house, "officer"), "my", label="手機")
    uid = f"fleet-trip-{trip['id']}@citykeys"
    found = eventually(lambda: events(served(address).content).get(uid), SECONDS)
    assert found["DTSTART"].dt == datetime.fromisoformat(trip["starts_at"])
    assert found["STATUS"] == "CONFIRMED"
    assert "市議會" in str(found["SUMMARY"])


def test_a_program_that_asks_again_gets_304_by_etag_and_by_date(house: House, trip: dict[str, Any]) -> None:
    for username, kind, ref in (
        ("officer", "my", ""),
        ("dispatcher", "vehicle", str(trip["vehicle_id"])),
        ("group", "venue", "1"),
    ):
        address = make_feed(Browser(house, username), kind, ref)
        first = served(address)
        by_tag = read(address, If_None_Match=first.headers["ETag"])
        assert (by_tag.status_code, by_tag.content) == (304, b"")
        by_date = read(address, If_Modified_Since=first.headers["Last-Modified"])
        assert (by_date.status_code, by_date.content) == (304, b"")
        earlier = parsedate_to_datetime(first.headers["Last-Modified"]) - timedelta(seconds=1)
        assert read(address, If_Modified_Since=earlier.strftime("%a, %d %b %Y %H:%M:%S GMT")).status_code == 200
        assert read(address, If_None_Match='"another"').content == first.content
        assert first.headers["Cache-Control"] == "private, no-cache"


def khal(folder: Path, data: bytes, day: str) -> str:
    """What khal, a calendar program, shows of this feed on `day`."""
    calendar = folder / "feed"
    calendar.mkdir()
    for number, event in enumerate(icalendar.Calendar.from_ical(data).walk("VEVENT")):
        alone = icalendar.Calendar()
        alone.add("prodid", "-//test//")
        alone.add("version", "2.0")
        alone.add_component(event)
        (calendar / f"{number}.ics").write_bytes(alone.to_ical())
    formats = {
        "timeformat": "%H:%M", "dateformat": "%Y-%m-%d", "longdateformat": "%Y-%m-%d", "datetimeformat": "%Y-%m-%d %H:%M",
        "longdatetimeformat": "%Y-%m-%d %H:%M", "local_timezone": "Asia/Taipei", "default_timezone": "Asia/Taipei",
    }  # fmt: skip
    locale = "\n".join(f"{name} = {value}" for name, value in formats.items())
    config = folder / "config"
    config.write_text(
        f"[calendars]\n[[feed]]\npath = {calendar}\n[sqlite]\npath = {folder}/khal.db\n[locale]\n{locale}\n"
    )
    program = [str(Path(sys.executable).parent / "khal"), "-c", str(config)]
    shown = subprocess.run(
        [*program, "list", "-f", "{start-time}|{end-time}|{title}|{status}", day, "1d"],
        env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return shown.stdout


def test_a_cancelled_trip_stays_as_cancelled_with_a_higher_sequence(
    house: House, trip: dict[str, Any], tmp_path: Path
) -> None:
    uid, day = f"fleet-trip-{trip['id']}@citykeys", trip["starts_at"][:10]
    car = make_feed(Browser(house, "dispatcher"), "vehicle", str(trip["vehicle_id"]))
    mine = make_feed(Browser(house, "officer"), "my")
    before = served(car)
    was = events(before.content)[uid]
    eventually(lambda: uid in events(served(mine).content), SECONDS)
    assert "14:00|16:00" in khal(tmp_path, before.content, day)

    cancelled = house.api("officer", "POST", f"/fleet/api/v1/trips/{trip['id']}/cancel", {"reason": "改視訊"})
    assert cancelled.status_code == 200, cancelled.text
    after = read(car, If_None_Match=before.headers["ETag"])
    assert after.status_code == 200, "a changed feed is told whole again"
    for data in (after.content, eventually(lambda: data_of_cancelled(mine, uid), SECONDS)):
        now_is = events(data)[uid]
        assert now_is["STATUS"] == "CANCELLED"
        assert now_is["SEQUENCE"] > was["SEQUENCE"]
        assert now_is["DTSTART"].dt == was["DTSTART"].dt
    (tmp_path / "later").mkdir()
    assert "已取消" in khal(tmp_path / "later", after.content, day)


def data_of_cancelled(address: str, uid: str) -> bytes | None:
    data = served(address).content
    return data if events(data)[uid]["STATUS"] == "CANCELLED" else None


def test_a_venue_feed_shows_a_booking_and_its_cancellation(house: House) -> None:
    address = make_feed(Browser(house, "venues"), "venue", "1")
    served(address)
    asked = {
        "venue_id": "1", "slots": [free_evening(house)], "event_name": "行事曆上的活動", "event_kind": "文化",
        "attendees": 50, "event_plan": "演出",
    }  # fmt: skip
    made = house.api("group", "POST", "/venues/api/v1/bookings", asked)
    assert made.status_code == 201, made.text
    uid = f"venues-booking-{made.json()['id']}@citykeys"
    held = events(served(address).content)[uid]
    house.api("group", "POST", f"/venues/api/v1/bookings/{made.json()['id']}/cancel", {"reason": "改期"})
    gone = events(served(address).content)[uid]
    assert (gone["STATUS"], gone["SEQUENCE"] > held["SEQUENCE"]) == ("CANCELLED", True)


def free_evening(house: House) -> dict[str, str]:
    first, last = weekday_ahead(30), weekday_ahead(60)
    found = house.api("group", "GET", f"/venues/api/v1/free-slots?venue_id=1&from={first}&until={last}")
    free = [each for each in found.json()["items"] if each["slot"] == "evening"]
    return {"date": free[0]["date"], "slot": "evening"}


def test_two_processes_answer_with_the_same_bytes_and_etag(house: House, trip: dict[str, Any]) -> None:
    address = make_feed(Browser(house, "dispatcher"), "vehicle", str(trip["vehicle_id"]))
    served(address)
    port = free_port()
    urls = {f"{name.upper()}_URL": url for name, url in house.description()["services"].items()}
    environment = {
        **house.environment, **urls, "PORT": str(port), "HOST": "127.0.0.1", "PUBLIC_URL": house.url, "DEMO": "1",
        "DATA_DIR": str(house.data_dir),
    }  # fmt: skip
    twin = subprocess.Popen([sys.executable, "-m", "services", "fleet", "web"], cwd=ROOT, env=environment)
    try:
        beside = f"http://127.0.0.1:{port}/feeds/{address.rsplit('/', 1)[1]}"

        def answers() -> requests.Response | None:
            try:
                return read(beside)
            except (requests.ConnectionError, requests.Timeout):  # it takes calls before it has read all its code
                return None

        other = eventually(answers, 120)
        first = read(address)
        assert other.content == first.content and other.headers["ETag"] == first.headers["ETag"]
        assert len(first.content) > 500
        assert read(beside, If_None_Match=first.headers["ETag"]).status_code == 304
    finally:
        twin.terminate()
        twin.wait(timeout=20)


def test_a_revoked_or_reset_address_answers_404_promptly(house: House) -> None:
    browser = Browser(house, "dispatcher")
    address = make_feed(browser, "vehicle", "1", label="要停用的")
    served(address)
    page = browser.go("/feeds")
    latest = max(int(found) for found in re.findall(r"/feeds/(\d+)/revoke", page.text))
    reset = page.send(f"/feeds/{latest}/reset").of_status(200)
    fresh = re.search(r"https?://[^\s\"'<]+/feeds/[\w-]+\.ics", reset.text)
    assert fresh and fresh[0] != address
    eventually(lambda: read(address).status_code == 404, SECONDS)
    served(fresh[0])
    latest = max(int(found) for found in re.findall(r"/feeds/(\d+)/revoke", browser.go("/feeds").text))
    browser.go("/feeds").send(f"/feeds/{latest}/revoke").of_status(200).says("已停用")
    eventually(lambda: read(fresh[0]).status_code == 404, SECONDS)


def test_an_address_opens_only_what_its_owner_may_see(house: House) -> None:
    """An officer has no feed of another agency's car, however it was made; an unknown address says the same."""
    officer = Browser(house, "officer")
    agency = house.api("officer", "GET", "/api/v1/me").json()["agency"]["id"]
    cars = house.api("dispatcher", "GET", "/fleet/api/v1/vehicles?limit=100").json()["items"]
    foreign = next(car for car in cars if str(car["owner_agency_id"]) != str(agency))
    own = next((car for car in cars if str(car["owner_agency_id"]) == str(agency)), None)
    refused = make_feed(officer, "vehicle", str(foreign["id"]))
    if own:
        served(make_feed(officer, "vehicle", str(own["id"])))
    assert read(refused).status_code == 404
    assert read(re.sub(r"feeds/.*", "feeds/" + "x" * 43 + ".ics", refused)).status_code == 404
    page = Browser(house, "group").go("/feeds?kind=vehicle&ref=1")
    assert 'value="vehicle"' not in page.text
    body = {"kind": "vehicle", "ref": "1"}
    assert house.api("group", "POST", "/api/v1/feeds", body).status_code == 403
