"""The list of venues, a venue's month, the live quote, and the three steps of an application.

All steps but the last are GETs whose address carries what was chosen and typed: going back, changing a slot or signing
in on the way loses nothing, with or without a script.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from flask import g, request

from common.errors import FieldError, Invalid, Problem
from common.period import today
from common.schemas import load_form
from common.web import Pages, anyone, flash, fragment, has_role, now, redirect_to, render
from common.web.pages import Form
from common.words import Words
from venues import availability, bookings, closures, contests, equipment, papers, vocabulary
from venues.holding import SlotTaken, place_wants
from venues.messages import names_of
from venues.models import APPLIES, Contest, Venue
from venues.schemas import taken
from venues.slots import Chosen

pages = Pages("halls")

applies = has_role(*APPLIES)
DETAILS = ("event_name", "event_kind", "attendees", "event_plan", "charity_sale")
OVERTIME = (0, 30, 60, 90, 120, 180, 240)
SENT = Words(
    "已送出。檔期替你保留，場地承辦審核後會通知你。",
    "Sent. The slots are held for you; you will hear when the venue officer has decided.",
)
CONTESTED = Words(
    "已送出。同一時段還有別的申請，截止後依順位，同順位抽籤。",
    "Sent. Others applied for the same time: after the deadline by class, then by lot.",
)


@pages.get("/", allows=anyone)
def show_venues(session: Any, person: Any) -> Any:
    """Halls and grounds with what they cost, and the way to the meeting rooms."""
    day = today(now())
    places = [place for place in availability.venues(session) if place.by_slots]
    tariffs = {place.id: availability.tariff_row(session, place, day).tariff for place in places}
    rooms = availability.venues(session, "room")
    return render(
        "venues/list.html", places=places, tariffs=tariffs, rooms=rooms, kinds=vocabulary.VENUE_KINDS,
        closures=closures.notices(session, now()), names_of=names_of,
    )  # fmt: skip


@pages.get("/<int:venue_id>", allows=anyone)
def show_venue(session: Any, person: Any, venue_id: int) -> Any:
    """A venue's month, its slots and the quote for what is chosen."""
    place = availability.venue(session, venue_id)
    if not place.by_slots:
        return redirect_to("rooms.show_room", room_id=place.id)
    tariff = availability.tariff_row(session, place, today(now())).tariff
    return render(
        "venues/venue.html",
        place=place,
        **month_of(session, place, now(), _class_of(place, person)),
        tariff=tariff,
        window=tariff.applying.window or place.window,
        picked=_picked(place),
        stock=equipment.kinds(session) if place.lends_equipment else [],
        overtime=[minutes for minutes in OVERTIME if minutes <= place.max_overtime],
        carried=carried(DETAILS),
        classes=vocabulary.CLASSES,
        quote=_quote(session, person, place),
        closures=[each for each in closures.notices(session, now()) if set(each.resources) & set(place.resources)],
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
        carried=carried(WISH),
        typed={name: request.values.get(name) for name in DETAILS},
        **what_is_needed(wanted, charity_sale=request.values.get("charity_sale") == "1"),
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
    told = {"event_kind": event["event_kind"], "attendees": event["attendees"]}  # a tariff may price them
    wanted = bookings.wish(session, person, now(), **wanted_in_address(place), **told)
    return render(
        "venues/check.html",
        place=place,
        stock=equipment.kinds(session) if place.lends_equipment else [],
        wanted=wanted,
        event=event,
        kinds=vocabulary.EVENT_KINDS,
        classes=vocabulary.CLASSES,
        rivals=_contested(session, wanted) if _enters() else None,
        emergency=_emergency() if bookings.check_window(wanted, now(), _emergency()) else "",
        carried=carried((*WISH, *DETAILS)),
        **what_is_needed(wanted, charity_sale=event["charity_sale"]),
    )


def what_is_needed(wanted: bookings.Wish, *, charity_sale: bool) -> dict[str, Any]:
    """What the application needs, how loud it may be and what is not allowed."""
    stage = bool(wanted.equipment.get("stage"))
    kinds = papers.needed(wanted.venue, wanted.applicant_class, stage=stage, charity_sale=charity_sale)
    limits = papers.sound_limits(wanted.venue)
    return {"needed": kinds, "paper_kinds": papers.KINDS, "limits": limits, "prohibited": papers.PROHIBITED}


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
    chosen = wanted_in_address(place)
    told: dict[str, Any] = {"undertakes": True, "may_contest": _enters(), "emergency": _emergency()}
    booking = bookings.apply(session, person, now(), **chosen, **event, **told)
    flash(CONTESTED if booking.status == vocabulary.CONTESTED else SENT)
    return redirect_to("bookings.show_booking", booking_id=booking.id)


# ── What the address says ─────────────────────────────────────────────────────

WISH = (
    "date",
    "days",
    "slot",
    "overtime_minutes",
    "applicant_class",
    "stage",
    "sound_set",
    "light_set",
    "month",
    "may_contest",
    "emergency",
)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _number(name: str, default: int, most: int) -> int:
    text = request.values.get(name, "")
    return min(int(text), most) if text.isdecimal() and len(text) < 6 else default


def chosen_slots(place: Venue) -> list[Chosen]:
    """The slots the address asks for: the chosen ones on each of `days` days from `date`."""
    first = _date(request.values.get("date"))
    if first is None or not date(1991, 1, 1) < first < date(2199, 1, 1):
        return []
    codes = [slot.code for slot in place.plan if slot.code in request.values.getlist("slot")]
    days = max(_number("days", 1, place.max_days), 1)
    return [Chosen(first + timedelta(days=ahead), code) for ahead in range(days) for code in codes]


def wanted_in_address(place: Venue) -> dict[str, Any]:
    """The wish as `bookings` takes it."""
    pieces = {code: _number(code, 0, 20) for code in ("stage", "sound_set", "light_set")}
    return {
        "venue_id": place.id,
        "slots": chosen_slots(place),
        "overtime_minutes": _number("overtime_minutes", 0, 1440),
        "equipment": {code: quantity for code, quantity in pieces.items() if quantity},
    }


def _wish(session: Any, person: Any, place: Venue) -> bookings.Wish:
    """The wish, free and within the window at this moment. Raises the Problem that stands in the way."""
    wanted = bookings.wish(session, person, now(), **wanted_in_address(place))
    bookings.check_window(wanted, now(), _emergency())
    try:
        bookings.check_free(session, wanted, now())
    except SlotTaken:
        if not _enters() or not _rivals(session, wanted):
            raise
    return wanted


def _enters() -> bool:
    """Whether the applicant chose to enter against others who applied for the same slots (S-30)."""
    return request.values.get("may_contest") == "1"


def _emergency() -> str:
    """The reason given for an emergency that could not be foreseen (S-32); no longer than its field."""
    return request.values.get("emergency", "").strip()[:300]


def _rivals(session: Any, wanted: bookings.Wish) -> list[Any]:
    """Those who applied before and may still be entered against."""
    return contests.rivals(session, place_wants(wanted.venue, wanted.periods), now()) or []


def _picked(place: Venue) -> dict[str, Any]:
    """What is chosen at the moment, for the controls of step 1."""
    return {
        "slots": request.values.getlist("slot"),
        "days": _number("days", 1, place.max_days),
        "overtime_minutes": _number("overtime_minutes", 0, 1440),
        "applicant_class": request.values.get("applicant_class", vocabulary.REGISTERED_BODY),
        "emergency": _emergency(),
        **{code: _number(code, 0, 20) for code in ("stage", "sound_set", "light_set")},
    }


def carried(names: Iterable[str]) -> list[tuple[str, str]]:
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
    told: dict[str, Any] = {"wanted": None, "problem": None, "rivals": None, "full": False, "states": [], "days": []}
    day = _date(request.values.get("date"))
    if day is None or not date(1991, 1, 1) < day < date(2199, 1, 1):
        return told
    told["states"] = availability.slot_states(
        session, place, day, day, now(), _class_of(place, person), by_emergency=True
    )
    if not chosen_slots(place):
        return told
    try:
        told["wanted"] = wanted = bookings.wish(
            session,
            person,
            now(),
            **wanted_in_address(place),
            applicant_class=_class_asked(person),
            what_if=person is None,
        )
        told["days"] = sorted({each.date for each in wanted.chosen})
        bookings.check_window(wanted, now(), _emergency())
        bookings.check_free(session, wanted, now())
    except Problem as problem:
        told["problem"] = problem.errors[0].words if problem.errors else problem.words
        told["full"] = isinstance(problem, SlotTaken)
        told["rivals"] = _contested(session, told["wanted"]) if told["full"] else None
    return told


def _contested(session: Any, wanted: bookings.Wish) -> dict[str, Any] | None:
    """How many applied already and until when one may enter against them; None when nobody may."""
    against = _rivals(session, wanted)
    if not against:
        return None
    closes = [each.closes_at if isinstance(each, Contest) else contests.deadline(each) for each in against]
    count = sum(len(each.running) if isinstance(each, Contest) else 1 for each in against)
    return {"count": count, "closes_at": max(closes)}


def _class_of(place: Venue, person: Any) -> str:
    """The class whose window is shown: the body's own, or the one a stranger asks about."""
    asked = _class_asked(person)
    return (place.class_of(person) if person else asked) or ""


def _class_asked(person: Any) -> str | None:
    """A stranger may ask what any class pays; who is signed in pays what their body pays."""
    asked = request.values.get("applicant_class")
    return asked if person is None and asked in vocabulary.CLASSES else None


def month_of(session: Any, place: Venue, at: datetime, applicant_class: str = "") -> dict[str, Any]:
    """The month the address asks for as `p.month` shows it: its days, the months before and after, the chosen day."""
    picked = chosen_slots(place)
    first, last = availability.window(place, at, availability.rules_of(session, place, today(at)), applicant_class)
    month = _month(request.values.get("month"), picked, first)
    return {
        "month": month,
        "days": _days(session, place, month, applicant_class),
        "before": _neighbour(month, -1, today(at), last),
        "after": _neighbour(month, 1, today(at), last),
        "first": first,
        "last": last if last < date.max else None,
        "chosen_day": picked[0].date if picked else _date(request.values.get("date")),
    }


def _month(text: str | None, picked: list[Chosen], first: date) -> date:
    asked = _date(f"{text}-01") if text else None
    day = asked or (picked[0].date if picked else None) or _date(request.values.get("date")) or first
    return day.replace(day=1) if date(1992, 1, 1) < day < date(2198, 1, 1) else first.replace(day=1)


def _neighbour(month: date, step: int, earliest: date, latest: date) -> date | None:
    """The first of the month before or after, if anything in it can be looked at."""
    there = (month - timedelta(days=1)).replace(day=1) if step < 0 else (month + timedelta(days=31)).replace(day=1)
    return there if earliest.replace(day=1) <= there <= latest else None


def _days(session: Any, place: Venue, month: date, applicant_class: str) -> list[dict[str, Any]]:
    last = month.replace(day=monthrange(month.year, month.month)[1])
    days: dict[date, list[str]] = {}
    for each in availability.slot_states(session, place, month, last, now(), applicant_class, by_emergency=True):
        days.setdefault(each.date, []).append(each.state)
    return [{"date": day, "marks": marks, "off": availability.FREE not in marks} for day, marks in days.items()]
