"""Tariffs, reductions, the calendar and the price comparison on their pages, without a script; and as operations."""

import io
import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest

from common.period import today
from tests.venues.test_pages import CHOSEN, applied, gathered, read
from venues import demo
from venues.models import Reduction, TariffRow

CLASSES = ["registered_body", "city_agency"]


@pytest.fixture
def admin(client):
    return client(as_="admin")


@pytest.fixture
def tariff(ids):
    return f"/tariffs/{ids['atrium']}"


def text(answer, status=200):
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == status, page[:3000]
    return page


def typed(page, ending="/preview", **changes):
    """The fields of the form as a browser would send them, some typed over; None unticks."""
    fields = gathered(page.form(ending)["fields"])
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def slot_row(fields):
    return next(name.split(".")[1] for name, value in fields.items() if name.endswith(".kind") and value == ["slot"])


# ── Versions ─────────────────────────────────────────────────────────────────


def test_every_venue_has_its_version_and_each_row_its_condition_and_rule(admin, tariff):
    assert "112-11-09" in text(admin.get("/tariffs"))
    page = text(admin.get(tariff))
    for expected in ("適用中", "一律", "#S-04", "#S-13", "活動式舞臺", "示範", "核准後 3 個工作天內", "10 天前 100%"):
        assert expected in page, expected


def test_a_version_is_typed_looked_at_and_saved_and_what_it_touches_is_named(admin, client, ids, tariff):
    where = applied(client(as_="group"), f"/{ids['atrium']}", [("date", "2026-12-12"), ("slot", "morning")])
    page = read(admin.get(f"{tariff}/new"))
    row = slot_row(typed(page))
    fields = typed(page, effective_from="2026-12-01", note="調整", **{f"rates.{row}.amount": "5500"})
    fields |= {
        "rates.7.kind": "slot",
        "rates.7.amount": "6000",
        "rates.7.rule": "S-05",
        "rates.7.days": ["saturday", "sunday", "holiday"],
    }
    looked = admin.submit(f"{tariff}/preview", fields)
    told = text(looked)
    for expected in ("影響 1 件未繳費的申請", "25,000", "26,000", "+1,000", "週六", "把未核定的 1 件改依新版本計價"):
        assert expected in told, expected
    save = gathered(read(looked).form("/save")["fields"])
    assert admin.submit(f"{tariff}/save", save | {"requote": "1"}).status_code == 303
    assert "已存為版本 115-12-01" in text(admin.get(tariff))
    page = text(client(as_="group").get(where))
    assert "6,000 元" in page and "115-12-01" in page


def test_a_fault_is_shown_at_the_row_that_was_typed_and_nothing_is_lost(admin, tariff):
    page = read(admin.get(f"{tariff}/new"))
    fields = typed(page, effective_from="2026-12-01", note="調整說明")
    fields |= {"rates.0.drop": "1", "rates.9.kind": "slot", "rates.9.amount": "6000", "rates.9.rule": "S-05"}
    fields |= {"rates.8.kind": "slot", "rates.8.amount": "5000", "rates.8.rule": "S-04"}
    answer = admin.submit(f"{tariff}/preview", fields)
    told = text(answer, 422)
    assert 'href="#f-rates-9-kind"' in told
    assert "條件一樣細" in told
    again = typed(read(answer, 422))
    assert (again["note"], again["rates.9.amount"], again["rates.0.drop"]) == (["調整說明"], ["6000"], ["1"])
    missing = admin.submit(f"{tariff}/preview", {**fields, "rates.9.amount": "", "effective_from": ""})
    assert "rates-9-amount" in text(missing, 422)


def test_the_preview_leads_back_to_the_form_with_everything_typed(admin, tariff):
    page = read(admin.get(f"{tariff}/new"))
    looked = read(admin.submit(f"{tariff}/preview", typed(page, effective_from="2026-12-05", note="回頭")))
    back = read(admin.submit(f"{tariff}/edit", gathered(looked.form("/save")["fields"])))
    again = typed(back)
    assert (again["effective_from"], again["note"]) == (["2026-12-05"], ["回頭"])
    assert {name: value for name, value in again.items() if name.startswith("rates.")} == {
        name: value for name, value in typed(page).items() if name.startswith("rates.")
    }


