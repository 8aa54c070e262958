"""A move on the board is told only when its undo is over; taken back in time, nobody hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.messenger import deliveries, undoing
from services.messenger.models import Delivery


def states(database):
    with database.reading() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.person_id, Delivery.channel, Delivery.id))
        return [(row.person_id, row.channel, row.state) for row in rows]


@pytest.fixture
def later(now):
    return now + timedelta(seconds=12)


def test_nothing_is_told_before_the_undo_is_over(database, tell, now, later):
    tell("trip_assigned", tell_after=later.isoformat())
    waiting = [(1, "inbox", "queued"), (1, "mail", "queued"), (6, "inbox", "queued"), (6, "mail", "queued")]
    assert states(database) == waiting
    just_before = later - timedelta(milliseconds=1)
    assert database.transact(lambda session: undoing.show_due(session, just_before)) == 0
    with database.reading() as session:
        assert deliveries.due(session, just_before) == []
    assert database.transact(lambda session: undoing.show_due(session, later)) == 2
    with database.reading() as session:
        assert len(deliveries.due(session, later)) == 2
    assert (6, "inbox", "sent") in states(database)


def test_a_move_taken_back_in_time_is_never_told(database, tell, now, later):
    tell("trip_moved", fact_id="move", tell_after=later.isoformat(), previous_driver_person_id="7")
    told = tell("trip_move_undone", undoes="move", driver_person_id="7", previous_driver_person_id="6")
    assert told == []
    assert {state for _, _, state in states(database)} == {"expired"}
    assert database.transact(lambda session: undoing.show_due(session, later)) == 0


def test_whoever_had_been_told_already_is_told_that_it_was_taken_back(database, tell, now, later):
    tell("trip_moved", fact_id="move", tell_after=later.isoformat(), previous_driver_person_id="7")
    database.transact(lambda session: undoing.show_due(session, later))  # the inbox was quicker than the undo
    told = tell("trip_move_undone", undoes="move", driver_person_id="7", previous_driver_person_id="6")
    assert {(row.person_id, row.channel) for row in told} == {(1, "inbox"), (6, "inbox"), (7, "inbox")}
    assert "照原訂出車" in next(row.title.zh for row in told if row.person_id == 7)


def test_an_undone_first_assignment_tells_the_applicant_only_what_is_true(tell, now):
    tell("trip_assigned", fact_id="move")
    told = tell(
        "trip_move_undone",
        undoes="move",
        status="approved",
        driver_person_id=None,
        vehicle_label=None,
        previous_driver_person_id="6",
    )
    titles = {row.title.zh.split("：")[0] for row in told if row.channel == "inbox"}
    assert titles == {"派車已收回，等重新派車", "改派已復原，不用出車"}


def test_an_earlier_message_about_the_trip_is_left_alone(database, tell, now, later):
    tell("trip_assigned", fact_id="first")
    tell("trip_moved", fact_id="move", tell_after=later.isoformat())
    tell("trip_move_undone", undoes="move")
    assert (6, "inbox", "sent") in states(database) and (6, "mail", "queued") in states(database)
