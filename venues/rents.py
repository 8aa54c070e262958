"""What a contract's months cost. Pure: days and whole NT$ in, whole NT$ out.

A whole month costs the rent; of a month that the contract covers in part, rent × days covered ÷ days of the month, rounded
half up to whole NT$.
"""

from calendar import monthrange
from datetime import date
from typing import NamedTuple


class MonthDue(NamedTuple):
    """What is due for one month (its first day), and what came in for it."""

    month: date
    due: int
    paid: int

    @property
    def open(self) -> int:
        """Still to come; negative when too much came in."""
        return self.due - self.paid


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months(first: date, last: date) -> list[date]:
    """The first days of every month that a contract from `first` to `last` (both included) touches."""
    out, month = [], month_of(first)
    while month <= last:
        out.append(month)
        month = next_month(month)
    return out


def due_for(month: date, first: date, last: date, rent: int) -> int:
    """Whole NT$ due for one month of a contract from `first` to `last` (both included) at `rent` a month."""
    length = monthrange(month.year, month.month)[1]
    starts, ends = max(first, month), min(last, month.replace(day=length))
    covered = max((ends - starts).days + 1, 0)
    return (2 * rent * covered + length) // (2 * length)
