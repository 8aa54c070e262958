"""The monthly list of use (V-24): what is on it, who reads whose, and when each record was filed."""

import csv
import io
from datetime import date, timedelta

import pytest

from common.errors import Forbidden
from common.export import read_table
from fleet import driving, merging, trips, uselist
from tests.fleet.conftest import DAY
from tests.fleet.test_pages import pool, text

__all__ = ["pool"]

NOVEMBER = date(2026, 11, 1)


def listed(desk, who="dispatcher", month=NOVEMBER, **more):
    return uselist.of_month(desk.session, desk.people[who], month, **more)


def signed(desk, trip, days=0):
    desk.now += timedelta(days=days)
    return trips.sign_off(desk.session, desk.people["officer"], desk.now, trip)


def test_a_month_lists_the_trips_that_came_back_in_it(desk):
    desk.approved(starts="13:00", ends="14:00")
    trip = desk.finished()
    found = listed(desk)
    assert [line.trip for line in found.lines] == [trip]
    assert (found.km, found.people, found.same_day) == (8, 3, 0)
    assert found.lines[0].filed.en == "not signed"
    assert listed(desk, month=date(2026, 12, 1)).lines == ()


@pytest.mark.parametrize(("days", "words"), [(0, "same day"), (2, "2 d late")])
def test_the_user_files_the_record_on_the_day_of_return(desk, days, words):
    signed(desk, desk.finished(), days)
    found = listed(desk)
    assert (found.lines[0].filed.en, found.same_day) == (words, int(days == 0))


def test_who_rode_along_is_listed_with_the_car_of_the_other_order_and_no_km(desk):
    keeper, other = desk.accepted(passengers=2), desk.approved("officer2", passengers=2)
    merging.merge(desk.session, desk.people["dispatcher"], desk.now, keeper, others=[other], reason="同路線")
    driver, leaves = desk.people["driver"], keeper.starts_at
    driving.start(desk.session, driver, leaves, keeper, odometer_out=10_000)
    driving.finish(desk.session, driver, leaves + timedelta(minutes=30), keeper, odometer_in=10_008)
    lines = {line.trip: line for line in listed(desk).lines}
    assert (lines[keeper].km, lines[other].km) == (8, 0)
    assert uselist.cells(lines[other])[2] == "TST-0001" and uselist.cells(lines[other])[-1] == f"併 {keeper.number}"


def test_an_agency_reads_its_own_list_and_nobody_elses(desk):
    trip = desk.finished()
    other = desk.people["officer2"].agency_id
    assert [line.trip for line in listed(desk, "supervisor", agency_id=other).lines] == [trip]
    assert listed(desk, "officer2", agency_id=trip.agency_id).lines == ()
    assert listed(desk, agency_id=other).lines == () and len(listed(desk, "auditor").lines) == 1
    for who in ("driver", "staff"):
        with pytest.raises(Forbidden):
            listed(desk, who)


def test_the_page_and_its_files_tell_the_same(client, pool):
    number = pool(lambda desk: signed(desk, desk.finished()).number)
    dispatcher, officer2 = client(as_="dispatcher"), client(as_="officer2")
    page = text(dispatcher.get("/use-list?month=2026-11"))
    assert number in page and "當日" in page and "車輛管理人員" in page
    lines = list(csv.DictReader(io.StringIO(dispatcher.get("/use-list.csv?month=2026-11").data.decode("utf-8-sig"))))
    assert [(row["派車單號"], row["公里"], row["填報"], row["日期"]) for row in lines] == [
        (number, "8", "當日", f"{DAY}")
    ]
    rows = read_table("list.ods", dispatcher.get("/use-list.ods?month=2026-11").data)
    assert rows[1][1] == number and len(rows) == 2
    assert number not in text(officer2.get("/use-list?month=2026-11&agency=1"))
    assert client(as_="staff").get("/use-list").status_code == 403
    for odd in ("/use-list?month=x&agency=y", "/use-list?month=9999-12", "/use-list?agency=999999"):
        assert dispatcher.get(odd).status_code == 200
