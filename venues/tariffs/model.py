"""A tariff as data: rates with their conditions, waivers, refund ladder, pay-by rule. Pure.

Which rate holds is settled by one total order (`When.narrowness`): named part before named use before class of applicant
before kind of day before season before slot before hours of the day; under each, the narrower condition first (fewer
kinds named, fewer days of the season, fewer minutes). Two rates for the same thing that stand level and can both hold are
a fault when the version is saved (`venues.tariffs.checking`), so quoting never has to choose between equals.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

from common.words import Words
from venues.tariffs.applying import NO_CONDITIONS, Applying
from venues.tariffs.calendar import WEEKDAY
from venues.tariffs.paying import PayRule, RefundLadder, RefundStep

SLOT, HOUR, GAP, OVERTIME, EQUIPMENT, SERVICE, DEPOSITED = KINDS = (
    "slot", "hour", "gap", "overtime", "equipment", "service", "deposit",
)  # fmt: skip
USE = (SLOT, HOUR)
"""The kinds that price the use itself; for one slot exactly one of them holds."""

PER_EVENT, PER_DAY, PER_SLOT, PER_HOUR, PER_PERSON, PER_RUN = PERS = ("event", "day", "slot", "hour", "person", "run")
COUNTED_BY: Mapping[str, tuple[str, ...]] = {
    SLOT: (PER_SLOT,),
    HOUR: (PER_HOUR,),
    GAP: (PER_SLOT,),
    OVERTIME: (PER_HOUR,),
    EQUIPMENT: (PER_EVENT, PER_DAY, PER_SLOT, PER_HOUR),
    SERVICE: (PER_EVENT, PER_DAY, PER_SLOT, PER_HOUR, PER_PERSON),
    DEPOSITED: (PER_EVENT, PER_DAY, PER_RUN),
}
"""How each kind of rate may be counted; the first is what an empty `per` means."""

SETS = ("parts", "events", "classes", "days", "slots")
WIDE = 10_000
MOST = 10_000_000  # NT$ in one row: beyond it somebody slipped on a key
BEFORE_USE_MOST = 365
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Moment:
    """One slot of a wish as conditions see it: who wants what where on which kind of day."""

    day: date
    kind_of_day: str
    slot: str
    starts: str
    ends: str
    applicant_class: str
    event: str = ""
    part: str = ""


@dataclass(frozen=True)
class When:
    """Under what a rate holds; what is empty holds for all. Season "MM-DD" both days included; band "HH:MM", end excluded."""

    parts: frozenset[str] = NONE
    events: frozenset[str] = NONE
    classes: frozenset[str] = NONE
    days: frozenset[str] = NONE
    season: tuple[str, str] | None = None
    slots: frozenset[str] = NONE
    band: tuple[str, str] | None = None

    @cached_property
    def always(self) -> bool:
        """Whether it holds without any condition."""
        return not any(self.narrowness)

    @cached_property
    def narrowness(self) -> tuple[int, ...]:
        """Greater is more specific, compared from the left: the order named in the module's head."""
        season = WIDE - len(season_days(self.season)) if self.season else 0
        band = WIDE - (minutes(self.band[1]) - minutes(self.band[0])) if self.band else 0
        sets = {name: WIDE - len(found) if (found := getattr(self, name)) else 0 for name in SETS}
        return (sets["parts"], sets["events"], sets["classes"], sets["days"], season, sets["slots"], band)

    def holds(self, at: Moment) -> bool:
        """Whether it holds for a slot; of a band, whether any minute of the slot lies in it."""
        if self.always:
            return True
        for wanted, given in (
            (self.parts, at.part), (self.events, at.event), (self.classes, at.applicant_class), (self.days, at.kind_of_day),
            (self.slots, at.slot),
        ):  # fmt: skip
            if wanted and given not in wanted:
                return False
        if self.season and not in_season(self.season, at.day):
            return False
        return not self.band or (self.band[0] < at.ends and at.starts < self.band[1])

    def meets(self, other: "When") -> bool:
        """Whether some slot exists for which both hold."""
        for name in SETS:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine and theirs and not mine & theirs:
                return False
        if self.season and other.season and not season_days(self.season) & season_days(other.season):
            return False
        both = self.band and other.band
        return not both or (self.band[0] < other.band[1] and other.band[0] < self.band[1])  # type: ignore[index]


