"""The government's calendar: a year at a time, taken in from the package and corrected by hand."""

from datetime import date
from typing import Any

from flask import request

from common.period import today
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from venues import government_calendar
from venues.models import DECIDES
from venues.pages.door import decides, desk_pages, oversees
from venues.schemas import tariffs as shapes
from venues.tariffs.calendar import MARK_WORDS

pages = desk_pages("calendar")

TONES = {"holiday": "info", "substitute": "info", "workday": "warn", "closure": "bad", "ordinary": "mute"}


@pages.get("/calendar", allows=oversees)
def show_calendar(session: Any, person: Any) -> Any:
    """One year: its marked days, how many days the offices rest, and the forms to correct it."""
    year = _year()
    asked = _day_asked()
    rows = government_calendar.year_rows(session, year)
    calendar = government_calendar.between(session, date(year, 1, 1), date(year, 12, 31))
    return render(
        "venues/calendar.html", year=year, rows=rows, days_off=calendar.days_off(year), keeper=person.has(*DECIDES),
        package=government_calendar.source(), chosen=next((row for row in rows if f"{row.day}" == asked), None),
        marks=MARK_WORDS, words={**MARK_WORDS, **shapes.ORDINARY}, tones=TONES,
        first=government_calendar.FIRST_YEAR, last=government_calendar.LAST_YEAR,
    )  # fmt: skip


@pages.post("/calendar/fill", allows=decides, again=show_calendar)
def fill(session: Any, person: Any) -> Any:
    """Take a year in from the package."""
    year = form_data(shapes.FillCalendar)["year"]
    told = government_calendar.fill(session, person, now(), year=year)
    words = Words(
        "已帶入：新增 {a} 天、更新 {c} 天、移除 {r} 天；{k} 天是人工更正，沒有動。",
        "Taken in: {a} added, {c} updated, {r} removed; {k} corrected by hand were left alone.",
    )
    flash(words.fill(a=told.added, c=told.changed, r=told.removed, k=told.kept))
    return redirect_to(".show_calendar", year=year)


@pages.post("/calendar/days", allows=decides, again=show_calendar)
def set_day(session: Any, person: Any) -> Any:
    """Add a day, or correct one."""
    row = government_calendar.set_day(session, person, now(), **form_data(shapes.SetDay))
    flash(Words("已登記 {day}。", "{day} is entered.").fill(day=f"{row.day}"))
    return redirect_to(".show_calendar", year=row.day.year)


def _day_again(session: Any, person: Any, day: str) -> Any:
    return show_calendar(session, person)


@pages.post("/calendar/days/<string:day>/remove", allows=decides, again=_day_again)
def remove_day(session: Any, person: Any, day: str) -> Any:
    """Make a day ordinary again."""
    when = _date(day)
    government_calendar.remove_day(session, person, now(), day=when, **form_data(shapes.RemoveDay))
    flash(Words("{day} 已改為一般日子。", "{day} is an ordinary day again.").fill(day=day))
    return redirect_to(".show_calendar", year=when.year)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min  # no such day: refused as out of range


def _day_asked() -> str:
    """The day whose row is shown in the form: named in the address, or typed with the row's revision."""
    if request.method == "GET" or request.form.get("rev"):
        return request.values.get("day", "") or (request.view_args or {}).get("day", "")
    return ""


def _year() -> int:
    """The year asked for, in the address, or of the day that was typed."""
    texts = (
        request.values.get("year", ""),
        request.values.get("day", "")[:4],
        (request.view_args or {}).get("day", "")[:4],
    )
    for text in texts:
        if (
            len(text) == 4
            and text.isdecimal()
            and government_calendar.FIRST_YEAR <= int(text) <= government_calendar.LAST_YEAR
        ):
            return int(text)
    return today(now()).year
