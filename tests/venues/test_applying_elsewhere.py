"""When and how much other halls are applied for, as data: the same conditions say what each hall's own rule says.

Three halls of which no fees were read stand in `elsewhere/conditions`; the others have their conditions in their tariff.
"""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from common.words import Words
from tests.venues.test_tariffs_elsewhere import HALLS
from venues.tariffs import Applying, Window
from venues.tariffs.applying import outside, too_many

RULED = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "elsewhere/conditions").glob("*.json"))
}
RULED |= {
    name: {**hall, "applying": hall["tariff"]["applying"]}
    for name, hall in HALLS.items()
    if "applying" in hall["tariff"]
}
OWN = Window()
FIRST = date(2026, 12, 2)
ONE = timedelta(days=1)


def each(of):
    return [
        pytest.param(hall, row, id=f"{name}-{n}")
        for name, hall in RULED.items()
        for n, row in enumerate(hall.get(of, ()))
    ]


def rules_of(hall):
    return Applying.from_data(hall["applying"])


def refused(hall, day, today, who="", emergency=""):
    place = Words(hall["name"], hall["name"])
    return outside(rules_of(hall), OWN, place, day, today, applicant_class=who, emergency=emergency)


@pytest.mark.parametrize(("hall", "row"), each("windows"))
def test_a_day_opens_and_closes_as_that_hall_says_and_the_refusal_names_rule_and_day(hall, row):
    day, who, closes = date.fromisoformat(row["day"]), row["class"], date.fromisoformat(row["closes"])
    rule = hall["source"].split()[0]
    assert refused(hall, day, closes, who) is None
    late = refused(hall, day, closes + ONE, who)
    assert f"（{rule}）" in late.zh and f"{closes.month}月{closes.day}日" in late.zh and f"({rule})" in late.en
    if row["opens"] is None:
        assert refused(hall, day, date(2020, 1, 1), who) is None
        return
    opens = date.fromisoformat(row["opens"])
    assert refused(hall, day, opens, who) is None
    early = refused(hall, day, opens - ONE, who)
    assert f"（{rule}）" in early.zh and f"{opens.month}月{opens.day}日" in early.zh
    assert day <= rules_of(hall).window.last_day(opens, who) and day > rules_of(hall).window.last_day(opens - ONE, who)
    if "emergency" in row:
        last = date.fromisoformat(row["emergency"])
        assert refused(hall, day, last, who, "漏水") is None
        assert f"申請到 {last.month}月{last.day}日" in refused(hall, day, last, who).zh
        assert f"只到 {last.month}月{last.day}日" in refused(hall, day, last + ONE, who, "漏水").zh


@pytest.mark.parametrize(("hall", "row"), [*each("months"), *each("running")])
def test_one_applicant_has_as_many_days_as_that_hall_says(hall, row):
    days = [FIRST + n * ONE for n in range(row["had"] + row["wanted"])]
    said = too_many(rules_of(hall), Words.same(hall["name"]), days[: row["had"]], days[row["had"] :])
    assert (said is None) == row["fits"]
    assert said is None or f"（{hall['source'].split()[0]}）" in said.zh


@pytest.mark.parametrize(("hall", "row"), each("series"))
def test_dates_at_one_time_span_no_more_than_that_hall_says(hall, row):
    assert rules_of(hall).series_until(date.fromisoformat(row["first"])) == date.fromisoformat(row["last"])


@pytest.mark.parametrize(("hall", "row"), each("decide"))
def test_the_decision_is_due_when_that_hall_says(hall, row):
    assert rules_of(hall).decide_by(date.fromisoformat(row["sent"])) == date.fromisoformat(row["by"])


@pytest.mark.parametrize("name", RULED)
def test_the_conditions_name_their_source_and_come_back_as_they_were_kept(name):
    hall = RULED[name]
    rule, source = hall["source"].split()
    listed = (Path(__file__).parents[2] / "docs/rules.md").read_text(encoding="utf-8")
    assert f"\n| {rule} |" in listed and f"\n- {source} " in listed
    rules = rules_of(hall)
    assert rules != Applying() and Applying.from_data(json.loads(json.dumps(rules.to_data()))) == rules
