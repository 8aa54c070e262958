"""Cars and drivers are given once, together or not at all, and come free when they should."""

from datetime import date, timedelta

import pytest

from common import reservations
from common.errors import Invalid
from common.inbox import Received
from common.period import Period, taipei
from fleet import assigning, driving, pool, trips
from fleet.assigning import AlreadyTaken, NotSuitable
from fleet.listeners import drop_driver, note_delivery
from fleet.models import TripDelivery
from fleet.plans.dispatch import Ask
from tests.fleet.conftest import DAY


def fact(kind: str, subject: str, now, **body) -> Received:
    return Received(id="1", source=kind.split(".")[0], type=kind, subject=subject, time=now, seq=1, body=body)


def busy(desk, unit):
    whole = Period(taipei(DAY, "00:00"), taipei(DAY, "24:00"))
    return reservations.busy(desk.session, [unit.resource], whole, desk.now).get(unit.resource, [])


def test_a_car_back_at_ten_can_leave_at_ten(desk):
    desk.assigned("09:00", "10:00")
    assert desk.assigned("10:00", "11:00").status == "assigned"


def test_a_car_is_not_given_twice_and_the_refusal_says_who_has_it(desk):
    first = desk.assigned("09:00", "10:00")
    second = desk.approved(starts="09:45", ends="11:00")
    with pytest.raises(AlreadyTaken) as refused:
        desk.assign(second, desk.sedan, desk.driver2)
    assert first.number in refused.value.words.zh and "TST-0001 09:00–10:00" in refused.value.words.zh


def test_car_and_driver_are_taken_together_or_not_at_all(desk):
    desk.assigned("09:00", "10:00")
    second = desk.approved(starts="09:30", ends="11:00")
    with pytest.raises(AlreadyTaken):
        desk.assign(second, desk.van, desk.driver)
    assert busy(desk, desk.van) == []


def test_reassigning_frees_the_first_car_and_tells_the_first_driver(desk, facts):
    trip = desk.accepted()
    desk.assign(trip, desk.seven, desk.driver2)
    assert (trip.status, trip.vehicle.plate) == ("assigned", "TST-0002")
    assert busy(desk, desk.sedan) == [] and busy(desk, desk.driver) == []
    kind, body = facts()[-1]
    assert (kind, body["driver_person_id"], body["previous_driver_person_id"]) == (
        "trip_assigned", str(desk.people["driver2"].id), str(desk.people["driver"].id),
    )  # fmt: skip


def test_another_car_for_the_same_driver_keeps_the_acceptance(desk, facts):
    trip = desk.accepted()
    desk.assign(trip, desk.seven, desk.driver)
    assert trip.status == "accepted"
    assert facts()[-1][1]["previous_driver_person_id"] is None


def test_the_same_car_can_be_given_to_the_same_trip_again(desk):
    trip = desk.assigned()
    assert desk.assign(trip, desk.sedan, desk.driver2).driver is desk.driver2


@pytest.mark.parametrize(("more", "words"), [({"passengers": 6}, "坐不下"), ({"vehicle_kind": "van9"}, "九人廂型")])
def test_an_unsuitable_car_is_refused_with_the_reason(desk, more, words):
    trip = desk.approved(**more)
    with pytest.raises(NotSuitable) as refused:
        desk.assign(trip, desk.sedan, desk.driver)
    assert words in refused.value.words.zh


def test_an_electric_car_that_would_come_back_empty_is_refused(desk):
    trip = desk.approved(destination="新竹高鐵站")
    far = desk.approved(starts="11:00", ends="13:00", destination="新竹高鐵站")
    desk.assign(trip, desk.electric, desk.driver)
    with pytest.raises(NotSuitable) as refused:
        desk.assign(far, desk.electric, desk.driver)
    assert "低於 20%" in refused.value.words.zh


def test_an_expired_licence_is_refused(desk):
    desk.driver2.licence_expires_on = date(2026, 1, 1)
    with pytest.raises(NotSuitable):
        desk.assign(desk.approved(), desk.sedan, desk.driver2)


def test_a_driver_must_be_named_where_one_is_needed_and_only_there(desk):
    with pytest.raises(Invalid):
        desk.assign(desk.approved(), desk.sedan, None)
    own = desk.approved(needs_driver=False)
    with pytest.raises(Invalid):
        desk.assign(own, desk.sedan, desk.driver)
    desk.assign(own, desk.sedan, None)
    assert busy(desk, desk.driver) == []
    driving.start(desk.session, desk.people["officer"], desk.now, own, odometer_out=10_000)
    assert own.status == "under_way"


def test_the_suggestion_leaves_out_who_is_busy_and_says_why(desk):
    desk.assigned("09:00", "10:00")
    trip = desk.approved(starts="09:30", ends="10:30")
    found = assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, trip)
    assert found.cars.best.label == "TST-0004"  # short trip, electric first
    assert {refusal.label: refusal.constraint for refusal in found.cars.refusals} == {"TST-0001": "taken"}
    assert [candidate.id for candidate in found.drivers.candidates] == [desk.driver2.id]


def test_a_declined_job_goes_back_to_the_queue_with_everything_free(desk, facts):
    trip = desk.accepted()
    with pytest.raises(Invalid):
        driving.decline(desk.session, desk.people["driver"], desk.now, trip, reason_code="other")
    driving.decline(desk.session, desk.people["driver"], desk.now, trip, reason_code="vehicle_fault", note="胎壓")
    assert (trip.status, trip.vehicle, busy(desk, desk.sedan)) == ("approved", None, [])
    kind, body = facts()[-1]
    assert (kind, body["reason"], body["previous_driver_person_id"]) == (
        "trip_declined",
        "車輛異常：胎壓",
        str(desk.people["driver"].id),
    )


