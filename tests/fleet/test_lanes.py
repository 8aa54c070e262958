"""The board's geometry: minutes on a day's or a week's line, clipping at its edges, lanes for what overlaps."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.period import Period, taipei
from fleet.lanes import DAY_MINUTES, Line, clashes, covered, lanes, minus, overlap

DAY = date(2026, 11, 23)
START = taipei(DAY, "00:00")


def span(starts: str, ends: str, day: date = DAY, until: date | None = None) -> Period:
    return Period(taipei(day, starts), taipei(until or day, ends))


@pytest.mark.parametrize(
    ("period", "place"),
    [
        (span("06:00", "22:00"), (0, 960, False, False)),
        (span("09:00", "10:30"), (180, 270, False, False)),
        (span("04:30", "07:00"), (0, 60, True, False)),
        (span("21:00", "23:30"), (900, 960, False, True)),
        (span("22:30", "23:30"), (945, 960, False, True)),
        (span("03:00", "05:00"), (0, 15, True, False)),
        (span("20:00", "09:00", until=DAY + timedelta(days=2)), (840, 960, False, True)),
        (span("20:00", "09:00", DAY - timedelta(days=1), DAY + timedelta(days=1)), (0, 960, True, True)),
    ],
)
def test_a_day_shows_six_to_ten_and_marks_what_goes_on_outside(period, place):
    assert tuple(Line(DAY).place(period)) == place


def test_what_does_not_touch_the_days_has_no_place():
    assert Line(DAY).place(span("09:00", "10:00", DAY + timedelta(days=1))) is None
    assert Line(DAY).place(span("22:00", "24:00", DAY - timedelta(days=1))) is None


def test_a_week_is_seven_days_one_after_the_other():
    week = Line(DAY, 7)
    assert week.length == 7 * DAY_MINUTES
    wednesday = DAY + timedelta(days=2)
    assert week.place(span("06:00", "07:00", wednesday))[:2] == (2 * DAY_MINUTES, 2 * DAY_MINUTES + 60)
    assert week.place(span("21:00", "07:00", DAY, DAY + timedelta(days=1)))[:2] == (900, DAY_MINUTES + 60)


def test_overlapping_bars_get_a_lane_each_and_touching_ones_share():
    assert lanes([(0, 60), (60, 120), (30, 90), (90, 100)]) == [0, 0, 1, 1]
    assert lanes([]) == []


periods = st.builds(
    lambda start, length: Period(START + timedelta(minutes=start), START + timedelta(minutes=start + length)),
    st.integers(0, 1500),
    st.integers(1, 400),
)


@given(st.lists(periods, max_size=12))
def test_no_two_bars_of_a_lane_overlap(found):
    line = Line(DAY, 2)
    places = [line.place(each)[:2] for each in found]
    where = lanes(places)
    for one in range(len(found)):
        for other in range(one):
            if where[one] == where[other]:
                assert places[one][1] <= places[other][0] or places[other][1] <= places[one][0]


@given(st.lists(periods, max_size=12))
def test_clashes_are_exactly_the_overlaps(found):
    told = clashes(found)
    for one in range(len(found)):
        for other in range(len(found)):
            if one != other:
                assert (other in told.get(one, [])) == found[one].overlaps(found[other])


@given(periods, st.lists(periods, max_size=8))
def test_what_is_left_and_what_is_covered_make_the_whole(period, others):
    left = minus(period, others)
    assert all(not part.overlaps(other) for part in left for other in others)
    assert sum((part.duration for part in left), timedelta()) + covered(period, others) == period.duration


def test_how_long_two_run_at_once():
    assert overlap(span("13:00", "16:00"), span("15:00", "17:30")) == timedelta(hours=1)
    assert overlap(span("13:00", "16:00"), span("16:00", "17:30")) == timedelta()
