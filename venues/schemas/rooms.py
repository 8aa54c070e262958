"""Shapes of the venue officer's desk for rooms: take-over, duty, agreements, breaches, parameters, a room's card."""

from common.schemas import Boolean, Choice, Clock, Date, Id, Instant, Integer, List, Nested, PageQuery, Schema, String
from common.words import Words
from venues.room_terms import ANSWERS, BREACH_KINDS, CHAIRS, DECISIONS, FEATURES, WEEKDAYS
from venues.schemas.meetings import ENDS, NEEDS, PEOPLE, ROOM, STARTS, TITLE, MeetingOut, Times
from venues.schemas.taken import WithRev

REASON = {"label": Words("原因", "Reason"), "example": "緊急應變會議"}
CHAIRED = {"label": Words("主持人", "Chair"), "example": "deputy_mayor"}
URGENT = {"label": Words("緊急", "Urgent"), "example": False}
MOVE = {"label": Words("移到其他會議室", "Move to other rooms"), "example": True}
JUDGED = {"label": Words("理由", "Reason"), "example": "連占五日"}
LIFTED = {"label": Words("原因", "Reason"), "example": "已改善"}
NOTE = {"label": Words("說明", "Note"), "example": "當天沒有使用計畫"}


class TakeOver(Schema):
    """A room that is booked, for a meeting of the city's heads (M-10)."""

    venue_id = Id(required=True, attribute="room_id", metadata=ROOM)
    starts_at = Instant(required=True, metadata=STARTS)
    ends_at = Instant(required=True, metadata=ENDS)
    title = String(required=True, max_length=100, metadata=TITLE)
    chair = Choice(CHAIRS, required=True, metadata=CHAIRED)
    attendees = Integer(required=True, min=1, max=2000, metadata=PEOPLE)
    needs = List(Choice(FEATURES), load_default=list, max_length=10, metadata=NEEDS)
    reason = String(required=True, max_length=200, metadata=REASON)
    urgent = Boolean(load_default=False, metadata=URGENT)


class TakeOverForm(Times):
    """A take-over as typed."""

    venue_id = Id(required=True, attribute="room_id", metadata=ROOM)
    title = String(required=True, max_length=100, metadata=TITLE)
    chair = Choice(CHAIRS, required=True, metadata=CHAIRED)
    attendees = Integer(required=True, min=1, max=2000, metadata=PEOPLE)
    reason = String(required=True, max_length=200, metadata=REASON)
    urgent = Boolean(load_default=False, metadata=URGENT)


class DeclareDuty(Schema):
    """Disaster duty for a time (M-04); the rooms named, else all duty rooms."""

    starts_at = Instant(required=True, metadata=STARTS)
    ends_at = Instant(required=True, metadata=ENDS)
    reason = String(required=True, max_length=200, metadata=REASON)
    move = Boolean(load_default=True, metadata=MOVE)
    venue_ids = List(
        Id(), load_default=list, max_length=40, attribute="room_ids",
        metadata={"label": Words("會議室", "Rooms"), "example": []},
    )  # fmt: skip


class DutyForm(Schema):
    """Disaster duty as typed."""

    starts_on = Date(required=True, metadata={"label": Words("開始日期", "From")})
    starts = Clock(required=True, metadata={"label": Words("開始時間", "Start")})
    ends_on = Date(required=True, metadata={"label": Words("結束日期", "Until")})
    ends = Clock(required=True, metadata={"label": Words("結束時間", "End")})
    reason = String(required=True, max_length=200, metadata=REASON)
    move = Boolean(load_default=False, metadata=MOVE)


class DisplacedOut(Schema):
    """A meeting that left its room; `to_id` null: none was free."""

    meeting_id = Id(required=True, attribute="meeting.id")
    from_id = Id(required=True, attribute="room.id")
    to_id = Id(allow_none=True, required=True, attribute="to.id", dump_default=None)
    offer_ids = List(Id(), required=True, metadata={"description": "rooms that are free then, where it got none"})


class TakeOverOut(Schema):
    """The meeting that has the room now, and who left it."""

    meeting = Nested(MeetingOut, required=True)
    displaced = List(Nested(DisplacedOut), required=True)


