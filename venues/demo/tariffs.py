"""The atrium's next tariff version, a reduction that waits for a second officer, and one that was granted."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from common.identity import Person
from common.period import today
from venues import reductions, tariff_versions
from venues.demo.history import History
from venues.models import Booking, Venue
from venues.vocabulary import UNDECIDED

WEEKEND = {
    "kind": "slot", "amount": 6000, "rule": "S-05", "sample": True, "label": ["例假日", "weekends and holidays"],
    "days": ["saturday", "sunday", "holiday"],
}  # fmt: skip
CLEANING = {
    "kind": "service", "amount": 1500, "rule": "S-05", "sample": True, "of": "cleaning", "per": "event",
    "label": ["場地清潔費", "Cleaning"], "events": ["社教", "公益"],
}  # fmt: skip
PROPOSALS: tuple[dict[str, Any], ...] = (
    {
        "part": "fee",
        "percent": 50,
        "amount": 0,
        "rule": "S-13",
        "reason": "與社會局合辦之公益活動，專案減收半數場地費。",
    },
    {"part": "deposit", "percent": 0, "amount": 10000, "rule": "S-13", "reason": "過去一年使用紀錄良好，酌減保證金。"},
)


def load(history: History, officer: Person, admin: Person) -> None:
    """The administrator saves a version for the month after next; the officer proposes two reductions, one is granted."""
    history.at(history.hour(-6, 15), lambda at: _next_version(history, admin, at))
    history.at(history.hour(0, 0) - timedelta(hours=7), lambda at: _propose(history, officer, admin, at))


def _next_version(history: History, admin: Person, at: datetime) -> None:
    session = history.session
    atrium = session.scalars(select(Venue).where(Venue.code == "atrium")).one()
    data = tariff_versions.draft(session, atrium)
    data["rates"] += [WEEKEND, CLEANING]
    ahead = (today(history.now).replace(day=1) + timedelta(days=70)).replace(day=1)
    told: dict[str, Any] = {"venue_id": atrium.id, "effective_from": date(ahead.year, ahead.month, 1), "data": data}
    found = tariff_versions.preview(session, admin, at, **told)
    tariff_versions.save(session, admin, at, **told, note="例假日分開計價，並訂清潔費（示範）。", shown=found.token)


def _propose(history: History, officer: Person, admin: Person, at: datetime) -> None:
    """The two oldest applications that cost something and are not decided yet."""
    session = history.session
    open_ones = select(Booking).where(Booking.status.in_(UNDECIDED), Booking.fee > 0).order_by(Booking.id).limit(2)
    rows = [
        reductions.propose(session, officer, at, booking.id, **told)
        for booking, told in zip(session.scalars(open_ones).all(), PROPOSALS, strict=False)
    ]
    if rows:
        granted = rows[0].id
        history.at(
            at + timedelta(hours=1),
            lambda then: _grant(history, admin, granted, then),
        )


def _grant(history: History, admin: Person, reduction_id: int, at: datetime) -> None:
    reductions.grant(history.session, admin, at, reduction_id, decision="同意。")
