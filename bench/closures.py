"""A closure of 10,000 paid bookings: how long the officer waits, how long the worker takes, how long others are held up.

`python -m bench.closures [bookings]` makes a database of its own (SQLite; `TEST_DATABASE_URL` with an empty PostgreSQL
database instead), fills it with paid bookings of twenty halls, and prints Markdown.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from common.db import Database
from common.identity import Person
from common.migrations import migrate
from common.period import Period, taipei
from common.reservations import Reservation
from services import service_named
from tests.conftest import NOW, add_people
from venues import closures, income, money, places, suspending
from venues.models import Booking, BookingSlot, BookingStep, Closure, MoneyEntry, TariffRow, Venue
from venues.tariffs import DEPOSIT, FEE

HALLS = 20
FIRST = date(2027, 1, 4)
SLOTS = ("morning", "afternoon", "evening")


def fill(session: Any, count: int) -> list[int]:
    """Twenty halls like the atrium and `count` paid bookings of one slot each, half of the slots free."""
    add_people(session)
    places.load(session)
    atrium = session.scalars(select(Venue).where(Venue.code == "atrium")).one()
    halls = [atrium]
    for number in range(1, HALLS):
        hall = Venue(code=f"hall-{number}", kind="hall", name=f"廳{number}", name_en=f"Hall {number}", manager_id=1)
        session.add(hall)
        halls.append(hall)
    session.flush()
    tariffs = {}
    for hall in halls:
        row = TariffRow(
            venue_id=hall.id,
            version="b",
            effective_from=date(2024, 1, 1),
            data=places.tariff_data(5000, 1250, 20000, False),
        )
        session.add(row)
        session.flush()
        tariffs[hall.id] = row.id
    wishes = [
        (hall.id, FIRST + timedelta(days=2 * n // 3), SLOTS[2 * n % 3]) for n in range(count // HALLS) for hall in halls
    ]
    clock = {slot.code: slot for slot in atrium.plan}
    rows: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (Booking, BookingSlot, BookingStep, MoneyEntry, Reservation)
    }
    for number, (venue_id, day, slot) in enumerate(wishes, start=1):
        period = clock[slot].on(day)
        times = {"starts_at": period.starts_at, "ends_at": period.ends_at}
        rows[Booking].append(
            {
                "id": number, "status": "confirmed", "venue_id": venue_id, "applicant_id": 9, "agency_id": 3,
                "applicant_class": "registered_body", "event_name": "活動", "event_kind": "文化", "attendees": 50, **times,
                "event_plan": "", "overtime_minutes": 0, "tariff_id": tariffs[venue_id], "lines": [], "fee": 5000,
                "deposit": 20000, "submitted_at": NOW, "changed_at": NOW, "supplement": "", "insurance_policy": "",
                "receipt": "", "reason": "", "charity_sale": False, "rev": 1,
            }
        )  # fmt: skip
        rows[BookingSlot].append({"booking_id": number, "day": day, "slot": slot, **times})
        rows[BookingStep].append({"booking_id": number, "at": NOW, "status": "confirmed", "note": ""})
        for part, account, amount in ((FEE, money.INCOME, 5000), (DEPOSIT, money.DEPOSITS, 20000)):
            for kind, debit, credit in (("charge", money.OWED, account), ("payment", money.BANK, money.OWED)):
                rows[MoneyEntry].append(
                    {
                        "booking_id": number, "at": NOW, "kind": kind, "part": part, "debit": debit, "credit": credit,
                        "amount": amount, "label": "x", "label_en": "x", "rule": "S-04", "document": "",
                    }
                )  # fmt: skip
        rows[Reservation].append(
            {
                "resource": f"venue:{venue_id}",
                "holder": f"booking:{number}",
                "state": "confirmed",
                "created_at": NOW,
                **times,
            }
        )
    for table, some in rows.items():
        for start in range(0, len(some), 1000):
            session.execute(insert(table), some[start : start + 1000])
    return [hall.id for hall in halls]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    service = service_named("venues")
    url = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{Path(tempfile.mkdtemp()) / 'venues.db'}"
    migrate(service, url)
    database = Database(url)
    halls = database.transact(lambda session: fill(session, count))
    last = FIRST + timedelta(days=2 * (count // HALLS) // 3 + 1)
    period = Period(taipei(FIRST, "00:00"), taipei(last, "00:00"))

    def look() -> int:
        with database.reading() as session:
            return closures.preview(session, NOW, venue_ids=halls, period=period).touched

    def close(session: Any) -> int:
        officer = session.scalars(select(Person).where(Person.username == "venues")).one()
        told = {"venue_ids": halls, "period": period, "reason": "整修", "ground": "renovation"}
        return int(closures.close(session, officer, NOW, **told).id)

    preview, touched = timed(look)
    request, _ = timed(lambda: database.transact(close))
    slices = []
    began, processor = time.perf_counter(), time.process_time()
    while True:
        took, more = timed(lambda: database.transact(lambda session: suspending.step(session, NOW)))
        if not more:
            break
        slices.append(took)
    whole, processor = time.perf_counter() - began, time.process_time() - processor
    with database.reading() as session:
        made = session.get_one(Closure, 1)
        assert (made.state, made.done, made.refunded) == ("carried_out", touched, 25_000 * touched)
        assert sum(account.balance for account in income.trial_balance(session)) == 0
        assert session.scalar(select(func.count()).where(Booking.status == "suspended")) == touched
    print(
        f"| bookings | preview | the request | carried out | processor | slices | a slice: median, longest |\n{'|---' * 7}|"
    )
    print(
        f"| {touched:,} | {preview:.2f} s | {request:.2f} s | {whole:.1f} s | {processor:.1f} s | {len(slices)} |"
        f" {statistics.median(slices):.2f} s, {max(slices):.2f} s |"
    )
    database.dispose()


if __name__ == "__main__":
    main()
