"""A trip from request to sign-off: who may do what, in which state, and who is told."""

from datetime import timedelta

import pytest

from common import reservations
from common.audit import AuditEntry
from common.errors import Forbidden, Invalid, NotFound, Stale
from common.period import Period, taipei
from fleet import assigning, driving, trips
from fleet.models import WrongState
from tests.fleet.conftest import DAY


def test_the_whole_path(desk, facts):
    trip = desk.finished()
    trips.sign_off(desk.session, desk.people["officer"], desk.now, trip)
    assert trip.status == "signed_off"
    assert [event.what for event in trip.events] == [
        "requested",
        "approved",
        "assigned",
        "accepted",
        "started",
        "finished",
        "signed_off",
    ]
    assert [kind for kind, _ in facts()] == [
        "trip_requested", "trip_approved", "trip_assigned", "trip_accepted", "trip_started", "trip_finished", "trip_signed_off",
    ]  # fmt: skip


def test_numbers_follow_the_roc_month_without_gaps(desk):
    assert [desk.asked().number for _ in range(3)] == ["115-11-00001", "115-11-00002", "115-11-00003"]
    desk.now += timedelta(days=10)
    later = desk.asked(
        starts_at=taipei(DAY + timedelta(days=30), "09:00"), ends_at=taipei(DAY + timedelta(days=30), "10:00")
    )
    assert later.number == "115-12-00001"


def test_a_request_is_told_to_the_agencys_supervisors(desk, facts):
    trip = desk.asked()
    kind, body = facts()[-1]
    assert (kind, body["approver_ids"], body["trip_id"]) == (
        "trip_requested",
        [str(desk.people["supervisor"].id)],
        str(trip.id),
    )
    assert body["starts_at"].endswith("+00:00")


# --- what a request must satisfy --------------------------------------------------------------------------------


def fields_of(refused) -> set[str]:
    return {each.field for each in refused.value.errors}


def test_short_of_the_lead_time_it_needs_a_reason(desk):
    soon = {"starts_at": desk.now + timedelta(hours=5), "ends_at": desk.now + timedelta(hours=6)}
    with pytest.raises(Invalid) as refused:
        desk.asked(**soon)
    assert fields_of(refused) == {"urgent_reason"}
    assert desk.asked(**soon, urgent_reason="邊坡落石").urgent_reason == "邊坡落石"


def test_the_lead_time_counts_calendar_days(desk):
    third_day = desk.now.date() + timedelta(days=3)
    assert desk.asked(starts_at=taipei(third_day, "06:00"), ends_at=taipei(third_day, "07:00"))


def test_it_may_not_lie_in_the_past(desk):
    with pytest.raises(Invalid) as refused:
        desk.asked(starts_at=desk.now - timedelta(minutes=1), ends_at=desk.now + timedelta(hours=1), urgent_reason="x")
    assert fields_of(refused) == {"starts_at"}


def test_the_return_must_be_after_the_departure(desk):
    with pytest.raises(Invalid) as refused:
        desk.asked(starts="10:00", ends="10:00")
    assert fields_of(refused) == {"ends_at"}


def test_a_trip_over_several_days_is_one_trip(desk):
    trip = desk.asked(ends_at=taipei(DAY + timedelta(days=2), "18:00"))
    assert trip.period.duration > timedelta(days=2)


@pytest.mark.parametrize(("count", "kind", "field"), [(9, None, "passengers"), (6, "sedan", "vehicle_kind")])
def test_more_people_than_seats_are_refused_at_the_field(desk, count, kind, field):
    with pytest.raises(Invalid) as refused:
        desk.asked(passengers=count, vehicle_kind=kind)
    assert fields_of(refused) == {field}


def test_outside_bodies_may_not_ask(desk):
    with pytest.raises(Forbidden):
        desk.asked("group")


def test_the_estimate_comes_from_known_places(desk):
    assert desk.asked(destination="市議會三樓").distance_km == 4
    assert desk.asked(destination="市議會", round_trip=False).distance_km == 2
    assert desk.asked(destination="某處").distance_km == 30


