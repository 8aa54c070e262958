"""Slots of a day (時段) and the time a booking really takes. Pure: values in, values out.

Two chosen slots that follow each other on one day form a run; the gap between them belongs to the run (S-07), and
overtime (S-06) lengthens the last run. What is claimed in the ledger is always the whole run, so that nobody else can
be let into somebody's lunch break or overtime.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from common.errors import Invalid
from common.period import Period
from common.words import Words


@dataclass(frozen=True)
class SlotTime:
    """One slot of a venue's day, in Taipei wall-clock times."""

    code: str
    starts: str
    ends: str
    label: Words

    def on(self, day: date) -> Period:
        """The period this slot takes on `day`."""
        return Period.of_local(day, self.starts, self.ends)


@dataclass(frozen=True, order=True)
class Chosen:
    """One slot somebody asks for."""

    date: date
    slot: str


@dataclass(frozen=True)
class Run:
    """Slots that follow each other on one day."""

    date: date
    slots: tuple[SlotTime, ...]

    @property
    def gaps(self) -> list[tuple[str, str]]:
        """The free gaps inside the run (S-07), as wall-clock times."""
        pairs = zip(self.slots, self.slots[1:], strict=False)
        return [(earlier.ends, later.starts) for earlier, later in pairs if earlier.ends < later.starts]

    def period(self, overtime_minutes: int = 0) -> Period:
        """From the first slot's start to the last one's end, lengthened by the overtime."""
        ends_at = self.slots[-1].on(self.date).ends_at + timedelta(minutes=overtime_minutes)
        return Period(self.slots[0].on(self.date).starts_at, ends_at)


def runs(plan: Sequence[SlotTime], chosen: Iterable[Chosen]) -> list[Run]:
    """The chosen slots as runs, in order of time. The same slot chosen twice counts once.

    Raises Invalid (field `slots`) when none is chosen or one is not in the venue's `plan`.
    """
    place = {slot.code: index for index, slot in enumerate(plan)}
    wanted = set(chosen)
    if not wanted:
        raise Invalid(Words("請至少選一個時段", "Choose at least one slot"), field="slots")
    unknown = sorted({wish.slot for wish in wanted} - set(place))
    if unknown:
        raise Invalid(
            Words("這個場地沒有「{slot}」時段", "This venue has no slot “{slot}”").fill(slot=unknown[0]), field="slots"
        )
    out: list[Run] = []
    for wish in sorted(wanted, key=lambda wish: (wish.date, place[wish.slot])):
        slot = plan[place[wish.slot]]
        last = out[-1] if out else None
        if last and last.date == wish.date and place[last.slots[-1].code] + 1 == place[wish.slot]:
            out[-1] = Run(wish.date, (*last.slots, slot))
        else:
            out.append(Run(wish.date, (slot,)))
    return out


def reserved(plan: Sequence[SlotTime], chosen: Iterable[Chosen], overtime_minutes: int = 0) -> list[Period]:
    """What a booking of `chosen` keeps for itself: each run whole, the last one with its overtime."""
    found = runs(plan, chosen)
    return [run.period(overtime_minutes if run is found[-1] else 0) for run in found]


def working_days_after(day: date, count: int, days_off: Iterable[date]) -> date:
    """The `count`-th working day after `day`: no Saturday, no Sunday, none of `days_off` (C-05)."""
    off = frozenset(days_off)
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in off:
            count -= 1
    return day
