"""What a letter is, and how its places are filled.

A letter's `{places}` are filled from the fact's body (and `{when}` from its instants). A line whose place is empty is
left out: "說明：{reason}" appears only where a reason was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from string import Formatter
from typing import Any, Literal

from common.roc import day_words, number, when_words
from common.words import Words

Invite = Literal["", "request", "update", "cancel"]


_LEGS = {"out": Words("去程", "way out"), "back": Words("回程", "way back")}


@dataclass(frozen=True)
class Letter:
    """One message about one kind of fact to one kind of reader.

    `mail=False`: the in-app inbox only. `invite`: "request" puts it in the reader's calendar, "update" and "cancel" only
    where an invitation went out before. `lasting`: still worth telling once the event is over. `states`: only when the
    fact's `status` is one of them. `held`: only when a car is promised already, or only when none is. `rings`: also the
    first way to the reader's phone. `told_to` is an audience of `deliveries.readers`.
    """

    told_to: str
    title: Words
    lines: tuple[Words, ...]
    link: str
    mail: bool = True
    invite: Invite = ""
    entry: Words = Words("", "")
    place: Words = Words("", "")
    category: Words = Words("", "")
    alarm_minutes: int | None = None
    lasting: bool = False
    states: tuple[str, ...] = ()
    held: bool | None = None
    rings: bool = False

    def fits(self, body: Mapping[str, Any]) -> bool:
        """Whether it is the letter about a fact with this body."""
        if self.held is not None and bool(body.get("capacity_held")) is not self.held:
            return False
        return not self.states or body.get("status") in self.states


@dataclass(frozen=True)
class Written:
    """A letter with its places filled."""

    title: Words
    text: Words
    link: str
    entry: Words = field(default=Words("", ""))
    place: Words = field(default=Words("", ""))


def write(letter: Letter, body: Mapping[str, Any]) -> Written:
    """`letter` about this fact. Raises KeyError when the fact lacks a place: a bug of the letter, found by a test."""
    values = _values(body)
    lines = [line.fill(**values) for line in letter.lines if all(values[name] for name in _places(line))]
    return Written(
        title=_tidy(letter.title.fill(**values)),
        text=Words("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines)),
        link=letter.link.format(**values),
        entry=_tidy(letter.entry.fill(**values)),
        place=letter.place.fill(**values),
    )


def _tidy(words: Words) -> Words:
    """Without the gaps that an empty place leaves."""
    return Words(" ".join(words.zh.split()), " ".join(words.en.split()))


def _places(words: Words) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words.zh) if name}


def _values(body: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, datetime):
            values[name] = when_words(value)
        elif isinstance(value, date):
            values[name] = day_words(value, year=True)
        elif isinstance(value, int) and not isinstance(value, bool):
            values[name] = number(value)
        else:
            values[name] = "" if value is None else value
    if body.get("starts_at") and body.get("ends_at"):
        values["when"] = when_words(body["starts_at"], body["ends_at"])
    if "leg" in body:
        values["leg"] = _LEGS.get(body["leg"], "")
    for name in ("venue", "room", "previous_room", "offers", "kind"):
        if body.get(name):
            values[name] = Words(body[name], body.get(f"{name}_en") or body[name])
    return values
