"""Setting up and clearing, on the page of a booking."""

from datetime import timedelta
from typing import Any

from common.errors import FieldError, Invalid
from common.period import Period, taipei
from common.web import flash, form_data, has_role, now, redirect_to
from common.words import Words
from venues import setting_up
from venues.models import APPLIES
from venues.pages.bookings import pages, show_booking
from venues.pages.door import decides
from venues.schemas import setup as shapes
from venues.schemas import taken

applies = has_role(*APPLIES)
PLACED = {"starts_at": "starts", "ends_at": "ends"}


def _booking_of(session: Any, person: Any, setup_id: int, **_: Any) -> Any:
    """The booking's page again, with what is wrong."""
    return show_booking(session, person, setting_up.booking_of(session, setup_id))


@pages.post("/bookings/<int:booking_id>/setup", allows=applies, again=show_booking)
def ask_setup(session: Any, person: Any, booking_id: int) -> Any:
    """Ask for a stretch; an end before the start is on the next day."""
    data = form_data(shapes.SetupForm)
    starts_at, ends_at = (taipei(data["day"], f"{data[name]:%H:%M}") for name in ("starts", "ends"))
    period = Period(starts_at, ends_at if ends_at > starts_at else ends_at + timedelta(days=1))
    try:
        setting_up.ask(session, person, now(), booking_id, purpose=data["purpose"], period=period, why=data["why"])
    except Invalid as refused:
        raise Invalid.many(
            FieldError(PLACED.get(each.field, each.field), each.words) for each in refused.errors
        ) from refused
    return _done(Words("已送出，等場地承辦同意。", "Sent; the venue officer will answer."), booking_id)


@pages.post("/setup/<int:setup_id>/consent", allows=decides, again=_booking_of)
def consent_setup(session: Any, person: Any, setup_id: int) -> Any:
    """The officer consents."""
    row = setting_up.consent(session, person, now(), setup_id, **form_data(shapes.AnswerSetup))
    return _done(Words("已同意並保留這段時間。", "Consented; the time is held."), row.booking_id)


@pages.post("/setup/<int:setup_id>/refuse", allows=decides, again=_booking_of)
def refuse_setup(session: Any, person: Any, setup_id: int) -> Any:
    """The officer refuses."""
    row = setting_up.refuse(session, person, now(), setup_id, **form_data(shapes.RefuseSetup))
    return _done(Words("已通知未同意。", "The applicant is told."), row.booking_id)


@pages.post("/setup/<int:setup_id>/take-back", allows=applies, again=_booking_of)
def take_back_setup(session: Any, person: Any, setup_id: int) -> Any:
    """The applicant gives it up."""
    row = setting_up.take_back(session, person, now(), setup_id, **form_data(taken.WithRev))
    return _done(Words("已收回。", "Taken back."), row.booking_id)


def _done(said: Words, booking_id: int) -> Any:
    flash(said)
    return redirect_to("bookings.show_booking", booking_id=booking_id)
