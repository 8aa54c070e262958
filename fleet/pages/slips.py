"""The dispatch slip 派車單: to look at and print, as PDF, and for the guard at the gate (V-28, V-30)."""

from typing import Any

import segno
from flask import Response, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from common.identity import Person
from common.web import now, render
from fleet import signing, trips
from fleet.models import Trip
from fleet.pages.door import insiders, pages
from fleet.slip import Slip, pdf_of, slip_of


@pages.get("/trips/<int:trip_id>/slip", allows=insiders)
def show_slip(session: Session, person: Person, trip_id: int) -> Any:
    """The slip for printing: half an A4 sheet."""
    trip = trips.get(session, person, trip_id)
    code = segno.make(_address(trip), error="m")
    picture = Markup(code.svg_inline(scale=4, border=0, omitsize=True))  # noqa: S704 - drawn here, from an address of ours
    return render("fleet/slip.html", trip=trip, slip=_slip(session, person, trip), qr=picture)


@pages.get("/trips/<int:trip_id>/slip.pdf", allows=insiders)
def download_slip(session: Session, person: Person, trip_id: int) -> Response:
    """The same as a file, with its font inside."""
    trip = trips.get(session, person, trip_id)
    answer = Response(pdf_of(_slip(session, person, trip), _address(trip), now()), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{trip.number}.pdf"'
    return answer


def _slip(session: Session, person: Person, trip: Trip) -> Slip:
    return slip_of(trip, signing.signature_of(session, trip), now(), driver_shown=trip.shows_driver(person, now()))


def _address(trip: Trip) -> str:
    return url_for(".show_trip", trip_id=trip.id, _external=True)
