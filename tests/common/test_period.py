"""Periods are half-open, in UTC, and know Taipei's clocks."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from common.period import EARLIEST, LATEST, Period, local, merged, taipei, today, utc

DAY = date(2026, 11, 23)
START = datetime(2026, 11, 23, tzinfo=UTC)
hours = st.integers(0, 48)


def hour(n: float) -> datetime:
    return START + timedelta(hours=n)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    first = draw(hours)
    return Period(hour(first), hour(first + draw(st.integers(1, 12))))


def test_a_car_back_at_ten_can_leave_at_ten() -> None:
    morning, noon = Period.of_local(DAY, "08:00", "10:00"), Period.of_local(DAY, "10:00", "12:00")
    assert not morning.overlaps(noon) and not noon.overlaps(morning)
    assert not morning.contains(morning.ends_at) and noon.contains(morning.ends_at)


def test_the_clock_of_a_local_period_is_taipeis() -> None:
    period = Period.of_local(DAY, "08:30", "12:30")
    assert period.starts_at == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert period.starts_at.tzinfo is UTC
    assert local(period.ends_at).strftime("%H:%M %z") == "12:30 +0800"
    assert period.duration == timedelta(hours=4)


def test_a_whole_day_ends_at_the_next_midnight() -> None:
    assert Period.of_day(DAY).duration == timedelta(days=1)
    assert taipei(DAY, "24:00") == taipei(date(2026, 11, 24), time(0))


def test_the_day_turns_at_taipeis_midnight() -> None:
    assert today(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == DAY
    assert today(datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 22)


@pytest.mark.parametrize("minutes", [0, -1, -600])
def test_a_period_that_does_not_start_before_it_ends_is_refused_at_its_end(minutes: int) -> None:
    with pytest.raises(Invalid) as refused:
        Period(START, START + timedelta(minutes=minutes))
    assert [error.field for error in refused.value.errors] == ["ends_at"]


@pytest.mark.parametrize("span", [(EARLIEST - timedelta(seconds=1), START), (START, LATEST + timedelta(seconds=1))])
def test_a_year_out_of_range_is_refused(span: tuple[datetime, datetime]) -> None:
    with pytest.raises(Invalid) as refused:
        Period(*span)
    assert [error.field for error in refused.value.errors] == ["starts_at"]


def test_a_time_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="time zone"):
        utc(datetime(2026, 11, 23, 9))
    with pytest.raises(ValueError, match="time zone"):
        Period(datetime(2026, 11, 23, 9), hour(9))


def test_the_same_instants_in_another_zone_are_the_same_period() -> None:
    zone = timezone(timedelta(hours=-5))
    assert Period(START.astimezone(zone), hour(1).astimezone(zone)) == Period(START, hour(1))


@given(periods(), periods())
def test_two_periods_overlap_when_they_share_an_instant(one: Period, other: Period) -> None:
    shared = [n for n in range(64) if one.contains(hour(n)) and other.contains(hour(n))]
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)
    assert one.overlaps(one) and one.encloses(one)
    if one.encloses(other):
        assert one.overlaps(other)


@given(st.lists(periods(), max_size=8))
def test_merging_keeps_every_instant_once(several: list[Period]) -> None:
    together = merged(several)
    for n in range(64):
        assert sum(p.contains(hour(n)) for p in together) == any(p.contains(hour(n)) for p in several)
    assert all(one.ends_at < after.starts_at for one, after in zip(together, together[1:], strict=False))
