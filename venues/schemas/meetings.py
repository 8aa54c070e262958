"""Shapes of meetings in rooms: booking, changing, series, checking in; JSON for the API, flat fields for the pages."""

from typing import Any

from common.schemas import (
    Boolean,
    Choice,
    Clock,
    Date,
    Id,
    Instant,
    Integer,
    List,
    Nested,
    PageQuery,
    Schema,
    String,
    Wrong,
    validates_schema,
)
from common.words import Words
from venues.room_terms import FEATURES, FOUND, MEETING_STATES
from venues.schemas.taken import WithRev

TITLE = {"label": Words("會議名稱", "Title"), "example": "跨局處協調會"}
CHAIR = {"label": Words("主持人", "Chair"), "example": "王科長"}
PEOPLE = {"label": Words("開會人數", "People"), "example": 12}
SETUP = {
    "label": Words("布置時間（分鐘）", "Set-up (minutes)"),
    "description": "kept before the start as well",
    "example": 0,
}
NEEDS = {"label": Words("需要的設備", "Equipment needed"), "example": ["projector"]}
REFRESHMENTS = {"label": Words("會議餐點", "Refreshments"), "example": "便當 12 份（素 2）"}
PRIVATE = {"label": Words("門口不顯示名稱", "Not named on the door"), "example": False}
ROOM = {"label": Words("會議室", "Room"), "example": "12"}
STARTS = {"label": Words("開始時間", "Start"), "example": "2026-12-01T09:00:00+08:00"}
ENDS = {"label": Words("結束時間", "End"), "example": "2026-12-01T10:30:00+08:00"}


class About(Schema):
    """What a meeting is (M-11)."""

    title = String(required=True, max_length=100, metadata=TITLE)
    chair = String(load_default="", max_length=60, metadata=CHAIR)
    attendees = Integer(required=True, min=1, max=2000, metadata=PEOPLE)
    needs = List(Choice(FEATURES), load_default=list, max_length=10, metadata=NEEDS)
    setup_minutes = Integer(min=0, max=480, load_default=0, metadata=SETUP)
    private = Boolean(load_default=False, metadata=PRIVATE)
    refreshments = String(load_default="", max_length=100, metadata=REFRESHMENTS)


class BookMeeting(About):
    """A meeting in a room (M-11). On another agency's reserved day it is held until that agency answers (M-03)."""

    venue_id = Id(required=True, attribute="room_id", metadata=ROOM)
    starts_at = Instant(required=True, metadata=STARTS)
    ends_at = Instant(required=True, metadata=ENDS)


class ChangeMeeting(BookMeeting, WithRev):
    """A meeting as it shall be: all its values, the unchanged ones too (M-05); refreshments stay where none are told."""

    refreshments = String(load_default=None, allow_none=True, max_length=100, metadata=REFRESHMENTS)


class Times(Schema):
    """A day and two times of it, as typed."""

    day = Date(required=True, metadata={"label": Words("日期", "Date")})
    starts = Clock(required=True, metadata={"label": Words("開始時間", "Start")})
    ends = Clock(required=True, metadata={"label": Words("結束時間", "End")})

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["ends"] <= data["starts"]:
            raise Wrong(Words("結束時間要晚於開始時間", "The end must be after the start"), "ends")


class MeetingForm(About, Times):
    """A meeting as typed on a room's page."""


class ChangeForm(MeetingForm, WithRev):
    """A meeting changed on its page."""

    venue_id = Id(required=True, attribute="room_id", metadata=ROOM)


class Release(WithRev):
    """Giving a room back."""


class CheckIn(Schema):
    """Somebody is there."""


