"""Gallery terms: planned, applied for, assigned."""

from typing import Any

from sqlalchemy import select

from common.schemas import page_of
from common.web import now, paged, signed_in
from venues import gallery
from venues.api.door import api, applies, decides
from venues.models import GalleryTerm
from venues.schemas import gallery as shapes


@api.get(
    "/gallery-terms",
    "listGalleryTerms",
    query=shapes.GalleryQuery,
    gives=page_of(shapes.GalleryTermOut),
    allows=signed_in,
)
def list_gallery_terms(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The numbered terms (第N檔), newest first, with their exhibitions (G-01)."""
    found = paged(session, select(GalleryTerm), query, GalleryTerm.id)
    return {"items": [_term(term, person) for term in found["items"]], "next": found["next"]}


@api.post(
    "/gallery-terms", "planGalleryTerm", takes=shapes.PlanGalleryTerm, gives=shapes.GalleryTermOut, status=201,
    allows=decides,
)  # fmt: skip
def plan_gallery_term(session: Any, person: Any, data: dict[str, Any]) -> Any:
    """A new term of the series; its days are nobody else's."""
    return _term(gallery.plan(session, person, now(), **data), person)


@api.post(
    "/gallery-terms/<int:gallery_term_id>/applications", "applyForGalleryTerm", takes=shapes.ApplyForGalleryTerm,
    gives=shapes.GalleryApplicationOut, status=201, allows=applies,
)  # fmt: skip
def apply_for_gallery_term(session: Any, person: Any, gallery_term_id: int, data: dict[str, Any]) -> Any:
    """A school asks for a term, until its closing day (G-02)."""
    return gallery.apply(session, person, now(), gallery_term_id, **data)


@api.post(
    "/gallery-terms/<int:gallery_term_id>/assign", "assignGalleryTerm", takes=shapes.AssignGalleryTerm,
    gives=shapes.GalleryTermOut, allows=decides,
)  # fmt: skip
def assign_gallery_term(session: Any, person: Any, gallery_term_id: int, data: dict[str, Any]) -> Any:
    """Give a term to one school; the others are told."""
    return _term(gallery.assign(session, person, now(), gallery_term_id, **data), person)


@api.post(
    "/gallery-terms/<int:gallery_term_id>/hanging", "setGalleryHanging", takes=shapes.HangingIn,
    gives=shapes.GalleryTermOut, allows=decides,
)  # fmt: skip
def set_gallery_hanging(session: Any, person: Any, gallery_term_id: int, data: dict[str, Any]) -> Any:
    """Other days for hanging and taking down."""
    return _term(gallery.hang(session, person, now(), gallery_term_id, **data), person)


def _term(term: GalleryTerm, person: Any) -> dict[str, Any]:
    names = ("id", "number", "starts_on", "ends_on", "apply_by", "hangs_on", "comes_down_on", "rev", "show")
    told = {name: getattr(term, name) for name in names}
    return told | {"applications": [each for each in term.applications if each.can_see(person)]}
