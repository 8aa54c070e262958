"""民國 dates, half-years and numbers as the city's reports write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from common.roc import (
    HalfYear,
    day_words,
    number,
    parse_roc_date,
    percent,
    rate_percent,
    roc_date,
    roc_digits,
    roc_year,
    signed,
    when_words,
)
from common.words import Words

half_years = st.builds(HalfYear, st.integers(80, 287), st.sampled_from([1, 2]))


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_document_names_the_day_in_full():
    assert roc_date(date(2026, 11, 23)) == "中華民國 115 年 11 月 23 日（星期一）"
    assert roc_date(at("2026-11-22T16:30+00:00")) == "中華民國 115 年 11 月 23 日（星期一）"
    assert roc_digits(date(2021, 5, 3)) == "110.05.03"
    assert (roc_year(1912), roc_year(1911)) == ("1", "前 1")


def test_a_screen_names_the_day_in_short():
    assert day_words(date(2026, 11, 23)) == Words("11月23日（週一）", "Mon 23 Nov")
    assert day_words(date(2026, 11, 22), year=True) == Words("115年11月22日（週日）", "Sun 22 Nov 2026")


@pytest.mark.parametrize(
    ("ends", "zh", "en"),
    [
        ("2026-11-23T12:30+08:00", "11月23日（週一）08:30–12:30", "Mon 23 Nov 08:30–12:30"),
        ("2026-11-24T00:00+08:00", "11月23日（週一）08:30–24:00", "Mon 23 Nov 08:30–24:00"),
        (
            "2026-11-24T09:00+08:00",
            "11月23日（週一）08:30–11月24日（週二）09:00",
            "Mon 23 Nov 08:30 – Tue 24 Nov 09:00",
        ),
    ],
)
def test_a_period_names_its_second_day_only_when_it_is_another(ends, zh, en):
    assert when_words(at("2026-11-23T08:30+08:00"), at(ends)) == Words(zh, en)


def test_of_several_whole_days_the_first_and_the_last_are_named():
    told = when_words(at("2026-11-23T00:00+08:00"), at("2026-11-27T00:00+08:00"))
    assert told == Words("11月23日（週一）至11月26日（週四）", "Mon 23 Nov – Thu 26 Nov")


@pytest.mark.parametrize(
    "typed", ["115/11/23", "115.11.23", "民國115年11月23日", "中華民國 115 年 11 月 23 日", "１１５／１１／２３"]
)
def test_a_typed_republic_date_is_understood(typed):
    assert parse_roc_date(typed) == date(2026, 11, 23)


@pytest.mark.parametrize("typed", ["", "2026/11/23", "115/13/1", "115/2/30", "115-11", "x"])
def test_a_wrong_republic_date_is_refused_at_its_field(typed):
    with pytest.raises(Invalid) as refusal:
        parse_roc_date(typed, field="recorded_on")
    assert refusal.value.errors[0].field == "recorded_on"


def test_a_half_year_is_a_period_on_taipeis_clocks():
    half = HalfYear.parse("104H1")
    assert half.period.starts_at == datetime(2014, 12, 31, 16, tzinfo=UTC)
    assert half.period.ends_at == datetime(2015, 6, 30, 16, tzinfo=UTC)
    assert half.label == Words("104年上半年", "First half of 2015")
    assert HalfYear(104, 2).label == Words("104年下半年", "Second half of 2015")
    assert (half.previous.code, half.next.code, half.year_before.code, half.in_year(95).code) == (
        "103H2",
        "104H2",
        "103H1",
        "95H1",
    )
    assert (half.first_day, half.last_day) == (date(2015, 1, 1), date(2015, 6, 30))


def test_half_years_can_be_typed_in_words():
    for typed in ("104h1", "104上", "104年上半年", " １０４Ｈ１ "):
        assert HalfYear.parse(typed) == HalfYear(104, 1)


@pytest.mark.parametrize("typed", ["", "104", "104H3", "2015H1", "0H1", "78H1", "289H1", "104H1x", "H1", "-104H1"])
def test_a_wrong_half_year_is_refused_at_its_field(typed):
    with pytest.raises(Invalid) as refusal:
        HalfYear.parse(typed, field="against")
    assert refusal.value.errors[0].field == "against"


@given(half_years)
def test_half_years_tile_time(half):
    assert half.period.ends_at == half.next.period.starts_at
    assert half.next.previous == half == HalfYear.parse(half.code)
    assert HalfYear.of(half.period.starts_at) == half == HalfYear.of(half.period.ends_at - timedelta(microseconds=1))
    assert HalfYear.of(half.last_day) == half == HalfYear.of(half.first_day)


def test_the_reports_figures_come_out_as_printed():
    assert percent(rate_percent(9098, 19595)) == "−53.57 %"
    assert signed(9098 - 19595) == "−10,497"
    assert percent(rate_percent(Decimal("8907.81"), Decimal("8492.54"))) == "4.89 %"
    assert signed(Decimal("8907.81") - Decimal("8492.54"), 2) == "+415.27"
    assert rate_percent(5, 0) is None and percent(None) == "—"


def test_numbers():
    assert [number(5000), number(0), number(-1234.5, 2), number(-0.001), number(2.675, 2), number(0.5)] == [
        "5,000", "0", "−1,234.50", "0", "2.68", "1",
    ]  # fmt: skip
    assert signed(0.001, 2) == "0.00"
