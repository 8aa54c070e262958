"""Which slots are free, taken or closed to applications: the month grid and the free-slot search. Reads the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from common import reservations
from common.errors import Invalid, NotFound
from common.period import Period, merged, taipei, today
from common.reservations import Reservation
from common.roc import day_words
from common.words import Words
from venues.models import DayOff, TariffRow, Venue
from venues.slots import SlotTime, closes_on, opens_on, working_days_after

FREE = "free"
HELD = "held"
TAKEN = "taken"
CLOSED = "closed"

LONGEST_LOOK = 200  # days one search may span
PAY_UNTIL = "17:00"


@dataclass(frozen=True)
class SlotState:
    """One slot of one day and whether it can be applied for now."""

    date: date
    slot: SlotTime
    state: str

    @property
    def period(self) -> Period:
        return self.slot.on(self.date)


def venues(session: Session, kind: str | None = None) -> list[Venue]:
    """The venues in use, in order of the list, with slots and parts."""
    wanted = select(Venue).where(Venue.active).order_by(Venue.place_in_list)
    wanted = wanted.options(selectinload(Venue.slot_rows), selectinload(Venue.parts), selectinload(Venue.manager))
    return list(session.scalars(wanted.where(Venue.kind == kind) if kind else wanted))


def venue(session: Session, venue_id: int, *, by_slots: bool | None = None) -> Venue:
    """One venue in use; with `by_slots`, only one that is (or is not) applied for by slots. Raises NotFound."""
    found = session.get(Venue, venue_id)
    if found is None or not found.active or (by_slots is not None and found.by_slots != by_slots):
        raise NotFound
    return found


def tariff_row(session: Session, place: Venue, day: date) -> TariffRow:
    """The tariff in force on `day`. Raises Invalid when the venue has none yet."""
    versions = select(TariffRow).where(TariffRow.venue_id == place.id, TariffRow.effective_from <= day)
    found = session.scalars(versions.order_by(TariffRow.effective_from.desc()).limit(1)).first()
    if found is None:
        words = Words(
            "「{venue}」還沒有收費標準，請洽場地承辦", "{venue} has no tariff yet; please ask the venue officer"
        )
        raise Invalid(words.fill(venue=place.label), field="venue_id")
    return found


def window(place: Venue, now: datetime) -> tuple[date, date]:
    """The first and last day of use that may be applied for today (S-10, S-11)."""
    day = today(now)
    first = day + timedelta(days=place.closes_days)
    last = day + timedelta(days=28 * place.opens_months)
    while opens_on(last + timedelta(days=1), place.opens_months) <= day:
        last += timedelta(days=1)
    return first, last


def check_window(place: Venue, days: Iterable[date], now: datetime) -> None:
    """Raises Invalid (field `slots`), naming the day from which it may be applied for, or until which it could (S-10)."""
    day_now = today(now)
    rule = Words(
        "{venue}受理使用日前 {months} 個月至 {days} 天。",
        "{venue} takes applications {months} months to {days} days ahead. ",
    ).fill(venue=place.label, months=place.opens_months, days=place.closes_days)
    for day in sorted(days):
        opens, closes = opens_on(day, place.opens_months), closes_on(day, place.closes_days)
        if day_now < opens:
            said = Words("{opens}起可申請 {day}。", "{day} may be applied for from {opens}.")
        elif day_now > closes:
            said = Words("{day} 的申請已於 {closes}截止。", "Applications for {day} closed on {closes}.")
        else:
            continue
        said = said.fill(day=day_words(day), opens=day_words(opens), closes=day_words(closes))
        raise Invalid(Words(rule.zh + said.zh, rule.en + said.en), field="slots")


def slot_states(session: Session, place: Venue, first: date, last: date, now: datetime) -> list[SlotState]:
    """Every slot from `first` to `last`: free, held (somebody applied), taken, or closed to applications today.

    Raises Invalid (field `until`) for more than LONGEST_LOOK days.
    """
    if last < first or (last - first).days > LONGEST_LOOK:
        words = Words("一次最多查 {days} 天", "{days} days at most in one search").fill(days=LONGEST_LOOK)
        raise Invalid(words, field="until")
    whole = Period(taipei(first, "00:00"), taipei(last, "24:00"))
    occupied = [(row.period, row.state) for row in _reservations(session, place, whole, now)]
    opened, closed = window(place, now)
    out = []
    day = first
    while day <= last:
        for slot in place.plan:
            period = slot.on(day)
            by = [state for each, state in occupied if period.overlaps(each)]
            state = FREE if not by else TAKEN if "confirmed" in by else HELD
            if state == FREE and not opened <= day <= closed:
                state = CLOSED
            out.append(SlotState(day, slot, state))
        day += timedelta(days=1)
    return out


def _reservations(session: Session, place: Venue, period: Period, now: datetime) -> list[Reservation]:
    found = select(Reservation).where(
        Reservation.resource.in_(place.resources),
        Reservation.state.in_(reservations.ACTIVE),
        Reservation.starts_at < period.ends_at,
        Reservation.ends_at > period.starts_at,
        (Reservation.expires_at.is_(None)) | (Reservation.expires_at > now),
    )
    return list(session.scalars(found))


def busy(session: Session, place: Venue, period: Period, now: datetime) -> list[Period]:
    """When the venue or any part of it is taken within `period`."""
    found = reservations.busy(session, place.resources, period, now)
    return merged([each for times in found.values() for each in times])


def pay_by(session: Session, row: TariffRow, now: datetime) -> datetime:
    """Until when an approval of this moment is held: 17:00 on the n-th working day after it (S-33, sample)."""
    off = session.scalars(
        select(DayOff.day).where(DayOff.day > today(now), DayOff.day < today(now) + timedelta(days=60))
    )
    return taipei(working_days_after(today(now), row.pay_within_days, off), PAY_UNTIL)
