"""How many days one applicant may have of a hall: so many a month (S-31), so many running (S-32). Off unless its tariff says so."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.db import for_update
from common.errors import Invalid
from common.identity import Agency
from common.period import add_months
from venues import vocabulary
from venues.models import Booking, BookingSlot, Venue
from venues.tariffs import Applying
from venues.tariffs.applying import too_many


def days_had(
    session: Session, place: Venue, agency_id: int, around: Iterable[date], *, but: int | None = None
) -> set[date]:
    """The days a body has or asked for of the place, its whole or its parts, in the months of `around` and those beside.

    `but` is a booking that does not count: the one that is moved.
    """
    days = sorted(around)
    first, last = add_months(days[0].replace(day=1), -1), add_months(days[-1].replace(day=1), 2)
    whole = place.whole or place
    found = select(BookingSlot.day).join(Booking).where(
        Booking.agency_id == agency_id, Booking.status.not_in(vocabulary.ENDED), BookingSlot.day >= first,
        BookingSlot.day < last, Booking.venue_id.in_([whole.id, *(part.id for part in whole.parts)]),
    )  # fmt: skip
    return set(session.scalars(found.where(Booking.id != but) if but else found))


def check(
    session: Session, place: Venue, rules: Applying, agency_id: int, days: Iterable[date], *, but: int | None = None
) -> None:
    """Raises Invalid (field `slots`) for more days than the hall's rule leaves this body.

    Two applications of one body wait for each other here, so that both together keep the limit.
    """
    if not (rules.month_days or rules.running_days):
        return
    session.get(Agency, agency_id, **for_update(session, Agency))
    wanted = set(days)
    reach = timedelta(days=rules.running_days.n)
    around = {min(wanted) - reach, max(wanted) + reach}
    wrong = too_many(rules, place.label, days_had(session, place, agency_id, around, but=but), wanted)
    if wrong:
        raise Invalid(wrong, field="slots")
