"""Versions of a venue's tariff: drafted from the last, looked at before saving, saved for a day from today on, withdrawn.

A version is never edited and never begins in the past. An open application keeps the version it was quoted under, unless
the administrator asks for those not yet decided to be quoted anew; what was approved keeps its price in any case.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from common import audit
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import local, today
from common.roc import roc_digits
from common.words import Words
from venues import availability, equipment, government_calendar, reductions
from venues.messages.tariffs import tell_repriced
from venues.models import DECIDES, Booking, TariffRow, Venue, WithdrawnTariff
from venues.tariffs import Calendar, Line, Tariff, quote
from venues.tariffs.checking import Known, faults
from venues.vocabulary import CLASSES, CONTESTED, EVENT_KINDS, UNDECIDED, UNPAID

LATEST_BEGIN = timedelta(days=730)


class PreviewMoved(Conflict):
    """What the version would touch is no longer what was shown."""

    words = Words(
        "受影響的申請有變動，請再看一次預覽。", "What it would touch has changed. Please look at the preview again."
    )


class InUse(Conflict):
    """The version is in force, or applications stand under it."""


class Touched(NamedTuple):
    """An open application and what the new version would make of it, in whole NT$."""

    booking: Booking
    fee: int
    deposit: int
    lines: list[Line]

    @property
    def total(self) -> int:
        return self.fee + self.deposit

    @property
    def difference(self) -> int:
        return self.total - self.booking.total

    @property
    def undecided(self) -> bool:
        """Whether it may be quoted anew: nobody has decided it yet."""
        return self.booking.status in (*UNDECIDED, CONTESTED)


@dataclass(frozen=True)
class Preview:
    """A version before it is saved: the data as it would be kept, and the open applications it would touch."""

    venue: Venue
    tariff: Tariff
    touched: list[Touched]
    token: str

    @property
    def undecided(self) -> list[Touched]:
        return [each for each in self.touched if each.undecided]


def history(session: Session, place: Venue) -> list[TariffRow]:
    """All versions of a venue, the newest first."""
    of = select(TariffRow).where(TariffRow.venue_id == place.id)
    return list(session.scalars(of.order_by(TariffRow.effective_from.desc())))


def withdrawn(session: Session, place: Venue) -> list[WithdrawnTariff]:
    """The versions that were withdrawn before their day, the latest first."""
    of = select(WithdrawnTariff).where(WithdrawnTariff.venue_id == place.id)
    return list(session.scalars(of.order_by(WithdrawnTariff.id.desc())))


def version(session: Session, place: Venue, tariff_id: int) -> TariffRow:
    """One version of a venue. Raises NotFound."""
    row = session.get(TariffRow, tariff_id)
    if row is None or row.venue_id != place.id:
        raise NotFound
    return row


def draft(session: Session, place: Venue) -> dict[str, Any]:
    """The data of the venue's last version (a part without one: its whole's), as the start of the next."""
    rows = history(session, place) or (history(session, place.whole) if place.whole else [])
    if not rows:
        return {"rates": [], "waivers": [], "refunds": EMPTY_LADDER, "pay": {}}
    return rows[0].tariff.to_data()


EMPTY_LADDER = {
    "steps": [], "always": ["force_majeure", "government_need"], "rule": "S-36", "always_rule": "S-37", "sample": True,
}  # fmt: skip


def known(session: Session, place: Venue) -> Known:
    """The names that the conditions of this venue's tariff may use."""
    return Known(
        tuple(place.plan), frozenset(CLASSES), frozenset(EVENT_KINDS), frozenset(kind.code for kind in equipment.kinds(session)),
        frozenset(part.code for part in place.parts),
    )  # fmt: skip


def preview(
    session: Session, person: Person, now: datetime, *, venue_id: int, effective_from: date, data: Mapping[str, Any]
) -> Preview:
    """What a version would look like and which open applications it would touch, by how much; changes nothing.

    Touched are those undecided or unpaid whose first day of use is `effective_from` or later. Raises Forbidden, NotFound,
    Invalid (`effective_from`, or the row of `data` that is wrong).
    """
    place = _mine(session, person, venue_id)
    _check_day(session, place, effective_from, now)
    tariff = Tariff.from_data(named(effective_from), effective_from, data)
    if not tariff.rates:
        raise Invalid(Words("至少要有一列費率", "A tariff needs at least one rate"), field="rates")
    wrong = faults(tariff, known(session, place))
    if wrong:
        raise Invalid.many(wrong)
    touched = _touched(session, place, tariff, effective_from)
    told = [
        venue_id,
        f"{effective_from}",
        tariff.to_data(),
        [[each.booking.id, each.booking.rev, each.total] for each in touched],
    ]
    token = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:24]
    return Preview(place, tariff, touched, token)


