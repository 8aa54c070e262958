"""Cars join the pool and leave it for good from a day on (V-42); nobody who counted on one is forgotten."""

from datetime import date, timedelta
from html import unescape

import pytest

from common.audit import AuditEntry
from common.errors import Conflict, Forbidden, Invalid
from common.period import taipei, today
from fleet import holding, membership, recalls
from fleet.assigning import NotSuitable
from fleet.electric import charging
from fleet.models import PoolMembership
from fleet.takeback import OnTheRoad, PlanMoved
from tests.fleet.conftest import DAY, Desk

LATER = DAY + timedelta(days=2)


def leave(desk, vehicle=None, on=DAY, who="supervisor", **more):
    told = {"vehicle_id": (vehicle or desk.sedan).id, "left_on": on}
    return membership.leave(desk.session, desk.people[who], desk.now, **told, **more)


def preview(desk, vehicle=None, on=DAY, who="supervisor"):
    return membership.preview(
        desk.session, desk.people[who], desk.now, vehicle_id=(vehicle or desk.sedan).id, left_on=on
    )


def join(desk, vehicle=None, on=LATER, who="supervisor"):
    return membership.join(
        desk.session, desk.people[who], desk.now, vehicle_id=(vehicle or desk.sedan).id, joined_on=on
    )


def call_off(desk, vehicle=None, who="supervisor"):
    return membership.call_off(desk.session, desk.people[who], desk.now, vehicle_id=(vehicle or desk.sedan).id)


def state(desk, day, vehicle=None):
    return membership.standing(desk.session, vehicle or desk.sedan, day).state


def only_the_sedan(desk):
    for vehicle in (desk.electric, desk.seven, desk.van):
        vehicle.state = "repair"


def test_a_leaving_car_gives_its_trips_to_others_as_the_plan_showed(desk, facts):
    trip = desk.accepted()
    shown = preview(desk)
    assert [move.trip for move in shown.moved] == [trip] and trip.vehicle is desk.sedan, "a preview changes nothing"
    row, _ = leave(desk, plan=shown.token)
    assert trip.vehicle is shown.moved[0].car and (trip.status, trip.driver) == ("accepted", desk.driver)
    assert trip.reasons[0]["zh"] == "原派 TST-0001 由所屬機關調離車隊"
    assert facts()[-1][0] == "trip_assigned", "the driver is told of the new car"
    assert (row.joined_on, row.left_on) == (date(2022, 1, 1), DAY), "a car without any row belonged since it was bought"
    (entry,) = desk.session.query(AuditEntry).filter_by(action="pool.left")
    assert entry.after == {"left_on": str(DAY), "moved": 1, "lost": 0, "slots": 0}


def test_who_finds_no_other_car_is_told_what_to_do_instead(desk):
    only_the_sedan(desk)
    trip, before = desk.accepted(), desk.accepted("11:00", "12:00")
    leave(desk)
    assert [each.status for each in (trip, before)] == ["fully_booked"] * 2
    assert "調離車隊" in trip.answer and "大眾運輸" in trip.answer


def test_trips_before_the_day_keep_the_car(desk):
    trip = desk.accepted()
    leave(desk, on=LATER)
    assert trip.vehicle is desk.sedan and state(desk, DAY) == "leaving" and state(desk, LATER) == "out"


def test_promises_are_bound_anew_or_end(desk):
    only_the_sedan(desk)
    desk.van.state = "in_service"
    trip = desk.asked()
    assert trip.capacity_held
    leave(desk)
    (promise,) = holding.promises(desk.session, desk.now, trip.car_period)
    assert (promise.trip, promise.car) == (trip, desk.van.id)
    leave(desk, desk.van)
    assert not trip.capacity_held and holding.promises(desk.session, desk.now, trip.car_period) == []


def test_charging_after_the_day_falls_away(desk):
    slot = charging.book(
        desk.session, desk.people["dispatcher"], desk.now, charger_id=1, vehicle_id=desk.electric.id, starts_at=taipei(DAY, "06:00"),
        ends_at=taipei(DAY, "08:00"), target_percent=90,
    )  # fmt: skip
    leave(desk, desk.electric)
    assert slot.state == "cancelled"


def test_a_plan_that_no_longer_holds_is_refused_whole(desk):
    shown = preview(desk)
    trip = desk.accepted()
    with pytest.raises(PlanMoved):
        leave(desk, plan=shown.token)
    assert trip.vehicle is desk.sedan and state(desk, DAY) == "in"


def test_a_car_on_the_road_leaves_when_it_is_back(desk):
    desk.under_way()
    with pytest.raises(OnTheRoad):
        leave(desk, on=DAY)
    assert leave(desk, on=DAY + timedelta(days=1))


def test_a_car_that_left_is_not_assigned_from_that_day_on_not_even_over_midnight(desk):
    leave(desk, on=LATER)
    with pytest.raises(NotSuitable, match="Not in the pool"):
        night = {"starts_at": taipei(LATER - timedelta(days=1), "23:00"), "ends_at": taipei(LATER, "01:00")}
        desk.assigned(**night)
    desk.assigned()


