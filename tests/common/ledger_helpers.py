"""Hours of a Monday, and what stands in the ledger."""

from datetime import UTC, datetime, timedelta
from typing import Any

from common.period import Period
from common.reservations import (
    taken,
)

START = datetime(2026, 11, 23, tzinfo=UTC)
ALL_DAY = Period(START - timedelta(days=2), START + timedelta(days=3))


def hour(n: float) -> datetime:
    return START + timedelta(hours=n)


def span(first: float, last: float) -> Period:
    return Period(hour(first), hour(last))


def what_stands(session: Any, *resources: str) -> list[tuple[str, Period, str]]:
    return [tuple(each) for each in taken(session, resources, ALL_DAY, START)]
