"""After the draw: places taken, paid, left; the waiting list; rent for days; warnings and bars; many at the same moment."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from common.errors import Invalid
from common.messages import Outbox
from tests.venues.rounds_desk import KNOWN, TERM, RoundDesk, entry, firm, seller
from tests.venues.test_rivals import at_once
from venues.models import Registration, Round
from venues.refusals import NotNow
from venues.rounds import conduct, drawing, money, places, registering, rent, stops
from venues.rounds import words as say
from venues.rounds.rent import Term
from venues.rounds.steps import in_states

DAY = 24 * timedelta(hours=1)
TERM_DAYS = 181


@pytest.fixture
def rounds(session, people, now):
    return RoundDesk(session, people, now)


@pytest.fixture
def held(rounds, session):
    """A round of which every place is accepted and paid at 300 a day; its holders."""
    row = rounds.drawn(8, (("food", 3),), rent=300)
    for each in in_states(session, row, say.SELECTED):
        places.accept(session, rounds.officer, KNOWN, each.id)
        places.record_payment(session, rounds.officer, KNOWN, each.id, receipt_number="R-1", amount=54300)
    return row


def at(day: date) -> datetime:
    return KNOWN + (day - date(2026, 12, 8)) * DAY.days


def next_up(session, row):
    return min(in_states(session, row, say.WAITING), key=lambda each: each.position)


def test_a_place_is_accepted_paid_and_had(rounds, session):
    row = rounds.drawn(4, (("food", 2),), rent=300)
    one = in_states(session, row, say.SELECTED)[0]
    places.accept(session, rounds.officer, KNOWN, one.id)
    assert (one.status, money.owed(one), one.pay_by) == (say.ACCEPTED, 300 * TERM_DAYS, KNOWN + 7 * DAY)
    with pytest.raises(Invalid, match="54,300"):
        places.record_payment(session, rounds.officer, KNOWN, one.id, receipt_number="R-1", amount=54299)
    places.record_payment(session, rounds.officer, KNOWN, one.id, receipt_number="R-1")
    assert (one.status, money.owed(one), money.paid(one)) == (say.HOLDING, 0, 54300)
    assert sum(money.balances(one).values()) == 0


def test_the_firm_hears_that_its_rent_came_in_fell_away_or_its_term_is_over(rounds, session):
    def told(event):
        kind = f"venues.registration_{event}.v1"
        rows = session.scalars(select(Outbox).where(Outbox.type == kind).order_by(Outbox.id))
        return [(row.data["status"], row.data["amount"]) for row in rows]

    def accepted(n):
        row = rounds.open([("food", 1)], rent=300)
        (one,) = rounds.register(row, entry(n), who=rounds.group)
        rounds.draw(rounds.publish(row))
        places.accept(session, rounds.group, KNOWN, one.id)
        return row, one

    row, one = accepted(1)
    assert told("settled") == []
    places.record_payment(session, rounds.officer, KNOWN, one.id, receipt_number="R-1")
    assert told("settled") == [("holding", 54300)]
    places.lapse_due(session, at(TERM[1]))
    assert told("finished") == [("finished", None)]
    row, one = accepted(2)
    stops.suspend(session, rounds.officer, KNOWN, row.id, reason="疫情", first_day=TERM[0])
    assert told("settled")[1:] == [("holding", 0)]


def test_whoever_declines_leaves_the_place_to_the_next_by_the_same_order(rounds, session):
    row = rounds.drawn(5, (("food", 2),))
    order = row.result.order
    first, third = rounds.of(row, order[0]), rounds.of(row, order[2])
    places.withdraw(session, rounds.officer, KNOWN, first.id, reason="另有地點")
    assert (first.status, third.status, third.place_no) == (say.DECLINED, say.SELECTED, 1)
    places.withdraw(session, rounds.officer, KNOWN, rounds.of(row, order[3]).id)  # one who waits
    places.withdraw(session, rounds.officer, KNOWN, third.id)
    assert rounds.of(row, order[4]).place_no == 1
    assert [(each.what, each.place_no, each.passed_to) for each in row.log] == [
        (say.DECLINED, 1, order[2]), (say.WITHDRAWN, None, ""), (say.DECLINED, 1, order[4]),
    ]  # fmt: skip
    assert drawing.verify(session, row) == []


def test_no_answer_in_time_gives_the_place_away(rounds, session):
    row = rounds.drawn(3, (("food", 1),))
    selected, following = in_states(session, row, say.SELECTED)[0], next_up(session, row)
    late = KNOWN + 7 * DAY
    with pytest.raises(NotNow, match="deadline has passed"):
        places.accept(session, rounds.officer, late, selected.id)
    assert places.lapse_due(session, late) == 1
    assert (selected.status, following.status, following.answer_by) == (say.LAPSED, say.SELECTED, late + 7 * DAY)
    places.accept(session, rounds.officer, late, following.id)
    assert places.lapse_due(session, late + 7 * DAY) == 1, "the rent did not come"
    assert (following.status, money.balances(following)["owed"]) == (say.LAPSED, 0)


def test_who_leaves_gets_the_days_not_used_and_the_next_pays_only_its_own(rounds, session, held):
    leaver, following = in_states(session, held, say.HOLDING)[0], next_up(session, held)
    places.withdraw(session, rounds.officer, at(date(2027, 2, 1)), leaver.id)
    assert (leaver.status, money.to_return(leaver)) == (say.LEFT, 150 * 300)
    places.record_payout(session, rounds.officer, at(date(2027, 2, 3)), leaver.id, document="P-1")
    assert (money.to_return(leaver), sum(money.balances(leaver).values())) == (0, 0)
    places.accept(session, rounds.officer, at(date(2027, 2, 3)), following.id)
    assert money.owed(following) == 148 * 300


def test_a_suspension_returns_its_days_and_leaving_later_returns_no_day_twice(rounds, session, held):
    """110: stalls stopped for the pandemic, prepaid rent returned (T-02)."""
    holder = in_states(session, held, say.HOLDING)[0]
    places.lapse_due(session, at(date(2027, 1, 1)))
    then = at(date(2027, 3, 1))
    stops.suspend(
        session, rounds.officer, then, held.id, reason="防疫", first_day=date(2027, 3, 1), until=date(2027, 3, 11)
    )
    assert (held.status, money.to_return(holder)) == ("suspended", 10 * 300)
    places.lapse_due(session, at(date(2027, 3, 11)))
    assert held.status == "running"
    places.withdraw(session, rounds.officer, at(date(2027, 6, 1)), holder.id)
    assert money.to_return(holder) == 10 * 300 + 30 * 300
    places.lapse_due(session, at(TERM[1]))
    other = in_states(session, held, say.FINISHED)[0]
    assert money.balances(other) == {"owed": 0, "bank": 54300, "prepaid": 0, "to_return": -3000, "income": -51300}


def test_who_takes_a_place_during_a_suspension_pays_no_suspended_day(rounds, session, held):
    """Suspended in January and February (59 days): whoever moves up in January pays from March on, and only once."""
    stops.suspend(
        session, rounds.officer, at(TERM[0]), held.id, reason="疫情", first_day=TERM[0], until=date(2027, 3, 1)
    )
    following = next_up(session, held)
    places.withdraw(session, rounds.officer, at(date(2027, 1, 10)), in_states(session, held, say.HOLDING)[0].id)
    places.accept(session, rounds.officer, at(date(2027, 1, 12)), following.id)
    assert money.owed(following) == 300 * 122 and sum(money.balances(following).values()) == 0
    places.record_payment(session, rounds.officer, at(date(2027, 1, 12)), following.id, receipt_number="R-2")
    assert money.settle(following, KNOWN, None, say.STATUSES[say.HOLDING]) == 0


def test_nothing_lapses_for_rent_that_is_not_owed(rounds, session):
    row = rounds.drawn(4, (("food", 2),), rent=300)
    one, other = in_states(session, row, say.SELECTED)
    places.accept(session, rounds.officer, KNOWN, one.id)
    stops.suspend(session, rounds.officer, KNOWN, row.id, reason="疫情", first_day=TERM[0])
    assert (one.status, one.pay_by, money.owed(one)) == (say.HOLDING, None, 0)
    places.accept(session, rounds.officer, KNOWN, other.id)
    places.lapse_due(session, KNOWN + 30 * DAY)
    assert (one.status, other.status) == (say.HOLDING, say.HOLDING)


def test_when_the_term_is_over_nobody_takes_a_place(rounds, session):
    row = rounds.drawn(3, (("food", 1),), term_until=date(2027, 1, 2))
    (one,) = in_states(session, row, say.SELECTED)
    over = at(date(2027, 1, 2))
    one.answer_by = over + 9 * DAY
    with pytest.raises(NotNow, match="over already"):
        places.accept(session, rounds.officer, over, one.id)
    places.lapse_due(session, over)
    assert (row.status, one.status, one.place_no) == (say.ENDED, say.LAPSED, None)
    assert [(each.ticket, each.passed_to) for each in row.log] == [(one.ticket, "")]
    assert drawing.verify(session, row) == []


def test_three_unheeded_warnings_bar_for_six_months(rounds, session, held, now):
    holder, following = in_states(session, held, say.HOLDING)[0], next_up(session, held)
    then = at(date(2027, 2, 1))
    for n in range(3):
        conduct.warn(session, rounds.officer, then, holder.id, what=f"占用通道 {n}")
        if n == 0:
            conduct.heed(session, rounds.officer, then, holder.warnings[0].id)
    assert (holder.status, conduct.unheeded(holder)) == (say.HOLDING, 2), "the first one was heeded"
    conduct.warn(session, rounds.officer, then, holder.id, what="再次占用")
    assert (holder.status, following.status, money.to_return(holder)) == (say.EXPELLED, say.SELECTED, 150 * 300)
    bar = registering.bar_of(session, holder.firm_number, "", date(2027, 7, 31))
    assert (bar.barred_until, bar.grave) == (date(2027, 8, 1), False)
    rounds.now = then
    again = rounds.open(
        (("food", 1),), registration_from=then, registration_until=then + DAY, term_from=date(2027, 7, 1),
        term_until=date(2027, 12, 1), seed_known_at=None,
    )  # fmt: skip
    with pytest.raises(registering.Barred, match="Barred until 2027-08-01: 占用通道 1；占用通道 2；再次占用"):
        rounds.register(again, entry(1, firm_number=holder.firm_number, seller_id=seller(500)))
    with pytest.raises(registering.Barred):
        rounds.register(again, entry(501, seller_id=holder.seller_id))
    assert registering.bar_of(session, holder.firm_number, holder.seller_id, date(2027, 8, 1)) is None


def test_a_grave_breach_takes_the_place_without_refund_for_a_year(rounds, session, held):
    holder = in_states(session, held, say.HOLDING)[0]
    conduct.warn(session, rounds.officer, at(date(2027, 2, 1)), holder.id, what="販售違禁品", grave=True)
    assert (holder.status, money.to_return(holder), money.balances(holder)["income"]) == (say.EXPELLED, 0, -54300)
    assert conduct.bars(session, date(2027, 2, 1))[0].barred_until == date(2028, 2, 1)
    assert drawing.verify(session, held) == []


def test_a_whole_terms_rent_is_shared_by_the_day_half_a_dollar_up():
    term = Term(date(2027, 1, 1), date(2027, 7, 1), 1000, "term")
    assert rent.due(term, date(2027, 1, 1)) == 1000
    assert rent.due(term, date(2027, 4, 1)) == 503  # 91 of 181 days: 502.76
    assert [rent.half_up(n, 2) for n in (1, 2, 3)] == [1, 1, 2]


days_of_term = st.dates(date(2027, 1, 1), date(2027, 7, 1))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from(("day", "term")), st.lists(st.tuples(days_of_term, days_of_term), max_size=4), days_of_term, days_of_term)  # fmt: skip # noqa: E501
def test_refunds_never_exceed_what_was_paid_and_do_not_depend_on_their_number(price, per, stretches, start, left_on):
    term = Term(date(2027, 1, 1), date(2027, 7, 1), price, per)
    covered = (start, term.until)
    paid, returned, suspended = rent.due(term, start), 0, []
    for stretch in stretches:
        suspended.append(stretch)
        returned += rent.refund(paid, covered, rent.not_used(covered, suspended, None), returned)
        assert 0 <= returned <= paid
    unused = rent.not_used(covered, suspended, max(start, left_on))
    returned += rent.refund(paid, covered, unused, returned)
    assert returned == rent.refund(paid, covered, unused, 0)
    assert (returned == paid) or unused < rent.days(covered)


@pytest.fixture
def committed(database, people, now):
    """`committed(work)`: work at the desk of rounds, in a transaction of its own."""

    def run(work):
        def act(session):
            return work(
                RoundDesk(session, {name: session.merge(each, load=False) for name, each in people.items()}, now)
            )

        return database.transact(act)

    return run


@pytest.mark.parametrize("rivals", [2, 8, 32])
@pytest.mark.parametrize("same", ["firm", "seller"])
def test_of_many_registrations_at_the_same_moment_one_stands(rivals, same, committed, database):
    row_id = committed(lambda desk: desk.open((("food", 2), ("cloth", 2))).id)

    def registering_as(n):
        told = {"firm_number": firm(1)} if same == "firm" else {"seller_id": seller(1)}
        one = entry(n + 10, ("food", "cloth")[n % 2], **told)
        return lambda: committed(lambda desk: desk.register(desk.session.get(Round, row_id), one)[0].id)

    got = Counter(each == "refused" for each in at_once([registering_as(n) for n in range(rivals)]))
    assert got == Counter({True: rivals - 1, False: 1})
    with database.reading() as session:
        assert session.query(Registration).count() == 1


@pytest.mark.parametrize("rivals", [2, 8])
def test_places_left_at_the_same_moment_pass_on_one_by_one(rivals, committed, database):
    row_id = committed(lambda desk: desk.drawn(4 * rivals, (("food", rivals),)).id)
    with database.reading() as session:
        holders = [each.id for each in in_states(session, session.get(Round, row_id), say.SELECTED)]

    def leaving(registration_id):
        return lambda: committed(
            lambda desk: places.withdraw(desk.session, desk.officer, KNOWN, registration_id).status
        )

    assert at_once([leaving(each) for each in holders]) == [say.DECLINED] * rivals
    with database.reading() as session:
        row = session.get(Round, row_id)
        following = [each.ticket for each in in_states(session, row, say.SELECTED)]
        assert sorted(following) == sorted(row.result.order[rivals : 2 * rivals])
        assert drawing.verify(session, row) == []


def test_two_officers_at_the_same_moment_draw_once(committed, database):
    row_id = committed(lambda desk: desk.publish(_filled(desk)).id)

    def entering(name):
        def work(desk):
            return drawing.draw_round(desk.session, desk.people[name], KNOWN, row_id, seed="7 12 30").status

        return lambda: committed(work)

    assert sorted(at_once([entering("venues"), entering("admin")])) == ["drawn", "seed_named"]
    with database.reading() as session:
        assert drawing.verify(session, session.get(Round, row_id)) == []


def _filled(desk):
    row = desk.open((("food", 2),))
    desk.fill(row, 6)
    return row
