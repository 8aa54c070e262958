"""The passenger survey: one signed code a trip, spent once, nobody named; satisfaction as the city counts it."""

import threading
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Conflict, NotFound
from common.period import EARLIEST, Period
from common.words import Words
from fleet import limiter, surveys, trips
from fleet.limiter import Limiter
from fleet.models import SurveyAnswer, Trip
from tests.fleet.conftest import Desk


@pytest.fixture(autouse=True)
def fresh_limiter(monkeypatch):
    for door in ("fleet.pages.surveys", "fleet.api.surveys"):
        monkeypatch.setattr(f"{door}.SURVEY_TRIES", Limiter(60, timedelta(minutes=10)))


def signed(desk, **more):
    trip = desk.finished(**more)
    return trips.sign_off(desk.session, desk.people["officer"], desk.now, trip)


def ask(desk, trip, score=5, now=None, **more):
    return surveys.answer(desk.session, now or desk.now, surveys.code_for(desk.session, trip), score=score, **more)


# ── the code ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_signing_off_tells_the_code_and_it_opens_the_trip_however_it_is_typed(desk, facts):
    trip = signed(desk)
    kind, body = facts()[-1]
    assert kind == "trip_signed_off" and surveys.trip_of(desk.session, body["survey_code"]) is trip
    typed = body["survey_code"].lower().replace("0", "o").replace("1", "l")
    assert surveys.trip_of(desk.session, f" {typed[:4]}-{typed[4:]} ") is trip
    assert surveys.link_for(desk.session, trip) == f"/fleet/s/{body['survey_code']}"


def test_a_code_that_was_not_signed_here_opens_nothing(desk):
    code = surveys.code_for(desk.session, signed(desk))
    other = "3" if code[0] == "2" else "2"
    forged = [code[:-1] + ("1" if code[-1] == "0" else "0"), other + code[1:], code[1:], "", "ÄÖ", "U" * 11, "Z" * 60]
    for each in forged:
        with pytest.raises(NotFound):
            surveys.trip_of(desk.session, each)


def test_it_is_answered_once_within_fourteen_days_and_not_before_the_car_is_back(desk):
    early = desk.assigned("15:00", "16:00", vehicle=desk.seven, driver=desk.driver2)
    with pytest.raises(surveys.Closed, match="not over yet"):
        ask(desk, early)
    trip = signed(desk)
    with pytest.raises(surveys.Closed, match="time to answer"):
        ask(desk, trip, now=desk.now + timedelta(days=14))
    ask(desk, trip, now=desk.now + timedelta(days=14, seconds=-1), chips=["polite", "polite"], words="很好")
    with pytest.raises(surveys.AlreadyAnswered):
        ask(desk, trip)
    row = desk.session.get(SurveyAnswer, trip.id)
    assert (row.score, row.chips, row.words) == (5, ["polite"], "很好")


def test_nothing_of_an_answer_names_who_gave_it():
    assert {column.name for column in SurveyAnswer.__table__.columns} == {
        "trip_id",
        "score",
        "chips",
        "words",
        "answered_at",
    }


# ── satisfaction ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_97_of_100_answers_are_97_percent():
    scores = [5] * 60 + [4] * 37 + [3, 2, 1]
    found = surveys.figure("all", Words("全部", "All"), scores, 5)
    assert (found.satisfied, found.rate_percent) == (97, Decimal("97.00"))


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.integers(1, 5), min_size=1, max_size=12)))
def test_no_group_with_a_rate_is_small_and_none_can_be_worked_out_from_the_whole(groups):
    found = surveys.together(groups, {key: Words.same(key) for key in groups}, 5)
    assert sum(each.answers for each in found) == sum(map(len, groups.values()))
    total = sum(each.answers for each in found)
    for each in found:
        assert each.answers >= 5 or each.answers == total
        assert (each.rate_percent is None) == (each.answers < 5)


