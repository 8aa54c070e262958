"""What must hold for every tariff and every wish, and how conditions, ties and gaps are settled."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from common.words import Words
from venues.places import SLOTS
from venues.refunds import CAUSES, refund
from venues.slots import Chosen, SlotTime, runs
from venues.tariffs import Calendar, PayRule, Tariff, quote
from venues.tariffs.calendar import KINDS_OF_DAY
from venues.tariffs.checking import Known, faults

PLAN = tuple(SlotTime(code, starts, ends, Words(name, english)) for code, starts, ends, name, english in SLOTS)
CODES = [slot.code for slot in PLAN]
CLASSES = ["registered_body", "government", "city_agency"]
EVENTS = ["文化", "公益"]
KNOWN = Known(PLAN, frozenset(CLASSES), frozenset(EVENTS), frozenset({"stage", "sound_set"}))
LADDER = {"steps": [{"days": 10, "percent": 100}], "always": ["force_majeure"], "rule": "S-33", "always_rule": "S-37"}
NAMED = ["清潔", "Cleaning"]
# What is drawn depends on nothing but the seed; how long drawing takes depends on the machine.
RULE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
SATURDAY, MONDAY = date(2026, 12, 12), date(2026, 12, 14)


def tariff(*rates, waivers=(), **more):
    filled = [{"rule": "S-05", **rate} for rate in rates]
    return Tariff.from_data(
        "v", date(2026, 1, 1), {"rates": filled, "waivers": list(waivers), "refunds": LADDER, **more}
    )


def fee(of, day=SATURDAY, slots=("morning",), who="registered_body", **told):
    return quote(of, PLAN, [Chosen(day, slot) for slot in slots], who, **told).fee


def subset(of):
    return some.sets(some.sampled_from(of), min_size=1, max_size=2).map(sorted)


conditions = some.one_of(
    some.fixed_dictionaries({"days": subset(list(KINDS_OF_DAY))}),
    some.fixed_dictionaries({"classes": subset(CLASSES)}),
    some.fixed_dictionaries({"slots": subset(CODES)}),
    some.fixed_dictionaries({"events": subset(EVENTS)}),
    some.fixed_dictionaries(
        {"season": some.sampled_from([["07-01", "08-31"], ["11-01", "02-28"], ["12-12", "12-12"]])}
    ),
    some.fixed_dictionaries({"days": subset(["saturday", "holiday"]), "classes": subset(CLASSES)}),
)
amounts = some.integers(0, 20_000)
narrower = some.builds(lambda when, n: {"kind": "slot", "amount": n, **when}, conditions, amounts)
by_the_hour = some.builds(
    lambda n, starts, m: [{"kind": "hour", "amount": n}, {"kind": "hour", "amount": m, "band": [starts, "22:00"]}],
    amounts, some.sampled_from(["10:00", "15:30", "19:45"]), amounts,
)  # fmt: skip
use = some.one_of(
    some.builds(lambda n, more: [{"kind": "slot", "amount": n}, *more], amounts, some.lists(narrower, max_size=3)),
    by_the_hour,
)
besides = some.lists(
    some.sampled_from(
        [
            {"kind": "overtime", "amount": 1250},
            {"kind": "equipment", "of": "stage", "per": "day", "amount": 3000, "label": NAMED},
            {"kind": "service", "of": "cleaning", "per": "slot", "amount": 499, "label": NAMED},
            {"kind": "service", "of": "water", "per": "person", "amount": 3, "label": NAMED},
        ]
    ),
    max_size=4, unique_by=lambda row: row.get("of", row["kind"]),
)  # fmt: skip
waivers = some.sampled_from(
    [
        [],
        [{"classes": ["city_agency"], "rule": "S-13", "label": NAMED}],
        [{"classes": [], "percent": 33, "rule": "S-41", "label": NAMED}],
        [{"classes": [], "amount": 7000, "percent": 0, "rule": "S-41", "label": NAMED}],
    ]
)
deposits = some.sampled_from(
    [[], *([{"kind": "deposit", "per": per, "amount": 5000}] for per in ("event", "day", "run"))]
)


@some.composite
def tariffs(draw):
    made = tariff(*draw(use), *draw(besides), *draw(deposits), waivers=draw(waivers))
    assume(not faults(made, KNOWN))
    return made


days = some.integers(0, 20).map(lambda ahead: SATURDAY + timedelta(days=ahead))
wishes = some.sets(some.builds(Chosen, days, some.sampled_from(CODES)), min_size=1, max_size=8)
askers = some.fixed_dictionaries(
    {
        "applicant_class": some.sampled_from(CLASSES),
        "overtime_minutes": some.integers(0, 300),
        "equipment": some.dictionaries(some.sampled_from(["stage", "sound_set"]), some.integers(0, 3)),
        "event": some.sampled_from(["", *EVENTS]),
        "people": some.integers(0, 500),
        "calendar": some.dictionaries(days, some.sampled_from(["holiday", "substitute", "workday", "closure"])).map(
            Calendar
        ),
    }
)


@RULE
@given(tariffs(), wishes, askers, some.randoms())
def test_totals_are_their_lines_nothing_is_negative_and_order_is_irrelevant(of, wanted, told, dice):
    price = quote(of, PLAN, wanted, **told)
    assert price.total == price.fee + price.deposit == sum(line.amount for line in price.lines)
    assert price.fee >= 0 and price.deposit >= 0
    shuffled = list(wanted)
    dice.shuffle(shuffled)
    turned = dict(reversed(told["equipment"].items()))
    assert quote(of, PLAN, shuffled, **{**told, "equipment": turned}) == price


@RULE
@given(tariffs(), wishes, askers, some.builds(Chosen, days, some.sampled_from(CODES)))
def test_a_further_slot_never_lowers_the_fee(of, wanted, told, more):
    told = {**told, "overtime_minutes": 0}
    assert quote(of, PLAN, wanted | {more}, **told).fee >= quote(of, PLAN, wanted, **told).fee


@RULE
@given(use, wishes, some.data(), some.sampled_from([None, 0, 400]))
def test_joining_slots_costs_exactly_their_sum_and_the_gaps_between(rates, wanted, data, gap):
    of = tariff(*rates, *([] if gap is None else [{"kind": "gap", "amount": gap}]))
    assume(not faults(of, KNOWN))
    part = data.draw(some.sets(some.sampled_from(sorted(wanted)), min_size=1))
    rest = wanted - part
    apart = [quote(of, PLAN, each, "government").fee for each in (part, rest) if each]
    gaps = [sum(len(run.gaps) for run in runs(PLAN, each)) for each in (wanted, part, *([rest] if rest else []))]
    assert quote(of, PLAN, wanted, "government").fee == sum(apart) + (gap or 0) * (gaps[0] - sum(gaps[1:]))


@RULE
@given(tariffs())
def test_a_tariff_survives_being_written_down(of):
    assert Tariff.from_data(of.version, of.effective_from, of.to_data()) == of


steps = some.lists(some.tuples(some.integers(0, 60), some.integers(0, 100)), max_size=4, unique_by=lambda step: step[0])


@RULE
@given(steps, some.integers(0, 10**6), some.integers(0, 10**5), some.integers(-3, 90), some.sampled_from(CAUSES))
def test_no_ladder_ever_returns_more_than_was_paid(found, paid, deposit, days_before, cause):
    ladder = {**LADDER, "steps": [{"days": days, "percent": percent} for days, percent in found]}
    back = refund(
        tariff({"kind": "slot", "amount": 1}).refunds if not found else _ladder(ladder),
        paid,
        deposit,
        days_before,
        cause,
    )
    assert 0 <= back.fee <= paid
    assert back.deposit == deposit
    assert back.total == sum(line.amount for line in back.lines)


def _ladder(data):
    return Tariff.from_data("v", date(2026, 1, 1), {"rates": [], "waivers": [], "refunds": data}).refunds


# ── Conditions ───────────────────────────────────────────────────────────────


def test_the_more_specific_rate_holds_in_the_order_the_module_names():
    ladder = [
        {"kind": "slot", "amount": 1},
        {"kind": "slot", "amount": 2, "slots": ["morning"]},
        {"kind": "slot", "amount": 3, "season": ["12-01", "12-31"]},
        {"kind": "slot", "amount": 4, "days": ["saturday", "sunday", "holiday"]},
        {"kind": "slot", "amount": 5, "days": ["saturday"]},
        {"kind": "slot", "amount": 6, "classes": ["registered_body"]},
        {"kind": "slot", "amount": 7, "events": ["文化"]},
        {"kind": "slot", "amount": 8, "parts": ["stage-side"]},
    ]
    for most in range(1, len(ladder) + 1):
        assert fee(tariff(*ladder[:most]), event="文化", part="stage-side") == most


def test_a_day_has_one_kind_and_the_calendar_says_which():
    of = tariff(
        {"kind": "slot", "amount": 1},
        *({"kind": "slot", "amount": n, "days": [kind]} for n, kind in enumerate(KINDS_OF_DAY, 10)),
    )
    marks = Calendar({SATURDAY: "workday", MONDAY: "substitute", MONDAY + timedelta(days=1): "closure"})
    assert [fee(of, SATURDAY), fee(of, MONDAY)] == [11, 10]
    assert [fee(of, SATURDAY + timedelta(days=n), calendar=marks) for n in range(4)] == [10, 12, 13, 10]


def test_a_season_may_reach_over_new_year():
    of = tariff({"kind": "slot", "amount": 1}, {"kind": "slot", "amount": 2, "season": ["12-20", "01-10"]})
    told = [
        fee(of, date(2026, 12, 19)),
        fee(of, date(2026, 12, 20)),
        fee(of, date(2027, 1, 10)),
        fee(of, date(2027, 1, 11)),
    ]
    assert told == [1, 2, 2, 1]


def test_a_slot_priced_by_the_hour_is_cut_where_the_price_changes():
    of = tariff({"kind": "hour", "amount": 500}, {"kind": "hour", "amount": 800, "band": ["15:00", "24:00"]})
    price = quote(of, PLAN, [Chosen(SATURDAY, "afternoon")], "registered_body")
    assert [(line.label.zh, line.amount) for line in price.lines] == [
        ("13:30–15:00 2 小時 × 500", 1000),
        ("15:00–17:30 3 小時 × 800", 2400),
    ]
    assert all("未滿 1 小時以 1 小時計" in line.note.zh for line in price.lines)


def test_a_percentage_names_its_rounding_and_whole_amounts_name_none():
    half = {"classes": [], "percent": 50, "rule": "S-36", "label": NAMED}
    odd = quote(
        tariff({"kind": "slot", "amount": 5001}, waivers=[half]), PLAN, [Chosen(SATURDAY, "morning")], "x"
    ).lines
    assert (odd[-1].amount, odd[-1].note.zh) == (-2501, "5,001 × 50% = 2,500.50，元以下四捨五入")
    even = quote(
        tariff({"kind": "slot", "amount": 5000}, waivers=[half]), PLAN, [Chosen(SATURDAY, "morning")], "x"
    ).lines
    assert (even[-1].amount, even[-1].note) == (-2500, None)


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        (PayRule("working_days", 3), date(2026, 12, 16)),
        (PayRule("days", 3), date(2026, 12, 14)),
        (PayRule("before_use", 7), date(2026, 12, 19)),
        (PayRule("before_use", 30), date(2026, 12, 14)),
    ],
)
def test_a_pay_by_rule_counts_its_own_way(rule, due):
    assert rule.due(date(2026, 12, 11), date(2026, 12, 26), Calendar()) == due


def test_make_up_workdays_and_closures_count_in_a_deadline():
    calendar = Calendar({SATURDAY: "workday", MONDAY: "closure"})
    assert calendar.working_day_after(date(2026, 12, 11), 2) == date(2026, 12, 15)


# ── What is refused when a version is saved ──────────────────────────────────

BASE = {"kind": "slot", "amount": 5000}


@pytest.mark.parametrize(
    ("rates", "field"),
    [
        ([BASE, BASE], "rates.1"),
        ([BASE, {**BASE, "days": ["saturday", "sunday"]}, {**BASE, "days": ["saturday", "holiday"]}], "rates.2"),
        ([BASE, {"kind": "hour", "amount": 100}], "rates.1"),
        ([BASE, {**BASE, "season": ["07-01", "07-31"]}, {**BASE, "season": ["07-31", "08-30"]}], "rates.2"),
        ([{**BASE, "days": ["weekday", "saturday", "sunday"]}], "rates"),
        ([{**BASE, "slots": ["morning", "afternoon"]}], "rates"),
        ([{"kind": "hour", "amount": 5, "band": ["08:00", "18:00"]}], "rates"),
        ([BASE, {**BASE, "slots": ["midnight"]}], "rates.1.slots"),
        ([BASE, {**BASE, "classes": ["friends"]}], "rates.1.classes"),
        ([BASE, {**BASE, "band": ["18:00", "22:00"]}], "rates.1.band_from"),
        ([{**BASE, "season": ["02-30", "03-01"]}], "rates.0.season_from"),
        ([{**BASE, "amount": -1}], "rates.0.amount"),
        ([{**BASE, "per": "person"}], "rates.0.per"),
        ([{"kind": "gift", "amount": 1}], "rates.0.kind"),
        ([BASE, {"kind": "equipment", "of": "cannon", "amount": 1, "label": NAMED}], "rates.1.of"),
        ([BASE, {"kind": "service", "of": "cleaning", "amount": 1}], "rates.1.label"),
    ],
)  # fmt: skip
def test_a_tie_a_gap_or_an_unknown_name_is_a_fault_of_the_version(rates, field):
    assert [fault.field for fault in faults(tariff(*rates), KNOWN)] == [field]


def test_level_conditions_that_never_meet_are_no_tie():
    of = tariff(
        BASE,
        {**BASE, "days": ["saturday"]},
        {**BASE, "days": ["sunday"]},
        {**BASE, "season": ["01-01", "01-31"]},
        {**BASE, "season": ["03-01", "03-31"]},
    )
    assert faults(of, KNOWN) == []


@pytest.mark.parametrize(
    ("waivers", "more", "field"),
    [
        ([{"classes": [], "percent": 101, "rule": "S-13", "label": NAMED}], {}, "waivers.0.percent"),
        ([{"classes": [], "percent": 50, "amount": 100, "rule": "S-13", "label": NAMED}], {}, "waivers.0.percent"),
        ([{"classes": [], "rule": "S-13", "label": NAMED}] * 2, {}, "waivers.1"),
        ([], {"refunds": {**LADDER, "steps": [{"days": 10, "percent": 50}, {"days": 3, "percent": 100}]}}, "refunds.steps.1.percent"),
        ([], {"refunds": {**LADDER, "steps": [{"days": 3, "percent": 50}, {"days": 3, "percent": 40}]}}, "refunds.steps.1.days"),
        ([], {"pay": {"kind": "days", "days": 400}}, "pay.days"),
        ([], {"pay": {"kind": "working_days", "days": 0}}, "pay.days"),
    ],
)  # fmt: skip
def test_odd_waivers_ladders_and_deadlines_are_faults(waivers, more, field):
    assert [fault.field for fault in faults(tariff(BASE, waivers=waivers, **more), KNOWN)] == [field]
