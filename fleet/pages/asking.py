"""Asking for a car in three steps without a script: each step is a link that carries everything typed so far."""

from datetime import date, timedelta
from typing import Any

from flask import g, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from common.errors import FieldError, Invalid
from common.identity import Person, with_role
from common.period import Period, local, taipei, today
from common.schemas import Schema, load_form
from common.web import flash, form_data, fragment, now, redirect_to, render
from common.words import Words
from fleet import carpool, conditions, helping, holding, pool, rules, trips
from fleet.models import Place, Trip
from fleet.pages.door import pages, placed, requesters, show_typed
from fleet.pages.forms import TripForm, WhenForm, clock_of
from fleet.plans.dispatch import Ask
from fleet.terms import KINDS, PURPOSES

FIRST = ("date", "until", "leave", "back", "origin", "destination", "needs_driver")
TIMES = ("date", "until", "leave", "back")
SECOND = ("passengers", "vehicle_kind", "purpose_code", "purpose", "round_trip", "may_share", "urgent_reason")
SECOND_CAR = "second_car"
USUAL_ORIGIN = Words("市政大樓 東側車道", "City Hall, east driveway")
ANY_KIND = (Words("不指定", "No preference"), Words("由調度安排", "Fleet decides"))
STEPS = (Words("時間與地點", "When and where"), Words("人數與用途", "Who and why"), Words("確認送出", "Check and send"))


@pages.get("/request", allows=requesters)
def ask_when(session: Session, person: Person) -> Any:
    """Step 1."""
    return _step_one(session, person, _values(session), ())


@pages.get("/request/who", allows=requesters)
def ask_who(session: Session, person: Person) -> Any:
    """Step 2, once step 1 stands; else step 1 with its faults."""
    values = _values(session)
    if errors := _faults(session, WhenForm, values):
        return _step_one(session, person, values, errors)
    return _step_two(session, person, values, ())


@pages.get("/request/check", allows=requesters)
def check_answers(session: Session, person: Person) -> Any:
    """Step 3: everything typed, with ways back; or the step that still has a fault."""
    values = _values(session)
    errors = _faults(session, TripForm, values)
    if errors:
        return _step_of(errors)(session, person, values, errors)
    return _step_three(session, person, values)


def ask_again(session: Session, person: Person) -> Any:
    """After a refused sending: the step with the first fault, everything typed still there."""
    values = request.form
    errors = _faults(session, TripForm, values) or [FieldError("", Words("請再送一次", "Please send again"))]
    return _step_of(errors)(session, person, values, errors)


@pages.post("/request", allows=requesters, again=ask_again)
def send_request(session: Session, person: Person) -> Any:
    """Send the request."""
    wanted = asked(form_data(TripForm))
    parties = _parties(wanted["passengers"]) if request.form.get("second_car") else [wanted["passengers"]]
    try:
        trip = trips.request(session, person, now(), **(wanted | {"passengers": parties[0]}))
        for people in parties[1:]:
            session.flush()
            trips.request(session, person, now(), beside_id=trip.id, **(wanted | {"passengers": people}))
    except Invalid as refused:
        raise placed(refused) from refused
    supervisors = _approvers(session, person)
    words = Words(
        "已送出 {number}。{who}核可後，會通知你車號與駕駛。",
        "Sent {number}. Once {who} approves we will send the plate and driver.",
    )
    if len(parties) > 1:
        words = Words(
            "已送出兩輛車的申請 {number} 與下一號。{who}核可後，會通知你車號與駕駛。",
            "Sent two requests, {number} and the next. Once {who} approves we will send plates and drivers.",
        )
    who = supervisors[0].words if supervisors else Words("主管", "your supervisor")
    flash(words.fill(number=trip.number, who=who))
    return redirect_to(".show_trip", trip_id=trip.id)


@pages.get("/request/availability", allows=requesters)
def show_availability(session: Session, person: Person) -> Any:
    """The live panel: what is free at the time typed so far."""
    return fragment("fleet/_availability.html", **_panel(session, _values(session)))


