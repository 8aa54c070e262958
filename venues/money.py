"""The money of a booking in double entry: every row moves whole NT$ from one account to another and is never changed.

Because every row has a debit and a credit of the same amount, the accounts always balance; what was paid, is held or is
owed is a sum over rows, never a column that can drift. (Income over bookings: income.py; to the treasury: treasury.py.)
"""

from collections import Counter
from datetime import datetime

from common.identity import Person
from common.words import Words
from venues.models import Booking, MoneyEntry
from venues.refunds import Refund
from venues.tariffs import DEPOSIT, FEE, Line

OWED = "owed"
BANK = "bank"
INCOME = "income"
DEPOSITS = "deposits"
TO_RETURN = "to_return"
DAMAGES = "damages"
TREASURY = "treasury"
DAMAGE = "damage"

TARGET = {FEE: INCOME, DEPOSIT: DEPOSITS}

ACCOUNTS = {
    OWED: Words("應收", "Owed by applicants"),
    BANK: Words("專戶存款", "Bank"),
    INCOME: Words("場地使用費收入", "Income from fees"),
    DAMAGES: Words("損害賠償收入", "Income from damage"),
    DEPOSITS: Words("存入保證金", "Deposits held"),
    TO_RETURN: Words("應退款項", "Refunds to pay out"),
    TREASURY: Words("已解繳市庫", "Paid to the treasury"),
}

CHARGE, PAYMENT, REFUND, REVERSAL = "charge", "payment", "refund", "reversal"
DEDUCTION, CLAIM, CLAIM_PAID = "deduction", "claim", "claim_paid"
PAYOUT, RESTORED, REMITTANCE = "payout", "restored", "remittance"

KINDS = {
    CHARGE: Words("應收", "Charged"),
    PAYMENT: Words("收款", "Paid"),
    REFUND: Words("應退", "To be returned"),
    REVERSAL: Words("註銷", "Written off"),
    DEDUCTION: Words("扣抵保證金", "Kept from the deposit"),
    CLAIM: Words("求償", "Claimed"),
    CLAIM_PAID: Words("收到賠償", "Claim paid"),
    PAYOUT: Words("退還", "Paid out"),
    RESTORED: Words("恢復檔期，轉回", "Booking restored, taken back"),
    REMITTANCE: Words("解繳市庫", "To the treasury"),
}


def charge(booking: Booking, now: datetime, by: Person | None) -> None:
    """Write what the applicant now owes, one row for each line of the frozen quote that is not zero."""
    for line in booking.quote_lines:
        if line.amount > 0:
            _enter(booking, now, by, CHARGE, OWED, TARGET[line.kind], line)
        elif line.amount < 0:
            _enter(booking, now, by, CHARGE, TARGET[line.kind], OWED, line, -line.amount)


def pay(booking: Booking, now: datetime, by: Person, document: str) -> None:
    """Write that the whole of what is owed came in, under the receipt number `document`."""
    for kind, label, amount in (
        (FEE, Words("場地使用費", "Venue fee"), booking.fee),
        (DEPOSIT, Words("保證金", "Deposit"), booking.deposit),
    ):
        if amount:
            _enter(booking, now, by, PAYMENT, BANK, OWED, Line(kind, label, amount, "S-12"), document=document)


def give_back(booking: Booking, refund: Refund, now: datetime, by: Person | None) -> None:
    """Write what is returned, line by line."""
    for line in refund.lines:
        if line.amount:
            _enter(booking, now, by, REFUND, TARGET[line.kind], TO_RETURN, line)


def write_off(booking: Booking, now: datetime, by: Person | None) -> None:
    """Undo every charge of a booking that was never paid, by rows the other way round; one undone before stays so."""
    undone = sum(row.kind == REVERSAL for row in booking.entries)
    for row in [row for row in booking.entries if row.kind == CHARGE][undone:]:
        line = Line(FEE if INCOME in (row.debit, row.credit) else DEPOSIT, row.words, row.amount, row.rule)
        _enter(booking, now, by, REVERSAL, row.credit, row.debit, line)


