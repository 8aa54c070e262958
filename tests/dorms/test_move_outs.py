"""Clocks of moving out: the right time for each cause, reminders once, more time, and stopping."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from common import reservations
from common.errors import Invalid
from common.inbox import Received
from common.messages import Outbox
from common.period import add_months, taipei, today
from dorms import move_outs, occupancy, offers, stays, tenancies
from dorms.listeners import leave_the_lists
from dorms.models import nights
from tests.dorms.conftest import told


@pytest.fixture
def living(session, people, house, now):
    """`staff` has lived in the room since January, for five years."""
    (room,) = house("201")
    begun, ends = date(2026, 1, 5), date(2031, 1, 5)
    return occupancy.record_tenancy(session, people["dorms"], now, room, people["staff"].id, begun, ends, grade=7)


def start(session, people, row, now, cause, **known):
    return move_outs.start(session, people["dorms"], now, row.id, cause=cause, **{"since": today(now), **known})


@pytest.mark.parametrize(
    ("cause", "months"),
    [
        ("transfer", 3),
        ("resignation", 3),
        ("suspension", 3),
        ("unpaid_leave", 3),
        ("retirement", 3),
        ("dismissal", 1),
        ("removal", 1),
        ("recess", 1),
        ("death", 3),
        ("home_loan", 3),
    ],
)
def test_each_cause_gives_its_time(session, people, living, now, cause, months):
    row = start(session, people, living, now, cause)
    assert (row.leaving, row.leave_by) == (cause, add_months(today(now), months))
    assert row.state == stays.LEAVING
    assert told(session, "tenancy_leaving") == 1


def test_the_end_of_a_month_stays_the_end_of_a_month(session, people, living, now):
    row = start(session, people, living, now, "transfer", since=date(2026, 11, 30))
    assert row.leave_by == date(2027, 2, 28)


def test_for_a_child_under_three_nobody_has_to_leave(session, people, living, now):
    row = start(session, people, living, now, "child_care")
    assert (row.leaving, row.state, row.story[-1].kind) == (None, stays.LIVING, "stays")
    assert told(session, "tenancy_leaving") == 0


def test_an_ending_without_a_term_in_the_rules_needs_a_day_and_what_was_found(session, people, living, now):
    later = today(now) + timedelta(days=30)
    for known, field in (
        ({}, "leave_by"),
        ({"leave_by": later}, "reason"),
        ({"leave_by": date(2026, 1, 1)}, "leave_by"),
    ):
        with pytest.raises(Invalid) as refused:
            start(session, people, living, now, "not_living", **known)
        assert refused.value.errors[0].field == field
    row = start(session, people, living, now, "not_living", leave_by=later, reason="11 月 3 次訪視未遇，本人書面承認")
    assert row.leave_by == later


def test_the_rules_time_is_not_the_officers_to_choose(session, people, living, now):
    with pytest.raises(Invalid):
        start(session, people, living, now, "transfer", leave_by=date(2030, 1, 1))


def test_no_cause_is_older_than_the_stay(session, people, living, now):
    with pytest.raises(Invalid) as refused:
        start(session, people, living, now, "transfer", since=date(1999, 1, 1))
    assert refused.value.errors[0].field == "since"


def test_family_gone_is_for_family_rooms(session, people, living, now):
    with pytest.raises(Invalid):
        start(session, people, living, now, "family_gone")
    living.room.kind = "family"
    row = start(session, people, living, now, "family_gone")
    assert row.leave_by == add_months(today(now), 3)
    assert "單房間" in row.story[-1].words.zh


def test_never_later_than_the_term_but_for_a_family(session, people, living, now):
    near = taipei(date(2030, 12, 20), "10:00")
    assert start(session, people, living, near, "retirement").leave_by == living.stay_until
    move_outs.stop(session, people["dorms"], near, living.id, reason="撤回退休申請")
    row = start(session, people, living, near, "death")
    assert (row.leave_by, row.stay_until) == (date(2031, 3, 20), date(2031, 3, 20))
    night = nights(date(2031, 3, 19), date(2031, 3, 20))
    assert len(reservations.taken(session, [row.bed.resource], night, near)) == 1


def left(session, people, now, kind, left_on):
    body = {"person_id": people["staff"].id, "kind": kind, "left_on": left_on}
    subject = f"person/{body['person_id']}"
    leave_the_lists(session, Received("1", "portal", "portal.person_left.v1", subject, now, 1, body))


@pytest.mark.parametrize(("kind", "months"), [("transfer", 3), ("retirement", 3), ("death", 3), ("dismissal", 1)])
def test_the_portal_starts_the_clock(session, people, living, now, kind, months):
    left(session, people, now, kind, date(2026, 11, 20))
    assert (living.leaving, living.leave_by) == (kind, add_months(date(2026, 11, 20), months))
    left(session, people, now, kind, date(2026, 11, 20))
    assert told(session, "tenancy_leaving") == 1


def test_a_running_clock_is_only_made_shorter_by_the_portal(session, people, living, now):
    start(session, people, living, now, "dismissal")
    due = living.leave_by
    left(session, people, now, "transfer", today(now))
    assert (living.leaving, living.leave_by) == ("dismissal", due)
    move_outs.stop(session, people["dorms"], now, living.id, reason="改記")
    start(session, people, living, now, "transfer")
    left(session, people, now, "dismissal", today(now))
    assert (living.leaving, living.leave_by) == ("dismissal", due)


def test_whoever_leaves_before_moving_in_has_no_room_and_it_passes_on(session, people, apply, house, close):
    (room,) = house("201")
    first, second = apply("staff", grade=9), apply("staff2", grade=6)
    at = close()
    row = offers.accept(session, people["staff"], at, first.offer.id)
    left(session, people, at, "transfer", today(at))
    assert (row.state, row.offer.state) == (stays.WITHDRAWN, "withdrawn")
    assert (second.state, second.offer.room) == ("offered", room)
    assert first.state == "withdrawn"


def test_one_clock_at_a_time_and_stopping_needs_one(session, people, living, now):
    start(session, people, living, now, "transfer")
    with pytest.raises(move_outs.LeavingAlready):
        start(session, people, living, now, "retirement")
    move_outs.stop(session, people["dorms"], now, living.id, reason="調職命令撤銷")
    assert living.state == stays.LIVING
    with pytest.raises(move_outs.NotLeaving):
        move_outs.stop(session, people["dorms"], now, living.id, reason="再一次")


def test_more_time_by_approval_moves_the_day_and_takes_the_bed(session, people, living, now):
    start(session, people, living, now, "retirement")
    with pytest.raises(Invalid):
        more = {"leave_by": living.leave_by, "approval": "115 秘字第 9 號", "reason": "待產"}
        move_outs.extend(session, people["dorms"], now, living.id, **more)
    later = living.leave_by + timedelta(days=30)
    more = {"leave_by": later, "approval": "115 秘字第 9 號", "reason": "待產"}
    move_outs.extend(session, people["dorms"], now, living.id, **more)
    assert living.leave_by == later
    assert "115 秘字第 9 號" in living.story[-1].note
    assert told(session, "tenancy_leaving_extended") == 1


def test_reminders_go_out_once_at_each_mark(session, people, living, now):
    start(session, people, living, now, "transfer")  # due on 23 February
    counts = {}
    for left_days in (40, 30, 29, 7, 6, 0, -1, -2):
        at = taipei(living.leave_by - timedelta(days=left_days), "09:00")
        counts[left_days] = move_outs.remind_due(session, at)
    assert counts == {40: 0, 30: 1, 29: 0, 7: 1, 6: 0, 0: 0, -1: 1, -2: 0}
    assert told(session, "tenancy_due") == 3
    last = session.scalars(select(Outbox).where(Outbox.type == "dorms.tenancy_due.v1").order_by(Outbox.id)).all()[-1]
    assert last.data["overdue"] is True


def test_the_end_of_the_term_is_announced_early(session, people, living, now):
    at = taipei(living.stay_until - timedelta(days=90), "09:00")
    assert move_outs.remind_due(session, at) == 1
    assert move_outs.remind_due(session, at) == 0


def test_overdue_is_after_the_last_day(session, people, living, now):
    start(session, people, living, now, "transfer")
    assert not living.is_overdue(living.leave_by)
    assert living.is_overdue(living.leave_by + timedelta(days=1))
    day = living.leave_by + timedelta(days=1)
    assert tenancies.listed(session, "overdue", day) == [living]
    assert tenancies.listed(session, "overdue", living.leave_by) == []
