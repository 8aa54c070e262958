"""Shorthand for meetings in rooms: times of working days after the tests' Monday, booking in one line."""

from datetime import date, datetime

from common import reservations
from common.messages import Outbox
from common.period import Period, taipei
from venues import meeting_rooms
from venues.models import Meeting

TUESDAY = date(2026, 11, 24)


def at(day: date, clock: str) -> datetime:
    return taipei(day, clock)


def span(starts: str = "09:00", ends: str = "10:00", day: date = TUESDAY) -> Period:
    return Period.of_local(day, starts, ends)


class Rooms:
    """Meetings in one open session."""

    def __init__(self, session, people, halls, now):
        self.session, self.people, self.now = session, people, now
        self.rooms = {code: venue for code, venue in halls.items() if venue.kind == "room"}
        for room in self.rooms.values():
            room.reserved_weekday = None  # a test that needs a reserved day sets it
        session.flush()

    def book(self, who="officer", room="n206", period=None, now=None, **told) -> Meeting:
        wished = {"title": "協調會", "attendees": 10, **told}
        return meeting_rooms.book(
            self.session,
            self.people[who],
            now or self.now,
            room_id=self.rooms[room].id,
            period=period or span(),
            **wished,
        )

    def holders(self, room, period=None):
        """Who has a room within a period, as the ledger says."""
        found = reservations.taken(
            self.session, [self.rooms[room].resource], period or span("00:00", "24:00"), self.now
        )
        return [(by.holder, by.period) for by in found]

    def told(self, kind):
        """The bodies of the facts of one kind, oldest first."""
        rows = self.session.query(Outbox).filter(Outbox.type == f"venues.{kind}.v1").order_by(Outbox.id)
        return [row.data for row in rows]
