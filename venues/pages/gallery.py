"""師生畫廊: what hangs now and next, for everybody; the terms and their applications, for schools and the officer."""

from typing import Any

from common.identity import Agency
from common.period import today
from common.web import anyone, flash, form_data, now, redirect_to, render
from common.words import Words
from venues import figures, gallery
from venues.ground_rules import find
from venues.models import GalleryTerm
from venues.pages.door import applies, decides, desk_pages
from venues.schemas import gallery as shapes
from venues.terms import GALLERY_STATES, GALLERY_TONES

pages = desk_pages("gallery")


@pages.get("/gallery", allows=anyone)
def show_gallery(session: Any, person: Any) -> Any:
    """The exhibition of now, those to come, and the terms that are still to be had."""
    day = today(now())
    terms = gallery.terms(session)
    ahead = sorted((term for term in terms if term.starts_on > day), key=lambda term: term.starts_on)
    return render(
        "venues/gallery.html", day=day, ahead=ahead, past=[term for term in terms if term.ends_on < day],
        on=[term for term in terms if term.starts_on <= day <= term.ends_on], names=_names(session, terms),
        keeper=person is not None and decides.passes(person), number=gallery.next_number(session),
        may_apply=person is not None and applies.passes(person),
        heaviest=figures.row_on(session, "gallery.heaviest_kg", day),
        apply_days=figures.row_on(session, "gallery.apply_days", day),
    )  # fmt: skip


@pages.post("/gallery", allows=decides, again=show_gallery)
def plan_term(session: Any, person: Any) -> Any:
    """A new term."""
    term = gallery.plan(session, person, now(), **form_data(shapes.PlanGalleryTerm))
    flash(Words("已排{term}", "{term} planned").fill(term=term.label))
    return redirect_to(".show_term", gallery_term_id=term.id)


@pages.get("/gallery/<int:gallery_term_id>", allows=anyone)
def show_term(session: Any, person: Any, gallery_term_id: int) -> Any:
    """One term: its exhibition, the school's form, and the officer's choice."""
    term = find(session, GalleryTerm, gallery_term_id)
    seen = [each for each in term.applications if person is not None and each.can_see(person)]
    day = today(now())
    mine = person is not None and any(each.is_of(person) for each in term.applications)
    return render(
        "venues/gallery_term.html", term=term, seen=seen, names=_names(session, [term]), day=day, states=GALLERY_STATES,
        tones=GALLERY_TONES, keeper=person is not None and decides.passes(person),
        heaviest=figures.row_on(session, "gallery.heaviest_kg", term.starts_on),
        may_apply=person is not None and applies.passes(person) and not mine and not term.show and day <= term.apply_by,
    )  # fmt: skip


@pages.post("/gallery/<int:gallery_term_id>/apply", allows=applies, again=show_term)
def apply(session: Any, person: Any, gallery_term_id: int) -> Any:
    """A school asks for it."""
    gallery.apply(session, person, now(), gallery_term_id, **form_data(shapes.ApplyForGalleryTerm))
    return _done(Words("已送出申請", "Sent"), gallery_term_id)


@pages.post("/gallery/<int:gallery_term_id>/assign", allows=decides, again=show_term)
def assign(session: Any, person: Any, gallery_term_id: int) -> Any:
    """The officer chooses a school."""
    gallery.assign(session, person, now(), gallery_term_id, **form_data(shapes.AssignGalleryTerm))
    return _done(Words("已排定，會通知每一所學校。", "Assigned; every school is told."), gallery_term_id)


@pages.post("/gallery/<int:gallery_term_id>/hanging", allows=decides, again=show_term)
def set_hanging(session: Any, person: Any, gallery_term_id: int) -> Any:
    """Other days for hanging and taking down."""
    gallery.hang(session, person, now(), gallery_term_id, **form_data(shapes.HangingIn))
    return _done(Words("已修改佈展與撤展日", "Changed"), gallery_term_id)


def _done(said: Words, gallery_term_id: int) -> Any:
    flash(said)
    return redirect_to(".show_term", gallery_term_id=gallery_term_id)


def _names(session: Any, terms: list[GalleryTerm]) -> dict[int, Words]:
    """The schools by id."""
    wanted = {each.agency_id for term in terms for each in term.applications}
    found = (session.get(Agency, agency) for agency in sorted(wanted))
    return {agency.id: agency.words for agency in found if agency is not None}
