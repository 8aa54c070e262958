"""The pages of a request's whole life, without a script: a weekly duty, two cars, sharing, one way, recall, nobody came."""

import re
from datetime import timedelta

from common.period import taipei
from fleet import assigning, driving, merging
from fleet.models import Recall, Series, Trip
from tests.fleet.conftest import DAY
from tests.fleet.test_merging import two
from tests.fleet.test_pages import ANSWERS, hidden, pool, text, url

__all__ = ["pool"]


def the(database, model, **which):
    with database.reading() as session:
        return session.query(model).filter_by(**which).one()


def test_a_weekly_duty_shows_every_date_and_is_sent_whole(client, pool, database):
    def busy(desk):
        for vehicle in (desk.seven, desk.van, desk.electric):
            vehicle.state = "repair"
        week = timedelta(days=7)
        desk.asked("officer2", starts_at=taipei(DAY + week, "10:00"), ends_at=taipei(DAY + week, "11:00"))

    pool(busy)
    officer = client(as_="officer")
    assert "每週重複" in text(officer.get(url("/request/check", **ANSWERS)))
    more = {"weekday": "0", "last_on": str(DAY + timedelta(days=14)), "show": "1"}
    page = text(officer.get(url("/request/series", **ANSWERS, **more)))
    assert "3 天，其中 2 天有車" in page and "改成 11:00–14:00" in page
    typed = hidden(page) | {f"on-{DAY}": "send", f"on-{DAY + timedelta(days=7)}": "send", "purpose": ANSWERS["purpose"]}
    refused = officer.submit("/request/series", typed)
    assert refused.status_code == 409 and "12/7（一）" in text(refused) and "市議會" in text(refused)
    sent = officer.submit("/request/series", typed | {f"on-{DAY + timedelta(days=7)}": "at 11:00 14:00"})
    assert sent.status_code == 303
    made = the(database, Series)
    supervisor = client(as_="supervisor")
    assert f"/series/{made.id}" in text(supervisor.get("/approvals"))
    assert "全部核可" in text(supervisor.get(f"/series/{made.id}"))
    assert supervisor.submit(f"/series/{made.id}/approve").status_code == 303
    with database.reading() as session:
        assert {trip.status for trip in session.get(Series, made.id).trips} == {"approved"}
    assert officer.submit(f"/series/{made.id}/cancel", {"reason": "改線上"}).status_code == 303
    assert client(as_="officer2").get(f"/series/{made.id}").status_code == 404


def test_a_date_that_no_list_offered_is_refused_at_its_field(client, pool):
    pool()
    officer = client(as_="officer")
    typed = ANSWERS | {"weekday": "0", "last_on": str(DAY), f"on-{DAY}": "at 25:00 26:00"}
    assert officer.submit("/request/series", typed).status_code == 422


def test_five_people_may_ask_for_two_cars_at_once(client, pool, database):
    pool()
    officer = client(as_="officer")
    five = ANSWERS | {"passengers": "7"}
    assert "加一輛" in text(officer.get(url("/request/who", **five)))
    check = text(officer.get(url("/request/check", **five, second_car="1")))
    assert "4 人與 3 人" in check
    assert officer.submit("/request", hidden(check)).status_code == 303
    with database.reading() as session:
        first, second = session.query(Trip).order_by(Trip.id)
        assert (first.passengers, second.passengers, second.beside_id) == (4, 3, first.id)


def test_who_goes_the_same_way_is_asked_about_by_agency_time_and_place_only(client, pool):
    pool(
        lambda desk: desk.approved(
            "officer2", "09:15", "12:00", may_share=True, purpose="機密會報", origin=ANSWERS["origin"]
        )
    )
    page = text(client(as_="officer").get(url("/request/check", **ANSWERS)))
    assert "環境保護局 09:15 也到市議會，可以併車嗎？" in page and "機密會報" not in page and "陳安可" not in page


def test_the_sharing_page_merges_and_the_trip_page_takes_apart(client, pool, database):
    def pair(desk):
        desk.approved(starts="09:00", ends="12:00", may_share=True)
        desk.approved("officer2", "09:15", "12:00", may_share=True)

    pool(pair)
    dispatcher = client(as_="dispatcher")
    page = text(dispatcher.get(f"/sharing?date={DAY}"))
    assert "少開 4 公里" in page
    sent = hidden(page)
    other = 3 - int(sent["keeper_id"])
    assert dispatcher.submit(f"/trips/{other}/merge", sent).status_code == 303
    assert the(database, Trip, id=other).status == "merged"
    requester = client(as_="officer" if other == 1 else "officer2")
    page = text(requester.get(f"/trips/{other}"))
    assert "已併單" in page and "少開 4 公里" in page
    assert f'/trips/{sent["keeper_id"]}"' not in page  # the other agency's order is not theirs to open
    assert "同車共 6 人" in text(dispatcher.get(f"/trips/{sent['keeper_id']}"))
    assert "併入" in text(requester.get(f"/trips/{other}/slip"))
    assert dispatcher.submit(f"/trips/{other}/unmerge", {}).status_code == 303
    assert the(database, Trip, id=other).status == "approved"


