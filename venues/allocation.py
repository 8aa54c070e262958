"""Who gets which days of a contributed venue (V9, G-03). Pure: wishes, quota and the order drawn in, days with reasons out.

In rounds. In a round everybody who has wishes left gets one day at most: all name their dearest day that is still free; a
day named once is given; of several who name the same day the one drawn first gets it, and the others name their next. Nobody
has a second day before everybody who could has a first. When fewer days are left than there are names, the order drawn
decides. So the result follows from the published wishes and the published order alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from common.words import Words


@dataclass(frozen=True)
class Answer:
    """What became of one wish. `round` is 0 for one that was not given; `rivals` named the same day at that moment."""

    ticket: str
    rank: int
    day: date
    round: int
    winner: str
    rivals: tuple[str, ...]

    @property
    def given(self) -> bool:
        return self.round > 0

    def reason(self, names: Mapping[str, Words], place: Mapping[str, int]) -> Words:
        """Why, in words; `names` by ticket, `place` the place drawn (from 1)."""
        if self.given and not self.rivals:
            words = Words("第 {round} 輪：沒有別人同時要這一天", "Round {round}: nobody else named it")
            return words.fill(round=self.round)
        if self.given:
            words = Words(
                "第 {round} 輪：與{others}相同，抽序第 {mine} 在前",
                "Round {round}: also named by {others}; drawn earlier, at {mine}",
            )
            return words.fill(round=self.round, others=_listed(self.rivals, names), mine=place[self.ticket])
        if self.winner:
            words = Words("已給{winner}（抽序第 {theirs}）", "Given to {winner} (drawn at {theirs})")
            return words.fill(winner=names[self.winner], theirs=place[self.winner])
        return Words("天數已分配完", "No days were left")

    def to_data(self) -> dict[str, Any]:
        """Plain data, to be kept and published."""
        return asdict(self) | {"day": self.day.isoformat(), "rivals": list(self.rivals)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Answer":
        """What `to_data` gave."""
        told = dict(data) | {"day": date.fromisoformat(data["day"]), "rivals": tuple(data["rivals"])}
        return cls(**told)


def allot(wishes: Mapping[str, Sequence[date]], order: Sequence[str], quota: int) -> list[Answer]:
    """An answer for every wish, by ticket in the order drawn, then by rank.

    `wishes`: each ticket's days, the dearest first. `order`: every ticket, first drawn first. Raises ValueError when they
    do not hold the same tickets.
    """
    if sorted(wishes) != sorted(order) or len(set(order)) != len(order):
        raise ValueError("the order drawn is not one of these tickets")
    given: dict[date, tuple[str, int, tuple[str, ...]]] = {}
    number = 0
    while len(given) < quota:
        number += 1
        if not _round(wishes, order, quota, number, given):
            break
    return [
        _answer(ticket, rank, day, given.get(day))
        for ticket in order
        for rank, day in enumerate(wishes[ticket], start=1)
    ]


def _round(
    wishes: Mapping[str, Sequence[date]], order: Sequence[str], quota: int, number: int,
    given: dict[date, tuple[str, int, tuple[str, ...]]],
) -> bool:  # fmt: skip
    """One day at most for each; whether anything was given."""
    waiting = list(order)
    before = len(given)
    while waiting and len(given) < quota:
        named: dict[date, list[str]] = {}
        for ticket in waiting:
            dearest = next((day for day in wishes[ticket] if day not in given), None)
            if dearest is not None:
                named.setdefault(dearest, []).append(ticket)
        if not named:
            break
        firsts = sorted(named.items(), key=lambda each: order.index(each[1][0]))
        for day, tickets in firsts[: quota - len(given)]:
            given[day] = (tickets[0], number, tuple(tickets[1:]))
            waiting.remove(tickets[0])
    return len(given) > before


def _answer(ticket: str, rank: int, day: date, got: tuple[str, int, tuple[str, ...]] | None) -> Answer:
    if got is None:
        return Answer(ticket, rank, day, 0, "", ())
    winner, number, rivals = got
    return Answer(ticket, rank, day, number if winner == ticket else 0, winner, rivals if winner == ticket else ())


def _listed(tickets: Sequence[str], names: Mapping[str, Words]) -> Words:
    return Words("、".join(names[each].zh for each in tickets), ", ".join(names[each].en for each in tickets))
