"""The register of places for people: all of them, a new one, one corrected or out of use."""

import re
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from common.errors import FieldError, Invalid
from common.schemas import load_form
from common.web import flash, now, redirect_to, render
from common.words import Words
from venues import place_register, vocabulary
from venues.models import DECIDES, Venue
from venues.pages.door import decides, desk_pages, oversees
from venues.place_register import MOST_SLOTS, SlotCard
from venues.schemas import places as shapes

pages = desk_pages("place_register")

BLANK_SLOTS = 3


@pages.get("/places", allows=oversees)
def show_places(session: Any, person: Any) -> Any:
    """Every place, in use or not; in a house that has none, City Hall's list can be taken in."""
    return render(
        "venues/places.html", places=place_register.every(session), kinds=vocabulary.VENUE_KINDS, keeper=person.has(*DECIDES),
        unpriced=place_register.without_tariff(session),
    )  # fmt: skip


@pages.post("/places/city-hall", allows=decides, again=show_places)
def take_in_city_hall(session: Any, person: Any) -> Any:
    """City Hall's places, with sample values where the city has published none."""
    place_register.take_in_city_hall(session, person, now())
    flash(
        Words("已載入市政大樓的場地；示範值請逐項確認。", "City Hall’s places are in. Please check the sample values.")
    )
    return redirect_to(".show_places")


@pages.get("/places/new", allows=decides)
def ask_place(session: Any, person: Any) -> Any:
    """A form for a new place."""
    return _form(session, None)


@pages.post("/places/new", allows=decides, again=ask_place)
def add_place(session: Any, person: Any) -> Any:
    """Enter it."""
    data = _typed(shapes.NewPlaceForm)
    del data["rev"], data["active"]
    place = _at_rows(lambda: place_register.add(session, person, now(), **data))
    flash(Words("已新增{place}。", "{place} is entered.").fill(place=place.label))
    return redirect_to(".show_places")


@pages.get("/places/<int:place_id>", allows=decides)
def show_place(session: Any, person: Any, place_id: int) -> Any:
    """What is kept of a place, to correct."""
    return _form(session, place_register.find(session, place_id))


@pages.post("/places/<int:place_id>", allows=decides, again=show_place)
def change_place(session: Any, person: Any, place_id: int) -> Any:
    """Correct it."""
    data = _typed(shapes.PlaceForm)
    place = _at_rows(lambda: place_register.change(session, person, now(), place_id, **data))
    flash(Words("已修改{place}。", "{place} is changed.").fill(place=place.label))
    return redirect_to(".show_places")


def _form(session: Any, place: Venue | None) -> Any:
    rows = min(len(place.slot_rows) + 1 if place else BLANK_SLOTS, MOST_SLOTS)
    return render(
        "venues/place_card.html", place=place, kinds=vocabulary.VENUE_KINDS, wholes=place_register.wholes(session),
        managers=place_register.managers(session), rows=range(rows), slots=place.slot_rows if place else [],
        unpriced=place is not None and place.id in place_register.without_tariff(session),
    )  # fmt: skip


def _typed(shape: Any) -> dict[str, Any]:
    """What was typed, without the slots ticked to go."""
    kept = MultiDict((name, value) for name, value in request.form.items(multi=True) if _row(name) not in _dropped())
    data: dict[str, Any] = load_form(shape, kept)
    data["slots"] = [SlotCard(**slot) for slot in data["slots"]]
    return data


def _row(name: str) -> int | None:
    found = re.match(r"slots\.([0-9]{1,2})\.", name)
    return int(found[1]) if found else None


def _dropped() -> set[int | None]:
    return {_row(name) for name in request.form if re.fullmatch(r"slots\.[0-9]{1,2}\.drop", name)}


def _at_rows(work: Any) -> Any:
    """Faults of slots at the rows they were typed in: blank rows and those ticked to go are none."""
    try:
        return work()
    except Invalid as refused:
        filled = {_row(name) for name, value in request.form.items(multi=True) if value.strip()}
        rows = sorted(row for row in filled - _dropped() if row is not None)
        raise Invalid.many([FieldError(_placed(each.field, rows), each.words) for each in refused.errors]) from refused


def _placed(field: str, rows: list[int]) -> str:
    found = re.fullmatch(r"slots\.([0-9]+)\.(\w+)", field)
    return f"slots.{rows[int(found[1])]}.{found[2]}" if found else field
