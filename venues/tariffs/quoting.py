"""What a wish costs, line by line. Pure: the same tariff, calendar and wish always give the same quote."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from common.roc import MONTHS_EN
from common.words import Words
from venues.slots import Chosen, Run, SlotTime, runs
from venues.tariffs.calendar import ORDINARY, Calendar
from venues.tariffs.lines import DEPOSIT, FEE, Line, Quote, share
from venues.tariffs.model import (
    DEPOSITED,
    EQUIPMENT,
    GAP,
    HOUR,
    OVERTIME,
    PER_DAY,
    PER_EVENT,
    PER_HOUR,
    PER_PERSON,
    PER_RUN,
    PER_SLOT,
    SERVICE,
    SLOT,
    USE,
    Moment,
    Rate,
    Tariff,
    Waiver,
    minutes,
)

COUNTED = {
    PER_DAY: Words("{n} 天", "{n} day(s)"),
    PER_SLOT: Words("{n} 時段", "{n} slot(s)"),
    PER_HOUR: Words("{n} 小時", "{n} h"),
    PER_PERSON: Words("{n} 人", "{n} people"),
}
DEPOSIT_WORDS = {
    PER_EVENT: Words("保證金（每場次，用畢檢查後退還）", "Deposit (per event, returned after inspection)"),
    PER_DAY: Words("保證金 {n} 天（用畢檢查後退還）", "Deposit, {n} day(s) (returned after inspection)"),
    PER_RUN: Words(
        "保證金（連續使用收一次，共 {n} 次；用畢退還）", "Deposit (once per consecutive use, {n}; returned after use)"
    ),
}
BEGUN = Words("{h} 小時 {m} 分；未滿 1 小時以 1 小時計", "{h} h {m} min; each hour begun counts as a whole one")


@dataclass(frozen=True)
class Priced:
    """A line and the kind of rate it came from, so that a waiver knows what it takes off."""

    kind: str
    line: Line


@dataclass(frozen=True)
class Wish:
    """What is asked for, in the engine's words."""

    found: list[Run]
    applicant_class: str
    overtime_minutes: int = 0
    equipment: Mapping[str, int] = field(default_factory=dict)
    event: str = ""
    people: int = 0
    part: str = ""
    calendar: Calendar = ORDINARY

    def at(self, day: date, slot: SlotTime) -> Moment:
        kind = self.calendar.kind_of(day)
        return Moment(day, kind, slot.code, slot.starts, slot.ends, self.applicant_class, self.event, self.part)

    @cached_property
    def moments(self) -> list[Moment]:
        """Every slot, in order of time."""
        return [self.at(run.date, slot) for run in self.found for slot in run.slots]

    @cached_property
    def days(self) -> list[date]:
        return sorted({run.date for run in self.found})

    @cached_property
    def openings(self) -> dict[date, Moment]:
        """The first slot of each day."""
        return {at.day: at for at in reversed(self.moments)}


def quote(
    tariff: Tariff,
    plan: Sequence[SlotTime],
    chosen: Iterable[Chosen],
    applicant_class: str,
    overtime_minutes: int = 0,
    equipment: Mapping[str, int] | None = None,
    *,
    event: str = "",
    people: int = 0,
    part: str = "",
    calendar: Calendar = ORDINARY,
) -> Quote:
    """The price of `chosen` slots for one class of applicant, with `overtime_minutes` after the last of them.

    Whole NT$. Order of wishes does not matter. Raises Invalid (field `slots`) for no slot or one that `plan` lacks.
    """
    wish = Wish(
        runs(plan, chosen), applicant_class, overtime_minutes, equipment or {}, event, people, part, calendar
    )  # fmt: skip
    priced = [
        *_use(tariff, wish),
        *_overtime(tariff, wish),
        *(each for kind, n in sorted(wish.equipment.items()) for each in _counted(tariff, wish, EQUIPMENT, kind, n)),
        *(each for code in tariff.codes(SERVICE) for each in _counted(tariff, wish, SERVICE, code, 1)),
    ]
    held = _deposit(tariff, wish)
    waiver = waiver_for(tariff, wish.applicant_class, wish.event, wish.days)
    if waiver:
        priced.append(_taken_off(waiver, priced))
        held = [] if waiver.deposit else held
    return Quote(tuple(each.line for each in priced) + tuple(held), tariff.version)


