"""Contributed venues (V9, G-03): wishes, a published list, a draw anybody can repeat, never a day twice, never too many."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from common import draw
from common.errors import Forbidden, Invalid
from common.identity import Agency, Person
from common.messages import Outbox
from common.roc import HalfYear
from tests.venues.test_rivals import at_once
from venues import contributed, figures
from venues.allocation import allot
from venues.ground_rules import NotNow
from venues.models import ContributedDay, ContributedVenue

HALF = HalfYear.parse("116H1")
D = [HALF.first_day + timedelta(days=n) for n in range(60)]


@pytest.fixture
def survey(session, people, halls, now):
    venue = contributed.venues(session)[0]
    return contributed.open_survey(
        session, people["venues"], now, venue_id=venue.id, half_year=HALF, closes_on=date(2026, 12, 10)
    )


@pytest.fixture
def act(session, people, now, survey):
    return lambda work, who="venues", **told: work(session, people[who], now, survey.id, **told)


def given_days(survey):
    return {each.day: each.agency_id for each in survey.given}


def test_the_quota_and_the_wishes_are_figures_of_the_half_year(survey):
    assert (survey.quota, survey.most_wishes, survey.half.code) == (15, 5, "116H1")


def test_from_the_wishes_to_days_with_reasons(session, survey, act):
    act(contributed.wish, "officer", days=[D[0], D[1]])
    act(contributed.wish, "officer", days=[D[0], D[2]])  # sent again: the later one counts
    act(contributed.wish, "officer2", days=[D[0], D[1]], purpose="環保市集")
    act(contributed.publish, seed_from="12月11日威力彩第一區號碼")
    with pytest.raises(NotNow):
        act(contributed.wish, "officer", days=[D[5]])
    assert survey.tickets_sha256 == draw.tickets_sha256(["EPB", "SEC"])
    act(contributed.allot, seed="03 11 17 20 28 36", seed_source="威力彩第 115000099 期")
    assert set(given_days(survey)) == {D[0], D[1], D[2]} and survey.left == 12
    winner = {"EPB": 2, "SEC": 1}[survey.draw_order[0]]
    assert given_days(survey)[D[0]] == winner
    assert contributed.faults(survey) == []
    reasons = [reason.zh for answer, reason in contributed.answers_of(survey) if answer.day == D[0]]
    assert "抽序第 1 在前" in reasons[0] and "已給" in reasons[1]
    told = session.scalars(select(Outbox).where(Outbox.type == "venues.contributed_allotted.v1")).all()
    assert {row.data["agency_id"] for row in told} == {"1", "2"}
    assert all("志願 1" in row.data["details_zh"] for row in told)


def test_a_changed_result_shows(survey, act):
    act(contributed.wish, "officer", days=[D[0]])
    act(contributed.wish, "officer2", days=[D[0]])
    act(contributed.publish, seed_from="x")
    act(contributed.allot, seed="7", seed_source="y")
    survey.results = list(reversed(survey.results))
    assert contributed.faults(survey)
    survey.draw_order = list(reversed(survey.draw_order))
    assert len(contributed.faults(survey)) >= 1


def test_what_is_left_goes_to_whoever_comes_first_and_what_is_given_back_may_be_had_again(
    session, people, survey, act, now
):
    act(contributed.wish, "officer", days=[D[0]])
    act(contributed.publish, seed_from="x")
    with pytest.raises(NotNow):
        act(contributed.take, "officer2", day=D[1])
    act(contributed.allot, seed="7", seed_source="y")
    with pytest.raises(contributed.DayTaken), session.begin_nested():
        act(contributed.take, "officer2", day=D[0])
    first = survey.given[0]
    with pytest.raises(Forbidden):
        contributed.give_back(session, people["officer2"], now, first.id)
    contributed.give_back(session, people["officer"], now, first.id, reason="活動取消")
    row = act(contributed.take, "officer2", day=D[0])
    assert (row.how, survey.left) == ("first_come", 14)


def test_there_are_no_more_days_than_the_quota(session, people, halls, now):
    from_today = {"key": "contributed.quota", "value": 2, "valid_from": date(2026, 11, 23)}
    figures.set_value(session, people["venues"], now, **from_today)
    venue = contributed.venues(session)[0].id
    told = {"venue_id": venue, "half_year": HALF, "closes_on": date(2026, 12, 10)}
    survey = contributed.open_survey(session, people["venues"], now, **told)
    contributed.wish(session, people["officer"], now, survey.id, days=D[:5])
    contributed.publish(session, people["venues"], now, survey.id, seed_from="x")
    contributed.allot(session, people["venues"], now, survey.id, seed="7", seed_source="y")
    assert sorted(given_days(survey)) == D[:2] and survey.left == 0
    with pytest.raises(contributed.NoneLeft):
        contributed.take(session, people["officer2"], now, survey.id, day=D[9])


def test_outside_bodies_wish_for_nothing_here(act):
    with pytest.raises(Forbidden):
        act(contributed.wish, "group", days=[D[0]])
    with pytest.raises(Invalid):
        act(contributed.wish, "officer", days=[HALF.last_day + timedelta(days=1)])


wishes = st.dictionaries(
    st.sampled_from([f"A{n}" for n in range(8)]),
    st.lists(st.sampled_from(D[:12]), min_size=1, max_size=5, unique=True),
    min_size=1,
)


@settings(max_examples=60, deadline=None)
@given(wishes, st.integers(1, 15), st.text("0123456789", min_size=1, max_size=6))
def test_the_allotment_is_fair_and_whole(wishes, quota, seed):
    order = list(draw.draw(wishes, seed).order)
    answers = allot(wishes, order, quota)
    given_ = [answer for answer in answers if answer.given]
    assert len(given_) <= quota and len({answer.day for answer in given_}) == len(given_)
    assert len(answers) == sum(map(len, wishes.values()))
    got = Counter(answer.ticket for answer in given_)
    taken = {answer.day for answer in given_}
    for ticket in wishes:
        if len(given_) < quota:  # nobody is refused a day that is still free
            assert all(day in taken for day in wishes[ticket])
        for answer in answers:  # nobody got a second day while this one, who had a wish left then, had none
            if answer.ticket != ticket and answer.round > got[ticket] + 1:
                earlier = {each.day for each in given_ if each.round <= got[ticket] + 1}
                assert all(day in earlier or day in taken for day in wishes[ticket])
    assert answers == allot(dict(reversed(list(wishes.items()))), order, quota)


@pytest.mark.parametrize("rivals", [2, 8, 32])
def test_of_many_each_day_goes_to_one_and_no_more_than_are_left(database, people, ids, now, rivals):
    """15 days for the half-year, 32 agencies at once on 20 days: 15 get one, each another."""

    def prepare(session):
        officer = session.merge(people["venues"], load=False)
        venue = session.query(ContributedVenue).one().id
        survey = contributed.open_survey(
            session, officer, now, venue_id=venue, half_year=HALF, closes_on=date(2026, 12, 10)
        )
        survey.status = "allotted"
        for number in range(100, 100 + rivals):
            session.add(
                Agency(id=number, code=f"X{number}", name=f"機關{number}", name_en="A", kind="city", active=True)
            )
            session.flush()
            session.add(
                Person(
                    id=number, username=f"x{number}", name="甲", name_en="A", agency_id=number, roles=["officer"], unit="",
                    mail="", phone="", lang="zh", active=True,
                )
            )  # fmt: skip
        return survey.id

    survey = database.transact(prepare)

    def taking(number):
        def work(session):
            person = session.get(Person, 100 + number)
            return contributed.take(session, person, now, survey, day=D[30 + number % 20]).id

        return lambda: database.transact(work)

    got = at_once([taking(number) for number in range(rivals)])
    assert sum(each != "refused" for each in got) == min(rivals, 15)
    with database.reading() as session:
        days = [row.day for row in session.scalars(select(ContributedDay))]
    assert len(days) == len(set(days)) == min(rivals, 15)
