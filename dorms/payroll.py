"""The month for payroll: whom to deduct how much rent allowance and management fee, counted by the day (D-30…D-33)."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from common.words import Words
from dorms import dues
from dorms import vocabulary as say
from dorms.models import Parameter, PayTerms, Room, Tenancy

ALLOWANCE, FEE = "dorm.rentAllowance.", "dorm.managementFee."


@dataclass(frozen=True)
class Line:
    """One stay in one month. `allowance` is None while a grade is missing; `exempt`: not deducted at all (D-30)."""

    tenancy: Tenancy
    first: date
    last: date
    days: int
    grade: int | None
    exempt: bool
    allowance: int | None
    fee: int

    @property
    def total(self) -> int:
        return (self.allowance or 0) + self.fee

    @property
    def basis(self) -> Words:
        """Why the allowance is what it is."""
        if self.exempt:
            return Words("首長核准住單房間，不扣", "Not deducted, by the head’s approval")
        if self.grade is None:
            return Words("職等未登記", "Grade not entered")
        rank = next(words for _, code, words in dues.RANKS if code == dues.rank_of(self.grade))
        return Words("{rank}第 {n} 職等", "{rank}, grade {n}").fill(rank=rank, n=self.grade)


@dataclass(frozen=True)
class Month:
    """Every stay of a month, by room."""

    first: date
    lines: list[Line]

    @property
    def days(self) -> int:
        return monthrange(self.first.year, self.first.month)[1]

    @property
    def allowance(self) -> int:
        return sum(line.allowance or 0 for line in self.lines)

    @property
    def fee(self) -> int:
        return sum(line.fee for line in self.lines)

    @property
    def lacking(self) -> int:
        """How many lines lack a grade."""
        return sum(line.allowance is None for line in self.lines)


@dataclass(frozen=True)
class Rate:
    """A monthly amount as it stands on a day."""

    words: Words
    value: int
    rule: str
    sample: bool


def month(session: Session, first: date) -> Month:
    """The list of the month that begins on `first`: everybody who had a room on a day of it."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    rows = (
        select(Tenancy)
        .join(Room)
        .where(Tenancy.moved_in_on <= last, Tenancy.ended_on.is_(None) | (Tenancy.ended_on >= first))
        .order_by(Room.building_id, Room.number, Tenancy.id)
        .options(selectinload(Tenancy.pay_terms), selectinload(Tenancy.room))
    )
    rates = _rates(session)
    return Month(first, [_line(row, first, last, rates) for row in session.scalars(rows)])


def of_tenancy(session: Session, row: Tenancy, first: date) -> Line | None:
    """The same for one stay; None when nobody lived there in that month."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    if row.moved_in_on is None or row.moved_in_on > last or (row.ended_on is not None and row.ended_on < first):
        return None
    return _line(row, first, last, _rates(session))


def rates_on(session: Session, day: date) -> list[Rate]:
    """The monthly amounts in force on a day, for the page."""
    names = {
        f"{ALLOWANCE}{code}": Words("房租津貼：{who}", "Rent allowance: {who}").fill(who=words)
        for _, code, words in dues.RANKS
    }
    names |= {
        f"{FEE}{kind}": Words("管理費：{what}", "Management fee: {what}").fill(what=words)
        for kind, words in say.ROOM_KINDS.items()
    }
    rows = select(Parameter).where(Parameter.key.in_(names), Parameter.since <= day).order_by(Parameter.since)
    latest = {row.key: row for row in session.scalars(rows)}
    return [
        Rate(words, latest[key].value, latest[key].rule, latest[key].sample)
        for key, words in names.items()
        if key in latest
    ]


def terms_on(row: Tenancy, day: date) -> PayTerms | None:
    """The terms in force on a day: the last that began by then, else the first there are."""
    begun = [terms for terms in row.pay_terms if terms.since <= day]
    return begun[-1] if begun else next(iter(row.pay_terms), None)


def _rates(session: Session) -> Mapping[str, dues.Rates]:
    rows = select(Parameter).where(Parameter.key.startswith("dorm.")).order_by(Parameter.since)
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in session.scalars(rows):
        found[row.key].append((row.since, row.value))
    return found


def _line(row: Tenancy, first: date, last: date, rates: Mapping[str, dues.Rates]) -> Line:
    begins = max(row.moved_in_on or first, first)
    ends = min(row.ended_on or last, last)
    days = [begins + timedelta(days=number) for number in range((ends - begins).days + 1)]
    length = (last - first).days + 1
    terms = {day: terms_on(row, day) for day in days}
    missing = any(each is None or (each.deducted and each.grade is None) for each in terms.values())
    monthly = [
        dues.rate_on(rates.get(f"{ALLOWANCE}{dues.rank_of(each.grade)}", ()), day)
        for day, each in terms.items()
        if each is not None and each.deducted and each.grade is not None
    ]
    fee = rates.get(f"{FEE}{row.room.kind}", ())
    latest = terms[days[-1]]
    return Line(
        tenancy=row,
        first=begins,
        last=ends,
        days=len(days),
        grade=latest.grade if latest else None,
        exempt=not any(each is None or each.deducted for each in terms.values()),
        allowance=None if missing else dues.prorated(monthly, length),
        fee=dues.prorated((dues.rate_on(fee, day) for day in days), length),
    )
