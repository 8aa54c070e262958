"""Drivers' leave: who is away is not assigned, who is assigned is not away."""

from datetime import timedelta

import pytest

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid, NotFound
from common.period import taipei
from fleet import assigning, leave
from tests.fleet.conftest import DAY


def enter(desk, starts="08:00", ends="18:00", who="dispatcher", **more):
    told = {"driver_id": desk.driver.id, "starts_at": taipei(DAY, starts), "ends_at": taipei(DAY, ends)}
    return leave.enter(desk.session, desk.people[who], desk.now, **(told | {"reason_code": "annual"} | more))


def test_nobody_on_leave_is_suggested_or_assigned(desk):
    enter(desk)
    trip = desk.approved()
    found = assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, trip)
    assert [each.id for each in found.drivers.candidates] == [desk.driver2.id]
    with pytest.raises(assigning.AlreadyTaken):
        desk.assign(trip, desk.sedan, desk.driver)
    assert [each.driver for each in leave.within(desk.session, trip.period)] == [desk.driver]


def test_leave_over_a_job_is_refused_and_names_the_job(desk):
    trip = desk.assigned("09:00", "10:00")
    with pytest.raises(leave.Busy, match=f"09:00–10:00 {trip.number}"):
        enter(desk)


def test_a_cancelled_leave_frees_what_is_left_of_it(desk):
    away = enter(desk)
    desk.now = taipei(DAY, "12:00")
    leave.cancel(desk.session, desk.people["dispatcher"], desk.now, away.id, rev=away.rev)
    assert leave.within(desk.session, away.period) == []
    desk.assign(desk.approved(starts="13:00", ends="14:00", urgent_reason="急件"), desk.sedan, desk.driver)
    with pytest.raises(NotFound):
        leave.cancel(desk.session, desk.people["dispatcher"], desk.now, away.id)


def test_it_is_the_desks_business_and_written_to_the_audit_log(desk):
    with pytest.raises(Forbidden):
        enter(desk, who="driver")
    enter(desk)
    desk.session.flush()
    assert desk.session.query(AuditEntry).filter_by(action="leave.entered").count() == 1


def test_what_has_passed_or_never_ends_is_refused(desk):
    with pytest.raises(Invalid, match="passed"):
        enter(desk, starts_at=desk.now - timedelta(days=2), ends_at=desk.now - timedelta(days=1))
    with pytest.raises(Invalid, match="year"):
        enter(desk, ends_at=desk.now + timedelta(days=500))


def test_leave_is_no_working_time(desk):
    """Five whole days away leave all the week's hours to the sixth (V-50)."""
    enter(desk, ends_at=taipei(DAY + timedelta(days=5), "00:00"))
    saturday = DAY + timedelta(days=5)
    trip = desk.approved(starts_at=taipei(saturday, "09:00"), ends_at=taipei(saturday, "11:00"))
    found = assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, trip)
    assert desk.driver.id in [each.id for each in found.drivers.candidates]
    away = assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, desk.approved())
    assert [each.constraint for each in away.drivers.refusals] == ["away"]
