"""Days to book on, counted from today: the house under test runs by the real clock."""

from datetime import UTC, datetime, timedelta

from common.period import local


def now() -> datetime:
    return datetime.now(UTC)


def weekday_ahead(days: int) -> str:
    """The first Monday to Friday at least `days` from today in Taipei, as ISO text."""
    day = local(now()).date() + timedelta(days=days)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.isoformat()
