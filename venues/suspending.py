"""The worker's part of a closure: it is carried out in slices of so many bookings a transaction, and so is its withdrawal.

What is still to do is what the reservation ledger still shows: a slice takes the next holders in the way, suspends them,
and puts the closure in their place within the same transaction. When nobody is in the way any more the closure claims
what is free; a rival who came between is simply the next slice. So an application that races with a closure is either
refused or suspended, and two workers cannot do the same slice: the closure's row is locked, and each booking has one
line (`suspended_once`).
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from common import audit, log, reservations
from common.db import Database
from common.errors import Conflict
from common.period import Period
from common.reservations import Reservation, Want
from venues import cancellations, closures, contests, messages, money, refunds, setup_holds, waiting
from venues.equipment import NotEnough
from venues.holding import SlotTaken, hold
from venues.models import Booking, Closure, ClosureLine, Meeting, Payout, Venue
from venues.models.closures import CARRIED_OUT, RECORDED, REOPENED, REOPENING
from venues.refunds import Refund
from venues.vocabulary import ALIVE, CONFIRMED, CONTESTED, SUBMITTED, SUSPENDED, UNDECIDED

A_SLICE = 100
GAPS_AT_ONCE = 2000
TURN_SECONDS = 10.0
"""How long one turn of the worker goes on, so that its other chores get theirs."""


def carry_on(database: Database, settings: Any, now: datetime) -> int:
    """Do what is to be done about closures, slice by slice, for a while; returns how many slices. Run by the worker."""
    until, slices = time.monotonic() + TURN_SECONDS, 0
    with database.reading() as session:
        if session.scalars(_waiting()).first() is None:
            return 0
    while time.monotonic() < until:
        try:
            if not database.transact(lambda session: step(session, now)):
                break
        except Conflict as rival:
            log.say("closure slice tried again", level=30, error=type(rival).__name__)
        slices += 1
    return slices


def step(session: Session, now: datetime) -> bool:
    """One slice of the oldest closure that waits; False when none does. A rival worker waits for its row and goes on."""
    closure = session.scalars(_waiting().with_for_update()).first()
    if closure is None:
        return False
    if closure.state == RECORDED:
        _close_some(session, closure, now)
    else:
        _reopen_some(session, closure, now)
    return True


def _waiting() -> Select[Closure]:
    """The oldest closure that something is still to be done about."""
    return select(Closure).where(Closure.state.in_((RECORDED, REOPENING))).order_by(Closure.id).limit(1)


# ── Closing ───────────────────────────────────────────────────────────────────


def _close_some(session: Session, closure: Closure, now: datetime) -> None:
    resources = closure.resources
    bookings, meetings = _in_the_way(session, closure, resources, now)
    if not bookings and not meetings:
        waiting.take_offers_back(session, closures.in_ledger(resources, closure.period, now))
        if _claim_free(session, closure, resources, now):
            closure.state, closure.carried_out_at = CARRIED_OUT, now
            after = {"done": closure.done, "refunded": closure.refunded}
            audit.record(session, None, "closure_carried_out", f"closure/{closure.id}", now, after=after)
        return
    contests.leave(session, bookings, now)
    freed = _give_up(session, [*bookings, *meetings], closure, resources, now)
    returned = {booking.id: _suspend(session, closure, booking, now) for booking in bookings}
    session.flush()
    for booking in bookings:
        refund = returned[booking.id]
        messages.tell(
            session, messages.BookingSuspended, booking, now, reason=closure.reason, refund=refund, flush=False
        )
    for meeting in meetings:
        _release(session, closure, meeting, now)
    if freed:
        reservations.claim(session, closure.holder, freed, now=now)
    closure.done += len(bookings) + len(meetings)
    closure.refunded += sum(returned.values())
    closure.expected = max(closure.expected, closure.done)


def _in_the_way(
    session: Session, closure: Closure, resources: Sequence[str], now: datetime
) -> tuple[list[Booking], list[Meeting]]:
    """The next bookings and meetings that have something of the closed time, each row locked."""
    if closure.ends_at <= now:
        return [], []
    ahead = Period(max(closure.starts_at, now), closure.ends_at)
    holders = closures.in_ledger(resources, ahead, now)
    booked = list(session.scalars(holders.where(Reservation.holder.startswith("booking:")).limit(A_SLICE)))
    met = list(session.scalars(holders.where(Reservation.holder.startswith("meeting:")).limit(A_SLICE)))
    ids = closures.ids_of("booking", booked)
    if not ids:
        places = [place.venue for place in closure.places]
        ids = closures.without_hold(session, places, ahead)[:A_SLICE]
    bookings = select(Booking).where(Booking.id.in_(ids), Booking.status.in_(ALIVE))
    meetings = select(Meeting).where(
        Meeting.id.in_(closures.ids_of("meeting", met)), Meeting.released_at.is_(None), Meeting.ends_at > now
    )
    fresh = {"populate_existing": True}
    whole = (
        selectinload(Booking.entries), selectinload(Booking.steps), selectinload(Booking.slots),
        selectinload(Booking.tariff_row), selectinload(Booking.venue).selectinload(Venue.whole),
        selectinload(Booking.equipment),
    )  # fmt: skip
    bookings = bookings.options(*whole).order_by(Booking.id).with_for_update()
    return (
        list(session.scalars(bookings, execution_options=fresh)),
        list(session.scalars(meetings.order_by(Meeting.id).with_for_update(), execution_options=fresh)),
    )


def _give_up(
    session: Session, those: Sequence[Booking | Meeting], closure: Closure, resources: Sequence[str], now: datetime
) -> list[Want]:
    """Take from all of them what they have from now on; returns what of it falls into the closure."""
    holders = [each.holder for each in those]
    mine = select(Reservation.resource, Reservation.starts_at, Reservation.ends_at).where(
        Reservation.holder.in_(holders), Reservation.resource.in_(resources), reservations.is_active()
    )
    free = [
        (resource, max(starts_at, closure.starts_at, now), min(ends_at, closure.ends_at))
        for resource, starts_at, ends_at in session.execute(mine)
    ]
    for each in those:
        if each.starts_at < now:
            reservations.release(session, each.holder, from_=now)
    reservations.release_all(session, [each.holder for each in those if each.starts_at >= now])
    return [(resource, Period(first, last)) for resource, first, last in free if first < last]


def _suspend(session: Session, closure: Closure, booking: Booking, now: datetime) -> int:
    """Stop one booking and write its money back; returns how much comes back, in whole NT$."""
    before = booking.status
    returned = whole_refund(booking, closure.ground)
    cancellations.settle(booking, returned, now, None)
    booking.reason = closure.reason
    booking.moves_to(SUSPENDED, now, None, closure.reason)
    session.add(
        ClosureLine(
            closure_id=closure.id, booking_id=booking.id, status_before=before, refund=returned.total,
            outcome="suspended", at=now,
        )
    )  # fmt: skip
    after = {"status": SUSPENDED, "refund": returned.total, "closure": closure.id}
    subject = f"booking/{booking.id}"
    audit.record(session, None, "booking_suspended", subject, now, {"status": before}, after, closure.reason)
    return returned.total


def whole_refund(booking: Booking, ground: str) -> Refund:
    """All that was paid, whatever the ladder says of days (S-18, S-37)."""
    ladder = booking.tariff_row.tariff.refunds
    fee, deposit = money.paid(booking)
    return refunds.refund(replace(ladder, always=ladder.always | {ground}), fee, deposit, 0, ground)


def _release(session: Session, closure: Closure, meeting: Meeting, now: datetime) -> None:
    meeting.released_at = meeting.changed_at = now
    session.add(ClosureLine(closure_id=closure.id, meeting_id=meeting.id, outcome="released", at=now))
    messages.tell_meeting(session, messages.MeetingSuspended, meeting, now, reason=closure.reason)
    audit.record(session, None, "meeting_suspended", f"meeting/{meeting.id}", now, reason=closure.reason)


def _claim_free(session: Session, closure: Closure, resources: Sequence[str], now: datetime) -> bool:
    """Claim some of what is free; True when nothing is left to claim. Raises Taken when a rival took some meanwhile."""
    start = max(closure.starts_at, now)
    if start >= closure.ends_at:
        return True
    gaps = _gaps(session, resources, Period(start, closure.ends_at), now)
    if gaps:
        reservations.claim(session, closure.holder, gaps[:GAPS_AT_ONCE], now=now)
    return len(gaps) <= GAPS_AT_ONCE


def _gaps(session: Session, resources: Sequence[str], period: Period, now: datetime) -> list[Want]:
    """What nobody has of each resource within the period."""
    occupied = reservations.busy(session, resources, period, now)
    out: list[Want] = []
    for resource in resources:
        free_from = period.starts_at
        for each in sorted(occupied.get(resource, [])):
            if each.starts_at > free_from:
                out.append((resource, Period(free_from, each.starts_at)))
            free_from = max(free_from, each.ends_at)
        if free_from < period.ends_at:
            out.append((resource, Period(free_from, period.ends_at)))
    return out


# ── Reopening ─────────────────────────────────────────────────────────────────


def _reopen_some(session: Session, closure: Closure, now: datetime) -> None:
    """First the ledger is freed, then so many bookings a slice get their time back or stay refunded.

    What other closures keep closed is theirs before anybody can have it.
    """
    reservations.release(session, closure.holder)
    _close_for_others(session, closure, now)
    lines = select(ClosureLine).where(ClosureLine.closure_id == closure.id, ClosureLine.outcome == "suspended")
    some = list(session.scalars(lines.order_by(ClosureLine.id).limit(A_SLICE)))
    for line in some:
        line.outcome = "restored" if closure.restores and _restore(session, line, now) else "kept"
    for line in some:  # after everybody's own time: what is around one may be the time of another
        if line.outcome == "restored":
            setup_holds.hold_again(session, session.get_one(Booking, line.booking_id), now)
    if len(some) < A_SLICE:
        closure.state = REOPENED


def _close_for_others(session: Session, closure: Closure, now: datetime) -> None:
    """Give closures that overlap with a withdrawn one what it had of their time (the ledger knows one holder at a time)."""
    standing = select(Closure).where(
        Closure.state == CARRIED_OUT, Closure.starts_at < closure.ends_at, Closure.ends_at > max(closure.starts_at, now)
    )
    for other in session.scalars(standing.order_by(Closure.id)):
        while not _claim_free(session, other, other.resources, now):
            pass


def _restore(session: Session, line: ClosureLine, now: datetime) -> bool:
    """Give a suspended booking back what it had, if its applicant wants it, it lies ahead and its time is free."""
    booking = session.get_one(Booking, line.booking_id)
    if not line.wants_back or booking.status != SUSPENDED or booking.starts_at <= now:
        return False
    paid_back = select(Payout.id).where(Payout.booking_id == booking.id, Payout.what == "refund")
    if session.scalar(paid_back) is not None:
        return False
    stands = line.status_before == CONFIRMED
    try:
        if line.status_before == CONTESTED:  # its contest held the place, not itself: whoever comes first has it now
            hold(session, booking, now)
        elif wants := _had(session, booking):
            reservations.claim(session, booking.holder, wants, now=now, state="confirmed" if stands else "held")
        elif line.status_before not in UNDECIDED:
            return False
    except (reservations.Taken, SlotTaken, NotEnough):
        return False
    money.restore(booking, now, None)
    booking.reason, booking.pay_by = "", None
    booking.moves_to(CONFIRMED if stands else SUBMITTED, now, None, line.closure.reopened_reason)
    messages.tell(session, messages.BookingRestored, booking, now, reason=line.closure.reopened_reason)
    after = {"status": booking.status, "closure": line.closure_id}
    audit.record(session, None, "booking_restored", f"booking/{booking.id}", now, {"status": SUSPENDED}, after)
    return True


def _had(session: Session, booking: Booking) -> list[Want]:
    """What a booking had in the ledger when it was suspended, each once."""
    released = select(Reservation).where(
        Reservation.holder == booking.holder,
        Reservation.state == "released",
        Reservation.starts_at < booking.ends_at,
        Reservation.ends_at > booking.starts_at,
    )
    return sorted({(row.resource, row.period) for row in session.scalars(released)})
