"""Fixed counters and the bank branch (V8, T-01): contracts with dates and rents, what is due, what came in, renewals."""

from collections import Counter as Tally
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from common import audit, reservations
from common.errors import Conflict, Invalid
from common.identity import Person
from common.period import taipei, today
from common.roc import day_words
from common.words import Words
from venues import figures
from venues.ground_rules import find, hold, must_decide
from venues.models import Contract, ContractRent, Counter
from venues.refusals import NotNow
from venues.rents import MonthDue, due_for, month_of, months

LONGEST = timedelta(days=366 * 10)


class CounterTaken(Conflict):
    """Another contract has the counter in these days."""


def counters(session: Session) -> list[Counter]:
    """Every place that is let, in order of the list."""
    return list(session.scalars(select(Counter).order_by(Counter.place_in_list, Counter.id)))


def contracts(session: Session) -> list[Contract]:
    """All contracts, in order of the counters and of time."""
    rows = select(Contract).options(
        selectinload(Contract.counter), selectinload(Contract.rents), selectinload(Contract.followed_by)
    )
    return sorted(session.scalars(rows), key=lambda each: (each.counter.place_in_list, each.starts_on, each.id))


def months_due(contract: Contract, day: date) -> list[MonthDue]:
    """Each month that has begun by `day`: what is due for it and what came in."""
    paid = Tally[date]()
    for row in contract.rents:
        paid[row.month] += row.amount
    out = [
        MonthDue(month, due_for(month, contract.starts_on, contract.last_day, contract.rent), paid.pop(month, 0))
        for month in months(contract.starts_on, contract.last_day)
        if month <= day or month in paid
    ]
    return sorted([*out, *(MonthDue(month, 0, amount) for month, amount in paid.items() if amount)])


def owed(contract: Contract, day: date) -> int:
    """Whole NT$ still to come for the months that have begun by `day`; negative when too much came in."""
    return sum(each.open for each in months_due(contract, day))


def make(
    session: Session, person: Person, now: datetime, *, counter_id: int, party: str, starts_on: date, ends_on: date,
    rent: int, deposit: int, party_number: str = "", notice_days: int | None = None, follows: Contract | None = None,
) -> Contract:  # fmt: skip
    """Let a counter to a party from one day to another, both included; its time is taken in the ledger.

    `notice_days` before the end the renewal falls due (the figure in force unless told). Raises Forbidden, NotFound,
    Invalid (field `ends_on`), CounterTaken.
    """
    must_decide(person)
    counter = find(session, Counter, counter_id)
    if not starts_on <= ends_on <= starts_on + LONGEST:
        raise Invalid(
            Words("期間要在十年之內，迄日不早於起日", "Ten years at most; the end not before the start"),
            field="ends_on",
        )
    if notice_days is None:
        notice_days = figures.value_on(session, "contract.notice_days", today(now))
    contract = Contract(
        counter=counter, party=party, party_number=party_number, starts_on=starts_on, ends_on=ends_on, rent=rent,
        deposit=deposit, notice_days=notice_days, follows=follows, made_at=now,
    )  # fmt: skip
    session.add(contract)
    session.flush()
    try:
        reservations.claim(session, contract.holder, [(counter.resource, contract.period)], now=now)
    except reservations.Taken as taken:
        raise _taken(session, taken) from taken
    _record(session, person, "contract_made", contract, now)
    return contract


def renew(
    session: Session, person: Person, now: datetime, contract_id: int, *, ends_on: date, rent: int,
    deposit: int | None = None, rev: int | None = None,
) -> Contract:  # fmt: skip
    """The same party goes on from the day after; a contract of its own. Raises Forbidden, NotNow, Invalid, CounterTaken, Stale."""
    must_decide(person)
    old = hold(session, Contract, contract_id)
    old.expect(rev)
    if old.followed_by is not None or old.ended_on is not None:
        raise NotNow(Words("這份契約已續約或已終止。", "This contract was renewed or ended already."))
    new = make(
        session, person, now, counter_id=old.counter_id, party=old.party, party_number=old.party_number,
        starts_on=old.ends_on + timedelta(days=1), ends_on=ends_on, rent=rent,
        deposit=old.deposit if deposit is None else deposit, notice_days=old.notice_days, follows=old,
    )  # fmt: skip
    session.refresh(old)
    return new


