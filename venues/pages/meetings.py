"""One meeting: following and changing it, series with every date shown first, checking in at the door, the door itself."""

from datetime import date, timedelta
from typing import Any

import segno
from flask import current_app, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from common.errors import Invalid
from common.period import Period, today
from common.schemas import load_form
from common.web import Pages, anyone, flash, form_data, fragment, now, redirect_to, render, signed_in
from common.words import Words
from venues import (
    availability,
    check_ins,
    meeting_changes,
    meeting_checks,
    meeting_rooms,
    meeting_series,
    room_boards,
    room_checks,
    room_rules,
)
from venues.meeting_series import Occurrence
from venues.room_terms import FEATURES, FOUND, FOUND_TONES, MEETING_STATES, MEETING_TONES
from venues.schemas import meetings as shapes

pages = Pages("meetings")
SERIES_FIELDS = ("day", "starts", "ends", "title", "chair", "attendees", "setup_minutes", "private", "refreshments")


@pages.get("/meetings/<int:meeting_id>", allows=signed_in)
def show_meeting(session: Any, person: Any, meeting_id: int) -> Any:
    """A meeting, what can be done with it, and the form to change it."""
    meeting = meeting_rooms.find(session, person, meeting_id)
    rules = room_rules.in_force(session, now())
    opens, closes = check_ins.opens_at(session, meeting, now()), check_ins.closes_at(session, meeting, now())
    ready = meeting.alive(now()) and meeting.held_until is None and meeting.checked_in_at is None
    return render(
        "venues/meeting.html",
        meeting=meeting,
        rooms=availability.venues(session, "room"),
        features=FEATURES,
        states=MEETING_STATES,
        tones=MEETING_TONES,
        may_change=meeting.can_release(person, now()),
        may_check_in=ready and meeting.can_check_in(person) and opens <= now() < closes,
        opens=opens,
        closes=closes,
        ready=ready,
        last=today(now()) + timedelta(days=rules["days_ahead"]),
        sparse=meeting_checks.is_sparse(rules, meeting.room, meeting.attendees),
        check=room_checks.check_of(session, meeting),
        looks=room_checks.spot_checks(session, [meeting.id]),
        may_check=room_checks.can_check(meeting, person, now()),
        may_look=room_checks.can_look(meeting, person, now()),
        found=FOUND,
        found_tones=FOUND_TONES,
    )


@pages.post("/meetings/<int:meeting_id>/change", allows=signed_in, again=show_meeting)
def change(session: Any, person: Any, meeting_id: int) -> Any:
    """Another time, room, title or number of people."""
    data = form_data(shapes.ChangeForm)
    period = Period.of_local(data.pop("day"), *(f"{data.pop(name):%H:%M}" for name in ("starts", "ends")))
    meeting = meeting_changes.change(session, person, now(), meeting_id, period=period, **data)
    if meeting.held_until:
        flash(Words("已改好，等管理機關同意。", "Changed; the managing agency is asked."), "info")
    else:
        flash(Words("已改好。", "Changed."))
    return redirect_to(".show_meeting", meeting_id=meeting_id)


@pages.post("/meetings/<int:meeting_id>/check-in", allows=signed_in, again=show_meeting)
def check_in(session: Any, person: Any, meeting_id: int) -> Any:
    """Somebody is there."""
    check_ins.check_in(session, person, now(), meeting_id)
    flash(Words("已報到，會議室留給你。", "Checked in; the room is yours."))
    return redirect_to(".show_meeting", meeting_id=meeting_id)


@pages.post("/meetings/<int:meeting_id>/check", allows=signed_in, again=show_meeting)
def record_check(session: Any, person: Any, meeting_id: int) -> Any:
    """The joint check after the meeting (M-06)."""
    room_checks.record_check(session, person, now(), meeting_id, **form_data(shapes.RecordRoomCheck))
    flash(Words("已存會同點檢紀錄。", "The joint check is recorded."))
    return redirect_to(".show_meeting", meeting_id=meeting_id)


