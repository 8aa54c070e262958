"""Races over HTTP: many clients, each with its own connection, send at the same moment; and what the ledger says then."""

import http.client
import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count as count_up
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import select

from common.identity import Person
from common.period import Period, today
from common.reservations import ACTIVE, Reservation
from dorms import occupancy
from dorms.models import Building
from tests.house_fixture import House

CLIENTS = (2, 8, 32)
ROUNDS = {2: 3, 8: 2, 32: 2}
REFUSED = (409, 422)
TRIPS = "/fleet/api/v1/trips"
DISPATCH = ("dispatcher", "admin")
LODGERS = {
    2: ("officer", "supervisor", "officer2"),
    8: ("dispatcher", "driver", "driver2"),
    32: ("venues", "auditor", "admin"),
}
serial = count_up(1)


class Call(NamedTuple):
    """One request: who sends what where."""

    username: str
    method: str
    path: str
    body: Any
    key: str = ""


class Answer(NamedTuple):
    """What came back, and as what kind of content."""

    status: int
    body: Any
    kind: str = ""

    @property
    def won(self) -> bool:
        return 200 <= self.status < 300


def at_once(house: House, calls: Sequence[Call]) -> list[Answer]:
    """Send every call at the same moment, each from a thread and an open connection of its own; answers in their order."""
    where = urlsplit(house.url)
    gate = threading.Barrier(len(calls))
    answers: list[Answer | None] = [None] * len(calls)
    tokens = {username: house.token(username) for username in {call.username for call in calls}}

    def run(number: int, call: Call) -> None:
        headers = {"Authorization": f"Bearer {tokens[call.username]}", "Content-Type": "application/json"}
        if call.key:
            headers["Idempotency-Key"] = call.key
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        try:
            connection.connect()
            gate.wait(30)
            connection.request(call.method, call.path, json.dumps(call.body), headers)
            answer = connection.getresponse()
            text = answer.read()
            kind = answer.getheader("Content-Type", "")
            answers[number] = Answer(answer.status, json.loads(text) if text else None, kind)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [answer for answer in answers if answer is not None]
    assert len(got) == len(calls), "a client got no answer"
    return got


def told(house: House, username: str, method: str, path: str, body: Any = None) -> Any:
    """The JSON of one call, which has to succeed."""
    answer = house.api(username, method, path, body)
    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()


def winners(answers: Sequence[Answer]) -> list[int]:
    """The places of those served. Every other one was refused as a conflict or as invalid; nothing broke."""
    wrong = [answer for answer in answers if not answer.won and answer.status not in REFUSED]
    assert not wrong, wrong[:3]
    return [place for place, answer in enumerate(answers) if answer.won]


def the_winner(answers: Sequence[Answer]) -> int:
    """The place of the one who was served."""
    (place,) = winners(answers)
    return place


def ledger(house: House, service: str, period: Period, resources: Sequence[str]) -> dict[str, list[str]]:
    """Who holds each of these resources within `period`, by the active rows of the ledger."""
    database = house.database(service)
    found: dict[str, list[str]] = defaultdict(list)
    rows = select(Reservation).where(
        Reservation.resource.in_(resources),
        Reservation.state.in_(ACTIVE),
        Reservation.starts_at < period.ends_at,
        Reservation.ends_at > period.starts_at,
    )
    with database.reading() as session:
        for row in session.scalars(rows.order_by(Reservation.starts_at)):
            found[row.resource].append(row.holder)
    database.dispose()
    return dict(found)


def held_by(house: House, service: str, holder: str) -> list[str]:
    """What a holder has by the ledger."""
    database = house.database(service)
    with database.reading() as session:
        rows = select(Reservation.resource).where(Reservation.holder == holder, Reservation.state.in_(ACTIVE))
        found = sorted(session.scalars(rows))
    database.dispose()
    return found


def count(house: House, service: str, statement: Any) -> int:
    """The number a `select(func.count())` finds in a service's database."""
    database = house.database(service)
    with database.reading() as session:
        found = int(session.scalar(statement) or 0)
    database.dispose()
    return found


def day(number: int) -> date:
    """A free day of the second weekend from now or a later one: nobody in the demonstration travels then.

    Near days, as cars whose inspection falls due drop out of later ones.
    """
    first = today(datetime.now(UTC))
    weeks, sunday = divmod(number, 2)
    return first + timedelta(days=(5 - first.weekday()) % 7 + 7 * (weeks + 1) + sunday)


def span(period: Period) -> dict[str, str]:
    """A period as the API takes it."""
    return {"starts_at": period.starts_at.isoformat(), "ends_at": period.ends_at.isoformat()}


