"""How long it takes to find what is free among 1,000 venues as the ledger grows from 10⁴ to 10⁶ bookings.

`python -m bench.free_slots` fills a database of its own (SQLite in a temporary folder, or the one of TEST_DATABASE_URL) with
bookings that never overlap, half of them past, and asks: which of all rooms are free for two hours; a hall's month, slot
by slot. Medians and the slowest of 50 questions in milliseconds, and how each grows with the ledger. Seeds are fixed.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from common import reservations
from common.db import Database
from common.migrations import migrate
from common.period import Period, today
from services import service_named
from venues import availability, meeting_rooms
from venues.models import Venue, VenueSlot

VENUES = int(os.environ.get("VENUES", "1000"))
SIZES = tuple(int(size) for size in os.environ.get("SIZES", "10000 100000 1000000").split())
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
QUESTIONS = 50


def fill(database: Database, bookings: int, already: int) -> None:
    """Bring the ledger to `bookings` rows: each venue's days in a row from a start in the past, two hours at a time."""
    rows = []
    for number in range(already, bookings):
        place, turn = number % VENUES, number // VENUES
        days, slot = divmod(turn, 5)
        starts_at = NOW.replace(hour=0) + timedelta(days=(-1) ** days * (days + 1) // 2, hours=2 * slot)
        rows.append(
            {
                "resource": f"venue:{place + 1}", "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2),
                "holder": f"meeting:{number}", "state": "confirmed", "expires_at": None, "created_at": NOW,
            }
        )  # fmt: skip
    for first in range(0, len(rows), 20000):
        with database.writing() as session:
            session.execute(insert(reservations.Reservation), rows[first : first + 20000])


def places(database: Database) -> None:
    """The venues: rooms for 4 to 60 people, and one hall with three slots a day."""
    rng = random.Random(7)  # noqa: S311 - the same each time
    with database.writing() as session:
        for number in range(1, VENUES + 1):
            kind = "hall" if number == 1 else "room"
            session.add(
                Venue(
                    id=number, code=f"v{number}", kind=kind, name=f"場地 {number}", name_en=f"Venue {number}",
                    max_people=rng.randint(4, 60), place_in_list=number,
                )
            )  # fmt: skip
        for code, starts, ends in (
            ("morning", "08:30", "12:30"),
            ("afternoon", "13:30", "17:30"),
            ("evening", "18:00", "22:00"),
        ):
            session.add(VenueSlot(venue_id=1, code=code, starts=starts, ends=ends, name=code, name_en=code))


def timed(database: Database, ask: Callable[[Session, int], object]) -> tuple[float, float]:
    """Median and slowest of the questions, in milliseconds."""
    took = []
    with database.reading() as session:
        ask(session, 0)
        for number in range(QUESTIONS):
            began = time.perf_counter()
            ask(session, number)
            took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took), max(took)


def period(number: int) -> Period:
    """Two hours on one of the next 60 days."""
    starts_at = NOW + timedelta(days=number % 60, hours=1)
    return Period(starts_at, starts_at + timedelta(hours=2))


def ask_rooms(session: Session, number: int) -> object:
    """Which rooms for ten people are free, as the page asks."""
    return meeting_rooms.free_rooms(session, period(number), 10, NOW)


def ask_ledger(session: Session, number: int) -> object:
    """Which of all resources are free, without their rows."""
    return reservations.free(session, [f"venue:{each}" for each in range(1, VENUES + 1)], period(number), NOW)


def ask_month(session: Session, number: int) -> object:
    """The hall's month from a day on, slot by slot."""
    first = today(NOW) + timedelta(days=number)
    return availability.slot_states(session, availability.venue(session, 1), first, first + timedelta(days=30), NOW)


def main() -> None:
    """Fill, ask, print."""
    url = os.environ.get("TEST_DATABASE_URL")
    with tempfile.TemporaryDirectory() as folder:
        address = url or f"sqlite:///{folder}/bench.db"
        migrate(service_named("venues"), address)
        database = Database(address)
        places(database)
        print(f"{make_url(address).get_backend_name()}, {VENUES:,} venues\n")
        print("| bookings | free rooms, ms (slowest) | the ledger alone | a hall’s month, ms (slowest) |")
        print("|---|---|---|---|")
        already = 0
        for size in SIZES:
            fill(database, size, already)
            already = size
            if not url:
                with database.writing() as session:
                    session.connection().exec_driver_sql("ANALYZE")
            rooms, ledger, month = (timed(database, ask) for ask in (ask_rooms, ask_ledger, ask_month))
            told = [f"{median:.1f} ({slowest:.1f})" for median, slowest in (rooms, ledger, month)]
            print(f"| {size:,} | {told[0]} | {told[1]} | {told[2]} |", flush=True)


if __name__ == "__main__":
    main()
