"""Kinds of day, as prices and deadlines need them. Pure.

A day has exactly one kind, so that two conditions never both claim it by accident: a national holiday or its substitute
is a `holiday` even on a Saturday; a make-up workday (補行上班, C-04) is a `weekday` even on a Saturday; a closure
(停止上班, C-06) stops the office but changes no price.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from common.words import Words

WEEKDAY, SATURDAY, SUNDAY, HOLIDAY = KINDS_OF_DAY = ("weekday", "saturday", "sunday", "holiday")

DAY_WORDS = {
    WEEKDAY: Words("平日", "Working day"),
    SATURDAY: Words("週六", "Saturday"),
    SUNDAY: Words("週日", "Sunday"),
    HOLIDAY: Words("國定假日", "Public holiday"),
}

NATIONAL, SUBSTITUTE, WORKDAY, CLOSURE = MARKS = ("holiday", "substitute", "workday", "closure")

MARK_WORDS = {
    NATIONAL: Words("放假", "Holiday"),
    SUBSTITUTE: Words("補假", "Substitute day off"),
    WORKDAY: Words("補行上班", "Make-up workday"),
    CLOSURE: Words("停止上班", "Offices closed"),
}


@dataclass(frozen=True)
class Calendar:
    """The government's calendar: the days that are marked, all others by their weekday."""

    marks: Mapping[date, str] = field(default_factory=dict)

    def kind_of(self, day: date) -> str:
        """What kind of day it is for a price."""
        mark = self.marks.get(day)
        if mark in (NATIONAL, SUBSTITUTE):
            return HOLIDAY
        if mark == WORKDAY or day.weekday() < 5:
            return WEEKDAY
        return SATURDAY if day.weekday() == 5 else SUNDAY

    def is_working(self, day: date) -> bool:
        """Whether the offices work that day (C-04…C-06)."""
        mark = self.marks.get(day)
        return mark == WORKDAY or (mark is None and day.weekday() < 5)

    def working_day_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself for 0."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def days_off(self, year: int) -> int:
        """How many days of the year the offices rest (120 in 2026, C-05)."""
        first = date(year, 1, 1)
        days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
        return sum(not self.is_working(day) for day in days)


ORDINARY = Calendar()
