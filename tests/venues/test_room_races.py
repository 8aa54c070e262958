"""Many at the same moment on one room: booking, moving, taking over, answering, giving up. One has it, nothing overlaps."""

from collections import Counter
from datetime import timedelta

import pytest

from common import reservations
from common.period import Period
from tests.venues.rooms_helpers import TUESDAY, at, span
from tests.venues.test_rivals import at_once, no_two_share
from venues import agreements, check_ins, duties, meeting_changes, meeting_rooms, takeovers
from venues.models import Meeting, RoomAgreement, Venue

CROWD = pytest.mark.parametrize("rivals", [2, 8, 32])
WHO = ("officer", "officer2", "staff", "staff2")


@pytest.fixture
def acts(database, people, ids, now):
    """What people do, each in a transaction of its own; rooms keep no reserved day unless told."""

    def unreserve(session):
        for room in session.query(Venue).filter_by(kind="room"):
            room.reserved_weekday = None

    database.transact(unreserve)

    class Acts:
        def at(self, who, work, moment=now):
            return lambda: database.transact(
                lambda session: work(session, session.merge(people[who], load=False), moment)
            )

        def book(self, who, room="n206", period=None, moment=now, title="協調會"):
            told = {"room_id": ids[room], "period": period or span(), "title": title, "attendees": 8}
            return self.at(who, lambda *act: meeting_rooms.book(*act, **told).id, moment)

        def move(self, who, meeting_id, room="n206", period=None):
            told = {"room_id": ids[room], "period": period or span(), "title": "改期", "attendees": 8}
            return self.at(who, lambda *act: meeting_changes.change(*act, meeting_id, **told).id)

        def take_over(self, room="n206", period=None):
            told = {"title": "市政會議", "attendees": 8, "chair": "mayor", "reason": "緊急", "urgent": True}
            told |= {"room_id": ids[room], "period": period or span()}
            return self.at("venues", lambda *act: takeovers.take_over(*act, **told)[0].id)

    return Acts()


def meetings(database):
    with database.reading() as session:
        return {each.id: each for each in session.query(Meeting)}


def in_step(database):
    """Every meeting that stands has exactly what it occupies of its own room, and nothing else has anything."""
    rows = no_two_share(database)
    held = {}
    for row in rows:
        held.setdefault(row.holder, []).append((row.resource, row.period))
    with database.reading() as session:
        for meeting in session.query(Meeting):
            expected = [] if meeting.released_at else [(f"venue:{meeting.room_id}", meeting.occupies)]
            assert held.get(meeting.holder, []) == expected, meeting.status
    return held


