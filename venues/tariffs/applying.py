"""From when until when a hall is applied for, and how much of it one applicant may have. Pure.

Part of a tariff's data, so a condition holds from its version's day on. Each is off unless the hall's own rule names it:
the window of other halls (S-31, S-32, S-33, S-35, S-36), the emergency path (S-32), days a month (S-31) and running (S-32),
months at one time (S-41), days for the decision (S-36).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from common.period import add_months
from common.roc import day_words
from common.words import Words

MONTHS, DAYS, HALF_YEAR = WINDOW_KINDS = ("months", "days", "half_year")
NONE: frozenset[str] = frozenset()

WINDOW_WORDS = {
    MONTHS: Words("使用日前 {opens} 個月至 {closes} 天", "{opens} months to {closes} days ahead"),
    DAYS: Words("使用日前 {opens} 天至 {closes} 天", "{opens} to {closes} days ahead"),
    HALF_YEAR: Words(
        "半年一期，每期開始 {opens} 個月前起，到使用日前 {closes} 天",
        "by half-years, from {opens} months before each begins until {closes} days ahead",
    ),
}


@dataclass(frozen=True)
class Window:
    """The days on which a day of use may be applied for.

    `opens` counts months before the day, days before it, or months before the half-year it lies in, as `kind` says;
    `closes` counts days before the day. Classes in `free` may apply however early (S-31).
    """

    kind: str = MONTHS
    opens: int = 3
    closes: int = 10
    free: frozenset[str] = NONE
    rule: str = ""
    sample: bool = True

    @property
    def words(self) -> Words:
        return WINDOW_WORDS[self.kind].fill(opens=self.opens, closes=self.closes)

    def opens_on(self, day: date, applicant_class: str = "") -> date:
        """The first day on which `day` may be applied for; `date.min` for a class that may apply however early."""
        if applicant_class in self.free:
            return date.min
        if self.kind == DAYS:
            return day - timedelta(days=self.opens)
        return add_months(half_year(day) if self.kind == HALF_YEAR else day, -self.opens)

    def closes_on(self, day: date) -> date:
        """The last day on which `day` may be applied for."""
        return day - timedelta(days=self.closes)

    def last_day(self, today: date, applicant_class: str = "") -> date:
        """The last day of use that may be applied for on `today`; `date.max` for a class that may apply however early."""
        if applicant_class in self.free:
            return date.max
        if self.kind == DAYS:
            return today + timedelta(days=self.opens)
        if self.kind == HALF_YEAR:
            return add_months(half_year(add_months(today.replace(day=1), self.opens)), 6) - timedelta(days=1)
        last = today + timedelta(days=28 * self.opens)
        while self.opens_on(last + timedelta(days=1)) <= today:
            last += timedelta(days=1)
        return last


@dataclass(frozen=True)
class Limit:
    """A number with the rule it rests on; 0 means that there is no such limit here."""

    n: int = 0
    rule: str = ""
    sample: bool = True

    def __bool__(self) -> bool:
        return self.n > 0


LIMITS = {
    "emergency": Words("不可預見之緊急事件：使用日前幾天為止", "Unforeseeable emergency: until so many days ahead"),
    "month_days": Words("每一申請單位每月最多幾天", "Days a month for one applicant, at most"),
    "running_days": Words("每一申請單位連續最多幾天", "Days running for one applicant, at most"),
    "series_months": Words("多個日期一次最多幾個月", "Months that several dates at one time may span"),
    "decide_days": Words("送件後幾天內決定", "Days within which an application is decided"),
}
"""Every limit by its name in the data, as the pages call it."""
LIMIT_RULES = {
    "emergency": "S-32", "month_days": "S-31", "running_days": "S-32", "series_months": "S-41", "decide_days": "S-36",
}  # fmt: skip
MOST = {"emergency": 60, "month_days": 31, "running_days": 366, "series_months": 36, "decide_days": 90}


@dataclass(frozen=True)
class Applying:
    """What a hall's own rule says about applying for it, beside the price."""

    window: Window | None = None
    emergency: Limit = field(default_factory=Limit)
    month_days: Limit = field(default_factory=Limit)
    running_days: Limit = field(default_factory=Limit)
    series_months: Limit = field(default_factory=Limit)
    decide_days: Limit = field(default_factory=Limit)

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> "Applying":
        """As kept under `applying` in a tariff's data; what is not there is off."""
        told = dict(data or {})
        window = told.pop("window", None)
        limits = {name: Limit(**row) for name, row in told.items()}
        return cls(Window(**{**window, "free": frozenset(window.get("free") or ())}) if window else None, **limits)

    def to_data(self) -> dict[str, Any]:
        """What `from_data` reads; what is off is left out."""
        told: dict[str, Any] = {name: dict(vars(limit)) for name in LIMITS if (limit := self.limit(name))}
        return told | ({"window": {**vars(self.window), "free": sorted(self.window.free)}} if self.window else {})

    def limit(self, name: str) -> Limit:
        """One limit by its name in LIMITS."""
        found: Limit = getattr(self, name)
        return found

    def decide_by(self, sent: date) -> date | None:
        """The last day to decide an application sent on `sent`; None when the hall sets none (S-36)."""
        return sent + timedelta(days=self.decide_days.n) if self.decide_days else None

    def series_until(self, first: date) -> date | None:
        """The last day of several dates that begin on `first`; None when the hall sets none (S-41)."""
        return add_months(first, self.series_months.n) - timedelta(days=1) if self.series_months else None