class DutyOut(Schema):
    """A time of disaster duty."""

    id = Id(required=True)
    rev = Integer(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    reason = String(required=True)
    venue_ids = List(Id(), required=True, attribute="room_ids")
    moved = Integer(required=True)
    lost = Integer(required=True)
    lifted_at = Instant(allow_none=True, required=True)


class DutiesOut(Schema):
    """All of them, the newest first."""

    items = List(Nested(DutyOut), required=True)
    next = String(allow_none=True, required=True)


class LiftDuty(WithRev):
    """The duty is over."""


# ── Agreements ────────────────────────────────────────────────────────────────


class AnswerAgreement(WithRev):
    """The managing agency's answer (M-03)."""

    agree = Boolean(required=True, metadata={"label": Words("同意", "Agree"), "example": True})
    note = String(load_default="", max_length=200, metadata=NOTE)


class AgreementQuery(PageQuery):
    """Which questions."""

    waiting = Boolean(load_default=False, metadata={"label": Words("只看等回覆的", "Waiting only"), "example": True})


class AgreementOut(Schema):
    """A question to a managing agency."""

    id = Id(required=True)
    rev = Integer(required=True)
    agency_id = Id(required=True, metadata={"description": "the agency that answers"})
    meeting = Nested(MeetingOut, required=True)
    asked_at = Instant(required=True)
    answer_by = Instant(required=True)
    answer = Choice(ANSWERS, required=True, metadata={"description": "empty while it waits"})
    answered_at = Instant(allow_none=True, required=True)
    note = String(required=True, min_length=0)


# ── Breaches ──────────────────────────────────────────────────────────────────


class FindingOut(Schema):
    """What the history shows and nobody has judged yet (M-07)."""

    key = String(required=True)
    kind = Choice(BREACH_KINDS, required=True)
    person_id = Id(required=True)
    agency_id = Id(required=True)
    meeting_ids = List(Id(), required=True)


class FindingsOut(Schema):
    """All findings."""

    items = List(Nested(FindingOut), required=True)
    next = String(allow_none=True, required=True)


class DecideFinding(Schema):
    """What the venue officer makes of a finding."""

    key = String(
        required=True, max_length=80, metadata={"label": Words("發現", "Finding"), "example": "blocking:3:ab12"}
    )
    decision = Choice(DECISIONS, required=True, metadata={"label": Words("判定", "Decision"), "example": "confirmed"})
    reason = String(required=True, max_length=500, lines=True, metadata=JUDGED)


class LiftBreach(WithRev):
    """Why a stop ends before its time."""

    reason = String(required=True, max_length=500, lines=True, metadata=LIFTED)


class RoomBreachOut(Schema):
    """A finding that was judged."""

    id = Id(required=True)
    rev = Integer(required=True)
    kind = Choice(BREACH_KINDS, required=True)
    person_id = Id(required=True)
    agency_id = Id(required=True)
    meeting_ids = List(Id(), required=True, attribute="evidence")
    decision = Choice(DECISIONS, required=True)
    number = Integer(required=True, metadata={"description": "1 for the first breach; 0 for none"})
    reason = String(required=True, min_length=0, max_length=None)
    decided_at = Instant(required=True)
    stops_until = Instant(allow_none=True, required=True)
    lifted_at = Instant(allow_none=True, required=True)
    lift_reason = String(required=True, min_length=0, max_length=None)


# ── Parameters, a room's card ─────────────────────────────────────────────────


class SetRoomParameter(Schema):
    """A parameter's value from a day on."""

    key = String(required=True, max_length=40, metadata={"label": Words("參數", "Parameter"), "example": "room.grace_minutes"})  # fmt: skip
    value = Integer(required=True, min=0, max=100_000, metadata={"label": Words("數值", "Value"), "example": 15})
    valid_from = Date(required=True, metadata={"label": Words("生效日", "From"), "example": "2027-01-01"})


class RoomParameterOut(Schema):
    """A version of a parameter."""

    key = String(required=True, metadata={"example": "room.days_ahead"})
    value = Integer(required=True, metadata={"example": 90})
    unit = String(required=True, metadata={"example": "days"})
    rule = String(required=True, metadata={"example": "M-02"})
    sample = Boolean(required=True, metadata={"description": "rests on no rule of the city's own"})
    valid_from = Date(required=True)


class RoomParametersOut(Schema):
    """Every version of every parameter, the newest first."""

    items = List(Nested(RoomParameterOut), required=True)
    next = String(allow_none=True, required=True)


class RoomCardForm(Schema):
    """What the venue office keeps of a room."""

    reserved_weekday = Choice(
        {str(n): words for n, words in enumerate(WEEKDAYS)}, load_default=None, allow_none=True,
        metadata={"label": Words("保留日", "Reserved day")},
    )  # fmt: skip
    max_people = Integer(required=True, min=1, max=2000, metadata={"label": Words("座位數", "Seats")})
    features = List(Choice(FEATURES), load_default=list, max_length=10, metadata={"label": Words("設備", "Equipment")})
    duty_room = Boolean(load_default=False, metadata={"label": Words("應變用", "For disaster duty")})


class SetOperators(WithRev):
    """Who books rooms for an agency; nobody: every colleague may (M-09)."""

    person_ids = List(
        Id(), load_default=list, max_length=20,
        metadata={"label": Words("操作人", "Operators"), "example": ["12", "15"]},
    )  # fmt: skip


class SetOperatorsForm(SetOperators):
    """The same, with the agency beside it."""

    agency_id = Id(required=True, metadata={"label": Words("機關", "Agency")})


class OperatorsOut(Schema):
    """The named operators of an agency; none: every colleague may book."""

    agency_id = Id(required=True)
    person_ids = List(Id(), required=True)
    rev = Integer(allow_none=True, required=True, metadata={"description": "null before anybody set it"})