def end(
    session: Session, person: Person, now: datetime, contract_id: int, *, ended_on: date, reason: str,
    rev: int | None = None,
) -> Contract:  # fmt: skip
    """End a contract early, with `ended_on` as its last day; the counter is free from the day after.

    Raises Forbidden, NotNow, Invalid (field `ended_on`), Stale.
    """
    must_decide(person)
    contract = hold(session, Contract, contract_id)
    contract.expect(rev)
    if contract.ended_on is not None or contract.followed_by is not None:
        raise NotNow(Words("這份契約已續約或已終止。", "This contract was renewed or ended already."))
    if not max(contract.starts_on, today(now)) <= ended_on < contract.ends_on:
        words = Words("終止日要在今天以後、原到期日之前", "The last day lies from today on, before the agreed end")
        raise Invalid(words, field="ended_on")
    contract.ended_on, contract.reason = ended_on, reason
    reservations.release(session, contract.holder, from_=taipei(ended_on, "24:00"))
    _record(session, person, "contract_ended", contract, now, reason)
    return contract


def record_rent(
    session: Session, person: Person, now: datetime, contract_id: int, *, month: date, amount: int, receipt: str,
    paid_on: date | None = None, note: str = "",
) -> ContractRent:  # fmt: skip
    """Write down rent that came in for a month, in whole NT$; a negative amount corrects an earlier row. Never changed after.

    Raises Forbidden, NotFound, Invalid (fields `month`, `amount`, `receipt`, `paid_on`).
    """
    must_decide(person)
    contract = hold(session, Contract, contract_id)
    month = month_of(month)
    if month not in months(contract.starts_on, contract.ends_on):
        raise Invalid(Words("這個月不在契約期間內", "The contract does not cover that month"), field="month")
    paid = sum(row.amount for row in contract.rents if row.month == month)
    if amount == 0 or paid + amount < 0:
        raise Invalid(
            Words("更正不能多於已收的 {n:,} 元", "NT${n:,} came in; no more can be taken back").fill(n=paid),
            field="amount",
        )
    paid_on = paid_on or today(now)
    if paid_on > today(now):
        raise Invalid(Words("收款日不能在未來", "The day of payment lies ahead"), field="paid_on")
    row = ContractRent(
        contract_id=contract.id, month=month, amount=amount, receipt=receipt, paid_on=paid_on, note=note,
        entered_at=now, by_id=person.id,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as twice:
        words = Words("這張收據這個月已經登過", "This receipt is entered for that month already")
        raise Invalid(words, field="receipt") from twice
    session.expire(contract, ["rents"])
    after = {"month": str(month), "amount": amount, "receipt": receipt}
    audit.record(session, person, "rent_recorded", f"contract/{contract.id}", now, after=after, reason=note)
    return row


def total_in(rows: Iterable[ContractRent]) -> int:
    """Whole NT$ that came in."""
    return sum(row.amount for row in rows)


def _taken(session: Session, taken: reservations.Taken) -> CounterTaken:
    by = taken.by[0] if taken.by else None
    other = session.get(Contract, int(by.holder.partition(":")[2])) if by else None
    if other is None:
        return CounterTaken(Words("這個櫃位這段期間已有契約", "The counter is let in these days"), field="starts_on")
    words = Words("這個櫃位到 {day} 租給「{party}」", "The counter is let to {party} until {day}")
    return CounterTaken(words.fill(day=day_words(other.last_day, year=True), party=other.party), field="starts_on")


def _record(session: Session, person: Person, action: str, contract: Contract, now: datetime, reason: str = "") -> None:
    session.flush()
    after = {
        "counter": contract.counter.code, "party": contract.party, "starts_on": str(contract.starts_on),
        "ends_on": str(contract.last_day), "rent": contract.rent,
    }  # fmt: skip
    audit.record(session, person, action, f"contract/{contract.id}", now, after=after, reason=reason)
