"""Setting up and clearing outside the hours of use (S-08)."""

from typing import Any

from common.period import Period
from common.web import now, signed_in
from venues import bookings, setting_up
from venues.api.door import api, applies, decides
from venues.schemas import setup as shapes


@api.get("/bookings/<int:booking_id>/setup", "listSetupTimes", gives=shapes.SetupsOut, allows=signed_in)
def list_setup_times(session: Any, person: Any, booking_id: int) -> Any:
    """What was asked for with a booking."""
    return {"items": setting_up.of(session, bookings.find(session, person, booking_id)), "next": None}


@api.post(
    "/bookings/<int:booking_id>/setup", "askForSetup", takes=shapes.AskSetup, gives=shapes.SetupOut, status=201,
    allows=applies,
)  # fmt: skip
def ask_for_setup(session: Any, person: Any, booking_id: int, data: dict[str, Any]) -> Any:
    """Ask to set up before a booking or to clear after it."""
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    return setting_up.ask(session, person, now(), booking_id, period=period, **data)


@api.post(
    "/setup/<int:setup_id>/consent", "consentToSetup", takes=shapes.AnswerSetup, gives=shapes.SetupOut, allows=decides
)
def consent_to_setup(session: Any, person: Any, setup_id: int, data: dict[str, Any]) -> Any:
    """Consent; the time is held with the booking."""
    return setting_up.consent(session, person, now(), setup_id, **data)


@api.post(
    "/setup/<int:setup_id>/refuse", "refuseSetup", takes=shapes.RefuseSetup, gives=shapes.SetupOut, allows=decides
)
def refuse_setup(session: Any, person: Any, setup_id: int, data: dict[str, Any]) -> Any:
    """Refuse, saying why."""
    return setting_up.refuse(session, person, now(), setup_id, **data)


@api.post(
    "/setup/<int:setup_id>/take-back", "takeBackSetup", takes=shapes.WithRev, gives=shapes.SetupOut, allows=applies
)
def take_back_setup(session: Any, person: Any, setup_id: int, data: dict[str, Any]) -> Any:
    """Give up what was asked for or consented to."""
    return setting_up.take_back(session, person, now(), setup_id, **data)
