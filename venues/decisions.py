"""What the venue officer does: ask for papers, approve, reject, record insurance and payment.

submitted ⇄ supplement_needed → approved → awaiting_insurance → awaiting_payment → confirmed (S-12). The city's own
bookings cost nothing and are confirmed by the approval (S-11, S-13).
"""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import local, today
from common.words import Words
from venues import availability, contests, messages, money, papers, reductions, waiting
from venues.bookings import find
from venues.models import DECIDES, Booking
from venues.refusals import NotNow
from venues.vocabulary import (
    APPROVED,
    AWAITING_INSURANCE,
    AWAITING_PAYMENT,
    CITY_AGENCY,
    CONFIRMED,
    CONTESTED,
    MANAGING_AGENCY,
    REJECTED,
    SUPPLEMENT_NEEDED,
    UNDECIDED,
)


def ask_for_supplement(
    session: Session,
    person: Person,
    now: datetime,
    booking_id: int,
    *,
    missing: str,
    due_on: date | None = None,
    rev: int | None = None,
) -> Booking:
    """Ask for what is `missing`, to be sent until the end of `due_on` (else the venue's usual days); the slots stay held.

    Raises Forbidden, NotNow, Invalid (field `due_on`), Stale.
    """
    booking = _mine_to_decide(session, person, booking_id, rev)
    day_before = local(booking.starts_at).date() - timedelta(days=1)
    due_on = due_on or max(today(now), min(today(now) + timedelta(days=booking.venue.supplement_days), day_before))
    if not today(now) <= due_on < local(booking.starts_at).date():
        raise Invalid(
            Words("補正期限要在今天之後、使用日之前", "The due date must lie between today and the day of use"),
            field="due_on",
        )
    booking.supplement, booking.supplement_by = missing, due_on
    booking.moves_to(SUPPLEMENT_NEEDED, now, person, missing)
    messages.tell(session, messages.BookingSupplementNeeded, booking, now, reason=missing)
    _record(session, person, "booking_supplement_asked", booking, now, missing)
    return booking


def approve(
    session: Session, person: Person, now: datetime, booking_id: int, *, note: str = "", rev: int | None = None
) -> Booking:
    """Approve: free for the city's own means confirmed; others now owe the frozen amounts until `pay_by`.

    While papers lack, `note` says why it is approved all the same (S-12). Raises Forbidden, NotNow, Stale, HoldExpired,
    UndecidedReduction, Invalid (field `note`).
    """
    booking = _mine_to_decide(session, person, booking_id, rev)
    if booking.starts_at <= now:
        raise NotNow(Words("使用日已到，不能再核准。", "The day of use has come; it cannot be approved any more."))
    reductions.check_none_open(session, booking)
    papers.check_explained(session, booking, note)
    booking.supplement, booking.supplement_by = "", None
    booking.moves_to(APPROVED, now, person, note)
    if not booking.total and booking.applicant_class in (MANAGING_AGENCY, CITY_AGENCY):
        _confirm(session, booking, now, person)
    else:
        booking.pay_by = min(
            availability.pay_by(session, booking.tariff_row, now, local(booking.starts_at).date()), booking.starts_at
        )
        reservations.hold_until(session, booking.holder, booking.pay_by, now=now)
        money.charge(booking, now, person)
        booking.moves_to(AWAITING_INSURANCE, now, None)
        messages.tell(session, messages.BookingApproved, booking, now)
    _record(session, person, "booking_approved", booking, now, note)
    return booking


def reject(
    session: Session, person: Person, now: datetime, booking_id: int, *, reason: str, rev: int | None = None
) -> Booking:
    """Reject for a reason; the slots are free again at once. Raises Forbidden, NotNow, Stale."""
    booking = _mine_to_decide(session, person, booking_id, rev, (*UNDECIDED, CONTESTED))
    contests.leave(session, [booking], now)
    reservations.release(session, booking.holder)
    booking.reason = reason
    booking.moves_to(REJECTED, now, person, reason)
    messages.tell(session, messages.BookingRejected, booking, now, reason=reason)
    waiting.offer_freed(session, now, booking.venue)
    _record(session, person, "booking_rejected", booking, now, reason)
    return booking