class RecordRoomCheck(Schema):
    """How the room was found together after the meeting (M-06)."""

    restored = Boolean(
        load_default=False, metadata={"label": Words("桌椅設備已復原", "Put back as it was"), "example": True}
    )
    clean = Boolean(load_default=False, metadata={"label": Words("已清潔", "Clean"), "example": True})
    damage = String(
        load_default="",
        max_length=500,
        lines=True,
        metadata={"label": Words("損壞", "Damage"), "example": "投影機燈泡"},
    )
    present = String(
        load_default="", max_length=60,
        metadata={"label": Words("會同人員", "Who was there"), "example": "王科員"},
    )  # fmt: skip


class RecordSpotCheck(Schema):
    """What was found in the room during a meeting (M-07)."""

    found = Choice(FOUND, required=True, metadata={"label": Words("抽查結果", "What was found"), "example": "empty"})
    note = String(
        load_default="", max_length=500, lines=True, metadata={"label": Words("說明", "Note"), "example": "無人在場"}
    )


class MeetingQuery(PageQuery):
    """Which meetings."""

    venue_id = Id(load_default=None, metadata=ROOM)


class FreeRoomsQuery(Schema):
    """When, for how many, with what."""

    starts_at = Instant(required=True, metadata=STARTS)
    ends_at = Instant(required=True, metadata=ENDS)
    attendees = Integer(min=1, max=2000, load_default=1, metadata=PEOPLE)
    needs = Choice(FEATURES, load_default=None, metadata={"label": Words("設備", "Equipment"), "example": "projector"})


class MeetingOut(Schema):
    """A meeting in a room."""

    id = Id(required=True)
    rev = Integer(required=True)
    status = Choice(MEETING_STATES, required=True)
    venue_id = Id(required=True, attribute="room_id")
    booked_by_id = Id(required=True)
    agency_id = Id(required=True)
    series_id = Id(allow_none=True, required=True)
    title = String(required=True)
    chair = String(required=True, min_length=0)
    attendees = Integer(required=True)
    needs = List(Choice(FEATURES), required=True)
    setup_minutes = Integer(required=True)
    private = Boolean(required=True)
    refreshments = String(required=True, min_length=0)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    held_until = Instant(
        allow_none=True, required=True, metadata={"description": "the managing agency is asked until then (M-03)"}
    )
    checked_in_at = Instant(allow_none=True, required=True)
    released_at = Instant(allow_none=True)


class RoomCheckOut(Schema):
    """The joint check after a meeting."""

    id = Id(required=True)
    meeting_id = Id(required=True)
    at = Instant(required=True)
    by_id = Id(required=True)
    present = String(required=True, min_length=0)
    restored = Boolean(required=True)
    clean = Boolean(required=True)
    damage = String(required=True, min_length=0, max_length=None)
    in_order = Boolean(required=True)


class SpotCheckOut(Schema):
    """What somebody found who looked into the room."""

    id = Id(required=True)
    meeting_id = Id(required=True)
    at = Instant(required=True)
    by_id = Id(required=True)
    found = Choice(FOUND, required=True)
    note = String(required=True, min_length=0, max_length=None)


class RoomChecksOut(Schema):
    """The joint check after a meeting, null while there is none, and the spot checks."""

    check = Nested(RoomCheckOut, required=True, allow_none=True)
    spot_checks = List(Nested(SpotCheckOut), required=True)


class RoomOut(Schema):
    """A room that is free."""

    id = Id(required=True)
    code = String(required=True, metadata={"example": "n206"})
    name = String(required=True)
    name_en = String(required=True)
    floor = Integer(allow_none=True, required=True)
    max_people = Integer(allow_none=True, required=True)
    features = List(String(), required=True)
    manager_id = Id(allow_none=True, required=True)
    reserved_weekday = Integer(allow_none=True, required=True, metadata={"description": "0 is Monday (M-03)"})
    duty_room = Boolean(required=True, metadata={"description": "closes for disaster duty (M-04)"})


class FreeRoomsOut(Schema):
    """The free rooms, smallest first."""

    items = List(Nested(RoomOut), required=True)
    next = String(allow_none=True, required=True)


# ── Series ────────────────────────────────────────────────────────────────────

EXAMPLE_DATES = [{"date": "2026-12-01"}, {"date": "2026-12-08"}]


