"""Another time for whom a contest gave nothing: the same application goes on, with other slots (S-30)."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from common import audit
from common.db import for_update
from common.errors import Forbidden, Invalid
from common.identity import Person
from common.words import Words
from venues import availability, contests, day_limits, government_calendar, hindrances, messages, reductions
from venues.bookings import check_days, find
from venues.holding import hold, periods_of
from venues.models import Booking
from venues.models.contest import LOST
from venues.refusals import NotNow
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

    What was granted to it is taken off the new price too. Its day must lie within the window as of the day it was sent
    (S-10). Posts BookingChanged. Raises NotFound, Forbidden, NotNow, Invalid, Closed, SlotTaken, NotEnough, Stale.
    """
    booking = find(session, person, booking_id)
    session.refresh(booking, **for_update(session, Booking))  # two windows of one applicant may choose at once
    booking.expect(rev)
    if not booking.is_of(person):
        raise Forbidden
    if may_choose(session, booking, now) is None:
        raise NotNow(Words("這一件現在不能改選時段。", "Another time cannot be chosen for this booking now."))
    chosen = tuple(sorted(set(slots)))
    check_days(booking.venue, chosen)
    rules, days = booking.tariff_row.tariff.applying, {each.date for each in chosen}
    told = {"applicant_class": booking.applicant_class, "emergency": booking.emergency}
    availability.check_window(booking.venue, rules, days, booking.submitted_at, **told)
    day_limits.check(session, booking.venue, rules, booking.agency_id, days, but=booking.id)
    for row in list(booking.slots):
        session.delete(row)
    session.flush()
    session.refresh(booking, ["slots"])
    booking.ask_for(chosen)
    booking.slots.sort(key=lambda row: row.starts_at)
    lent = {row.kind: row.quantity for row in booking.equipment}
    price = quote(
        booking.tariff_row.tariff, booking.venue.plan, chosen, booking.applicant_class, booking.overtime_minutes, lent,
        event=booking.event_kind, people=booking.attendees, part=booking.venue.code,
        calendar=government_calendar.between(session, chosen[0].date, chosen[-1].date),
    )  # fmt: skip
    periods = periods_of(booking)
    hindrances.check_open(session, booking.venue, periods)
    if periods[0].starts_at <= now:
        raise Invalid(Words("這個時段已經過了", "That time has passed"), field="slots")
    booking.starts_at, booking.ends_at = periods[0].starts_at, periods[-1].ends_at
    reductions.set_lines(booking, reductions.granted_lines(session, booking, list(price.lines)))
    hold(session, booking, now)
    booking.moves_to(SUBMITTED, now, person)
    messages.tell(session, messages.BookingChanged, booking, now)
    after = {"status": SUBMITTED, "slots": [[str(each.date), each.slot] for each in chosen], "total": booking.total}
    audit.record(session, person, "booking_chosen_again", f"booking/{booking.id}", now, after=after)
    return booking
