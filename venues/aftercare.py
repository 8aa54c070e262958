"""The end of a booking: it begins and ends by the clock, is inspected, the deposit goes back, it is closed.

confirmed → in_use → inspection → closed (S-36). What is kept for damage never exceeds the deposit; what goes beyond is
claimed. A booking is closed by the step that settles it: nothing to return any more, nothing owed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import local, today
from common.words import Words
from venues import messages, money, parameters
from venues.bookings import find
from venues.models import DECIDES, Booking, Damage, Inspection, Payout, RefundAccount
from venues.refusals import NotNow
from venues.vocabulary import CANCELLED, CLOSED, CONFIRMED, ENDED, IN_USE, INSPECTION, SUSPENDED

A_TURN = 200
TO_INSPECT = (CONFIRMED, IN_USE, INSPECTION)
TWICE = Words("這一件剛由別人檢查完成。", "Somebody has just inspected this booking.")
PAID_TWICE = Words("這筆錢剛由別人退還了。", "Somebody has just paid this out.")


class Found(NamedTuple):
    """One thing found at an inspection: what it is and what it costs in whole NT$."""

    what: str
    amount: int


def turn(session: Session, now: datetime) -> int:
    """Let bookings begin and end by the clock, silently; returns how many. Run by the worker."""
    begins = and_(Booking.status == CONFIRMED, Booking.starts_at <= now)
    ends = and_(Booking.status == IN_USE, Booking.ends_at <= now)
    due = select(Booking).where(or_(begins, ends)).order_by(Booking.id).limit(A_TURN).with_for_update()
    found = list(session.scalars(due))
    for booking in found:
        if booking.status == CONFIRMED:
            booking.moves_to(IN_USE, now, None)
        if booking.ends_at <= now:
            booking.moves_to(INSPECTION, now, None)
    return len(found)


def can_start(booking: Booking, person: Person, now: datetime) -> bool:
    """The officer may open the venue from the morning of the first day on."""
    early = booking.status == CONFIRMED and now < booking.ends_at
    return person.has(*DECIDES) and early and local(booking.starts_at).date() <= today(now)


def can_inspect(booking: Booking, person: Person, now: datetime) -> bool:
    return person.has(*DECIDES) and booking.status in TO_INSPECT and booking.starts_at <= now


def start(session: Session, person: Person, now: datetime, booking_id: int, *, rev: int | None = None) -> Booking:
    """The officer opens the venue: in use from now on, silently. Raises Forbidden, NotNow, Stale."""
    booking = _for_officer(session, person, booking_id, rev)
    if not can_start(booking, person, now):
        raise NotNow(Words("使用日當天才能開啟場地。", "The venue can be opened on the day of use only."))
    booking.moves_to(IN_USE, now, person)
    audit.record(session, person, "booking_started", f"booking/{booking.id}", now, after={"status": IN_USE})
    return booking


def inspection_of(session: Session, booking: Booking) -> Inspection | None:
    """How the venue was found, once it has been inspected."""
    return session.scalars(select(Inspection).where(Inspection.booking_id == booking.id)).first()


def inspected(session: Session, booking: Booking) -> Inspection:
    """How the venue was found. Raises NotFound before it has been inspected."""
    found = inspection_of(session, booking)
    if found is None:
        raise NotFound
    return found


def inspect(
    session: Session,
    person: Person,
    now: datetime,
    booking_id: int,
    *,
    damages: Sequence[Found] = (),
    present: str = "",
    note: str = "",
    rev: int | None = None,
) -> Inspection:
    """Write down how the venue was found: in order, or what is damaged and what it costs; once.

    `present` names the applicant's side. Damage is kept from the deposit, what goes beyond is claimed; the rest is to be
    returned within the days of `venue.depositBackDays`. Posts BookingInspected, and BookingClosed when nothing is left to
    settle. Raises Forbidden, NotNow, Stale.
    """
    booking = _for_officer(session, person, booking_id, rev)
    if not can_inspect(booking, person, now):
        raise NotNow(Words("使用開始後才能檢查。", "It can be inspected once the use has begun."))
    if inspection_of(session, booking) is not None:
        raise NotNow(TWICE)
    held = money.held(booking)
    cost = sum(each.amount for each in damages)
    deducted = min(cost, held)
    made = Inspection(
        booking_id=booking.id, at=now, by_id=person.id, by_name=person.name, present=present, note=note, deducted=deducted,
        claimed=cost - deducted, return_by=today(now) + _days_to_return(session, now),
    )  # fmt: skip
    made.damages = [Damage(what=each.what, amount=each.amount) for each in damages]
    session.add(made)
    try:
        session.flush()
    except IntegrityError as twice:
        raise NotNow(TWICE) from twice
    _settle_damage(booking, now, person, damages, held)
    if now < booking.ends_at:
        reservations.release(session, booking.holder, from_=now)
    booking.moves_to(INSPECTION, now, person, note)
    told: dict[str, Any] = {
        "result": made.result,
        "deducted": deducted,
        "claimed": made.claimed,
        "return_by": made.return_by,
    }
    messages.tell(session, messages.BookingInspected, booking, now, reason=note, refund=held - deducted, **told)
    after = {"result": made.result, "deducted": deducted, "claimed": made.claimed, "present": present}
    audit.record(session, person, "booking_inspected", f"booking/{booking.id}", now, after=after, reason=note)
    _close_if_settled(session, booking, now, person)
    return made


def _days_to_return(session: Session, now: datetime) -> timedelta:
    return timedelta(days=parameters.value(session, parameters.DEPOSIT_BACK_DAYS, today(now)))


def _settle_damage(booking: Booking, now: datetime, person: Person, damages: Sequence[Found], held: int) -> None:
    """Keep from the deposit as long as it lasts, in the order found; claim the rest, return what is left."""
    left, beyond = held, 0
    for each in damages:
        kept = min(left, each.amount)
        if kept:
            money.deduct(booking, now, person, kept, each.what)
        left -= kept
        beyond += each.amount - kept
    if beyond:
        money.claim(booking, now, person, beyond)
    if left:
        money.free_deposit(booking, now, person, left)


def return_deposit(
    session: Session,
    person: Person,
    now: datetime,
    booking_id: int,
    *,
    document_number: str = "",
    payee: str = "",
    amount: int | None = None,
    rev: int | None = None,
) -> Booking:
    """Pay the deposit, or what is left of it, back: once, to the account the applicant gave or to `payee`.

    Without either it goes out by cheque to the body that applied. `amount`, when given, must be exactly what is due.
    Posts BookingDepositReturned, and BookingClosed when nothing is owed. Raises Forbidden, NotNow, Invalid, Stale.
    """
    booking = _for_officer(session, person, booking_id, rev)
    if booking.status != INSPECTION or inspection_of(session, booking) is None:
        raise NotNow(Words("要先檢查場地，才能退還保證金。", "The venue is inspected before the deposit goes back."))
    paid = _pay_out(session, person, now, booking, "deposit", document_number, payee, amount)
    messages.tell(session, messages.BookingDepositReturned, booking, now, refund=paid.amount)
    _close_if_settled(session, booking, now, person)
    return booking


def pay_refund(
    session: Session,
    person: Person,
    now: datetime,
    booking_id: int,
    *,
    document_number: str = "",
    payee: str = "",
    amount: int | None = None,
    rev: int | None = None,
) -> Booking:
    """Pay out what a cancelled or suspended booking returns; once. Posts BookingRefunded. Raises as `return_deposit`."""
    booking = _for_officer(session, person, booking_id, rev)
    if booking.status not in (CANCELLED, SUSPENDED):
        raise NotNow(Words("這一件沒有要退的款項。", "There is nothing to refund for this booking."))
    paid = _pay_out(session, person, now, booking, "refund", document_number, payee, amount)
    booking.changed_at = now
    messages.tell(session, messages.BookingRefunded, booking, now, refund=paid.amount)
    return booking


def _pay_out(
    session: Session, person: Person, now: datetime, booking: Booking, what: str, document: str, payee: str,
    amount: int | None,
) -> Payout:  # fmt: skip
    due = money.to_return(booking)
    if not due:
        raise NotNow(Words("沒有要退的款項。", "There is nothing to return."))
    if amount is not None and amount != due:
        words = Words("應退 {due:,} 元，金額要相同", "NT${due:,} is due; the amount must be the same").fill(due=due)
        raise Invalid(words, field="amount")
    payee = payee or payee_of(session, booking)
    made = Payout(booking_id=booking.id, what=what, amount=due, payee=payee, document=document, at=now, by_id=person.id)
    session.add(made)
    try:
        session.flush()
    except IntegrityError as twice:
        raise NotNow(PAID_TWICE) from twice
    money.pay_out(booking, now, person, document)
    after = {"amount": due, "payee": payee, "document": document}
    audit.record(session, person, f"{what}_paid_out", f"booking/{booking.id}", now, after=after)
    return made


def payee_of(session: Session, booking: Booking) -> str:
    """To whom money goes back: the account the applicant gave, else a cheque to the body."""
    account = session.get(RefundAccount, booking.id)
    body = booking.agency.name if booking.agency else ""
    return account.line if account else f"公庫支票：{body}"


def pay_claim(
    session: Session, person: Person, now: datetime, booking_id: int, *, document_number: str, rev: int | None = None
) -> Booking:
    """Record that what was claimed beyond the deposit came in; closes the booking when nothing is left to return."""
    booking = _for_officer(session, person, booking_id, rev)
    due = money.owed(booking)
    if booking.status != INSPECTION or due <= 0:
        raise NotNow(Words("這一件沒有求償的款項。", "Nothing is claimed for this booking."))
    money.pay_claim(booking, now, person, due, document_number)
    booking.changed_at = now
    after = {"amount": due, "document": document_number}
    audit.record(session, person, "claim_paid", f"booking/{booking.id}", now, after=after)
    _close_if_settled(session, booking, now, person)
    return booking


def give_account(
    session: Session, person: Person, now: datetime, booking_id: int, *, name: str, bank: str, number: str
) -> RefundAccount:
    """Say where money goes back to; may be changed until it has gone. Raises Forbidden, NotNow."""
    booking = find(session, person, booking_id)
    if not (booking.is_of(person) or person.has(*DECIDES)):
        raise Forbidden
    if booking.status in (CLOSED, *ENDED) and not money.to_return(booking):
        raise NotNow(Words("已經沒有要退的款項。", "There is nothing left to return."))
    account = session.get(RefundAccount, booking.id)
    if account is None:
        account = RefundAccount(booking_id=booking.id)
        session.add(account)
    account.name, account.bank, account.number, account.given_at, account.by_id = name, bank, number, now, person.id
    try:
        session.flush()
    except IntegrityError as twice:
        raise NotNow(
            Words("同事剛登記了帳戶，請重新整理。", "Somebody has just given an account; reload the page.")
        ) from twice
    after = {"bank": bank, "number": f"…{number[-4:]}"}
    audit.record(session, person, "refund_account_given", f"booking/{booking.id}", now, after=after)
    return account


def _close_if_settled(session: Session, booking: Booking, now: datetime, person: Person) -> None:
    if money.to_return(booking) or money.held(booking) or money.owed(booking) > 0:
        return
    booking.moves_to(CLOSED, now, person)
    messages.tell(session, messages.BookingClosed, booking, now)
    audit.record(session, person, "booking_closed", f"booking/{booking.id}", now, after={"status": CLOSED})


def _for_officer(session: Session, person: Person, booking_id: int, rev: int | None) -> Booking:
    booking = find(session, person, booking_id)
    if not person.has(*DECIDES):
        raise Forbidden
    booking.expect(rev)
    return booking
