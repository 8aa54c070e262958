"""Income by month, venue and class of applicant, the trial balance, and the deposits held: sums over entries.

Income is counted on the Taipei day it came in (`venues.treasury.COLLECTED`); a session (場次) on its first day of use.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from common.period import Period, taipei
from common.roc import HalfYear
from venues import money
from venues.models import Booking, MoneyEntry, Venue
from venues.tariffs import DEPOSIT
from venues.treasury import COLLECTED, IN, OUT
from venues.vocabulary import CLOSED, IN_USE, INSPECTION

HELD = (IN_USE, INSPECTION, CLOSED)


@dataclass
class IncomeRow:
    """What one venue brought from one class of applicant: NT$ for each month, and sessions held."""

    venue: Venue
    applicant_class: str
    months: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    sessions: int = 0

    @property
    def income(self) -> int:
        return sum(self.months.values())


class Account(NamedTuple):
    """One account's turnover and balance in whole NT$."""

    code: str
    debit: int
    credit: int

    @property
    def balance(self) -> int:
        return self.debit - self.credit


class Holding(NamedTuple):
    """Money that belongs to an applicant: the deposit held, and what is on its way back."""

    booking: Booking
    deposit: int
    to_return: int


@dataclass
class Income:
    """One half-year: its months in order, and a row for each venue and class."""

    period: HalfYear
    months: list[date]
    rows: list[IncomeRow]

    @property
    def total(self) -> int:
        return sum(row.income for row in self.rows)

    @property
    def sessions(self) -> int:
        return sum(row.sessions for row in self.rows)


def months_of(period: HalfYear) -> list[date]:
    """The first days of its six months."""
    first = period.first_day
    return [date(first.year, first.month + step, 1) for step in range(6)]


def half_year(session: Session, period: HalfYear) -> Income:
    """Income and sessions of a half-year, in the order of the venues' list and of the classes."""
    rows: dict[tuple[int, str], IncomeRow] = {}
    venues = {venue.id: venue for venue in session.scalars(select(Venue).options(selectinload(Venue.whole)))}

    def row(venue_id: int, applicant_class: str) -> IncomeRow:
        return rows.setdefault((venue_id, applicant_class), IncomeRow(venues[venue_id], applicant_class))

    months = months_of(period)
    for month in months:
        within = _month(month)
        summed = select(Booking.venue_id, Booking.applicant_class, func.sum(COLLECTED)).join(MoneyEntry.booking)
        summed = summed.where(or_(IN, OUT), MoneyEntry.at >= within.starts_at, MoneyEntry.at < within.ends_at)
        for venue_id, kind, amount in session.execute(summed.group_by(Booking.venue_id, Booking.applicant_class)):
            row(venue_id, kind).months[month] += int(amount)
    whole = period.period
    counted = select(Booking.venue_id, Booking.applicant_class, func.count()).where(
        Booking.status.in_(HELD), Booking.starts_at >= whole.starts_at, Booking.starts_at < whole.ends_at
    )
    for venue_id, kind, count in session.execute(counted.group_by(Booking.venue_id, Booking.applicant_class)):
        row(venue_id, kind).sessions += count
    ordered = sorted(rows.values(), key=lambda each: (each.venue.place_in_list, each.venue.id, each.applicant_class))
    return Income(period, months, ordered)


def lines(
    period: HalfYear, venue_id: int | None = None, applicant_class: str | None = None, month: date | None = None
) -> Select[MoneyEntry]:
    """The entries behind a figure of `half_year`, as a statement to page through."""
    within = _month(month) if month else period.period
    found = select(MoneyEntry).join(MoneyEntry.booking).options(selectinload(MoneyEntry.booking))
    found = found.where(or_(IN, OUT), MoneyEntry.at >= within.starts_at, MoneyEntry.at < within.ends_at)
    if venue_id is not None:
        found = found.where(Booking.venue_id == venue_id)
    if applicant_class is not None:
        found = found.where(Booking.applicant_class == applicant_class)
    return found


def collected(entry: MoneyEntry) -> int:
    """What one of these entries adds to the income, in whole NT$."""
    return -entry.amount if entry.kind == money.REFUND else entry.amount


def trial_balance(session: Session) -> list[Account]:
    """Every account's debits and credits over all entries; the balances add up to nothing."""
    debits: dict[str, int] = {}
    credits: dict[str, int] = {}
    for column, sums in ((MoneyEntry.debit, debits), (MoneyEntry.credit, credits)):
        for code, amount in session.execute(select(column, func.sum(MoneyEntry.amount)).group_by(column)):
            sums[code] = int(amount)
    return [Account(code, debits.get(code, 0), credits.get(code, 0)) for code in money.ACCOUNTS]


def holdings(session: Session) -> Iterator[Holding]:
    """Whose money the house holds now: deposits and refunds not paid out, oldest booking first."""
    deposit = and_(MoneyEntry.kind.in_((money.PAYMENT, money.RESTORED)), MoneyEntry.part == DEPOSIT)
    gone = or_(MoneyEntry.kind == money.DEDUCTION, and_(MoneyEntry.kind == money.REFUND, MoneyEntry.part == DEPOSIT))
    held = func.sum(case((deposit, MoneyEntry.amount), (gone, -MoneyEntry.amount), else_=0))
    to, off = MoneyEntry.credit == money.TO_RETURN, MoneyEntry.debit == money.TO_RETURN
    returning = func.sum(case((to, MoneyEntry.amount), (off, -MoneyEntry.amount), else_=0))
    summed = select(MoneyEntry.booking_id, held, returning).group_by(MoneyEntry.booking_id)
    rows = session.execute(summed.having(or_(held != 0, returning != 0)).order_by(MoneyEntry.booking_id))
    found: dict[int, tuple[int, int]] = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    wanted = list(found)
    for start in range(0, len(wanted), 500):
        chosen = select(Booking).where(Booking.id.in_(wanted[start : start + 500])).order_by(Booking.id)
        chosen = chosen.options(selectinload(Booking.venue).selectinload(Venue.whole), selectinload(Booking.agency))
        for booking in session.scalars(chosen):
            yield Holding(booking, *found[booking.id])


def _month(first: date) -> Period:
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return Period(taipei(first, "00:00"), taipei(after, "00:00"))