# --- odometer ---------------------------------------------------------------------------------------------------


def test_the_odometer_never_starts_below_its_last_reading(desk):
    trip = desk.accepted()
    with pytest.raises(Invalid) as refused:
        driving.start(desk.session, desk.people["driver"], desk.now, trip, odometer_out=9_999)
    assert refused.value.errors[0].field == "odometer_out"


def test_the_odometer_never_runs_back(desk):
    trip = desk.under_way()
    with pytest.raises(Invalid) as refused:
        driving.finish(desk.session, desk.people["driver"], desk.now, trip, odometer_in=trip.odometer_out - 1)
    assert refused.value.words == driving.LOWER


def test_a_slip_of_the_finger_on_the_odometer_is_caught(desk):
    trip = desk.under_way()
    with pytest.raises(Invalid):
        driving.finish(desk.session, desk.people["driver"], desk.now, trip, odometer_in=trip.odometer_out + 10_000)


def test_finishing_notes_the_cars_odometer_and_charge(desk):
    trip = desk.under_way(vehicle=desk.electric)
    driving.finish(desk.session, desk.people["driver"], desk.now, trip, odometer_in=10_040, charge_percent=61)
    assert (desk.electric.odometer_km, desk.electric.charge_percent, trip.distance_driven) == (10_040, 61, 40)


def test_far_over_the_estimate_is_noticed(desk):
    trip = desk.under_way()
    driving.finish(desk.session, desk.people["driver"], desk.now, trip, odometer_in=trip.odometer_out + 90)
    assert driving.over_estimate(desk.session, trip, desk.now) == 86


def test_a_car_back_early_is_free_for_the_rest_of_its_time(desk):
    trip = desk.under_way("09:00", "12:00")
    desk.now = taipei(DAY, "10:00")
    driving.finish(desk.session, desk.people["driver"], desk.now, trip, odometer_in=trip.odometer_out + 8)
    assert busy(desk, desk.sedan) == [Period(taipei(DAY, "09:00"), taipei(DAY, "10:00"))]
    urgent = desk.approved(starts="10:00", ends="11:00", urgent_reason="緊急會勘")
    assert desk.assign(urgent, desk.sedan, desk.driver).status == "assigned"


# --- what the house tells fleet -----------------------------------------------------------------------------------


def test_a_driver_who_left_is_off_the_roster_and_the_jobs_wait_for_dispatch(desk, facts):
    waiting, running = desk.assigned("14:00", "15:00"), desk.under_way("09:00", "10:00")
    drop_driver(desk.session, fact("portal.person_left.v1", "person/6", desk.now, person_id=desk.people["driver"].id))
    assert not desk.driver.employed
    assert (waiting.status, waiting.driver, running.status) == ("approved", None, "under_way")
    assert facts()[-1][0] == "trip_released"
    assert desk.driver not in pool.drivers(desk.session)


def test_a_driver_whose_role_was_withdrawn_is_offered_no_more(desk):
    desk.people["driver"].roles = ["staff"]
    assert pool.drivers(desk.session) == [desk.driver2]
    with pytest.raises(NotSuitable):
        desk.assign(desk.approved(), desk.sedan, desk.driver)


def test_the_dispatcher_sees_how_far_a_message_got(desk):
    trip = desk.assigned()
    told = {"person_id": desk.people["driver"].id, "channel": "inbox", "service": "fleet"}
    for minutes, state in ((1, "sent"), (3, "read"), (2, "sent")):
        note_delivery(
            desk.session,
            fact(
                "messenger.delivery_changed.v1",
                f"trip/{trip.id}",
                desk.now + timedelta(minutes=minutes),
                state=state,
                **told,
            ),
        )
    desk.session.flush()
    assert [row.state for row in desk.session.query(TripDelivery)] == ["read"]


def test_a_driver_who_does_not_accept_is_reminded_once(desk, facts):
    trip = desk.assigned()
    assert driving.remind(desk.session, trip.starts_at - timedelta(hours=3)) == 0
    assert driving.remind(desk.session, trip.starts_at - timedelta(hours=1)) == 1
    assert driving.remind(desk.session, trip.starts_at - timedelta(minutes=30)) == 0
    assert facts()[-1][0] == "trip_reminded"


# --- the panel ----------------------------------------------------------------------------------------------------


def test_the_panel_counts_free_cars_by_group_and_by_half_hour(desk):
    desk.assigned("09:00", "10:00")
    found = pool.panel(desk.session, Ask(Period(taipei(DAY, "09:30"), taipei(DAY, "11:00")), 3, 10), desk.now)
    rows = {row.code: row for row in found.rows}
    assert (found.total, rows["sedan"].free, rows["electric"].free, found.electric_ready) == (3, 0, 1, 1)
    assert [cell.free for cell in rows["sedan"].cells[3:8]] == [1, 0, 0, 1, 1]
    assert [cell.opens for cell in rows["sedan"].cells if cell.chosen] == ["09:30", "10:00", "10:30"]


def test_with_nothing_free_the_panel_says_when_something_is(desk):
    for unit, driver in ((desk.van, desk.driver),):
        desk.assigned("09:00", "10:00", vehicle=unit, driver=driver)
    found = pool.panel(desk.session, Ask(Period(taipei(DAY, "09:30"), taipei(DAY, "10:30")), 8, 10), desk.now)
    assert (found.total, found.next_free, found.next_count) == (0, taipei(DAY, "10:00"), 1)


def test_two_requests_in_the_same_moment_get_two_numbers(desk):
    assert trips.next_number(desk.session, desk.now) != trips.next_number(desk.session, desk.now)