# ── The use itself ───────────────────────────────────────────────────────────


def _use(tariff: Tariff, wish: Wish) -> list[Priced]:
    several = len(wish.days) > 1
    out: list[Priced] = []
    for run in wish.found:
        named = _day_words(run.date) if several else Words("", "")
        gaps = {ends: (ends, starts) for ends, starts in run.gaps}
        for slot in run.slots:
            at = wish.at(run.date, slot)
            out += _slot(tariff, at, slot, named)
            if slot.ends in gaps and slot is not run.slots[-1]:
                out += _gap(tariff, at, *gaps[slot.ends])
    return out


def _slot(tariff: Tariff, at: Moment, slot: SlotTime, named: Words) -> list[Priced]:
    """One slot by its own price, or by the hour; the day is named when the wish has several."""
    rate = tariff.best(USE, "", at)
    if rate is None:
        return []
    if rate.kind == HOUR:
        return _hours(tariff, at, slot, named)
    label = Words("{day}{slot} {starts}–{ends}{of}", "{day}{slot} {starts}–{ends}{of}")
    label = label.fill(day=named, slot=slot.label, starts=slot.starts, ends=slot.ends, of=_in_brackets(rate.label))
    return [Priced(SLOT, Line(FEE, label, rate.amount, rate.rule, rate.sample))]


def _hours(tariff: Tariff, at: Moment, slot: SlotTime, named: Words) -> list[Priced]:
    """A slot cut where prices change over the day; each piece by hours begun."""
    edges = {slot.starts, slot.ends}
    for each in tariff.rates:
        if each.kind == HOUR and each.when.band:
            edges |= {edge for edge in each.when.band if slot.starts < edge < slot.ends}
    cuts = sorted(edges)
    pieces: list[tuple[Rate | None, str, str]] = []
    for starts, ends in zip(cuts, cuts[1:], strict=False):
        piece = Moment(
            at.day, at.kind_of_day, at.slot, starts, ends, at.applicant_class, at.event, at.part
        )  # fmt: skip
        rate = tariff.best((HOUR,), "", piece)
        if pieces and pieces[-1][0] == rate:
            pieces[-1] = (rate, pieces[-1][1], ends)
        else:
            pieces.append((rate, starts, ends))
    return [_hour_line(rate, starts, ends, named) for rate, starts, ends in pieces if rate]


def _hour_line(rate: Rate, starts: str, ends: str, named: Words) -> Priced:
    hours, note = _begun(minutes(ends) - minutes(starts))
    label = Words("{day}{starts}–{ends} {n} 小時 × {price:,}{of}", "{day}{starts}–{ends}, {n} h × {price:,}{of}")
    label = label.fill(day=named, starts=starts, ends=ends, n=hours, price=rate.amount, of=_in_brackets(rate.label))
    return Priced(HOUR, Line(FEE, label, hours * rate.amount, rate.rule, rate.sample, note))


def _gap(tariff: Tariff, at: Moment, starts: str, ends: str) -> list[Priced]:
    rate = tariff.best((GAP,), "", at)
    if rate is None:
        return []
    free = Words("中間 {starts}–{ends} 免費使用", "{starts}–{ends} in between is free")
    paid = Words("中間 {starts}–{ends}", "{starts}–{ends} in between")
    label = (paid if rate.amount else free).fill(starts=starts, ends=ends)
    return [Priced(GAP, Line(FEE, label, rate.amount, rate.rule, rate.sample))]


def _overtime(tariff: Tariff, wish: Wish) -> list[Priced]:
    rate = tariff.best((OVERTIME,), "", wish.moments[-1])
    if rate is None or wish.overtime_minutes <= 0:
        return []
    hours, note = _begun(wish.overtime_minutes)
    label = Words("逾時 {hours} 小時 × {price:,}", "Overtime {hours} h × {price:,}").fill(
        hours=hours, price=rate.amount
    )
    return [Priced(OVERTIME, Line(FEE, label, hours * rate.amount, rate.rule, rate.sample, note))]


# ── What goes with it ────────────────────────────────────────────────────────


