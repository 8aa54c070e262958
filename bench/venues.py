"""What venues costs to ask: quotes a second, by the atrium's tariff and by one with every kind of condition.

`make bench-venues` prints Markdown. Wishes are drawn from a fixed seed; each contender prices the same ones, and what they
come to is told as a check. Seconds are of the processor. `PARTS="quotes"`, `WISHES` (2000) and `ROUNDS` (3) change the run.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from common.words import Words
from venues import government_calendar
from venues.places import EFFECTIVE_FROM, SLOTS, tariff_data
from venues.slots import Chosen, SlotTime
from venues.tariffs import Calendar, Tariff, quote
from venues.tariffs.checking import Known, faults
from venues.vocabulary import CLASSES, EVENT_KINDS

PARTS = os.environ.get("PARTS", "quotes").split()
WISHES = int(os.environ.get("WISHES", "2000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
PLAN = tuple(SlotTime(code, starts, ends, Words(name, english)) for code, starts, ends, name, english in SLOTS)
EQUIPMENT = ("stage", "sound_set", "light_set")


def crowded() -> dict[str, Any]:
    """A tariff of 60 rates: classes × kinds of day × seasons × slots beside the general rows."""
    data = tariff_data(5000, 1250, 20000, False)
    rates = list(data["rates"])
    amount = 1000
    for of in CLASSES:
        for days in (["weekday"], ["saturday", "sunday"], ["holiday"]):
            for season in (None, ["07-01", "08-31"], ["12-01", "02-15"]):
                amount += 100
                row = {"kind": "slot", "amount": amount, "rule": "S-05", "classes": [of], "days": days}
                rates.append(row | ({"season": season} if season else {}))
    for kind in EVENT_KINDS:
        rates.append(
            {
                "kind": "service",
                "of": "cleaning",
                "amount": 900,
                "rule": "S-05",
                "label": ["清潔", "Cleaning"],
                "events": [kind],
            }
        )
    for code in EQUIPMENT:
        rates.append(
            {
                "kind": "equipment",
                "of": code,
                "amount": 1800,
                "rule": "S-20",
                "label": ["設備", "Set"],
                "days": ["holiday"],
            }
        )
    for slot in ("morning", "afternoon", "evening"):
        rates.append({"kind": "overtime", "amount": 2000, "rule": "S-06", "slots": [slot], "days": ["holiday"]})
    return {**data, "rates": rates}


def wishes(count: int) -> list[dict[str, Any]]:
    """Made-up wishes: one to seven days, one to three slots, sometimes equipment and overtime."""
    dice = random.Random(41)
    out = []
    for _ in range(count):
        first = date(2026, 1, 1) + timedelta(days=dice.randrange(700))
        codes = dice.sample([slot.code for slot in PLAN], dice.randint(1, 3))
        chosen = [
            Chosen(first + timedelta(days=n), code) for n in range(dice.choice((1, 1, 1, 2, 7))) for code in codes
        ]
        lent = {code: 1 for code in EQUIPMENT if dice.random() < 0.3}
        told = {"event": dice.choice(list(EVENT_KINDS)), "people": dice.randint(20, 200)}
        out.append(
            {"chosen": chosen, "applicant_class": dice.choice(list(CLASSES)), "equipment": lent,
             "overtime_minutes": dice.choice((0, 0, 30, 130)), **told}
        )  # fmt: skip
    return out


def measured(work: Callable[[], int]) -> tuple[float, int]:
    """Median seconds of the processor over the rounds, and what the last one came to."""
    seconds, total = [], 0
    for _ in range(ROUNDS):
        began = time.process_time()
        total = work()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds), total


def quotes(asked: Sequence[dict[str, Any]]) -> list[str]:
    """One row for each tariff: quotes a second with the tariff at hand, and with it read from its data each time."""
    marks = {each.day: each.kind for year in (2026, 2027) for each in government_calendar.proposed(year)}
    calendar = Calendar(marks)
    rows = []
    for name, data in (("中庭 · atrium", tariff_data(5000, 1250, 20000, False)), ("細分 · every condition", crowded())):
        made = Tariff.from_data("v", EFFECTIVE_FROM, data)
        known = Known(PLAN, frozenset(CLASSES), frozenset(EVENT_KINDS), frozenset(EQUIPMENT))
        assert not faults(made, known), faults(made, known)[:3]

        def at_hand(made: Tariff = made) -> int:
            return sum(quote(made, PLAN, calendar=calendar, **told).total for told in asked)

        def from_data(data: dict[str, Any] = data) -> int:
            return sum(
                quote(Tariff.from_data("v", EFFECTIVE_FROM, data), PLAN, calendar=calendar, **told).total
                for told in asked
            )

        (fast, total), (slow, again) = measured(at_hand), measured(from_data)
        assert total == again
        rows.append(f"| {name} | {len(made.rates)} | {len(asked) / fast:,.0f} | {len(asked) / slow:,.0f} | {total:,} |")
    return rows


def main() -> None:
    if "quotes" in PARTS:
        print(f"\n{WISHES} wishes, {ROUNDS} rounds, seconds of the processor\n")
        print("| tariff | rates | quotes/s | quotes/s, read from data | NT$ in all |\n|---|---|---|---|---|")
        print("\n".join(quotes(wishes(WISHES))))


if __name__ == "__main__":
    main()
