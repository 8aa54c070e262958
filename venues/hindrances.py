"""What stands in the way of an application besides the calendar: a bar after a breach (S-39), a closure (S-18)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Conflict
from common.period import Period, today
from common.roc import day_words, when_words
from common.words import Words
from venues import vocabulary
from venues.models import Breach, Closure, Venue
from venues.models.closures import CARRIED_OUT, RECORDED


class Barred(Conflict):
    """The body may not apply until a day, because of a breach; says which and until when."""


class Closed(Conflict):
    """The venue is closed at that time; says why and from when to when."""


def bar_of(session: Session, agency_id: int, now: datetime) -> Breach | None:
    """The breach that bars a body today, the one that bars it longest."""
    found = select(Breach).where(
        Breach.agency_id == agency_id, Breach.lifted_at.is_(None), Breach.barred_until > today(now)
    )
    return session.scalars(found.order_by(Breach.barred_until.desc()).limit(1)).first()


def check_bar(session: Session, agency_id: int, now: datetime) -> None:
    """Raises Barred while the body may not apply (S-39)."""
    breach = bar_of(session, agency_id, now)
    if breach is None:
        return
    words = Words(
        "貴單位因「{kind}」（案號 {number}）受停止申請處分，{day}起才能再申請。",
        "Your body may not apply again until {day}: {kind} (booking {number}).",
    )
    told = {"kind": vocabulary.BREACHES[breach.kind], "number": breach.booking.number}
    raise Barred(words.fill(day=day_words(breach.barred_until, year=True), **told))


def closure_of(session: Session, place: Venue, periods: Sequence[Period]) -> Closure | None:
    """A closure that stands and takes the venue, or a part of it, at any of these times."""
    first, last = min(each.starts_at for each in periods), max(each.ends_at for each in periods)
    found = select(Closure).where(
        Closure.state.in_((RECORDED, CARRIED_OUT)), Closure.starts_at < last, Closure.ends_at > first
    )
    wanted = set(place.resources)
    for closure in session.scalars(found.order_by(Closure.id)):
        if any(closure.period.overlaps(each) for each in periods) and wanted & set(closure.resources):
            return closure
    return None


def check_open(session: Session, place: Venue, periods: Sequence[Period], field: str = "slots") -> None:
    """Raises Closed when the venue is closed at any of these times (S-18)."""
    closure = closure_of(session, place, periods)
    if closure is None:
        return
    words = Words("{venue}{when} 停止使用：{reason}", "{venue} is closed {when}: {reason}")
    when = when_words(closure.starts_at, closure.ends_at)
    raise Closed(words.fill(venue=place.label, when=when, reason=closure.reason), field=field)
