"""Allotment 核配: rooms to ranked applicants, with tenants who ask to move. Pure.

"You request my house, I get your turn" (Abdulkadiroğlu and Sönmez 1999): turns go by rank, each taking the best that is
left; whoever wants the room of a tenant who asked to move lets that tenant take a turn first, and tenants who want each
other's rooms change them. Rooms may have people who come first (D-22): then the turn at that room is theirs, by rank.
So every room leads to one person, every person to the room they like best, and closed circles are served
(top trading cycles; without tenants and firsts this is taking turns by rank).

What follows, and is tested against brute force: nobody who asks to move ends worse; no two, and no group, would gain by
changing among themselves; naming other wishes than the true ones never gets anyone a better room.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from common.words import Words
from dorms.choices import ACCESSIBLE, WOMEN, Choices, Left, Vacant, Wish, spans, wants

__all__ = ["ACCESSIBLE", "WOMEN", "Outcome", "Vacant", "Wish", "allot", "next_in_line", "spans"]

FIRST_WORDS = {
    ACCESSIBLE: Words("無障礙房間先給需要的人", "accessible rooms first go to those who need them"),
    WOMEN: Words("這一棟單房間女性優先", "in this house women come first"),
}


@dataclass(frozen=True)
class Outcome:
    """What an applicant got: the room (or None) and which wish it was, from 1 (None for a room not named).

    `gone_to` names the ranks that had taken every room before this turn; empty while a room was left. `stays` for a
    tenant who keeps the room; `asked_by` whose request for the tenant's room brought the turn; `after` the tenant who
    moves out of the room; `first` the preference by which the turn came before better ranks, `traded_with` with whom.
    """

    code: str
    rank: int
    room: str | None
    choice: int | None
    vacancies: int
    gone_to: str = ""
    stays: bool = False
    asked_by: str = ""
    after: str = ""
    first: str = ""
    traded_with: str = ""
    needs: bool = False

    @property
    def ahead(self) -> int:
        return self.rank - 1

    @property
    def explanation(self) -> Words:
        """The reason in one sentence or two, for the person it concerns."""
        start = Words(
            "第 {rank} 名，前面 {ahead} 人，本期 {vacancies} 間。", "Rank {rank}, {ahead} ahead, {vacancies} rooms. "
        ).fill(rank=self.rank, ahead=self.ahead, vacancies=self.vacancies)
        parts = [start, *self._turn(), self._end()]
        return Words("".join(part.zh for part in parts), "".join(part.en for part in parts))

    def _turn(self) -> Iterable[Words]:
        if self.asked_by:
            yield Words(
                "{code} 想要你的房間，所以輪到你先選。", "Your turn came when {code} asked for your room. "
            ).fill(code=self.asked_by)
        elif self.first and self.traded_with:
            yield Words(
                "{why}，你有優先權，和 {code} 互換。", "By “{why}” you came first; {code} and you changed. "
            ).fill(why=FIRST_WORDS[self.first], code=self.traded_with)
        elif self.first:
            yield Words("{why}。", "It was your turn, for {why}. ").fill(why=FIRST_WORDS[self.first])

    def _end(self) -> Words:
        if self.stays:
            return Words(
                "你想要的房間輪不到，留在原來的房間。", "None of your wishes was left: you stay where you are."
            )
        if self.room is not None:
            if self.choice is None:
                return Words("輪到時，分到當時還空著的房間。", "At this turn a room still free was given.")
            if self.after:
                return Words(
                    "輪到時，第 {n} 志願由 {code} 遷出後給你。", "At this turn wish {n} is yours once {code} moves out."
                ).fill(n=self.choice, code=self.after)
            return Words("輪到時，第 {n} 志願還有空房。", "At this turn wish {n} was still free.").fill(n=self.choice)
        if not self.vacancies:
            return Words("本期沒有空房。", "There was no vacant room.")
        if self.gone_to:
            return Words("空房已由第 {ranks} 名分完。", "The rooms went to ranks {ranks}.").fill(ranks=self.gone_to)
        if self.needs:
            return Words("輪到時，沒有無障礙房間了。", "At this turn no accessible room was left.")
        return Words(
            "志願的房間已由名次在前的人選走，並表明不要其他房間。",
            "The rooms wished for were taken, and no other was wanted.",
        )


@dataclass
class _Turns:
    """Who comes next at rooms of one sort: an order of everybody, and how far it has been served."""

    order: list[Wish]
    place: int = 0

    def head(self, done: set[str]) -> Wish | None:
        while self.place < len(self.order) and self.order[self.place].code in done:
            self.place += 1
        return self.order[self.place] if self.place < len(self.order) else None


@dataclass
class _Allotment:
    """One allotment under way: who is served, which rooms are left, and who comes next at each sort of room."""

    wishes: list[Wish]
    rooms: Sequence[Vacant]
    done: set[str] = field(default_factory=set)
    served: list[int] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    gone_to: str = ""

    def __post_init__(self) -> None:
        self.by_id = {room.id: room for room in self.rooms}
        self.tenants = {wish.lives_in: wish for wish in self.wishes if wish.lives_in}
        self.choices = {wish.code: Choices(wish) for wish in self.wishes}
        self.stock = Left(self.rooms)
        self.turns = {
            firsts: _Turns(sorted(self.wishes, key=lambda wish, firsts=firsts: _turn_key(wish, firsts)))  # type: ignore[misc]
            for firsts in {(), *(room.first_for for room in self.rooms)}
        }
        self.vacancies = len(self.rooms) - len(self.tenants)

    def run(self) -> list[Outcome]:
        """Follow person → best room left → whose turn it is there, until the way closes; serve the circle; go on."""
        way: list[tuple[Wish, str, int | None]] = []
        on_way: dict[str, int] = {}
        while True:
            wish = self._owner(way[-1][1]) if way else self.turns[()].head(self.done)
            if wish is None:
                return [self.outcomes[wish.code] for wish in self.wishes]
            if wish.code in on_way:
                begin = on_way[wish.code]
                self._serve(way[begin:])
                for passed, _, _ in way[begin:]:
                    del on_way[passed.code]
                del way[begin:]
            else:
                best = self.choices[wish.code].best(self.stock)
                if best is None:
                    self._leave(wish)
                    continue
                on_way[wish.code] = len(way)
                way.append((wish, *best))
            self._look_again(way, on_way)

    def _look_again(self, way: list[tuple[Wish, str, int | None]], on_way: dict[str, int]) -> None:
        """Whoever is last on the way and whose room has just gone looks for the next best."""
        while way and not self.stock.has(way[-1][1]):
            wish, _, _ = way.pop()
            best = self.choices[wish.code].best(self.stock)
            if best is not None:
                way.append((wish, *best))
                return
            del on_way[wish.code]
            self._leave(wish)

    def _owner(self, room: str) -> Wish | None:
        """Whose turn it is at a room: its tenant's, else of those not served the first of its order."""
        tenant = self.tenants.get(room)
        if tenant is not None and tenant.code not in self.done:
            return tenant
        return self.turns[self.by_id[room].first_for].head(self.done)

    def _serve(self, circle: list[tuple[Wish, str, int | None]]) -> None:
        plain = self.turns[()].head(self.done)
        found = []
        for place, (wish, room, choice) in enumerate(circle):
            asked, through, _ = circle[place - 1]
            tenant = self.tenants.get(room)
            stays, alone = room == wish.lives_in, len(circle) == 1
            by_right = wish.lives_in != through
            first = _first_by(wish, self.by_id[through]) if by_right and wish is not plain else ""
            outcome = Outcome(
                wish.code,
                wish.rank,
                room,
                None if stays else choice,
                self.vacancies,
                stays=stays,
                asked_by="" if by_right or alone else asked.code,
                after=tenant.code if tenant is not None and not stays else "",
                first=first,
                traded_with="" if alone or not first else asked.code,
                needs=wish.needs,
            )
            found.append(outcome)
        for outcome in found:
            self.outcomes[outcome.code] = outcome
            self.done.add(outcome.code)
            self.stock.take(str(outcome.room))
            if not outcome.stays:
                self.served.append(outcome.rank)

    def _leave(self, wish: Wish) -> None:
        if not self.stock.left and not self.gone_to:
            self.gone_to = spans(self.served)  # nothing is served any more
        gone_to = self.gone_to
        self.outcomes[wish.code] = Outcome(
            wish.code, wish.rank, None, None, self.vacancies, gone_to=gone_to, needs=wish.needs
        )
        self.done.add(wish.code)


