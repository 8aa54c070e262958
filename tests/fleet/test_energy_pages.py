"""Energy through its doors: the comparison as a page, a file and an operation; a file of slips line by line."""

import io
from decimal import Decimal
from html import unescape

import pytest

from common.export import csv_bytes, ods_bytes, read_table
from fleet.models import EnergyRecord, EnergyTotal
from tests.fleet.conftest import Desk

TOTALS = (
    ("104H1", "fuel", "9098"),
    ("95H1", "fuel", "19595"),
    ("110H1", "petrol", "8907.81"),
    ("109H1", "petrol", "8492.54"),
)
HEADS = ["車號", "種類", "數量", "金額", "日期", "里程"]


@pytest.fixture
def pool(database, people, now):
    """A small pool and the totals of the city's reports."""

    def fill(session):
        Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        for period, kind, quantity in TOTALS:
            session.add(EnergyTotal(period=period, kind=kind, quantity=Decimal(quantity), source="工作報告"))

    database.transact(fill)


def text(response):
    return unescape(response.get_data(as_text=True))


def send(client, rows, name="slips.csv"):
    content = ods_bytes("x", HEADS, rows) if name.endswith("ods") else csv_bytes(HEADS, rows)
    return client.submit("/energy/import", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def records(database):
    with database.reading() as session:
        return session.query(EnergyRecord).count()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("period=104H1&against=95H1&kind=all", (9098, 19595, -10497, -53.57)),
        ("period=110H1&kind=petrol", (8907.81, 8492.54, 415.27, 4.89)),
    ],
)
def test_the_operation_gives_the_citys_own_figures(client, pool, query, expected):
    answer = client(as_="auditor").api("GET", f"/energy/comparison?{query}").get_json()
    assert (answer["this"], answer["base"], answer["difference"], answer["rate_percent"]) == expected


def test_a_half_year_that_is_none_is_told_at_its_field(client, pool):
    answer = client(as_="auditor").api("GET", "/energy/comparison?period=104H3")
    assert answer.status_code == 422 and answer.get_json()["errors"][0]["field"] == "period"


def test_the_page_says_it_in_a_sentence_and_asks_for_the_cause_of_a_rise(client, pool):
    dispatcher = client(as_="dispatcher")
    assert "104年上半年汽柴油比95年上半年減少 10,497 公升（53.57 %）" in text(
        dispatcher.get("/energy?period=104H1&against=95H1")
    )
    risen = "/energy?period=110H1&against=109H1&kind=petrol"
    assert "還沒有寫原因" in text(dispatcher.get(risen))
    sent = dispatcher.submit("/energy/cause", {"period": "110H1", "kind": "petrol", "words": "因應防疫任務"})
    assert sent.status_code == 303
    assert "因應防疫任務" in text(dispatcher.get(risen)) and "還沒有寫原因" not in text(dispatcher.get(risen))


@pytest.mark.parametrize("form", ["csv", "ods"])
def test_the_comparison_leaves_as_a_file(client, pool, form):
    answer = client(as_="auditor").get(f"/energy/comparison.{form}?period=104H1&against=95H1")
    rows = read_table(f"x.{form}", answer.get_data())
    assert rows[1][:6] == ["汽柴油", "L", "9098", "19595", "-10497", "-53.57"]


def test_an_operation_records_and_refuses_at_the_field(client, pool, database):
    body = {
        "vehicle_id": "1",
        "kind": "petrol",
        "quantity": 38.5,
        "cost": 1170,
        "recorded_on": "2026-11-20",
        "odometer": 10500,
    }
    driver = client(as_="driver")
    made = driver.api("POST", "/energy", body)
    assert made.status_code == 201 and made.get_json()["quantity"] == 38.5
    assert driver.api("POST", "/energy", body).status_code == 409
    later = driver.api("POST", "/energy", body | {"recorded_on": "2026-11-21", "odometer": 10400})
    assert [each["field"] for each in later.get_json()["errors"]] == ["odometer"]
    assert client(as_="officer").api("POST", "/energy", body).status_code == 403
    assert records(database) == 1


@pytest.mark.parametrize("name", ["slips.csv", "slips.ods"])
def test_a_file_with_a_wrong_line_shows_every_line_and_writes_nothing_until_the_good_ones_are_asked_for(
    client, pool, database, name
):
    rows = [
        ["TST-0001", "汽油", 30, 900, "115/11/02", 11_000],
        ["TST-0001", "汽油", "many", 900, "2026-11-09", 11_300],
        ["TST-0001", "汽油", 31, 930, "115/11/10", 10_100],
        ["TST-0004", "電力", 40.5, 170, "2026-11-11", ""],
    ]
    dispatcher = client(as_="dispatcher")
    answer = send(dispatcher, rows, name)
    page = text(answer)
    assert answer.status_code == 422 and records(database) == 0
    assert "有 2 列要修正" in page and "數量要是數字" in page and "里程比之前紀錄的 11,000 公里少" in page
    carried = page.split('tabindex="-1">')[1].split("</textarea>")[0]
    assert dispatcher.submit("/energy/import", {"only_good": "1", "lines": carried}).status_code == 303
    assert records(database) == 2
    again = send(dispatcher, [rows[0], rows[3]], name)
    assert again.status_code == 422 and "沒有新的資料可以登記" in text(again) and records(database) == 2


def test_a_driver_records_on_a_page_of_the_own_and_is_not_shown_the_books(client, pool):
    driver = client(as_="driver")
    assert driver.get("/energy").status_code == 403
    told = {
        "vehicle_id": "1",
        "kind": "petrol",
        "quantity": "３８.5",
        "cost": "1,170",
        "recorded_on": "2026-11-20",
        "odometer": "9000",
    }
    assert driver.submit("/energy/new", told).status_code == 303
    assert "已登記 TST-0001 38.5 L" in text(driver.get("/energy/new"))


def test_what_was_exported_is_known_when_it_is_read_again(client, pool, database):
    dispatcher = client(as_="dispatcher")
    send(dispatcher, [["TST-0001", "汽油", 30, 900, "115/11/02", 11_000]])
    back = dispatcher.get("/energy/records.csv").get_data()
    answer = dispatcher.submit(
        "/energy/import", {"file": (io.BytesIO(back), "a.csv")}, content_type="multipart/form-data"
    )
    assert "登記過了" in text(answer) and records(database) == 1
