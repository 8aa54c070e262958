"""Postings on the electronic boards (V11, G-05): so many a day, refused only when a day is full."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from common.errors import Forbidden, Invalid, NotFound
from common.messages import Outbox
from common.roc import HalfYear
from tests.venues.test_rivals import at_once
from venues import boards
from venues.models import Board, Posting

FIRST = date(2026, 12, 1)


@pytest.fixture
def places(session, halls):
    return {board.code: board for board in boards.boards(session)}


@pytest.fixture
def ask(session, people, places, now):
    def asking(who="officer", first=FIRST, days=3, on=("gate-north",), title="市民健檢服務日"):
        told = {"title": title, "text": "12月1日上午9時", "board_ids": [places[code].id for code in on]}
        return boards.request(
            session, people[who], now, starts_on=first, ends_on=first + timedelta(days=days - 1), **told
        )

    return asking


def test_a_posting_is_asked_for_approved_and_shown(session, people, places, ask, now):
    posting = ask(on=("gate-north", "lift-south"))
    assert boards.showing(session, places["gate-north"], FIRST, FIRST) == []
    boards.decide(session, people["venues"], now, posting.id, approve=True, rev=posting.rev)
    assert boards.showing(session, places["gate-north"], FIRST, FIRST) == [posting]
    assert [boards.free_places(session, places[code], FIRST, now) for code in ("gate-north", "lift-south")] == [5, 7]
    data = session.scalars(select(Outbox)).one().data
    assert (data["status"], data["details_zh"]) == ("approved", "北門廳看板、南區電梯看板")
    boards.withdraw(session, people["officer"], now, posting.id)
    assert boards.free_places(session, places["gate-north"], FIRST, now) == 6


def test_a_full_day_is_refused_with_its_board_and_day(ask):
    for _ in range(6):
        ask(days=2)
    with pytest.raises(boards.BoardFull) as refused:
        ask(first=FIRST + timedelta(days=1))
    assert "北門廳看板" in refused.value.words.zh and "12月2日" in refused.value.words.zh
    assert ask(first=FIRST + timedelta(days=2))


def test_a_rejection_frees_the_places_and_needs_a_reason(session, people, places, ask, now):
    posting = ask()
    with pytest.raises(Invalid):
        boards.decide(session, people["venues"], now, posting.id, approve=False)
    boards.decide(session, people["venues"], now, posting.id, approve=False, reason="內容涉及商業")
    assert boards.free_places(session, places["gate-north"], FIRST, now) == 6
    with pytest.raises(NotFound):
        boards.withdraw(session, people["group"], now, posting.id)
    with pytest.raises(Forbidden):
        boards.request(
            session, people["staff"], now, title="x", text="x", starts_on=FIRST, ends_on=FIRST, board_ids=[1]
        )


def test_the_half_year_counts_seventy_postings(session, people, ask, now):
    codes = ["gate-north", "gate-south", "gate-east", "gate-west", "lift-north", "lift-south"]
    for number in range(70):
        posting = ask(on=(codes[number % 6],), first=FIRST + timedelta(days=number // 6), days=1)
        boards.decide(session, people["venues"], now, posting.id, approve=True)
    ask()
    assert boards.count(session, HalfYear.of(FIRST)) == 70
    assert boards.count(session, HalfYear.of(FIRST).next) == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 5)), min_size=1, max_size=20))
def test_nothing_is_refused_while_every_day_has_a_place(session, ask, places, now, wishes):
    with session.begin_nested() as save:
        used: dict[date, int] = {}
        for start, days in wishes:
            wanted = [FIRST + timedelta(days=start + ahead) for ahead in range(days)]
            fits = all(used.get(day, 0) < 6 for day in wanted)
            try:
                with session.begin_nested():
                    ask(first=wanted[0], days=days)
                assert fits
                used |= {day: used.get(day, 0) + 1 for day in wanted}
            except boards.BoardFull:
                assert not fits
        save.rollback()


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_as_many_postings_of_a_day_as_there_are_places(database, people, ids, now, rivals):
    with database.reading() as session:
        board = session.scalars(select(Board.id).where(Board.code == "gate-north")).one()

    def asking(number):
        def work(session):
            person = session.merge(people[("officer", "officer2", "group")[number % 3]], load=False)
            told = {"title": f"公告 {number}", "text": "x", "starts_on": FIRST, "ends_on": FIRST, "board_ids": [board]}
            return boards.request(session, person, now, **told).id

        return lambda: database.transact(work)

    got = at_once([asking(number) for number in range(rivals)])
    assert sum(each != "refused" for each in got) == min(rivals, 6)
    with database.reading() as session:
        assert session.query(Posting).count() == min(rivals, 6)