EVER = When()


@dataclass(frozen=True)
class Rate:
    """One row of a tariff: `amount` whole NT$ for each of what `per` counts, `when` its conditions hold.

    `of` names the equipment or the service (cleaning, water); `label` names it to people and, on other kinds, says what
    the rate is for (例假日). Overtime and hours count as begun (S-06).
    """

    kind: str
    amount: int
    rule: str
    sample: bool = False
    of: str = ""
    label: Words = Words("", "")
    per: str = ""
    when: When = EVER

    @property
    def counts(self) -> str:
        return self.per or COUNTED_BY[self.kind][0]

    @property
    def rivals(self) -> tuple[str, str]:
        """Rates with the same answer stand for the same thing: one of them holds."""
        return ("use" if self.kind in USE else self.kind, self.of)


@dataclass(frozen=True)
class Waiver:
    """Who pays less or nothing, and the rule that says so (S-13, S-36, S-41).

    `percent` or `amount` is taken off the lines of the kinds `on` (all fees when empty); `weeks`: only for use in so many
    weeks running. `deposit`: the deposit falls away too.
    """

    classes: frozenset[str]
    rule: str
    label: Words
    sample: bool = False
    percent: int = 100
    amount: int = 0
    events: frozenset[str] = NONE
    weeks: int = 0
    on: frozenset[str] = NONE
    deposit: bool = True

    @property
    def narrowness(self) -> tuple[int, ...]:
        sizes = [WIDE - len(found) if found else 0 for found in (self.events, self.classes)]
        return (*sizes, self.weeks)

    def holds(self, applicant_class: str, event: str, weeks: int) -> bool:
        return (
            (not self.classes or applicant_class in self.classes)
            and (not self.events or event in self.events)
            and weeks >= self.weeks
        )


@dataclass(frozen=True)
class Tariff:
    """One version of what one venue costs, valid from a day on."""

    version: str
    effective_from: date
    rates: tuple[Rate, ...]
    waivers: tuple[Waiver, ...]
    refunds: RefundLadder
    pay: PayRule = PayRule()
    applying: Applying = NO_CONDITIONS

    @classmethod
    def from_data(cls, version: str, effective_from: date, data: Mapping[str, Any]) -> "Tariff":
        """The tariff as kept in the `tariff` table's `data` column."""
        ladder = data["refunds"]
        return cls(
            version,
            effective_from,
            tuple(_rate(row) for row in data["rates"]),
            tuple(_waiver(row) for row in data["waivers"]),
            RefundLadder(
                tuple(RefundStep(**step) for step in ladder["steps"]),
                frozenset(ladder["always"]),
                ladder["rule"],
                ladder["always_rule"],
                ladder.get("sample", True),
            ),
            PayRule(**data["pay"]) if data.get("pay") else PayRule(),
            Applying.from_data(data.get("applying")),
        )

    def to_data(self) -> dict[str, Any]:
        """What `from_data` reads; what is empty is left out."""
        told = {"applying": applying} if (applying := self.applying.to_data()) else {}
        return {
            "rates": [_rate_data(rate) for rate in self.rates],
            "waivers": [_waiver_data(waiver) for waiver in self.waivers],
            "refunds": {
                "steps": [{"days": step.days, "percent": step.percent} for step in self.refunds.steps],
                "always": sorted(self.refunds.always),
                "rule": self.refunds.rule,
                "always_rule": self.refunds.always_rule,
                "sample": self.refunds.sample,
            },
            "pay": dict(vars(self.pay)),
            **told,
        }

    def best(self, kinds: Iterable[str], of: str, at: Moment) -> Rate | None:
        """The rate that holds for a slot: the most specific one of these kinds and this `of`."""
        return next((rate for rate in self._ranked(tuple(kinds), of) if rate.when.holds(at)), None)

    def _ranked(self, kinds: tuple[str, ...], of: str) -> list[Rate]:
        """The rates of these kinds, the most specific first."""
        if (kinds, of) not in self._ranks:
            found = [rate for rate in self.rates if rate.kind in kinds and rate.of == of]
            self._ranks[kinds, of] = sorted(found, key=lambda rate: rate.when.narrowness, reverse=True)
        return self._ranks[kinds, of]

    @cached_property
    def _ranks(self) -> dict[tuple[tuple[str, ...], str], list[Rate]]:
        return {}

    def codes(self, kind: str) -> list[str]:
        """The equipment or services that this tariff prices, in order of their codes."""
        return sorted({rate.of for rate in self.rates if rate.kind == kind})

    def span(self, kind: str, slot: str = "") -> tuple[Rate, Rate] | None:
        """The cheapest and the dearest rate of a kind (for one slot), for a list of venues; None when it has none."""
        found = [
            rate
            for rate in self.rates
            if rate.kind == kind and (not slot or not rate.when.slots or slot in rate.when.slots)
        ]
        return (min(found, key=_amount), max(found, key=_amount)) if found else None

    def rate(self, kind: str, of: str = "") -> Rate | None:
        """What a registered body pays on an ordinary working day: the figure a page shows before anything is chosen."""
        slot = of if kind in (SLOT, OVERTIME) else ""
        code = of if kind in (EQUIPMENT, SERVICE) else ""
        day = date(self.effective_from.year, 3, 1)
        return self.best((kind,), code, Moment(day, WEEKDAY, slot, "00:00", "24:00", "registered_body"))