NO_CONDITIONS = Applying()


def half_year(day: date) -> date:
    """The first day of the half-year that the day lies in: 1 January or 1 July."""
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def outside(
    rules: Applying, own: Window, place: Words, day: date, today: date, *, applicant_class: str = "", emergency: str = ""
) -> Words | None:  # fmt: skip
    """Why `day` cannot be applied for on `today`, naming the rule and the first or last day on which it can; else None.

    `own` is the place's window, which holds where the hall's conditions name none (S-10, S-11). With a stated `emergency`
    the day stays open until the emergency's own last day (S-32).
    """
    window = rules.window or own
    opens, closes = window.opens_on(day, applicant_class), window.closes_on(day)
    if opens <= today <= closes:
        return None
    head = Words("{place}受理{window}{rule}。", "{place} takes applications {window}{rule}. ")
    said = head.fill(place=place, window=window.words, rule=_rule(window.rule))
    if today < opens:
        return _joined(said, Words("{opens}起可申請 {day}。", "{day} may be applied for from {opens}."), day, opens)
    said = _joined(
        said, Words("{day} 的申請已於 {opens}截止。", "Applications for {day} closed on {opens}."), day, closes
    )
    if not rules.emergency or rules.emergency.n >= window.closes:
        return said
    last = day - timedelta(days=rules.emergency.n)
    if today > last:
        late = Words(
            "不可預見之緊急事件也只到 {opens}{rule}。",
            " Even an unforeseeable emergency could until {opens} only{rule}.",
        )
    elif not emergency:
        late = Words(
            "不可預見之緊急事件可敘明事由申請到 {opens}{rule}。",
            " An unforeseeable emergency may, with its reason, until {opens}{rule}.",
        )
    else:
        return None
    return _joined(said, late, day, last, rules.emergency.rule)


def needs_emergency(rules: Applying, own: Window, days: Iterable[date], today: date) -> bool:
    """Whether some day can be had today by the emergency path only (S-32)."""
    window = rules.window or own
    return any(today > window.closes_on(day) for day in days)


def too_many(rules: Applying, place: Words, had: Iterable[date], wanted: Iterable[date]) -> Words | None:
    """Why the applicant may not have `wanted` beside the days `had`, naming the rule and what is possible; else None."""
    has, asks = set(had), set(wanted) - set(had)
    return _in_a_month(rules.month_days, place, has, asks) or _running(rules.running_days, place, has, asks)


def _in_a_month(limit: Limit, place: Words, has: set[date], asks: set[date]) -> Words | None:
    for month in sorted({day.replace(day=1) for day in asks} if limit else ()):
        before = sum(day.replace(day=1) == month for day in has)
        more = sum(day.replace(day=1) == month for day in asks)
        if before + more > limit.n:
            words = Words(
                "{place}每一申請單位每月最多 {n} 天{rule}：{month} 月已有 {before} 天，還可以申請 {left} 天；{after}起是下一個月。",
                "{place}: {n} day(s) a month for one applicant{rule}. You have {before} in month {month} and may add {left}; "
                "the next month begins on {after}.",
            )
            return words.fill(
                place=place, n=limit.n, rule=_rule(limit.rule), month=month.month, before=before,
                left=max(limit.n - before, 0), after=day_words(add_months(month, 1)),
            )  # fmt: skip
    return None


def _running(limit: Limit, place: Words, has: set[date], asks: set[date]) -> Words | None:
    one, every = timedelta(days=1), has | asks
    for day in sorted(asks if limit else ()):
        first = last = day
        while first - one in every:
            first -= one
        while last + one in every:
            last += one
        if (last - first).days + 1 > limit.n:
            words = Words(
                "{place}同一申請單位連續最多 {n} 天{rule}：從 {first}起最晚到 {last}。",
                "{place}: {n} day(s) running for one applicant{rule}. From {first} it can last until {last}.",
            )
            ends = first + timedelta(days=limit.n - 1)
            return words.fill(
                place=place, n=limit.n, rule=_rule(limit.rule), first=day_words(first), last=day_words(ends)
            )
    return None


def _rule(rule: str) -> Words:
    return Words(f"（{rule}）", f" ({rule})") if rule else Words("", "")


def _joined(said: Words, more: Words, day: date, at: date, rule: str = "") -> Words:
    more = more.fill(day=day_words(day), opens=day_words(at), rule=_rule(rule))
    return Words(said.zh + more.zh, said.en + more.en)
