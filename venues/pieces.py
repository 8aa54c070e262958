"""Numbered pieces on their way (V3): taken to an event, brought back, damaged, repaired; and an event's pieces changed.

Which piece an event has, the ledger says (`equipment.py` picks them). A damaged piece's time is taken in the ledger until
it is repaired; events that lose it get another free one, or the officer is told.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, Invalid
from common.identity import Person
from common.period import LATEST, Period
from common.roc import when_words
from common.words import Words
from venues import equipment, messages, vocabulary
from venues.ground_rules import find, must_decide
from venues.models import Booking, EquipmentKind, PieceFault, PieceHandover
from venues.refusals import NotNow

TRIES = 8
FAR = timedelta(days=400)
"""How far ahead events are looked through when a piece breaks; bookings open three months ahead."""


class StillOut(Conflict):
    """The piece has not come back from the event before; says from which."""


class Need(NamedTuple):
    """One piece of one event: when it is needed, and how far it is on its way."""

    booking: Booking
    kind: EquipmentKind
    piece: str
    period: Period
    handover: PieceHandover | None
    still_at: PieceHandover | None

    @property
    def label(self) -> Words:
        """The piece's name and number."""
        return piece_words(self.kind, self.piece)


class Short(NamedTuple):
    """An event that has fewer pieces of a kind than it was promised."""

    booking: Booking
    kind: EquipmentKind
    promised: int
    has: int


def piece_words(kind: EquipmentKind, piece: str) -> Words:
    """ "活動式舞臺 2 號" and "Movable stage no. 2"."""
    number = piece.rpartition(":")[2]
    return Words(f"{kind.name} {number} 號", f"{kind.name_en} no. {number}")


def held(session: Session, booking: Booking) -> dict[str, list[Period]]:
    """The pieces an event has in the ledger, each with its times."""
    kinds = {row.kind for row in booking.equipment}
    out: dict[str, list[Period]] = {}
    for row in reservations.held_by(session, booking.holder):
        if row.resource.partition(":")[0] in kinds:
            out.setdefault(row.resource, []).append(row.period)
    return out


def needs(session: Session, period: Period) -> list[Need]:
    """The pieces of all standing events within `period`, in order of time: what goes out and comes back."""
    codes = {kind.code: kind for kind in equipment.kinds(session)}
    rows = select(Booking).where(
        Booking.status.in_(vocabulary.ALIVE), Booking.starts_at < period.ends_at, Booking.ends_at > period.starts_at,
        Booking.equipment.any(),
    )  # fmt: skip
    rows = rows.options(selectinload(Booking.equipment), selectinload(Booking.venue)).order_by(Booking.starts_at)
    out_now = {row.piece: row for row in out(session)}
    found = []
    for booking in session.scalars(rows):
        moved = {row.piece: row for row in handovers(session, booking)}
        for piece, times in held(session, booking).items():
            whole = Period(min(each.starts_at for each in times), max(each.ends_at for each in times))
            there = out_now.get(piece)
            elsewhere = there if there is not None and there.booking_id != booking.id else None
            kind = codes[piece.partition(":")[0]]
            found.append(Need(booking, kind, piece, whole, moved.get(piece), elsewhere))
    return sorted(found, key=lambda need: (need.period.starts_at, need.booking.id, need.piece))


def out(session: Session) -> list[PieceHandover]:
    """The pieces that are at an event now, the longest due first."""
    rows = select(PieceHandover).where(PieceHandover.returned_at.is_(None)).order_by(PieceHandover.due_back_at)
    return list(session.scalars(rows.options(selectinload(PieceHandover.booking))))


def faults(session: Session) -> list[PieceFault]:
    """The pieces that are out of stock now."""
    rows = select(PieceFault).where(PieceFault.repaired_at.is_(None)).order_by(PieceFault.since)
    return list(session.scalars(rows.options(selectinload(PieceFault.what))))


def short(session: Session, now: datetime) -> list[Short]:
    """Events that have fewer pieces than promised in some stretch to come; what they gave back early is not missed."""
    kinds = {kind.code: kind for kind in equipment.kinds(session)}
    rows = select(Booking).where(
        Booking.status.in_(vocabulary.ALIVE),
        Booking.ends_at > now,
        Booking.ends_at < now + FAR,
        Booking.equipment.any(),
    )
    found = []
    for booking in session.scalars(rows.options(selectinload(Booking.equipment)).order_by(Booking.starts_at)):
        runs = _runs(session, booking, now)
        for row in booking.equipment:
            has = min((_count(each, row.kind) for each in runs.values()), default=row.quantity)
            if has < row.quantity and not _gave_back(session, booking, row.kind):
                found.append(Short(booking, kinds[row.kind], row.quantity, has))
    return found


def _runs(session: Session, booking: Booking, now: datetime) -> dict[Period, list[str]]:
    """The stretches of time to come that the event has its venue for, each with the pieces it has then."""
    rows = [row for row in reservations.held_by(session, booking.holder) if row.starts_at > now]
    places = [row for row in rows if row.resource == booking.venue.resource]
    kinds = {row.kind for row in booking.equipment}
    lent = [row for row in rows if row.resource.partition(":")[0] in kinds]
    return {
        place.period: sorted({row.resource for row in lent if row.period.overlaps(place.period)}) for place in places
    }


