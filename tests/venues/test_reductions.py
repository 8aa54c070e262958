"""Waivers and reductions for one booking: two people, a reason, a line in the frozen quote, and only before approval."""

import pytest
from sqlalchemy.exc import IntegrityError

from common.audit import AuditEntry
from common.errors import Forbidden, Invalid, NotFound, Stale
from common.messages import Outbox
from tests.venues.conftest import EVENT, slots
from tests.venues.test_rivals import at_once
from venues import bookings, money, reductions
from venues.models import Booking, Reduction
from venues.reductions import OneIsOpen, UndecidedReduction
from venues.refusals import NotNow

HALF = {"part": "fee", "percent": 50, "amount": 0, "rule": "S-13", "reason": "與本府合辦之公益活動"}


@pytest.fixture
def act(session, people, now):
    def acting(what, who, *told, **more):
        return what(session, people[who], now, *told, **more)

    return acting


def test_one_proposes_another_grants_and_the_quote_has_the_line(desk, act, session):
    booking = desk.apply(overtime_minutes=130)
    row = act(reductions.propose, "venues", booking.id, **HALF)
    assert (booking.fee, row.state) == (13750, "proposed")
    rev = booking.rev
    act(reductions.grant, "admin", row.id, decision="同意", rev=row.rev)
    line = booking.quote_lines[-1]
    assert (booking.fee, booking.deposit, booking.total) == (6875, 20000, 26875)
    assert (line.label.zh, line.amount, line.rule, line.note.zh) == (
        "專案減收場地費 50%",
        -6875,
        "S-13",
        HALF["reason"],
    )
    assert sum(each.amount for each in booking.quote_lines) == booking.total
    assert booking.rev > rev
    assert session.query(Outbox).order_by(Outbox.id.desc()).first().type == "venues.booking_repriced.v1"
    told = [(each.actor_name, each.action) for each in session.query(AuditEntry).order_by(AuditEntry.id)][-2:]
    assert told == [("venues", "reduction_proposed"), ("admin", "reduction_granted")]


def test_what_is_owed_paid_and_returned_is_the_reduced_amount(desk, act):
    booking = desk.apply()
    row = act(reductions.propose, "venues", booking.id, **{**HALF, "percent": 0, "amount": 999})
    act(reductions.grant, "admin", row.id)
    desk.pay(desk.insure(desk.approve(booking)))
    assert money.paid(booking) == (9001, 20000)
    assert sum(money.balances(booking).values()) == 0


def test_the_deposit_can_be_waived_alone(desk, act):
    booking = desk.apply()
    row = act(reductions.propose, "venues", booking.id, **{**HALF, "part": "deposit", "percent": 100})
    act(reductions.grant, "admin", row.id)
    assert (booking.fee, booking.deposit) == (10000, 0)
    assert booking.quote_lines[-1].label.zh == "專案免收保證金"


def test_nobody_decides_their_own_proposal_and_the_database_says_so_too(desk, act, session, people, now):
    row = act(reductions.propose, "venues", desk.apply().id, **HALF)
    for decide in (reductions.grant, reductions.refuse):
        with pytest.raises(Forbidden) as refused:
            act(decide, "venues", row.id, decision="x")
        assert "不能自己核可" in refused.value.words.zh
    with pytest.raises(IntegrityError), session.begin_nested():
        row.state, row.decided_by_id, row.decided_at = "granted", people["venues"].id, now
        session.flush()


def test_a_refused_or_withdrawn_one_changes_nothing_and_leaves_room_for_another(desk, act):
    booking = desk.apply()
    refused = act(reductions.propose, "venues", booking.id, **HALF)
    act(reductions.refuse, "admin", refused.id, decision="不符規定")
    back = act(reductions.propose, "venues", booking.id, **HALF)
    with pytest.raises(Forbidden):
        act(reductions.withdraw, "admin", back.id)
    act(reductions.withdraw, "venues", back.id)
    act(reductions.propose, "admin", booking.id, **HALF)
    assert (booking.fee, len(booking.quote_lines)) == (10000, 4)
    with pytest.raises(NotNow):
        act(reductions.grant, "admin", refused.id)


