"""Charging under a site limit: our plan and our online policy against the four baselines of ACN-Sim, on fixed seeds.

Eighteen posts of 7.04 kW, a day in quarters of an hour, cars that come, want energy and leave. Every contender hands in a
table of kW, and one checker validates it (window, post, site limit, no more than wanted) and counts cars that left with all
they wanted, energy, and the peak. `optimum` knows the whole day; `booked` knows the bookings, learns who really came when
they come (late by up to three quarters, one in twenty not at all) and is measured against an optimum that knew; `online`
knows, like the baselines, only who is plugged in now. Needs acnportal in an environment of its own (bench/README.md).
"""

import random
import sys
import time
import warnings
from dataclasses import dataclass
from datetime import datetime
from statistics import mean
from typing import Any

import numpy as np
from acnportal import acnsim, algorithms
from acnportal.acnsim.events import EventQueue, PluginEvent
from acnportal.acnsim.models import EV, EVSE, Battery
from acnportal.acnsim.network import ChargingNetwork, Current

from fleet.electric.charge_plan import HOURS, Car, Need, Plug, Post, Site, plan

VOLTS, POSTS, STEPS, KW = 220, 18, 96, 7.04
SEEDS = (1, 2, 3)
PATIENCE = 4  # steps after which a car that was booked is no longer expected
CASES = ((45, 60), (45, 45), (60, 40), (60, 30))
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
ONLINE_SECONDS = 5.0
warnings.filterwarnings("ignore")


@dataclass(frozen=True)
class Stay:
    """One car at one post from `comes` until `goes` (steps), wanting `kwh`; `booked` is when it was expected."""

    post: int
    comes: int
    goes: int
    kwh: float
    booked: int


def stays(seed: int, count: int) -> list[Stay]:
    """A day: arrivals until evening, stays of a gamma length, wishes that the post could meet in the time."""
    dice = np.random.default_rng(seed)
    late = random.Random(seed)
    free, out = [0] * POSTS, []
    for at in np.sort(dice.integers(0, 80, count)):
        here = [n for n in range(POSTS) if free[n] <= at]
        if not here:
            continue
        goes = min(int(at) + int(np.clip(dice.gamma(3, 5), 4, 40)), STEPS)
        kwh = float(min(dice.uniform(5, 40), 0.95 * KW * (goes - at) * HOURS))
        free[here[0]] = goes + 1
        if late.random() < 0.05:
            out.append(Stay(here[0], STEPS, goes, kwh, int(at)))  # booked, never comes
            continue
        comes = min(int(at) + late.choice((0, 0, 0, 1, 2, 3)), goes - 2)
        out.append(Stay(here[0], comes, goes, min(kwh, 0.95 * KW * (goes - comes) * HOURS), int(at)))
    return out


def verdict(day: list[Stay], limit: float, table: np.ndarray) -> tuple[float, float, float]:
    """(% of cars with all they wanted, % of energy, peak kW). Fails for a table that breaks a rule."""
    assert table.shape == (len(day), STEPS) and (table >= -1e-6).all()
    assert (table <= KW + 0.01).all(), "a post gave more than it can"
    assert (table.sum(axis=0) <= limit + 0.05).all(), "the site drew more than it may"
    got = table.sum(axis=1) * HOURS
    for n, stay in enumerate(day):
        assert table[n, : stay.comes].sum() < 1e-6 and table[n, stay.goes :].sum() < 1e-6, "charged while away"
        assert got[n] <= stay.kwh + 0.1, "more than wanted"
    wanted = np.array([stay.kwh for stay in day])
    return (
        float((got >= wanted - 0.1).mean() * 100),
        float(got.sum() / wanted.sum() * 100),
        float(table.sum(axis=0).max()),
    )


def solved(cars: list[Car], limit: float, seconds: float, *, early: bool) -> Any:
    posts = [Post(n, KW) for n in range(POSTS)]
    return plan(cars, posts, Site((limit,) * STEPS, longest=STEPS), seconds=seconds, early=early)


def car_of(n: int, stay: Stay, kwh: float, first: int) -> Car:
    """A stay as the plan sees it: fixed at its post, one need at departure."""
    plug = Plug(stay.post, first, stay.goes)
    return Car(n, 0.0, 0.0, kwh, (Need(stay.goes, STEPS, kwh),), plugs=(plug,), may_plug=False, here=first)


