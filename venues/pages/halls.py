"""The list of venues, a venue's month, the live quote, and the three steps of an application.

All steps but the last are GETs whose address carries what was chosen and typed: going back, changing a slot or signing
in on the way loses nothing, with or without a script.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask import g, request

from common.errors import FieldError, Invalid, Problem
from common.period import today
from common.schemas import load_form
from common.web import Pages, anyone, flash, fragment, has_role, now, redirect_to, render
from common.web.pages import Form
from common.words import Words
from venues import availability, bookings, equipment, vocabulary
from venues.models import APPLIES, Venue
from venues.schemas import taken
from venues.slots import Chosen

pages = Pages("halls")

applies = has_role(*APPLIES)
DETAILS = ("event_name", "event_kind", "attendees", "event_plan")
OVERTIME = (0, 30, 60, 90, 120, 180, 240)
SENT = Words(
    "已送出。檔期替你保留，場地承辦審核後會通知你。",
    "Sent. The slots are held for you; you will hear when the venue officer has decided.",
)


@pages.get("/", allows=anyone)
def show_venues(session: Any, person: Any) -> Any:
    """Halls and grounds with what they cost, and the way to the meeting rooms."""
    day = today(now())
    places = [place for place in availability.venues(session) if place.by_slots]
    tariffs = {place.id: availability.tariff_row(session, place, day).tariff for place in places}
    rooms = availability.venues(session, "room")
    return render("venues/list.html", places=places, tariffs=tariffs, rooms=rooms, kinds=vocabulary.VENUE_KINDS)


@pages.get("/<int:venue_id>", allows=anyone)
def show_venue(session: Any, person: Any, venue_id: int) -> Any:
    """A venue's month, its slots and the quote for what is chosen."""
    place = availability.venue(session, venue_id)
    if not place.by_slots:
        return redirect_to("rooms.show_room", room_id=place.id)
    picked = _chosen(place)
    first, last = availability.window(place, now())
    month = _month(request.values.get("month"), picked, first)
    return render(
        "venues/venue.html",
        place=place,
        month=month,
        days=_days(session, place, month),
        before=_neighbour(month, -1, today(now()), last),
        after=_neighbour(month, 1, today(now()), last),
        first=first,
        last=last,
        tariff=availability.tariff_row(session, place, today(now())).tariff,
        chosen_day=picked[0].date if picked else _date(request.values.get("date")),
        picked=_picked(place),
        stock=equipment.kinds(session) if place.lends_equipment else [],
        overtime=[minutes for minutes in OVERTIME if minutes <= place.max_overtime],
        carried=_carried(DETAILS),
        classes=vocabulary.CLASSES,
        quote=_quote(session, person, place),
    )


@pages.get("/<int:venue_id>/quote", allows=anyone)
def show_quote(session: Any, person: Any, venue_id: int) -> Any:
    """The quote alone, for the live panel."""
    place = availability.venue(session, venue_id, by_slots=True)
    return fragment("venues/_quote.html", place=place, quote=_quote(session, person, place))


@pages.get("/<int:venue_id>/apply", allows=applies)
def show_details(session: Any, person: Any, venue_id: int) -> Any:
    """Step 2: the event. Back to step 1 with the reason when the slots cannot be applied for."""
    place = availability.venue(session, venue_id, by_slots=True)
    try:
        wanted = _wish(session, person, place)
    except Problem as problem:
        return _again(show_venue, session, person, venue_id, problem)
    return render(
        "venues/details.html",
        place=place,
        wanted=wanted,
        kinds=vocabulary.EVENT_KINDS,
        carried=_carried(WISH),
        typed={name: request.values.get(name) for name in DETAILS},
    )


@pages.get("/<int:venue_id>/check", allows=applies)
def show_check(session: Any, person: Any, venue_id: int) -> Any:
    """Step 3: everything once more, and the button that sends it."""
    place = availability.venue(session, venue_id, by_slots=True)
    try:
        wanted = _wish(session, person, place)
    except Problem as problem:
        return _again(show_venue, session, person, venue_id, problem)
    try:
        event = load_form(taken.EventForm, request.values)
        bookings.check_event(place, event["event_kind"], event["attendees"])
    except Invalid as problem:
        return _again(show_details, session, person, venue_id, problem)
    return render(
        "venues/check.html",
        place=place,
        wanted=wanted,
        event=event,
        classes=vocabulary.CLASSES,
        carried=_carried((*WISH, *DETAILS)),
    )


def _where_it_is_wrong(session: Any, person: Any, venue_id: int) -> Any:
    """The step that holds what is wrong with a refused application."""
    if any(field in DETAILS for field, _ in g.form.errors):
        return show_details(session, person, venue_id)
    return show_venue(session, person, venue_id)


@pages.post("/<int:venue_id>/apply", allows=applies, again=_where_it_is_wrong)
def apply(session: Any, person: Any, venue_id: int) -> Any:
    """Send the application: the slots are held until the decision."""
    place = availability.venue(session, venue_id, by_slots=True)
    event = load_form(taken.EventForm, request.form)
    booking = bookings.apply(session, person, now(), **_wanted(place), **event)
    flash(SENT)
    return redirect_to("bookings.show_booking", booking_id=booking.id)


