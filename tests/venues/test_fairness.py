"""Unfair use of rooms is found in the history, and only there; the venue officer judges it (M-07, M-08, M-10)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Conflict, Forbidden, NotFound
from common.period import today
from tests.venues.rooms_helpers import TUESDAY, at, span
from venues import check_ins, meeting_rooms, misuse, room_rules
from venues.fairness import Limits, Past, cause_of, findings

LIMITS = Limits(
    block_days=5, block_window_days=14, same_time_rooms=3, rebook_hours=24, rebook_times=2, no_show_times=3, spot_check_times=2
)  # fmt: skip
MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)


def past(number, day=0, room=1, title="審查會", booked=-3.0, hours=2.0, person=7, **told):
    starts = MONDAY + timedelta(days=day)
    when = {
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=hours),
        "booked_at": MONDAY + timedelta(days=booked),
    }
    return Past(number, person, 1, room, title, **{**when, "released_at": None, "ended_as": "", **told})


def given_back(number, released, **told):
    return past(number, released_at=MONDAY + timedelta(days=released), ended_as="given_back", **told)


def kinds(history):
    return [(each.kind, each.meeting_ids) for each in findings(history, LIMITS)]


def test_spot_checks_gone_wrong_are_found_from_the_second_on_and_those_in_order_are_not():
    wrong = [past(n, day=n, title=f"{'甲乙丙'[n]}會", looked_wrong=n != 1) for n in range(3)]
    assert kinds(wrong) == [("spot_check", (0, 2))]
    assert kinds(wrong[:2]) == []
    assert findings(wrong, LIMITS, [("spot_check", 0)]) == []


def test_five_days_for_one_cause_within_two_weeks_are_found_and_a_weekly_meeting_is_not():
    daily = [past(n, day=n, title=f"第{n}次 招標審查（{n}）") for n in range(5)]
    assert kinds(daily) == [("blocking", (0, 1, 2, 3, 4))]
    assert kinds(daily[:4]) == []
    assert kinds([past(n, day=7 * n) for n in range(12)]) == []
    assert kinds([past(n, day=n, title=title) for n, title in enumerate("甲乙丙丁戊")]) == []


def test_what_was_given_back_in_time_blocks_nobody():
    assert kinds([given_back(n, -1, day=n) for n in range(6)]) == []


def test_a_meeting_that_ended_early_was_held_and_counts_as_one():
    early = [given_back(n, n + 1 / 24, day=n) for n in range(5)]
    assert kinds(early) == [("blocking", (0, 1, 2, 3, 4))]


def test_who_frees_the_rest_of_a_meeting_held_nothing_in_reserve():
    """Two meetings that ended early, and a colleague who meets in what was left of them: nobody to blame."""
    rows = [
        row
        for number, day in ((10, 3), (20, 9))
        for row in (given_back(number, day + 1 / 24, day=day), past(number + 1, day=day, booked=day + 1.5 / 24, title="另一個會"))
    ]  # fmt: skip
    assert kinds(rows) == []


def test_several_rooms_at_one_time_for_one_cause_are_found():
    assert kinds([past(n, room=n) for n in range(3)]) == [("same_time", (0, 1, 2))]
    assert kinds([past(n, room=n, day=n) for n in range(3)]) == []


def test_holding_deleting_and_booking_again_is_found_the_second_time():
    def again(number, day, gap=0.5):
        return [
            given_back(number, -2, day=day, booked=-9), past(number + 1, day=day, booked=-2 + gap, title="另一個會"),
        ]  # fmt: skip

    once, twice = again(10, 3), again(20, 9)
    assert kinds(once) == []
    assert kinds([*once, *twice]) == [("rebooking", (10, 11, 20, 21))]
    assert kinds([*again(10, 3, gap=1.5), *again(20, 9, gap=1.5)]) == []
    moved = [*again(10, 3), given_back(20, -2, day=9, booked=-9), past(21, day=10, booked=-1.9)]
    assert kinds(moved) == []


def test_three_rooms_nobody_came_to_are_found_and_what_was_judged_counts_no_more():
    unused = [past(n, day=-n - 1, title=f"會{n}", ended_as="unused", released_at=MONDAY) for n in range(3)]
    assert kinds(unused) == [("no_show", (0, 1, 2))]
    assert findings(unused, LIMITS, [("no_show", 1)]) == []


def test_numbers_and_signs_do_not_make_another_cause():
    assert cause_of("第 3 次工作會議") == cause_of("第４次 工作會議（二）") != cause_of("採購會議")


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3), st.sampled_from("甲乙")), max_size=14), st.randoms())
def test_the_order_of_history_changes_nothing(rows, random):
    history = [past(n, day=day, room=room, title=title) for n, (day, room, title) in enumerate(rows)]
    shuffled = list(history)
    random.shuffle(shuffled)
    found = findings(history, LIMITS)
    assert {each.key for each in findings(shuffled, LIMITS)} == {each.key for each in found}
    assert all(set(each.meeting_ids) <= {row.id for row in history} for each in found)


# --- judged ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_shows(meet):
    """Three rooms of the officer that nobody came to; the moment after."""
    for n in range(3):
        day = TUESDAY + timedelta(days=n)
        meet.book(period=span(day=day))
        check_ins.release_unused(meet.session, at(day, "09:15"))
    return at(TUESDAY + timedelta(days=3), "08:00")


def decide(meet, now, decision="confirmed", who="venues", reason="三次未到"):
    (finding,) = misuse.found(meet.session, now)
    told = {"key": finding.key, "decision": decision, "reason": reason}
    return misuse.decide(meet.session, meet.people[who], now, **told)


def test_a_confirmed_breach_stops_booking_for_thirty_days_and_says_why_and_until_when(meet, no_shows):
    breach = decide(meet, no_shows)
    assert (breach.kind, breach.number, len(breach.evidence)) == ("no_show", 1, 3)
    (told,) = meet.told("room_breach_recorded")
    assert (told["person_id"], told["agency_id"], told["number"]) == (str(meet.people["officer"].id), "1", 1)
    with pytest.raises(misuse.BookingStopped) as stopped:
        meet.book(period=span(day=TUESDAY + timedelta(days=6)), now=no_shows)
    assert "登記後沒有使用" in stopped.value.words.zh and "12月28日" in stopped.value.words.zh
    meet.book("staff", period=span(day=TUESDAY + timedelta(days=6)), now=no_shows)
    meet.book(period=span(day=TUESDAY + timedelta(days=60)), now=at(TUESDAY + timedelta(days=34), "08:00"))
    assert misuse.found(meet.session, no_shows) == []


def test_a_lifted_stop_lets_book_again_and_a_dismissed_finding_stops_nobody(meet, no_shows):
    with pytest.raises(Forbidden):
        decide(meet, no_shows, who="officer")
    breach = decide(meet, no_shows)
    with pytest.raises(NotFound):
        misuse.decide(meet.session, meet.people["admin"], no_shows, key=breach.key, decision="confirmed", reason="再判")
    misuse.lift(meet.session, meet.people["venues"], no_shows, breach.id, reason="已說明")
    assert meet.told("room_breach_lifted")[0]["reason"] == "已說明"
    meet.book(period=span(day=TUESDAY + timedelta(days=6)), now=no_shows)
    with pytest.raises(Conflict):
        misuse.lift(meet.session, meet.people["venues"], no_shows, breach.id, reason="再一次")


def test_a_dismissed_finding_comes_not_back(meet, no_shows):
    decide(meet, no_shows, decision="dismissed")
    assert misuse.found(meet.session, no_shows) == []
    assert meet.told("room_breach_recorded") == []
    assert meeting_rooms.can_meet(meet.people["officer"])
    meet.book(period=span(day=TUESDAY + timedelta(days=6)), now=no_shows)


def test_rooms_booked_as_early_as_can_be_and_not_used_are_found(meet):
    days = [TUESDAY + timedelta(days=87 + n) for n in range(3)]
    for day in days:
        meet.book(period=span(day=day))
        check_ins.release_unused(meet.session, at(day, "09:15"))
    (finding,) = misuse.found(meet.session, at(days[-1] + timedelta(days=2), "09:30"))
    assert (finding.kind, len(finding.meeting_ids)) == ("no_show", 3)


def test_what_was_judged_before_its_meetings_began_stays_judged(meet):
    for n in range(5):
        meet.book(period=span(day=TUESDAY + timedelta(days=80 + n)), title="招標審查")
    decide(meet, meet.now, "dismissed", reason="年度審查")
    assert misuse.found(meet.session, meet.now + timedelta(days=100)) == []


def test_a_first_breach_that_stops_for_no_day_stops_nobody(meet, no_shows):
    room_rules.set_value(
        meet.session, meet.people["venues"], no_shows, key="room.first_breach_days", value=0, valid_from=today(no_shows)
    )  # fmt: skip
    assert decide(meet, no_shows).stops_until is None
    meet.book(now=no_shows, period=span("20:00", "21:00", day=TUESDAY + timedelta(days=3)))


def test_the_last_day_of_a_stop_is_a_whole_one(meet, no_shows):
    until = decide(meet, no_shows).stops_until
    assert until == at(TUESDAY + timedelta(days=3 + 30), "24:00")
    with pytest.raises(misuse.BookingStopped):
        misuse.check_may_book(meet.session, meet.people["officer"], until - timedelta(seconds=1))
    misuse.check_may_book(meet.session, meet.people["officer"], until)
