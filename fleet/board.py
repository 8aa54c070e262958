"""What the dispatcher's board shows: rows of cars by kind, bars of what they do, and what needs attention. Reads, never writes.

A handful of queries whatever the number of trips; `fleet.lanes` does the geometry. Conflicts are told, not prevented, here:
the ledger never holds a car twice, but a trip may run over its time, or have been given a car all the same (decision 0012).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from common import reservations
from common.identity import Person
from common.period import Period, local
from common.reservations import Reservation
from common.words import Words
from fleet import pool, rules, trips
from fleet.electric import charging, state_of_charge
from fleet.lanes import Line, Place, clashes, covered, lanes, overlap
from fleet.models import ChargingSlot, Driver, DriverLeave, Trip, Vehicle
from fleet.models.trip import HOLDING
from fleet.plans.dispatch import Car
from fleet.terms import VEHICLE_STATES

QUEUE = ("approved",)
BACK = ("finished", "signed_off")
ON_BOARD = (*HOLDING, *BACK)
MOVABLE = ("assigned", "assigned_one_way", "accepted")
OUT_OF_USE = Words("停用", "Out of use")
FILTERS: dict[str, Words] = {
    "running": Words("行駛中", "out now"),
    "clash": Words("衝突", "conflicts"),
    "low": Words("電量不足", "low charge"),
    "idle": Words("空車", "idle"),
}


@dataclass(frozen=True)
class Bar:
    """One stretch on a row. `kind` is its look: ok, wait, run, back, charge or off. `left_percent`: charge on return."""

    key: str
    kind: str
    period: Period
    place: Place
    title: Words
    state: Words
    trip: Trip | None = None
    lane: int = 0
    clash: bool = False
    late: bool = False
    left_percent: int | None = None
    low: bool = False

    @property
    def movable(self) -> bool:
        """Whether it can be placed elsewhere: nothing under way is dragged."""
        return self.trip is not None and self.trip.status in MOVABLE


@dataclass(frozen=True)
class Row:
    """One car (or driver) and its bars, in `lanes` lanes. `facts` are short words under the name; `warnings` stand out."""

    unit: Any
    bars: tuple[Bar, ...]
    lanes: int
    out: bool = False
    off: Words | None = None
    facts: tuple[Words, ...] = ()
    warnings: tuple[Words, ...] = ()

    @property
    def clash(self) -> bool:
        return any(bar.clash for bar in self.bars)

    @property
    def low(self) -> bool:
        return any(bar.low for bar in self.bars)

    def fits(self, which: str) -> bool:
        """Whether a filter shows it."""
        if which == "running":
            return self.out
        if which == "idle":
            return not self.bars and self.off is None
        return which not in FILTERS or bool(getattr(self, which))


@dataclass(frozen=True)
class Group:
    """Rows of one kind, and how much of the hours shown their trips fill, in percent."""

    words: Words
    rows: tuple[Row, ...]
    use: int | None = None


@dataclass(frozen=True)
class Board:
    """All of it, as of `now`. Counts are numbers of rows, so that a filter shows exactly as many."""

    line: Line
    now: datetime
    groups: tuple[Group, ...]
    field: str
    queue: tuple[Trip, ...]
    revision: str
    total: int
    counts: dict[str, int]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def bars(self) -> list[Bar]:
        return [bar for row in self.rows for bar in row.bars]

    @property
    def now_at(self) -> int | None:
        """Where the present minute lies on the line; None outside of it."""
        place = self.line.at(self.now)
        return place if self.line.period.contains(self.now) and 0 < place < self.line.length else None

    def narrowed(self, which: str) -> list[Group]:
        """The groups with the rows a filter shows; groups without any are left out."""
        kept = [
            Group(group.words, tuple(row for row in group.rows if row.fits(which)), group.use) for group in self.groups
        ]
        return [group for group in kept if group.rows]

    def clashes_of(self, trip: Trip) -> list[tuple[Trip, int]]:
        """The trips that want the same car or driver at the same time as `trip`, each with how many minutes."""
        found: dict[int, tuple[Trip, int]] = {}
        for row in self.rows:
            mine = next((bar for bar in row.bars if bar.trip is trip and bar.clash), None)
            for bar in row.bars if mine else ():
                if mine and bar is not mine and bar.clash and bar.trip and bar.period.overlaps(mine.period):
                    minutes = int(overlap(mine.period, bar.period) / timedelta(minutes=1))
                    found[bar.trip.id] = (bar.trip, minutes)
        return list(found.values())


def read(session: Session, person: Person, now: datetime, line: Line) -> Board:
    """The board of cars for the days of `line`, for a person who may dispatch."""
    found = trips_within(session, person, now, line)
    vehicles = pool.vehicles(session)
    limits = rules.in_force(session, now).limits
    left = _left_on_return(session, now, line, found)
    blocks = _blocks(session, now, line, vehicles)
    slots = charging.slots_within(session, line.period)
    groups = []
    for code, words in pool.GROUPS.items():
        rows = []
        for vehicle in (each for each in vehicles if each.group == code):
            mine = [trip for trip in found if trip.vehicle_id == vehicle.id]
            bars = [_trip_bar(trip, now, line, left, limits.min_charge_percent) for trip in mine]
            bars += [_slot_bar(slot, line) for slot in slots if slot.vehicle_id == vehicle.id]
            bars += blocks.get(vehicle.resource, [])
            if vehicle.state != "in_service":
                bars += _whole(f"s{vehicle.id}", VEHICLE_STATES[vehicle.state], line)
            rows.append(
                row_of(
                    vehicle,
                    bars,
                    off=None if vehicle.state == "in_service" else VEHICLE_STATES[vehicle.state],
                    out=any(trip.status == "under_way" for trip in mine),
                )
            )
        if rows:
            groups.append(Group(words, tuple(rows), _use(rows, line)))
    return board_of(session, person, now, line, tuple(groups), "vehicle_id", found)


def board_of(
    session: Session,
    person: Person,
    now: datetime,
    line: Line,
    groups: tuple[Group, ...],
    field: str,
    found: list[Trip],
) -> Board:
    """The board around these groups: queue, counts, revision."""
    rows = [row for group in groups for row in group.rows]
    counts = {which: sum(row.fits(which) for row in rows) for which in FILTERS}
    waiting = tuple(queue(session, person))
    total = len({trip.id for trip in found})
    return Board(line, now, groups, field, waiting, revision(session, line), total, counts)


def queue(session: Session, person: Person) -> list[Trip]:
    """What waits for a car: urgent business first (V-15), then by departure."""
    waiting = trips.visible(person).where(Trip.status.in_(QUEUE))
    rows = session.scalars(waiting.options(*WITH).order_by(Trip.starts_at)).unique()
    return sorted(rows, key=lambda trip: (trip.urgent_reason is None, trip.starts_at))


WITH = (joinedload(Trip.agency), joinedload(Trip.requester), joinedload(Trip.vehicle), joinedload(Trip.driver))


def touching(line: Line, now: datetime) -> ColumnElement[bool]:
    """Trips of the days shown; today also what should be back and is not."""
    ends = Trip.ends_at > line.period.starts_at
    if line.period.contains(now):
        ends = or_(ends, Trip.status == "under_way")
    return and_(Trip.starts_at < line.period.ends_at, ends)


def trips_within(session: Session, person: Person, now: datetime, line: Line) -> list[Trip]:
    """The trips with a car on the days of `line`, by departure."""
    rows = trips.visible(person).where(Trip.status.in_(ON_BOARD), Trip.vehicle_id.is_not(None), touching(line, now))
    return list(session.scalars(rows.options(*WITH).order_by(Trip.starts_at, Trip.id)).unique())


def shown_period(trip: Trip, now: datetime) -> Period:
    """When it takes its car: as reserved; until now where it runs late; until it was back where it is."""
    starts_at = min(trip.car_period.starts_at, trip.started_at or trip.car_period.starts_at)
    if trip.status in BACK and trip.finished_at:
        return Period(min(starts_at, trip.finished_at - timedelta(minutes=1)), trip.finished_at)
    if trip.status == "under_way":
        return Period(min(starts_at, trip.car_period.starts_at), max(trip.car_period.ends_at, now))
    return trip.car_period


def look_of(trip: Trip) -> str:
    """The look of its bar."""
    if trip.status in BACK:
        return "back"
    if trip.status == "under_way":
        return "run"
    return "ok" if trip.status == "accepted" or not trip.needs_driver else "wait"


def _trip_bar(trip: Trip, now: datetime, line: Line, left: dict[int, int], least: int) -> Bar | None:
    period = shown_period(trip, now)
    place = line.place(period)
    if place is None:
        return None
    on_return = left.get(trip.id)
    return Bar(
        key=f"t{trip.id}", kind=look_of(trip), period=period, place=place, title=Words.same(trip.purpose), state=trip.status_words,
        trip=trip, late=trip.status == "under_way" and now > trip.ends_at, left_percent=on_return,
        low=on_return is not None and on_return < least,
    )  # fmt: skip


def trip_bars(found: Iterable[Trip], now: datetime, line: Line) -> list[Bar | None]:
    """Plain bars of these trips."""
    return [_trip_bar(trip, now, line, {}, 0) for trip in found]


def block(key: str, words: Words, period: Period, line: Line) -> Bar | None:
    """A hatched stretch in which the unit cannot be had."""
    place = line.place(period)
    return Bar(key=key, kind="off", period=period, place=place, title=words, state=OUT_OF_USE) if place else None


def _whole(key: str, words: Words, line: Line) -> list[Bar | None]:
    return [block(key, words, line.period, line)]


def _slot_bar(slot: ChargingSlot, line: Line) -> Bar | None:
    place = line.place(slot.period)
    if place is None:
        return None
    words = Words("充電 {code}", "Charging {code}").fill(code=slot.charger.code)
    told = Words("充到 {n}%", "to {n}%").fill(n=slot.target_percent)
    return Bar(key=f"c{slot.id}", kind="charge", period=slot.period, place=place, title=words, state=told)


def _blocks(session: Session, now: datetime, line: Line, vehicles: list[Vehicle]) -> dict[str, list[Bar | None]]:
    """What else the ledger holds cars for: upkeep, recall, and whatever comes."""
    out: dict[str, list[Bar | None]] = {}
    for n, by in enumerate(reservations.taken(session, [each.resource for each in vehicles], line.period, now)):
        kind = by.holder.partition(":")[0]
        if kind not in ("trip", "charging"):
            words = pool.HELD_FOR.get(kind, OUT_OF_USE)
            out.setdefault(by.resource, []).append(block(f"x{n}", words, by.period, line))
    return out


def row_of(unit: Any, bars: Sequence[Bar | None], **more: Any) -> Row:
    """A row with its bars in lanes and the overlapping ones marked."""
    shown = sorted((bar for bar in bars if bar), key=lambda bar: (bar.period.starts_at, bar.key))
    live = [n for n, bar in enumerate(shown) if bar.trip and bar.trip.status in HOLDING]
    clashing = {live[n] for n in clashes([shown[n].period for n in live])}
    where = lanes([(bar.place.left, bar.place.right) for bar in shown])
    placed = tuple(Bar(**{**vars(bar), "lane": where[n], "clash": n in clashing}) for n, bar in enumerate(shown))
    return Row(unit, placed, max(where, default=0) + 1, **more)


def _use(rows: list[Row], line: Line) -> int:
    """Percent of the hours shown that trips fill, on cars in service."""
    serving = [row for row in rows if row.off is None]
    if not serving:
        return 0
    hours = line.hours
    taken = sum(
        (covered(day, [bar.period for bar in row.bars if bar.trip]) for row in serving for day in hours), timedelta()
    )
    return round(100 * taken / (len(serving) * sum((day.duration for day in hours), timedelta())))


def _left_on_return(session: Session, now: datetime, line: Line, found: list[Trip]) -> dict[int, int]:
    """Battery percentage expected on return of each electric car's coming trip (V-76); on a day's board only.

    `pool.charge_at` is asked once for each moment at which such a trip leaves.
    """
    if line.days > 1:
        return {}
    coming = [
        trip
        for trip in found
        if trip.status in MOVABLE and trip.vehicle and trip.vehicle.electric and trip.starts_at > now
    ]
    rule = rules.in_force(session, now)
    out: dict[int, int] = {}
    for moment in sorted({trip.starts_at for trip in coming}):
        leaving = [trip for trip in coming if trip.starts_at == moment]
        cars = [trip.vehicle for trip in leaving if trip.vehicle]
        charge = pool.charge_at(session, cars, moment, now, rule)
        ranges = state_of_charge.ranges(session, cars, local(moment).date(), rule)
        for trip, car in zip(leaving, cars, strict=True):
            reach = ranges.get(car.id) if car.battery_kwh else None
            after = Car(car.id, car.label, car.kind, car.seats, True, charge.get(car.id), reach).charge_after(
                trip.distance_km
            )
            if after is not None:
                out[trip.id] = after
    return out


# ── What changed ───────────────────────────────────────────────────────────────────────────────────────────────────


def revision(session: Session, line: Line) -> str:
    """A short text that changes whenever anything on these days' board does."""
    period = line.period
    queries: list[Any] = [
        select(Trip.id, Trip.rev).where(_in_scope(line)),
        select(Vehicle.id, Vehicle.rev),
        select(Driver.id, Driver.rev, Driver.employed),
        select(ChargingSlot.id, ChargingSlot.rev).where(_touches(ChargingSlot, period)),
        select(DriverLeave.id, DriverLeave.rev).where(_touches(DriverLeave, period)),
        select(Reservation.id, Reservation.ends_at).where(
            _touches(Reservation, period), Reservation.state == "confirmed"
        ),
    ]
    seen = [sorted(tuple(row) for row in session.execute(query)) for query in queries]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def changes_since(session: Session, line: Line, since: datetime) -> int:
    """How many trips of these days, or of the queue, changed after `since`."""
    changed = select(func.count()).select_from(Trip).where(_in_scope(line), Trip.changed_at > since)
    return session.scalar(changed) or 0


def _in_scope(line: Line) -> ColumnElement[bool]:
    return or_(_touches(Trip, line.period), Trip.status.in_((*QUEUE, "under_way")))


def _touches(model: Any, period: Period) -> ColumnElement[bool]:
    return and_(model.starts_at < period.ends_at, model.ends_at > period.starts_at)


def line_for(day: date, view: str) -> Line:
    """A day's line, or the week's (Monday first) in which the day lies."""
    return Line(day - timedelta(days=day.weekday()), 7) if view == "week" else Line(day)
