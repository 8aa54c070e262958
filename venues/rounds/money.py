"""The rent of a place as append-only rows, each from one account to another; what is owed or prepaid is a sum over rows."""

from collections import Counter
from datetime import date, datetime

from common.identity import Person
from common.words import Words
from venues.models import Registration, Round, RoundEntry
from venues.rounds import rent

OWED, BANK, PREPAID, INCOME, TO_RETURN = "owed", "bank", "prepaid", "income", "to_return"
CHARGE, PAYMENT, REFUND, PAYOUT, REVERSAL, EARNED = "charge", "payment", "refund", "payout", "reversal", "income"

KINDS = {
    CHARGE: Words("應收", "Charged"),
    PAYMENT: Words("收款", "Paid"),
    REFUND: Words("應退", "To return"),
    PAYOUT: Words("已退還", "Returned"),
    REVERSAL: Words("註銷", "Written off"),
    EARNED: Words("轉收入", "Earned"),
}
ROUNDING = Words("元以下四捨五入", "half a dollar up")


def term_of(row: Round) -> rent.Term:
    """The round's days and rent."""
    return rent.Term(row.term_from, row.term_until, row.rent, row.rent_per)


def charge(registration: Registration, now: datetime, by: Person | None) -> int:
    """Charge the rent in advance from `rent_from` to the end of the term; the amount."""
    row = registration.round
    first = registration.rent_from or row.term_from
    amount = rent.due(term_of(row), first)
    if amount:
        days = rent.days((first, row.term_until))
        zh = f"租金 {first} 起 {days} 天，{row.rent:,} 元／{'天' if row.rent_per == 'day' else '期'}"
        en = f"Rent for {days} days from {first}, NT${row.rent:,} a {row.rent_per}"
        _enter(registration, now, by, CHARGE, OWED, PREPAID, amount, Words(zh, en), "T-08")
    return amount


def pay(registration: Registration, now: datetime, by: Person, document: str) -> None:
    """Write that the whole of what is owed came in, under the receipt number `document`."""
    words = Words("預繳租金", "Rent prepaid")
    _enter(registration, now, by, PAYMENT, BANK, OWED, owed(registration), words, "T-02", document)


def settle(registration: Registration, now: datetime, by: Person | None, why: Words) -> int:
    """Return what was charged for days not used by now (suspended, or after leaving); the amount. What is not paid yet is
    written off instead."""
    row = registration.round
    covered = (registration.rent_from or row.term_from, row.term_until)
    suspended = [(each.first_day, each.until) for each in row.suspensions]
    unused = rent.not_used(covered, suspended, registration.left_on)
    charged, returned = _sum(registration, CHARGE), _sum(registration, REFUND) + _sum(registration, REVERSAL)
    amount = rent.refund(charged, covered, unused, returned)
    if not amount:
        return 0
    zh, en = "{why}：未使用 {n} 天，按日計算（{rounding}）", "{why}: {n} days not used, by the day ({rounding})"
    words = Words(zh, en).fill(why=why, n=unused, rounding=ROUNDING)
    if owed(registration):
        _enter(registration, now, by, REVERSAL, PREPAID, OWED, amount, words, "T-02")
        return 0
    _enter(registration, now, by, REFUND, PREPAID, TO_RETURN, amount, words, "T-02")
    return amount


def pay_out(registration: Registration, now: datetime, by: Person, document: str) -> int:
    """Write that everything to be returned left the bank, under `document`; the amount."""
    amount = -balances(registration).get(TO_RETURN, 0)
    if amount:
        words = Words("退還預繳租金", "Prepaid rent returned")
        _enter(registration, now, by, PAYOUT, TO_RETURN, BANK, amount, words, "T-02", document)
    return amount


def earn(registration: Registration, now: datetime, by: Person | None, why: Words) -> int:
    """What is still prepaid becomes income: at the end of the term, or when a place is taken back without refund."""
    still = owed(registration)
    if still:
        _enter(registration, now, by, REVERSAL, PREPAID, OWED, still, Words("未繳註銷", "Unpaid, written off"), "T-08")
    amount = -balances(registration).get(PREPAID, 0)
    if amount:
        _enter(registration, now, by, EARNED, PREPAID, INCOME, amount, why, "T-08")
    return amount


def owed(registration: Registration) -> int:
    """What the firm owes, whole NT$."""
    return balances(registration).get(OWED, 0)


def to_return(registration: Registration) -> int:
    """What waits to be paid out to the firm, whole NT$."""
    return -balances(registration).get(TO_RETURN, 0)


def paid(registration: Registration) -> int:
    """What came in so far, whole NT$."""
    return _sum(registration, PAYMENT)


def balances(registration: Registration) -> dict[str, int]:
    """Each account's balance for this registration, debits less credits; they always add up to nothing."""
    accounts = Counter[str]()
    for entry in registration.entries:
        accounts[entry.debit] += entry.amount
        accounts[entry.credit] -= entry.amount
    return dict(accounts)


def first_day(row: Round, day: date) -> date:
    """From when somebody who takes a place on `day` pays."""
    return max(row.term_from, day)


def _sum(registration: Registration, kind: str) -> int:
    return sum(entry.amount for entry in registration.entries if entry.kind == kind)


def _enter(
    registration: Registration, now: datetime, by: Person | None, kind: str, debit: str, credit: str, amount: int, words: Words,
    rule: str, document: str = "",
) -> None:  # fmt: skip
    registration.entries.append(
        RoundEntry(
            at=now, kind=kind, debit=debit, credit=credit, amount=amount, label=words.zh, label_en=words.en, rule=rule,
            document=document, by_id=by.id if by else None,
        )
    )  # fmt: skip
