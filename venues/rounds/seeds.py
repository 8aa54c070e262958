"""The seed of a draw as officers enter it: not before its moment, by two who agree, or by one out of the public document.

Rounds and contributed venues share it (T-01, G-03). Every entry is kept and published after the draw, so that none can be
tried and thrown away.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from common import draw as draws
from common.errors import Invalid
from common.period import local
from common.words import Words
from venues.refusals import NotNow


class Entry(Protocol):
    """One officer's entry of the seed."""

    at: Any
    by_id: Any
    seed: Any
    document: Any
    document_sha256: Any


def read(
    tickets: Iterable[str], now: datetime, *, seed: str, source: str, known_at: datetime, document: str
) -> tuple[draws.Draw, dict[str, str]]:
    """The draw this seed would give, and the entry to keep (`seed`, `document`, `document_sha256`).

    Raises NotNow before `known_at`, Invalid (field `seed`; field `document` when it does not hold the seed).
    """
    if now < known_at:
        words = Words("種子要到 {at} 才會知道。", "The seed is not known before {at}.")
        raise NotNow(words.fill(at=f"{local(known_at):%Y-%m-%d %H:%M}"))
    drawn = draws.draw(tickets, seed, seed_source=source)
    if document and not stands_in(drawn.seed, document):
        words = Words("檔案內容裡沒有這個種子值", "The document does not hold this seed")
        raise Invalid(words, field="document")
    hashed = hashlib.sha256(document.encode()).hexdigest() if document else ""
    return drawn, {"seed": drawn.seed, "document": document, "document_sha256": hashed}


def latest(entries: Sequence[Entry]) -> dict[int, str]:
    """The newest entry of each officer."""
    return {entry.by_id: entry.seed for entry in entries}


def agreed(entries: Sequence[Entry], person_id: int, seed: str) -> bool:
    """Whether two officers or more, this one among them, all entered this seed."""
    newest = latest(entries)
    return len(newest) > 1 and set(newest.values()) == {seed} and person_id in newest


def differ(entries: Sequence[Entry]) -> bool:
    """Whether the officers' latest entries of the seed are not the same."""
    return len(set(latest(entries).values())) > 1


def told(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Every entry as published after the draw; officers by number, not by name."""
    people = list(dict.fromkeys(entry.by_id for entry in entries))
    return [
        {
            "at": local(entry.at).isoformat(),
            "officer": people.index(entry.by_id) + 1,
            "seed": entry.seed,
            "document": entry.document,
            "document_sha256": entry.document_sha256,
        }
        for entry in entries
    ]


def stands_in(seed: str, document: str) -> bool:
    """Whether the document holds the seed whole, not as a piece of a longer figure or word (650.11 of 27,650.11)."""
    before = r"(?<![0-9A-Za-z.])" + (r"(?<![0-9],)" if re.match(r"[0-9]{3}(?![0-9])", seed) else "")
    after = r"(?![0-9A-Za-z]|\.[0-9])" + (r"(?!,[0-9]{3}(?![0-9]))" if re.fullmatch(r"[0-9]{1,3}", seed) else "")
    return re.search(f"{before}{re.escape(seed)}{after}", document) is not None
