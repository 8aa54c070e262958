"""Races over what the venues service gives away: its bodies and free days, and what its ledger and its money say afterwards."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.period import Period, local, today
from common.reservations import ACTIVE, Reservation
from tests.house_fixture import House
from tests.journeys.racing import Answer, Call, ledger, serial, span, told
from venues import money
from venues.models import Booking, BookingSlot, Meeting, Venue

VENUES = "/venues/api/v1"
BOOKINGS = f"{VENUES}/bookings"
DESK = ("venues", "admin")
BODIES = (  # a person each of twelve bodies; the first ten are the city's own, of one class
    "officer", "officer2", "civil-officer", "health-officer", "police-officer", "labor-officer", "land-officer",
    "sports-officer", "fire-officer", "urban-officer", "group", "dance-officer",
)  # fmt: skip


class Told(NamedTuple):
    """A booking as its tables have it: status, each account's balance, how often each status and each kind of entry came."""

    status: str
    balances: dict[str, int]
    steps: Counter[str]
    entries: Counter[str]


def served(answers: Sequence[Answer]) -> list[int]:
    """The places of those served; every other one was refused with 409 and a sentence that says why."""
    for answer in answers:
        refused = answer.status == 409 and answer.kind == "application/problem+json" and len(answer.body["detail"]) > 5
        assert answer.won or refused, answer
    return [place for place, answer in enumerate(answers) if answer.won]


def desk(number: int, path: str, body: Any = None) -> Call:
    """One of the two officers does something."""
    return Call(DESK[number % 2], "POST", VENUES + path, body or {})


def made(house: House, call: Call) -> str:
    """The id of what is free to be had."""
    return str(told(house, call.username, call.method, call.path, call.body)["id"])


def days(first: date, last: date) -> dict[str, str]:
    """From one day to another, both included, as the API takes it."""
    return {"starts_on": first.isoformat(), "ends_on": last.isoformat()}