@CROWD
def test_booking_and_moving_to_one_room(acts, database, ids, rivals):
    elsewhere = [acts.book(WHO[n % 4], "0301", span(day=TUESDAY + timedelta(days=n)))() for n in range(rivals // 2)]
    works = [acts.move(WHO[n % 4], meeting) for n, meeting in enumerate(elsewhere)]
    works += [acts.book(WHO[n % 4]) for n in range(rivals - len(works))]
    got = at_once(works)
    assert Counter(each == "refused" for each in got) == Counter({True: rivals - 1, False: 1})
    in_step(database)
    there = [each for each in meetings(database).values() if each.room_id == ids["n206"]]
    assert [each.period for each in there] == [span()]


@CROWD
def test_a_room_that_is_left_and_wanted_goes_to_one(acts, database, rivals):
    """The room is free from the moment of the move: with everybody else refused before it, somebody has it after."""
    leaves = acts.book("officer")()
    works = [acts.move("officer", leaves, "0301"), *(acts.book(WHO[n % 4]) for n in range(rivals - 1))]
    got = at_once(works)
    assert got[0] == leaves
    assert sum(each != "refused" for each in got[1:]) <= 1
    in_step(database)
    if all(each == "refused" for each in got[1:]):
        assert acts.book("officer2")() != leaves


@CROWD
def test_taking_over_wins_against_all_who_book_and_nobody_loses_a_room_while_one_is_free(acts, database, rivals):
    sits = acts.book("officer")()
    works = [acts.take_over(), *(acts.book(WHO[n % 4], title=f"會{n}") for n in range(rivals - 1))]
    got = at_once(works)
    assert got[0] != "refused"
    held = in_step(database)
    after = meetings(database)
    assert after[got[0]].room_id != after[sits].room_id
    assert after[sits].released_at is None and held[f"meeting:{sits}"]
    assert all(each == "refused" or after[each].released_at is None for each in got[1:])


@CROWD
@pytest.mark.parametrize("leaves", ["gives back", "moves"])
def test_a_take_over_displaces_only_who_is_still_there(acts, database, ids, rivals, leaves):
    for n in range(6):
        period = span(day=TUESDAY + timedelta(days=n))
        sits = acts.book("officer", period=period)()
        leave = acts.at("officer", lambda *act, sits=sits: meeting_rooms.release(*act, sits).id)
        if leaves == "moves":
            leave = acts.move("officer", sits, "0301", period)
        got = at_once([acts.take_over(period=period), *[leave] * (rivals - 1)])
        assert got[0] != "refused"
        in_step(database)
        if leaves == "moves":
            assert meetings(database)[sits].room_id == ids["0301"]


def test_two_take_overs_of_one_room_leave_one(acts, database):
    acts.book("officer")()
    got = at_once([acts.take_over() for _ in range(8)])
    assert Counter(each == "refused" for each in got) == Counter({True: 7, False: 1})
    in_step(database)


@CROWD
def test_displaced_meetings_and_bookings_share_the_rooms_that_are_left(acts, database, ids, rivals):
    """Duty empties three rooms while others book the ones the meetings would go to: all are somewhere, nothing twice."""
    sitting = [acts.book(WHO[n], room)() for n, room in enumerate(("0204", "0205", "0803"))]
    near = [room for room in ids if room in ("0202", "s205", "s208", "0801", "n802", "0301", "0303")]
    declare = acts.at("venues", lambda *act: duties.declare(*act, period=span("06:00", "22:00"), reason="颱風")[0].id)
    works = [declare, *(acts.book(WHO[n % 4], near[n % len(near)]) for n in range(rivals - 1))]
    got = at_once(works)
    assert got[0] != "refused"
    in_step(database)
    after = meetings(database)
    assert all(after[each].released_at is None for each in sitting)
    assert not {after[each].room_id for each in sitting} & {ids["0204"], ids["0205"], ids["0803"]}
    wanted = {room: [each for n, each in enumerate(got[1:]) if near[n % len(near)] == room] for room in near}
    for room, answers in wanted.items():  # a room is refused only because somebody has it
        if answers and all(each == "refused" for each in answers):
            assert any(each.room_id == ids[room] for each in after.values())


@pytest.mark.parametrize("rivals", [2, 8])
def test_an_answer_and_the_end_of_the_hold_agree_on_one_outcome(acts, database, ids, now, rivals):
    def reserve(session):
        session.get(Venue, ids["n206"]).reserved_weekday = TUESDAY.weekday()

    database.transact(reserve)
    meeting_id = acts.book("officer2")()
    with database.reading() as session:
        agreement_id = session.query(RoomAgreement.id).scalar()
    answers = [
        acts.at("officer", lambda *act, agree=bool(n % 2): agreements.answer(*act, agreement_id, agree=agree).answer)
        for n in range(rivals - 1)
    ]
    release = acts.at("officer2", lambda *act: meeting_rooms.release(*act, meeting_id).status)
    got = at_once([*answers, release])
    settled = [each for each in got if each not in ("refused", "given_back")]
    assert len(settled) <= 1 and any(each != "refused" for each in got)
    in_step(database)


def test_checking_in_and_giving_up_agree_on_one_outcome(acts, database):
    meeting_id = acts.book("officer")()
    grace = at(TUESDAY, "09:14")

    def sweep():
        return database.transact(lambda session: check_ins.release_unused(session, at(TUESDAY, "09:15")))

    comes = acts.at("officer", lambda *act: check_ins.check_in(*act, meeting_id).status, grace)
    got = at_once([comes, sweep])
    in_step_of = meetings(database)[meeting_id]
    assert (got[0] == "checked_in") == (in_step_of.released_at is None)
    with database.reading() as session:
        taken = reservations.taken(session, [f"venue:{in_step_of.room_id}"], Period(grace, span().ends_at), grace)
    assert bool(taken) == (got[0] == "checked_in") or taken[0].period.ends_at == at(TUESDAY, "09:15")
