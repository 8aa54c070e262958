"""A small dormitory: one house of four rooms, and short ways to open a round and apply."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from common.identity import Person
from common.messages import Outbox
from common.words import Words
from dorms import applications, occupancy, offers, rounds
from dorms.models import Application, Building, Room, Round

SINCE = date(2020, 1, 1)


def add_house(
    session: Any, officer: Person, now: Any, numbers: tuple[str, ...] = ("201", "202", "203", "204")
) -> list[Room]:
    """Rooms to let since 2020 in 西園."""
    house = session.get(Building, "xiyuan") or occupancy.add_building(
        session, officer, "xiyuan", Words("西園", "Xiyuan"), Words("萬華區", "Wanhua")
    )
    return [
        occupancy.add_room(session, officer, now, house, number, floor=int(number[0]), since=SINCE)
        for number in numbers
    ]


def add_round(session: Any, officer: Person, now: Any) -> Round:
    """A round of single rooms, open from now for twenty days."""
    return rounds.open_round(
        session, officer, now, kind="single", registration_from=now, registration_until=now + timedelta(days=20)
    )


def add_application(session: Any, round_: Round, person: Person, now: Any, **known: Any) -> Application:
    """An application of grade 7 with five years of service; `known` replaces some of it."""
    facts = {"grade": 7, "years_of_service": Decimal(5), "home_status": "none", "started_on": date(2015, 3, 2)}
    return applications.apply_for_room(session, person, now, round_id=round_.id, **{**facts, **known})


@pytest.fixture
def house(session: Any, people: dict[str, Person], now: Any) -> Callable[..., list[Room]]:
    return lambda *numbers: add_house(session, people["dorms"], now, *([numbers] if numbers else []))


@pytest.fixture
def round_(session: Any, people: dict[str, Person], now: Any) -> Round:
    return add_round(session, people["dorms"], now)


@pytest.fixture
def apply(session: Any, round_: Round, people: dict[str, Person], now: Any) -> Callable[..., Application]:
    """`apply("staff", grade=9)`"""
    return lambda name, **known: add_application(session, round_, people[name], now, **known)


def told(session, kind):
    """How many facts of a kind were written."""
    return session.scalar(select(func.count()).select_from(Outbox).where(Outbox.type == f"dorms.{kind}.v1"))


@pytest.fixture
def close(session, round_, people, now):
    """Rank, publish and allot after the end of registration; returns the instant of it."""

    def step():
        at = round_.registration_until
        rounds.rank_applicants(session, people["dorms"], at, round_.id, seed="23117.42")
        rounds.publish_ranking(session, people["dorms"], at, round_.id)
        offers.allot_rooms(session, people["dorms"], at, round_.id)
        return at

    return step


@pytest.fixture
def opened(database, people, now):
    """A house of four rooms and an open round; returns the round's id."""

    def work(session):
        add_house(session, people["dorms"], now)
        return add_round(session, people["dorms"], now).id

    return database.transact(work)


@pytest.fixture
def applied(database, people, now, opened):
    """`staff` (rank 1) and `staff2` have applied; returns their applications' ids."""

    def work(session):
        row = session.get(rounds.Round, opened)
        return [
            add_application(session, row, people[name], now, grade=grade).id
            for name, grade in (("staff", 9), ("staff2", 6))
        ]

    return database.transact(work)


@pytest.fixture
def allotted(database, people, clock, opened, applied):
    """The round is ranked, published and allotted; returns the ids of both offers."""
    clock.tick(days=20)

    def work(session):
        rounds.rank_applicants(session, people["dorms"], clock.now, opened, seed="23117.42")
        rounds.publish_ranking(session, people["dorms"], clock.now, opened)
        offers.allot_rooms(session, people["dorms"], clock.now, opened)
        return [session.get(Application, application_id).offer.id for application_id in applied]

    return database.transact(work)
