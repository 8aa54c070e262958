"""What the calendar feeds of the venues service hold: one venue's days, and bookings.

Entries name their page as a path within the service; the door makes a whole address of it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from common.calendar import CANCELLED as CANCELLED_MARK
from common.calendar import Entry, uid_of
from common.identity import Feed, Person
from common.words import Words
from venues import bookings, vocabulary
from venues.models import Booking, Meeting, Venue

BACK = timedelta(days=30)
AHEAD = timedelta(days=180)
RESERVED = Words("已保留", "Reserved")
MEETING = Words("會議", "Meeting")


def _in_window(row: type[Booking] | type[Meeting], now: datetime) -> ColumnElement[bool]:
    return (row.ends_at > now - BACK) & (row.starts_at < now + AHEAD)


def _shown(now: datetime) -> ColumnElement[bool]:
    """Bookings that hold their time, and those that ended in the last 30 days, to be struck through."""
    return Booking.status.in_(vocabulary.ALIVE) | (Booking.changed_at > now - BACK)


# ── One venue ─────────────────────────────────────────────────────────────────


def venue_of(session: Session, feed: Feed) -> Venue | None:
    """The venue a feed is of, while it is in use."""
    found = session.get(Venue, int(feed.ref)) if feed.ref.isdecimal() and len(feed.ref) < 18 else None
    return found if found and found.active else None


def _places(venue: Venue) -> list[int]:
    """The venue, its parts and the whole it belongs to: a booking of any of them takes time from it."""
    return [venue.id, *(part.id for part in venue.parts), *([venue.whole_id] if venue.whole_id else [])]


def venue_name(session: Session, feed: Feed, person: Person) -> str:
    """The feed's name."""
    venue = venue_of(session, feed)
    return venue.label.in_(person.lang) if venue else ""


def venue_version(session: Session, feed: Feed, person: Person) -> tuple[Any, ...]:
    """Changes whenever an entry does, or the subscriber's rights to read names (their roles) do."""
    venue = venue_of(session, feed)
    places = _places(venue) if venue else []
    booked = select(func.count(), func.max(Booking.changed_at), func.sum(Booking.rev)).where(
        Booking.venue_id.in_(places)
    )
    met = select(func.count(), func.max(Meeting.changed_at), func.sum(Meeting.rev)).where(Meeting.room_id.in_(places))
    return (*session.execute(booked).one(), *session.execute(met).one(), person.agency_id, *sorted(person.roles))


def venue_entries(session: Session, feed: Feed, person: Person, now: datetime) -> Iterable[Entry]:
    """Bookings and meetings that take time from the venue; names only where they may be read."""
    venue = venue_of(session, feed)
    if venue is None:
        return
    places = _places(venue)
    found = select(Booking).where(Booking.venue_id.in_(places), _in_window(Booking, now), _shown(now))
    for booking in session.scalars(found.options(*_with_venue())):
        yield from _of_booking(booking, person, named=_may_name(booking, person))
    meetings = select(Meeting).where(Meeting.room_id.in_(places), _in_window(Meeting, now))
    for meeting in session.scalars(meetings.options(selectinload(Meeting.room))):
        yield _of_meeting(meeting, person, named=meeting.can_see(person))


def _may_name(booking: Booking, person: Person) -> bool:
    """An event's name is shown once it is confirmed, or to those who may see the booking anyway; else "reserved"."""
    return booking.status in (vocabulary.CONFIRMED, *vocabulary.USED) or booking.can_see(person)


# ── Bookings: all for venue officers, those of their own body for others ──────


def bookings_name(session: Session, feed: Feed, person: Person) -> str:
    """The feed's name."""
    return Words("場地申請案", "Venue bookings").in_(person.lang)


def bookings_version(session: Session, feed: Feed, person: Person) -> tuple[Any, ...]:
    """Changes whenever an entry does."""
    seen = bookings.visible(person).order_by(None)
    counted = seen.with_only_columns(func.count(), func.max(Booking.changed_at), func.sum(Booking.rev))
    return (*session.execute(counted).one(), person.agency_id, *sorted(person.roles))


def bookings_entries(session: Session, feed: Feed, person: Person, now: datetime) -> Iterable[Entry]:
    """The bookings this person may see."""
    found = bookings.visible(person).where(_in_window(Booking, now), _shown(now))
    for booking in session.scalars(found):
        yield from _of_booking(booking, person, named=True)


# ── Entries ───────────────────────────────────────────────────────────────────


def _with_venue() -> tuple[Any, ...]:
    return (selectinload(Booking.venue).selectinload(Venue.whole), selectinload(Booking.slots))


def _of_booking(booking: Booking, person: Person, *, named: bool) -> Iterable[Entry]:
    """One entry for each day of the booking: from its first slot to the end of its last one (overtime included)."""
    lang = person.lang
    cancelled = booking.status in vocabulary.ENDED
    status = booking.status_words.in_(lang)
    days = sorted({slot.day for slot in booking.slots})
    for day in days:
        slots = [slot for slot in booking.slots if slot.day == day]
        ends_at = booking.ends_at if day == days[-1] else slots[-1].ends_at
        yield Entry(
            uid=uid_of("venues", f"booking/{booking.id}" if len(days) == 1 else f"booking/{booking.id}/{day:%Y%m%d}"),
            sequence=booking.rev,
            changed_at=booking.changed_at,
            starts_at=slots[0].starts_at,
            ends_at=ends_at,
            summary=booking.event_name if named else RESERVED.in_(lang),
            location=booking.venue.label.in_(lang),
            description=f"{booking.number} · {status}" if booking.can_see(person) else "",
            url=f"/bookings/{booking.id}" if booking.can_see(person) else "",
            cancelled=cancelled,
            category="venue",
            cancelled_mark=CANCELLED_MARK.in_(lang),
        )


def _of_meeting(meeting: Meeting, person: Person, *, named: bool) -> Entry:
    return Entry(
        uid=uid_of("venues", f"meeting/{meeting.id}"),
        sequence=meeting.rev,
        changed_at=meeting.changed_at,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=meeting.title if named else MEETING.in_(person.lang),
        location=meeting.room.label.in_(person.lang),
        url=f"/rooms/{meeting.room_id}" if named else "",
        cancelled=meeting.released_at is not None,
        category="meeting",
        cancelled_mark=CANCELLED_MARK.in_(person.lang),
    )
