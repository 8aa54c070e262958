"""Reserved days, disaster duty and take-over: who has to leave is told where to, and no slot is lost (M-03, M-04, M-10)."""

from datetime import timedelta

import pytest

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.period import Period
from tests.venues.rooms_helpers import TUESDAY, at, span
from venues import agreements, check_ins, duties, meeting_rooms, takeovers
from venues.models import RoomAgreement


@pytest.fixture
def reserved(meet):
    """0301 is the Secretariat's on Tuesdays."""
    meet.rooms["0301"].reserved_weekday = TUESDAY.weekday()
    meet.rooms["0301"].manager_id = meet.people["officer"].agency_id
    return meet


def question(meet):
    return meet.session.query(RoomAgreement).order_by(RoomAgreement.id.desc()).first()


# --- agreements ------------------------------------------------------------------------------------------------------


def test_on_a_reserved_day_others_ask_and_the_room_is_held_meanwhile(reserved):
    meeting = reserved.book("officer2", room="0301", period=span(day=TUESDAY + timedelta(weeks=1)))
    assert meeting.status == "held" and meeting.held_until == reserved.now + timedelta(hours=48)
    assert [reserved.told("meeting_agreement_asked")[0]["manager_agency_id"], reserved.told("meeting_booked")] == [
        "1",
        [],
    ]
    with pytest.raises(meeting_rooms.RoomTaken):
        reserved.book(room="0301", period=meeting.period)
    own = reserved.book(room="0301", period=span("13:00", "14:00"))
    assert own.status == "booked"
    assert reserved.book("officer2", room="0301", period=span(day=TUESDAY + timedelta(days=1))).status == "booked"


def test_the_managing_agency_agrees_and_the_meeting_stands(reserved):
    meeting = reserved.book("officer2", room="0301")
    for stranger in ("officer2", "staff"):
        with pytest.raises(Forbidden):
            agreements.answer(
                reserved.session, reserved.people[stranger], reserved.now, question(reserved).id, agree=True
            )
    with pytest.raises(NotFound):
        agreements.answer(reserved.session, reserved.people["group"], reserved.now, question(reserved).id, agree=True)
    act = (reserved.session, reserved.people["officer"], reserved.now, question(reserved).id)
    agreements.answer(*act, agree=True, note="可以")
    assert (meeting.status, meeting.held_until) == ("booked", None)
    assert reserved.told("meeting_agreement_answered")[0]["answer"] == "agreed"
    assert len(reserved.told("meeting_booked")) == 1
    with pytest.raises(Conflict):
        agreements.answer(*act, agree=False)


@pytest.mark.parametrize("how", ["declined", "lapsed", "withdrawn"])
def test_without_agreement_the_room_is_free_again(reserved, how):
    meeting = reserved.book("officer2", room="0301")
    if how == "declined":
        agreements.answer(
            reserved.session, reserved.people["supervisor"], reserved.now, question(reserved).id, agree=False
        )
    elif how == "lapsed":
        assert agreements.lapse_due(reserved.session, meeting.held_until - timedelta(seconds=1)) == 0
        assert agreements.lapse_due(reserved.session, meeting.held_until) == 1
    else:
        meeting_rooms.release(reserved.session, reserved.people["officer2"], reserved.now, meeting.id)
    assert question(reserved).answer == how and meeting.released_at is not None
    assert reserved.holders("0301") == []


def test_a_question_that_ran_out_cannot_be_answered_even_before_the_chore(reserved):
    meeting = reserved.book("officer2", room="0301", period=span(day=TUESDAY + timedelta(weeks=1)))
    late = meeting.held_until
    other = reserved.book(room="0301", period=meeting.period, now=late)
    with pytest.raises(Conflict):
        agreements.answer(reserved.session, reserved.people["officer"], late, question(reserved).id, agree=True)
    assert agreements.lapse_due(reserved.session, late) == 1
    assert reserved.holders("0301", meeting.period) == [(other.holder, other.period)]


@pytest.mark.parametrize(
    ("start", "hours", "asks"), [("23:00", 1, False), ("23:00", 2, True), ("08:00", 16, False), ("08:00", 17, True)]
)
def test_a_reserved_day_is_met_on_from_its_midnight_to_its_midnight(reserved, start, hours, asks):
    """A meeting from the evening before into the reserved day asks too; one that ends at its midnight does not (Taipei)."""
    begins = at(TUESDAY - timedelta(days=1), start)
    asked = agreements.needed(reserved.rooms["0301"], 2, Period(begins, begins + timedelta(hours=hours)))
    assert asked is asks
    ends = Period(at(TUESDAY, "23:00"), at(TUESDAY + timedelta(days=1), "01:00"))
    assert agreements.needed(reserved.rooms["0301"], 2, ends)


# --- take-over -------------------------------------------------------------------------------------------------------


