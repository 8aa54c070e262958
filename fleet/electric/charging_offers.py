"""Where a car could charge, and how a crowded hour is eased: proposals that keep the site under its contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import reservations
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.period import Period
from common.words import Words
from fleet import rules
from fleet.electric import charging, site, state_of_charge
from fleet.models import Charger, ChargingSlot, Vehicle
from fleet.models.charging import STEP

AHEAD = timedelta(hours=24)
MOST = 4
TOLERANCE = 0.05  # kW


@dataclass(frozen=True)
class Offer:
    """A slot that would do: the post, from when to when, its power, the level it brings, and the site's peak meanwhile."""

    charger: Charger
    period: Period
    kw: float
    percent: int
    peak_kw: float
    limit_kw: float
    cheap: bool


def offers(
    session: Session, now: datetime, vehicle: Vehicle, *, need_by: datetime, target_percent: int, most: int = MOST
) -> list[Offer]:
    """Slots that bring `vehicle` to `target_percent` by `need_by`, the site under its limit throughout; best first.

    Off-peak hours first, then the slowest post that suffices (fast ones stay for those in a hurry), then the earliest.
    Empty when the car is charged enough already, or nothing suffices. Raises Invalid.
    """
    if not vehicle.electric:
        raise Invalid(
            Words("{plate} 不是電動車", "{plate} is not electric").fill(plate=vehicle.plate), field="vehicle_id"
        )
    first = charging.quarter(now, up=True)
    last = min(charging.quarter(need_by), first + AHEAD)
    if last <= first:
        raise Invalid(Words("這個時間已經過了", "That time has passed"), field="need_by")
    rule = rules.in_force(session, now)
    steps = (last - first) // STEP
    power = site.power(session, first, steps)
    taken = site.load(charging.slots_within(session, Period(first, last)), first, steps)
    room = [each.limit - used for each, used in zip(power, taken, strict=True)]
    outlook = state_of_charge.outlooks(session, [vehicle], first, now, rule, whole_chain=True)[vehicle.id]
    posts = [post for post in charging.chargers(session) if post.usable]
    busy = reservations.busy(session, [vehicle.resource, *(post.resource for post in posts)], Period(first, last), now)
    longest = rule["ev.bay_max_hours"] * 4
    found: dict[tuple[float, int], Offer] = {}
    for n in range(steps):
        at = first + STEP * n
        level = outlook.at(max(at, outlook.since))
        missing = (target_percent - level) * outlook.battery.kwh / 100
        if missing <= 0:
            continue
        for post in posts:
            kw = vehicle.draws_kw(post.power_kw, post.supply)
            size = max(1, -(-int(missing / outlook.battery.efficiency * 1000) // int(kw * 250)))
            key = (post.power_kw, n)
            if n + size > steps or size > longest or key in found:
                continue
            period = Period(at, at + STEP * size)
            clash = any(
                each.overlaps(period) for name in (vehicle.resource, post.resource) for each in busy.get(name, ())
            )
            if clash or min(room[n : n + size]) < kw - TOLERANCE:
                continue
            span = range(n, n + size)
            worst = max(span, key=lambda k: taken[k] - power[k].limit)
            found[key] = Offer(
                post,
                period,
                kw,
                target_percent,
                taken[worst] + kw,
                power[worst].limit,
                all(power[k].cheap for k in span),
            )
    ranked = sorted(found.values(), key=lambda each: (not each.cheap, each.charger.power_kw, each.period.starts_at))
    return _spread(ranked, most)


def _spread(ranked: Sequence[Offer], most: int) -> list[Offer]:
    """The best few that differ: not the same post kind a quarter of an hour apart."""
    out: list[Offer] = []
    for each in ranked:
        near = timedelta(hours=1)
        alike = (
            one for one in out
            if one.charger.power_kw == each.charger.power_kw and abs(one.period.starts_at - each.period.starts_at) < near
        )  # fmt: skip
        if next(alike, None) is None:
            out.append(each)
        if len(out) == most:
            break
    return out


# --- easing an hour that would pass the contract ----------------------------------------------------------------


@dataclass(frozen=True)
class Over:
    """A stretch in which the sessions would draw more than the site may: its peak (kW) against the limit then."""

    period: Period
    peak_kw: float
    limit_kw: float


@dataclass(frozen=True)
class Delay:
    """One session moved later: from its slot to another period at the same post."""

    slot: ChargingSlot
    period: Period


def overs(power: Sequence[site.Power], load: Sequence[float]) -> list[Over]:
    """The stretches over the limit, in order."""
    out: list[Over] = []
    run: list[int] = []
    for n in range(len(power) + 1):
        if n < len(power) and load[n] > power[n].limit + TOLERANCE:
            run.append(n)
        elif run:
            worst = max(run, key=lambda k: load[k] - power[k].limit)
            out.append(Over(Period(power[run[0]].at, power[run[-1]].at + STEP), load[worst], power[worst].limit))
            run = []
    return out


def delays(session: Session, now: datetime, over: Over) -> list[Delay]:
    """The fewest sessions, found greedily, that moved later bring `over` under the limit; empty where that cannot be done.

    A session moves only before it has begun, to a time at which post and car are free, the site has room, and the car
    is still ready when it is needed.
    """
    until = over.period.ends_at + timedelta(hours=12)
    first = over.period.starts_at
    steps = (until - first) // STEP
    power = site.power(session, first, steps)
    slots = charging.slots_within(session, Period(first, until))
    load = site.load(slots, first, steps)
    hot = range(steps_of(first, over.period.ends_at))
    movable = [slot for slot in slots if slot.starts_at > now and slot.starts_at < over.period.ends_at]
    movable.sort(key=lambda slot: (-(_latest(session, slot, until) - slot.ends_at), slot.id))
    out = []
    for slot in movable:
        if all(load[n] <= power[n].limit + TOLERANCE for n in hot):
            break
        if (to := _later(session, now, slot, over, power, load, first, until)) is None:
            continue
        for n, used in enumerate(site.load([slot], first, steps)):
            load[n] -= used
        for n in range(steps_of(first, to.starts_at), min(steps, steps_of(first, to.ends_at))):
            load[n] += slot.full_kw
        out.append(Delay(slot, to))
    return out if all(load[n] <= power[n].limit + TOLERANCE for n in hot) else []


def ease(session: Session, person: Person, now: datetime, over: Over) -> list[ChargingSlot]:
    """Move them: 〔延後 2 輛〕. Raises Forbidden, SlotTaken."""
    if not person.has("dispatcher", "admin"):
        raise Forbidden
    moved = []
    for delay in delays(session, now, over):
        moved.append(
            charging.move(
                session, person, now, delay.slot.id, starts_at=delay.period.starts_at, ends_at=delay.period.ends_at
            )
        )
    return moved


def steps_of(first: datetime, moment: datetime) -> int:
    """How many whole steps lie between."""
    return max(0, (moment - first) // STEP)


def _latest(session: Session, slot: ChargingSlot, until: datetime) -> datetime:
    """By when its car has to be done: as booked, else its next trip, else `until`."""
    if slot.need_by:
        return slot.need_by
    return min([each.starts_at for each in _others(session, slot, Period(slot.ends_at, until))] or [until])


def _others(session: Session, slot: ChargingSlot, period: Period) -> list[Period]:
    rows = reservations.taken(session, [slot.charger.resource, slot.vehicle.resource], period, period.starts_at)
    return [each.period for each in rows if each.holder != slot.holder]


def _later(
    session: Session, now: datetime, slot: ChargingSlot, over: Over, power: Sequence[site.Power], load: Sequence[float],
    first: datetime, until: datetime,
) -> Period | None:  # fmt: skip
    """The soonest period after the crowded stretch that takes the whole session."""
    size = slot.ends_at - slot.starts_at
    last = _latest(session, slot, until) - size
    taken = _others(session, slot, Period(over.period.starts_at, until))
    at = max(over.period.ends_at, charging.quarter(now, up=True))
    while at <= last:
        period = Period(at, at + size)
        span = range(steps_of(first, at), min(len(load), steps_of(first, period.ends_at)))
        own = [slot.kw_at(first + STEP * n) for n in span]
        fits = all(
            load[n] - mine + slot.full_kw <= power[n].limit + TOLERANCE for n, mine in zip(span, own, strict=True)
        )
        if fits and not any(each.overlaps(period) for each in taken):
            return period
        at += STEP
    return None


def double_booked(session: Session, slots: Sequence[ChargingSlot]) -> list[tuple[Vehicle, ChargingSlot, ChargingSlot]]:
    """Cars that hold two posts at once. The ledger refuses such a pair; one can only come in by the posts' own reports."""
    ordered = sorted(slots, key=lambda slot: (slot.vehicle_id, slot.starts_at))
    return [
        (one.vehicle, one, other)
        for one, other in zip(ordered, ordered[1:], strict=False)
        if one.vehicle_id == other.vehicle_id and one.period.overlaps(other.period)
    ]


def electric_cars(session: Session) -> list[Vehicle]:
    """The electric cars in service, by plate."""
    rows = select(Vehicle).where(Vehicle.powertrain == "electric", Vehicle.state == "in_service")
    return list(session.scalars(rows.order_by(Vehicle.plate)))
