"""Warnings and bars (T-08): three unheeded warnings bar a firm for six months; a grave breach takes the place for a year."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Forbidden, NotFound
from common.identity import Person
from common.period import add_months, today
from common.words import Words
from venues.messages import rounds as facts
from venues.models import DECIDES, Registration, RoundBar, RoundWarning
from venues.rounds import parameters, places
from venues.rounds import words as say
from venues.rounds.steps import desk_registration, record, require


def warn(
    session: Session, person: Person, now: datetime, registration_id: int, *, what: str, grave: bool = False,
    rev: int | None = None,
) -> Registration:  # fmt: skip
    """Warn the holder of a place. With the last warning that may go unheeded the firm is barred and leaves, its rent for
    days not used returned; after a grave breach it is barred longer and nothing comes back.

    Posts RegistrationWarned. Raises Forbidden, NotNow, Stale.
    """
    registration = desk_registration(session, person, registration_id, rev)
    require(registration.status == say.HOLDING, "只能勸導使用中的攤位。", "Only the holder of a place is warned.")
    registration.warnings.append(RoundWarning(at=now, what=what, grave=grave, by_id=person.id))
    registration.changed_at = now
    most = parameters.number(session, parameters.WARNINGS, today(now)).value
    until: date | None = None
    if grave or unheeded(registration) >= most:
        until = _bar(session, person, now, registration, grave).barred_until
        places.vacate(session, registration.round, registration, say.EXPELLED, now, person, what, refund=not grave)
    facts.tell_registration(session, facts.RegistrationWarned, registration, now, reason=what, due_on=until)
    record(session, person, "registration_warned", registration, now, what, grave=grave)
    return registration


def heed(session: Session, person: Person, now: datetime, warning_id: int) -> Registration:
    """Note that a warning was heeded: it counts no longer. Raises Forbidden, NotFound, NotNow."""
    if not person.has(*DECIDES):
        raise Forbidden
    warning = session.get(RoundWarning, warning_id)
    if warning is None:
        raise NotFound
    require(warning.heeded_at is None and not warning.grave, "這一次已經處理過。", "This one is dealt with.")
    warning.heeded_at = now
    session.flush()
    record(session, person, "warning_heeded", warning.registration, now, warning=warning.id)
    return warning.registration


def unheeded(registration: Registration) -> int:
    """How many warnings count at this moment."""
    return sum(each.heeded_at is None and not each.grave for each in registration.warnings)


def bars(session: Session, day: date) -> list[RoundBar]:
    """The bars that stand on a day, the newest first."""
    return list(session.scalars(select(RoundBar).where(RoundBar.barred_until > day).order_by(RoundBar.id.desc())))


def _bar(session: Session, person: Person, now: datetime, registration: Registration, grave: bool) -> RoundBar:
    key = parameters.GRAVE_BAN_MONTHS if grave else parameters.BAN_MONTHS
    months = parameters.number(session, key, today(now)).value
    why = "；".join(each.what for each in registration.warnings if grave <= each.grave and each.heeded_at is None)
    bar = RoundBar(
        firm_number=registration.firm_number, seller_id=registration.seller_id, barred_from=today(now),
        barred_until=add_months(today(now), months), grave=grave, reason=why, registration_id=registration.id,
        by_id=person.id,
    )  # fmt: skip
    session.add(bar)
    return bar


def barred_words(bar: RoundBar) -> Words:
    """A bar in one line, for the desk."""
    zh, en = "{firm} 停權到 {until}", "{firm} barred until {until}"
    return Words(zh, en).fill(firm=bar.firm_number, until=bar.barred_until)
