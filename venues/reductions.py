"""Waivers and reductions for one booking: one officer proposes with a reason, another one decides (S-13, four eyes).

A granted reduction is a further line of the booking's frozen quote. All of it happens before the booking is approved:
what is owed or paid is not changed any more.
"""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from common import audit
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.words import Words
from venues.bookings import find
from venues.messages.tariffs import tell_repriced
from venues.models import DECIDES, SEES_ALL, Booking, Reduction
from venues.models.tariffs import GRANTED, PROPOSED, REFUSED, TAKEN_BACK
from venues.refusals import NotNow
from venues.tariffs import DEPOSIT, FEE, Line
from venues.vocabulary import UNDECIDED

SAME_PERSON = Words(
    "提出的人不能自己核可；請另一位承辦或管理者決定。",
    "Whoever proposed it cannot decide it; another officer or an administrator does.",
)
NOT_OPEN = Words("這一筆減免已經決定或撤回。", "This reduction has been decided or withdrawn.")
TOO_LATE = Words("已核定的案件不能再改金額。", "The price of a decided booking is not changed any more.")


class OneIsOpen(Conflict):
    """Another reduction of this booking waits for its decision."""

    words = Words("這一件已有一筆減免等人決定。", "A reduction of this booking is waiting for its decision already.")


class UndecidedReduction(Conflict):
    """The booking cannot be approved while a reduction of it waits."""

    words = Words(
        "還有一筆減免等人決定，決定後才能核准。",
        "A reduction is waiting for its decision; the approval comes after it.",
    )


def waiting() -> Select[Reduction]:
    """Reductions that wait for somebody's decision, newest first, with their bookings."""
    return _with_bookings().where(Reduction.state == PROPOSED, Booking.status.in_(UNDECIDED))


def all_of(session: Session, booking: Booking) -> list[Reduction]:
    """Every reduction of a booking in the order they were proposed."""
    return list(session.scalars(select(Reduction).where(Reduction.booking_id == booking.id).order_by(Reduction.id)))


def recent() -> Select[Reduction]:
    """All reductions with their bookings."""
    return _with_bookings()


def _with_bookings() -> Select[Reduction]:
    joined = select(Reduction).join(Reduction.booking)
    return joined.options(joinedload(Reduction.booking).joinedload(Booking.venue)).order_by(Reduction.id.desc())


def check_none_open(session: Session, booking: Booking) -> None:
    """Raises UndecidedReduction when a reduction of the booking waits for its decision."""
    if any(each.is_open for each in all_of(session, booking)):
        raise UndecidedReduction