def test_a_preview_that_moved_is_shown_anew(admin, client, ids, tariff):
    page = read(admin.get(f"{tariff}/new"))
    looked = read(admin.submit(f"{tariff}/preview", typed(page, effective_from="2026-12-05")))
    applied(client(as_="group"), f"/{ids['atrium']}", CHOSEN)
    answer = admin.submit(f"{tariff}/save", gathered(looked.form("/save")["fields"]))
    assert "請再看一次預覽" in text(answer, 409)
    assert "影響 1 件" in text(answer, 409)
    assert admin.submit(f"{tariff}/save", gathered(read(answer, 409).form("/save")["fields"])).status_code == 303


def test_a_version_goes_out_as_a_file_and_comes_back_into_the_form(admin, tariff):
    link = next(link for link in read(admin.get(tariff)).links if link.endswith(".json"))
    sent = admin.get(link.replace("http://localhost", ""))
    assert sent.headers["Content-Disposition"].endswith('filename="atrium-112-11-09.json"')
    document = json.loads(sent.get_data(as_text=True))
    document["rates"][0]["amount"] = 7777
    document["effective_from"] = "2027-01-01"

    def upload(raw):
        return admin.submit(
            f"{tariff}/take-in", {"file": (io.BytesIO(raw), "t.json")}, content_type="multipart/form-data"
        )

    fields = typed(read(upload(json.dumps(document).encode())))
    assert "7777" in [value[0] for value in fields.values()]
    assert fields["effective_from"] == ["2027-01-01"]
    for raw in (b"not json", b"[]", b"{}", b"\xff\xfe", b'{"rates": [{"kind": "gift"}]}', b"[" * 9000):
        assert "alert" in text(upload(raw), 422)
    assert text(admin.submit(f"{tariff}/take-in", {}), 422)


def test_a_version_to_come_is_taken_back_with_a_reason(admin, tariff):
    page = read(admin.get(f"{tariff}/new"))
    looked = read(admin.submit(f"{tariff}/preview", typed(page, effective_from="2026-12-05")))
    admin.submit(f"{tariff}/save", gathered(looked.form("/save")["fields"]))
    form = read(admin.get(tariff)).form("/withdraw")
    action = form["action"].replace("http://localhost", "")
    assert text(admin.submit(action, {"reason": ""}), 422)
    assert admin.submit(action, {"reason": "緩議"}).status_code == 303
    assert "撤回的版本" in text(admin.get(tariff))


def test_others_read_or_stay_outside(client, ids, tariff):
    auditor = client(as_="auditor")
    assert "擬新版本" not in text(auditor.get(tariff))
    assert auditor.get(f"{tariff}/new").status_code == 403
    assert client(as_="group").get(tariff).status_code == 403
    assert client(as_="admin").get(f"/tariffs/{ids['n206']}").status_code == 404


def test_a_version_through_the_operations(admin, client, ids):
    path = f"/venues/{ids['atrium']}/tariffs"
    listed = admin.api("GET", path).get_json()
    assert [(one["version"], one["in_force"]) for one in listed["items"]] == [("112-11-09", True)]
    body = {name: listed["items"][0][name] for name in ("rates", "waivers", "refunds", "pay")} | {
        "effective_from": "2026-12-01"
    }
    body["rates"][0]["amount"] = 6000
    seen = admin.api("POST", f"{path}/preview", body).get_json()
    assert (seen["version"], seen["touched"]) == ("115-12-01", [])
    applied(client(as_="group"), f"/{ids['atrium']}", [("date", "2026-12-12"), ("slot", "morning")])
    seen = admin.api("POST", f"{path}/preview", body).get_json()
    touched = [(one["total"], one["new_total"], one["difference"], one["undecided"]) for one in seen["touched"]]
    assert touched == [(25000, 26000, 1000, True)]
    assert [line["amount"] for line in seen["touched"][0]["lines"]] == [6000, 20000]
    assert admin.api("POST", path, body | {"shown": "x"}).status_code == 409
    made = admin.api("POST", path, body | {"shown": seen["token"]})
    assert made.status_code == 201
    one = made.get_json()
    assert (one["version"], one["in_force"], one["rates"][0]["amount"]) == ("115-12-01", False, 6000)
    assert admin.api("GET", f"{path}/{one['id']}").get_json() == one
    assert admin.api("POST", f"{path}/{one['id']}/withdraw", {"reason": "緩議"}).get_json()["version"] == "115-12-01"
    assert admin.api("GET", f"{path}/{one['id']}").status_code == 404
    bad = admin.api("POST", f"{path}/preview", {**body, "rates": [*body["rates"], body["rates"][0]]})
    assert bad.get_json()["errors"][0]["field"] == f"rates.{len(body['rates'])}"
    assert client(as_="group").api("GET", path).status_code == 403