def save(
    session: Session,
    person: Person,
    now: datetime,
    *,
    venue_id: int,
    effective_from: date,
    data: Mapping[str, Any],
    note: str,
    shown: str,
    requote: bool = False,
) -> TariffRow:
    """Save a version from today or a later day on; with `requote`, quote the undecided applications it touches anew.

    `shown` is the token of the preview the person saw. Audited; each applicant quoted anew is told (BookingRepriced).
    Raises what `preview` raises, and PreviewMoved.
    """
    session.scalars(select(Venue).where(Venue.id == venue_id).with_for_update()).first()
    found = preview(session, person, now, venue_id=venue_id, effective_from=effective_from, data=data)
    if shown != found.token:
        raise PreviewMoved
    row = TariffRow(
        venue_id=venue_id, version=found.tariff.version, effective_from=effective_from, data=found.tariff.to_data(), note=note,
        pay_within_days=found.tariff.pay.days, saved_by_id=person.id, saved_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    anew = found.undecided if requote else []
    after = {"version": row.version, "effective_from": effective_from, "data": row.data, "requoted": len(anew)}
    audit.record(session, person, "tariff_saved", f"tariff/{row.id}", now, after=after, reason=note)
    for each in anew:
        _requote(session, person, now, each, row)
    return row


def withdraw(
    session: Session, person: Person, now: datetime, *, venue_id: int, tariff_id: int, reason: str
) -> WithdrawnTariff:
    """Take back a version that is still to come; it is kept among the withdrawn. Audited.

    Raises Forbidden, NotFound, InUse (in force already, or applications were quoted under it).
    """
    place = _mine(session, person, venue_id)
    row = version(session, place, tariff_id)
    if row.effective_from <= today(now):
        words = Words(
            "已生效的版本不能撤回；請存一個新版本。", "A version in force cannot be withdrawn; save a new one."
        )
        raise InUse(words)
    bound = session.scalar(select(func.count()).select_from(Booking).where(Booking.tariff_id == row.id)) or 0
    if bound:
        words = Words(
            "有 {n} 件申請依這個版本計價，不能撤回。",
            "{n} application(s) are priced by this version; it cannot be withdrawn.",
        )
        raise InUse(words.fill(n=bound))
    kept = WithdrawnTariff(
        venue_id=row.venue_id, version=row.version, effective_from=row.effective_from, data=row.data, reason=reason,
        withdrawn_at=now, withdrawn_by_id=person.id,
    )  # fmt: skip
    session.add(kept)
    session.delete(row)
    session.flush()
    before = {"version": kept.version, "effective_from": kept.effective_from, "data": kept.data}
    audit.record(session, person, "tariff_withdrawn", f"tariff/{tariff_id}", now, before, None, reason)
    return kept


def named(effective_from: date) -> str:
    """A version's name: its day on the Republic's calendar, "116-01-01"."""
    return roc_digits(effective_from).replace(".", "-")


def _mine(session: Session, person: Person, venue_id: int) -> Venue:
    place = availability.venue(session, venue_id, by_slots=True)
    if not person.has(*DECIDES):
        raise Forbidden
    return place


def _check_day(session: Session, place: Venue, day: date, now: datetime) -> None:
    if not today(now) <= day <= today(now) + LATEST_BEGIN:
        words = Words("生效日要在今天到兩年內", "The version must begin between today and two years from now")
        raise Invalid(words, field="effective_from")
    if any(row.effective_from == day for row in history(session, place)):
        words = Words("那一天已有一個版本開始；請改選另一天", "A version begins on that day already; choose another")
        raise Invalid(words, field="effective_from")


def _touched(session: Session, place: Venue, tariff: Tariff, first_day: date) -> list[Touched]:
    """The open applications of the venue, and of those parts that have no tariff of their own."""
    own = set(session.scalars(select(TariffRow.venue_id)))
    places = [place.id, *(part.id for part in place.parts if part.id not in own)]
    found = select(Booking).where(Booking.venue_id.in_(places), Booking.status.in_((*UNDECIDED, CONTESTED, *UNPAID)))
    found = found.options(selectinload(Booking.slots), selectinload(Booking.equipment), selectinload(Booking.venue))
    rows = [each for each in session.scalars(found.order_by(Booking.id)) if local(each.starts_at).date() >= first_day]
    if not rows:
        return []
    last = max(local(each.ends_at).date() for each in rows)
    calendar = government_calendar.between(session, first_day, last)
    return [_priced(session, each, tariff, calendar) for each in rows]


def _priced(session: Session, booking: Booking, tariff: Tariff, calendar: Calendar) -> Touched:
    lent = {row.kind: row.quantity for row in booking.equipment}
    price = quote(
        tariff, booking.venue.plan, booking.chosen, booking.applicant_class, booking.overtime_minutes, lent,
        event=booking.event_kind, people=booking.attendees, part=booking.venue.code, calendar=calendar,
    )  # fmt: skip
    lines = reductions.granted_lines(session, booking, list(price.lines))
    sums = {kind: sum(line.amount for line in lines if line.kind == kind) for kind in ("fee", "deposit")}
    return Touched(booking, sums["fee"], sums["deposit"], lines)


def _requote(session: Session, person: Person, now: datetime, each: Touched, row: TariffRow) -> None:
    booking = each.booking
    before = {"version": booking.tariff_version, "total": booking.total}
    booking.tariff_row = row
    reductions.set_lines(booking, each.lines)
    booking.changed_at = now
    reason = Words("改依收費標準 {v} 計價", "Priced by tariff {v}").fill(v=row.version)
    tell_repriced(session, booking, now, reason.zh)
    after = {"version": row.version, "total": booking.total}
    audit.record(session, person, "booking_requoted", f"booking/{booking.id}", now, before, after, row.note)
