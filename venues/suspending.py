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
from venues import cancellations, closures, messages, money, refunds
from venues.models import Booking, Closure, ClosureLine, Meeting, Payout, Venue
from venues.models.closures import CARRIED_OUT, RECORDED, REOPENED, REOPENING
from venues.refunds import Refund
from venues.vocabulary import ALIVE, CONFIRMED, SUBMITTED, SUSPENDED, UNDECIDED

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
        if _claim_free(session, closure, resources, now):
            closure.state, closure.carried_out_at = CARRIED_OUT, now
            after = {"done": closure.done, "refunded": closure.refunded}
            audit.record(session, None, "closure_carried_out", f"closure/{closure.id}", now, after=after)
        return
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
        ids = list(session.scalars(closures.without_hold(places, ahead).limit(A_SLICE)))
    bookings = select(Booking).where(Booking.id.in_(ids), Booking.status.in_((*ALIVE, "contested")))
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
        Reservation.holder.in_(holders), Reservation.resource.in_(resources), Reservation.state.in_(reservations.ACTIVE)
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
    """First the ledger is freed, then so many bookings a slice get their time back or stay refunded."""
    reservations.release(session, closure.holder)
    waiting = select(ClosureLine).where(ClosureLine.closure_id == closure.id, ClosureLine.outcome == "suspended")
    some = list(session.scalars(waiting.order_by(ClosureLine.id).limit(A_SLICE)))
    for line in some:
        line.outcome = "restored" if closure.restores and _restore(session, line, now) else "kept"
    if len(some) < A_SLICE:
        closure.state = REOPENED


def _restore(session: Session, line: ClosureLine, now: datetime) -> bool:
    """Give a suspended booking back what it had, if its applicant wants it, it lies ahead and its time is free."""
    booking = session.get_one(Booking, line.booking_id)
    if not line.wants_back or booking.status != SUSPENDED or booking.starts_at <= now:
        return False
    paid_back = select(Payout.id).where(Payout.booking_id == booking.id, Payout.what == "refund")
    if session.scalar(paid_back) is not None:
        return False
    wants = _had(session, booking)
    stands = line.status_before == CONFIRMED
    if not wants and line.status_before not in UNDECIDED:
        return False
    try:
        if wants:
            reservations.claim(session, booking.holder, wants, now=now, state="confirmed" if stands else "held")
    except reservations.Taken:
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
