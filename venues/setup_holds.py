"""Consented set-up times follow their booking: held again when it gets its time back, else dropped aloud (S-08).

A contest and a closure take everything a booking holds, the time around it too. When the booking stands again that time
may be somebody else's by now: then the consent is gone, the body is told, and the page says so.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.words import Words
from venues import messages
from venues.holding import place_wants
from venues.models import Booking, SetupTime
from venues.models.setup_time import CONSENTED, REFUSED

TAKEN_MEANWHILE = Words(
    "檔期重新取得時，這段時間已有人使用，原同意失效；可另提申請。",
    "When the booking got its time back somebody had this one: the consent is gone. You may ask anew.",
)
NOT_YOURS = Words(
    "抽籤或順位未取得這個檔期，原同意失效；改選時段後可另提申請。",
    "The contest gave the time to another: the consent is gone. Ask anew once another time is chosen.",
)


def hold_again(session: Session, booking: Booking, now: datetime) -> None:
    """Hold the consented times of a booking that has its own time back, as long as that is held; drop what is taken.

    Posts BookingSetupAnswered for each that is dropped.
    """
    held = reservations.held_by(session, booking.holder)
    state, until = (held[0].state, held[0].expires_at) if held else ("held", None)
    for row in _consented(session, booking):
        if row.ends_at <= now:
            continue
        wants = place_wants(booking.venue, [row.period])
        try:
            reservations.claim(session, booking.holder, wants, now=now, state=state, expires_at=until)
        except reservations.Taken:
            _drop(session, row, now, TAKEN_MEANWHILE)


def drop(session: Session, booking: Booking, now: datetime) -> None:
    """Drop the consents of a booking that did not get its time; posts BookingSetupAnswered for each."""
    for row in _consented(session, booking):
        _drop(session, row, now, NOT_YOURS)


def told(row: SetupTime) -> str:
    """What the body is told of an answer: for what, which answer, and why."""
    return f"{row.purpose_words.zh}：{row.state_words.zh}" + (f"（{row.answer}）" if row.answer else "")


def _consented(session: Session, booking: Booking) -> list[SetupTime]:
    mine = select(SetupTime).where(SetupTime.booking_id == booking.id, SetupTime.state == CONSENTED)
    return list(session.scalars(mine.order_by(SetupTime.starts_at, SetupTime.id)))


def _drop(session: Session, row: SetupTime, now: datetime, why: Words) -> None:
    row.state, row.answer, row.answered_at, row.answered_by_id = REFUSED, why.zh, now, None
    messages.tell(session, messages.BookingSetupAnswered, row.booking, now, reason=told(row))
    after = {"setup": row.id}
    audit.record(session, None, "setup_dropped", f"booking/{row.booking_id}", now, after=after, reason=why.zh)