# ── Reductions ───────────────────────────────────────────────────────────────


def test_a_reduction_is_proposed_by_one_and_granted_by_another_on_the_booking(client, admin, ids):
    group, officer = client(as_="group"), client(as_="venues")
    where = applied(group, f"/{ids['atrium']}", [("date", "2026-12-12"), ("slot", "morning")])
    assert "提出減免" not in text(group.get(where))
    form = read(officer.get(where)).form("/reductions")
    fields = gathered(form["fields"]) | {"percent": "50", "rule": "S-13", "reason": "合辦公益活動"}
    wrong = officer.submit(f"{where}/reductions", fields | {"percent": "", "rule": "第9條"})
    assert dict(read(wrong, 422).form("/reductions")["fields"])["reason"] == "合辦公益活動"
    assert officer.submit(f"{where}/reductions", fields).status_code == 303
    assert "要由另一位承辦或管理者決定" in text(officer.get(where))
    assert "合辦公益活動" in text(admin.get("/reductions"))
    assert "合辦公益活動" not in text(group.get(where))
    assert text(officer.submit(f"{where}/approve", {"note": "文件後補"}), 409)
    grant = read(admin.get(where)).form("/grant")
    assert admin.submit(grant["action"].replace("http://localhost", ""), gathered(grant["fields"])).status_code == 303
    page = text(group.get(where))
    assert "專案減收場地費 50%" in page and "2,500" in page and "合辦公益活動" in page
    assert "沒有待決定的減免" in text(admin.get("/reductions"))
    assert "已核可" in text(admin.get("/reductions?show=all"))


def test_a_reduction_through_the_operations(client, admin, ids):
    group, officer = client(as_="group"), client(as_="venues")
    where = applied(group, f"/{ids['atrium']}", [("date", "2026-12-12"), ("slot", "morning")])
    number = where.rsplit("/", 1)[1]
    body = {"percent": 100, "rule": "S-13", "reason": "專案"}
    row = officer.api("POST", f"/bookings/{number}/reductions", body).get_json()
    assert (row["state"], row["total"]) == ("proposed", 25000)
    assert officer.api("POST", f"/reductions/{row['id']}/grant", {}).status_code == 403
    assert officer.api("POST", f"/bookings/{number}/reductions", body).status_code == 409
    assert [one["id"] for one in admin.api("GET", "/reductions?state=proposed").get_json()["items"]] == [row["id"]]
    assert admin.api("POST", f"/reductions/{row['id']}/grant", {"rev": row["rev"]}).get_json()["total"] == 20000
    assert admin.api("POST", f"/reductions/{row['id']}/refuse", {"decision": "x"}).status_code == 409
    assert officer.api("POST", f"/reductions/{row['id']}/withdraw", {}).status_code == 409


# ── The calendar ─────────────────────────────────────────────────────────────


