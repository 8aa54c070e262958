"""Who is plugged in where and when, and with how much power: pure, values in, values out, exact for a day (HiGHS).

Time is counted in steps of a quarter of an hour, energy in kWh, power in kW at the post. A plug is one stretch of one
post (nobody comes at night to swap cables); power within it may rise and fall. What is sought, in this order: the
weighted number of trips whose car leaves with enough (ready for the next trip), the least shortage of the rest, the most
energy, and at last cheap hours under a flat load. A target out of reach gets the best effort and its exact shortage,
never nothing. Within the day the problem is NP-hard; when time is short the best plan found comes with its proven gap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from fleet.electric.charge_model import Model
from fleet.electric.charge_needs import HOURS, LONGEST, TINY, Car, Choice, Need, Outcome, Plan, Plug, Post, Site, gaps

__all__ = ["HOURS", "LONGEST", "Car", "Need", "Outcome", "Plan", "Plug", "Post", "Site", "gaps", "plan", "power"]

ROUNDS = 3


def plan(
    cars: Sequence[Car],
    posts: Sequence[Post],
    site: Site,
    *,
    seconds: float = 10.0,
    gap: float = 1e-4,
    early: bool = False,
) -> Plan:
    """The best plan found in about `seconds`. `early` is for cars that charge now while others may still come: it fills as
    soon as possible instead of cheaply and flatly, and of the stretches given meets the needs that take least energy first.

    Plugs already given are kept and only their power is planned; others are added where they help. Never above the limit.
    """
    by_id = {post.id: post for post in posts}
    barred: set[Choice] = set()
    now = list(cars)
    worst = 0.0
    for _ in range(ROUNDS):
        choices = [] if not posts else [each for each in _choices(now, posts, site) if each not in barred]
        model = Model(now, choices, by_id, posts, site)
        if early and not choices:
            return model.share(early, model.admit(seconds, gap))
        picked, worst = model.decide(seconds, gap)
        if not picked:
            return model.share(early, worst)
        placed, left = _place(picked, now, posts)
        now = [replace(car, plugs=(*car.plugs, *placed.get(n, ()))) for n, car in enumerate(now)]
        taken = [plug for plugs in placed.values() for plug in plugs]
        posts = [_with_busy(post, taken) for post in posts]
        barred |= {each for each in choices if each.kind in {one.kind for one in left} and _same_stretch(each, left)}
        if not left:
            break
    model = Model(now, [], by_id, posts, site)
    again = model.admit(seconds, gap) if early else model.decide(seconds, gap)[1]
    return model.share(early, max(worst, again))


def power(cars: Sequence[Car], posts: Sequence[Post], site: Site, *, seconds: float = 10.0, gap: float = 1e-4) -> Plan:
    """The power of stretches already given, as things stand: cheap and flat while everybody will be ready.

    Where power is short it is given as soon as it can be (`early`), since whoever else comes may need what is left.
    """
    calm = plan(cars, posts, site, seconds=seconds, gap=gap)
    if calm.weight_met == sum(need.weight for car in cars for need in car.needs):
        return calm
    hurried = plan(cars, posts, site, seconds=seconds, gap=gap, early=True)
    return hurried if hurried.weight_met >= calm.weight_met - TINY else calm


def _same_stretch(choice: Choice, left: Iterable[Choice]) -> bool:
    return any(one.starts == choice.starts and one.ends == choice.ends for one in left)


def _with_busy(post: Post, plugs: Iterable[Plug]) -> Post:
    mine = tuple((plug.starts, plug.ends) for plug in plugs if plug.post == post.id)
    return replace(post, busy=(*post.busy, *mine)) if mine else post


def _choices(cars: Sequence[Car], posts: Sequence[Post], site: Site) -> list[Choice]:
    """Stretches worth considering: for each gap and kind of post a few lengths at a few starts, where some post is free."""
    kinds: dict[tuple[float, bool], list[Post]] = {}
    for post in posts:
        kinds.setdefault((post.kw, post.dc), []).append(post)
    out = []
    for n, car in enumerate(cars):
        if not car.may_plug:
            continue
        for first, last in gaps(car, site):
            drawn = sum(need.kwh for need in car.needs if need.departs <= first)
            ahead = next((need.kwh for need in car.needs if need.departs >= last), 0.0)
            if any(plug.starts < last and first < plug.ends for plug in car.plugs):
                continue
            level = max(0.0, car.level - drawn)
            wanted, least = max(0.0, car.ceiling - level), max(0.0, car.floor + ahead - level)
            if wanted < TINY:
                continue
            for kind, members in kinds.items():
                kw = car.draws(members[0])
                rate = kw * HOURS * site.efficiency
                whole, need = (max(1, int(np.ceil(kwh / rate - TINY))) for kwh in (wanted, least))
                sizes = (need, whole, last - first) if least else (whole, last - first)
                lengths = {min(size, last - first, site.longest) for size in sizes}
                for size in sorted(size for size in lengths if size >= 1):
                    spots = {first + (last - first - size) * part // 2 for part in range(3)}
                    out += [
                        Choice(n, kind, start, start + size, kw)
                        for start in sorted(spots)
                        if any(post.free(start, start + size) for post in members)
                    ]
    return out


def _place(
    picked: Sequence[Choice], cars: Sequence[Car], posts: Sequence[Post]
) -> tuple[dict[int, list[Plug]], list[Choice]]:
    """Give each picked stretch a post of its kind: in order of start, the post that was left last (the tightest fit)."""
    placed: dict[int, list[Plug]] = {}
    left = []
    state = {post.id: post for post in posts}
    for choice in sorted(picked, key=lambda one: (one.starts, -one.ends, cars[one.car].id)):
        fitting = [
            post for post in state.values()
            if (post.kw, post.dc) == choice.kind and post.free(choice.starts, choice.ends)
        ]  # fmt: skip
        if not fitting:
            left.append(choice)
            continue
        best = max(
            fitting, key=lambda post: (max((e for _, e in post.busy if e <= choice.starts), default=-1), -post.id)
        )
        plug = Plug(best.id, choice.starts, choice.ends)
        placed.setdefault(choice.car, []).append(plug)
        state[best.id] = _with_busy(best, [plug])
    return placed, left
