"""What running sessions may draw, as their posts are told it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from fleet.electric import charging, posts, site
from fleet.models.charging import STEP


@dataclass(frozen=True)
class Order:
    """The power of one running session: kW of each quarter of an hour from `starts_at` on. `reference` is the post's number."""

    session_id: int
    code: str
    reference: str
    starts_at: datetime
    kw: list[float]

    def periods(self) -> list[tuple[int, float]]:
        """(seconds from the start, watts), equal neighbours joined; after the last step nothing more."""
        out: list[tuple[int, float]] = []
        for n, kw in enumerate([*self.kw, 0.0]):
            watts = round(kw * 1000.0, 1)
            if not out or out[-1][1] != watts:
                out.append((n * int(STEP.total_seconds()), watts))
        return out


def running(session: Session, now: datetime) -> list[Order]:
    """Orders for every session that still draws.

    One without a plan of its own (a stranger's card, a time others have booked) shares what the planned ones leave.
    """
    found = [row for row in posts.plugged(session) if row.ended_at is None]
    here = charging.quarter(now)
    power = site.power(session, here, 1)[0]
    planned = [
        row for row in found if row.slot is not None and row.slot.plan is not None and row.slot.state == "booked"
    ]
    used = sum(row.slot.kw_at(max(here, row.slot.starts_at)) for row in planned if row.slot)
    others = [row for row in found if row not in planned]
    share = max(0.0, power.limit - used) / len(others) if others else 0.0
    out = [
        Order(row.id, row.charger.code, row.reference, row.slot.starts_at, [float(kw) for kw in row.slot.plan])
        for row in planned
        if row.slot is not None and row.slot.plan is not None
    ]
    for row in others:
        most = row.vehicle.draws_kw(row.charger.power_kw, row.charger.supply) if row.vehicle else row.charger.power_kw
        out.append(Order(row.id, row.charger.code, row.reference, here, [round(min(most, share), 1)] * 4))
    return out
