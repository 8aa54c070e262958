"""A tariff's rows in people's words: what a rate is for, what it counts, and when it holds. Pure."""

from collections.abc import Mapping

from common.words import Words
from venues.tariffs.calendar import DAY_WORDS
from venues.tariffs.model import (
    DEPOSITED,
    EQUIPMENT,
    GAP,
    HOUR,
    OVERTIME,
    PER_DAY,
    PER_EVENT,
    PER_HOUR,
    PER_PERSON,
    PER_RUN,
    PER_SLOT,
    SERVICE,
    SLOT,
    Rate,
    Waiver,
    When,
)

KIND_WORDS = {
    SLOT: Words("時段", "Slot"),
    HOUR: Words("按時", "By the hour"),
    GAP: Words("時段間空檔", "Gap between slots"),
    OVERTIME: Words("逾時", "Overtime"),
    EQUIPMENT: Words("設備", "Equipment"),
    SERVICE: Words("服務（清潔、水電）", "Service (cleaning, utilities)"),
    DEPOSITED: Words("保證金", "Deposit"),
}
PER_WORDS = {
    PER_EVENT: Words("每場次", "per event"),
    PER_DAY: Words("每天", "per day"),
    PER_SLOT: Words("每時段", "per slot"),
    PER_HOUR: Words("每小時（未滿以 1 小時計）", "per hour begun"),
    PER_PERSON: Words("每人", "per person"),
    PER_RUN: Words("連續使用一次", "once per consecutive use"),
}

ALWAYS = Words("一律", "Always")


def what(rate: Rate) -> Words:
    """What a rate is for: "時段（例假日）", "活動式舞臺"."""
    named = rate.label.zh
    if rate.kind in (EQUIPMENT, SERVICE):
        return rate.label
    kind = KIND_WORDS[rate.kind]
    return Words(f"{kind.zh}（{named}）", f"{kind.en} ({rate.label.en})") if named else kind


def conditions(when: When, names: Mapping[str, Mapping[str, Words]]) -> Words:
    """When a rate holds, in the order in which conditions are compared. `names` has the words of codes by condition."""
    known = {"days": DAY_WORDS, **names}
    said = [
        joined([known.get(name, {}).get(code, Words.same(code)) for code in sorted(found)])
        for name in ("parts", "events", "classes", "days", "slots")
        if (found := getattr(when, name))
    ]
    if when.season:
        said.append(Words("{a} 到 {b}", "{a} to {b}").fill(a=when.season[0], b=when.season[1]))
    if when.band:
        said.append(Words.same(f"{when.band[0]}–{when.band[1]}"))
    return Words("；".join(one.zh for one in said), "; ".join(one.en for one in said)) if said else ALWAYS


def less(waiver: Waiver, names: Mapping[str, Mapping[str, Words]]) -> Words:
    """What a waiver takes off, and from whom."""
    off = (
        Words("減 {n:,} 元", "NT${n:,} off").fill(n=waiver.amount)
        if waiver.amount
        else Words("免收", "nothing to pay")
        if waiver.percent == 100
        else Words("減 {n}%", "{n}% off").fill(n=waiver.percent)
    )
    who = conditions(When(classes=waiver.classes, events=waiver.events), names)
    weeks = (
        Words("；連續 {n} 週以上", "; {n} weeks running or more").fill(n=waiver.weeks)
        if waiver.weeks
        else Words("", "")
    )
    on = joined([KIND_WORDS[kind] for kind in sorted(waiver.on)]) if waiver.on else Words("", "")
    of = Words(f"（只減{on.zh}）", f" (of {on.en})") if waiver.on else Words("", "")
    return Words(f"{who.zh}{weeks.zh}：{off.zh}{of.zh}", f"{who.en}{weeks.en}: {off.en}{of.en}")


def joined(several: list[Words]) -> Words:
    """Several names in a row."""
    return Words("、".join(one.zh for one in several), ", ".join(one.en for one in several))
