"""Unfair use of rooms, found in the history of bookings (M-05, M-07, M-10). Values in, values out; nobody is judged here.

A finding names the person and the meetings it rests on; the venue officer decides what it is.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from common.period import local


@dataclass(frozen=True)
class Limits:
    """How much is too much: days, rooms and times as counts, `rebook_hours` in hours, `block_window_days` in days."""

    block_days: int
    block_window_days: int
    same_time_rooms: int
    rebook_hours: int
    rebook_times: int
    no_show_times: int
    spot_check_times: int


@dataclass(frozen=True)
class Past:
    """One booking as history knows it. `ended_as` is "" while it stands or was used to its end; `looked_wrong`: a spot check
    found nobody there, or another use."""

    id: int
    person_id: int
    agency_id: int
    room_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    released_at: datetime | None
    ended_as: str
    looked_wrong: bool = False

    @property
    def day(self) -> date:
        return local(self.starts_at).date()

    @property
    def used(self) -> bool:
        """Whether it had its room when it began; one that gives the rest back has met, and holds nothing in reserve."""
        return self.released_at is None or (self.released_at > self.starts_at and self.ended_as == "given_back")

    def overlaps(self, other: "Past") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class Finding:
    """What was found: its kind, whose it is, and the meetings it rests on in order of their ids."""

    kind: str
    person_id: int
    agency_id: int
    meeting_ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """Names the same finding each time: kind, person and a hash of its meetings."""
        ids = ",".join(map(str, self.meeting_ids))
        return f"{self.kind}:{self.person_id}:{hashlib.sha256(ids.encode()).hexdigest()[:24]}"


def cause_of(title: str) -> str:
    """What a meeting is about, without numbers, punctuation and case: 第 3 次工作會議 and 第4次 工作會議 are one cause."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(c for c in folded if c.isalpha() and c not in "一二三四五六七八九十")


def blocking(history: Iterable[Past], limits: Limits) -> list[Finding]:
    """One person, one cause, `block_days` different days or more within `block_window_days` (M-07)."""
    found = []
    for (person_id, _cause), rows in _by(_standing(history), lambda row: (row.person_id, cause_of(row.title))).items():
        days = sorted({row.day for row in rows})
        dense: set[date] = set()
        for start in days:
            inside = [day for day in days if start <= day < start + timedelta(days=limits.block_window_days)]
            if len(inside) >= limits.block_days:
                dense.update(inside)
        if dense:
            found.append(_finding("blocking", person_id, [row for row in rows if row.day in dense]))
    return found


def same_time(history: Iterable[Past], limits: Limits) -> list[Finding]:
    """One person, one cause, `same_time_rooms` different rooms or more at one moment (M-10)."""
    found = []
    for (person_id, _cause), rows in _by(_standing(history), lambda row: (row.person_id, cause_of(row.title))).items():
        crowded: set[Past] = set()
        for row in rows:
            at_once = [each for each in rows if each.starts_at <= row.starts_at < each.ends_at]
            if len({each.room_id for each in at_once}) >= limits.same_time_rooms:
                crowded.update(at_once)
        if crowded:
            found.append(_finding("same_time", person_id, list(crowded)))
    return found


def rebooking(history: Iterable[Past], limits: Limits) -> list[Finding]:
    """Held, deleted, and the same room and time booked again for the same agency within `rebook_hours`, often (M-07)."""
    within = timedelta(hours=limits.rebook_hours)
    pairs: dict[int, list[tuple[Past, Past]]] = defaultdict(list)
    for _place, rows in _by(history, lambda row: (row.agency_id, row.room_id)).items():
        given_back = [row for row in rows if row.ended_as == "given_back" and not row.used]
        for old in given_back:
            for new in rows:
                if new.id != old.id and _again(old, new, within):
                    pairs[new.person_id].append((old, new))
                    break
    return [
        _finding("rebooking", person_id, [row for pair in several for row in pair])
        for person_id, several in sorted(pairs.items())
        if len(several) >= limits.rebook_times
    ]


def no_shows(history: Iterable[Past], limits: Limits) -> list[Finding]:
    """`no_show_times` rooms or more that nobody came to (M-05)."""
    unused = [row for row in history if row.ended_as == "unused"]
    return [
        _finding("no_show", person_id, rows)
        for person_id, rows in _by(unused, lambda row: row.person_id).items()
        if len(rows) >= limits.no_show_times
    ]


def spot_checks(history: Iterable[Past], limits: Limits) -> list[Finding]:
    """`spot_check_times` meetings or more where a spot check found nobody, or another use (M-07)."""
    wrong = [row for row in history if row.looked_wrong]
    return [
        _finding("spot_check", person_id, rows)
        for person_id, rows in _by(wrong, lambda row: row.person_id).items()
        if len(rows) >= limits.spot_check_times
    ]


def findings(history: Sequence[Past], limits: Limits, decided: Iterable[tuple[str, int]] = ()) -> list[Finding]:
    """Everything found. `decided` are (kind, meeting id) that were judged before: they count no more."""
    judged = set(decided)
    out: list[Finding] = []
    looks: tuple[tuple[str, Callable[[Iterable[Past], Limits], list[Finding]]], ...] = (
        ("blocking", blocking), ("same_time", same_time), ("rebooking", rebooking), ("no_show", no_shows),
        ("spot_check", spot_checks),
    )  # fmt: skip
    for kind, look in looks:
        out += look([row for row in history if (kind, row.id) not in judged], limits)
    return out


def _again(old: Past, new: Past, within: timedelta) -> bool:
    released = old.released_at
    return released is not None and released <= new.booked_at <= released + within and old.overlaps(new)


def _standing(history: Iterable[Past]) -> list[Past]:
    return [row for row in history if row.used or row.ended_as == "unused"]


def _by(rows: Iterable[Past], key: Callable[[Past], Any]) -> dict[Any, list[Past]]:
    groups: dict[Any, list[Past]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _finding(kind: str, person_id: int, rows: Sequence[Past]) -> Finding:
    ids = tuple(sorted({row.id for row in rows}))
    return Finding(kind, person_id, max(rows, key=lambda row: row.id).agency_id, ids)
