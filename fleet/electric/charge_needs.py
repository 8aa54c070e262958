"""What charging is planned from and what comes out: values only.

Time is counted in steps of a quarter of an hour, energy in kWh, power in kW at the post.
"""

from collections.abc import Mapping
from dataclasses import dataclass

HOURS = 0.25
LONGEST = 48  # steps a car may stay at a post (V-75), unless the caller says otherwise
TINY = 1e-4


@dataclass(frozen=True)
class Post:
    """A charging post; `busy` are the steps [from, until) that others have."""

    id: int
    kw: float
    dc: bool = False
    busy: tuple[tuple[int, int], ...] = ()

    def free(self, starts: int, ends: int) -> bool:
        """Whether nobody has any step of [starts, ends)."""
        return not any(first < ends and starts < last for first, last in self.busy)


@dataclass(frozen=True)
class Need:
    """A trip: the car is away in the steps [departs, returns) and draws `kwh`. `weight` is what leaving
    ready counts; 0 for time away that needs no charge (a workshop)."""

    departs: int
    returns: int
    kwh: float
    weight: float = 1.0


@dataclass(frozen=True)
class Plug:
    """One stretch of a post for a car; `kw` is the planned power of each step."""

    post: int
    starts: int
    ends: int
    kw: tuple[float, ...] = ()


@dataclass(frozen=True)
class Car:
    """A car: energy in the battery now, the floor it must come home with, the level (`ceiling`) charging stops at.

    `plugs` are stretches already given to it; `may_plug` false lets nothing be added to them. `here` is the step from
    which it stands at home.
    """

    id: int
    level: float
    floor: float
    ceiling: float
    needs: tuple[Need, ...] = ()
    ac_kw: float = 1e9
    dc_kw: float = 1e9
    plugs: tuple[Plug, ...] = ()
    may_plug: bool = True
    here: int = 0

    def draws(self, post: Post) -> float:
        """What it takes at this post, kW."""
        return min(post.kw, self.dc_kw if post.dc else self.ac_kw)


@dataclass(frozen=True)
class Site:
    """Limit (kW) of all posts together in each step, what a kWh costs there (any unit), and the battery's share of it."""

    limit: tuple[float, ...]
    cost: tuple[float, ...] = ()
    efficiency: float = 1.0
    longest: int = LONGEST

    @property
    def steps(self) -> int:
        return len(self.limit)


@dataclass(frozen=True)
class Outcome:
    """What becomes of one car: its plugs with power, and for each need whether it is met, what lacks (kWh) or is spare."""

    car: Car
    plugs: tuple[Plug, ...]
    ready: tuple[bool, ...]
    short: tuple[float, ...]
    spare: tuple[float, ...]
    ready_at: int | None
    delivered: float


@dataclass(frozen=True)
class Plan:
    """The plan, the site's load (kW) in each step, and how far it may be from the best (`gap`, 0 is proven best)."""

    outcomes: Mapping[int, Outcome]
    load: tuple[float, ...]
    gap: float

    @property
    def met(self) -> int:
        """How many needs are met."""
        return sum(
            ready
            for each in self.outcomes.values()
            for need, ready in zip(each.car.needs, each.ready, strict=True)
            if need.weight > 0
        )

    @property
    def weight_met(self) -> float:
        """The weight of the needs that are met."""
        return sum(
            need.weight * ready
            for each in self.outcomes.values()
            for need, ready in zip(each.car.needs, each.ready, strict=True)
        )

    @property
    def peak(self) -> float:
        return max(self.load, default=0.0)


@dataclass(frozen=True)
class Choice:
    """A stretch a car might get at a kind of post."""

    car: int
    kind: tuple[float, bool]
    starts: int
    ends: int
    kw: float


def gaps(car: Car, site: Site) -> list[tuple[int, int]]:
    """The stretches [from, until) in which the car stands at home."""
    out, at = [], car.here
    for need in car.needs:
        if need.departs > at:
            out.append((at, min(need.departs, site.steps)))
        at = max(at, need.returns)
    if at < site.steps:
        out.append((at, site.steps))
    return out