def approved(house: House, many: int, period: Period, *, needs_driver: bool = True, upto: str = "approve") -> list[str]:
    """The ids of so many trips of the officer, all in this period, asked for at once and waiting for dispatch."""
    asked = {
        "purpose_code": "meeting",
        "purpose": "競逐",
        "origin": "市政大樓",
        "destination": "市議會",
        "passengers": 1,
    }
    asked |= {**span(period), "needs_driver": needs_driver}
    made = at_once(house, [Call("officer", "POST", TRIPS, asked)] * many)
    assert [answer.status for answer in made] == [201] * many
    assert len({answer.body["number"] for answer in made}) == many
    ids = [answer.body["id"] for answer in made]
    if upto == "approve":
        yes = at_once(house, [Call("supervisor", "POST", f"{TRIPS}/{each}/approve", {}) for each in ids])
        assert [answer.status for answer in yes] == [200] * many
    return ids


def suitable(house: House, trip: str) -> tuple[list[str], list[str]]:
    """Cars and drivers that may serve it, by the desk's own suggestion."""
    found = told(house, "dispatcher", "GET", f"{TRIPS}/{trip}/suggestion")
    drivers = found["drivers"]["candidates"] if found["drivers"] else []
    return [each["id"] for each in found["cars"]["candidates"]], [each["id"] for each in drivers]


def assign(number: int, trip: str, car: str, driver: str | None = None, **more: Any) -> Call:
    """One of the two dispatchers gives a trip this car and driver."""
    body = {"vehicle_id": car, "driver_id": driver, **more}
    return Call(DISPATCH[number % 2], "POST", f"{TRIPS}/{trip}/assign", body)


def assert_no_more_than_a_promise(held: list[str], taken: set[str]) -> None:
    """An approved trip that got nothing keeps the promise of one car (decision 0013): no driver, nothing of the winners."""
    assert len(held) <= 1 and not set(held) & taken and not [name for name in held if name.startswith("driver:")]


class Table:
    """Winners per contested slot, by path and number of clients."""

    def __init__(self) -> None:
        self._won: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))

    def note(self, path: str, clients: int, won: int = 1) -> None:
        """One contested slot of `path` had `won` winners."""
        self._won[path][clients].append(won)

    def lines(self) -> list[str]:
        """As Markdown: fewest–most winners of a slot, and how many slots were contested."""
        lines = [f"| winners per slot | {' | '.join(f'{n} clients' for n in CLIENTS)} |", "|---" * 4 + "|"]
        for path, by in self._won.items():
            cells = [f"{min(by[n])}–{max(by[n])} of {len(by[n])} slots" if by[n] else "" for n in CLIENTS]
            lines.append(f"| {path} | {' | '.join(cells)} |")
        return lines


def application(place: dict[str, Any], slot: dict[str, Any]) -> dict[str, Any]:
    """A booking of this slot, as the API takes it."""
    return {
        "venue_id": place["id"],
        "slots": [{"date": slot["date"], "slot": slot["slot"]}],
        "event_name": f"競逐 {next(serial)}",
        "event_kind": "文化",
        "attendees": 50,
        "event_plan": "開場、演出、散場",
    }


def round_with(house: House, table: Table, clients: int) -> str:
    """The id of a published round, three rooms and three applicants, each of whom pressed the button `clients` times."""
    now = datetime.now(UTC)

    def add_rooms(session: Any) -> None:
        officer = session.scalars(select(Person).where(Person.username == "dorms")).one()
        for n in range(3):
            number = f"9{clients:02d}{n}"
            occupancy.add_room(
                session, officer, now, session.get(Building, "xiyuan"), number, floor=9, since=now.date()
            )

    database = house.database("dorms")
    database.transact(add_rooms)
    database.dispose()
    registration = {"from": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(days=7)).isoformat()}
    made = told(house, "dorms", "POST", "/dorms/api/v1/rounds", {"kind": "single", "registration": registration})["id"]
    asked = {"room_kind": "single", "round_id": made, "grade": 7, "years_of_service": 5, "home_status": "none"}
    for name in LODGERS[clients]:
        the_winner(at_once(house, [Call(name, "POST", "/dorms/api/v1/applications", asked)] * clients))
        table.note("applyForRoom: one person, one round", clients)
    ranking = {"seed": "23117.42", "close_early_reason": "競逐測試"}
    the_winner(at_once(house, [Call("dorms", "POST", f"/dorms/api/v1/rounds/{made}/ranking", ranking)] * clients))
    table.note("rankApplicants: one round", clients)
    return made
