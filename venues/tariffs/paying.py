"""Until when is paid, and what comes back of it. Pure.

Both are part of the tariff a booking was made under, so a later change of rules never touches it (S-33, S-34, S-36…S-38).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from common.words import Words
from venues.tariffs.calendar import Calendar

WORKING_DAYS, DAYS, BEFORE_USE = PAY_KINDS = ("working_days", "days", "before_use")

PAY_WORDS = {
    WORKING_DAYS: Words("核准後 {n} 個工作天內", "within {n} working days of the approval"),
    DAYS: Words("核准後 {n} 天內", "within {n} days of the approval"),
    BEFORE_USE: Words("使用日 {n} 天前", "{n} days before the day of use"),
}


@dataclass(frozen=True)
class PayRule:
    """When an approved booking has to be paid: `days` counted the way `kind` says (S-32, S-33, S-34, S-36, S-38)."""

    kind: str = WORKING_DAYS
    days: int = 3
    rule: str = "S-33"
    sample: bool = True

    @property
    def words(self) -> Words:
        return PAY_WORDS[self.kind].fill(n=self.days)

    def due(self, approved: date, first_use: date, calendar: Calendar) -> date:
        """The last day to pay. When a day before the use has gone by already, the next working day after the approval."""
        if self.kind == DAYS:
            return approved + timedelta(days=self.days)
        if self.kind == WORKING_DAYS:
            return calendar.working_day_after(approved, self.days)
        day = first_use - timedelta(days=self.days)
        return day if day > approved else calendar.working_day_after(approved, 1)


@dataclass(frozen=True)
class RefundStep:
    """`percent` of the fee comes back when cancelled at least `days` days before the day of use."""

    days: int
    percent: int


@dataclass(frozen=True)
class RefundLadder:
    """What comes back. `always` are causes that return the whole fee however late (S-36, S-37)."""

    steps: tuple[RefundStep, ...]
    always: frozenset[str]
    rule: str
    always_rule: str
    sample: bool = True

    def percent(self, days_before: int, cause: str) -> int:
        """Percent of the fee that comes back; days count from today to the first day of use."""
        if cause in self.always:
            return 100
        reached = [step.percent for step in self.steps if days_before >= step.days]
        return max(reached, default=0)
