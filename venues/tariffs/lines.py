"""One amount with the rule behind it, and their sum. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.words import Words

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


def share(amount: int, percent: int) -> tuple[int, Words | None]:
    """`percent` of `amount` in whole NT$, half a dollar rounded up, and the rounding in words where there was one."""
    exact, rest = divmod(amount * percent, 100)
    if not rest:
        return exact, None
    said = Words("{a:,} × {p}% = {x:,}.{r:02d}，元以下四捨五入", "{a:,} × {p}% = {x:,}.{r:02d}, rounded to whole NT$")
    return exact + (rest >= 50), said.fill(a=amount, p=percent, x=exact, r=rest)
