"""The charging board of one day (ux.md §5.4): posts by power, their sessions, the site's load, what needs a hand.

Everything is worked out from what is booked and metered; nothing is planned here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.period import Period, taipei, today
from common.words import Words
from fleet import rules
from fleet.electric import charging, charging_offers, plug_in, posts, site, state_of_charge
from fleet.electric.charging_day import CarPlan, swaps
from fleet.electric.charging_offers import Delay, Over
from fleet.models import Charger, ChargingSession, ChargingSlot, PowerCut, Trip, Vehicle
from fleet.models.charging import STEP
from fleet.models.trip import HOLDING
from fleet.terms import SUPPLIES

OPENS, CLOSES = "06:00", "22:00"
STEPS = 64
WINDOW = timedelta(hours=16)
AHEAD = timedelta(hours=36)


@dataclass(frozen=True)
class Bar:
    """One session on the board. `left`, `width` are shares of the shown hours in percent; `tone` its state: done, run, next."""

    slot: ChargingSlot
    left: float
    width: float
    tone: str
    from_percent: int | None
    to_percent: int | None
    meter: ChargingSession | None

    @property
    def words(self) -> Words:
        return {
            "done": Words("已結束", "over"),
            "run": Words("充電中", "charging"),
            "next": Words("已預約", "booked"),
            "lost": Words("要改排", "needs another slot"),
        }[self.tone]


@dataclass(frozen=True)
class Row:
    """One post with its condition and its sessions of the day."""

    post: Charger
    condition: posts.Condition
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Group:
    """The posts of one power."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Warning:
    """Too much power in a stretch, and the sessions that could wait."""

    over: Over
    delays: tuple[Delay, ...]


@dataclass(frozen=True)
class Board:
    """All of it, for one day."""

    day: date
    groups: tuple[Group, ...]
    power: tuple[site.Power, ...]
    load: tuple[float, ...]
    cuts: tuple[PowerCut, ...]
    warnings: tuple[Warning, ...]
    lost: tuple[ChargingSlot, ...]
    overstays: tuple[ChargingSession, ...]
    double: tuple[tuple[Vehicle, ChargingSlot, ChargingSlot], ...]
    plug_in: tuple[plug_in.PlugIn, ...]
    counts: dict[str, int]
    now_left: float | None

    @property
    def sessions(self) -> int:
        return sum(len(row.bars) for group in self.groups for row in group.rows)

    @property
    def peak(self) -> float:
        return max(self.load, default=0.0)

    @property
    def limit_at_peak(self) -> float:
        """What the site may draw when the load is nearest to (or farthest beyond) its limit, kW."""
        worst = max(range(len(self.power)), key=lambda n: self.load[n] - self.power[n].limit)
        return self.power[worst].limit

    @property
    def scale(self) -> float:
        """The kW at the top of the curve."""
        return max([self.peak, *(each.contract for each in self.power)]) * 1.15 or 1.0

    def line(self, values: list[float]) -> str:
        """Points of a stepped line in a box of 640 × 100: ten units a quarter of an hour."""
        out = []
        for n, value in enumerate(values):
            y = 100 - value / self.scale * 100
            out.append(f"{n * 10},{y:.1f} {n * 10 + 10},{y:.1f}")
        return " ".join(out)

    @property
    def load_line(self) -> str:
        return self.line(list(self.load))

    @property
    def limit_line(self) -> str:
        return self.line([each.limit for each in self.power])


