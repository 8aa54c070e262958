"""「要多少錢」: any venue, days, slots, class and extras side by side, before anybody signs in or applies. Takes nothing."""

from datetime import date
from itertools import product
from typing import Any, NamedTuple

from flask import request

from common.errors import Problem
from common.period import today
from common.web import Pages, anyone, now, render
from common.words import Words
from venues import availability, bookings, equipment, government_calendar, tariff_versions, vocabulary
from venues.models import TariffRow, Venue
from venues.slots import Chosen
from venues.tariffs.calendar import DAY_WORDS, SATURDAY, SUNDAY

pages = Pages("what_if")

MOST = 6
"""Prices that fit side by side."""
DAYS = ("date", "date2", "date3")
PIECES = ("stage", "sound_set", "light_set")


class Answer(NamedTuple):
    """One price: a day and a class, and what that comes to, or why it cannot be had."""

    day: date
    kind_of_day: Words | None
    """What the date does not say by itself: a plain Saturday is named there already."""
    applicant_class: str
    wish: bookings.Wish | None
    problem: Words | None


@pages.get("/what-if", allows=anyone)
def show_what_if(session: Any, person: Any) -> Any:
    """The questions, and one price for each day and class asked for."""
    places = [place for place in availability.venues(session) if place.by_slots]
    wanted = request.args.get("venue_id", "")
    place = next((each for each in places if str(each.id) == wanted), places[0] if places else None)
    answers = _answers(session, person, place) if place else []
    told = [each for each in answers if each.wish]
    return render(
        "venues/what_if.html", places=places, place=place, answers=answers, told=told,
        picked=_picked(place), classes=vocabulary.CLASSES, kinds=vocabulary.EVENT_KINDS,
        stock=equipment.kinds(session) if place and place.lends_equipment else [], ahead=_ahead(session, place),
    )  # fmt: skip


def _ahead(session: Any, place: Venue | None) -> TariffRow | None:
    """The next version to come, so that nobody counts on today's price for an application sent after its day."""
    rows = tariff_versions.history(session, place) if place else []
    return next((row for row in reversed(rows) if row.effective_from > today(now())), None)


def _answers(session: Any, person: Any, place: Venue) -> list[Answer]:
    picked = _picked(place)
    days, classes = [day for day in picked["dates"] if day], picked["classes"]
    if not days or not picked["slots"]:
        return []
    calendar = government_calendar.between(session, min(days), max(days))
    out = []
    for day, of in list(product(days, classes))[:MOST]:
        kind_of_day = calendar.kind_of(day)
        kind = None if kind_of_day in (SATURDAY, SUNDAY) else DAY_WORDS[kind_of_day]
        try:
            wish = bookings.wish(
                session, person, now(), venue_id=place.id, slots=[Chosen(day, slot) for slot in picked["slots"]],
                applicant_class=of, overtime_minutes=picked["overtime_minutes"], equipment=picked["equipment"],
                event_kind=picked["event_kind"], attendees=picked["attendees"], what_if=True,
            )  # fmt: skip
            out.append(Answer(day, kind, of, wish, None))
        except Problem as problem:
            out.append(Answer(day, kind, of, None, problem.errors[0].words if problem.errors else problem.words))
    return out


def _picked(place: Venue | None) -> dict[str, Any]:
    """What the address asks for; a class when none is: a registered body."""
    asked = request.args
    classes = [code for code in vocabulary.CLASSES if code in asked.getlist("applicant_class")]
    kind = asked.get("event_kind", "")
    return {
        "dates": [_date(asked.get(name)) for name in DAYS],
        "slots": [slot.code for slot in place.plan if slot.code in asked.getlist("slot")] if place else [],
        "classes": classes or [vocabulary.REGISTERED_BODY],
        "event_kind": kind if kind in vocabulary.EVENT_KINDS else "",
        "attendees": _number("attendees", 100_000),
        "overtime_minutes": _number("overtime_minutes", 1440),
        "equipment": {code: n for code in PIECES if (n := _number(code, 20))},
    }


def _number(name: str, most: int) -> int:
    text = request.args.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _date(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if date(1991, 1, 1) < day < date(2199, 1, 1) else None
