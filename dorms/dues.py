"""What a room costs in a month: whole months in full, part months by the day (D-32), rounded once."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from common.words import Words

ROUNDING = Words("按當月日數比例計算，元以下四捨五入", "by the days of the month, rounded half up to whole NT$")

RANKS: tuple[tuple[int, str, Words], ...] = (
    (1, "junior", Words("委任", "Junior (grades 1–5)")),
    (6, "associate", Words("薦任", "Associate (grades 6–9)")),
    (10, "senior", Words("簡任", "Senior (grades 10–14)")),
)
"""The rank of civil servants begins at this grade."""

Rates = Sequence[tuple[date, int]]
"""A monthly amount from a day on, in order of days."""


def rank_of(grade: int) -> str:
    """The rank by which the rent allowance goes (D-31)."""
    return next(code for first, code, _ in reversed(RANKS) if grade >= first)


def rate_on(rates: Rates, day: date) -> int:
    """The monthly amount in force on a day; nothing before the first."""
    return next((value for since, value in reversed(rates) if since <= day), 0)


def prorated(monthly: Iterable[int], days_in_month: int) -> int:
    """The sum of one day's share of each of these monthly amounts, one for each day that counts, rounded half up."""
    return int(Fraction(sum(monthly), days_in_month) + Fraction(1, 2))
