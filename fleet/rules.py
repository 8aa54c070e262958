"""The dated parameters of the fleet, each with its basis in docs/rules.md.

The first migration writes the first version of each; a change is a new row in `policy` with its date, never an edit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.period import today
from fleet.dispatch import Limits
from fleet.models import Policy


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
        )


def in_force(session: Session, now: datetime) -> Rules:
    """The latest version of each parameter valid on the local day of `now`; read once per session, which is one transaction."""
    kept: dict[date, Rules] = session.info.setdefault("fleet.rules", {})
    day = today(now)
    if day not in kept:
        rows = session.scalars(select(Policy).where(Policy.valid_from <= day).order_by(Policy.valid_from))
        kept[day] = Rules({row.key: row for row in rows})
    return kept[day]
