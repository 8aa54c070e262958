"""What a cancellation returns, line by line. Pure.

The ladder is part of the tariff the booking was made under, so a later change of rules never touches it. The city's own
refund clause is not known: the ladder is PROPOSED from S-33 and S-36 and shown as a sample.
"""

from dataclasses import dataclass

from common.words import Words
from venues.tariffs import DEPOSIT, FEE, Line, RefundLadder, share

APPLICANT = "applicant"
GOVERNMENT_NEED = "government_need"
FORCE_MAJEURE = "force_majeure"
CAUSES = (APPLICANT, GOVERNMENT_NEED, FORCE_MAJEURE)


@dataclass(frozen=True)
class Refund:
    """What comes back in whole NT$: `fee` + `deposit` = `total`, each the sum of its lines."""

    lines: tuple[Line, ...]
    percent: int
    days_before: int

    @property
    def fee(self) -> int:
        return sum(line.amount for line in self.lines if line.kind == FEE)

    @property
    def deposit(self) -> int:
        return sum(line.amount for line in self.lines if line.kind == DEPOSIT)

    @property
    def total(self) -> int:
        return self.fee + self.deposit


def refund(ladder: RefundLadder, fee_paid: int, deposit_paid: int, days_before: int, cause: str = APPLICANT) -> Refund:
    """What returns of what was paid, `days_before` days before the first day of use.

    Never more than was paid; the deposit always whole. Half a dollar is rounded up, to the applicant's good.
    """
    percent = ladder.percent(days_before, cause)
    whole = cause in ladder.always
    label = Words("退還場地費 {percent}%", "Refund of the fee, {percent}%").fill(percent=percent)
    note = (
        Words("因市政需要或不可抗力，全額退費", "City need or force majeure: the whole fee")
        if whole
        else Words("使用日前 {days} 天取消", "Cancelled {days} days before").fill(days=days_before)
    )
    returned, rounding = share(fee_paid, percent)
    if rounding:
        note = Words(f"{note.zh}；{rounding.zh}", f"{note.en}; {rounding.en}")
    lines = [Line(FEE, label, returned, ladder.always_rule if whole else ladder.rule, ladder.sample, note)]
    if deposit_paid:
        lines.append(
            Line(DEPOSIT, Words("退還保證金", "Deposit returned"), deposit_paid, ladder.always_rule, ladder.sample)
        )
    return Refund(tuple(lines), percent, days_before)
