"""Breaches (S-39): the permit is withdrawn and the body barred from applying for so many months; a bar can be lifted."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Forbidden, NotFound
from common.identity import Person
from common.period import add_months, today
from common.words import Words
from venues import cancellations, messages, money, parameters, refunds, waiting
from venues.bookings import find
from venues.models import DECIDES, SEES_ALL, Booking, Breach
from venues.refunds import Refund
from venues.refusals import NotNow
from venues.vocabulary import CANCELLED, CLOSED, CONFIRMED, IN_USE, INSPECTION, UNPAID

WITHDRAWN = (*UNPAID, CONFIRMED)
"""The states in which a breach takes the permit away before the venue is used at all."""
BREACHABLE = (*WITHDRAWN, IN_USE, INSPECTION, CLOSED)
TWICE = Words("這一件已經登記過違規。", "A breach has been recorded for this booking already.")


def can_record(booking: Booking, person: Person) -> bool:
    return person.has(*DECIDES) and booking.status in BREACHABLE


def barred_until(session: Session, now: datetime) -> date:
    """The first day a body that breaches today may apply again."""
    return add_months(today(now), parameters.value(session, parameters.BAN_MONTHS, today(now)))


def refund_of(booking: Booking) -> Refund:
    """What a withdrawn permit returns: the deposit, and nothing of the fee (S-37: the applicant's fault)."""
    fee, deposit = money.paid(booking)
    ladder = replace(booking.tariff_row.tariff.refunds, steps=(), always=frozenset())
    return refunds.refund(ladder, fee, deposit, 0)


def record(
    session: Session, person: Person, now: datetime, booking_id: int, *, kind: str, what: str, rev: int | None = None
) -> Breach:
    """Record a breach: `kind` of BREACHES, `what` happened. Bars the body until a day.

    Before its day the booking is cancelled (deposit back, fee kept); while in use it ends and is to be inspected; what is
    over stays as it is. Posts BookingBreached. Raises Forbidden, NotNow, Stale.
    """
    booking = find(session, person, booking_id)
    if not person.has(*DECIDES):
        raise Forbidden
    booking.expect(rev)
    if not can_record(booking, person):
        raise NotNow(Words("這一件還沒有核准，或已經結束。", "It is not approved yet, or has ended."))
    made = Breach(
        booking_id=booking.id, agency_id=booking.agency_id, kind=kind, what=what, at=now, by_id=person.id,
        barred_until=barred_until(session, now),
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError as twice:
        raise NotNow(TWICE) from twice
    before = {"status": booking.status}
    returned = _withdraw(session, booking, now, person, what)
    booking.changed_at = now
    told: dict[str, Any] = {"breach": kind, "barred_until": made.barred_until}
    messages.tell(session, messages.BookingBreached, booking, now, reason=what, refund=returned, **told)
    waiting.offer_freed(session, now, booking.venue)
    after = {"status": booking.status, "kind": kind, "barred_until": str(made.barred_until), "refund": returned}
    audit.record(session, person, "breach_recorded", f"booking/{booking.id}", now, before, after, what)
    return made


def _withdraw(session: Session, booking: Booking, now: datetime, person: Person, what: str) -> int | None:
    if booking.status in WITHDRAWN and now < booking.starts_at:
        returned = refund_of(booking)
        cancellations.settle(booking, returned, now, person)
        reservations.release(session, booking.holder)
        booking.reason = what
        booking.moves_to(CANCELLED, now, person, what)
        return returned.total
    if booking.status in (CONFIRMED, IN_USE):
        if now < booking.ends_at:
            reservations.release(session, booking.holder, from_=now)
        booking.moves_to(INSPECTION, now, person, what)
    return None


def lift(
    session: Session, person: Person, now: datetime, breach_id: int, *, reason: str, rev: int | None = None
) -> Breach:
    """Let a barred body apply again before its time. Posts BookingBarLifted. Raises Forbidden, NotFound, NotNow, Stale."""
    if not person.has(*DECIDES):
        raise Forbidden
    breach = session.get(Breach, breach_id)
    if breach is None:
        raise NotFound
    breach.expect(rev)
    if not breach.bars_on(today(now)):
        raise NotNow(Words("這個處分已經解除或期滿。", "This bar was lifted already or has run out."))
    breach.lifted_at, breach.lifted_by_id, breach.lifted_reason = now, person.id, reason
    messages.tell(session, messages.BookingBarLifted, breach.booking, now, reason=reason)
    after = {"lifted": True, "barred_until": str(breach.barred_until)}
    audit.record(session, person, "bar_lifted", f"breach/{breach.id}", now, after=after, reason=reason)
    return breach


def visible(person: Person) -> Select[Breach]:
    """The breaches this person may see: all, or those of the own body."""
    found = select(Breach).options(
        selectinload(Breach.booking).selectinload(Booking.venue), selectinload(Breach.agency)
    )
    return found if person.has(*SEES_ALL) else found.where(Breach.agency_id == person.agency_id)


def in_force(found: Select[Breach], now: datetime) -> Select[Breach]:
    """Of these breaches, those whose bar holds now."""
    return found.where(Breach.lifted_at.is_(None), Breach.barred_until > today(now))


def of_booking(session: Session, booking: Booking) -> Breach | None:
    """The breach recorded for a booking, if any."""
    return session.scalars(select(Breach).where(Breach.booking_id == booking.id)).first()
