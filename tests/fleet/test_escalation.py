"""A driver who does not accept: asked again at the pace that is data, until they answer or the tries are used up."""

from datetime import date, timedelta

from fleet import assigning, driving, escalation
from fleet.models import Policy, Trip


def ask(desk, **later):
    desk.now += timedelta(**later)
    return escalation.escalate(desk.session, desk.now)


def times(facts):
    return [(body["times"], body["minutes"]) for kind, body in facts() if kind == "trip_escalated"]


def soon(desk):
    """A job assigned two days before it leaves, so that the wait has begun."""
    desk.now += timedelta(days=5)
    return desk.assigned("09:00", "10:00", urgent_reason="臨時通報")


def test_a_silent_driver_is_asked_again_every_half_hour_four_times(desk, facts):
    trip = soon(desk)
    assert ask(desk, minutes=29) == 0
    assert ask(desk, minutes=1) == 1 and ask(desk, minutes=0) == 0 and ask(desk, minutes=29) == 0
    assert [ask(desk, minutes=30) for _ in range(5)] == [1, 1, 1, 0, 0]
    assert times(facts) == [(1, 30), (2, 89), (3, 119), (4, 149)]
    assert [event.what for event in trip.events].count("escalated") == 4
    assert escalation.nudged(desk.session, trip) == 4


def test_accepting_stops_it(desk, facts):
    trip = soon(desk)
    ask(desk, minutes=30)
    driving.accept(desk.session, desk.people["driver"], desk.now, trip)
    assert ask(desk, minutes=60) == 0 and escalation.nudged(desk.session, trip) == 0


def test_a_far_departure_is_no_reason_to_call_anybody_at_night(desk):
    desk.assigned("09:00", "10:00")  # a week ahead
    assert ask(desk, days=2) == 0
    assert ask(desk, days=3, hours=1) == 1


def test_another_driver_is_asked_anew(desk, facts):
    trip = soon(desk)
    ask(desk, minutes=30)
    assigning.assign(
        desk.session, desk.people["dispatcher"], desk.now, trip, vehicle_id=desk.sedan.id, driver_id=desk.driver2.id
    )
    assert ask(desk, minutes=10) == 0
    assert ask(desk, minutes=20) == 1
    assert times(facts) == [(1, 30), (1, 30)]
    assert escalation.nudged(desk.session, trip) == 1


def test_the_pace_is_data(desk):
    first = date(2026, 11, 1)
    desk.session.add(
        Policy(key="dispatch.accept_minutes", value=5, unit="minutes", rule="V-12", sample=False, valid_from=first)
    )
    soon(desk)
    assert ask(desk, minutes=5) == 1


def test_a_self_driven_trip_waits_for_nobody(desk):
    desk.now += timedelta(days=5)
    trip = desk.approved(needs_driver=False, urgent_reason="臨時通報")
    desk.assign(trip, desk.sedan, None)
    assert ask(desk, hours=2) == 0
    assert desk.session.get(Trip, trip.id).status == "assigned"
