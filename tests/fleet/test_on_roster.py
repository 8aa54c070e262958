"""A driver leaves the roster from a day on, with a reason, and comes back; trips given for later wait for dispatch again (V-37)."""

from datetime import timedelta
from html import unescape

import pytest

from common.audit import AuditEntry
from common.errors import Conflict, Forbidden, Invalid, Stale
from common.period import taipei, today
from fleet import on_roster, pool
from fleet.assigning import NotSuitable
from fleet.models import Driver
from fleet.trips import ask_of
from tests.fleet.conftest import DAY, Desk


def off(desk, on=DAY, who="dispatcher", **more):
    return on_roster.take_off(
        desk.session, desk.people[who], desk.now, desk.driver.id, from_day=on, reason="調任其他單位", **more
    )


def back(desk, who="dispatcher"):
    return on_roster.put_back(desk.session, desk.people[who], desk.now, desk.driver.id)


def test_from_that_day_on_the_trips_wait_for_dispatch_again_and_earlier_ones_stay(desk, facts):
    early = desk.accepted()
    night = {"starts_at": taipei(DAY, "23:00"), "ends_at": taipei(DAY + timedelta(days=1), "01:00")}
    over_midnight = desk.assigned(**night, vehicle=desk.seven)
    later = desk.assigned(
        starts_at=taipei(DAY + timedelta(days=1), "14:00"), ends_at=taipei(DAY + timedelta(days=1), "15:00")
    )
    assert off(desk, on=DAY + timedelta(days=1)) == [over_midnight, later]
    assert (early.status, early.driver) == ("accepted", desk.driver)
    assert [(trip.status, trip.driver) for trip in (over_midnight, later)] == [("approved", None)] * 2
    told = [body for kind, body in facts() if kind == "trip_released"]
    assert len(told) == 2 and {body["previous_driver_person_id"] for body in told} == {str(desk.people["driver"].id)}
    assert later.events[-1].note == "駕駛離開名冊：調任其他單位"


def test_until_then_the_driver_drives_and_from_then_on_is_given_nothing(desk):
    off(desk, on=DAY + timedelta(days=1))
    assert desk.driver.on_roster
    desk.assigned()
    night = desk.approved(starts_at=taipei(DAY, "23:00"), ends_at=taipei(DAY + timedelta(days=1), "01:00"))
    with pytest.raises(NotSuitable, match="Off the roster"):
        desk.assign(night, desk.seven, desk.driver)
    offered = pool.suggest(desk.session, ask_of(night), desk.now).drivers
    assert [each.id for each in offered.candidates] == [desk.driver2.id]


def test_when_the_day_has_come_the_driver_is_off(desk):
    off(desk, on=DAY)
    assert on_roster.turn_days(desk.session, desk.now) == 0
    assert on_roster.turn_days(desk.session, taipei(DAY, "00:05")) == 1
    assert not desk.driver.on_roster and desk.driver.off_reason == "調任其他單位"
    assert on_roster.turn_days(desk.session, taipei(DAY, "00:15")) == 0


def test_from_today_on_it_is_at_once_but_a_trip_under_way_is_driven_to_its_end(desk):
    trip = desk.under_way()
    assert off(desk, on=today(desk.now)) == []
    assert not desk.driver.on_roster and (trip.status, trip.driver) == ("under_way", desk.driver)


def test_back_on_the_roster_the_driver_is_offered_again(desk):
    off(desk, on=today(desk.now))
    with pytest.raises(Conflict):
        off(desk)
    assert back(desk).on_roster and desk.driver.off_from is None
    desk.assigned()
    with pytest.raises(Conflict):
        back(desk)
    actions = [row.action for row in desk.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert [each for each in actions if each.startswith("driver.")] == ["driver.off_roster", "driver.back_on_roster"]
    (entry,) = desk.session.query(AuditEntry).filter_by(action="driver.off_roster")
    assert entry.reason == "調任其他單位" and entry.after == {"off_from": str(today(desk.now))}


def test_a_leaving_still_to_come_is_called_off_the_same_way(desk):
    off(desk)
    assert back(desk).drives_on(DAY + timedelta(days=30))


def test_without_the_role_nobody_comes_back(desk):
    off(desk, on=today(desk.now))
    desk.people["driver"].roles = []
    desk.session.flush()
    with pytest.raises(Conflict):
        back(desk)


def test_only_dispatch_decides_with_the_present_revision_and_a_day_to_come(desk):
    for who in ("officer", "supervisor", "driver"):
        with pytest.raises(Forbidden):
            off(desk, who=who)
        with pytest.raises(Forbidden):
            back(desk, who=who)
    with pytest.raises(Stale):
        off(desk, rev=99)
    with pytest.raises(Invalid):
        off(desk, on=today(desk.now) - timedelta(days=1))


def test_it_is_done_on_the_driver_s_card(client, people, database, now):
    def prepare(session):
        desk = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        return desk.accepted().number

    number = database.transact(prepare)

    def text(response):
        return unescape(response.get_data(as_text=True))

    dispatcher = client(as_="dispatcher")
    assert number in text(dispatcher.get("/drivers/1"))
    assert "原因" in text(dispatcher.submit("/drivers/1/off", {"from_day": str(DAY)}))
    told = {"from_day": str(DAY), "reason": "調任其他單位"}
    assert dispatcher.submit("/drivers/1/off", told).status_code == 303
    page = text(dispatcher.get("/drivers/1"))
    assert "調任其他單位" in page and "1 趟等候重新派車" in page and "起離開" in text(dispatcher.get("/drivers"))
    assert dispatcher.submit("/drivers/1/back", {}).status_code == 303
    assert "調任其他單位" not in text(dispatcher.get("/drivers/1"))
    assert client(as_="auditor").submit("/drivers/1/off", told).status_code == 403
    with database.reading() as session:
        assert session.get(Driver, 1).on_roster
