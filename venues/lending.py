"""The stock of things lent by the count (V4): what there is, what is promised for each day, never more than there is.

Whoever promises or changes a thing's stock first holds the thing's own row; the constraint `never_more_than_there_are` on
each of its days has the last word. Days are Taipei's, whole ones.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from common import audit
from common.db import for_update
from common.errors import Conflict, Invalid, NotFound
from common.identity import Person
from common.period import today
from common.roc import day_words
from common.words import Words
from venues.ground_rules import must_decide
from venues.models import LentDay, LentStock, LentThing, Loan, LoanItem

MOST_STOCK = 100_000


class NotEnough(Conflict):
    """Fewer are free on some day than asked for; says how many and when."""


class Promised(Conflict):
    """More are promised on some day than there would be left."""


def things(session: Session, *, every: bool = False) -> list[LentThing]:
    """What is lent, in order of the list; with `every`, also what is lent no more."""
    rows = select(LentThing).options(selectinload(LentThing.stocks)).order_by(LentThing.place_in_list, LentThing.id)
    return list(session.scalars(rows if every else rows.where(LentThing.active)))


def days_of(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def free(session: Session, thing: LentThing, first: date, last: date, now: datetime) -> int:
    """How many are here and promised to nobody on any day of a period, both ends included; what is overdue is not here."""
    promised = {row.day: row for row in session.scalars(_rows(thing.id, first, last))}
    left = []
    for day in days_of(first, last):
        row = promised.get(day)
        left.append(row.stock - row.promised if row else thing.stock_on(day))
    return max(min(left) - late(session, thing.id, now), 0)


def out_now(session: Session, thing_id: int) -> int:
    """How many are with borrowers at this moment."""
    return int(session.scalar(_still_out(thing_id)) or 0)


def late(session: Session, thing_id: int, now: datetime) -> int:
    """How many should be back and are not; they are no one's to promise until they are (decision 17)."""
    return int(session.scalar(_still_out(thing_id).where(Loan.ends_on < today(now))) or 0)


def _still_out(thing_id: int) -> Select[int]:
    out = LoanItem.handed_out - LoanItem.good - LoanItem.damaged - LoanItem.missing
    return select(func.sum(out)).join(Loan).where(LoanItem.thing_id == thing_id, Loan.status == "out")


def short_days(session: Session, now: datetime) -> list[LentDay]:
    """Days to come on which more is promised than there is, because things were lost or broken after the promise."""
    found = select(LentDay).where(LentDay.short > 0, LentDay.day >= today(now), LentDay.promised > LentDay.stock)
    return list(session.scalars(found.order_by(LentDay.day, LentDay.thing_id)))


def promise(session: Session, wanted: Mapping[int, int], days: Iterable[date], now: datetime) -> None:
    """Promise so many of each thing (by id) on every one of `days`, or nothing. What others are late with is not promised.

    Raises NotFound, NotEnough (field `items`).
    """
    listed = sorted(days)
    chosen: list[tuple[LentDay, int]] = []
    for thing_id in sorted(wanted):
        thing = hold(session, thing_id)
        missing = late(session, thing_id, now)
        rows = {row.day: row for row in session.scalars(_rows(thing_id, listed[0], listed[-1]))}
        for day in listed:
            row = rows.get(day) or LentDay(thing_id=thing_id, day=day, stock=thing.stock_on(day), promised=0, short=0)
            if row.promised + wanted[thing_id] > row.stock - missing:
                raise _not_enough(thing, day, row.stock - missing - row.promised, missing)
            chosen.append((row, wanted[thing_id]))
    for row, count in chosen:
        row.promised += count
        session.add(row)
    session.flush()


def give_back(session: Session, wanted: Mapping[int, int], days: Iterable[date]) -> None:
    """Take a promise back: so many of each thing on every one of `days`."""
    listed = sorted(days)
    if not listed:
        return
    for thing_id in sorted(thing for thing, count in wanted.items() if count):
        hold(session, thing_id)
        for row in session.scalars(_rows(thing_id, listed[0], listed[-1])):
            if row.day in listed:
                row.promised -= wanted[thing_id]
                row.short = max(0, row.promised - row.stock)
    session.flush()


