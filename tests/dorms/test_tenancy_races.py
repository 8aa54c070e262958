"""Stays that two people change at the same moment: one wins, nobody is half served, the bed has one holder."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from common.period import add_months, today
from common.reservations import Reservation
from dorms import hand_backs, move_outs, offers, stays, tenancies
from dorms.models import Contract, Offer, Tenancy, TenancyStep
from tests.dorms.test_races import at_once, officer, owner

CONTRACT = {"number": "115北院民公0123", "notary": "臺北地院公證處"}


@pytest.fixture
def agreed(database, allotted, clock):
    """`staff` has taken a room; returns the stay's id and its deadline to sign."""

    def work(session):
        row = offers.accept(session, owner(session, allotted[0]), clock.now, allotted[0])
        return row.id, row.sign_by

    return database.transact(work)


@pytest.fixture
def living(database, agreed, clock):
    """`staff` lives there; returns the stay's id."""

    def work(session):
        tenancies.record_contract(
            session, officer(session), clock.now, agreed[0], notarised_on=today(clock.now), **CONTRACT
        )
        tenancies.move_in(session, officer(session), clock.now, agreed[0], moved_in_on=today(clock.now))
        return agreed[0]

    return database.transact(work)


def sign(tenancy_id, at):
    return lambda session: tenancies.record_contract(
        session, officer(session), at, tenancy_id, notarised_on=today(at), **CONTRACT
    )


def test_signing_and_moving_in_against_forfeiture_keeps_the_room_or_loses_it_whole(database, agreed):
    tenancy_id, sign_by = agreed
    at = sign_by - timedelta(seconds=1)

    def in_at_last(session):
        sign(tenancy_id, at)(session)
        tenancies.move_in(session, officer(session), at, tenancy_id, moved_in_on=today(at))

    def forfeit(session):
        tenancies.forfeit_due(session, sign_by)

    at_once(database, in_at_last, forfeit, in_at_last, forfeit)
    with database.reading() as session:
        row = session.get(Tenancy, tenancy_id)
        contracts = session.scalar(select(func.count()).select_from(Contract))
        assert (row.state, contracts, row.moved_in_on is not None) in (
            (stays.LIVING, 1, True),
            (stays.FORFEITED, 0, False),
        )
        offer = session.get(Offer, row.offer_id)
        assert offer.state == ("accepted" if row.state == stays.LIVING else "lapsed")
        held = (
            select(func.count())
            .select_from(Reservation)
            .where(Reservation.holder == row.holder, Reservation.state.in_(("held", "confirmed")))
        )
        assert session.scalar(held) == (row.state == stays.LIVING)


def test_two_officers_record_one_contract(database, agreed):
    tenancy_id, sign_by = agreed
    ended = at_once(database, *[sign(tenancy_id, sign_by - timedelta(days=1))] * 6)
    assert (ended["done"], ended["DoneAlready"]) == (1, 5)


def back(tenancy_id, at, room_state="to_let"):
    return lambda session: hand_backs.hand_back(
        session, officer(session), at, tenancy_id, handed_back_on=today(at), room_state=room_state
    )


def test_two_hand_backs_at_once_are_one(database, living, clock):
    at = clock.tick(days=40)
    ended = at_once(database, back(living, at), back(living, at, "awaiting_repair"), back(living, at))
    assert (ended["done"], ended["TenancyOver"]) == (1, 2)
    with database.reading() as session:
        steps = select(func.count()).select_from(TenancyStep).where(TenancyStep.kind == "handed_back")
        assert session.scalar(steps) == 1


def test_handing_back_against_renewal_leaves_no_night_taken_after_it(database, living, clock):
    at = clock.tick(days=40)

    def renew(session):
        tenancies.renew(session, officer(session), at, living, notarised_on=today(at), **CONTRACT)

    at_once(database, renew, back(living, at), renew)
    with database.reading() as session:
        row = session.get(Tenancy, living)
        assert row.state == stays.HANDED_BACK
        assert no_night_after(session, row)


def test_handing_back_against_more_time_leaves_no_night_taken_after_it(database, living, clock):
    at = clock.tick(days=1790)  # near the end of the term, so that more time takes further nights
    database.transact(
        lambda session: move_outs.start(session, officer(session), at, living, cause="retirement", since=today(at))
    )
    more = {"leave_by": add_months(today(at), 12), "approval": "115 秘字第 9 號", "reason": "待產"}

    def extend(session):
        move_outs.extend(session, officer(session), at, living, **more)

    at_once(database, extend, back(living, at))
    with database.reading() as session:
        row = session.get(Tenancy, living)
        assert row.state == stays.HANDED_BACK
        assert no_night_after(session, row)


def no_night_after(session, row):
    """Whether nothing is kept for the stay from the day it was handed back on."""
    active = select(Reservation).where(Reservation.holder == row.holder, Reservation.state == "confirmed")
    return all(today(each.ends_at) <= row.ended_on for each in session.scalars(active))


def test_two_clocks_at_once_are_one(database, living, clock):
    at = clock.tick(days=1)

    def start(cause):
        return lambda session: move_outs.start(session, officer(session), at, living, cause=cause, since=today(at))

    ended = at_once(database, start("transfer"), start("dismissal"), start("transfer"))
    assert (ended["done"], ended["LeavingAlready"]) == (1, 2)
