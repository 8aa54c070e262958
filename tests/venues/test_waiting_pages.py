"""The waiting list and a series of dates on pages without a script, and as operations."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from tests.venues.test_pages import TYPED, applied, gathered, read

MORNING = [("date", "2026-12-12"), ("slot", "morning")]


@pytest.fixture
def atrium(ids):
    return f"/{ids['atrium']}"


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return unescape(answer.get_data(as_text=True))


def test_from_a_full_slot_to_the_line_and_to_the_application(client, atrium):
    group, officer, desk = client(as_="group"), client(as_="officer"), client(as_="venues")
    first = applied(group, atrium, MORNING)
    desk.submit(f"{first}/approve", {"rev": 1, "note": "文件後補"})
    assert "列入候補" in text(officer.get(f"{atrium}/quote?{urlencode(MORNING)}"))
    form = read(officer.get(f"{atrium}/wait?{urlencode(MORNING)}")).form("/wait")
    sent = {**gathered(form["fields"]), **TYPED}
    wrong = officer.submit(f"{atrium}/wait", {**sent, "attendees": "900"})
    assert "最多 200 人" in text(wrong, 422) and TYPED["event_name"] in text(wrong, 422)
    assert officer.submit(f"{atrium}/wait", sent).status_code == 303
    assert "貴單位已經在候補" in text(officer.submit(f"{atrium}/wait", sent), 409)
    assert "第 1 位" in text(officer.get("/waiting"))
    assert TYPED["event_name"] in text(desk.get("/waiting"))
    assert "沒有候補" in text(group.get("/waiting"))

    desk.submit(f"{first}/cancel", {"reason": "市政需要", "cause": "government_need", "shown": "0"})
    page = officer.get("/waiting")
    assert "替你保留到" in text(page)
    entry = officer.api("GET", "/waiting").get_json()["items"][0]
    assert (entry["state"], entry["slots"]) == ("offered", [{"date": "2026-12-12", "slot": "morning"}])
    assert group.api("POST", f"/waiting/{entry['id']}/accept", {}).status_code == 404
    assert "切結遵守使用限制" in text(page) and "2 具 300 瓦喇叭" in text(page)
    taken = officer.submit(f"/waiting/{entry['id']}/accept", {"rev": entry["rev"]})
    assert re.search(r"/bookings/\d+$", taken.headers["Location"])
    assert officer.api("GET", taken.headers["Location"].removeprefix("/venues")).get_json()["undertaken_at"]
    again = officer.submit(f"/waiting/{entry['id']}/accept", {"rev": entry["rev"]})
    assert again.status_code == 409


def test_an_operation_takes_no_offer_up_without_the_undertaking(client, ids):
    group, officer, desk = client(as_="group"), client(as_="officer"), client(as_="venues")
    asked = {"venue_id": str(ids["atrium"]), "slots": [{"date": "2026-12-12", "slot": "morning"}]}
    asked |= {"event_name": "展", "event_kind": "文化", "attendees": 20}
    first = group.api("POST", "/bookings", asked).get_json()
    entry = officer.api("POST", "/waiting", asked).get_json()
    desk.api("POST", f"/bookings/{first['id']}/reject", {"reason": "不符使用目的"})
    refused = officer.api("POST", f"/waiting/{entry['id']}/accept", {})
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "undertakes")
    taken = officer.api("POST", f"/waiting/{entry['id']}/accept", {"undertakes": True})
    assert taken.status_code == 200 and taken.get_json()["undertaken_at"]


def test_every_date_is_shown_before_the_series_is_sent(client, atrium):
    group = client(as_="group")
    applied(client(as_="officer"), atrium, [("date", "2026-12-19"), ("slot", "morning")])
    pattern = [("first", "2026-12-12"), ("weeks", "1"), ("until", "2026-12-26"), ("slot", "morning")]
    page = group.get(f"{atrium}/series?{urlencode(pattern)}")
    assert "3 個日期，其中 2 個可租" in text(page)
    assert "改成 12月18日" in text(page)
    form = next(gathered(each["fields"]) for each in read(page).forms if "dates" in dict(each["fields"]))
    assert form["dates"] == ["2026-12-12", "2026-12-26"]
    dates = ["2026-12-12", "2026-12-18", "2026-12-26"]
    refused = group.submit(f"{atrium}/series", {**form, **TYPED, "dates": [*dates, "2026-12-19"]})
    assert "整個系列都還沒送出" in text(refused, 409) and TYPED["event_name"] in text(refused, 409)
    sent = group.submit(f"{atrium}/series", {**form, **TYPED, "dates": dates})
    assert sent.status_code == 303, text(sent)
    shown = text(group.get(sent.headers["Location"]))
    assert shown.count("115-V-") == 3
    assert text(client(as_="officer2").get(sent.headers["Location"]), 404)
    gone = group.submit(f"{sent.headers['Location']}/cancel", {"reason": "延期"})
    assert gone.status_code == 303
    assert text(group.get(sent.headers["Location"])).count("已取消") >= 3


def test_a_pattern_that_makes_no_sense_is_told_at_once(client, atrium):
    pattern = [("first", "2026-12-12"), ("until", "2026-12-01"), ("slot", "morning")]
    assert "結束日要在第一天之後" in text(client(as_="group").get(f"{atrium}/series?{urlencode(pattern)}"), 422)


def test_series_as_operations(client, ids):
    group = client(as_="group")
    asked = {"venue_id": str(ids["atrium"]), "dates": ["2026-12-12", "2027-06-01"], "slots": ["morning"]}
    told = group.api("POST", "/series/preview", asked).get_json()["items"]
    assert [each["free"] for each in told] == [True, False]
    event = {"event_name": "展", "event_kind": "文化", "attendees": 20}
    refused = group.api("POST", "/series", {**asked, **event})
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (409, "dates")
    made = group.api("POST", "/series", {**asked, **event, "free_only": True})
    assert (made.status_code, made.get_json()["left_out"]) == (201, ["2027-06-01"])
    path = f"/series/{made.get_json()['id']}"
    assert group.api("GET", path).get_json()["bookings"][0]["status"] == "submitted"
    assert client(as_="officer").api("GET", path).status_code == 404
    cancelled = group.api("POST", f"{path}/cancel", {"reason": "延期"}).get_json()
    assert [each["status"] for each in cancelled["bookings"]] == ["cancelled"]
    assert group.api("POST", f"{path}/cancel", {}).status_code == 409