def optimum(day: list[Stay], limit: float) -> np.ndarray:
    """The whole day known beforehand."""
    found = solved([car_of(n, stay, stay.kwh, stay.comes) for n, stay in enumerate(day)], limit, SECONDS, early=False)
    return table_of(found, len(day))


def online(day: list[Stay], limit: float, *, bookings: bool) -> np.ndarray:
    """Planned anew at every step, as the baselines are and as our posts are told. With `bookings` those expected count too."""
    table = np.zeros((len(day), STEPS))
    current = table.copy()
    for now in range(STEPS):
        if any(stay.comes <= now < stay.goes for stay in day):
            cars = []
            for n, stay in enumerate(day):
                left = stay.kwh - table[n, :now].sum() * HOURS
                if stay.comes <= now < stay.goes and left > 0.01:
                    cars.append(car_of(n, stay, left, now))
                elif bookings and stay.comes > now and now - stay.booked < PATIENCE:
                    first = max(stay.booked, now + 1)
                    if first < stay.goes - 1:
                        cars.append(car_of(n, stay, stay.kwh, first))
            current = (
                table_of(solved(cars, limit, ONLINE_SECONDS, early=True), len(day)) if cars else np.zeros_like(table)
            )
        for n, stay in enumerate(day):
            if stay.comes <= now < stay.goes:
                table[n, now] = min(current[n, now], max(0.0, stay.kwh - table[n, :now].sum() * HOURS) / HOURS)
    return table


def table_of(found: Any, count: int) -> np.ndarray:
    table = np.zeros((count, STEPS))
    for number, outcome in found.outcomes.items():
        for plug in outcome.plugs:
            table[number, plug.starts : plug.ends] += plug.kw
    return table


def baseline(day: list[Stay], limit: float, rule: Any) -> np.ndarray:
    """One of ACN-Sim's own schedulers."""
    network = ChargingNetwork()
    names = [f"E{n:02d}" for n in range(POSTS)]
    for name in names:
        network.register_evse(EVSE(name, max_rate=KW * 1000 / VOLTS), VOLTS, 0)
    network.add_constraint(Current(names), limit * 1000 / VOLTS, name="site")
    events = [
        PluginEvent(stay.comes, EV(stay.comes, stay.goes, stay.kwh, names[stay.post], f"s{n}", Battery(1000, 0, KW)))
        for n, stay in enumerate(day)
    ]
    simulation = acnsim.Simulator(network, rule, EventQueue(events), datetime(2026, 1, 5), period=15, verbose=False)
    simulation.run()
    rates = simulation.charging_rates * VOLTS / 1000
    table = np.zeros((len(day), STEPS))
    for n, stay in enumerate(day):
        row = rates[names.index(names[stay.post])]
        until = min(stay.goes, len(row))
        table[n, stay.comes : until] = row[stay.comes : until]
    return table


def rules() -> dict[str, Any]:
    """ACN-Sim's four, made anew for each day."""
    sort = algorithms.SortedSchedulingAlgo
    return {
        "EDF": sort(algorithms.earliest_deadline_first),
        "LLF": sort(algorithms.least_laxity_first),
        "FCFS": sort(algorithms.first_come_first_served),
        "round robin": algorithms.RoundRobin(algorithms.first_come_first_served, continuous_inc=1),
    }


def main() -> None:
    """The table: mean over the seeds of % cars ready / % energy / peak kW."""
    columns = ("optimum", "booked", "online", *rules())
    print("| stays, kW | " + " | ".join(columns) + " | s |\n|---" + "|---" * (len(columns) + 1) + "|")
    for count, limit in CASES:
        sums: dict[str, list[tuple[float, float, float]]] = {name: [] for name in columns}
        began = time.perf_counter()
        for seed in SEEDS:
            booked = stays(seed, count)
            here = [n for n, stay in enumerate(booked) if stay.comes < STEPS]
            day = [booked[n] for n in here]
            tables = {
                "optimum": optimum(day, limit),
                "booked": online(booked, limit, bookings=True)[here],
                "online": online(day, limit, bookings=False),
                **{name: baseline(day, limit, rule) for name, rule in rules().items()},
            }
            for name, table in tables.items():
                sums[name].append(verdict(day, limit, table))
        cells = [" / ".join(f"{mean(each):.1f}" for each in zip(*sums[name], strict=True)) for name in columns]
        print(f"| {count}, {limit} | " + " | ".join(cells) + f" | {time.perf_counter() - began:.0f} |", flush=True)


if __name__ == "__main__":
    main()