def deduct(booking: Booking, now: datetime, by: Person, amount: int, what: str) -> None:
    """Keep `amount` of the deposit for damage; the caller sees to it that so much is held (`held`)."""
    words = Words(f"扣抵：{what}"[:120], f"Kept for: {what}"[:120])
    _enter(booking, now, by, DEDUCTION, DEPOSITS, DAMAGES, Line(DEPOSIT, words, amount, "S-36"))


def claim(booking: Booking, now: datetime, by: Person, amount: int) -> None:
    """Write what damage costs beyond the deposit: the applicant owes it."""
    words = Words("損害超過保證金，求償", "Damage beyond the deposit, claimed")
    _enter(booking, now, by, CLAIM, OWED, DAMAGES, Line(DAMAGE, words, amount, "S-36"))


def pay_claim(booking: Booking, now: datetime, by: Person, amount: int, document: str) -> None:
    """Write that a claim came in."""
    line = Line(DAMAGE, Words("賠償款", "Compensation"), amount, "S-36")
    _enter(booking, now, by, CLAIM_PAID, BANK, OWED, line, document=document)


def free_deposit(booking: Booking, now: datetime, by: Person | None, amount: int) -> None:
    """Write that `amount` of the deposit is to be returned to the applicant."""
    line = Line(DEPOSIT, Words("保證金應退", "Deposit to be returned"), amount, "S-36")
    _enter(booking, now, by, REFUND, DEPOSITS, TO_RETURN, line)


def pay_out(booking: Booking, now: datetime, by: Person | None, document: str) -> int:
    """Write that everything to be returned has left the bank under `document`; returns how much."""
    amount = to_return(booking)
    if amount:
        line = Line(DEPOSIT, Words("退還申請單位", "Paid out to the applicant"), amount, "S-37")
        _enter(booking, now, by, PAYOUT, TO_RETURN, BANK, line, document=document)
    return amount


def restore(booking: Booking, now: datetime, by: Person | None) -> None:
    """Take back what was to be returned and was not paid out yet: the booking stands again. Raises nothing."""
    back = Counter[str]()
    for row in booking.entries:
        if row.kind == REFUND:
            back[row.part] += row.amount
        elif row.kind == RESTORED:
            back[row.part] -= row.amount
    for part, amount in sorted(back.items()):
        if amount:
            line = Line(part, Words("恢復檔期，退款轉回", "Booking restored, refund taken back"), amount, "S-18")
            _enter(booking, now, by, RESTORED, TO_RETURN, TARGET[part], line)


def held(booking: Booking) -> int:
    """The deposit held for the applicant at this moment, in whole NT$."""
    return -_balance(booking, DEPOSITS)


def to_return(booking: Booking) -> int:
    """What is on its way back to the applicant, in whole NT$."""
    return -_balance(booking, TO_RETURN)


def owed(booking: Booking) -> int:
    """What the applicant still owes, in whole NT$."""
    return _balance(booking, OWED)


def _balance(booking: Booking, account: str) -> int:
    return balances(booking).get(account, 0)


def paid(booking: Booking) -> tuple[int, int]:
    """What came in so far: (fee, deposit) in whole NT$."""
    came = Counter[str]()
    for row in booking.entries:
        if row.kind == PAYMENT:
            came[row.part] += row.amount
    return came[FEE], came[DEPOSIT]


def balances(booking: Booking) -> dict[str, int]:
    """Each account's balance for this booking, debits less credits; they always add up to nothing."""
    accounts = Counter[str]()
    for row in booking.entries:
        accounts[row.debit] += row.amount
        accounts[row.credit] -= row.amount
    return dict(accounts)


def remit(booking: Booking, now: datetime, by: Person, amount: int, document: str) -> None:
    """Write what of this booking's income went to the treasury (S-17); less than nothing comes back from the next one."""
    line = Line(FEE, KINDS[REMITTANCE], abs(amount), "S-17")
    debit, credit = (TREASURY, BANK) if amount > 0 else (BANK, TREASURY)
    _enter(booking, now, by, REMITTANCE, debit, credit, line, document=document)


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
