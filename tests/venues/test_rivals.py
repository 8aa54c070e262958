"""Many at the same moment: exactly one winner for every contested slot, part, room and piece of equipment."""

import threading
from collections import Counter
from datetime import date, timedelta

import pytest

from common import reservations
from common.errors import Conflict
from common.period import Period
from tests.venues.conftest import EVENT, slots
from venues import bookings, meeting_rooms
from venues.models import Booking, Meeting

DAY = date(2026, 12, 14)


def at_once(works):
    """Run all at the same moment, each in a transaction of its own; what each returned, or "refused"."""
    gate, out = threading.Barrier(len(works)), [None] * len(works)

    def run(index, work):
        gate.wait()
        try:
            out[index] = work()
        except Conflict:
            out[index] = "refused"

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return out


def while_open(database, first, second):
    """Do `second` in a transaction of its own while that of `first` is done and not committed; what each returned, or
    "refused". Where `second` has to wait for `first`, it does; else it is over when `first` commits."""
    out, over = ["refused", "refused"], threading.Event()

    def rival():
        try:
            out[1] = database.transact(second)
        except Conflict:
            pass
        finally:
            over.set()

    thread = threading.Thread(target=rival)
    with database.writing() as session:
        out[0] = first(session)
        session.flush()
        thread.start()
        over.wait(1.5)
    thread.join()
    return out


@pytest.fixture
def apply(database, people, ids, now):
    def applying(who, venue, chosen, **changes):
        def work(session):
            person = session.merge(people[who], load=False)
            told = {**EVENT, "slots": chosen, **changes}
            return bookings.apply(session, person, now, venue_id=ids[venue], **told).id

        return lambda: database.transact(work)

    return applying


def no_two_share(database):
    with database.reading() as session:
        rows = (
            session.query(reservations.Reservation)
            .filter(reservations.Reservation.state.in_(reservations.ACTIVE))
            .all()
        )
    for one in rows:
        assert not any(
            one.resource == other.resource and one.period.overlaps(other.period) for other in rows if other is not one
        )
    return rows


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_one_of_many_gets_the_slot(apply, database, rivals):
    who = ["group", "officer", "officer2"]
    got = at_once([apply(who[n % 3], "atrium", slots("morning", "afternoon", day=DAY)) for n in range(rivals)])
    assert Counter(each == "refused" for each in got) == Counter({True: rivals - 1, False: 1})
    with database.reading() as session:
        assert session.query(Booking).count() == 1
    no_two_share(database)


@pytest.mark.parametrize("rivals", [2, 8])
def test_the_whole_and_its_parts_never_both_win(apply, database, rivals):
    for number in range(5):
        day = date(2026, 12, 21) + timedelta(days=number)
        kinds = ["civic-plaza", "civic-plaza-renai", "civic-plaza-fountain"]
        got = at_once([apply("group", kinds[n % 3], slots("evening", day=day)) for n in range(rivals)])
        assert any(each != "refused" for each in got)
    rows = no_two_share(database)
    with database.reading() as session:
        wholes = session.query(Booking).join(Booking.venue).filter_by(code="civic-plaza").all()
        parts = session.query(Booking).join(Booking.venue).filter(Booking.venue.has(code="civic-plaza-renai")).all()
    assert not {each.starts_at for each in wholes} & {each.starts_at for each in parts}
    assert len(rows) >= 5


def test_pieces_of_equipment_go_to_as_many_as_there_are(apply, database):
    venues = ["atrium", "civic-plaza-renai", "civic-plaza-fountain", "east-gate-plaza", "street-dance-corner"]
    day = date(2026, 12, 22)
    got = at_once([apply("group", venue, slots("morning", day=day), equipment={"sound_set": 1}) for venue in venues])
    assert Counter(each == "refused" for each in got) == Counter({False: 4, True: 1})
    rows = [row.resource for row in no_two_share(database) if row.resource.startswith("sound_set")]
    assert sorted(rows) == ["sound_set:1", "sound_set:2", "sound_set:3", "sound_set:4"]


@pytest.mark.parametrize("rivals", [2, 8])
def test_one_of_many_gets_the_room(database, people, ids, now, rivals):
    period = Period.of_local(date(2026, 11, 24), "09:00", "10:00")

    def booking(who):
        def work(session):
            person = session.merge(people[who], load=False)
            told = {"room_id": ids["n206"], "period": period, "title": "協調會", "attendees": 8}
            return meeting_rooms.book(session, person, now, **told).id

        return lambda: database.transact(work)

    got = at_once([booking(("officer", "officer2")[n % 2]) for n in range(rivals)])
    assert sum(each != "refused" for each in got) == 1
    with database.reading() as session:
        assert session.query(Meeting).count() == 1
