"""Rent of a place: what a term costs, and what of it comes back for days not used. Whole NT$, half a dollar up. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

Days = tuple[date, date]
"""A stretch of days: the first, and the one after the last."""


@dataclass(frozen=True)
class Term:
    """The days of a round and its rent, NT$ per day or for the whole term."""

    first: date
    until: date
    rent: int
    per: str


def days(stretch: Days) -> int:
    """How many days; none when it is empty."""
    return max(0, (stretch[1] - stretch[0]).days)


def due(term: Term, first: date) -> int:
    """Rent in advance from `first` (not before the term) to the end of the term, rounded half up to whole NT$."""
    covered = days((max(first, term.first), term.until))
    if term.per == "day":
        return term.rent * covered
    return half_up(term.rent * covered, days((term.first, term.until)))


def not_used(covered: Days, suspended: Iterable[Days], left_on: date | None) -> int:
    """How many of the days paid for are not used: suspended ones, and those from the day of leaving on; each once."""
    end = covered[1] if left_on is None else max(covered[0], min(covered[1], left_on))
    lost = {
        first + timedelta(days=n)
        for first, until in suspended
        for n in range(days((max(first, covered[0]), min(until, end))))
    }
    return days(covered) - days((covered[0], end)) + len(lost)


def refund(paid: int, covered: Days, unused: int, returned: int) -> int:
    """What comes back now for `unused` days in all, when `returned` came back before: the share of the days, rounded half
    up to whole NT$; never more than was paid."""
    if not days(covered):
        return 0
    return max(0, min(paid, half_up(paid * unused, days(covered))) - returned)


def half_up(amount: int, parts: int) -> int:
    """amount / parts as whole NT$, half a dollar rounded up."""
    return (2 * amount + parts) // (2 * parts)
