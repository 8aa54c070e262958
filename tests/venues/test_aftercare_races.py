"""The end of a booking at the same moment: inspected once, paid once, suspended or cancelled, never both."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from common.errors import Invalid
from common.identity import Person
from common.period import Period, taipei
from common.reservations import ACTIVE, Reservation
from tests.venues.conftest import DAY, EVENT, Desk, slots
from tests.venues.test_rivals import at_once, no_two_share
from venues import aftercare, bookings, cancellations, closures, money, suspending, treasury
from venues.aftercare import Found
from venues.models import Booking, Closure, ClosureLine, Inspection, MoneyEntry, Payout, Remittance, Venue

OVER_AT = taipei(DAY, "18:00")
WEEK = Period(taipei(DAY, "00:00"), taipei(DAY + timedelta(days=7), "00:00"))


@pytest.fixture
def by(database, people):
    """`by(who, act)`: a rival's work, in a transaction and session of its own."""

    def rival(who, act):
        def work(session):
            return act(session, session.merge(people[who], load=False))

        return lambda: database.transact(work)

    return rival


@pytest.fixture
def make(database, people, ids, now):
    """`make(lambda desk: …)`: what one desk does beforehand, committed; its answer."""

    def making(act):
        def work(session):
            there = {person.username: person for person in session.query(Person)}
            halls = {venue.code: venue for venue in session.query(Venue)}
            return act(Desk(session, there, halls, now))

        return database.transact(work)

    return making


def carry_out(database, now):
    while database.transact(lambda session: suspending.step(session, now)):
        pass


def balances(session):
    return {
        booking.id: (booking.status, money.to_return(booking), money.held(booking))
        for booking in session.query(Booking)
    }


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_of_many_inspections_and_payouts_one_counts(database, make, by, rivals):
    booking_id = make(lambda desk: desk.confirmed().id)
    database.transact(lambda session: aftercare.turn(session, OVER_AT))

    def inspect(session, person):
        return aftercare.inspect(session, person, OVER_AT, booking_id, damages=[Found("地板", 5000)]).id

    def pay(session, person):
        return aftercare.return_deposit(session, person, OVER_AT, booking_id).id

    for act in (inspect, pay):
        got = at_once([by(("venues", "admin")[n % 2], act) for n in range(rivals)])
        assert Counter(each == "refused" for each in got) == Counter({True: rivals - 1, False: 1})
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Inspection)) == 1
        assert session.scalars(select(Payout.amount)).all() == [15000]
        kinds = Counter(session.scalars(select(MoneyEntry.kind)))
        assert (kinds["deduction"], kinds["payout"]) == (1, 1)
        assert balances(session) == {booking_id: ("closed", 0, 0)}


@pytest.mark.parametrize("rivals", [2, 8])
def test_income_goes_to_the_treasury_once(database, make, by, now, rivals):
    make(lambda desk: desk.confirmed().id)

    def remit(number):
        def act(session, person):
            try:
                return treasury.remit(session, person, now, until=now.date(), document_number=f"T-{number}").amount
            except Invalid:  # nothing left to remit
                return "refused"

        return act

    got = at_once([by("venues", remit(number)) for number in range(rivals)])
    assert Counter(got) == Counter({"refused": rivals - 1, 10000: 1})
    with database.reading() as session:
        assert session.scalars(select(Remittance.amount)).all() == [10000]


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_an_application_that_races_with_a_closure_is_refused_or_suspended(database, people, ids, by, now, rivals):
    who = ("group", "officer", "officer2")

    def apply(day):
        def act(session, person):
            told = {**EVENT, "slots": slots("morning", day=DAY + timedelta(days=day))}
            return bookings.apply(session, person, now, venue_id=ids["atrium"], **told).id

        return act

    def close(session, person):
        told = {"reason": "颱風", "ground": "force_majeure"}
        return closures.close(session, person, now, venue_ids=[ids["atrium"]], period=WEEK, **told).id

    def worker():
        carry_out(database, now)

    works = [by(who[n % 3], apply(n % 7)) for n in range(rivals)]
    works[rivals // 2 : rivals // 2] = [by("venues", close), worker, worker]
    at_once(works)
    carry_out(database, now)
    rows = no_two_share(database)
    with database.reading() as session:
        assert {booking.status for booking in session.query(Booking)} <= {"suspended"}
        closed = sum((row.ends_at - row.starts_at).total_seconds() for row in rows if row.holder.startswith("closure:"))
        assert closed == WEEK.duration.total_seconds()
        lines = session.scalars(select(ClosureLine.booking_id)).all()
        assert len(lines) == len(set(lines)) == session.query(Booking).count()
        assert session.get(Closure, 1).state == "carried_out"


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_cancelled_or_suspended_but_never_paid_back_twice(database, make, by, ids, now, rivals):
    def beforehand(desk):
        codes = ("morning", "afternoon", "evening")
        wishes = [slots(codes[n % 3], day=DAY + timedelta(days=n // 3)) for n in range(rivals)]
        mine = [desk.confirmed(chosen=wish).id for wish in wishes]
        period = Period(WEEK.starts_at, WEEK.ends_at + timedelta(days=7))
        told = {"venue_ids": [ids["atrium"]], "period": period, "reason": "整修", "ground": "renovation"}
        closures.close(desk.session, desk.people["venues"], now, **told)
        return mine

    mine = make(beforehand)
    works = [by("group", lambda s, p, each=each: cancellations.cancel(s, p, now, each).id) for each in mine]
    works += [lambda: carry_out(database, now)] * 2
    at_once(works)
    carry_out(database, now)
    with database.reading() as session:
        told = balances(session)
        assert {status for status, _, _ in told.values()} <= {"cancelled", "suspended"}
        assert {(back, held) for _, back, held in told.values()} == {(25000, 0)}
        suspended = sum(status == "suspended" for status, _, _ in told.values())
        assert session.scalar(select(func.count()).select_from(ClosureLine)) == suspended
        live = select(Reservation.holder).where(Reservation.state.in_(ACTIVE)).distinct()
        assert session.scalars(live).all() == ["closure:1"]
