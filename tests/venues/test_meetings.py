"""A meeting's life after booking: changed in place, in series, checked in to, given up when nobody comes (M-02, M-05, M-10)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from common.period import Period, local
from tests.venues.rooms_helpers import TUESDAY, at, span
from venues import check_ins, meeting_changes, meeting_rooms, meeting_series, room_rules
from venues.meeting_series import days_of


def changed(meet, meeting, who="officer", now=None, period=None, room=None, **told):
    kept = {
        "title": meeting.title, "attendees": meeting.attendees, "chair": meeting.chair, "needs": meeting.needs,
        "setup_minutes": meeting.setup_minutes, "private": meeting.private,
    }  # fmt: skip
    return meeting_changes.change(
        meet.session, meet.people[who], now or meet.now, meeting.id, period=period or meeting.period,
        room_id=meet.rooms[room].id if room else meeting.room_id, **{**kept, **told},
    )  # fmt: skip


# --- changing --------------------------------------------------------------------------------------------------------


def test_a_meeting_moves_in_one_step_and_tells_where_it_was(meet):
    meeting = meet.book()
    changed(meet, meeting, period=span("14:00", "15:30"), room="0301", title="改期會議")
    assert meet.holders("n206") == []
    assert meet.holders("0301") == [(meeting.holder, span("14:00", "15:30"))]
    (told,) = meet.told("meeting_moved")
    assert (told["previous_room"], told["room"], told["title"], told["rev"]) == (
        "N206 會議室",
        "0301 會議室",
        "改期會議",
        2,
    )


def test_a_meeting_that_cannot_move_keeps_its_place(meet):
    meeting, other = meet.book(), meet.book("officer2", period=span("14:00", "15:00"))
    with pytest.raises(meeting_rooms.RoomTaken) as refused:
        changed(meet, meeting, period=span("14:30", "15:30"), title="不會改")
    assert "14:00–15:00" in refused.value.words.zh
    assert meet.holders("n206") == [(meeting.holder, span()), (other.holder, span("14:00", "15:00"))]
    meet.session.refresh(meeting)
    assert (meeting.title, meeting.starts_at, meet.told("meeting_moved")) == ("協調會", span().starts_at, [])


def test_a_meeting_may_be_made_longer_into_its_own_time(meet):
    meeting = meet.book()
    changed(meet, meeting, period=span("09:30", "11:00"))
    assert meet.holders("n206") == [(meeting.holder, span("09:30", "11:00"))]


def test_set_up_time_is_kept_before_the_meeting(meet):
    meet.book(period=span("10:00", "11:00"), setup_minutes=30)
    with pytest.raises(meeting_rooms.RoomTaken):
        meet.book("officer2", period=span("09:00", "10:00"))
    meet.book("officer2", period=span("09:00", "09:30"))


def test_a_running_meeting_may_only_end_at_another_time(meet):
    meeting = meet.book(period=span("09:00", "10:00"))
    during = at(TUESDAY, "09:30")
    with pytest.raises(Invalid):
        changed(meet, meeting, now=during, period=span("09:00", "10:00"), room="0301")
    changed(meet, meeting, now=during, period=span("09:00", "11:00"))
    assert meet.holders("n206") == [(meeting.holder, span("09:00", "11:00"))]


def test_a_stranger_and_a_stale_page_change_nothing(meet):
    meeting = meet.book()
    with pytest.raises(NotFound):
        changed(meet, meeting, who="officer2")
    with pytest.raises(Forbidden):
        changed(meet, meeting, who="auditor")
    changed(meet, meeting, title="第一次")
    with pytest.raises(Stale):
        changed(meet, meeting, title="舊頁面", rev=1)


def test_what_a_room_lacks_is_said_at_the_field(meet):
    with pytest.raises(Invalid) as refused:
        meet.book(room="0301", needs=["stream"])
    assert refused.value.errors[0].field == "needs"
    with pytest.raises(Invalid, match="Ask for a live stream 3 days before"):
        meet.book(needs=["stream"])
    meet.book(needs=["stream"], period=span(day=TUESDAY + timedelta(days=3)))
    assert len(meet.told("meeting_stream_asked")) == 1


# --- series ----------------------------------------------------------------------------------------------------------


@given(first=st.dates(date(2026, 1, 1), date(2027, 1, 1)), weeks=st.integers(0, 30), every=st.integers(1, 8))
def test_a_series_keeps_its_weekday_and_its_step(first, weeks, every):
    days = days_of(first, first + timedelta(weeks=weeks), every)
    assert days[0] == first and days == sorted(set(days))
    assert all((day - first).days % (7 * every) == 0 for day in days)
    assert first + timedelta(weeks=weeks) - days[-1] < timedelta(weeks=every)


def preview(meet, **told):
    wished = {"room_id": meet.rooms["n206"].id, "period": span(), "attendees": 10, **told}
    return meeting_series.preview(meet.session, meet.people["officer"], meet.now, **wished)


def send(meet, days, partial=False, **told):
    wished = {"room_id": meet.rooms["n206"].id, "period": span(), "title": "週會", "attendees": 10, **told}
    dates = [day if isinstance(day, dict) else {"date": day} for day in days]
    return meeting_series.send(meet.session, meet.people["officer"], meet.now, dates=dates, partial=partial, **wished)


def test_every_date_its_collision_and_the_nearest_other_room_are_shown_before_sending(meet):
    second = TUESDAY + timedelta(weeks=1)
    meet.book("officer2", period=span("08:30", "09:30", day=second))
    found = preview(meet, until=TUESDAY + timedelta(weeks=3), needs=["mic"])
    assert [(each.day, each.free) for each in found] == [(TUESDAY + timedelta(weeks=n), n != 1) for n in range(4)]
    assert found[1].other in (meet.rooms["wu-san-lien"], meet.rooms["liu-ming-chuan"])
    assert "N206" in found[1].why_not.zh
    chosen = preview(meet, days=[date(2026, 12, 25), date(2026, 12, 10)])
    assert [(each.day, bool(each.holiday)) for each in chosen] == [
        (TUESDAY, False), (date(2026, 12, 10), False), (date(2026, 12, 25), True),
    ]  # fmt: skip


def test_all_dates_or_none_unless_the_person_accepts_a_part(meet):
    days = [TUESDAY + timedelta(weeks=n) for n in range(3)]
    meet.book("officer2", period=span(day=days[1]))
    with pytest.raises(meeting_series.SomeCollide) as refused, meet.session.begin_nested():
        send(meet, days)
    assert [each.day for each in refused.value.refused] == [days[1]]
    assert meet.holders("n206") == []
    series, left_out = send(meet, days, partial=True)
    assert [local(each.starts_at).date() for each in series.meetings] == [days[0], days[2]]
    assert [each.day for each in left_out] == [days[1]]
    other, _ = send(meet, [{"date": days[1], "room_id": meet.rooms["0301"].id}], attendees=5)
    assert other.meetings[0].room is meet.rooms["0301"]


def test_one_or_all_that_follow_are_cancelled(meet):
    days = [TUESDAY + timedelta(weeks=n) for n in range(4)]
    series, _ = send(meet, days)
    given = meeting_series.cancel(meet.session, meet.people["officer"], meet.now, series.id, from_=days[2])
    assert [local(each.starts_at).date() for each in given] == days[2:]
    meeting_rooms.release(meet.session, meet.people["officer"], meet.now, series.meetings[0].id)
    assert len(meeting_series.cancel(meet.session, meet.people["officer"], meet.now, series.id)) == 1
    with pytest.raises(Conflict):
        meeting_series.cancel(meet.session, meet.people["officer"], meet.now, series.id)


# --- checking in -----------------------------------------------------------------------------------------------------


def test_a_colleague_checks_in_from_a_quarter_before_until_the_grace_ends(meet):
    meeting = meet.book()
    for early_or_late in ("08:44", "09:15"):
        with pytest.raises(Conflict):
            check_ins.check_in(meet.session, meet.people["staff"], at(TUESDAY, early_or_late), meeting.id)
    with pytest.raises(NotFound):
        check_ins.check_in(meet.session, meet.people["officer2"], at(TUESDAY, "09:00"), meeting.id)
    check_ins.check_in(meet.session, meet.people["staff"], at(TUESDAY, "09:14"), meeting.id)
    assert check_ins.release_unused(meet.session, at(TUESDAY, "09:20")) == 0
    assert meeting.status == "checked_in"


def test_a_room_nobody_comes_to_is_free_at_once_and_counts_as_a_no_show(meet):
    meeting = meet.book()
    assert check_ins.release_unused(meet.session, at(TUESDAY, "09:14")) == 0
    assert check_ins.release_unused(meet.session, at(TUESDAY, "09:15")) == 1
    assert (meeting.status, meet.told("meeting_released_unused")[0]["minutes"]) == ("unused", 15)
    later = meet.book("officer2", period=span("09:16", "10:00"), now=at(TUESDAY, "09:15"))
    assert [holder for holder, _ in meet.holders("n206")] == [meeting.holder, later.holder]


def test_without_grace_no_room_is_given_up(meet):
    meet.book()
    told = {"key": "room.grace_minutes", "value": 0, "valid_from": local(meet.now).date()}
    room_rules.set_value(meet.session, meet.people["venues"], meet.now, **told)
    assert check_ins.release_unused(meet.session, at(TUESDAY, "09:50")) == 0


# --- parameters ------------------------------------------------------------------------------------------------------


def test_a_parameter_holds_from_its_day_on_and_only_the_venue_officer_sets_it(meet):
    told = {"key": "room.days_ahead", "value": 30, "valid_from": date(2026, 12, 1)}
    with pytest.raises(Forbidden):
        room_rules.set_value(meet.session, meet.people["officer"], meet.now, **told)
    room_rules.set_value(meet.session, meet.people["venues"], meet.now, **told)
    far = span(day=date(2027, 2, 1))
    meet.book(period=far)
    with pytest.raises(Invalid, match="30 days ahead"):
        meet.book(period=Period(far.starts_at, far.ends_at), now=at(date(2026, 12, 1), "08:00"), room="0301")
    for wrong in ({"value": 0}, {"key": "room.nonsense"}, {"valid_from": date(2026, 11, 22)}):
        with pytest.raises(Invalid):
            room_rules.set_value(meet.session, meet.people["venues"], meet.now, **{**told, **wrong})


def test_rooms_may_be_closed_on_days_off(meet):
    saturday = span(day=date(2026, 11, 28))
    meet.book(period=saturday)
    told = {"key": "room.holidays_open", "value": 0, "valid_from": local(meet.now).date()}
    room_rules.set_value(meet.session, meet.people["venues"], meet.now, **told)
    with pytest.raises(Invalid, match="closed"):
        meet.book(period=saturday, room="0301")
