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
from common.period import taipei
from common.roc import HalfYear
from tests.venues.test_rivals import at_once, while_open
from venues import contributed, contributed_draw, figures
from venues.allocation import allot
from venues.models import ContributedDay, ContributedSurvey, ContributedVenue, ContributedWish
from venues.refusals import NotNow
from venues.rounds import lottery

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
    return lambda work, who="venues", at=None, **told: work(session, people[who], at or now, survey.id, **told)


CLOSED, KNOWN, DRAWN = (
    taipei(date(2026, 12, day), clock) for day, clock in ((11, "09:00"), (14, "14:00"), (14, "15:00"))
)


@pytest.fixture
def drawn(act):
    """Publish after the closing day and draw when the seed is known, by two officers."""

    def draw_it(seed="7", **told):
        act(contributed_draw.publish, at=CLOSED, **{"seed_from": "威力彩", "seed_known_at": KNOWN, **told})
        act(contributed_draw.allot, at=DRAWN, seed=seed)
        return act(contributed_draw.allot, "admin", at=DRAWN, seed=seed)

    return draw_it


def given_days(survey):
    return {each.day: each.agency_id for each in survey.given}


def test_the_quota_and_the_wishes_are_figures_of_the_half_year(survey):
    assert (survey.quota, survey.most_wishes, survey.half.code) == (15, 5, "116H1")


def test_from_the_wishes_to_days_with_reasons(session, survey, act, drawn):
    act(contributed.wish, "officer", days=[D[0], D[1]])
    act(contributed.wish, "officer", days=[D[0], D[2]])  # sent again: the later one counts
    act(contributed.wish, "officer2", days=[D[0], D[1]], purpose="環保市集")
    drawn(seed="03 11 17 20 28 36")
    assert survey.tickets_sha256 == draw.tickets_sha256(["EPB", "SEC"])
    assert set(given_days(survey)) == {D[0], D[1], D[2]} and survey.left == 12
    winner = {"EPB": 2, "SEC": 1}[survey.draw_order[0]]
    assert given_days(survey)[D[0]] == winner
    assert contributed_draw.faults(session, survey) == []
    reasons = [reason.zh for answer, reason in contributed_draw.answers_of(survey) if answer.day == D[0]]
    assert "抽序第 1 在前" in reasons[0] and "已給" in reasons[1]
    told = session.scalars(select(Outbox).where(Outbox.type == "venues.contributed_allotted.v1")).all()
    assert {row.data["agency_id"] for row in told} == {"1", "2"}
    assert all("志願 1" in row.data["details_zh"] for row in told)


def test_the_list_is_published_after_the_closing_day_and_holds_the_wishes_themselves(session, survey, act):
    act(contributed.wish, "officer", days=[D[0]])
    with pytest.raises(NotNow) as early:
        act(contributed_draw.publish, at=taipei(date(2026, 12, 10), "23:59"), seed_from="威力彩")
    assert "12月10日" in early.value.words.zh
    with pytest.raises(Invalid):
        act(contributed_draw.publish, at=CLOSED, seed_known_at=CLOSED)
    act(contributed_draw.publish, at=CLOSED, seed_from="威力彩", seed_known_at=KNOWN)
    hashed = survey.announced_sha256
    assert survey.listed == {"EPB": [D[0].isoformat()]} or survey.listed == {"SEC": [D[0].isoformat()]}
    with pytest.raises(NotNow):
        act(contributed.wish, "officer", at=CLOSED, days=[D[5]])
    for change in ({"quota": 14}, {"seed_from": "別的"}, {"listed": {"SEC": []}}, {"seed_known_at": DRAWN}):
        kept = {name: getattr(survey, name) for name in change}
        for name, value in change.items():
            setattr(survey, name, value)
        assert lottery.announced_sha256(contributed_draw.announced(survey), contributed_draw.ANNOUNCED) != hashed
        for name, value in kept.items():
            setattr(survey, name, value)


