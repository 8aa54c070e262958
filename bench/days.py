"""Days to dispatch, made up from a seed: cars of three kinds and four powertrains, owners, batteries, trips in two peaks."""

from datetime import date, timedelta

import numpy as np

from common.period import Period, taipei
from fleet.plans.dispatch import Ask, Car, Limits
from fleet.plans.planning import Grid, Job, Unit
from fleet.terms import KINDS

DAY = date(2026, 11, 30)
LIMITS = Limits(short_trip_km=60, min_charge_percent=20, max_driver_hours=12)
AGENCIES = 21
COST = {"petrol": 270, "diesel": 250, "hybrid": 160, "electric": 60}
LARGER = {"sedan": 100, "seven_seater": 120, "van9": 140}


def units(cars: int, dice: np.random.Generator) -> list[Unit]:
    """Cars in the order of a list nobody sorted; half of them electric with 120 to 400 km of charge."""
    kinds = dice.choice(list(KINDS), cars, p=[0.7, 0.18, 0.12])
    powers = dice.choice(list(COST), cars, p=[0.3, 0.08, 0.12, 0.5])
    out = []
    for n in range(cars):
        kind, power = str(kinds[n]), str(powers[n])
        electric = power == "electric"
        out.append(
            Unit(
                Car(
                    n + 1, f"C{n + 1:03d}", kind, KINDS[kind].seats, electric,
                    int(dice.integers(6, 11)) * 10 if electric else None,
                    int(dice.choice([200, 280, 350, 420])) if electric else None,
                    cost=COST[power] * LARGER[kind] // 100, owner_id=int(dice.integers(1, AGENCIES + 1)),
                    lent=int(dice.integers(0, 8)),
                )
            )
        )  # fmt: skip
    return out


def jobs(trips: int, dice: np.random.Generator) -> list[Job]:
    """Trips in the order in which they were asked for: morning and early afternoon peaks, gamma lengths (mean three hours)."""
    midnight = taipei(DAY, "00:00")
    out = []
    for n in range(trips):
        peak = dice.random()
        hour = dice.normal(9, 0.8) if peak < 0.45 else dice.normal(13.7, 0.8) if peak < 0.8 else dice.uniform(8, 17)
        start = int(np.clip(round(hour * 4), 7 * 4, 18 * 4)) * 15
        long = int(np.clip(round(dice.gamma(3, 4)), 2, 32)) * 15
        period = Period(midnight + timedelta(minutes=start), midnight + timedelta(minutes=start + long))
        people = int(dice.choice([1, 2, 3, 4, 6, 8], p=[0.2, 0.25, 0.25, 0.18, 0.08, 0.04]))
        km = max(3, round(long / 60 * dice.uniform(8, 25)))
        ask = Ask(period, people, km, agency_id=int(dice.integers(1, AGENCIES + 1)))
        out.append(Job(n + 1, ask, weight=int(dice.choice([1, 1, 1, 3]))))
    return out


def grid(cars: int, trips: int, seed: int) -> Grid:
    """One day of this size."""
    dice = np.random.default_rng(seed)
    return Grid(jobs(trips, dice), units(cars, dice), LIMITS)
