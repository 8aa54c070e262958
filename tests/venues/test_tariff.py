"""The fee, line by line: golden figures, and what must hold for every wish."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from common.errors import Invalid
from common.words import Words
from venues.places import EFFECTIVE_FROM, SLOTS, tariff_data
from venues.refunds import CAUSES, FORCE_MAJEURE, GOVERNMENT_NEED, refund
from venues.slots import Chosen, SlotTime
from venues.tariffs import Line, Tariff, quote

PLAN = [SlotTime(code, starts, ends, Words(name, english)) for code, starts, ends, name, english in SLOTS]
ATRIUM = Tariff.from_data("112-11-09", EFFECTIVE_FROM, tariff_data(5000, 1250, 20000, False))
DAY = date(2026, 12, 12)
OUTSIDE = "registered_body"

days = some.integers(0, 6).map(lambda ahead: DAY + timedelta(days=ahead))
wishes = some.sets(some.builds(Chosen, days, some.sampled_from([slot.code for slot in PLAN])), min_size=1)
overtimes = some.integers(0, 240)
equipment = some.dictionaries(some.sampled_from(["stage", "sound_set", "light_set"]), some.integers(1, 3))


def on(*slots: str) -> list[Chosen]:
    return [Chosen(DAY, slot) for slot in slots]


def test_morning_and_afternoon_with_two_hours_ten_over_cost_13_750_and_a_deposit_of_20_000():
    price = quote(ATRIUM, PLAN, on("morning", "afternoon"), OUTSIDE, overtime_minutes=130)
    assert [(line.label.zh, line.amount, line.rule) for line in price.lines] == [
        ("上午 08:30–12:30", 5000, "S-04"),
        ("中間 12:30–13:30 免費使用", 0, "S-07"),
        ("下午 13:30–17:30", 5000, "S-04"),
        ("逾時 3 小時 × 1,250", 3750, "S-06"),
        ("保證金（每場次，用畢檢查後退還）", 20000, "S-04"),
    ]
    assert (price.fee, price.deposit, price.total) == (13750, 20000, 33750)
    assert "未滿 1 小時以 1 小時計" in price.lines[3].note.zh
    assert not any(line.sample for line in price.lines)


@pytest.mark.parametrize(("minutes", "hours"), [(0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (130, 3), (240, 4)])
def test_every_hour_begun_counts_as_a_whole_one(minutes, hours):
    assert quote(ATRIUM, PLAN, on("evening"), OUTSIDE, minutes).fee == 5000 + hours * 1250


@pytest.mark.parametrize("of", ["managing_agency", "city_agency"])
def test_the_citys_own_pay_nothing_and_see_what_is_forgone(of):
    price = quote(ATRIUM, PLAN, on("morning", "afternoon", "evening"), of, 60, {"stage": 1})
    assert (price.fee, price.deposit, price.total) == (0, 0, 0)
    assert (price.lines[-1].rule, price.lines[-1].amount) == ("S-13", -19250)


def test_no_gap_is_given_between_slots_that_do_not_follow_each_other():
    price = quote(ATRIUM, PLAN, on("morning", "evening"), OUTSIDE)
    assert [line.rule for line in price.lines] == ["S-04", "S-04", "S-04"]


def test_unknown_fees_are_marked_as_samples():
    plaza = Tariff.from_data("s", EFFECTIVE_FROM, tariff_data(12000, 3000, 50000, True))
    price = quote(plaza, PLAN, on("morning"), OUTSIDE, 30, {"sound_set": 1})
    assert all(line.sample for line in price.lines)
    assert {line.rule for line in price.lines} == {"S-05", "S-06", "S-20"}


@pytest.mark.parametrize("chosen", [[], [Chosen(DAY, "midnight")]])
def test_no_slot_or_an_unknown_one_is_refused_at_the_field(chosen):
    with pytest.raises(Invalid) as refused:
        quote(ATRIUM, PLAN, chosen, OUTSIDE)
    assert refused.value.errors[0].field == "slots"


@given(wishes, overtimes, equipment, some.sampled_from([OUTSIDE, "government", "city_agency"]))
def test_sums_are_the_sums_of_their_lines_and_never_negative(wanted, minutes, lent, of):
    price = quote(ATRIUM, PLAN, wanted, of, minutes, lent)
    assert price.total == price.fee + price.deposit == sum(line.amount for line in price.lines)
    assert price.fee >= 0
    assert price.deposit >= 0


@given(wishes, overtimes, equipment, some.randoms())
def test_the_order_of_wishes_does_not_matter(wanted, minutes, lent, dice):
    shuffled = list(wanted)
    dice.shuffle(shuffled)
    turned = dict(reversed(lent.items()))
    assert quote(ATRIUM, PLAN, shuffled, OUTSIDE, minutes, turned) == quote(
        ATRIUM, PLAN, wanted, OUTSIDE, minutes, lent
    )


@given(wishes, some.data())
def test_splitting_or_joining_adjacent_slots_never_changes_the_fee(wanted, data):
    part = data.draw(some.sets(some.sampled_from(sorted(wanted)), min_size=1))
    rest = wanted - part
    apart = quote(ATRIUM, PLAN, part, OUTSIDE).fee + (quote(ATRIUM, PLAN, rest, OUTSIDE).fee if rest else 0)
    assert apart == quote(ATRIUM, PLAN, wanted, OUTSIDE).fee == 5000 * len(wanted)


@given(wishes, overtimes)
def test_a_longer_wish_never_costs_less(wanted, minutes):
    more = wanted | {Chosen(DAY + timedelta(days=7), "evening")}
    assert quote(ATRIUM, PLAN, more, OUTSIDE, minutes).fee > quote(ATRIUM, PLAN, wanted, OUTSIDE, minutes).fee
    longer = quote(ATRIUM, PLAN, wanted, OUTSIDE, minutes + 1).fee
    assert longer >= quote(ATRIUM, PLAN, wanted, OUTSIDE, minutes).fee


@given(wishes, overtimes, equipment)
def test_a_line_survives_being_frozen_into_a_booking(wanted, minutes, lent):
    lines = quote(ATRIUM, PLAN, wanted, OUTSIDE, minutes, lent).lines
    assert tuple(Line.from_data(line.to_data()) for line in lines) == lines


# ── Refunds ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("days_before", "percent"), [(30, 100), (10, 100), (9, 50), (3, 50), (2, 0), (0, 0)])
def test_the_ladder_returns_all_then_half_then_nothing_of_the_fee(days_before, percent):
    back = refund(ATRIUM.refunds, 13750, 20000, days_before)
    assert (back.percent, back.fee, back.deposit) == (percent, 13750 * percent // 100, 20000)
    assert all(line.sample for line in back.lines)


@pytest.mark.parametrize("cause", [GOVERNMENT_NEED, FORCE_MAJEURE])
def test_a_city_need_or_a_disaster_returns_everything_however_late(cause):
    assert refund(ATRIUM.refunds, 13750, 20000, 0, cause).total == 33750


def test_half_a_dollar_is_rounded_up():
    assert refund(ATRIUM.refunds, 1251, 0, 5).fee == 626


@given(some.integers(0, 10**7), some.integers(0, 10**6), some.integers(-5, 400), some.sampled_from(CAUSES))
def test_no_refund_is_larger_than_what_was_paid(fee, deposit, days_before, cause):
    back = refund(ATRIUM.refunds, fee, deposit, days_before, cause)
    assert 0 <= back.fee <= fee
    assert back.deposit == deposit
    assert back.total == sum(line.amount for line in back.lines)


@given(some.integers(0, 10**6), some.integers(0, 100))
def test_cancelling_earlier_never_returns_less(fee, days_before):
    assert refund(ATRIUM.refunds, fee, 0, days_before + 1).fee >= refund(ATRIUM.refunds, fee, 0, days_before).fee


def test_a_new_version_leaves_the_old_one_as_it_was():
    dearer = replace(
        ATRIUM, version="116-01-01", rates=tuple(replace(rate, amount=rate.amount * 2) for rate in ATRIUM.rates)
    )
    assert quote(dearer, PLAN, on("morning"), OUTSIDE).total == 2 * quote(ATRIUM, PLAN, on("morning"), OUTSIDE).total