def _gave_back(session: Session, booking: Booking, kind: str) -> bool:
    return any(row.returned_at for row in handovers(session, booking) if row.kind == kind)


def _count(pieces: Iterable[str], kind: str) -> int:
    return sum(piece.partition(":")[0] == kind for piece in pieces)


# ── Out and back ──────────────────────────────────────────────────────────────


def deliver(
    session: Session, person: Person, now: datetime, booking_id: int, *, piece: str, condition: str = ""
) -> PieceHandover:
    """Write down that a piece was taken to its event.

    Raises Forbidden, NotNow, Invalid (field `piece`) for one the event does not have, StillOut when it has not come back.
    """
    must_decide(person)
    booking = find(session, Booking, booking_id)
    if booking.status not in (vocabulary.CONFIRMED, "in_use"):
        raise NotNow(Words("活動成立後才能送設備。", "Equipment goes out once the event is confirmed."))
    times = held(session, booking).get(piece)
    if not times:
        raise Invalid(Words("這件設備不是這場活動的", "This piece is not this event’s"), field="piece")
    row = PieceHandover(
        booking_id=booking.id, kind=piece.partition(":")[0], piece=piece, due_back_at=max(each.ends_at for each in times),
        delivered_at=now, delivered_by_id=person.id, condition_out=condition,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as twice:
        raise _still_out(session, booking, piece) from twice
    _record(session, person, "piece_delivered", row, now, {"piece": piece, "condition": condition})
    return row


def bring_back(
    session: Session, person: Person, now: datetime, handover_id: int, *, condition: str = "", damaged: bool = False,
    expected_on: date | None = None, rev: int | None = None,
) -> PieceHandover:  # fmt: skip
    """Write down that a piece came back, in what condition; a damaged one goes out of stock at once.

    Raises Forbidden, NotNow, Invalid (field `condition`), Stale.
    """
    must_decide(person)
    row = find(session, PieceHandover, handover_id)
    row.expect(rev)
    if row.returned_at is not None:
        raise NotNow(Words("這件設備已經收回了。", "This piece is back already."))
    if damaged and not condition:
        raise Invalid(Words("請寫哪裡損壞", "Say what is damaged"), field="condition")
    row.returned_at, row.returned_by_id, row.condition_in = now, person.id, condition
    if now < row.due_back_at:
        reservations.release(session, row.booking.holder, [row.piece], from_=now)
    _record(
        session, person, "piece_returned", row, now, {"piece": row.piece, "condition": condition, "damaged": damaged}
    )
    if damaged:
        report_fault(
            session, person, now, piece=row.piece, note=condition, booking_id=row.booking_id, expected_on=expected_on
        )
    return row


# ── Damage and repair ─────────────────────────────────────────────────────────


def report_fault(
    session: Session, person: Person, now: datetime, *, piece: str, note: str, expected_on: date | None = None,
    booking_id: int | None = None,
) -> PieceFault:  # fmt: skip
    """Take a piece out of stock from now until it is repaired.

    Events that had it get another free piece in the same transaction; where there is none, EquipmentShort is posted.
    Raises Forbidden, Invalid (field `piece`), NotNow when it is out of stock already.
    """
    must_decide(person)
    kind = _kind_of(session, piece)
    if session.scalars(
        select(PieceFault.id).where(PieceFault.piece == piece, PieceFault.repaired_at.is_(None))
    ).first():
        raise NotNow(Words("這件設備已經在維修中。", "This piece is out of stock already."), field="piece")
    fault = PieceFault(
        kind=kind.code, piece=piece, booking_id=booking_id, note=note, since=now, expected_on=expected_on,
        reported_by_id=person.id,
    )  # fmt: skip
    session.add(fault)
    session.flush()
    losers = _out_of_stock(session, fault, now)
    for booking, row in losers:
        _give_another(session, booking, kind, row, now)
    after = {"piece": piece, "note": note, "expected_on": str(expected_on or ""), "events": [b.id for b, _ in losers]}
    _record(session, person, "piece_fault", fault, now, after)
    return fault


def repair(
    session: Session, person: Person, now: datetime, fault_id: int, *, note: str = "", rev: int | None = None
) -> PieceFault:
    """The piece is whole again and may be lent from now on; events that lack one get it. Raises Forbidden, NotNow, Stale."""
    must_decide(person)
    fault = find(session, PieceFault, fault_id)
    fault.expect(rev)
    if fault.repaired_at is not None:
        raise NotNow(Words("這件設備已經修好了。", "This piece is repaired already."))
    fault.repaired_at, fault.repair_note = now, note
    reservations.release(session, fault.holder, from_=now if fault.since < now else None)
    _record(session, person, "piece_repaired", fault, now, {"piece": fault.piece, "note": note})
    for each in short(session, now):
        if each.kind.code == fault.kind:
            _fill_up(session, each, now)
    return fault


def _out_of_stock(session: Session, fault: PieceFault, now: datetime) -> list[tuple[Booking, reservations.Reservation]]:
    """Take the piece's time for the repair; somebody may be given it at this very moment, and then loses it as well."""
    losers = []
    for attempt in range(1, TRIES + 1):
        losers += _take_away(session, fault.piece, now)
        try:
            reservations.claim(session, fault.holder, [(fault.piece, Period(now, LATEST))], now=now)
            break
        except reservations.Taken:
            if attempt == TRIES:
                raise
    return losers


def _take_away(session: Session, piece: str, now: datetime) -> list[tuple[Booking, reservations.Reservation]]:
    """Release a piece's coming time from whoever has it; the bookings that lose it, with what they had."""
    rows = select(reservations.Reservation).where(
        reservations.Reservation.resource == piece, reservations.is_active(),
        reservations.Reservation.ends_at > now,
        reservations.Reservation.expires_at.is_(None) | (reservations.Reservation.expires_at > now),
    )  # fmt: skip
    out_of = []
    for row in session.scalars(rows.order_by(reservations.Reservation.starts_at)).all():
        kind, _, number = row.holder.partition(":")
        booking = session.get(Booking, int(number)) if kind == "booking" else None
        if booking is None:
            raise NotNow(
                Words("這件設備另有用途，請先處理。", "The piece is taken for something else; settle that first.")
            )
        session.expunge(row)
        out_of.append((booking, row))
        reservations.release(session, booking.holder, [piece], from_=now if row.starts_at < now else None)
    return out_of


def _give_another(
    session: Session, booking: Booking, kind: EquipmentKind, lost: reservations.Reservation, now: datetime
) -> None:
    """Another free piece of the kind for the time that was lost, or the officer is told; the power is told anew."""
    period = Period(max(lost.starts_at, now), lost.ends_at)
    for other in reservations.free(session, kind.resources, period, now):
        try:
            wants = [(other, period)]
            reservations.claim(session, booking.holder, wants, now=now, state=lost.state, expires_at=lost.expires_at)
            return
        except reservations.Taken:
            continue
    messages.tell_short(session, booking, kind, now)
    tell_power(session, booking, now)


def _fill_up(session: Session, lack: Short, now: datetime) -> None:
    """Give an event what it lacks, as far as it is free now; the power is told anew."""
    place = next(
        row for row in reservations.held_by(session, lack.booking.holder) if row.resource == lack.booking.venue.resource
    )
    for period, has in _runs(session, lack.booking, now).items():
        missing = lack.promised - _count(has, lack.kind.code)
        for piece in reservations.free(session, lack.kind.resources, period, now)[: max(missing, 0)]:
            reservations.claim(
                session, lack.booking.holder, [(piece, period)], now=now, state=place.state, expires_at=place.expires_at
            )
    tell_power(session, lack.booking, now)


# ── Another wish ──────────────────────────────────────────────────────────────


def watts(session: Session, booking: Booking) -> list[int]:
    """What the pieces an event really has draw in each of its slots, in watts."""
    kinds = {kind.code: kind for kind in equipment.kinds(session)}
    has = held(session, booking)
    return [
        sum(
            kinds[piece.partition(":")[0]].watts
            for piece, times in has.items()
            if any(each.overlaps(slot.period) for each in times)
        )
        for slot in booking.slots
    ]


def tell_power(session: Session, booking: Booking, now: datetime) -> None:
    """Tell what an event's pieces draw: once the event is approved, and only for the grounds, whose supply the charging posts share."""
    if booking.venue.kind == "ground" and booking.status not in (*vocabulary.UNDECIDED, *vocabulary.ENDED):
        messages.tell_power(session, booking, now, watts(session, booking))


def _kind_of(session: Session, piece: str) -> EquipmentKind:
    kind = session.get(EquipmentKind, piece.partition(":")[0])
    if kind is None or piece not in kind.resources:
        raise Invalid(Words("沒有這件設備", "There is no such piece"), field="piece")
    return kind


def handovers(session: Session, booking: Booking) -> list[PieceHandover]:
    """The pieces that were taken to an event so far, back or not."""
    return list(session.scalars(select(PieceHandover).where(PieceHandover.booking_id == booking.id)))


def _still_out(session: Session, booking: Booking, piece: str) -> Conflict:
    mine = select(PieceHandover).where(PieceHandover.booking_id == booking.id, PieceHandover.piece == piece)
    if session.scalars(mine).first():
        return NotNow(Words("這件設備已經送到了。", "This piece was delivered already."))
    other = session.scalars(
        select(PieceHandover).where(PieceHandover.piece == piece, PieceHandover.returned_at.is_(None))
    ).one()
    words = Words(
        "這件還在「{event}」，應於 {due} 收回，請先收回。",
        "This piece is still at “{event}” and was due back {due}. Fetch it first.",
    )
    return StillOut(words.fill(event=other.booking.event_name, due=when_words(other.due_back_at)), field="piece")


def _record(
    session: Session, person: Person, action: str, row: PieceHandover | PieceFault, now: datetime,
    after: Mapping[str, object],
) -> None:  # fmt: skip
    session.flush()
    audit.record(session, person, action, f"{row.__tablename__}/{row.id}", now, after=dict(after))
