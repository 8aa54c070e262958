"""Borrowing things by the count (V4 物品借用): asked for, approved, handed out, taken back; overdue ones are reminded of.

From the request on the things are promised, first come, first served; a refusal, a cancellation or the return frees them.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from common import audit
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import today
from common.words import Words
from venues import figures, lending, messages
from venues.ground_rules import hold, must_apply, must_decide
from venues.models import DECIDES, OWN_BODY, SEES_ALL, LentThing, Loan, LoanItem
from venues.refusals import NotNow


class Back(NamedTuple):
    """How many of one thing came back whole, came back damaged, or are lost."""

    good: int = 0
    damaged: int = 0
    missing: int = 0


def visible(person: Person) -> Select[Loan]:
    """The loans this person may see: all, or those of the own body, or only the own ones."""
    found = select(Loan).options(selectinload(Loan.items).selectinload(LoanItem.thing))
    if person.has(*SEES_ALL):
        return found
    if person.has(*OWN_BODY):
        return found.where(or_(Loan.agency_id == person.agency_id, Loan.applicant_id == person.id))
    return found.where(Loan.applicant_id == person.id)


def overdue(session: Session, now: datetime) -> list[Loan]:
    """Loans that should be back and are not, the longest first."""
    rows = select(Loan).where(Loan.status == "out", Loan.ends_on < today(now)).order_by(Loan.ends_on, Loan.id)
    return list(session.scalars(rows.options(selectinload(Loan.items).selectinload(LoanItem.thing))))


def request(
    session: Session, person: Person, now: datetime, *, items: Mapping[int, int], starts_on: date, ends_on: date,
    purpose: str,
) -> Loan:  # fmt: skip
    """Ask for so many of some things (by id) from one day to another, both included; they are promised from now on.

    Raises Forbidden, Invalid (fields `items`, `starts_on`, `ends_on`), NotEnough.
    """
    must_apply(person)
    wanted = {thing: count for thing, count in items.items() if count}
    _check_days(session, starts_on, ends_on, now)
    _check_items(session, wanted)
    loan = Loan(
        status="requested", agency_id=person.agency_id, applicant_id=person.id, purpose=purpose, starts_on=starts_on,
        ends_on=ends_on, requested_at=now,
    )  # fmt: skip
    loan.items = [LoanItem(thing_id=thing, quantity=count) for thing, count in sorted(wanted.items())]
    # Before the items' rows: those share a lock on their things, and two rivals that share it cannot both go on to hold one.
    lending.promise(session, wanted, lending.days_of(starts_on, ends_on), now)
    session.add(loan)
    session.flush()
    _record(session, person, "loan_requested", loan, now)
    return loan


def decide(
    session: Session, person: Person, now: datetime, loan_id: int, *, approve: bool, reason: str = "",
    rev: int | None = None,
) -> Loan:  # fmt: skip
    """Approve a request, or reject it for a reason; posts LoanDecided. Raises Forbidden, NotNow, Invalid, Stale."""
    must_decide(person)
    loan = hold(session, Loan, loan_id)
    loan.expect(rev)
    if loan.status != "requested":
        raise NotNow
    if not approve:
        if not reason:
            raise Invalid(Words("請寫原因", "Please give a reason"), field="reason")
        lending.give_back(session, _quantities(loan), lending.days_of(loan.starts_on, loan.ends_on))
    loan.status, loan.reason = "approved" if approve else "rejected", reason
    messages.tell_loan(session, messages.LoanDecided, loan, now)
    _record(session, person, "loan_approved" if approve else "loan_rejected", loan, now, reason)
    return loan


def cancel(session: Session, person: Person, now: datetime, loan_id: int, *, rev: int | None = None) -> Loan:
    """Call a loan off before anything was handed out. Raises NotFound, Forbidden, NotNow, Stale."""
    loan = hold(session, Loan, loan_id, person)
    loan.expect(rev)
    if not (loan.is_of(person) or person.has(*DECIDES)):
        raise Forbidden
    if loan.status not in ("requested", "approved"):
        raise NotNow
    lending.give_back(session, _quantities(loan), lending.days_of(loan.starts_on, loan.ends_on))
    loan.status = "cancelled"
    _record(session, person, "loan_cancelled", loan, now)
    return loan


def hand_out(
    session: Session, person: Person, now: datetime, loan_id: int, *, counts: Mapping[int, int], rev: int | None = None
) -> Loan:
    """Write down how many of each thing (by id) were handed out; what was not wanted after all is free again.

    Raises Forbidden, NotNow (not approved, or before its first day), Invalid (field `items`), NotEnough when others are
    late with what should be here, Stale.
    """
    must_decide(person)
    loan = hold(session, Loan, loan_id)
    loan.expect(rev)
    if loan.status != "approved":
        raise NotNow
    if today(now) < loan.starts_on:
        raise NotNow(Words("還沒到借用日。", "The loan has not begun."))
    if not any(counts.get(item.thing_id) for item in loan.items):
        raise Invalid(Words("請填領用數量", "Say how many were handed out"), field="items")
    for item in loan.items:
        count = counts.get(item.thing_id, 0)
        if not 0 <= count <= item.quantity:
            words = Words("{what}最多 {n}", "{what}: {n} at most").fill(what=item.thing.label, n=item.quantity)
            raise Invalid(words, field="items")
        _is_there(session, item, count, now)
        item.handed_out = count
    rest = {item.thing_id: item.quantity - item.handed_out for item in loan.items}
    lending.give_back(session, rest, lending.days_of(loan.starts_on, loan.ends_on))
    loan.status, loan.handed_out_at = "out", now
    _record(session, person, "loan_handed_out", loan, now)
    return loan


def take_back(
    session: Session, person: Person, now: datetime, loan_id: int, *, counts: Mapping[int, Back], rev: int | None = None
) -> Loan:
    """Write down what came back: whole, damaged, missing. Damaged and missing ones leave the stock from today on.

    May be done in several goes; when nothing is out any more the loan is over and its remaining days are free.
    Raises Forbidden, NotNow, Invalid (field `items`), Stale.
    """
    must_decide(person)
    loan = hold(session, Loan, loan_id)
    loan.expect(rev)
    if loan.status != "out":
        raise NotNow
    if not any(sum(back) for back in counts.values()):
        raise Invalid(Words("請填歸還數量", "Say how many came back"), field="items")
    for item in loan.items:
        back = counts.get(item.thing_id, Back())
        if min(back) < 0 or sum(back) > item.still_out:
            words = Words("{what}還有 {n} 在外", "{what}: {n} are out").fill(what=item.thing.label, n=item.still_out)
            raise Invalid(words, field="items")
        item.good += back.good
        item.damaged += back.damaged
        item.missing += back.missing
        lost = back.damaged + back.missing
        lending.lose(session, item.thing_id, lost, now, f"{loan.number}：損壞 {back.damaged}、遺失 {back.missing}")
    if not any(item.still_out for item in loan.items):
        loan.status, loan.returned_at = "returned", now
        held = {item.thing_id: item.handed_out for item in loan.items}
        first = max(today(now), loan.starts_on)
        lending.give_back(session, held, lending.days_of(first, loan.ends_on))
    _record(session, person, "loan_taken_back", loan, now)
    return loan


def look_after(session: Session, now: datetime) -> int:
    """Remind of what is overdue, and call off what nobody collected; returns how many. Run by the worker."""
    day, done = today(now), 0
    every = figures.value_on(session, "loan.remind_days", day)
    for loan in overdue(session, now):
        if loan.reminded_on is None or (day - loan.reminded_on).days >= every:
            loan.reminded_on = day
            messages.tell_loan(session, messages.LoanOverdue, loan, now)
            audit.record(session, None, "loan_reminded", f"loan/{loan.id}", now, after={"days": loan.overdue_days(day)})
            done += 1
    waiting = select(Loan.id).where(Loan.status.in_(("requested", "approved")), Loan.ends_on < day).limit(200)
    for loan_id in session.scalars(waiting.order_by(Loan.id)).all():
        loan = hold(session, Loan, loan_id)
        if loan.status not in ("requested", "approved"):
            continue
        loan.status, loan.reason = "cancelled", "期限已過，未領用。"
        lending.give_back(session, _quantities(loan), lending.days_of(loan.starts_on, loan.ends_on))
        audit.record(session, None, "loan_cancelled", f"loan/{loan.id}", now, reason=loan.reason)
        done += 1
    return done


def _check_days(session: Session, starts_on: date, ends_on: date, now: datetime) -> None:
    day = today(now)
    if starts_on < day:
        raise Invalid(Words("開始日已經過了", "The first day has passed"), field="starts_on")
    if starts_on > day + timedelta(days=366):
        raise Invalid(Words("最多提前一年", "A year ahead at most"), field="starts_on")
    if ends_on < starts_on:
        raise Invalid(Words("最後一天要在開始日之後", "The last day lies before the first"), field="ends_on")
    most = figures.value_on(session, "loan.most_days", starts_on)
    if (ends_on - starts_on).days + 1 > most:
        raise Invalid(Words("一次最多借 {n} 天", "{n} days at most").fill(n=most), field="ends_on")


def _check_items(session: Session, wanted: Mapping[int, int]) -> None:
    known = {thing.id: thing for thing in lending.things(session)}
    if not wanted:
        raise Invalid(Words("請填要借什麼、多少", "Say what, and how many"), field="items")
    for thing_id, count in wanted.items():
        thing: LentThing | None = known.get(thing_id)
        if thing is None:
            raise Invalid(Words("沒有這種物品", "There is no such thing"), field="items")
        if not 0 < count <= thing.most:
            words = Words("{what}一次最多借 {n} {unit}", "{what}: {n} at most")
            told = {"what": thing.label, "n": thing.most, "unit": Words(thing.unit, thing.unit_en)}
            raise Invalid(words.fill(**told), field="items")


def _is_there(session: Session, item: LoanItem, count: int, now: datetime) -> None:
    """What others are late with cannot be handed out."""
    thing = lending.hold(session, item.thing_id)
    left = thing.stock_on(today(now)) - lending.out_now(session, item.thing_id)
    if count > left:
        words = Words("{what}現場只有 {n}：有人逾期未還", "{what}: only {n} here; others are late")
        raise lending.NotEnough(words.fill(what=thing.label, n=max(left, 0)), field="items")


def _quantities(loan: Loan) -> dict[int, int]:
    return {item.thing_id: item.quantity for item in loan.items}


def _record(session: Session, person: Person, action: str, loan: Loan, now: datetime, reason: str = "") -> None:
    session.flush()
    after = {
        "status": loan.status,
        "items": {
            item.thing_id: [item.quantity, item.handed_out, item.good, item.damaged, item.missing]
            for item in loan.items
        },
    }
    audit.record(session, person, action, f"loan/{loan.id}", now, after=after, reason=reason)