def test_a_late_entry_lies_in_the_past_and_is_finished_without_driving_again(desk):
    yesterday = desk.now - timedelta(days=1)
    told = {
        "purpose_code": "emergency", "purpose": "夜間搶修", "origin": "市政大樓", "destination": "市議會", "passengers": 2,
        "starts_at": yesterday, "ends_at": yesterday + timedelta(hours=2),
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        trips.record_late(
            desk.session, desk.people["officer"], desk.now, **(told | {"ends_at": desk.now + timedelta(hours=1)})
        )
    assert fields_of(refused) == {"ends_at"}
    trip = trips.record_late(desk.session, desk.people["officer"], desk.now, **told)
    trips.approve(desk.session, desk.people["supervisor"], desk.now, trip)
    desk.assign(trip, desk.sedan, desk.driver)
    driving.finish(desk.session, desk.people["dispatcher"], desk.now, trip, odometer_out=9_000, odometer_in=9_012)
    assert (trip.status, trip.distance_driven, desk.sedan.odometer_km) == ("finished", 12, 10_000)


# --- who may --------------------------------------------------------------------------------------------------


def test_nobody_approves_the_own_request(desk):
    trip = desk.asked("supervisor")
    with pytest.raises(Forbidden):
        trips.approve(desk.session, desk.people["supervisor"], desk.now, trip)


def test_the_supervisor_of_another_agency_does_not_even_know_of_it(desk):
    trip = desk.asked()
    with pytest.raises(NotFound):
        trips.approve(desk.session, desk.people["supervisor2"], desk.now, trip)


def test_sent_back_with_a_reason_changed_and_sent_again(desk, facts):
    trip = desk.asked()
    trips.return_(desk.session, desk.people["supervisor"], desk.now, trip, reason="用車事由不詳")
    assert (trip.status, trip.answer, facts()[-1][1]["reason"]) == ("returned", "用車事由不詳", "用車事由不詳")
    trips.change(desk.session, desk.people["officer"], desk.now, trip, purpose="與中央協商補助案")
    assert (trip.status, trip.approver_id) == ("submitted", None)
    trips.approve(desk.session, desk.people["supervisor"], desk.now, trip)
    assert trip.answer is None


SEES = {
    "officer": True, "supervisor": True, "dispatcher": True, "admin": True, "auditor": True, "driver": True,
    "officer2": False, "supervisor2": False, "driver2": False, "group": False, "venues": False, "staff": False,
}  # fmt: skip


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_who_sees_a_trip_is_the_same_by_row_and_by_query(desk, who, sees):
    trip = desk.assigned()
    desk.session.flush()
    person = desk.people[who]
    assert trip.can_see(person) is sees
    assert (trip in desk.session.scalars(trips.visible(person)).all()) is sees


MAY = {
    "approve": {"supervisor"},
    "return": {"supervisor"},
    "assign": {"dispatcher", "admin"},
    "answer_full": {"dispatcher", "admin"},
    "change": {"officer"},
    "cancel": {"officer", "supervisor", "dispatcher", "admin"},
    "accept": {"driver"},
    "decline": {"driver"},
    "start": {"driver", "dispatcher", "admin"},
    "finish": {"driver", "dispatcher", "admin"},
    "sign_off": {"officer"},
}


@pytest.mark.parametrize(("step", "who"), MAY.items())
def test_who_may_do_each_step(desk, step, who):
    trip = desk.assigned()
    assert {name for name, person in desk.people.items() if trip.may(step, person)} == who


@pytest.mark.parametrize("step", ["accept", "decline", "start", "finish", "sign_off"])
def test_a_new_request_stands_for_no_later_step(desk, step):
    assert not desk.asked().stands_for(step)


def test_a_step_out_of_order_says_where_the_trip_stands(desk):
    trip = desk.asked()
    with pytest.raises(WrongState) as refused:
        desk.assign(trip, desk.sedan, desk.driver)
    assert "待主管核可" in refused.value.words.zh


def test_a_stale_revision_is_refused(desk):
    trip = desk.approved()
    with pytest.raises(Stale):
        trips.cancel(desk.session, desk.people["officer"], desk.now, trip, rev=trip.rev - 1)


def test_the_driver_is_shown_from_assignment_until_the_day_after(desk):
    trip = desk.assigned()
    officer = desk.people["officer"]
    assert trip.shows_driver(officer, desk.now)
    assert trip.shows_driver(officer, taipei(DAY + timedelta(days=1), "23:59"))
    assert not trip.shows_driver(officer, taipei(DAY + timedelta(days=2), "00:00"))
    assert not trip.shows_driver(desk.people["auditor"], desk.now)


# --- change and cancel ------------------------------------------------------------------------------------------


def taken(desk, *units):
    """Who has these firmly that day; promises aside, which may pass to another car."""
    whole = Period(taipei(DAY, "00:00"), taipei(DAY, "24:00"))
    names = [unit.resource for unit in units]
    return {
        by.resource: by.holder for by in reservations.taken(desk.session, names, whole, desk.now, states=["confirmed"])
    }


def test_changing_after_assignment_releases_car_and_driver(desk, facts):
    trip = desk.assigned()
    trips.change(desk.session, desk.people["officer"], desk.now, trip, destination="新竹高鐵站", reason="改地點")
    assert (trip.status, trip.vehicle, trip.driver, trip.distance_km) == ("approved", None, None, 156)
    assert taken(desk, desk.sedan, desk.driver) == {}
    kind, body = facts()[-1]
    assert (kind, body["driver_person_id"], body["previous_driver_person_id"]) == (
        "trip_changed",
        None,
        str(desk.people["driver"].id),
    )


def test_another_day_needs_the_supervisor_again(desk):
    trip = desk.approved()
    trips.change(
        desk.session,
        desk.people["officer"],
        desk.now,
        trip,
        starts_at=taipei(DAY, "13:00"),
        ends_at=taipei(DAY, "14:00"),
    )
    assert trip.status == "approved"
    next_day = DAY + timedelta(days=1)
    trips.change(
        desk.session,
        desk.people["officer"],
        desk.now,
        trip,
        starts_at=taipei(next_day, "13:00"),
        ends_at=taipei(next_day, "14:00"),
    )
    assert (trip.status, trip.approver_id) == ("submitted", None)


def test_a_change_of_place_on_the_eve_needs_no_reason_for_urgency(desk):
    trip = desk.approved()
    desk.now = taipei(DAY - timedelta(days=1), "17:00")
    trips.change(desk.session, desk.people["officer"], desk.now, trip, destination="新竹高鐵站")
    with pytest.raises(Invalid) as refused:
        trips.change(desk.session, desk.people["officer"], desk.now, trip, ends_at=taipei(DAY, "12:00"))
    assert fields_of(refused) == {"urgent_reason"}


@pytest.mark.parametrize("state", ["asked", "approved", "assigned", "accepted"])
def test_cancelling_at_any_step_frees_everything_and_tells_whoever_must_know(desk, facts, state):
    trip = getattr(desk, state)()
    trips.cancel(desk.session, desk.people["officer"], desk.now, trip, reason="會議取消")
    assert trip.status == "cancelled"
    assert taken(desk, desk.sedan, desk.driver) == {}
    kind, body = facts()[-1]
    assert kind == "trip_cancelled"
    assert body["requester_id"] == str(desk.people["officer"].id)
    assert body["approver_ids"] == [str(desk.people["supervisor"].id)]
    driver = str(desk.people["driver"].id) if state in ("assigned", "accepted") else None
    assert body["driver_person_id"] == driver


@pytest.mark.parametrize("state", ["under_way", "finished"])
def test_what_has_left_cannot_be_cancelled(desk, state):
    trip = getattr(desk, state)()
    with pytest.raises(WrongState):
        trips.cancel(desk.session, desk.people["officer"], desk.now, trip)


def test_the_secretariat_must_have_reached_the_applicant(desk):
    trip = desk.assigned()
    with pytest.raises(Invalid) as refused:
        trips.cancel(desk.session, desk.people["dispatcher"], desk.now, trip)
    assert fields_of(refused) == {"reached_applicant", "reason"}
    trips.cancel(desk.session, desk.people["dispatcher"], desk.now, trip, reason="車輛調度防汛", reached_applicant=True)
    assert not trip.late_cancel


def test_a_cancel_within_two_hours_is_flagged_as_late(desk, facts):
    early, late = (
        desk.assigned("09:00", "10:00"),
        desk.assigned("10:00", "11:00", vehicle=desk.van, driver=desk.driver2),
    )
    trips.cancel(desk.session, desk.people["officer"], early.starts_at - timedelta(hours=2), early)
    trips.cancel(desk.session, desk.people["officer"], late.starts_at - timedelta(minutes=119), late)
    assert (early.late_cancel, late.late_cancel) == (False, True)
    assert facts()[-1][1]["late"] is True


def test_decisions_are_audited(desk):
    trip = desk.assigned()
    trips.cancel(desk.session, desk.people["officer"], desk.now, trip, reason="改期")
    desk.session.flush()
    rows = desk.session.query(AuditEntry).filter_by(subject=f"trip/{trip.id}").order_by(AuditEntry.id).all()
    assert [(row.action, row.actor_name) for row in rows] == [
        ("trip.approved", "supervisor"), ("trip.assigned", "dispatcher"), ("trip.cancelled", "officer"),
    ]  # fmt: skip
    assert rows[-1].reason == "改期" and rows[-1].before == {"status": "assigned"}


def test_the_dispatcher_answers_that_all_cars_are_taken(desk, facts):
    trip = desk.approved()
    assigning.answer_full(desk.session, desk.people["dispatcher"], desk.now, trip)
    assert (trip.status, facts()[-1][0]) == ("fully_booked", "trip_fully_booked")
    trips.change(
        desk.session,
        desk.people["officer"],
        desk.now,
        trip,
        starts_at=taipei(DAY, "15:00"),
        ends_at=taipei(DAY, "16:00"),
    )
    assert trip.status == "approved"
