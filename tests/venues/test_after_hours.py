"""The guards are told of meetings after office hours, once, and again only where something is another (M-06)."""

from datetime import date

import pytest

from common.errors import Invalid
from tests.venues.rooms_helpers import TUESDAY, at, span
from venues import after_hours, meeting_changes, meeting_rooms, room_rules

EVENING = span("18:30", "20:30")


@pytest.fixture
def guarded(meet):
    """Rooms where the guards read as the driver."""
    set_to(meet, "room.guards_person", meet.people["driver"].id)
    return meet


def set_to(meet, key, value):
    act = (meet.session, meet.people["venues"], meet.now)
    return room_rules.set_value(*act, key=key, value=value, valid_from=meet.now.date())


def look(meet, clock="08:00", day=TUESDAY):
    return after_hours.tell_guards(meet.session, at(day, clock))


def heard(meet):
    return [(each["meeting_id"], each["status"], each["guard_id"]) for each in meet.told("meeting_after_hours")]


def test_an_evening_is_told_once_and_a_working_day_is_not(guarded):
    evening, _ = guarded.book(period=EVENING), guarded.book(room="0301", period=span("16:00", "18:00"))
    assert look(guarded, "18:00", date(2026, 11, 23)) == 0, "more than a day ahead"
    assert look(guarded) == 1 and look(guarded, "09:00") == 0
    assert heard(guarded) == [(str(evening.id), "meets", str(guarded.people["driver"].id))]


def test_early_mornings_and_days_off_are_after_hours_too(guarded):
    saturday = date(2026, 11, 28)
    early = guarded.book(period=span("07:30", "09:00"))
    off = guarded.book(period=span("10:00", "11:00", day=saturday))
    look(guarded, "06:00")
    look(guarded, "08:00", saturday)
    assert [told[0] for told in heard(guarded)] == [str(early.id), str(off.id)]


def test_what_moves_is_told_again_and_what_is_given_back_is_taken_back(guarded):
    meeting = guarded.book(period=EVENING)
    look(guarded)
    act = (guarded.session, guarded.people["officer"], at(TUESDAY, "09:00"), meeting.id)
    same = {"room_id": meeting.room_id, "title": meeting.title, "attendees": 10}
    meeting_changes.change(*act, period=EVENING, **{**same, "title": "另一個名稱"})
    assert look(guarded, "09:01") == 0
    meeting_changes.change(*act, period=span("19:00", "21:00"), **same)
    assert look(guarded, "09:02") == 1
    meeting_rooms.release(*act)
    assert look(guarded, "09:03") == 1 and look(guarded, "09:04") == 0
    assert [told[1] for told in heard(guarded)] == ["meets", "meets", "off"]


def test_nobody_is_told_until_somebody_is_set_who_exists(meet):
    meet.book(period=EVENING)
    assert look(meet) == 0
    with pytest.raises(Invalid) as refused:
        set_to(meet, "room.guards_person", 999_999)
    assert refused.value.errors[0].field == "value"
    set_to(meet, "room.office_until_hour", 21)
    set_to(meet, "room.guards_person", meet.people["driver"].id)
    assert look(meet) == 0, "office hours end later now"