def take_over(meet, room="0301", period=None, who="venues", **told):
    wished = {"title": "市政會議", "attendees": 8, "chair": "mayor", "reason": "市長召開", **told}
    act = (meet.session, meet.people[who], meet.now)
    return takeovers.take_over(*act, room_id=meet.rooms[room].id, period=period or span("09:30", "10:30"), **wished)


def test_the_displaced_meeting_gets_the_nearest_room_that_fits_and_all_are_told(meet):
    meeting = meet.book("officer2", room="0301", needs=["projector"], attendees=10)
    shown = takeovers.preview(
        meet.session, meet.people["venues"], meet.now, room_id=meet.rooms["0301"].id, period=span("09:30", "10:30")
    )
    taken, displaced = take_over(meet)
    assert [each.meeting for each in displaced] == [each.meeting for each in shown] == [meeting]
    assert displaced[0].to == shown[0].to and meeting.room.floor == 3
    assert meet.holders("0301") == [(taken.holder, span("09:30", "10:30"))]
    assert meet.holders(meeting.room.code) == [(meeting.holder, span())]
    (told,) = meet.told("meeting_taken_over")
    assert (told["lost"], told["previous_room"], told["reason"]) == (False, "0301 會議室", "市長召開")
    assert taken.priority and meeting.rev == 2


def test_where_nothing_fits_the_meeting_is_told_what_else_is_free(meet):
    meeting = meet.book("officer2", room="wu-san-lien", attendees=250, needs=["mic"])
    _, displaced = take_over(meet, room="wu-san-lien")
    assert (displaced[0].to, meeting.status) == (None, "taken_over")
    assert meet.told("meeting_taken_over")[0]["lost"] is True
    assert [holder for holder, _ in meet.holders("wu-san-lien")] != [meeting.holder]


def test_a_take_over_is_for_the_citys_heads_by_the_day_before_unless_urgent(meet):
    with pytest.raises(Forbidden):
        take_over(meet, who="officer")
    with pytest.raises(Invalid):
        take_over(meet, chair="section_chief")
    today = Period(meet.now + timedelta(hours=2), meet.now + timedelta(hours=3))
    with pytest.raises(Invalid) as refused:
        take_over(meet, period=today)
    assert refused.value.errors[0].field == "urgent"
    take_over(meet, period=today, urgent=True)
    with pytest.raises(takeovers.CannotTakeOver):
        take_over(meet, period=today, urgent=True)


def test_a_take_over_streams_only_where_there_is_the_kit(meet):
    with pytest.raises(Invalid) as refused:
        take_over(meet, needs=["stream"])
    assert refused.value.errors[0].field == "needs" and meet.told("meeting_stream_asked") == []
    taken, _ = take_over(meet, room="n206", needs=["stream"])
    assert [each["meeting_id"] for each in meet.told("meeting_stream_asked")] == [str(taken.id)]


def test_a_room_taken_over_is_not_given_up_because_nobody_checks_in(meet):
    meeting = meet.book("officer2", room="0301")
    taken, _ = take_over(meet)
    assert check_ins.release_unused(meet.session, at(TUESDAY, "09:50")) == 1
    assert (meeting.status, taken.status) == ("unused", "booked")


# --- duty ------------------------------------------------------------------------------------------------------------


def declare(meet, period=None, **told):
    wished = {"reason": "颱風應變", **told}
    act = (meet.session, meet.people["venues"], meet.now)
    return duties.declare(*act, period=period or span("06:00", "22:00"), **wished)


def test_duty_closes_the_three_rooms_and_moves_their_meetings(meet):
    inside, outside = meet.book(room="0204"), meet.book(room="0301")
    duty, displaced = declare(meet)
    assert [each.meeting for each in displaced] == [inside] and (duty.moved, duty.lost) == (1, 0)
    assert inside.room.code not in ("0204", "0205", "0803") and inside.room.max_people >= inside.attendees
    for code in ("0204", "0205", "0803"):
        assert [holder for holder, _ in meet.holders(code)] == [duty.holder]
    with pytest.raises(meeting_rooms.RoomTaken, match="disaster duty"):
        meet.book(room="0205", period=span("12:00", "13:00"))
    assert outside.room.code == "0301"


def test_without_moving_the_meeting_is_given_back_with_rooms_that_are_free(meet):
    meeting = meet.book(room="0204")
    duty, _ = declare(meet, move=False)
    told = meet.told("meeting_taken_over")[0]
    assert (meeting.status, duty.lost, told["lost"]) == ("taken_over", 1, True)
    assert told["offers"] and "0205" not in told["offers"]


def test_a_duty_that_is_lifted_opens_the_rooms_from_that_moment(meet):
    duty, _ = declare(meet)
    duties.lift(meet.session, meet.people["venues"], at(TUESDAY, "12:00"), duty.id)
    assert meet.holders("0204") == [(duty.holder, span("06:00", "12:00"))]
    meet.book(room="0204", period=span("13:00", "14:00"))
    with pytest.raises(Conflict):
        duties.lift(meet.session, meet.people["venues"], at(TUESDAY, "12:30"), duty.id)
