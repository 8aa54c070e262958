"""Days on which the offices work, by the government's calendar."""

from datetime import date

import pytest

from common.period import taipei
from dorms import rounds
from dorms.working_days import is_working, moved, moved_instant


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 23), True),  # a Monday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 10, 9), False),  # the substitute for 10 October, a Saturday
        (date(2027, 1, 1), False),
        (date(2025, 2, 8), True),  # a Saturday worked for a day of the Spring Festival
    ],
)
def test_holidays_substitutes_and_make_up_workdays_are_known(day, working):
    assert is_working(day) is working


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 11, 23), date(2026, 11, 23)),
        (date(2026, 11, 28), date(2026, 11, 30)),
        (date(2026, 10, 9), date(2026, 10, 12)),
        (date(2027, 1, 1), date(2027, 1, 4)),
    ],
)
def test_a_last_day_that_is_a_day_off_moves_to_the_next_working_day_at_the_same_hour(day, last):
    assert moved(day) == last
    assert moved_instant(taipei(day, "17:00")) == taipei(last, "17:00")


def test_a_round_ends_on_a_working_day_where_it_is_asked_to(session, people, now):
    asked = {"kind": "single", "registration_from": now, "registration_until": taipei(date(2027, 1, 1), "17:00")}
    kept = rounds.open_round(session, people["dorms"], now, **asked)
    assert kept.registration_until == asked["registration_until"]
    row = rounds.open_round(session, people["dorms"], now, **asked, end_on_working_day=True)
    assert row.registration_until == taipei(date(2027, 1, 4), "17:00")
