"""What a booking costs and what a cancellation returns, line by line. Pure: data in, lines out.

A tariff is dated, versioned data (`Tariff.from_data`); the same tariff and the same wish always give the same quote.
Every line names its amount in whole NT$, the rule it rests on, and whether the value is only a sample (示範) because the
city's own figure is not known (S-05, S-20).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.roc import MONTHS_EN
from common.words import Words
from venues.slots import Chosen, SlotTime, runs

FEE = "fee"
DEPOSIT = "deposit"


@dataclass(frozen=True)
class Line:
    """One amount in whole NT$ with the rule behind it. `kind` is "fee" or "deposit"; `note` names the rounding."""

    kind: str
    label: Words
    amount: int
    rule: str
    sample: bool = False
    note: Words | None = None

    def to_data(self) -> dict[str, Any]:
        """The line as it is frozen into a booking."""
        return {
            "kind": self.kind,
            "label": self.label.zh,
            "label_en": self.label.en,
            "amount": self.amount,
            "rule": self.rule,
            "sample": self.sample,
            "note": self.note.zh if self.note else None,
            "note_en": self.note.en if self.note else None,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Line":
        note = Words(data["note"], data["note_en"]) if data["note"] else None
        label = Words(data["label"], data["label_en"])
        return cls(data["kind"], label, data["amount"], data["rule"], data["sample"], note)


@dataclass(frozen=True)
class Quote:
    """The lines and their sums: `fee` + `deposit` = `total`, and each is the sum of its lines."""

    lines: tuple[Line, ...]
    tariff_version: str

    @property
    def fee(self) -> int:
        return sum(line.amount for line in self.lines if line.kind == FEE)

    @property
    def deposit(self) -> int:
        return sum(line.amount for line in self.lines if line.kind == DEPOSIT)

    @property
    def total(self) -> int:
        return self.fee + self.deposit


@dataclass(frozen=True)
class Rate:
    """One row of a tariff: `amount` NT$ per slot, hour begun, event or unit.

    kind: slot | gap | overtime | equipment | deposit. `of` limits it to one slot code or one kind of equipment.
    """

    kind: str
    amount: int
    rule: str
    sample: bool = False
    of: str = ""
    label: Words = Words("", "")


@dataclass(frozen=True)
class Waiver:
    """Classes of applicant who pay nothing, and the rule that says so."""

    classes: frozenset[str]
    rule: str
    label: Words
    sample: bool = False


@dataclass(frozen=True)
class RefundStep:
    """`percent` of the fee comes back when cancelled at least `days` days before the day of use."""

    days: int
    percent: int


@dataclass(frozen=True)
class RefundLadder:
    """What comes back. `always` are causes that return the whole fee however late."""

    steps: tuple[RefundStep, ...]
    always: frozenset[str]
    rule: str
    always_rule: str
    sample: bool = True

    def percent(self, days_before: int, cause: str) -> int:
        """Percent of the fee that comes back; days count from today to the first day of use."""
        if cause in self.always:
            return 100
        reached = [step.percent for step in self.steps if days_before >= step.days]
        return max(reached, default=0)


@dataclass(frozen=True)
class Tariff:
    """One version of what one venue costs, valid from a day on."""

    version: str
    effective_from: date
    rates: tuple[Rate, ...]
    waivers: tuple[Waiver, ...]
    refunds: RefundLadder

    @classmethod
    def from_data(cls, version: str, effective_from: date, data: Mapping[str, Any]) -> "Tariff":
        """The tariff as kept in the `tariff` table's `data` column."""
        ladder = data["refunds"]
        return cls(
            version,
            effective_from,
            tuple(Rate(**{**row, "label": Words(*row.get("label", ("", "")))}) for row in data["rates"]),
            tuple(
                Waiver(frozenset(row["classes"]), row["rule"], Words(*row["label"]), row.get("sample", False))
                for row in data["waivers"]
            ),
            RefundLadder(
                tuple(RefundStep(**step) for step in ladder["steps"]),
                frozenset(ladder["always"]),
                ladder["rule"],
                ladder["always_rule"],
                ladder.get("sample", True),
            ),
        )

    def rate(self, kind: str, of: str = "") -> Rate | None:
        """The rate of `kind` for exactly `of`, else the one for all."""
        mine = [rate for rate in self.rates if rate.kind == kind]
        return next((rate for rate in mine if of and rate.of == of), next((rate for rate in mine if not rate.of), None))

    def waiver(self, applicant_class: str) -> Waiver | None:
        """The waiver that covers this class of applicant, if any."""
        return next((waiver for waiver in self.waivers if applicant_class in waiver.classes), None)


