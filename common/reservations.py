"""The reservation ledger: whatever can be taken is taken here, all of it or none, and never twice.

A resource is a string such as `vehicle:12` or `part:7b`; a holder is what it was taken for, such as `trip:31`.
Periods are half-open. The guard in `common.db` has the last word; the questions below only find words and
alternatives. N of a kind are N numbered resources. Moving is `release` and `claim` in one transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ColumnElement, Index, String, bindparam, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from common.db import BigId, SharedBase, as_rows, insert_all_or_none
from common.errors import Conflict
from common.period import Period
from common.words import Words

ACTIVE = ("held", "confirmed")


class Reservation(SharedBase):
    """One stretch of one resource's time. `held` ends by itself at `expires_at`; `released` and `expired` are history."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("state IN ('held', 'confirmed', 'released', 'expired')", name="state_known"),
        Index(
            "ix_reservation_active",
            "resource",
            "starts_at",
            sqlite_where=text("state IN ('held', 'confirmed')"),
            postgresql_where=text("state IN ('held', 'confirmed')"),
        ),
        Index("ix_reservation_holder", "holder"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resource: Mapped[str] = mapped_column(String(80))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    holder: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


def is_active() -> ColumnElement[bool]:
    """That a row is held or confirmed, for a WHERE. The states stand in the statement as the index of active rows names
    them: SQLite uses that index for nothing that is bound later."""
    return Reservation.state.in_(bindparam("active", ACTIVE, unique=True, expanding=True, literal_execute=True))


class TakenBy(NamedTuple):
    """Who stands in the way, from when to when."""

    resource: str
    period: Period
    holder: str


class Taken(Conflict):
    """Something asked for is taken. `by` names what stands in the way, as seen in the refusing transaction."""

    words = Words("這段時間剛被別人預約了。", "Someone has just taken this time.")

    def __init__(self, by: Sequence[TakenBy]):
        super().__init__()
        self.by = list(by)


class HoldExpired(Conflict):
    """What was held for this holder is no longer held."""

    words = Words("保留期限已過，時段已釋出。", "The hold has run out and the time was released.")


Want = tuple[str, Period]


def claim(
    session: Session,
    holder: str,
    wants: Iterable[Want],
    *,
    now: datetime,
    state: str = "confirmed",
    expires_at: datetime | None = None,
) -> None:
    """Take every (resource, period) for `holder`, or none of them.

    `state="held"` with `expires_at` makes a hold that lapses by itself. Holds of others that have run out are
    swept first, so nothing free is refused. Raises Taken with what stands in the way; ValueError for no wants.
    """
    ordered = sorted(set(wants))
    if not ordered:
        raise ValueError("nothing to claim")
    resources = sorted({resource for resource, _ in ordered})
    _sweep(session, resources, now)
    rows = [
        {
            "resource": resource,
            "starts_at": period.starts_at,
            "ends_at": period.ends_at,
            "holder": holder,
            "state": state,
            "expires_at": expires_at,
            "created_at": now,
        }
        for resource, period in ordered
    ]
    table = Reservation.__table__
    if not insert_all_or_none(session, table, rows, guard="reservation_no_overlap"):  # type: ignore[arg-type]
        raise Taken(in_the_way(session, ordered, now))


def release(
    session: Session, holder: str, resources: Iterable[str] | None = None, *, from_: datetime | None = None
) -> int:
    """Give back what `holder` has (all, or the named resources); returns how many rows.

    With `from_` only the time from that instant on is given back: what began earlier is shortened to end there
    (a car back early is free for the rest of its trip).
    """
    mine = [Reservation.holder == holder, is_active()]
    if resources is not None:
        mine.append(Reservation.resource.in_(list(resources)))
    count = 0
    if from_ is not None:
        running = [*mine, Reservation.starts_at < from_, Reservation.ends_at > from_]
        count = _changed(session, update(Reservation).where(*running).values(ends_at=from_))
        mine.append(Reservation.starts_at >= from_)
    return count + _changed(session, update(Reservation).where(*mine).values(state="released"))


def release_all(session: Session, holders: Iterable[str]) -> int:
    """Give back everything that any of these holders has, in one statement; returns how many rows."""
    theirs = update(Reservation).where(Reservation.holder.in_(list(holders)), is_active())
    return _changed(session, theirs.values(state="released").execution_options(synchronize_session=False))


def hand_over(session: Session, holder: str, to: str, wants: Iterable[Want]) -> None:
    """Put some of what `holder` has under another name: what was claimed as one may be given back in parts."""
    for resource, period in wants:
        row = [Reservation.holder == holder, Reservation.resource == resource, is_active()]
        mine = [*row, Reservation.starts_at == period.starts_at, Reservation.ends_at == period.ends_at]
        session.execute(update(Reservation).where(*mine).values(holder=to))


def confirm(session: Session, holder: str, *, now: datetime) -> None:
    """Turn every hold of `holder` into a confirmed reservation. Raises HoldExpired when none is held any more."""
    _sweep(session, None, now, holder)
    held = update(Reservation).where(Reservation.holder == holder, Reservation.state == "held")
    if not _changed(session, held.values(state="confirmed", expires_at=None)):
        raise HoldExpired


def hold_until(session: Session, holder: str, expires_at: datetime | None, *, now: datetime) -> None:
    """Set another deadline for what `holder` has on hold (None: no deadline). Raises HoldExpired when nothing is held."""
    _sweep(session, None, now, holder)
    held = update(Reservation).where(Reservation.holder == holder, Reservation.state == "held")
    if not _changed(session, held.values(expires_at=expires_at)):
        raise HoldExpired


def held_by(session: Session, holder: str) -> list[Reservation]:
    """What `holder` has now, in order of resource and time."""
    mine = select(Reservation).where(Reservation.holder == holder, is_active())
    return list(session.scalars(mine.order_by(Reservation.resource, Reservation.starts_at)))


def taken(
    session: Session, resources: Iterable[str], period: Period, now: datetime, *, states: Sequence[str] = ACTIVE
) -> list[TakenBy]:
    """What is taken of these resources within `period`, in order of resource and time; `states=("held",)`: only holds."""
    return [
        TakenBy(row.resource, row.period, row.holder)
        for row in session.scalars(
            select(Reservation)
            .where(
                Reservation.resource.in_(list(resources)),
                is_active(),
                Reservation.state.in_(states),
                Reservation.starts_at < period.ends_at,
                Reservation.ends_at > period.starts_at,
                (Reservation.expires_at.is_(None)) | (Reservation.expires_at > now),
            )
            .order_by(Reservation.resource, Reservation.starts_at)
        )
    ]


def busy(session: Session, resources: Iterable[str], period: Period, now: datetime) -> dict[str, list[Period]]:
    """For each resource that is taken at all within `period`: when."""
    out: dict[str, list[Period]] = defaultdict(list)
    for resource, when, _holder in taken(session, resources, period, now):
        out[resource].append(when)
    return dict(out)


def free(session: Session, resources: Iterable[str], period: Period, now: datetime) -> list[str]:
    """The resources of which nothing within `period` is taken, in the order given.

    What is taken of one resource never overlaps, so only the last stretch that starts before the period ends can reach
    into it: one look into the index for each resource, however long its history.
    """
    wanted = list(resources)
    if not wanted:
        return []
    asked = as_rows(session, wanted)
    last_end = (
        select(Reservation.ends_at)
        .where(
            Reservation.resource == asked,
            is_active(),
            Reservation.starts_at < period.ends_at,
            (Reservation.expires_at.is_(None)) | (Reservation.expires_at > now),
        )
        .order_by(Reservation.starts_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    occupied: set[str] = set(session.scalars(select(asked).where(last_end > period.starts_at)))
    return [resource for resource in wanted if resource not in occupied]


def in_the_way(session: Session, wants: Iterable[Want], now: datetime) -> list[TakenBy]:
    """What stands in the way of each want."""
    return [by for resource, period in wants for by in taken(session, [resource], period, now)]


def _sweep(session: Session, resources: Sequence[str] | None, now: datetime, holder: str | None = None) -> None:
    due = [is_active(), Reservation.state == "held", Reservation.expires_at <= now]
    if resources is not None:
        due.append(Reservation.resource.in_(resources))
    if holder is not None:
        due.append(Reservation.holder == holder)
    session.execute(update(Reservation).where(*due).values(state="expired"))


def _changed(session: Session, statement: object) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[call-overload]