def test_a_car_joins_again_and_waiting_trips_may_get_it(desk):
    only_the_sedan(desk)
    leave(desk, on=today(desk.now))
    trip = desk.asked()
    assert not trip.capacity_held and state(desk, DAY) == "out"
    join(desk, on=DAY)
    assert trip.capacity_held and state(desk, today(desk.now)) == "coming" and state(desk, DAY) == "in"
    with pytest.raises(Conflict):
        join(desk, on=LATER)
    with pytest.raises(Conflict):
        join(desk, desk.van)  # it never left


def test_a_change_ahead_is_called_off(desk):
    leave(desk, on=LATER)
    with pytest.raises(Conflict):
        leave(desk, on=DAY)
    assert call_off(desk).state == "in" and state(desk, LATER) == "in"
    with pytest.raises(Conflict):
        call_off(desk)
    leave(desk, on=today(desk.now))
    join(desk, on=DAY)
    assert call_off(desk).state == "out"


def test_a_joining_that_trips_count_on_is_not_called_off(desk):
    only_the_sedan(desk)
    leave(desk, on=today(desk.now))
    join(desk, on=DAY)
    trip = desk.asked()
    with pytest.raises(Conflict, match=trip.number):
        call_off(desk)


def test_a_recalled_car_may_leave_too(desk):
    recalls.recall(
        desk.session, desk.people["supervisor"], desk.now, vehicle_id=desk.sedan.id, starts_at=taipei(DAY, "08:00"), reason_code="flood"
    )  # fmt: skip
    assert leave(desk)


def test_days_are_today_or_later_and_after_the_joining(desk):
    past = today(desk.now) - timedelta(days=1)
    with pytest.raises(Invalid):
        leave(desk, on=past)
    desk.session.add(PoolMembership(vehicle_id=desk.sedan.id, joined_on=DAY))
    with pytest.raises(Invalid):
        leave(desk, on=DAY)
    with pytest.raises(Invalid):
        join(desk, on=past)


def test_only_the_owner_s_supervisor_or_dispatch_decides(desk):
    for act in (leave, preview, join):
        for who in ("officer", "supervisor2", "driver"):
            with pytest.raises(Forbidden):
                act(desk, who=who)
    with pytest.raises(Forbidden):
        call_off(desk, who="supervisor2")
    assert leave(desk, who="dispatcher")
    mine = membership.standings(desk.session, desk.people["supervisor2"], DAY)
    assert mine == [] and len(membership.standings(desk.session, desk.people["auditor"], DAY)) == 4


# --- the doors -------------------------------------------------------------------------------------------------------


@pytest.fixture
def pool(database, people, now):
    def prepare(session):
        desk = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        return desk.accepted().number

    return database.transact(prepare)


def text(response):
    return unescape(response.get_data(as_text=True))


def test_on_the_page_the_plan_comes_before_the_leaving(client, pool):
    head, other = client(as_="supervisor"), client(as_="supervisor2")
    assert "TST-0001" in text(head.get("/pool")) and "/recalls?date=" in text(head.get("/pool"))
    assert "貴機關沒有車輛" in text(other.get("/pool")) and other.get("/pool/1").status_code == 403
    assert "/pool" in text(head.get("/recalls"))
    assert "今天或以後" in text(head.get("/pool/1?left_on=2020-01-01"))
    page = text(head.get(f"/pool/1?left_on={DAY}"))
    assert pool in page and "換車（趟）" in page
    token = page.split('name="plan" value="')[1].split('"')[0]
    assert head.submit("/pool/1/leave", {"left_on": str(DAY), "plan": "stale"}).status_code == 409
    assert head.submit("/pool/1/leave", {"left_on": str(DAY), "plan": token}).status_code == 303
    assert "將離開" in text(head.get("/pool/1"))
    assert head.submit("/pool/1/call-off", {}).status_code == 303
    assert "將離開" not in text(head.get("/pool/1"))
    assert head.submit("/pool/1/join", {"joined_on": str(DAY)}).status_code == 409


def test_programs_do_the_same(client, pool):
    head = client(as_="supervisor")
    told = {"vehicle_id": "1", "left_on": str(DAY)}
    shown = head.api("POST", "/pool/leave/preview", told)
    assert (shown.status_code, shown.json["moved"], shown.json["moves"][0]["number"]) == (200, 1, pool)
    left = head.api("POST", "/pool/leave", told | {"plan": shown.json["plan"]})
    assert (left.json["state"], left.json["left_on"]) == ("leaving", str(DAY))
    assert head.api("POST", "/pool/call-off", {"vehicle_id": "1"}).json["state"] == "in"
    assert head.api("POST", "/pool/join", {"vehicle_id": "1", "joined_on": str(DAY)}).status_code == 409
    first = head.api("GET", "/pool/memberships?limit=3").json
    rest = head.api("GET", f"/pool/memberships?cursor={first['next']}").json
    assert len(first["items"]) == 3 and len(rest["items"]) == 1 and rest["next"] is None
    assert client(as_="driver").api("POST", "/pool/leave", told).status_code == 403
