"""Keeping the stock: houses, rooms, beds; a room's story with reasons; shared rooms by bed; the figures over the years."""

import threading
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import today
from dorms import hand_backs, occupancy, offers, stock
from dorms.models import Building, Offer, Room, Tenancy, nights
from dorms.occupancy import NotVacant
from dorms.stock import InUse
from tests.dorms.conftest import SINCE, add_application, add_house
from tests.dorms.test_pages import text


def shared(session, people, now, room, beds=2):
    for _ in range(beds - 1):
        stock.add_bed(session, people["dorms"], now, room.id)
    return room


# ── By pages ──────────────────────────────────────────────────────────────────


def test_a_house_and_a_room_are_added_changed_and_told_by_pages(client, database):
    officer = client(as_="dorms")
    house = {"id": "nanhai", "name": "南海", "name_en": "Nanhai", "place": "中正區"}
    assert officer.submit("/stock/buildings", house).location.endswith("/stock/buildings/nanhai")
    assert officer.submit("/stock/buildings", house).status_code == 422
    room = {"number": "301", "kind": "single", "floor": "3", "beds": "2", "since": "2026-11-01", "state": "to_let"}
    made = officer.submit("/stock/buildings/nanhai/rooms", room)
    assert made.status_code == 303
    assert officer.submit("/stock/buildings/nanhai/rooms", room).status_code == 422
    ahead = officer.submit("/stock/buildings/nanhai/rooms", {**room, "number": "302", "since": "2027-01-01"})
    assert ahead.status_code == 422 and 'value="302"' in text(ahead)
    page = text(officer.get(made.location))
    assert "A 床" in page and "B 床" in page
    broken = {"state": "awaiting_repair", "since": "2026-11-10", "reason": "浴室漏水"}
    assert officer.submit(f"{made.location}/state", broken).status_code == 303
    story = text(officer.get(made.location))
    assert "浴室漏水" in story and "9 天" in story and "待修繕" in story
    assert officer.submit(f"{made.location}/state", {**broken, "reason": ""}).status_code == 422
    changed = {"number": "303", "kind": "family", "floor": "3", "accessible": "true"}
    assert officer.submit(made.location, changed).status_code == 303
    assert officer.submit("/stock/buildings/nanhai", {**house, "name": "南海學舍"}).status_code == 303
    assert "南海學舍 303" in text(officer.get(made.location))
    assert "303" in text(officer.get("/stock/buildings/nanhai")) and "南海學舍" in text(officer.get("/stock"))


@pytest.mark.parametrize("page", ["/stock", "/stock/buildings/xiyuan", "/stock/rooms/1", "/corrections"])
def test_only_the_officer_keeps_the_stock(client, opened, page):
    assert client(as_="dorms").get(page).status_code == 200
    for other in ("staff", "auditor", "venues"):
        assert client(as_=other).get(page).status_code == 403
    assert client(as_="dorms").get("/stock/buildings/nowhere").status_code == 404


# ── States ────────────────────────────────────────────────────────────────────


def test_a_rooms_story_has_each_state_with_its_days_and_reason(session, people, house, now):
    (room,) = house("201")
    day = today(now)
    stock.set_state(
        session, people["dorms"], now, room.id, state="in_repair", since=day - timedelta(days=9), reason="配電"
    )
    stock.set_state(session, people["dorms"], now, room.id, state="to_let", since=day, reason="完工")
    told = [(one.state, one.since, one.days, one.reason) for one in stock.story(room)]
    assert told[0] == ("to_let", day, None, "完工")
    assert told[1] == ("in_repair", day - timedelta(days=9), 9, "配電")
    assert told[2][:2] == ("to_let", SINCE)


def test_a_room_somebody_has_or_was_offered_keeps_its_state(session, people, house, round_, apply, close):
    first, second = house("201", "202")
    apply("staff", preferences=[str(first.id)])
    at = close()
    for state in ("closed", "in_repair"):
        with pytest.raises(NotVacant):
            stock.set_state(session, people["dorms"], at, first.id, state=state, since=today(at), reason="x")
    offers.accept(session, people["staff"], at, session.scalars(select(Offer)).one().id)
    with pytest.raises(NotVacant):
        stock.set_state(session, people["dorms"], at, first.id, state="closed", since=today(at), reason="x")
    stock.set_state(session, people["dorms"], at, second.id, state="closed", since=today(at), reason="拆除")
    assert second.state == "closed"
    with pytest.raises(Invalid):
        stock.set_state(
            session, people["dorms"], at, second.id, state="to_let", since=today(at) + timedelta(days=1), reason="x"
        )
    with pytest.raises(Forbidden):
        stock.set_state(session, people["staff"], at, second.id, state="to_let", since=today(at), reason="x")