# ── What the address says ─────────────────────────────────────────────────────

WISH = ("date", "days", "slot", "overtime_minutes", "applicant_class", "stage", "sound_set", "light_set", "month")


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _number(name: str, default: int, most: int) -> int:
    text = request.values.get(name, "")
    return min(int(text), most) if text.isdigit() and len(text) < 6 else default


def _chosen(place: Venue) -> list[Chosen]:
    """The slots the address asks for: the chosen ones on each of `days` days from `date`."""
    first = _date(request.values.get("date"))
    if first is None or not date(1991, 1, 1) < first < date(2199, 1, 1):
        return []
    codes = [slot.code for slot in place.plan if slot.code in request.values.getlist("slot")]
    days = max(_number("days", 1, place.max_days), 1)
    return [Chosen(first + timedelta(days=ahead), code) for ahead in range(days) for code in codes]


def _wanted(place: Venue) -> dict[str, Any]:
    """The wish as `bookings` takes it."""
    pieces = {code: _number(code, 0, 20) for code in ("stage", "sound_set", "light_set")}
    return {
        "venue_id": place.id,
        "slots": _chosen(place),
        "overtime_minutes": _number("overtime_minutes", 0, 1440),
        "equipment": {code: quantity for code, quantity in pieces.items() if quantity},
    }


def _wish(session: Any, person: Any, place: Venue) -> bookings.Wish:
    """The wish, free and within the window at this moment. Raises the Problem that stands in the way."""
    wanted = bookings.wish(session, person, now(), **_wanted(place))
    availability.check_window(place, {each.date for each in wanted.chosen}, now())
    bookings.check_free(session, wanted, now())
    return wanted


def _picked(place: Venue) -> dict[str, Any]:
    """What is chosen at the moment, for the controls of step 1."""
    return {
        "slots": request.values.getlist("slot"),
        "days": _number("days", 1, place.max_days),
        "overtime_minutes": _number("overtime_minutes", 0, 1440),
        "applicant_class": request.values.get("applicant_class", vocabulary.REGISTERED_BODY),
        **{code: _number(code, 0, 20) for code in ("stage", "sound_set", "light_set")},
    }


def _carried(names: Iterable[str]) -> list[tuple[str, str]]:
    """The named answers as hidden fields for the next step; of all but the slots only the first counts."""
    several = request.values.getlist
    return [(name, value) for name in names for value in several(name)[: None if name == "slot" else 1] if value]


def _again(view: Any, session: Any, person: Any, venue_id: int, problem: Problem) -> Any:
    """Show an earlier step with what is wrong, and everything that was chosen and typed still in it."""
    g.form = Form(request.values, problem.errors or [FieldError("", problem.words)])
    response = view(session, person, venue_id)
    response.status_code = 422 if isinstance(problem, Invalid) else 409
    return response


# ── What the page shows ───────────────────────────────────────────────────────


def _quote(session: Any, person: Any, place: Venue) -> dict[str, Any]:
    """The panel: the chosen day's slots, the price, and what stands in the way."""
    told: dict[str, Any] = {"wanted": None, "problem": None, "states": [], "days": []}
    day = _date(request.values.get("date"))
    if day is None or not date(1991, 1, 1) < day < date(2199, 1, 1):
        return told
    told["states"] = availability.slot_states(session, place, day, day, now())
    if not _chosen(place):
        return told
    try:
        told["wanted"] = wanted = bookings.wish(
            session, person, now(), **_wanted(place), applicant_class=_class_asked(person), what_if=person is None
        )
        told["days"] = sorted({each.date for each in wanted.chosen})
        availability.check_window(place, told["days"], now())
        bookings.check_free(session, wanted, now())
    except Problem as problem:
        told["problem"] = problem.errors[0].words if problem.errors else problem.words
    return told


def _class_asked(person: Any) -> str | None:
    """A stranger may ask what any class pays; who is signed in pays what their body pays."""
    asked = request.values.get("applicant_class")
    return asked if person is None and asked in vocabulary.CLASSES else None


def _month(text: str | None, picked: list[Chosen], first: date) -> date:
    asked = _date(f"{text}-01") if text else None
    day = asked or (picked[0].date if picked else None) or _date(request.values.get("date")) or first
    return day.replace(day=1) if date(1992, 1, 1) < day < date(2198, 1, 1) else first.replace(day=1)


def _neighbour(month: date, step: int, earliest: date, latest: date) -> date | None:
    """The first of the month before or after, if anything in it can be looked at."""
    there = (month - timedelta(days=1)).replace(day=1) if step < 0 else (month + timedelta(days=31)).replace(day=1)
    return there if earliest.replace(day=1) <= there <= latest else None


def _days(session: Any, place: Venue, month: date) -> list[dict[str, Any]]:
    last = month.replace(day=monthrange(month.year, month.month)[1])
    days: dict[date, list[str]] = {}
    for each in availability.slot_states(session, place, month, last, now()):
        days.setdefault(each.date, []).append(each.state)
    return [{"date": day, "marks": marks, "off": availability.FREE not in marks} for day, marks in days.items()]