class PreviewMeetingSeries(Schema):
    """A series to be: every `every` weeks until a day, or on chosen `days`."""

    venue_id = Id(required=True, attribute="room_id", metadata=ROOM)
    starts_at = Instant(required=True, metadata=STARTS)
    ends_at = Instant(required=True, metadata=ENDS)
    attendees = Integer(required=True, min=1, max=2000, metadata=PEOPLE)
    needs = List(Choice(FEATURES), load_default=list, max_length=10, metadata=NEEDS)
    setup_minutes = Integer(min=0, max=480, load_default=0, metadata=SETUP)
    every = Integer(
        min=1, max=8, load_default=1, metadata={"label": Words("每幾週", "Every so many weeks"), "example": 1}
    )
    until = Date(
        load_default=None, allow_none=True, metadata={"label": Words("到哪一天", "Until"), "example": "2026-12-29"}
    )
    days = List(
        Date(), load_default=list, max_length=60,
        metadata={"label": Words("指定日期", "Chosen dates"), "example": ["2026-12-01", "2026-12-10"]},
    )  # fmt: skip
    holidays = Boolean(
        load_default=False,
        metadata={
            "label": Words("假日也要", "Days off too"),
            "description": "false: days off are marked",
            "example": False,
        },
    )


class SeriesDate(Schema):
    """One date, and the room where it is not the usual one."""

    date = Date(required=True, metadata={"label": Words("日期", "Date"), "example": "2026-12-01"})
    venue_id = Id(load_default=None, allow_none=True, attribute="room_id", metadata=ROOM)


class BookMeetingSeries(BookMeeting):
    """The dates, all or none; with `partial` those that can be had."""

    dates = List(
        Nested(SeriesDate), required=True, min_length=1, max_length=60,
        metadata={"label": Words("日期", "Dates"), "example": EXAMPLE_DATES},
    )  # fmt: skip
    in_part = Boolean(
        load_default=False,
        data_key="partial",
        attribute="partial",
        metadata={"label": Words("登記得到的先登記", "Accept a part"), "example": False},
    )


class CancelMeetingSeries(Schema):
    """From which day on; null: all that are still to come."""

    from_ = Date(
        load_default=None, allow_none=True, data_key="from",
        metadata={"label": Words("從哪一天起", "From"), "example": "2026-12-08"},
    )  # fmt: skip


class MeetingOccurrenceOut(Schema):
    """One date: whether it can be had, else why not and where else."""

    date = Date(attribute="day", required=True)
    starts_at = Instant(attribute="period.starts_at", required=True)
    ends_at = Instant(attribute="period.ends_at", required=True)
    free = Boolean(required=True)
    holiday = String(attribute="holiday.zh", allow_none=True, metadata={"description": "the day off it is"})
    asks = Boolean(required=True, metadata={"description": "the managing agency has to agree (M-03)"})
    why_not = String(attribute="why_not.zh", allow_none=True)
    why_not_en = String(attribute="why_not.en", allow_none=True)
    other_id = Id(attribute="other.id", allow_none=True, metadata={"description": "the nearest room that is free"})


class SeriesPreviewOut(Schema):
    """Every date of a series to be."""

    items = List(Nested(MeetingOccurrenceOut), required=True)


class RefusedOut(Schema):
    """A date that was not booked."""

    date = Date(attribute="day", required=True)
    why = String(attribute="words.zh", required=True)
    why_en = String(attribute="words.en", required=True)


class MeetingSeriesOut(Schema):
    """A series, its meetings, and the dates that could not be had."""

    id = Id(required=True)
    title = String(required=True)
    agency_id = Id(required=True)
    meetings = List(Nested(MeetingOut), required=True)
    refused = List(Nested(RefusedOut), required=True)


class MeetingsOut(Schema):
    """The meetings that were changed."""

    items = List(Nested(MeetingOut), required=True)
    next = String(allow_none=True, required=True)
