"""City Hall's places in the test's database, and shorthand for what people do with them."""

from datetime import date
from typing import Any

import pytest

from common.db import Database
from tests.venues.rooms_helpers import Rooms
from venues import bookings, decisions, places
from venues.models import Booking, Venue
from venues.slots import Chosen

EVENT = {"event_name": "冬季合唱音樂會", "event_kind": "文化", "attendees": 150, "event_plan": "演出 90 分鐘"}
DAY = date(2026, 12, 12)
LATER = "文件於使用日前補齊"  # why an officer approves while papers lack (S-12)


def slots(*codes: str, day: date = DAY) -> list[Chosen]:
    return [Chosen(day, code) for code in codes]


@pytest.fixture
def furniture(request: pytest.FixtureRequest, furniture: list[Any]) -> list[Any]:
    """The people, and the places where a test asks for them."""
    return [*furniture, places.load] if {"halls", "ids"} & set(request.fixturenames) else furniture


@pytest.fixture
def halls(session: Any, people: dict[str, Any]) -> dict[str, Venue]:
    """The places by code, in the open session."""
    return {venue.code: venue for venue in session.query(Venue)}


@pytest.fixture
def ids(database: Database, people: dict[str, Any]) -> dict[str, int]:
    """The places' ids by code: for pages and operations."""
    with database.reading() as reading:
        return {venue.code: venue.id for venue in reading.query(Venue)}


class Desk:
    """Applying and deciding in one open session."""

    def __init__(self, session: Any, people: dict[str, Any], halls: dict[str, Venue], now: Any):
        self.session, self.people, self.halls, self.now = session, people, halls, now

    def apply(self, who: str = "group", venue: str = "atrium", chosen: Any = None, **changes: Any) -> Booking:
        told = {**EVENT, "slots": chosen or slots("morning", "afternoon"), **changes}
        return bookings.apply(self.session, self.people[who], self.now, venue_id=self.halls[venue].id, **told)

    def approve(self, booking: Booking, now: Any = None) -> Booking:
        act = (self.session, self.people["venues"], now or self.now, booking.id)
        return decisions.approve(*act, note=LATER)

    def insure(self, booking: Booking, now: Any = None) -> Booking:
        act = (self.session, self.people["venues"], now or self.now, booking.id)
        return decisions.record_insurance(*act, policy_number="PL-1")

    def pay(self, booking: Booking, now: Any = None) -> Booking:
        act = (self.session, self.people["venues"], now or self.now, booking.id)
        return decisions.record_payment(*act, receipt_number="R-1", amount=booking.total)

    def confirmed(self, **told: Any) -> Booking:
        return self.pay(self.insure(self.approve(self.apply(**told))))


@pytest.fixture
def desk(session: Any, people: dict[str, Any], halls: dict[str, Venue], now: Any) -> Desk:
    return Desk(session, people, halls, now)


@pytest.fixture
def meet(session: Any, people: dict[str, Any], halls: dict[str, Venue], now: Any) -> Rooms:
    return Rooms(session, people, halls, now)
