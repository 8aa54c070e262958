"""Who is to be ready when power is short and more cars may come: pure, values in, values out.

Whoever needs least (per unit of weight) is admitted first, as long as all admitted can still be served in time; power given
to a car that leaves without enough is lost to those who come later (Moore and Hodgson's rule, for power instead of machines).
That they can be served is shown by serving them: at every step those with the least to spare first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fleet.electric.charge_needs import HOURS

HAIR = 1e-6


@dataclass(frozen=True)
class Want:
    """`car` is to have got `kwh` (at the post) before step `until`; `kw` is what it can take in each step, 0 while unplugged."""

    car: int
    until: int
    kwh: float
    kw: tuple[float, ...]
    weight: float = 1.0

    def slack(self) -> float:
        """kWh it could get in time beyond what it wants, were the site its own."""
        return sum(self.kw[: self.until]) * HOURS - self.kwh


def admit(wants: Sequence[Want], limit: Sequence[float]) -> set[int]:
    """Positions of wants that can all be met under the site's `limit`; of two rules the one that reaches more weight.

    Least energy per weight first; or the heaviest first and among equals the least energy.
    """
    orders = (
        sorted(range(len(wants)), key=lambda n: (wants[n].kwh / wants[n].weight, n)),
        sorted(range(len(wants)), key=lambda n: (-wants[n].weight, wants[n].kwh, n)),
    )
    found = [_in_turn(wants, limit, order) for order in dict.fromkeys(map(tuple, orders))]
    return max(found, key=lambda chosen: sum(wants[n].weight for n in chosen), default=set())


def _in_turn(wants: Sequence[Want], limit: Sequence[float], order: Sequence[int]) -> set[int]:
    if can_serve(wants, limit):
        return set(order)
    chosen: list[int] = []
    for n in order:
        if wants[n].slack() >= -HAIR and can_serve([wants[each] for each in (*chosen, n)], limit):
            chosen.append(n)
    return set(chosen)


def can_serve(wants: Sequence[Want], limit: Sequence[float]) -> bool:
    """Whether serving those with the least to spare first serves all of them in time. Yes is proven, no is likely."""
    if not wants:
        return True
    kw = np.array([want.kw for want in wants])
    steps = np.arange(kw.shape[1])
    until, car = np.array([want.until for want in wants]), np.array([want.car for want in wants])
    kw[steps >= until[:, None]] = 0
    ahead = np.flip(np.cumsum(np.flip(kw, 1), 1), 1) * HOURS  # what each could still get from this step on
    left = np.array([want.kwh for want in wants])
    for step in steps[np.argmax(kw.any(axis=0)) :]:
        slack = ahead[:, step] - left
        open_ = left > HAIR
        if not open_.any():
            return True
        if slack[open_].min() < -HAIR:
            return False
        rest, given = limit[step], set()
        for n in np.argsort(slack, kind="stable"):
            if left[n] > HAIR and kw[n, step] > 0 and car[n] not in given:
                power = min(kw[n, step], left[n] / HOURS, rest)
                given.add(car[n])
                rest -= power
                left[car == car[n]] -= power * HOURS
                if rest <= HAIR:
                    break
    return bool((left <= HAIR).all())
