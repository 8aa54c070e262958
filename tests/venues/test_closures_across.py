"""Closures across what else wants the same time: contests, offers to those who wait, other closures."""

from datetime import timedelta

import pytest

from common.period import Period, taipei
from tests.venues import test_closures, test_contests, test_waiting
from tests.venues.conftest import DAY, slots
from tests.venues.test_closures import WEEK, told, wholly_closed
from tests.venues.test_contests import after_the_deadline, the_contest
from venues import cancellations, closures, contests, suspending, waiting
from venues.models.contest import VOID

close, carry_out = test_closures.close, test_closures.carry_out
enter, bodies = test_contests.enter, test_contests.bodies
wait = test_waiting.wait

TWO_DAYS = Period(taipei(DAY, "00:00"), taipei(DAY + timedelta(days=2), "00:00"))


def test_a_closure_ends_a_contest_for_good(desk, enter, session, close, carry_out, now):
    first, second = desk.apply("group", chosen=slots("morning")), enter("officer", "morning")
    contest = the_contest(session)
    closure = close("atrium")
    carry_out()
    assert (first.status, second.status, contest.state) == ("suspended", "suspended", VOID)
    assert not told(session, "booking_contest_won")
    contests.close_due(session, after_the_deadline(contest))
    assert (first.status, second.status) == ("suspended", "suspended")
    wholly_closed(session, closure, now)


def test_contenders_who_lend_equipment_are_shown_and_suspended_too(desk, enter, session, halls, close, carry_out, now):
    both = [desk.apply("group", chosen=slots("morning"), equipment={"stage": 1}), enter("officer", "morning")]
    assert list(closures.preview(session, now, venue_ids=[halls["atrium"].id], period=WEEK).booking_ids) == [
        booking.id for booking in both
    ]
    close("atrium")
    carry_out()
    assert [booking.status for booking in both] == ["suspended", "suspended"]


@pytest.mark.parametrize("listed", [False, True])
def test_whoever_of_a_contest_lies_outside_the_closure_goes_on(
    desk, enter, bodies, session, close, carry_out, now, listed
):
    first, between = desk.apply("group", chosen=slots("morning")), enter("choir", "morning", "afternoon")
    outside = enter("dance", "afternoon")
    contest = the_contest(session)
    if listed:
        contests.close_due(session, after_the_deadline(contest))
    closure = close("atrium", period=Period(taipei(DAY, "08:00"), taipei(DAY, "12:45")))
    carry_out()
    assert [booking.status for booking in (first, between, outside)] == ["suspended", "suspended", "submitted"]
    wholly_closed(session, closure, now)


def test_a_contender_can_be_restored_with_its_place(desk, enter, session, people, close, carry_out, now):
    first, second = desk.apply("group", chosen=slots("morning")), enter("officer", "morning", equipment={"stage": 1})
    closure = close("atrium")
    carry_out()
    closures.want_back(session, people["officer"], now, second.id, wanted=True)
    closures.reopen(session, people["venues"], now, closure.id, reason="提前完工", restore=True)
    carry_out()
    assert (first.status, second.status) == ("suspended", "submitted")
    assert desk.approve(second).status == "confirmed"


def test_what_two_closures_close_stays_closed_when_one_is_withdrawn(desk, session, people, close, carry_out, now):
    booking = desk.confirmed()
    one = close("atrium")
    carry_out()
    other = close("atrium", period=TWO_DAYS)
    carry_out()
    closures.want_back(session, people["group"], now, booking.id, wanted=True)
    closures.reopen(session, people["venues"], now, one.id, reason="提前完工", restore=True)
    carry_out()
    wholly_closed(session, other, now)
    assert booking.status == "suspended"
    closures.reopen(session, people["venues"], now, other.id, reason="提前完工")
    carry_out()
    assert desk.apply("officer").status == "submitted"


def test_a_closed_slot_is_offered_to_nobody_until_it_opens_again(desk, wait, session, people, close, carry_out, now):
    had = desk.confirmed(chosen=slots("morning"))
    first, second = wait("officer", "morning"), wait("officer2", "morning")
    cancellations.cancel(session, people["group"], now, had.id)
    assert (first.state, second.state) == ("offered", "waiting")
    closure = close("atrium")
    carry_out()
    assert (first.state, first.offered_until, second.state) == ("waiting", None, "waiting")
    wholly_closed(session, closure, now)
    waiting.offers_due(session, now + timedelta(days=3))
    assert (first.state, second.state) == ("waiting", "waiting")
    closures.reopen(session, people["venues"], now, closure.id, reason="提前完工")
    suspending.step(session, now)
    waiting.offers_due(session, now)
    assert (first.state, second.state) == ("offered", "waiting")
