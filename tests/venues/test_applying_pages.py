"""A hall's conditions of applying set on its page, met by the applicant, seen by the officer; and the forms on paper."""

import io
import zipfile
from html import unescape

import pytest

from tests.venues.test_pages import TYPED, applied, gathered, read
from tests.venues.test_tariff_pages import text, typed
from venues.schemas.taken import ApplyForBooking

LATE = [("date", "2026-12-01"), ("slot", "morning")]
EVENT = {"event_name": "冬季合唱音樂會", "event_kind": "文化", "attendees": 150}


@pytest.fixture
def admin(client):
    return client(as_="admin")


@pytest.fixture
def group(client):
    return client(as_="group")


@pytest.fixture
def atrium(ids):
    return f"/{ids['atrium']}"


@pytest.fixture
def ruled(admin, ids):
    """Conditions put into the atrium's tariff by the operations, valid from today."""

    def put(**applying):
        path = f"/venues/{ids['atrium']}/tariffs"
        last = admin.api("GET", path).get_json()["items"][0]
        body = {name: last[name] for name in ("rates", "waivers", "refunds", "pay")}
        body |= {"effective_from": "2026-11-23", "applying": applying}
        seen = admin.api("POST", f"{path}/preview", body).get_json()
        made = admin.api("POST", path, body | {"shown": seen["token"]})
        assert made.status_code == 201, made.get_data(as_text=True)
        return made.get_json()

    return put


def test_an_administrator_sets_the_conditions_on_the_tariffs_page(admin, client, ids, atrium):
    page = read(admin.get(f"/tariffs/{ids['atrium']}/new"))
    fields = typed(page, effective_from="2026-11-23", **{"applying.month_days.n": "7", "applying.series_months.n": "6"})
    fields |= {"applying.month_days.rule": "S-31", "applying.window.kind": "days", "applying.window.rule": "S-31"}
    fields |= {"applying.window.opens": "30", "applying.window.closes": "15", "applying.window.free": ["city_agency"]}
    refused = text(admin.submit(f"/tariffs/{ids['atrium']}/preview", fields), 422)
    assert 'href="#f-applying-series-months-rule"' in refused and "請填依據的規定編號" in refused
    looked = admin.submit(f"/tariffs/{ids['atrium']}/preview", fields | {"applying.series_months.rule": "S-41"})
    told = text(looked)
    for expected in (
        "使用日前 30 天至 15 天",
        "本府機關學校不受開放日限制",
        "每月最多 7 天",
        "一次最多申請 6 個月",
        "#S-41",
    ):
        assert expected in told, expected
    saved = admin.submit(f"/tariffs/{ids['atrium']}/save", gathered(read(looked).form("/save")["fields"]))
    assert saved.status_code == 303
    page = unescape(client(as_="group").get(atrium).get_data(as_text=True))
    assert "使用日前 30 天至 15 天申請" in page and "每一申請單位每月最多 7 天" in page


def test_the_operations_take_the_conditions_and_refuse_by_them(ruled, group, ids):
    made = ruled(
        month_days={"n": 1, "rule": "S-31"}, window={"kind": "half_year", "opens": 2, "closes": 10, "rule": "S-35"}
    )
    assert made["applying"]["month_days"] == {"n": 1, "rule": "S-31", "sample": False}
    place = group.api("GET", f"/venues/{ids['atrium']}").get_json()
    assert (place["last_day"], place["applying"]["window"]["kind"]) == ("2027-06-30", "half_year")
    body = {"venue_id": str(ids["atrium"]), "slots": [{"date": "2026-12-12", "slot": "morning"}], **EVENT}
    assert group.api("POST", "/bookings", body).status_code == 201
    again = group.api("POST", "/bookings", body | {"slots": [{"date": "2026-12-13", "slot": "morning"}]})
    assert again.status_code == 422 and "（S-31）" in again.get_data(as_text=True)
    far = group.api("POST", "/bookings", body | {"slots": [{"date": "2027-07-01", "slot": "morning"}]})
    assert far.status_code == 422 and "（S-35）" in far.get_data(as_text=True)


def test_several_dates_too_far_apart_are_refused_on_the_page(ruled, group, atrium):
    ruled(series_months={"n": 1, "rule": "S-41"})
    page = text(group.get(f"{atrium}/series?first=2026-12-12&until=2027-01-16&weeks=1&slot=morning"), 422)
    assert "（S-41）" in page and "116年1月11日（週一）" in page


def test_an_emergency_goes_through_the_pages_and_the_officer_reads_why(ruled, group, client, atrium):
    ruled(emergency={"n": 5, "rule": "S-32"})
    page = unescape(group.get(f"{atrium}?date=2026-12-01&slot=morning").get_data(as_text=True))
    assert "不可預見之緊急事件可敘明事由申請到 11月26日（週四）（S-32）" in page and 'name="emergency"' in page
    where = applied(group, atrium, [*LATE, ("emergency", "原場地漏水停用")])
    officer = client(as_="venues")
    assert "原場地漏水停用" in text(officer.get(where))
    listed = text(officer.get("/bookings?show=submitted"))
    assert "緊急" in listed and "原場地漏水停用" in listed
    told = officer.api("GET", "/bookings").get_json()["items"][0]
    assert told["emergency"] == "原場地漏水停用"


def test_what_should_have_been_decided_is_counted_for_the_officer_alone(ruled, group, client, clock, atrium):
    ruled(decide_days={"n": 5, "rule": "S-36"})
    applied(group, atrium)
    officer = client(as_="venues")
    page = text(officer.get("/bookings?show=submitted"))
    assert "決定期限 11月28日（週六）" in page and "逾期" not in page
    assert officer.api("GET", "/bookings?overdue=true").get_json()["items"] == []
    clock.tick(days=7)
    officer, group = client(as_="venues"), client(as_="group")
    page = text(officer.get("/bookings?show=overdue"))
    assert "逾期 2 天未決" in page and TYPED["event_name"] in page and "逾期未決" in page
    assert len(officer.api("GET", "/bookings?overdue=true").get_json()["items"]) == 1
    assert "逾期" not in text(group.get("/bookings"))


# ── On paper (S-16) ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("whose", "own", "other"),
    [("city", "承辦單位及承辦人", "立案（登記）字號"), ("outside", "立案（登記）字號", "承辦單位及承辦人")],
)
def test_an_empty_form_asks_what_an_application_takes_in_the_republics_dates(client, ids, atrium, whose, own, other):
    page = client().get(atrium).get_data(as_text=True)
    assert f"{atrium}/form-{whose}.odt" in page
    sent = client().get(f"{atrium}/form-{whose}.odt")
    assert sent.status_code == 200 and sent.mimetype == "application/vnd.oasis.opendocument.text"
    with zipfile.ZipFile(io.BytesIO(sent.data)) as packed:
        assert packed.namelist()[0] == "mimetype" and packed.read("mimetype").decode() == sent.mimetype
        told = packed.read("content.xml").decode()
    for name, field in ApplyForBooking().load_fields.items():
        assert name == "emergency" or field.metadata["label"].zh in told, name
    for expected in (
        own,
        "1樓中庭使用申請表",
        "中華民國　　年　　月　　日",
        "中華民國 115 年 11 月 23 日",
        "□ 上午 08:30–12:30",
        "（S-14）",
    ):
        assert expected in told, expected
    assert other not in told and "緊急事由" not in told
    assert client().get(f"/{ids['n206']}/form-{whose}.odt").status_code == 404
