"""Holding a booking's place and pieces in the ledger, all of it or none, and the words for those who come second."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from common import reservations
from common.errors import Conflict
from common.period import Period, merged
from common.roc import day_words
from common.words import Words
from venues import availability, equipment
from venues.models import Booking, Venue
from venues.slots import Chosen, reserved

TRIES = 8


class SlotTaken(Conflict):
    """Somebody has one of the slots; says which."""


def periods_of(booking: Booking) -> list[Period]:
    """What a booking keeps for itself: each run of slots whole, the last one with its overtime."""
    return reserved(booking.venue.plan, booking.chosen, booking.overtime_minutes)


def place_wants(venue: Venue, periods: Iterable[Period]) -> list[reservations.Want]:
    """The venue and its parts through these periods, each with the time kept for setting up and clearing."""
    times = merged([venue.with_buffers(period) for period in periods])
    return [(resource, period) for resource in venue.resources for period in times]


def hold(session: Session, booking: Booking, now: datetime, *, with_pieces: bool = True) -> None:
    """Hold the booking's venue with its parts, and its numbered pieces of equipment, all of it or none.

    Raises SlotTaken, NotEnough.
    """
    periods = periods_of(booking)
    place = place_wants(booking.venue, periods)
    try:
        _claim(session, booking, place, periods, now, with_pieces=with_pieces)
    except reservations.Taken as taken:
        raise taken_words(session, booking.venue, booking.chosen, periods, now) from taken


def hold_pieces(session: Session, booking: Booking, now: datetime) -> None:
    """Hold the booking's pieces of equipment alone. Raises NotEnough."""
    if booking.equipment:
        _claim(session, booking, [], periods_of(booking), now, with_pieces=True)


def _claim(
    session: Session, booking: Booking, place: list[reservations.Want], periods: list[Period], now: datetime, *,
    with_pieces: bool,
) -> None:  # fmt: skip
    """Two rivals may pick the same piece while others are free: then only pieces stand in the way; others are picked."""
    lent = {row.kind: row.quantity for row in booking.equipment} if with_pieces else {}
    for attempt in range(1, TRIES + 1):
        pieces = equipment.pick(session, lent, periods, now) if lent else []
        wants = [*place, *((piece, period) for piece in pieces for period in periods)]
        try:
            reservations.claim(session, booking.holder, wants, now=now, state="held")
            return
        except reservations.Taken as taken:
            if attempt == TRIES or not all(by.resource in pieces for by in taken.by):
                raise


def taken_words(
    session: Session, venue: Venue, chosen: Sequence[Chosen], periods: Sequence[Period], now: datetime
) -> SlotTaken:
    """The refusal that names which of the chosen slots somebody has."""
    plan = {slot.code: slot for slot in venue.plan}
    occupied = [each for run in periods for each in availability.busy(session, venue, run, now)]
    lost = [each for each in chosen if any(plan[each.slot].on(each.date).overlaps(other) for other in occupied)]
    if not lost and not occupied:
        words = Words(
            "前後要留的佈置與清場時間已有人使用，請改選時段。",
            "Somebody has the time kept for setting up and clearing; choose another slot.",
        )
        return SlotTaken(words, field="slots")
    if not lost:
        words = Words(
            "逾時的時間已有人使用，請縮短或改選時段。", "Somebody has the overtime; shorten it or choose another slot."
        )
        return SlotTaken(words, field="slots")
    names = [(day_words(each.date), plan[each.slot].label) for each in lost]
    zh = "、".join(f"{day.zh}{slot.zh}" for day, slot in names)
    en = ", ".join(f"{day.en} {slot.en.lower()}" for day, slot in names)
    said = Words(
        "這個時段剛被別人申請走了：{what}。請改選其他時段。",
        "Somebody has just taken {what}. Please choose another slot.",
    )
    return SlotTaken(said.fill(what=Words(zh, en)), field="slots")