def quote(
    tariff: Tariff,
    plan: Sequence[SlotTime],
    chosen: Iterable[Chosen],
    applicant_class: str,
    overtime_minutes: int = 0,
    equipment: Mapping[str, int] | None = None,
) -> Quote:
    """The price of `chosen` slots for one class of applicant, with `overtime_minutes` after the last of them.

    Order of wishes does not matter. Raises Invalid (field `slots`) for no slot or one that `plan` does not have.
    """
    found = runs(plan, chosen)
    several = len({run.date for run in found}) > 1
    lines: list[Line] = []
    for run in found:
        gaps = {ends: (ends, starts) for ends, starts in run.gaps}
        for slot in run.slots:
            lines += _slot_line(tariff, run.date if several else None, slot)
            if slot.ends in gaps and slot is not run.slots[-1]:
                lines += _gap_line(tariff, *gaps[slot.ends])
    lines += _overtime_line(tariff, overtime_minutes, found[-1].slots[-1])
    for kind, quantity in sorted((equipment or {}).items()):
        lines += _equipment_line(tariff, kind, quantity)
    deposit = tariff.rate("deposit")
    if deposit:
        label = Words("保證金（每場次，用畢檢查後退還）", "Deposit (per event, returned after inspection)")
        lines.append(Line(DEPOSIT, label, deposit.amount, deposit.rule, deposit.sample))
    waiver = tariff.waiver(applicant_class)
    if waiver:
        lines = _waived(lines, waiver)
    return Quote(tuple(lines), tariff.version)


def _slot_line(tariff: Tariff, day: date | None, slot: SlotTime) -> list[Line]:
    """One slot; the day is named when the wish has several."""
    rate = tariff.rate("slot", slot.code)
    if rate is None:
        return []
    named = Words(f"{day.month}月{day.day}日 ", f"{day.day} {MONTHS_EN[day.month - 1]} ") if day else Words("", "")
    label = Words("{day}{slot} {starts}–{ends}", "{day}{slot} {starts}–{ends}")
    label = label.fill(day=named, slot=slot.label, starts=slot.starts, ends=slot.ends)
    return [Line(FEE, label, rate.amount, rate.rule, rate.sample)]


def _gap_line(tariff: Tariff, starts: str, ends: str) -> list[Line]:
    rate = tariff.rate("gap")
    if rate is None:
        return []
    label = Words("中間 {starts}–{ends} 免費使用", "{starts}–{ends} in between is free").fill(starts=starts, ends=ends)
    return [Line(FEE, label, rate.amount, rate.rule, rate.sample)]


def _overtime_line(tariff: Tariff, minutes: int, last: SlotTime) -> list[Line]:
    rate = tariff.rate("overtime", last.code)
    if rate is None or minutes <= 0:
        return []
    hours = -(-minutes // 60)
    label = Words("逾時 {hours} 小時 × {price:,}", "Overtime {hours} h × {price:,}").fill(
        hours=hours, price=rate.amount
    )
    note = None
    if minutes % 60:
        said = Words("{h} 小時 {m} 分；未滿 1 小時以 1 小時計", "{h} h {m} min; each hour begun counts as a whole one")
        note = said.fill(h=minutes // 60, m=minutes % 60)
    return [Line(FEE, label, hours * rate.amount, rate.rule, rate.sample, note)]


def _equipment_line(tariff: Tariff, kind: str, quantity: int) -> list[Line]:
    rate = tariff.rate("equipment", kind)
    if rate is None or quantity <= 0:
        return []
    label = Words("{what} × {n}", "{what} × {n}").fill(what=rate.label, n=quantity)
    return [Line(FEE, label, quantity * rate.amount, rate.rule, rate.sample)]


def _waived(lines: list[Line], waiver: Waiver) -> list[Line]:
    """The lines with the same amount taken off again, so that what the city forgoes stays visible (S-13)."""
    fee = sum(line.amount for line in lines if line.kind == FEE)
    kept = [line for line in lines if line.kind == FEE]
    return [*kept, Line(FEE, waiver.label, -fee, waiver.rule, waiver.sample)]
