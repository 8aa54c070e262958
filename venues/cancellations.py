"""How a booking ends before its day: cancelled with its refund shown first, or lapsed by the clock."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden
from common.identity import Person
from common.period import local, today
from common.words import Words
from venues import contests, messages, money, refunds, waiting
from venues.bookings import find
from venues.models import DECIDES, Booking, ContestEntry
from venues.models.contest import LOST
from venues.refunds import Refund
from venues.refusals import NotNow
from venues.vocabulary import CANCELLED, CONTESTED, LAPSED, SUPPLEMENT_NEEDED, UNDECIDED, UNPAID


class RefundChanged(Conflict):
    """The refund is no longer the one that was shown."""


def quote_refund(booking: Booking, now: datetime, cause: str = refunds.APPLICANT) -> Refund:
    """What a cancellation at this moment returns, by the ladder the booking was made under."""
    fee, deposit = money.paid(booking)
    days_before = (local(booking.starts_at).date() - today(now)).days
    return refunds.refund(booking.tariff_row.tariff.refunds, fee, deposit, days_before, cause)


def cancel(
    session: Session,
    person: Person,
    now: datetime,
    booking_id: int,
    *,
    reason: str = "",
    cause: str = refunds.APPLICANT,
    shown: int | None = None,
    rev: int | None = None,
) -> Booking:
    """Cancel a booking: its time is free again and what `quote_refund` says is returned.

    `shown` is the refund the person saw; if it is another by now (midnight passed), RefundChanged is raised and nothing
    happens. Causes other than the applicant's are for venue officers. Raises Forbidden, NotNow, Stale.
    """
    booking = find(session, person, booking_id)
    booking.expect(rev)
    if not booking.can_cancel(person, now):
        if booking.alive and now < booking.starts_at:
            raise Forbidden
        raise NotNow(Words("已經開始或已結束，不能取消。", "It has begun or ended and cannot be cancelled."))
    if cause != refunds.APPLICANT and not person.has(*DECIDES):
        raise Forbidden(
            Words("這個取消原因只有場地承辦可以使用。", "Only the venue officer may give this cause."), field="cause"
        )
    returned = quote_refund(booking, now, cause)
    if shown is not None and shown != returned.total:
        words = Words("退費金額已變為 {now:,} 元，請再確認一次。", "The refund is now NT${now:,}. Please check again.")
        raise RefundChanged(words.fill(now=returned.total), field="shown")
    before = {"status": booking.status}
    settle(booking, returned, now, person)
    contests.leave(session, [booking], now)
    reservations.release(session, booking.holder)
    booking.reason = reason
    booking.moves_to(CANCELLED, now, person, reason)
    messages.tell(session, messages.BookingCancelled, booking, now, reason=reason, refund=returned.total)
    waiting.offer_freed(session, now, booking.venue)
    after = {"status": CANCELLED, "refund": returned.total, "cause": cause}
    audit.record(session, person, "booking_cancelled", f"booking/{booking.id}", now, before, after, reason)
    return booking


def settle(booking: Booking, returned: Refund, now: datetime, by: Person | None) -> None:
    """Close a booking's money: return what was paid, or write off what never was."""
    if any(money.paid(booking)):
        money.give_back(booking, returned, now, by)
    else:
        money.write_off(booking, now, by)


def lapse_due(session: Session, now: datetime) -> int:
    """Lapse what was not paid, not supplemented or not decided in time; returns how many. Run by the worker."""
    unpaid = Booking.status.in_(UNPAID) & (Booking.pay_by <= now)
    unsent = (Booking.status == SUPPLEMENT_NEEDED) & (Booking.supplement_by < today(now))
    undecided = Booking.status.in_((*UNDECIDED, CONTESTED)) & (Booking.starts_at <= now)
    lost = select(ContestEntry.booking_id).where(ContestEntry.result == LOST, ContestEntry.choose_by <= now)
    unchosen = (Booking.status == CONTESTED) & Booking.id.in_(lost)
    late = or_(unpaid, unsent, undecided, unchosen)
    due = list(session.scalars(select(Booking).where(late).order_by(Booking.id).limit(200)))
    for booking in due:
        _lapse(session, booking, now)
    return len(due)


def _lapse(session: Session, booking: Booking, now: datetime) -> None:
    if booking.status in UNPAID:
        reason = Words("逾期未繳，檔期已釋出。", "Not paid in time; the slot was released.")
    elif booking.status == SUPPLEMENT_NEEDED and booking.starts_at > now:
        reason = Words("逾期未補正，檔期已釋出。", "The papers were not sent in time; the slot was released.")
    elif booking.status == CONTESTED and booking.starts_at > now:
        reason = Words("期限內沒有改選時段，案件失效。", "No other time was chosen in time.")
    else:
        reason = Words("使用日已到仍未核定，案件失效。", "Not decided before the day of use.")
    before = {"status": booking.status}
    money.write_off(booking, now, None)
    contests.leave(session, [booking], now)
    reservations.release(session, booking.holder)
    booking.reason = reason.zh
    booking.moves_to(LAPSED, now, None, reason.zh)
    messages.tell(session, messages.BookingLapsed, booking, now, reason=reason.zh)
    waiting.offer_freed(session, now, booking.venue)
    audit.record(session, None, "booking_lapsed", f"booking/{booking.id}", now, before, {"status": LAPSED}, reason.zh)
