"""A duty that comes back every week."""

from typing import Any

from sqlalchemy.orm import Session

from common.identity import Person
from common.web import has_role, now
from fleet import series
from fleet.api.door import api, insiders, requesters
from fleet.schemas.lifecycle import (
    CancelSeries,
    RequestSeries,
    ReturnSeries,
    SeriesDates,
    SeriesOut,
    SeriesPreviewOut,
)
from fleet.schemas.taken import Revision


@api.post(
    "/series/preview", "previewSeries", takes=SeriesDates, gives=SeriesPreviewOut, allows=requesters,
    about="Every date of a weekly duty with what is free on it, or what else could be had; sends nothing.",
)  # fmt: skip
def preview_series(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return {"items": series.preview(session, person, now(), **data)}


@api.post(
    "/series", "requestSeries", takes=RequestSeries, gives=SeriesOut, status=201, allows=requesters,
    about="Send all dates of a weekly duty, each promised a car, or none (409 names the dates without).",
)  # fmt: skip
def request_series(session: Session, person: Person, data: dict[str, Any]) -> Any:
    return series.send(session, person, now(), **data)


@api.get("/series/<int:series_id>", "getSeries", gives=SeriesOut, allows=insiders, about="A series and its trips.")
def get_series(session: Session, person: Person, series_id: int) -> Any:
    return series.get(session, person, series_id)


@api.post(
    "/series/<int:series_id>/approve", "approveSeries", takes=Revision, gives=SeriesOut, allows=has_role("supervisor"),
    about="The supervisor's yes to every date that waits for it (V-12).",
)  # fmt: skip
def approve_series(session: Session, person: Person, data: dict[str, Any], series_id: int) -> Any:
    found = series.get(session, person, series_id)
    series.approve(session, person, now(), found)
    return found


@api.post(
    "/series/<int:series_id>/return", "returnSeries", takes=ReturnSeries, gives=SeriesOut, allows=has_role("supervisor"),
    about="Every undecided date sent back with the reason (V-22).",
)  # fmt: skip
def return_series(session: Session, person: Person, data: dict[str, Any], series_id: int) -> Any:
    found = series.get(session, person, series_id)
    series.return_(session, person, now(), found, **data)
    return found


@api.post(
    "/series/<int:series_id>/cancel", "cancelSeries", takes=CancelSeries, gives=SeriesOut, allows=requesters,
    about="Every date that has not left yet, called off.",
)  # fmt: skip
def cancel_series(session: Session, person: Person, data: dict[str, Any], series_id: int) -> Any:
    found = series.get(session, person, series_id)
    series.cancel(session, person, now(), found, **data)
    return found
