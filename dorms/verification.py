"""Anybody's check of a round from what was published: the draw, the ranking, the allotment, what followed. Pure.

The record holds codes, points by item (family and home in one sum), wishes, vacant rooms in order, and what each got.
Start dates are published only where they decided a tie (D-16).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from common import draw as draws
from common.words import Words
from dorms.allocation import Vacant, Wish, allot, next_in_line
from dorms.points import plain
from dorms.ranking import Entry, rank

Record = Mapping[str, Any]

UNREADABLE = Words("公布的資料不完整，無法驗算", "What was published is not whole: nothing can be checked")


def faults(record: Record) -> list[Words]:
    """Every difference between what was published and what the rules give; an empty list means it is right."""
    try:
        found = [*draws.faults(record["draw"]), *_ranking_faults(record)]
        if "allotment" in record:
            found += [*_allotment_faults(record), *_log_faults(record)]
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation):
        return [UNREADABLE]
    return found


def wishes(record: Record) -> list[Wish]:
    """The turns of allotment as published; who left the list before it has none."""
    served = {row["code"] for row in record["allotment"]}
    left = {entry["code"] for entry in record.get("log", []) if entry["what"] == "withdrawn"} - served
    homes = {room["tenant"]: room["id"] for room in record["rooms"] if room.get("tenant")}
    return [
        Wish(
            row["code"],
            row["rank"],
            tuple(row["preferences"]),
            row["others_ok"],
            homes.get(row["code"]),
            frozenset(row.get("first", ())),
        )
        for row in record["ranking"]
        if row["code"] not in left
    ]


def vacancies(record: Record) -> list[Vacant]:
    """The rooms given out, in the published order: vacant ones, then those of tenants who ask to move."""
    return [
        Vacant(row["id"], row["building"], row.get("accessible", False), tuple(row.get("first_for", ())))
        for row in record["rooms"]
    ]


def _ranking_faults(record: Record) -> list[Words]:
    rows = record["ranking"]
    found = []
    for row in rows:
        summed = sum((Decimal(points) for points in row["items"].values()), Decimal(0))
        if plain(summed) != row["points"]:
            found.append(
                Words("{code} 的各項得分加起來不是 {points}", "The items of {code} do not add up to {points}").fill(
                    code=row["code"], points=row["points"]
                )
            )
    if sorted(row["code"] for row in rows) != list(record["draw"]["tickets"]):
        return [
            *found,
            Words("名次表與抽籤名單不是同一批人", "The ranking and the list of the draw are not the same people"),
        ]
    drawn = draws.draw(record["draw"]["tickets"], record["draw"]["seed"])
    entries = [
        Entry(
            row["code"],
            Decimal(row["points"]),
            date.fromisoformat(row["started_on"] or "1912-01-01"),
            row.get("again", False),
        )
        for row in rows
    ]
    told = {row["code"]: (row["rank"], row["decided_by"]) for row in rows}
    for place in rank(entries, drawn):
        if told[place.code] != (place.rank, place.decided_by):
            found.append(
                Words(
                    "{code} 應是第 {right} 名，公布的是第 {told} 名", "{code} should be rank {right}, not {told}"
                ).fill(code=place.code, right=place.rank, told=told[place.code][0])
            )
    return found


def _allotment_faults(record: Record) -> list[Words]:
    told = {row["code"]: row["room_id"] for row in record["allotment"]}
    found = []
    for outcome in allot(wishes(record), vacancies(record)):
        if outcome.code not in told or told[outcome.code] != outcome.room:
            found.append(
                Words(
                    "{code}（第 {rank} 名）依順位應得 {right}，公布的是 {told}",
                    "{code} (rank {rank}) should get {right} at this turn, not {told}",
                ).fill(
                    code=outcome.code,
                    rank=outcome.rank,
                    right=_room(record, outcome.room),
                    told=_room(record, told.get(outcome.code)),
                )
            )
    return found


def _log_faults(record: Record) -> list[Words]:
    """Replay who got the rooms given back: each time the best ranked still waiting who wants it (D-19).

    An entry without a room is somebody who left the list; `kept` is a tenant's room whose tenant does not move, so that
    its person waits again; `moved` a tenant's old room, which may be promised to somebody already.
    """
    rooms = {room.id: room for room in vacancies(record)}
    turns = {wish.code: wish for wish in wishes(record)}
    served = {row["code"] for row in record["allotment"] if row["room_id"] not in (None, turns[row["code"]].lives_in)}
    waiting = {code: wish for code, wish in turns.items() if code not in served}
    tenants = {room["id"]: room.get("tenant") for room in record["rooms"]}
    log = record.get("log", [])
    moved = {entry["code"] for entry in log if entry["what"] == "moved"}
    found = []
    for entry in log:
        if entry["what"] == "kept":
            waiting[entry["code"]] = turns[entry["code"]]
        if entry["room_id"] is None:
            waiting.pop(entry["code"], None)
        if entry["room_id"] is None or entry.get("promised"):
            continue
        expected = next_in_line(waiting.values(), rooms[entry["room_id"]])
        if entry.get("kept"):
            expected = None
            if not tenants[entry["room_id"]] or tenants[entry["room_id"]] in moved:
                found.append(
                    Words("{room} 的借用人並沒有留下", "The tenant of {room} did not stay").fill(
                        room=_room(record, entry["room_id"])
                    )
                )
        if entry["passed_to"] != (expected.code if expected else None) and not entry["list_ended"]:
            found.append(
                Words(
                    "{room} 遞補給 {told}，依順位應是 {right}",
                    "{room} was passed to {told}; it was the turn of {right}",
                ).fill(
                    room=_room(record, entry["room_id"]),
                    told=entry["passed_to"] or "—",
                    right=expected.code if expected else "—",
                )
            )
        waiting.pop(entry["passed_to"], None)
    return found


def _room(record: Record, room_id: str | None) -> Words:
    if room_id is None:
        return Words("沒有房間", "no room")
    for row in record["rooms"]:
        if row["id"] == room_id:
            return Words(row["room"], row["room_en"])
    return Words.same(f"#{room_id}")
