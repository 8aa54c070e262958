"""Slots, the time they really take, and the days that may be applied for."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from common.period import Period
from common.words import Words
from venues.government_calendar import proposed
from venues.places import SLOTS
from venues.slots import Chosen, SlotTime, reserved, runs, working_days_after
from venues.tariffs import Window

PLAN = [SlotTime(code, starts, ends, Words(name, english)) for code, starts, ends, name, english in SLOTS]
DAY = date(2026, 12, 12)
ATRIUM = Window(opens=3, closes=10)


def taken(*slots: str, over: int = 0) -> list[Period]:
    return reserved(PLAN, [Chosen(DAY, slot) for slot in slots], over)


def test_the_gap_between_two_slots_in_a_row_belongs_to_the_booking():
    assert taken("morning", "afternoon") == [Period.of_local(DAY, "08:30", "17:30")]
    assert taken("afternoon", "evening") == [Period.of_local(DAY, "13:30", "22:00")]


def test_two_slots_apart_leave_the_one_between_them_to_others():
    assert taken("morning", "evening") == [
        Period.of_local(DAY, "08:30", "12:30"),
        Period.of_local(DAY, "18:00", "22:00"),
    ]


def test_overtime_lengthens_the_last_slot_only():
    assert taken("morning", "evening", over=130)[0] == Period.of_local(DAY, "08:30", "12:30")
    assert taken("afternoon", over=130) == [Period.of_local(DAY, "13:30", "19:40")]


def test_overtime_past_midnight_runs_into_the_next_day():
    assert taken("evening", over=180)[0].ends_at == Period.of_day(DAY).ends_at + timedelta(hours=1)


@given(
    some.sets(
        some.builds(Chosen, some.dates(DAY, DAY + timedelta(days=6)), some.sampled_from([s.code for s in PLAN])),
        min_size=1,
    )
)
def test_what_is_reserved_never_overlaps_itself_and_covers_every_slot(chosen):
    periods = reserved(PLAN, chosen)
    assert all(not a.overlaps(b) for a in periods for b in periods if a is not b)
    plan = {slot.code: slot for slot in PLAN}
    assert all(any(each.encloses(plan[one.slot].on(one.date)) for each in periods) for one in chosen)
    assert sum(len(run.slots) for run in runs(PLAN, chosen)) == len(chosen)


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        (date(2026, 12, 12), date(2026, 9, 12)),
        (date(2027, 1, 31), date(2026, 10, 31)),
        (date(2027, 5, 31), date(2027, 2, 28)),
        (date(2028, 5, 31), date(2028, 2, 29)),
    ],
)
def test_applications_open_three_months_before(day, opens):
    assert ATRIUM.opens_on(day) == opens


@given(some.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_later_day_never_opens_earlier(day):
    assert ATRIUM.opens_on(day) <= ATRIUM.opens_on(day + timedelta(days=1)) <= day + timedelta(days=1)
    assert ATRIUM.closes_on(day) == day - timedelta(days=10)


def test_working_days_leave_out_weekends_and_days_off():
    off = {each.day for year in (2026, 2027) for each in proposed(year)}
    assert working_days_after(date(2026, 11, 23), 3, off) == date(2026, 11, 26)
    assert working_days_after(date(2026, 11, 20), 3, off) == date(2026, 11, 25)
    assert working_days_after(date(2026, 12, 24), 1, off) == date(2026, 12, 28)
    assert working_days_after(date(2026, 2, 13), 1, off) == date(2026, 2, 23)
