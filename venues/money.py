"""The money of a booking: charges, payments, refunds as append-only rows, each from one account to another.

Because every row has a debit and a credit of the same amount, the accounts of a booking always balance; what was paid
or is owed is a sum over rows, never a column that can drift.
"""

from collections import Counter
from datetime import datetime

from common.identity import Person
from common.words import Words
from venues.models import Booking, MoneyEntry
from venues.refunds import Refund
from venues.tariff import DEPOSIT, FEE, Line

OWED = "owed"
BANK = "bank"
INCOME = "income"
DEPOSITS = "deposits"
TO_RETURN = "to_return"

TARGET = {FEE: INCOME, DEPOSIT: DEPOSITS}

KINDS = {
    "charge": Words("應收", "Charged"),
    "payment": Words("收款", "Paid"),
    "refund": Words("退還", "Returned"),
    "reversal": Words("註銷", "Written off"),
}


def charge(booking: Booking, now: datetime, by: Person | None) -> None:
    """Write what the applicant now owes, one row for each line of the frozen quote that is not zero."""
    for line in booking.quote_lines:
        if line.amount > 0:
            _enter(booking, now, by, "charge", OWED, TARGET[line.kind], line)
        elif line.amount < 0:
            _enter(booking, now, by, "charge", TARGET[line.kind], OWED, line, -line.amount)


def pay(booking: Booking, now: datetime, by: Person, document: str) -> None:
    """Write that the whole of what is owed came in, under the receipt number `document`."""
    for kind, label, amount in (
        (FEE, Words("場地使用費", "Venue fee"), booking.fee),
        (DEPOSIT, Words("保證金", "Deposit"), booking.deposit),
    ):
        if amount:
            _enter(booking, now, by, "payment", BANK, OWED, Line(kind, label, amount, "S-12"), document=document)


def give_back(booking: Booking, refund: Refund, now: datetime, by: Person | None) -> None:
    """Write what is returned, line by line."""
    for line in refund.lines:
        if line.amount:
            _enter(booking, now, by, "refund", TARGET[line.kind], TO_RETURN, line)


def write_off(booking: Booking, now: datetime, by: Person | None) -> None:
    """Undo every charge of a booking that was never paid, by rows the other way round."""
    for row in [row for row in booking.entries if row.kind == "charge"]:
        line = Line(FEE if INCOME in (row.debit, row.credit) else DEPOSIT, row.words, row.amount, row.rule)
        _enter(booking, now, by, "reversal", row.credit, row.debit, line)


def paid(booking: Booking) -> tuple[int, int]:
    """What came in so far: (fee, deposit) in whole NT$."""
    came = Counter[str]()
    for row in booking.entries:
        if row.kind == "payment":
            came[row.part] += row.amount
    return came[FEE], came[DEPOSIT]


def balances(booking: Booking) -> dict[str, int]:
    """Each account's balance for this booking, debits less credits; they always add up to nothing."""
    accounts = Counter[str]()
    for row in booking.entries:
        accounts[row.debit] += row.amount
        accounts[row.credit] -= row.amount
    return dict(accounts)


def _enter(
    booking: Booking, now: datetime, by: Person | None, kind: str, debit: str, credit: str, line: Line,
    amount: int | None = None, document: str = "",
) -> None:  # fmt: skip
    booking.entries.append(
        MoneyEntry(
            at=now,
            kind=kind,
            part=line.kind,
            debit=debit,
            credit=credit,
            amount=line.amount if amount is None else amount,
            label=line.label.zh,
            label_en=line.label.en,
            rule=line.rule,
            document=document,
            by_id=by.id if by else None,
        )
    )
