"""Who gets a place: the order drawn, class by class, and the waiting list as places come free. Pure.

The order over all tickets is `common.draw`'s; within a class it is the same order with the other classes left out, so
every ticket of a class has the same chance. The record is what anybody downloads; `faults` is what anybody can find.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common import draw as draws
from common.words import Words

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Class:
    """A class of places: tickets "F-00012" belong to the class with the prefix "F"."""

    code: str
    prefix: str
    places: int


@dataclass(frozen=True)
class Outcome:
    """A class after the draw, in the order drawn."""

    code: str
    selected: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass
class Standing:
    """Who has which place and who waits, in order, at some moment after the draw."""

    holding: dict[int, str]
    waiting: dict[str, list[str]]


def prefix_of(ticket: str) -> str:
    """The class prefix of a ticket."""
    return ticket.rpartition("-")[0]


def outcomes(order: Iterable[str], classes: Sequence[Class]) -> list[Outcome]:
    """The order drawn cut into selected and waiting, class by class in the order of `classes`; a ticket of no class is in
    neither, and shows as a fault."""
    by_prefix: dict[str, list[str]] = {one.prefix: [] for one in classes}
    for ticket in order:
        by_prefix.get(prefix_of(ticket), []).append(ticket)
    return [
        Outcome(one.code, tuple(by_prefix[one.prefix][: one.places]), tuple(by_prefix[one.prefix][one.places :]))
        for one in classes
    ]


def first_places(classes: Sequence[Class]) -> dict[str, int]:
    """The number of each class's first place: places are numbered through, class after class, from 1."""
    out, following = {}, 1
    for one in classes:
        out[one.code] = following
        following += one.places
    return out


def drawn(order: Iterable[str], classes: Sequence[Class]) -> Standing:
    """Who has which place right after the draw: the first drawn of a class gets its first place."""
    firsts = first_places(classes)
    holding: dict[int, str] = {}
    waiting: dict[str, list[str]] = {}
    for outcome in outcomes(order, classes):
        holding |= dict(enumerate(outcome.selected, start=firsts[outcome.code]))
        waiting[outcome.code] = list(outcome.waiting)
    return Standing(holding, waiting)


def leave(standing: Standing, code: str, ticket: str) -> tuple[int | None, str]:
    """Take a ticket of the class `code` out; its place, if it had one, passes to the next who waits.

    Tells the place and to whom it passed (None and "" for one who only waited, or where nobody waits). Raises ValueError
    for a ticket that neither has a place nor waits.
    """
    line = standing.waiting[code]
    place = next((no for no, holder in standing.holding.items() if holder == ticket), None)
    if place is None:
        line.remove(ticket)
        return None, ""
    del standing.holding[place]
    if not line:
        return place, ""
    standing.holding[place] = line.pop(0)
    return place, standing.holding[place]


def replayed(
    order: Iterable[str], classes: Sequence[Class], log: Iterable[Record], term_until: str = ""
) -> tuple[Standing, list[Words]]:
    """The standing after everything in the log, and every entry that did not go by the order drawn.

    A place of which the log says that it passed to nobody stays empty: right from `term_until` (a day) on, else only where
    nobody waits.
    """
    now = drawn(order, classes)
    code_of = {one.prefix: one.code for one in classes}
    found: list[Words] = []
    for entry in log:
        ticket, passed_to = entry["ticket"], entry["passed_to"]
        code = code_of.get(prefix_of(ticket), "")
        line = list(now.waiting.get(code, []))
        try:
            if not code:
                raise ValueError(ticket)
            place, following = leave(now, code, ticket)
        except ValueError:
            found.append(_about(ticket, "離開時既非正取也非備取", "left, but neither had a place nor waited"))
            continue
        if place is not None and passed_to != following:
            now.waiting[code] = [each for each in line if each != passed_to]
            now.holding.pop(place, None)
            if passed_to:
                now.holding[place] = passed_to
                found.append(_about(passed_to, "不是下一位備取，卻遞補了", "moved up out of turn"))
            elif entry["at"][:10] < term_until:
                found.append(_about(following, "該遞補而沒有遞補", "waited for a place that was left empty"))
    return now, found


ANNOUNCED = ("tickets_sha256", "classes", "seed_source", "seed_known_at", "algorithm")


def announced_sha256(listing: Mapping[str, Any], names: Sequence[str] = ANNOUNCED) -> str:
    """The hash over all that is published before the seed, by these names: list, places, source, moment and method."""
    text = json.dumps(
        {name: listing[name] for name in names}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return sha256(text)


def sha256(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def faults(record: Record) -> list[Words]:
    """Draw again from a published record and tell every difference; an empty list means the draw is right."""
    found = draws.faults(record)
    try:
        classes = [Class(one["code"], one["prefix"], one["places"]) for one in record["classes"]]
        found += _outcome_faults(record, classes)
        standing, wrong = replayed(record["order"], classes, record["log"], record["term_until"])
        found += wrong
        told = {int(row["place_no"]): row["ticket"] for row in record["holding"]}
        if told != standing.holding and not found:
            found.append(
                Words("現在各攤位的票號與抽籤順序推算的不同", "Who has which place now is not what the order gives")
            )
        if not record["drawn_at"] or record["drawn_at"] < record["seed_known_at"]:
            found.append(Words("抽籤早於種子公布的時間", "It was drawn before the seed could be known"))
        if record["announced_sha256"] != announced_sha256(record):
            found.append(
                Words("名額、種子來源或時間與公布時的不同", "Places, source or time are not those published before")
            )
    except (KeyError, TypeError, ValueError, AttributeError):
        found.append(draws.faults({})[0])
    return found


def _outcome_faults(record: Record, classes: Sequence[Class]) -> list[Words]:
    given = {row["code"]: (list(row["selected"]), list(row["waiting"])) for row in record["results"]}
    right = {one.code: (list(one.selected), list(one.waiting)) for one in outcomes(record["order"], classes)}
    names = {one["code"]: Words(one["name"], one["name_en"]) for one in record["classes"]}
    zh, en = "「{name}」的正取或備取與抽籤順序不同", "Selected or waiting of “{name}” are not what the order gives"
    return [Words(zh, en).fill(name=names[code]) for code in right if given.get(code) != right[code]]


def _about(ticket: str, zh: str, en: str) -> Words:
    return Words(f"{ticket} {zh}", f"{ticket} {en}")


_RECIPE = """\
import hashlib
SEED = {seed}
PLACES = {places}
sha = lambda text: hashlib.sha256(text.encode("utf-8")).hexdigest()
tickets = sorted(open("tickets.txt", encoding="utf-8").read().split())
listed = sha("".join(ticket + "\\n" for ticket in tickets))
order = sorted(tickets, key=lambda ticket: sha(f"{{SEED}}\\n{{listed}}\\n{{ticket}}"))
print("list", listed)
for code, places in PLACES.items():
    mine = [ticket for ticket in order if ticket.rpartition("-")[0] == code]
    print(code, "selected", *mine[:places])
    print(code, "waiting", *mine[places:])
"""


def recipe(seed: str, classes: Sequence[Class]) -> str:
    """A few lines of plain Python that draw again from the downloaded list: the program shown on the page, whole."""
    return _RECIPE.format(seed=json.dumps(seed), places=json.dumps({one.prefix: one.places for one in classes}))
