"""Half-years compared as the city's reports do it, and what stands out of a row of figures. Pure: values in, values out.

Rates follow C-41: (this − base) ÷ base in percent, two decimals, ROUND_HALF_UP (half away from zero) on the Decimal quotient.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from common.roc import number, percent, rate_percent, rounded
from common.words import Words

MAD_TO_SIGMA = Decimal("1.4826")  # makes the median deviation of a normal spread its standard deviation
LEAST_SPREAD = Decimal("0.03")  # of the median: a car that is very even is not flagged for a trifle
FEWEST = 5  # figures below which nothing is said


@dataclass(frozen=True)
class Comparison:
    """`this` against `base`, in `unit`; None where a figure is not known."""

    this: Decimal | None
    base: Decimal | None
    unit: str

    @property
    def difference(self) -> Decimal | None:
        return None if self.this is None or self.base is None else self.this - self.base

    @property
    def rate_percent(self) -> Decimal | None:
        """Two decimals, ROUND_HALF_UP; None without a base to compare with."""
        return None if self.this is None or self.base is None else rate_percent(self.this, self.base)

    @property
    def rises(self) -> bool:
        return self.difference is not None and self.difference > 0

    def sentence(self, what: Words, this_label: Words, base_label: Words) -> Words:
        """The finding in words, with litres (or kWh) and the rate: 減少／增加 (C-41)."""
        this_label, base_label = (
            Words(each.zh, each.en[:1].lower() + each.en[1:]) for each in (this_label, base_label)
        )
        if self.difference is None or self.this is None or self.base is None:
            return Words("{base}或{this}沒有{what}的紀錄，無法比較。", "No {what} figures for {base} or {this}.").fill(
                base=base_label, this=this_label, what=Words(what.zh, what.en.lower())
            )
        told: dict[str, object] = {
            "what": what, "this": this_label, "base": base_label, "unit": Words("公升", "L") if self.unit == "L" else Words("度", "kWh"),
            "amount": number(abs(self.difference), places_of(self.difference)), "rate": percent(abs(self.rate_percent or Decimal(0))),
        }  # fmt: skip
        if self.difference == 0:
            return Words("{this}{what}用量與{base}相同。", "{what} in the {this}: the same as in the {base}.").fill(
                **told
            )
        if self.rises:
            words = Words(
                "{this}{what}比{base}增加 {amount} {unit}（{rate}）。",
                "{what} in the {this}: {amount} {unit} ({rate}) more than in the {base}.",
            )
        else:
            words = Words(
                "{this}{what}比{base}減少 {amount} {unit}（{rate}）。",
                "{what} in the {this}: {amount} {unit} ({rate}) less than in the {base}.",
            )
        return words.fill(**told)


def places_of(value: Decimal) -> int:
    """How many decimals a quantity is written with: none when it is whole, else two."""
    return 0 if value == value.to_integral_value() else 2


class Usual(NamedTuple):
    """What is usual in a row of figures: between these two."""

    low: Decimal
    high: Decimal


def usual(values: Sequence[Decimal], deviations: Decimal) -> Usual | None:
    """The usual range: median ± `deviations` robust standard deviations (median absolute deviation), two decimals.

    The limits come from the figures themselves, and a few wild ones hardly move them. None for fewer than five figures.
    """
    if len(values) < FEWEST:
        return None
    middle = median(values)
    spread = median([abs(value - middle) for value in values]) * MAD_TO_SIGMA
    margin = deviations * max(spread, middle * LEAST_SPREAD)
    return Usual(rounded(max(middle - margin, Decimal(0)), 2), rounded(middle + margin, 2))