def allot(wishes: Iterable[Wish], rooms: Sequence[Vacant]) -> list[Outcome]:
    """Give out the rooms, those of tenants who ask to move among them; every applicant gets an outcome with its
    explanation, in order of rank. A tenant's own room must be one of `rooms`.

    Raises ValueError when two applicants share a rank, a room is named twice or two live in one.
    """
    turns = sorted(wishes, key=lambda wish: wish.rank)
    if len({wish.rank for wish in turns}) != len(turns) or len({room.id for room in rooms}) != len(rooms):
        raise ValueError("ranks and rooms must be distinct")
    homes = [wish.lives_in for wish in turns if wish.lives_in]
    if len(set(homes)) != len(homes) or set(homes) - {room.id for room in rooms}:
        raise ValueError("a tenant's room must be one of the rooms, and nobody else's")
    return _Allotment(turns, rooms).run()


def next_in_line(waiting: Iterable[Wish], room: Vacant) -> Wish | None:
    """Who of those still waiting gets a room given back: of those who want it, whose turn it is there (D-19, D-22)."""
    return next(
        (wish for wish in sorted(waiting, key=lambda wish: _turn_key(wish, room.first_for)) if wants(wish, room)), None
    )


def _turn_key(wish: Wish, firsts: tuple[str, ...]) -> tuple[list[bool], int]:
    return [first not in wish.first for first in firsts], wish.rank


def _first_by(wish: Wish, room: Vacant) -> str:
    return next((first for first in room.first_for if first in wish.first), "")
