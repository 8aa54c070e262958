"""Waiting for slots that are full: whoever waits longest is offered what becomes free, held for them until a deadline.

An offer is made in the transaction that frees the slots, so nobody slips in between; a chore offers what became free by
the clock alone, and passes an offer that was not answered to the next.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common import audit, reservations
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.identity import Person
from common.period import taipei, today
from common.words import Words
from venues import availability, bookings, equipment, hindrances, messages
from venues.holding import SlotTaken, place_wants
from venues.models import APPLIES, OWN_BODY, SEES_ALL, Booking, Venue, WaitingEntry
from venues.models.waiting import OFFERED, PASSED_BY, TAKEN_UP, WAITING, WITHDRAWN
from venues.refusals import NotNow
from venues.slots import Chosen, reserved

CLOSES = "17:00"


class FreeAlready(Conflict):
    """There is nothing to wait for."""

    words = Words("這些時段可以直接申請，不必候補。", "These slots are free; apply for them instead of waiting.")


class WaitsAlready(Conflict):
    """One body waits once for one time."""

    words = Words("貴單位已經在候補這個時段。", "Your body waits for this time already.")


def find(session: Session, person: Person, entry_id: int) -> WaitingEntry:
    """The entry, if this person may know of it. Raises NotFound."""
    entry = session.get(WaitingEntry, entry_id)
    if entry is None or not entry.can_see(person):
        raise NotFound
    return entry


def visible(person: Person) -> Select[WaitingEntry]:
    """The entries this person may see: all, those of the own body, or the own ones."""
    found = select(WaitingEntry)
    if person.has(*SEES_ALL):
        return found
    if person.has(*OWN_BODY):
        return found.where(WaitingEntry.agency_id == person.agency_id)
    return found.where(WaitingEntry.person_id == person.id)


def join(
    session: Session, person: Person, now: datetime, *, venue_id: int, slots: Sequence[Chosen], event_name: str,
    event_kind: str, attendees: int, equipment: dict[str, int] | None = None, overtime_minutes: int = 0,
    event_plan: str = "", applicant_class: str | None = None, charity_sale: bool = False, undertakes: bool = False,
) -> WaitingEntry:  # fmt: skip
    """Wait for slots that somebody has, with the whole application ready.

    `undertakes`: the limits of S-14 and S-15 were read and undertaken; who does not so now does it with the offer.
    Raises Forbidden, Barred, Invalid as an application would (S-09, S-10, S-12, S-39); FreeAlready, WaitsAlready.
    """
    if not person.has(*APPLIES):
        raise bookings.NotEligible
    hindrances.check_bar(session, person.agency_id, now)
    wanted = bookings.wish(
        session, person, now, venue_id=venue_id, slots=slots, applicant_class=applicant_class,
        overtime_minutes=overtime_minutes, equipment=equipment,
    )  # fmt: skip
    bookings.check_event(wanted.venue, event_kind, attendees)
    bookings.check_window(wanted, now)
    if bookings.available(session, wanted, now):
        raise FreeAlready(field="slots")
    starts_at, ends_at = wanted.periods[0].starts_at, wanted.periods[-1].ends_at
    mine = select(WaitingEntry.id).where(
        WaitingEntry.agency_id == person.agency_id, WaitingEntry.venue_id == venue_id,
        WaitingEntry.state.in_((WAITING, OFFERED)), WaitingEntry.starts_at < ends_at, WaitingEntry.ends_at > starts_at,
    )  # fmt: skip
    if session.scalars(mine).first() is not None:
        raise WaitsAlready(field="slots")
    asked: dict[str, Any] = {
        "slots": [[str(each.date), each.slot] for each in wanted.chosen],
        "event_name": event_name,
        "event_kind": event_kind,
        "attendees": attendees,
        "event_plan": event_plan,
        "charity_sale": charity_sale,
        "undertakes": undertakes,
        "equipment": wanted.equipment,
        "overtime_minutes": overtime_minutes,
    }
    entry = WaitingEntry(
        state=WAITING, venue=wanted.venue, person_id=person.id, agency_id=person.agency_id, asked=asked,
        starts_at=starts_at, ends_at=ends_at, since=now,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    audit.record(session, person, "waiting_joined", f"waiting/{entry.id}", now, after={"slots": asked["slots"]})
    return entry


def withdraw(session: Session, person: Person, now: datetime, entry_id: int, *, rev: int | None = None) -> WaitingEntry:
    """Stop waiting, or decline an offer: it goes to the next. Raises NotFound, Forbidden, NotNow, Stale."""
    entry = _mine(session, person, entry_id, rev)
    if not entry.alive:
        raise NotNow(Words("這筆候補已經結束。", "This entry has ended already."))
    _end(session, entry, WITHDRAWN)
    audit.record(session, person, "waiting_withdrawn", f"waiting/{entry.id}", now)
    offer_freed(session, now, entry.venue)
    return entry


def accept(
    session: Session, person: Person, now: datetime, entry_id: int, *, undertakes: bool = False, rev: int | None = None
) -> Booking:
    """Take an offer up: what was held becomes the application that had been waiting.

    The limits of S-14 and S-15 are undertaken now with `undertakes`, or were with the entry. Raises NotFound, Forbidden,
    NotNow, Stale, Invalid (field `undertakes`), and what `bookings.apply` raises.
    """
    entry = _mine(session, person, entry_id, rev)
    if entry.state != OFFERED or entry.offered_until is None or entry.offered_until <= now:
        raise NotNow(
            Words("現在沒有保留給你的時段，或期限已過。", "Nothing is held for you now, or the deadline has passed.")
        )
    if not undertakes and not entry.undertaken:
        raise Invalid(
            Words("請先閱讀並切結遵守使用限制", "Please read the limits of use and undertake to keep them"),
            field="undertakes",
        )
    reservations.release(session, entry.holder)
    applicant = session.get(Person, entry.person_id) or person
    told = {name: value for name, value in entry.asked.items() if name not in ("slots", "undertakes")}
    booking = bookings.apply(
        session, applicant, now, venue_id=entry.venue_id, slots=entry.chosen, undertakes=True, **told
    )
    if not undertakes:
        booking.undertaken_at = entry.since
    entry.state, entry.booking = TAKEN_UP, booking
    audit.record(session, person, "waiting_taken_up", f"waiting/{entry.id}", now, after={"booking": booking.id})
    return booking


def offer_freed(session: Session, now: datetime, venue: Venue) -> int:
    """Offer what is free of `venue`, its parts and its whole to those who wait for it, first come first; how many."""
    places = [venue.id, *(part.id for part in venue.parts), *([venue.whole_id] if venue.whole_id else [])]
    waits = select(WaitingEntry).where(
        WaitingEntry.state == WAITING, WaitingEntry.venue_id.in_(places), WaitingEntry.starts_at > now,
        WaitingEntry.venue.has(Venue.active),
    )  # fmt: skip
    entries = session.scalars(waits.order_by(WaitingEntry.since, WaitingEntry.id).limit(200)).all()
    return sum(_offer(session, entry, now) for entry in entries)


def offers_due(session: Session, now: datetime) -> int:
    """Pass by who did not answer, give up what can no longer be applied for, offer what is free. Run by the worker."""
    late = select(WaitingEntry).where(WaitingEntry.state == OFFERED, WaitingEntry.offered_until <= now)
    over = select(WaitingEntry).where(WaitingEntry.state == WAITING, WaitingEntry.starts_at <= now)
    done = 0
    for entry in [*session.scalars(late.limit(100)), *session.scalars(over.limit(100))]:
        _end(session, entry, PASSED_BY)
        messages.tell_waiting(session, messages.SlotPassedBy, entry, now)
        done += 1
    waits = select(WaitingEntry.venue_id).where(WaitingEntry.state == WAITING).distinct()
    for venue_id in session.scalars(waits).all():
        done += offer_freed(session, now, session.get_one(Venue, venue_id))
    return done


def take_offers_back(session: Session, holders: Select[str]) -> None:
    """Those of `holders` who were offered what is closed now wait again, where they stood: the closure may be withdrawn."""
    offered = [holder for holder in session.scalars(holders) if holder.startswith("waiting:")]
    for holder in offered:
        entry = session.get_one(WaitingEntry, int(holder.removeprefix("waiting:")))
        _end(session, entry, WAITING)
        entry.offered_until = None


def _offer(session: Session, entry: WaitingEntry, now: datetime) -> bool:
    window = availability.rules_of(session, entry.venue, today(now)).window or entry.venue.window
    last = min(window.closes_on(each.date) for each in entry.chosen)
    if last < today(now):
        return False
    overtime = int(entry.asked["overtime_minutes"])
    periods = reserved(entry.venue.plan, entry.chosen, overtime)
    if hindrances.closure_of(session, entry.venue, periods) is not None:
        return False
    until = min(taipei(today(now) + timedelta(days=entry.venue.offer_days), CLOSES), taipei(last, "24:00"))
    try:
        pieces = equipment.pick(session, entry.asked["equipment"], periods, now)
        wants = [*place_wants(entry.venue, periods), *((piece, period) for piece in pieces for period in periods)]
        reservations.claim(session, entry.holder, wants, now=now, state="held", expires_at=until)
    except (reservations.Taken, SlotTaken, equipment.NotEnough):
        return False
    entry.state, entry.offered_until = OFFERED, until
    messages.tell_waiting(session, messages.SlotOffered, entry, now)
    return True


def _end(session: Session, entry: WaitingEntry, state: str) -> None:
    reservations.release(session, entry.holder)
    entry.state = state


def _mine(session: Session, person: Person, entry_id: int, rev: int | None) -> WaitingEntry:
    entry = find(session, person, entry_id)
    if not entry.is_of(person):
        raise Forbidden
    entry.expect(rev)
    return entry


def place_in_line(session: Session, entry: WaitingEntry) -> int:
    """How many wait for some of the same time before it, plus one."""
    before = select(WaitingEntry).where(
        WaitingEntry.state.in_((WAITING, OFFERED)), WaitingEntry.venue_id == entry.venue_id, WaitingEntry.id < entry.id,
        WaitingEntry.starts_at < entry.ends_at, WaitingEntry.ends_at > entry.starts_at,
    )  # fmt: skip
    return 1 + len(session.scalars(before).all())
