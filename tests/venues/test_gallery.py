"""師生畫廊 (V6): terms in a numbered series that never overlap, one school each (G-01)."""

from datetime import date

import pytest
from sqlalchemy import select

from common.errors import Invalid
from common.messages import Outbox
from tests.venues.test_rivals import at_once, while_open
from venues import gallery
from venues.models import GalleryTerm
from venues.refusals import NotNow


@pytest.fixture
def plan(session, people, halls, now):
    return lambda starts, ends, **told: gallery.plan(
        session, people["venues"], now, starts_on=starts, ends_on=ends, **told
    )


@pytest.fixture
def act(session, people, now):
    return lambda work, term, who="venues", **told: work(session, people[who], now, term.id, **told)


WORKS = {"title": "城市的光", "works": 40, "heaviest_kg": 8}


def test_the_series_of_the_reports_can_be_kept(plan):
    first = plan(date(2015, 1, 1), date(2015, 4, 30), number=24)
    second = plan(date(2015, 5, 4), date(2015, 9, 30))
    later = plan(date(2021, 5, 1), date(2021, 8, 31), number=44)
    assert [each.label.zh for each in (first, second, later)] == ["第 24 檔", "第 25 檔", "第 44 檔"]
    with pytest.raises(gallery.TermTaken) as refused:
        plan(date(2015, 4, 30), date(2015, 5, 3))
    assert "第 24 檔" in refused.value.words.zh
    with pytest.raises(Invalid):
        plan(date(2016, 1, 1), date(2016, 4, 30), number=44)
    with pytest.raises(Invalid):
        plan(date(2017, 1, 1), date(2017, 12, 31))


def test_one_school_gets_the_term_and_the_others_are_told(session, plan, act):
    term = plan(date(2027, 1, 4), date(2027, 4, 30))
    assert term.apply_by == date(2026, 12, 15)
    mine = act(gallery.apply, term, "officer", **WORKS)
    act(gallery.apply, term, "group", **WORKS)
    with pytest.raises(Invalid):
        act(gallery.apply, term, "officer2", **{**WORKS, "heaviest_kg": 21})
    with pytest.raises(Invalid):
        act(gallery.apply, term, "officer", **WORKS)
    with pytest.raises(Invalid):
        act(gallery.assign, term, application_id=mine.id, hangs_on=date(2027, 1, 1))
    act(gallery.assign, term, application_id=mine.id, reason="首次參展優先", comes_down_on=date(2027, 4, 29))
    assert term.show is mine and (term.hangs_on, term.comes_down_on) == (date(2027, 1, 4), date(2027, 4, 29))
    told = [row.data["status"] for row in session.scalars(select(Outbox).order_by(Outbox.id))]
    assert told == ["assigned", "declined"]
    with pytest.raises(NotNow):
        act(gallery.assign, term, application_id=mine.id)
    act(gallery.hang, term, hangs_on=date(2027, 1, 6), comes_down_on=date(2027, 4, 28), rev=term.rev)
    assert term.hangs_on == date(2027, 1, 6)


def test_after_the_closing_day_nobody_applies(plan, act):
    with pytest.raises(NotNow):
        act(gallery.apply, plan(date(2026, 12, 1), date(2027, 3, 31)), "officer", **WORKS)


@pytest.mark.parametrize("rivals", [2, 8])
def test_of_terms_planned_at_once_only_one_has_the_wall(database, people, ids, now, rivals):
    def planning(number):
        def work(session):
            officer = session.merge(people["venues"], load=False)
            told = {"starts_on": date(2027, 1, number + 1), "ends_on": date(2027, 4, 30), "number": number + 50}
            return gallery.plan(session, officer, now, **told).id

        return lambda: database.transact(work)

    got = at_once([planning(number) for number in range(rivals)])
    assert sum(each != "refused" for each in got) == 1
    with database.reading() as session:
        assert session.query(GalleryTerm).count() == 1


def as_(people, who, work, *args, **told):
    """One act of a person, in whatever session it is done."""
    return lambda session: work(session, session.merge(people[who], load=False), *args, **told).id


@pytest.fixture
def planned(database, people, ids, now):
    told = {"starts_on": date(2027, 1, 4), "ends_on": date(2027, 4, 30)}
    term = database.transact(as_(people, "venues", gallery.plan, now, **told))
    first = database.transact(as_(people, "officer", gallery.apply, now, term, **WORKS))
    assigning = as_(people, "venues", gallery.assign, now, term, application_id=first)
    applying = as_(people, "group", gallery.apply, now, term, **WORKS)
    return term, assigning, applying


def states_of(database, term):
    with database.reading() as session:
        return sorted(each.status for each in session.get(GalleryTerm, term).applications)


def test_whoever_applies_while_the_term_is_assigned_is_refused(database, planned):
    term, assigning, applying = planned
    assert while_open(database, assigning, applying)[1] == "refused"
    assert states_of(database, term) == ["assigned"]


def test_whoever_applied_before_the_term_is_assigned_is_answered(database, planned):
    term, assigning, applying = planned
    assert "refused" not in while_open(database, applying, assigning)
    assert states_of(database, term) == ["assigned", "declined"]


def test_two_terms_planned_at_once_follow_each_other_in_the_series(database, people, ids, now):
    one, two = (
        as_(people, "venues", gallery.plan, now, starts_on=date(2027, month, 1), ends_on=date(2027, month, 28))
        for month in (2, 5)
    )
    assert "refused" not in while_open(database, one, two)
    with database.reading() as session:
        assert sorted(session.scalars(select(GalleryTerm.number))) == [1, 2]
