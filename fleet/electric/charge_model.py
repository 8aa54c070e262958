"""The mixed-integer model of a day's charging, solved by HiGHS: pure, values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from fleet.electric.charge_admission import Want, admit
from fleet.electric.charge_needs import HOURS, TINY, Car, Choice, Outcome, Plan, Post, Site, gaps

ROUGH = 0.02
"""A plan proven worse than this is compared with a rounded relaxation."""
USUAL, LEFT_OVER = 100.0, 1.0
"""The haste of those who will not be ready: a step sooner for anybody else outweighs all of it."""
SPARE = 1.7
"""How much a kWh that a car could get in time beyond its need counts beside one that it lacks, when it is told who is filled first."""


@dataclass
class Model:
    """The mixed-integer model: power p[car, step], chosen stretches x, needs met y, shortages s."""

    cars: Sequence[Car]
    choices: Sequence[Choice]
    by_id: Mapping[int, Post]
    posts: Sequence[Post]
    site: Site
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)
    given: Any = None

    def __post_init__(self) -> None:
        self.size = 0
        self.upper: list[float] = []
        self.fixed_kw: list[dict[int, float]] = []
        for car in self.cars:
            held: dict[int, float] = {}
            for plug in car.plugs:
                kw = car.draws(self.by_id[plug.post])
                held.update(dict.fromkeys(range(max(0, plug.starts), min(plug.ends, self.site.steps)), kw))
            self.fixed_kw.append(held)
        self.x = [self._var(1.0) for _ in self.choices]
        over: list[dict[int, list[int]]] = [{} for _ in self.cars]
        for j, choice in enumerate(self.choices):
            for step in range(choice.starts, choice.ends):
                over[choice.car].setdefault(step, []).append(j)
        self.p: list[dict[int, int]] = []
        for n, car in enumerate(self.cars):
            home = {step for first, last in gaps(car, self.site) for step in range(first, last)}
            mine: dict[int, int] = {}
            for step in sorted(home & (set(self.fixed_kw[n]) | set(over[n]))):
                js = over[n].get(step, [])
                fixed = self.fixed_kw[n].get(step, 0.0)
                mine[step] = self._var(max([fixed, *(self.choices[j].kw for j in js)]))
                if js:
                    self._row({mine[step]: 1.0, **{self.x[j]: -self.choices[j].kw for j in js}}, -np.inf, fixed)
            self.p.append(mine)
        self._needs()
        self._limits(over)

    def _var(self, upper: float) -> int:
        self.upper.append(upper)
        self.size += 1
        return self.size - 1

    def _row(self, terms: dict[int, float], low: float, high: float) -> None:
        self.rows.append((terms, low, high))

    def _into(self, n: int, until: int) -> dict[int, float]:
        """The terms of the energy car `n` has got before step `until`."""
        return {var: HOURS * self.site.efficiency for step, var in self.p[n].items() if step < until}

    def _needs(self) -> None:
        self.y: dict[tuple[int, int], int] = {}
        self.s: dict[tuple[int, int], int] = {}
        self.lack: dict[tuple[int, int], float] = {}
        for n, car in enumerate(self.cars):
            drawn = list(accumulate(need.kwh for need in car.needs))
            for k, need in enumerate(car.needs):
                lack = car.floor + drawn[k] - car.level
                self.lack[n, k] = lack
                if lack > TINY and need.weight > 0:
                    self.y[n, k], self.s[n, k] = self._var(1.0), self._var(lack)
                    self._row({**self._into(n, need.departs), self.s[n, k]: 1.0}, lack, np.inf)
                    self._row({self.s[n, k]: 1.0, self.y[n, k]: lack}, -np.inf, lack)
            for _, last in gaps(car, self.site):
                before = sum(need.kwh for need in car.needs if need.departs < last)
                into = self._into(n, last)
                if into:
                    self._row(into, -np.inf, max(0.0, car.ceiling + before - car.level))

    def _limits(self, over: list[dict[int, list[int]]]) -> None:
        for step in range(self.site.steps):
            terms = {mine[step]: 1.0 for mine in self.p if step in mine}
            if terms:
                self._row(terms, -np.inf, self.site.limit[step])
        for kind in {choice.kind for choice in self.choices}:
            members = [post for post in self.posts if (post.kw, post.dc) == kind]
            for step in range(self.site.steps):
                js = [j for each in over for j in each.get(step, ()) if self.choices[j].kind == kind]
                free = sum(post.free(step, step + 1) for post in members)
                if len(js) > free:
                    self._row({self.x[j]: 1.0 for j in js}, -np.inf, free)
        for n, car in enumerate(self.cars):
            for first, last in gaps(car, self.site):
                js = [j for j, one in enumerate(self.choices) if one.car == n and first <= one.starts < last]
                if len(js) > 1:
                    self._row({self.x[j]: 1.0 for j in js}, -np.inf, 1.0)

    def _aims(self) -> np.ndarray:
        """What each variable costs: needs met far above all, then shortage, then energy, then few, slow and cheap plugs."""
        most = sum(max(0.0, car.ceiling - car.level) + sum(need.kwh for need in car.needs) for car in self.cars)
        light = min([need.weight for car in self.cars for need in car.needs if need.weight > 0] or [1.0])
        cost = np.zeros(self.size)
        for (n, k), var in self.y.items():
            cost[var] = -(20 * most + 10) / light * self.cars[n].needs[k].weight
        for var in self.s.values():
            cost[var] = 10.0
        for mine in self.p:
            for var in mine.values():
                cost[var] = -HOURS * self.site.efficiency
        for j, choice in enumerate(self.choices):  # rather few and slow plugs, short ones, off-peak
            price = max(self.site.cost[choice.starts : choice.ends], default=1.0)
            cost[self.x[j]] = 0.05 + choice.kw * 0.002 + (choice.ends - choice.starts) * 0.0005 + price * 0.5
        return cost

    def decide(self, seconds: float, gap: float) -> tuple[list[Choice], float]:
        """Which needs to meet and which stretches to give; keeps the decision. Returns the stretches and the proven gap."""
        cost = self._aims()
        whole = np.zeros(self.size)
        whole[[*self.x, *self.y.values()]] = 1
        found = self._solve(cost, whole, seconds, gap)
        self.given, proven = found.x, float(getattr(found, "mip_gap", None) or 0.0)
        if self.given is None or proven > ROUGH:  # out of time: what the relaxation leans to, with the needs exact
            relaxed = self._solve(cost, np.zeros(self.size), seconds, gap)
            picked = self._leaning(relaxed.x)
            rounded = self._solve(cost, whole, seconds, ROUGH, {var: float(var in picked) for var in self.x})
            if rounded.x is not None and (self.given is None or cost @ rounded.x < cost @ self.given):
                self.given = rounded.x
            if self.given is None:
                self.given = self._solve(cost, np.zeros(self.size), seconds, gap, dict.fromkeys(self.x, 0.0)).x
            best = float(cost @ self.given)
            proven = min(1.0, abs(best - relaxed.fun) / max(1.0, abs(best)))
        return [choice for j, choice in enumerate(self.choices) if self.given[self.x[j]] > 0.5], proven

    def admit(self, seconds: float, gap: float) -> float:
        """Which needs to meet of those plugged in or expected, where others may come unannounced: see `charge_admission`.

        For cars whose stretches are given. Keeps the decision and returns how far it may be from the best for these cars.
        """
        wants = self._wants()
        keys = [key for key, want in wants.items() if want.kwh <= self._room(*key)]
        chosen = {keys[n] for n in admit([wants[key] for key in keys], self.site.limit)}
        cost = self._aims()
        fixed = {var: float(key in chosen) for key, var in self.y.items()}
        found = self._solve(cost, np.zeros(self.size), seconds, gap, fixed)
        if found.x is None:  # a battery too small for its day as a whole
            return self.decide(seconds, gap)[1]
        self.given = found.x
        if len(chosen) == len(self.y):
            return 0.0
        relaxed, best = self._solve(cost, np.zeros(self.size), seconds, gap), float(cost @ found.x)
        return min(1.0, abs(best - relaxed.fun) / max(1.0, abs(best))) if relaxed.x is not None else 1.0

    def _wants(self) -> dict[tuple[int, int], Want]:
        """What each need asks of the posts."""
        share = self.site.efficiency
        kw = [tuple(held.get(step, 0.0) if step in mine else 0.0 for step in range(self.site.steps))
              for held, mine in zip(self.fixed_kw, self.p, strict=True)]  # fmt: skip
        return {
            (n, k): Want(n, self.cars[n].needs[k].departs, self.lack[n, k] / share, kw[n], self.cars[n].needs[k].weight)
            for n, k in self.y
        }

    def _room(self, n: int, k: int) -> float:
        """What fits into the battery before need `k`, at the post."""
        car = self.cars[n]
        drawn = sum(need.kwh for need in car.needs if need.departs < car.needs[k].departs)
        return (car.ceiling + drawn - car.level + TINY) / self.site.efficiency

    def _haste(self, wants: Mapping[tuple[int, int], Want], n: int) -> float:
        """How much sooner a car is filled than others: those that will be ready first, of them whoever has least time for it.

        What is given early cannot be lost to whoever comes unannounced. Of those who will not be ready the nearest to it come
        first, as power that is left over may still make it ready; and last those who are too late whatever they get.
        """
        mine = [(self.given[self.y[key]] > 0.5, want) for key, want in wants.items() if want.car == n]
        if mine and not any(met for met, _ in mine):
            reachable = [want.kwh for _, want in mine if want.slack() >= 0]
            return LEFT_OVER / (1.0 + min(reachable)) if reachable else LEFT_OVER / 100.0
        least = min((want.kwh + SPARE * max(0.0, want.slack()) for met, want in mine if met), default=None)
        return USUAL if least is None else 2 * USUAL + 20 * USUAL / (1.0 + least)

    def _leaning(self, relaxed: np.ndarray) -> set[int]:
        """One stretch a gap at most, the one the relaxation gives most of, as far as posts go round."""
        used: dict[tuple[tuple[float, bool], int], int] = {}
        gone: set[tuple[int, int]] = set()
        out = set()
        for j in sorted(range(len(self.choices)), key=lambda j: -relaxed[self.x[j]]):
            choice = self.choices[j]
            if relaxed[self.x[j]] < 0.05:
                break
            spot = next(
                (choice.car, first)
                for first, last in gaps(self.cars[choice.car], self.site)
                if first <= choice.starts < last
            )
            steps = [(choice.kind, step) for step in range(choice.starts, choice.ends)]
            members = [post for post in self.posts if (post.kw, post.dc) == choice.kind]
            room = all(used.get(key, 0) < sum(post.free(key[1], key[1] + 1) for post in members) for key in steps)
            if spot not in gone and room:
                gone.add(spot)
                out.add(self.x[j])
                used.update({key: used.get(key, 0) + 1 for key in steps})
        return out

    def share(self, early: bool, gap: float) -> Plan:
        """Spread the power of the decision: the same needs met and energy given, in cheap hours under a flat load.

        `early` gives it as soon as it can be given, and to those who will not be ready only what nobody else can take.
        """
        top = self._var(max(self.site.limit, default=0.0) + 1.0)
        rows = list(self.rows)
        for step in range(self.site.steps):
            terms = {mine[step]: 1.0 for mine in self.p if step in mine}
            if terms:
                self._row({**terms, top: -1.0}, -np.inf, 0.0)
        bounds = {var: float(self.given[var]) for var in self.x}
        wants = self._wants() if early else {}
        haste = [self._haste(wants, n) for n in range(len(self.cars))]
        for n, car in enumerate(self.cars):
            if early and haste[n] < USUAL:
                continue
            if self.p[n]:
                whole = self._into(n, self.site.steps)
                self._row(whole, self._worth(whole) - TINY, np.inf)
            for k, need in enumerate(car.needs):
                if (n, k) in self.s:
                    into = self._into(n, need.departs)
                    self._row(into, min(self.lack[n, k], self._worth(into)) - TINY, np.inf)
        cost = np.zeros(self.size)
        for n, mine in enumerate(self.p):
            for step, var in mine.items():
                price = self.site.cost[step] if self.site.cost else 1.0
                late = step / max(1, self.site.steps)
                if not early:
                    cost[var] = HOURS * price + step * 1e-6
                else:
                    cost[var] = haste[n] * (late if haste[n] >= USUAL else late - 1.0)
        cost[top] = 0.0 if early else 0.05
        found = self._solve(cost, np.zeros(self.size), 30.0, 0.0, bounds)
        power = found.x if found.x is not None else np.append(self.given, 0.0)
        self.rows = rows
        return self._told(power, gap)

    def _worth(self, terms: Mapping[int, float]) -> float:
        """What these terms come to in the decision."""
        return sum(float(self.given[var]) * weight for var, weight in terms.items())

    def _solve(
        self, cost: np.ndarray, whole: np.ndarray, seconds: float, gap: float, fixed: Mapping[int, float] | None = None
    ) -> Any:
        if not self.size:
            return SimpleNamespace(x=np.zeros(0), mip_gap=0.0)
        low, high = np.zeros(self.size), np.array(self.upper)
        for var, value in (fixed or {}).items():
            low[var] = high[var] = value
        index = np.repeat(np.arange(len(self.rows)), [len(terms) for terms, _, _ in self.rows])
        column = [var for terms, _, _ in self.rows for var in terms]
        weight = [value for terms, _, _ in self.rows for value in terms.values()]
        held = sparse.csr_array((weight, (index, column)), shape=(len(self.rows), self.size))
        rows = LinearConstraint(held, [least for _, least, _ in self.rows], [most for _, _, most in self.rows])
        limits = {"time_limit": seconds, "mip_rel_gap": gap}
        return milp(
            cost, integrality=whole, bounds=Bounds(low, high), constraints=rows if self.rows else None, options=limits
        )

    def _told(self, power: np.ndarray, gap: float) -> Plan:
        load = np.zeros(self.site.steps)
        outcomes = {}
        for n, car in enumerate(self.cars):
            kw = {step: max(0.0, float(power[var])) for step, var in self.p[n].items()}
            for step, value in kw.items():
                load[step] += value
            plugs = tuple(
                replace(plug, kw=tuple(round(kw.get(step, 0.0), 3) for step in range(plug.starts, plug.ends)))
                for plug in sorted(car.plugs, key=lambda one: one.starts)
            )
            got = [
                sum(value for step, value in kw.items() if step < need.departs) * HOURS * self.site.efficiency
                for need in car.needs
            ]
            over = [got[k] - self.lack[n, k] for k in range(len(car.needs))]
            outcomes[car.id] = Outcome(
                car, plugs,
                tuple(each > -0.01 for each in over), tuple(max(0.0, -each) if each <= -0.01 else 0.0 for each in over),
                tuple(max(0.0, each) for each in over), self._ready_at(n, car, kw),
                sum(kw.values()) * HOURS * self.site.efficiency,
            )  # fmt: skip
        return Plan(outcomes, tuple(round(float(value), 3) for value in load), gap)

    def _ready_at(self, n: int, car: Car, kw: Mapping[int, float]) -> int | None:
        """The step by whose beginning the first need is covered (without a need: by which charging is over)."""
        first = next((k for k, need in enumerate(car.needs) if need.weight > 0), None)
        whole = sum(kw.values()) * HOURS * self.site.efficiency
        lack = self.lack[n, first] if first is not None else whole - TINY
        if lack <= TINY:
            return car.here
        got = 0.0
        for step in sorted(kw):
            got += kw[step] * HOURS * self.site.efficiency
            if got >= lack - 0.01:
                return step + 1 if first is None or step < car.needs[first].departs else None
        return None
