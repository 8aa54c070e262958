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
from common.words import Words
from venues import government_calendar
from venues.models import TariffRow, Venue
from venues.slots import SlotTime
from venues.tariffs import NO_CONDITIONS, Applying
from venues.tariffs.applying import needs_emergency, outside

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


def rooms(session: Session) -> list[Venue]:
    """The meeting rooms in use, in order of the list; alone, for a page that tells of their names and floors only."""
    found = select(Venue).where(Venue.active, Venue.kind == "room").order_by(Venue.place_in_list)
    return list(session.scalars(found))


def venue(session: Session, venue_id: int, *, by_slots: bool | None = None) -> Venue:
    """One venue in use; with `by_slots`, only one that is (or is not) applied for by slots. Raises NotFound."""
    found = session.get(Venue, venue_id)
    if found is None or not found.active or (by_slots is not None and found.by_slots != by_slots):
        raise NotFound
    return found


def tariff_row(session: Session, place: Venue, day: date) -> TariffRow:
    """The tariff in force on `day`; a part without one of its own has its whole's. Raises Invalid when there is none yet."""
    versions = select(TariffRow).where(TariffRow.venue_id == place.id, TariffRow.effective_from <= day)
    found = session.scalars(versions.order_by(TariffRow.effective_from.desc()).limit(1)).first()
    if found is None and place.whole is not None:
        return tariff_row(session, place.whole, day)
    if found is None:
        words = Words(
            "「{venue}」還沒有收費標準，請洽場地承辦", "{venue} has no tariff yet; please ask the venue officer"
        )
        raise Invalid(words.fill(venue=place.label), field="venue_id")
    return found


def rules_of(session: Session, place: Venue, day: date) -> Applying:
    """The hall's conditions of applying in force on `day` (S-31…S-36, S-41); none where it has no tariff yet."""
    try:
        return tariff_row(session, place, day).tariff.applying
    except Invalid:
        return NO_CONDITIONS


def window(place: Venue, now: datetime, rules: Applying, applicant_class: str = "") -> tuple[date, date]:
    """The first and last day of use that may be applied for today (S-10, S-11, or the hall's own rule in `rules`).

    The last is `date.max` for a class that may apply however early (S-31).
    """
    own, day = rules.window or place.window, today(now)
    return day + timedelta(days=own.closes), own.last_day(day, applicant_class)


def check_window(
    place: Venue, rules: Applying, days: Iterable[date], now: datetime, *, applicant_class: str = "", emergency: str = ""
) -> bool:  # fmt: skip
    """Whether the days can be had by the emergency path only (S-32); a stated `emergency` opens it.

    Raises Invalid (field `slots`), naming the rule and the first or last day on which a day may be applied for (S-10).
    """
    wanted = sorted(days)
    for day in wanted:
        told = {"applicant_class": applicant_class, "emergency": emergency}
        wrong = outside(rules, place.window, place.label, day, today(now), **told)
        if wrong:
            raise Invalid(wrong, field="slots")
    return needs_emergency(rules, place.window, wanted, today(now))


def slot_states(
    session: Session, place: Venue, first: date, last: date, now: datetime, applicant_class: str = "", *,
    by_emergency: bool = False,
) -> list[SlotState]:  # fmt: skip
    """Every slot from `first` to `last`: free, held (somebody applied), taken, or closed to applications today.

    `applicant_class`: as this class finds it, where classes have different windows (S-31). With `by_emergency`, days that
    an unforeseeable emergency may still have are open too (S-32).

    Raises Invalid (field `until`) for more than LONGEST_LOOK days.
    """
    if last < first or (last - first).days > LONGEST_LOOK:
        words = Words("一次最多查 {days} 天", "{days} days at most in one search").fill(days=LONGEST_LOOK)
        raise Invalid(words, field="until")
    whole = place.with_buffers(Period(taipei(first, "00:00"), taipei(last, "24:00")))
    occupied = [(row.period, row.state) for row in _reservations(session, place, whole, now)]
    rules = rules_of(session, place, today(now))
    opened, closed = window(place, now, rules, applicant_class)
    if by_emergency and rules.emergency:
        opened = min(opened, today(now) + timedelta(days=rules.emergency.n))
    out = []
    day = first
    while day <= last:
        for slot in place.plan:
            period = place.with_buffers(slot.on(day))
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
        reservations.is_active(),
        Reservation.starts_at < period.ends_at,
        Reservation.ends_at > period.starts_at,
        (Reservation.expires_at.is_(None)) | (Reservation.expires_at > now),
    )
    return list(session.scalars(found))


def busy(session: Session, place: Venue, period: Period, now: datetime) -> list[Period]:
    """When the venue or any part of it is taken within `period`."""
    found = reservations.busy(session, place.resources, period, now)
    return merged([each for times in found.values() for each in times])


def pay_by(session: Session, row: TariffRow, now: datetime, first_use: date) -> datetime:
    """Until when an approval of this moment is held: 17:00 of the day the tariff's pay-by rule names (S-33, sample)."""
    rule, day = row.tariff.pay, today(now)
    calendar = government_calendar.between(session, day, day + timedelta(days=60 + 2 * rule.days))
    return taipei(rule.due(day, first_use, calendar), PAY_UNTIL)


def working_day(session: Session, day: date, count: int) -> date:
    """The `count`-th working day after `day` (C-05)."""
    return government_calendar.between(session, day, day + timedelta(days=60)).working_day_after(day, count)
