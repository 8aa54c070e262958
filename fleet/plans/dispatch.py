"""Who gets which car and which driver: pure, values in, values out, with the reason for each.

Cars are ranked by right kind (a larger one would be missed by a later, larger party), then electric first for a short
trip (V-71) and the cheapest energy for any, then the smallest that fits, the own agency's car, the agency that has lent
least (V-42), the widest free gap. Drivers by hours already given that day (V-50), then by the gap. Whoever is not
offered comes back with the one constraint that binds, named in words. A whole day at once is `planning`; what would
help where nothing is left is `remedies`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from common.period import Period, local
from common.words import Words
from fleet.plans.workhours import Duty, breach, midnight, share
from fleet.terms import KINDS, LICENCE_RANKS

_SIZES = list(KINDS)


@dataclass(frozen=True)
class Ask:
    """What one trip needs. `km` is the whole way there and back, estimated. `agency_id` is who asks."""

    period: Period
    passengers: int
    km: int
    needs_driver: bool = True
    kind: str | None = None
    agency_id: int | None = None

    def fits(self, seats: int) -> bool:
        """Whether all find a seat; a driver of the house takes one, a driving officer is counted among the passengers."""
        return self.passengers + (1 if self.needs_driver else 0) <= seats

    @property
    def right_kind(self) -> str | None:
        """The kind asked for, else the smallest kind that seats everyone; None if no kind does."""
        if self.kind:
            return self.kind
        return next((code for code, kind in KINDS.items() if self.fits(kind.seats)), None)


@dataclass(frozen=True)
class Car:
    """A car as dispatch sees it. `charge_percent` is what is expected at the trip's start; `range_km` a full battery's reach.

    `cost` is its energy in NT$ per 100 km; `lent` how many trips each car of its owner has lately made for other agencies.
    `told` says in words what some of `busy` is, where it is not a trip.
    """

    id: int
    label: str
    kind: str
    seats: int
    electric: bool = False
    charge_percent: int | None = None
    range_km: int | None = None
    busy: tuple[Period, ...] = ()
    out_of_service: Words | None = None
    cost: int = 0
    owner_id: int | None = None
    lent: int = 0
    told: Mapping[Period, Words] = field(default_factory=dict, hash=False)

    def charge_after(self, km: int) -> int | None:
        """Battery left after `km` kilometres, in percent (never below 0); None for a car without a battery."""
        if not self.electric or self.charge_percent is None or not self.range_km:
            return None
        return max(0, self.charge_percent - -(-km * 100 // self.range_km))


@dataclass(frozen=True)
class Wheel:
    """A driver as dispatch sees one: what they may drive, until when, what they already have, and when they are `away`."""

    id: int
    label: str
    licence_expires_on: date
    busy: tuple[Period, ...] = ()
    out_of_service: Words | None = None
    licence_class: str = "small"
    away: tuple[Period, ...] = ()


@dataclass(frozen=True)
class Limits:
    """The dated parameters dispatch works with (V-71, V-76, V-50).

    `licence_ranks` gives the rank of licence (terms.LICENCE_RANKS) that each kind of car needs.
    """

    short_trip_km: int
    min_charge_percent: int
    max_driver_hours: int
    day_from: int = 6
    day_until: int = 22
    duty: Duty | None = None
    licence_ranks: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Candidate:
    """One that may be given, with the reasons in the order they weighed, and its free gap around the trip."""

    id: int
    label: str
    gap: Period
    reasons: tuple[Words, ...]


@dataclass(frozen=True)
class Refusal:
    """One that may not be given: the code of the binding constraint and its words."""

    id: int
    label: str
    constraint: str
    words: Words


@dataclass(frozen=True)
class Ranking:
    """The offered, best first, and the refused."""

    candidates: tuple[Candidate, ...]
    refusals: tuple[Refusal, ...]

    @property
    def best(self) -> Candidate | None:
        """The first choice, if any."""
        return self.candidates[0] if self.candidates else None

    def tally(self) -> list[tuple[str, int, Words]]:
        """How many each constraint refused, most first, with an example's words: why nobody is left."""
        counts: dict[str, list[Refusal]] = {}
        for refusal in self.refusals:
            counts.setdefault(refusal.constraint, []).append(refusal)
        rows = [(code, len(found), found[0].words) for code, found in counts.items()]
        return sorted(rows, key=lambda row: -row[1])


