"""Checks and visits: planned once, scheduled with notice, recorded once, and never a verdict of the machine."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.period import today
from common.words import Words
from dorms import calendar, deadlines, occupancy, stays
from dorms.models import HouseCheck, ResidenceCase, Room, VisitAct
from dorms.upkeep import evidence, houses, planning, rows, terms, visiting
from dorms.upkeep.districts import district_of
from tests.dorms.conftest import add_house, told
from tests.dorms.test_races import at_once, officer


def lend(session, people, now, numbers=("201", "202"), names=("staff", "staff2")):
    """Rooms in 萬華 with a resident each."""
    lent = add_house(session, people["dorms"], now, numbers)
    lent[0].building.place = "臺北市萬華區西園路"
    day = today(now) - timedelta(days=100)
    for room, name in zip(lent, names, strict=False):
        occupancy.record_tenancy(session, people["dorms"], now, room, people[name].id, day, date(2029, 1, 1))
    return lent


def add_legacy(session, people, now, state="lawful_stayer", code="M-01"):
    place = Words("臺北市大安區新生南路", "Xinsheng South Road, Da’an District")
    return houses.add(
        session, people["dorms"], now, code=code, kind="house", place=place, area_m2=80, state=state, since=date(2010, 1, 1)
    )  # fmt: skip


def schedule(session, people, now, errand="visits", district="wanhua", **more):
    """The next places of the district, a fortnight from now unless said."""
    day = more.pop("day", today(now) + timedelta(days=14))
    return planning.appoint(
        session, people["dorms"], now, year=day.year, district=district, errand=errand, day=day, half="morning",
        visitor_id=people["dorms"].id, **more,
    )  # fmt: skip


@pytest.fixture
def planned(session, people, now):
    """Two rooms lent and one legacy house, planned for this year and the next."""
    lend(session, people, now)
    add_legacy(session, people, now)
    for year in (2026, 2027):
        planning.make_plan(session, people["dorms"], now, year)
    return session


# ── The plan ──────────────────────────────────────────────────────────────────


def test_a_year_has_the_checks_that_the_rules_ask_for(planned):
    rows_ = planning.of_year(planned, 2027)
    counted = {
        (kind, bool(room)): n
        for kind, room, n in planned.execute(
            select(HouseCheck.kind, HouseCheck.room_id.is_not(None), func.count())
            .where(HouseCheck.year == 2027)
            .group_by(HouseCheck.kind, HouseCheck.room_id.is_not(None))
        )
    }
    assert counted == {
        ("inspection", True): 2, ("furniture", True): 2, ("visit", True): 4, ("inspection", False): 1, ("visit", False): 2,
    }  # fmt: skip
    assert {row.due_on for row in rows_ if row.kind == "visit"} == {date(2027, 6, 30), date(2027, 12, 31)}


def test_what_is_due_in_the_past_is_not_planned_any_more(planned):
    assert {row.due_on for row in planning.of_year(planned, 2026)} == {date(2026, 12, 31)}


def test_planning_again_doubles_nothing_and_adds_who_came_since(planned, people, now):
    assert planning.make_plan(planned, people["dorms"], now, 2027) == 0
    (room,) = add_house(planned, people["dorms"], now, ("203",))
    occupancy.record_tenancy(planned, people["dorms"], now, room, people["officer"].id, today(now), date(2029, 1, 1))
    assert planning.make_plan(planned, people["dorms"], now, 2027) == 4


def test_only_the_officer_plans(session, people, now):
    with pytest.raises(Forbidden):
        planning.make_plan(session, people["staff"], now, 2026)


@pytest.mark.parametrize(
    ("address", "district"),
    [("臺北市萬華區西園路", "wanhua"), ("臺北市大安區信義路", "daan"), ("基隆市", "elsewhere"), ("", "elsewhere")],
)
def test_the_district_is_the_one_the_address_names(address, district):
    assert district_of(address) == district


# ── Routes and notice ─────────────────────────────────────────────────────────


def test_an_inspection_is_announced_to_the_resident_and_a_visit_is_not(planned, people, now):
    made = schedule(planned, people, now, "inspections")
    assert {row.kind for row in made} == {"inspection", "furniture"}
    assert told(planned, "check_appointed") == 2  # one letter a home, for both
    schedule(planned, people, now, "visits")
    assert told(planned, "check_appointed") == 2
    assert {row.kind for row in visiting.mine(planned, people["staff"])} == {"inspection", "furniture"}


def test_an_inspection_needs_notice(planned, people, now):
    with pytest.raises(Invalid) as refused:
        schedule(planned, people, now, "inspections", day=today(now) + timedelta(days=6))
    assert refused.value.errors[0].field == "day"


def test_a_route_goes_by_house_and_door(planned, people, now):
    made = schedule(planned, people, now, "inspections")
    assert [row.place.zh for row in planning.route(planned, made[0].day)] == ["西園 201"] * 2 + ["西園 202"] * 2


def test_a_room_given_back_since_is_left_off(planned, people, now):
    room = planned.scalars(select(Room).where(Room.number == "201")).one()
    tenancy = occupancy.current_stay(planned, people["staff"].id)
    tenancy.ending, tenancy.ended_on = stays.HANDED_BACK, today(now)
    made = schedule(planned, people, now)
    assert [row.place.zh for row in made] == ["西園 202"]
    states = {row.state for row in planning.of_year(planned, 2026) if row.room_id == room.id and row.kind == "visit"}
    assert states == {"called_off"}


def test_calling_off_tells_the_resident_and_frees_the_whole_stop(planned, people, now):
    made = schedule(planned, people, now, "inspections", places=1)
    planning.call_off(planned, people["dorms"], now, made[0].id, reason="颱風")
    assert {row.state for row in made} == {"planned"}
    assert told(planned, "check_called_off") == 1


def test_deadlines_and_feeds_hold_checks_but_only_officers_see_visits(planned, people, now):
    schedule(planned, people, now, "inspections")
    schedule(planned, people, now, "visits")
    mine = deadlines.of(planned, people["staff"], now)
    assert {each.what for each in mine} == {"check"} and len(mine) == 2
    entries = list(calendar.my_entries(planned, None, people["staff"], now))
    assert [each.summary for each in entries] == ["房屋及設備檢查：西園 201", "家具盤點：西園 201"]
    assert len(list(calendar.all_entries(planned, None, people["dorms"], now))) == 6
    before = calendar.my_version(planned, None, people["staff"])
    planning.call_off(planned, people["dorms"], now, int(mine[0].subject.split("/")[1]), reason="颱風")
    assert calendar.my_version(planned, None, people["staff"]) != before
    assert list(calendar.my_entries(planned, None, people["staff"], now)) == []


# ── Results ───────────────────────────────────────────────────────────────────


def test_a_fault_gets_a_deadline_and_is_followed_up(planned, people, now):
    row = schedule(planned, people, now, "inspections", places=1)[0]
    then = now + timedelta(days=14)
    with pytest.raises(Invalid):
        visiting.record(planned, people["dorms"], then, row.id, result="faults")
    visiting.record(planned, people["dorms"], then, row.id, result="faults", note="陽台堆置物品")
    assert row.follow_up_by == today(then) + timedelta(days=30)
    assert [each.id for each in visiting.open_follow_ups(planned, people["staff"])] == [row.id]
    assert visiting.open_follow_ups(planned, people["staff2"]) == []
    visiting.follow_up(planned, people["dorms"], then, row.id, note="已清空")
    assert visiting.open_follow_ups(planned, people["dorms"]) == []
    with pytest.raises(rows.NotNow):
        visiting.follow_up(planned, people["dorms"], then, row.id, note="again")


def test_an_inspection_that_met_nobody_is_planned_again(planned, people, now):
    row = schedule(planned, people, now, "inspections", places=1)[0]
    visiting.record(planned, people["dorms"], now + timedelta(days=14), row.id, result="not_met")
    again = planning.of_year(planned, 2026)[-1]
    assert (again.kind, again.turn, again.state, again.room_id) == (row.kind, 2, "planned", row.room_id)


def test_nothing_is_recorded_before_its_day_nor_twice(planned, people, now):
    row = schedule(planned, people, now)[0]
    with pytest.raises(rows.NotNow):
        visiting.record(planned, people["dorms"], now, row.id, result="resides")
    with pytest.raises(Invalid):
        visiting.record(planned, people["dorms"], now + timedelta(days=14), row.id, result="fine")
    visiting.record(planned, people["dorms"], now + timedelta(days=14), row.id, result="resides")
    with pytest.raises(visiting.RecordedAlready):
        visiting.record(planned, people["dorms"], now + timedelta(days=15), row.id, result="not_met")


# ── Evidence ──────────────────────────────────────────────────────────────────


def not_met(session, people, at):
    """A visit at 201 that meets nobody, on the day of `at`."""
    waiting = [row for row in session.scalars(select(HouseCheck).where(HouseCheck.kind == "visit"))]
    row = next(each for each in waiting if each.state == "planned" and each.room and each.room.number == "201")
    row.state, row.day, row.person_id, row.visitor_id = "appointed", today(at), people["staff"].id, people["dorms"].id
    session.flush()
    return visiting.record(session, people["dorms"], at, row.id, result="not_met")


def test_evidence_goes_step_by_step_and_a_person_decides(planned, people, now):
    boss, staff = people["dorms"], people["staff"]
    first = not_met(planned, people, now)
    assert planned.scalar(select(func.count()).select_from(ResidenceCase)) == 0  # a visit alone begins nothing
    case = evidence.open_case(planned, boss, now, first.id)
    against = {"decision": "does_not_reside", "reason": "x"}
    for step in (
        lambda: evidence.write(planned, boss, now, case.id, note="x"),
        lambda: evidence.hear(planned, boss, now, case.id, note="x"),
        lambda: evidence.decide(planned, boss, now, case.id, **against),
    ):
        with pytest.raises(rows.NotNow):
            step()
    not_met(planned, people, now + timedelta(days=20))
    assert case.next_step == "letter"
    with pytest.raises(NotFound):
        rows.find(planned, ResidenceCase, staff, case.id)
    evidence.write(planned, boss, now, case.id, note="請說明")
    with pytest.raises(rows.NotNow):  # the time to explain is not over
        evidence.hear(planned, boss, now, case.id, note="x")
    evidence.explain(planned, staff, now, case.id, statement="出差")
    evidence.hear(planned, boss, now, case.id, note="出差屬實")
    evidence.decide(planned, boss, now, case.id, decision="resides", reason="有差旅紀錄")
    assert [step.step for step in case.steps] == list(terms.STEPS)
    assert (case.is_open, case.open_at, told(planned, "residence_decided")) == (False, None, 1)


def test_whoever_never_answers_is_heard_when_the_time_is_over(planned, people, now):
    boss = people["dorms"]
    case = evidence.open_case(planned, boss, now, not_met(planned, people, now).id)
    not_met(planned, people, now)
    evidence.write(planned, boss, now, case.id, note="請說明")
    later = now + timedelta(days=15)
    evidence.hear(planned, boss, later, case.id, note="逾期未說明")
    with pytest.raises(rows.NotNow):
        evidence.explain(planned, people["staff"], later, case.id, statement="late")
    evidence.decide(planned, boss, later, case.id, decision="does_not_reside", reason="兩次未遇且未說明")
    assert occupancy.current_stay(planned, people["staff"].id).ended_on is None  # the loan goes its own way


def test_a_case_may_be_closed_for_the_person_at_any_step(planned, people, now):
    case = evidence.open_case(planned, people["dorms"], now, not_met(planned, people, now).id)
    evidence.decide(planned, people["dorms"], now, case.id, decision="resides", reason="住院")
    assert not case.is_open


def test_eight_officers_record_at_once_and_one_result_stands(database, people, now):
    def prepare(session):
        lend(session, people, now)
        planning.make_plan(session, officer(session), now, 2026)
        return schedule(session, people, now)[0].id

    check_id = database.transact(prepare)
    then = now + timedelta(days=14)
    ended = at_once(
        database,
        *[lambda session: visiting.record(session, officer(session), then, check_id, result="not_met")] * 4,
        *[lambda session: evidence.open_case(session, officer(session), then, check_id)] * 4,
    )
    assert ended["done"] in (1, 2)
    assert set(ended) <= {"done", "RecordedAlready", "NotNow", "OpenAlready"}


def test_eight_officers_plan_a_year_at_once_and_nothing_is_doubled(database, people, now):
    database.transact(lambda session: lend(session, people, now) and None)
    at_once(database, *[lambda session: planning.make_plan(session, officer(session), now, 2027)] * 8)
    with database.reading() as session:
        assert len(planning.of_year(session, 2027)) == 8


# ── The phone ─────────────────────────────────────────────────────────────────


@pytest.fixture
def stop(database, people, clock):
    """A visit of today at 201; returns its id."""

    def work(session):
        lend(session, people, clock.now)
        planning.make_plan(session, officer(session), clock.now, 2026)
        return schedule(session, people, clock.now, day=today(clock.now))[0].id

    return database.transact(work)


def tap(check_id, at, sent_at, key="phone-key-1", **data):
    act = {"key": key, "trip_id": str(check_id), "what": "record", "data": data, "person": "dorms-10"}
    return {"act": json.dumps({**act, "told_at": at.isoformat(), "sent_at": sent_at.isoformat()})}


def test_a_record_from_a_phone_without_network_counts_once_at_its_own_time(client, database, stop, clock):
    phone = client(as_="dorms")
    at = clock.now
    clock.tick(minutes=8)
    sent = tap(stop, at, clock.now, result="not_met", note="按鈴三次")
    assert phone.submit("/visits/acts", sent).json["outcome"] == "done"
    again = phone.submit("/visits/acts", sent).json
    assert (again["outcome"], again["again"]) == ("done", True)
    with database.reading() as session:
        row = session.get(HouseCheck, stop)
        assert (row.result, row.note, row.told_at) == ("not_met", "按鈴三次", at)
        assert session.scalar(select(func.count()).select_from(VisitAct)) == 1


def test_a_phone_hears_what_it_can_set_right_and_what_is_over(client, stop, clock):
    phone = client(as_="dorms")
    wrong = phone.submit("/visits/acts", tap(stop, clock.now, clock.now, result="fine")).json
    assert (wrong["outcome"], wrong["errors"][0]["field"]) == ("refused", "result")
    phone.submit("/visits/acts", tap(stop, clock.now, clock.now, key="phone-key-2", result="resides"))
    late = phone.submit("/visits/acts", tap(stop, clock.now, clock.now, key="phone-key-3", result="not_met")).json
    assert late["outcome"] == "gone"
    reused = phone.submit("/visits/acts", tap(stop, clock.now, clock.now, result="resides"))
    assert reused.status_code == 422


def test_the_phones_pages_work_without_the_script_too(client, database, stop):
    phone = client(as_="dorms")
    page = phone.get("/visits").get_data(as_text=True)
    assert f"/visits/{stop}" in page and "data-keep" in page
    assert 'data-act="record"' in phone.get(f"/visits/{stop}").get_data(as_text=True)
    assert phone.submit(f"/visits/{stop}/record", {"result": "resides"}).status_code == 303
    assert "有居住事實" in phone.get("/visits").get_data(as_text=True)
    assert phone.get("/visits/state").json["person"] == "dorms-10"
    worker = phone.get("/visits/sw.js")
    assert worker.headers["Service-Worker-Allowed"].endswith("/visits")
    assert client(as_="staff").get("/visits").status_code == 403


# ── Pages and operations ──────────────────────────────────────────────────────


def test_the_officers_way_from_plan_to_route_on_pages(client, database, people, clock):
    database.transact(lambda session: lend(session, people, clock.now) and None)
    boss = client(as_="dorms")
    assert boss.submit("/checks/plan", {"year": "2026"}).status_code == 303
    page = boss.get("/checks?district=wanhua").get_data(as_text=True)
    assert "萬華區" in page and "西園 201" in page
    form = {
        "year": "2026",
        "district": "wanhua",
        "errand": "inspections",
        "half": "morning",
        "visitor_id": "10",
        "places": "5",
    }
    early = boss.submit("/checks/appointments", {**form, "day": "2026-11-24"})
    assert early.status_code == 422 and "7 天前通知" in early.get_data(as_text=True)
    made = boss.submit("/checks/appointments", {**form, "day": "2026-12-08"})
    assert made.status_code == 303
    assert "西園 202" in boss.get("/checks/route/2026-12-08").get_data(as_text=True)
    staff = client(as_="staff")
    with database.reading() as session:
        mine = visiting.mine(session, people["staff"])[0]
    assert staff.get(f"/checks/{mine.id}").status_code == 200
    assert client(as_="staff2").get(f"/checks/{mine.id}").status_code == 404
    assert staff.get("/checks").status_code == 403


def test_a_visit_is_hidden_from_whom_it_visits_until_it_took_place(client, stop, clock):
    staff, boss = client(as_="staff"), client(as_="dorms")
    assert staff.get(f"/checks/{stop}").status_code == 404
    assert staff.api("GET", "/checks").json["items"] == []
    told_ = boss.api("POST", f"/checks/{stop}/result", {"result": "resides"}, idempotency_key="k-1")
    assert told_.status_code == 200
    assert boss.api("POST", f"/checks/{stop}/result", {"result": "resides"}, idempotency_key="k-1").json == told_.json
    assert boss.api("POST", f"/checks/{stop}/result", {"result": "resides"}).status_code == 409
    assert staff.get(f"/checks/{stop}").status_code == 200
    assert [row["id"] for row in staff.api("GET", "/checks").json["items"]] == [str(stop)]


def test_evidence_on_pages(client, database, people, stop, clock):
    boss, staff = client(as_="dorms"), client(as_="staff")
    boss.submit(f"/checks/{stop}/record", {"result": "not_met", "note": ""})
    assert "只記錄這一次未遇" in boss.get(f"/checks/{stop}").get_data(as_text=True)
    opened = boss.submit(f"/checks/{stop}/case")
    assert opened.status_code == 303
    case = opened.location.split("/")[-1]
    assert staff.get(f"/cases/{case}").status_code == 404
    early = boss.submit(f"/cases/{case}/decision", {"decision": "does_not_reside", "reason": "x"})
    assert early.status_code == 409 and "四個步驟都完成" in early.get_data(as_text=True)
    with database.writing() as session:
        not_met(session, people, clock.now)
        session.commit()
    assert boss.submit(f"/cases/{case}/letter", {"note": "請說明"}).status_code == 303
    assert "你的說明" in staff.get(f"/cases/{case}").get_data(as_text=True)
    assert staff.submit(f"/cases/{case}/statement", {"statement": "我在出差"}).status_code == 303
    assert client(as_="staff2").submit(f"/cases/{case}/statement", {"statement": "x"}).status_code == 404
    assert boss.submit(f"/cases/{case}/hearing", {"note": "屬實"}).status_code == 303
    assert boss.submit(f"/cases/{case}/decision", {"decision": "resides", "reason": "出差"}).status_code == 303
    assert "認定有居住事實" in staff.get("/cases").get_data(as_text=True)
    assert "居住查證" in boss.get("/cases").get_data(as_text=True)


def test_a_refusal_at_the_same_place_is_a_conflict(session, people, now, planned):
    first = not_met(session, people, now)
    evidence.open_case(session, people["dorms"], now, first.id)
    second = not_met(session, people, now)
    with pytest.raises(Conflict):
        evidence.open_case(session, people["dorms"], now, second.id)
