"""Stock: states with a history, counts on any day, nights, dated rules."""

from datetime import date
from decimal import Decimal

import pytest

from common import reservations
from common.errors import Conflict, Invalid
from common.period import add_months, local, today
from common.reservations import Taken
from common.words import Words
from dorms import occupancy, rulebook


def test_occupancy_on_any_day_counts_each_rooms_last_state_by_then(session, people, house, now):
    rooms = house("201", "202", "203")
    occupancy.enter_state(session, now, rooms[0], "let", date(2021, 5, 1))
    occupancy.enter_state(session, now, rooms[1], "awaiting_repair", date(2022, 5, 1))
    occupancy.enter_state(session, now, rooms[0], "to_let", date(2023, 5, 1))
    assert occupancy.count(session, date(2019, 12, 31)).total == 0
    assert occupancy.count(session, date(2021, 4, 30)).states == {"to_let": 3}
    assert occupancy.count(session, date(2021, 5, 1)).states == {"to_let": 2, "let": 1}
    assert occupancy.count(session, date(2022, 5, 1), "xiyuan").states == {"to_let": 1, "let": 1, "awaiting_repair": 1}
    assert occupancy.count(session, date(2023, 5, 1)).states == {"to_let": 2, "awaiting_repair": 1}
    assert occupancy.count(session, date(2023, 5, 1), "elsewhere").total == 0


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(106, 118, "89.8"), (119, 123, "96.7"), (0, 4, "0.0"), (1, 0, None)]
)
def test_shares_are_those_of_the_half_year_reports(part, whole, percent):
    assert occupancy.share(part, whole) == (Decimal(percent) if percent else None)


def test_a_state_cannot_begin_before_the_present_one(session, house, now):
    (room,) = house("201")
    with pytest.raises(Invalid) as refused:
        occupancy.enter_state(session, now, room, "closed", date(2019, 1, 1))
    assert refused.value.errors[0].field == "since"


def test_a_recorded_stay_lets_the_room_and_keeps_its_bed(session, people, house, now):
    (room,) = house("201")
    day = today(now)
    tenancy = occupancy.record_tenancy(session, people["dorms"], now, room, 11, day, date(day.year + 3, 1, 1))
    assert room.state == "let"
    assert occupancy.vacant_rooms(session, "single", tenancy_nights(tenancy), now) == []
    with pytest.raises(Conflict):
        occupancy.record_tenancy(session, people["dorms"], now, room, 12, day, date(day.year + 1, 1, 1))


def tenancy_nights(tenancy):
    return occupancy.nights(tenancy.stay_from, tenancy.stay_until)


def test_nights_are_half_open(session, people, house, now):
    (room,) = house("201")
    day, later = date(2026, 12, 1), date(2026, 12, 15)
    bed = room.beds[0].resource
    reservations.claim(session, "tenancy:1", [(bed, occupancy.nights(day, later))], now=now)
    reservations.claim(session, "tenancy:2", [(bed, occupancy.nights(later, date(2027, 1, 1)))], now=now)
    with pytest.raises(Taken):
        reservations.claim(session, "tenancy:3", [(bed, occupancy.nights(date(2026, 12, 14), later))], now=now)
    assert local(occupancy.nights(day, later).starts_at).hour == 0


def test_dated_rules_change_from_their_day_on(session, people, now):
    from_day = date(2027, 1, 1)
    old = rulebook.point_table(session, "single", date(2026, 12, 31))
    items = [
        {
            "code": "grade",
            "label": "職等",
            "label_en": "Grade",
            "method": "per_grade",
            "parameters": {"each": 3, "max": 45},
            "rule": "D-14",
        }
    ]
    rulebook.add_point_table(session, "single-116", "single", from_day, items, Words("新表", "New"), sample=False)
    assert rulebook.point_table(session, "single", date(2026, 12, 31)) is old
    assert rulebook.point_table(session, "single", from_day).version == "single-116"
    assert rulebook.number(session, rulebook.ACCEPT_DAYS, from_day) == rulebook.Number(15, "D-18", True)
    with pytest.raises(rulebook.NoSuchRule):
        rulebook.number(session, rulebook.ACCEPT_DAYS, date(1990, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 11, 20), 6, date(2027, 5, 20)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
    ],
)
def test_months_end_on_a_day_that_exists(day, months, end):
    assert add_months(day, months) == end
