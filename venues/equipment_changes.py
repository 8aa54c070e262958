"""Another wish for an event's equipment before its day: what is dropped and what is added change hands in one claim."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Forbidden
from common.identity import Person
from common.period import Period
from common.words import Words
from venues import equipment, messages, pieces, vocabulary
from venues.bookings import find
from venues.holding import TRIES
from venues.models import DECIDES, Booking, BookingEquipment
from venues.refusals import NotNow
from venues.tariffs import Quote, quote


def priced(booking: Booking, wanted: Mapping[str, int]) -> Quote:
    """What the event costs with this equipment, by the tariff it was applied for under."""
    args = (booking.venue.plan, booking.chosen, booking.applicant_class, booking.overtime_minutes)
    return quote(booking.tariff_row.tariff, *args, {code: n for code, n in wanted.items() if n})


def change(
    session: Session, person: Person, now: datetime, booking_id: int, *, equipment_wanted: Mapping[str, int],
    rev: int | None = None,
) -> Booking:  # fmt: skip
    """Change the equipment of an application or a standing booking before it begins; tells the power anew.

    Pieces that stay are kept, those given up are free at once, the others are taken: all of it or nothing. Once an event
    has been charged its price stands, so a change that alters it is refused. Raises NotFound, Forbidden, NotNow, Invalid
    (field `equipment`), NotEnough, Stale.
    """
    booking = find(session, person, booking_id)
    booking.expect(rev)
    if not (booking.is_of(person) or person.has(*DECIDES)):
        raise Forbidden
    if not booking.alive or booking.starts_at <= now:
        raise NotNow(Words("已經開始或已結束，不能再換設備。", "It has begun or ended; the equipment stays."))
    if not booking.venue.lends_equipment:
        raise NotNow(Words("這個場地不出借設備。", "No equipment is lent here."))
    wanted = {code: n for code, n in equipment_wanted.items() if n}
    equipment.check(session, wanted)
    before = {row.kind: row.quantity for row in booking.equipment}
    _price_again(booking, wanted)
    _swap(session, booking, wanted, now)
    _rewrite(session, booking, wanted)
    booking.changed_at = now
    messages.tell(session, messages.BookingChanged, booking, now)
    if before or wanted:
        pieces.tell_power(session, booking, now)
    audit.record(session, person, "equipment_changed", f"booking/{booking.id}", now, before=before, after=wanted)
    return booking


def _price_again(booking: Booking, wanted: Mapping[str, int]) -> None:
    new = priced(booking, wanted)
    if new.fee == booking.fee:
        return
    if booking.status not in vocabulary.UNDECIDED:
        words = Words(
            "這樣場地費會從 {old:,} 元變成 {new:,} 元；核准後金額不再變動，請另案申請。",
            "The fee would go from NT${old:,} to NT${new:,}. After the approval it stands; please apply anew.",
        )
        raise NotNow(words.fill(old=booking.fee, new=new.fee), field="equipment")
    booking.lines = [line.to_data() for line in new.lines]
    booking.fee, booking.deposit = new.fee, new.deposit


def _swap(session: Session, booking: Booking, wanted: Mapping[str, int], now: datetime) -> None:
    """Release what is given up, keep what stays, claim what is new, under the same hold as the venue itself."""
    mine = reservations.held_by(session, booking.holder)
    place = [row for row in mine if row.resource == booking.venue.resource]
    if not place:
        raise reservations.HoldExpired
    periods = [row.period for row in place]
    there = {row.piece for row in pieces.handovers(session, booking) if row.returned_at is None}
    has = sorted(pieces.held(session, booking), key=lambda piece: (piece not in there, _number(piece)))
    keeps: list[str] = []
    for code, count in wanted.items():
        keeps += [piece for piece in has if piece.partition(":")[0] == code][:count]
    dropped = [piece for piece in has if piece not in keeps]
    if there & set(dropped):
        raise NotNow(Words("已送達的設備請先收回。", "What was delivered has to come back first."), field="equipment")
    if dropped:
        reservations.release(session, booking.holder, dropped)
    missing = {code: n - sum(k.partition(":")[0] == code for k in keeps) for code, n in wanted.items()}
    missing = {code: n for code, n in missing.items() if n}
    if missing:
        _take(session, booking, missing, periods, place[0], now)


def _take(
    session: Session, booking: Booking, missing: Mapping[str, int], periods: list[Period],
    place: reservations.Reservation, now: datetime,
) -> None:  # fmt: skip
    """Two rivals may pick the same piece while others are free: then others are picked."""
    for attempt in range(1, TRIES + 1):
        picked = equipment.pick(session, missing, periods, now)
        wants = [(piece, period) for piece in picked for period in periods]
        try:
            reservations.claim(session, booking.holder, wants, now=now, state=place.state, expires_at=place.expires_at)
            return
        except reservations.Taken:
            if attempt == TRIES:
                raise


def _rewrite(session: Session, booking: Booking, wanted: Mapping[str, int]) -> None:
    rows = {row.kind: row for row in booking.equipment}
    for kind, row in rows.items():
        if kind in wanted:
            row.quantity = wanted[kind]
        else:
            booking.equipment.remove(row)
            session.delete(row)
    for kind in sorted(set(wanted) - rows.keys()):
        booking.equipment.append(BookingEquipment(kind=kind, quantity=wanted[kind]))
    session.flush()


def _number(piece: str) -> int:
    return int(piece.rpartition(":")[2])
