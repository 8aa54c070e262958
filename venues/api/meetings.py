"""Meeting rooms: taken at once, changed, in series, checked in to, listed, given back."""

from typing import Any

from common.period import Period
from common.schemas import page_of
from common.web import now, paged, signed_in
from venues import check_ins, meeting_changes, meeting_rooms, meeting_series, room_checks
from venues.api.door import api
from venues.models import Meeting
from venues.schemas import meetings as shapes


@api.post(
    "/meetings", "bookMeetingRoom", takes=shapes.BookMeeting, gives=shapes.MeetingOut, status=201, allows=signed_in
)
def book_meeting_room(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Take a meeting room at once, first come first served (M-02); held on another agency's reserved day (M-03)."""
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    return meeting_rooms.book(session, person, now(), period=period, **data)


@api.get("/meetings", "listMeetings", query=shapes.MeetingQuery, gives=page_of(shapes.MeetingOut), allows=signed_in)
def list_meetings(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The meetings this person may see, newest first."""
    found = meeting_rooms.visible(person)
    if query["venue_id"]:
        found = found.where(Meeting.room_id == query["venue_id"])
    return paged(session, found, query, Meeting.id)


@api.get("/meetings/<int:meeting_id>", "getMeeting", gives=shapes.MeetingOut, allows=signed_in)
def get_meeting(session: Any, person: Any, meeting_id: int) -> Any:
    """One meeting as it stands."""
    return meeting_rooms.find(session, person, meeting_id)


@api.patch(
    "/meetings/<int:meeting_id>", "changeMeeting", takes=shapes.ChangeMeeting, gives=shapes.MeetingOut, allows=signed_in
)
def change_meeting(session: Any, person: Any, meeting_id: int, data: dict[str, Any]) -> Any:
    """Another time, room, title or number of people; refused, it keeps the place it has (M-05)."""
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    return meeting_changes.change(session, person, now(), meeting_id, period=period, **data)


@api.post(
    "/meetings/<int:meeting_id>/release", "releaseMeetingRoom", takes=shapes.Release, gives=shapes.MeetingOut,
    allows=signed_in,
)  # fmt: skip
def release_meeting_room(session: Any, person: Any, meeting_id: int, data: dict[str, Any]) -> Any:
    """Give a room back at once (M-05)."""
    return meeting_rooms.release(session, person, now(), meeting_id, **data)


@api.post(
    "/meetings/<int:meeting_id>/check-in", "checkInMeeting", takes=shapes.CheckIn, gives=shapes.MeetingOut,
    allows=signed_in,
)  # fmt: skip
def check_in_meeting(session: Any, person: Any, meeting_id: int, data: dict[str, Any]) -> Any:
    """Somebody is in the room; without it the room is given up after the minutes of grace (M-05)."""
    return check_ins.check_in(session, person, now(), meeting_id)


@api.get("/free-rooms", "findFreeRooms", query=shapes.FreeRoomsQuery, gives=shapes.FreeRoomsOut, allows=signed_in)
def find_free_rooms(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Rooms nobody has then, for at least so many people, smallest first."""
    period = Period(query["starts_at"], query["ends_at"])
    needs = [query["needs"]] if query["needs"] else []
    return {"items": meeting_rooms.free_rooms(session, period, query["attendees"], now(), needs), "next": None}


@api.get("/meetings/<int:meeting_id>/checks", "getRoomChecks", gives=shapes.RoomChecksOut, allows=signed_in)
def get_room_checks(session: Any, person: Any, meeting_id: int) -> Any:
    """How the room was found: together after the meeting (M-06), and by spot checks (M-07)."""
    meeting = meeting_rooms.find(session, person, meeting_id)
    looks = room_checks.spot_checks(session, [meeting.id])
    return {"check": room_checks.check_of(session, meeting), "spot_checks": looks}


@api.post(
    "/meetings/<int:meeting_id>/check", "recordRoomCheck", takes=shapes.RecordRoomCheck, gives=shapes.RoomCheckOut,
    status=201, allows=signed_in,
)  # fmt: skip
def record_room_check(session: Any, person: Any, meeting_id: int, data: dict[str, Any]) -> Any:
    """The room’s manager records the joint check, once, after the meeting (M-06)."""
    return room_checks.record_check(session, person, now(), meeting_id, **data)


@api.post(
    "/meetings/<int:meeting_id>/spot-checks", "recordSpotCheck", takes=shapes.RecordSpotCheck, gives=shapes.SpotCheckOut,
    status=201, allows=signed_in,
)  # fmt: skip
def record_spot_check(session: Any, person: Any, meeting_id: int, data: dict[str, Any]) -> Any:
    """The room’s manager records what a spot check found; the venue officer judges it (M-07)."""
    return room_checks.record_look(session, person, now(), meeting_id, **data)


# ── Series ────────────────────────────────────────────────────────────────────


@api.post(
    "/meeting-series/preview", "previewMeetingSeries", takes=shapes.PreviewMeetingSeries, gives=shapes.SeriesPreviewOut,
    allows=signed_in,
)  # fmt: skip
def preview_meeting_series(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Every date of a series with what is free on it and the nearest other room; changes nothing."""
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    return {"items": meeting_series.preview(session, person, now(), period=period, **data)}


@api.post(
    "/meeting-series", "bookMeetingSeries", takes=shapes.BookMeetingSeries, gives=shapes.MeetingSeriesOut, status=201,
    allows=signed_in,
)  # fmt: skip
def book_meeting_series(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """All the dates or none; with `partial` those that can be had, and the others come back with why."""
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    series, refused = meeting_series.send(session, person, now(), period=period, **data)
    return _series(series) | {"refused": refused}


@api.get("/meeting-series/<int:series_id>", "getMeetingSeries", gives=shapes.MeetingSeriesOut, allows=signed_in)
def get_meeting_series(session: Any, person: Any, series_id: int) -> Any:
    """A series and its meetings."""
    return _series(meeting_series.get(session, person, series_id)) | {"refused": []}


@api.post(
    "/meeting-series/<int:series_id>/cancel", "cancelMeetingSeries", takes=shapes.CancelMeetingSeries,
    gives=shapes.MeetingsOut, allows=signed_in,
)  # fmt: skip
def cancel_meeting_series(session: Any, person: Any, series_id: int, data: dict[str, Any]) -> Any:
    """Give back every meeting of it still to come, from a day on."""
    return {"items": meeting_series.cancel(session, person, now(), series_id, **data), "next": None}


def _series(series: Any) -> dict[str, Any]:
    return {"id": series.id, "title": series.title, "agency_id": series.agency_id, "meetings": series.meetings}