def minutes(clock: str) -> int:
    """Minutes since midnight of "HH:MM"."""
    return int(clock[:2]) * 60 + int(clock[3:])


def in_season(season: tuple[str, str], day: date) -> bool:
    """Whether the day lies in a season that may reach over New Year ("11-01" to "02-28")."""
    first, last = season
    at = f"{day:%m-%d}"
    return first <= at <= last if first <= last else at >= first or at <= last


@cache
def season_days(season: tuple[str, str]) -> frozenset[str]:
    """The days of a season in a leap year, as "MM-DD"."""
    year = (date(2024, 1, 1) + timedelta(days=n) for n in range(366))
    return frozenset(f"{day:%m-%d}" for day in year if in_season(season, day))


def _amount(rate: Rate) -> int:
    return rate.amount


def _rate(row: Mapping[str, Any]) -> Rate:
    slots = row.get("slots") or ([row["of"]] if row["kind"] == SLOT and row.get("of") else [])
    when = When(
        **{name: frozenset(row.get(name) or ()) for name in SETS if name != "slots"},
        slots=frozenset(slots),
        season=_pair(row.get("season")),
        band=_pair(row.get("band")),
    )
    of = "" if row["kind"] == SLOT else row.get("of", "")
    label = Words(*row.get("label", ("", "")))
    return Rate(row["kind"], row["amount"], row["rule"], row.get("sample", False), of, label, row.get("per", ""), when)


def _pair(found: Any) -> tuple[str, str] | None:
    return (found[0], found[1]) if found else None


def _rate_data(rate: Rate) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": rate.kind, "amount": rate.amount, "rule": rate.rule, "sample": rate.sample}
    told |= {"of": rate.of} if rate.of else {}
    told |= {"label": list(rate.label)} if any(rate.label) else {}
    told |= {"per": rate.per} if rate.per else {}
    told |= {name: sorted(found) for name in SETS if (found := getattr(rate.when, name))}
    return told | {name: list(found) for name in ("season", "band") if (found := getattr(rate.when, name))}


def _waiver(row: Mapping[str, Any]) -> Waiver:
    whole = row.get("percent", 100) == 100 and not row.get("amount") and not row.get("on")
    return Waiver(
        frozenset(row.get("classes") or ()), row["rule"], Words(*row["label"]), row.get("sample", False),
        row.get("percent", 0 if row.get("amount") else 100), row.get("amount", 0), frozenset(row.get("events") or ()),
        row.get("weeks", 0), frozenset(row.get("on") or ()), row.get("deposit", whole),
    )  # fmt: skip


def _waiver_data(waiver: Waiver) -> dict[str, Any]:
    told: dict[str, Any] = {
        "classes": sorted(waiver.classes), "rule": waiver.rule, "label": list(waiver.label), "sample": waiver.sample,
        "percent": waiver.percent, "deposit": waiver.deposit,
    }  # fmt: skip
    told |= {"amount": waiver.amount} if waiver.amount else {}
    told |= {"events": sorted(waiver.events)} if waiver.events else {}
    told |= {"weeks": waiver.weeks} if waiver.weeks else {}
    return told | ({"on": sorted(waiver.on)} if waiver.on else {})