def refuse_car(ask: Ask, car: Car, limits: Limits, *, free: bool = True) -> Refusal | None:
    """Why this car cannot serve, or None. `free=False` leaves the calendar to the ledger, which has the last word."""

    def no(constraint: str, words: Words) -> Refusal:
        return Refusal(car.id, car.label, constraint, words)

    if car.out_of_service:
        return no("out_of_service", car.out_of_service)
    if not ask.fits(car.seats):
        return no(
            "seats",
            Words("{seats} 座，坐不下 {people} 人", "{seats} seats do not hold {people}").fill(
                seats=car.seats, people=ask.passengers + (1 if ask.needs_driver else 0)
            ),
        )
    if ask.kind and _SIZES.index(car.kind) < _SIZES.index(ask.kind):
        return no("kind", Words("申請的是{asked}", "A {asked} was asked for").fill(asked=KINDS[ask.kind].words))
    if free and (taken := _first_overlap(ask.period, car.busy)):
        what = car.told.get(taken, Words("已有行程", "taken"))
        return no("taken", Words("{time} {what}", "{time} {what}").fill(time=clock_range(taken, ask.period), what=what))
    left = car.charge_after(ask.km)
    if left is not None and left < limits.min_charge_percent:
        return no(
            "charge",
            Words("預估回程電量 {left}%，低於 {least}%", "{left}% expected on return, below {least}%").fill(
                left=left, least=limits.min_charge_percent
            ),
        )
    return None


def refuse_driver(
    ask: Ask, driver: Wheel, limits: Limits, *, free: bool = True, hours: bool = True, kind: str | None = None
) -> Refusal | None:
    """Why this driver cannot drive a car of `kind` (default: the kind the trip needs), or None (V-50).

    `free=False` leaves the calendar to the ledger, which has the last word; `hours=False` asks neither hours nor rest:
    what is entered afterwards has already been driven.
    """

    def no(constraint: str, words: Words) -> Refusal:
        return Refusal(driver.id, driver.label, constraint, words)

    if driver.out_of_service:
        return no("out_of_service", driver.out_of_service)
    if driver.licence_expires_on < local(ask.period.ends_at).date():
        return no(
            "licence", Words("駕照 {day} 到期", "Licence expires {day}").fill(day=driver.licence_expires_on.isoformat())
        )
    needed = kind or ask.right_kind
    if needed and LICENCE_RANKS[driver.licence_class] < limits.licence_ranks.get(needed, 0):
        words = Words("駕照種類不能開{kind}", "Licence does not cover a {kind}").fill(kind=KINDS[needed].words)
        return no("licence_class", words)
    if free and (taken := _first_overlap(ask.period, driver.busy)):
        return no("taken", Words("{time} 已有任務", "On a job {time}").fill(time=clock_range(taken, ask.period)))
    if free and (taken := _first_overlap(ask.period, driver.away)):
        return no("away", Words("{time} 請假", "On leave {time}").fill(time=clock_range(taken, ask.period)))
    if not hours:
        return None
    clear = [job for job in driver.busy if not job.overlaps(ask.period)]
    duty = limits.duty or _only_a_day(limits)
    broken = breach(ask.period, clear, duty)
    return no(*broken) if broken else None


def _only_a_day(limits: Limits) -> Duty:
    """Where no other limit is known, the hours of a day alone."""
    most = limits.max_driver_hours
    return Duty(most, 24 * 7, 0, 24 * 7, 0, most)


def rank_cars(ask: Ask, cars: Iterable[Car], limits: Limits) -> Ranking:
    """All cars, the eligible best first; ties by id, so that the same question has the same answer."""
    short = ask.km <= limits.short_trip_km
    right = ask.right_kind

    def weight(car: Car, gap: Period) -> tuple:
        upward = _SIZES.index(car.kind) - _SIZES.index(right) if right else 0
        foreign = ask.agency_id is not None and car.owner_id != ask.agency_id
        energy = car.cost * ask.km
        return (
            upward,
            short and not car.electric,
            energy,
            car.seats,
            foreign,
            foreign and car.lent,
            -gap.duration,
            car.id,
        )

    def why(car: Car, gap: Period) -> tuple[Words, ...]:
        reasons = []
        if car.kind == right:
            reasons.append(
                (
                    Words("車種符合：{kind}", "Right kind: {kind}")
                    if ask.kind
                    else Words("{kind}坐得下 {n} 人", "{kind} seats {n}")
                ).fill(kind=KINDS[car.kind].words, n=ask.passengers)
            )
        else:
            reasons.append(Words("{kind}，比所需大", "{kind}, larger than needed").fill(kind=KINDS[car.kind].words))
        left = car.charge_after(ask.km)
        if left is not None:
            lead = Words("短程電動車優先，", "Short trip, electric first; ") if short else Words("", "")
            reasons.append(
                Words("{lead}電量 {now}%，回程約 {left}%", "{lead}charge {now}%, about {left}% on return").fill(
                    lead=lead, now=car.charge_percent, left=left
                )
            )
        if car.cost:
            dollars = round_half_up(car.cost * ask.km, 100)
            reasons.append(Words("能源約 {n} 元", "Energy about NT${n}").fill(n=dollars))
        if ask.agency_id is not None and car.owner_id == ask.agency_id:
            reasons.append(Words("本機關的車", "The agency’s own car"))
        return (*reasons, _gap_words(gap, ask.period))

    return _rank(ask, list(cars), limits, refuse_car, weight, why)