def _counted(tariff: Tariff, wish: Wish, kind: str, of: str, quantity: int) -> list[Priced]:
    """Equipment and services: each slot, day, hour, head or the event as a whole, by the rate that holds there."""
    if quantity <= 0:
        return []
    counts: dict[Rate, int] = {}
    for at in wish.moments:
        rate = tariff.best((kind,), of, at)
        if rate is not None:
            counts[rate] = counts.get(rate, 0) + _count(rate, at, wish)
    told = []
    for rate, count in counts.items():
        if count:
            line = Line(
                FEE, _counted_words(rate, count, quantity), quantity * count * rate.amount, rate.rule, rate.sample
            )
            told.append(Priced(kind, line))
    return told


def _count(rate: Rate, at: Moment, wish: Wish) -> int:
    """How many of what `rate` counts begin with this slot."""
    if rate.counts == PER_SLOT:
        return 1
    if rate.counts == PER_HOUR:
        return _begun(minutes(at.ends) - minutes(at.starts))[0]
    first = at is wish.moments[0]
    if rate.counts == PER_DAY:
        return int(at is wish.openings[at.day])
    return (wish.people if rate.counts == PER_PERSON else 1) if first else 0


def _counted_words(rate: Rate, count: int, quantity: int) -> Words:
    pieces = Words(" × {n}", " × {n}").fill(n=quantity) if rate.kind == EQUIPMENT else Words("", "")
    if rate.counts == PER_EVENT:
        return Words("{what}{pieces}", "{what}{pieces}").fill(what=rate.label, pieces=pieces)
    told = COUNTED[rate.counts].fill(n=count)
    return Words("{what}{pieces}，{n} × {price:,}", "{what}{pieces}, {n} × {price:,}").fill(
        what=rate.label, pieces=pieces, n=told, price=rate.amount
    )


def _deposit(tariff: Tariff, wish: Wish) -> list[Line]:
    """The deposit by what holds on the first slot: once, for each day, or once for each run of days (S-04, S-34)."""
    rate = tariff.best((DEPOSITED,), "", wish.moments[0])
    if rate is None:
        return []
    days = wish.days
    n = {
        PER_EVENT: 1,
        PER_DAY: len(days),
        PER_RUN: sum(day - timedelta(days=1) not in days for day in days),
    }[rate.counts]
    return [Line(DEPOSIT, DEPOSIT_WORDS[rate.counts].fill(n=n), n * rate.amount, rate.rule, rate.sample)]


# ── What is taken off ────────────────────────────────────────────────────────


def waiver_for(tariff: Tariff, applicant_class: str, event: str, days: Sequence[date]) -> Waiver | None:
    """The one waiver that holds: the most specific one. Waivers are never added up."""
    weeks = weeks_running(days)
    holding = [each for each in tariff.waivers if each.holds(applicant_class, event, weeks)]
    return max(holding, key=lambda each: each.narrowness, default=None)


def weeks_running(days: Sequence[date]) -> int:
    """The longest run of weeks with use in each of them (S-41: three months of every week are 13)."""
    mondays = {day - timedelta(days=day.weekday()) for day in days}
    longest = 0
    for monday in mondays:
        if monday - timedelta(days=7) in mondays:
            continue
        n = 1
        while monday + timedelta(days=7 * n) in mondays:
            n += 1
        longest = max(longest, n)
    return longest


def _taken_off(waiver: Waiver, priced: Sequence[Priced]) -> Priced:
    """The lines with the amount taken off again, so that what the city forgoes stays visible (S-13); never below nothing."""
    fee = sum(each.line.amount for each in priced if not waiver.on or each.kind in waiver.on)
    less, note = (min(waiver.amount, fee), None) if waiver.amount else share(fee, waiver.percent)
    return Priced("waiver", Line(FEE, waiver.label, -less, waiver.rule, waiver.sample, note))


def _begun(told: int) -> tuple[int, Words | None]:
    """Hours begun, and the rounding in words where there was one (S-06)."""
    whole, rest = divmod(told, 60)
    return (whole + 1, BEGUN.fill(h=whole, m=rest)) if rest else (whole, None)


def _day_words(day: date) -> Words:
    return Words(f"{day.month}月{day.day}日 ", f"{day.day} {MONTHS_EN[day.month - 1]} ")


def _in_brackets(label: Words) -> Words:
    return Words(f"（{label.zh}）", f" ({label.en})") if label.zh else Words("", "")
