"""Income, balances and the treasury: golden figures of a half-year, and every amount leads to its entries."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, insert, select

from common.errors import Conflict, Forbidden, Invalid
from common.period import taipei
from common.roc import HalfYear
from tests.venues.conftest import LATER
from venues import aftercare, bookings, cancellations, decisions, income, money, places, treasury
from venues.aftercare import Found
from venues.models import MoneyEntry, Remittance, Remitted, TariffRow
from venues.slots import Chosen

H1 = HalfYear(104, 1)
# venue, sessions by the city's own, paying sessions, fee of each: 42, 17 and 13 sessions bring 442,500 (S-21)
GOLDEN = (("atrium", 12, 30, 5000), ("civic-plaza", 2, 15, 17500), ("east-gate-plaza", 3, 10, 3000))


class Half:
    """A half-year of events, each applied for, paid, used, inspected and settled on its own days."""

    def __init__(self, session, people, halls):
        self.session, self.people, self.halls = session, people, halls

    def price(self, venue, fee):
        data = places.tariff_data(fee, 0, 1000, False)
        row = TariffRow(
            venue_id=self.halls[venue].id, version="101", effective_from=date(2012, 1, 1), data=data, pay_within_days=3
        )
        self.session.add(row)
        self.session.flush()

    def event(self, who, venue, day, damages=()):
        applied = taipei(day - timedelta(days=40), "10:00")
        officer, person = self.people["venues"], self.people[who]
        booking = bookings.apply(
            self.session, person, applied, venue_id=self.halls[venue].id, slots=[Chosen(day, "morning")],
            event_name="活動", event_kind="文化", attendees=50,
        )  # fmt: skip
        act = (self.session, officer, applied + timedelta(days=1), booking.id)
        decisions.approve(*act, note=LATER)
        if booking.total:
            decisions.record_insurance(*act, policy_number="PL")
            decisions.record_payment(
                self.session, officer, applied + timedelta(days=1, hours=2), booking.id, receipt_number="R"
            )
        over = taipei(day, "20:00")
        aftercare.turn(self.session, over)
        aftercare.inspect(self.session, officer, over, booking.id, damages=damages)
        if money.to_return(booking):
            aftercare.return_deposit(self.session, officer, over + timedelta(days=2), booking.id)
        return booking


@pytest.fixture
def half(session, people, halls):
    return Half(session, people, halls)


def test_the_first_half_of_104_brings_442_500_from_42_17_and_13_sessions(half, session, halls):
    for venue, free, paying, fee in GOLDEN:
        half.price(venue, fee)
        for n in range(free + paying):
            day = date(2015, 2, 12) + timedelta(days=3 * n)
            half.event("officer2" if n < free else "group", venue, day)
    found = income.half_year(session, H1)
    sessions = {row.venue.code: 0 for row in found.rows}
    for row in found.rows:
        sessions[row.venue.code] += row.sessions
    assert sessions == {"atrium": 42, "civic-plaza": 17, "east-gate-plaza": 13}
    assert (found.total, found.sessions) == (442_500, 72)
    for row in found.rows:
        entries = session.scalars(income.lines(H1, row.venue.id, row.applicant_class)).all()
        assert sum(map(income.collected, entries)) == row.income == sum(row.months.values())
    assert sum(account.balance for account in income.trial_balance(session)) == 0
    assert list(income.holdings(session)) == []
    assert treasury.to_remit(session, H1.last_day) == 442_500


def test_deposits_and_refunds_are_held_for_somebody_until_they_are_paid(desk, session, people, now):
    paid, waiting = desk.confirmed(), desk.approve(desk.apply(chosen=[Chosen(date(2026, 12, 12), "evening")]))
    assert [(each.booking.id, each.deposit, each.to_return) for each in income.holdings(session)] == [
        (paid.id, 20000, 0)
    ]
    cancellations.cancel(session, people["group"], now, paid.id)
    cancellations.cancel(session, people["group"], now, waiting.id)
    assert [(each.deposit, each.to_return) for each in income.holdings(session)] == [(0, 30000)]
    aftercare.pay_refund(session, people["venues"], now, paid.id)
    assert list(income.holdings(session)) == []


def test_what_is_remitted_is_remitted_once_and_a_later_refund_comes_off_the_next(desk, session, people, now):
    officer, day = people["venues"], date(2026, 11, 23)
    first = desk.confirmed()
    made = treasury.remit(session, officer, now, until=day, document_number="T-1")
    assert (made.amount, made.entries) == (10000, 1)
    with pytest.raises(Invalid):
        treasury.remit(session, officer, now, until=day, document_number="T-2")
    cancellations.cancel(session, people["group"], now, first.id)
    second = desk.confirmed(chosen=[Chosen(date(2026, 12, 14), code) for code in ("morning", "afternoon", "evening")])
    with pytest.raises(Conflict):
        treasury.remit(session, officer, now, until=day, document_number="T-1")
    later = treasury.remit(session, officer, now, until=day, document_number="T-2")
    assert later.amount == 15000 - 10000
    balances = {account.code: account.balance for account in income.trial_balance(session)}
    assert balances[money.TREASURY] == 15000 and sum(balances.values()) == 0
    assert money.balances(first)[money.TREASURY] == 0 and money.balances(second)[money.TREASURY] == 15000
    assert len(session.scalars(select(Remitted.entry_id)).all()) == 3
    with pytest.raises(Forbidden):
        treasury.remit(session, people["group"], now, until=day, document_number="T-3")
    with pytest.raises(Invalid):
        treasury.remit(session, officer, now, until=day + timedelta(days=1), document_number="T-3")


def test_damage_counts_as_income_and_a_day_belongs_to_taipei(half, session):
    half.price("atrium", 5000)
    half.event("group", "atrium", date(2015, 7, 1), damages=[Found("地板", 400)])
    second = income.half_year(session, HalfYear(104, 2))
    assert (income.half_year(session, H1).total, second.total, second.sessions) == (5000, 400, 1)
    kinds = session.scalars(select(MoneyEntry.kind)).all()
    assert kinds.count("deduction") == 1


def test_two_officers_who_use_one_document_number_at_once_are_told_and_nothing_breaks(desk, session, people, now):
    desk.confirmed()
    rival = {"document": "T-9", "until": now.date(), "amount": 1, "entries": 0, "at": now, "by_id": 1}

    def between_look_and_write(*_):
        session.connection().execute(insert(Remittance), [rival])

    event.listen(session, "before_flush", between_look_and_write, once=True)
    with pytest.raises(treasury.AlreadyRemitted):
        treasury.remit(session, people["venues"], now, until=now.date(), document_number="T-9")
