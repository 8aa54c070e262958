"""Venues, free slots and the equipment that is lent."""

from datetime import date
from typing import Any

from common.errors import Invalid
from common.period import Period, today
from common.web import now, signed_in
from common.words import Words
from venues import availability, equipment, figures
from venues.api.door import api
from venues.schemas import given, taken
from venues.tariffs.flat import flat


@api.get("/venues", "listVenues", query=taken.VenueQuery, gives=given.VenuesOut, allows=signed_in)
def list_venues(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Halls, grounds and their parts, meeting rooms (S-02, M-01)."""
    return {"items": [_venue(each) for each in availability.venues(session, query["kind"])], "next": None}


@api.get("/venues/<int:venue_id>", "getVenue", gives=given.VenueDetailOut, allows=signed_in)
def get_venue(session: Any, person: Any, venue_id: int) -> Any:
    """One venue, the tariff in force and the days that may be applied for today by the caller’s body (S-03…S-11, S-31…S-41)."""
    place = availability.venue(session, venue_id)
    told = _venue(place) | {"tariff_version": None, "rates": [], "applying": None, "first_day": None, "last_day": None}
    if place.by_slots:
        row = availability.tariff_row(session, place, today(now()))
        first, last = availability.window(place, now(), row.tariff.applying, place.class_of(person) or "")
        told |= {"tariff_version": row.version, "first_day": first, "last_day": last if last < date.max else None}
        told |= {name: flat(row.tariff)[name] for name in ("rates", "applying")}
    return told


@api.get("/free-slots", "findFreeSlots", query=taken.FreeSlotsQuery, gives=given.FreeSlotsOut, allows=signed_in)
def find_free_slots(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """The slots nobody has and that may be applied for today (S-03, S-10)."""
    place = availability.venue(session, query["venue_id"], by_slots=True)
    mine = place.class_of(person) or ""
    states = availability.slot_states(session, place, query["from_"], query["until"], now(), mine)
    items = [
        {"date": each.date, "slot": each.slot.code, "starts_at": each.period.starts_at, "ends_at": each.period.ends_at}
        for each in states
        if each.state == availability.FREE
    ]
    return {"items": items, "next": None}


@api.get("/equipment", "listEquipment", query=taken.EquipmentQuery, gives=given.EquipmentListOut, allows=signed_in)
def list_equipment(session: Any, person: Any, query: dict[str, Any]) -> Any:
    """Movable stages, sound and light sets, and how many are free (S-19)."""
    if (query["starts_at"] is None) != (query["ends_at"] is None):
        words = Words("開始和結束時間要一起給", "Give both the start and the end")
        raise Invalid(words, field="ends_at" if query["ends_at"] is None else "starts_at")
    periods = [Period(query["starts_at"], query["ends_at"])] if query["starts_at"] else []
    items = []
    for kind, free in equipment.stock(session, periods, now()):
        named = {"kind": kind.code, "name": kind.name, "name_en": kind.name_en, "units": kind.units, "free": free}
        items.append(named | {"most": kind.most, "watts": kind.watts, "saves": _saves(session, kind)})
    return {"items": items, "next": None}


def _saves(session: Any, kind: Any) -> int:
    """What a piece saves today (S-19); nothing for a kind without a figure."""
    past = [row for row in figures.versions(session).get(f"saving.{kind.code}", []) if row.valid_from <= today(now())]
    return past[0].value if past else 0


def _venue(place: Any) -> dict[str, Any]:
    shape = {name: getattr(place, name) for name in _COLUMNS}
    return shape | {"part_ids": [part.id for part in place.parts], "slot_rows": place.slot_rows}


_COLUMNS = (
    "id", "code", "kind", "name", "name_en", "place", "place_en", "about", "about_en", "area_m2", "max_people", "max_days",
    "opens_months", "closes_days", "whole_id", "features", "sample",
)  # fmt: skip
