"""Which car serves which trip when one has to give way: pure, values in, values out, and exact.

A trip asked for is promised a car of its class, not a plate (docs/decisions/0013). So trips whose plate nobody knows
yet may change cars freely, and a request is refused only when no arrangement serves everybody. Telling whether one
exists is a small integer program; what it minimises, in this order: confirmed trips lost, promised trips lost,
confirmed trips that change cars, promised ones that do, and how far down each one's list the car stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from common.period import Period

SECONDS = 10.0
"""After so long a search that has proved nothing gives up. Component by component, a day of 150 trips stays far below."""


@dataclass(frozen=True)
class Need:
    """A trip that needs one car for `period`: those that may serve it, best first; the one it has; whether people know it."""

    id: int
    period: Period
    cars: tuple[int, ...]
    now: int | None = None
    bound: bool = False


@dataclass(frozen=True)
class Binding:
    """Who gets which car, and who gets none."""

    cars: Mapping[int, int]
    lost: tuple[int, ...] = ()

    def changes(self, needs: Iterable[Need]) -> dict[int, int]:
        """Of those that had a car and keep one: the new car of each that changes; and the car of each that had none."""
        return {
            need.id: self.cars[need.id] for need in needs if need.id in self.cars and self.cars[need.id] != need.now
        }


def bind(needs: Sequence[Need], busy: Mapping[int, Sequence[Period]]) -> Binding:
    """The least harmful arrangement of `needs` over the cars, whose times in `busy` cannot be had. Ids are unique."""
    options = _options(needs, busy)
    if (plain := _plainly(needs, options)) is not None:
        return Binding(plain)
    cars: dict[int, int] = {}
    for part in _components(needs, options):
        cars |= _exactly(part, options)
    return Binding(cars, tuple(need.id for need in needs if need.id not in cars))


def serves_all(needs: Sequence[Need], busy: Mapping[int, Sequence[Period]]) -> bool:
    """Whether `bind` would lose nobody; far quicker than finding the best arrangement, and as exact."""
    options = _options(needs, busy)
    return _plainly(needs, options) is not None or all(
        _part_served(part, options) for part in _components(needs, options)
    )


def _options(needs: Sequence[Need], busy: Mapping[int, Sequence[Period]]) -> dict[int, list[int]]:
    return {
        need.id: [car for car in need.cars if not any(need.period.overlaps(other) for other in busy.get(car, ()))]
        for need in needs
    }


def _part_served(part: Sequence[Need], options: Mapping[int, list[int]]) -> bool:
    """Needs of one instant are a matching of needs and cars: it must exist at each, and where one has them all it is enough."""
    for moment in {need.period.starts_at for need in part}:
        together = [need for need in part if need.period.contains(moment)]
        if not _matched(together, options):
            return False
        if len(together) == len(part):
            return True
    return len(_exactly(part, options, aims=1)) == len(part)


def _matched(needs: Sequence[Need], options: Mapping[int, list[int]]) -> bool:
    cars = {car: n for n, car in enumerate({car for need in needs for car in options[need.id]})}
    graph = _sparse([[cars[car] for car in options[need.id]] for need in needs], len(cars))
    return len(cars) >= len(needs) and bool((maximum_bipartite_matching(graph, perm_type="column") >= 0).all())


def _plainly(needs: Sequence[Need], options: Mapping[int, list[int]]) -> dict[int, int] | None:
    """Everyone keeps what they have and the others find something free: then nothing can be less harmful. Else None."""
    given: dict[int, list[Period]] = {}
    out: dict[int, int] = {}

    def put(need: Need, car: int) -> bool:
        taken = given.setdefault(car, [])
        if any(need.period.overlaps(other) for other in taken):
            return False
        taken.append(need.period)
        out[need.id] = car
        return True

    without = []
    for need in needs:
        if need.now not in options[need.id]:
            without.append(need)
        elif need.now is not None and not put(need, need.now):
            return None
    for need in sorted(without, key=lambda each: len(options[each.id])):
        if not any(put(need, car) for car in options[need.id]):
            return None
    return out


def _components(needs: Sequence[Need], options: Mapping[int, list[int]]) -> list[list[Need]]:
    """Needs that cannot be in each other's way, apart: they share no instant, or no car."""
    leader = list(range(len(needs)))

    def led_by(n: int) -> int:
        while leader[n] != n:
            leader[n] = n = leader[leader[n]]
        return n

    cars = [set(options[need.id]) for need in needs]
    for n, one in enumerate(needs):
        for m in range(n):
            if led_by(n) != led_by(m) and one.period.overlaps(needs[m].period) and cars[n] & cars[m]:
                leader[led_by(n)] = led_by(m)
    parts: dict[int, list[Need]] = {}
    for n, need in enumerate(needs):
        parts.setdefault(led_by(n), []).append(need)
    return list(parts.values())


def _exactly(needs: Sequence[Need], options: Mapping[int, list[int]], aims: int = 3) -> dict[int, int]:
    """The optimum as an integer program: one variable per need and car, at most one need on a car at any instant.

    Only the first of the `aims` are pursued; one is enough to know who can be served.
    """
    pairs = [(need, car) for need in needs for car in options[need.id]]
    if not pairs:
        return {}
    column = {(need.id, car): n for n, (need, car) in enumerate(pairs)}
    rows = [[column[need.id, car] for car in options[need.id]] for need in needs if options[need.id]]
    for car in {car for _, car in pairs}:
        mine = [need for need in needs if car in options[need.id]]
        for moment in {need.period.starts_at for need in mine}:  # an overlap begins where one of its periods begins
            together = [column[need.id, car] for need in mine if need.period.contains(moment)]
            if len(together) > 1:
                rows.append(together)
    found = np.zeros(len(pairs))
    fixed: list[LinearConstraint] = []
    at_most_one = LinearConstraint(_sparse(rows, len(pairs)), -np.inf, 1)
    for weights in _aims(pairs, needs)[:aims]:
        answer = milp(
            weights, integrality=np.ones(len(pairs)), bounds=Bounds(0, 1), constraints=[at_most_one, *fixed],
            options={"mip_rel_gap": 0, "time_limit": SECONDS},
        )  # fmt: skip
        if answer.x is None:
            break
        found = np.round(answer.x)
        reached = float(weights @ found)
        fixed.append(LinearConstraint(weights.reshape(1, -1), -np.inf, reached + 0.5))
    return {need.id: car for chosen, (need, car) in zip(found, pairs, strict=True) if chosen}


def _aims(pairs: Sequence[tuple[Need, int]], needs: Sequence[Need]) -> list[np.ndarray]:
    """What is minimised, one after the other, in whole numbers: losses (as what is not served), changes, preferences."""
    much = len(needs) + 1
    served = np.array([-(much if need.bound else 1) for need, _ in pairs], dtype=float)
    changed = [(much if need.bound else 1) * (need.now is not None and car != need.now) for need, car in pairs]
    liked = [need.cars.index(car) for need, car in pairs]
    return [served, np.array(changed, dtype=float), np.array(liked, dtype=float)]


def _sparse(rows: Sequence[Sequence[int]], width: int) -> csr_array:
    ends = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.array([each for row in rows for each in row], dtype=np.int64)
    return csr_array((np.ones(len(columns)), columns, ends), shape=(len(rows), width))
