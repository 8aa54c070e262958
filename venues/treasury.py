"""Payment of income to the city treasury (解繳市庫, S-17): everything up to a day, under one document, once.

Income is what came in: fees paid, less fees to be returned, with what was kept from deposits or paid for damage. Each
such entry is gathered by exactly one remittance (`remitted` has it as its primary key), so two officers at the same
moment cannot send the same money twice.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import audit
from common.db import insert_all_or_none
from common.errors import Conflict, Forbidden, Invalid
from common.identity import Person
from common.period import taipei, today
from common.words import Words
from venues import money
from venues.models import DECIDES, Booking, MoneyEntry, Remittance, Remitted
from venues.tariffs import FEE

IN = or_(
    and_(MoneyEntry.kind.in_((money.PAYMENT, money.RESTORED)), MoneyEntry.part == FEE),
    MoneyEntry.kind.in_((money.DEDUCTION, money.CLAIM_PAID)),
)
OUT = and_(MoneyEntry.kind == money.REFUND, MoneyEntry.part == FEE)
COLLECTED: ColumnElement[int] = case((IN, MoneyEntry.amount), (OUT, -MoneyEntry.amount), else_=0)
"""What an entry adds to the income that came in, in whole NT$; a fee to be returned takes away."""

ALREADY = Words("這些收入剛由別人解繳了，請重新整理。", "Somebody has just remitted this income. Please reload.")


class AlreadyRemitted(Conflict):
    """Somebody else gathered the same income first, or the document number was used."""


def waiting(session: Session, until: date) -> Sequence[tuple[int, int, int]]:
    """Entries of income up to and including `until` that no remittance holds: (entry, booking, signed NT$)."""
    gathered = select(Remitted.entry_id).where(Remitted.entry_id == MoneyEntry.id).exists()
    found = select(MoneyEntry.id, MoneyEntry.booking_id, COLLECTED).where(
        MoneyEntry.at < taipei(until, "24:00"), or_(IN, OUT), ~gathered
    )
    return [(entry, booking, amount) for entry, booking, amount in session.execute(found.order_by(MoneyEntry.id))]


def to_remit(session: Session, until: date) -> int:
    """What would go to the treasury, in whole NT$."""
    return sum(amount for _, _, amount in waiting(session, until))


def remit(session: Session, person: Person, now: datetime, *, until: date, document_number: str) -> Remittance:
    """Gather all income up to and including `until` under a document number; each entry once.

    Writes one entry for each booking concerned. Raises Forbidden, Invalid (nothing to remit, a day to come),
    AlreadyRemitted (the same document, or a rival was first).
    """
    if not person.has(*DECIDES):
        raise Forbidden
    if until > today(now):
        raise Invalid(Words("解繳日不能晚於今天", "The day cannot lie ahead"), field="until")
    if session.scalar(select(Remittance.id).where(Remittance.document == document_number)) is not None:
        words = Words("這個解繳書號用過了", "This document number was used before")
        raise AlreadyRemitted(words, field="document_number")
    found = waiting(session, until)
    total = sum(amount for _, _, amount in found)
    if total <= 0:
        words = Words("到這一天為止沒有可解繳的收入", "Up to that day there is no income to remit")
        raise Invalid(words, field="until")
    made = Remittance(
        document=document_number, until=until, amount=total, entries=len(found), at=now, by_id=person.id
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError as twice:
        raise AlreadyRemitted(ALREADY, field="document_number") from twice
    for start in range(0, len(found), 500):
        rows = [{"entry_id": entry, "remittance_id": made.id} for entry, _, _ in found[start : start + 500]]
        if not insert_all_or_none(session, Remitted.__table__, rows, guard="pk_remitted"):  # type: ignore[arg-type]
            raise AlreadyRemitted(ALREADY)
    by_booking = Counter[int]()
    for _, booking_id, amount in found:
        by_booking[booking_id] += amount
    for booking_id, amount in sorted(by_booking.items()):
        if amount:
            money.remit(session.get_one(Booking, booking_id), now, person, amount, document_number)
    after = {"document": document_number, "until": str(until), "amount": total, "entries": len(found)}
    audit.record(session, person, "income_remitted", f"remittance/{made.id}", now, after=after)
    return made


def remittances(session: Session) -> list[Remittance]:
    """All payments to the treasury, the newest first."""
    return list(session.scalars(select(Remittance).order_by(Remittance.id.desc())))