def test_the_calendar_shows_a_year_and_takes_a_closure(admin, client, ids):
    page = text(admin.get("/calendar"))
    assert "政府行事曆 115 年" in page and "120" in page and "補假" in page
    day = {"day": "2026-07-10", "kind": "closure", "name": "颱風停止上班", "name_en": "Typhoon", "reason": "府公告"}
    wrong = admin.submit("/calendar/days", {**day, "reason": ""})
    assert dict(read(wrong, 422).form("/calendar/days")["fields"]) is not None
    assert "颱風停止上班" in text(wrong, 422)
    assert admin.submit("/calendar/days", day).status_code == 303
    assert "人工更正" in text(admin.get("/calendar?year=2026"))
    assert text(admin.submit("/calendar/days", day), 422)
    form = read(admin.get("/calendar?year=2026&day=2026-07-10")).form("/calendar/days")
    fields = gathered(form["fields"]) | {"kind": "workday", "reason": "改補班"}
    assert fields["name"] == ["颱風停止上班"]
    assert admin.submit("/calendar/days", fields).status_code == 303
    assert "剛被改過" in text(admin.submit("/calendar/days", fields), 409)
    assert admin.submit("/calendar/days/2026-07-10/remove", {"reason": "未停班"}).status_code == 303
    assert text(admin.submit("/calendar/days/x/remove", {"reason": "未停班"}), 422)
    assert admin.submit("/calendar/fill", {"year": "2028"}).status_code == 303
    assert "政府行事曆 117 年" in text(admin.get("/calendar?year=2028"))
    assert "加一天" not in text(client(as_="auditor").get("/calendar"))
    told = client(as_="group").api("GET", "/calendar-days?year=2026").get_json()
    assert (told["days_off"], told["items"][0]["date"], told["items"][0]["kind"]) == (120, "2026-01-01", "holiday")


# ── What would it cost ───────────────────────────────────────────────────────


def test_a_stranger_compares_classes_and_days_side_by_side(client, ids):
    asked = [
        ("venue_id", ids["atrium"]), ("date", "2026-12-12"), ("date2", "2026-12-25"), ("slot", "morning"), ("slot", "afternoon"),
        ("overtime_minutes", "130"), ("stage", "1"), *(("applicant_class", one) for one in CLASSES),
    ]  # fmt: skip
    page = text(client().get(f"/what-if?{urlencode(asked)}"))
    for expected in (
        "12月12日（週六）", "12月25日（週五） 國定假日，本府機關學校", "逾時 3 小時 × 1,250", "16,750", "36,750",
        "未滿 1 小時以 1 小時計", "#S-13", "112-11-09",
    ):  # fmt: skip
        assert expected in page, expected
    assert not re.search("（週六）.{0,2}週六", page), "a day is named once"
    english = text(client().get(f"/what-if?{urlencode(asked)}&lang=en"))
    assert "Sat 12 Dec" in english and not re.search("Sat 12 Dec.{0,2}Saturday", english)


@pytest.mark.parametrize(
    "query",
    ["", "venue_id=x&date=x", "venue_id=999&date=2026-12-12&slot=midnight", "date=0001-01-01&slot=morning", "date=2026-12-12",
     "date=2026-12-12&slot=morning&stage=19&overtime_minutes=9999999&attendees=-1", "date=2026-12-12&slot=morning&stage=%E2%91%A2"],
)  # fmt: skip
def test_an_odd_question_is_no_error(client, ids, query):
    for lang in ("zh", "en"):
        assert client().get(f"/what-if?{query}&lang={lang}").status_code == 200


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_speak_both_languages(admin, tariff, lang):
    for page in (
        "/tariffs",
        tariff,
        f"{tariff}/new",
        "/reductions",
        "/calendar",
        "/what-if?date=2026-12-12&slot=morning",
    ):
        assert admin.get(f"{page}{'&' if '?' in page else '?'}lang={lang}").status_code == 200


# ── The demonstration ────────────────────────────────────────────────────────


def test_the_demonstration_has_a_version_to_come_a_reduction_that_waits_and_one_granted(database, people, now):
    database.transact(lambda session: demo.load(session, now))
    with database.reading() as session:
        ahead = [row for row in session.query(TariffRow) if row.effective_from > today(now)]
        states = sorted(row.state for row in session.query(Reduction))
    assert ([row.effective_from.day for row in ahead], states) == ([1], ["granted", "proposed"])
