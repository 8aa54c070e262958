"""Rooms and wishes as allotment knows them, and the best room left for each person. Pure.

A house in somebody's wishes stands for its rooms in the published order, vacant ones before tenants'.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

ACCESSIBLE, WOMEN = FIRSTS = ("accessible", "women")
"""Who may come first at a room (D-22), the weightier first."""


@dataclass(frozen=True)
class Vacant:
    """A room to give out. `id` and `building` are the names that wishes use; they never coincide.

    `first_for` names who comes first at it, the weightier first.
    """

    id: str
    building: str
    accessible: bool = False
    first_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """An applicant's turn: rooms or buildings in order of preference; with `others_ok` any other room after them.

    A tenant who asks to move names the room lived in: only rooms wished for are better than that one. `first` says
    where this person comes first. Who needs an accessible room means only such rooms by a building or by "others".
    """

    code: str
    rank: int
    preferences: tuple[str, ...] = ()
    others_ok: bool = True
    lives_in: str | None = None
    first: frozenset[str] = field(default_factory=frozenset)

    @property
    def needs(self) -> bool:
        """Whether only an accessible room will do."""
        return ACCESSIBLE in self.first

    @property
    def any_other(self) -> bool:
        """Whether a room not named is better than none, or than the present one."""
        return self.lives_in is None and (self.others_ok or not self.preferences)


def wants(wish: Wish, room: Vacant) -> bool:
    """Whether somebody would take this room rather than none, or rather than the present one."""
    fits = room.accessible or not wish.needs
    if room.id == wish.lives_in:
        return False
    for wanted in wish.preferences:
        if wanted == wish.lives_in:
            return False
        if wanted == room.id or (wanted == room.building and fits):
            return True
    return wish.any_other and fits


class Line:
    """Rooms in their published order; the first still free after any place is found at once, however many are gone."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._next: list[int] = [0]  # each place leads to itself while its room is left; the last is the end

    def add(self, room: str) -> int:
        self.ids.append(room)
        self._next.append(len(self.ids))
        return len(self.ids) - 1

    def drop(self, place: int) -> None:
        self._next[place] = place + 1

    def first(self, start: int = 0) -> int | None:
        """The place of the first room left from `start` on."""
        end = start
        while self._next[end] != end:
            end = self._next[end]
        while self._next[start] != end:
            self._next[start], start = end, self._next[start]
        return end if end < len(self.ids) else None


class Left:
    """The rooms still to be given out, all together and by house; those that are accessible also by themselves."""

    def __init__(self, rooms: Sequence[Vacant]):
        self._lines: dict[tuple[str, bool], Line] = {}
        self._places: dict[str, list[tuple[Line, int]]] = {}
        for room in rooms:
            for accessible in (False, True) if room.accessible else (False,):
                for name in (room.building, ""):
                    line = self._lines.setdefault((name, accessible), Line())
                    self._places.setdefault(room.id, []).append((line, line.add(room.id)))
        self.left = len(rooms)

    def has(self, room: str) -> bool:
        return room in self._places

    def take(self, room: str) -> None:
        for line, place in self._places.pop(room):
            line.drop(place)
        self.left -= 1

    def first(self, building: str, accessible: bool, but: str | None) -> str | None:
        """The first room left in a house ("" for any), leaving out one's own."""
        line = self._lines.get((building, accessible))
        place = None if line is None else line.first()
        if line is None or place is None:
            return None
        if line.ids[place] == but:
            place = line.first(place + 1)
        return None if place is None else line.ids[place]


class Choices:
    """The wishes of one person, looked at from the top; what is gone is not looked at again."""

    def __init__(self, wish: Wish):
        self._wish = wish
        self._at = 0

    def best(self, left: Left) -> tuple[str, int | None] | None:
        """The best room left, and which wish it is (from 1; None for one not named). None when nothing is wanted."""
        wish = self._wish
        while self._at < len(wish.preferences):
            wanted = wish.preferences[self._at]
            if wanted == wish.lives_in:
                return wanted, None
            room = wanted if left.has(wanted) else left.first(wanted, wish.needs, wish.lives_in)
            if room is not None:
                return room, self._at + 1
            self._at += 1
        if wish.lives_in is not None:
            return wish.lives_in, None
        room = left.first("", wish.needs, None) if wish.any_other else None
        return None if room is None else (room, None)


def spans(ranks: Sequence[int]) -> str:
    """Ranks in short: 1–3, 5, 8–9."""
    groups: list[list[int]] = []
    for rank in sorted(ranks):
        if groups and rank == groups[-1][-1] + 1:
            groups[-1].append(rank)
        else:
            groups.append([rank])
    return ", ".join(f"{group[0]}–{group[-1]}" if len(group) > 1 else f"{group[0]}" for group in groups)
