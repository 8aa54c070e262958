"""What would help a trip for which nothing is free: the cheapest changes, each concrete. Pure, values in, values out.

A change is a question that dispatch answers with a car (and a driver): leave later or earlier, be back sooner, a smaller
kind, without a driver, in two cars, in the car of another trip that has somewhere else to go, or together with somebody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from common.period import Period, local
from common.words import Words
from fleet.plans.dispatch import Ask, Car, Limits, Wheel, rank_cars, rank_drivers, refuse_car
from fleet.plans.sharing import Proposal
from fleet.terms import KINDS

QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
KIND_COSTS, SELF_COSTS, SPLIT_COSTS, SWAP_COSTS, MOST = 20, 60, 90, 1, 5  # in minutes of somebody's time, to order them


@dataclass(frozen=True)
class Held:
    """Another trip that has a car and has not left: it might take another one."""

    id: int
    number: str
    ask: Ask
    car_id: int


@dataclass(frozen=True)
class Remedy:
    """One change, and what then serves. `ask` is the changed question, `other_id` the trip that swaps or shares,
    `other_car_id` the car it gets instead; for a split `second` is the other half with its car and driver.

    `cost` orders them: minutes by which somebody's plan changes, or what is deemed as bad.
    """

    code: str
    words: Words
    ask: Ask
    cost: int
    car_id: int | None = None
    driver_id: int | None = None
    other_id: int | None = None
    other_car_id: int | None = None
    second: "Remedy | None" = None


@dataclass(frozen=True)
class Desk:
    """What the desk has: cars and drivers with their calendars, the other trips, whom one could share with, and how far
    a time may move (V-23)."""

    cars: Sequence[Car]
    wheels: Sequence[Wheel]
    limits: Limits
    most: timedelta
    held: Sequence[Held] = ()
    shares: Sequence[Proposal] = ()


def serves(ask: Ask, desk: Desk) -> tuple[int, int | None] | None:
    """The best car and driver for this question, or None where either is missing."""
    car = rank_cars(ask, desk.cars, desk.limits).best
    if car is None:
        return None
    if not ask.needs_driver:
        return car.id, None
    driver = rank_drivers(ask, desk.wheels, desk.limits).best
    return (car.id, driver.id) if driver else None


def remedies(ask: Ask, desk: Desk, *, earliest: datetime) -> list[Remedy]:
    """Changes that make the trip possible, the cheapest first, of each kind the smallest; nothing leaves before `earliest`."""
    found = [
        *_swaps(ask, desk), *_shares(ask, desk), *_moved(ask, desk, earliest), *_smaller(ask, desk), *_alone(ask, desk),
        *_split(ask, desk),
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.cost, each.code, each.other_id or 0))[:MOST]


def _with(code: str, words: Words, ask: Ask, cost: int, pair: tuple[int, int | None], **more: int | None) -> Remedy:
    return Remedy(code, words, ask, cost, pair[0], pair[1], **more)  # type: ignore[arg-type]


def _moved(ask: Ask, desk: Desk, earliest: datetime) -> Iterator[Remedy]:
    """Another time: the smallest shift each way, and the smallest shortening at the end."""
    calendars = [*(car.busy for car in desk.cars), *(wheel.busy for wheel in desk.wheels)]
    busy = [period for calendar in calendars for period in calendar]
    start, end = ask.period.starts_at, ask.period.ends_at
    steps = {QUARTER * n for n in range(1, desk.most // QUARTER + 1)}
    later = steps | {period.ends_at - start for period in busy}
    sooner = steps | {end - period.starts_at for period in busy}
    for shift in sorted(each for each in later if timedelta() < each <= desk.most):
        moved = replace(ask, period=Period(start + shift, end + shift))
        if pair := serves(moved, desk):
            yield _with(
                "later",
                _told("晚 {n} 分鐘出發（{clock}）", "Leave {n} minutes later ({clock})", shift, start + shift),
                moved,
                shift // MINUTE,
                pair,
            )
            break
    for shift in sorted(each for each in sooner if timedelta() < each <= desk.most and start - each >= earliest):
        moved = replace(ask, period=Period(start - shift, end - shift))
        if pair := serves(moved, desk):
            yield _with(
                "earlier",
                _told("早 {n} 分鐘出發（{clock}）", "Leave {n} minutes earlier ({clock})", shift, start - shift),
                moved,
                shift // MINUTE,
                pair,
            )
            break
    for cut in sorted(each for each in sooner if timedelta() < each <= min(desk.most, ask.period.duration / 2)):
        moved = replace(ask, period=Period(start, end - cut))
        if pair := serves(moved, desk):
            yield _with(
                "shorten",
                _told("早 {n} 分鐘回來（{clock}）", "Be back {n} minutes sooner ({clock})", cut, end - cut),
                moved,
                cut // MINUTE,
                pair,
            )
            break


def _told(zh: str, en: str, shift: timedelta, at: datetime) -> Words:
    return Words(zh, en).fill(n=shift // MINUTE, clock=local(at).strftime("%H:%M"))


def _smaller(ask: Ask, desk: Desk) -> Iterator[Remedy]:
    """The kind asked for is taken, a smaller one would seat everyone; larger ones are offered anyhow."""
    for code in reversed(list(KINDS)):
        if ask.kind and list(KINDS).index(code) < list(KINDS).index(ask.kind) and ask.fits(KINDS[code].seats):
            other = replace(ask, kind=code)
            if pair := serves(other, desk):
                words = Words("改用{kind}，坐得下", "Take a {kind}, everyone fits").fill(kind=KINDS[code].words)
                yield _with("kind", words, other, KIND_COSTS, pair)
                return


def _alone(ask: Ask, desk: Desk) -> Iterator[Remedy]:
    """Cars there are, drivers there are none."""
    if ask.needs_driver:
        other = replace(ask, needs_driver=False)
        if pair := serves(other, desk):
            yield _with(
                "self_drive",
                Words("自行駕駛（須有駕照登錄）", "Drive yourselves (with a registered licence)"),
                other,
                SELF_COSTS,
                pair,
            )


def _split(ask: Ask, desk: Desk) -> Iterator[Remedy]:
    """Two cars where one does not hold them (V-33)."""
    for first in range((ask.passengers + 1) // 2, ask.passengers):
        one, other = (replace(ask, passengers=n, kind=None) for n in (first, ask.passengers - first))
        if not (a := serves(one, desk)):
            continue
        rest = replace(
            desk,
            cars=[car for car in desk.cars if car.id != a[0]],
            wheels=[each for each in desk.wheels if each.id != a[1]],
        )
        if b := serves(other, rest):
            words = Words("分兩輛車：{a} 人、{b} 人", "In two cars: {a} and {b} people").fill(
                a=first, b=ask.passengers - first
            )
            yield replace(
                _with("split", words, one, SPLIT_COSTS, a), second=_with("split", words, other, SPLIT_COSTS, b)
            )
            return


def _swaps(ask: Ask, desk: Desk) -> Iterator[Remedy]:
    """A car that only one other trip keeps from us, where that trip can go in another."""
    driver = rank_drivers(ask, desk.wheels, desk.limits).best if ask.needs_driver else None
    if ask.needs_driver and driver is None:
        return
    for held in sorted(desk.held, key=lambda each: each.id):
        if not held.ask.period.overlaps(ask.period):
            continue
        car = next((each for each in desk.cars if each.id == held.car_id), None)
        if car is None:
            continue
        without = replace(car, busy=tuple(period for period in car.busy if period != held.ask.period))
        if refuse_car(ask, without, desk.limits):
            continue
        elsewhere = rank_cars(held.ask, [each for each in desk.cars if each.id != car.id], desk.limits).best
        if elsewhere:
            words = Words("{number} 改派 {other}，讓出 {car}", "{number} takes {other} and leaves {car}").fill(
                number=held.number, other=elsewhere.label, car=car.label
            )
            yield _with(
                "swap", words, ask, SWAP_COSTS, (car.id, driver.id if driver else None), other_id=held.id,
                other_car_id=elsewhere.id,
            )  # fmt: skip
            return


def _shares(ask: Ask, desk: Desk) -> Iterator[Remedy]:
    """Riding along with somebody whose car holds all (V-20)."""
    cars = {held.id: held.car_id for held in desk.held}
    for proposal in desk.shares:
        car = next((each for each in desk.cars if each.id == cars.get(proposal.keeper_id)), None)
        if car and proposal.seats <= car.seats:
            merged = replace(
                ask, period=proposal.period, passengers=proposal.seats - 1, km=proposal.km, needs_driver=True
            )
            yield Remedy(
                "share", proposal.words, merged, max(1, proposal.shift_minutes), car.id, other_id=proposal.keeper_id
            )