def _parties(passengers: int) -> list[int]:
    """A party shared out over two cars (V-33)."""
    return [passengers - passengers // 2, passengers // 2] if passengers > 1 else [passengers]


def asked(data: dict[str, Any]) -> dict[str, Any]:
    """A form's answers as the use case takes them: day and clock times become instants."""
    day, until = data.pop("date"), data.pop("until", None)
    leave, back = data.pop("leave"), data.pop("back")
    return {**data, "starts_at": taipei(day, leave), "ends_at": taipei(until or day, back)}


def as_form(trip: Trip) -> MultiDict[str, str]:
    """A trip's answers as its form shows them."""
    starts, ends = local(trip.starts_at), local(trip.ends_at)
    values = {name: getattr(trip, name) for name in (*FIRST, *SECOND) if hasattr(trip, name)}
    values |= {
        "date": starts.date(),
        "until": ends.date() if ends.date() != starts.date() else "",
        "leave": f"{starts:%H:%M}",
        "back": f"{ends:%H:%M}",
    }
    return MultiDict({name: _typed(value) for name, value in values.items()})


def form_choices(session: Session) -> dict[str, Any]:
    """What the form's lists offer."""
    return {
        "kinds": [("", *ANY_KIND), *((code, kind.words, _seats(kind.seats)) for code, kind in KINDS.items())],
        "purposes": list(PURPOSES.items()),
        "places": session.scalars(select(Place).order_by(Place.km)).all(),
    }


def _typed(value: Any) -> str:
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def _seats(seats: int) -> Words:
    return Words("{n} 座", "{n} seats").fill(n=seats)


def _values(session: Session) -> MultiDict[str, str]:
    """What was typed so far, with believable answers where nothing was."""
    usual = {
        "date": _usual_day(session).isoformat(), "until": "", "leave": "09:00", "back": "12:00",
        "origin": USUAL_ORIGIN.in_(g.get("lang", "zh")), "destination": "", "needs_driver": "1", "passengers": "", "vehicle_kind": "",
        "purpose_code": "", "purpose": "", "round_trip": "1", "may_share": "", "urgent_reason": "",
        SECOND_CAR: "",
    }  # fmt: skip
    return MultiDict({**usual, **{name: value for name, value in request.args.items() if name in usual}})


def _usual_day(session: Session) -> date:
    """The first working weekday that needs no reason for urgency (V-16)."""
    day = today(now()) + timedelta(days=rules.in_force(session, now())["dispatch.lead_days"])
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _faults(session: Session, schema: type[Schema], values: MultiDict[str, str]) -> list[FieldError]:
    """Everything wrong with the answers of these steps, as the sending itself would find it, in the order of the form."""
    errors: list[FieldError] = []
    try:
        data = load_form(schema, values)
    except Invalid as refused:
        errors += refused.errors
        data = {}
    try:
        data |= asked(load_form(WhenForm(only=TIMES), values))
        unasked = {"passengers": 1, "vehicle_kind": None} | ({} if schema is TripForm else {"urgent_reason": "-"})
        conditions.check(session, now(), **(unasked | data))
    except Invalid as refused:
        known = {each.field for each in errors}
        errors += [each for each in placed(refused).errors if each.field not in known]
    order = (*FIRST, *SECOND)
    return sorted(errors, key=lambda each: order.index(each.field) if each.field in order else -1)


def _step_of(errors: list[FieldError]) -> Any:
    return _step_one if any(each.field in FIRST for each in errors) else _step_two


def _step_one(session: Session, person: Person, values: MultiDict[str, str], errors: Any) -> Any:
    show_typed(values, errors)
    day = today(now())
    names = (Words("今天", "Today"), Words("明天", "Tomorrow"), Words("後天", "Day after"))
    last = session.scalars(select(Trip).where(Trip.requester_id == person.id).order_by(Trip.id.desc()).limit(1)).first()
    page = render(
        "fleet/ask_when.html", steps=STEPS, carried=_carried(values, (*SECOND, SECOND_CAR)),
        several=bool(values.get("until")) or "several" in request.args,
        first_day=day, chips=[(name, day + timedelta(days=n)) for n, name in enumerate(names)],
        copy_url=_copy_url(last), **form_choices(session), **_panel(session, values),
    )  # fmt: skip
    page.status_code = 422 if errors else 200
    return page


def _step_two(session: Session, person: Person, values: MultiDict[str, str], errors: Any) -> Any:
    show_typed(values, errors)
    page = render(
        "fleet/ask_who.html", steps=STEPS, carried=_carried(values, (*FIRST, SECOND_CAR)), back_url=_to("ask_when", values),
        **form_choices(session), **_panel(session, values),
    )  # fmt: skip
    page.status_code = 422 if errors else 200
    return page


def _step_three(session: Session, person: Person, values: MultiDict[str, str]) -> Any:
    data = asked(load_form(TripForm, values))
    km = trips.estimate_km(session, data["destination"], data["round_trip"], now())
    people = _parties(data["passengers"])[0] if values.get("second_car") else data["passengers"]
    period = Period(data["starts_at"], data["ends_at"])
    ask = Ask(period, people, km, data["needs_driver"], data["vehicle_kind"], agency_id=person.agency_id)
    return render(
        "fleet/ask_check.html", promised=holding.could_hold(session, now(), ask),
        parties=_parties(data["passengers"]), series_url=url_for(".ask_series", **_told(values)),
        sharing=_sharing(session, person, data, km) if data["needs_driver"] else [], steps=STEPS, data=data, period=period,
        km=km, carried=_carried(values, (*FIRST, *SECOND, SECOND_CAR)),
        when_url=_to("ask_when", values), who_url=_to("ask_who", values), purpose_words=PURPOSES[data["purpose_code"]],
        kind_words=KINDS[data["vehicle_kind"]].words if data["vehicle_kind"] else None, approvers=_approvers(session, person),
        late_hours=rules.in_force(session, now())["dispatch.late_cancel_hours"], **_panel(session, values),
    )  # fmt: skip


def _panel(session: Session, values: MultiDict[str, str]) -> dict[str, Any]:
    """The panel for the time typed so far; empty where that is no time at all."""
    try:
        data = load_form(
            WhenForm, MultiDict({**values, "origin": "-", "destination": values.get("destination") or "-"})
        )
        period = Period(taipei(data["date"], data["leave"]), taipei(data["until"] or data["date"], data["back"]))
    except Invalid:
        return {
            "panel": None,
            "urgent": False,
            "many": False,
            "lead_days": rules.in_force(session, now())["dispatch.lead_days"],
        }
    people = values.get("passengers", "")
    number = int(people) if people.isascii() and people.isdecimal() and len(people) < 3 else 1
    km = trips.estimate_km(session, data["destination"], values.get("round_trip") != "0", now())
    found = pool.panel(session, Ask(period, max(number, 1), km, data["needs_driver"]), now())
    rule = rules.in_force(session, now())
    return {
        "panel": found, "people": number, "many": number > rule["dispatch.passenger_warn_over"],
        "warn_over": rule["dispatch.passenger_warn_over"], "lead_days": rule["dispatch.lead_days"],
        "second_car": bool(values.get(SECOND_CAR)), "second_url": _to("ask_who", MultiDict({**values, SECOND_CAR: "1"})),
        "urgent": conditions.is_urgent(rule, now(), period.starts_at), "next_url": _next_url(values, found),
        "changes": helping.changes_for(session, now(), found.ask) if not found.total else (),
        "change_url": lambda change: _to("ask_when", MultiDict({**values, **clock_of(change.ask.period)})),
    }  # fmt: skip


def _next_url(values: MultiDict[str, str], found: pool.Panel) -> str | None:
    if found.next_free is None:
        return None
    moved = clock_of(Period(found.next_free, found.next_free + found.ask.period.duration))
    return _to("ask_when", MultiDict({**values, **moved}))


def _copy_url(last: Trip | None) -> str | None:
    if last is None:
        return None
    kept = {name: value for name, value in as_form(last).items() if name not in ("date", "until", "urgent_reason")}
    return _to("ask_when", MultiDict(kept))


def _carried(values: MultiDict[str, str], names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, values[name]) for name in names if values.get(name)]


def _to(step: str, values: MultiDict[str, str]) -> str:
    return url_for(f".{step}", **_told(values))


def _told(values: MultiDict[str, str]) -> dict[str, Any]:
    return {name: values[name] for name in (*FIRST, *SECOND, SECOND_CAR) if values.get(name)}


def _sharing(session: Session, person: Person, data: dict[str, Any], km: int) -> list[Any]:
    """Who goes the same way at about the same time (V-20): agency, time and place of at most two, no more of them."""
    asking = Trip(**data, distance_km=km, requester_id=person.id)
    found = carpool.for_request(session, now(), person, asking)[:2]
    return [(each, trip.agency, trip.starts_at, trip.destination) for each, trip in found]


def _approvers(session: Session, person: Person) -> list[Person]:
    return [each for each in with_role(session, "supervisor", agency_id=person.agency_id) if each.id != person.id]