def period_of(row: dict[str, Any]) -> Period:
    """When a slot is, as the API tells it."""
    return Period(datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"]))


def behind(house: House, work: Callable[[Session], Any]) -> Any:
    """Do something in the venues' own database: what the clock would bring."""
    database = house.database("venues")
    try:
        return database.transact(work)
    finally:
        database.dispose()


@contextmanager
def meanwhile(house: House, chore: Callable[[Session, datetime], Any]) -> Iterator[None]:
    """What the worker does by its clock, over and over as long as the block runs, and once more after it."""
    over = threading.Event()
    database = house.database("venues")

    def again() -> None:
        while not over.wait(0.005):
            database.transact(lambda session: chore(session, datetime.now(UTC)))

    try:
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(again)
            try:
                yield
            finally:
                over.set()
            running.result()
        database.transact(lambda session: chore(session, datetime.now(UTC)))
    finally:
        database.dispose()


def nothing_free_was_refused(wants: Sequence[Period], won: Sequence[int]) -> None:
    """No two of those served share an instant, and whoever was refused stands in the way of one of them."""
    for place, want in enumerate(wants):
        rivals = [other for other in won if other != place and wants[other].overlaps(want)]
        assert not (place in won and rivals), "given twice"
        assert place in won or rivals, "refused while free"


def told_of(house: House, booking_id: str) -> Told:
    """What became of a booking; its money adds up to nothing, whatever it was."""

    def look(session: Session) -> Told:
        row = session.get_one(Booking, int(booking_id))
        found = {account: amount for account, amount in money.balances(row).items() if amount}
        assert sum(found.values()) == 0, found
        return Told(row.status, found, Counter(s.status for s in row.steps), Counter(e.kind for e in row.entries))

    return behind(house, look)  # type: ignore[no-any-return]


class Halls:
    """The venues of a house by code, and their days on which every slot is free, each given out once."""

    def __init__(self, house: House):
        self.house = house
        self.places = {each["code"]: each for each in told(house, "officer", "GET", f"{VENUES}/venues")["items"]}
        self._days: dict[str, dict[str, dict[str, Any]]] = {}
        self._used: set[str] = set()

    def __getitem__(self, code: str) -> dict[str, Any]:
        return self.places[code]

    def resource(self, code: str) -> str:
        """Its name in the ledger."""
        return f"venue:{self.places[code]['id']}"

    def day(self, *codes: str) -> dict[str, Any]:
        """The slots by code of the next day that nobody ever asked for at any of these venues."""
        for day in sorted(set.intersection(*(set(self._free(code)) for code in codes)) - self._used):
            self._used.add(day)
            if not any(self.bookings(code, slot) for code in codes for slot in self._free(code)[day].values()):
                return self._free(codes[0])[day]
        raise AssertionError(f"no free day is left at {codes}")

    def holders(self, code: str, slot: dict[str, Any]) -> list[str]:
        """Who has the venue in a slot, as the ledger says."""
        resource = self.resource(code)
        return ledger(self.house, "venues", period_of(slot), [resource]).get(resource, [])

    def bookings(self, code: str, slot: dict[str, Any]) -> dict[str, str]:
        """Every booking that names this slot, by id with its status."""
        when = datetime.fromisoformat(slot["date"]).date()
        found = (
            select(Booking.id, Booking.status).join(BookingSlot).join(Venue)
            .where(Venue.code == code, BookingSlot.day == when, BookingSlot.slot == slot["slot"])
        )  # fmt: skip
        return behind(self.house, lambda session: {str(row[0]): row[1] for row in session.execute(found)})  # type: ignore[no-any-return]

    def _free(self, code: str) -> dict[str, dict[str, Any]]:
        if code not in self._days:
            place = told(self.house, "officer", "GET", f"{VENUES}/venues/{self.places[code]['id']}")
            query = f"venue_id={place['id']}&from={place['first_day']}&until={place['last_day']}"
            rows = told(self.house, "officer", "GET", f"{VENUES}/free-slots?{query}")["items"]
            days: dict[str, dict[str, Any]] = defaultdict(dict)
            for row in rows:
                days[row["date"]][row["slot"]] = row
            self._days[code] = {date: slots for date, slots in days.items() if len(slots) == 3}
        return self._days[code]


def rows(house: House, model: Any, *where: Any) -> int:
    """How many rows of a table there are."""
    statement = select(func.count()).select_from(model).where(*where)
    return int(behind(house, lambda session: session.scalar(statement)) or 0)


def takers(clients: int) -> Iterator[str]:
    """So many people of the twelve bodies, in turn."""
    return (BODIES[number % len(BODIES)] for number in range(clients))


class Rooms:
    """The meeting rooms of a house by code, days on which they are free and nobody's own, and who has them when."""

    def __init__(self, house: House):
        self.house = house
        self.places = {
            each["code"]: each for each in told(house, "officer", "GET", f"{VENUES}/venues?kind=room")["items"]
        }
        self._used: set[tuple[str, date]] = set()
        self._first = behind(house, lambda session: session.scalar(select(func.max(Meeting.id)))) or 0

    def day(self, *codes: str) -> date:
        """The next day on which these rooms are free, that is no agency's own (M-03), and that nobody was given before."""
        for ahead in range(16, 88):
            day = today(datetime.now(UTC)) + timedelta(days=ahead)
            fresh = not {(code, day) for code in codes} & self._used
            if fresh and set(codes) <= self.free(Period.of_day(day)):
                self._used |= {(code, day) for code in codes}
                return day
        raise AssertionError(f"no free day is left in {codes}")

    def soon(self) -> tuple[str, datetime]:
        """A room that is free for the next hours and was not told before, and the minute it is now."""
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        free = self.free(Period(now - timedelta(hours=1), now + timedelta(hours=4)))
        code = next(code for code in sorted(free) if (code, date.min) not in self._used)
        self._used.add((code, date.min))
        return code, now

    def free(self, period: Period) -> set[str]:
        """Rooms of middling size that are free for all of a period and nobody's own on its days."""
        query = urlencode(span(period) | {"attendees": 10})
        items = told(self.house, "officer", "GET", f"{VENUES}/free-rooms?{query}")["items"]
        days = _weekdays(period)
        return {each["code"] for each in items if each["reserved_weekday"] not in days and not each["duty_room"]}

    def resource(self, code: str) -> str:
        """Its name in the ledger."""
        return f"venue:{self.places[code]['id']}"

    def body(self, code: str, period: Period, **more: Any) -> dict[str, Any]:
        """A meeting in a room, as the API takes it."""
        told_ = {"venue_id": self.places[code]["id"], **span(period), "attendees": 8}
        return told_ | {"title": f"競逐會議 {next(serial)}"} | more

    def book(self, who: str, code: str, period: Period, **more: Any) -> Call:
        """Somebody books a room."""
        return Call(who, "POST", f"{VENUES}/meetings", self.body(code, period, **more))

    def booked(self, who: str, code: str, period: Period) -> str:
        """The id of a meeting in a room that is free."""
        call = self.book(who, code, period)
        return str(told(self.house, who, call.method, call.path, call.body)["id"])

    def holders(self, code: str, period: Period) -> list[str]:
        """Who has a room within a period, as the ledger says."""
        resource = self.resource(code)
        return ledger(self.house, "venues", period, [resource]).get(resource, [])

    def put(self, meeting: str, period: Period) -> None:
        """Let a meeting be at another time, as if it had been booked for it: what only the clock could bring."""

        def shift(session: Session) -> None:
            row = session.get_one(Meeting, int(meeting))
            row.starts_at, row.ends_at = period.starts_at, period.ends_at
            (had,) = session.scalars(select(Reservation).where(Reservation.holder == row.holder, _ACTIVE))
            had.starts_at, had.ends_at = row.occupies.starts_at, row.occupies.ends_at

        behind(self.house, shift)

    def in_step(self) -> None:
        """Every meeting of these races has exactly its own room for what it occupies; one given back has nothing ahead."""

        def look(session: Session) -> None:
            has = defaultdict(list)
            for row in session.scalars(select(Reservation).where(Reservation.holder.like("meeting:%"), _ACTIVE)):
                has[row.holder].append(row)
            for meeting in session.scalars(select(Meeting).where(Meeting.id > self._first)):
                mine = has[meeting.holder]
                if meeting.released_at is not None:
                    assert all(row.ends_at <= meeting.released_at for row in mine), (
                        f"{meeting.holder} is over and has a room"
                    )
                else:
                    expected = [(f"venue:{meeting.room_id}", meeting.occupies)]
                    assert [(row.resource, row.period) for row in mine] == expected, meeting.holder

        behind(self.house, look)


_ACTIVE = Reservation.state.in_(ACTIVE)


def _weekdays(period: Period) -> set[int]:
    first, last = local(period.starts_at).date(), local(period.ends_at - timedelta.resolution).date()
    return {(first + timedelta(days=n)).weekday() for n in range((last - first).days + 1)}