def record_insurance(
    session: Session, person: Person, now: datetime, booking_id: int, *, policy_number: str, rev: int | None = None
) -> Booking:
    """Record the public liability policy (S-12); then the payment is waited for. Raises Forbidden, NotNow, Stale."""
    booking = _to_record(session, person, booking_id, rev)
    if not booking.can_record_insurance(person):
        raise NotNow(Words("這一件現在不等保險。", "This booking is not waiting for insurance."))
    _still_held(booking, now)
    booking.insurance_policy = policy_number
    if booking.total:
        booking.moves_to(AWAITING_PAYMENT, now, person, policy_number)
        messages.tell(session, messages.BookingChanged, booking, now)
    else:
        _confirm(session, booking, now, person)
    _record(session, person, "insurance_recorded", booking, now)
    return booking


def record_payment(
    session: Session,
    person: Person,
    now: datetime,
    booking_id: int,
    *,
    receipt_number: str,
    amount: int | None = None,
    rev: int | None = None,
) -> Booking:
    """Record that fee and deposit came in, under a receipt: the booking is confirmed.

    `amount`, when given, must be exactly what is due. Raises Forbidden, NotNow, Invalid, Stale, HoldExpired.
    """
    booking = _to_record(session, person, booking_id, rev)
    if not booking.can_record_payment(person):
        said = (
            Words(
                "要先登錄公共意外責任險，再收款（S-12）。", "The liability insurance comes before the payment (S-12)."
            )
            if booking.status == AWAITING_INSURANCE
            else Words("這一件現在不等繳費。", "This booking is not waiting for payment.")
        )
        raise NotNow(said)
    _still_held(booking, now)
    if amount is not None and amount != booking.total:
        words = Words("應繳 {due:,} 元，金額要相同", "NT${due:,} is due; the amount must be the same").fill(
            due=booking.total
        )
        raise Invalid(words, field="amount")
    booking.receipt = receipt_number
    money.pay(booking, now, person, receipt_number)
    _confirm(session, booking, now, person, receipt_number)
    _record(session, person, "payment_recorded", booking, now)
    return booking


def _confirm(session: Session, booking: Booking, now: datetime, person: Person, note: str = "") -> None:
    reservations.confirm(session, booking.holder, now=now)
    booking.moves_to(CONFIRMED, now, person, note)
    messages.tell(session, messages.BookingConfirmed, booking, now)


def _still_held(booking: Booking, now: datetime) -> None:
    """The ledger gives an unpaid hold away at `pay_by`; nothing may be recorded after it (S-33)."""
    if booking.pay_by is not None and booking.pay_by <= now:
        raise reservations.HoldExpired(Words("逾期未繳，檔期已釋出。", "Not paid in time; the slot was released."))


def _mine_to_decide(
    session: Session, person: Person, booking_id: int, rev: int | None, states: tuple[str, ...] = UNDECIDED
) -> Booking:
    booking = _to_record(session, person, booking_id, rev)
    if booking.status not in states:
        words = Words(
            "這一件已是「{status}」，不能再核定。", "This booking is already “{status}” and cannot be decided."
        )
        raise NotNow(words.fill(status=booking.status_words))
    return booking


def _to_record(session: Session, person: Person, booking_id: int, rev: int | None) -> Booking:
    booking = find(session, person, booking_id)
    if not person.has(*DECIDES):
        raise Forbidden
    booking.expect(rev)
    return booking


def _record(session: Session, person: Person, action: str, booking: Booking, now: datetime, reason: str = "") -> None:
    after = {
        "status": booking.status,
        "pay_by": booking.pay_by,
        "policy": booking.insurance_policy,
        "receipt": booking.receipt,
    }
    audit.record(session, person, action, f"booking/{booking.id}", now, after=after, reason=reason)
