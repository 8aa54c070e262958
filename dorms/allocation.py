"""Allotment 核配: vacant rooms to ranked applicants, each taking the best that is left (serial dictatorship). Pure.

What follows from taking turns in order of rank: nobody prefers a room that went to someone ranked lower; no two
would both gain by swapping; and naming other wishes than the true ones never gets anyone a better room.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.words import Words


@dataclass(frozen=True)
class Vacant:
    """A room to let. `id` and `building` are the names that wishes use; they never coincide."""

    id: str
    building: str


@dataclass(frozen=True)
class Wish:
    """An applicant's turn: rooms or buildings in order of preference; with `others_ok` any other room after them."""

    code: str
    rank: int
    preferences: tuple[str, ...] = ()
    others_ok: bool = True


@dataclass(frozen=True)
class Outcome:
    """What an applicant got: the room (or None) and which wish it was, from 1 (None for a room not named).

    `gone_to` names the ranks that had taken every room before this turn; empty while a room was left.
    """

    code: str
    rank: int
    room: str | None
    choice: int | None
    ahead: int
    vacancies: int
    gone_to: str = ""

    @property
    def explanation(self) -> Words:
        """The reason in one sentence, for the person it concerns."""
        start = Words(
            "第 {rank} 名，前面 {ahead} 人，本期 {vacancies} 間。", "Rank {rank}, {ahead} ahead, {vacancies} rooms. "
        ).fill(rank=self.rank, ahead=self.ahead, vacancies=self.vacancies)
        end = self._end()
        return Words(start.zh + end.zh, start.en + end.en)

    def _end(self) -> Words:
        if self.room is not None and self.choice is not None:
            return Words("輪到時，第 {n} 志願還有空房。", "At this turn wish {n} was still free.").fill(n=self.choice)
        if self.room is not None:
            return Words("輪到時，分到當時還空著的房間。", "At this turn a room still free was given.")
        if not self.vacancies:
            return Words("本期沒有空房。", "There was no vacant room.")
        if self.gone_to:
            return Words("空房已由第 {ranks} 名分完。", "The rooms went to ranks {ranks}.").fill(ranks=self.gone_to)
        return Words(
            "志願的房間已由名次在前的人選走，並表明不要其他房間。",
            "The rooms wished for were taken, and no other was wanted.",
        )


class Stock:
    """The rooms still free, in their given order; taking one costs the same however many there are."""

    def __init__(self, rooms: Sequence[Vacant]):
        self._rooms = list(rooms)
        self._free = {room.id for room in rooms}
        self._by_building: dict[str, list[str]] = {}
        for room in reversed(rooms):
            self._by_building.setdefault(room.building, []).append(room.id)
        self._any = [room.id for room in reversed(rooms)]

    def take(self, wish: str) -> str | None:
        """Take the room of that name, or the first free one of that building; None when there is none."""
        if wish in self._free:
            self._free.remove(wish)
            return wish
        return self._first(self._by_building.get(wish, []))

    def take_any(self) -> str | None:
        """Take the first room that is still free."""
        return self._first(self._any)

    def _first(self, ids: list[str]) -> str | None:
        while ids:
            room = ids.pop()
            if room in self._free:
                self._free.remove(room)
                return room
        return None


def allot(wishes: Iterable[Wish], rooms: Sequence[Vacant]) -> list[Outcome]:
    """Give out the rooms by rank; every applicant gets an outcome with its explanation, in order of rank.

    Raises ValueError when two applicants share a rank or a room is named twice.
    """
    turns = sorted(wishes, key=lambda wish: wish.rank)
    if len({wish.rank for wish in turns}) != len(turns) or len({room.id for room in rooms}) != len(rooms):
        raise ValueError("ranks and rooms must be distinct")
    stock = Stock(rooms)
    served: list[int] = []
    gone_to = ""
    out = []
    for ahead, wish in enumerate(turns):
        room, choice = _turn(stock, wish)
        out.append(Outcome(wish.code, wish.rank, room, choice, ahead, len(rooms), gone_to))
        if room is not None:
            served.append(wish.rank)
            gone_to = spans(served) if len(served) == len(rooms) else ""
    return out


def next_in_line(waiting: Iterable[Wish], room: Vacant) -> Wish | None:
    """Who of those still waiting gets a room given back: the best ranked who wants it (D-19)."""
    for wish in sorted(waiting, key=lambda wish: wish.rank):
        if wish.others_ok or not wish.preferences or {room.id, room.building} & set(wish.preferences):
            return wish
    return None


def spans(ranks: Sequence[int]) -> str:
    """Ranks in short: 1–3, 5, 8–9."""
    groups: list[list[int]] = []
    for rank in sorted(ranks):
        if groups and rank == groups[-1][-1] + 1:
            groups[-1].append(rank)
        else:
            groups.append([rank])
    return ", ".join(f"{group[0]}–{group[-1]}" if len(group) > 1 else f"{group[0]}" for group in groups)


def _turn(stock: Stock, wish: Wish) -> tuple[str | None, int | None]:
    for number, wanted in enumerate(wish.preferences, start=1):
        room = stock.take(wanted)
        if room is not None:
            return room, number
    if wish.others_ok or not wish.preferences:
        return stock.take_any(), None
    return None, None
