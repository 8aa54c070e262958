"""Many at the same moment want another stage, or the piece that just broke: never a piece twice."""

from datetime import date, timedelta

import pytest

from tests.venues.conftest import EVENT, slots
from tests.venues.test_rivals import at_once, no_two_share
from venues import bookings, equipment_changes, pieces

VENUES = ("atrium", "civic-plaza-renai", "civic-plaza-fountain", "east-gate-plaza", "street-dance-corner")
DAY = date(2026, 12, 21)


@pytest.fixture
def events(database, people, ids, now):
    """Events without equipment on one morning and on the days after, as many as asked for."""

    def make(many, same_morning, **wanted):
        def work(session):
            person = session.merge(people["group"], load=False)
            made = []
            for number in range(many):
                day = DAY if same_morning else DAY + timedelta(days=number // 4)
                told = {**EVENT, "attendees": 50, "slots": slots("morning", day=day), "equipment": wanted}
                venue = ids[VENUES[number % (len(VENUES) if same_morning else 4)]]
                made.append(bookings.apply(session, person, now, venue_id=venue, **told).id)
            return made

        return database.transact(work)

    return make


@pytest.mark.parametrize("rivals", [2, 5])
def test_as_many_changes_get_a_piece_as_there_are(database, people, events, now, rivals):
    made = events(rivals, same_morning=True)

    def changing(booking):
        def work(session):
            person = session.merge(people["group"], load=False)
            return equipment_changes.change(session, person, now, booking, equipment_wanted={"sound_set": 1}).id

        return lambda: database.transact(work)

    got = at_once([changing(booking) for booking in made])
    assert sum(each != "refused" for each in got) == min(rivals, 4)
    rows = [row.resource for row in no_two_share(database) if row.resource.startswith("sound_set")]
    assert len(rows) == len(set(rows)) == min(rivals, 4)


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_a_piece_that_breaks_while_others_change_is_nobodys(database, people, events, now, rivals):
    made = events(rivals, same_morning=False, sound_set=1)

    def changing(booking):
        def work(session):
            person = session.merge(people["group"], load=False)
            wanted = {"sound_set": 1, "stage": 1}
            return equipment_changes.change(session, person, now, booking, equipment_wanted=wanted).id

        return lambda: database.transact(work)

    def breaking(session):
        officer = session.merge(people["venues"], load=False)
        return pieces.report_fault(session, officer, now, piece="sound_set:1", note="x").id

    got = at_once([lambda: database.transact(breaking), *(changing(booking) for booking in made)])
    assert got[0] != "refused"
    rows = no_two_share(database)
    assert {row.holder for row in rows if row.resource == "sound_set:1" and row.ends_at.year > 2100} == {
        "piece_fault:1"
    }
    broken = [row for row in rows if row.resource == "sound_set:1" and row.holder.startswith("booking")]
    assert broken == []
    with database.reading() as session:
        lacking = {each.booking.id for each in pieces.short(session, now)}
    sets = {row.holder for row in rows if row.resource.startswith("sound_set") and row.holder.startswith("booking")}
    assert len(sets) + len(lacking) == rivals