@pages.post("/meetings/<int:meeting_id>/spot-checks", allows=signed_in, again=show_meeting)
def record_look(session: Any, person: Any, meeting_id: int) -> Any:
    """What a spot check found (M-07)."""
    room_checks.record_look(session, person, now(), meeting_id, **form_data(shapes.RecordSpotCheck))
    flash(Words("已登錄抽查結果。", "The spot check is recorded."))
    return redirect_to(".show_meeting", meeting_id=meeting_id)


# --- at the room -----------------------------------------------------------------------------------------------------


@pages.get("/rooms/<int:room_id>/here", allows=signed_in)
def show_here(session: Any, person: Any, room_id: int) -> Any:
    """Where the code on the door leads: one's own meetings here now, to check in to."""
    room = availability.venue(session, room_id, by_slots=False)
    found = [
        (each, check_ins.opens_at(session, each, now()), check_ins.closes_at(session, each, now()))
        for each in check_ins.waiting_for(session, room, person, now())
    ]
    return render("venues/room_here.html", room=room, found=found, state=room_boards.door(session, room, now()))


@pages.post("/rooms/<int:room_id>/here", allows=signed_in, again=show_here)
def check_in_here(session: Any, person: Any, room_id: int) -> Any:
    """Check in to the meeting chosen at the door."""
    room = availability.venue(session, room_id, by_slots=False)
    number = request.form.get("meeting_id", "")
    if not _is_id(number):
        raise Invalid(Words("請選一場會議", "Choose a meeting"), field="meeting_id")
    check_ins.check_in(session, person, now(), int(number), room=room)
    flash(Words("已報到，會議室留給你。", "Checked in; the room is yours."))
    return redirect_to(".show_here", room_id=room.id)


@pages.get("/rooms/<int:room_id>/door", allows=anyone)
def show_door(session: Any, person: Any, room_id: int) -> Any:
    """What hangs beside the room's door: now, next, free until, and the code to check in. Nothing about persons."""
    room = availability.venue(session, room_id, by_slots=False)
    state = room_boards.door(session, room, now())
    if "X-Partial" in request.headers:
        return fragment("venues/_door.html", state=state)
    base = current_app.config["SETTINGS"].public_url
    code = segno.make(f"{base}/venues/rooms/{room.id}/here", error="m")
    picture = Markup(code.svg_inline(scale=4, border=2, omitsize=True))  # noqa: S704 - drawn here, from an address of ours
    return render("venues/room_door.html", room=room, state=state, qr=picture)


# --- series ----------------------------------------------------------------------------------------------------------


@pages.get("/rooms/<int:room_id>/series", allows=signed_in)
def ask_series(session: Any, person: Any, room_id: int) -> Any:
    """The dates of a series to be, with what is free on each and where else there is room."""
    return _series_page(session, person, room_id, MultiDict(request.args), refused=False)


def ask_series_again(session: Any, person: Any, room_id: int) -> Any:
    """After a refusal: what is free now, everything chosen still there where it still can be."""
    return _series_page(session, person, room_id, MultiDict(request.form), refused=True)


@pages.post("/rooms/<int:room_id>/series", allows=signed_in, again=ask_series_again)
def send_series(session: Any, person: Any, room_id: int) -> Any:
    """All dates that are not left out, or, where the person says so, those that can be had."""
    data = load_form(shapes.MeetingForm, request.form)
    period = Period.of_local(data.pop("day"), *(f"{data.pop(name):%H:%M}" for name in ("starts", "ends")))
    dates = [chosen for name, value in request.form.items() if (chosen := _chosen(name, value)) is not None]
    partial = request.form.get("partial") == "1"
    series, refused = meeting_series.send(
        session, person, now(), room_id=room_id, period=period, dates=dates, partial=partial, **data
    )
    flash(Words("已登記 {n} 場。", "{n} meetings booked.").fill(n=len(series.meetings)))
    for each in refused:
        flash(each.words, "warn")
    return redirect_to(".show_series", series_id=series.id)


