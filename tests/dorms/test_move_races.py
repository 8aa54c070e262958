"""A tenant's move and what others do at the same moment: every room has one tenant, every tenant one room."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from common.period import taipei, today
from common.reservations import Reservation
from dorms import offers, rounds
from dorms.models import Application, Offer, Tenancy
from dorms.occupancy import record_tenancy
from tests.dorms.conftest import add_application, add_house, add_round
from tests.dorms.test_races import at_once, officer, owner


@pytest.fixture
def chains(database, people, now):
    """Two published rounds. In the first `staff` was given 201, where `officer` lives, and `officer` the vacant 202; in the
    second `officer` asks to move as well and `staff2` would like 201. Returns the second round and the two offers."""

    def work(session):
        old, new = add_house(session, people["dorms"], now, ("201", "202"))
        tenant = people["officer"]
        record_tenancy(session, people["dorms"], now, old, tenant.id, date(2024, 1, 1), date(2030, 1, 1))
        first, second = add_round(session, people["dorms"], now), add_round(session, people["dorms"], now)
        newcomer = add_application(session, first, people["staff"], now, grade=9, preferences=[str(old.id)])
        moving = add_application(session, first, tenant, now, preferences=[str(new.id)], move=True)
        add_application(session, second, tenant, now, preferences=[str(new.id)], move=True)
        add_application(session, second, people["staff2"], now, grade=9, preferences=[str(old.id)])
        at = first.registration_until
        for row in (first, second):
            rounds.rank_applicants(session, people["dorms"], at, row.id, seed="1")
            rounds.publish_ranking(session, people["dorms"], at, row.id)
        offers.allot_rooms(session, people["dorms"], at, first.id)
        return second.id, newcomer.offer.id, moving.offer.id, at

    return database.transact(work)


def sound(database, at):
    """No room has two tenants, nobody two rooms, and the ledger says the same as the stays."""
    with database.reading() as session:
        day = today(at)
        running = [stay for stay in session.scalars(select(Tenancy)) if stay.runs_on(day)]
        assert len({stay.room_id for stay in running}) == len({stay.person_id for stay in running}) == len(running)
        tonight = taipei(day, "23:00")
        taken = select(Reservation.holder).where(
            Reservation.state == "confirmed", Reservation.starts_at <= tonight, Reservation.ends_at > tonight
        )
        assert sorted(session.scalars(taken)) == sorted(stay.holder for stay in running)
        return {stay.person_id: stay.room.number for stay in running}


def test_both_sides_of_a_move_agree_at_the_same_moment(database, people, chains):
    _, promised, moving, at = chains
    works = [
        lambda session, offer_id=offer_id: offers.accept(session, owner(session, offer_id), at, offer_id)
        for offer_id in (promised, moving) * 3
    ]
    assert at_once(database, *works) == {"done": 2, "OfferOver": 4}
    assert sound(database, at) == {people["officer"].id: "202", people["staff"].id: "201"}


def test_a_move_against_a_new_allotment_lets_nobody_into_a_room_somebody_has(database, people, chains):
    other_round, promised, moving, at = chains

    def accept(session):
        offers.accept(session, owner(session, moving), at, moving)

    def allot(session):
        offers.allot_rooms(session, officer(session), at, other_round)

    def agree(session):
        offers.accept(session, owner(session, promised), at, promised)

    ended = at_once(database, accept, allot, agree)
    assert ended["done"] == 3, ended
    assert sound(database, at) == {people["officer"].id: "202", people["staff"].id: "201"}
    with database.reading() as session:
        second = select(Offer).join(Application).where(Application.round_id == other_round, Offer.state == "made")
        assert all(offer.room.number not in ("201", "202") for offer in session.scalars(second))


def test_a_tenant_who_agrees_as_the_deadline_passes_moves_or_stays_but_never_half(database, people, chains):
    _, promised, moving, at = chains
    database.transact(lambda session: offers.accept(session, owner(session, promised), at, promised) and None)
    with database.reading() as session:
        deadline = session.get(Offer, moving).accept_by

    def accept(session):
        offers.accept(session, owner(session, moving), deadline - timedelta(seconds=1), moving)

    def lapse(session):
        offers.lapse_due(session, deadline)

    at_once(database, accept, lapse, accept, lapse)
    assert sound(database, deadline) in (
        {people["officer"].id: "202", people["staff"].id: "201"},
        {people["officer"].id: "201"},
    )
