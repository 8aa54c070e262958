"""Which trips could go in one car (合併派車, V-20): pure, values in, values out.

Two trips of one day that ask to share, whose places lie on one way and whose times are close, make a proposal: the
car leaves early enough for both and comes back when both are done, so nobody is late and nobody is cut short. Of all
possible pairs the set that saves the most kilometres is found exactly (maximum-weight matching, as an integer program).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import asin, ceil, cos, radians, sin, sqrt
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from common.period import Period, local
from common.words import Words
from fleet.terms import KINDS

EARTH_KM = 6371.0
STEP_MINUTES = 5  # times of a merged trip are told in steps of five minutes


class Spot(NamedTuple):
    """A place on the map, in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Ride:
    """A trip as sharing reads it. `km` is one way from `origin`; `seats` those of the car it has, if it has one.

    `spot` is where the destination lies, if that is known; without it only the very same destination counts as one way.
    """

    id: int
    period: Period
    origin: str
    destination: str
    km: int
    passengers: int
    may_share: bool = True
    needs_driver: bool = True
    agency: Words = Words("", "")
    round_trip: bool = True
    spot: Spot | None = None
    seats: int | None = None


@dataclass(frozen=True)
class Limits:
    """The dated parameters of sharing: how far a time may move, how long a detour may be, how fast and winding roads are."""

    max_shift_minutes: int
    max_detour_km: int
    km_an_hour: int
    road_percent: int


@dataclass(frozen=True)
class Proposal:
    """Two trips in one car. `keeper_id` keeps number, car and driver, `joiner_id` rides along.

    `period` is the merged trip's, `km` the whole way driven together and `km_saved` what two cars would have driven
    more. `seats` counts everyone, the driver too. `shift_minutes` is the most that either has to leave earlier or
    come back later.
    """

    keeper_id: int
    joiner_id: int
    period: Period
    km: int
    km_saved: int
    seats: int
    shift_minutes: int
    detour_km: int
    words: Words

    @property
    def ids(self) -> tuple[int, int]:
        return self.keeper_id, self.joiner_id


def pair(
    first: Ride, second: Ride, limits: Limits, *, most_seats: int | None = None, willing: bool = True
) -> Proposal | None:
    """The best way of taking both in one car, or None where nothing is saved or a limit stands against it (V-20).

    `most_seats` is the largest car there is (default: of the kinds we know); `willing=False` asks nobody's consent.
    """
    ways = [way for a, b in ((first, second), (second, first)) if (way := _way(a, b, limits))]
    people = first.passengers + second.passengers + (1 if first.needs_driver or second.needs_driver else 0)
    most = most_seats or max(kind.seats for kind in KINDS.values())
    if not ways or people > most or (willing and not (first.may_share and second.may_share)):
        return None
    km, detour, period, shift = min(ways, key=lambda way: (way[0], way[3], way[1], way[2]))
    apart = (first.km + second.km) * (2 if first.round_trip else 1)
    if km >= apart:
        return None
    keeper, joiner = sorted((first, second), key=lambda ride: _keeps(ride, people))
    return Proposal(
        keeper.id, joiner.id, period, km, apart - km, people, shift, detour, _words(keeper, apart - km, shift)
    )


def partners(ride: Ride, others: Iterable[Ride], limits: Limits, *, most_seats: int | None = None) -> list[Proposal]:
    """Everyone `ride` could share a car with, the most kilometres saved first."""
    found = [
        made for other in others if other.id != ride.id and (made := pair(ride, other, limits, most_seats=most_seats))
    ]
    return sorted(found, key=lambda made: (-made.km_saved, made.shift_minutes, made.ids))