def test_a_room_is_offered_or_closed_at_the_same_moment_never_both(database, people, now):
    def prepare(session):
        (room,) = add_house(session, people["dorms"], now, ("201",))
        row = offers.rounds.open_round(
            session, people["dorms"], now, kind="single", registration_from=now,
            registration_until=now + timedelta(days=20),
        )  # fmt: skip
        application = add_application(session, row, people["staff"], now)
        return room.id, application.id

    room_id, application_id = database.transact(prepare)

    def offer(session):
        application = session.get(offers.Application, application_id)
        offers.make_offer(session, now, application, session.get(Room, room_id))

    def close(session):
        officer = session.scalars(select(Person).where(Person.username == "dorms")).one()
        stock.set_state(session, officer, now, room_id, state="closed", since=today(now), reason="漏水")

    gate, ended = threading.Barrier(2), []

    def run(work):
        gate.wait()
        try:
            database.transact(work)
            ended.append("done")
        except Conflict as refused:
            ended.append(type(refused).__name__)

    threads = [threading.Thread(target=run, args=(work,)) for work in (offer, close)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(ended) == {"done": 1, "NotVacant": 1}


# ── Shared rooms ──────────────────────────────────────────────────────────────


def test_a_shared_room_is_let_bed_by_bed_and_never_twice(session, people, house, now):
    (room,) = house("201")
    shared(session, people, now, room)
    day, until = today(now), date(2028, 1, 1)
    one = occupancy.record_tenancy(session, people["dorms"], now, room, 11, day, until)
    assert room.state == "let"
    assert [each.id for each in occupancy.vacant_rooms(session, "single", nights(day, until), now)] == [room.id]
    other = occupancy.record_tenancy(session, people["dorms"], now, room, 12, day, until)
    assert {one.bed.label, other.bed.label} == {"A", "B"}
    assert occupancy.vacant_rooms(session, "single", nights(day, until), now) == []
    with pytest.raises(Conflict):
        occupancy.record_tenancy(session, people["dorms"], now, room, 13, day, until)
    assert [taken for _, taken in stock.beds_tonight(session, room, now)] == [True, True]
    assert occupancy.count(session, day).states == {"let": 1}


def test_a_shared_room_is_let_until_the_last_bed_came_back(session, people, house, now):
    (room,) = house("201")
    shared(session, people, now, room)
    day = today(now)
    stays = [
        occupancy.record_tenancy(session, people["dorms"], now, room, 11 + n, day, date(2028, 1, 1)) for n in (0, 1)
    ]
    for stay, state in zip(stays, ("let", "awaiting_repair"), strict=True):
        known = {"handed_back_on": day, "room_state": "awaiting_repair"}
        hand_backs.hand_back(session, people["dorms"], now, stay.id, **known)
        assert room.state == state


def test_the_free_bed_of_a_let_room_is_offered_to_the_next_and_stays_theirs(session, people, house, round_, apply, now):
    (room,) = house("201")
    shared(session, people, now, room)
    occupancy.record_tenancy(session, people["dorms"], now, room, 99, today(now), date(2035, 1, 1))
    apply("staff")
    at = round_.registration_until
    offers.rounds.rank_applicants(session, people["dorms"], at, round_.id, seed="23117.42")
    offers.rounds.publish_ranking(session, people["dorms"], at, round_.id)
    offers.allot_rooms(session, people["dorms"], at, round_.id)
    offer = session.scalars(select(Offer)).one()
    assert (offer.room_id, offer.bed.label) == (room.id, "B")
    offers.accept(session, people["staff"], at, offer.id)
    assert {row.bed.label for row in session.scalars(select(Tenancy))} == {"A", "B"}


def test_a_bed_that_was_given_stays_and_an_unused_one_may_go(session, people, house, now):
    (room,) = house("201")
    shared(session, people, now, room, beds=3)
    tenancy = occupancy.record_tenancy(session, people["dorms"], now, room, 11, today(now), date(2028, 1, 1))
    with pytest.raises(InUse):
        stock.remove_bed(session, people["dorms"], now, room.id, tenancy.bed_id)
    stock.remove_bed(session, people["dorms"], now, room.id, room.beds[2].id)
    assert [bed.label for bed in room.beds] == ["A", "B"]
    shared(session, people, now, room, beds=7)
    with pytest.raises(Conflict):
        stock.add_bed(session, people["dorms"], now, room.id)


# ── Over the years ────────────────────────────────────────────────────────────


def test_the_figures_stand_at_the_end_of_every_half_year_and_today(session, people, house, now):
    rooms = house("201", "202")
    occupancy.enter_state(session, now, rooms[0], "let", date(2021, 7, 1))
    counts = {count.on: count.states for count in stock.over_time(session, now)}
    assert counts[date(2021, 6, 30)] == {"to_let": 2}
    assert counts[date(2021, 12, 31)] == {"to_let": 1, "let": 1}
    assert list(counts)[0] == today(now) and list(counts)[-1] == date(2020, 6, 30)
    assert len(counts) == 14  # thirteen half-years have ended since 2020, and today


def test_the_figures_are_files_too(client, opened):
    staff = client(as_="staff")
    assert "109年6月30日" in text(staff.get("/rooms/years")).replace(" ", "")
    assert "2020-06-30,4,0,4" in staff.get("/rooms/years.csv").get_data().decode("utf-8-sig")
    assert staff.get("/rooms/years.ods").get_data().startswith(b"PK")


def test_a_houses_code_is_of_letters_and_its_own(session, people, now):
    stock.add_building(session, people["dorms"], now, id="nanhai", name="南海", name_en="Nanhai")
    for code in ("nanhai", "n2"):
        with pytest.raises(Invalid) as refused:
            stock.add_building(session, people["dorms"], now, id=code, name="x", name_en="x")
        assert refused.value.errors[0].field == "id"
    assert session.get(Building, "nanhai").words.en == "Nanhai"
