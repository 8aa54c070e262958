"""Acts of a demonstration in the order of their moments."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from common.errors import Problem
from common.period import taipei, today

SEED = 1151123


@dataclass(order=True)
class Act:
    """Something somebody did at a moment."""

    at: datetime
    order: int
    do: Callable[[datetime], object] = field(compare=False)


class History:
    """Acts in the order of their moments, up to now; an act may plan later ones."""

    def __init__(self, session: Session, now: datetime):
        self.session, self.now = session, now
        self.rng = random.Random(SEED)  # noqa: S311 - a repeatable demonstration, not a secret
        self._acts: list[Act] = []
        self._count = 0

    def at(self, moment: datetime, do: Callable[[datetime], object]) -> None:
        """Plan an act; what would lie in the future never happens."""
        if moment < self.now:
            self._count += 1
            heapq.heappush(self._acts, Act(moment, self._count, do))

    def play(self) -> None:
        """Do everything in order. An act that a rule refuses leaves nothing behind."""
        while self._acts:
            act = heapq.heappop(self._acts)
            try:
                with self.session.begin_nested():
                    act.do(act.at)
            except Problem:
                continue

    def hour(self, days: int, hour: int | None = None) -> datetime:
        """A moment in office hours, `days` from today (negative: before)."""
        clock = self.rng.randint(9, 16) if hour is None else hour
        return taipei(today(self.now) + timedelta(days=days), f"{clock:02d}:{self.rng.randint(0, 11) * 5:02d}")
