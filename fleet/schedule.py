"""When inspections and services fall due, and when a car may be retired. Pure: dates and figures in, findings out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from common.period import add_months
from common.roc import rounded
from common.words import Words


def inspection_days(registered_on: date, exempt_years: int, twice_from_years: int) -> Iterator[date]:
    """The set days of periodic inspection (V-53, V-54): none before `exempt_years`, then yearly, from `twice_from_years` half-yearly."""
    months = exempt_years * 12
    while True:
        yield add_months(registered_on, months)
        months += 12 if months < twice_from_years * 12 else 6


def next_inspection(
    registered_on: date, last_done: date | None, *, window_days: int, exempt_years: int, twice_from_years: int
) -> date:
    """The first set day that no inspection covers. One done up to `window_days` before a set day (or later) covers it (V-54)."""
    for day in inspection_days(registered_on, exempt_years, twice_from_years):
        if last_done is None or last_done < day - timedelta(days=window_days):
            return day
    raise AssertionError("the set days never end")


@dataclass(frozen=True)
class Life:
    """What is known of a car's life. NT$, km, km per L or kWh; None where it is not known."""

    age_years: Decimal | None
    km: int
    new_price: int | None
    overhaul: int
    repairs: int
    repair_years: int
    maker: Decimal | None
    actual: Decimal | None
    unfit: bool = False


@dataclass(frozen=True)
class Limits:
    """The limits in force (V-58, V-59)."""

    years: int
    km: int
    overhaul_percent: int
    fuel_over_percent: int
    repair_percent: int


@dataclass(frozen=True)
class Ground:
    """One test: its figure (None: cannot be told), its limit, and whether it is met."""

    code: str
    words: Words
    figure: Decimal | None
    limit: int
    unit: str
    rule: str
    met: bool


def retirement(life: Life, limits: Limits) -> tuple[Ground, ...]:
    """Every test of V-58 and V-59 with its figure; the exact share decides, shown to two decimals (ROUND_HALF_UP)."""

    def share(amount: Decimal | int) -> Decimal | None:
        return Decimal(amount) * 100 / life.new_price if life.new_price else None

    over = (life.maker / life.actual - 1) * 100 if life.maker and life.actual else None
    yearly = share(Decimal(life.repairs) / life.repair_years)
    overhaul, old = share(life.overhaul), life.age_years is not None and life.age_years >= limits.years
    return (
        Ground("age", Words("車齡", "Age"), life.age_years, limits.years, "years", "V-59", old),
        Ground("km", Words("里程", "Odometer"), Decimal(life.km), limits.km, "km", "V-59", life.km >= limits.km),
        Ground(
            "overhaul", Words("一次大修占新車價", "One overhaul, of the price new"), _shown(overhaul), limits.overhaul_percent, "%", "V-58",
            overhaul is not None and overhaul >= limits.overhaul_percent,
        ),
        Ground(
            "fuel", Words("耗能超出原廠", "Consumption over the maker’s"), _shown(over), limits.fuel_over_percent, "%", "V-58",
            over is not None and over > limits.fuel_over_percent,
        ),
        Ground(
            "repairs", Words("近年平均每年修理費占新車價", "Repairs a year, of the price new"), _shown(yearly),
            limits.repair_percent, "%", "V-58",
            yearly is not None and yearly > limits.repair_percent,
        ),
    )  # fmt: skip


def _shown(share: Decimal | None) -> Decimal | None:
    return None if share is None else rounded(share, 2)


def ground_of(grounds: tuple[Ground, ...], unfit: bool) -> str | None:
    """Why the car may be retired: "unfit" (age and km reached, and unfit for use), "beyond_repair", or None (V-58)."""
    met = {each.code for each in grounds if each.met}
    if met & {"overhaul", "fuel", "repairs"}:
        return "beyond_repair"
    return "unfit" if {"age", "km"} <= met and unfit else None
