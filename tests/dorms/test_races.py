"""What two people can do at the same moment: one wins, nobody is half served."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from common.errors import Conflict
from common.identity import Person
from common.reservations import Reservation
from dorms import offers, rounds
from dorms.models import Application, Offer, Round, Tenancy
from tests.dorms.conftest import add_application, add_house, add_round


def at_once(database, *works):
    """Run every work in its own thread and transaction, all at the same moment; returns how each ended."""
    gate, ended = threading.Barrier(len(works)), [None] * len(works)

    def run(number, work):
        gate.wait()
        try:
            database.transact(work)
            ended[number] = "done"
        except Conflict as refused:
            ended[number] = type(refused).__name__

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ended)


@pytest.fixture
def published(database, people, now):
    """A published round of two applicants for one room; returns its id and the instant."""

    def work(session):
        add_house(session, people["dorms"], now, ("201",))
        row = add_round(session, people["dorms"], now)
        for name, grade in (("staff", 9), ("staff2", 6)):
            add_application(session, row, people[name], now, grade=grade)
        rounds.rank_applicants(session, people["dorms"], row.registration_until, row.id, seed="1")
        rounds.publish_ranking(session, people["dorms"], row.registration_until, row.id)
        return row.id, row.registration_until

    return database.transact(work)


def officer(session):
    return session.scalars(select(Person).where(Person.username == "dorms")).one()


def test_eight_officers_allot_at_once_and_one_offer_is_made(database, published):
    round_id, at = published
    ended = at_once(database, *[lambda session: offers.allot_rooms(session, officer(session), at, round_id)] * 8)
    assert ended["done"] == 1
    assert set(ended) <= {"done", "DoneAlready"}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Offer)) == 1
        assert session.scalar(select(func.count()).select_from(Reservation)) == 1


def test_eight_officers_rank_at_once_and_one_seed_counts(database, people, now):
    def prepare(session):
        row = add_round(session, people["dorms"], now)
        add_application(session, row, people["staff"], now)
        return row.id, row.registration_until

    round_id, at = database.transact(prepare)

    def attempt(seed):
        return lambda session: rounds.rank_applicants(session, officer(session), at, round_id, seed=seed)

    ended = at_once(database, *[attempt(f"seed {number}") for number in range(8)])
    assert ended["done"] == 1


@pytest.fixture
def offered(database, published):
    """The offer made, and the instant."""
    round_id, at = published

    def work(session):
        offers.allot_rooms(session, officer(session), at, round_id)
        return session.scalars(select(Offer)).one().id

    return database.transact(work), at


def owner(session, offer_id):
    return session.get(Person, session.get(Offer, offer_id).person_id)


def test_accepting_and_declining_at_once_has_one_outcome(database, offered):
    offer_id, at = offered

    def answer(verb):
        return lambda session: verb(session, owner(session, offer_id), at, offer_id)

    ended = at_once(database, *[answer(offers.accept), answer(offers.decline)] * 4)
    assert ended["done"] == 1
    with database.reading() as session:
        state = session.get(Offer, offer_id).state
        tenancies = session.scalar(select(func.count()).select_from(Tenancy))
        active = select(Reservation.holder).where(Reservation.state.in_(("held", "confirmed")))
        holders = list(session.scalars(active))
    assert (state, tenancies) in (("accepted", 1), ("declined", 0))
    assert len(holders) == 1
    assert (holders == [f"offer:{offer_id}"]) == (state == "accepted")


def test_accepting_against_the_deadline_lets_the_room_once_or_passes_it_on(database, offered):
    offer_id, _ = offered
    with database.reading() as session:
        deadline = session.get(Offer, offer_id).accept_by
    just_before = deadline - timedelta(seconds=1)

    def lapse(session):
        offers.lapse_due(session, deadline)

    def accept(session):
        offers.accept(session, owner(session, offer_id), just_before, offer_id)

    at_once(database, lapse, accept, lapse)
    with database.reading() as session:
        first = session.get(Offer, offer_id)
        active = select(func.count()).select_from(Reservation).where(Reservation.state.in_(("held", "confirmed")))
        assert session.scalar(active) == 1
        assert first.state in ("accepted", "lapsed")
        assert session.scalar(select(func.count()).select_from(Tenancy)) == (first.state == "accepted")


def test_eight_forms_of_one_person_make_one_application(database, people, now):
    round_id = database.transact(lambda session: add_round(session, people["dorms"], now).id)

    def apply(session):
        person = session.scalars(select(Person).where(Person.username == "staff")).one()
        add_application(session, session.get(Round, round_id), person, now)

    ended = at_once(database, *[apply] * 8)
    assert ended["done"] == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 1
