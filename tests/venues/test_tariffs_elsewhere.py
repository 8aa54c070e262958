"""The tariffs of seven other halls as data: the engine reproduces their fees, refunds and deadlines, and finds no fault.

Figures are those of rules.md (S-33, S-34, S-36, S-40, S-41) and of the pages named there; what could not be read is
marked `sample` in the data.
"""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from common.words import Words
from venues.refunds import refund
from venues.slots import Chosen, SlotTime
from venues.tariffs import Calendar, Tariff, quote
from venues.tariffs.checking import Known, faults

HALLS = {
    path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "elsewhere").glob("*.json"))
}


def plan_of(hall):
    return tuple(SlotTime(code, starts, ends, Words(zh, en)) for code, starts, ends, zh, en in hall["plan"])


def tariff_of(hall):
    return Tariff.from_data("1", date(2026, 1, 1), hall["tariff"])


def each(of):
    return [pytest.param(hall, row, id=f"{name}-{n}") for name, hall in HALLS.items() for n, row in enumerate(hall[of])]


def chosen(row):
    if "weekly" in row:
        first, slot, weeks = row["weekly"]
        return [Chosen(date.fromisoformat(first) + timedelta(weeks=n), slot) for n in range(weeks)]
    return [Chosen(date.fromisoformat(day), slot) for day, slot in row["on"]]


@pytest.mark.parametrize(("hall", "row"), each("worked"))
def test_a_worked_quote_comes_out_as_that_hall_would_write_it(hall, row):
    price = quote(
        tariff_of(hall), plan_of(hall), chosen(row), row["class"], row.get("overtime", 0), row.get("equipment"),
        event=row.get("event", ""),
    )  # fmt: skip
    assert (price.fee, price.deposit) == (row["fee"], row["deposit"]), row["why"]
    assert price.total == sum(line.amount for line in price.lines)
    assert all(line.rule and line.label.zh and line.label.en for line in price.lines)
    assert len(price.lines) == row.get("lines", len(price.lines))


@pytest.mark.parametrize(("hall", "row"), each("refunds"))
def test_a_refund_follows_that_halls_ladder(hall, row):
    back = refund(tariff_of(hall).refunds, row["fee"], row["deposit"], row["days_before"], row["cause"])
    assert (back.fee, back.deposit) == (row["fee_back"], row["deposit"])


@pytest.mark.parametrize(("hall", "row"), each("pay"))
def test_it_is_paid_by_that_halls_deadline(hall, row):
    approved, first_use = date.fromisoformat(row["approved"]), date.fromisoformat(row["first_use"])
    assert tariff_of(hall).pay.due(approved, first_use, Calendar()) == date.fromisoformat(row["due"])


@pytest.mark.parametrize("name", HALLS)
def test_the_tariff_is_whole_and_names_its_source(name):
    hall = HALLS[name]
    known = Known(
        plan_of(hall), *(frozenset(hall.get(what, ())) for what in ("classes", "events", "equipment", "parts"))
    )
    assert faults(tariff_of(hall), known) == []
    rule, source = hall["source"].split()
    listed = (Path(__file__).parents[2] / "docs/rules.md").read_text(encoding="utf-8")
    assert f"\n| {rule} |" in listed
    assert f"\n- {source} http" in listed
    assert Tariff.from_data("1", date(2026, 1, 1), json.loads(json.dumps(tariff_of(hall).to_data()))) == tariff_of(hall)
