"""Fuel and electricity: what may be written down, files line by line, half-years as the city's reports compare them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from common.errors import Conflict, Forbidden, Invalid
from common.roc import HalfYear
from common.words import Words
from fleet import energy, slips
from fleet.comparison import Comparison, usual
from fleet.models import EnergyRecord, EnergyTotal
from fleet.odometer import Readings

DAY = date(2026, 11, 1)


def state(session, period, kind, quantity):
    session.add(EnergyTotal(period=period, kind=kind, quantity=Decimal(quantity), source="秘書處工作報告"))
    session.flush()


def put(desk, day=DAY, km=None, litres="30", who="dispatcher", vehicle=None, **more):
    told = {"kind": "petrol", "quantity": Decimal(litres), "cost": 900, "recorded_on": day, "odometer": km} | more
    return energy.record(desk.session, desk.people[who], desk.now, vehicle_id=(vehicle or desk.sedan).id, **told)


# ── golden figures ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_half_of_104_used_10497_litres_less_than_that_of_95(desk):
    state(desk.session, "104H1", "fuel", "9098")
    state(desk.session, "95H1", "fuel", "19595")
    found = energy.compare(desk.session, HalfYear(104, 1), HalfYear(95, 1), "all")
    assert (found.figures.difference, found.figures.rate_percent) == (Decimal("-10497"), Decimal("-53.57"))
    assert found.words.zh == "104年上半年汽柴油比95年上半年減少 10,497 公升（53.57 %）。"
    assert "10,497 L (53.57 %) less than" in found.words.en


def test_the_first_half_of_110_used_415_litres_more_petrol_than_that_of_109(desk):
    state(desk.session, "110H1", "petrol", "8907.81")
    state(desk.session, "109H1", "petrol", "8492.54")
    found = energy.compare(desk.session, HalfYear(110, 1), HalfYear(109, 1), "petrol")
    assert (found.figures.difference, found.figures.rate_percent) == (Decimal("415.27"), Decimal("4.89"))
    assert found.words.zh == "110年上半年汽油比109年上半年增加 415.27 公升（4.89 %）。"


# ── comparing ──────────────────────────────────────────────────────────────────────────────────────────────────────


@given(this=st.decimals(0, 10**6, places=2), base=st.decimals("0.01", 10**6, places=2))
def test_difference_and_rate_agree_with_the_sentence(this, base):
    figures = Comparison(this, base, "L")
    said = figures.sentence(Words("汽油", "Petrol"), Words("今年", "year"), Words("去年", "year before")).zh
    assert ("增加" in said) == (this > base) and ("減少" in said) == (this < base)
    assert figures.difference + base == this
    assert abs(figures.rate_percent * base / 100 - figures.difference) <= base * Decimal("0.00005")


def test_without_records_or_total_nothing_is_claimed(desk):
    found = energy.compare(desk.session, HalfYear(100, 1), HalfYear(99, 1), "diesel")
    assert found.figures.difference is None and "沒有柴油的紀錄" in found.words.zh


def test_records_of_the_half_year_are_summed_exactly_and_a_withdrawn_one_is_not(desk):
    for n, litres in enumerate(("10.10", "20.20", "0.07")):
        put(desk, date(2026, 7, 1 + n), litres=litres)
    put(desk, date(2026, 6, 30), litres="99")
    wrong = put(desk, date(2026, 12, 31) - timedelta(days=60), litres="50")
    energy.withdraw(desk.session, desk.people["dispatcher"], desk.now, wrong.id)
    assert energy.used(desk.session, HalfYear(115, 2), "petrol").quantity == Decimal("30.37")
    assert put(desk, wrong.recorded_on, litres="50").id != wrong.id, "once withdrawn, the slip may be entered again"


def test_a_cause_is_told_beside_a_rise_and_kept_when_it_is_reworded(desk):
    person = desk.people["dispatcher"]
    for words in ("防疫", "因應防疫任務增加出車"):
        energy.explain(desk.session, person, desk.now, period=HalfYear(110, 1), kind="petrol", words=words)
    assert energy.compare(desk.session, HalfYear(110, 1), HalfYear(109, 1), "petrol").cause == "因應防疫任務增加出車"
    with pytest.raises(Forbidden):
        energy.explain(
            desk.session, desk.people["officer"], desk.now, period=HalfYear(110, 1), kind="petrol", words="x"
        )


# ── recording ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_slip_is_recorded_once(desk):
    put(desk, km=11_000)
    with pytest.raises(Conflict):
        put(desk, km=11_000)


def test_an_electric_car_takes_no_petrol(desk):
    with pytest.raises(Invalid) as refused:
        put(desk, vehicle=desk.electric)
    assert refused.value.errors[0].field == "kind" and "TST-0004" in refused.value.errors[0].words.zh


def test_an_officer_may_not_write_into_the_books(desk):
    with pytest.raises(Forbidden):
        put(desk, who="officer")


def test_a_reading_of_a_trip_stands_against_an_earlier_or_later_slip(desk):
    trip = desk.finished()  # out 10,000, in 10,008 on 30 November
    day = trip.finished_at.date()
    with pytest.raises(Invalid) as refused:
        put(desk, day - timedelta(days=1), km=10_500)
    assert refused.value.errors[0].words.en == "Higher than a later reading, 10,000 km. Check again"
    desk.now += timedelta(days=3)
    with pytest.raises(Invalid) as refused:
        put(desk, day + timedelta(days=1), km=10_007)
    assert refused.value.errors[0].words.en == "Lower than an earlier reading, 10,008 km. Check again"
    assert put(desk, day + timedelta(days=1), km=10_008).odometer == 10_008


def test_what_a_charger_delivered_is_written_once_at_the_days_price(desk):
    first = energy.record_charged(desk.session, desk.electric.id, Decimal("31.25"), desk.now, "ocpp:7")
    assert (first.kind, first.quantity, first.cost) == ("electricity", Decimal("31.25"), 131)
    assert energy.record_charged(desk.session, desk.electric.id, Decimal("31.25"), desk.now, "ocpp:7") is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), min_size=1, max_size=25))
def test_however_slips_come_in_no_accepted_odometer_runs_back(desk, given_slips):
    readings = Readings()
    kept = []
    for day, km in given_slips:
        when = date(2026, 1, 1) + timedelta(days=day)
        if readings.fault(1, when, km) is None:
            readings.add(1, when, km)
            kept.append((when, km))
    for day, km in kept:
        assert all(other <= km for when, other in kept if when < day)
        assert all(other >= km for when, other in kept if when > day)


def test_a_consumption_far_from_the_cars_own_is_named(desk):
    km = 11_000
    for n in range(9):
        km += 300 if n != 6 else 90
        put(desk, date(2026, 9, 1) + timedelta(days=7 * n), km=km, litres="30", cost=900 + n)
    (found,) = energy.unusual(desk.session, desk.now, date(2026, 1, 1))
    assert found.km_per_unit == Decimal("3.00") and found.usual.low > 8


def test_limits_come_from_the_figures_and_a_wild_one_hardly_moves_them():
    even = [Decimal(10 + n % 3) for n in range(12)]
    calm, wild = usual(even, Decimal("3.5")), usual([*even, Decimal(500)], Decimal("3.5"))
    assert wild.high < 20 and abs(calm.high - wild.high) < 5
    assert usual(even[:4], Decimal(3)) is None


def test_the_monthly_cap_is_told_by_car(desk):
    for n in range(4):
        put(desk, date(2026, 10, 2 + n), litres="45")
    (over,) = energy.over_cap(desk.session, desk.now, date(2026, 10, 9))
    assert (over.vehicle.plate, over.litres, over.cap) == ("TST-0001", Decimal(180), 151)


# ── files ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def slip(line, km, plate="TST-0001", day=DAY, litres="30"):
    data = {
        "plate": plate,
        "kind": "petrol",
        "quantity": Decimal(litres),
        "cost": 900,
        "recorded_on": day,
        "odometer": km,
    }
    return slips.Slip(line, {}, data)


def count(session):
    return session.scalar(select(func.count()).select_from(EnergyRecord))


def test_nothing_of_a_file_is_written_while_a_line_is_wrong_and_then_only_the_good_ones(desk):
    def lines():
        made = [
            slip(2, 11_000),
            slip(3, 10_900, day=DAY + timedelta(days=1)),
            slip(4, 11_400, day=DAY + timedelta(days=2)),
            slip(5, 1, plate="NO-1"),
        ]
        return slips.examine(desk.session, desk.now, made)

    found = lines()
    assert [(each.line, [fault.field for fault in each.faults]) for each in found if each.faults] == [
        (3, ["odometer"]),
        (5, ["plate"]),
    ]
    with pytest.raises(Invalid, match="2 lines need attention"):
        slips.take_in(desk.session, desk.people["dispatcher"], desk.now, found)
    assert count(desk.session) == 0
    assert slips.take_in(desk.session, desk.people["dispatcher"], desk.now, found, only_good=True) == 2
    assert [each.known for each in lines()] == [True, False, True, False]
    assert count(desk.session) == 2


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_file_in_any_order_and_read_twice_gives_the_same_books(desk, data):
    with desk.session.begin_nested() as inner:
        lines = [(12_000 + 300 * n, DAY - timedelta(days=60 - n)) for n in range(data.draw(st.integers(1, 12)))]
        mixed = data.draw(st.permutations(lines + data.draw(st.lists(st.sampled_from(lines), max_size=4))))
        for expected in (len(lines), 0):
            found = slips.examine(
                desk.session, desk.now, [slip(n, km, day=day) for n, (km, day) in enumerate(mixed, 2)]
            )
            assert not any(each.faults for each in found)
            assert sum(each.good for each in found) == expected
            if expected:
                assert slips.take_in(desk.session, desk.people["dispatcher"], desk.now, found) == expected
        inner.rollback()
    desk.session.expire_all()


def test_a_file_without_its_columns_is_told_which_are_missing():
    with pytest.raises(Invalid) as refused:
        slips.lines_of([["車號", "數量"], ["TST-0001", "3"]])
    assert "種類、金額、日期" in refused.value.errors[0].words.zh
