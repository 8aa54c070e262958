"""Following a trip: lists, one trip with its track, changing, cancelling, signing off, the printed slip."""

from typing import Any

from flask import Response, request, url_for
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from common.calendar import feed_bytes
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import local, taipei, today
from common.web import flash, form_data, now, redirect_to, render
from common.words import Words
from fleet import driving, escalation, gate, helping, rules, signing, surveys, trips
from fleet.calendar import entry_of
from fleet.electric import plug_in
from fleet.models import Trip
from fleet.models.trip import BEFORE_LEAVING, HOLDING, REQUESTING_ROLES
from fleet.pages.asking import as_form, asked, form_choices
from fleet.pages.door import insiders, pages, placed, requesters, show_typed
from fleet.pages.forms import CLOCK, CancelForm, ChangeForm, TripForm, clock_of
from fleet.schemas.taken import FinishTrip, Revision, StartTrip
from fleet.terms import EVENTS, KINDS, LEGS, REACHED_BY
from fleet.track import track_of

PAGE = 30
OFFERED = (
    "approve",
    "assign",
    "change",
    "cancel",
    "sign_off",
    "start",
    "finish",
    "merge",
    "unmerge",
    "no_show",
    "reopen",
)
OPEN = (*BEFORE_LEAVING, "merged", "under_way", "finished")


@pages.get("/", allows=insiders)
def home(session: Session, person: Person) -> Any:
    """Where each role works."""
    if person.has("dispatcher"):
        return redirect_to(".show_dispatch")
    return redirect_to(".show_driver" if person.has("driver") else ".list_trips")


@pages.get("/trips", allows=insiders)
def list_trips(session: Session, person: Person) -> Any:
    """My requests, or all that this person may see; coming or past."""
    wide = person.has("officer", "supervisor", "dispatcher", "admin", "auditor")
    whose = (
        request.args.get("whose")
        if request.args.get("whose") in ("mine", "all")
        else ("all" if person.has("auditor", "dispatcher") else "mine")
    )
    past = request.args.get("when") == "past"
    number = request.args.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    rows = trips.visible(person)
    if whose == "mine" or not wide:
        rows = rows.where(Trip.requester_id == person.id)
    here = now()
    if past:
        rows = rows.where((Trip.ends_at <= here) | Trip.status.in_(("cancelled", "signed_off"))).order_by(
            Trip.starts_at.desc()
        )
    else:
        rows = rows.where(
            Trip.status.in_(OPEN), (Trip.ends_at > here) | Trip.status.in_(("under_way", "finished"))
        ).order_by(Trip.starts_at)
    rows = rows.options(joinedload(Trip.vehicle), joinedload(Trip.agency), joinedload(Trip.requester))
    found = list(session.scalars(rows.offset((page - 1) * PAGE).limit(PAGE + 1)).unique())
    return render(
        "fleet/trips.html", found=found[:PAGE], more=len(found) > PAGE, page=page, whose=whose, past=past, wide=wide,
        everyone=person.has("dispatcher", "admin", "auditor"), asks=person.has(*REQUESTING_ROLES),
        gate=gate.guards(session, person),
    )  # fmt: skip


@pages.get("/trips/<int:trip_id>", allows=insiders)
def show_trip(session: Session, person: Person, trip_id: int) -> Any:
    """One trip: what was asked, how far it has come, and what this person can do now."""
    trip = trips.get(session, person, trip_id)
    full = trip.status == "fully_booked" and trip.may("change", person) and trip.starts_at > now()
    return render(
        "fleet/trip.html",
        changes=helping.changes_for(session, now(), trips.ask_of(trip), trip) if full else (),
        change_url=lambda change: url_for(".edit_trip", trip_id=trip.id, **clock_of(change.ask.period)),
        trip=trip,
        steps=track_of(trip),
        event_words=EVENTS,
        may={step: trip.can(step, person) for step in OFFERED},
        driver_shown=trip.shows_driver(person, now()),
        reasons=[Words(each["zh"], each["en"]) for each in trip.reasons],
        kinds=KINDS,
        late_hours=rules.in_force(session, now())["dispatch.late_cancel_hours"],
        late_now=trip.car_period.starts_at <= now(),
        may_leg=trip.can("assign", person) and trip.vehicle is not None and trip.can_go_one_way,
        legs=list(LEGS.items()),
        filed=trip.holds_car or trip.status == "merged",
        clock_now=f"{local(now()):%H:%M}",
        reached_ways=list(REACHED_BY.items()),
        is_late=trip.status in (*HOLDING, "approved", "merged") and trips.is_late(session, trip, now()),
        desk=person.has("dispatcher", "admin") and person.id != trip.requester_id,
        over=driving.over_estimate(session, trip, now()),
        nudged=escalation.nudged(session, trip),
        survey=surveys.offered(session, trip, person, now()),
        signature=signing.signature_of(session, trip),
        plug_in=plug_in.after_trip(session, trip, now()) if _keeps_the_car(trip, person) else None,
    )


