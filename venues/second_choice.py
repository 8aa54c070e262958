"""Another time for whom a contest gave nothing: the same application goes on, with other slots (S-30)."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from common import audit
from common.errors import Forbidden
from common.identity import Person
from common.words import Words
from venues import availability, contests, government_calendar, messages
from venues.bookings import check_days, find
from venues.holding import NotNow, hold, periods_of
from venues.models import Booking, BookingSlot
from venues.models.contest import LOST
from venues.slots import Chosen
from venues.tariffs import quote
from venues.vocabulary import CONTESTED, SUBMITTED


def may_choose(session: Session, booking: Booking, now: datetime) -> datetime | None:
    """Until when other slots may be chosen for a booking that lost its contest; None when they may not."""
    entry = contests.entry_of(session, booking) if booking.status == CONTESTED else None
    return entry.choose_by if entry and entry.result == LOST and entry.choose_by and now < entry.choose_by else None


def choose(
    session: Session, person: Person, now: datetime, booking_id: int, *, slots: Iterable[Chosen], rev: int | None = None
) -> Booking:
    """Take other slots for a booking that lost, at the tariff it was made under; it goes back to the officer's queue.

    Its day must lie within the window as of the day it was sent (S-10). Posts BookingChanged. Raises NotFound, Forbidden,
    NotNow, Invalid, SlotTaken, NotEnough, Stale.
    """
    booking = find(session, person, booking_id)
    booking.expect(rev)
    if not booking.is_of(person):
        raise Forbidden
    if may_choose(session, booking, now) is None:
        raise NotNow(Words("這一件現在不能改選時段。", "Another time cannot be chosen for this booking now."))
    chosen = tuple(sorted(set(slots)))
    check_days(booking.venue, chosen)
    availability.check_window(booking.venue, {each.date for each in chosen}, booking.submitted_at)
    plan = {slot.code: slot for slot in booking.venue.plan}
    for row in list(booking.slots):
        session.delete(row)
    session.flush()
    session.refresh(booking, ["slots"])
    for each in chosen:
        period = plan[each.slot].on(each.date)
        booking.slots.append(
            BookingSlot(day=each.date, slot=each.slot, starts_at=period.starts_at, ends_at=period.ends_at)
        )
    booking.slots.sort(key=lambda row: row.starts_at)
    lent = {row.kind: row.quantity for row in booking.equipment}
    price = quote(
        booking.tariff_row.tariff, booking.venue.plan, chosen, booking.applicant_class, booking.overtime_minutes, lent,
        event=booking.event_kind, people=booking.attendees, part=booking.venue.code,
        calendar=government_calendar.between(session, chosen[0].date, chosen[-1].date),
    )  # fmt: skip
    periods = periods_of(booking)
    booking.starts_at, booking.ends_at = periods[0].starts_at, periods[-1].ends_at
    booking.lines, booking.fee, booking.deposit = [line.to_data() for line in price.lines], price.fee, price.deposit
    hold(session, booking, now)
    booking.moves_to(SUBMITTED, now, person)
    messages.tell(session, messages.BookingChanged, booking, now)
    after = {"status": SUBMITTED, "slots": [[str(each.date), each.slot] for each in chosen], "total": booking.total}
    audit.record(session, person, "booking_chosen_again", f"booking/{booking.id}", now, after=after)
    return booking
