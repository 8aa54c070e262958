"""What the driver's page needs to work without a network, and the passenger's signature (ux.md §4.4, §5.8; V-13)."""

from typing import Any

import segno
from flask import Response, json, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from common.errors import Conflict, Invalid, NotFound, Problem
from common.identity import Person
from common.schemas import load_form, load_json, ready
from common.web import anyone, form_data, now, redirect_to, render
from common.web.look import STATIC, form_token
from common.words import Words
from fleet import acts, signing, trips
from fleet.pages.door import drivers, pages
from fleet.schemas.phone import DATA, ActIn, SignTrip


def as_json(told: dict[str, Any]) -> Response:
    """An answer to the page's own script."""
    return Response(json.dumps(told), content_type="application/json")


@pages.get("/driver/sw.js", allows=anyone)
def service_worker(session: Session, person: Person | None) -> Response:
    """The script that keeps the driver's page for times without a network. For everyone: a browser asks without a face."""
    answer = Response((STATIC / "driver-sw.js").read_bytes(), content_type="text/javascript; charset=utf-8")
    answer.headers["Service-Worker-Allowed"] = url_for(".show_driver")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/driver/state", allows=drivers)
def driver_state(session: Session, person: Person) -> Response:
    """Whose phone this is now, and a fresh form token: asked for before what was tapped offline is sent."""
    return as_json({"person": str(person.id), "token": form_token()})


@pages.post("/driver/acts", allows=drivers)
def take_act(session: Session, person: Person) -> Response:
    """One tap of the driver, told now or hours later; the same tap sent twice is taken once."""
    try:
        sent = json.loads(request.form.get("act", ""))
    except (ValueError, RecursionError) as wrong:
        raise Invalid(Words("這不是正確的 JSON。", "That is not valid JSON.")) from wrong
    known = ready(ActIn).fields
    told = load_json(ActIn, {name: sent[name] for name in sent if name in known} if isinstance(sent, dict) else {})
    trip_id, vehicle_id = int(told.pop("trip_id")), told.pop("vehicle_id")
    return as_json(
        acts.take(
            session, person, now(), trip_id=trip_id, vehicle_id=int(vehicle_id) if vehicle_id else None,
            read=lambda data: load_form(DATA[told["what"]], data), **told,
        )
    )  # fmt: skip


def _code(address: str) -> Markup:
    picture = segno.make(address, error="m").svg_inline(scale=4, border=2, omitsize=True)
    return Markup(picture)  # noqa: S704 - drawn here, from an address of ours


# ── By link, on the passenger's own phone ─────────────────────────────────────


def back_to_job(session: Session, person: Person, trip_id: int) -> Any:
    """The driver's page again after a refusal."""
    return redirect_to(".show_job", trip_id=trip_id)


@pages.post("/driver/<int:trip_id>/sign-link", allows=drivers, again=back_to_job)
def make_sign_link(session: Session, person: Person, trip_id: int) -> Any:
    """A code that the passenger scans: shown this once, good for one signature and some days."""
    trip = trips.get(session, person, trip_id)
    token, until = signing.make_link(session, person, now(), trip)
    address = url_for(".show_sign_link", token=token, _external=True)
    return render("fleet/sign_code.html", trip=trip, address=address, until=until, qr=_code(address))


@pages.get("/sign/<token>", allows=anyone)
def show_sign_link(session: Session, person: Person | None, token: str) -> Any:
    """What is to be signed: no more than the passenger knows anyway."""
    try:
        _, trip = signing.trip_of_link(session, now(), token)
    except (Conflict, NotFound) as over:
        return _over(over)
    return render("fleet/sign.html", trip=trip, token=token)


def sign_link_again(session: Session, person: Person | None, token: str) -> Any:
    """The form again after a refusal, or why there is none."""
    return show_sign_link(session, person, token)


@pages.post("/sign/<token>", allows=anyone, again=sign_link_again)
def sign_by_link(session: Session, person: Person | None, token: str) -> Any:
    """The passenger signs, once."""
    trip = signing.sign_by_link(session, now(), token, **form_data(SignTrip))
    return render("fleet/signed.html", title=Words("簽好了，謝謝。", "Signed. Thank you."), number_of=trip.number)


def _over(why: Problem) -> Any:
    answer = render("fleet/signed.html", title=why.words, number_of=None)
    answer.status_code = 404 if isinstance(why, NotFound) else 410
    return answer
