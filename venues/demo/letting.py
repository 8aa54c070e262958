"""Counters let by contract and gallery terms, in every state."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from common.identity import Person
from common.period import taipei, today
from venues import contracts, gallery
from venues.demo.history import History
from venues.rents import month_of, months, next_month

EMPTY, EARLY, NOTICE, RENEWED, LATE = (7, 14), 4, 2, 10, (5, 12)
SCHOOLS = ("國民小學", "國民中學", "高級中學")
TITLES = ("城市的光", "河岸四季", "手作與記憶", "我們的街角", "墨色與海", "夢想美術館", "植物日記")


def load(history: History, officer: Person, schools: list[Person]) -> None:
    """A year of contracts with the rent of their months; the terms around today, each of a school."""
    first = month_of(today(history.now) - timedelta(days=140))
    for number in range(1, 21):
        if number not in EMPTY:
            history.at(taipei(first, "10:00"), _let(history, officer, number, first))
    _terms(history, officer, schools)


def _let(history: History, officer: Person, number: int, first: date) -> Callable[[datetime], None]:
    session = history.session

    def act(at: datetime) -> None:
        counter = contracts.counters(session)[number - 1]
        year = next_month(next_month(first)).replace(year=first.year + 1)
        ends = today(history.now) + timedelta(days=45) if number in (NOTICE, RENEWED) else year - timedelta(days=1)
        rent = 68_000 if counter.kind == "bank" else 9_000 + 1_500 * (number % 7)
        party = f"示範{counter.name}" if counter.kind == "counter" else "示範銀行市府分行"
        row = contracts.make(
            session, officer, at, counter_id=counter.id, party=party, party_number=f"{10000000 + number * 1111}",
            starts_on=first, ends_on=ends, rent=rent, deposit=2 * rent,
        )  # fmt: skip
        for month in months(first, today(history.now)):
            if not (number in LATE and next_month(month) > today(history.now)):
                history.at(
                    taipei(month + timedelta(days=4), "11:00"), _pay(history, officer, row.id, month, rent, number)
                )
        if number == EARLY:
            told: dict[str, Any] = {"ended_on": today(history.now) + timedelta(days=7), "reason": "承租人申請提前終止"}
            history.at(history.hour(-9, 15), lambda then: contracts.end(session, officer, then, row.id, **told))
        if number == RENEWED:
            until = ends.replace(year=ends.year + 1, day=1)
            history.at(
                history.hour(-6, 11),
                lambda then: contracts.renew(session, officer, then, row.id, ends_on=until, rent=rent + 500),
            )

    return act


def _pay(
    history: History, officer: Person, contract_id: int, month: date, amount: int, number: int
) -> Callable[[datetime], None]:
    receipt = f"C-{month:%y%m}-{number:02d}"

    def act(at: datetime) -> None:
        contracts.record_rent(
            history.session, officer, at, contract_id, month=month, amount=amount, receipt=receipt, paid_on=today(at)
        )

    return act


def _terms(history: History, officer: Person, schools: list[Person]) -> None:
    """A term that is over, the one on show, one assigned, and one that schools may still apply for."""
    for place, (starts, ends, given) in enumerate(
        ((-215, -96, True), (-90, 30, True), (36, 150, True), (156, 270, False))
    ):
        planned = min(starts - 90, -3)
        history.at(
            history.hour(planned, 9), _plan(history, officer, schools, 58 + place, (starts, ends), planned, given)
        )


def _plan(
    history: History,
    officer: Person,
    schools: list[Person],
    number: int,
    days: tuple[int, int],
    planned: int,
    given: bool,
) -> Callable[[datetime], None]:
    session, day = history.session, today(history.now)

    def act(at: datetime) -> None:
        first, last = (day + timedelta(days=each) for each in days)
        term = gallery.plan(session, officer, at, starts_on=first, ends_on=last, number=number)
        for place in range(2):
            school = schools[(number + place) % len(schools)]
            title = TITLES[(number + place) % len(TITLES)]
            history.at(at + timedelta(hours=26 + place), _apply(history, school, term.id, title, 30 + 5 * place))
        if given:
            history.at(at + timedelta(hours=50), lambda then: _assign(then, term.id))

    def _assign(at: datetime, term_id: int) -> None:
        found = next(each for each in gallery.terms(session) if each.id == term_id)
        gallery.assign(
            session, officer, at, term_id, application_id=found.applications[0].id, reason="首次參展學校優先。"
        )

    return act


def _apply(history: History, school: Person, term_id: int, title: str, works: int) -> Callable[[datetime], object]:
    told: dict[str, Any] = {"title": title, "works": works, "heaviest_kg": 6, "about": "水彩、版畫與立體作品。"}
    return lambda at: gallery.apply(history.session, school, at, term_id, **told)
