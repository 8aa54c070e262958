"""How long a driver may work and how long they rest (V-50): pure, values in, values out.

Working time is the time of the jobs as booked, on Taipei's clocks. A job of 24 hours or more has its nights in it: it
counts `hours_a_day_away` on each day it touches.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from common.period import Period, local
from common.words import Words

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Duty:
    """The dated limits of a driver's work."""

    max_hours_a_day: int
    max_hours_a_week: int
    min_rest_hours: int
    max_hours_in_a_row: int
    break_minutes: int
    hours_a_day_away: int


class Breach(NamedTuple):
    """Which limit would be broken, in words."""

    constraint: str
    words: Words


def breach(period: Period, busy: Iterable[Period], duty: Duty) -> Breach | None:
    """The first limit that a job of `period` would break for a driver who has `busy`, or None.

    Limits: hours on any day it touches, rest between two days' work, hours in its weeks (Monday to Sunday), hours in a
    row without a break. `busy` should reach over those weeks and overlaps nothing of `period`.
    """
    jobs = sorted([*busy, period])
    day = midnight(period.starts_at)
    while day < period.ends_at:
        if (hours := _hours(jobs, day, day + DAY, duty)) > duty.max_hours_a_day:
            words = Words("當日將達 {hours} 小時，超過 {most} 小時", "Would reach {hours} h that day, over {most} h")
            return Breach("hours", words.fill(hours=f"{hours:g}", most=duty.max_hours_a_day))
        day += DAY
    at = jobs.index(period)
    for one, other in pairwise(jobs[max(0, at - 1) : at + 2]):
        if short := _too_little_rest(one, other, duty):
            return Breach("rest", short)
    week = midnight(period.starts_at) - timedelta(days=local(period.starts_at).weekday())
    while week < period.ends_at:
        if (hours := _hours(jobs, week, week + 7 * DAY, duty)) > duty.max_hours_a_week:
            words = Words("當週將達 {hours} 小時，超過 {most} 小時", "Would reach {hours} h that week, over {most} h")
            return Breach("week", words.fill(hours=f"{hours:g}", most=duty.max_hours_a_week))
        week += 7 * DAY
    return _no_break(jobs, at, duty)


def midnight(moment: datetime) -> datetime:
    """The Taipei midnight before `moment`, as an instant."""
    return local(moment).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(moment.tzinfo)


def share(job: Period, starts_at: datetime, ends_at: datetime) -> timedelta:
    """How much of `job` lies between two instants."""
    return max(timedelta(), min(job.ends_at, ends_at) - max(job.starts_at, starts_at))


def _hours(jobs: list[Period], starts_at: datetime, ends_at: datetime, duty: Duty) -> float:
    total = timedelta()
    for job in jobs:
        if job.ends_at <= starts_at or job.starts_at >= ends_at:
            continue
        if job.duration < DAY:
            total += share(job, starts_at, ends_at)
            continue
        day = max(starts_at, midnight(job.starts_at))
        while day < min(ends_at, job.ends_at):
            total += min(share(job, day, day + DAY), duty.hours_a_day_away * HOUR)
            day += DAY
    return total / HOUR


def _too_little_rest(one: Period, other: Period, duty: Duty) -> Words | None:
    gap = other.starts_at - one.ends_at
    if local(one.starts_at).date() == local(other.starts_at).date() or gap >= duty.min_rest_hours * HOUR:
        return None
    words = Words(
        "前後兩日只隔 {hours} 小時，休息至少 {least} 小時", "Only {hours} h between two days’ work, at least {least} h"
    )
    return words.fill(hours=f"{gap / HOUR:g}", least=duty.min_rest_hours)


def _no_break(jobs: list[Period], at: int, duty: Duty) -> Breach | None:
    """Several jobs one after another without a break between; a single long job has its breaks in it."""
    short = timedelta(minutes=duty.break_minutes)
    first = last = at
    while first and jobs[first].starts_at - jobs[first - 1].ends_at < short:
        first -= 1
    while last + 1 < len(jobs) and jobs[last + 1].starts_at - jobs[last].ends_at < short:
        last += 1
    hours = (jobs[last].ends_at - jobs[first].starts_at) / HOUR
    if first == last or hours <= duty.max_hours_in_a_row:
        return None
    words = Words(
        "連續 {hours} 小時沒有 {n} 分鐘休息，最多 {most} 小時",
        "{hours} h in a row without a {n}-minute break, {most} h at most",
    )
    return Breach("break", words.fill(hours=f"{hours:g}", n=duty.break_minutes, most=duty.max_hours_in_a_row))
