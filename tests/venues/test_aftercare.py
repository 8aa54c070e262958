"""The end of a booking: it begins and ends by the clock, is inspected, its deposit goes back, it is closed."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid
from common.messages import Outbox
from common.period import add_months, taipei, today
from common.reservations import Reservation
from tests.venues.conftest import DAY, slots
from venues import aftercare, breaches, cancellations, income, money, parameters
from venues.aftercare import Found
from venues.hindrances import Barred
from venues.models import Payout
from venues.refusals import NotNow

IN_USE_AT = taipei(DAY, "10:00")
OVER_AT = taipei(DAY, "18:00")
OFFICER = "venues"


@pytest.fixture
def officer(people):
    return people[OFFICER]


@pytest.fixture
def used(desk, session):
    """A paid booking whose day is over: fee 10,000, deposit 20,000."""
    booking = desk.confirmed()
    aftercare.turn(session, OVER_AT)
    return booking


def told(session, kind):
    rows = session.scalars(select(Outbox).where(Outbox.type == f"venues.{kind}.v1").order_by(Outbox.id))
    return [row.data for row in rows]


def balanced(session, booking):
    assert sum(money.balances(booking).values()) == 0
    assert sum(account.balance for account in income.trial_balance(session)) == 0


def test_a_booking_begins_and_ends_by_the_clock_without_a_word(desk, session):
    booking = desk.confirmed()
    before = session.query(Outbox).count()
    assert aftercare.turn(session, booking.starts_at - timedelta(minutes=1)) == 0
    assert aftercare.turn(session, IN_USE_AT) == 1
    assert booking.status == "in_use"
    assert aftercare.turn(session, OVER_AT) == 1
    assert booking.status == "inspection"
    assert aftercare.turn(session, OVER_AT) == 0
    session.flush()
    assert session.query(Outbox).count() == before


def test_the_officer_opens_the_venue_on_its_day_only(desk, session, officer, people, now):
    booking = desk.confirmed()
    with pytest.raises(NotNow):
        aftercare.start(session, officer, now, booking.id)
    with pytest.raises(Forbidden):
        aftercare.start(session, people["group"], taipei(DAY, "08:00"), booking.id)
    assert aftercare.start(session, officer, taipei(DAY, "08:00"), booking.id).status == "in_use"


def test_found_in_order_the_whole_deposit_goes_back_and_the_booking_is_closed(used, session, officer, people):
    made = aftercare.inspect(session, officer, OVER_AT, used.id, present="蘇青田")
    assert (made.result, made.deducted, made.claimed) == ("in_order", 0, 0)
    assert made.return_by == today(OVER_AT) + timedelta(days=14)
    assert (used.status, money.to_return(used), money.held(used)) == ("inspection", 20000, 0)
    aftercare.give_account(
        session, people["group"], OVER_AT, used.id, name="青田文化協會", bank="臺灣銀行", number="0123"
    )
    aftercare.return_deposit(session, officer, OVER_AT, used.id, document_number="D-1", amount=20000)
    assert (used.status, money.to_return(used)) == ("closed", 0)
    paid = session.scalars(select(Payout)).one()
    assert (paid.amount, paid.payee, paid.document) == (20000, "臺灣銀行 0123（青田文化協會）", "D-1")
    inspected, returned, closed = (
        told(session, f"booking_{kind}")[0] for kind in ("inspected", "deposit_returned", "closed")
    )
    assert (inspected["result"], inspected["refund"], returned["refund"]) == ("in_order", 20000, 20000)
    assert closed["status"] == "closed"
    balanced(session, used)


def test_damage_is_kept_from_the_deposit(used, session, officer):
    aftercare.inspect(session, officer, OVER_AT, used.id, damages=[Found("地板刮痕", 3500), Found("清潔", 500)])
    assert (money.to_return(used), money.balances(used)[money.DAMAGES]) == (16000, -4000)
    aftercare.return_deposit(session, officer, OVER_AT, used.id)
    assert used.status == "closed"
    assert session.scalars(select(Payout)).one().payee == "公庫支票：青田文化協會"
    balanced(session, used)


def test_damage_beyond_the_deposit_is_claimed_and_closes_when_paid(used, session, officer):
    made = aftercare.inspect(session, officer, OVER_AT, used.id, damages=[Found("燈具", 12000), Found("地板", 15000)])
    assert (made.deducted, made.claimed) == (20000, 7000)
    assert (used.status, money.owed(used), money.to_return(used)) == ("inspection", 7000, 0)
    with pytest.raises(NotNow):
        aftercare.return_deposit(session, officer, OVER_AT, used.id)
    aftercare.pay_claim(session, officer, OVER_AT, used.id, document_number="R-77")
    assert (used.status, money.owed(used)) == ("closed", 0)
    balanced(session, used)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(costs=st.lists(st.integers(1, 30000), max_size=6))
def test_what_is_kept_never_exceeds_the_deposit_and_nothing_is_lost(desk, session, officer, costs):
    with session.begin_nested() as point:
        booking = desk.confirmed()
        aftercare.turn(session, OVER_AT)
        made = aftercare.inspect(session, officer, OVER_AT, booking.id, damages=[Found("損壞", each) for each in costs])
        assert made.deducted == min(sum(costs), 20000)
        assert made.deducted + made.claimed == sum(costs)
        assert money.to_return(booking) == 20000 - made.deducted
        assert sum(money.balances(booking).values()) == 0
        point.rollback()


def test_nothing_is_inspected_or_paid_twice(used, session, officer, people):
    aftercare.inspect(session, officer, OVER_AT, used.id)
    with pytest.raises(NotNow):
        aftercare.inspect(session, officer, OVER_AT, used.id)
    with pytest.raises(Invalid):
        aftercare.return_deposit(session, officer, OVER_AT, used.id, amount=1)
    with pytest.raises(Forbidden):
        aftercare.return_deposit(session, people["group"], OVER_AT, used.id)
    aftercare.return_deposit(session, officer, OVER_AT, used.id)
    with pytest.raises(NotNow):
        aftercare.return_deposit(session, officer, OVER_AT, used.id)


def test_the_citys_own_booking_is_closed_by_its_inspection(desk, session, officer):
    booking = desk.approve(desk.apply("officer"))
    aftercare.turn(session, OVER_AT)
    aftercare.inspect(session, officer, OVER_AT, booking.id)
    assert booking.status == "closed"


def test_a_hall_inspected_early_is_free_again(desk, session, officer):
    booking = desk.confirmed()
    aftercare.inspect(session, officer, IN_USE_AT, booking.id)
    ends = session.scalars(select(Reservation.ends_at).where(Reservation.holder == booking.holder)).all()
    assert max(ends) <= IN_USE_AT


def test_a_refund_is_paid_out_once(desk, session, officer, people, now):
    booking = desk.confirmed()
    cancellations.cancel(session, people["group"], now, booking.id)
    aftercare.pay_refund(session, officer, now, booking.id, document_number="D-9")
    assert told(session, "booking_refunded")[0]["refund"] == 30000
    with pytest.raises(NotNow):
        aftercare.pay_refund(session, officer, now, booking.id)
    balanced(session, booking)


# ── Breaches (S-39) ───────────────────────────────────────────────────────────


def test_a_breach_before_its_day_withdraws_the_permit_keeps_the_fee_and_bars_the_body(desk, session, officer, now):
    booking = desk.confirmed()
    made = breaches.record(session, officer, now, booking.id, kind="transfer", what="轉讓他人")
    assert (booking.status, money.to_return(booking)) == ("cancelled", 20000)
    assert made.barred_until == today(now).replace(year=today(now).year + 1)
    with pytest.raises(Barred) as refused:
        desk.apply(chosen=slots("evening"))
    assert "2027" in refused.value.words.en and booking.number in refused.value.words.zh
    assert told(session, "booking_breached")[0]["barred_until"] == "2027-11-23"
    breaches.lift(session, officer, now, made.id, reason="申復有理由")
    desk.apply(chosen=slots("evening"))
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {"breach_recorded", "bar_lifted"} <= actions
    balanced(session, booking)


def test_a_breach_in_use_ends_it_and_a_bar_runs_out_by_itself(desk, session, officer, now):
    booking = desk.confirmed()
    aftercare.turn(session, IN_USE_AT)
    made = breaches.record(session, officer, IN_USE_AT, booking.id, kind="different_activity", what="改為展售")
    assert booking.status == "inspection"
    assert made.bars_on(made.barred_until - timedelta(days=1)) and not made.bars_on(made.barred_until)
    with pytest.raises(NotNow):
        breaches.record(session, officer, IN_USE_AT, booking.id, kind="transfer", what="再一次")


def test_a_new_value_holds_from_its_day_on(session, people, officer, now):
    key, day = parameters.BAN_MONTHS, today(now)
    parameters.set_value(session, officer, now, key=key, value=6, valid_from=day + timedelta(days=10))
    assert parameters.value(session, key, day) == 12
    assert parameters.value(session, key, day + timedelta(days=10)) == 6
    for wrong in ({"value": 0, "valid_from": day}, {"value": 6, "valid_from": day - timedelta(days=1)}):
        with pytest.raises(Invalid):
            parameters.set_value(session, officer, now, key=key, **wrong)
    with pytest.raises(Forbidden):
        parameters.set_value(session, people["group"], now, key=key, value=6, valid_from=day)


def test_a_month_counts_to_the_same_day_or_the_last():
    from_day = DAY.replace(year=2027, month=8, day=31)
    assert add_months(from_day, 6).isoformat() == "2028-02-29"
