"""The register of places (場地主檔): halls, grounds, rooms and their parts entered, corrected, taken out of use (S-02, M-01).

What a place takes of the ledger never changes under what is booked: a new part is taken for whoever has the whole by then, a
slot keeps its times while somebody is to come in it, and a place goes out of use only when nobody has it any more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from common import audit, reservations
from common.db import for_update
from common.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from common.identity import Agency, Person
from common.reservations import Reservation
from common.words import Words
from venues import places, vocabulary
from venues.models import DECIDES, Booking, BookingSlot, TariffRow, Venue, VenueSlot

MOST_SLOTS = 8


class SlotCard(NamedTuple):
    """A slot of a place's day as entered, in Taipei's wall-clock times; `ends` lies after `starts`."""

    code: str
    name: str
    name_en: str
    starts: time
    ends: time


class InUse(Conflict):
    """Somebody is still to come there; says how many."""


def every(session: Session) -> list[Venue]:
    """All places in order of the list, those out of use too, with their parts and slots."""
    found = select(Venue).order_by(Venue.place_in_list, Venue.id)
    loaded = (selectinload(Venue.slot_rows), selectinload(Venue.parts), selectinload(Venue.manager))
    return list(session.scalars(found.options(*loaded)))


def find(session: Session, place_id: int) -> Venue:
    """A place, in use or not. Raises NotFound."""
    place = session.get(Venue, place_id)
    if place is None:
        raise NotFound
    return place


def managers(session: Session) -> list[Agency]:
    """The agencies that may manage a place: the city's own."""
    return list(session.scalars(select(Agency).where(Agency.kind == "city", Agency.active).order_by(Agency.id)))


def wholes(session: Session) -> list[Venue]:
    """The places that may have parts: in use, had by slots, no parts themselves."""
    return [each for each in every(session) if each.active and each.by_slots and each.whole_id is None]


def without_tariff(session: Session) -> set[int]:
    """Ids of the places had by slots that have no tariff, of their own or their whole's: nobody can apply for them yet."""
    priced = set(session.scalars(select(TariffRow.venue_id).distinct()))
    return {each.id for each in every(session) if each.by_slots and not {each.id, each.whole_id} & priced}


def take_in_city_hall(session: Session, person: Person, now: datetime) -> None:
    """Enter City Hall's places, with what is lent there, into a house that has none. Raises Forbidden, Conflict."""
    _must(person)
    if session.scalars(select(Venue.id).limit(1)).first():
        raise Conflict(Words("已經有場地了。", "There are places already."))
    places.load(session)
    audit.record(session, person, "city_hall_taken_in", "venue", now, after={"places": len(every(session))})


def add(
    session: Session, person: Person, now: datetime, *, code: str, kind: str, whole_id: int | None,
    slots: Sequence[SlotCard], **told: Any,
) -> Venue:  # fmt: skip
    """A new place; `told` are its columns. A part has its whole's kind, and what is booked of the whole has it as well.

    Raises Forbidden, Invalid at the field.
    """
    _must(person)
    whole = session.get(Venue, whole_id, **for_update(session, Venue)) if whole_id else None
    if whole_id and (whole is None or whole.kind != kind or not whole.active or whole.whole_id):
        raise Invalid(Words("不能是這個場地的分區", "It cannot be a part of that place"), field="whole_id")
    _check(kind, slots, told)
    last = session.scalar(select(func.max(Venue.place_in_list))) or 0
    place = Venue(code=code, kind=kind, whole_id=whole_id, place_in_list=last + 1, sample=False, **_columns(kind, told))
    place.slot_rows = [_slot_row(each) for each in slots]
    try:
        with session.begin_nested():
            session.add(place)
    except IntegrityError as twice:
        raise Invalid(Words("已經有這個代碼", "There is such a code already"), field="code") from twice
    if whole is not None:
        session.refresh(whole, ["parts"])
        _take_for_the_whole(session, place, whole, now)
    after = {"code": code, "kind": kind, "whole_id": whole_id, **told, "slots": _told(slots)}
    audit.record(session, person, "place_added", f"venue/{place.id}", now, after=after)
    return place


def change(
    session: Session, person: Person, now: datetime, place_id: int, *, slots: Sequence[SlotCard], active: bool,
    rev: int | None = None, **told: Any,
) -> Venue:  # fmt: skip
    """Correct a place; its code, kind and whole stay. Bookings keep what they were promised.

    Raises NotFound, Forbidden, Stale, Invalid at the field, InUse when it should go out of use and somebody is to come.
    """
    _must(person)
    place = find(session, place_id)
    place.expect(rev)
    _check(place.kind, slots, told)
    if place.active and not active:
        _check_unused(session, place, now)
    before = {name: getattr(place, name) for name in told} | {"active": place.active, "slots": _told(_cards(place))}
    for name, value in _columns(place.kind, told).items():
        setattr(place, name, value)
    place.active, place.sample = active, False
    _change_slots(session, place, slots, now)
    flag_modified(place, "name")  # its slots are rows of their own; the place is what two people edit
    session.flush()
    after = {**told, "active": active, "slots": _told(slots)}
    audit.record(session, person, "place_changed", f"venue/{place.id}", now, before=before, after=after)
    return place


