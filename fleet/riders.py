"""Those who ride along in another trip's car (併單, V-20): what the keeper's fate means for them, and theirs for it.

The keeper has car and driver, its riders have neither. The car's time and seats cover everyone; each rider's requester
signs off the own order. Whoever leaves the car waits for one of their own, promised if there is one.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from common import reservations
from common.identity import Person
from common.period import Period
from fleet.holding import alone, hold
from fleet.journal import happened
from fleet.messages import TripFinished, TripMerged, TripRidersChanged, TripUnmerged
from fleet.models import Trip


def whole_period(trip: Trip, others: Iterable[Trip] | None = None) -> Period:
    """The time the car is needed for when it serves all of `trip` and those who ride along (or would)."""
    parties = [*(trip.riders if others is None else others)]
    return Period(
        min([trip.starts_at, *(each.starts_at for each in parties if each.leg != "back")]),
        max([trip.ends_at, *(each.ends_at for each in parties if each.leg != "out")]),
    )


def tell(session: Session, keeper: Trip, now: datetime) -> None:
    """Riders hear which car and driver they have now, or that these are open again."""
    for rider in keeper.riders:
        if rider.status == "merged":
            rider.changed_at = now
            happened(session, rider, "merged", TripMerged, None, now, note=rider.answer, km_saved=rider.km_saved or 0)


def leave(session: Session, person: Person | None, now: datetime, rider: Trip) -> None:
    """`rider` is no longer in the shared car, which is needed for less; its driver and requester are told."""
    keeper = rider.carried_by
    rider.leave_merge()
    session.flush()
    session.refresh(keeper, ["riders"])
    shrink(session, keeper)
    keeper.changed_at = now
    happened(
        session,
        keeper,
        "riders_changed",
        TripRidersChanged,
        person,
        now,
        note=f"{rider.number} 拆單",
        aboard=keeper.aboard,
    )


def set_down(session: Session, person: Person | None, now: datetime, keeper: Trip, note: str | None) -> None:
    """All riders go back to the queue, each promised a car if there is one: the shared trip does not take place."""
    riders = [rider for rider in keeper.riders if rider.status == "merged"]
    if not riders:
        return
    alone(session)
    for rider in riders:
        rider.leave_merge()
    session.flush()
    session.refresh(keeper, ["riders"])
    for rider in riders:
        hold(session, now, rider)
        rider.changed_at = now
        happened(session, rider, "unmerged", TripUnmerged, person, now, note=note)


def shrink(session: Session, keeper: Trip) -> None:
    """Give back the time that nobody in the car needs any more. Never takes more, so it cannot be refused."""
    if keeper.leg:
        return
    period = whole_period(keeper)
    if period == keeper.car_period:
        return
    keeper.need_car(None, period)
    for row in reservations.held_by(session, keeper.holder):
        row.starts_at, row.ends_at = max(row.starts_at, period.starts_at), min(row.ends_at, period.ends_at)


def finish(session: Session, keeper: Trip, now: datetime, at: datetime) -> None:
    """The shared car came back `at`: every rider has an order to sign off. Its kilometres stand on the keeper's alone."""
    for rider in keeper.riders:
        if rider.status == "merged" and keeper.odometer_in is not None:
            rider.finish(keeper.odometer_in, keeper.odometer_in, at)
            rider.changed_at = now
            happened(
                session, rider, "finished", TripFinished, None, now, note=keeper.number, told=False, at=at,
                odometer_out=keeper.odometer_in, odometer_in=keeper.odometer_in, finished_at=at,
            )  # fmt: skip
