"""The dated parameters of the fleet, each with its basis in docs/rules.md.

The first migration writes the first version of each; a change is a new row in `policy` with its date, never an edit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.period import today
from fleet.models import Policy
from fleet.plans import sharing
from fleet.plans.dispatch import Limits, round_half_up
from fleet.plans.workhours import Duty
from fleet.terms import KINDS


@dataclass(frozen=True)
class Rules:
    """The parameters in force on one day."""

    rows: Mapping[str, Policy]

    def __getitem__(self, key: str) -> int:
        return self.rows[key].value

    @property
    def limits(self) -> Limits:
        """What dispatch works with."""
        return Limits(
            short_trip_km=self["dispatch.short_trip_km"],
            min_charge_percent=self["ev.min_return_percent"],
            max_driver_hours=self["driver.max_hours_a_day"],
            duty=self.duty,
            licence_ranks={kind: self[f"driver.licence_{kind}"] for kind in KINDS},
        )

    @property
    def duty(self) -> Duty:
        """How long a driver may work (V-50)."""
        return Duty(
            max_hours_a_day=self["driver.max_hours_a_day"],
            max_hours_a_week=self["driver.max_hours_a_week"],
            min_rest_hours=self["driver.min_rest_hours"],
            max_hours_in_a_row=self["driver.max_hours_in_a_row"],
            break_minutes=self["driver.break_minutes"],
            hours_a_day_away=self["driver.hours_a_day_away"],
        )

    def energy_cost(self, powertrain: str, kind: str) -> int:
        """NT$ per 100 km of a car's energy (V-71), to the nearest whole dollar."""
        return round_half_up(self[f"cost.{powertrain}"] * self[f"cost.kind_{kind}"], 100)

    @property
    def sharing(self) -> sharing.Limits:
        """When two trips may share a car (V-20)."""
        return sharing.Limits(
            max_shift_minutes=self["sharing.max_shift_minutes"],
            max_detour_km=self["sharing.max_detour_km"],
            km_an_hour=self["sharing.km_an_hour"],
            road_percent=self["sharing.road_percent"],
        )


def in_force(session: Session, now: datetime) -> Rules:
    """The latest version of each parameter valid on the local day of `now`; read once per session, which is one transaction."""
    kept: dict[date, Rules] = session.info.setdefault("fleet.rules", {})
    day = today(now)
    if day not in kept:
        rows = session.scalars(select(Policy).where(Policy.valid_from <= day).order_by(Policy.valid_from))
        kept[day] = Rules({row.key: row for row in rows})
    return kept[day]