def test_no_seed_is_taken_before_its_moment_and_one_officer_alone_decides_nothing(session, survey, act):
    act(contributed.wish, "officer", days=[D[0]])
    act(contributed_draw.publish, at=CLOSED, seed_from="威力彩", seed_known_at=KNOWN)
    with pytest.raises(NotNow) as early:
        act(contributed_draw.allot, at=KNOWN - timedelta(minutes=1), seed="7")
    assert "2026-12-14 14:00" in early.value.words.zh and not survey.seeds
    for _ in range(2):
        act(contributed_draw.allot, at=DRAWN, seed="7")  # the same officer twice is one officer
    assert survey.status == "published" and not survey.given and contributed_draw.entries(survey) == []
    act(contributed_draw.allot, "admin", at=DRAWN, seed="8")
    assert survey.status == "published" and contributed_draw.differ(survey)
    act(contributed_draw.allot, "admin", at=DRAWN, seed="7")
    assert survey.status == "allotted" and survey.seed_source == "威力彩"
    assert [(one["officer"], one["seed"]) for one in contributed_draw.entries(survey)] == [
        (1, "7"), (1, "7"), (2, "8"), (2, "7"),
    ]  # fmt: skip


def test_one_officer_is_enough_with_the_document_the_seed_stands_in(survey, act):
    act(contributed.wish, "officer", days=[D[0]])
    act(contributed_draw.publish, at=CLOSED, seed_from="威力彩", seed_known_at=KNOWN)
    with pytest.raises(Invalid):
        act(contributed_draw.allot, at=DRAWN, seed="0311", document="開出 03110")
    act(contributed_draw.allot, at=DRAWN, seed="0311", document="12月14日開出 0311。")
    assert survey.status == "allotted" and len(contributed_draw.entries(survey)[0]["document_sha256"]) == 64


def test_a_changed_result_a_changed_wish_and_another_hash_show(session, people, survey, act, drawn):
    act(contributed.wish, "officer", days=[D[0]])
    act(contributed.wish, "officer2", days=[D[0]])
    drawn()
    assert contributed_draw.faults(session, survey) == []
    right = list(survey.results)
    survey.results = list(reversed(right))
    assert contributed_draw.faults(session, survey)
    survey.results = right
    wish = session.query(ContributedWish).first()
    wish.day = D[3]
    assert any("志願與公布的" in each.zh for each in contributed_draw.faults(session, survey))
    wish.day = D[0]
    survey.given[0].day = D[4]
    assert any("登錄的日子" in each.zh for each in contributed_draw.faults(session, survey))
    survey.given[0].day = D[0]
    survey.announced_sha256 = ""  # as a list of the time before had it
    assert any("稽核" in each.zh for each in contributed_draw.faults(session, survey))


def test_what_is_left_goes_to_whoever_comes_first_and_what_is_given_back_may_be_had_again(
    session, people, survey, act, drawn, now
):
    act(contributed.wish, "officer", days=[D[0]])
    with pytest.raises(NotNow):
        act(contributed.take, "officer2", day=D[1])
    drawn()
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
    contributed_draw.publish(session, people["venues"], CLOSED, survey.id, seed_from="x", seed_known_at=KNOWN)
    contributed_draw.allot(session, people["venues"], DRAWN, survey.id, seed="7", document="第 7 號")
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


@pytest.mark.parametrize("wish_first", [True, False])
def test_who_wishes_while_the_list_is_published_is_in_it_or_is_refused(database, people, ids, now, wish_first):
    told = {"half_year": HALF, "closes_on": date(2026, 12, 10)}

    def as_(who, work, *args, **told):
        return lambda session: work(session, session.merge(people[who], load=False), *args, **told).id

    def prepare(session):
        venue = session.query(ContributedVenue).one().id
        return as_("venues", contributed.open_survey, now, venue_id=venue, **told)(session)

    survey = database.transact(prepare)
    database.transact(as_("officer", contributed.wish, now, survey, days=[D[0]]))
    wishing = as_("officer2", contributed.wish, now, survey, days=[D[1]])
    publishing = as_("venues", contributed_draw.publish, CLOSED, survey, seed_known_at=KNOWN)
    out = while_open(database, *((wishing, publishing) if wish_first else (publishing, wishing)))
    assert ("refused" in out) is not wish_first
    with database.reading() as session:
        row = session.get(ContributedSurvey, survey)
        assert sorted(row.listed) == sorted({contributed.ticket_of(each) for each in row.wishes})
        assert len(row.listed) == (2 if wish_first else 1)


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
