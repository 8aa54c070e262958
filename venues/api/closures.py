"""Closures: looked at first, made, followed, withdrawn."""

from typing import Any

from common.period import Period
from common.schemas import page_of
from common.web import has_role, now, paged
from venues import closures
from venues.api.door import api, decides
from venues.models import SEES_ALL, Closure, ClosureLine
from venues.schemas import closures as shapes
from venues.schemas import taken

oversees = has_role(*SEES_ALL)


@api.post(
    "/closures/preview", "previewClosure", takes=shapes.PreviewClosure, gives=shapes.ClosurePreviewOut, allows=decides
)
def preview_closure(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Which bookings and meetings a closure would touch, and what it would return; changes nothing (S-18)."""
    found = closures.preview(session, now(), **_scope(data))
    items = [
        {"booking_id": each.id, "number": each.number, "status": each.status, "refund": found.paid.get(each.id, 0)}
        for each in found.bookings
    ]
    return {
        "bookings": len(found.booking_ids), "meetings": len(found.meeting_ids), "touched": found.touched,
        "refund": found.refund, "applicants": found.applicants, "others": found.others, "items": items,
    }  # fmt: skip


@api.post("/closures", "closeVenue", takes=shapes.CloseVenue, gives=shapes.ClosureOut, status=201, allows=decides)
def close_venue(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """Close venues for a period: the worker suspends what is in the way, returns everything paid, tells all (S-18, S-37)."""
    return _told(closures.close(session, person, now(), **_scope(data)))


@api.get("/closures", "listClosures", query=taken.PageQuery, gives=page_of(shapes.ClosureOut), allows=oversees)
def list_closures(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """All closures, newest first."""
    page = paged(session, closures.every(), query, Closure.id)
    return page | {"items": [_told(each) for each in page["items"]]}


@api.get("/closures/<int:closure_id>", "getClosure", gives=shapes.ClosureOut, allows=oversees)
def get_closure(session: Any, person: Any, closure_id: int) -> Any:
    """A closure, and how far it is carried out."""
    return _told(closures.find(session, person, closure_id))


@api.get(
    "/closures/<int:closure_id>/lines", "listClosureLines", query=taken.PageQuery, gives=page_of(shapes.ClosureLineOut),
    allows=oversees,
)  # fmt: skip
def list_closure_lines(session: Any, person: Any, closure_id: int, query: dict[str, Any]) -> Any:
    """What a closure did, booking by booking and meeting by meeting."""
    return paged(session, closures.lines(closures.find(session, person, closure_id)), query, ClosureLine.id)


@api.post(
    "/closures/<int:closure_id>/reopen", "reopenVenue", takes=shapes.ReopenVenue, gives=shapes.ClosureOut,
    allows=decides,
)  # fmt: skip
def reopen_venue(session: Any, person: Any, closure_id: int, data: dict[str, Any]) -> Any:
    """Withdraw a closure; with `restore`, bookings whose applicants want it and whose time is free come back."""
    return _told(closures.reopen(session, person, now(), closure_id, **data))


def _scope(data: dict[str, Any]) -> dict[str, Any]:
    period = Period(data.pop("starts_at"), data.pop("ends_at"))
    return {name: value for name, value in data.items() if name != "everything"} | {"period": period}


def _told(closure: Closure) -> dict[str, Any]:
    names = shapes.ClosureOut._declared_fields
    told = {name: getattr(closure, name) for name in names if name != "venue_ids"}
    return told | {"venue_ids": [place.venue_id for place in closure.places]}
