"""A registration and the end of its window at the same moment: it is in the published list, or it is refused."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.venues.rounds_desk import KNOWN, OPENS, RoundDesk, entry
from tests.venues.test_rivals import while_open
from venues.models import Registration, Round
from venues.rounds import checking, opening, registering


@pytest.fixture
def round_id(database, people, ids):
    """A round of food stalls with one firm in it already."""

    def prepare(session):
        merged = {name: session.merge(person, load=False) for name, person in people.items()}
        desk = RoundDesk(session, merged, OPENS)
        row = desk.open([("food", 2)])
        desk.register(row, entry(1))
        return row.id

    return database.transact(prepare)


@pytest.fixture
def registering_by_wire(people, round_id):
    def work(session):
        firm = session.merge(people["group"], load=False)
        return registering.register(session, firm, OPENS + timedelta(minutes=5), round_id, entry(2)).id

    return work


@pytest.fixture
def publishing(people, round_id):
    """The desk closes early, finds the complete ones eligible and publishes, all in one go."""

    def work(session):
        officer, at = session.merge(people["venues"], load=False), OPENS + timedelta(minutes=5)
        opening.close_registration(session, officer, at, round_id, reason="攤位整修")
        checking.find_complete_eligible(session, officer, at, round_id)
        return checking.publish_list(session, officer, at, round_id, seed_known_at=KNOWN).id

    return work


def tickets(database, round_id):
    """Those listed, and those registered."""
    with database.reading() as session:
        made = session.scalars(select(Registration).where(Registration.round_id == round_id))
        return session.get(Round, round_id).listing.tickets, sorted(each.ticket for each in made)


def test_who_registers_while_the_desk_publishes_is_in_the_list(database, round_id, registering_by_wire, publishing):
    assert "refused" not in while_open(database, registering_by_wire, publishing)
    listed, registered = tickets(database, round_id)
    assert listed == registered and len(listed) == 2


def test_who_comes_while_the_desk_has_published_is_refused(database, round_id, registering_by_wire, publishing):
    assert while_open(database, publishing, registering_by_wire)[1] == "refused"
    listed, registered = tickets(database, round_id)
    assert listed == registered and len(listed) == 1
