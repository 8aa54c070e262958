"""Counters let by contract (V8): one party at a time, rent by the month, renewals in time."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.errors import Forbidden, Invalid
from common.period import today
from tests.venues.test_rivals import at_once
from venues import contracts, figures
from venues.models import Contract, Counter
from venues.rents import due_for, months

START, END = date(2026, 7, 1), date(2027, 6, 30)


@pytest.fixture
def let(session, people, halls, now):
    counters = {counter.code: counter for counter in contracts.counters(session)}

    def letting(code="B1-01", starts=START, ends=END, **changes):
        told = {"party": "好味咖啡", "rent": 30_000, "deposit": 60_000, **changes}
        counter = counters[code].id
        return contracts.make(
            session, people["venues"], now, counter_id=counter, starts_on=starts, ends_on=ends, **told
        )

    return letting


def test_there_are_nineteen_counters_and_a_bank(session, halls):
    kinds = [counter.kind for counter in contracts.counters(session)]
    assert (kinds.count("counter"), kinds.count("bank")) == (19, 1)


def test_a_counter_is_let_to_one_party_at_a_time(let):
    first = let()
    with pytest.raises(contracts.CounterTaken) as refused:
        let(starts=END, ends=END + timedelta(days=100), party="別家")
    assert "好味咖啡" in refused.value.words.zh
    assert let(starts=END + timedelta(days=1), ends=END + timedelta(days=100)).state(END) == "ahead"
    assert let(code="B1-02").counter.id != first.counter.id


def test_rent_comes_in_month_by_month_and_a_mistake_is_corrected_by_a_row_of_its_own(session, people, let, now):
    contract = let()
    act = (session, people["venues"], now, contract.id)
    day = today(now)  # 23 November: five months have begun
    assert contracts.owed(contract, day) == 150_000
    contracts.record_rent(*act, month=date(2026, 7, 5), amount=30_000, receipt="R-1")
    contracts.record_rent(*act, month=date(2026, 8, 1), amount=33_000, receipt="R-2")
    contracts.record_rent(*act, month=date(2026, 8, 1), amount=-3_000, receipt="R-2x", note="多收更正")
    assert contracts.owed(contract, day) == 90_000
    assert [each.open for each in contracts.months_due(contract, day)] == [0, 0, 30_000, 30_000, 30_000]
    for wrong, field in (
        ({"month": date(2028, 1, 1), "amount": 1}, "month"),
        ({"month": date(2026, 7, 1), "amount": -30_001}, "amount"),
        ({"month": date(2026, 7, 1), "amount": 5, "receipt": "R-1"}, "receipt"),
    ):
        with pytest.raises(Invalid) as refused:
            contracts.record_rent(*act, **{"receipt": "R-9", **wrong})
        assert refused.value.errors[0].field == field
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE contract_rent SET amount = 1"))


def test_a_contract_near_its_end_is_shown_until_it_is_renewed_or_over(session, people, let, now):
    contract = let(starts=date(2026, 1, 1), ends=date(2026, 12, 31))
    assert contract.state(today(now)) == "notice" and contract.notice_on == date(2026, 10, 2)
    act = (session, people["venues"], now, contract.id)
    new = contracts.renew(*act, ends_on=date(2027, 12, 31), rent=31_000)
    assert (new.starts_on, new.party, new.deposit) == (date(2027, 1, 1), contract.party, 60_000)
    assert contract.state(today(now)) == "running"
    with pytest.raises(contracts.NotNow):
        contracts.renew(*act, ends_on=date(2027, 12, 31), rent=31_000)


def test_an_early_end_frees_the_counter_and_stops_the_rent(session, people, let, now):
    contract = let()
    contracts.end(session, people["venues"], now, contract.id, ended_on=date(2026, 11, 30), reason="歇業")
    assert contract.state(date(2026, 12, 1)) == "ended"
    assert [each.month for each in contracts.months_due(contract, END)][-1] == date(2026, 11, 1)
    assert let(starts=date(2026, 12, 1), ends=END, party="新店")
    with pytest.raises(Forbidden):
        contracts.end(session, people["officer"], now, contract.id, ended_on=END, reason="x")


def test_how_long_before_the_end_is_a_dated_figure(session, people, let, now):
    figures.set_value(session, people["venues"], now, key="contract.notice_days", value=30, valid_from=today(now))
    assert let().notice_days == 30
    assert figures.value_on(session, "contract.notice_days", date(2020, 1, 1)) == 90


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 900), st.integers(0, 900), st.integers(0, 10**6))
def test_splitting_a_contract_between_months_costs_the_same(first, whole, cut, rent):
    last = first + timedelta(days=whole)
    total = sum(due_for(month, first, last, rent) for month in months(first, last))
    middle = first + timedelta(days=min(cut, whole))
    ends = middle.replace(day=1) - timedelta(days=1)
    if first <= ends < last:
        parts = [(first, ends), (ends + timedelta(days=1), last)]
        assert total == sum(due_for(month, a, b, rent) for a, b in parts for month in months(a, b))
    assert all(0 <= due_for(month, first, last, rent) <= rent for month in months(first, last))


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_one_of_many_gets_the_counter(database, people, ids, now, rivals):
    with database.reading() as session:
        counter = session.query(Counter).first().id

    def letting(number):
        told = {"counter_id": counter, "party": f"商號 {number}", "rent": 1, "deposit": 0}

        def work(session):
            officer = session.merge(people["venues"], load=False)
            return contracts.make(session, officer, now, starts_on=START, ends_on=END, **told).id

        return lambda: database.transact(work)

    got = at_once([letting(number) for number in range(rivals)])
    assert sum(each != "refused" for each in got) == 1
    with database.reading() as session:
        assert session.query(Contract).count() == 1
