"""A draw that anybody can check afterwards with a few lines of their own. Pure: values in, values out.

Three things are published in this order: the list of tickets with its SHA-256, before anyone can know the seed;
the seed, a public value nobody chooses (a lottery or an index of a day named beforehand); the order it gives.
Each ticket's place is decided by the SHA-256 of seed, list and ticket together, so neither the organiser nor a
participant can steer it, and leaving one ticket out or adding one changes the published list's SHA-256.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Invalid
from common.words import Words

ALGORITHM = "citykeys-draw-1"

DESCRIPTION = Words(
    "票號依字元順序排好，每行一個、以換行結尾，整份的 SHA-256 就是名單雜湊值（抽籤前公布）。"
    "每一張票計算 SHA-256（種子、換行、名單雜湊值、換行、票號；UTF-8），依結果由小到大排列，就是抽籤順序。",
    "Sort the ticket codes by character, one per line, each line ended by a newline: the SHA-256 of that text is the "
    "list’s hash, published before the draw. For each ticket take the SHA-256 of seed, newline, list hash, newline, "
    "ticket (UTF-8). Tickets in ascending order of that value are the order drawn.",
)

RECIPE = """\
import hashlib
sha = lambda text: hashlib.sha256(text.encode("utf-8")).hexdigest()
tickets = sorted(open("tickets.txt", encoding="utf-8").read().split())
listed = sha("".join(ticket + "\\n" for ticket in tickets))
print("list", listed)
print(*sorted(tickets, key=lambda ticket: sha(f"{SEED}\\n{listed}\\n{ticket}")), sep="\\n")
"""

LONGEST_SEED = 200


@dataclass(frozen=True)
class Draw:
    """A draw as published. `order` is the whole order drawn, first first."""

    tickets: tuple[str, ...]
    tickets_sha256: str
    seed: str
    seed_source: str
    algorithm: str
    order: tuple[str, ...]

    def published(self) -> dict[str, Any]:
        """The draw as plain data, under the names outsiders rely on."""
        return {
            "tickets": list(self.tickets),
            "tickets_sha256": self.tickets_sha256,
            "seed": self.seed,
            "seed_source": self.seed_source,
            "algorithm": self.algorithm,
            "order": list(self.order),
        }

    def place_of(self, ticket: str) -> int:
        """The place of a ticket in the order drawn, from 1. Raises ValueError for a ticket not in the draw."""
        return self.order.index(ticket) + 1


def tickets_sha256(tickets: Iterable[str]) -> str:
    """The hash to publish before the draw. Raises ValueError for a blank, split or repeated ticket."""
    return _sha256("".join(f"{ticket}\n" for ticket in _listed(tickets)))


def draw(tickets: Iterable[str], seed: str, *, seed_source: str = "") -> Draw:
    """Put every ticket in the order the seed decides; the order in which they are given plays no part.

    Raises Invalid (field `seed`) for an empty, split or overlong seed, ValueError for tickets that are no codes.
    """
    seed = seed.strip()
    if not seed:
        raise Invalid(Words("請填寫公開的種子值", "Enter the public seed"), field="seed")
    if len(seed) > LONGEST_SEED or not seed.isprintable():
        raise Invalid(
            Words("種子值要是 200 字以內的一行文字", "The seed is one line of up to 200 characters"), field="seed"
        )
    listed = tuple(_listed(tickets))
    listed_sha256 = tickets_sha256(listed)
    order = tuple(sorted(listed, key=lambda ticket: _sha256(f"{seed}\n{listed_sha256}\n{ticket}")))
    return Draw(listed, listed_sha256, seed, seed_source, ALGORITHM, order)


def faults(published: Mapping[str, Any]) -> list[Words]:
    """Draw again from what was published and tell every difference; an empty list means the draw is right."""
    try:
        again = draw(published["tickets"], published["seed"])
    except (KeyError, TypeError, AttributeError, ValueError, Invalid):
        return [
            Words("公布的名單或種子不完整，無法驗算", "The published list or seed is not whole: nothing can be checked")
        ]
    found = []
    if list(published["tickets"]) != list(again.tickets):
        found.append(Words("公布的名單沒有依字元順序排列", "The published list is not in order of characters"))
    if published.get("tickets_sha256") != again.tickets_sha256:
        found.append(
            Words("名單與抽籤前公布的雜湊值不符", "The list does not match the hash published before the draw")
        )
    if published.get("algorithm") != ALGORITHM:
        found.append(Words("抽籤方法與公布的不同", "The method is not the published one"))
    if list(published.get("order") or []) != list(again.order):
        found.append(Words("抽籤順序與種子算出的不同", "The order is not the one the seed gives"))
    return found


def _listed(tickets: Iterable[str]) -> list[str]:
    listed = sorted(tickets)
    for ticket in listed:
        if not ticket or ticket.split() != [ticket]:
            raise ValueError(f"not a ticket code: {ticket!r}")
    if len(set(listed)) != len(listed):
        raise ValueError("a ticket is listed twice")
    return listed


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
