"""Time around a booking: buffers kept by the venue, and setting up at night with consent (S-08)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from common import reservations
from common.errors import Forbidden, Invalid, NotFound
from common.messages import Outbox
from common.period import Period, taipei
from tests.venues.conftest import DAY, slots
from venues import availability, bookings, cancellations, closures, contests, setting_up, suspending
from venues.holding import SlotTaken
from venues.refusals import NotNow

NIGHT = Period(taipei(DAY - timedelta(days=1), "22:00"), taipei(DAY, "08:30"))


@pytest.fixture
def ask(session, people, now):
    def asking(booking, who="group", purpose="setup", period=NIGHT):
        return setting_up.ask(session, people[who], now, booking.id, purpose=purpose, period=period, why="搭設舞臺")

    return asking


def test_a_night_is_asked_for_consented_to_and_held_with_the_booking(desk, ask, session, people, halls, now):
    booking = desk.apply(chosen=slots("morning"))
    row = ask(booking)
    assert row.state == "asked"
    assert not availability.busy(session, halls["atrium"], NIGHT, now)
    with pytest.raises(Forbidden):
        setting_up.consent(session, people["group"], now, row.id)
    setting_up.consent(session, people["venues"], now, row.id, note="請洽駐警隊")
    assert availability.busy(session, halls["atrium"], NIGHT, now)
    with pytest.raises(SlotTaken):
        desk.apply("officer", chosen=slots("evening", day=DAY - timedelta(days=1)), overtime_minutes=60)
    with pytest.raises(NotNow):
        setting_up.refuse(session, people["venues"], now, row.id, note="晚了")
    desk.pay(desk.insure(desk.approve(booking)))
    assert {held.state for held in reservations.held_by(session, booking.holder)} == {"confirmed"}
    cancellations.cancel(session, people["group"], now, booking.id)
    assert not availability.busy(session, halls["atrium"], NIGHT, now)


def test_taking_it_back_keeps_the_bookings_own_time(desk, ask, session, people, halls, now):
    booking = desk.apply(chosen=slots("morning"))
    row = ask(booking)
    setting_up.consent(session, people["venues"], now, row.id)
    setting_up.take_back(session, people["group"], now, row.id)
    assert not availability.busy(session, halls["atrium"], NIGHT, now)
    assert availability.busy(session, halls["atrium"], booking.period, now)
    with pytest.raises(NotNow):
        setting_up.take_back(session, people["group"], now, row.id)


def test_what_somebody_has_cannot_be_consented_to(desk, ask, session, people, now):
    desk.apply("officer", chosen=slots("evening", day=DAY - timedelta(days=1)), overtime_minutes=60)
    row = ask(desk.apply(chosen=slots("morning")))
    with pytest.raises(SlotTaken):
        setting_up.consent(session, people["venues"], now, row.id)
    assert setting_up.refuse(session, people["venues"], now, row.id, note="前一晚有活動").answer == "前一晚有活動"


@pytest.mark.parametrize(
    ("purpose", "starts", "ends", "field"),
    [
        ("setup", (DAY, "08:00"), (DAY, "09:00"), "ends_at"),
        ("setup", (DAY - timedelta(days=3), "08:00"), (DAY - timedelta(days=3), "09:00"), "starts_at"),
        ("setup", (DAY - timedelta(days=1), "12:00"), (DAY, "08:00"), "ends_at"),
        ("clearing", (DAY, "12:00"), (DAY, "13:00"), "starts_at"),
        ("clearing", (DAY + timedelta(days=1), "10:00"), (DAY + timedelta(days=1), "13:00"), "ends_at"),
    ],
)
def test_a_time_that_is_not_around_the_booking_is_refused_at_its_field(desk, ask, purpose, starts, ends, field):
    booking = desk.apply(chosen=slots("morning"))
    with pytest.raises(Invalid) as refused:
        ask(booking, purpose=purpose, period=Period(taipei(*starts), taipei(*ends)))
    assert refused.value.errors[0].field == field


EVENING_BEFORE = slots("evening", day=DAY - timedelta(days=1))
HELD_NIGHT = {"held": True, "state": "consented"}


def night(session, booking, row, now):
    """Whether the night is held for the booking, and how its consent stands."""
    mine = [each.period for each in reservations.held_by(session, booking.holder)]
    return {"held": any(each.overlaps(NIGHT) for each in mine), "state": row.state}


def told(session):
    """What applicants were told about their set-up times."""
    answers = select(Outbox).where(Outbox.type == "venues.booking_setup_answered.v1").order_by(Outbox.id)
    return [row.data["reason"] for row in session.scalars(answers)]


def test_who_keeps_the_time_after_a_contest_keeps_the_night_too(desk, ask, session, people, now):
    booking = desk.apply(chosen=slots("morning"))
    row = ask(booking)
    setting_up.consent(session, people["venues"], now, row.id)
    rival = desk.apply("officer2", chosen=slots("morning"), may_contest=True)
    assert not night(session, booking, row, now)["held"]
    cancellations.cancel(session, people["officer2"], now, rival.id)
    assert booking.status == "submitted" and night(session, booking, row, now) == HELD_NIGHT


def test_the_night_goes_with_the_contest_to_who_wins_and_the_loser_is_told(desk, ask, session, people, now):
    loser = desk.apply("group", chosen=slots("morning"))
    lost = ask(loser)
    setting_up.consent(session, people["venues"], now, lost.id)
    winner = desk.apply("officer", chosen=slots("morning"), may_contest=True)
    entry = contests.entry_of(session, winner)
    assert contests.close_due(session, entry.contest.closes_at) == 1
    assert (entry.result, lost.state) == ("won", "refused")
    assert "原同意失效" in lost.answer and "原同意失效" in told(session)[-1]


def test_a_night_somebody_took_meanwhile_is_dropped_aloud(desk, ask, session, people, now):
    booking = desk.apply(chosen=slots("morning"))
    row = ask(booking)
    setting_up.consent(session, people["venues"], now, row.id)
    rival = desk.apply("officer2", chosen=slots("morning"), may_contest=True)
    desk.apply("officer", chosen=EVENING_BEFORE, overtime_minutes=60)
    cancellations.cancel(session, people["officer2"], now, rival.id)
    assert night(session, booking, row, now) == {"held": False, "state": "refused"}
    assert "已有人使用" in row.answer and "已有人使用" in told(session)[-1]


@pytest.mark.parametrize("taken", [False, True])
def test_a_restored_booking_has_its_night_again_where_it_is_free(desk, ask, session, people, halls, now, taken):
    booking = desk.confirmed(chosen=slots("morning"))
    row = ask(booking)
    setting_up.consent(session, people["venues"], now, row.id)
    day = Period(taipei(DAY, "00:00"), taipei(DAY, "24:00"))
    closure = closures.close(
        session, people["venues"], now, venue_ids=[halls["atrium"].id], period=day, reason="整修", ground="renovation"
    )
    while suspending.step(session, now):
        pass
    assert booking.status == "suspended" and not night(session, booking, row, now)["held"]
    if taken:
        desk.apply("officer", chosen=EVENING_BEFORE, overtime_minutes=60)
    closures.want_back(session, people["group"], now, booking.id, wanted=True)
    closures.reopen(session, people["venues"], now, closure.id, reason="提前完工", restore=True)
    while suspending.step(session, now):
        pass
    assert booking.status == "confirmed"
    assert night(session, booking, row, now) == ({"held": False, "state": "refused"} if taken else HELD_NIGHT)
    assert {held.state for held in reservations.held_by(session, booking.holder)} == {"confirmed"}


def test_others_neither_see_nor_ask(desk, ask):
    with pytest.raises(NotFound):
        ask(desk.apply(chosen=slots("morning")), who="officer2")


def test_a_venue_keeps_its_buffers_between_bookings(desk, session, people, halls, now):
    halls["atrium"].setup_minutes, halls["atrium"].clear_minutes = 30, 45
    desk.apply(chosen=slots("morning"))
    states = availability.slot_states(session, halls["atrium"], DAY, DAY, now)
    assert [each.state for each in states] == ["held", "held", "free"]  # 45 + 30 minutes do not fit into the gap of 60
    with pytest.raises(SlotTaken) as refused:
        desk.apply("officer", chosen=slots("afternoon"))
    assert "佈置與清場" in refused.value.words.zh
    wanted = bookings.wish(session, people["officer"], now, venue_id=halls["atrium"].id, slots=slots("afternoon"))
    assert not bookings.available(session, wanted, now)
    halls["atrium"].setup_minutes = 15
    assert desk.apply("officer", chosen=slots("afternoon")).status == "submitted"


def test_one_bookings_own_slots_need_no_buffer_between_them(desk, halls, session):
    halls["atrium"].setup_minutes = halls["atrium"].clear_minutes = 60
    assert desk.apply(chosen=slots("morning", "afternoon", "evening")).status == "submitted"


def test_on_the_page_and_as_operations(client, ids):
    group, desk = client(as_="group"), client(as_="venues")
    body = {
        "venue_id": str(ids["atrium"]), "slots": [{"date": "2026-12-12", "slot": "morning"}], "event_name": "展",
        "event_kind": "文化", "attendees": 20,
    }  # fmt: skip
    path = f"/bookings/{group.api('POST', '/bookings', body).get_json()['id']}"
    typed = {"purpose": "setup", "day": "2026-12-11", "starts": "22:00", "ends": "08:30", "why": "搭設舞臺"}
    wrong = group.submit(f"{path}/setup", {**typed, "day": "2026-12-01"})
    assert wrong.status_code == 422 and "搭設舞臺" in wrong.get_data(as_text=True)
    assert group.submit(f"{path}/setup", typed).status_code == 303
    row = desk.api("GET", f"{path}/setup").get_json()["items"][0]
    assert (row["state"], row["ends_at"]) == ("asked", "2026-12-12T08:30:00+08:00")
    assert "搭設舞臺" in desk.get(path).get_data(as_text=True)
    assert group.api("POST", f"/setup/{row['id']}/consent", {}).status_code == 403
    assert desk.submit(f"/setup/{row['id']}/consent", {"rev": row["rev"]}).status_code == 303
    assert "已同意" in group.get(path).get_data(as_text=True)
    stale = desk.api("POST", f"/setup/{row['id']}/refuse", {"note": "晚了", "rev": row["rev"]})
    assert stale.status_code == 409
    assert group.api("POST", f"/setup/{row['id']}/take-back", {}).get_json()["state"] == "taken_back"
    assert client(as_="officer2").api("GET", f"{path}/setup").status_code == 404