def _keeps_the_car(trip: Trip, person: Person) -> bool:
    """Whether this person brought the car home, or looks after it."""
    return person.has("dispatcher", "admin") or person.id == (
        trip.driver.person_id if trip.driver else trip.requester_id
    )


@pages.get("/trips/<int:trip_id>/change", allows=requesters)
def edit_trip(session: Session, person: Person, trip_id: int) -> Any:
    """The request as a form again (V-32)."""
    trip = trips.get(session, person, trip_id)
    if not trip.may("change", person):
        raise Forbidden
    trip.require("change", person)
    show_typed(MultiDict({**as_form(trip), **{name: request.args[name] for name in CLOCK if name in request.args}}))
    return _change_page(session, trip)


def edit_again(session: Session, person: Person, trip_id: int) -> Any:
    """The form after a refusal; the row may have moved on."""
    return _change_page(session, trips.get(session, person, trip_id))


@pages.post("/trips/<int:trip_id>/change", allows=requesters, again=edit_again)
def change_trip(session: Session, person: Person, trip_id: int) -> Any:
    """Take the change."""
    data = form_data(ChangeForm)
    rev, reason = data.pop("rev"), data.pop("reason")
    trip = trips.get(session, person, trip_id)
    held = trip.holds_car
    try:
        trips.change(session, person, now(), trip, rev=rev, reason=reason, **asked(data))
    except Invalid as refused:
        raise placed(refused) from refused
    flash(
        Words(
            "已送出異動，原派車輛已釋出，等候重新派車。", "Change sent. The car was released; Fleet will assign again."
        )
        if held
        else Words("已修改。", "Changed.")
    )
    return redirect_to(".show_trip", trip_id=trip.id)


def _change_page(session: Session, trip: Trip) -> Any:
    lead_days = rules.in_force(session, now())["dispatch.lead_days"]
    return render("fleet/change.html", trip=trip, lead_days=lead_days, **form_choices(session))


@pages.get("/trips/late", allows=requesters)
def ask_late(session: Session, person: Person) -> Any:
    """A trip that already took place, as a form (V-34)."""
    return render("fleet/late.html", lead_days=0, **form_choices(session))


@pages.post("/trips/late", allows=requesters, again=ask_late)
def record_late(session: Session, person: Person) -> Any:
    """Enter it."""
    try:
        trip = trips.record_late(session, person, now(), **asked(form_data(TripForm)))
    except Invalid as refused:
        raise placed(refused) from refused
    flash(
        Words("已補登 {number}，等主管核可。", "Entered {number}; your supervisor approves next.").fill(
            number=trip.number
        )
    )
    return redirect_to(".show_trip", trip_id=trip.id)


@pages.post("/trips/<int:trip_id>/cancel", allows=requesters, again=show_trip)
def cancel_trip(session: Session, person: Person, trip_id: int) -> Any:
    """Call it off."""
    data = form_data(CancelForm)
    if data["reached_at"]:
        data["reached_at"] = taipei(today(now()), data["reached_at"])
    trip = trips.cancel(session, person, now(), trips.get(session, person, trip_id), **data)
    flash(Words("已取消，相關的人都會收到通知。", "Cancelled. Everyone concerned is being told."))
    return redirect_to(".show_trip", trip_id=trip.id)


@pages.post("/trips/<int:trip_id>/sign-off", allows=requesters, again=show_trip)
def sign_off_trip(session: Session, person: Person, trip_id: int) -> Any:
    """Countersign."""
    trip = trips.sign_off(session, person, now(), trips.get(session, person, trip_id), **form_data(Revision))
    flash(Words("已簽證，謝謝。", "Signed off. Thank you."))
    return redirect_to(".show_trip", trip_id=trip.id)


@pages.post("/trips/<int:trip_id>/start", allows=insiders, again=show_trip)
def start_trip(session: Session, person: Person, trip_id: int) -> Any:
    """A self-driven trip leaves, or dispatch enters what a driver reports by phone."""
    trip = driving.start(session, person, now(), trips.get(session, person, trip_id), **form_data(StartTrip))
    flash(Words("已登記出車，一路平安。", "Departure noted. Drive safely."))
    return redirect_to(".show_trip", trip_id=trip.id)


@pages.post("/trips/<int:trip_id>/finish", allows=insiders, again=show_trip)
def finish_trip(session: Session, person: Person, trip_id: int) -> Any:
    """It is back."""
    trip = driving.finish(session, person, now(), trips.get(session, person, trip_id), **form_data(FinishTrip))
    flash(Words("已登記回場。", "Return noted."))
    return redirect_to(".show_trip", trip_id=trip.id)


@pages.get("/trips/<int:trip_id>/calendar.ics", allows=insiders)
def download_entry(session: Session, person: Person, trip_id: int) -> Any:
    """The trip for one's own calendar, as it stands now."""
    trip = trips.get(session, person, trip_id)
    entry = entry_of(trip, person.lang, url=url_for(".show_trip", trip_id=trip.id, _external=True))
    answer = Response(feed_bytes(trip.number, [entry]), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{trip.number}.ics"'
    return answer
