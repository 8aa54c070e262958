"""Things lent by the count (V4): never more than there are, never refused while some are free."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from common.errors import Forbidden, Invalid, NotFound
from common.messages import Outbox
from common.period import taipei, today
from tests.venues.test_rivals import at_once
from venues import lending, loans
from venues.loans import Back
from venues.models import LentDay, LentThing, Loan
from venues.refusals import NotNow

FIRST = date(2026, 12, 1)


@pytest.fixture
def things(session, halls):
    return {thing.code: thing for thing in lending.things(session)}


@pytest.fixture
def ask(session, people, things, now):
    def asking(who="officer", first=FIRST, days=3, **wanted):
        items = {things[code].id: count for code, count in (wanted or {"tent": 6}).items()}
        last = first + timedelta(days=days - 1)
        told = {"items": items, "starts_on": first, "ends_on": last, "purpose": "里民活動"}
        return loans.request(session, people[who], now, **told)

    return asking


@pytest.fixture
def officer(session, people):
    return lambda work, now, loan, **told: work(session, people["venues"], now, loan.id, **told)


def test_a_loan_from_request_to_return(session, people, things, ask, officer, now):
    loan, tent = ask(), things["tent"]
    assert lending.free(session, tent, FIRST, FIRST, now) == 6
    officer(loans.decide, now, loan, approve=True)
    with pytest.raises(NotNow):
        officer(loans.hand_out, now, loan, counts={tent.id: 6})  # its first day has not come
    officer(loans.hand_out, taipei(FIRST, "09:00"), loan, counts={tent.id: 5})
    assert lending.free(session, tent, FIRST, FIRST, now) == 7  # the sixth was not wanted after all
    officer(loans.take_back, taipei(FIRST, "17:00"), loan, counts={tent.id: Back(3)})
    assert loan.status == "out" and loan.items[0].still_out == 2
    officer(loans.take_back, taipei(FIRST, "18:00"), loan, counts={tent.id: Back(0, 1, 1)})
    assert loan.status == "returned"
    assert tent.stock_on(FIRST) == 10 == lending.free(session, tent, FIRST, FIRST + timedelta(days=5), now)
    assert tent.stock_on(FIRST - timedelta(days=1)) == 12


def test_more_than_there_are_are_not_promised(ask, things, session):
    ask(tent=6), ask(tent=6, first=FIRST + timedelta(days=2))
    with pytest.raises(lending.NotEnough) as refused:
        ask(tent=1, first=FIRST + timedelta(days=1), days=2)
    assert "12月3日" in refused.value.words.zh
    ask(tent=6, first=FIRST, days=2)  # whoever wants the days that are free gets them


def test_a_refusal_and_a_cancellation_free_what_was_promised(session, people, things, ask, officer, now):
    one, two = ask(tent=6), ask(tent=6)
    with pytest.raises(Invalid):
        officer(loans.decide, now, one, approve=False)
    officer(loans.decide, now, one, approve=False, reason="用途不符")
    loans.cancel(session, people["officer"], now, two.id)
    assert lending.free(session, things["tent"], FIRST, FIRST, now) == 12
    assert [row.data["status"] for row in session.scalars(select(Outbox))] == ["rejected"]


def test_what_is_lost_after_it_was_promised_is_shown_and_nothing_more_is_promised(session, things, ask, officer, now):
    ask(tent=6), ask(tent=6)
    lending.lose(session, things["tent"].id, 2, now, "失竊")
    assert [(row.day, row.promised - row.stock) for row in lending.short_days(session, now)] == [
        (FIRST + timedelta(days=ahead), 2) for ahead in range(3)
    ]
    with pytest.raises(lending.NotEnough):
        ask(tent=1)


def test_late_things_cannot_be_handed_out_to_the_next(session, things, ask, officer, now):
    tent = things["tent"]
    late, other, after = ask(days=1), ask(days=1), ask(first=FIRST + timedelta(days=1), days=1, tent=6)
    for loan in (late, other):
        officer(loans.decide, now, loan, approve=True)
        officer(loans.hand_out, taipei(FIRST, "09:00"), loan, counts={tent.id: 6})
    officer(loans.decide, now, after, approve=True)
    tomorrow = taipei(FIRST + timedelta(days=1), "09:00")
    with pytest.raises(lending.NotEnough):
        officer(loans.hand_out, tomorrow, after, counts={tent.id: 6})
    officer(loans.take_back, tomorrow, late, counts={tent.id: Back(6)})
    officer(loans.hand_out, tomorrow, after, counts={tent.id: 6})


def test_overdue_loans_are_reminded_of_every_few_days_and_uncollected_ones_called_off(
    session, things, ask, officer, now
):
    late, nobody = ask(days=1, chair=40), ask(days=1, tent=1)
    officer(loans.decide, now, late, approve=True)
    officer(loans.hand_out, taipei(FIRST, "09:00"), late, counts={things["chair"].id: 40})
    days = [loans.look_after(session, taipei(FIRST + timedelta(days=ahead), "08:00")) for ahead in range(6)]
    assert days == [0, 2, 0, 0, 1, 0] and nobody.status == "cancelled"
    assert late.overdue_days(FIRST + timedelta(days=5)) == 5
    told = session.scalars(select(Outbox).where(Outbox.type == "venues.loan_overdue.v1")).all()
    assert [row.data["applicant_id"] for row in told] == ["1", "1"]


def test_what_is_not_returned_when_due_is_not_free_until_it_is_back(session, things, ask, officer, now):
    loan, tent = ask(tent=5), things["tent"]
    officer(loans.decide, now, loan, approve=True)
    officer(loans.hand_out, taipei(FIRST, "09:00"), loan, counts={tent.id: 5})
    last, after = FIRST + timedelta(days=2), FIRST + timedelta(days=3)
    assert (
        lending.free(session, tent, after, after, taipei(last, "23:59")) == 12
    )  # it is due only at the end of its last day
    overdue, wanted = taipei(after, "00:01"), {tent.id: 8}
    days = [after + timedelta(days=ahead) for ahead in (0, 40)]
    assert [lending.free(session, tent, day, day, overdue) for day in days] == [7, 7]
    with pytest.raises(lending.NotEnough) as refused:
        lending.promise(session, wanted, days, overdue)
    assert "只剩 7 頂" in refused.value.words.zh and "5 頂逾期未還" in refused.value.words.zh
    officer(loans.take_back, overdue, loan, counts={tent.id: Back(4)})
    lending.promise(session, wanted, days, overdue)  # one is still missing: eleven are here
    assert lending.free(session, tent, after, after, overdue) == 3
    officer(loans.take_back, overdue, loan, counts={tent.id: Back(1)})
    assert lending.free(session, tent, after, after, overdue) == 4


def test_the_stock_is_dated_and_never_set_below_what_is_promised(session, people, things, ask, now):
    ask(tent=6), ask(tent=6)
    act = (session, people["venues"], now, things["tent"].id)
    with pytest.raises(lending.Promised):
        lending.set_stock(*act, quantity=11, valid_from=today(now))
    lending.set_stock(*act, quantity=20, valid_from=FIRST + timedelta(days=1))
    assert [lending.free(session, things["tent"], day, day, now) for day in (FIRST, FIRST + timedelta(days=1))] == [
        0,
        8,
    ]


def test_a_loan_is_its_bodys_and_the_officers_business(session, people, ask, now):
    loan = ask(who="group", umbrella=10)
    with pytest.raises(NotFound):
        loans.cancel(session, people["officer"], now, loan.id)
    with pytest.raises(Forbidden):
        loans.decide(session, people["group"], now, loan.id, approve=True)
    assert loans.visible(people["group"]) is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6), st.integers(1, 6), st.booleans()), min_size=1, max_size=14)
)
def test_a_request_is_refused_exactly_when_some_day_has_too_few(session, ask, things, people, now, wishes):
    with session.begin_nested() as save:
        used, tent = Counter[date](), things["tent"]
        for start, days, count, stays in wishes:
            wanted = [FIRST + timedelta(days=start + ahead) for ahead in range(days)]
            fits = all(used[day] + count <= 12 for day in wanted)
            try:
                with session.begin_nested():
                    loan = ask(first=wanted[0], days=days, tent=count)
                assert fits
                if stays:
                    used.update({day: count for day in wanted})
                else:
                    loans.cancel(session, people["officer"], now, loan.id)
            except lending.NotEnough:
                assert not fits
        assert all(lending.free(session, tent, day, day, now) == 12 - used[day] for day in used)
        save.rollback()


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_of_many_as_many_get_it_as_there_are_and_no_more(database, people, ids, now, rivals):
    """12 tents, 5 at a time: two loans fit, and with 32 rivals still exactly two."""
    with database.reading() as session:
        tent = session.scalars(select(LentThing.id).where(LentThing.code == "tent")).one()

    def asking(who):
        def work(session):
            told = {"items": {tent: 5}, "starts_on": FIRST, "ends_on": FIRST + timedelta(days=2), "purpose": "活動"}
            return loans.request(session, session.merge(people[who], load=False), now, **told).id

        return lambda: database.transact(work)

    got = at_once([asking(("officer", "officer2", "group")[n % 3]) for n in range(rivals)])
    assert sum(each != "refused" for each in got) == 2
    with database.reading() as session:
        assert session.query(Loan).count() == 2
        assert {row.promised for row in session.scalars(select(LentDay))} == {10}
