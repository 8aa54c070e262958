"""What meeting rooms cost to look at: the week of 20 rooms with 9,600 meetings, and one room's calendar of 9,600.

`python -m bench.rooms` fills a database of its own and prints Markdown. The app answers in this process, so that the figures hold
no network; each is the median of `ROUNDS` (15), the first one left out.
"""

import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from common import keys as keyring
from common.db import Database
from common.identity import Agency, Feed, Person
from common.migrations import migrate
from common.period import taipei, today
from common.reservations import Reservation
from common.settings import SERVICES, Settings
from services.venues import SERVICE
from services.web import build
from venues import places
from venues.models import Meeting, Venue

ROUNDS = int(os.environ.get("ROUNDS", "15"))
ROOMS, MEETINGS = 20, 9_600
TOKEN = "m" * 43
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


def fill(session: Session, *, one_room: bool) -> int:
    """The agencies, rooms and meetings; returns the id of the first room. Rooms beyond ROOMS are taken out of use."""
    session.add(Agency(id=1, code="SEC", name="秘書處", name_en="Secretariat", kind="city", active=True))
    session.add(Person(
        id=1, username="venues", name="方庭安", name_en="Fang Ting-an", agency_id=1, roles=["venue_officer", "officer"],
        unit="", mail="v@example.org", phone="", lang="zh", active=True,
    ))  # fmt: skip
    session.flush()
    places.load(session)
    rooms = list(session.scalars(select(Venue).where(Venue.kind == "room").order_by(Venue.place_in_list)))
    for room in rooms[ROOMS:]:
        room.active = False
    rows = [_row(n, rooms, one_room) for n in range(MEETINGS)]
    session.execute(insert(Meeting), [{**common, **when} for common, when in rows])
    session.execute(insert(Reservation), [
        {
            "resource": f"venue:{common['room_id']}", "holder": f"meeting:{n + 1}", "state": "confirmed", "created_at": NOW, **when
        }
        for n, (common, when) in enumerate(rows)
    ])  # fmt: skip
    session.add(Feed(
        token_sha256=hashlib.sha256(TOKEN.encode()).hexdigest(), person_id=1, service="venues", kind="venue", ref=str(rooms[0].id)
    ))  # fmt: skip
    return rooms[0].id


def _row(n: int, rooms: list[Venue], one_room: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Six meetings of an hour and a half a room and day over eighty days; or forty-eight of a quarter in one room."""
    if one_room:
        day, place = divmod(n, 48)
        room, clock, minutes = rooms[0], 8 * 60 + 15 * place, 15
    else:
        place, rest = divmod(n, ROOMS * 80)
        day, number = divmod(rest, ROOMS)
        room, clock, minutes = rooms[number], 8 * 60 + 120 * place, 90
    starts = taipei(today(NOW) - timedelta(days=20) + timedelta(days=day), f"{clock // 60:02d}:{clock % 60:02d}")
    common = {
        "room_id": room.id, "booked_by_id": 1, "agency_id": 1, "title": f"專案進度會議 {n}", "chair": "", "attendees": 8,
        "booked_at": NOW, "changed_at": NOW, "rev": 1,
    }  # fmt: skip
    return common, {"starts_at": starts, "ends_at": starts + timedelta(minutes=minutes)}


def opened(folder: Path, *, one_room: bool) -> tuple[FlaskClient, int]:
    """A browser at a filled service of its own."""
    folder.mkdir()
    keyring.make(folder / "keys", list(SERVICES))
    settings = Settings(
        service="venues", data_dir=folder, database_url=f"sqlite:///{folder}/venues.db", broker_url="filesystem://",
        keys_dir=folder / "keys", public_url="http://localhost", mail_url="", mail_from="x@localhost", password_policy="nist",
        demo=True, trusted_proxies=1, urls={name: f"http://127.0.0.1:9/{name}" for name in SERVICES},
    )  # fmt: skip
    migrate(SERVICE, settings.database_url)
    database = Database(settings.database_url)
    room = database.transact(lambda session: fill(session, one_room=one_room))
    database.dispose()
    return build(SERVICE, settings, lambda: NOW).test_client(), room


def median(ask: Callable[[], Any]) -> str:
    """Milliseconds on the clock and of the processor, as two cells of the table."""
    clock, processor = [], []
    for _ in range(ROUNDS + 1):
        began, used = time.perf_counter(), time.process_time()
        ask()
        clock.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - used) * 1000)
    return f"{statistics.median(clock[1:]):.1f} | {statistics.median(processor[1:]):.1f}"


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        browser, room = opened(Path(folder) / "many", one_room=False)
        pages = {
            "week of 20 rooms": f"/rooms/week?day={today(NOW)}",
            "week of one floor": f"/rooms/week?day={today(NOW)}&floor=2",
            "one room, seven days": f"/rooms/{room}",
            "a door": f"/rooms/{room}/door",
        }
        print(f"| {MEETINGS:,} meetings | ms | ms of the processor | bytes |\n|---|---|---|---|")
        for name, path in pages.items():
            answer = browser.get(path)
            assert answer.status_code == 200, answer.status
            print(f"| {name} | {median(lambda path=path: browser.get(path))} | {len(answer.data):,} |")  # type: ignore[misc]
        browser, _ = opened(Path(folder) / "one", one_room=True)
        path = f"/feeds/{TOKEN}.ics"
        whole = browser.get(path)
        events = whole.data.count(b"BEGIN:VEVENT")
        assert whole.status_code == 200 and events, whole.status
        print(f"| calendar of {events:,}, whole | {median(lambda: browser.get(path))} | {len(whole.data):,} |")
        known = {"If-None-Match": whole.headers["ETag"]}
        assert browser.get(path, headers=known).status_code == 304
        print(f"| the same, 304 | {median(lambda: browser.get(path, headers=known))} | 0 |")


if __name__ == "__main__":
    main()