def test_satisfaction_is_told_by_what_dispatch_did(desk):
    first = signed(desk)
    ask(desk, first, 5)
    whole = Period(EARLIEST, first.finished_at + timedelta(days=1))
    found = surveys.satisfaction(desk.session, whole, "decision", desk.now)
    assert (found.whole.answers, found.trips, found.whole.rate_percent) == (1, 1, None)
    assert surveys.decision_of(first, set()) == "first"
    assert surveys.decision_of(first, {first.id}) == "merged"
    first.vehicle_kind = "van9"
    assert surveys.decision_of(first, set()) == "other_kind"


def test_a_changed_car_is_a_decision_of_its_own(desk):
    trip = desk.assigned()
    desk.assign(trip, desk.seven, desk.driver)
    desk.session.refresh(trip)
    assert surveys.decision_of(trip, set()) == "changed"


# ── doors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def code(database, people, now, clock):
    def fill(session):
        desk = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        trip = signed(desk)
        clock.now = desk.now + timedelta(hours=1)
        return surveys.code_for(session, trip)

    return database.transact(fill)


def text(response):
    return unescape(response.get_data(as_text=True))


def test_a_passenger_answers_with_one_tap_and_without_signing_in(client, code, database):
    stranger = client()
    page = text(stranger.get(f"/s/{code}"))
    assert "點一個，就送出" in page and page.count('name="score"') == 5 and "周行路" not in page
    sent = stranger.submit(f"/s/{code}", {"score": "5", "words": ""})
    assert sent.status_code == 303 and "謝謝" in text(stranger.get(sent.location))
    assert "這張已經填過了，謝謝。" in text(stranger.get(f"/s/{code}"))
    again = stranger.submit(f"/s/{code}", {"score": "1"})
    assert again.status_code == 409 and "這張已經填過了" in text(again)
    with database.reading() as session:
        assert session.query(SurveyAnswer).one().score == 5


def test_a_wrong_code_is_not_found_and_a_forgotten_face_keeps_the_words(client, code):
    assert client().get("/s/NOTACODE123").status_code == 404
    answer = client().submit(f"/s/{code}", {"words": "司機很親切"})
    assert answer.status_code == 422 and "請選一個表情" in text(answer) and "司機很親切" in text(answer)


def test_the_operation_takes_an_answer_once_and_stops_a_guesser(client, code, monkeypatch):
    monkeypatch.setattr("fleet.api.surveys.SURVEY_TRIES", Limiter(3, timedelta(minutes=10)))
    stranger = client()
    assert (
        stranger.api("POST", f"/surveys/{code}", {"score": 4, "chips": ["safe"]}).get_json()["thanks"]["zh"] == "謝謝！"
    )
    assert stranger.api("POST", f"/surveys/{code}", {"score": 4}).status_code == 409
    assert [stranger.api("POST", "/surveys/X1234567890", {"score": 4}).status_code for _ in range(2)] == [404, 429]


def test_two_phones_at_the_same_moment_leave_one_answer(database, code, clock):
    gate, said = threading.Barrier(6), []

    def tap(score):
        gate.wait()
        try:
            database.transact(lambda session: surveys.answer(session, clock.now, code, score=score))
            said.append(score)
        except Conflict:
            pass

    threads = [threading.Thread(target=tap, args=(1 + n % 5,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert [session.query(SurveyAnswer).one().score] == said


def test_satisfaction_is_for_the_vehicle_unit_and_the_auditor(client, code):
    for name, status in (("dispatcher", 200), ("auditor", 200), ("driver", 403), ("officer", 403)):
        assert client(as_=name).get("/satisfaction?by=driver").status_code == status
        assert client(as_=name).api("GET", "/satisfaction?by=driver").status_code == status


def test_the_limiter_forgets_after_a_while(now):
    few = limiter.Limiter(2, timedelta(minutes=1))
    few.count("a", now)
    few.count("a", now)
    with pytest.raises(limiter.TooMany):
        few.count("a", now)
    few.count("b", now)
    few.count("a", now + timedelta(minutes=1))


def test_the_survey_of_a_trip_that_is_gone_from_the_books_is_not_found(desk):
    ghost = Trip(id=987_654)
    with pytest.raises(NotFound):
        surveys.trip_of(desk.session, surveys.code_for(desk.session, ghost))