def test_one_is_open_at_a_time_and_the_approval_waits_for_it(desk, act):
    booking = desk.apply()
    row = act(reductions.propose, "venues", booking.id, **HALF)
    with pytest.raises(OneIsOpen):
        act(reductions.propose, "admin", booking.id, **HALF)
    with pytest.raises(UndecidedReduction):
        desk.approve(booking)
    act(reductions.grant, "admin", row.id)
    assert desk.approve(booking).status == "awaiting_insurance"


def test_a_decided_or_paid_booking_is_not_made_cheaper(desk, act):
    booking = desk.approve(desk.apply())
    with pytest.raises(NotNow):
        act(reductions.propose, "venues", booking.id, **HALF)
    rejected = desk.apply(chosen=slots("evening"))
    row = act(reductions.propose, "venues", rejected.id, **HALF)
    rejected.status = "rejected"
    with pytest.raises(NotNow):
        act(reductions.grant, "admin", row.id)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": 0}, "percent"),
        ({"amount": 100}, "percent"),
        ({"percent": 0, "amount": 10001}, "amount"),
    ],
)
def test_a_proposal_takes_a_percentage_or_an_amount_and_never_more_than_there_is(desk, act, changes, field):
    with pytest.raises(Invalid) as refused:
        act(reductions.propose, "venues", desk.apply().id, **{**HALF, **changes})
    assert refused.value.errors[0].field == field


def test_there_is_nothing_to_take_off_what_is_free(desk, act):
    with pytest.raises(Invalid):
        act(reductions.propose, "venues", desk.apply("officer2").id, **HALF)


def test_applicants_neither_propose_nor_learn_of_proposals(desk, act):
    booking = desk.apply()
    with pytest.raises(Forbidden):
        act(reductions.propose, "group", booking.id, **HALF)
    row = act(reductions.propose, "venues", booking.id, **HALF)
    for who in ("group", "officer2"):
        with pytest.raises(NotFound):
            act(reductions.grant, who, row.id)
    with pytest.raises(Forbidden):
        act(reductions.grant, "auditor", row.id)


def test_a_stale_page_decides_nothing(desk, act):
    booking = desk.apply()
    with pytest.raises(Stale):
        act(reductions.propose, "venues", booking.id, **HALF, rev=booking.rev + 1)
    row = act(reductions.propose, "venues", booking.id, **HALF)
    with pytest.raises(Stale):
        act(reductions.grant, "admin", row.id, rev=row.rev + 1)


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_of_many_who_grant_or_refuse_at_once_one_does(database, people, ids, now, rivals):
    def first(session):
        person, officer = session.merge(people["group"], load=False), session.merge(people["venues"], load=False)
        booking = bookings.apply(session, person, now, venue_id=ids["atrium"], slots=slots("morning"), **EVENT)
        return booking.id, reductions.propose(session, officer, now, booking.id, **HALF).id

    booking_id, reduction_id = database.transact(first)

    def deciding(index):
        def work(session):
            admin = session.merge(people["admin"], load=False)
            act = reductions.grant if index % 2 else reductions.refuse
            return act(session, admin, now, reduction_id, decision="x").id

        return lambda: database.transact(work)

    out = at_once([deciding(index) for index in range(rivals)])
    assert out.count("refused") == rivals - 1
    with database.reading() as session:
        row, booking = session.get(Reduction, reduction_id), session.get(Booking, booking_id)
        assert (row.state, booking.fee) in {("granted", 2500), ("refused", 5000)}
        assert len([line for line in booking.quote_lines if line.amount < 0]) == (row.state == "granted")


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_of_many_proposals_at_once_one_is_open(database, people, ids, now, rivals):
    def first(session):
        person = session.merge(people["group"], load=False)
        return bookings.apply(session, person, now, venue_id=ids["atrium"], slots=slots("morning"), **EVENT).id

    booking_id = database.transact(first)

    def proposing(session):
        return reductions.propose(session, session.merge(people["venues"], load=False), now, booking_id, **HALF).id

    out = at_once([lambda: database.transact(proposing) for _ in range(rivals)])
    assert out.count("refused") == rivals - 1
    with database.reading() as session:
        assert session.query(Reduction).filter_by(booking_id=booking_id).count() == 1