def proposals(
    rides: Sequence[Ride], limits: Limits, *, most_seats: int | None = None, willing: bool = True
) -> list[Proposal]:
    """The pairs that together save the most kilometres, no trip in two of them; of equal savings, the least shift.

    Order: kilometres saved, most first. Exact for any number of trips; made for a day of them.
    """
    rides = sorted({ride.id: ride for ride in rides}.values(), key=lambda ride: (ride.period.starts_at, ride.id))
    window = timedelta(minutes=limits.max_shift_minutes)
    edges: list[Proposal] = []
    for n, ride in enumerate(rides):
        for other in rides[n + 1 :]:
            if other.period.starts_at - ride.period.starts_at > window:
                break
            if made := pair(ride, other, limits, most_seats=most_seats, willing=willing):
                edges.append(made)
    return sorted(_matching(edges), key=lambda made: (-made.km_saved, made.shift_minutes, made.ids))


def km_between(one: Spot, other: Spot, road_percent: int) -> float:
    """Kilometres by road, estimated as the great circle times `road_percent`/100."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half)) * road_percent / 100


def _way(near: Ride, far: Ride, limits: Limits) -> tuple[int, int, Period, int] | None:
    """Both in one car, `near` dropped first: km driven, detour of `far`, the merged time and the largest shift."""
    if near.origin != far.origin or near.round_trip != far.round_trip:
        return None
    if near.destination == far.destination:
        between = 0
    elif near.spot and far.spot:
        between = ceil(km_between(near.spot, far.spot, limits.road_percent))
    else:
        return None
    detour = max(0, near.km + between - far.km)
    if detour > limits.max_detour_km:
        return None
    longer = timedelta(minutes=_step_up(detour * 60 / limits.km_an_hour))
    starts_at = min(near.period.starts_at, far.period.starts_at - longer)
    ends_at = max(near.period.ends_at, far.period.ends_at) + (longer if near.round_trip else timedelta())
    shifts = [max(ride.period.starts_at - starts_at, ends_at - ride.period.ends_at) for ride in (near, far)]
    shift = ceil(max(shifts) / timedelta(minutes=1))
    if shift > limits.max_shift_minutes:
        return None
    km = near.km + between + (far.km if near.round_trip else 0)
    return km, detour, Period(starts_at, ends_at), shift


def _keeps(ride: Ride, people: int) -> tuple[bool, bool, bool, int, int]:
    """Order in which two trips become the keeper: a car that seats all, any car, a driver, more people, the older number."""
    return (
        ride.seats is None or ride.seats < people, ride.seats is None, not ride.needs_driver, -ride.passengers, ride.id,
    )  # fmt: skip


def _words(keeper: Ride, km: int, shift: int) -> Words:
    about = Words("與 {agency} {clock} 的車併車，少開 {km} 公里", "Share with {agency} {clock}, {km} km saved").fill(
        agency=keeper.agency, clock=local(keeper.period.starts_at).strftime("%H:%M"), km=km
    )
    if not shift:
        return about
    return Words("{about}，時間最多差 {n} 分鐘", "{about}, at most {n} minutes’ difference").fill(about=about, n=shift)


def _step_up(minutes: float) -> int:
    return ceil(minutes / STEP_MINUTES) * STEP_MINUTES


def _matching(edges: list[Proposal]) -> list[Proposal]:
    """The edges of a maximum-weight matching. A kilometre outweighs every shift together, so the two never mix."""
    if not edges:
        return []
    ids = {trip_id: n for n, trip_id in enumerate(sorted({each for edge in edges for each in edge.ids}))}
    much = 1 + sum(edge.shift_minutes for edge in edges)
    weight = np.array([edge.km_saved * much - edge.shift_minutes for edge in edges], float)
    ends = np.array([ids[each] for edge in edges for each in edge.ids])
    once = csr_array((np.ones(len(ends)), (ends, np.repeat(np.arange(len(edges)), 2))), shape=(len(ids), len(edges)))
    found = milp(
        -weight, integrality=np.ones(len(edges)), bounds=Bounds(0, 1),
        constraints=LinearConstraint(once, ub=np.ones(len(ids))), options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    if found.x is None:
        raise RuntimeError(f"a matching always exists: {found.message}")
    return [edge for edge, taken in zip(edges, found.x, strict=True) if taken > 0.5]
