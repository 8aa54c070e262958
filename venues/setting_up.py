"""Setting up and clearing at night or on the days around a booking: asked for, consented to, held; free of charge (S-08)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import Period
from common.words import Words
from venues import messages, setup_holds
from venues.bookings import find
from venues.holding import SlotTaken, place_wants
from venues.models import DECIDES, Booking, SetupTime
from venues.models.setup_time import ASKED, CONSENTED, REFUSED, TAKEN_BACK
from venues.refusals import NotNow

FARTHEST = timedelta(hours=24)
LONGEST = timedelta(hours=14)


def of(session: Session, booking: Booking) -> list[SetupTime]:
    """What was asked for with a booking, in order of time."""
    mine = select(SetupTime).where(SetupTime.booking_id == booking.id).order_by(SetupTime.starts_at, SetupTime.id)
    return list(session.scalars(mine))


def booking_of(session: Session, setup_id: int) -> int:
    """The booking a stretch belongs to. Raises NotFound."""
    row = session.get(SetupTime, setup_id)
    if row is None:
        raise NotFound
    return row.booking_id


def ask(
    session: Session, person: Person, now: datetime, booking_id: int, *, purpose: str, period: Period, why: str
) -> SetupTime:
    """Ask to set up before a booking or to clear after it. Takes nothing yet.

    Raises NotFound, Forbidden, NotNow; Invalid (field `starts_at` or `ends_at`) for a time that does not lie within a day
    before the start or after the end, or is longer than a night.
    """
    booking = find(session, person, booking_id)
    if not booking.is_of(person):
        raise Forbidden
    if not booking.alive or booking.ends_at <= now:
        raise NotNow(Words("這一件已經結束。", "This booking has ended."))
    _check(booking, purpose, period, now)
    row = SetupTime(
        booking=booking, purpose=purpose, state=ASKED, starts_at=period.starts_at, ends_at=period.ends_at, why=why,
        asked_at=now, asked_by_id=person.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    messages.tell(session, messages.BookingChanged, booking, now)
    after = {"purpose": purpose, "starts_at": period.starts_at, "ends_at": period.ends_at}
    audit.record(session, person, "setup_asked", f"booking/{booking.id}", now, after=after, reason=why)
    return row


def consent(
    session: Session, person: Person, now: datetime, setup_id: int, *, note: str = "", rev: int | None = None
) -> SetupTime:
    """Consent: from now on the time is held with the booking. Raises Forbidden, NotFound, NotNow, SlotTaken, Stale."""
    row = _to_answer(session, person, setup_id, rev)
    booking = row.booking
    if not booking.alive or row.ends_at <= now:
        raise NotNow(Words("這一件已經結束。", "This booking has ended."))
    held = reservations.held_by(session, booking.holder)
    if not held:
        raise NotNow(Words("這一件現在沒有保留檔期。", "This booking holds no time at the moment."))
    wants = place_wants(booking.venue, [row.period])
    like = held[0]
    try:
        reservations.claim(session, booking.holder, wants, now=now, state=like.state, expires_at=like.expires_at)
    except reservations.Taken as taken:
        raise SlotTaken(Words("這段時間已有人使用。", "Somebody has this time."), field="starts_at") from taken
    _answer(session, person, now, row, CONSENTED, note)
    return row


def refuse(
    session: Session, person: Person, now: datetime, setup_id: int, *, note: str, rev: int | None = None
) -> SetupTime:
    """Refuse, saying why. Raises Forbidden, NotFound, NotNow, Stale."""
    row = _to_answer(session, person, setup_id, rev)
    _answer(session, person, now, row, REFUSED, note)
    return row


def take_back(session: Session, person: Person, now: datetime, setup_id: int, *, rev: int | None = None) -> SetupTime:
    """The body does not need it any more; what was held is free again. Raises NotFound, Forbidden, NotNow, Stale."""
    row = session.get(SetupTime, setup_id)
    if row is None:
        raise NotFound
    booking = find(session, person, row.booking_id)
    row.expect(rev)
    if not booking.is_of(person):
        raise Forbidden
    if row.state not in (ASKED, CONSENTED):
        raise NotNow(Words("這一筆已經結束。", "This one has ended already."))
    if row.state == CONSENTED:
        _give_back(session, row)
    row.state = TAKEN_BACK
    audit.record(session, person, "setup_taken_back", f"booking/{booking.id}", now, after={"setup": row.id})
    return row


def _check(booking: Booking, purpose: str, period: Period, now: datetime) -> None:
    if period.starts_at <= now:
        raise Invalid(Words("開始時間已經過了", "The start has already passed"), field="starts_at")
    if period.duration > LONGEST:
        words = Words("一次最多 {n} 小時", "{n} hours at most at one time").fill(n=int(LONGEST.total_seconds() // 3600))
        raise Invalid(words, field="ends_at")
    if (
        purpose == "setup"
        and not booking.starts_at - FARTHEST <= period.starts_at < period.ends_at <= booking.starts_at
    ):
        words = Words(
            "進場佈置要在使用前 24 小時內，並在使用開始前結束",
            "Setting up lies within 24 hours before the start of use",
        )
        raise Invalid(words, field="ends_at" if period.ends_at > booking.starts_at else "starts_at")
    if purpose == "clearing" and not booking.ends_at <= period.starts_at < period.ends_at <= booking.ends_at + FARTHEST:
        words = Words("撤場要在使用結束後 24 小時內", "Clearing lies within 24 hours after the end of use")
        raise Invalid(words, field="starts_at" if period.starts_at < booking.ends_at else "ends_at")


def _to_answer(session: Session, person: Person, setup_id: int, rev: int | None) -> SetupTime:
    if not person.has(*DECIDES):
        raise Forbidden
    row = session.get(SetupTime, setup_id)
    if row is None:
        raise NotFound
    row.expect(rev)
    if row.state != ASKED:
        raise NotNow(Words("這一筆已經答覆。", "This one has been answered already."))
    return row


def _answer(session: Session, person: Person, now: datetime, row: SetupTime, state: str, note: str) -> None:
    row.state, row.answer, row.answered_at, row.answered_by_id = state, note, now, person.id
    messages.tell(session, messages.BookingSetupAnswered, row.booking, now, reason=setup_holds.told(row))
    audit.record(
        session, person, f"setup_{state}", f"booking/{row.booking_id}", now, after={"setup": row.id}, reason=note
    )


def _give_back(session: Session, row: SetupTime) -> None:
    """Only this stretch; the booking's own time stays held."""
    passing = f"setup:{row.id}"
    reservations.hand_over(session, row.booking.holder, passing, place_wants(row.booking.venue, [row.period]))
    reservations.release(session, passing)