def _must(person: Person) -> None:
    if not person.has(*DECIDES):
        raise Forbidden


def _columns(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a place; a room is had by the quarter hour, a number of days ahead (M-02)."""
    own = dict(told)
    return own | {"opens_days": 90, "window_rule": "M-02"} if kind == "room" else own


def _check(kind: str, slots: Sequence[SlotCard], told: Mapping[str, Any]) -> None:
    errors = []
    if kind == "room":
        if slots:
            errors.append(FieldError("slots", Words("會議室不分時段", "A meeting room has no slots")))
        if not told["max_people"]:
            errors.append(FieldError("max_people", Words("請填座位數", "Enter the number of seats")))
    elif not slots:
        errors.append(FieldError("slots", Words("至少要有一個時段", "Enter one slot at least")))
    elif told["opens_months"] * 28 <= told["closes_days"]:
        words = Words("截止要比開放晚", "Applications must open before they close")
        errors.append(FieldError("closes_days", words))
    ordered = sorted(enumerate(slots), key=lambda each: each[1].starts)
    for number, slot in enumerate(slots):
        if slot.ends <= slot.starts:
            errors.append(FieldError(f"slots.{number}.ends", Words("結束要在開始之後", "It ends before it starts")))
        if slot.code in {each.code for each in slots[:number]}:
            errors.append(FieldError(f"slots.{number}.code", Words("代碼重複", "The code is there twice")))
    for (_, one), (number, following) in zip(ordered, ordered[1:], strict=False):
        if following.starts < one.ends:
            words = Words("和「{name}」重疊", "It overlaps “{name}”")
            errors.append(FieldError(f"slots.{number}.starts", words.fill(name=Words(one.name, one.name_en))))
    if errors:
        raise Invalid.many(errors)


def _check_unused(session: Session, place: Venue, now: datetime) -> None:
    found = select(func.count(func.distinct(Reservation.holder))).where(
        Reservation.resource.in_(place.resources), reservations.is_active(), Reservation.ends_at > now,
    )  # fmt: skip
    many = session.scalar(found) or 0
    if many:
        words = Words(
            "還有 {n} 件用到它，等用完或先停止使用。", "{n} still have it. Wait until they are over, or close it first."
        )
        raise InUse(words.fill(n=many), field="active")


def _change_slots(session: Session, place: Venue, slots: Sequence[SlotCard], now: datetime) -> None:
    """Names at will; times only while nobody is to come in the slot; a slot that was ever booked does not go."""
    there = {row.code: row for row in place.slot_rows}
    for number, card in enumerate(slots):
        row = there.pop(card.code, None)
        if row is None:
            place.slot_rows.append(_slot_row(card))
            continue
        times = (f"{card.starts:%H:%M}", f"{card.ends:%H:%M}")
        if times != (row.starts, row.ends) and _booked(session, place, card.code, now):
            words = Words("這個時段還有人要用，時間不能改", "Somebody is to come in this slot; its times stay")
            raise Invalid(words, field=f"slots.{number}.starts")
        row.name, row.name_en, (row.starts, row.ends) = card.name, card.name_en, times
    for row in there.values():
        if _booked(session, place, row.code, None):
            words = Words("「{name}」有案件用過，不能刪除", "“{name}” has bookings and cannot go")
            raise Invalid(words.fill(name=Words(row.name, row.name_en)), field="slots")
        place.slot_rows.remove(row)
        session.delete(row)


def _booked(session: Session, place: Venue, slot: str, after: datetime | None) -> bool:
    found = select(BookingSlot.id).join(Booking).where(Booking.venue_id == place.id, BookingSlot.slot == slot)
    if after is not None:
        found = found.where(BookingSlot.ends_at > after, Booking.status.not_in(vocabulary.ENDED))
    return session.scalars(found.limit(1)).first() is not None


def _take_for_the_whole(session: Session, part: Venue, whole: Venue, now: datetime) -> None:
    rows = select(Reservation).where(
        Reservation.resource == whole.resource, reservations.is_active(), Reservation.ends_at > now
    )
    for row in session.scalars(rows).all():
        wants = [(part.resource, row.period)]
        reservations.claim(session, row.holder, wants, now=now, state=row.state, expires_at=row.expires_at)


def _slot_row(card: SlotCard) -> VenueSlot:
    times = {"starts": f"{card.starts:%H:%M}", "ends": f"{card.ends:%H:%M}"}
    return VenueSlot(code=card.code, name=card.name, name_en=card.name_en, **times)


def _cards(place: Venue) -> list[SlotCard]:
    return [
        SlotCard(row.code, row.name, row.name_en, time.fromisoformat(row.starts), time.fromisoformat(row.ends))
        for row in place.slot_rows
    ]


def _told(slots: Sequence[SlotCard]) -> list[str]:
    return [f"{each.code} {each.starts:%H:%M}–{each.ends:%H:%M} {each.name}" for each in slots]
