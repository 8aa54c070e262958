"""How full a battery is along a chain of trips and charging sessions: pure, values in, values out.

A trip's whole draw counts from its start on (nobody knows how much of it is done on the way), a session's energy as it
flows. A level never falls below 0 nor rises above the session's target.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

STEP = timedelta(minutes=15)


@dataclass(frozen=True)
class Battery:
    """`kwh` is what a full one holds, `efficiency` the share of a post's energy that gets into it."""

    kwh: float
    wh_per_km: float
    efficiency: float = 1.0

    @property
    def range_km(self) -> int:
        """The reach of a full battery, km."""
        return int(self.kwh * 1000 // self.wh_per_km)

    def percent_for(self, km: float) -> float:
        """The share of the battery that `km` kilometres draw, in percent."""
        return km * self.wh_per_km / self.kwh / 10

    def km_of(self, kwh: float) -> int:
        """How far `kwh` out of the battery carry, whole km."""
        return int(kwh * 1000 // self.wh_per_km)


@dataclass(frozen=True)
class Draw:
    """A trip: what it takes out of the battery, as a distance."""

    starts_at: datetime
    ends_at: datetime
    km: float
    what: str = ""


@dataclass(frozen=True)
class Fill:
    """A charging session: power (kW at the post) of each quarter of an hour from `starts_at` on, up to a target."""

    starts_at: datetime
    ends_at: datetime
    kw: Sequence[float]
    target_percent: float


def level_at(
    battery: Battery, percent: float, since: datetime, moment: datetime, draws: Iterable[Draw], fills: Iterable[Fill]
) -> float:
    """The level in percent at `moment`, from `percent` at `since` on."""
    level = percent
    for event in _in_order(draws, fills):
        if event.ends_at <= since or event.starts_at >= moment:
            continue
        level = _after(battery, level, since, moment, event)
    return level


def levels_after(
    battery: Battery, percent: float, since: datetime, draws: Iterable[Draw], fills: Iterable[Fill]
) -> list[tuple[Draw, float]]:
    """Each trip that ends after `since`, in order, with the level left when it is over."""
    level, out = percent, []
    for event in _in_order(draws, fills):
        if event.ends_at > since:
            level = _after(battery, level, since, event.ends_at, event)
            if isinstance(event, Draw):
                out.append((event, level))
    return out


def _after(battery: Battery, level: float, since: datetime, until: datetime, event: Draw | Fill) -> float:
    if isinstance(event, Draw):
        return max(0.0, level - battery.percent_for(event.km))
    kwh, start = 0.0, event.starts_at
    for kw in event.kw:
        flows = min(start + STEP, event.ends_at, until) - max(start, since)
        if flows > timedelta():
            kwh += kw * (flows / timedelta(hours=1))
        start += STEP
    filled = level + kwh * battery.efficiency * 100 / battery.kwh
    return max(level, min(filled, event.target_percent))


def _in_order(draws: Iterable[Draw], fills: Iterable[Fill]) -> list[Draw | Fill]:
    return sorted([*draws, *fills], key=lambda event: (event.starts_at, event.ends_at))