def test_one_way_is_told_on_the_trip_page_with_what_to_do_the_other_way(client, pool, database):
    pool(lambda desk: desk.assigned("09:00", "12:00"))
    trip = the(database, Trip)
    dispatcher, officer = client(as_="dispatcher"), client(as_="officer")
    assert "只派去程" in text(dispatcher.get(f"/trips/{trip.id}"))
    told = {"vehicle_id": trip.vehicle_id, "driver_id": trip.driver_id, "leg": "out"}
    assert officer.submit(f"/trips/{trip.id}/leg", told).status_code == 403
    assert dispatcher.submit(f"/trips/{trip.id}/leg", told).status_code == 303
    page = text(officer.get(f"/trips/{trip.id}"))
    assert "只派去程" in page and "計程車" in page and "09:00–09:15" in page
    assert "只派去程" in text(officer.get(f"/trips/{trip.id}/slip"))


def test_a_promise_is_told_and_so_is_that_there_is_none(client, pool):
    def last_car(desk):
        for vehicle in (desk.seven, desk.van, desk.electric):
            vehicle.state = "repair"
        return desk.asked().id, desk.asked().id

    first, second = pool(last_car)
    officer = client(as_="officer")
    assert "車已保留，車號於派車時決定" in text(officer.get(f"/trips/{first}"))
    assert "沒有車可保留" in text(officer.get(f"/trips/{second}"))
    assert "沒有車可保留" in text(client(as_="supervisor").get("/approvals"))


def test_a_recall_is_planned_before_it_is_made_and_returned_after(client, pool, database):
    pool(lambda desk: desk.accepted().number)
    supervisor = client(as_="supervisor")
    asked = {
        "vehicle_id": "1",
        "date": str(DAY),
        "leave": "08:00",
        "until": str(DAY),
        "back": "18:00",
        "reason_code": "flood",
    }
    page = text(supervisor.get(url("/recalls/new", **asked)))
    assert re.search("改派 TST-000[234]", page) and "換車（趟）" in page
    stale = supervisor.submit("/recalls", hidden(page) | {"plan": "x"})
    assert stale.status_code == 409 and "請再看一次並確認" in text(stale)
    assert supervisor.submit("/recalls", hidden(page)).status_code == 303
    made = the(database, Recall)
    assert (made.moved, made.lost) == (1, 0)
    assert "將召回" in text(client(as_="officer").get("/recalls"))
    assert client(as_="officer").get("/recalls/new").status_code == 403
    assert "TST-0001" not in text(client(as_="supervisor2").get("/recalls")).split("召回紀錄")[1].split("近 30 天")[0]
    assert supervisor.submit(f"/recalls/{made.id}/return", {"rev": made.rev}).status_code == 303
    assert the(database, Recall).returned_at is not None


def test_dispatch_says_when_the_applicant_was_reached(client, pool, database, clock):
    pool(lambda desk: desk.accepted())
    trip = the(database, Trip)
    clock.tick(hours=1)  # ten in the morning
    dispatcher = client(as_="dispatcher")
    told = {"reason": "車輛故障", "reached_applicant": "1"}
    refused = dispatcher.submit(f"/trips/{trip.id}/cancel", told | {"reached_at": "10:20"})
    assert refused.status_code == 422 and "現在以前" in text(refused)
    assert dispatcher.submit(f"/trips/{trip.id}/cancel", told | {"reached_at": "09:40"}).status_code == 303
    assert the(database, Trip).reached_at == clock.now - timedelta(minutes=20)
    assert "已於 11/23 09:40 聯絡申請人" in text(dispatcher.get(f"/trips/{trip.id}"))


def test_those_told_full_are_put_back_when_a_car_comes_free(client, pool, database):
    def full(desk):
        return assigning.answer_full(desk.session, desk.people["dispatcher"], desk.now, desk.approved()).id

    trip_id = pool(full)
    dispatcher = client(as_="dispatcher")
    assert "現在有車" in text(dispatcher.get("/waiting"))
    assert dispatcher.submit(f"/trips/{trip_id}/reopen", {}).status_code == 303
    assert the(database, Trip).capacity_held


def test_nobody_came_is_noted_after_the_departure_and_counted_for_the_agency(client, pool, database, clock):
    trip_id = pool(lambda desk: desk.accepted().id)
    dispatcher = client(as_="dispatcher")
    assert dispatcher.submit(f"/trips/{trip_id}/no-show", {}).status_code == 409
    clock.now = taipei(DAY, "09:30")
    dispatcher = client(as_="dispatcher")
    assert "使用人未到" in text(dispatcher.get(f"/trips/{trip_id}"))
    assert dispatcher.submit(f"/trips/{trip_id}/no-show", {}).status_code == 303
    page = text(dispatcher.get("/late-cancels"))
    assert "秘書處" in page and "其中未到 1" in page and "V-45" in page


def test_the_driver_of_a_shared_car_may_open_the_riders_order(client, pool, database):
    def shared(desk):
        keeper, other = two(desk)
        merging.merge(desk.session, desk.people["dispatcher"], desk.now, keeper, others=[other], reason="同路")
        driving.start(desk.session, desk.people["driver"], keeper.starts_at, keeper, odometer_out=10_000)
        return other.id

    other = pool(shared)
    assert client(as_="driver").get(f"/trips/{other}").status_code == 200
    assert client(as_="driver2").get(f"/trips/{other}").status_code == 404
