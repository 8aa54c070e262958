"""Who of several applicants for the same time has it: by class, within a class by lot (S-30). Pure.

Classes are served in order of precedence. Whoever clashes with nobody served before gets what they asked for; where two
of one class clash, the order drawn decides between them. So an earlier class never waits for a draw among later ones,
and losing to somebody who loses themselves does no harm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.period import Period

Want = tuple[str, Period]


@dataclass(frozen=True)
class Contender:
    """One application: its ticket, the place of its class (0 comes first), and what it would take in the ledger."""

    ticket: str
    rank: int
    wants: tuple[Want, ...]

    def clashes(self, other: "Contender") -> bool:
        """Whether both cannot be had."""
        return any(mine == theirs and one.overlaps(two) for mine, one in self.wants for theirs, two in other.wants)


def draw_needed(contenders: Iterable[Contender]) -> bool:
    """Whether a lot has to decide: two of one class clash, and no earlier class has beaten either for certain."""
    return any(_undecided(contenders))


def served(contenders: Iterable[Contender], order: Sequence[str] = ()) -> list[str]:
    """The tickets that get what they asked for, in the order in which they are served.

    `order` is the order drawn; it has to name every ticket when `draw_needed`, and is not looked at otherwise.
    Raises ValueError when a lot is needed and a ticket is missing from the order.
    """
    everybody = list(contenders)
    place = {ticket: index for index, ticket in enumerate(order)}
    if draw_needed(everybody) and not all(each.ticket in place for each in everybody):
        raise ValueError("the order drawn does not name every ticket")
    got: list[Contender] = []
    for each in sorted(everybody, key=lambda one: (one.rank, place.get(one.ticket, 0), one.ticket)):
        if not any(each.clashes(other) for other in got):
            got.append(each)
    return [each.ticket for each in got]


def _undecided(contenders: Iterable[Contender]) -> Iterable[bool]:
    """For each class, whether two that are still in the running clash. Behind a class that needs a lot, one may too."""
    by_rank: dict[int, list[Contender]] = {}
    for each in contenders:
        by_rank.setdefault(each.rank, []).append(each)
    got: list[Contender] = []
    for rank in sorted(by_rank):
        running = [each for each in by_rank[rank] if not any(each.clashes(other) for other in got)]
        yield any(one.clashes(two) for index, one in enumerate(running) for two in running[:index])
        got += running