def propose(
    session: Session,
    person: Person,
    now: datetime,
    booking_id: int,
    *,
    part: str,
    percent: int,
    amount: int,
    rule: str,
    reason: str,
    rev: int | None = None,
) -> Reduction:
    """Propose to take `percent` or `amount` (whole NT$) off a booking's fee or deposit; nothing changes yet.

    `rev` is the booking's. Raises Forbidden, NotNow, Stale, Invalid (fields `percent`, `amount`), OneIsOpen.
    """
    booking = _mine(session, person, booking_id)
    booking.expect(rev)
    if booking.status not in UNDECIDED:
        raise NotNow(TOO_LATE)
    if bool(percent) == bool(amount):
        words = Words("百分比和金額要填一個，只填一個", "Give a percentage or an amount, one of them")
        raise Invalid(words, field="percent")
    base = base_of(booking, part)
    if not base:
        raise Invalid(Words("這一項本來就是 0 元", "There is nothing to take off"), field="part")
    if amount > base:
        words = Words("最多減 {n:,} 元", "NT${n:,} at most").fill(n=base)
        raise Invalid(words, field="amount")
    row = Reduction(
        booking=booking, state=PROPOSED, part=part, percent=percent, amount=amount, rule=rule, reason=reason,
        proposed_by_id=person.id, proposed_at=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as clash:
        raise OneIsOpen from clash
    _record(session, person, "reduction_proposed", row, now, reason)
    return row


def grant(
    session: Session, person: Person, now: datetime, reduction_id: int, *, decision: str = "", rev: int | None = None
) -> Reduction:
    """Grant it: the booking's quote gets the line, its sums follow, and the applicant is told (BookingRepriced).

    Raises NotFound, Forbidden (four eyes), NotNow, Stale.
    """
    row = _to_decide(session, person, reduction_id, rev)
    booking = row.booking
    before = {"fee": booking.fee, "deposit": booking.deposit, "total": booking.total}
    _decide(row, GRANTED, person, now, decision)
    set_lines(booking, [*booking.quote_lines, row.line(base_of(booking, row.part))])
    booking.changed_at = now
    tell_repriced(session, booking, now, row.reason)
    _record(session, person, "reduction_granted", row, now, decision or row.reason, before)
    return row


def refuse(
    session: Session, person: Person, now: datetime, reduction_id: int, *, decision: str, rev: int | None = None
) -> Reduction:
    """Refuse it with a reason; the price stays. Raises NotFound, Forbidden (four eyes), NotNow, Stale."""
    row = _to_decide(session, person, reduction_id, rev)
    _decide(row, REFUSED, person, now, decision)
    session.flush()
    _record(session, person, "reduction_refused", row, now, decision)
    return row


def withdraw(
    session: Session, person: Person, now: datetime, reduction_id: int, *, rev: int | None = None
) -> Reduction:
    """Whoever proposed it takes it back. Raises NotFound, Forbidden, NotNow, Stale."""
    row = _open(session, person, reduction_id, rev)
    if not row.can_withdraw(person):
        raise Forbidden
    _decide(row, TAKEN_BACK, person, now, "")
    session.flush()
    _record(session, person, "reduction_withdrawn", row, now)
    return row


def granted_lines(session: Session, booking: Booking, lines: list[Line]) -> list[Line]:
    """`lines` of a new quote with the booking's granted reductions taken off again, in their order."""
    out = list(lines)
    for row in all_of(session, booking):
        if row.state == GRANTED:
            out.append(row.line(sum(line.amount for line in out if line.kind == row.part)))
    return out


def set_lines(booking: Booking, lines: list[Line]) -> None:
    """Freeze these lines into a booking: its fee and deposit are their sums."""
    booking.lines = [line.to_data() for line in lines]
    booking.fee = sum(line.amount for line in lines if line.kind == FEE)
    booking.deposit = sum(line.amount for line in lines if line.kind == DEPOSIT)


def base_of(booking: Booking, part: str) -> int:
    """What there is to take off: the fee or the deposit as it stands."""
    return booking.deposit if part == DEPOSIT else booking.fee


def _mine(session: Session, person: Person, booking_id: int) -> Booking:
    booking = find(session, person, booking_id)
    if not person.has(*DECIDES):
        raise Forbidden
    return booking


def _open(session: Session, person: Person, reduction_id: int, rev: int | None) -> Reduction:
    row = session.get(Reduction, reduction_id)
    if row is None or not person.has(*SEES_ALL):
        raise NotFound
    if not person.has(*DECIDES):
        raise Forbidden
    row.expect(rev)
    if row.state != PROPOSED:
        raise NotNow(NOT_OPEN)
    return row


def _to_decide(session: Session, person: Person, reduction_id: int, rev: int | None) -> Reduction:
    row = _open(session, person, reduction_id, rev)
    if row.proposed_by_id == person.id:
        raise Forbidden(SAME_PERSON)
    if row.booking.status not in UNDECIDED:
        raise NotNow(TOO_LATE)
    return row


def _decide(row: Reduction, state: str, person: Person, now: datetime, decision: str) -> None:
    row.state, row.decided_by_id, row.decided_at, row.decision = state, person.id, now, decision


def _record(
    session: Session, person: Person, action: str, row: Reduction, now: datetime, reason: str = "",
    before: dict[str, int] | None = None,
) -> None:  # fmt: skip
    booking = row.booking
    after = {
        "reduction": row.id, "state": row.state, "part": row.part, "percent": row.percent, "amount": row.amount, "rule": row.rule,
        "fee": booking.fee, "deposit": booking.deposit, "total": booking.total,
    }  # fmt: skip
    audit.record(session, person, action, f"booking/{booking.id}", now, before, after, reason)
