"""Postings on the electronic boards, and the contributed venue's half-years."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from common.identity import Person
from common.period import taipei, today
from common.roc import HalfYear
from venues import boards, contributed, contributed_draw
from venues.demo.history import History

NOTICES = (
    ("市民健檢服務日", "1 樓中庭，上午 9 時至 12 時。"),
    ("用電安全檢查", "本週六 22 時起部分電梯停用。"),
    ("師生畫廊新展", "歡迎到 1 樓參觀，免費。"),
    ("流感疫苗接種站", "西門廳，每日 9 時至 16 時。"),
    ("二手書交換", "帶兩本、換兩本。"),
    ("防災演練通知", "聽到廣播請依指示疏散。"),
)
POSTINGS = 34
SEED, SEED_FROM = "05 11 19 24 33 38 02", "公布後第三天的威力彩全部號碼（示範）"


def load(history: History, officers: list[Person], people: list[Person], city: list[Person]) -> None:
    """A half-year of postings, some waiting; a survey allotted and one open."""
    for number in range(POSTINGS):
        days = 9 - 5 * number
        _post(history, officers[0], people[number % len(people)], number, days)
    wishing = list({person.agency_id: person for person in city}.values())[:8]
    if wishing:
        half = HalfYear.of(history.now)
        _survey(history, officers, wishing, half, -230)
        _survey(history, officers, wishing[:5], half.next, -8)


def _post(history: History, officer: Person, who: Person, number: int, days: int) -> None:
    session = history.session
    title, text = NOTICES[number % len(NOTICES)]

    def ask(at: datetime) -> None:
        places = [board.id for board in boards.boards(session)]
        chosen = [places[number % len(places)]] if number % 3 else [places[0], places[-1]]
        first = today(history.now) + timedelta(days=days)
        told: dict[str, Any] = {
            "title": title,
            "text": text,
            "starts_on": first,
            "ends_on": first + timedelta(days=number % 4),
        }
        posting = boards.request(session, who, at, board_ids=chosen, **told)
        if number == 6:
            history.at(at + timedelta(hours=2), lambda then: boards.withdraw(session, who, then, posting.id))
        elif number > 1:
            history.at(at + timedelta(hours=5), lambda then: _decide(then, posting.id))

    def _decide(at: datetime, posting_id: int) -> None:
        reason = "內容屬商業廣告，不予刊登。" if number % 11 == 4 else ""
        boards.decide(session, officer, at, posting_id, approve=not reason, reason=reason)

    history.at(history.hour(min(days - 4, -1), 11), ask)


def _survey(history: History, officers: list[Person], wishing: list[Person], half: HalfYear, opened: int) -> None:
    session = history.session

    def ask(at: datetime) -> None:
        venue = contributed.venues(session)[0]
        told: dict[str, Any] = {"venue_id": venue.id, "half_year": half, "closes_on": today(at) + timedelta(days=20)}
        survey = contributed.open_survey(session, officers[0], at, **told)
        for number, person in enumerate(wishing):
            history.at(at + timedelta(hours=20 + 5 * number), _wish(history, survey.id, person, number, half))
        history.at(at + timedelta(days=21), lambda then: _publish(then, survey.id))
        history.at(at + timedelta(days=24), lambda then: _allot(then, survey.id))
        history.at(at + timedelta(days=40), lambda then: _afterwards(then, survey.id))

    def _publish(at: datetime, survey_id: int) -> None:
        told: dict[str, Any] = {"seed_from": SEED_FROM, "seed_known_at": at + timedelta(days=2)}
        contributed_draw.publish(session, officers[0], at, survey_id, **told)

    def _allot(at: datetime, survey_id: int) -> None:
        document = "" if len(officers) > 1 else f"{SEED_FROM}：{SEED}"
        for officer in officers:
            contributed_draw.allot(session, officer, at, survey_id, seed=SEED, document=document)

    def _afterwards(at: datetime, survey_id: int) -> None:
        survey = next(each for each in contributed.surveys(session) if each.id == survey_id)
        last = survey.given[-1]
        owner = next(person for person in wishing if person.agency_id == last.agency_id)
        contributed.give_back(session, owner, at, last.id, reason="活動改在本府辦理。")
        taker = next(person for person in wishing if person.agency_id != last.agency_id)
        contributed.take(session, taker, at, survey_id, day=last.day, purpose="青年講堂")

    history.at(taipei(today(history.now) + timedelta(days=opened), "09:30"), ask)


def _wish(history: History, survey_id: int, person: Person, number: int, half: HalfYear) -> Callable[[datetime], None]:
    def act(at: datetime) -> None:
        days = [half.first_day + timedelta(days=12 * rank + 3 * (number % 3)) for rank in range(2 + number % 3)]
        contributed.wish(history.session, person, at, survey_id, days=days, purpose="局處活動")

    return act
