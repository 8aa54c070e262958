"""A weekly duty: every date is shown with what is free before anything is sent, and all are sent or none."""

from datetime import date, timedelta

import pytest

from common.errors import Forbidden, Invalid
from common.period import local, taipei
from fleet import series, trips
from fleet.models import Series, Trip, WrongState
from fleet.series import Collides
from tests.fleet.conftest import DAY

ASKED = {
    "purpose_code": "meeting", "purpose": "市政會議", "origin": "市政大樓", "destination": "市議會", "passengers": 3,
    "starts_at": taipei(DAY, "09:00"), "ends_at": taipei(DAY, "12:00"), "round_trip": True, "needs_driver": True,
    "vehicle_kind": None, "may_share": False, "urgent_reason": None,
}  # fmt: skip
LAST = DAY + timedelta(days=21)


def shown(desk, weekdays=(0,), last_on=LAST, **more):
    return series.preview(
        desk.session, desk.people["officer"], desk.now, weekdays=weekdays, last_on=last_on, **(ASKED | more)
    )


def send(desk, days, **more):
    told = [day if isinstance(day, dict) else {"date": day} for day in days]
    return series.send(
        desk.session, desk.people["officer"], desk.now, weekdays=[0], last_on=LAST, dates=told, **(ASKED | more)
    )


def all_but(desk, *kept):
    for vehicle in (desk.sedan, desk.seven, desk.van, desk.electric):
        vehicle.state = "in_service" if vehicle in kept else "repair"
    desk.session.flush()


def test_the_dates_are_the_weekdays_up_to_the_last_day_but_those_struck_off():
    first = date(2026, 11, 30)
    assert series.dates(first, date(2026, 12, 14), [0, 2], [date(2026, 12, 7)]) == [
        date(2026, 11, 30), date(2026, 12, 2), date(2026, 12, 9), date(2026, 12, 14),
    ]  # fmt: skip


def test_every_date_says_what_is_free_and_what_else_could_be_had(desk):
    all_but(desk, desk.sedan)
    week = timedelta(days=7)
    desk.asked("officer2", starts_at=taipei(DAY + week, "10:00"), ends_at=taipei(DAY + week, "13:00"))
    found = shown(desk)
    assert [(each.day, each.free) for each in found] == [
        (DAY, True), (DAY + week, False), (DAY + 2 * week, True), (DAY + 3 * week, True),
    ]  # fmt: skip
    assert local(found[1].later.starts_at).strftime("%H:%M") == "13:00" and found[1].why_not.zh == "這一天沒有合適的車"
    assert desk.session.query(Trip).filter_by(requester_id=desk.people["officer"].id).count() == 0


def test_another_kind_is_named_where_the_one_asked_for_is_gone(desk):
    all_but(desk, desk.seven, desk.van)
    desk.asked("officer2", vehicle_kind="van9", starts="08:00", ends="18:00")
    found = shown(desk, vehicle_kind="van9")
    assert (found[0].free, found[0].other_kind, found[1].free) == (False, "seven_seater", True)


def test_all_dates_are_sent_as_one_request_each_a_trip_of_its_own(desk, facts):
    made = send(desk, [DAY, DAY + timedelta(days=7)])
    assert [(trip.number, trip.capacity_held) for trip in made.trips] == [
        ("115-11-00001", True),
        ("115-11-00002", True),
    ]
    assert [kind for kind, _ in facts()] == ["trip_requested"] * 2
    assert (made.first_on, made.weekdays) == (DAY, [0])


def test_a_date_may_have_its_own_time_and_kind(desk):
    later = DAY + timedelta(days=7)
    made = send(
        desk,
        [
            DAY,
            {
                "date": later,
                "starts_at": taipei(later, "14:00"),
                "ends_at": taipei(later, "16:00"),
                "vehicle_kind": "van9",
            },
        ],
    )
    assert [local(trip.starts_at).strftime("%H:%M") for trip in made.trips] == ["09:00", "14:00"]
    assert [trip.vehicle_kind for trip in made.trips] == [None, "van9"]


def test_where_one_date_has_no_car_nothing_is_sent_and_the_refusal_names_it(desk):
    all_but(desk, desk.sedan)
    taken = DAY + timedelta(days=7)
    desk.asked("officer2", starts_at=taipei(taken, "10:00"), ends_at=taipei(taken, "11:00"))
    with pytest.raises(Collides) as refused, desk.session.begin_nested():
        send(desk, [DAY, taken])
    assert refused.value.days == [taken] and "12/7（一）" in refused.value.words.zh
    assert desk.session.query(Series).count() == 0 and desk.session.query(Trip).count() == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [({"weekdays": ()}, "weekdays"), ({"last_on": DAY - timedelta(days=1)}, "last_on"), ({"passengers": 12}, "passengers"),
     ({"weekdays": range(7), "last_on": DAY + timedelta(days=90)}, "last_on")],
)  # fmt: skip
def test_what_holds_for_no_date_is_refused_at_its_field(desk, more, field):
    with pytest.raises(Invalid) as refused:
        shown(desk, **more)
    assert {each.field for each in refused.value.errors} == {field}


def test_a_date_within_the_lead_time_says_so_and_does_not_stop_the_others(desk):
    soon = local(desk.now).date() + timedelta(days=1)
    told = shown(
        desk,
        weekdays=range(7),
        last_on=soon + timedelta(days=4),
        starts_at=taipei(soon, "09:00"),
        ends_at=taipei(soon, "12:00"),
    )
    assert [each.free for each in told] == [False, False, True, True, True]
    assert "緊急" in told[0].why_not.zh


def test_the_supervisor_approves_or_returns_them_together_or_one_by_one(desk):
    made = send(desk, [DAY + timedelta(days=7 * n) for n in range(3)])
    supervisor = desk.people["supervisor"]
    trips.return_(desk.session, supervisor, desk.now, made.trips[1], reason="當天放假")
    series.approve(desk.session, supervisor, desk.now, made)
    assert [trip.status for trip in made.trips] == ["approved", "returned", "approved"]
    with pytest.raises(WrongState):
        series.approve(desk.session, supervisor, desk.now, made)
    with pytest.raises(Forbidden):
        series.cancel(desk.session, desk.people["dispatcher"], desk.now, made)
    series.cancel(desk.session, desk.people["officer"], desk.now, made, reason="改為線上")
    assert {trip.status for trip in made.trips} == {"cancelled"}


def test_a_whole_series_can_be_sent_back(desk):
    made = send(desk, [DAY, DAY + timedelta(days=7)])
    series.return_(desk.session, desk.people["supervisor"], desk.now, made, reason="請改搭捷運")
    assert {trip.status for trip in made.trips} == {"returned"} and not made.trips[0].capacity_held
