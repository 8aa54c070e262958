"""How long a driver may work (V-50): hours of a day and a week, rest between two days, breaks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.period import Period, taipei
from fleet import assigning, trips
from fleet.assigning import NotSuitable
from fleet.models import Policy
from fleet.plans.workhours import Duty, breach
from tests.fleet.conftest import DAY as MONDAY

DUTY = Duty(
    max_hours_a_day=12,
    max_hours_a_week=50,
    min_rest_hours=11,
    max_hours_in_a_row=4,
    break_minutes=30,
    hours_a_day_away=8,
)


def on(day: int, starts: str, ends: str) -> Period:
    """A period `day` days after the Monday."""
    return Period.of_local(MONDAY + timedelta(days=day), starts, ends)


def over(first: int, starts: str, last: int, ends: str) -> Period:
    return Period(taipei(MONDAY + timedelta(days=first), starts), taipei(MONDAY + timedelta(days=last), ends))


@pytest.mark.parametrize(
    ("job", "busy", "constraint"),
    [
        (on(0, "08:00", "20:00"), [], None),
        (on(0, "08:00", "20:15"), [], "hours"),
        (on(0, "18:00", "22:00"), [on(0, "08:00", "17:00")], "hours"),
        (on(1, "07:00", "09:00"), [on(0, "18:00", "20:00")], None),
        (on(1, "06:45", "09:00"), [on(0, "18:00", "20:00")], "rest"),
        (on(0, "18:00", "20:00"), [on(1, "06:45", "09:00")], "rest"),
        (on(5, "08:00", "11:00"), [on(n, "08:00", "17:30") for n in range(5)], "week"),
        (on(6, "08:00", "10:30"), [on(n, "08:00", "17:30") for n in range(5)], None),
        (on(0, "10:00", "13:00"), [on(0, "08:00", "10:00")], "break"),
        (on(0, "10:30", "13:30"), [on(0, "08:00", "10:00")], None),
        (on(0, "09:00", "15:00"), [], None),
        (over(0, "08:00", 4, "18:00"), [], None),
        (over(0, "08:00", 6, "18:00"), [], "week"),
        (over(0, "22:00", 1, "01:00"), [], None),
        (on(1, "09:00", "10:00"), [over(0, "22:00", 1, "01:00")], "rest"),
    ],
    ids=[
        "twelve hours", "a quarter more", "two jobs of a day", "eleven hours of rest", "less before", "less after",
        "the sixth day", "fifty hours", "no break", "half an hour of break", "one long job", "five days away", "seven days away",
        "over midnight", "rest after a night",
    ],
)  # fmt: skip
def test_a_driver_is_refused_by_the_limit_that_binds(job, busy, constraint):
    found = breach(job, busy, DUTY)
    assert (found.constraint if found else None) == constraint
    assert found is None or (found.words.zh and found.words.en)


jobs = st.tuples(st.integers(0, 13), st.integers(6 * 4, 20 * 4), st.integers(1, 24)).map(
    lambda told: Period(
        taipei(MONDAY + timedelta(days=told[0]), "00:00") + timedelta(minutes=15 * told[1]),
        taipei(MONDAY + timedelta(days=told[0]), "00:00") + timedelta(minutes=15 * (told[1] + told[2])),
    )
)


@given(st.lists(jobs, max_size=12))
def test_whoever_takes_only_what_is_allowed_stays_within_every_limit(offered):
    taken: list[Period] = []
    for job in offered:
        if not any(job.overlaps(other) for other in taken) and breach(job, taken, DUTY) is None:
            taken.append(job)
    for day in range(15):
        opens = taipei(MONDAY + timedelta(days=day), "00:00")
        closes = opens + timedelta(days=1)
        spent = sum((max(timedelta(), min(j.ends_at, closes) - max(j.starts_at, opens)) for j in taken), timedelta())
        assert spent <= timedelta(hours=12)
    for job in taken:
        assert breach(job, [other for other in taken if other != job], DUTY) is None


# --- at the desk ---------------------------------------------------------------------------------------------------


def test_hours_and_rest_bar_the_assignment_too(desk):
    desk.assigned("08:00", "17:00", driver=desk.driver)
    late = desk.approved(starts="18:00", ends="22:00")
    with pytest.raises(NotSuitable) as refused:
        desk.assign(late, desk.van, desk.driver)
    assert "超過 12 小時" in refused.value.words.zh
    early = desk.approved(
        starts_at=taipei(MONDAY + timedelta(days=1), "03:00"), ends_at=taipei(MONDAY + timedelta(days=1), "06:00")
    )
    with pytest.raises(NotSuitable) as refused:
        desk.assign(early, desk.van, desk.driver)
    assert "休息至少 11 小時" in refused.value.words.zh
    found = assigning.suggest(desk.session, desk.people["dispatcher"], desk.now, early)
    assert [each.constraint for each in found.drivers.refusals] == ["rest"]


def test_what_was_driven_already_is_entered_whatever_the_hours(desk):
    people = desk.people
    trip = trips.record_late(
        desk.session, people["officer"], desk.now, purpose_code="emergency", purpose="防汛", origin="市政大樓",
        destination="市議會", passengers=2, starts_at=desk.now - timedelta(hours=40), ends_at=desk.now - timedelta(hours=25),
        round_trip=True, needs_driver=True, vehicle_kind=None, may_share=False, urgent_reason=None,
    )  # fmt: skip
    trips.approve(desk.session, people["supervisor"], desk.now, trip)
    assert desk.assign(trip, desk.sedan, desk.driver).status == "assigned"


def test_which_licence_a_kind_of_car_needs_is_dated_data(desk):
    desk.driver2.licence_class = "small"
    desk.session.add(
        Policy(key="driver.licence_van9", value=2, unit="rank", rule="V-50", sample=True, valid_from=date(2026, 11, 1))
    )
    desk.session.flush()
    trip = desk.approved(passengers=8)
    with pytest.raises(NotSuitable) as refused:
        desk.assign(trip, desk.van, desk.driver2)
    assert "九人廂型" in refused.value.words.zh
    assert desk.assign(trip, desk.van, desk.driver).driver is desk.driver