def rank_drivers(ask: Ask, drivers: Iterable[Wheel], limits: Limits) -> Ranking:
    """All drivers, the eligible with the lightest day first; ties by id."""

    def weight(driver: Wheel, gap: Period) -> tuple:
        return (hours_on_day(ask.period, driver.busy), -gap.duration, driver.id)

    def why(driver: Wheel, gap: Period) -> tuple[Words, ...]:
        hours = hours_on_day(ask.period, driver.busy) / timedelta(hours=1)
        load = (
            Words("當日尚無任務", "No job yet that day")
            if not hours
            else Words("當日已派 {hours} 小時", "{hours} h given that day").fill(hours=f"{hours:.3g}")
        )
        return (load, _gap_words(gap, ask.period))

    return _rank(ask, list(drivers), limits, refuse_driver, weight, why)


def _rank(ask: Ask, units: Sequence, limits: Limits, refuse: Callable, weight: Callable, why: Callable) -> Ranking:
    offered, refusals = [], []
    for unit in units:
        if refusal := refuse(ask, unit, limits):
            refusals.append(refusal)
        else:
            gap = gap_around(ask.period, (*unit.busy, *getattr(unit, "away", ())), limits)
            offered.append((weight(unit, gap), Candidate(unit.id, unit.label, gap, why(unit, gap))))
    candidates = [candidate for _, candidate in sorted(offered, key=lambda pair: pair[0])]
    if candidates:
        best = candidates[0]
        candidates[0] = replace(best, reasons=(*best.reasons, Words("最合適", "Best fit")))
    return Ranking(tuple(candidates), tuple(refusals))


def gap_around(period: Period, busy: Iterable[Period], limits: Limits) -> Period:
    """The free stretch that holds `period`, cut to the working day it starts and ends on. Assumes nothing in `busy` overlaps it."""
    opens, closes = _at_hour(period.starts_at, limits.day_from), _at_hour(period.ends_at, limits.day_until)
    starts_at, ends_at = min(opens, period.starts_at), max(closes, period.ends_at)
    for other in busy:
        if other.ends_at <= period.starts_at:
            starts_at = max(starts_at, other.ends_at)
        if other.starts_at >= period.ends_at:
            ends_at = min(ends_at, other.starts_at)
    return Period(starts_at, ends_at)


def hours_on_day(period: Period, busy: Iterable[Period]) -> timedelta:
    """Time already given on the local day on which `period` starts."""
    opens = midnight(period.starts_at)
    return sum((share(other, opens, opens + timedelta(days=1)) for other in busy), timedelta())


def round_half_up(value: int, unit: int) -> int:
    """`value` ÷ `unit` to the nearest whole number, half upwards: how energy in cents becomes NT$."""
    return (2 * value + unit) // (2 * unit)


def clock_range(shown: Period, beside: Period) -> str:
    """「13:00–16:00」, with the date in front where the two are not on the same local day."""
    first, last = local(shown.starts_at), local(shown.ends_at)
    here = local(beside.starts_at).date()
    left = first.strftime("%H:%M") if first.date() == here else f"{first.month}/{first.day} {first:%H:%M}"
    right = last.strftime("%H:%M") if last.date() == first.date() else f"{last.month}/{last.day} {last:%H:%M}"
    return f"{left}–{right}"


def _gap_words(gap: Period, beside: Period) -> Words:
    return Words("空檔 {time}", "Free {time}").fill(time=clock_range(gap, beside))


def _first_overlap(period: Period, busy: Iterable[Period]) -> Period | None:
    return min((other for other in busy if other.overlaps(period)), default=None)


def _at_hour(instant: datetime, hour: int) -> datetime:
    return local(instant).replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(instant.tzinfo)
