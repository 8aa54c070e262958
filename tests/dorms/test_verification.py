"""Anybody's check: what was published checks out, and every tampering is found."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from common.words import Words
from dorms import offers, rounds
from dorms.models import Offer, Room


@pytest.fixture
def allotted(session, round_, people, apply, house, close):
    house("201", "202")
    for name, known in (
        ("staff", {"grade": 9}),
        ("staff2", {}),
        ("officer", {}),
        ("officer2", {"started_on": date(2012, 1, 1)}),
    ):
        apply(name, **known)
    close()
    session.flush()
    return round_


def _changed(record, **changes):
    return {**record, **changes}


def test_what_was_published_checks_out(session, people, allotted):
    assert rounds.verify(session, people["staff2"], allotted) == []
    assert {line["decided_by"] for line in allotted.record["ranking"]} == {"points", "start", "draw"}


@pytest.mark.parametrize("what", ["points", "swap", "room", "seed", "wishes", "leave_out"])
def test_a_record_tampered_with_is_found(session, people, allotted, what):
    record = allotted.record
    ranking = [dict(line) for line in record["ranking"]]
    allotment = [dict(line) for line in record["allotment"]]
    if what == "points":
        ranking[-1]["points"] = "99"
        changed = _changed(record, ranking=ranking)
    elif what == "swap":
        ranking[0]["rank"], ranking[1]["rank"] = 2, 1
        changed = _changed(record, ranking=ranking)
    elif what == "room":
        allotment[0]["room_id"], allotment[3]["room_id"] = None, allotment[0]["room_id"]
        changed = _changed(record, allotment=allotment)
    elif what == "seed":
        changed = _changed(record, draw={**record["draw"], "seed": "a luckier one"})
    elif what == "wishes":
        ranking[0]["preferences"] = [record["rooms"][1]["id"]]
        changed = _changed(record, ranking=ranking)
    else:
        changed = _changed(record, ranking=ranking[1:])
    allotted.record = changed
    session.flush()
    found = rounds.verify(session, people["auditor"], allotted)
    assert found
    assert all(isinstance(words, Words) for words in found)


def test_an_offer_moved_to_another_room_behind_the_record_is_found(session, people, allotted):
    offer = session.scalars(select(Offer).order_by(Offer.id)).first()
    other = session.scalars(select(Room).where(Room.id != offer.room_id)).first()
    offer.room = other
    session.flush()
    assert rounds.verify(session, people["auditor"], allotted)


def test_points_changed_behind_the_record_are_found(session, people, allotted):
    allotted.standing[-1].points = Decimal(99)
    session.flush()
    assert rounds.verify(session, people["auditor"], allotted)


def test_a_room_passed_to_the_wrong_person_is_found(session, people, allotted):
    by_rank = {row.rank: row for row in allotted.standing}
    first = by_rank[1].offer
    at = first.made_at + timedelta(days=1)
    person = session.get(type(people["staff"]), by_rank[1].person_id)
    offers.decline(session, person, at, first.id)
    assert by_rank[3].offer is not None
    assert rounds.verify(session, people["auditor"], allotted) == []
    by_rank[3].offer.application, by_rank[4].state = by_rank[4], "offered"
    session.flush()
    assert rounds.verify(session, people["auditor"], allotted)
