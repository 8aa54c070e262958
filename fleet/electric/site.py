"""What the charging posts together may draw, over the day: contract windows, less what events take from the same supply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.period import Period, local, taipei
from fleet.models import ChargingSlot, PowerCut, SiteWindow
from fleet.models.charging import STEP

CHEAP, USUAL = 0.6, 1.0
"""What an off-peak kWh weighs against a usual one when a plan chooses hours."""


@dataclass(frozen=True)
class Power:
    """The site in one quarter of an hour: what it may draw (kW), the contract alone, and whether it is off-peak."""

    at: datetime
    limit: float
    contract: float
    cheap: bool
    sample: bool


def power(session: Session, starts_at: datetime, steps: int) -> list[Power]:
    """The site's limit in each of `steps` quarters of an hour from `starts_at` on; 0 where no window is set."""
    until = starts_at + STEP * steps
    days = {local(starts_at + timedelta(days=n)).date() for n in range((until - starts_at).days + 2)}
    windows = [window for day in sorted(days) for window in _windows(session, day)]
    cuts = [cut for cut in cuts_within(session, Period(starts_at, until)) if cut.kw]
    out, place = [], 0
    for n in range(steps):
        at = starts_at + STEP * n
        while place < len(windows) - 1 and windows[place][0].ends_at <= at:
            place += 1
        period, row = windows[place] if windows else (None, None)
        contract = float(row.kw) if row is not None and period is not None and period.contains(at) else 0.0
        taken = sum(cut.kw for cut in cuts if cut.starts_at < at + STEP and at < cut.ends_at)
        out.append(
            Power(at, max(0.0, contract - taken), contract, bool(row and row.cheap), bool(row and row.sample))
        )  # fmt: skip
    return out


def cuts_within(session: Session, period: Period) -> list[PowerCut]:
    """What events draw within `period`, in order of start."""
    rows = select(PowerCut).where(
        PowerCut.starts_at < period.ends_at, PowerCut.ends_at > period.starts_at, PowerCut.kw > 0
    )
    return list(session.scalars(rows.order_by(PowerCut.starts_at)))


def load(slots: Sequence[ChargingSlot], starts_at: datetime, steps: int) -> list[float]:
    """What booked sessions draw by plan in each quarter of an hour, kW."""
    out = [0.0] * steps
    for slot in slots:
        first = max(0, (slot.starts_at - starts_at) // STEP)
        for n in range(first, min(steps, -(-(slot.ends_at - starts_at) // STEP))):
            out[n] += slot.kw_at(max(starts_at + STEP * n, slot.starts_at))
    return out


def lower(
    session: Session, *, subject: str, what: str, starts_at: datetime, ends_at: datetime, kw: int, now: datetime
) -> PowerCut | None:
    """Take `kw` off the site for a while, as told at `now` about `subject`; told again it is replaced, with 0 it is over."""
    row = session.scalars(
        select(PowerCut).where(PowerCut.subject == subject, PowerCut.starts_at == starts_at)
    ).one_or_none()
    if row is None and kw == 0:
        return None
    if row is None:
        row = PowerCut(subject=subject, what=what, starts_at=starts_at, ends_at=ends_at, kw=kw, told_at=now)
        session.add(row)
    elif now >= row.told_at:
        row.what, row.ends_at, row.kw, row.told_at = what, ends_at, kw, now
    session.flush()
    return row


def _windows(session: Session, day: date) -> list[tuple[Period, SiteWindow]]:
    """The windows in force on one Taipei day: those of the newest date that is not after it."""
    newest = session.scalar(
        select(SiteWindow.valid_from).where(SiteWindow.valid_from <= day).order_by(SiteWindow.valid_from.desc())
    )
    rows = session.scalars(select(SiteWindow).where(SiteWindow.valid_from == newest).order_by(SiteWindow.opens))
    return [(Period(taipei(day, row.opens), taipei(day, row.closes)), row) for row in rows]
