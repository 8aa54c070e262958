"""Time: stored in UTC, half-open `[starts_at, ends_at)`, shown in Asia/Taipei (which keeps no summer time)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from common.errors import Invalid
from common.words import Words

TAIPEI = ZoneInfo("Asia/Taipei")

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a datetime without a time zone: guessing one loses bookings."""
    return _in(UTC, moment)


def local(moment: datetime) -> datetime:
    """The same instant on Taipei's clocks. Raises ValueError as `utc` does."""
    return _in(TAIPEI, moment)


def _in(zone: tzinfo, moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone is not an instant")
    return moment.astimezone(zone)


def taipei(day: date, clock: str | time) -> datetime:
    """The UTC instant of a Taipei wall-clock time such as "08:30" (or a `time`) on `day`; "24:00" is the next midnight."""
    if clock == "24:00":
        return taipei(day + timedelta(days=1), time(0))
    wall = time.fromisoformat(clock) if isinstance(clock, str) else clock
    return datetime.combine(day, wall, TAIPEI).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month; a day that month lacks becomes its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def today(now: datetime) -> date:
    """The date on Taipei's calendars at the instant `now`."""
    return local(now).date()


@dataclass(frozen=True, order=True)
class Period:
    """A half-open stretch of time in UTC. A car back at ten can leave at ten.

    Raises Invalid (field `ends_at`) unless it starts before it ends and lies within 1990–2199.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts_at", utc(self.starts_at))
        object.__setattr__(self, "ends_at", utc(self.ends_at))
        if not self.starts_at < self.ends_at:
            raise Invalid(Words("結束時間要晚於開始時間", "The end must be after the start"), field="ends_at")
        if not (self.starts_at >= EARLIEST and self.ends_at <= LATEST):
            raise Invalid(Words("年份不在可預約的範圍", "The year is out of range"), field="starts_at")

    @classmethod
    def of_local(cls, day: date, starts: str, ends: str) -> "Period":
        """The period between two Taipei wall-clock times of one day, e.g. `Period.of_local(day, "08:30", "12:30")`."""
        return cls(taipei(day, starts), taipei(day, ends))

    @classmethod
    def of_day(cls, day: date) -> "Period":
        """The whole Taipei day, midnight to midnight."""
        return cls.of_local(day, "00:00", "24:00")

    def overlaps(self, other: "Period") -> bool:
        """Whether both share an instant; touching ends do not count."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def contains(self, moment: datetime) -> bool:
        """Whether `moment` lies inside; the end itself does not."""
        return self.starts_at <= moment < self.ends_at

    def encloses(self, other: "Period") -> bool:
        """Whether `other` lies wholly inside."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at


def merged(periods: "list[Period]") -> "list[Period]":
    """The same instants as few periods as possible, in order; touching periods become one."""
    out: list[Period] = []
    for period in sorted(periods):
        if out and period.starts_at <= out[-1].ends_at:
            out[-1] = Period(out[-1].starts_at, max(out[-1].ends_at, period.ends_at))
        else:
            out.append(period)
    return out