def lose(session: Session, thing_id: int, count: int, now: datetime, reason: str) -> None:
    """So many fewer from today on: lost or broken. What was promised already stands, and is shown as short."""
    thing, day = hold(session, thing_id), today(now)
    if not count:
        return
    if not any(row.valid_from == day for row in thing.stocks):
        thing.stocks.append(LentStock(valid_from=day, quantity=thing.stock_on(day), reason=reason))
    for stock in thing.stocks:
        if stock.valid_from >= day:
            stock.quantity = max(0, stock.quantity - count)
            stock.reason = stock.reason or reason
    for row in session.scalars(_rows(thing_id, day, date.max)):
        row.stock = max(0, row.stock - count)
        row.short = max(0, row.promised - row.stock)
    session.flush()


def add_thing(
    session: Session, person: Person, now: datetime, *, code: str, name: str, name_en: str, unit: str, unit_en: str,
    most: int, quantity: int, valid_from: date | None = None,
) -> LentThing:  # fmt: skip
    """A new kind of thing, and how many there are from a day on (today unless told). Raises Forbidden, Invalid."""
    must_decide(person)
    place = session.scalar(select(func.max(LentThing.place_in_list))) or 0
    thing = LentThing(
        code=code, name=name, name_en=name_en, unit=unit, unit_en=unit_en, most=most, place_in_list=place + 1
    )
    thing.stocks.append(LentStock(valid_from=valid_from or today(now), quantity=quantity))
    try:
        with session.begin_nested():
            session.add(thing)
    except IntegrityError as twice:
        raise Invalid(Words("已經有這個代碼", "There is such a code already"), field="code") from twice
    audit.record(session, person, "lent_thing_added", f"lent_thing/{thing.id}", now, after={"quantity": quantity})
    return thing


def set_stock(
    session: Session, person: Person, now: datetime, thing_id: int, *, quantity: int, valid_from: date,
    reason: str = "", rev: int | None = None,
) -> LentThing:  # fmt: skip
    """How many there are from `valid_from` (today or later) on, until the next such day.

    Raises Forbidden, Invalid (field `valid_from`), Promised (field `quantity`) when more are promised on some day, Stale.
    """
    must_decide(person)
    if valid_from < today(now):
        raise Invalid(Words("只能從今天或以後的日子起", "From today or a later day only"), field="valid_from")
    thing = hold(session, thing_id)
    thing.expect(rev)
    before = thing.stock_on(valid_from)
    same = next((row for row in thing.stocks if row.valid_from == valid_from), None)
    if same is None:
        thing.stocks.append(LentStock(valid_from=valid_from, quantity=quantity, reason=reason))
    else:
        same.quantity, same.reason = quantity, reason
    later = [row.valid_from for row in thing.stocks if row.valid_from > valid_from]
    last = min(later) - timedelta(days=1) if later else date.max
    for row in session.scalars(_rows(thing_id, valid_from, last)):
        if row.promised > quantity and quantity < row.stock:
            words = Words("{day}已答應借出 {n}，不能少於這個數", "{n} are promised for {day}; there cannot be fewer")
            raise Promised(words.fill(day=day_words(row.day), n=row.promised), field="quantity")
        row.stock, row.short = quantity, max(0, row.promised - quantity)
    flag_modified(thing, "most")  # the row itself is what two officers edit
    session.flush()
    session.refresh(thing)
    after = {"quantity": quantity, "valid_from": str(valid_from)}
    audit.record(session, person, "lent_stock_set", f"lent_thing/{thing_id}", now, {"quantity": before}, after, reason)
    return thing


def hold(session: Session, thing_id: int) -> LentThing:
    """The thing, held until the end of the transaction: promises of one thing are made one after another."""
    thing = session.get(LentThing, thing_id, populate_existing=True, **for_update(session))
    if thing is None:
        raise NotFound
    return thing


def _rows(thing_id: int, first: date, last: date) -> Select[LentDay]:
    found = select(LentDay).where(LentDay.thing_id == thing_id, LentDay.day >= first, LentDay.day <= last)
    return found.order_by(LentDay.day).execution_options(populate_existing=True)


def _not_enough(thing: LentThing, day: date, left: int, missing: int) -> NotEnough:
    words = Words("{what}在{day}只剩 {n} {unit}", "{what}: only {n} left on {day}")
    if missing:
        words = Words(
            "{what}在{day}只剩 {n} {unit}：有 {late} {unit}逾期未還，還回來才能再借",
            "{what}: only {n} left on {day}; {late} are overdue and can be lent when they are back",
        )
    told = {"what": thing.label, "day": day_words(day), "n": max(left, 0), "unit": Words(thing.unit, thing.unit_en)}
    told["late"] = missing
    return NotEnough(words.fill(**told), field="items")