@pages.get("/meeting-series/<int:series_id>", allows=signed_in)
def show_series(session: Any, person: Any, series_id: int) -> Any:
    """A series: every date with its state, and what can be cancelled at once."""
    series = meeting_series.get(session, person, series_id)
    coming = [each for each in series.meetings if each.released_at is None and each.starts_at > now()]
    return render(
        "venues/meeting_series.html",
        series=series,
        coming=coming,
        states=MEETING_STATES,
        tones=MEETING_TONES,
        may_cancel=bool(coming) and all(each.can_release(person, now()) for each in coming),
    )


@pages.post("/meeting-series/<int:series_id>/cancel", allows=signed_in, again=show_series)
def cancel_series(session: Any, person: Any, series_id: int) -> Any:
    """Give back every date from a day on."""
    given = meeting_series.cancel(session, person, now(), series_id, from_=_date(request.form.get("from", "")))
    flash(Words("已釋出 {n} 場。", "{n} meetings given back.").fill(n=len(given)))
    return redirect_to(".show_series", series_id=series_id)


def _series_page(session: Any, person: Any, room_id: int, values: MultiDict[str, str], *, refused: bool) -> Any:
    room = availability.venue(session, room_id, by_slots=False)
    rules = room_rules.in_force(session, now())
    found: list[Occurrence] = []
    wrong: Words | None = None
    every = int(values.get("every", "1")) if values.get("every", "1") in tuple("12345678") else 1
    first = _date(values.get("day", "")) or today(now()) + timedelta(days=1)
    until = _date(values.get("until", "")) or first + timedelta(weeks=4)
    days = [day for day in map(_date, values.get("days", "").replace("、", " ").replace(",", " ").split()) if day]
    if values.get("show") or refused:
        try:
            data = load_form(shapes.MeetingForm, values)
            period = Period.of_local(data["day"], f"{data['starts']:%H:%M}", f"{data['ends']:%H:%M}")
            told = {name: data[name] for name in ("attendees", "needs", "setup_minutes")}
            found = meeting_series.preview(
                session, person, now(), room_id=room_id, period=period, every=every, until=until, days=days, **told
            )
        except Invalid as problem:
            wrong = problem.errors[0].words if problem.errors else problem.words
    page = render(
        "venues/ask_series.html", room=room, values=values, found=[(each, _choices(each, values)) for each in found],
        wrong=None if refused else wrong, every=every, first=first, until=until, features=FEATURES,
        free=sum(each.free for each in found), most=rules["series_dates"],
        carried=[(name, values[name]) for name in SERIES_FIELDS if values.get(name)],
        needs=[each for each in values.getlist("needs") if each in FEATURES],
    )  # fmt: skip
    page.status_code = 422 if wrong and not refused else page.status_code
    return page


def _choices(each: Occurrence, values: MultiDict[str, str]) -> list[tuple[str, Words, bool]]:
    """What may be done with one date: value, words, whether it is chosen."""
    out: list[tuple[str, Words]] = []
    if each.free:
        out.append(("book", Words("登記", "Book")))
    if each.other is not None:
        out.append((f"room {each.other.id}", Words("改用{room}", "Use {room}").fill(room=each.other.label)))
    out.append(("skip", Words("略過這一天", "Leave this date out")))
    usual = "skip" if each.holiday or not each.free else "book"
    typed = values.get(f"on-{each.day}")
    kept = typed if typed in {value for value, _ in out} else usual
    return [(value, words, value == kept) for value, words in out]


def _chosen(name: str, value: str) -> dict[str, Any] | None:
    """A date to be booked, and the other room where one was chosen; None: it is left out, or no date's field at all."""
    day = _date(name.removeprefix("on-")) if name.startswith("on-") else None
    if day is None or value == "skip":
        return None
    what, _, room = value.partition(" ")
    return {"date": day, "room_id": int(room)} if what == "room" and _is_id(room) else {"date": day}


def _is_id(text: str) -> bool:
    """Whether it can be a row's number; other scripts' digits and endless ones cannot."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if date(1991, 1, 1) < day < date(2198, 1, 1) else None
