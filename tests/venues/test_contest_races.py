"""Many enter, decide and leave at the same moment: one contest, one holder of every slot, nobody lost."""

from collections import Counter

import pytest

from common.identity import Agency, Person
from tests.venues.conftest import EVENT, LATER, slots
from tests.venues.test_rivals import at_once, no_two_share
from venues import bookings, cancellations, contests, decisions
from venues.models import Booking, Contest


@pytest.fixture
def bodies(database, people):
    """Thirty-two registered bodies' people, by number."""

    def add(session):
        for number in range(100, 132):
            session.add(
                Agency(
                    id=number,
                    code=f"B{number}",
                    name=f"團體{number}",
                    name_en=f"Body {number}",
                    kind="outside",
                    active=True,
                )
            )
            session.flush()
            session.add(
                Person(
                    id=number, username=f"body{number}", name="代表", name_en="Person", agency_id=number, roles=["group"], unit="",
                    mail=f"body{number}@example.org", phone="", lang="zh", active=True,
                )
            )  # fmt: skip

    database.transact(add)
    return range(100, 132)


@pytest.fixture
def enter(database, ids, now):
    def entering(person_id, *codes):
        def work(session):
            told = {**EVENT, "slots": slots(*codes), "may_contest": True}
            return bookings.apply(session, session.get(Person, person_id), now, venue_id=ids["atrium"], **told).id

        return lambda: database.transact(work)

    return entering


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_all_who_enter_at_once_stand_in_one_contest_and_one_of_them_gets_the_slot(
    database, bodies, enter, people, now, rivals
):
    got = at_once([enter(person, "morning") for person in bodies[:rivals]])
    assert "refused" not in got
    with database.reading() as session:
        contest = session.query(Contest).filter_by(state="open").one()
        assert len(contest.running) == rivals
        closes_at, contest_id = contest.closes_at, contest.id
    assert {row.holder for row in no_two_share(database)} == {f"contest:{contest_id}"}
    database.transact(lambda session: contests.close_due(session, closes_at))
    with database.reading() as session:
        seed_at = session.get(Contest, contest_id).seed_at

    def draw(session):
        contests.draw_tie(session, session.get(Person, people["venues"].id), seed_at, contest_id, seed="27614.32")
        return "drawn"

    drawn = at_once([lambda: database.transact(draw)] * min(rivals, 8))
    assert Counter(drawn)["drawn"] == 1
    with database.reading() as session:
        states = Counter(row.status for row in session.query(Booking))
    assert states == Counter(submitted=1, contested=rivals - 1)
    assert len({row.holder for row in no_two_share(database)}) == 1


@pytest.mark.parametrize("rivals", [2, 8])
def test_an_approval_and_those_who_enter_never_both_have_it(database, bodies, enter, people, now, rivals):
    first = enter(bodies[0], "morning")()

    def approve(session):
        decisions.approve(session, session.get(Person, people["venues"].id), now, first, note=LATER)
        return "approved"

    got = at_once([lambda: database.transact(approve), *(enter(person, "morning") for person in bodies[1:rivals])])
    entered = [each for each in got[1:] if each != "refused"]
    with database.reading() as session:
        status = session.get(Booking, first).status
    assert (status == "contested") == bool(entered)
    assert (got[0] == "approved") == (status == "awaiting_insurance") == (not entered)
    no_two_share(database)


def test_leaving_and_entering_at_once_leaves_nobody_without_a_holder(database, bodies, enter, people, now):
    first, second = enter(bodies[0], "morning")(), enter(bodies[1], "morning", "afternoon")()

    def leave(number, person):
        def work(session):
            cancellations.cancel(session, session.get(Person, person), now, number)
            return "left"

        return lambda: database.transact(work)

    at_once([leave(first, bodies[0]), leave(second, bodies[1]), *(enter(each, "afternoon") for each in bodies[2:6])])
    rows = no_two_share(database)
    with database.reading() as session:
        alive = [each for each in session.query(Booking) if each.status in ("submitted", "contested")]
        holders = {row.holder for row in rows}
        for each in alive:
            entry = contests.entry_of(session, each)
            held_by = each.holder if each.status == "submitted" else entry.contest.holder
            assert held_by in holders
