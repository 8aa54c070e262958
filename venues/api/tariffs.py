"""Versions of a venue's tariff, and the government's calendar."""

from datetime import date
from typing import Any

from common.errors import Invalid
from common.period import today
from common.web import has_role, now, signed_in
from venues import availability, government_calendar, tariff_versions
from venues.api.door import api, decides
from venues.models import TariffRow
from venues.schemas import tariffs as shapes
from venues.tariffs.flat import flat

oversees = has_role("venue_officer", "admin", "auditor")


def _version(row: TariffRow, current: TariffRow | None) -> dict[str, Any]:
    told = {"id": row.id, "venue_id": row.venue_id, "version": row.version, "effective_from": row.effective_from}
    told |= {"in_force": current is not None and current.id == row.id, "note": row.note, "saved_at": row.saved_at}
    return told | flat(row.tariff)


def _split(data: dict[str, Any]) -> dict[str, Any]:
    """The parts of a version that make up its data."""
    return {name: data[name] for name in ("rates", "waivers", "refunds", "pay", "applying")}


def _current(session: Any, place: Any) -> TariffRow | None:
    try:
        return availability.tariff_row(session, place, today(now()))
    except Invalid:
        return None


@api.get("/venues/<int:venue_id>/tariffs", "listTariffs", gives=shapes.TariffVersionsOut, allows=oversees)
def list_tariffs(session: Any, person: Any, venue_id: int) -> Any:
    """Every version of a venue's tariff, the newest first, each whole (S-01, S-05)."""
    place = availability.venue(session, venue_id, by_slots=True)
    current = _current(session, place)
    return {"items": [_version(row, current) for row in tariff_versions.history(session, place)], "next": None}


@api.get("/venues/<int:venue_id>/tariffs/<int:tariff_id>", "getTariff", gives=shapes.TariffVersionOut, allows=oversees)
def get_tariff(session: Any, person: Any, venue_id: int, tariff_id: int) -> Any:
    """One version, in the shape that `saveTariff` takes: to copy a tariff, change its day and save it."""
    place = availability.venue(session, venue_id, by_slots=True)
    return _version(tariff_versions.version(session, place, tariff_id), _current(session, place))


@api.post(
    "/venues/<int:venue_id>/tariffs/preview", "previewTariff", takes=shapes.PreviewTariff, gives=shapes.TariffPreviewOut,
    allows=decides,
)  # fmt: skip
def preview_tariff(session: Any, person: Any, venue_id: int, data: dict[str, Any]) -> Any:
    """Which open applications a version would touch and by how much; changes nothing."""
    found = tariff_versions.preview(
        session, person, now(), venue_id=venue_id, effective_from=data["effective_from"], data=_split(data)
    )
    touched = [
        {
            "booking": each.booking, "total": each.total, "difference": each.difference, "undecided": each.undecided,
            "lines": [line.to_data() for line in each.lines],
        }
        for each in found.touched
    ]  # fmt: skip
    return {"token": found.token, "version": found.tariff.version, "touched": touched}


@api.post(
    "/venues/<int:venue_id>/tariffs", "saveTariff", takes=shapes.SaveTariff, gives=shapes.TariffVersionOut, status=201,
    allows=decides,
)  # fmt: skip
def save_tariff(session: Any, person: Any, venue_id: int, data: dict[str, Any]) -> Any:
    """Save a version from today or a later day on, as it was previewed; undecided applications only on request."""
    row = tariff_versions.save(
        session, person, now(), venue_id=venue_id, effective_from=data["effective_from"], data=_split(data),
        note=data["note"], shown=data["shown"], requote=data["requote"],
    )  # fmt: skip
    return _version(row, _current(session, availability.venue(session, venue_id)))


@api.post(
    "/venues/<int:venue_id>/tariffs/<int:tariff_id>/withdraw", "withdrawTariff", takes=shapes.WithdrawTariff,
    gives=shapes.TariffWithdrawnOut, allows=decides,
)  # fmt: skip
def withdraw_tariff(session: Any, person: Any, venue_id: int, tariff_id: int, data: dict[str, Any]) -> Any:
    """Take back a version that is still to come and that no application is priced by."""
    return tariff_versions.withdraw(session, person, now(), venue_id=venue_id, tariff_id=tariff_id, **data)


@api.get("/calendar-days", "listCalendarDays", query=shapes.CalendarQuery, gives=shapes.CalendarOut, allows=signed_in)
def list_calendar_days(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The government's calendar of a year: days off, substitutes, make-up workdays, closures (C-03…C-06)."""
    year = query["year"]
    calendar = government_calendar.between(session, date(year, 1, 1), date(year, 12, 31))
    return {"items": government_calendar.year_rows(session, year), "next": None, "days_off": calendar.days_off(year)}
