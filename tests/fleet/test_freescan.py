"""Free cars by bitmaps: exactly those that a look at every period finds."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from common.period import Period, taipei
from fleet import pool
from fleet.plans.dispatch import Ask
from fleet.plans.freescan import calendar_of, free_cars
from tests.fleet.conftest import DAY

BEGIN = taipei(DAY, "00:00")
minutes = st.integers(-600, 8 * 1440)
spans = st.tuples(minutes, st.integers(1, 1500)).map(
    lambda told: Period(BEGIN + timedelta(minutes=told[0]), BEGIN + timedelta(minutes=told[0] + told[1]))
)


@given(st.lists(st.lists(spans, max_size=5), max_size=6), spans)
def test_exactly_those_are_found_who_are_free(busy, wanted):
    by_hand = [n for n, periods in enumerate(busy) if not any(wanted.overlaps(other) for other in periods)]
    assert free_cars(calendar_of(BEGIN, busy), busy, wanted) == by_hand


def test_a_car_back_at_seven_past_ten_is_free_from_then():
    busy = [[Period(taipei(DAY, "09:00"), taipei(DAY, "10:07"))]]
    found = calendar_of(BEGIN, busy)
    assert free_cars(found, busy, Period(taipei(DAY, "10:07"), taipei(DAY, "11:00"))) == [0]
    assert free_cars(found, busy, Period(taipei(DAY, "10:06"), taipei(DAY, "11:00"))) == []


def test_the_panel_finds_the_next_free_car_days_ahead(desk):
    for vehicle in (desk.sedan, desk.seven, desk.van, desk.electric):
        trip = desk.approved(
            starts_at=taipei(DAY, "06:00"), ends_at=taipei(DAY + timedelta(days=2), "09:00"), needs_driver=False
        )
        desk.assign(trip, vehicle, None)
    found = pool.panel(desk.session, Ask(Period(taipei(DAY, "10:00"), taipei(DAY, "12:00")), 3, 10), desk.now)
    assert (found.next_free, found.next_count) == (taipei(DAY + timedelta(days=2), "09:00"), 4)
