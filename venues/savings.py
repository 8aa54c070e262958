"""What lending stages and sets saved the city in a half-year (S-19): pieces lent × what each would have cost outside."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from common.period import local
from common.roc import HalfYear
from venues import equipment, figures
from venues.models import Booking, EquipmentKind, Figure
from venues.vocabulary import CONFIRMED

HELD = (CONFIRMED, "in_use", "inspection", "closed")
"""States of an event that took place once its day has come; cancelled, rejected, lapsed and suspended ones did not."""


class SavedBy(NamedTuple):
    """One event's pieces of one kind, and what they saved in whole NT$."""

    booking: Booking
    kind: EquipmentKind
    quantity: int
    each: Figure

    @property
    def amount(self) -> int:
        return self.quantity * self.each.value


class Savings(NamedTuple):
    """A half-year's savings: every line leads to its event; the total is the sum of the lines."""

    period: HalfYear
    lines: list[SavedBy]
    kinds: list[EquipmentKind]

    @property
    def total(self) -> int:
        """Whole NT$."""
        return sum(line.amount for line in self.lines)

    def counted(self, code: str) -> int:
        """Pieces of one kind."""
        return sum(line.quantity for line in self.lines if line.kind.code == code)

    def saved(self, code: str) -> int:
        """Whole NT$ saved by one kind."""
        return sum(line.amount for line in self.lines if line.kind.code == code)

    def events(self) -> int:
        """How many events were lent anything."""
        return len({line.booking.id for line in self.lines})

    def of(self, codes: Iterable[str]) -> Counter[str]:
        """Pieces by kind."""
        return Counter({code: self.counted(code) for code in codes})


def of(session: Session, period: HalfYear, now: datetime) -> Savings:
    """The savings of `period` up to `now`, with the figures in force on each event's first day (Taipei)."""
    kinds = equipment.kinds(session)
    by_code = {kind.code: kind for kind in kinds}
    rows = select(Booking).where(
        Booking.status.in_(HELD), Booking.starts_at >= period.period.starts_at,
        Booking.starts_at < min(period.period.ends_at, max(now, period.period.starts_at)), Booking.equipment.any(),
    )  # fmt: skip
    found = rows.options(selectinload(Booking.equipment), selectinload(Booking.venue)).order_by(Booking.starts_at)
    versions = figures.versions(session)
    lines = []
    for booking in session.scalars(found):
        day = local(booking.starts_at).date()
        for row in booking.equipment:
            past = [each for each in versions.get(f"saving.{row.kind}", []) if each.valid_from <= day]
            if past:
                lines.append(SavedBy(booking, by_code[row.kind], row.quantity, past[0]))
    return Savings(period, lines, kinds)