def board(session: Session, now: datetime, day: date) -> Board:
    """The board of `day`."""
    opens, whole = taipei(day, OPENS), Period.of_day(day)
    shown = Period(opens, opens + WINDOW)
    slots = charging.slots_within(session, whole)
    power = site.power(session, opens, STEPS)
    load = site.load(slots, opens, STEPS)
    every = charging.chargers(session)
    condition = posts.conditions(session, every, now)
    metered = {
        row.slot_id: row
        for row in session.scalars(
            select(ChargingSession).where(ChargingSession.slot_id.in_([slot.id for slot in slots]))
        )
    }
    groups: dict[tuple[str, int], list[Row]] = {}
    for post in sorted(every, key=lambda post: (post.supply, post.power_kw, post.code)):
        mine = [slot for slot in slots if slot.charger_id == post.id and slot.period.overlaps(shown)]
        bars = tuple(_bar(slot, shown, now, metered.get(slot.id)) for slot in mine)
        groups.setdefault((post.supply, post.power_kw), []).append(Row(post, condition[post.id], bars))
    ahead = [over for over in charging_offers.overs(power, load) if over.period.ends_at > now]
    counts = {
        code: sum(one.code == code for one in condition.values())
        for code in ("charging", "available", "faulty", "overstay", "offline")
    }
    return Board(
        day=day,
        groups=tuple(Group(f"{SUPPLIES[supply]} {kw} kW", tuple(rows)) for (supply, kw), rows in groups.items()),
        power=tuple(power), load=tuple(load), cuts=tuple(site.cuts_within(session, shown)),
        warnings=tuple(Warning(over, tuple(charging_offers.delays(session, now, over))) for over in ahead),
        lost=tuple(slot for slot in charging.on_faulty_posts(session, now) if slot.period.overlaps(whole)),
        overstays=tuple(posts.overstaying(session, now)) if day == today(now) else (),
        double=tuple(charging_offers.double_booked(session, slots)), counts=counts,
        plug_in=tuple(plug_in.waiting(session, now)) if day == today(now) else (),
        now_left=_share(now, shown) if shown.contains(now) else None,
    )  # fmt: skip


def _share(moment: datetime, shown: Period) -> float:
    return round(max(0.0, min(1.0, (moment - shown.starts_at) / shown.duration)) * 100, 2)


def _bar(slot: ChargingSlot, shown: Period, now: datetime, meter: ChargingSession | None) -> Bar:
    left = _share(slot.starts_at, shown)
    running = slot.starts_at <= now < slot.ends_at
    tone = "done" if slot.ends_at <= now else "lost" if not slot.charger.usable else "run" if running else "next"
    to = meter.percent if meter and meter.ended_at and meter.percent is not None else slot.expected_percent
    return Bar(slot, left, round(_share(slot.ends_at, shown) - left, 2), tone, slot.from_percent, to, meter)


def readiness(session: Session, now: datetime) -> list[CarPlan]:
    """Each electric car and its next trip, by what is booked: ready when and with what to spare, or the exact shortage.

    Those short of charge first, with the cars that could take the trip; then by departure.
    """
    cars = charging_offers.electric_cars(session)
    rule = rules.in_force(session, now)
    found = state_of_charge.outlooks(session, cars, now, now, rule, whole_chain=True)
    least = rule["ev.min_return_percent"]
    coming = select(Trip).where(
        Trip.vehicle_id.in_([car.id for car in cars]), Trip.status.in_(HOLDING), Trip.status != "under_way",
        Trip.starts_at >= now, Trip.starts_at < now + AHEAD,
    )  # fmt: skip
    next_trip: dict[int, Trip] = {}
    for trip in session.scalars(coming.order_by(Trip.starts_at)):
        if trip.vehicle_id is not None:
            next_trip.setdefault(trip.vehicle_id, trip)
    out = []
    for car in cars:
        outlook, trip_ = found[car.id], next_trip.get(car.id)
        percent = int(outlook.at(max(now, outlook.since)) + 1e-9)
        if trip_ is None:
            out.append(CarPlan(car, percent, (), None, False, None, 0, 0.0, 0))
            continue
        battery = outlook.battery
        need = least + battery.percent_for(trip_.distance_km)
        over = (outlook.at(trip_.starts_at) - need) * battery.kwh / 100
        ready = over > -0.01
        short = max(0.0, -over) if not ready else 0.0
        ready_at = _first_enough(outlook, now, trip_.starts_at, need) if ready else None
        could = tuple(swaps(session, now, trip_, car)) if not ready else ()
        out.append(
            CarPlan(
                car,
                percent,
                (),
                trip_,
                ready,
                ready_at,
                battery.km_of(max(0.0, over)),
                short,
                -(-int(short * 1000) // int(battery.wh_per_km)),
                could,
            )  # fmt: skip
        )
    late = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(
        out,
        key=lambda each: (
            each.trip is None,
            each.ready,
            each.trip.starts_at if each.trip else late,
            each.vehicle.plate,
        ),
    )


def _first_enough(outlook: state_of_charge.Outlook, now: datetime, until: datetime, need: float) -> datetime | None:
    """The first quarter of an hour from which the car has enough for its trip; None if it has already."""
    at = max(now, outlook.since)
    if outlook.at(at) >= need - 0.01:
        return None
    at = charging.quarter(at, up=True)
    while at < until and outlook.at(at) < need - 0.01:
        at += STEP
    return at
